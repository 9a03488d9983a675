//! What the rules say of a claim once it is approved: of what it owes, of the runs that pay it, of what came back. It is judged as it
//! stands, whenever somebody asks and before a run pays it.

mod documents;
pub mod late;
mod payout;

use entente_core::{
    context::funding::{ClaimPaper, Payable},
    mdf::{
        AS_APPROVED, CUT_OFF, Case, INSTALMENTS, INVOICED, NETTED, Outcome, PROMPT, Pack, REFUSED_BY, RETURNED, RuleId,
        SEPARATE, Verdict, WAYS, judge_rule, model::PayoutKind,
    },
};
use entente_store::Store;
use jiff::Timestamp;

use self::payout::Facts;
use super::{CALENDAR_OF, case, debt::Debt, evidence::Room, stored::Stored};
use crate::{offers::DeskError, world::World};

/// Rules about a claim as a whole.
const OF_THE_CLAIM: [RuleId; 4] = [SEPARATE, AS_APPROVED, INSTALMENTS, WAYS];

/// Rules about what is owed to each payee.
const OF_EACH_PAYEE: [RuleId; 5] = [PROMPT, INVOICED, RETURNED, NETTED, CUT_OFF];

/// Rules that let no payout run pay a claim while they find something.
const HOLDING: [RuleId; 3] = [AS_APPROVED, INSTALMENTS, WAYS];

/// What is looked at.
#[derive(Clone, Copy)]
pub struct Sight<'a> {
    /// The records.
    pub store: &'a dyn Store,
    /// The files that partners have handed in.
    pub room: &'a Room,
    /// Calendars.
    pub world: &'a World,
    /// When.
    pub now: Timestamp,
}

/// A claim that was judged before, as far as its pack enables rules about what comes after its approval.
struct Judged<'a> {
    sight: Sight<'a>,
    claim: &'a Stored<ClaimPaper>,
    case: Case,
    pack: Pack,
}

impl<'a> Judged<'a> {
    async fn of(sight: Sight<'a>, claim: &'a Stored<ClaimPaper>) -> Result<Option<Judged<'a>>, DeskError> {
        let judged = case::judged_before(sight.store, claim, sight.now).await?;
        Ok(judged.map(|(case, pack)| Judged { sight, claim, case, pack }))
    }

    /// What a rule says of a case.
    fn judge(&self, rule: RuleId, case: &Case) -> Result<Option<Verdict>, DeskError> {
        let calendar =
            self.sight.world.calendars.of_role(&CALENDAR_OF.parse()?, &self.claim.row.snapshot.home.legal_entity);
        Ok(judge_rule(rule, case, &self.pack, calendar))
    }

    /// What these rules say of the claim as a whole.
    async fn whole(&self, facts: &Facts, rules: &[RuleId]) -> Result<Vec<Verdict>, DeskError> {
        let mut verdicts = Vec::new();
        let documents = match self.pack.terms.enables(AS_APPROVED) && rules.contains(&AS_APPROVED) {
            true => Some(documents::of(self.sight, self.claim).await?),
            false => None,
        };
        for rule in rules.iter().filter(|rule| self.pack.terms.enables(**rule)) {
            let mut payout = facts.whole();
            if *rule == INSTALMENTS {
                payout.approved = facts.approved_in_parts();
            }
            if let Some(documents) = &documents {
                (payout.approved_hash, payout.paid_hash) = (documents.approved.clone(), documents.paid.clone());
            }
            let case = Case { payout: Some(payout), ..self.case.clone() };
            let Some(mut verdict) = self.judge(*rule, &case)? else { continue };
            if let Some(documents) = documents.as_ref().filter(|_| *rule == AS_APPROVED && found(&verdict)) {
                verdict.because.push_str(&documents.told());
            }
            verdicts.push(verdict);
        }
        Ok(verdicts)
    }

    /// What a rule says of what is owed to a payee.
    async fn of_payee(&self, facts: &Facts, payable: &Payable, rule: RuleId) -> Result<Option<Verdict>, DeskError> {
        let payout = facts.of_payee(self.sight, self.claim, payable, (rule, &self.pack)).await?;
        self.judge(rule, &Case { payout: Some(payout), ..self.case.clone() })
    }
}

/// Whether a rule found something.
fn found(verdict: &Verdict) -> bool {
    matches!(verdict.outcome, Outcome::Found(_))
}

/// How much a verdict asks for attention: of several payees', the one is told that asks for most.
fn weight(verdict: &Verdict) -> u8 {
    match verdict.outcome {
        Outcome::Found(_) => 3,
        Outcome::Undecided => 2,
        Outcome::Silent => 0,
        _ => 1,
    }
}

/// What the rules say of a claim by now, as far as it is known only after it was judged. Nothing of one of which nothing was ever
/// owed, but whether it is answered in time.
///
/// # Errors
/// When the records cannot be read.
pub async fn verdicts(sight: Sight<'_>, claim: &Stored<ClaimPaper>) -> Result<Vec<Verdict>, DeskError> {
    let Some(judged) = Judged::of(sight, claim).await? else { return Ok(Vec::new()) };
    let payables = &claim.sheet.course.payables;
    if payables.is_empty() {
        let refused = judged.judge(REFUSED_BY, &judged.case)?;
        return Ok(judged.unanswered()?.into_iter().chain(refused).collect());
    }
    let Some(facts) = Facts::of(sight.store, claim, &judged.case).await? else { return Ok(Vec::new()) };
    let mut verdicts = judged.whole(&facts, &OF_THE_CLAIM).await?;
    for rule in OF_EACH_PAYEE {
        let mut gravest: Option<Verdict> = None;
        for payable in payables {
            let Some(mut verdict) = judged.of_payee(&facts, payable, rule).await? else { continue };
            if payables.len() > 1 {
                verdict.because = format!("`{}`: {}", payable.payee, verdict.because);
            }
            if gravest.as_ref().is_none_or(|before| weight(before) < weight(&verdict)) {
                gravest = Some(verdict);
            }
        }
        verdicts.extend(gravest);
    }
    Ok(verdicts)
}

impl Judged<'_> {
    /// Whether a claim of which nothing is owed is answered in time; nothing of one that is decided.
    fn unanswered(&self) -> Result<Option<Verdict>, DeskError> {
        let decided = self.claim.row.snapshot.ended || self.claim.sheet.course.approved.is_some();
        if decided { Ok(None) } else { self.judge(PROMPT, &self.case) }
    }
}

/// Why no payout run pays what a paper owes: the first of its pack's rules that finds something.
///
/// # Errors
/// When the records cannot be read.
pub async fn obstacle(sight: Sight<'_>, debt: &Debt, pack: &Pack) -> Result<Option<String>, DeskError> {
    let Debt::Claim(claim) = debt else {
        let known = pack.pays_by(PayoutKind::Bank);
        return Ok(
            (!known).then(|| format!("rule {WAYS}: the programme does not pay by `{}`", PayoutKind::Bank.word()))
        );
    };
    if !HOLDING.iter().any(|rule| pack.terms.enables(*rule)) {
        return Ok(None);
    }
    let Some(judged) = Judged::of(sight, claim).await? else { return Ok(None) };
    let Some(facts) = Facts::of(sight.store, claim, &judged.case).await? else { return Ok(None) };
    let verdicts = judged.whole(&facts, &HOLDING).await?;
    let stands = |verdict: &&Verdict| found(verdict) || matches!(verdict.outcome, Outcome::Undecided);
    Ok(verdicts.iter().find(stands).map(|verdict| format!("rule {}: {}", verdict.rule, verdict.because)))
}
