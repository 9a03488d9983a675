//! What each movement of a statement rests on: the rules that set or bounded an amount, the payout run that paid it, the reason for
//! which it is claimed back.

use std::{
    collections::{BTreeMap, btree_map::Entry},
    sync::Arc,
};

use entente_core::{
    context::funding::{Assessment, ClaimPaper, Paper as _, Payee, Reason, is_told_in_full},
    event::{Body, Event, Outcome},
    ids::{LegalEntityId, PartyId, RunId},
    ledger::PostingAction,
    mdf::{
        AS_APPROVED, LOWEST_BOUND, MOVEMENTS, NETTED, RETURNED, RuleId, SHARE_ROUNDING, SHARES, TAKEN_BACK, TAX_RULE,
        statement::{Applied, TEXT_MOST},
    },
    money::Money,
    run::{Command, Record},
    scope::{Home, Scope},
};
use entente_store::{RunRow, Store};
use jiff::Timestamp;
use serde::Deserialize;
use serde_json::Value;

use crate::{
    funding::{record, stored::typed},
    offers::DeskError,
};

/// What statements need of claims and orders, read once.
#[derive(Default)]
pub(super) struct Claims(BTreeMap<RunId, Told>);

/// What a statement needs of a claim or an order.
pub(super) struct Told {
    /// The legal entity that owes.
    pub(super) entity: LegalEntityId,
    party: PartyId,
    payees: Vec<Payee>,
    steps: BTreeMap<u64, Step>,
}

/// A step that booked something.
struct Step {
    at: Timestamp,
    cause: Cause,
    judged: Option<Arc<Judged>>,
}

/// What the rules made of an amount.
struct Judged {
    pack: String,
    /// What may be paid.
    payable: Option<Money>,
    bounds: Vec<Bound>,
}

/// A rule that bounds an amount.
struct Bound {
    rule: RuleId,
    lowers: bool,
    why: String,
}

/// What a step was about.
enum Cause {
    Paid {
        payout: String,
        on: String,
        withheld: Option<Money>,
    },
    CameBack {
        payout: String,
        why: String,
    },
    Disputed(String),
    Resolved(String),
    Recovered(String),
    /// Anything else: where people have agreed to claim money back, or to do so no longer, for this reason.
    Agreed(String),
}

/// What people are asked to agree to, until that is decided.
#[derive(Default)]
enum Asked {
    /// Nothing.
    #[default]
    Nothing,
    /// To claim money back, or to do so no longer, for this reason.
    Back(String),
    /// To what becomes of a disputed amount, for this reason.
    Dispute(String),
}

impl Asked {
    fn agreed(&self) -> Cause {
        match self {
            Asked::Nothing => Cause::Agreed(String::new()),
            Asked::Back(reason) => Cause::Agreed(reason.clone()),
            Asked::Dispute(reason) => Cause::Resolved(reason.clone()),
        }
    }
}

impl Claims {
    pub(super) async fn claim(&mut self, store: &dyn Store, run: RunId) -> Result<&Told, DeskError> {
        match self.0.entry(run) {
            Entry::Occupied(known) => Ok(known.into_mut()),
            Entry::Vacant(unknown) => {
                let row = store.run(&Scope::vendor(), run).await?;
                let row = row.ok_or_else(|| entente_store::Error::NotFound { kind: "run", id: run.to_string() })?;
                Ok(unknown.insert(told(store, row).await?))
            }
        }
    }
}

async fn told(store: &dyn Store, row: RunRow) -> Result<Told, DeskError> {
    let unreadable = |why: String| DeskError::Unreadable { what: format!("`{}`", row.snapshot.label), why };
    let (mut steps, mut asked) = (BTreeMap::new(), Asked::Nothing);
    let (mut said, mut judged) = (None, None);
    for step in store.history(&Scope::vendor(), row.snapshot.run, 1, u32::MAX).await? {
        let record: Record = serde_json::from_str(&step.record).map_err(|error| unreadable(error.to_string()))?;
        said = assessment(&record.event).or(said);
        asks(&record.event, &mut asked);
        if record.commands.iter().any(|done| matches!(done, Command::Post { .. })) {
            if let Some(assessment) = said.take() {
                judged = Some(Arc::new(bounds(store, &assessment).await?));
            }
            let cause = cause(&record.event, &asked);
            steps.insert(record.seq, Step { at: record.at, cause, judged: judged.clone() });
        }
    }
    let Home { legal_entity: entity, party } = row.snapshot.home.clone();
    let payees = match row.snapshot.chart.name == ClaimPaper::NAME {
        true => typed::<ClaimPaper>(row)?.sheet.paper.shared_among(),
        false => Vec::new(),
    };
    Ok(Told { entity, party, payees, steps })
}

/// What the rules said in a step, where they were asked in it.
fn assessment(event: &Event) -> Option<Assessment> {
    let Body::Result { outcome: Outcome::Done { output }, .. } = &event.body else { return None };
    Assessment::deserialize(output.get("assessment")?).ok()
}

/// Keeps what people are asked, and why, until that is decided.
fn asks(event: &Event, asked: &mut Asked) {
    match &event.body {
        Body::Named { name, data } => match name.as_str() {
            "claw_back" | "waive" => *asked = Asked::Back(text(data, "reason")),
            "settle_dispute" => *asked = Asked::Dispute(text(data, "reason")),
            "prove" => *asked = Asked::Nothing,
            _ => {}
        },
        Body::Result { outcome: Outcome::Failed(_), .. } => *asked = Asked::Nothing,
        _ => {}
    }
}

/// The rules that bounded an amount, as a partner is told of them.
async fn bounds(store: &dyn Store, assessment: &Assessment) -> Result<Judged, DeskError> {
    let record = record::get(store, &assessment.record).await?;
    let verdicts = record.pointer("/judgement/verdicts").and_then(Value::as_array);
    let bounds = verdicts.into_iter().flatten().filter_map(bound).collect();
    let pack = format!("{}@{}", assessment.pack.name, assessment.pack.version);
    Ok(Judged { pack, payable: assessment.payable, bounds })
}

/// A verdict that bounds an amount, whether or not it lowers it.
fn bound(verdict: &Value) -> Option<Bound> {
    let rule: RuleId = text(verdict, "rule").parse().ok()?;
    let lowers = text(verdict, "outcome") == "found" && text(verdict, "effect") == "reduce";
    let bounds = verdict.get("bounds").and_then(Value::as_array).is_some_and(|bounds| !bounds.is_empty());
    let (field, because, remedy) = (text(verdict, "field"), text(verdict, "because"), text(verdict, "remedy"));
    if lowers {
        let reason = Reason { rule, effect: "reduce".into(), field, because, remedy };
        return reason.for_partner().map(|told| Bound { rule, lowers, why: told.because });
    }
    let holds = text(verdict, "outcome") == "satisfied" && bounds && is_told_in_full(rule);
    holds.then_some(Bound { rule, lowers, why: because })
}

fn text(value: &Value, field: &str) -> String {
    value.get(field).and_then(Value::as_str).unwrap_or_default().to_owned()
}

fn cause(event: &Event, asked: &Asked) -> Cause {
    let (name, data) = match &event.body {
        Body::Named { name, data } => (name, data),
        Body::Result { .. } => return asked.agreed(),
        // Time has acted, and nobody was asked.
        _ => return Cause::Agreed(String::new()),
    };
    let payout = || text(data, "payout");
    match name.as_str() {
        "settle" => {
            let withheld = data.get("withheld").cloned().and_then(|withheld| serde_json::from_value(withheld).ok());
            Cause::Paid { payout: payout(), on: text(data, "on"), withheld }
        }
        "came_back" => Cause::CameBack { payout: payout(), why: text(data, "why") },
        "dispute" => Cause::Disputed(text(data, "reason")),
        "resolve_dispute" => Cause::Resolved(text(data, "reason")),
        "recovered" if payout().is_empty() => Cause::Recovered(text(data, "how")),
        "recovered" => Cause::Recovered(format!("it was taken off payment {}", payout())),
        _ => asked.agreed(),
    }
}

/// What a rule came to in a claim that is not the payee's own.
fn of_another(lowers: bool) -> &'static str {
    match lowers {
        true => "it lowered the claim that this is a share of",
        false => "it bounds the claim that this is a share of, and has not lowered it",
    }
}

fn applied(rule: RuleId, why: impl AsRef<str>) -> Applied {
    let why: String = why.as_ref().split_whitespace().collect::<Vec<_>>().join(" ").chars().take(TEXT_MOST).collect();
    Applied { rule, why, pack: None }
}

impl Told {
    /// When a step was taken that booked something.
    pub(super) fn booked_at(&self, step: u64) -> Option<Timestamp> {
        self.steps.get(&step).map(|step| step.at)
    }

    /// What a movement rests on, as its payee is told; never nothing.
    pub(super) fn rules_of(&self, step: u64, movement: PostingAction, payee: &PartyId) -> Vec<Applied> {
        let Some(step) = self.steps.get(&step) else { return Vec::new() };
        match movement {
            PostingAction::Owe | PostingAction::OweAdvance => self.owed(step, payee),
            PostingAction::Withhold => vec![applied(AS_APPROVED, withheld(&step.cause))],
            PostingAction::Pay | PostingAction::PayAdvance | PostingAction::PaySurplus => paid(movement, &step.cause),
            PostingAction::Reopen | PostingAction::ReopenAdvance | PostingAction::OweSurplus => {
                vec![applied(RETURNED, returned(movement, &step.cause))]
            }
            PostingAction::ClawBack | PostingAction::CallIn => {
                vec![applied(TAKEN_BACK, taken_back(movement, &step.cause))]
            }
            PostingAction::Recover | PostingAction::Waive => vec![applied(NETTED, netted(movement, &step.cause))],
            _ => vec![applied(MOVEMENTS, "it was moved in the fund")],
        }
    }

    /// What is owed: by the rules that bounded the claim, and the part of each payee in it.
    fn owed(&self, step: &Step, payee: &PartyId) -> Vec<Applied> {
        if let Cause::Resolved(reason) = &step.cause {
            return vec![applied(AS_APPROVED, format!("granted of what was disputed: {reason}"))];
        }
        let Some(judged) = &step.judged else {
            return vec![applied(AS_APPROVED, "what was ordered has come, and the invoice matches it")];
        };
        let own = *payee == self.party;
        let why = |bound: &Bound| if own { bound.why.clone() } else { of_another(bound.lowers).to_owned() };
        let mut rules: Vec<Applied> = judged.bounds.iter().map(|bound| applied(bound.rule, why(bound))).collect();
        if rules.is_empty() {
            let whole = judged.payable.filter(|_| own).map_or("the claim".to_owned(), |payable| payable.to_string());
            rules.push(applied(LOWEST_BOUND, format!("{whole} is owed as claimed, for no rule of the pack bounds it")));
        }
        rules.iter_mut().for_each(|rule| rule.pack = Some(judged.pack.clone()));
        rules.extend(self.share(payee));
        rules
    }

    /// The part of a payee, where a claim has several.
    fn share(&self, payee: &PartyId) -> Option<Applied> {
        let own = self.payees.iter().find(|one| one.payee == *payee).filter(|_| self.payees.len() > 1)?;
        let whole = self.payees.iter().fold(0_u64, |sum, one| sum.saturating_add(one.weight));
        Some(applied(SHARES, format!("{} of {whole} parts of what was approved: {SHARE_ROUNDING}", own.weight)))
    }
}

fn withheld(cause: &Cause) -> String {
    match cause {
        Cause::Disputed(reason) => format!("it is disputed, and held while the rest is paid: {reason}"),
        _ => "it is owed no longer, for it was credited".to_owned(),
    }
}

fn paid(movement: PostingAction, cause: &Cause) -> Vec<Applied> {
    let Cause::Paid { payout, on, withheld } = cause else {
        return vec![applied(AS_APPROVED, "it was paid as approved")];
    };
    let (rule, what) = match movement {
        PostingAction::PaySurplus => (RETURNED, "what had come twice was paid"),
        _ => (AS_APPROVED, "paid as approved"),
    };
    let tax = withheld.filter(|_| movement != PostingAction::PaySurplus);
    let tax = tax.map(|withheld| applied(TAX_RULE, format!("{withheld} of it was withheld as tax")));
    std::iter::once(applied(rule, format!("{what} by {payout} on {on}"))).chain(tax).collect()
}

fn returned(movement: PostingAction, cause: &Cause) -> String {
    let after = if movement == PostingAction::OweSurplus { ", after it had been given back" } else { "" };
    match cause {
        Cause::CameBack { payout, why } => format!("the bank returned the payment of {payout}{after}: {why}"),
        _ => format!("the bank returned the payment{after}"),
    }
}

fn taken_back(movement: PostingAction, cause: &Cause) -> String {
    match cause {
        Cause::Agreed(reason) if !reason.is_empty() => format!("claimed back: {reason}"),
        _ if movement == PostingAction::CallIn => "what was paid in advance was not proven".to_owned(),
        _ => "claimed back, for it was credited after it was paid".to_owned(),
    }
}

fn netted(movement: PostingAction, cause: &Cause) -> String {
    match cause {
        Cause::Agreed(reason) if movement == PostingAction::Waive => format!("claimed back no longer: {reason}"),
        Cause::Recovered(how) => format!("what was claimed back has come: {how}"),
        Cause::CameBack { payout, .. } => format!("what was claimed back has come with the payment of {payout}"),
        _ => "what was claimed back has come".to_owned(),
    }
}
