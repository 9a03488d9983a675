//! Taking payables into a payout run: each claim is told, and says whether its payable is free.

use std::collections::{BTreeMap, BTreeSet};

use async_trait::async_trait;
use entente_core::{
    context::funding::{
        BankReference, ClaimPaper, GATHER, GatheredItem, Item, LeftOut, PartnerPaper, PayableStatus, Sheet,
    },
    ids::PersonId,
    mdf::model::PartnerStatus,
};
use jiff::{SignedDuration, Timestamp};
use serde::Deserialize;
use serde_json::{Value, json};

use super::{claim_of, message};
use crate::{
    activities::{
        Activity, Attempt, Call,
        funding::{Books, decided, read, records, refused, settled, unread},
    },
    funding::{
        case,
        stored::{self, Stored},
    },
};

/// How long new bank details wait before money goes there, counted from their confirmation: rule F11's default.
const COOL_DOWN: SignedDuration = SignedDuration::from_hours(5 * 24);

/// `payout.gather`.
pub struct Gather {
    books: Option<Books>,
}

#[derive(Deserialize)]
struct Request {
    payout: String,
    items: Vec<Item>,
}

/// An item whose payee may be paid.
struct Ready {
    item: Item,
    claim: Stored<ClaimPaper>,
    partner: Stored<PartnerPaper>,
    bank: BankReference,
}

impl Gather {
    /// Gathers from these records.
    pub fn new(books: Option<Books>) -> Gather {
        Gather { books }
    }

    async fn gather(&self, call: &Call) -> Result<Value, Attempt> {
        let Request { payout, items } = read(&call.request)?;
        let books = records(self.books.as_ref())?;
        let store = books.store.as_ref();
        let (mut ready, mut left_out, mut given_back) = (Vec::new(), Vec::new(), Vec::new());
        for item in items {
            match self.ready(&item, call.now).await? {
                Ok(one) => ready.push(one),
                Err(why) => {
                    // An attempt that was cut off may have taken it, before it could no longer be paid.
                    let claim = claim_of(store, &item.claim).await.map_err(unread)?;
                    if is_here(&claim.sheet, &item, &payout) {
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
            let claim = claim_of(store, &one.item.claim).await.map_err(unread)?;
            if let Some(why) = differs(&claim.sheet, &one.item, &payout) {
                given_back.push(message(&claim, "unschedule", &payout, &one.item));
                left_out.push(left(one.item, why));
                continue;
            }
            concerned.extend(people(&claim.sheet, &one.partner.sheet, &one.bank));
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
    async fn ready(&self, item: &Item, now: Timestamp) -> Result<Result<Ready, String>, Attempt> {
        let store = records(self.books.as_ref())?.store.as_ref();
        let claim = claim_of(store, &item.claim).await.map_err(unread)?;
        let partner = stored::partner(store, &item.payee).await.map_err(unread)?;
        let today = now.to_zoned(jiff::tz::TimeZone::UTC).date();
        let payee = &item.payee;
        if case::status(&partner) != PartnerStatus::Active {
            return Ok(Err(format!("partner `{payee}` is not in business")));
        }
        if !partner.sheet.paper.tax_verified_on(today) {
            return Ok(Err(format!("no tax document of partner `{payee}` is in force and checked")));
        }
        let Some(bank) = partner.sheet.course.confirmed().cloned() else {
            return Ok(Err(format!("the bank details of partner `{payee}` are not confirmed by a second person")));
        };
        let ripe = bank.confirmed_at.unwrap_or(bank.at).checked_add(COOL_DOWN);
        match ripe {
            Ok(at) if at <= now => {}
            _ => return Ok(Err(format!("the bank details of partner `{payee}` are new; they wait for five days"))),
        }
        if let Some(why) = self.unfit_netting(item).await? {
            return Ok(Err(why));
        }
        Ok(Ok(Ready { item: item.clone(), claim, partner, bank }))
    }

    /// Why what is to be taken off an item is not claimed back from its payee.
    async fn unfit_netting(&self, item: &Item) -> Result<Option<String>, Attempt> {
        let store = records(self.books.as_ref())?.store.as_ref();
        let mut taken: BTreeMap<&str, i64> = BTreeMap::new();
        for netted in &item.netted {
            let other = claim_of(store, &netted.claim).await.map_err(unread)?;
            let back = other.sheet.course.clawback.as_ref().filter(|back| back.payee == item.payee);
            let open = back.map_or(0, |back| back.amount.minor - back.recovered.map_or(0, |there| there.minor));
            let taken = taken.entry(&netted.claim).or_default();
            *taken = taken.saturating_add(netted.amount.minor);
            if *taken > open {
                return Ok(Some(format!("less than {} is claimed back on `{}`", netted.amount, netted.claim)));
            }
        }
        Ok(None)
    }
}

/// Whether a payable is held for a run.
fn is_here(claim: &Sheet<ClaimPaper>, item: &Item, payout: &str) -> bool {
    claim
        .payable_of(&item.payee)
        .is_some_and(|owed| owed.status == PayableStatus::Scheduled && owed.payout.as_deref() == Some(payout))
}

/// Why what a claim owes is not what the run was to pay.
fn differs(claim: &Sheet<ClaimPaper>, item: &Item, payout: &str) -> Option<String> {
    let Some(owed) = claim.payable_of(&item.payee) else { return Some("nothing is owed to this payee".into()) };
    match is_here(claim, item, payout) {
        false => Some("its payable is in another run".into()),
        true if claim.course.fund.as_ref() != Some(&item.fund) => Some("another fund pays it".into()),
        true if owed.amount != item.amount => Some(format!("{} is owed, and not {}", owed.amount, item.amount)),
        true => None,
    }
}

/// Everybody who asked for the money, submitted the claim, gains by it or entered the bank details.
fn people(claim: &Sheet<ClaimPaper>, partner: &Sheet<PartnerPaper>, bank: &BankReference) -> BTreeSet<PersonId> {
    let asked = claim.authors.iter().chain(&claim.course.submitted_by);
    asked.chain(&partner.paper.requesters).chain([&bank.by]).cloned().collect()
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
