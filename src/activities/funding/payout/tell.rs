//! Telling claims what the bank has answered.

use async_trait::async_trait;
use entente_core::{
    context::funding::{GatheredItem, Item, ItemOutcome, Settled, TELL},
    money::Money,
};
use serde::Deserialize;
use serde_json::{Value, json};

use super::{about, claim_of};
use crate::{
    activities::{
        Activity, Attempt, Call,
        funding::{Books, decided, read, records, refused, settled, unread},
    },
    funding::tell::Told,
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

    async fn tell(&self, call: &Call) -> Result<Value, Attempt> {
        let Request { payout, answers } = read(&call.request)?;
        let books = records(self.books.as_ref())?;
        let store = books.store.as_ref();
        let (mut told, mut claims) = (Vec::new(), Vec::new());
        for Answer { item, answer } in &answers {
            let claim = claim_of(store, &item.item.claim).await.map_err(unread)?;
            let mut data = json!({
                "payout": payout, "payee": item.item.payee, "outcome": answer.outcome, "why": answer.why,
            });
            if let (Some(on), Some(fields)) = (answer.on, data.as_object_mut()) {
                fields.insert("on".into(), json!(on));
            }
            if let (ItemOutcome::Returned, Some(fields), Some(netted)) =
                (answer.outcome, data.as_object_mut(), netted(&item.item))
            {
                fields.insert("netted".into(), json!(netted));
            }
            let on = answer.on.map(|on| on.to_string()).unwrap_or_default();
            let id = format!("settle/{}/{}/{on}", item.end_to_end_id, word(answer.outcome));
            told.push(Told { to: claim.row.snapshot.run, id, event: "settle", data });
            claims.push(item.item.claim.clone());
            for netted in item.item.netted.iter().filter(|_| answer.outcome == ItemOutcome::Paid) {
                let back = claim_of(store, &netted.claim).await.map_err(unread)?;
                let id = format!("netted/{}/{}", item.end_to_end_id, netted.claim);
                let data = json!({ "amount": netted.amount, "how": "netted", "payout": payout });
                told.push(Told { to: back.row.snapshot.run, id, event: "recovered", data });
                claims.push(netted.claim.clone());
            }
        }
        let verdicts = decided(books, call, &told).await?;
        for (one, claim) in told.iter().zip(&claims) {
            if let Some(why) = refused(verdicts.get(&one.id)) {
                return Err(about(claim, &why));
            }
        }
        Ok(Value::Null)
    }
}

/// What of an item was taken off for what is claimed back; `None` where that is nothing.
fn netted(item: &Item) -> Option<Money> {
    let net = item.net().ok()?;
    item.amount.minus(net).ok().filter(|netted| netted.minor > 0)
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
