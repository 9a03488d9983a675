//! What people say of a claim or a request beside it: audits, checks of brand, claims that are false, results.

use std::collections::BTreeMap;

use entente_core::{
    context::funding::{ClaimPaper, RequestPaper},
    ids::{PartyId, PersonId},
    mdf::model::BrandCheck,
};
use jiff::civil::Date;
use serde::Serialize;
use serde_json::json;

use super::papers::{self, Label, Spoken};
use crate::{
    authz::Action,
    cli::{
        exit::Exit,
        failure::Failure,
        input,
        output::instant,
        session::{Globals, Session},
    },
    funding::{
        beside::{
            Looked, NotKept, audits, brand, falsity,
            invoices::{self, Entry},
            results,
        },
        exceptions, packs,
        stored::{self, Stored},
    },
};

/// Say what an audit of a claim found that rule F9 holds
#[derive(Debug, clap::Args)]
pub struct Audit {
    #[command(flatten)]
    label: Label,
    /// It is in order: the hold opens
    #[arg(long, required_unless_present = "unsound")]
    sound: bool,
    /// It is not: it stays held until it is revised or withdrawn
    #[arg(long, conflicts_with = "sound")]
    unsound: bool,
    /// Why
    #[arg(long, value_name = "TEXT", value_parser = input::said)]
    reason: String,
}

/// Enter the invoice of a payee for what a claim owes to it, or the vendor's own credit note in its place
#[derive(Debug, clap::Args)]
pub struct Invoice {
    #[command(flatten)]
    label: Label,
    /// Its number
    #[arg(long, value_name = "TEXT", value_parser = input::said)]
    number: String,
    /// Whose money it is about, where several are paid [default: the partner who claims]
    #[arg(long, value_name = "PARTNER")]
    payee: Option<PartyId>,
    /// The day on which it came, or was issued [default: today]
    #[arg(long, value_name = "DAY")]
    on: Option<Date>,
    /// The vendor has issued it in the payee's place, with its consent
    #[arg(long)]
    credit_note: bool,
}

/// Say what a check of logo, brand and claims found
#[derive(Debug, clap::Args)]
pub struct CheckBrand {
    #[command(flatten)]
    label: Label,
    /// Everything is in order
    #[arg(long, required_unless_present = "failed")]
    passed: bool,
    /// What is not in order
    #[arg(long, value_name = "TEXT", value_parser = input::said, conflicts_with = "passed")]
    failed: Option<String>,
}

/// Say that a claim is, or is not, a false one
#[derive(Debug, clap::Args)]
pub struct Falsity {
    #[command(flatten)]
    label: Label,
    /// Why
    #[arg(long, value_name = "TEXT", value_parser = input::said)]
    reason: String,
}

/// Hand in the results of an activity apart from a claim, or list what was handed in
#[derive(Debug, clap::Args)]
pub struct Results {
    #[command(flatten)]
    label: Label,
    /// A result, such as leads=40; without any, what was handed in is listed
    #[arg(long = "metric", value_name = "NAME=NUMBER", value_parser = metric)]
    metrics: Vec<(String, i64)>,
}

fn metric(text: &str) -> Result<(String, i64), String> {
    let (name, number) = text.split_once('=').ok_or("write it as NAME=NUMBER, such as leads=40")?;
    let word = !name.is_empty() && name.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_');
    let number = number.parse::<i64>().ok().filter(|number| *number >= 0);
    match number.filter(|_| word) {
        Some(number) => Ok((name.to_owned(), number)),
        None => Err("write a name of small letters and a whole number from 0, such as leads=40".into()),
    }
}

fn failure(error: NotKept) -> Failure {
    match error {
        NotKept::Records(error) => error.into(),
        NotKept::Concerned { .. } => Failure::new(Exit::Forbidden, error.to_string()),
        NotKept::Already { .. } | NotKept::NotNow { .. } => Failure::new(Exit::Conflict, error.to_string()),
    }
}

fn say<T: Serialize>(session: &Session, label: &str, kept: &T, words: &str) -> Result<Exit, Failure> {
    if session.out.is_json() {
        session.out.json(kept)?;
        return Ok(Exit::Ok);
    }
    session.out.data(label);
    session.out.say(words);
    Ok(Exit::Ok)
}

/// A claim in reach of whoever acts, with those who have a hand in it.
async fn seen(session: &Session, label: &str) -> Result<(Stored<ClaimPaper>, exceptions::Subject), Failure> {
    let claim = papers::find::<ClaimPaper>(session, label).await?;
    let scope = papers::reach(session, ClaimPaper::KIND, label)?;
    let subject = exceptions::subject(session.app.store.as_ref(), &scope, label).await?;
    Ok((claim, subject))
}

impl Audit {
    pub(super) async fn run(self, globals: &Globals) -> Result<Exit, Failure> {
        let session = Session::open(globals).await?;
        let label = &self.label.label;
        let (claim, subject) = seen(&session, label).await?;
        let actor = papers::actor::<ClaimPaper>(&session, Action::AuditClaims, label, &claim.row.snapshot.home)?;
        let (store, now) = (session.app.store.as_ref(), session.app.clock.now());
        let looked = Looked { claim: &claim, subject: &subject };
        let found = (self.sound && !self.unsound, self.reason);
        let audit = audits::record(store, &looked, found, (&actor.person, now)).await.map_err(failure)?;
        let words = match audit.sound {
            true => format!("the rules look at `{label}` again within a day, or as soon as it is submitted again"),
            false => format!("`{label}` stays held until it is revised or withdrawn"),
        };
        say(&session, label, &audit, &words)
    }
}

impl Invoice {
    pub(super) async fn run(self, globals: &Globals) -> Result<Exit, Failure> {
        let session = Session::open(globals).await?;
        let label = &self.label.label;
        let claim = papers::find::<ClaimPaper>(&session, label).await?;
        let actor = papers::actor::<ClaimPaper>(&session, Action::PreparePayouts, label, &claim.row.snapshot.home)?;
        let (store, now) = (session.app.store.as_ref(), session.app.clock.now());
        let payee = self.payee.unwrap_or_else(|| claim.sheet.paper.partner.clone());
        let entry = Entry { payee, number: self.number, on: self.on, self_billed: self.credit_note };
        let kept = invoices::record(store, &claim, entry, (&actor.person, now)).await.map_err(failure)?;
        say(&session, label, &kept, &format!("`{}` of {} is noted beside `{label}`", kept.number, kept.on))
    }
}

impl CheckBrand {
    pub(super) async fn run(self, globals: &Globals) -> Result<Exit, Failure> {
        let session = Session::open(globals).await?;
        let label = &self.label.label;
        let (claim, subject) = seen(&session, label).await?;
        let actor = papers::actor::<ClaimPaper>(&session, Action::CheckBrand, label, &claim.row.snapshot.home)?;
        let (store, now) = (session.app.store.as_ref(), session.app.clock.now());
        let looked = Looked { claim: &claim, subject: &subject };
        let check = BrandCheck { passed: self.passed, note: self.failed.unwrap_or_default() };
        let checked = brand::record(store, &looked, check, (&actor.person, now)).await.map_err(failure)?;
        say(&session, label, &checked, &format!("the rules see it when they look at `{label}` the next time"))
    }
}

impl Falsity {
    pub(super) async fn run(self, globals: &Globals, is_false: bool) -> Result<Exit, Failure> {
        let session = Session::open(globals).await?;
        let label = &self.label.label;
        let (claim, subject) = seen(&session, label).await?;
        let actor = papers::actor::<ClaimPaper>(&session, Action::JudgeFalsity, label, &claim.row.snapshot.home)?;
        let (store, who) = (session.app.store.as_ref(), (&actor.person, session.app.clock.now()));
        let looked = Looked { claim: &claim, subject: &subject };
        if is_false && falsity::waits(store, &looked).await?.is_none() {
            let report = falsity::report(store, &looked, self.reason, who).await.map_err(failure)?;
            return say(&session, label, &report, "it counts once another person says so too");
        }
        let decided = falsity::decide(store, &looked, (is_false, self.reason), who).await.map_err(failure)?;
        let partner = &claim.sheet.paper.partner;
        let words = match is_false {
            true => {
                format!("`{label}` is a false claim; rule F10 of each programme says how long it keeps `{partner}` out")
            }
            false => format!("`{label}` is no false claim"),
        };
        say(&session, label, &decided, &words)
    }
}

impl Results {
    pub(super) async fn run(self, globals: &Globals) -> Result<Exit, Failure> {
        let session = Session::open(globals).await?;
        let label = &self.label.label;
        let asked = papers::find::<RequestPaper>(&session, label).await?;
        if self.metrics.is_empty() {
            return handed_in(&session, label).await;
        }
        let mut metrics = BTreeMap::new();
        for (name, number) in self.metrics {
            if metrics.insert(name.clone(), number).is_some() {
                return Err(Failure::usage(format!("`{name}` is there twice; write each result once")));
            }
        }
        let home = &asked.row.snapshot.home;
        let actor = papers::actor::<RequestPaper>(&session, Action::AskForFunds, label, home)?;
        let (store, now) = (session.app.store.as_ref(), session.app.clock.now());
        let fund = stored::fund(store, &asked.sheet.paper.fund).await?;
        let pack = packs::find(store, &fund.sheet.paper.pack).await?;
        let kept = results::record(store, &asked, &pack, metrics, (&actor.person, now)).await.map_err(failure)?;
        say(
            &session,
            label,
            &kept,
            &format!("the results of `{label}` are handed in; claims on it need not repeat them"),
        )
    }
}

async fn handed_in(session: &Session, label: &str) -> Result<Exit, Failure> {
    let all = results::of(session.app.store.as_ref(), label).await?;
    // A partner's person is not told who of the vendor's has handed something in.
    let known = |person: &PersonId| session.partner().is_none() || session.is_of_ones_own(person);
    if session.out.is_json() {
        let told = all.iter().map(|results| {
            let by = Some(&results.by).filter(|by| known(by));
            json!({ "metrics": results.metrics, "at": results.at, "by": by })
        });
        session.out.json(&told.collect::<Vec<_>>())?;
        return Ok(Exit::Ok);
    }
    let rows = all.iter().map(|results| {
        let metrics: Vec<String> = results.metrics.iter().map(|(name, number)| format!("{name} {number}")).collect();
        let by = if known(&results.by) { results.by.to_string() } else { "-".to_owned() };
        vec![instant(results.at), by, metrics.join(", ")]
    });
    session.out.table(&["handed in", "by", "results"], &rows.collect::<Vec<_>>());
    if all.is_empty() {
        session.out.say("nothing was handed in apart from claims");
    }
    Ok(Exit::Ok)
}
