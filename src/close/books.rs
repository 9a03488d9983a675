//! What a month is closed from, read from the ledger and from what requests and claims said at its end.

use std::collections::{BTreeMap, BTreeSet};

use entente_core::{
    close::{FundFacts, Moved, OpenOrder, OpenRequest, Standing},
    context::funding::{CLAIM_REQUEST_KEY, ClaimPaper, OrderPaper, Paper},
    ids::{FundId, LegalEntityId},
    ledger::Account,
    mdf::statement::Period,
    money::Money,
    run::fold,
    scope::{Entities, Parties, Scope},
};
use entente_store::{AccountBalance, BalanceFilter, Store};
use jiff::{SignedDuration, Timestamp};

use super::{CloseError, months::Locked};
use crate::{
    audit::folded,
    funding::stored::{self, Stored, typed},
    ledger::journals::Reader,
    offers::DeskError,
};

/// The tags of claims whose money has left its request.
const COMMITTED: [&str; 4] = ["committed", "payable", "paid", "recovering"];

/// What the ledger's key of a request begins with.
const REQUEST: &str = "request/";

/// What the ledger's key of an order begins with.
const ORDER: &str = "order/";

/// A legal entity alone.
pub fn scope_of(entity: &LegalEntityId) -> Scope {
    Scope { entities: Entities::Only(BTreeSet::from([entity.clone()])), parties: Parties::All }
}

/// Journals of a legal entity that no locked month took.
pub struct Open {
    /// Those booked before the month's end, by number.
    pub journals: Vec<Moved>,
    /// The greatest number of any journal that was looked at.
    pub cut: i64,
}

/// Reads the journals that were booked before an instant and that no locked month took. A month took what had a number up
/// to its cut and was booked before its end: whatever came later is late, and belongs to the month that is open now.
///
/// # Errors
/// When the database cannot be read.
pub async fn open(
    store: &dyn Store,
    entity: &LegalEntityId,
    before: Timestamp,
    months: &[Locked],
) -> Result<Open, CloseError> {
    let mut taken = Vec::new();
    for month in months {
        taken.push((month.batch.cut, end_of(&Period::new(&month.batch.period, &month.batch.zone)?)?));
    }
    let mut open = Open { journals: Vec::new(), cut: taken.last().map_or(0, |(cut, _)| *cut) };
    let mut reader = Reader::within(scope_of(entity));
    while let Some(journal) = reader.next(store).await? {
        open.cut = open.cut.max(journal.no);
        let was_taken = taken.iter().any(|(cut, end)| journal.no <= *cut && journal.at < *end);
        if journal.at >= before || was_taken {
            continue;
        }
        // A bound such as "what is left" may have moved less than was asked for.
        let moved = journal.entries.iter().map(|entry| entry.minor).max().unwrap_or_default();
        let amount = Money { minor: moved, ..journal.posting.amount };
        let (fund, action) = (journal.posting.fund, journal.posting.action);
        open.journals.push(Moved { journal: journal.no, at: journal.at, fund, action, amount });
    }
    Ok(open)
}

/// The first instant after a month.
///
/// # Errors
/// When it lies beyond the calendar.
pub fn end_of(period: &Period) -> Result<Timestamp, CloseError> {
    period.ends_at().ok_or_else(|| entente_core::close::Refusal::BeyondCalendar.into())
}

/// What stood on each account, or on each key, just before an instant.
async fn stood(
    store: &dyn Store,
    entity: &LegalEntityId,
    before: Timestamp,
    by_key: bool,
) -> Result<Vec<AccountBalance>, CloseError> {
    let as_of = before.checked_sub(SignedDuration::from_micros(1)).unwrap_or(before);
    let filter = BalanceFilter { as_of: Some(as_of), by_key, ..BalanceFilter::default() };
    Ok(store.balances(&scope_of(entity), &filter).await?)
}

/// What stood on each account of the funds just before an instant.
///
/// # Errors
/// When the database cannot be read.
pub async fn standing(
    store: &dyn Store,
    entity: &LegalEntityId,
    before: Timestamp,
) -> Result<Vec<Standing>, CloseError> {
    let stood = stood(store, entity, before, false).await?;
    let of =
        |at: AccountBalance| Standing { fund: at.fund, currency: at.currency, account: at.account, minor: at.minor };
    Ok(stood.into_iter().map(of).collect())
}

/// What the books need of funds. One that nobody knows is left out, and the books refuse it by name.
///
/// # Errors
/// When the database cannot be read.
pub async fn funds(
    store: &dyn Store,
    named: impl Iterator<Item = &str>,
) -> Result<BTreeMap<String, FundFacts>, CloseError> {
    let mut funds = BTreeMap::new();
    for name in named.collect::<BTreeSet<_>>() {
        let Ok(id) = name.parse::<FundId>() else { continue };
        let paper = match stored::fund(store, &id).await {
            Ok(found) => found.sheet.paper,
            Err(DeskError::Store(entente_store::Error::NotFound { .. })) => continue,
            Err(error) => return Err(error.into()),
        };
        let (programme, kind, treatment) = (paper.programme, paper.kind, paper.treatment);
        funds.insert(name.to_owned(), FundFacts { programme, kind, treatment, cost_centre: paper.cost_centre });
    }
    Ok(funds)
}

/// The requests for which money was held at the end of a month, with what claims on them asked for by then.
///
/// # Errors
/// When the database cannot be read, or a history that is needed cannot be.
pub async fn requests(
    store: &dyn Store,
    entity: &LegalEntityId,
    period: &Period,
) -> Result<Vec<OpenRequest>, CloseError> {
    let before = end_of(period)?;
    let mut open = Vec::new();
    for at in stood(store, entity, before, true).await? {
        let label = at.key.strip_prefix(REQUEST).filter(|_| at.account == Account::Reserved && at.minor > 0);
        let Some(label) = label else { continue };
        let request = stored::request(store, label).await?;
        let granted = request.sheet.course.approved.as_deref().unwrap_or(&request.sheet.paper);
        let performed = granted.activity.end <= period.last_day();
        let mut claims = Vec::new();
        for claim in stored::by_key::<ClaimPaper>(store, CLAIM_REQUEST_KEY, label).await? {
            let label = claim.label().to_owned();
            claims.extend(asked(store, claim, before).await?.map(|amount| (label, amount)));
        }
        claims.sort_by(|a, b| a.0.cmp(&b.0));
        let held = Money { minor: at.minor, currency: at.currency };
        open.push(OpenRequest { request: label.to_owned(), fund: at.fund, held, performed, claims });
    }
    Ok(open)
}

/// The orders for which money was committed at the end of a month, with what was received of them by then and not invoiced.
///
/// # Errors
/// When the database cannot be read, or a history that is needed cannot be.
pub async fn orders(store: &dyn Store, entity: &LegalEntityId, period: &Period) -> Result<Vec<OpenOrder>, CloseError> {
    let before = end_of(period)?;
    let mut open = Vec::new();
    for at in stood(store, entity, before, true).await? {
        let label = at.key.strip_prefix(ORDER).filter(|_| at.account == Account::Posted && at.minor > 0);
        let Some(label) = label else { continue };
        let order = stored::by_label::<OrderPaper>(store, &Scope::vendor(), "order", label).await?;
        let then = as_it_was(store, order, before).await?;
        let committed = Money { minor: at.minor, currency: at.currency };
        let received = then.and_then(|then| then.sheet.course.received_uninvoiced());
        let received = received.unwrap_or(Money::zero(at.currency));
        open.push(OpenOrder { order: label.to_owned(), fund: at.fund, committed, received });
    }
    Ok(open)
}

/// What a claim asked for just before an instant, if it was submitted then and nobody had approved or ended it.
async fn asked(store: &dyn Store, claim: Stored<ClaimPaper>, before: Timestamp) -> Result<Option<Money>, CloseError> {
    let Some(then) = as_it_was(store, claim, before).await? else { return Ok(None) };
    let settled = then.row.snapshot.ended || COMMITTED.iter().any(|tag| then.has(tag));
    if then.has("advanced") {
        // What was paid in advance has left its request: a proof asks for what it shows beyond that.
        let further = then.sheet.unproven().filter(|_| then.sheet.is_proving());
        let further = further.and_then(|unproven| then.sheet.paper.amount.minus(unproven).ok());
        return Ok(further.filter(|further| further.minor > 0));
    }
    let submitted = then.sheet.course.first_submitted_at.is_some();
    Ok((submitted && !settled).then_some(then.sheet.paper.amount))
}

/// A paper as it was just before an instant, made of its history; nothing before it began.
async fn as_it_was<P: Paper>(
    store: &dyn Store,
    claim: Stored<P>,
    before: Timestamp,
) -> Result<Option<Stored<P>>, CloseError> {
    if claim.row.updated_at < before {
        return Ok(Some(claim));
    }
    if claim.row.created_at >= before {
        return Ok(None);
    }
    let mut records = folded::records(&folded::history(store, &claim.row).await?)?;
    let then = records.iter().position(|record| record.at >= before);
    records.truncate(then.unwrap_or(records.len()));
    let unreadable = |why: String| DeskError::Unreadable { what: format!("the history of `{}`", claim.label()), why };
    let snapshot = fold(&records).map_err(|error| unreadable(format!("{error}; restore its archive first")))?;
    let mut row = claim.row.clone();
    row.snapshot = snapshot;
    Ok(Some(typed(row)?))
}
