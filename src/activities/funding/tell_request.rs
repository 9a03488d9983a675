//! Telling a request what was claimed of it.

use async_trait::async_trait;
use entente_core::{context::funding::TELL_REQUEST, money::Money};
use serde::Deserialize;
use serde_json::{Value, json};

use super::{Books, decided, failed, read, records, refused, settled, unread};
use crate::{
    activities::{Activity, Attempt, Call},
    funding::{stored, tell::Told},
};

/// `claim.tell_request`.
pub struct TellRequest {
    books: Option<Books>,
}

#[derive(Deserialize)]
struct Request {
    request: String,
    claim: String,
    amount: Money,
    closing: bool,
    /// Whether it is what the proof of an advance shows beyond it.
    #[serde(default)]
    further: bool,
    /// Which of several times an order was issued.
    #[serde(default)]
    revision: Option<u32>,
}

impl TellRequest {
    /// Tells it through these records.
    pub fn new(books: Option<Books>) -> TellRequest {
        TellRequest { books }
    }

    async fn tell(&self, call: &Call) -> Result<Value, Box<Attempt>> {
        let Request { request, claim, amount, closing, further, revision } = read(&call.request)?;
        let books = records(self.books.as_ref())?;
        let store = books.store.as_ref();
        let asked = stored::request(store, &request).await.map_err(unread)?;
        let told = Told {
            to: asked.row.snapshot.run,
            id: match revision {
                Some(revision) => format!("claimed/{revision}"),
                None => if further { "claimed/proof" } else { "claimed" }.to_owned(),
            },
            event: "claimed",
            data: json!({ "claim": claim, "amount": amount, "closing": closing, "further": further }),
            until: None,
        };
        let verdicts = decided(books, call, std::slice::from_ref(&told)).await?;
        match refused(verdicts.get(&told.id)) {
            None => Ok(Value::Null),
            Some(why) => Err(failed(format!("`{request}`: {why}"), None)),
        }
    }
}

#[async_trait]
impl Activity for TellRequest {
    fn name(&self) -> &'static str {
        TELL_REQUEST
    }

    async fn perform(&self, call: &Call) -> Attempt {
        settled(self.tell(call).await)
    }
}
