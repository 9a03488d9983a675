//! What a delivery writes: its attempts, and its end.

use entente_core::{
    event::Event,
    ids::{ConnectorAccount, Fence, InvokeId, RunId},
};
use entente_store::{AttemptState, LeaseKey, Message, PendingMessage, Settlement};

use crate::{
    commit::messages::store_one,
    fault::Fault,
    values::{intent_status_code, micros, parse, signed, small, to_json, unsigned},
    work::Work,
    writer::Write,
};

/// Records an attempt while the lease holds and the intent is open.
pub(super) struct RecordAttempt {
    pub(super) run: RunId,
    pub(super) invoke: InvokeId,
    pub(super) key: LeaseKey,
    pub(super) fence: Fence,
    pub(super) state: AttemptState,
}

impl Write for RecordAttempt {
    type Out = bool;

    async fn apply(&self, work: &mut Work<'_>) -> Result<bool, Fault> {
        let (run, seq) = (self.run.0, signed("step", self.invoke.seq)?);
        let (status, notes) = (intent_status_code(self.state.status), to_json("notes", &self.state.notes)?);
        let (not_before, sent_at) = (self.state.not_before.map(micros), self.state.sent_at.map(micros));
        let recorded = sqlx::query!(
            "UPDATE outbox
             SET status = $1, attempts = attempts + CASE WHEN $2::boolean THEN 1 ELSE 0 END, not_before = $3, notes = $4,
                 first_sent_at = coalesce(first_sent_at, $5)
             WHERE local = ANY('{true,false}') AND rid = (SELECT rid FROM runs WHERE id = $6) AND seq = $7 AND n = $8
               AND status < 3
               AND EXISTS (SELECT 1 FROM leases WHERE key = $9 AND fence = $10 AND owner IS NOT NULL)",
            status,
            self.state.counts,
            not_before,
            notes,
            sent_at,
            run,
            seq,
            small("invocation", self.invoke.n)?,
            self.key.0,
            self.fence.0
        )
        .execute(&mut *work.conn)
        .await?;
        Ok(recorded.rows_affected() == 1)
    }
}

/// Ends an intent, and puts its result into the run's inbox.
pub(super) struct Settle {
    pub(super) key: LeaseKey,
    pub(super) fence: Fence,
    pub(super) settlement: Settlement,
}

impl Write for Settle {
    type Out = Option<PendingMessage>;

    async fn apply(&self, work: &mut Work<'_>) -> Result<Option<PendingMessage>, Fault> {
        let Settlement { run, invoke, outcome, at } = &self.settlement;
        let (id, seq) = (run.0, signed("step", invoke.seq)?);
        let settled = sqlx::query!(
            r#"UPDATE outbox SET status = 3, not_before = NULL
               WHERE local = ANY('{true,false}') AND rid = (SELECT rid FROM runs WHERE id = $1) AND seq = $2 AND n = $3
                 AND status < 3
                 AND EXISTS (SELECT 1 FROM leases WHERE key = $4 AND fence = $5 AND owner IS NOT NULL)
               RETURNING account, round"#,
            id,
            seq,
            small("invocation", invoke.n)?,
            self.key.0,
            self.fence.0
        )
        .fetch_optional(&mut *work.conn)
        .await?;
        let Some(settled) = settled else { return Ok(None) };
        let account: Option<ConnectorAccount> =
            settled.account.map(|account| parse("connector account", &account)).transpose()?;
        let round = unsigned("round", settled.round)?;
        let event = entente_store::result_event(*run, *invoke, account.as_ref(), round, outcome.clone());
        let message = Message { run: *run, event, start: None, expect_seq: None, expect_revision: None, at: *at };
        let stored = store_one(work, &message).await?;
        let Event { source, id, .. } = &message.event;
        stored
            .map(Some)
            .ok_or_else(|| Fault::refused(format!("another result is stored under the key `{id}` of `{source}`")))
    }
}
