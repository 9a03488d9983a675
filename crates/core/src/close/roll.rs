//! From what stood at a month's beginning to what stands at its end, movement by movement, account by account.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use super::{Books, Refusal};
use crate::{
    ledger::{Account, PostingAction},
    money::{Currency, Money},
};

/// An account of a fund through a month.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Roll {
    /// The fund.
    pub fund: String,
    /// The currency.
    pub currency: Currency,
    /// The account.
    pub account: Account,
    /// What stood there, in minor units: the closing of the month before.
    pub opening: i64,
    /// What each kind of movement changed.
    pub movements: Vec<Rolled>,
    /// What stands there: the ledger's own balance.
    pub closing: i64,
}

/// What movements of a kind changed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Rolled {
    /// The movement.
    pub movement: PostingAction,
    /// Signed minor units.
    pub minor: i64,
}

type Place = (String, Currency, Account);

/// Every account that stands at something or was moved, by fund, currency and account.
///
/// # Errors
/// When opening and movements do not make what stands in the ledger; the fund is named.
pub(super) fn forward(books: &Books<'_>) -> Result<Vec<Roll>, Refusal> {
    let before = books.previous.iter().flat_map(|(batch, _)| &batch.roll);
    let opening: BTreeMap<Place, i64> = before.map(|roll| (place(roll), roll.closing)).collect();
    let mut moved: BTreeMap<Place, BTreeMap<PostingAction, i64>> = BTreeMap::new();
    for journal in &books.journals {
        let (source, target) = journal.action.movement();
        for (account, minor) in [(source, -journal.amount.minor), (target, journal.amount.minor)] {
            let at = (journal.fund.clone(), journal.amount.currency, account);
            let sum = moved.entry(at).or_default().entry(journal.action).or_default();
            *sum = sum.checked_add(minor).ok_or_else(|| Refusal::Overflow { fund: journal.fund.clone() })?;
        }
    }
    let stands = books.standing.iter().map(|at| ((at.fund.clone(), at.currency, at.account), at.minor));
    let stands: BTreeMap<Place, i64> = stands.collect();
    let places: BTreeSet<&Place> = opening.keys().chain(moved.keys()).chain(stands.keys()).collect();
    let mut rolls = Vec::new();
    for at in places {
        let at_first = opening.get(at).copied().unwrap_or(0);
        let movements: Vec<Rolled> = moved.get(at).into_iter().flatten().map(rolled).collect();
        let sum = movements.iter().try_fold(at_first, |sum, one| sum.checked_add(one.minor));
        let (fund, currency, account) = at.clone();
        let closing = sum.ok_or_else(|| Refusal::Overflow { fund: fund.clone() })?;
        let there = stands.get(at).copied().unwrap_or(0);
        if closing != there {
            let money = |minor| Money { minor, currency };
            return Err(Refusal::DoesNotTie { fund, account, rolled: money(closing), stands: money(there) });
        }
        if at_first != 0 || closing != 0 || !movements.is_empty() {
            rolls.push(Roll { fund, currency, account, opening: at_first, movements, closing });
        }
    }
    Ok(rolls)
}

fn place(roll: &Roll) -> Place {
    (roll.fund.clone(), roll.currency, roll.account)
}

fn rolled((movement, minor): (&PostingAction, &i64)) -> Rolled {
    Rolled { movement: *movement, minor: *minor }
}
