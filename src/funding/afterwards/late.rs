//! Claims that are answered, paid or invoiced late (rules Y3 and Y4): whoever has to see to it is told once, and somebody else where
//! nothing has come of that a week later.

use std::collections::BTreeMap;

use entente_core::{
    context::funding::{ClaimPaper, Payable},
    ids::PartyId,
    mdf::{ActionKind, Effect, INVOICED, Outcome, PROMPT, PackPin, RuleId, Verdict},
    scope::Scope,
};
use entente_store::{NoticeRow, NoticeStatus, RunFilter};
use jiff::SignedDuration;
use serde_json::json;

use super::{Judged, Sight, payout::Facts};
use crate::{
    funding::{
        packs,
        stored::{self, Stored},
    },
    offers::DeskError,
};

/// How long whoever was told first has, before somebody else is told.
const AGAIN_AFTER: SignedDuration = SignedDuration::from_hours(7 * 24);

/// Tells of everything that is late now and was not told of; how many notices that makes. One that cannot be looked at stands in no
/// other's way.
///
/// # Errors
/// When the records cannot be read or written; with the first claim that could not be looked at, once all others were.
pub async fn tell(sight: Sight<'_>) -> Result<usize, DeskError> {
    let filter = RunFilter { ended: Some(false), ..RunFilter::default() };
    let claims = stored::papers::<ClaimPaper>(sight.store, &Scope::vendor(), filter).await?;
    let (mut told, mut failed, mut known) = (0, None, BTreeMap::new());
    for claim in &claims {
        match of_claim(sight, claim, &mut known).await {
            Ok(notices) => told += notices,
            Err(error) => failed = failed.or(Some(error)),
        }
    }
    failed.map_or(Ok(told), Err)
}

/// Whether a pack enables any rule on what is late.
async fn is_timed(
    sight: Sight<'_>,
    claim: &Stored<ClaimPaper>,
    known: &mut BTreeMap<PackPin, bool>,
) -> Result<bool, DeskError> {
    let Some(assessment) = &claim.sheet.assessment else { return Ok(false) };
    let pin = claim.sheet.course.pack.as_ref().unwrap_or(&assessment.pack);
    if let Some(timed) = known.get(pin) {
        return Ok(*timed);
    }
    let pack = packs::pinned(sight.store, pin).await?;
    let timed = [PROMPT, INVOICED].into_iter().any(|rule| pack.terms.enables(rule));
    known.insert(pin.clone(), timed);
    Ok(timed)
}

async fn of_claim(
    sight: Sight<'_>,
    claim: &Stored<ClaimPaper>,
    known: &mut BTreeMap<PackPin, bool>,
) -> Result<usize, DeskError> {
    if !is_timed(sight, claim, known).await? {
        return Ok(0);
    }
    let before = Sight { now: sight.now.checked_sub(AGAIN_AFTER).unwrap_or(sight.now), ..sight };
    let (now, a_week_ago) = (Judged::of(sight, claim).await?, Judged::of(before, claim).await?);
    let (Some(now), Some(a_week_ago)) = (now, a_week_ago) else { return Ok(0) };
    let mut told = 0;
    for (payee, rule, verdict) in late(&now).await? {
        let still = late(&a_week_ago).await?.into_iter().any(|(other, again, _)| (&other, again) == (&payee, rule));
        for step in [Step::First, Step::Next].into_iter().filter(|step| *step == Step::First || still) {
            told += usize::from(told_once(sight, claim, (payee.as_ref(), &verdict), step).await?);
        }
    }
    Ok(told)
}

/// What is late of a claim, by payee where it is about one.
async fn late(judged: &Judged<'_>) -> Result<Vec<(Option<PartyId>, RuleId, Verdict)>, DeskError> {
    let payables = &judged.claim.sheet.course.payables;
    let acts = |verdict: &Verdict| matches!(verdict.outcome, Outcome::Found(Effect::Act { .. }));
    if payables.is_empty() {
        let late = judged.unanswered()?.filter(acts);
        return Ok(late.map(|verdict| (None, PROMPT, verdict)).into_iter().collect());
    }
    let Some(facts) = Facts::of(judged.sight.store, judged.claim, &judged.case).await? else { return Ok(Vec::new()) };
    let mut found = Vec::new();
    for payable in payables.iter().filter(|payable| is_about_money(payable)) {
        for rule in [PROMPT, INVOICED] {
            let verdict = judged.of_payee(&facts, payable, rule).await?.filter(acts);
            found.extend(verdict.map(|verdict| (Some(payable.payee.clone()), rule, verdict)));
        }
    }
    Ok(found)
}

/// Whether anything is or was owed of a payable.
fn is_about_money(payable: &Payable) -> bool {
    payable.amount.minor > 0 || !payable.payments.is_empty()
}

/// Who is told: whoever has to see to it, and then somebody else.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Step {
    First,
    Next,
}

/// Tells of what is late, unless it was told; whether it is new.
async fn told_once(
    sight: Sight<'_>,
    claim: &Stored<ClaimPaper>,
    (payee, verdict): (Option<&PartyId>, &Verdict),
    step: Step,
) -> Result<bool, DeskError> {
    let Outcome::Found(Effect::Act { actions }) = &verdict.outcome else { return Ok(false) };
    let Some(action) = actions.first() else { return Ok(false) };
    let name = match (action.what, verdict.field.as_str(), step) {
        (ActionKind::AskForInvoice, _, Step::First) => "invoice_missing",
        (ActionKind::AskForInvoice, _, Step::Next) => "invoice_still_missing",
        (ActionKind::SelfBill, _, Step::First) => "credit_note_missing",
        (ActionKind::SelfBill, _, Step::Next) => "credit_note_still_missing",
        (_, "/claim/answered_at", Step::First) => "claim_unanswered",
        (_, "/claim/answered_at", Step::Next) => "claim_still_unanswered",
        (_, _, Step::First) => "claim_unpaid",
        (_, _, Step::Next) => "claim_still_unpaid",
    };
    let label = claim.label();
    let whose = payee.map(PartyId::as_str).unwrap_or_default();
    let notice = NoticeRow {
        // Told again of the same day, it is the same notice.
        id: format!("late/{label}/{whose}/{name}/{}", action.due),
        run: Some(claim.row.snapshot.run),
        name: name.to_owned(),
        data: json!({
            "label": label,
            "legal_entity": claim.row.snapshot.home.legal_entity,
            "what": if whose.is_empty() { String::new() } else { format!("what is owed to `{whose}`") },
            "because": format!("{}: {}", verdict.rule, verdict.because),
        }),
        status: NoticeStatus::Pending,
        attempts: 0,
        not_before: sight.now,
        error: None,
    };
    Ok(sight.store.add_notice(notice).await?)
}
