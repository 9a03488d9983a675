//! `entente request amend|extend`: what changes of a granted request, what the rules would say of it, and what became of it.

use std::path::PathBuf;

use entente_core::{
    context::funding::{AmendmentOutcome, Changed, RequestDocument, RequestPaper},
    money::Money,
};
use jiff::civil::Date;
use serde_json::json;

use super::{
    joint,
    papers::{self, Label, Spoken as _},
    request::{document, of_label},
    shown::Part,
};
use crate::{
    cli::{exit::Exit, failure::Failure, input, output::instant, session::Session, submit::Sending},
    funding::{
        amendment::{Foreseen, can_be_amended, foreseen},
        standing::Standing,
        stored::Stored,
    },
};

/// Propose a change of a granted request
///
/// The rules of its programme say whether people have to agree anew (Q7). What is granted stands until it is decided.
#[derive(Debug, clap::Args)]
pub struct Amend {
    #[command(flatten)]
    label: Label,
    /// The request as it shall be; `-` reads standard input
    #[arg(value_name = "FILE.YAML")]
    file: PathBuf,
    /// Why
    #[arg(long, value_name = "TEXT", value_parser = input::said)]
    reason: String,
    /// Print what would change, what the rules say of it and what is held or free then, and send nothing
    #[arg(long)]
    dry_run: bool,
    #[command(flatten)]
    sending: Sending,
}

/// Ask for a later last day for the claims on a granted request
///
/// As often as the pack of its fund allows (C9), and with the people's consent.
#[derive(Debug, clap::Args)]
pub struct Extend {
    #[command(flatten)]
    label: Label,
    /// The last day
    #[arg(long, value_name = "DAY")]
    until: Date,
    /// Why
    #[arg(long, value_name = "TEXT", value_parser = input::said)]
    reason: String,
    #[command(flatten)]
    sending: Sending,
}

impl Amend {
    pub(super) async fn run(self, session: &Session) -> Result<Exit, Failure> {
        let label = &self.label.label;
        let paper = match of_label(document(&self.file)?, label)? {
            RequestDocument::One(paper) => *paper,
            RequestDocument::Joint(_) if self.dry_run => {
                let message =
                    format!("`{label}` is paid by several funds, and what would change is shown of one alone");
                return Err(Failure::usage(message).hint("leave --dry-run out; `entente request keep` takes it back"));
            }
            RequestDocument::Joint(whole) => {
                let said = ("amend", whole.as_ref(), Some(self.reason.as_str()));
                return joint::revise_request(session, label, &self.sending, said).await;
            }
        };
        let asked = papers::find::<RequestPaper>(session, label).await?;
        if self.dry_run {
            self.fits(&asked, &paper)?;
            return dry_run(session, &asked, &paper).await;
        }
        let actor = papers::actor::<RequestPaper>(session, RequestPaper::ACTION, label, &asked.row.snapshot.home)?;
        let sender = self.sending.sender(session, actor);
        // Repeated under its key, a change that was proposed gets the answer that it got.
        if sender.earlier(session.app.store.as_ref()).await?.is_none() {
            self.fits(&asked, &paper)?;
        }
        let data = json!({ "paper": paper, "reason": self.reason });
        let message = sender.named(asked.row.snapshot.run, "amend", data);
        session.send(&self.sending, label, vec![message]).await?;
        Ok(Exit::Ok)
    }

    /// Refuses what cannot take the place of what is granted, whatever people say.
    fn fits(&self, asked: &Stored<RequestPaper>, paper: &RequestPaper) -> Result<(), Failure> {
        amendable(asked)?;
        if paper == &asked.sheet.paper {
            return Err(Failure::new(Exit::Conflict, format!("nothing of `{}` would change", self.label.label)));
        }
        let Some(refused) = asked.sheet.amendment_refused(paper) else { return Ok(()) };
        let file = input::name(&self.file);
        Err(Failure::usage(format!("{file}: field `{}`: {}", refused.field, refused.message))
            .hint("nothing was written"))
    }
}

impl Extend {
    pub(super) async fn run(self, session: &Session) -> Result<Exit, Failure> {
        let label = &self.label.label;
        amendable(&papers::find::<RequestPaper>(session, label).await?)?;
        let data = json!({ "until": self.until, "reason": self.reason });
        papers::send::<RequestPaper>(session, label, &self.sending, RequestPaper::ACTION, "extend", data).await
    }
}

/// Refuses a request that is not granted, whose change is being decided, or that runs on a chart that knows no changes.
fn amendable(asked: &Stored<RequestPaper>) -> Result<(), Failure> {
    let (label, chart) = (asked.label(), &asked.row.snapshot.chart);
    if asked.sheet.course.granted.is_none() || !asked.has("money_reserved") {
        let message = format!("`{label}` is not granted, so there is nothing to amend");
        return Err(Failure::new(Exit::Conflict, message).hint("revise or submit it; see `entente request show`"));
    }
    if !can_be_amended(asked) {
        let message = format!("`{label}` runs on version {} of its chart, which knows no amendments", chart.version);
        return Err(Failure::new(Exit::Conflict, message).hint(format!(
            "move it with `entente chart migrate {} --from v{} --to v2 --label {label}`",
            chart.name, chart.version
        )));
    }
    if asked.has("amending") {
        let message = format!("a change of `{label}` is being decided");
        return Err(
            Failure::new(Exit::Conflict, message).hint("wait for it, or take it back with `entente request keep`")
        );
    }
    Ok(())
}

async fn dry_run(session: &Session, asked: &Stored<RequestPaper>, paper: &RequestPaper) -> Result<Exit, Failure> {
    let (store, world) = (session.app.store.as_ref(), session.app.world.borrow().clone());
    let told = foreseen(store, &world, asked, paper, session.app.clock.now()).await?;
    let code = if told.goes_on { Exit::Ok } else { Exit::Conflict };
    if session.out.is_json() {
        session.out.json(&told)?;
    } else {
        show_foreseen(session, &told);
    }
    session.out.say("nothing was sent");
    Ok(code)
}

fn show_foreseen(session: &Session, told: &Foreseen) {
    let text = |amount: Option<Money>| amount.map(|amount| amount.to_string()).unwrap_or_default();
    let people = if told.material { "have to agree" } else { "need not agree" };
    session.out.fields(&[
        ("people", people.to_owned()),
        ("granted now", text(told.granted)),
        ("granted then", text(told.assessment.payable)),
    ]);
    session.out.table(&["field", "now", "then"], &rows(&told.changes));
    let reasons = told.assessment.reasons.iter().map(|reason| {
        vec![reason.rule.to_string(), reason.effect.clone(), reason.because.clone(), reason.remedy.clone()]
    });
    session.out.table(&["rule", "effect", "because", "remedy"], &reasons.collect::<Vec<_>>());
}

fn rows(changes: &[Changed]) -> Vec<Vec<String>> {
    let text = |value: &Option<String>| value.clone().unwrap_or_else(|| "-".into());
    changes.iter().map(|one| vec![one.field.clone(), text(&one.from), text(&one.to)]).collect()
}

/// What a change that is being decided would change.
pub(super) fn changes(standing: &Standing<RequestPaper>) -> Part {
    let open = standing.course.open_amendment();
    let mut rows = open.map(|open| rows(&Changed::between(&standing.paper, &open.paper))).unwrap_or_default();
    if let Some(until) = open.and_then(|open| open.until) {
        let now = standing.course.claim_by.map(instant).unwrap_or_else(|| "-".into());
        rows.push(vec!["last day for claims".to_owned(), now, until.to_string()]);
    }
    Part { title: "Proposed change", columns: &["field", "now", "then"], rows }
}

/// What became of each change of a granted request.
pub(super) fn decided(standing: &Standing<RequestPaper>) -> Part {
    let (course, mut version) = (&standing.course, 1);
    let given_up = course.amendment.as_ref().and_then(|last| last.given_up(&standing.paper, course.granted));
    let rows = course.amendments.iter().chain(&given_up).map(|one| {
        let in_force = one.outcome == AmendmentOutcome::InForce;
        version += u32::from(in_force);
        let by = one.asked_by.as_ref().map(ToString::to_string).unwrap_or_default();
        let until = one.until.map(|until| format!("last day for claims: {until}"));
        let fields = one.changes.iter().map(|change| {
            let value = |value: &Option<String>| value.clone().unwrap_or_else(|| "nothing".into());
            format!("{}: {} to {}", change.field, value(&change.from), value(&change.to))
        });
        let granted = one.granted.map(|granted| granted.to_string()).unwrap_or_else(|| "-".into());
        vec![
            if in_force { version.to_string() } else { "-".into() },
            one.outcome.words().to_owned(),
            instant(one.at),
            by,
            one.reason.clone(),
            fields.chain(until).collect::<Vec<_>>().join("; "),
            granted,
            one.why.clone().unwrap_or_default(),
        ]
    });
    Part {
        title: "Changes since it was granted",
        columns: &["version", "outcome", "decided", "asked by", "reason", "changes", "granted", "why"],
        rows: rows.collect(),
    }
}
