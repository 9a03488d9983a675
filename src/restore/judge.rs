//! Whether a restored database knows a write that stands at a marketplace.

use entente_core::scope::Scope;
use entente_port::{ChangeState, OwnWrite};
use entente_store::{IntentStatus, Result, Store};

use super::report::Found;

/// What a database knows of a write.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Knowledge {
    /// Its step is there, and the step's send is settled or will be looked up.
    Known,
    /// Its run is there, and the step is not.
    Forgotten,
    /// Not even its run is there.
    Orphaned,
}

/// What the database, as it was up to history row `head_no`, knows of a write.
pub(super) async fn knowledge(store: &dyn Store, write: &OwnWrite, head_no: i64) -> Result<Knowledge> {
    let (run, invoke) = (write.key.run, write.key.invoke);
    if store.run(&Scope::vendor(), run).await?.is_none() {
        return Ok(Knowledge::Orphaned);
    }
    let committed = match step_no(store, write).await? {
        Some(no) => no <= head_no,
        None => archived(store, write).await?,
    };
    let intents = store.intents(&Scope::vendor(), run).await?;
    let sent = intents.iter().any(|row| row.intent.invoke == invoke && row.status != IntentStatus::Voided);
    Ok(if committed && sent { Knowledge::Known } else { Knowledge::Forgotten })
}

/// The place of the write's step in the order of commits, if the run has that step.
async fn step_no(store: &dyn Store, write: &OwnWrite) -> Result<Option<i64>> {
    let step = store.history(&Scope::vendor(), write.key.run, write.key.invoke.seq, 1).await?;
    Ok(step.first().filter(|row| row.seq == write.key.invoke.seq).map(|row| row.no))
}

/// Whether the write's step lies in an archive: the database recorded that, so it was committed before its head.
async fn archived(store: &dyn Store, write: &OwnWrite) -> Result<bool> {
    let Some(archived) = store.archive_of(&Scope::vendor(), write.key.run).await? else { return Ok(false) };
    let row = store.run(&Scope::vendor(), write.key.run).await?;
    Ok(archived.gone && row.is_some_and(|row| write.key.invoke.seq <= row.snapshot.seq))
}

/// A write as the report shows it.
pub(super) fn found(account: &str, write: &OwnWrite) -> Found {
    let state = match &write.state {
        ChangeState::Pending => "under way".to_owned(),
        ChangeState::AwaitingBuyer { .. } => "waits for the buyer".to_owned(),
        ChangeState::Declined { .. } => "declined by the buyer".to_owned(),
        ChangeState::Applied { offer_id: Some(offer), .. } => format!("applied, offer {offer}"),
        ChangeState::Applied { offer_id: None, .. } => "applied".to_owned(),
        ChangeState::Failed(error) => format!("not applied: {error}"),
    };
    Found {
        account: account.to_owned(),
        label: write.key.label.clone(),
        run: write.key.run,
        invoke: write.key.invoke,
        change: write.change.0.clone(),
        began_at: write.began_at,
        state,
        outcome: String::new(),
    }
}
