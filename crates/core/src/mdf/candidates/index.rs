//! An index of earlier claims in memory.

use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;

use super::{
    bands::day_number,
    key::{Key, KeyKind},
    keys::{address_key, asked_where, kept},
    reach::Reach,
};
use crate::{
    ids::{ClaimId, PartyId},
    mdf::{
        model::{EarlierClaim, InvoiceUse},
        rules::likeness::{folded, picture_distance},
    },
    money::{Money, Rounding},
};

/// Earlier claims, found by what could be alike. An answer never holds more of one key than its kind needs: see
/// [`Found::cut`].
#[derive(Debug, Default)]
pub struct Candidates {
    /// In the order in which they came; empty where one was removed.
    slots: Vec<Option<EarlierClaim>>,
    by_claim: BTreeMap<ClaimId, usize>,
    by_key: BTreeMap<Key, Vec<usize>>,
}

/// The earlier claims that are worth comparing.
#[derive(Debug, Clone)]
pub struct Found<'a> {
    /// The claims, oldest first, each once and never the one that asks.
    pub earlier: Vec<&'a EarlierClaim>,
    /// What it took.
    pub work: Work,
    /// Keys that more claims share than were looked at.
    pub cut: Vec<Cut>,
}

/// What finding took.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub struct Work {
    /// Keys that were asked for.
    pub keys: usize,
    /// Claims that were looked at, those of several keys several times.
    pub compared: usize,
}

/// A key that more claims share than were looked at.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Cut {
    /// The key.
    #[serde(flatten)]
    pub key: Key,
    /// How many claims share it.
    pub claims: usize,
    /// How many were looked at, the newest.
    pub looked_at: usize,
}

/// How many claims of one key are looked at, the newest; all where `None`.
fn most(kind: KeyKind) -> Option<usize> {
    match kind {
        // Sums and orders are made of them: none may be missing. A use beyond the total is refused and adds none.
        KeyKind::Invoice | KeyKind::Activity => None,
        // One proves as much as all.
        KeyKind::File => Some(16),
        // What is cut off here is found by supplier and by number.
        KeyKind::Near => Some(128),
        // So many of one supplier, amount and week make the price usual: then the number decides, which has its own key.
        KeyKind::NearSupplier | KeyKind::NearNumber => Some(128),
        // A picture of which there are so many is found in any of them, and by its four other parts.
        KeyKind::Picture => Some(2_048),
        // Witnesses: F3 and F7 count to eight at most.
        KeyKind::Price => Some(12),
        KeyKind::Address => Some(RESIDENTS),
    }
}

/// How many claims bear witness to an address: one per partner and party named there.
const RESIDENTS: usize = 24;

impl Candidates {
    /// An empty index.
    pub fn new() -> Candidates {
        Candidates::default()
    }

    /// How many claims it holds.
    pub fn len(&self) -> usize {
        self.by_claim.len()
    }

    /// Whether it holds none.
    pub fn is_empty(&self) -> bool {
        self.by_claim.is_empty()
    }

    /// Adds a claim, in place of the one with its id.
    pub fn add(&mut self, claim: EarlierClaim) {
        self.remove(&claim.claim);
        let slot = self.slots.len();
        for key in kept(&claim) {
            let holders = self.by_key.entry(key.clone()).or_default();
            if key.kind() != KeyKind::Address || bears_witness(&self.slots, holders, &key, &claim) {
                holders.push(slot);
            }
        }
        self.by_claim.insert(claim.claim.clone(), slot);
        self.slots.push(Some(claim));
    }

    /// Removes a claim, such as one that was refused or withdrawn; whether there was one.
    pub fn remove(&mut self, claim: &ClaimId) -> bool {
        let Some(slot) = self.by_claim.remove(claim) else { return false };
        let Some(old) = self.slots.get_mut(slot).and_then(Option::take) else { return false };
        for key in kept(&old) {
            if let Some(holders) = self.by_key.get_mut(&key) {
                holders.retain(|holder| *holder != slot);
                if holders.is_empty() {
                    self.by_key.remove(&key);
                }
            }
        }
        true
    }

    /// The earlier claims that are worth comparing with this one.
    pub fn of(&self, claim: &EarlierClaim, reach: Reach) -> Found<'_> {
        let mut found: BTreeSet<usize> = BTreeSet::new();
        let (mut work, mut cut) = (Work::default(), Vec::new());
        // The finer keys are needed only where the coarse one is cut.
        for key in &asked_where(claim, reach, |near| self.is_crowded(near)) {
            work.keys += 1;
            let Some(holders) = self.by_key.get(key) else { continue };
            let looked_at = most(key.kind()).unwrap_or(holders.len()).min(holders.len());
            let witnesses = matches!(key.kind(), KeyKind::Price | KeyKind::Address);
            if looked_at < holders.len() && !witnesses {
                cut.push(Cut { key: key.clone(), claims: holders.len(), looked_at });
            }
            for slot in holders.iter().rev().take(looked_at) {
                if found.contains(slot) {
                    continue;
                }
                let Some(other) = held(&self.slots, *slot).filter(|other| other.claim != claim.claim) else { continue };
                work.compared += 1;
                if is_worth(key.kind(), claim, other, reach) {
                    found.insert(*slot);
                }
            }
        }
        let earlier = found.iter().filter_map(|slot| held(&self.slots, *slot)).collect();
        Found { earlier, work, cut }
    }

    /// Whether more claims share a key than are looked at.
    fn is_crowded(&self, key: &Key) -> bool {
        let held = self.by_key.get(key).map_or(0, Vec::len);
        most(key.kind()).is_some_and(|most| held > most)
    }
}

/// The claim in a slot, unless it was removed.
fn held(slots: &[Option<EarlierClaim>], slot: usize) -> Option<&EarlierClaim> {
    slots.get(slot).and_then(Option::as_ref)
}

/// Whether a partner names somebody at an address whom it does not in the address's holders, and more than enough are not
/// there yet.
fn bears_witness(slots: &[Option<EarlierClaim>], holders: &[usize], key: &Key, claim: &EarlierClaim) -> bool {
    let there = |claim: &EarlierClaim| -> BTreeSet<(PartyId, String)> {
        let there = claim.parties().filter(|(_, address)| address_key(address).as_ref() == Some(key));
        there.map(|(party, _)| (claim.partner.clone(), folded(party))).collect()
    };
    let known: BTreeSet<(PartyId, String)> =
        holders.iter().filter_map(|slot| held(slots, *slot)).flat_map(there).collect();
    holders.len() < RESIDENTS && !there(claim).is_subset(&known)
}

/// Whether what brought two claims to one band holds when it is looked at closely.
fn is_worth(kind: KeyKind, claim: &EarlierClaim, other: &EarlierClaim, reach: Reach) -> bool {
    match kind {
        KeyKind::Near | KeyKind::NearSupplier | KeyKind::NearNumber => {
            claim.invoices.iter().any(|own| other.invoices.iter().any(|one| within(own, one, reach)))
        }
        KeyKind::Picture => {
            let near = |own: &u64| other.pictures.iter().any(|one| picture_distance(*own, *one) <= reach.picture_bits);
            claim.pictures.iter().any(near)
        }
        KeyKind::File | KeyKind::Invoice | KeyKind::Activity | KeyKind::Price | KeyKind::Address => true,
    }
}

/// Whether two invoices are within reach by amount and date.
fn within(own: &InvoiceUse, one: &InvoiceUse, reach: Reach) -> bool {
    let (left, right): (Money, Money) = (own.total, one.total);
    let apart = left.minor.abs_diff(right.minor);
    let allowed = reach.amount.of(left, Rounding::Up).map(|allowed| allowed.minor.unsigned_abs()).unwrap_or(0);
    let days = day_number(own.date).abs_diff(day_number(one.date));
    left.currency == right.currency && apart <= allowed && days <= u64::from(reach.days)
}
