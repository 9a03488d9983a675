//! Whether what a fund gives up may go to another one.

use std::collections::BTreeMap;

use entente_core::{
    context::funding::{Change, FundPaper},
    ledger::Account,
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

/// Refuses a change that is not about the fund as it stands now, and a transfer that the other fund cannot take.
pub(super) async fn check(
    store: &dyn Store,
    paper: &FundPaper,
    change: &Change,
    own: Option<&BTreeMap<Account, Money>>,
    now: Timestamp,
) -> Result<(), Box<Attempt>> {
    let refuse = |field: &str, message: String| Err(failed(message, Some(field)));
    let Some(own) = own else { return Ok(()) };
    let given = case::given(own, paper.amount.currency);
    if let Some(seen) = change.given.filter(|seen| *seen != given) {
        let message = format!(
            "the fund had been given {seen} when this was proposed, and has been given {given}; propose it again"
        );
        return refuse("/given", message);
    }
    let coming = passes_on_to(store, &paper.fund).await.map_err(unread)?;
    if let Some(other) = coming {
        return refuse("", format!("`{other}` is about to pass money on to this fund; wait until that is decided"));
    }
    let free = own.get(&Account::Free).copied().unwrap_or(Money::zero(given.currency));
    let less = given.minor - change.amount.unwrap_or(given).minor;
    if less > free.minor {
        let less = Money { minor: less, ..given };
        return refuse("/amount", format!("{less} would be given up, and {free} is free; propose it again"));
    }
    match &change.to {
        None => Ok(()),
        Some(_) if less <= 0 => refuse("/amount", format!("nothing is given up of {given}; write less")),
        Some(to) => {
            let target = stored::fund(store, to).await.map_err(unread)?;
            takes(store, paper, &target, Money { minor: less, ..given }, now).await
        }
    }
}

/// Whether a fund can be given that much by another one.
async fn takes(
    store: &dyn Store,
    from: &FundPaper,
    target: &Stored<FundPaper>,
    amount: Money,
    now: Timestamp,
) -> Result<(), Box<Attempt>> {
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
    let zone = packs::find(store, &to.pack).await.map_err(unread)?.zone;
    let decided_by = zone.to_datetime(now).date().checked_add(PEOPLE_HAVE.days()).unwrap_or(jiff::civil::Date::MAX);
    if to.until < decided_by {
        return refuse(format!("fund `{}` ends on {}, before people have had time to agree", to.fund, to.until));
    }
    if to.budget.name == from.budget.name {
        return Ok(());
    }
    let given = case::given_out_of(store, to).await.map_err(unread)?;
    let whole = given.plus(amount).map_err(|error| failed(error.to_string(), Some("/to")))?;
    match whole.minor > to.budget.amount.minor {
        true => refuse(format!(
            "with {amount} the funds of budget `{}` would have {whole} of {}",
            to.budget.name, to.budget.amount
        )),
        false => Ok(()),
    }
}
