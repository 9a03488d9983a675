//! Programmes that are closed as a whole (rule Y11): no fund of one opens any more, and nobody asks for its money.

use std::collections::BTreeMap;

use entente_core::{
    context::funding::{ClaimPaper, FundPaper},
    ids::{FundId, PersonId, ProgrammeId},
    ledger::Account,
    mdf::{CLOSES, model::Closing},
    scope::Scope,
};
use entente_store::{BalanceFilter, RunFilter, Store};
use jiff::{Timestamp, tz::TimeZone};
use serde::{Deserialize, Serialize};

use super::{
    packs,
    stored::{self, Stored},
    versions::{self, Author},
};
use crate::offers::DeskError;

const KIND: &str = "programme_closed";

/// That a programme is closed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Closed {
    /// Why.
    pub reason: String,
    /// Who has closed it.
    pub by: PersonId,
    /// When.
    pub at: Timestamp,
}

impl Closed {
    /// In words, to whoever wants something of it still.
    pub fn told(&self, programme: &ProgrammeId) -> String {
        let day = self.at.to_zoned(TimeZone::UTC).date();
        format!("programme `{programme}` was closed on {day}; name another one")
    }
}

/// Why a programme is not closed.
#[derive(Debug, thiserror::Error)]
pub enum NotClosed {
    /// Something of it is open.
    #[error("rule {CLOSES}: {because}: {open}; settle or release it first")]
    Open {
        /// What the rule says.
        because: String,
        /// What it is.
        open: String,
    },
    /// It was closed before.
    #[error("it was closed by `{by}` already, and that stays")]
    Already {
        /// By whom.
        by: PersonId,
    },
    /// The records could not be read or written.
    #[error(transparent)]
    Records(#[from] DeskError),
}

/// What of a programme is open, by what it is.
#[derive(Debug, Default, Serialize)]
pub struct Open {
    /// What is held for requests, and earned and not divided.
    pub reservations: Vec<String>,
    /// What is committed, owed, paid in advance or claimed back.
    pub payouts: Vec<String>,
    /// Claims of which a part is disputed.
    pub disputes: Vec<String>,
}

/// How much of what is open one message names.
const NAMED: usize = 5;

impl Open {
    fn named(&self) -> String {
        let all: Vec<&str> =
            self.reservations.iter().chain(&self.payouts).chain(&self.disputes).map(String::as_str).collect();
        let mut named = all.iter().take(NAMED).map(|one| format!("`{one}`")).collect::<Vec<_>>();
        if all.len() > NAMED {
            named.push(format!("and {} more", all.len() - NAMED));
        }
        named.join(", ")
    }
}

/// Whether a programme is closed, and who has closed it.
///
/// # Errors
/// When the records cannot be read.
pub async fn closed(store: &dyn Store, programme: &ProgrammeId) -> Result<Option<Closed>, DeskError> {
    let Some(kept) = store.document(KIND, programme.as_str()).await? else { return Ok(None) };
    let unreadable = |error: serde_json::Error| DeskError::Unreadable {
        what: format!("the end of programme `{programme}`"),
        why: error.to_string(),
    };
    serde_json::from_str(&kept.text).map(Some).map_err(unreadable)
}

/// What of a programme is open, as the books and the claims have it; nothing is looked at where no pack of its funds enables the rule.
///
/// # Errors
/// When there is no such programme, or the records cannot be read.
pub async fn open(store: &dyn Store, programme: &ProgrammeId) -> Result<Open, DeskError> {
    let funds = stored::papers::<FundPaper>(store, &Scope::vendor(), RunFilter::default()).await?;
    let funds: Vec<Stored<FundPaper>> =
        funds.into_iter().filter(|fund| fund.sheet.paper.programme == *programme).collect();
    if funds.is_empty() {
        return Err(entente_store::Error::NotFound { kind: "programme", id: programme.to_string() }.into());
    }
    let (mut open, mut enabled) = (Open::default(), BTreeMap::new());
    for fund in &funds {
        let named = &fund.sheet.paper.pack;
        if !enabled.contains_key(named) {
            enabled.insert(named.clone(), packs::find(store, named).await?.terms.enables(CLOSES));
        }
    }
    if !enabled.values().any(|enables| *enables) {
        return Ok(open);
    }
    for fund in funds.iter().filter(|fund| fund.sheet.course.allocated.is_some()) {
        in_the_books(store, &fund.sheet.paper.fund, &mut open).await?;
    }
    let ours = |claim: &Stored<ClaimPaper>| {
        let fund = claim.sheet.course.fund.as_ref();
        fund.is_some_and(|fund| funds.iter().any(|one| one.sheet.paper.fund == *fund))
    };
    let filter = RunFilter { ended: Some(false), ..RunFilter::default() };
    for claim in stored::papers::<ClaimPaper>(store, &Scope::vendor(), filter).await?.iter().filter(|claim| ours(claim))
    {
        let disputed = claim.sheet.course.disputes.iter().any(|dispute| dispute.granted.is_none());
        open.disputes.extend(disputed.then(|| claim.label().to_owned()));
    }
    Ok(open)
}

/// What stands on the accounts of a fund that have to be empty.
async fn in_the_books(store: &dyn Store, fund: &FundId, open: &mut Open) -> Result<(), DeskError> {
    let filter = BalanceFilter { fund: Some(fund.to_string()), currency: None, as_of: None, by_key: true };
    for balance in store.balances(&Scope::vendor(), &filter).await?.into_iter().filter(|balance| balance.minor != 0) {
        match balance.account {
            Account::Reserved | Account::Earned => open.reservations.push(balance.key),
            Account::Posted | Account::Payable | Account::Prepaid | Account::Surplus | Account::Clawback => {
                open.payouts.push(balance.key);
            }
            _ => {}
        }
    }
    Ok(())
}

/// Whether a programme may close now.
///
/// # Errors
/// With what is open, where rule Y11 wants it settled first; when it is closed, or the records cannot be read.
pub async fn may_close(store: &dyn Store, programme: &ProgrammeId, now: Timestamp) -> Result<(), NotClosed> {
    let open = open(store, programme).await?;
    if let Some(before) = closed(store, programme).await? {
        return Err(NotClosed::Already { by: before.by });
    }
    let count = |some: &Vec<String>| u32::try_from(some.len()).unwrap_or(u32::MAX);
    let closing = Closing {
        on: now.to_zoned(TimeZone::UTC).date(),
        open_reservations: count(&open.reservations),
        pending_payouts: count(&open.payouts),
        disputes: count(&open.disputes),
    };
    match closing.obstacle() {
        Some(because) => Err(NotClosed::Open { because, open: open.named() }),
        None => Ok(()),
    }
}

/// Closes a programme.
///
/// # Errors
/// As [`may_close`].
pub async fn close(
    store: &dyn Store,
    programme: &ProgrammeId,
    reason: String,
    (by, at): (&PersonId, Timestamp),
) -> Result<Closed, NotClosed> {
    may_close(store, programme, at).await?;
    let closed = Closed { reason, by: by.clone(), at };
    let text = serde_json::to_string(&closed).map_err(|error| DeskError::Unreadable {
        what: format!("the end of programme `{programme}`"),
        why: error.to_string(),
    })?;
    versions::put(store, (KIND, programme.as_str(), 1), &text, Author { by: by.as_str(), at }).await?;
    Ok(closed)
}
