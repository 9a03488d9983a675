//! Everything that is known of a commitment on a day.

use std::collections::BTreeSet;

use entente_core::{
    commitment::{
        Alert, Amount, Band, Cloud, CommitmentId, How, Partition, Plans, Reconciled, Succession, Terms,
        drawdown::{Figures, Settled, Start},
        rates::{FxMove, Step, Waiting},
        reconcile,
    },
    context::commitment::{Ended, Plan, Trouble},
    ids::{LegalEntityId, PartyId, PersonId},
};
use entente_store::Store;
use jiff::{Timestamp, civil::Date};
use serde::Serialize;

use super::{
    CommitmentError,
    ahead::{self, Outcome, Until},
    family::{Family, end_of},
    stored::Stored,
};

/// Everything that is known of a commitment on a day.
#[derive(Debug, Clone, Serialize)]
pub struct Sight {
    /// Its label.
    pub label: String,
    /// The state of its run, as it is now.
    pub state: String,
    /// What the rest of the product asks instead of the state's name.
    pub tags: Vec<String>,
    /// The contract's own number.
    pub contract: String,
    /// The buyer.
    pub party: PartyId,
    /// The vendor's legal entity that follows it.
    pub legal_entity: LegalEntityId,
    /// Where the spend is due.
    pub cloud: Cloud,
    /// Its figures.
    pub figures: Figures,
    /// When spend begins to count for it, at the least.
    pub start: Start,
    /// The commitment before it, and how it takes its place.
    pub former: Option<Succession>,
    /// Those that follow it.
    pub next: Vec<Next>,
    /// What was billed in other currencies, by the rate that converted it.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub converted: Vec<Step>,
    /// What was billed in other currencies and is in no figure, and why.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub not_converted: Vec<Waiting>,
    /// How far the exchange rates that the contract watches stand from their reference.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub rate_moves: Vec<FxMove>,
    /// Partitions of daily sums that the buyer does not share; they are in no figure.
    #[serde(skip_serializing_if = "BTreeSet::is_empty")]
    pub held_back: BTreeSet<Partition>,
    /// Partitions that were judged by other terms or rules than are known now: the figures are not yet what they would be.
    #[serde(skip_serializing_if = "BTreeSet::is_empty")]
    pub judged_otherwise: BTreeSet<Partition>,
    /// Its periods.
    pub periods: Vec<Row>,
    /// The cloud's last statement beside our figures of that day.
    pub statement: Option<Beside>,
    /// Where the current period will end.
    pub forecast: Outcome,
    /// The alerts that were told.
    pub told: Vec<Alert>,
    /// Why the last look has found nothing.
    pub trouble: Option<Trouble>,
    /// What-ifs that somebody keeps.
    pub plans: Vec<Plan>,
    /// How a person said that it ended.
    pub ending: Option<Ended>,
    /// Who brought its documents, and when.
    pub documents: Vec<Brought>,
}

/// A commitment that follows.
#[derive(Debug, Clone, Serialize)]
pub struct Next {
    /// Which.
    pub commitment: CommitmentId,
    /// How it takes the place of this one.
    pub how: How,
    /// Its own first day.
    pub starts: Option<Date>,
}

/// A period, whether it has passed, runs, or is ahead.
#[derive(Debug, Clone, Serialize)]
pub struct Row {
    /// Its place, from 1.
    pub number: usize,
    /// Its first day.
    pub from: Date,
    /// Its last day.
    pub through: Date,
    /// What is to be spent.
    pub amount: Amount,
    /// What counted, of one that has begun.
    pub eligible: Option<Band>,
    /// What is still to be spent, or lacked at its end.
    pub lacks: Option<Band>,
    /// What was spent beyond.
    pub excess: Option<Band>,
    /// When what lacks is to be paid.
    pub payment_due: Date,
}

/// The cloud's last statement beside our figures.
#[derive(Debug, Clone, Serialize)]
pub struct Beside {
    /// Both.
    #[serde(flatten)]
    pub reconciled: Reconciled,
    /// What the difference comes from, as far as it can be told.
    pub explained: String,
}

impl Beside {
    /// As the buyer's people see it: where the vendor's people have read it is theirs to know.
    pub fn shared(mut self) -> Beside {
        self.reconciled.statement.source = "the vendor's record".to_owned();
        self
    }
}

/// A document that was brought.
#[derive(Debug, Clone, Serialize)]
pub struct Brought {
    /// Who.
    pub by: Option<PersonId>,
    /// When.
    pub at: Timestamp,
    /// Why.
    pub reason: Option<String>,
}

/// Tells everything that is known of a commitment at the end of a day, as it was known at the end of another.
///
/// # Errors
/// When the figures cannot be told.
pub async fn sight(
    store: &dyn Store,
    stored: &Stored,
    as_of: Date,
    known_on: Date,
    now: Timestamp,
) -> Result<(Sight, Family), CommitmentError> {
    let family = Family::of(store, stored, known_on, now).await?;
    let figures = family.figures(as_of)?;
    let (commitment, _) = family.own()?;
    let next = family.after().into_iter().filter_map(|next| {
        let how = next.succession.as_ref()?.how;
        Some(Next { commitment: next.id.clone(), how, starts: next.starts(known_on) })
    });
    let contract = &stored.contract;
    let until = end_of(commitment, known_on).unwrap_or(now);
    let sight = Sight {
        label: stored.label().to_owned(),
        state: stored.row.snapshot.state.clone(),
        tags: stored.row.snapshot.tags.clone(),
        contract: commitment.contract.clone(),
        party: commitment.party.clone(),
        legal_entity: commitment.legal_entity.clone(),
        cloud: commitment.cloud.clone(),
        start: family.start(as_of)?,
        former: commitment.succession.clone(),
        next: next.collect(),
        converted: family.foreign().steps(as_of)?,
        not_converted: family.foreign().waiting(as_of)?,
        held_back: family.held_back().clone(),
        rate_moves: family.fx_moves(as_of)?,
        judged_otherwise: family.judged_otherwise().clone(),
        periods: commitment.terms(as_of, known_on).map(|terms| rows(terms, &figures)).unwrap_or_default(),
        statement: beside(stored, &family, &figures)?,
        forecast: ahead::outcome(&family, &figures, Until::PeriodEnd, &Plans::default())?,
        told: contract.told.iter().filter(|alert| alert.day <= known_on).cloned().collect(),
        trouble: contract.trouble.clone(),
        plans: contract.plans.clone(),
        ending: contract.ending.clone(),
        documents: contract
            .documents
            .iter()
            .filter(|written| written.at <= until)
            .map(|written| Brought { by: written.by.clone(), at: written.at, reason: written.reason.clone() })
            .collect(),
        figures,
    };
    Ok((sight, family))
}

fn rows(terms: &Terms, figures: &Figures) -> Vec<Row> {
    let row = |(at, period): (usize, &entente_core::commitment::Period)| {
        let number = at + 1;
        let past = |settled: &&Settled| settled.period == number && settled.milestone.is_none();
        let settled = figures.settled.iter().find(past);
        let current = Some(&figures.period).filter(|current| current.number == number && settled.is_none());
        Row {
            number,
            from: period.from,
            through: period.through,
            amount: period.amount,
            eligible: settled.map(|settled| settled.eligible).or(current.map(|current| current.eligible)),
            lacks: settled.map(|settled| settled.shortfall).or(current.map(|current| current.remaining)),
            excess: settled.map(|settled| settled.excess),
            payment_due: period.true_up.due,
        }
    };
    terms.periods.iter().enumerate().map(row).collect()
}

/// The cloud's last statement that was known then, beside our figures of its day.
///
/// # Errors
/// When the figures of the statement's day cannot be told.
pub(super) fn beside(stored: &Stored, family: &Family, now: &Figures) -> Result<Option<Beside>, CommitmentError> {
    let (commitment, _) = family.own()?;
    let Some(stated) = stored.contract.statement_known_on(commitment, now.as_of, now.known_on) else { return Ok(None) };
    let then = family.figures(stated.statement.as_of)?;
    let reconciled = reconcile(&stated.statement, &then, now)?;
    let explained = explained(&reconciled, &then);
    Ok(Some(Beside { reconciled, explained }))
}

fn explained(reconciled: &Reconciled, then: &Figures) -> String {
    let as_of = reconciled.statement.as_of;
    if reconciled.difference == Band::ZERO {
        return "there is none".to_owned();
    }
    if reconciled.explained_by_band {
        return "the statement lies within what is known: rules or a cap that are unknown explain it".to_owned();
    }
    match then.complete_through {
        None => "no spend was taken in".to_owned(),
        Some(seen) if seen < as_of => format!("spend was taken in to {seen} only, and the statement is of {as_of}"),
        // More remains by our figures: the cloud counts what the rules leave out, or the other way round.
        _ if reconciled.difference.least > Amount::ZERO => {
            let out = then.ineligible.iter().map(|(cause, band)| format!("{cause}: {band}")).collect::<Vec<_>>();
            match out.is_empty() {
                true => "the cloud counts what is not in the spend that was taken in".to_owned(),
                false => format!("the cloud counts more; what does not count here: {}", out.join(", ")),
            }
        }
        _ => "the cloud counts less: charges that are not settled yet, or that it leaves out".to_owned(),
    }
}
