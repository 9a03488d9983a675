//! Whether what a fund gives up may go to another one.

use std::collections::BTreeMap;

use entente_core::{
    context::funding::{Change, FundPaper},
    ledger::Account,
    mdf::model::FundKind,
    money::Money,
};
use entente_store::Store;
use jiff::{Timestamp, ToSpan as _};

use super::{failed, unread};
use crate::{
    activities::Attempt,
    funding::{
        case, packs,
        stored::{self, Stored},
        sweep::{PEOPLE_HAVE, is_changing, passes_on_to},
    },
};

/// Refuses a change that is not about the fund as it stands now, and a transfer that the other fund cannot take. What that one
/// would have been given in all, where it can.
pub(super) async fn check(
    store: &dyn Store,
    paper: &FundPaper,
    change: &Change,
    (own, coming): (&BTreeMap<Account, Money>, Option<&str>),
    (label, now): (&str, Timestamp),
) -> Result<Option<Money>, Box<Attempt>> {
    let refuse = |field: &str, message: String| Err(failed(message, Some(field)));
    let given = case::given(own, paper.amount.currency);
    if let Some(seen) = change.given.filter(|seen| *seen != given) {
        let message = format!(
            "the fund had been given {seen} when this was proposed, and has been given {given}; propose it again"
        );
        return refuse("/given", message);
    }
    if let Some(other) = coming {
        return refuse("", format!("`{other}` is about to pass money on to this fund; wait until that is decided"));
    }
    if paper.kind == FundKind::Accrual {
        return earned(change, given).map(|()| None);
    }
    let free = own.get(&Account::Free).copied().unwrap_or(Money::zero(given.currency));
    let less = given.minor - change.amount.unwrap_or(given).minor;
    if less > free.minor {
        let less = Money { minor: less, ..given };
        return refuse("/amount", format!("{less} would be given up, and {free} is free; propose it again"));
    }
    match &change.to {
        None => Ok(None),
        Some(_) if less <= 0 => refuse("/amount", format!("nothing is given up of {given}; write less")),
        Some(to) => {
            let target = stored::fund(store, to).await.map_err(unread)?;
            takes(store, (label, paper), &target, Money { minor: less, ..given }, now).await.map(Some)
        }
    }
}

/// Whether a fund that is filled by earnings may be changed like this: what its partner has earned is not for others.
fn earned(change: &Change, given: Money) -> Result<(), Box<Attempt>> {
    if change.to.is_some() {
        let message = "what a partner has earned is not passed on; name another amount or a later day alone";
        return Err(failed(message, Some("/to")));
    }
    match change.amount {
        Some(amount) if amount.minor < given.minor => {
            Err(failed(format!("{given} was earned in it already; write no less"), Some("/amount")))
        }
        _ => Ok(()),
    }
}

/// What a fund would have been given in all with that much by another one, where it can be.
async fn takes(
    store: &dyn Store,
    (label, from): (&str, &FundPaper),
    target: &Stored<FundPaper>,
    amount: Money,
    now: Timestamp,
) -> Result<Money, Box<Attempt>> {
    let refuse = |message: String| Err(failed(message, Some("/to")));
    let to = &target.sheet.paper;
    let same =
        to.legal_entity == from.legal_entity && to.amount.currency == from.amount.currency && to.kind == from.kind;
    if to.fund == from.fund || !same || !target.has("open") {
        let asked = "choose another open fund of the same legal entity, currency and kind";
        return refuse(format!("fund `{}` cannot be given money by `{}`; {asked}", to.fund, from.fund));
    }
    if is_changing(target) {
        return refuse(format!("fund `{}` is about to be changed itself; wait until that is decided", to.fund));
    }
    if let Some(other) = passes_on_to(store, &to.fund, Some(label)).await.map_err(unread)? {
        return refuse(format!("`{other}` is about to pass money on to `{}`; wait until that is decided", to.fund));
    }
    let zone = packs::find(store, &to.pack).await.map_err(unread)?.zone;
    let decided_by = zone.to_datetime(now).date().checked_add(PEOPLE_HAVE.days()).unwrap_or(jiff::civil::Date::MAX);
    if to.until < decided_by {
        return refuse(format!("fund `{}` ends on {}, before people have had time to agree", to.fund, to.until));
    }
    let stands = case::stands(store, to).await.map_err(unread)?;
    let has = case::given(&stands, amount.currency).plus(amount);
    let has = has.map_err(|error| failed(error.to_string(), Some("/to")))?;
    if to.budget.name == from.budget.name {
        return Ok(has);
    }
    let given = case::given_out_of(store, to).await.map_err(unread)?;
    let whole = given.plus(amount).map_err(|error| failed(error.to_string(), Some("/to")))?;
    match whole.minor > to.budget.amount.minor {
        true => refuse(format!(
            "with {amount} the funds of budget `{}` would have {whole} of {}",
            to.budget.name, to.budget.amount
        )),
        false => Ok(has),
    }
}
