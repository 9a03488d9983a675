//! A fund as the rules see it: its paper, and what the ledger says of it.

use std::collections::{BTreeMap, BTreeSet};

use entente_core::{
    context::funding::{ACCRUAL_FUND_KEY, AccrualPaper, BUDGET_KEY, FundPaper, REQUEST_FUND_KEY, RequestPaper},
    ids::FundId,
    ledger::Account,
    mdf::model::{Accrual, Budget, Fund, FundKind, FundUnit, Queued},
    money::{Currency, Money},
    scope::Scope,
};
use entente_store::{BalanceFilter, Store};
use jiff::tz::TimeZone;

use super::request::takes;
use crate::{
    funding::{
        import::past,
        stored::{self, Stored},
    },
    offers::DeskError,
};

/// A fund as it stands; what requests other than `own` ask of it is counted.
pub(super) async fn model(store: &dyn Store, found: &Stored<FundPaper>, own: Option<&str>) -> Result<Fund, DeskError> {
    let paper = &found.sheet.paper;
    let zero = Money::zero(paper.amount.currency);
    let stands = balances(store, paper).await?;
    let of = |accounts: &[Account]| {
        accounts.iter().try_fold(zero, |sum, account| sum.plus(stands.get(account).copied().unwrap_or(zero)))
    };
    // What was earned and may not be used yet is no part of what requests may ask for.
    let given = given(&stands, zero.currency).minus(of(&[Account::Earned])?)?;
    // What was paid out of it before Entente is no part of what it was given here.
    let before = past::paid(store, &paper.fund).await?;
    let before = before.get(&zero.currency).copied().unwrap_or(zero);
    let others: Vec<Stored<RequestPaper>> = stored::by_key(store, REQUEST_FUND_KEY, paper.fund.as_str()).await?;
    let requested = requested(&others, own, zero)?;
    let granted_by_category = granted_by_category(&others, own, zero.currency)?;
    Ok(Fund {
        id: paper.fund.clone(),
        kind: paper.kind,
        unit: FundUnit::Money,
        opened_on: paper.from,
        usage_until: paper.until,
        allocated: given.plus(before)?,
        // What is owed of what came twice is nothing that the fund holds.
        reserved: of(&[Account::Reserved, Account::Posted, Account::Payable, Account::Surplus, Account::Prepaid])?,
        spent: of(&[Account::Paid, Account::Clawback])?.plus(before)?,
        expired: of(&[Account::Lapsed])?,
        requested,
        granted_by_category,
        budget: Budget {
            amount: paper.budget.amount,
            allocated: of_budget(store, paper).await?,
            from: paper.budget.from,
            until: paper.budget.until,
        },
        accrual: earnings(store, paper).await?,
        changes: Vec::new(),
        queue: queue(&others, own, paper.amount.currency)?,
        movements: Vec::new(),
        statements: None,
    })
}

/// What other requests ask of a fund and have not claimed yet. Of those that nobody has granted, the ones that came before count:
/// later ones do not stop it, nor do they each other.
fn requested(others: &[Stored<RequestPaper>], own: Option<&str>, zero: Money) -> Result<Money, DeskError> {
    let order = |one: &Stored<RequestPaper>| (one.sheet.course.submitted_at, one.label().to_owned());
    let mine = others.iter().find(|other| Some(other.label()) == own).map(order);
    let counts = |other: &&Stored<RequestPaper>| {
        let before = mine.as_ref().is_none_or(|mine| order(other) < *mine);
        Some(other.label()) != own
            && !other.row.snapshot.ended
            && !other.has("editable")
            && (before || other.sheet.course.granted.is_some())
    };
    let asked =
        others.iter().filter(counts).map(|other| other.sheet.course.granted.unwrap_or(other.sheet.paper.amount));
    asked.filter(|asked| asked.currency == zero.currency).try_fold(zero, |sum, asked| Ok(sum.plus(asked)?))
}

/// What other requests take of each category, ended ones with what was claimed of them.
fn granted_by_category(
    others: &[Stored<RequestPaper>],
    own: Option<&str>,
    currency: Currency,
) -> Result<BTreeMap<String, Money>, DeskError> {
    let mut by_category = BTreeMap::new();
    for other in others.iter().filter(|other| Some(other.label()) != own) {
        let (Some(category), Some(taken)) = (&other.sheet.paper.category, takes(other)) else { continue };
        if taken.currency == currency {
            let so_far = by_category.entry(category.clone()).or_insert(Money::zero(currency));
            *so_far = so_far.plus(taken)?;
        }
    }
    Ok(by_category)
}

/// Who waits for money, the longest waiting first. The request at hand stands where it came; one that has not waited yet, at the
/// end.
fn queue(others: &[Stored<RequestPaper>], own: Option<&str>, currency: Currency) -> Result<Vec<Queued>, DeskError> {
    let since = |one: &Stored<RequestPaper>| one.sheet.course.waits_since.map(|at| (at, one.label().to_owned()));
    let fits = |one: &&Stored<RequestPaper>| !one.row.snapshot.ended && one.sheet.paper.amount.currency == currency;
    let mut waiting: Vec<_> = others
        .iter()
        .filter(fits)
        .filter(|one| !one.has("editable") || Some(one.label()) == own)
        .filter_map(since)
        .collect();
    waiting.sort_unstable();
    let queued = waiting
        .into_iter()
        .map(|(at, label)| Ok(Queued { request: label.parse()?, since: at.to_zoned(TimeZone::UTC).date() }));
    queued.collect()
}

/// What was earned last, once it was divided between the fund and a rebate.
async fn earnings(store: &dyn Store, paper: &FundPaper) -> Result<Option<Accrual>, DeskError> {
    let runs: Vec<Stored<AccrualPaper>> = stored::by_key(store, ACCRUAL_FUND_KEY, paper.fund.as_str()).await?;
    let last = runs
        .into_iter()
        .filter(|run| run.row.snapshot.ended && run.has("success"))
        .max_by_key(|run| run.sheet.paper.until);
    Ok(last.and_then(|run| run.sheet.divided()))
}

/// What stands on each account of a fund, in its currency.
///
/// # Errors
/// When the database cannot be read.
pub async fn balances(store: &dyn Store, paper: &FundPaper) -> Result<BTreeMap<Account, Money>, DeskError> {
    let currency = paper.amount.currency;
    let filter =
        BalanceFilter { fund: Some(paper.fund.to_string()), currency: Some(currency), as_of: None, by_key: false };
    let stands = store.balances(&Scope::vendor(), &filter).await?;
    Ok(stands.into_iter().map(|at| (at.account, Money { minor: at.minor, currency })).collect())
}

/// What a fund has been given, by what stands on its accounts: by people, and by other funds that passed it on.
pub fn given(stands: &BTreeMap<Account, Money>, currency: Currency) -> Money {
    let debt = stands.get(&Account::Allocated).map_or(0, |debt| debt.minor);
    Money { minor: debt.saturating_neg(), currency }
}

/// What a fund takes of its budget: what it has been given; where it is filled by earnings, all that it may earn, which is set
/// aside for it, earned or not.
pub fn taken(kind: FundKind, limit: Money, given: Money) -> Money {
    match kind {
        FundKind::Accrual if limit.minor > given.minor => limit,
        FundKind::Accrual | FundKind::Discretionary => given,
    }
}

/// What all funds of the same budget have been given, and what was paid out of them before Entente.
///
/// # Errors
/// When the database cannot be read, or a fund is of another currency.
pub async fn of_budget(store: &dyn Store, paper: &FundPaper) -> Result<Money, DeskError> {
    let funds: Vec<Stored<FundPaper>> = stored::by_key(store, BUDGET_KEY, &paper.budget.name).await?;
    let zero = Money::zero(paper.budget.amount.currency);
    let mut sum = zero;
    for fund in &funds {
        let Some(limit) = fund.sheet.course.allocated else { continue };
        let theirs = &fund.sheet.paper;
        let own = given(&balances(store, theirs).await?, theirs.amount.currency);
        // Nothing more is earned in a fund that is over.
        let over = fund.row.snapshot.ended;
        sum = sum.plus(if over { own } else { taken(theirs.kind, limit, own) })?;
    }
    let ids: BTreeSet<&FundId> = funds.iter().map(|fund| &fund.sheet.paper.fund).collect();
    for fund in ids {
        let before = past::paid(store, fund).await?;
        sum = sum.plus(before.get(&zero.currency).copied().unwrap_or(zero))?;
    }
    Ok(sum)
}
