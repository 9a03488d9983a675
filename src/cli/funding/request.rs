//! `entente request`: what partners want to do, and what is granted to them.

use std::path::Path;

use entente_core::{
    context::funding::{RequestCourse, RequestDocument, RequestPaper},
    mdf::Claimable,
};
use serde_json::{Value, json};

use super::{
    amend::{Amend, Extend, changes, decided},
    beside::Results,
    joint,
    last_moment::LastMoment,
    papers::{self, Act, Because, Create, History, Label, List, Revise, Spoken},
    returns::{By, Outcome, Returns},
    shown::Part,
};
use crate::{
    authz::Action,
    cli::{
        exit::Exit,
        failure::Failure,
        input,
        output::instant,
        session::{Globals, Session},
    },
    decision,
    funding::standing::Standing,
};

/// Ask for market development funds before the work begins
#[derive(Debug, clap::Subcommand)]
pub enum Request {
    /// Enter a request
    Create(Create),
    /// List requests
    List(List),
    /// Show where a request stands, and what the rules said
    Show(Label),
    /// Show everything that happened to a request
    History(History),
    /// Change a request that was returned, and ask again
    Revise(Revise),
    /// Submit a request: the rules judge it, and people where they have to
    Submit(Act),
    /// Have a request that waits for funds looked at again now
    TryAgain(Act),
    /// Propose a change of a granted request; what is granted stands until it is decided
    Amend(Amend),
    /// Ask for a later last day for the claims on a granted request
    Extend(Extend),
    /// Leave a granted request as it is: the change that was proposed is no longer wanted
    Keep(Because),
    /// Give a granted request up: what is held for it is free again
    Cancel(Because),
    /// Record what an activity brought, or list what was recorded
    Outcome(Outcome),
    /// Hand in the results of an activity apart from a claim, or list what was handed in
    Results(Results),
    /// Show what a request has brought for what was paid
    Returns(Returns),
    /// Take a request back that is not granted yet
    Withdraw(Because),
}

impl Request {
    pub(in crate::cli) async fn run(self, globals: &Globals) -> Result<Exit, Failure> {
        type P = RequestPaper;
        let open = || Session::open(globals);
        match self {
            Request::Create(create) => {
                let written = document(&create.file)?;
                let session = open().await?;
                match written {
                    RequestDocument::One(paper) => {
                        papers::create(&session, paper.as_ref(), create.submit, &create.sending).await
                    }
                    RequestDocument::Joint(whole) => joint::create_request(&session, &whole, &create).await,
                }
            }
            Request::Revise(revise) => {
                let (written, label) = (document(&revise.file)?, &revise.label.label);
                let session = open().await?;
                match of_label(written, label)? {
                    RequestDocument::One(paper) => papers::revise(&session, &revise, paper.as_ref()).await,
                    RequestDocument::Joint(whole) => {
                        joint::revise_request(&session, label, &revise.sending, ("revise", whole.as_ref(), None)).await
                    }
                }
            }
            Request::List(list) => papers::list::<P>(&open().await?, list).await,
            Request::Show(label) if is_joint(&label) => joint::show_request(&open().await?, &label.label).await,
            Request::Show(label) => show(&open().await?, &label.label).await,
            Request::History(shown) => papers::tell::<P>(&open().await?, &shown).await,
            Request::Submit(act) if is_joint(&act.label) => {
                let (label, sending) = (&act.label.label, act.sending.sending());
                joint::each::<P>(&open().await?, label, &sending, "submit", |_| Ok(Value::Null)).await
            }
            Request::Submit(act) => papers::submit::<P>(&open().await?, &act).await,
            Request::TryAgain(act) if is_joint(&act.label) => {
                let (label, sending) = (&act.label.label, act.sending.sending());
                joint::each::<P>(&open().await?, label, &sending, "try_again", |_| Ok(Value::Null)).await
            }
            Request::TryAgain(act) => {
                let label = &act.label.label;
                papers::send::<P>(&open().await?, label, &act.sending.sending(), P::ACTION, "try_again", Value::Null)
                    .await
            }
            Request::Amend(amend) => amend.run(&open().await?).await,
            Request::Extend(extend) => extend.run(&open().await?).await,
            Request::Keep(because) => said(&open().await?, &because, "keep").await,
            Request::Outcome(outcome) => outcome.run(&open().await?).await,
            Request::Results(results) => results.run(globals).await,
            Request::Returns(returns) => returns.run(&open().await?, By::Request).await,
            Request::Cancel(because) => said(&open().await?, &because, "cancel").await,
            Request::Withdraw(because) => said(&open().await?, &because, "withdraw").await,
        }
    }
}

/// Reads a request of one fund, or of several.
pub(super) fn document(file: &Path) -> Result<RequestDocument, Failure> {
    let text = input::document(file)?;
    Ok(RequestDocument::load(&input::name(file), &text)?)
}

/// Refuses what several funds pay in the place of what one does, and the other way round.
pub(super) fn of_label(written: RequestDocument, label: &str) -> Result<RequestDocument, Failure> {
    let whole = joint::is_whole::<RequestPaper>(label);
    match (&written, whole) {
        (RequestDocument::Joint(_), false) => {
            let message =
                format!("field `/funding`: `{label}` is paid by one fund; write `fund`, or create another one");
            Err(Failure::usage(message))
        }
        (RequestDocument::One(_), true) => {
            let message = format!("field `/fund`: `{label}` is paid by several funds; write `funding`");
            Err(Failure::usage(message))
        }
        _ => Ok(written),
    }
}

fn is_joint(label: &Label) -> bool {
    joint::is_whole::<RequestPaper>(&label.label)
}

/// Says something for a reason, of a request or of each part of a joint one.
async fn said(session: &Session, because: &Because, event: &str) -> Result<Exit, Failure> {
    if !is_joint(&because.label) {
        return papers::because::<RequestPaper>(session, because, RequestPaper::ACTION, event).await;
    }
    let sending = because.sending.sending();
    let data = json!({ "reason": because.reason });
    joint::each::<RequestPaper>(session, &because.label.label, &sending, event, |_| Ok(data.clone())).await
}

/// Shows a request, and the last moment for claims on it as whoever asks reads it.
async fn show(session: &Session, label: &str) -> Result<Exit, Failure> {
    let stored = papers::find::<RequestPaper>(session, label).await?;
    let moment = LastMoment::of(session, &stored.sheet);
    let beside = moment.iter().map(|moment| ("last_moment".to_owned(), json!(moment))).collect();
    let exit = papers::show_with(session, &stored, beside).await?;
    if let Some(moment) = moment.filter(|_| !session.out.is_json()) {
        session.out.heading("Claims that need nobody's consent");
        session.out.fields(&[("last moment", moment.line())]);
    }
    Ok(exit)
}

/// A claim, with the version of the request under which it was committed where that was amended before.
fn under(course: &RequestCourse, claim: &str) -> String {
    match course.claimed_under.get(claim) {
        Some(version) => format!("{claim} (version {version})"),
        None => claim.to_owned(),
    }
}

/// What was planned at first, where it was amended since.
fn planned(standing: &Standing<RequestPaper>) -> String {
    let Some(paper) = &standing.course.planned else { return String::new() };
    let activity = &paper.activity;
    format!("{} in {}, {} to {}, for {}", activity.kind, activity.place, activity.start, activity.end, paper.cost)
}

/// A day of the programme.
fn last_day(claimable: &Claimable) -> String {
    format!("{} in {}", claimable.last_day, claimable.zone)
}

/// Who bears what of the cost.
fn shared(paper: &RequestPaper) -> Part {
    let shares = paper.shares.iter().flat_map(|shares| {
        let who = shares.partners.iter().map(|share| (share.partner.to_string(), share.percent));
        let who = std::iter::once((format!("{} (the vendor)", paper.legal_entity), shares.vendor)).chain(who);
        who.zip(shares.parts(paper.cost).unwrap_or_default())
    });
    let rows = shares.map(|((who, percent), part)| vec![who, percent.to_string(), part.to_string()]);
    Part { title: "Shares of the cost", columns: &["who", "share", "bears"], rows: rows.collect() }
}

impl Spoken for RequestPaper {
    const KIND: &'static str = "request";
    const SERIES: &'static str = decision::FUND_REQUESTS;
    const ACTION: Action = Action::AskForFunds;
    const ASKS_FOR_MONEY: bool = true;
    const COLUMNS: &'static [&'static str] = &["partner", "activity", "amount", "granted"];

    fn columns(standing: &Standing<RequestPaper>) -> Vec<String> {
        let paper = &standing.paper;
        let granted = standing.course.granted.map_or_else(|| "-".into(), |granted| granted.to_string());
        vec![paper.partner.to_string(), paper.activity.kind.clone(), paper.amount.to_string(), granted]
    }

    fn fields(standing: &Standing<RequestPaper>) -> Vec<(&'static str, String)> {
        let (paper, course) = (&standing.paper, &standing.course);
        let activity = &paper.activity;
        // Where it was put off, that day alone counts.
        let claimable = course.claimable.as_ref().filter(|_| course.extensions.is_empty());
        let later = claimable.is_some_and(|claimable| course.claim_by.is_some_and(|by| by > claimable.ends));
        let claimed_until = if later { "with consent until" } else { "claim by" };
        vec![
            ("partner", paper.partner.to_string()),
            ("fund", paper.fund.to_string()),
            ("part of", paper.joint.as_ref().map(|joint| joint.label.clone()).unwrap_or_default()),
            ("activity", format!("{} in {}, {} to {}", activity.kind, activity.place, activity.start, activity.end)),
            ("play", paper.play.clone().unwrap_or_default()),
            ("cost", paper.cost.to_string()),
            ("asked for", paper.amount.to_string()),
            ("granted", course.granted.map(|granted| granted.to_string()).unwrap_or_default()),
            ("last day", claimable.map(last_day).unwrap_or_default()),
            (claimed_until, course.claim_by.map(instant).unwrap_or_default()),
            ("claimed", course.claimed.map(|claimed| claimed.to_string()).unwrap_or_default()),
            ("claims", course.claims.iter().map(|claim| under(course, claim)).collect::<Vec<_>>().join(", ")),
            ("planned", planned(standing)),
            ("proposed", course.open_amendment().map(|amendment| amendment.reason.clone()).unwrap_or_default()),
        ]
    }

    fn tables(standing: &Standing<RequestPaper>) -> Vec<Part> {
        vec![shared(&standing.paper), changes(standing), decided(standing)]
    }
}
