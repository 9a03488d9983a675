//! Taking payables into a payout run: each claim is told, and says whether its payable is free.

use std::collections::{BTreeMap, BTreeSet};

use async_trait::async_trait;
use entente_core::{
    context::funding::{BankReference, GATHER, GatheredItem, Item, LeftOut, PartnerPaper, PayableStatus, Sheet},
    ids::{PartyId, PersonId},
    mdf::model::PartnerStatus,
};
use jiff::{SignedDuration, Timestamp};
use serde::Deserialize;
use serde_json::{Value, json};

use super::{may_be_paid, message};
use crate::{
    activities::{
        Activity, Attempt, Call,
        funding::{Books, decided, read, records, refused, settled, unread},
    },
    funding::{
        case,
        debt::Debt,
        packs,
        stored::{self, Stored},
        tax::Taxes,
    },
};

/// `payout.gather`.
pub struct Gather {
    books: Option<Books>,
}

#[derive(Deserialize)]
struct Request {
    payout: String,
    items: Vec<Item>,
    #[serde(default)]
    former_partners: BTreeSet<PartyId>,
}

/// An item whose payee may be paid.
struct Ready {
    item: Item,
    claim: Debt,
    partner: Stored<PartnerPaper>,
    bank: BankReference,
}

impl Gather {
    /// Gathers from these records.
    pub fn new(books: Option<Books>) -> Gather {
        Gather { books }
    }

    async fn gather(&self, call: &Call) -> Result<Value, Box<Attempt>> {
        let Request { payout, items, former_partners } = read(&call.request)?;
        let books = records(self.books.as_ref())?;
        let store = books.store.as_ref();
        let (mut ready, mut left_out, mut given_back) = (Vec::new(), Vec::new(), Vec::new());
        for item in items {
            let claim = Debt::of(store, &item.claim).await.map_err(unread)?;
            match self.ready(&item, claim, &former_partners, call.now).await? {
                Ok(one) => ready.push(one),
                Err((claim, why)) => {
                    // An attempt that was cut off may have taken it, before it could no longer be paid.
                    if is_here(&claim, &item, &payout) {
                        given_back.push(message(&claim, "unschedule", &payout, &item));
                    }
                    left_out.push(left(item, why));
                }
            }
        }
        let told: Vec<_> = ready.iter().map(|one| message(&one.claim, "schedule", &payout, &one.item)).collect();
        let answers = decided(books, call, &told).await?;
        let (mut gathered, mut concerned) = (Vec::new(), BTreeSet::new());
        for (one, sent) in ready.into_iter().zip(&told) {
            if let Some(why) = refused(answers.get(&sent.id)) {
                left_out.push(left(one.item, why));
                continue;
            }
            // The claim holds the payable for this run now, so what it says of the amount stays so.
            let claim = Debt::of(store, &one.item.claim).await.map_err(unread)?;
            if let Some(why) = differs(&claim, &one.item, &payout) {
                given_back.push(message(&claim, "unschedule", &payout, &one.item));
                left_out.push(left(one.item, why));
                continue;
            }
            concerned.extend(people(&claim, &one.partner.sheet, &one.bank));
            gathered.push((one.item, one.bank));
        }
        decided(books, call, &given_back).await?;
        let items = gathered.into_iter().enumerate().map(|(at, (item, bank))| GatheredItem {
            end_to_end_id: item.end_to_end_id(&payout, at),
            item,
            bank: bank.sha256,
            bank_shown: bank.shown,
        });
        let items: Vec<GatheredItem> = items.collect();
        Ok(json!({ "items": items, "left_out": left_out, "concerned": concerned }))
    }

    /// Whether the payee of an item may be paid now, or why not.
    async fn ready(
        &self,
        item: &Item,
        claim: Debt,
        former: &BTreeSet<PartyId>,
        now: Timestamp,
    ) -> Result<Result<Ready, (Debt, String)>, Box<Attempt>> {
        let store = records(self.books.as_ref())?.store.as_ref();
        let partner = stored::partner(store, &item.payee).await.map_err(unread)?;
        let waits = match claim.pack() {
            Some(pin) => packs::pinned(store, pin).await.map_err(unread)?.cool_down_days(),
            None => return Ok(Err((claim, "it names no pack that it was judged by".to_owned()))),
        };
        let unfit = match unfit(&partner, former, waits, now) {
            Some(why) => Some(why),
            None => self.untaxed(item, &claim, now).await?,
        };
        let unfit = match unfit {
            Some(why) => Some(why),
            None => self.unfit_netting(item).await?,
        };
        let bank = partner.sheet.course.confirmed().cloned();
        Ok(match (unfit, bank) {
            (Some(why), _) => Err((claim, why)),
            (None, Some(bank)) => Ok(Ready { item: item.clone(), claim, partner, bank }),
            (None, None) => Err((claim, format!("partner `{}` has no bank details", item.payee))),
        })
    }

    /// Why taxes stand in the way of an item: a document is missing, or another amount is to be withheld by now.
    async fn untaxed(&self, item: &Item, claim: &Debt, now: Timestamp) -> Result<Option<String>, Box<Attempt>> {
        let store = records(self.books.as_ref())?.store.as_ref();
        let payable = claim.payable_of(&item.payee);
        let Some(payable) = payable else { return Ok(None) };
        let mut taxes = Taxes::of(store, claim.legal_entity(), now).await.map_err(unread)?;
        Ok(match taxes.withheld(payable).await.map_err(unread)? {
            Err(why) => Some(why),
            Ok(withheld) if withheld != item.withheld => {
                Some("what is withheld of it has changed; make a new run".to_owned())
            }
            Ok(_) => None,
        })
    }

    /// Why what is to be taken off an item is not claimed back from its payee.
    async fn unfit_netting(&self, item: &Item) -> Result<Option<String>, Box<Attempt>> {
        let store = records(self.books.as_ref())?.store.as_ref();
        let mut taken: BTreeMap<&str, i64> = BTreeMap::new();
        for netted in &item.netted {
            let other = Debt::of(store, &netted.claim).await.map_err(unread)?;
            let open = other.open_back(&item.payee);
            let taken = taken.entry(&netted.claim).or_default();
            *taken = taken.saturating_add(netted.amount.minor);
            if *taken > open {
                return Ok(Some(format!("less than {} is claimed back on `{}`", netted.amount, netted.claim)));
            }
        }
        Ok(None)
    }
}

/// Why a partner may not be paid now, taxes apart. New bank details wait for so many days, counted from their confirmation.
fn unfit(partner: &Stored<PartnerPaper>, former: &BTreeSet<PartyId>, waits: u32, now: Timestamp) -> Option<String> {
    let payee = &partner.sheet.paper.partner;
    if !may_be_paid(partner, former) {
        return Some(match case::status(partner) {
            PartnerStatus::Left => format!("partner `{payee}` has left; name it in `former_partners` to pay it"),
            _ => format!("partner `{payee}` is not in business"),
        });
    }
    let Some(bank) = partner.sheet.course.confirmed() else {
        return Some(format!("the bank details of partner `{payee}` are not confirmed by a second person"));
    };
    match bank.confirmed_at.unwrap_or(bank.at).checked_add(SignedDuration::from_hours(24 * i64::from(waits))) {
        Ok(ripe) if ripe <= now => None,
        _ => Some(format!("the bank details of partner `{payee}` are new; they wait for {waits} days")),
    }
}

/// Whether a payable is held for a run.
fn is_here(claim: &Debt, item: &Item, payout: &str) -> bool {
    claim
        .payable_of(&item.payee)
        .is_some_and(|owed| owed.status == PayableStatus::Scheduled && owed.payout.as_deref() == Some(payout))
}

/// Why what a claim owes is not what the run was to pay.
fn differs(claim: &Debt, item: &Item, payout: &str) -> Option<String> {
    let Some(owed) = claim.payable_of(&item.payee) else { return Some("nothing is owed to this payee".into()) };
    match is_here(claim, item, payout) {
        false => Some("its payable is in another run".into()),
        true if claim.fund() != Some(&item.fund) => Some("another fund pays it".into()),
        true if owed.amount != item.amount => Some(format!("{} is owed, and not {}", owed.amount, item.amount)),
        true => None,
    }
}

/// Everybody who asked for the money, submitted the claim, gains by it or entered the bank details.
fn people(claim: &Debt, partner: &Sheet<PartnerPaper>, bank: &BankReference) -> BTreeSet<PersonId> {
    claim.people().into_iter().chain(partner.paper.requesters.iter().chain([&bank.by]).cloned()).collect()
}

fn left(item: Item, why: String) -> LeftOut {
    LeftOut { claim: item.claim, payee: item.payee, why }
}

#[async_trait]
impl Activity for Gather {
    fn name(&self) -> &'static str {
        GATHER
    }

    async fn perform(&self, call: &Call) -> Attempt {
        settled(self.gather(call).await)
    }
}
