//! A fund as the rules see it: its paper, and what the ledger says of it.

use std::collections::{BTreeMap, BTreeSet};

use entente_core::{
    context::funding::{BUDGET_KEY, FundPaper, REQUEST_FUND_KEY, RequestPaper},
    ledger::Account,
    mdf::model::{Budget, Fund, FundUnit},
    money::Money,
    scope::Scope,
};
use entente_store::{BalanceFilter, Store};

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
    let given =
        stands.get(&Account::Allocated).map_or(zero, |debt| Money { minor: debt.minor.saturating_neg(), ..zero });
    // What was paid out of it before Entente is no part of what it was given here.
    let before = past::paid(store, Some(paper.fund.as_str()), None).await?;
    let before = before.get(&zero.currency).copied().unwrap_or(zero);
    let others: Vec<Stored<RequestPaper>> = stored::by_key(store, REQUEST_FUND_KEY, paper.fund.as_str()).await?;
    let (mut requested, mut by_category) = (zero, BTreeMap::new());
    // Of requests that nobody has granted, those that came before count: later ones do not stop it, nor do they each other.
    let order = |one: &Stored<RequestPaper>| (one.sheet.course.submitted_at, one.label().to_owned());
    let mine = others.iter().find(|other| Some(other.label()) == own).map(order);
    let counts = |other: &&Stored<RequestPaper>| {
        let before = mine.as_ref().is_none_or(|mine| order(other) < *mine);
        Some(other.label()) != own && !other.row.snapshot.ended && (before || other.sheet.course.granted.is_some())
    };
    for other in others.iter().filter(counts) {
        let asked = other.sheet.course.granted.unwrap_or(other.sheet.paper.amount);
        if asked.currency != zero.currency || other.has("editable") {
            continue;
        }
        requested = requested.plus(asked)?;
        if let (Some(category), Some(granted)) = (&other.sheet.paper.category, other.sheet.course.granted) {
            let so_far = by_category.entry(category.clone()).or_insert(zero);
            *so_far = so_far.plus(granted)?;
        }
    }
    Ok(Fund {
        id: paper.fund.clone(),
        kind: paper.kind,
        unit: FundUnit::Money,
        opened_on: paper.from,
        usage_until: paper.until,
        allocated: given.plus(before)?,
        reserved: of(&[Account::Reserved, Account::Posted, Account::Payable, Account::Prepaid])?,
        spent: of(&[Account::Paid, Account::Clawback])?.plus(before)?,
        expired: of(&[Account::Lapsed])?,
        requested,
        granted_by_category: by_category,
        budget: Budget {
            amount: paper.budget.amount,
            allocated: of_budget(store, paper).await?,
            from: paper.budget.from,
            until: paper.budget.until,
        },
        accrual: None,
        changes: Vec::new(),
        queue: Vec::new(),
        movements: Vec::new(),
        statements: Vec::new(),
    })
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

/// What all funds of the same budget have been given, and what was paid out of them before Entente.
///
/// # Errors
/// When the database cannot be read, or a fund is of another currency.
pub async fn of_budget(store: &dyn Store, paper: &FundPaper) -> Result<Money, DeskError> {
    let funds: Vec<Stored<FundPaper>> = stored::by_key(store, BUDGET_KEY, &paper.budget.name).await?;
    let currency = paper.budget.amount.currency;
    let mut given = Money::sum(currency, funds.iter().filter_map(|fund| fund.sheet.course.allocated))?;
    let ids: BTreeSet<&str> = funds.iter().map(|fund| fund.sheet.paper.fund.as_str()).collect();
    for fund in ids {
        let before = past::paid(store, Some(fund), None).await?;
        given = given.plus(before.get(&currency).copied().unwrap_or(Money::zero(currency)))?;
    }
    Ok(given)
}
