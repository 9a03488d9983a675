//! `entente exception`: lifting a rule that stands in the way of a request or a claim, for a while.

use entente_core::mdf::RuleId;
use jiff::civil::Date;
use serde_json::{Value, json};

use super::papers;
use crate::{
    authz::Action,
    cli::{
        exit::Exit,
        failure::Failure,
        input,
        output::instant,
        session::{Globals, Session},
    },
    funding::exceptions::{self, Asked, Kept, NoException, Subject},
};

/// Lift a rule that stands in the way of a request or a claim, for a while
#[derive(Debug, clap::Subcommand)]
pub enum Exception {
    /// Ask for an exception; it counts once another person has approved it
    Request {
        /// The request or the claim, such as REQ-2027-00007
        #[arg(value_name = "LABEL")]
        subject: String,
        /// The rule that blocks or holds it, such as Q2
        #[arg(value_name = "RULE")]
        rule: RuleId,
        /// Its last day, in the programme's zone
        #[arg(long, value_name = "DAY")]
        until: Date,
        /// Why
        #[arg(long, value_name = "TEXT", value_parser = input::said)]
        reason: String,
    },
    /// Approve an exception that somebody else has asked for; whoever audits is told
    Approve {
        /// The exception, such as EXC-2027-00003
        label: String,
    },
    /// List exceptions
    List {
        /// Those of one request or claim
        #[arg(long, value_name = "LABEL")]
        of: Option<String>,
        /// Those alone that count today
        #[arg(long)]
        in_force: bool,
    },
    /// Show an exception
    Show {
        /// The exception, such as EXC-2027-00003
        label: String,
    },
}

impl Exception {
    pub(in crate::cli) async fn run(self, globals: &Globals) -> Result<Exit, Failure> {
        let session = Session::open(globals).await?;
        match self {
            Exception::Request { subject, rule, until, reason } => {
                request(&session, &subject, rule, (until, reason)).await
            }
            Exception::Approve { label } => approve(&session, &label).await,
            Exception::List { of, in_force } => list(&session, of.as_deref(), in_force).await,
            Exception::Show { label } => show(&session, &label).await,
        }
    }
}

async fn subject(session: &Session, label: &str) -> Result<Subject, Failure> {
    let scope = papers::reach(session, "exception", label)?;
    Ok(exceptions::subject(session.app.store.as_ref(), &scope, label).await?)
}

fn failure(error: NoException) -> Failure {
    match error {
        NoException::Records(error) => error.into(),
        NoException::Concerned { .. } => Failure::new(Exit::Forbidden, error.to_string()),
        NoException::Never(_) | NoException::Over(_) => Failure::usage(error.to_string()),
        _ => Failure::new(Exit::Conflict, error.to_string()),
    }
}

async fn request(session: &Session, label: &str, rule: RuleId, what: (Date, String)) -> Result<Exit, Failure> {
    let subject = subject(session, label).await?;
    let actor = session.act_for(Action::AskForExceptions, "exception", label, &subject.home.legal_entity)?;
    let (store, now) = (session.app.store.as_ref(), session.app.clock.now());
    let asked = exceptions::request(store, &subject, rule, what, (&actor.person, now)).await.map_err(failure)?;
    session.out.data(&asked.label);
    session.out.say("it counts once another person has approved it");
    Ok(Exit::Ok)
}

async fn approve(session: &Session, label: &str) -> Result<Exit, Failure> {
    let store = session.app.store.as_ref();
    let kept = exceptions::find(store, label).await?;
    let subject = subject(session, &kept.asked.subject).await?;
    let actor = session.act_for(Action::ApproveExceptions, "exception", label, &subject.home.legal_entity)?;
    let now = session.app.clock.now();
    let kept = exceptions::approve(store, label, &subject, (&actor.person, now)).await.map_err(failure)?;
    session.out.data(label);
    session.out.say(&match subject.is_held {
        true => format!("the rules look at `{}` again within a day", kept.asked.subject),
        false => format!("submit `{}` again", kept.asked.subject),
    });
    Ok(Exit::Ok)
}

/// Those that the person who acts may see: a partner's person what is the partner's own.
async fn visible(session: &Session, of: Option<&str>) -> Result<Vec<Kept>, Failure> {
    let store = session.app.store.as_ref();
    let scope = papers::reach(session, "exception", "list")?;
    let mut seen = Vec::new();
    for kept in exceptions::list(store).await? {
        let wanted = of.is_none_or(|of| of == kept.asked.subject);
        if wanted && store.run_by_label(&scope, &kept.asked.subject).await?.is_some() {
            seen.push(kept);
        }
    }
    Ok(seen)
}

/// What a partner is told of an exception. Who asked for it and who approved it, why, and what the rule had found, is between the
/// vendor's people.
fn for_partner(kept: &Kept) -> Value {
    let Asked { label, rule, subject, last_day, .. } = &kept.asked;
    json!({ "label": label, "rule": rule, "subject": subject, "last_day": last_day, "is_approved": kept.approved.is_some() })
}

fn told_to_partner(session: &Session, all: &[Kept]) -> Result<Exit, Failure> {
    if session.out.is_json() {
        session.out.json(&all.iter().map(for_partner).collect::<Vec<_>>())?;
        return Ok(Exit::Ok);
    }
    let rows = all.iter().map(|kept| {
        let state = if kept.approved.is_some() { "approved" } else { "waits" };
        let Asked { label, rule, subject, last_day, .. } = &kept.asked;
        vec![label.clone(), rule.to_string(), subject.clone(), last_day.to_string(), state.to_owned()]
    });
    session.out.table(&["exception", "rule", "for", "until", "is"], &rows.collect::<Vec<_>>());
    Ok(Exit::Ok)
}

async fn list(session: &Session, of: Option<&str>, in_force: bool) -> Result<Exit, Failure> {
    let now = session.app.clock.now();
    let mut all = visible(session, of).await?;
    all.retain(|kept| !in_force || (kept.approved.is_some() && now <= kept.asked.until));
    if session.partner().is_some() {
        return told_to_partner(session, &all);
    }
    if session.out.is_json() {
        session.out.json(&all)?;
        return Ok(Exit::Ok);
    }
    let rows = all.iter().map(|kept| {
        let asked = &kept.asked;
        let state = match &kept.approved {
            None => "waits".to_owned(),
            Some(_) if asked.until < now => "over".to_owned(),
            Some(approved) => format!("by {}", approved.by),
        };
        vec![
            asked.label.clone(),
            asked.rule.to_string(),
            asked.subject.clone(),
            asked.last_day.to_string(),
            asked.by.to_string(),
            state,
            asked.reason.clone(),
        ]
    });
    let heading = ["exception", "rule", "for", "until", "asked by", "approved", "because"];
    session.out.table(&heading, &rows.collect::<Vec<_>>());
    if all.is_empty() {
        session.out.say("there is no such exception");
    }
    Ok(Exit::Ok)
}

async fn show(session: &Session, label: &str) -> Result<Exit, Failure> {
    let found = visible(session, None).await?.into_iter().find(|kept| kept.asked.label == label);
    let kept = found.ok_or_else(|| entente_store::Error::NotFound { kind: "exception", id: label.to_owned() })?;
    if session.partner().is_some() {
        return told_to_partner(session, std::slice::from_ref(&kept));
    }
    if session.out.is_json() {
        session.out.json(&kept)?;
        return Ok(Exit::Ok);
    }
    let asked = &kept.asked;
    let approved = kept.approved.as_ref();
    session.out.fields(&[
        ("exception", asked.label.clone()),
        ("rule", asked.rule.to_string()),
        ("for", asked.subject.clone()),
        ("what the rule said", asked.because.clone()),
        ("until", asked.last_day.to_string()),
        ("reason", asked.reason.clone()),
        ("asked by", format!("{}, {}", asked.by, instant(asked.at))),
        ("approved by", approved.map(|one| format!("{}, {}", one.by, instant(one.at))).unwrap_or_default()),
        ("paper", asked.paper.clone()),
    ]);
    Ok(Exit::Ok)
}
