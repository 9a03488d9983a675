//! What the commands about refunds, payments and early ends have in common: asking, listing, showing, revising, taking back.

use entente_store::RunFilter;
use serde_json::json;

use super::{
    exit::Exit,
    failure::Failure,
    input,
    offer::{
        dry_run::show_calls,
        history,
        show::{approvals, timeline},
    },
    output::{Out, instant},
    session::Session,
    submit::Sending,
};
use crate::{
    activities::agreement::Checked,
    agreements::{
        Whose, dry_run,
        figures::figures,
        launch,
        standing::{self, Standing},
        stored::{self, Stored},
    },
    authz::Action,
    offers::{DeskError, standing::electorate},
};

/// How the command line speaks of a kind of request.
pub trait Spoken: Checked {
    /// What people call it.
    const KIND: &'static str;
    /// What its labels begin with.
    const SERIES: &'static str;
    /// What the person does who asks for it or changes it.
    const ACTION: Action;
    /// The heading of its own columns in lists.
    const COLUMNS: &'static [&'static str];
    /// Its own columns in lists.
    fn columns(&self) -> Vec<String>;
    /// What it asks for, line by line.
    fn fields(&self) -> Vec<(&'static str, String)>;
}

/// Names something by its label.
#[derive(Debug, clap::Args)]
pub struct Label {
    /// Its label, such as RFD-2026-00007
    pub label: String,
}

/// Which requests to list.
#[derive(Debug, clap::Args)]
pub struct List {
    /// Those that have ended as well
    #[arg(long)]
    ended: bool,
    /// Only those in a state with this tag, such as awaiting_approval
    #[arg(long, value_name = "TAG")]
    tag: Option<String>,
    /// At most so many
    #[arg(long, value_name = "NUMBER", default_value_t = 1000, value_parser = clap::value_parser!(u32).range(1..))]
    limit: u32,
}

impl List {
    /// The runs that are wanted.
    pub fn filter(self) -> RunFilter {
        let ended = (!self.ended).then_some(false);
        RunFilter { tag: self.tag, ended, limit: self.limit, ..RunFilter::default() }
    }
}

/// What is shown of a history.
#[derive(Debug, clap::Args)]
pub struct History {
    #[command(flatten)]
    pub label: Label,
    /// Print each record in full, one line of JSON per step
    #[arg(long)]
    pub ndjson: bool,
}

/// What a withdrawal says.
#[derive(Debug, clap::Args)]
pub struct Withdraw {
    #[command(flatten)]
    label: Label,
    /// Why
    #[arg(long, value_name = "TEXT", value_parser = input::said)]
    reason: String,
    #[command(flatten)]
    sending: Sending,
}

/// How a new request is made.
#[derive(Debug, clap::Args)]
pub struct Asking {
    /// What approvers should know; it is not sent
    #[arg(long, value_name = "TEXT", value_parser = input::said)]
    pub justification: Option<String>,
    /// The connection by which the agreement is reached, where no offer of ours made it
    #[arg(long, value_name = "ACCOUNT")]
    pub connector: Option<String>,
    /// Print the exact remote calls and send nothing
    #[arg(long)]
    pub dry_run: bool,
    #[command(flatten)]
    pub sending: Sending,
}

/// Asks: what the marketplace does not allow is refused before anything is written.
pub async fn ask<A: Spoken>(session: &Session, asking: &Asking, whose: &Whose<'_>, ask: &A) -> Result<Exit, Failure> {
    let store = session.app.store.as_ref();
    let write = ask.write().map_err(|unknown| Failure::usage(unknown.to_string()))?;
    if asking.dry_run {
        sound(session, whose, ask, None).await?;
        let calls = dry_run::planned(whose.connection, &placeholder(A::SERIES), &write)?;
        match session.out.is_json() {
            true => session.out.json(&calls)?,
            false => show_calls(&session.out, &calls),
        }
        session.out.say("nothing was sent");
        return Ok(Exit::Ok);
    }
    let actor = session.act_for(A::ACTION, "agreement", ask.agreement_id(), &whose.home.legal_entity)?;
    let sender = asking.sending.sender(session, actor);
    // Repeated under its key, a request that was made gets the answer that it got.
    if sender.earlier(store).await?.is_none() {
        sound(session, whose, ask, None).await?;
    }
    let message = launch::start(store, &sender, A::SERIES, &whose.home, ask).await?;
    let label = message.start.as_ref().map(|start| start.label.clone()).unwrap_or_default();
    session.send(&asking.sending, &label, vec![message]).await?;
    Ok(Exit::Ok)
}

/// A label as long as the one that a request will have.
fn placeholder(series: &str) -> String {
    format!("{series}-0000-00000")
}

/// Refuses what the marketplace would refuse, as far as can be known.
async fn sound<A: Spoken>(session: &Session, whose: &Whose<'_>, ask: &A, label: Option<&str>) -> Result<(), Failure> {
    let able = whose.connection.marketplace.capabilities().contains(&A::NEEDS);
    if !able {
        return Err(DeskError::Marketplace(entente_port::Error::Unsupported(A::NEEDS)).into());
    }
    ask.check().map_err(|error| Failure::usage(error.to_string()))?;
    let write = ask.write().map_err(|unknown| Failure::usage(unknown.to_string()))?;
    dry_run::planned(whose.connection, &placeholder(A::SERIES), &write)?;
    let known = figures(Some(session.app.store.as_ref()), whose.connection, ask, label).await?;
    match ask.objection(&known) {
        None => Ok(()),
        Some(objection) => {
            let failure = Failure::usage(format!("{} (field `{}`)", objection.message, objection.field));
            Err(failure.hint(format!(
                "nothing was written; see what is there with `entente agreement show|invoices {}`",
                ask.agreement_id()
            )))
        }
    }
}

/// Lists requests.
pub async fn list<A: Spoken>(session: &Session, list: List) -> Result<Exit, Failure> {
    let requests = stored::requests::<A>(session.app.store.as_ref(), list.filter()).await?;
    let rows: Vec<Standing<A>> = requests.iter().map(standing::summary).collect();
    if session.out.is_json() {
        session.out.json(&rows)?;
        return Ok(Exit::Ok);
    }
    let cells = rows.iter().map(|row| {
        let parked = if row.incident.is_some() { " (parked)" } else { "" };
        let waiting = row.waiting_on.clone().unwrap_or_else(|| "-".into());
        let first = [row.label.clone(), format!("{}{parked}", row.state), waiting];
        first.into_iter().chain(row.ask.columns()).collect()
    });
    let heading: Vec<&str> = [A::KIND, "state", "waiting on"].iter().chain(A::COLUMNS).copied().collect();
    session.out.table(&heading, &cells.collect::<Vec<_>>());
    if rows.is_empty() {
        session.out.say(&format!("there is no such {}", A::KIND));
    }
    Ok(Exit::Ok)
}

/// A request by its label.
pub async fn find<A: Spoken>(session: &Session, label: &str) -> Result<Stored<A>, Failure> {
    Ok(stored::by_label(session.app.store.as_ref(), A::KIND, label).await?)
}

/// Shows where a request stands.
pub async fn show<A: Spoken>(session: &Session, label: &Label) -> Result<Exit, Failure> {
    let stored = find::<A>(session, &label.label).await?;
    let mut standing = standing::standing(session.app.store.as_ref(), &stored, session.app.clock.now()).await?;
    let world = session.app.world.borrow().clone();
    let (snapshot, people) = (&stored.row.snapshot, &session.app.people);
    electorate(&mut standing.approvals, snapshot, world.policies.of(&snapshot.chart.name), people);
    if session.out.is_json() {
        session.out.json(&standing)?;
        return Ok(Exit::Ok);
    }
    facts(&session.out, &standing);
    if !standing.approvals.is_empty() {
        approvals(&session.out, &standing.approvals);
    }
    timeline(&session.out, &standing.timeline);
    Ok(Exit::Ok)
}

fn facts<A: Spoken>(out: &Out, standing: &Standing<A>) {
    let waiting = standing.waiting_on.as_ref().map(|party| match standing.waiting_since {
        Some(since) => format!("{party}, since {}", instant(since)),
        None => party.clone(),
    });
    let figures = standing.figures.as_ref();
    let buyer = figures.map(|figures| match &figures.buyer {
        Some(buyer) => format!("{buyer} ({})", figures.buyer_account),
        None => figures.buyer_account.clone(),
    });
    let refusal = standing.refusal.as_ref().map(|refusal| {
        let field = refusal.field.as_ref().map(|field| format!(" (field `{field}`)")).unwrap_or_default();
        format!("{}{field}", refusal.message)
    });
    let text = |value: Option<String>| value.unwrap_or_default();
    let mut fields =
        vec![(A::KIND, standing.label.clone()), ("state", standing.state.clone()), ("waiting on", text(waiting))];
    fields.extend(standing.ask.fields());
    fields.extend([
        ("justification", text(standing.ask.justification().map(str::to_owned))),
        ("buyer", text(buyer)),
        ("offer", text(figures.and_then(|figures| figures.offer.clone()))),
        ("revision", standing.revision.clone()),
        ("asked by", text(standing.requester.as_ref().map(ToString::to_string))),
        ("marketplace id", text(standing.change.as_ref().map(|change| change.id.clone()))),
        ("answer by", text(standing.answer_by.map(instant))),
        ("done", text(standing.applied_at.map(instant))),
        ("refusal", text(refusal)),
        ("withdrawal", text(standing.withdrawal.as_ref().map(|withdrawal| withdrawal.reason.clone()))),
        ("incident", text(standing.incident.as_ref().map(|incident| incident.message.clone()))),
    ]);
    out.fields(&fields);
}

/// Shows everything that happened to a request.
pub async fn tell<A: Spoken>(session: &Session, shown: &History) -> Result<Exit, Failure> {
    let stored = find::<A>(session, &shown.label.label).await?;
    history::tell(session, stored.row.snapshot.run, shown.ndjson).await
}

/// Takes a request back, as long as it has not been sent.
pub async fn withdraw<A: Spoken>(session: &Session, withdraw: &Withdraw) -> Result<Exit, Failure> {
    let data = json!({ "reason": withdraw.reason });
    change::<A>(session, &withdraw.label, &withdraw.sending, "withdraw", data).await
}

/// Asks for something else instead.
pub async fn revise<A: Spoken>(session: &Session, label: &Label, sending: &Sending, ask: &A) -> Result<Exit, Failure> {
    ask.check().map_err(|error| Failure::usage(error.to_string()))?;
    change::<A>(session, label, sending, "revise", json!({ "ask": ask })).await
}

async fn change<A: Spoken>(
    session: &Session,
    label: &Label,
    sending: &Sending,
    event: &str,
    data: serde_json::Value,
) -> Result<Exit, Failure> {
    let stored = find::<A>(session, &label.label).await?;
    let snapshot = &stored.row.snapshot;
    let actor = session.act_for(A::ACTION, A::KIND, &snapshot.label, &snapshot.home.legal_entity)?;
    let message = sending.sender(session, actor).named(snapshot.run, event, data);
    session.send(sending, &snapshot.label, vec![message]).await?;
    Ok(Exit::Ok)
}
