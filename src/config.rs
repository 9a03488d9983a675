//! `entente.yaml`: where things are. What people may change while it runs lives in the database instead.

use std::{
    collections::BTreeMap,
    net::SocketAddr,
    path::{Path, PathBuf},
};

use entente_core::ids::{ConnectorAccount, LegalEntityId};
use serde::Deserialize;

/// What can be wrong with the configuration.
#[derive(Debug, thiserror::Error)]
pub enum ConfigError {
    /// The file cannot be read.
    #[error("the configuration `{path}` cannot be read: {source}")]
    Read {
        /// The file.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// The file is not what it should be.
    #[error("{path}: {detail}")]
    Invalid {
        /// The file.
        path: PathBuf,
        /// Line, column, field and remedy.
        detail: String,
    },
}

/// The configuration. Relative paths are relative to the file's folder.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Config {
    /// The embedded database.
    pub database: PathBuf,
    /// Where the server listens.
    pub listen: SocketAddr,
    /// People, roles and delegations.
    pub people: PathBuf,
    /// Business calendars; absent: Monday to Friday, 9 to 17 in UTC, no holidays.
    pub calendars: Option<PathBuf>,
    /// The zone in which the vendor reads instants, by IANA name.
    pub zone: String,
    /// Connector accounts by name, such as `aws/acme-us`.
    pub connectors: BTreeMap<ConnectorAccount, ConnectorConfig>,
    /// Where notices go.
    pub notices: NoticesConfig,
    /// Scheduled jobs: cron text and zone by job, replacing the built-in times.
    pub jobs: BTreeMap<String, JobConfig>,
    /// The control address of a sandbox whose clock is followed; refuses connectors that are not sandboxed.
    pub sandbox_clock: Option<String>,
    #[serde(skip)]
    folder: PathBuf,
}

/// One connector account.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ConnectorConfig {
    /// Which connector.
    pub kind: ConnectorKind,
    /// The legal entity that sells through it.
    pub legal_entity: LegalEntityId,
    /// Another address than the marketplace's own, such as a sandbox.
    #[serde(default)]
    pub endpoint: Option<String>,
    /// Where the credentials are; never the credentials themselves.
    #[serde(default)]
    pub credentials: Credentials,
    /// For the fake connector: where it keeps its world.
    #[serde(default)]
    pub state: Option<PathBuf>,
    /// For the fake connector: how it lets unknown outcomes be settled.
    #[serde(default)]
    pub recovery: Option<entente_port::RecoveryClass>,
}

/// The connectors that this binary can be built with.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ConnectorKind {
    /// AWS Marketplace.
    Aws,
    /// The in-memory tutorial marketplace.
    Fake,
}

/// A reference to credentials.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Credentials {
    /// Wherever the marketplace's own SDK finds them: environment, profile, web identity, instance role.
    #[default]
    Default,
    /// A named profile of the SDK's configuration.
    Profile(String),
    /// Environment variables that hold the key id and the secret.
    Env {
        /// The variable with the key id.
        key_id: String,
        /// The variable with the secret.
        secret: String,
    },
    /// The keys of a sandbox on this machine, which protect nothing.
    Sandbox {
        /// The key's id.
        key_id: String,
        /// Its secret.
        secret: String,
    },
}

/// Where notices go.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct NoticesConfig {
    /// A file that receives one JSON line per notice.
    pub file: Option<PathBuf>,
    /// A mail server.
    pub smtp: Option<SmtpConfig>,
}

/// A mail server.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SmtpConfig {
    /// Host name.
    pub host: String,
    /// Port.
    #[serde(default = "smtp_port")]
    pub port: u16,
    /// The sender's address.
    pub from: String,
    /// Whether the connection is encrypted; only a server on this machine may be spoken to without.
    #[serde(default = "yes")]
    pub tls: bool,
    /// The environment variable with the user name.
    #[serde(default)]
    pub user_env: Option<String>,
    /// The environment variable with the password.
    #[serde(default)]
    pub password_env: Option<String>,
}

/// When a job runs.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct JobConfig {
    /// Five fields of POSIX cron.
    pub cron: String,
    /// The zone the fields are read in, by IANA name.
    #[serde(default = "utc")]
    pub zone: String,
}

fn smtp_port() -> u16 {
    587
}

fn yes() -> bool {
    true
}

fn utc() -> String {
    "UTC".into()
}

impl Default for Config {
    fn default() -> Self {
        Config {
            database: "entente.db".into(),
            listen: SocketAddr::from(([127, 0, 0, 1], 7420)),
            people: "people.yaml".into(),
            calendars: None,
            zone: utc(),
            connectors: BTreeMap::new(),
            notices: NoticesConfig::default(),
            jobs: BTreeMap::new(),
            sandbox_clock: None,
            folder: PathBuf::new(),
        }
    }
}

impl Config {
    /// Reads the file; a file that is named but missing is an error, the default one may be absent.
    ///
    /// # Errors
    /// When it cannot be read, or says something that is not understood.
    pub fn load(path: Option<&Path>) -> Result<Config, ConfigError> {
        let default = Path::new("entente.yaml");
        let (path, required) = (path.unwrap_or(default), path.is_some());
        let text = match std::fs::read_to_string(path) {
            Ok(text) => text,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound && !required => return Ok(Config::default()),
            Err(source) => return Err(ConfigError::Read { path: path.into(), source }),
        };
        let parsed: Result<Config, _> = serde_saphyr::from_str(&text);
        let mut config =
            parsed.map_err(|error| ConfigError::Invalid { path: path.into(), detail: error.to_string() })?;
        config.folder = path.parent().map(Path::to_path_buf).unwrap_or_default();
        Ok(config)
    }

    /// A path of the configuration, seen from the file's folder.
    pub fn resolve(&self, path: &Path) -> PathBuf {
        self.folder.join(path)
    }
}
