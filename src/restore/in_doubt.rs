//! A restored database's unsettled sends: each may have been sent, or sent again, after the copy was made.

use entente_core::scope::Scope;
use entente_store::{AttemptState, IntentRow, IntentStatus, RecoveryClass, Result, Store};
use jiff::Timestamp;
use serde_json::{Value, json};

use super::{begin::record, report::InDoubt};
use crate::runner::{Shared, leases::account_key, notes::RESTORED};

/// More than any account has open.
const ALL: u32 = 10_000_000;

/// Marks every unsettled send as in doubt, so that its delivery looks for the effect first. `None`: another process holds an
/// account for now.
pub(super) async fn mark(shared: &Shared) -> Result<Option<Vec<InDoubt>>> {
    let store: &dyn Store = shared.store.as_ref();
    let mut marked = Vec::new();
    for (account, _) in store.accounts_with_work().await? {
        let lease = account_key(&account);
        shared.leases.acquire(std::slice::from_ref(&lease)).await?;
        let Some(fence) = shared.leases.fence(&lease) else { return Ok(None) };
        for row in store.open_remote(&account, Timestamp::MAX, ALL).await? {
            if matches!(row.intent.class, RecoveryClass::Local | RecoveryClass::Notice) {
                continue;
            }
            let state = doubt(&row, committed_at(store, &row).await?);
            if store.record_attempt(row.run, row.intent.invoke, &lease, fence, state).await? {
                let (label, invoke, activity) = (row.label, row.intent.invoke, row.intent.activity);
                marked.push(InDoubt { account: account.to_string(), label, invoke, activity });
            }
        }
    }
    Ok(Some(marked))
}

/// When the intent was committed: it cannot have been sent before, so its token was not used before.
async fn committed_at(store: &dyn Store, row: &IntentRow) -> Result<Option<Timestamp>> {
    let step = store.history(&Scope::vendor(), row.run, row.intent.invoke.seq, 1).await?;
    step.first().map(|step| record(&step.record).map(|record| record.at)).transpose()
}

fn doubt(row: &IntentRow, sent_at: Option<Timestamp>) -> AttemptState {
    let mut notes = row.notes.as_object().cloned().unwrap_or_default();
    notes.remove("absent_at");
    notes.insert(RESTORED.into(), Value::Bool(true));
    notes
        .entry("unknown")
        .or_insert_with(|| json!({ "message": "the database was restored, and may have forgotten a send" }));
    AttemptState {
        status: IntentStatus::Sending,
        counts: false,
        not_before: None,
        notes: Value::Object(notes),
        sent_at,
    }
}
