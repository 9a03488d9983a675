//! Approvals that came so soon that a part of them is looked at again by somebody else.
//!
//! Nobody can be watched while reading. What is known is when a round was opened and when the same person voted before: later than both
//! of them begins what somebody can have looked at. A share of the votes that came within a few seconds of that is drawn by a seed that
//! the database keeps, so that nobody knows before which are, and everybody sees the same.

use std::collections::{BTreeMap, BTreeSet};

use entente_core::{
    context::funding::{
        AccrualPaper, ClaimPaper, FundPaper, GrantPaper, OrderPaper, Paper as _, PartnerPaper, PayoutPaper,
        RequestPaper,
    },
    ids::{LegalEntityId, PersonId},
    policy::approvals::Verdict,
    scope::Scope,
};
use entente_store::{RunFilter, RunRow, Store};
use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

use super::{
    case,
    versions::{self, Author},
};
use crate::offers::{DeskError, stored::runs};

const KIND: &str = "vote_review";

/// The name of the secret by which votes are drawn.
const SEED: &str = "review.seed";

/// The charts whose votes are looked at.
const CHARTS: [&str; 8] = [
    RequestPaper::NAME,
    ClaimPaper::NAME,
    OrderPaper::NAME,
    PayoutPaper::NAME,
    FundPaper::NAME,
    AccrualPaper::NAME,
    PartnerPaper::NAME,
    GrantPaper::NAME,
];

/// Which votes are looked at again.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Sampling {
    /// A vote that came within so many seconds is fast.
    pub within_seconds: u32,
    /// How many of a hundred fast votes are looked at again.
    pub share: u8,
}

impl Default for Sampling {
    fn default() -> Sampling {
        Sampling { within_seconds: 20, share: 20 }
    }
}

/// A fast vote that was drawn.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Drawn {
    /// By what it is named.
    pub id: String,
    /// What was approved.
    pub label: String,
    /// Where that belongs.
    pub legal_entity: LegalEntityId,
    /// As what.
    pub row: String,
    /// By whom.
    pub by: PersonId,
    /// When.
    pub at: Timestamp,
    /// After how many seconds.
    pub after_seconds: i64,
    /// Who had a hand in it, and looks at none of it again.
    pub concerned: BTreeSet<PersonId>,
    /// What somebody else has found.
    pub review: Option<Review>,
}

/// What somebody has found.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Review {
    /// Whether the approval stands up to it.
    pub finding: Finding,
    /// Why.
    pub reason: String,
    /// Who has looked.
    pub by: PersonId,
    /// When.
    pub at: Timestamp,
}

/// Whether an approval stands up to being looked at again.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Finding {
    /// It does.
    Sound,
    /// It does not: what follows, such as claiming back, is decided where that is done.
    Unsound,
}

/// Why a review is not taken.
#[derive(Debug, thiserror::Error)]
pub enum NotReviewed {
    /// Whoever voted, or asked for what was approved, does not look at it again.
    #[error("`{person}` has a hand in `{label}`; somebody else looks at it again")]
    Concerned {
        /// Who.
        person: PersonId,
        /// What was approved.
        label: String,
    },
    /// Somebody has looked at it already.
    #[error("`{by}` has looked at `{id}` already, and what was found stays")]
    Already {
        /// Who.
        by: PersonId,
        /// The vote.
        id: String,
    },
    /// The records could not be read or written.
    #[error(transparent)]
    Records(#[from] DeskError),
}

/// One approval, and since when somebody can have looked at it.
struct Cast<'a> {
    run: &'a RunRow,
    row: String,
    by: PersonId,
    at: Timestamp,
    opened: Timestamp,
    barred: BTreeSet<PersonId>,
}

/// The fast approvals that were drawn, of the round of each paper that was decided last; the oldest first.
///
/// # Errors
/// When the records cannot be read.
pub async fn drawn(store: &dyn Store, scope: &Scope, sampling: Sampling) -> Result<Vec<Drawn>, DeskError> {
    let seed = case::seed(store, SEED).await?;
    let mut rows = Vec::new();
    for chart in CHARTS {
        rows.extend(runs(store, RunFilter { chart: Some(chart.into()), ..RunFilter::default() }).await?);
    }
    let mut cast: Vec<Cast<'_>> = rows.iter().flat_map(votes).collect();
    cast.sort_by(|a, b| (a.at, &a.run.snapshot.label, &a.row).cmp(&(b.at, &b.run.snapshot.label, &b.row)));
    let known = reviews(store).await?;
    let (mut before, mut found) = (BTreeMap::<PersonId, Timestamp>::new(), Vec::new());
    for vote in cast {
        let since = before.insert(vote.by.clone(), vote.at).map_or(vote.opened, |last| last.max(vote.opened));
        let after = vote.at.duration_since(since);
        let id = id(&vote);
        let fast = after < SignedDuration::from_secs(i64::from(sampling.within_seconds));
        if !fast || !is_drawn(seed, &id, sampling.share) || !scope.reaches(&vote.run.snapshot.home) {
            continue;
        }
        found.push(Drawn {
            label: vote.run.snapshot.label.clone(),
            legal_entity: vote.run.snapshot.home.legal_entity.clone(),
            row: vote.row,
            by: vote.by,
            at: vote.at,
            after_seconds: after.as_secs(),
            concerned: vote.barred,
            review: known.get(&id).cloned(),
            id,
        });
    }
    Ok(found)
}

/// The approvals of a run's last round.
fn votes(run: &RunRow) -> Vec<Cast<'_>> {
    let Some(round) = &run.snapshot.approvals else { return Vec::new() };
    // Whoever agrees after somebody else rests on that vote, and whoever lent theirs answers for it.
    let voters = round.votes.iter().flat_map(|vote| std::iter::once(&vote.person).chain(&vote.on_behalf_of));
    let barred: BTreeSet<PersonId> = round.subject.barred().into_iter().chain(voters).cloned().collect();
    let approvals = round.votes.iter().filter(|vote| vote.verdict == Verdict::Approve);
    let cast = approvals.map(|vote| Cast {
        run,
        row: vote.row.clone(),
        by: vote.person.clone(),
        at: vote.at,
        opened: round.opened,
        barred: barred.clone(),
    });
    cast.collect()
}

fn id(vote: &Cast<'_>) -> String {
    let text = format!("{}/{}/{}/{}", vote.run.snapshot.run, vote.row, vote.by, vote.at);
    hex::encode(Sha256::digest(text.as_bytes())).chars().take(12).collect()
}

/// Whether a vote is one of those that are drawn: the same for the same seed, and about `share` of a hundred.
fn is_drawn(seed: u64, id: &str, share: u8) -> bool {
    let hash = Sha256::digest(format!("{seed}/{id}").as_bytes());
    let first = hash.iter().take(8).fold(0_u64, |sum, byte| (sum << 8) | u64::from(*byte));
    first % 100 < u64::from(share)
}

async fn reviews(store: &dyn Store) -> Result<BTreeMap<String, Review>, DeskError> {
    let read = store.documents(KIND).await?.into_iter().map(|kept| {
        let review = serde_json::from_str(&kept.text);
        let review = review
            .map_err(|error| DeskError::Unreadable { what: format!("review `{}`", kept.name), why: error.to_string() });
        Ok((kept.name, review?))
    });
    read.collect()
}

/// Keeps what somebody has found; it is never changed.
///
/// # Errors
/// When that person has a hand in it, somebody has looked already, or the database cannot be written.
pub async fn record(store: &dyn Store, vote: &Drawn, review: &Review) -> Result<(), NotReviewed> {
    if vote.by == review.by || vote.concerned.contains(&review.by) {
        return Err(NotReviewed::Concerned { person: review.by.clone(), label: vote.label.clone() });
    }
    if let Some(before) = &vote.review {
        return Err(NotReviewed::Already { by: before.by.clone(), id: vote.id.clone() });
    }
    let text = serde_json::to_string(review)
        .map_err(|error| DeskError::Unreadable { what: "a review".into(), why: error.to_string() })?;
    versions::put(store, (KIND, &vote.id, 1), &text, Author { by: review.by.as_str(), at: review.at }).await?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::is_drawn;

    #[test]
    fn a_share_of_votes_is_drawn_and_the_same_ones_by_the_same_seed() {
        let ids: Vec<String> = (0..10_000).map(|id| format!("vote-{id}")).collect();
        let drawn = |seed, share| ids.iter().filter(|id| is_drawn(seed, id, share)).collect::<Vec<_>>();
        assert!((1_800..2_200).contains(&drawn(7, 20).len()), "{}", drawn(7, 20).len());
        assert_eq!(drawn(7, 20), drawn(7, 20));
        assert_ne!(drawn(7, 20), drawn(8, 20), "another seed draws others");
        assert!(drawn(7, 20).iter().all(|id| is_drawn(7, id, 30)), "a larger share keeps them");
        assert_eq!((drawn(7, 0).len(), drawn(7, 100).len()), (0, ids.len()));
    }
}
