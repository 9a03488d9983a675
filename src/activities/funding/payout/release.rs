//! Giving every payable of a payout run back to its claim.

use async_trait::async_trait;
use entente_core::context::funding::{Item, RELEASE};
use serde::Deserialize;
use serde_json::Value;

use super::message;
use crate::{
    activities::{
        Activity, Attempt, Call,
        funding::{Books, decided, read, records, settled, unread},
    },
    funding::debt::Debt,
};

/// `payout.release`.
pub struct Release {
    books: Option<Books>,
}

#[derive(Deserialize)]
struct Request {
    payout: String,
    items: Vec<Item>,
}

impl Release {
    /// Gives back through these records.
    pub fn new(books: Option<Books>) -> Release {
        Release { books }
    }

    async fn release(&self, call: &Call) -> Result<Value, Box<Attempt>> {
        let Request { payout, items } = read(&call.request)?;
        let books = records(self.books.as_ref())?;
        let store = books.store.as_ref();
        let mut told = Vec::new();
        for item in &items {
            let claim = Debt::of(store, &item.claim).await.map_err(unread)?;
            told.push(message(&claim, "unschedule", &payout, item));
        }
        // A claim that does not hold the payable for this run has nothing to give back, and says so.
        decided(books, call, &told).await?;
        Ok(Value::Null)
    }
}

#[async_trait]
impl Activity for Release {
    fn name(&self) -> &'static str {
        RELEASE
    }

    async fn perform(&self, call: &Call) -> Attempt {
        settled(self.release(call).await)
    }
}
