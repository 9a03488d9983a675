//! Taking payables into a payout run: each claim is told, and says whether its payable is free.

use std::collections::BTreeSet;

use async_trait::async_trait;
use entente_core::{
    context::funding::{GATHER, GatheredItem, Item, LeftOut, PayableStatus},
    ids::{PartyId, PersonId},
};
use serde::Deserialize;
use serde_json::{Value, json};

use super::message;
use crate::{
    activities::{
        Activity, Attempt, Call,
        funding::{Books, decided, read, records, refused, settled, unread},
    },
    funding::{
        afterwards::Sight,
        apart::Hands,
        debt::Debt,
        paying::{self, Unfit},
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

impl Gather {
    /// Gathers from these records.
    pub fn new(books: Option<Books>) -> Gather {
        Gather { books }
    }

    async fn gather(&self, call: &Call) -> Result<Value, Box<Attempt>> {
        let Request { payout, items, former_partners } = read(&call.request)?;
        let books = records(self.books.as_ref())?;
        let (store, world) = (books.store.as_ref(), books.world.borrow().clone());
        let sight = Sight { store, room: &books.evidence, world: &world, now: call.now };
        let (mut ready, mut left_out, mut given_back) = (Vec::new(), Vec::new(), Vec::new());
        for item in items {
            match paying::looked_at(sight, item, &former_partners).await.map_err(unread)? {
                Ok(one) => ready.push(one),
                Err(unfit) => {
                    let Unfit { item, debt, why } = *unfit;
                    // An attempt that was cut off may have taken it, before it could no longer be paid.
                    if is_here(&debt, &item, &payout) {
                        given_back.push(message(&debt, "unschedule", &payout, &item));
                    }
                    left_out.push(left(item, why));
                }
            }
        }
        let told: Vec<_> = ready.iter().map(|one| message(&one.debt, "schedule", &payout, &one.item)).collect();
        let answers = decided(books, call, &told).await?;
        let (mut gathered, mut hands) = (Vec::new(), Hands::default());
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
            hands.extend(&one.hands);
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
        let hands = hands.in_words();
        let concerned: BTreeSet<&PersonId> = hands.keys().collect();
        Ok(json!({ "items": items, "left_out": left_out, "concerned": concerned, "hands": hands }))
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
