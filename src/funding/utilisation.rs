//! How much of each fund is likely to lapse, and who answers for it.

use entente_core::{
    context::funding::FundPaper,
    ids::{FundId, PersonId},
    ledger::Account,
    mdf::utilisation::{Forecast, Use, forecast},
    money::Money,
    scope::Scope,
};
use entente_store::{RunFilter, Store};
use jiff::{Timestamp, civil::Date};
use serde::Serialize;

use super::{case, packs, stored};
use crate::offers::DeskError;

/// The tag of funds that may be drawn on.
const OPEN: &str = "open";

/// A fund, seen now.
#[derive(Debug, Clone, Serialize)]
pub struct Seen {
    /// The fund.
    pub fund: FundId,
    /// Who answers for it.
    pub owner: PersonId,
    /// What it was given, less what has lapsed.
    pub given: Money,
    /// What is held, owed and paid of it.
    pub committed: Money,
    /// Its last day.
    pub until: Date,
    /// What is likely to become of it.
    #[serde(flatten)]
    pub forecast: Forecast,
}

/// Every open fund in reach, what is most likely to lapse first.
///
/// # Errors
/// When the database cannot be read, or amounts do not add.
pub async fn open_funds(store: &dyn Store, scope: &Scope, now: Timestamp) -> Result<Vec<Seen>, DeskError> {
    let filter = RunFilter { tag: Some(OPEN.to_owned()), ended: Some(false), ..RunFilter::default() };
    let mut seen = Vec::new();
    for fund in stored::papers::<FundPaper>(store, scope, filter).await? {
        let paper = &fund.sheet.paper;
        let zero = Money::zero(paper.amount.currency);
        let stands = case::stands(store, paper).await?;
        let of = |account: Account| stands.get(&account).copied().unwrap_or(zero);
        let given =
            Money { minor: of(Account::Allocated).minor.saturating_neg(), ..zero }.minus(of(Account::Lapsed))?;
        let committed = given.minus(of(Account::Free))?;
        let today = packs::find(store, &paper.pack).await?.zone.to_datetime(now).date();
        let used = Use { given, committed, from: paper.from, until: paper.until };
        seen.push(Seen {
            fund: paper.fund.clone(),
            owner: paper.owner.clone(),
            given,
            committed,
            until: paper.until,
            forecast: forecast(&used, today)?,
        });
    }
    seen.sort_by_key(|fund| std::cmp::Reverse(fund.forecast.likely_to_lapse.minor));
    Ok(seen)
}
