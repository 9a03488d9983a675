//! Where a commitment will end, and where it would, with what that stands on.

use entente_core::{
    commitment::{Plans, Prospect, drawdown::Figures, prospects},
    context::commitment::Plan,
};
use serde::Serialize;

use super::{
    CommitmentError,
    ahead::{self, Outcome, Until},
    days::Days,
    family::Family,
    footing::Footing,
    offers::{first_account, gap},
    stored::Stored,
    visitor::Visitor,
};
use crate::spend;

/// A commitment among its own on the days that somebody asks about.
#[derive(Debug)]
pub struct Looked {
    /// The commitment with its sequence.
    pub family: Family,
    /// Its figures.
    pub figures: Figures,
    /// What they stand on.
    pub footing: Footing,
}

/// Where it will end, and what that stands on.
#[derive(Debug, Serialize)]
pub struct Told {
    /// What it stands on.
    #[serde(flatten)]
    pub footing: Footing,
    /// Where it will end.
    #[serde(flatten)]
    pub outcome: Outcome,
}

/// Where it will end, and where it would.
#[derive(Debug, Serialize)]
pub struct Compared {
    /// What both stand on.
    #[serde(flatten)]
    pub footing: Footing,
    /// Where it will end.
    pub now: Outcome,
    /// Where it would.
    pub then: Outcome,
    /// What would be added.
    pub added: Prospect,
}

impl Looked {
    /// Reads it.
    ///
    /// # Errors
    /// When a day is still to come, or the records cannot be read.
    pub async fn at(visitor: &Visitor<'_>, stored: &Stored, days: Days) -> Result<Looked, CommitmentError> {
        let (as_of, known_on) = days.of(stored, visitor.now())?;
        let family = Family::of(visitor.store(), stored, known_on, visitor.now()).await?;
        let figures = family.figures(as_of)?;
        let footing = Footing::of(stored, &family, &figures)?;
        Ok(Looked { family, figures, footing })
    }

    /// Where it will end, as whoever asks may see it.
    ///
    /// # Errors
    /// When a sum is no longer exact.
    pub fn told(&self, visitor: &Visitor<'_>, until: Until) -> Result<Told, CommitmentError> {
        let (footing, outcome) =
            (self.footing.clone(), ahead::outcome(&self.family, &self.figures, until, &Plans::default())?);
        Ok(match visitor.is_of_a_buyer() {
            true => Told { footing: footing.shared(), outcome: outcome.shared() },
            false => Told { footing, outcome },
        })
    }

    /// Where it would end if something were added; nothing where that brings nothing.
    ///
    /// # Errors
    /// When the plan makes no sense, or a sum is no longer exact.
    pub async fn compared(&self, visitor: &Visitor<'_>, plan: &Plan) -> Result<Option<Compared>, CommitmentError> {
        plan.check().map_err(|error| CommitmentError::Refused(error.to_string()))?;
        let (commitment, _) = self.family.own()?;
        let rules = spend::in_force(visitor.store()).await?;
        let now = ahead::outcome(&self.family, &self.figures, Until::PeriodEnd, &Plans::default())?;
        let gap = gap(&self.figures, &now);
        let candidates = [plan.candidate(first_account(commitment))];
        let found = prospects(commitment, &rules, &self.figures, gap, &candidates)?;
        let Some(added) = found.into_iter().next() else { return Ok(None) };
        let then = ahead::outcome(&self.family, &self.figures, Until::PeriodEnd, &added.plans)?;
        Ok(Some(Compared { footing: self.footing.clone(), now, then, added }))
    }
}
