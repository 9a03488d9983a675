//! How much is looked at at a time because of events: a flood of them must not use up what a connection may read.

use std::{collections::BTreeMap, sync::Arc};

use entente_core::ids::ConnectorAccount;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use crate::connectors::Connections;

/// Events of one connection that are looked at at the same time.
const AT_A_TIME: usize = 16;

/// The looks under way, by connection.
#[derive(Debug, Clone)]
pub struct Looks(Arc<BTreeMap<ConnectorAccount, Arc<Semaphore>>>);

impl Looks {
    /// None are under way.
    pub fn of(connections: &Connections) -> Looks {
        let room = |account: &ConnectorAccount| (account.clone(), Arc::new(Semaphore::new(AT_A_TIME)));
        Looks(Arc::new(connections.iter().map(|connection| room(&connection.account)).collect()))
    }

    /// Room for one more, until it is dropped.
    pub fn begin(&self, account: &ConnectorAccount) -> Option<OwnedSemaphorePermit> {
        self.0.get(account)?.clone().try_acquire_owned().ok()
    }
}
