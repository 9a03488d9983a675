//! `entente explain`: how an amount, a refusal or a booking came about.

mod books;

use entente_core::{
    context::funding::{Assessment, ClaimPaper, Reason, RequestPaper, is_told_in_full},
    ids::PartyId,
    mdf::RuleId,
};
use serde_json::Value;

use super::{order, papers};
use crate::{
    cli::{
        exit::Exit,
        failure::Failure,
        session::{Globals, Session},
    },
    decision,
    funding::{
        afterwards::{self, Sight},
        record,
    },
};

/// Explain how an amount, a refusal or a booking came about
///
/// Of a request or a claim: what each rule looked at, the bounds it tried and how it rounded. Of an order: how each invoice was
/// matched. Of a journal (J-30): its sides, the step that booked it, and who agreed. Of a fund: each balance with the journals behind
/// it. Of a payout run: what it takes and what it left out, and why. Of what is owed to a payee (CLM-2027-00007/nordlicht): the cost,
/// the rules, the share, and what was paid of it.
#[derive(Debug, clap::Args)]
pub struct Explain {
    /// A request, a claim, an order, a fund or a payout run, such as CLM-2027-00007; a journal, such as J-30; or what is owed to a
    /// payee, such as CLM-2027-00007/nordlicht
    label: String,
    /// One rule only, such as V1
    rule: Option<RuleId>,
    /// Those that found nothing as well
    #[arg(long)]
    all: bool,
    /// Print everything that the rules looked at, as a fixture for `entente policy test` holds it
    #[arg(long)]
    case: bool,
}

impl Explain {
    pub(in crate::cli) async fn run(self, globals: &Globals) -> Result<Exit, Failure> {
        let session = Session::open(globals).await?;
        if let Some(exit) = self.books(&session).await? {
            return Ok(exit);
        }
        let assessment = match self.label.split('-').next() {
            Some("REQ") => papers::find::<RequestPaper>(&session, &self.label).await?.sheet.assessment,
            _ => papers::find::<ClaimPaper>(&session, &self.label).await?.sheet.assessment,
        };
        let Some(assessment) = assessment else {
            let failure = Failure::new(Exit::Conflict, format!("`{}` has not been judged yet", self.label));
            return Err(failure.hint("the rules judge it when it is submitted"));
        };
        let record = record::get(session.app.store.as_ref(), &assessment.record).await?;
        if self.case {
            // A case holds the claims of other partners that it was compared with.
            if session.party().is_some() {
                return Err(Failure::new(Exit::Forbidden, "the whole case is for the vendor's own people"));
            }
            session.out.json(record.get("case").unwrap_or(&Value::Null))?;
            return Ok(Exit::Ok);
        }
        let verdicts = record.pointer("/judgement/verdicts").and_then(Value::as_array).cloned().unwrap_or_default();
        let verdicts = self.with_payout(&session, verdicts).await?;
        let mut wanted: Vec<Value> = verdicts.into_iter().filter(|verdict| self.wants(verdict)).collect();
        let mut assessment = assessment;
        if session.partner().is_some() {
            // What was looked at, and what it is like, names claims of other partners.
            wanted = wanted.into_iter().filter_map(for_partner).collect();
            assessment = assessment.for_partner();
        }
        if session.out.is_json() {
            session.out.json(&wanted)?;
            return Ok(Exit::Ok);
        }
        summary(&session, &assessment);
        for verdict in &wanted {
            told(&session, verdict);
        }
        if wanted.is_empty() {
            session.out.say("no rule found anything; add --all for what they looked at");
        }
        Ok(Exit::Ok)
    }

    /// Explains what is no paper that rules judge.
    async fn books(&self, session: &Session) -> Result<Option<Exit>, Failure> {
        let label = self.label.as_str();
        let is_of = |series: &str| decision::is_of(series, label);
        let exit = if let Some(no) = label.strip_prefix("J-").and_then(|no| no.parse().ok()) {
            books::journal(session, no).await?
        } else if let Some((of, payee)) = label.strip_prefix("payable/").unwrap_or(label).split_once('/') {
            let payee =
                payee.parse::<PartyId>().map_err(|error| Failure::usage(format!("`{payee}` is no payee: {error}")))?;
            books::payable(session, of, &payee).await?
        } else if is_of(decision::ORDERS) {
            order::explain(session, label).await?
        } else if is_of(decision::FUNDS) {
            books::fund(session, label).await?
        } else if is_of(decision::PAYOUTS) {
            books::payout(session, label).await?
        } else {
            return Ok(None);
        };
        Ok(Some(exit))
    }

    /// The verdicts, with what the rules about approved claims say by now: what is owed and who pays it is known only after it was
    /// judged. A partner hears what it heard then.
    async fn with_payout(&self, session: &Session, mut verdicts: Vec<Value>) -> Result<Vec<Value>, Failure> {
        if session.partner().is_some() || !decision::is_of(decision::CLAIMS, &self.label) {
            return Ok(verdicts);
        }
        let claim = papers::find::<ClaimPaper>(session, &self.label).await?;
        let (store, world) = (session.app.store.as_ref(), session.app.world.borrow().clone());
        let sight = Sight { store, room: &session.app.evidence, world: &world, now: session.app.clock.now() };
        for now in afterwards::verdicts(sight, &claim).await? {
            let now = serde_json::to_value(&now).map_err(anyhow::Error::new)?;
            match verdicts.iter_mut().find(|verdict| verdict.get("rule") == now.get("rule")) {
                Some(before) => *before = now,
                None => verdicts.push(now),
            }
        }
        Ok(verdicts)
    }

    fn wants(&self, verdict: &Value) -> bool {
        let rule = verdict.get("rule").and_then(Value::as_str).unwrap_or_default();
        match &self.rule {
            Some(only) => only.to_string() == rule,
            None => self.all || ["found", "undecided", "excepted"].contains(&outcome(verdict)),
        }
    }
}

/// A verdict without what the rule looked at and the claims that it compared. Of what the vendor checks, and of what a fund holds,
/// a partner hears no more than that it stops or holds up its paper.
fn for_partner(mut verdict: Value) -> Option<Value> {
    let rule: RuleId = verdict.get("rule")?.as_str()?.parse().ok()?;
    let said = Reason {
        rule,
        effect: effect(&verdict).to_owned(),
        field: text(&verdict, "field"),
        because: text(&verdict, "because"),
        remedy: text(&verdict, "remedy"),
    };
    let heard = ["found", "undecided", "excepted"].contains(&outcome(&verdict));
    let told = if heard { said.for_partner()? } else { Some(said).filter(|said| is_told_in_full(said.rule))? };
    let in_full = is_told_in_full(rule);
    let fields = verdict.as_object_mut()?;
    let kept = ["rule", "outcome", "effect", "source"];
    let figures = ["bounds", "rounding", "to", "roles", "actions"];
    fields.retain(|field, _| kept.contains(&field.as_str()) || (in_full && figures.contains(&field.as_str())));
    for (field, words) in [("field", told.field), ("because", told.because), ("remedy", told.remedy)] {
        fields.insert(field.to_owned(), Value::String(words));
    }
    Some(verdict)
}

/// What a verdict brings about, in the word that reasons have for it.
fn effect(verdict: &Value) -> &str {
    match outcome(verdict) {
        "found" => verdict.get("effect").and_then(Value::as_str).unwrap_or_default(),
        other => other,
    }
}

fn text(value: &Value, field: &str) -> String {
    value.get(field).and_then(Value::as_str).unwrap_or_default().to_owned()
}

fn outcome(verdict: &Value) -> &str {
    verdict.get("outcome").and_then(Value::as_str).unwrap_or_default()
}

fn summary(session: &Session, assessment: &Assessment) {
    let money =
        |amount: Option<entente_core::money::Money>| amount.map(|amount| amount.to_string()).unwrap_or_default();
    session.out.fields(&[
        ("judged by", assessment.pack.to_string()),
        ("asked for", money(assessment.asked)),
        ("payable", money(assessment.payable)),
        ("bound by", assessment.bound_by.map(|rule| rule.to_string()).unwrap_or_default()),
        ("record", assessment.record.clone()),
    ]);
}

/// One verdict: what it is, why, what it looked at.
fn told(session: &Session, verdict: &Value) {
    let of = |field: &str| text(verdict, field);
    let list = |pointer: &str, shown: &dyn Fn(&Value) -> String| {
        let found = verdict.pointer(pointer).and_then(Value::as_array);
        found.into_iter().flatten().map(shown).collect::<Vec<_>>().join("; ")
    };
    let bound = |bound: &Value| {
        let amount = bound.get("amount").cloned().and_then(|amount| serde_json::from_value(amount).ok());
        let amount = amount.map(|amount: entente_core::money::Money| amount.to_string()).unwrap_or_default();
        let won = if bound.get("won").and_then(Value::as_bool) == Some(true) { " (won)" } else { "" };
        format!("{} {amount}{won}", text(bound, "name"))
    };
    session.out.data("");
    session.out.fields(&[
        ("rule", of("rule")),
        ("outcome", outcome(verdict).to_owned()),
        ("field", of("field")),
        ("because", of("because")),
        ("remedy", of("remedy")),
        ("looked at", list("/inputs", &|input| format!("{} = {}", text(input, "name"), text(input, "value")))),
        ("bounds", list("/bounds", &bound)),
        ("like", list("/pairs", &|pair| format!("{} of `{}`", text(pair, "claim"), text(pair, "partner")))),
        ("rounding", of("rounding")),
        ("source", of("source")),
    ]);
}
