//! Which local activities this process is at, from before their intent is committed until their result is.

use std::{
    collections::HashSet,
    fmt,
    sync::{Arc, Mutex, PoisonError},
};

use entente_core::ids::{InvokeId, RunId};

type Keys = Mutex<HashSet<(RunId, InvokeId)>>;

/// The local activities that this process is at. The database knows them as open, but nobody left them: they are not
/// to be begun again.
#[derive(Debug, Default)]
pub struct Performing(Arc<Keys>);

impl Performing {
    /// Takes an invocation on, unless the process is at it already.
    pub fn take_on(&self, run: RunId, invoke: InvokeId) -> Option<Performance> {
        let key = (run, invoke);
        lock(&self.0).insert(key).then(|| Performance { keys: self.0.clone(), key })
    }

    /// How many there are.
    pub fn count(&self) -> usize {
        lock(&self.0).len()
    }
}

/// One invocation that the process is at. Dropped, it may be found in the database and begun again.
pub struct Performance {
    keys: Arc<Keys>,
    key: (RunId, InvokeId),
}

impl Performance {
    /// The run.
    pub fn run(&self) -> RunId {
        self.key.0
    }

    /// The invocation.
    pub fn invoke(&self) -> InvokeId {
        self.key.1
    }

    pub(super) fn forget(&self) {
        lock(&self.keys).remove(&self.key);
    }
}

impl Drop for Performance {
    fn drop(&mut self) {
        self.forget();
    }
}

impl PartialEq for Performance {
    fn eq(&self, other: &Performance) -> bool {
        self.key == other.key
    }
}

impl fmt::Debug for Performance {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Performance").field(&self.key).finish()
    }
}

fn lock(keys: &Keys) -> std::sync::MutexGuard<'_, HashSet<(RunId, InvokeId)>> {
    keys.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;

    #[test]
    fn an_invocation_is_taken_on_once_until_it_is_let_go() {
        let performing = Performing::default();
        let (run, invoke) = (RunId(Uuid::from_u128(1)), InvokeId { seq: 1, n: 0 });
        let first = performing.take_on(run, invoke).expect("nobody is at it");
        assert_eq!((first.run(), first.invoke()), (run, invoke));
        assert_eq!(performing.take_on(run, invoke), None);
        assert!(performing.take_on(run, InvokeId { seq: 1, n: 1 }).is_some(), "another one is free");
        drop(first);
        assert_eq!(performing.count(), 0);
        assert!(performing.take_on(run, invoke).is_some());
    }
}
