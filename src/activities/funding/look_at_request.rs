//! Looking whether claims on a request have yet to be decided.

use async_trait::async_trait;
use entente_core::context::funding::{CLAIM_REQUEST_KEY, ClaimPaper, LOOK_AT_REQUEST, ORDER_REQUEST_KEY, OrderPaper};
use jiff::Timestamp;
use serde::Deserialize;
use serde_json::{Value, json};

use super::{Books, read, records, settled, unread};
use crate::{
    activities::{Activity, Attempt, Call},
    funding::stored::{self, Stored},
};

/// `request.look`.
pub struct LookAtRequest {
    books: Option<Books>,
}

#[derive(Deserialize)]
struct Request {
    request: String,
    /// The last instant at which it may be claimed.
    claim_by: Option<Timestamp>,
}

impl LookAtRequest {
    /// Looks at these records.
    pub fn new(books: Option<Books>) -> LookAtRequest {
        LookAtRequest { books }
    }

    async fn look(&self, call: &Call) -> Result<Value, Box<Attempt>> {
        let Request { request, claim_by } = read(&call.request)?;
        let store = records(self.books.as_ref())?.store.as_ref();
        let claims = stored::by_key::<ClaimPaper>(store, CLAIM_REQUEST_KEY, &request).await.map_err(unread)?;
        let orders = stored::by_key::<OrderPaper>(store, ORDER_REQUEST_KEY, &request).await.map_err(unread)?;
        let under_way = claims.iter().any(|claim| is_under_way(claim, claim_by))
            || orders.iter().any(|order| is_undecided(order, claim_by));
        Ok(json!({ "under_way": under_way }))
    }
}

/// Whether a claim came in time, and nothing was decided on it yet; of an advance, whether its proof has yet to be.
fn is_under_way(claim: &Stored<ClaimPaper>, claim_by: Option<Timestamp>) -> bool {
    let decided = ["committed", "payable", "paid", "recovering"].into_iter().any(|tag| claim.has(tag));
    let in_time = claim.sheet.course.first_submitted_at.is_some_and(|at| claim_by.is_none_or(|by| at <= by));
    let decided = decided && claim.sheet.course.open_advance().is_none();
    in_time && !decided && !claim.row.snapshot.ended
}

/// Whether an order came in time and is not issued yet.
fn is_undecided(order: &Stored<OrderPaper>, claim_by: Option<Timestamp>) -> bool {
    let in_time = order.sheet.course.submitted_at.is_some_and(|at| claim_by.is_none_or(|by| at <= by));
    in_time && order.sheet.course.issued.is_none() && !order.row.snapshot.ended
}

#[async_trait]
impl Activity for LookAtRequest {
    fn name(&self) -> &'static str {
        LOOK_AT_REQUEST
    }

    fn only_looks(&self) -> bool {
        true
    }

    async fn perform(&self, call: &Call) -> Attempt {
        settled(self.look(call).await)
    }
}
