//! Mistakes that are made on purpose, where deliveries could make them; see [`entente_store::deliberate`].

use entente_core::event::Outcome;
use entente_store::{
    Settlement,
    deliberate::{Bug, is_made},
};
use serde_json::Value;
use uuid::Uuid;

use super::{deliver::Delivery, performing::Performance};

impl Performance {
    /// Forgets that the process is at it, before its result is committed.
    pub(super) fn let_go_early(&self) {
        if is_made(Bug::LetGoEarly) {
            self.forget();
        }
    }
}

/// Whether nobody is told to look for what may have been settled.
pub(super) fn settled_unheard() -> bool {
    is_made(Bug::SettledUnheard)
}

impl Delivery<'_> {
    /// A token that no other attempt has.
    pub(super) fn random_token(&self) -> Option<Uuid> {
        let draw = || self.shared.settings.jitter.draw();
        is_made(Bug::RandomToken).then(|| Uuid::from_u64_pair(draw(), draw()))
    }

    /// Records the success of a call that is yet to be made.
    pub(super) async fn record_before_send(&self) -> entente_store::Result<()> {
        let Some(fence) = self.shared.leases.fence(self.lease).filter(|_| is_made(Bug::RecordBeforeSend)) else {
            return Ok(());
        };
        let outcome = Outcome::Done { output: Value::Null };
        let at = self.shared.clock.now();
        let settlement = Settlement { run: self.row.run, invoke: self.row.intent.invoke, outcome, at };
        let pending = self.shared.store.settle(self.lease, fence, settlement).await?;
        self.shared.pending(pending.into_iter().collect());
        Ok(())
    }
}
