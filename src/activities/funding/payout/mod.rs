//! A payout run and its claims: taking payables in, giving them back, writing the file, passing on what the bank answers.

mod file;
mod gather;
mod release;
mod tell;

use std::{collections::BTreeMap, time::Duration};

use entente_core::{
    context::funding::{ClaimPaper, Item},
    scope::Scope,
};
use entente_store::{Store, Verdict};
pub use file::{FILE, WriteFile};
pub use gather::Gather;
use jiff::Timestamp;
pub use release::Release;
use serde_json::{Value, json};
pub use tell::Tell;

use super::{rejected, unread};
use crate::{
    activities::{Attempt, Call},
    funding::{
        stored::{self, Stored},
        tell::{self as inbox, Told},
    },
    offers::DeskError,
};

/// How soon claims are asked again for what they have decided.
const ASK_AGAIN: Duration = Duration::from_millis(200);

/// The claim of an item.
async fn claim_of(store: &dyn Store, claim: &str) -> Result<Stored<ClaimPaper>, DeskError> {
    stored::by_label(store, &Scope::vendor(), "claim", claim).await
}

/// A message to the claim of an item, which says what a payout run does with its payable.
fn message(to: &Stored<ClaimPaper>, what: &'static str, payout: &str, item: &Item) -> Told {
    Told {
        to: to.row.snapshot.run,
        id: format!("{what}/{}/{}", item.claim, item.payee),
        event: what,
        data: json!({ "payout": payout, "payee": item.payee }),
    }
}

/// Sends messages, and waits until each of them has been decided on.
async fn decided(
    store: &dyn Store,
    call: &Call,
    told: &[Told],
    at: Timestamp,
) -> Result<BTreeMap<String, Verdict>, Attempt> {
    inbox::send(store, call.run, told, at).await.map_err(unread)?;
    let verdicts = inbox::verdicts(store, call.run, told).await.map_err(unread)?;
    let decided: BTreeMap<String, Verdict> =
        verdicts.into_iter().filter_map(|(id, verdict)| Some((id, verdict?))).collect();
    if decided.len() < told.len() {
        let why = format!("{} of {} claims have yet to answer", told.len() - decided.len(), told.len());
        return Err(Attempt::Wait { after: ASK_AGAIN, why, notes: Value::Null });
    }
    Ok(decided)
}

/// Why a claim did not do what it was told; `None` where it did.
fn refused(verdict: Option<&Verdict>) -> Option<String> {
    match verdict {
        Some(Verdict::Accepted { .. }) => None,
        Some(Verdict::Refused { reason, .. } | Verdict::Noted { reason }) => Some(reason.clone()),
        None => Some("it has not answered".to_owned()),
    }
}

/// A failure that names a claim.
fn about(claim: &str, why: &str) -> Attempt {
    Attempt::Failed(rejected(format!("`{claim}`: {why}"), None))
}
