//! A partner's part of a claim that another partner has made, as its payee is told of it: what is its own, which rules lowered the
//! claim, and where it stands. The claimant's papers, its name and what others are paid stay with them.

use entente_core::{
    context::funding::{CLAIM_PAYEE_KEY, ClaimPaper, Clawback, Dispute, Payable},
    ids::PartyId,
    mdf::RuleId,
    money::Money,
    scope::Scope,
};
use entente_store::Store;
use serde::Serialize;

use super::stored::{self, Stored};
use crate::offers::DeskError;

/// A partner's part of another partner's claim.
#[derive(Debug, Clone, Serialize)]
pub struct Share {
    /// The claim, by its label.
    pub claim: String,
    /// Its state.
    pub state: String,
    /// Whose part it is.
    pub payee: PartyId,
    /// The weight of the part.
    pub weight: u64,
    /// The weights of all parts.
    pub of: u64,
    /// What is owed of it and was paid; nothing before people have agreed.
    pub payable: Option<Payable>,
    /// The rules that lowered the claim.
    pub lowered_by: Vec<RuleId>,
    /// What the payee disputes.
    pub disputes: Vec<Disputed>,
    /// What is claimed back from it.
    pub clawbacks: Vec<Clawback>,
}

/// A part that is disputed.
#[derive(Debug, Clone, Serialize)]
pub struct Disputed {
    /// How much.
    pub amount: Money,
    /// Why.
    pub reason: String,
    /// What of it was granted; nothing while it is open.
    pub granted: Option<Money>,
    /// Where it stands, in words.
    pub stands: String,
}

impl Share {
    /// A payee's part of a claim that was handed in; nothing where the claim is its own, or does not name it.
    fn of(claim: &Stored<ClaimPaper>, payee: &PartyId) -> Option<Share> {
        let (paper, course) = (&claim.sheet.paper, &claim.sheet.course);
        let handed_in = course.submitted_at.is_some() && paper.partner != *payee;
        let part = paper.payees.iter().find(|part| part.payee == *payee).filter(|_| handed_in)?;
        let told = claim.sheet.assessment.as_ref().map(|said| said.for_partner().reasons).unwrap_or_default();
        let lowered = told.into_iter().filter(|reason| reason.effect == "reduce").map(|reason| reason.rule);
        let disputes = course.disputes.iter().filter(|dispute| dispute.payee == *payee);
        Some(Share {
            claim: claim.label().to_owned(),
            state: claim.row.snapshot.state.clone(),
            payee: payee.clone(),
            weight: part.weight,
            of: paper.payees.iter().fold(0_u64, |sum, part| sum.saturating_add(part.weight)),
            payable: claim.sheet.payable_of(payee).cloned(),
            lowered_by: lowered.collect(),
            disputes: disputes.map(Disputed::of).collect(),
            clawbacks: course.clawbacks.iter().filter(|back| back.payee == *payee).cloned().collect(),
        })
    }
}

impl Disputed {
    fn of(dispute: &Dispute) -> Disputed {
        let mut told = dispute.clone();
        told.for_payee();
        Disputed { stands: told.stands(), amount: told.amount, reason: told.reason, granted: told.granted }
    }
}

/// Every part that a payee has of others' claims, newest first.
///
/// # Errors
/// When the database cannot be read.
pub async fn of_payee(store: &dyn Store, payee: &PartyId) -> Result<Vec<Share>, DeskError> {
    let claims: Vec<Stored<ClaimPaper>> = stored::by_key(store, CLAIM_PAYEE_KEY, payee.as_str()).await?;
    Ok(claims.iter().filter_map(|claim| Share::of(claim, payee)).collect())
}

/// The claim of another partner that a payee has a part of, and that part.
///
/// # Errors
/// When the payee has none under this label, or the database cannot be read.
pub async fn find(store: &dyn Store, payee: &PartyId, label: &str) -> Result<(Stored<ClaimPaper>, Share), DeskError> {
    let claim: Stored<ClaimPaper> = stored::by_label(store, &Scope::vendor(), "claim", label).await?;
    match Share::of(&claim, payee) {
        Some(share) => Ok((claim, share)),
        None => Err(entente_store::Error::NotFound { kind: "claim", id: label.to_owned() }.into()),
    }
}
