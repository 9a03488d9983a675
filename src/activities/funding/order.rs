//! Checking orders to suppliers, and looking at what they are invoiced.

use async_trait::async_trait;
use entente_core::{
    context::funding::{CHECK_ORDER, MATCH_ORDER, OrderPaper, OrderTerms, Paper as _, PartnerPaper, RequestPaper},
    mdf::model::PartnerStatus,
    scope::Scope,
};
use serde_json::{Value, json};

use super::{Books, failed, records, settled, unread};
use crate::{
    activities::{Activity, Attempt, Call},
    funding::{
        case, orders, packs,
        stored::{self, Stored, typed},
    },
};

/// What a supplier's record has as its kind.
pub const SUPPLIER: &str = "supplier";

/// `order.check`.
pub struct CheckOrder {
    books: Option<Books>,
}

/// `order.match`.
pub struct MatchOrder {
    books: Option<Books>,
}

/// The order of a call, as it stands.
async fn order(books: &Books, call: &Call) -> Result<Stored<OrderPaper>, Box<Attempt>> {
    let row = books.store.run(&Scope::vendor(), call.run).await.map_err(|error| unread(error.into()))?;
    typed(row.ok_or_else(|| failed("its run is not there", None))?).map_err(unread)
}

impl CheckOrder {
    /// Checks against these records.
    pub fn new(books: Option<Books>) -> CheckOrder {
        CheckOrder { books }
    }

    async fn check(&self, call: &Call) -> Result<Value, Box<Attempt>> {
        let books = records(self.books.as_ref())?;
        let store = books.store.as_ref();
        let order = order(books, call).await?;
        let paper = &order.sheet.paper;
        let asked = stored::request(store, &paper.request).await.map_err(unread)?;
        pays(&asked, &order)?;
        let supplier = stored::partner(store, &paper.supplier.party).await.map_err(unread)?;
        delivers(&supplier, paper)?;
        let partner = stored::partner(store, &paper.partner).await.map_err(unread)?;
        let fund = stored::fund(store, &asked.sheet.paper.fund).await.map_err(unread)?;
        let pack = packs::find(store, &fund.sheet.paper.pack).await.map_err(unread)?.pin();
        let world = books.world.borrow().clone();
        let policy = world.policies.of(OrderPaper::NAME);
        let terms = OrderTerms::of(&policy.terms)
            .map_err(|why| failed(format!("policy `{}` version {}: {why}", policy.name, policy.version), None))?;
        let tied = orders::tied(store, &world, &order, call.now).await.map_err(unread)?;
        let people = partner.sheet.paper.requesters.iter().chain(&supplier.sheet.paper.requesters);
        Ok(json!({
            "fund": asked.sheet.paper.fund,
            "pack": pack,
            "supplier_name": supplier.sheet.paper.name,
            "concerned": people.collect::<Vec<_>>(),
            "tied": tied,
            "terms": terms,
        }))
    }
}

/// Whether a request pays for an order like this at all. What it still holds is for the ledger to say.
fn pays(asked: &Stored<RequestPaper>, order: &Stored<OrderPaper>) -> Result<(), Box<Attempt>> {
    let refuse = |message: String, field: &str| Err(failed(message, Some(field)));
    let (label, theirs, paper) = (asked.label(), &asked.sheet.paper, &order.sheet.paper);
    if theirs.partner != paper.partner || theirs.legal_entity != paper.legal_entity {
        return refuse(
            format!("request `{label}` is not of `{}` at `{}`", paper.partner, paper.legal_entity),
            "/request",
        );
    }
    let Some(granted) = asked.sheet.course.granted else {
        return refuse(format!("request `{label}` is not granted; nothing is ordered before it is"), "/request");
    };
    if order.sheet.course.issued.is_none() && !asked.has("money_reserved") {
        return refuse(format!("nothing is held for request `{label}` any longer; it is over"), "/request");
    }
    if paper.currency != granted.currency {
        let currency = granted.currency;
        return refuse(format!("request `{label}` was granted in {currency}; order in {currency}"), "/currency");
    }
    Ok(())
}

/// Whether somebody is a supplier that may be ordered from.
fn delivers(supplier: &Stored<PartnerPaper>, paper: &OrderPaper) -> Result<(), Box<Attempt>> {
    let known = &supplier.sheet.paper;
    let refuse = |message: String| Err(failed(message, Some("/supplier/party")));
    if known.kind != SUPPLIER {
        return refuse(format!(
            "`{}` is of kind `{}`; order from somebody of kind `{SUPPLIER}`",
            known.partner, known.kind
        ));
    }
    if known.legal_entity != paper.legal_entity {
        return refuse(format!("`{}` delivers to `{}`; name that legal entity", known.partner, known.legal_entity));
    }
    match case::status(supplier) {
        PartnerStatus::Active => Ok(()),
        _ => refuse(format!("supplier `{}` is not in business; wait until it is onboarded", known.partner)),
    }
}

#[async_trait]
impl Activity for CheckOrder {
    fn name(&self) -> &'static str {
        CHECK_ORDER
    }

    async fn perform(&self, call: &Call) -> Attempt {
        settled(self.check(call).await)
    }
}

impl MatchOrder {
    /// Looks into these records.
    pub fn new(books: Option<Books>) -> MatchOrder {
        MatchOrder { books }
    }

    async fn look(&self, call: &Call) -> Result<Value, Box<Attempt>> {
        let books = records(self.books.as_ref())?;
        let order = order(books, call).await?;
        let world = books.world.borrow().clone();
        let found = orders::found(books.store.as_ref(), (&world, &books.evidence), &order, call.now).await;
        Ok(json!({ "found": found.map_err(unread)? }))
    }
}

#[async_trait]
impl Activity for MatchOrder {
    fn name(&self) -> &'static str {
        MATCH_ORDER
    }

    async fn perform(&self, call: &Call) -> Attempt {
        settled(self.look(call).await)
    }
}
