//! Claims made before, by any partner in any programme, that a claim has to be compared with.

use std::collections::{BTreeMap, BTreeSet};

use entente_core::{
    context::funding::{CLAIM_LIKENESS_KEY, CLAIM_PARTNER_KEY, CLAIM_REQUEST_KEY, ClaimPaper},
    mdf::{
        Case,
        candidates::{Reach, asked},
        model::{EarlierClaim, InvoiceUse},
    },
    scope::Scope,
};
use entente_store::{RunKey, Store};

use crate::{
    funding::{
        import::past,
        stored::{self, Stored, typed},
    },
    offers::DeskError,
};

/// The claims that are like this one in something, and those on the same request or of the same partner, that came before it.
pub(super) async fn of(
    store: &dyn Store,
    claimed: &Stored<ClaimPaper>,
    case: &Case,
    reach: Reach,
) -> Result<Vec<EarlierClaim>, DeskError> {
    let paper = &claimed.sheet.paper;
    let own = [(CLAIM_REQUEST_KEY, paper.request.clone()), (CLAIM_PARTNER_KEY, paper.partner.to_string())];
    let likeness = EarlierClaim::of(case).map(|claim| asked(&claim, reach)).unwrap_or_default();
    let alike = likeness.iter().map(|key| (CLAIM_LIKENESS_KEY, key.to_string()));
    let mut runs = BTreeSet::new();
    for (kind, value) in own.into_iter().chain(alike) {
        let key = RunKey { kind: kind.to_owned(), value, unique: false };
        runs.extend(store.run_by_key(&Scope::vendor(), &key).await?);
    }
    let runs: Vec<_> = runs.into_iter().collect();
    let mut found: BTreeMap<String, Stored<ClaimPaper>> = BTreeMap::new();
    for row in store.runs_of(&Scope::vendor(), &runs).await? {
        let other = typed::<ClaimPaper>(row)?;
        if comes_before(&other, claimed) {
            found.insert(other.label().to_owned(), other);
        }
    }
    // What was paid before Entente came before everything.
    let mut earlier = past::alike(store, &likeness).await?;
    for other in found.values() {
        match model(store, other).await {
            // What names a request, a fund or a partner that does not exist is about to be refused for that.
            Err(DeskError::Store(entente_store::Error::NotFound { .. })) => {}
            model => earlier.push(model?),
        }
    }
    Ok(earlier)
}

/// Whether a claim was submitted before another one and stands: one that was given up, declined or returned takes nothing of an
/// invoice, and is compared itself once it is submitted again. Of two at the same instant, the one of the lower label comes first,
/// so that they do not stop each other.
fn comes_before(other: &Stored<ClaimPaper>, than: &Stored<ClaimPaper>) -> bool {
    let given_up = other.has("cancelled") || other.has("failure") || other.has("editable");
    let order = |claim: &Stored<ClaimPaper>| claim.sheet.course.submitted_at.map(|at| (at, claim.label().to_owned()));
    match (order(other), order(than)) {
        (Some(before), Some(after)) => !given_up && before < after,
        (Some(_), None) => !given_up,
        (None, _) => false,
    }
}

async fn model(store: &dyn Store, other: &Stored<ClaimPaper>) -> Result<EarlierClaim, DeskError> {
    let paper = &other.sheet.paper;
    let asked = stored::request(store, &paper.request).await?;
    let fund = stored::fund(store, &asked.sheet.paper.fund).await?;
    let partner = stored::partner(store, &paper.partner).await?;
    let activity = &asked.sheet.paper.activity;
    Ok(EarlierClaim {
        claim: other.label().parse()?,
        partner: paper.partner.clone(),
        address: partner.sheet.paper.address,
        programme: fund.sheet.paper.programme.clone(),
        activity: activity.id.clone(),
        ended: activity.end,
        amount: paper.amount,
        closing: paper.closing,
        files: paper.evidence.iter().map(|file| file.file.clone()).collect(),
        // Pictures are never decoded, so that there is no perceptual hash of them.
        pictures: BTreeSet::new(),
        forms: BTreeSet::new(),
        invoices: paper.invoices.iter().map(InvoiceUse::of).collect(),
    })
}
