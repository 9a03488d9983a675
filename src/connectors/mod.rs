//! The registry: which connector accounts this installation has, and how each is reached.

mod grants;

use std::{collections::BTreeMap, sync::Arc};

use entente_core::{
    ids::{ConnectorAccount, ConnectorId, LegalEntityId},
    scope::Home,
};
use entente_port::{Guarded, Marketplace, Pace, Paced};
use entente_store::Store;

pub use grants::{Proposal, StoredAllowance};

use crate::{
    config::{Config, ConnectorConfig, ConnectorKind},
    runner::clock::Clock,
};

/// Why a connection cannot be made.
#[derive(Debug, thiserror::Error)]
pub enum ConnectError {
    /// The binary was built without this connector.
    #[error(
        "connector account `{account}`: this binary was built without the connector it names; build with its feature"
    )]
    NotBuilt {
        /// The account.
        account: ConnectorAccount,
    },
    /// The connector refuses its configuration.
    #[error("connector account `{account}`: {reason}")]
    Refused {
        /// The account.
        account: ConnectorAccount,
        /// Why, and what to write.
        reason: String,
    },
    /// A virtual clock drives deadlines while a connector reaches the real marketplace.
    #[error(
        "connector account `{account}` is not sandboxed, and business time follows a sandbox: give it the sandbox's `endpoint`, or remove `sandbox_clock`"
    )]
    NotSandboxed {
        /// The account.
        account: ConnectorAccount,
    },
}

/// One connector account.
#[derive(Clone)]
pub struct Connection {
    /// Its name.
    pub account: ConnectorAccount,
    /// The legal entity that sells through it.
    pub legal_entity: LegalEntityId,
    /// The marketplace, behind its grants and its pace.
    pub marketplace: Arc<dyn Marketplace>,
    /// What stands before its writes; the marketplace as well, seen from there.
    pub guard: Arc<Guarded>,
    /// Its pace: whether it would be called now.
    pub pace: Arc<Pace>,
    /// Its grants.
    pub allowance: Arc<StoredAllowance>,
}

/// All connector accounts.
#[derive(Clone, Default)]
pub struct Connections(BTreeMap<ConnectorAccount, Connection>);

impl Connections {
    /// Connects every configured account. Nothing is called yet.
    ///
    /// # Errors
    /// When an account's configuration is refused.
    pub fn connect(
        config: &Config,
        store: &Arc<dyn Store>,
        clock: &Arc<dyn Clock>,
    ) -> Result<Connections, ConnectError> {
        let mut all = BTreeMap::new();
        for (account, settings) in &config.connectors {
            if config.sandbox_clock.is_some() && !sandboxed(settings) {
                return Err(ConnectError::NotSandboxed { account: account.clone() });
            }
            let inner = dial(account, settings, config)?;
            let allowance = Arc::new(StoredAllowance::new(account.clone(), store.clone(), clock.clone()));
            let paced = Paced::new(inner);
            let pace = paced.pace().clone();
            let guard = Arc::new(Guarded::new(Arc::new(paced), allowance.clone()));
            let connection = Connection {
                account: account.clone(),
                legal_entity: settings.legal_entity.clone(),
                marketplace: guard.clone(),
                guard,
                pace,
                allowance,
            };
            all.insert(account.clone(), connection);
        }
        Ok(Connections(all))
    }

    /// The connection by which a legal entity sells on a marketplace.
    pub fn of(&self, marketplace: &str, home: &Home) -> Option<&Connection> {
        self.0.values().find(|connection| {
            connection.marketplace.id().as_str() == marketplace && connection.legal_entity == home.legal_entity
        })
    }

    /// A connection by name.
    pub fn get(&self, account: &str) -> Option<&Connection> {
        self.0.values().find(|connection| connection.account.as_str() == account)
    }

    /// The marketplaces that are connected.
    pub fn marketplaces(&self) -> Vec<ConnectorId> {
        let mut ids: Vec<ConnectorId> = self.0.values().map(|connection| connection.marketplace.id()).collect();
        ids.sort();
        ids.dedup();
        ids
    }

    /// All of them.
    pub fn iter(&self) -> impl Iterator<Item = &Connection> {
        self.0.values()
    }
}

/// Whether an account reaches a marketplace on this machine only.
fn sandboxed(settings: &ConnectorConfig) -> bool {
    match (&settings.kind, &settings.endpoint) {
        (ConnectorKind::Fake, _) => true,
        (ConnectorKind::Aws, Some(endpoint)) => {
            let host = endpoint.split("://").nth(1).unwrap_or_default();
            ["127.0.0.1", "localhost", "[::1]"].iter().any(|local| host.starts_with(local))
        }
        (ConnectorKind::Aws, None) => false,
    }
}

fn dial(
    account: &ConnectorAccount,
    settings: &ConnectorConfig,
    config: &Config,
) -> Result<Arc<dyn Marketplace>, ConnectError> {
    match settings.kind {
        ConnectorKind::Fake => {
            let base = settings.recovery.map_or_else(entente_fake::Settings::default, |class| {
                entente_fake::Settings::default().with_class(class)
            });
            let state = settings.state.as_ref().map(|path| config.resolve(path));
            let fake = entente_fake::Fake::open(entente_fake::Settings { state, ..base });
            fake.map(|fake| Arc::new(fake) as Arc<dyn Marketplace>)
                .map_err(|error| ConnectError::Refused { account: account.clone(), reason: error.to_string() })
        }
        #[cfg(feature = "aws")]
        ConnectorKind::Aws => aws(account, settings),
        #[cfg(not(feature = "aws"))]
        ConnectorKind::Aws => Err(ConnectError::NotBuilt { account: account.clone() }),
    }
}

#[cfg(feature = "aws")]
fn aws(account: &ConnectorAccount, settings: &ConnectorConfig) -> Result<Arc<dyn Marketplace>, ConnectError> {
    use crate::config::Credentials;
    let credentials = match &settings.credentials {
        Credentials::Default => entente_aws::CredentialsSource::Chain,
        Credentials::Profile(name) => entente_aws::CredentialsSource::Profile(name.clone()),
        Credentials::Env { key_id, secret } => entente_aws::CredentialsSource::Variables {
            access_key_id: key_id.clone(),
            secret_access_key: secret.clone(),
            session_token: None,
        },
        Credentials::Sandbox { key_id, secret } if sandboxed(settings) => {
            entente_aws::CredentialsSource::Keys(entente_aws::Keys::new(key_id, secret))
        }
        Credentials::Sandbox { .. } => {
            let reason =
                "keys may stand in the configuration only for a sandbox on this machine: use `profile` or `env`".into();
            return Err(ConnectError::Refused { account: account.clone(), reason });
        }
    };
    let config = entente_aws::Config { endpoint: settings.endpoint.clone(), credentials, ..entente_aws::Config::new() };
    let connected = entente_aws::connect(config);
    connected
        .map(|aws| Arc::new(aws) as Arc<dyn Marketplace>)
        .map_err(|error| ConnectError::Refused { account: account.clone(), reason: error.to_string() })
}
