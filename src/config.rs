//! `entente.yaml`: where things are. What people may change while it runs lives in the database instead.

mod evidence;

use std::{
    collections::BTreeMap,
    fs::File,
    io::{self, Read as _},
    net::SocketAddr,
    path::{Path, PathBuf},
};

use entente_core::{
    ids::{ConnectorAccount, LegalEntityId},
    settings::{self, SettingsError},
};
use jiff::tz::TimeZone;
use serde::{Deserialize, Deserializer, de::Error as _};

pub use self::evidence::{BucketConfig, EvidenceConfig, ScanConfig};
use crate::{
    database::{Database, DatabaseName},
    funding::review::Sampling,
};

/// The most bytes of a settings file that are taken into memory: one more than any may have.
const MOST: u64 = 1_000_001;

/// What can be wrong with the configuration.
#[derive(Debug, thiserror::Error)]
pub enum ConfigError {
    /// The file cannot be read.
    #[error("{what} `{path}` cannot be read: {source}")]
    Read {
        /// What it is, such as `the configuration`.
        what: &'static str,
        /// The file.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// The file is not what it should be.
    #[error(transparent)]
    Invalid(#[from] SettingsError),
    /// A value that cannot be worked with.
    #[error("field `{field}` of the configuration: {reason}")]
    Unusable {
        /// The field.
        field: &'static str,
        /// Why, and what to write.
        reason: String,
    },
}

/// The configuration. Relative paths are relative to the file's folder.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Config {
    /// Where the data lives: a file, `postgres://…`, or `env:NAME` for an environment variable that says either.
    #[serde(rename = "database")]
    pub database_name: DatabaseName,
    /// With a database server: the folder in which this machine's seal key, witness and notes of what was sent lie.
    pub state: PathBuf,
    /// With a database server: seconds for which a process that says nothing keeps what it owns, 2 to 300.
    #[serde(deserialize_with = "lease_seconds")]
    pub lease_seconds: u16,
    /// Where the server listens.
    pub listen: SocketAddr,
    /// People, roles and delegations.
    pub people: PathBuf,
    /// Business calendars; absent: Monday to Friday, 9 to 17 in `zone`, no holidays, for everybody.
    pub calendars: Option<PathBuf>,
    /// The zone in which the vendor reads instants, by IANA name.
    #[serde(deserialize_with = "zone")]
    pub zone: String,
    /// Connector accounts by name, such as `aws/acme-us`.
    pub connectors: BTreeMap<ConnectorAccount, ConnectorConfig>,
    /// Where notices go.
    pub notices: NoticesConfig,
    /// Scheduled jobs: cron text and zone by job, replacing the built-in times.
    pub jobs: BTreeMap<String, JobConfig>,
    /// Where histories of runs that ended long ago go every month; absent: they stay.
    pub archive: Option<ArchiveConfig>,
    /// Where proof of claims is kept, and what is accepted.
    pub evidence: EvidenceConfig,
    /// Which approvals of funds, requests, claims and payouts are looked at again because they came very soon.
    pub review: Sampling,
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
    #[serde(deserialize_with = "address")]
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
    #[serde(default = "utc", deserialize_with = "zone")]
    pub zone: String,
}

/// What the job `archive` does.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ArchiveConfig {
    /// The folder for the files; with several machines, one that all of them reach.
    pub to: PathBuf,
    /// Days since a run's last step after which it goes there.
    #[serde(default = "archive_days")]
    pub after_days: u16,
}

/// More than two years: a buyer's questions about the year before last are answered from the database.
fn archive_days() -> u16 {
    800
}

fn zone<'de, D: Deserializer<'de>>(source: D) -> Result<String, D::Error> {
    let name = String::deserialize(source)?;
    match TimeZone::get(&name) {
        Ok(_) => Ok(name),
        Err(_) => Err(D::Error::custom(format!("`{name}` is not an IANA zone; write a name such as `Europe/Berlin`"))),
    }
}

fn lease_seconds<'de, D: Deserializer<'de>>(source: D) -> Result<u16, D::Error> {
    match u16::deserialize(source)? {
        seconds @ 2..=300 => Ok(seconds),
        seconds => Err(D::Error::custom(format!("{seconds} is not from 2 to 300; 15 is right for most"))),
    }
}

fn address<'de, D: Deserializer<'de>>(source: D) -> Result<String, D::Error> {
    let text = String::deserialize(source)?;
    let whole = text.split_once('@').is_some_and(|(user, host)| !user.is_empty() && !host.is_empty());
    if whole && !text.contains(|c: char| c.is_whitespace() || c.is_control()) {
        return Ok(text);
    }
    Err(D::Error::custom(format!("`{text}` is not a mail address; write one such as `offers@acme.example`")))
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
            database_name: DatabaseName::default(),
            state: "entente-state".into(),
            lease_seconds: 15,
            listen: SocketAddr::from(([127, 0, 0, 1], 7420)),
            people: "people.yaml".into(),
            calendars: None,
            zone: utc(),
            connectors: BTreeMap::new(),
            notices: NoticesConfig::default(),
            jobs: BTreeMap::new(),
            archive: None,
            evidence: EvidenceConfig::default(),
            review: Sampling::default(),
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
        let text = match read("the configuration", path) {
            Ok(Some(text)) => text,
            Ok(None) if !required => return Ok(Config::default()),
            Ok(None) => return Err(missing("the configuration", path)),
            Err(error) => return Err(error),
        };
        // A file in which every line is a comment says nothing, as an empty one does.
        let empty = text.lines().all(|line| line.trim().is_empty() || line.trim_start().starts_with('#'));
        let mut config: Config =
            if empty { Config::default() } else { settings::read(&path.display().to_string(), &text)? };
        config.folder = path.parent().map(Path::to_path_buf).unwrap_or_default();
        Ok(config)
    }

    /// The database that it names.
    ///
    /// # Errors
    /// When a password stands in the configuration, or an environment variable is not set.
    pub fn database(&self) -> Result<Database, ConfigError> {
        Database::find(&self.database_name, &self.folder, &self.state)
    }

    /// A path of the configuration, seen from the file's folder.
    pub fn resolve(&self, path: &Path) -> PathBuf {
        self.folder.join(path)
    }
}

/// The text of a settings file, `None` where there is none. Not more is taken into memory than such a file may have.
///
/// # Errors
/// When it cannot be read.
pub fn read(what: &'static str, path: &Path) -> Result<Option<String>, ConfigError> {
    let mut text = String::new();
    match File::open(path).and_then(|file| file.take(MOST).read_to_string(&mut text)) {
        Ok(_) => Ok(Some(text)),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(source) => Err(ConfigError::Read { what, path: path.into(), source }),
    }
}

/// The error that a file which must be there is not.
pub fn missing(what: &'static str, path: &Path) -> ConfigError {
    ConfigError::Read { what, path: path.into(), source: io::ErrorKind::NotFound.into() }
}
