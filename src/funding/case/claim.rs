//! A claim as the rules see it.

use entente_core::{
    context::funding::ClaimPaper,
    ids::ClaimId,
    mdf::model::{Advance, Claim, Evidence, Share},
    money::Money,
};

use super::request::votes;
use crate::{funding::stored::Stored, offers::DeskError};

/// A claim as it stands, with its files as the vault's records have them.
pub(super) fn model(claimed: &Stored<ClaimPaper>, files: Vec<Evidence>) -> Result<Claim, DeskError> {
    let (paper, course) = (&claimed.sheet.paper, &claimed.sheet.course);
    let id: ClaimId = claimed.label().parse()?;
    let weights: Vec<u64> = paper.payees.iter().map(|payee| payee.weight).collect();
    let parts = paper.amount.split(&weights).unwrap_or_default();
    let shares = paper.payees.iter().zip(parts);
    let proof_complete_on = files.iter().map(|file| file.received_on).max();
    Ok(Claim {
        id: id.clone(),
        pack: course.pack.clone(),
        kind: paper.kind,
        closing: paper.closing,
        submitted_at: course.submitted_at,
        rejected_at: None,
        answered_at: None,
        approved_at: course.approved_at,
        results_at: course.submitted_at.filter(|_| !paper.metrics.is_empty()),
        currency: paper.currency,
        amount: paper.amount,
        lines: paper.lines.clone(),
        partial_funding: paper.partial_funding.clone(),
        income: paper.income.clone(),
        shares: shares
            .map(|(payee, amount)| Share { payee: payee.payee.clone(), weight: payee.weight, amount })
            .collect(),
        conversion: None,
        tax: paper.tax.clone(),
        // What was put into a claim refers to it.
        evidence: files.into_iter().map(|file| Evidence { refers_to: Some(id.clone()), ..file }).collect(),
        invoices: paper.invoices.clone(),
        no_attendance_because: paper.no_attendance_because.clone(),
        leads_recorded: paper.leads_recorded,
        metrics: paper.metrics.clone(),
        brand_check: paper.brand_check.clone(),
        lead_list: paper.lead_list.clone(),
        refusal: None,
        proof_complete_on,
        reminders_sent: Vec::new(),
        extensions: Vec::new(),
        votes: votes(&claimed.row.snapshot),
        pauses: Vec::new(),
        audited: false,
        advance: advance(claimed),
    })
}

/// What was paid in advance, once proof of it is at hand; how much of that counts is for the other rules to say.
fn advance(claimed: &Stored<ClaimPaper>) -> Option<Advance> {
    let (paper, course) = (&claimed.sheet.paper, &claimed.sheet.course);
    let agreed = course.open_advance().filter(|_| claimed.sheet.is_proving())?.agreed;
    let money = |minor: i64| Money { minor, ..agreed };
    let left = claimed.sheet.unproven().unwrap_or(money(0));
    Some(Advance {
        paid: agreed,
        proven: money(paper.amount.minor.min(left.minor)),
        misused: money(0),
        returned: money(agreed.minor.saturating_sub(left.minor)),
    })
}
