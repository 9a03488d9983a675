//! How a connection to AWS Marketplace is configured. Secrets are named, never written down.

use std::{fmt, time::Duration};

use aws_credential_types::{
    Credentials,
    provider::{ProvideCredentials, SharedCredentialsProvider, error::CredentialsError, future},
};
use serde::Deserialize;
use tokio::sync::OnceCell;

/// The only region that serves the Catalog and Agreement APIs.
/// Source: <https://docs.aws.amazon.com/general/latest/gr/aws-marketplace.html>
pub const REGION: &str = "us-east-1";

/// One seller account at AWS Marketplace.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Config {
    /// The region of the API.
    #[serde(default = "default_region")]
    pub region: String,
    /// Another address for both APIs, such as a sandbox's `http://127.0.0.1:8080/aws`; absent means AWS itself.
    #[serde(default)]
    pub endpoint: Option<String>,
    /// Where the credentials come from.
    #[serde(default)]
    pub credentials: CredentialsSource,
    /// How long one answer may take, in seconds.
    #[serde(default = "default_timeout_seconds")]
    pub timeout_seconds: u64,
    /// Keep to the documented quotas of each operation; switched off only against a sandbox without quotas.
    #[serde(default = "default_keep_quotas")]
    pub keep_quotas: bool,
}

impl Config {
    /// AWS itself, with the machine's usual credentials.
    pub fn new() -> Config {
        Config {
            region: default_region(),
            endpoint: None,
            credentials: CredentialsSource::default(),
            timeout_seconds: default_timeout_seconds(),
            keep_quotas: default_keep_quotas(),
        }
    }

    /// The longest that one answer may take.
    pub(crate) fn timeout(&self) -> Duration {
        Duration::from_secs(self.timeout_seconds)
    }

    /// Refuses what cannot work, before the first call does.
    pub(crate) fn check(&self) -> Result<(), ConfigError> {
        if let Some(endpoint) =
            self.endpoint.as_ref().filter(|text| !text.starts_with("http://") && !text.starts_with("https://"))
        {
            return Err(ConfigError::Endpoint(endpoint.chars().take(200).collect()));
        }
        if !(1..=300).contains(&self.timeout_seconds) {
            return Err(ConfigError::Timeout(self.timeout_seconds));
        }
        Ok(())
    }
}

impl Default for Config {
    fn default() -> Config {
        Config::new()
    }
}

/// Where credentials come from: names only. Keys in memory exist for sandboxes and cannot be read from a file.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum CredentialsSource {
    /// The usual chain: environment, shared files, web identity, container, instance.
    #[default]
    Chain,
    /// A profile of the shared AWS files.
    Profile(String),
    /// Environment variables of these names.
    Variables {
        /// The variable that holds the access key's id.
        access_key_id: String,
        /// The variable that holds the secret access key.
        secret_access_key: String,
        /// The variable that holds the session token, for temporary credentials.
        session_token: Option<String>,
    },
    /// Keys in memory, such as a sandbox's.
    #[serde(skip)]
    Keys(Keys),
}

/// A key pair that never shows its secret.
#[derive(Clone)]
pub struct Keys {
    id: String,
    secret: String,
}

impl Keys {
    /// A key pair.
    pub fn new(id: impl Into<String>, secret: impl Into<String>) -> Keys {
        Keys { id: id.into(), secret: secret.into() }
    }
}

impl fmt::Debug for Keys {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Keys").field("id", &self.id).field("secret", &"***").finish()
    }
}

/// A configuration that cannot work.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ConfigError {
    /// Not a web address.
    #[error("`{0}` is not an address of AWS Marketplace's API; write one that begins with http:// or https://")]
    Endpoint(String),
    /// Out of range.
    #[error("a timeout of {0} seconds is out of range; write 1 to 300")]
    Timeout(u64),
}

impl CredentialsSource {
    /// Whether asking again may answer other keys.
    pub(crate) fn can_change(&self) -> bool {
        !matches!(self, CredentialsSource::Keys(_))
    }

    /// A provider that has not read anything yet.
    pub(crate) fn provider(&self) -> SharedCredentialsProvider {
        match self {
            CredentialsSource::Chain => SharedCredentialsProvider::new(Chain::default()),
            CredentialsSource::Profile(name) => SharedCredentialsProvider::new(
                aws_config::profile::ProfileFileCredentialsProvider::builder().profile_name(name).build(),
            ),
            CredentialsSource::Variables { access_key_id, secret_access_key, session_token } => {
                SharedCredentialsProvider::new(Variables {
                    access_key_id: access_key_id.clone(),
                    secret_access_key: secret_access_key.clone(),
                    session_token: session_token.clone(),
                })
            }
            CredentialsSource::Keys(keys) => {
                SharedCredentialsProvider::new(Credentials::new(&keys.id, &keys.secret, None, None, "keys in memory"))
            }
        }
    }
}

/// The usual chain, built when it is first asked, because building it is asynchronous.
#[derive(Debug, Default)]
struct Chain(OnceCell<aws_config::default_provider::credentials::DefaultCredentialsChain>);

impl ProvideCredentials for Chain {
    fn provide_credentials<'a>(&'a self) -> future::ProvideCredentials<'a>
    where
        Self: 'a,
    {
        future::ProvideCredentials::new(async {
            let build = || async {
                aws_config::default_provider::credentials::DefaultCredentialsChain::builder().build().await
            };
            self.0.get_or_init(build).await.provide_credentials().await
        })
    }
}

/// Variables that are read at each refresh, so that renewed keys are taken without a restart where the process allows it.
#[derive(Debug)]
struct Variables {
    access_key_id: String,
    secret_access_key: String,
    session_token: Option<String>,
}

impl ProvideCredentials for Variables {
    fn provide_credentials<'a>(&'a self) -> future::ProvideCredentials<'a>
    where
        Self: 'a,
    {
        let read = |name: &str| {
            let missing = || CredentialsError::not_loaded(format!("the environment variable `{name}` is not set"));
            std::env::var(name).ok().filter(|value| !value.is_empty()).ok_or_else(missing)
        };
        let credentials = || {
            let token = self.session_token.as_deref().map(read).transpose()?;
            Ok(Credentials::new(
                read(&self.access_key_id)?,
                read(&self.secret_access_key)?,
                token,
                None,
                "environment variables",
            ))
        };
        future::ProvideCredentials::ready(credentials())
    }
}

fn default_region() -> String {
    REGION.to_owned()
}

fn default_timeout_seconds() -> u64 {
    30
}

fn default_keep_quotas() -> bool {
    true
}
