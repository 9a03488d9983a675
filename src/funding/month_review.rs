//! The review by which a small team makes up for having two people decide (rule Y1): each month somebody who decided nothing looks at
//! what was agreed to and paid, and says so.

use std::collections::BTreeSet;

use entente_core::{
    context::funding::{ClaimPaper, Paper as _, PayoutPaper},
    ids::{LegalEntityId, PersonId},
    mdf::statement::Period,
};
use entente_store::{RunFilter, Store};
use jiff::{Timestamp, civil::Date};
use serde::{Deserialize, Serialize};

use super::versions::{self, Author};
use crate::offers::{DeskError, stored::runs};

const KIND: &str = "month_review";

/// That somebody has reviewed what a legal entity's people decided in a month.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct MonthReview {
    /// The legal entity.
    pub legal_entity: LegalEntityId,
    /// The first day of the month.
    pub month: Date,
    /// What was looked at, and what came of it.
    pub reason: String,
    /// Who has reviewed it.
    pub by: PersonId,
    /// When.
    pub at: Timestamp,
}

/// Why a review of a month is not taken.
#[derive(Debug, thiserror::Error)]
pub enum NotReviewed {
    /// The month is not over.
    #[error("{month} is not over yet; review it once it is")]
    NotOver {
        /// The month.
        month: String,
    },
    /// Whoever decided something in the month does not review it.
    #[error("`{person}` voted on `{label}` in that month; somebody who decided nothing in it reviews it")]
    Concerned {
        /// Who.
        person: PersonId,
        /// On what.
        label: String,
    },
    /// Somebody has reviewed it.
    #[error("`{by}` has reviewed {month} already, and what was said stays")]
    Already {
        /// Who.
        by: PersonId,
        /// The month.
        month: String,
    },
    /// The records could not be read or written.
    #[error(transparent)]
    Records(#[from] DeskError),
}

/// The first day of the last month of a legal entity that was reviewed.
///
/// # Errors
/// When the records cannot be read.
pub async fn last(store: &dyn Store, entity: &LegalEntityId) -> Result<Option<Date>, DeskError> {
    Ok(all(store, entity).await?.into_iter().map(|review| review.month).max())
}

async fn all(store: &dyn Store, entity: &LegalEntityId) -> Result<Vec<MonthReview>, DeskError> {
    let kept = store.documents(KIND).await?.into_iter().map(|kept| {
        serde_json::from_str::<MonthReview>(&kept.text)
            .map_err(|error| DeskError::Unreadable { what: format!("review `{}`", kept.name), why: error.to_string() })
    });
    let reviews: Vec<MonthReview> = kept.collect::<Result<_, _>>()?;
    Ok(reviews.into_iter().filter(|review| review.legal_entity == *entity).collect())
}

/// Keeps that somebody has reviewed a month; it is never changed.
///
/// # Errors
/// When the month is not over, that person voted on a claim or a payout run in it, it was reviewed already, or the database cannot be
/// written.
pub async fn record(store: &dyn Store, period: &Period, review: &MonthReview) -> Result<(), NotReviewed> {
    let month = period.month();
    if period.ends_at().is_none_or(|end| review.at < end) {
        return Err(NotReviewed::NotOver { month });
    }
    if let Some(known) = all(store, &review.legal_entity).await?.into_iter().find(|known| known.month == review.month) {
        return Err(NotReviewed::Already { by: known.by, month });
    }
    if let Some(label) = voted_on(store, period, review).await? {
        return Err(NotReviewed::Concerned { person: review.by.clone(), label });
    }
    let name = format!("{}/{month}", review.legal_entity);
    let text = serde_json::to_string(review)
        .map_err(|error| DeskError::Unreadable { what: "a review".into(), why: error.to_string() })?;
    versions::put(store, (KIND, &name, 1), &text, Author { by: review.by.as_str(), at: review.at }).await?;
    Ok(())
}

/// A claim or payout run on which whoever reviews a month voted in it, or somebody in his name.
async fn voted_on(store: &dyn Store, period: &Period, review: &MonthReview) -> Result<Option<String>, DeskError> {
    for chart in [ClaimPaper::NAME, PayoutPaper::NAME] {
        for row in runs(store, RunFilter { chart: Some(chart.into()), ..RunFilter::default() }).await? {
            let snapshot = &row.snapshot;
            let votes = snapshot.approvals.iter().flat_map(|round| &round.votes);
            let theirs = votes.filter(|vote| period.month_at(vote.at) == period.month());
            let people: BTreeSet<&PersonId> =
                theirs.flat_map(|vote| std::iter::once(&vote.person).chain(&vote.on_behalf_of)).collect();
            if snapshot.home.legal_entity == review.legal_entity && people.contains(&review.by) {
                return Ok(Some(snapshot.label.clone()));
            }
        }
    }
    Ok(None)
}
