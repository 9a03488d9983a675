//! Holding an accrual run against its sales, its plan, its fund and earlier runs; and looking whether the fund takes it.

use std::collections::BTreeSet;

use async_trait::async_trait;
use entente_core::{
    context::funding::{
        ACCRUAL_FUND_KEY, ACCRUAL_PARTNER_KEY, AccrualPaper, CHECK_ACCRUAL, FundPaper, LOOK_AT_ACCRUAL,
    },
    mdf::{Pack, earnings::EarningTerms, model::FundKind},
    money::Money,
};
use entente_store::Store;
use jiff::{Timestamp, ToSpan as _, civil::Date};
use serde::Deserialize;
use serde_json::{Value, json};

use super::{Books, failed, read, records, settled, unread};
use crate::{
    activities::{Activity, Attempt, Call},
    funding::{
        packs, plans, sales,
        stored::{self, Stored},
    },
};

#[derive(Deserialize)]
struct Request {
    paper: AccrualPaper,
}

/// `accrual.check`.
pub struct CheckAccrual {
    books: Option<Books>,
}

impl CheckAccrual {
    /// Checks by these records.
    pub fn new(books: Option<Books>) -> CheckAccrual {
        CheckAccrual { books }
    }

    async fn check(&self, call: &Call) -> Result<Value, Box<Attempt>> {
        let Request { paper } = read(&call.request)?;
        let store = records(self.books.as_ref())?.store.as_ref();
        let fund = stored::fund(store, &paper.fund).await.map_err(unread)?;
        fits(&fund, &paper)?;
        let pack = packs::find(store, &fund.sheet.paper.pack).await.map_err(unread)?;
        let terms = EarningTerms::of(&pack, paper.earned.currency);
        in_time(&paper, &terms, &pack, call.now)?;
        figures(store, &paper).await?;
        counted_once(store, &paper, &call.label).await?;
        let room = within_limit(store, &fund.sheet.paper, &paper, &call.label).await?;
        let partner = stored::partner(store, &paper.partner).await.map_err(unread)?;
        Ok(json!({ "terms": terms, "room": room, "partners_people": partner.sheet.paper.requesters }))
    }
}

/// Whether the fund is the partner's own, filled by what it earns.
fn fits(fund: &Stored<FundPaper>, paper: &AccrualPaper) -> Result<(), Box<Attempt>> {
    let theirs = &fund.sheet.paper;
    let refuse = |message: String, field: &str| Err(failed(message, Some(field)));
    if !fund.has("open") {
        return refuse(format!("fund `{}` is not open; choose another fund", theirs.fund), "/fund");
    }
    if theirs.kind != FundKind::Accrual {
        let message = format!("fund `{}` is given and not earned; choose one of kind `accrual`", theirs.fund);
        return refuse(message, "/fund");
    }
    if theirs.partners != BTreeSet::from([paper.partner.clone()]) {
        let message = format!("fund `{}` is not the fund of `{}` alone; choose another", theirs.fund, paper.partner);
        return refuse(message, "/fund");
    }
    if theirs.legal_entity != paper.legal_entity {
        let message = format!("fund `{}` is paid by `{}`; name that legal entity", theirs.fund, theirs.legal_entity);
        return refuse(message, "/legal_entity");
    }
    if theirs.amount.currency != paper.earned.currency {
        let message = format!("fund `{}` is in {}; enter a report in it", theirs.fund, theirs.amount.currency);
        return refuse(message, "/earned");
    }
    Ok(())
}

/// Whether the period is over in the programme's zone, and as long as the pack says.
fn in_time(paper: &AccrualPaper, terms: &EarningTerms, pack: &Pack, now: Timestamp) -> Result<(), Box<Attempt>> {
    let today = now.to_zoned(pack.zone.clone()).date();
    if paper.until >= today {
        return Err(failed(format!("{} is not over; enter the report afterwards", paper.until), Some("/until")));
    }
    let last = |months: u32| -> Option<Date> {
        paper.from.checked_add(i64::from(months).months()).ok()?.checked_sub(1.day()).ok()
    };
    match terms.months {
        Some(months) if last(months).is_none_or(|last| paper.until > last) => {
            let message = format!("earnings are counted for {months} months at most (E7); enter a shorter period");
            Err(failed(message, Some("/until")))
        }
        _ => Ok(()),
    }
}

/// Whether the figures of the paper follow from the rows that are kept.
async fn figures(store: &dyn Store, paper: &AccrualPaper) -> Result<(), Box<Attempt>> {
    let plan = plans::find(store, &paper.plan).await.map_err(unread)?;
    let rows = sales::get(store, &paper.sales).await.map_err(unread)?;
    let theirs =
        rows.iter().all(|sale| sale.partner == paper.partner && paper.from <= sale.on && sale.on <= paper.until);
    if !theirs {
        return Err(failed(
            "it has rows of another partner or period; withdraw the run and enter the report anew",
            Some("/sales"),
        ));
    }
    let lines = plan.earned(&rows).map_err(|error| failed(error.to_string(), Some("/lines")))?;
    if lines != paper.lines {
        return Err(failed(
            "the figures do not follow from the rows; withdraw the run and enter the report anew",
            Some("/lines"),
        ));
    }
    Ok(())
}

/// Runs of the same partner that were submitted, and neither declined nor taken back.
async fn earlier(
    store: &dyn Store,
    kind: &str,
    value: &str,
    label: &str,
) -> Result<Vec<Stored<AccrualPaper>>, Box<Attempt>> {
    let mut runs: Vec<Stored<AccrualPaper>> = stored::by_key(store, kind, value).await.map_err(unread)?;
    runs.retain(|run| run.label() != label && run.sheet.course.terms.is_some());
    runs.retain(|run| !run.has("failure") && !run.has("cancelled"));
    Ok(runs)
}

/// Whether no sale of it has counted in another run.
async fn counted_once(store: &dyn Store, paper: &AccrualPaper, label: &str) -> Result<(), Box<Attempt>> {
    let mine = sales::get(store, &paper.sales).await.map_err(unread)?;
    let mine: BTreeSet<(&str, &str)> = mine.iter().map(|sale| (sale.reference.as_str(), sale.sku.as_str())).collect();
    for run in earlier(store, ACCRUAL_PARTNER_KEY, paper.partner.as_str(), label).await? {
        let theirs = sales::get(store, &run.sheet.paper.sales).await.map_err(unread)?;
        let twice = theirs.iter().find(|sale| mine.contains(&(sale.reference.as_str(), sale.sku.as_str())));
        if let Some(twice) = twice {
            let message = format!(
                "sale `{}` of `{}` counts in `{}` already; withdraw the run and enter the report without it",
                twice.reference,
                twice.sku,
                run.label()
            );
            return Err(failed(message, Some("/sales")));
        }
    }
    Ok(())
}

/// What the fund may still earn, where that is enough.
async fn within_limit(
    store: &dyn Store,
    fund: &FundPaper,
    paper: &AccrualPaper,
    label: &str,
) -> Result<Money, Box<Attempt>> {
    let others = earlier(store, ACCRUAL_FUND_KEY, fund.fund.as_str(), label).await?;
    let earned = |run: &Stored<AccrualPaper>| run.sheet.course.decided.as_ref().map(|decided| decided.earned);
    let others = others.iter().map(|run| earned(run).unwrap_or(run.sheet.paper.earned));
    let room = Money::sum(paper.earned.currency, others).and_then(|others| fund.amount.minus(others));
    let room = room.map_err(|error| failed(error.to_string(), Some("/earned")))?;
    if paper.earned.minor <= room.minor {
        return Ok(room);
    }
    let message = format!("fund `{}` may earn {room} more of its {}; change the fund", fund.fund, fund.amount);
    Err(failed(message, Some("/earned")))
}

#[async_trait]
impl Activity for CheckAccrual {
    fn name(&self) -> &'static str {
        CHECK_ACCRUAL
    }

    fn only_looks(&self) -> bool {
        true
    }

    async fn perform(&self, call: &Call) -> Attempt {
        settled(self.check(call).await)
    }
}

/// `accrual.look`.
pub struct LookAtAccrual {
    books: Option<Books>,
}

impl LookAtAccrual {
    /// Looks at these records.
    pub fn new(books: Option<Books>) -> LookAtAccrual {
        LookAtAccrual { books }
    }

    async fn look(&self, call: &Call) -> Result<Value, Box<Attempt>> {
        let Request { paper } = read(&call.request)?;
        let store = records(self.books.as_ref())?.store.as_ref();
        let fund = stored::fund(store, &paper.fund).await.map_err(unread)?;
        Ok(json!({ "open": fund.has("open") }))
    }
}

#[async_trait]
impl Activity for LookAtAccrual {
    fn name(&self) -> &'static str {
        LOOK_AT_ACCRUAL
    }

    fn only_looks(&self) -> bool {
        true
    }

    async fn perform(&self, call: &Call) -> Attempt {
        settled(self.look(call).await)
    }
}
