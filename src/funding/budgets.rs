//! Budgets: what was planned at first, what is expected by now, and what the ledger says became of it.
//!
//! A budget is what its funds say of it, the same in all of them, and never changes. What people expect to need of it is kept beside
//! it, version by version. It moves no money and no bound: funds are given no more than the budget has.

use std::collections::BTreeMap;

use entente_core::{
    context::funding::{BudgetPart, FundPaper},
    ids::{FundId, LegalEntityId, PersonId},
    money::Money,
    scope::Scope,
};
use entente_store::{RunFilter, Store, StoredDocument};
use jiff::{Timestamp, civil::Date};
use serde::{Deserialize, Serialize};

use super::{
    case,
    import::past,
    position::Position,
    stored::{self, Stored},
    versions::{self, Author},
};
use crate::offers::DeskError;

const KIND: &str = "budget_reforecast";

/// What somebody expects a budget to come to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Reforecast {
    /// Its number among those of the budget, from 1.
    pub version: u32,
    /// How much.
    pub amount: Money,
    /// Why.
    pub reason: String,
    /// Who says so.
    pub by: PersonId,
    /// When.
    pub at: Timestamp,
}

/// A fund of a budget.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Part {
    /// The label of its run.
    pub label: String,
    /// Its own id.
    pub fund: FundId,
    /// The state of its run.
    pub state: String,
    /// The legal entity that pays.
    pub legal_entity: LegalEntityId,
    /// How its money stands.
    #[serde(flatten)]
    pub position: Position,
}

/// A budget, as it stands.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Budget {
    /// Its name.
    pub budget: String,
    /// Its first day.
    pub from: Date,
    /// Its last day.
    pub until: Date,
    /// What it was at first, and stays.
    pub original: Money,
    /// What it is expected to come to; nothing while nobody has said so.
    pub reforecast: Option<Reforecast>,
    /// What its funds take of it: what they were given, what partners may earn at most, and what was paid before Entente.
    pub allocated: Money,
    /// What may still be given to funds.
    pub left: Money,
    /// What was spent of it: paid, whether or not it is claimed back by now, and paid before Entente.
    pub actual: Money,
    /// What was paid out of its funds before Entente, as lists that were brought in say.
    pub paid_before: Money,
    /// How the money of its funds stands.
    pub position: Position,
    /// Its funds that were ever given something.
    pub funds: Vec<Part>,
    /// Everything that it was expected to come to, oldest first.
    pub reforecasts: Vec<Reforecast>,
}

/// Why an expectation is not kept.
#[derive(Debug, thiserror::Error)]
pub enum NotKept {
    /// It is in another currency.
    #[error("{amount} is not in the currency of budget `{budget}`, which is {original}")]
    Currency {
        /// What is expected.
        amount: Money,
        /// The budget.
        budget: String,
        /// What it was at first.
        original: Money,
    },
    /// It is less than nothing.
    #[error("{0} is less than nothing; write what budget `{1}` is expected to come to in all")]
    Negative(Money, String),
    /// Somebody else was faster.
    #[error("somebody else has said what budget `{0}` is expected to come to meanwhile; look at it and repeat")]
    Overtaken(String),
    /// The records could not be read or written.
    #[error(transparent)]
    Records(#[from] DeskError),
}

/// Every budget all of whose funds are in reach, by name.
///
/// # Errors
/// When the database cannot be read, or amounts do not add.
pub async fn list(store: &dyn Store, scope: &Scope) -> Result<Vec<Budget>, DeskError> {
    let all = stored::papers::<FundPaper>(store, &Scope::vendor(), RunFilter::default()).await?;
    let mut by_name: BTreeMap<String, Vec<Stored<FundPaper>>> = BTreeMap::new();
    // A budget begins with the first fund that people agree to: until then anything may stand in its place.
    for fund in all.into_iter().filter(|fund| fund.sheet.course.allocated.is_some()) {
        by_name.entry(fund.sheet.paper.budget.name.clone()).or_default().push(fund);
    }
    let said = store.documents(KIND).await?;
    let mut budgets = Vec::new();
    for funds in by_name.into_values() {
        if funds.iter().all(|fund| scope.reaches(&fund.row.snapshot.home)) {
            budgets.extend(budget(store, &funds, &said).await?);
        }
    }
    Ok(budgets)
}

/// A budget by its name, where all of its funds are in reach.
///
/// # Errors
/// When there is none, or the database cannot be read.
pub async fn find(store: &dyn Store, scope: &Scope, name: &str) -> Result<Budget, DeskError> {
    let found = list(store, scope).await?.into_iter().find(|budget| budget.budget == name);
    found.ok_or_else(|| entente_store::Error::NotFound { kind: "budget", id: name.to_owned() }.into())
}

async fn budget(
    store: &dyn Store,
    funds: &[Stored<FundPaper>],
    said: &[StoredDocument],
) -> Result<Option<Budget>, DeskError> {
    let Some(first) = funds.first().map(|fund| &fund.sheet.paper) else { return Ok(None) };
    let BudgetPart { name, amount: original, from, until } = first.budget.clone();
    let zero = Money::zero(original.currency);
    // A fund whose id was used again has its accounts once.
    let by_id: BTreeMap<&FundId, &Stored<FundPaper>> =
        funds.iter().map(|fund| (&fund.sheet.paper.fund, fund)).collect();
    let (mut parts, mut position, mut paid_before) = (Vec::new(), None::<Position>, zero);
    for (id, fund) in by_id {
        let stands = case::stands(store, &fund.sheet.paper).await?;
        let part = part(fund, Position::of(&stands, original.currency)?);
        position = Some(match position {
            Some(sum) => sum.plus(part.position)?,
            None => part.position,
        });
        let before = past::paid(store, id).await?.get(&original.currency).copied().unwrap_or(zero);
        paid_before = paid_before.plus(before)?;
        parts.push(part);
    }
    let Some(position) = position else { return Ok(None) };
    let reforecasts = reforecasts(&name, said)?;
    let allocated = case::given_out_of(store, first).await?;
    Ok(Some(Budget {
        reforecast: reforecasts.last().cloned(),
        left: original.minus(allocated)?,
        actual: position.paid.plus(position.claimed_back)?.plus(paid_before)?,
        budget: name,
        from,
        until,
        original,
        allocated,
        paid_before,
        position,
        funds: parts,
        reforecasts,
    }))
}

fn part(fund: &Stored<FundPaper>, position: Position) -> Part {
    Part {
        label: fund.label().to_owned(),
        fund: fund.sheet.paper.fund.clone(),
        state: fund.row.snapshot.state.clone(),
        legal_entity: fund.sheet.paper.legal_entity.clone(),
        position,
    }
}

/// What a budget was expected to come to, oldest first.
fn reforecasts(budget: &str, said: &[StoredDocument]) -> Result<Vec<Reforecast>, DeskError> {
    let own = said.iter().filter(|document| document.name == budget);
    let mut all: Vec<Reforecast> = own
        .map(|document| serde_json::from_str(&document.text).map_err(|error| unreadable(budget, error.to_string())))
        .collect::<Result<_, _>>()?;
    all.sort_by_key(|one| one.version);
    Ok(all)
}

/// Keeps what somebody expects a budget to come to. The same again, by the same person and for the same reason, changes nothing.
///
/// # Errors
/// When the amount cannot be that of the budget, somebody else was faster, or the database cannot be written.
pub async fn reforecast(
    store: &dyn Store,
    budget: &Budget,
    (amount, reason): (Money, String),
    (by, at): (&PersonId, Timestamp),
) -> Result<Reforecast, NotKept> {
    let name = &budget.budget;
    if amount.currency != budget.original.currency {
        return Err(NotKept::Currency { amount, budget: name.clone(), original: budget.original });
    }
    if amount.minor < 0 {
        return Err(NotKept::Negative(amount, name.clone()));
    }
    let same = |one: &&Reforecast| one.amount == amount && one.reason == reason && one.by == *by;
    if let Some(again) = budget.reforecast.as_ref().filter(same) {
        return Ok(again.clone());
    }
    let version = budget.reforecast.as_ref().map_or(1, |newest| newest.version + 1);
    let expected = Reforecast { version, amount, reason, by: by.clone(), at };
    let text = serde_json::to_string(&expected).map_err(|error| unreadable(name, error.to_string()))?;
    let kept = versions::put(store, (KIND, name, version), &text, Author { by: by.as_str(), at }).await;
    match kept {
        Ok(_) => Ok(expected),
        Err(DeskError::Store(entente_store::Error::Conflict { .. })) => Err(NotKept::Overtaken(name.clone())),
        Err(error) => Err(error.into()),
    }
}

fn unreadable(budget: &str, why: String) -> DeskError {
    DeskError::Unreadable { what: format!("a re-forecast of budget `{budget}`"), why }
}
