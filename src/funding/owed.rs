//! What is owed to partners and suppliers and in no payout run, with what is claimed back from them taken off.

use std::collections::{BTreeMap, BTreeSet, btree_map::Entry};

use entente_core::{
    context::funding::{Item, Netted, PayableStatus},
    ids::{LegalEntityId, PartyId},
    mdf::{BasisPoints, Pack, PackPin},
    money::{Currency, Money, Rounding},
};
use entente_store::Store;
use jiff::{Timestamp, civil::Date};

use super::{debt::Debt, packs, tax::Taxes};
use crate::offers::DeskError;

/// The tag of claims and orders that owe something.
const PAYABLE: &str = "payable";

/// The tag of claims whose money is claimed back.
const RECOVERING: &str = "recovering";

/// The tag of claims whose advance has yet to be proven; a part of it may be claimed back.
const ADVANCED: &str = "advanced";

/// What a legal entity owes.
#[derive(Debug)]
pub struct Owed {
    /// What of it may be paid.
    pub items: Vec<Item>,
    /// The month whose payout run each of it joins, where a pack says so; what joins a later one than was asked for is no item.
    pub later: Vec<Later>,
}

/// Something that is owed and joins the payout run of a month by rule C10 of its pack.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Later {
    /// The claim.
    pub claim: String,
    /// Who is paid.
    pub payee: PartyId,
    /// The first day of the month.
    pub month: Date,
}

/// Everything that a legal entity owes; of `only` these claims, where any are named.
///
/// # Errors
/// When the database cannot be read.
pub async fn items(
    store: &dyn Store,
    entity: &LegalEntityId,
    only: &BTreeSet<String>,
    now: Timestamp,
) -> Result<Vec<Item>, DeskError> {
    Ok(until(store, entity, only, None, now).await?.items)
}

/// Everything that a legal entity owes, but what joins the run of a later month than this one.
///
/// # Errors
/// When the database cannot be read.
pub async fn until(
    store: &dyn Store,
    entity: &LegalEntityId,
    only: &BTreeSet<String>,
    last: Option<Date>,
    now: Timestamp,
) -> Result<Owed, DeskError> {
    let mut taxes = Taxes::of(store, entity, now).await?;
    let mut back = claimed_back(store, entity).await?;
    let mut known = Packs::new();
    let (mut items, mut later) = (Vec::new(), Vec::new());
    for claim in Debt::tagged(store, PAYABLE).await? {
        let named = only.is_empty() || only.contains(claim.label());
        let Some(fund) = claim.fund().cloned().filter(|_| named) else { continue };
        if claim.legal_entity() != entity {
            continue;
        }
        let terms = terms(store, &mut known, &claim).await?;
        let owed = claim.payables().filter(|one| one.status == PayableStatus::Owed);
        for payable in owed.filter(|one| one.amount.minor > 0) {
            let (payee, amount) = (payable.payee.clone(), payable.amount);
            if let Some(month) = terms.joins {
                let joins = Later { claim: claim.label().to_owned(), payee: payee.clone(), month };
                later.push(joins);
                if last.is_some_and(|last| last < month) {
                    continue;
                }
            }
            // What may not be paid now is listed all the same: the run leaves it out, and says why.
            let withheld = taxes.withheld(payable).await?.unwrap_or_default();
            let rest = withheld.map_or(Ok(amount), |withheld| amount.minus(withheld))?;
            let netted = net(&mut back, &payee, rest, terms.netted);
            items.push(Item { claim: claim.label().to_owned(), payee, fund: fund.clone(), amount, netted, withheld });
        }
    }
    items.sort_by(|a, b| (&a.claim, &a.payee).cmp(&(&b.claim, &b.payee)));
    later.sort_by(|a, b| (&a.claim, &a.payee).cmp(&(&b.claim, &b.payee)));
    Ok(Owed { items, later })
}

/// What is still to come back, by payee and currency: each claim with its rest.
type Back = BTreeMap<(PartyId, Currency), Vec<(String, i64)>>;

async fn claimed_back(store: &dyn Store, entity: &LegalEntityId) -> Result<Back, DeskError> {
    let mut back = Back::new();
    let mut claims = Debt::tagged(store, RECOVERING).await?;
    claims.extend(Debt::tagged(store, PAYABLE).await?);
    claims.extend(Debt::tagged(store, ADVANCED).await?);
    for claim in claims.iter().filter(|claim| claim.legal_entity() == entity) {
        for payee in claim.claimed_back_from() {
            let key = (payee.clone(), claim.currency());
            let rest = claim.open_back(payee);
            back.entry(key).or_default().extend((rest > 0).then(|| (claim.label().to_owned(), rest)));
        }
    }
    Ok(back)
}

/// The packs that claims were judged by.
type Packs = BTreeMap<PackPin, Pack>;

/// What the pack of a claim says of its payment.
struct Terms {
    /// The most that is taken off what it owes.
    netted: BasisPoints,
    /// The first day of the month whose run it joins, where rule C10 says so.
    joins: Option<Date>,
}

async fn terms(store: &dyn Store, known: &mut Packs, claim: &Debt) -> Result<Terms, DeskError> {
    let pin = claim.pack().ok_or_else(|| DeskError::Unreadable {
        what: format!("`{}`", claim.label()),
        why: "it owes money, and names no pack that it was judged by".to_owned(),
    })?;
    let pack = match known.entry(pin.clone()) {
        Entry::Occupied(known) => known.into_mut(),
        Entry::Vacant(new) => new.insert(packs::pinned(store, pin).await?),
    };
    Ok(Terms { netted: pack.netted_at_most(), joins: claim.approved_at().and_then(|at| pack.joins_run_of(at)) })
}

/// Takes off a payable what its payee owes, up to the part that may be taken.
fn net(back: &mut Back, payee: &PartyId, amount: Money, most: BasisPoints) -> Vec<Netted> {
    // A part of an amount is less than the amount, so that it always fits.
    let part = most.of(amount, Rounding::Down).map_or(0, |part| part.minor);
    // A payment of nothing is none: the bank gets one minor unit at least.
    let mut left = part.min(amount.minor.saturating_sub(1));
    let mut netted = Vec::new();
    for (claim, rest) in back.get_mut(&(payee.clone(), amount.currency)).into_iter().flatten() {
        let taken = left.min(*rest);
        if taken > 0 {
            netted.push(Netted { claim: claim.clone(), amount: Money { minor: taken, ..amount } });
            *rest -= taken;
            left -= taken;
        }
    }
    netted
}
