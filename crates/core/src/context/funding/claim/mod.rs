//! A claim: what the work has cost, the proof of it, and the money that is owed and paid for it.

mod advance;
mod clawback;
mod course;
mod dispute;
mod events;
mod in_kind;
mod money_moves;
mod payable;
mod proof;
mod put_off;
mod times;

use std::collections::{BTreeMap, BTreeSet};

use jiff::{Timestamp, civil::Date};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

pub use advance::Advance;
pub use clawback::{Clawback, Waiver};
pub use course::{Agreed, ClaimCourse, SentBack, WithPartner};
pub(super) use course::{CameBack, NotPaid, Recovered, Scheduled, Settle, check_event};
pub use dispute::{Declined, Dispute, Proposal};
pub use payable::{Payable, PayableStatus, Payee, Payment};
pub use proof::Proof;
pub use put_off::PutOff;

use super::{
    ASSESS, CLAIM_JOINT_KEY, JointClaim, Names, Paper, Sheet, Task, check_at,
    names::{money, object, optional},
};
use crate::{
    context::{FieldError, Key, Type, agreement_request::filled},
    event::Event,
    ids::{LegalEntityId, PartyId, PersonId},
    ledger::Posting,
    mdf::model::{BrandCheck, ClaimKind, Income, Invoice, LeadList, Line, Tax},
    money::{Currency, Money},
};

/// The kind of key under which the claims on a request are found.
pub const CLAIM_REQUEST_KEY: &str = "claim.request";

/// The kind of key under which the claims of a partner are found.
pub const CLAIM_PARTNER_KEY: &str = "claim.partner";

/// The kind of key under which the claims are found that pay others than the partner who claims.
pub const CLAIM_PAYEE_KEY: &str = "claim.payee";

/// The kind of key under which the claims that name a file are found.
pub const CLAIM_FILE_KEY: &str = "claim.file";

/// The kind of key under which claims that are alike in something find each other.
pub const CLAIM_LIKENESS_KEY: &str = "claim.like";

/// The activity that tells a request what was claimed of it.
pub const TELL_REQUEST: &str = "claim.tell_request";

/// The deadline of approvals, after which a proof is given back.
const UNANSWERED: &str = "P30D";

/// The task of whoever answers for money that is claimed back.
const RECOVER_MONEY: &str = "recover_money";

/// The task of whoever has to prove what an advance was spent on.
const PROVE_ADVANCE: &str = "prove_advance";

/// A claim on a granted request. Everything in it is in one currency.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ClaimPaper {
    /// The request, by its label.
    pub request: String,
    /// Who claims.
    pub partner: PartyId,
    /// The legal entity that pays.
    pub legal_entity: LegalEntityId,
    /// What kind of claim it is.
    pub kind: ClaimKind,
    /// Whether it is the last one on its request: what it leaves is given back.
    #[serde(default)]
    pub closing: bool,
    /// The last day on which an advance may be proven; nothing of any other claim.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub prove_by: Option<Date>,
    /// The currency of everything in it.
    pub currency: Currency,
    /// What is claimed.
    pub amount: Money,
    /// The cost, line by line.
    pub lines: Vec<Line>,
    /// Why the invoices add up to something else than the cost.
    #[serde(default)]
    pub partial_funding: String,
    /// Money from others for the same activity.
    #[serde(default)]
    pub income: Vec<Income>,
    /// Who is paid, where that is not the partner alone.
    #[serde(default)]
    pub payees: Vec<Payee>,
    /// How tax is treated.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tax: Option<Tax>,
    /// Files, by the hash under which they are kept.
    #[serde(default)]
    pub evidence: Vec<Proof>,
    /// Invoices.
    #[serde(default)]
    pub invoices: Vec<Invoice>,
    /// Why there is no attendance sheet.
    #[serde(default)]
    pub no_attendance_because: String,
    /// Leads and opportunities recorded from the activity.
    #[serde(default)]
    pub leads_recorded: u32,
    /// Results, by metric.
    #[serde(default)]
    pub metrics: BTreeMap<String, i64>,
    /// The check of logo, brand and claims.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub brand_check: Option<BrandCheck>,
    /// A list of persons handed over.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub lead_list: Option<LeadList>,
    /// Of which whole it is a part, where several funds pay.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub joint: Option<Box<JointClaim>>,
}

impl ClaimPaper {
    /// The key under which the ledger holds what is committed to a claim.
    pub fn ledger_key(label: &str) -> String {
        format!("claim/{label}")
    }

    /// Whether another paper is about the same money.
    fn is_about_the_same(&self, other: &ClaimPaper) -> bool {
        self.request == other.request
            && self.partner == other.partner
            && self.legal_entity == other.legal_entity
            && self.currency == other.currency
            && self.joint.as_ref().map(|joint| &joint.label) == other.joint.as_ref().map(|joint| &joint.label)
    }

    /// Who is paid: the partner alone where nobody else is named.
    pub fn shared_among(&self) -> Vec<Payee> {
        match self.payees.is_empty() {
            true => vec![Payee { payee: self.partner.clone(), weight: 1 }],
            false => self.payees.clone(),
        }
    }
}

impl Paper for ClaimPaper {
    const NAME: &'static str = "mdf_claim";
    const OWNER: &'static str = "alliance_manager";
    type Course = ClaimCourse;

    fn legal_entity(&self) -> &LegalEntityId {
        &self.legal_entity
    }

    fn party(&self) -> Option<&PartyId> {
        Some(&self.partner)
    }

    fn for_partner(&mut self, course: &mut ClaimCourse) {
        // How others are paid, what they dispute and what comes back from them, is between them and the vendor.
        for others in course.payables.iter_mut().filter(|payable| payable.payee != self.partner) {
            let Payable { payee, amount, status, .. } = others.clone();
            *others = Payable { status, ..Payable::new(payee, amount) };
        }
        course.disputes.retain(|dispute| dispute.payee == self.partner);
        course.disputes.iter_mut().for_each(Dispute::for_payee);
        course.clawbacks.retain(|back| back.payee == self.partner);
        course.submitted_by.clear();
        course.agreed.clear();
        course.likeness.clear();
        course.moves.clear();
        course.owner = None;
        // What nobody has agreed to is claimed back from nobody yet.
        course.clawback_asked = None;
        course.waiver_asked = None;
        course.settlement_asked = None;
        course.put_off_asked = None;
    }

    fn check(&self) -> Result<(), FieldError> {
        if let Some(joint) = &self.joint {
            return self.check_part(joint);
        }
        filled("/request", &self.request)?;
        check_at(self.amount.minor > 0, "/amount", "claims nothing; write an amount of more than zero")?;
        advance::check_paper(self)?;
        in_kind::check_paper(self)?;
        let amounts = [("/amount".to_owned(), self.amount)].into_iter();
        let lines = self.lines.iter().enumerate().map(|(at, line)| (format!("/lines/{at}/amount"), line.amount));
        let income = self.income.iter().enumerate().map(|(at, income)| (format!("/income/{at}/amount"), income.amount));
        let totals =
            self.invoices.iter().enumerate().map(|(at, invoice)| (format!("/invoices/{at}/total"), invoice.total));
        let used =
            self.invoices.iter().enumerate().map(|(at, invoice)| (format!("/invoices/{at}/claimed"), invoice.claimed));
        for (field, amount) in amounts.chain(lines).chain(income).chain(totals).chain(used) {
            let same = amount.currency == self.currency;
            check_at(same, &field, format!("is not in {}, the currency of the claim", self.currency))?;
            check_at(amount.minor >= 0, &field, format!("is {amount}; write zero or more"))?;
        }
        for (at, line) in self.lines.iter().enumerate() {
            filled(&format!("/lines/{at}/what"), &line.what)?;
            let ends_late = line.from <= line.until;
            check_at(ends_late, &format!("/lines/{at}/until"), "lies before its first day; correct one of them")?;
        }
        for (at, proof) in self.evidence.iter().enumerate() {
            proof.check(&format!("/evidence/{at}"))?;
        }
        let mut paid = BTreeSet::new();
        for (at, payee) in self.payees.iter().enumerate() {
            check_at(payee.weight > 0, &format!("/payees/{at}/weight"), "is nothing; leave the payee out")?;
            let once = paid.insert(&payee.payee);
            check_at(once, &format!("/payees/{at}/payee"), "is named twice; write one share for each payee")?;
        }
        Ok(())
    }

    fn replaces(&self, other: &ClaimPaper) -> bool {
        let way = |paper: &ClaimPaper| (paper.kind == ClaimKind::Advance, paper.kind == ClaimKind::InKind);
        self.is_about_the_same(other) && way(self) == way(other)
    }

    fn title(&self) -> String {
        format!("{} on request `{}` of partner `{}`", self.amount, self.request, self.partner)
    }

    fn value(sheet: &Sheet<ClaimPaper>) -> Option<Money> {
        let course = &sheet.course;
        let back = course.clawback_asked.as_ref().map(|clawback| clawback.amount);
        let back = back.or_else(|| course.waiver_asked.as_ref().map(|waiver| waiver.amount));
        let back = back.or_else(|| course.settlement_asked.as_ref().map(|settlement| settlement.disputed));
        // What was approved once says nothing of a paper that was changed since.
        Some(back.or_else(|| sheet.payable()).or(course.approved).unwrap_or(sheet.paper.amount))
    }

    fn limited_by(sheet: &Sheet<ClaimPaper>) -> Option<Money> {
        let course = &sheet.course;
        let back = course.clawback_asked.is_some() || course.waiver_asked.is_some();
        let whole = sheet.paper.joint.as_ref().filter(|_| !back).map(|joint| joint.amount);
        whole.or_else(|| Self::value(sheet))
    }

    fn names() -> Names {
        let names = Names {
            guards: &[
                "stands_as_approved",
                "nothing_is_open",
                "only_a_clawback_is_open",
                "payee_may_be_scheduled",
                "payee_is_scheduled_there",
                "payment_is_noted",
                "payment_came_back",
                "payable_may_be_disputed",
                "dispute_is_open",
                "settlement_is_asked",
                "put_off_is_asked",
                "may_be_clawed_back",
                "may_be_waived",
                "clawback_is_agreed",
                "recovery_fits",
                "advance_waits_for_proof",
                "proof_is_given",
            ],
            deadlines: &[advance::PROVE_BY, "claim.proof_remind_14", "claim.proof_remind_7", "claim.proof_remind_2"],
            tasks: &[RECOVER_MONEY, PROVE_ADVANCE],
            requests: &[ASSESS, TELL_REQUEST],
            postings: &[
                "claim.commit",
                "claim.settle",
                "claim.dispute",
                "claim.resolve",
                "claim.claw_back",
                "claim.recover",
                "claim.waive",
                "claim.true_up",
                "claim.call_in",
            ],
            changes: &["claw_back", "waive", "prove", "settle_dispute", "put_off"],
            ..Names::default()
        };
        names
            .event("schedule", [("payout", Type::Text), ("payee", Type::Text)])
            .event("unschedule", [("payout", Type::Text), ("payee", Type::Text)])
            .event("settle", [("payout", Type::Text), ("payee", Type::Text), ("amount", money()), ("on", Type::Text)])
            .event("came_back", [("payout", Type::Text), ("payee", Type::Text), ("amount", money())])
            .event("dispute", [("payee", Type::Text), ("amount", money()), ("reason", Type::Text)])
            .event("resolve_dispute", [("payee", Type::Text), ("granted", money()), ("reason", Type::Text)])
            .event("settle_dispute", [("payee", Type::Text), ("granted", money()), ("reason", Type::Text)])
            .event("put_off", [("until", Type::Text), ("prove_by", Type::Text), ("reason", Type::Text)])
            .event(
                "claw_back",
                [
                    ("amount", money()),
                    ("payee", Type::Text),
                    ("reason", Type::Text),
                    ("as_given", optional(Type::Bool)),
                ],
            )
            .event("waive", [("amount", money()), ("payee", Type::Text), ("reason", Type::Text)])
            .event("prove", [("paper", object([]))])
            .event("recovered", [("amount", money()), ("how", Type::Text), ("payout", optional(Type::Text))])
    }

    fn shown(sheet: &Sheet<ClaimPaper>) -> Value {
        let mut shown = json!({ "clawback": sheet.course.clawback_asked, "waiver": sheet.course.waiver_asked });
        // Claims of before, of which none of these was asked, keep the revision that people have agreed to.
        if let Some(settlement) = &sheet.course.settlement_asked {
            shown["settlement"] = json!(settlement);
        }
        if let Some(put_off) = &sheet.course.put_off_asked {
            shown["put_off"] = json!(put_off);
        }
        shown
    }

    fn facts(sheet: &Sheet<ClaimPaper>) -> Map<String, Value> {
        let mut facts = Map::new();
        facts.insert("request".into(), json!(sheet.paper.request));
        facts.insert("clawback".into(), json!(sheet.course.clawback_asked.is_some()));
        facts.insert("waiver".into(), json!(sheet.course.waiver_asked.is_some()));
        facts.insert("claimed_minor".into(), json!(sheet.paper.amount.minor));
        facts.insert("in_kind".into(), json!(sheet.paper.kind == ClaimKind::InKind));
        facts.insert("advance".into(), json!(sheet.paper.kind == ClaimKind::Advance));
        if let Some(settlement) = &sheet.course.settlement_asked {
            facts.insert("settlement".into(), json!(settlement));
        }
        if let Some(put_off) = &sheet.course.put_off_asked {
            facts.insert("put_off".into(), json!(put_off));
        }
        let paid = sheet.unproven();
        facts.extend(paid.map(|paid| ("paid_in_advance_minor".into(), json!(paid.minor))));
        facts
    }

    fn barred(sheet: &Sheet<ClaimPaper>) -> BTreeSet<PersonId> {
        // Whoever disputes an amount has no vote on what becomes of it.
        let open = sheet.course.disputes.iter().filter(|dispute| dispute.granted.is_none());
        sheet.course.submitted_by.iter().cloned().chain(open.map(|dispute| dispute.by.clone())).collect()
    }

    fn keys(sheet: &Sheet<ClaimPaper>) -> Vec<Key> {
        let key = |kind: &str, value: String| Key { kind: kind.to_owned(), value, unique: false };
        let paper = &sheet.paper;
        let alike = sheet.course.likeness.iter().map(|value| key(CLAIM_LIKENESS_KEY, value.clone()));
        let own = [key(CLAIM_REQUEST_KEY, paper.request.clone()), key(CLAIM_PARTNER_KEY, paper.partner.to_string())];
        let files: BTreeSet<&String> = paper.evidence.iter().map(|proof| &proof.file).collect();
        let files = files.into_iter().map(|file| key(CLAIM_FILE_KEY, file.clone()));
        let others = paper.payees.iter().filter(|one| one.payee != paper.partner);
        let others = others.map(|one| key(CLAIM_PAYEE_KEY, one.payee.to_string()));
        let joint = paper.joint.iter().map(|joint| key(CLAIM_JOINT_KEY, joint.label.clone()));
        own.into_iter().chain(joint).chain(files).chain(others).chain(alike).collect()
    }

    fn guard(sheet: &Sheet<ClaimPaper>, name: &str, event: &Event, _: Timestamp) -> Option<bool> {
        sheet.claim_guard(name, event)
    }

    fn request(sheet: &Sheet<ClaimPaper>, activity: &str) -> Option<Value> {
        (activity == TELL_REQUEST).then(|| sheet.told_to_request())
    }

    fn deadline(sheet: &Sheet<ClaimPaper>, name: &str) -> Option<Option<Timestamp>> {
        sheet.claim_deadline(name)
    }

    fn task(sheet: &Sheet<ClaimPaper>, kind: &str) -> Option<Task> {
        let who = sheet.course.owner.clone();
        match kind {
            RECOVER_MONEY => Some(Task {
                title: format!("see to it that what is claimed back of {} comes", sheet.paper.title()),
                role: "finance_approver",
                assignee: who,
            }),
            PROVE_ADVANCE => Some(Task {
                title: format!("prove what was paid in advance: {}", sheet.paper.title()),
                role: Self::OWNER,
                assignee: sheet.requester.clone(),
            }),
            _ => None,
        }
    }

    fn came(sheet: &mut Sheet<ClaimPaper>, deadline: &str, due: Timestamp) {
        sheet.claim_came(deadline, due);
    }

    fn postings(sheet: &Sheet<ClaimPaper>, name: &str) -> Option<Vec<Posting>> {
        sheet.claim_postings(name)
    }

    fn check_event(event: &str, data: &Value) -> Option<Result<(), FieldError>> {
        course::check_event(event, data)
    }

    fn happened(sheet: &mut Sheet<ClaimPaper>, name: &str, data: &Value, event: &Event, now: Timestamp) {
        sheet.claim_happened(name, data, event, now);
    }

    fn done(sheet: &mut Sheet<ClaimPaper>, activity: &str, output: &Value, now: Timestamp) {
        sheet.claim_done(activity, output, now);
    }

    fn failed(sheet: &mut Sheet<ClaimPaper>, activity: &str, now: Timestamp) {
        sheet.claim_failed(activity, now);
    }

    fn ledger_refused(sheet: &mut Sheet<ClaimPaper>, now: Timestamp) {
        sheet.refused_by_ledger(now);
    }

    fn told(sheet: &Sheet<ClaimPaper>) -> Map<String, Value> {
        let mut told = Map::new();
        told.insert("request".into(), json!(sheet.paper.request));
        if let Some(joint) = &sheet.paper.joint {
            told.insert("joint".into(), json!(joint.label));
        }
        told.insert("approved".into(), json!(sheet.course.approved));
        told.insert("payables".into(), json!(sheet.course.payables));
        told.insert("clawbacks".into(), json!(sheet.course.clawbacks));
        told.insert("came_twice".into(), json!(sheet.course.came_twice));
        if let Some(advance) = &sheet.course.advance {
            told.insert("advance".into(), json!(advance));
        }
        if sheet.course.advance.is_some() || sheet.course.is_anything_open() {
            told.insert("tell".into(), json!(sheet.course.owner.iter().collect::<Vec<_>>()));
        }
        told
    }
}
