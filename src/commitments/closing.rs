//! What would close a gap, with what that stands on.

use std::collections::BTreeMap;

use entente_core::{
    commitment::{
        Band, Plans, Prospect,
        eligibility::{Mark, Rules},
        prospects,
    },
    offer::Offer,
};
use serde::Serialize;

use super::{
    CommitmentError,
    ahead::{self, Until},
    footing::Footing,
    offers::{self, Possible, Standing, first_account},
    outlook::Looked,
    stored::Stored,
    visitor::Visitor,
};
use crate::spend;

/// The gap, and what would close it.
#[derive(Debug, Serialize)]
pub struct Closing {
    /// What it stands on.
    #[serde(flatten)]
    pub footing: Footing,
    /// What lacks.
    pub gap: Band,
    /// What would close it, the most first.
    pub offers: Vec<Judged>,
}

/// An offer, judged.
#[derive(Debug, Serialize)]
pub struct Judged {
    /// Where it stands.
    pub standing: Standing,
    /// What it would do.
    #[serde(flatten)]
    pub prospect: Prospect,
}

/// What is asked about besides what is open and planned.
#[derive(Debug, Default)]
pub struct Besides {
    /// What is known about products and purchases.
    pub marks: BTreeMap<Mark, bool>,
    /// Offers that are only thought of.
    pub possible: Vec<Offer>,
    /// Rules of eligibility beside those in force.
    pub rules: Vec<Rules>,
}

/// Judges what is open, planned and thought of.
///
/// # Errors
/// When the records cannot be read, or a sum is no longer exact.
pub async fn closing(
    visitor: &Visitor<'_>,
    stored: &Stored,
    looked: &Looked,
    besides: Besides,
) -> Result<Closing, CommitmentError> {
    let Looked { family, figures, footing } = looked;
    let store = visitor.store();
    let (commitment, _) = family.own()?;
    let forecast = ahead::outcome(family, figures, Until::PeriodEnd, &Plans::default())?;
    let gap = offers::gap(figures, &forecast);
    let mut all = offers::open(store, commitment, &stored.row.snapshot.home, &besides.marks).await?;
    for offer in &besides.possible {
        offers::fits(offer, commitment)?;
        let candidate = offers::candidate(&offer.reference, offer, commitment, &besides.marks);
        all.push(Possible { standing: Standing::Possible, candidate });
    }
    let account = first_account(commitment);
    let kept = stored.contract.plans.iter();
    all.extend(kept.map(|plan| Possible { standing: Standing::Planned, candidate: plan.candidate(account) }));
    let rules = besides.rules.into_iter().fold(spend::in_force(store).await?, Rules::and);
    let mut judged = Vec::new();
    for possible in &all {
        let found = prospects(commitment, &rules, figures, gap, std::slice::from_ref(&possible.candidate))?;
        judged.extend(found.into_iter().map(|prospect| Judged { standing: possible.standing, prospect }));
    }
    judged.sort_by(|a, b| {
        let rank = |judged: &Judged| (judged.prospect.counts.least, judged.prospect.counts.most);
        rank(b).cmp(&rank(a)).then_with(|| a.prospect.offer.cmp(&b.prospect.offer))
    });
    Ok(Closing { footing: footing.clone(), gap, offers: judged })
}
