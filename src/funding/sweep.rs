//! What may be done with money that is likely to lapse: given back, passed on to another fund, or given more time.

use entente_core::{
    context::funding::FundPaper,
    ids::{FundId, PersonId},
    mdf::model::FundKind,
    money::Money,
    scope::Scope,
};
use entente_store::{RunFilter, Store};
use jiff::{Timestamp, civil::Date};
use serde::Serialize;

use super::{
    case,
    stored::{self, Stored},
    utilisation::{self, Seen},
};
use crate::offers::DeskError;

/// How many days people have to agree, as the chart has it; a fund that is given money is open for longer.
pub const PEOPLE_HAVE: i64 = 31;

/// One way to keep money from lapsing.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case", tag = "do")]
pub enum Way {
    /// It goes back to the budget.
    Release {
        /// How much.
        amount: Money,
        /// The budget.
        budget: String,
    },
    /// Another fund is given it.
    Reallocate {
        /// How much.
        amount: Money,
        /// The fund.
        to: FundId,
        /// Who answers for that one.
        owner: PersonId,
    },
    /// The fund gets more time.
    Extend {
        /// How much may be used until then.
        amount: Money,
        /// The latest last day: that of the budget.
        until: Date,
    },
}

/// What may be done with a fund, as it stands now.
#[derive(Debug, Clone, Serialize)]
pub struct Proposal {
    /// How it stands.
    #[serde(flatten)]
    pub seen: Seen,
    /// What may be done.
    pub ways: Vec<Way>,
}

/// What may be done with what a fund is likely to let lapse; nothing where it lets nothing lapse.
///
/// # Errors
/// When the database cannot be read, or amounts do not add.
pub async fn proposal(
    store: &dyn Store,
    scope: &Scope,
    fund: &Stored<FundPaper>,
    now: Timestamp,
) -> Result<Option<Proposal>, DeskError> {
    let all = utilisation::open_funds(store, scope, now).await?;
    let paper = &fund.sheet.paper;
    let Some(seen) = all.iter().find(|seen| seen.fund == paper.fund).cloned() else { return Ok(None) };
    let amount = seen.forecast.likely_to_lapse;
    let mut ways = Vec::new();
    if amount.minor > 0 && !is_changing(fund) {
        // What a partner has earned is not for others.
        if paper.kind == FundKind::Discretionary {
            ways.push(Way::Release { amount, budget: paper.budget.name.clone() });
            for other in all.iter().filter(|other| other.fund != paper.fund) {
                ways.extend(reallocation(store, paper, other, amount).await?);
            }
        }
        let until = paper.budget.until;
        ways.extend((until > paper.until).then_some(Way::Extend { amount, until }));
    }
    Ok(Some(Proposal { seen, ways }))
}

/// Passing it on to another fund, as far as that one's budget allows; a fund that lets money lapse itself needs none.
async fn reallocation(
    store: &dyn Store,
    from: &FundPaper,
    other: &Seen,
    amount: Money,
) -> Result<Option<Way>, DeskError> {
    let target = stored::fund(store, &other.fund).await?;
    let to = &target.sheet.paper;
    let same =
        to.legal_entity == from.legal_entity && to.amount.currency == from.amount.currency && to.kind == from.kind;
    let lasts = other.forecast.days_left > PEOPLE_HAVE;
    if !same || !lasts || is_changing(&target) || other.forecast.likely_to_lapse.minor > 0 {
        return Ok(None);
    }
    if passes_on_to(store, &to.fund, None).await?.is_some() {
        return Ok(None);
    }
    let room = match to.budget.name == from.budget.name {
        true => amount,
        false => to.budget.amount.minus(case::given_out_of(store, to).await?)?,
    };
    let amount = Money { minor: amount.minor.min(room.minor), ..amount };
    let way = Way::Reallocate { amount, to: to.fund.clone(), owner: to.owner.clone() };
    Ok((amount.minor > 0).then_some(way))
}

/// Whether another amount or last day of a fund is being looked at or waits for people.
pub fn is_changing(fund: &Stored<FundPaper>) -> bool {
    let decided = ["awaiting_approval", "waits_for:system"].iter().any(|tag| fund.has(tag));
    fund.has("open") && decided
}

/// The label of an open fund, other than `own`, that is about to pass money on to this one.
///
/// # Errors
/// When the database cannot be read.
pub async fn passes_on_to(store: &dyn Store, fund: &FundId, own: Option<&str>) -> Result<Option<String>, DeskError> {
    let filter = RunFilter { tag: Some("open".to_owned()), ended: Some(false), ..RunFilter::default() };
    let open = stored::papers::<FundPaper>(store, &Scope::vendor(), filter).await?;
    let passes = |one: &&Stored<FundPaper>| {
        let another = one.sheet.paper.fund != *fund && Some(one.label()) != own;
        another
            && is_changing(one)
            && one.sheet.course.asked.as_ref().is_some_and(|change| change.to.as_ref() == Some(fund))
    };
    Ok(open.iter().find(passes).map(|one| one.label().to_owned()))
}
