//! A claim as the rules see it.

use std::collections::BTreeMap;

use entente_core::{
    context::funding::{ClaimCourse, ClaimPaper},
    ids::ClaimId,
    mdf::{
        Pack, RuleId,
        model::{Advance, BrandCheck, Claim, Decider, Evidence, Pause, Refusal, Share},
    },
    money::Money,
    policy::approvals::Verdict,
};
use entente_store::Store;
use jiff::Timestamp;

use super::request::votes;
use crate::{
    funding::{
        beside::{
            audits::{self, Audit},
            brand,
            results::{self, Results},
        },
        stored::Stored,
    },
    offers::DeskError,
};

/// What was said of a claim beside it.
pub(super) struct Said {
    audit: Option<Audit>,
    results: Vec<Results>,
    brand_check: Option<BrandCheck>,
}

impl Said {
    /// Reads it.
    pub(super) async fn of(store: &dyn Store, claimed: &Stored<ClaimPaper>) -> Result<Said, DeskError> {
        Ok(Said {
            audit: audits::in_force(store, claimed).await?,
            results: results::of(store, &claimed.sheet.paper.request).await?,
            brand_check: brand::in_force(store, claimed).await?,
        })
    }
}

/// A claim as it stands, with its files as the vault's records have them.
pub(super) fn model(
    claimed: &Stored<ClaimPaper>,
    files: Vec<Evidence>,
    said: Said,
    pack: &Pack,
) -> Result<Claim, DeskError> {
    let (paper, course) = (&claimed.sheet.paper, &claimed.sheet.course);
    let id: ClaimId = claimed.label().parse()?;
    // What it has cost and how that is proven is judged as a whole; claimed of this fund is its part.
    let whole = paper.whole();
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
        rejected_at: course.sent_back.map(|back| back.at),
        kept_since: course.sent_back.map(|back| back.came),
        answered_at: answered_at(claimed),
        approved_at: course.approved_at,
        results_at: results_at(claimed, &said.results),
        currency: paper.currency,
        amount: paper.amount,
        lines: whole.lines,
        partial_funding: paper.partial_funding.clone(),
        income: whole.income,
        shares: shares
            .map(|(payee, amount)| Share { payee: payee.payee.clone(), weight: payee.weight, amount })
            .collect(),
        conversion: None,
        tax: whole.tax,
        // What was put into a claim refers to it.
        evidence: files.into_iter().map(|file| Evidence { refers_to: Some(id.clone()), ..file }).collect(),
        invoices: whole.invoices,
        no_attendance_because: paper.no_attendance_because.clone(),
        leads_recorded: paper.leads_recorded,
        metrics: metrics(paper, &said.results),
        // What a claim says of itself is no check.
        brand_check: said.brand_check,
        lead_list: paper.lead_list.clone(),
        refusal: None,
        proof_complete_on,
        reminders_sent: Vec::new(),
        extensions: Vec::new(),
        votes: votes(&claimed.row.snapshot),
        pauses: pauses(course, pack),
        audited: said.audit.as_ref().is_some_and(|audit| audit.sound),
        audit_found: said.audit.filter(|audit| !audit.sound).map(|audit| audit.reason),
        advance: advance(claimed),
    })
}

/// Brings a claim that was judged before up to date: when it came, was answered, was approved and lay with the partner.
pub(super) fn bring_up_to_date(model: &mut Claim, claimed: &Stored<ClaimPaper>, pack: &Pack) {
    let course = &claimed.sheet.course;
    model.submitted_at = course.submitted_at;
    model.rejected_at = course.sent_back.map(|back| back.at);
    model.kept_since = course.sent_back.map(|back| back.came);
    model.answered_at = answered_at(claimed);
    model.approved_at = course.approved_at;
    model.pauses = pauses(course, pack);
    model.refusal = refusal(claimed);
}

/// Who has returned or declined a claim: the person whose vote did, or a rule, a file or a time that ran out, which are as certain.
fn refusal(claimed: &Stored<ClaimPaper>) -> Option<Refusal> {
    let refused = claimed.has("failure") || (claimed.has("editable") && claimed.sheet.course.submitted_at.is_some());
    let said = claimed.sheet.refusal.as_ref().filter(|_| refused)?;
    let votes = claimed.row.snapshot.approvals.iter().flat_map(|round| &round.votes);
    let against = votes.filter(|vote| !vote.void && vote.verdict != Verdict::Approve).max_by_key(|vote| vote.at);
    let by_rule = said.code.as_ref().is_some_and(|code| code.parse::<RuleId>().is_ok());
    let by = if against.is_some() && !by_rule { Decider::Person } else { Decider::Rule };
    Some(Refusal { by, reason: said.message.clone() })
}

/// When the vendor first answered: by a vote, or when it was returned.
fn answered_at(claimed: &Stored<ClaimPaper>) -> Option<Timestamp> {
    let round = claimed.row.snapshot.approvals.as_ref();
    let voted = round.and_then(|round| round.votes.iter().map(|vote| vote.at).min());
    claimed.sheet.course.answered_at.into_iter().chain(voted).min()
}

/// When results were handed in first, in the claim or apart from it.
fn results_at(claimed: &Stored<ClaimPaper>, apart: &[Results]) -> Option<Timestamp> {
    let course = &claimed.sheet.course;
    // Of a claim that an older program took in, the first submission is known, and not what was in it.
    let inside = course.results_at.or(course.first_submitted_at).filter(|_| !claimed.sheet.paper.metrics.is_empty());
    inside.into_iter().chain(apart.first().map(|results| results.at)).min()
}

/// The results that were handed in last; what the claim says itself goes before.
fn metrics(paper: &ClaimPaper, apart: &[Results]) -> BTreeMap<String, i64> {
    let apart = apart.last().map(|results| results.metrics.clone()).unwrap_or_default();
    apart.into_iter().chain(paper.metrics.clone()).collect()
}

/// The times in which it lay with the partner, as days of the programme's zone.
fn pauses(course: &ClaimCourse, pack: &Pack) -> Vec<Pause> {
    let day = |at: Timestamp| pack.zone.to_datetime(at).date();
    course.with_partner.iter().map(|lay| Pause { from: day(lay.from), until: lay.until.map(day) }).collect()
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
