//! `entente card show`, `list` and `ask`.

use entente_core::commitment::card::{Ask, Confidence, Consent, Owner, Says, Shown};
use serde_json::json;

use super::{find, reach};
use crate::{
    cards::{
        stored,
        view::{Seen, seen},
    },
    cli::{exit::Exit, failure::Failure, request::Label, session::Session},
};

/// Characters of a fact's hash that are shown.
const SHOWN: usize = 12;

/// Whose view.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub enum As {
    /// The seller's
    Seller,
    /// The buyer's
    Buyer,
}

/// Show a card as it stands today
#[derive(Debug, clap::Args)]
pub struct Show {
    #[command(flatten)]
    label: Label,
    /// Refuse to show anything but this side's view [default: that of whoever acts]
    #[arg(long = "as", value_enum, value_name = "SIDE")]
    side: Option<As>,
}

/// List cards
#[derive(Debug, clap::Args)]
pub struct List {
    /// Those that are closed as well
    #[arg(long)]
    ended: bool,
}

impl Show {
    pub(super) async fn run(self, session: &Session) -> Result<Exit, Failure> {
        let own = if session.party().is_some() { As::Buyer } else { As::Seller };
        if self.side.is_some_and(|side| side != own) {
            // Whether the other side has one is not looked up.
            return Err(Failure::new(Exit::Forbidden, "nobody sees the view of the other side"));
        }
        let label = &self.label.label;
        let (side, found) = find(session, label).await?;
        let view = seen(session.app.store.as_ref(), &side, &found, session.app.clock.now()).await?;
        if session.out.is_json() {
            session.out.json(&view)?;
            return Ok(Exit::Ok);
        }
        draw(session, &view);
        Ok(Exit::Ok)
    }
}

fn draw(session: &Session, view: &Seen) {
    let out = &session.out;
    let daily = match (view.side, view.daily_sums) {
        (Owner::Seller, true) => "the buyer shares them",
        (Owner::Seller, false) => "not shared",
        (Owner::Buyer, _) => "your own",
    };
    out.fields(&[
        ("card", view.label.clone()),
        ("state", view.state.clone()),
        ("buyer", view.buyer.to_string()),
        ("commitment", view.commitment.to_string()),
        ("legal entity", view.legal_entity.to_string()),
        ("as it stands on", view.on.to_string()),
        ("daily sums", daily.to_owned()),
    ]);
    out.heading("Known");
    let known = ["what", "is", "told by", "source", "as of", "how sure", "consent", "until"];
    out.table(&known, &view.shown.iter().map(row).collect::<Vec<_>>());
    if !view.ask.is_empty() {
        out.heading("To be asked again");
        let rows: Vec<_> = view.ask.iter().map(asked).collect();
        out.table(&["what", "who asks", "whom", "since"], &rows);
    }
    if !view.nobody_knows.is_empty() {
        out.heading("Nobody knows");
        let rows = view.nobody_knows.iter().map(|(topic, unknown)| {
            let by = unknown.by.as_ref().map(ToString::to_string).unwrap_or_default();
            vec![topic.words().to_owned(), by, crate::cli::output::instant(unknown.at)]
        });
        out.table(&["what", "said by", "at"], &rows.collect::<Vec<_>>());
    }
    out.heading("Facts that may be used");
    let facts = view.facts.iter().map(|usable| {
        let hash: String = usable.fact.chars().take(SHOWN).collect();
        vec![hash, usable.topic.words().to_owned(), usable.told_by.clone(), usable.as_of.to_string()]
    });
    out.table(&["fact", "about", "told by", "as of"], &facts.collect::<Vec<_>>());
    out.say("amounts are ranges that widen with their age; nothing is forecast from a card");
}

/// What a fact says as people read it; an amount as the range that it has become.
fn said(says: &Says, shown: Option<&Shown>) -> String {
    match says {
        Says::Cloud(cloud) => cloud.to_string(),
        Says::Ends(day) => day.to_string(),
        Says::Amount(amount) | Says::Remaining(amount) => {
            let band = shown.and_then(|shown| shown.range).unwrap_or(amount.band);
            match band.least == band.most {
                true => format!("{} {}", amount.currency, band.least),
                false => format!("{} {} to {}", amount.currency, band.least, band.most),
            }
        }
    }
}

fn row(shown: &Shown) -> Vec<String> {
    let fact = &shown.fact;
    let sure = match fact.confidence {
        Confidence::Guessed => "guessed",
        Confidence::Heard => "heard",
        Confidence::Told => "told",
        Confidence::Read => "read",
    };
    let consent = match fact.consent {
        Consent::Given => "given",
        Consent::NotNeeded => "not needed",
        Consent::Withdrawn => "withdrawn",
    };
    vec![
        fact.says.topic().words().to_owned(),
        said(&fact.says, Some(shown)),
        fact.told_by.clone(),
        fact.source.clone(),
        fact.as_of.to_string(),
        sure.to_owned(),
        consent.to_owned(),
        fact.expires.to_string(),
    ]
}

fn asked(ask: &Ask) -> Vec<String> {
    vec![ask.about.topic().words().to_owned(), ask.who.to_string(), ask.whom.clone(), ask.since.to_string()]
}

/// Every card of the side of whoever acts, as it stands now.
async fn views(session: &Session, ended: bool) -> Result<Vec<Seen>, Failure> {
    let (side, scope) = reach(session, "list")?;
    let store = session.app.store.as_ref();
    let mut views = Vec::new();
    for found in stored::cards(store, &scope, ended).await? {
        views.push(seen(store, &side, &found, session.app.clock.now()).await?);
    }
    Ok(views)
}

impl List {
    pub(super) async fn run(self, session: &Session) -> Result<Exit, Failure> {
        let views = views(session, self.ended).await?;
        if session.out.is_json() {
            session.out.json(&views)?;
            return Ok(Exit::Ok);
        }
        let rows = views.iter().map(|view| {
            let amount = view.shown.iter().find(|shown| matches!(shown.fact.says, Says::Amount(_)));
            let end = view.shown.iter().find(|shown| matches!(shown.fact.says, Says::Ends(_)));
            let text = |shown: Option<&Shown>| shown.map_or("-".into(), |shown| said(&shown.fact.says, Some(shown)));
            vec![
                view.label.clone(),
                view.state.clone(),
                view.buyer.to_string(),
                view.commitment.to_string(),
                text(amount),
                text(end),
                view.ask.len().to_string(),
            ]
        });
        let heading = ["card", "state", "buyer", "commitment", "amount", "ends", "to ask"];
        session.out.table(&heading, &rows.collect::<Vec<_>>());
        if views.is_empty() {
            session.out.say("there is no such card");
        }
        Ok(Exit::Ok)
    }
}

/// Lists what is to be asked again.
pub async fn ask(session: &Session) -> Result<Exit, Failure> {
    let views = views(session, false).await?;
    let open = || views.iter().flat_map(|view| view.ask.iter().map(move |ask| (view, ask)));
    if session.out.is_json() {
        let rows = open().map(|(view, ask)| json!({ "label": view.label, "buyer": view.buyer, "ask": ask }));
        session.out.json(&rows.collect::<Vec<_>>())?;
        return Ok(Exit::Ok);
    }
    let rows = open().map(|(view, ask)| [vec![view.label.clone(), view.buyer.to_string()], asked(ask)].concat());
    session.out.table(&["card", "buyer", "what", "who asks", "whom", "since"], &rows.collect::<Vec<_>>());
    if open().next().is_none() {
        session.out.say("nothing is to be asked again");
    }
    Ok(Exit::Ok)
}
