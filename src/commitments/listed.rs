//! Commitments as lists show them.

use entente_core::{
    commitment::{Amount, Basis, Cloud},
    context::commitment::Look,
    ids::{CommitmentId, PartyId, RunId},
    money::Currency,
};
use entente_store::RunFilter;
use jiff::civil::Date;
use serde::Serialize;

use super::{
    CommitmentError,
    stored::{self, Stored},
    visitor::Visitor,
};
use crate::spend::{self, Judge};

/// A commitment as lists show it: what the last look has found.
#[derive(Debug, Serialize)]
pub struct Row {
    /// Its label.
    pub label: String,
    /// Its buyer.
    pub party: PartyId,
    /// The tags of its state.
    pub tags: Vec<String>,
    /// Why the last look failed.
    pub trouble: Option<String>,
    /// What the buyer sees of it as well.
    #[serde(flatten)]
    pub shared: Shared,
}

/// What the buyer's own people see of it as well.
#[derive(Debug, Serialize)]
pub struct Shared {
    /// Its id.
    pub commitment: CommitmentId,
    /// Where the spend is due.
    pub cloud: Cloud,
    /// The state of its run.
    pub state: String,
    /// Whether the run has ended.
    pub ended: bool,
    /// Its currency.
    pub currency: Currency,
    /// What counts.
    pub basis: Basis,
    /// What the cloud said last.
    pub statement: Option<Stated>,
    /// What the last look has found.
    pub look: Option<Look>,
    /// Whether something of its spend is judged by other terms or rules than are known now.
    pub judged_otherwise: bool,
}

/// What the cloud said last.
#[derive(Debug, Serialize)]
pub struct Stated {
    /// Of which day.
    pub as_of: Date,
    /// What remained.
    pub remaining: Amount,
}

/// A list, as whoever asks may see it.
#[derive(Debug, Serialize)]
#[serde(untagged)]
pub enum Listed {
    /// For the vendor's people.
    Vendor(Vec<Row>),
    /// For the buyer's own people, who are told that a look failed, and not why.
    Buyer(Vec<Shared>),
}

impl Row {
    fn of(stored: &Stored, judged_otherwise: bool) -> Row {
        let (snapshot, contract) = (&stored.row.snapshot, &stored.contract);
        Row {
            label: snapshot.label.clone(),
            party: stored.commitment.party.clone(),
            tags: snapshot.tags.clone(),
            trouble: contract.trouble.as_ref().map(|trouble| trouble.message.clone()),
            shared: Shared::of(stored, judged_otherwise),
        }
    }
}

impl Shared {
    fn of(stored: &Stored, judged_otherwise: bool) -> Shared {
        let (snapshot, contract, commitment) = (&stored.row.snapshot, &stored.contract, &stored.commitment);
        let statement = contract.last_statement().map(|stated| &stated.statement);
        Shared {
            commitment: commitment.id.clone(),
            cloud: commitment.cloud.clone(),
            state: snapshot.state.clone(),
            ended: snapshot.ended,
            currency: commitment.currency,
            basis: commitment.basis.clone(),
            statement: statement.map(|said| Stated { as_of: said.as_of, remaining: said.remaining }),
            look: contract.look.clone(),
            judged_otherwise,
        }
    }
}

/// The commitments that a filter lets through in reach of whoever asks.
///
/// # Errors
/// When the person may see none, or the records cannot be read.
pub async fn found(visitor: &Visitor<'_>, filter: RunFilter) -> Result<Vec<Stored>, CommitmentError> {
    Ok(page(visitor, filter, None).await?.0)
}

/// The same after one of them, and the one after which the next page begins, where there is one. Pages are told by runs: labels
/// count what is out of reach as well.
///
/// # Errors
/// As [`found`], and when there is no such run in reach.
pub async fn page(
    visitor: &Visitor<'_>,
    filter: RunFilter,
    after: Option<RunId>,
) -> Result<(Vec<Stored>, Option<RunId>), CommitmentError> {
    let scope = visitor.reach("list")?;
    let after = match after {
        None => None,
        Some(run) => {
            let row = visitor.store().run(&scope, run).await?;
            let missing = || entente_store::Error::NotFound { kind: "page", id: run.to_string() };
            Some(row.ok_or_else(missing)?.snapshot.label)
        }
    };
    let most = usize::try_from(filter.limit).unwrap_or(usize::MAX);
    let wanted = RunFilter { limit: filter.limit.saturating_add(1), after, ..filter };
    let mut all = stored::all(visitor.store(), &scope, wanted).await?;
    let more = all.len() > most;
    all.truncate(most);
    let next = all.last().map(|stored| stored.row.snapshot.run).filter(|_| more);
    if visitor.is_of_a_buyer() {
        // What was entered by mistake is not there.
        all.retain(|stored| !stored.is_withdrawn());
    }
    Ok((all, next))
}

/// The rows of commitments.
///
/// # Errors
/// When the records cannot be read.
pub async fn rows(visitor: &Visitor<'_>, all: &[Stored]) -> Result<Listed, CommitmentError> {
    let (store, now) = (visitor.store(), visitor.now());
    let rules = spend::in_force(store).await?;
    let mut rows = Vec::new();
    for stored in all {
        let commitment = &stored.commitment;
        let judge = Judge { commitment, rules: &rules, known_on: commitment.day_of(now) };
        let otherwise = !spend::judged_otherwise(store, judge).await?.is_empty();
        rows.push(Row::of(stored, otherwise));
    }
    Ok(match visitor.is_of_a_buyer() {
        true => Listed::Buyer(rows.into_iter().map(|row| row.shared).collect()),
        false => Listed::Vendor(rows),
    })
}
