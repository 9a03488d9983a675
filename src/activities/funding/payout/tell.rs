//! Telling claims what the bank has answered.

use std::collections::BTreeMap;

use async_trait::async_trait;
use entente_core::{
    context::funding::{GatheredItem, ItemOutcome, Netted, Settled, TELL},
    money::Money,
};
use serde::Deserialize;
use serde_json::{Value, json};

use super::about;
use crate::{
    activities::{
        Activity, Attempt, Call,
        funding::{Books, decided, read, records, refused, settled, unread},
    },
    funding::{debt::Debt, tell::Told},
};

/// `payout.tell`.
pub struct Tell {
    books: Option<Books>,
}

#[derive(Deserialize)]
struct Request {
    payout: String,
    answers: Vec<Answer>,
}

#[derive(Deserialize)]
struct Answer {
    item: GatheredItem,
    answer: Settled,
}

impl Tell {
    /// Tells them through these records.
    pub fn new(books: Option<Books>) -> Tell {
        Tell { books }
    }

    async fn tell(&self, call: &Call) -> Result<Value, Box<Attempt>> {
        let Request { payout, answers } = read(&call.request)?;
        let books = records(self.books.as_ref())?;
        // First the claims whose money is claimed back: what one of them no longer takes has not been paid, and stays owed.
        let mut taken_off = BTreeMap::new();
        for Answer { item, .. } in answers.iter().filter(|one| one.answer.outcome == ItemOutcome::Paid) {
            for netted in &item.item.netted {
                taken_off.insert((&item.end_to_end_id, &netted.claim), netting(books, &payout, item, netted).await?);
            }
        }
        let told: Vec<Told> = taken_off.values().cloned().collect();
        let verdicts = decided(books, call, &told).await?;
        let taken = |item: &GatheredItem, netted: &Netted| {
            let told = taken_off.get(&(&item.end_to_end_id, &netted.claim));
            told.is_some_and(|told| refused(verdicts.get(&told.id)).is_none())
        };
        let mut told = Vec::new();
        for Answer { item, answer } in &answers {
            // What came back is what the bank had paid; what was withheld or taken off stays so.
            let parts = item.item.netted.iter().filter(|netted| taken(item, netted)).map(|netted| netted.amount);
            let paid = answer.outcome == ItemOutcome::Paid;
            let parts = parts.chain(item.item.withheld.filter(|_| paid));
            let amount = item.item.net().and_then(|net| parts.clone().try_fold(net, Money::plus));
            let amount = amount.map_err(|error| about(&item.item.claim, &error.to_string()))?;
            told.push(settling(books, &payout, item, answer, amount).await?);
        }
        let verdicts = decided(books, call, &told).await?;
        for (one, Answer { item, .. }) in told.iter().zip(&answers) {
            if let Some(why) = refused(verdicts.get(&one.id)) {
                return Err(about(&item.item.claim, &why));
            }
        }
        let told: BTreeMap<&String, ItemOutcome> =
            answers.iter().map(|one| (&one.item.end_to_end_id, one.answer.outcome)).collect();
        Ok(json!({ "told": told }))
    }
}

/// Tells a claim that a part of what is claimed back has come by being taken off a payment. A refusal is asked about again only
/// until the payment is settled without it: what the payee is owed then is paid, and must not be taken off as well.
async fn netting(books: &Books, payout: &str, item: &GatheredItem, netted: &Netted) -> Result<Told, Box<Attempt>> {
    let claim = Debt::of(books.store.as_ref(), &netted.claim).await.map_err(unread)?;
    let id = format!("netted/{}/{}", item.end_to_end_id, netted.claim);
    let data = json!({ "amount": netted.amount, "how": "netted", "payee": item.item.payee, "payout": payout });
    let until = Some(settle_id(item, ItemOutcome::Paid));
    Ok(Told { to: claim.run(), id, event: "recovered", data, until })
}

/// Tells the claim of a payment what the bank has answered, and about how much of what it owes.
async fn settling(
    books: &Books,
    payout: &str,
    item: &GatheredItem,
    answer: &Settled,
    amount: Money,
) -> Result<Told, Box<Attempt>> {
    let claim = Debt::of(books.store.as_ref(), &item.item.claim).await.map_err(unread)?;
    let (to, payee) = (claim.run(), &item.item.payee);
    let (event, data) = match answer.outcome {
        ItemOutcome::Paid => {
            let withheld = item.item.withheld;
            let data =
                json!({ "payout": payout, "payee": payee, "amount": amount, "withheld": withheld, "on": answer.on });
            ("settle", data)
        }
        outcome => (
            "came_back",
            json!({
                "payout": payout, "payee": payee, "amount": amount, "outcome": outcome, "on": answer.on, "why": answer.why,
            }),
        ),
    };
    Ok(Told { to, id: settle_id(item, answer.outcome), event, data, until: None })
}

fn settle_id(item: &GatheredItem, outcome: ItemOutcome) -> String {
    format!("settle/{}/{}", item.end_to_end_id, word(outcome))
}

fn word(outcome: ItemOutcome) -> &'static str {
    match outcome {
        ItemOutcome::Paid => "paid",
        ItemOutcome::Rejected => "rejected",
        ItemOutcome::Returned => "returned",
    }
}

#[async_trait]
impl Activity for Tell {
    fn name(&self) -> &'static str {
        TELL
    }

    async fn perform(&self, call: &Call) -> Attempt {
        settled(self.tell(call).await)
    }
}
