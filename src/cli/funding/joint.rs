//! Requests and claims that several funds pay: entered once, and one paper for each fund. What is said of the whole is said of each
//! part, and what came of each is told.

use std::collections::BTreeSet;

use entente_core::{
    context::funding::{ClaimPaper, Paper as _, RequestPaper, WholeRequest},
    event::Body,
    ids::FundId,
    money::Money,
};
use entente_store::Message;
use serde_json::{Value, json};

use super::papers::{self, Create, Spoken};
use crate::{
    cli::{exit::Exit, failure::Failure, input, output::instant, session::Session, submit::Sending},
    decision::{JOINT_CLAIMS, JOINT_REQUESTS, is_of},
    funding::{
        joint, launch, outside,
        standing::{self, Standing},
        stored::Stored,
    },
    offers::launch::{Sender, label as next_label},
};

/// A kind of paper of which several can be parts of one whole.
pub trait Part: Spoken {
    /// What the labels of wholes begin with.
    const JOINT: &'static str;
    /// The parts of a whole, as far as whoever asks reaches.
    async fn parts(session: &Session, label: &str) -> Result<Vec<Stored<Self>>, Failure>;
}

impl Part for RequestPaper {
    const JOINT: &'static str = JOINT_REQUESTS;

    async fn parts(session: &Session, label: &str) -> Result<Vec<Stored<RequestPaper>>, Failure> {
        let scope = papers::reach(session, "joint request", label)?;
        Ok(joint::requests(session.app.store.as_ref(), &scope, label).await?)
    }
}

impl Part for ClaimPaper {
    const JOINT: &'static str = JOINT_CLAIMS;

    async fn parts(session: &Session, label: &str) -> Result<Vec<Stored<ClaimPaper>>, Failure> {
        let scope = papers::reach(session, "joint claim", label)?;
        Ok(joint::claims(session.app.store.as_ref(), &scope, label).await?)
    }
}

/// Whether a label is that of a whole.
pub fn is_whole<P: Part>(label: &str) -> bool {
    is_of(P::JOINT, label)
}

/// Enters a request of several funds: all parts, or none.
pub async fn create_request(session: &Session, whole: &WholeRequest, create: &Create) -> Result<Exit, Failure> {
    let sender = sender(session, &whole.paper, &create.sending).await?;
    let label = match earlier(session, &sender).await? {
        Some(label) => label,
        None => {
            let open = joint::all_open(session.app.store.as_ref(), &whole.parts(JOINT_REQUESTS)?).await?;
            open.map_err(|wrong| at_field(create, &wrong.field, &wrong.message))?;
            next_label(session.app.store.as_ref(), JOINT_REQUESTS, sender.at).await?
        }
    };
    start(session, &sender, create, &label, &whole.parts(&label)?).await
}

/// Enters a claim on a joint request: one for each fund that has granted its part, or none.
pub async fn create_claim(session: &Session, whole: &ClaimPaper, create: &Create) -> Result<Exit, Failure> {
    let sender = sender(session, whole, &create.sending).await?;
    let asked = RequestPaper::parts(session, &whole.request).await?;
    let split = |label: &str| {
        let parts = joint::claimed(whole, &asked, label);
        parts.map_err(|wrong| at_field(create, &wrong.field, &wrong.message))
    };
    let label = match earlier(session, &sender).await? {
        Some(label) => label,
        None => {
            split(JOINT_CLAIMS)?;
            next_label(session.app.store.as_ref(), JOINT_CLAIMS, sender.at).await?
        }
    };
    start(session, &sender, create, &label, &split(&label)?).await
}

fn at_field(create: &Create, field: &str, message: &str) -> Failure {
    Failure::usage(format!("{}: field `{field}`: {message}", input::name(&create.file))).hint("nothing was written")
}

async fn sender<P: Part>(session: &Session, paper: &P, sending: &Sending) -> Result<Sender, Failure> {
    let actor = papers::actor::<P>(session, P::ACTION, &paper.title(), &launch::home(paper)?)?;
    papers::still_partner::<P>(session, paper.party()).await?;
    Ok(sending.sender(session, actor))
}

/// The label of the whole that was entered under this key before.
async fn earlier(session: &Session, sender: &Sender) -> Result<Option<String>, Failure> {
    let first = sender.also("part-0").earlier(session.app.store.as_ref()).await?;
    Ok(first.and_then(|message| match message.event.body {
        Body::Started { input } => Some(input["joint"]["label"].as_str()?.to_owned()),
        _ => None,
    }))
}

/// Puts the messages that start all parts into their inboxes at once: a crash leaves all of them there, or none.
async fn start<P: Part>(
    session: &Session,
    sender: &Sender,
    create: &Create,
    label: &str,
    parts: &[P],
) -> Result<Exit, Failure> {
    let mut messages: Vec<(String, Vec<Message>)> = Vec::new();
    for (at, part) in parts.iter().enumerate() {
        let own = sender.also(&format!("part-{at}"));
        let started = launch::start(session.app.store.as_ref(), &own, P::SERIES, part).await?;
        let name = started.start.as_ref().map(|start| start.label.clone()).unwrap_or_default();
        let submit = create.submit.then(|| own.also("submit").named(started.run, "submit", Value::Null));
        messages.push((name, std::iter::once(started).chain(submit).collect()));
    }
    session.send_each(&create.sending, label, messages).await?;
    Ok(Exit::Ok)
}

/// Says something of every part that has not ended.
pub async fn each<P: Part>(
    session: &Session,
    label: &str,
    sending: &Sending,
    event: &str,
    data: impl Fn(&Stored<P>) -> Result<Value, Failure>,
) -> Result<Exit, Failure> {
    let parts = open_parts::<P>(session, label).await?;
    let Some(first) = parts.first() else {
        let message = format!("`{label}`: every part of it has ended");
        return Err(Failure::new(Exit::Conflict, message));
    };
    let actor = papers::actor::<P>(session, P::ACTION, label, &first.row.snapshot.home)?;
    if ["submit", "revise"].contains(&event) {
        papers::still_partner::<P>(session, first.sheet.paper.party()).await?;
    }
    let sender = sending.sender(session, actor);
    let mut messages: Vec<(String, Vec<Message>)> = Vec::new();
    for part in &parts {
        let own = sender.also(part.label());
        messages.push((part.label().to_owned(), vec![own.named(part.row.snapshot.run, event, data(part)?)]));
    }
    session.send_each(sending, label, messages).await?;
    Ok(Exit::Ok)
}

async fn open_parts<P: Part>(session: &Session, label: &str) -> Result<Vec<Stored<P>>, Failure> {
    let mut parts = P::parts(session, label).await?;
    parts.retain(|part| !part.row.snapshot.ended);
    Ok(parts)
}

/// The part of another whole that takes the place of each that has not ended: the same funds, in whatever shares.
pub async fn renewed(session: &Session, label: &str, whole: &WholeRequest) -> Result<Vec<RequestPaper>, Failure> {
    let parts = whole.parts(label)?;
    let funds: BTreeSet<FundId> = parts.iter().map(|part| part.fund.clone()).collect();
    let stand = open_parts::<RequestPaper>(session, label).await?;
    let theirs: BTreeSet<FundId> = stand.iter().map(|part| part.sheet.paper.fund.clone()).collect();
    if funds != theirs {
        let names: Vec<String> = theirs.iter().map(ToString::to_string).collect();
        let message = format!("field `/funding`: names other funds than those that `{label}` waits for or has");
        return Err(Failure::usage(message).hint(format!("share it among {}, or create another one", names.join(", "))));
    }
    if let Some(other) = stand.iter().find(|one| one.sheet.paper.partner != whole.paper.partner) {
        let message = format!("`{label}` is about something else: {}", other.sheet.paper.title());
        return Err(Failure::usage(message));
    }
    Ok(parts)
}

/// Another claim on the same joint request in the place of each part that has not ended.
pub async fn revise_claim(
    session: &Session,
    label: &str,
    sending: &Sending,
    whole: &ClaimPaper,
) -> Result<Exit, Failure> {
    let asked = RequestPaper::parts(session, &whole.request).await?;
    let claims = joint::claimed(whole, &asked, label)?;
    each::<ClaimPaper>(session, label, sending, "revise", |part| {
        let own = claims.iter().find(|claim| claim.request == part.sheet.paper.request);
        let gone = || Failure::new(Exit::Conflict, format!("nothing is held any longer for `{}`", part.label()));
        own.map(|paper| json!({ "paper": paper })).ok_or_else(gone)
    })
    .await
}

/// Another request in the place of each part that has not ended.
pub async fn revise_request(
    session: &Session,
    label: &str,
    sending: &Sending,
    (event, whole, reason): (&str, &WholeRequest, Option<&str>),
) -> Result<Exit, Failure> {
    let parts = renewed(session, label, whole).await?;
    each::<RequestPaper>(session, label, sending, event, |part| {
        let own = parts.iter().find(|one| one.fund == part.sheet.paper.fund);
        let own = own.ok_or_else(|| Failure::usage(format!("no share is of `{}`", part.sheet.paper.fund)))?;
        Ok(match reason {
            Some(reason) => json!({ "paper": own, "reason": reason }),
            None => json!({ "paper": own }),
        })
    })
    .await
}

/// A whole: its parts, and what they come to together.
struct Whole<P: Part> {
    label: String,
    parts: Vec<Standing<P>>,
}

impl<P: Part> Whole<P> {
    async fn of(session: &Session, label: &str) -> Result<Whole<P>, Failure> {
        let mut parts = Vec::new();
        for part in P::parts(session, label).await? {
            let (store, now) = (session.app.store.as_ref(), session.app.clock.now());
            let mut standing = standing::standing(store, &part, now).await?;
            if session.partner().is_some() {
                outside::for_partner(&mut standing, |person| session.is_of_ones_own(person));
            }
            parts.push(standing);
        }
        Ok(Whole { label: label.to_owned(), parts })
    }

    /// The parts that somebody has yet to decide on, with whom they wait for.
    fn waits_for(&self, decided: impl Fn(&Standing<P>) -> bool) -> Vec<String> {
        let open = self.parts.iter().filter(|part| !part.ended && !decided(part));
        open.map(|part| {
            let since = part.waiting_since.map(|since| format!(", since {}", instant(since))).unwrap_or_default();
            format!("{}: {}{since}", part.label, part.waiting_on.as_deref().unwrap_or("nobody"))
        })
        .collect()
    }

    fn sum(&self, of: impl Fn(&Standing<P>) -> Option<Money>) -> Result<Option<Money>, Failure> {
        let amounts: Vec<Money> = self.parts.iter().filter_map(of).collect();
        let Some(first) = amounts.first() else { return Ok(None) };
        let sum = Money::sum(first.currency, amounts.iter().copied());
        sum.map(Some).map_err(|error| Failure::new(Exit::Error, error.to_string()))
    }
}

/// Shows a whole.
fn shown<P: Part>(
    session: &Session,
    whole: &Whole<P>,
    waits_for: &[String],
    sums: &[(&'static str, Option<Money>)],
) -> Result<Exit, Failure> {
    if session.out.is_json() {
        let mut told = json!({ "label": whole.label, "waits_for": waits_for, "parts": whole.parts });
        for (name, sum) in sums {
            told[name.replace(' ', "_")] = json!(sum);
        }
        session.out.json(&told)?;
        return Ok(Exit::Ok);
    }
    let mut fields = vec![(P::KIND, whole.label.clone()), ("waiting on", waits_for.join("; "))];
    fields.extend(sums.iter().map(|(name, sum)| (*name, sum.map(|sum| sum.to_string()).unwrap_or_default())));
    session.out.fields(&fields);
    let rows = whole.parts.iter().map(|part| {
        let first = [part.label.clone(), part.state.clone(), part.waiting_on.clone().unwrap_or_else(|| "-".into())];
        first.into_iter().chain(P::columns(part)).collect()
    });
    let heading: Vec<&str> = [P::KIND, "state", "waiting on"].iter().chain(P::COLUMNS).copied().collect();
    session.out.part("Parts", &heading, &rows.collect::<Vec<Vec<String>>>());
    Ok(Exit::Ok)
}

/// Shows a joint request: the sums, and the part of each fund.
pub async fn show_request(session: &Session, label: &str) -> Result<Exit, Failure> {
    let whole = Whole::<RequestPaper>::of(session, label).await?;
    let sums = [
        ("cost", whole.sum(|part| Some(part.paper.cost))?),
        ("asked for", whole.sum(|part| Some(part.paper.amount))?),
        ("granted", whole.sum(|part| part.course.granted)?),
        ("claimed", whole.sum(|part| part.course.claimed)?),
    ];
    shown(session, &whole, &whole.waits_for(|part| part.course.granted.is_some()), &sums)
}

/// Shows a joint claim: the sums, and the part of each fund.
pub async fn show_claim(session: &Session, label: &str) -> Result<Exit, Failure> {
    let whole = Whole::<ClaimPaper>::of(session, label).await?;
    let sums = [
        ("claimed", whole.sum(|part| Some(part.paper.amount))?),
        ("approved", whole.sum(|part| part.course.approved)?),
    ];
    shown(session, &whole, &whole.waits_for(|part| part.course.approved.is_some()), &sums)
}
