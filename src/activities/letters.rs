//! Messages that activities put into the inboxes of other runs: the engine of this process hears of them at once, those of
//! others find them in the database.

use std::sync::{Arc, Mutex, PoisonError, Weak};

use entente_core::scope::Scope;
use entente_store::{Appended, Message, PendingMessage, Store};

/// Whoever is told of new messages.
pub trait Hears: Send + Sync {
    /// These messages are new.
    fn hear(&self, pending: Vec<PendingMessage>);
}

/// The way from activities to the engine that performs them.
#[derive(Clone, Default)]
pub struct Letters(Arc<Mutex<Option<Weak<dyn Hears>>>>);

impl Letters {
    /// From now on, this engine is told.
    pub fn tell(&self, engine: Weak<dyn Hears>) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = Some(engine);
    }

    /// Appends messages, and tells the engine of those that are new.
    ///
    /// # Errors
    /// When the database cannot be written.
    pub async fn append(&self, store: &dyn Store, messages: Vec<Message>) -> entente_store::Result<()> {
        let appended = store.append(&Scope::vendor(), messages).await?;
        let new = appended.into_iter().filter_map(|one| match one {
            Appended::New(pending) => Some(pending),
            Appended::Again { .. } | Appended::KeyReused => None,
        });
        let engine = self.0.lock().unwrap_or_else(PoisonError::into_inner).clone();
        if let Some(engine) = engine.and_then(|engine| engine.upgrade()) {
            engine.hear(new.collect());
        }
        Ok(())
    }
}
