//! What is owed to partners and suppliers and in no payout run, with what is claimed back from them taken off.

use std::collections::{BTreeMap, BTreeSet};

use entente_core::{
    context::funding::{Item, Netted, PayableStatus},
    ids::{LegalEntityId, PartyId},
    mdf::{BasisPoints, PackPin},
    money::{Currency, Money, Rounding},
};
use entente_store::Store;
use jiff::Timestamp;

use super::{debt::Debt, packs, tax::Taxes};
use crate::offers::DeskError;

/// The tag of claims and orders that owe something.
const PAYABLE: &str = "payable";

/// The tag of claims whose money is claimed back.
const RECOVERING: &str = "recovering";

/// The tag of claims whose advance has yet to be proven; a part of it may be claimed back.
const ADVANCED: &str = "advanced";

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
    let mut taxes = Taxes::of(store, entity, now).await?;
    let mut back = claimed_back(store, entity).await?;
    let mut packs = Packs::new();
    let mut items = Vec::new();
    for claim in Debt::tagged(store, PAYABLE).await? {
        let named = only.is_empty() || only.contains(claim.label());
        let Some(fund) = claim.fund().cloned().filter(|_| named) else { continue };
        if claim.legal_entity() != entity {
            continue;
        }
        let most = netted_at_most(store, &mut packs, &claim).await?;
        let owed = claim.payables().filter(|one| one.status == PayableStatus::Owed);
        for payable in owed.filter(|one| one.amount.minor > 0) {
            let (payee, amount) = (payable.payee.clone(), payable.amount);
            // What may not be paid now is listed all the same: the run leaves it out, and says why.
            let withheld = taxes.withheld(payable).await?.unwrap_or_default();
            let rest = withheld.map_or(Ok(amount), |withheld| amount.minus(withheld))?;
            let netted = net(&mut back, &payee, rest, most);
            items.push(Item { claim: claim.label().to_owned(), payee, fund: fund.clone(), amount, netted, withheld });
        }
    }
    items.sort_by(|a, b| (&a.claim, &a.payee).cmp(&(&b.claim, &b.payee)));
    Ok(items)
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

/// The most that is taken off what a claim owes, by the packs that claims were judged by.
type Packs = BTreeMap<PackPin, BasisPoints>;

async fn netted_at_most(store: &dyn Store, packs: &mut Packs, claim: &Debt) -> Result<BasisPoints, DeskError> {
    let pin = claim.pack().ok_or_else(|| DeskError::Unreadable {
        what: format!("`{}`", claim.label()),
        why: "it owes money, and names no pack that it was judged by".to_owned(),
    })?;
    if let Some(known) = packs.get(pin) {
        return Ok(*known);
    }
    let most = packs::pinned(store, pin).await?.netted_at_most();
    packs.insert(pin.clone(), most);
    Ok(most)
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
