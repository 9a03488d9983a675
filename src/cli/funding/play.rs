//! `entente play`: the go-to-market plays that requests name.

use std::path::PathBuf;

use entente_core::mdf::Play as Text;

use super::returns::{By, Returns};
use crate::{
    authz::Action,
    cli::{
        exit::Exit,
        failure::Failure,
        input,
        output::instant,
        session::{Globals, Session},
    },
    funding::plays::{self, Kept, NotApproved},
    offers::DeskError,
};

/// Import, approve and show the go-to-market plays that requests name
#[derive(Debug, clap::Subcommand)]
pub enum Play {
    /// Import a version of a play; it is never changed afterwards, and counts once another person has approved it
    Import {
        /// The play
        #[arg(value_name = "PLAY.YAML")]
        file: PathBuf,
    },
    /// Approve a play that somebody else has imported
    Approve {
        /// Its id and version, such as cloud-migration@1
        #[arg(value_name = "ID@VERSION")]
        name: String,
        /// SHA-256 of the text that you have seen, or at least its first six digits
        #[arg(long, value_name = "SHA256", value_parser = input::beginning)]
        sha256: String,
    },
    /// List the plays; a partner's person sees the approved ones of the programmes that pay that partner
    List,
    /// Show a play as it was imported
    Show {
        /// Its id and version, such as cloud-migration@1
        #[arg(value_name = "ID@VERSION")]
        name: String,
    },
    /// Show what the requests for a play have brought for what was paid
    Returns(Returns),
}

impl Play {
    pub(in crate::cli) async fn run(self, globals: &Globals) -> Result<Exit, Failure> {
        match self {
            Play::Import { file } => import(globals, &file).await,
            Play::Approve { name, sha256 } => approve(&Session::open(globals).await?, &name, &sha256).await,
            Play::List => list(&Session::open(globals).await?).await,
            Play::Returns(returns) => returns.run(&Session::open(globals).await?, By::Play).await,
            Play::Show { name } => show(&Session::open(globals).await?, &name).await,
        }
    }
}

async fn import(globals: &Globals, file: &std::path::Path) -> Result<Exit, Failure> {
    let text = input::document(file)?;
    let play = Text::from_yaml(&input::name(file), &text)?;
    let session = Session::open(globals).await?;
    let named = play.named();
    let actor = session.act(Action::WritePlays, "play", &named)?;
    let (store, now) = (session.app.store.as_ref(), session.app.clock.now());
    let sha256 = plays::import(store, &play, &text, actor.person.as_str(), now).await.map_err(taken)?;
    session.out.data(&named);
    session.out.say(&format!("`{sha256}` counts once another person has approved it"));
    Ok(Exit::Ok)
}

/// A version that exists already may have been approved already.
fn taken(error: DeskError) -> Failure {
    let failure = Failure::from(error);
    match failure.exit {
        Exit::Conflict => failure.hint("a play never changes; raise its `version` and import it again"),
        _ => failure,
    }
}

async fn approve(session: &Session, name: &str, sha256: &str) -> Result<Exit, Failure> {
    let actor = session.act(Action::ApprovePlays, "play", name)?;
    let (store, now) = (session.app.store.as_ref(), session.app.clock.now());
    let kept = plays::approve(store, name, sha256, &actor.person, now).await.map_err(|error| match error {
        NotApproved::Records(error) => error.into(),
        NotApproved::SamePerson { .. } => Failure::new(Exit::Forbidden, error.to_string()),
        NotApproved::OtherText { .. } | NotApproved::Already { .. } => Failure::new(Exit::Conflict, error.to_string()),
    })?;
    session.out.data(&kept.play.named());
    session.out.say(&format!("requests may name it for activities from {} to {}", kept.play.from, kept.play.until));
    Ok(Exit::Ok)
}

/// The plays that the person who acts may see.
async fn visible(session: &Session, name: &str) -> Result<Vec<Kept>, Failure> {
    session.reach(Action::ReadFunds, "play", name)?;
    let store = session.app.store.as_ref();
    Ok(match session.party() {
        Some(partner) => plays::open_to(store, partner).await?,
        None => plays::list(store).await?,
    })
}

async fn list(session: &Session) -> Result<Exit, Failure> {
    let plays = visible(session, "list").await?;
    if session.out.is_json() {
        session.out.json(&plays)?;
        return Ok(Exit::Ok);
    }
    let words = |words: &mut dyn Iterator<Item = String>| words.collect::<Vec<_>>().join(", ");
    let cells = plays.iter().map(|kept| {
        let play = &kept.play;
        let state = kept.approved.as_ref().map_or_else(|| "waits".to_owned(), |one| format!("by {}", one.by));
        vec![
            play.named(),
            state,
            words(&mut play.programmes.iter().map(ToString::to_string)),
            words(&mut play.activities.iter().cloned()),
            play.budget.to_string(),
            play.pre_approved_below.map_or_else(|| "-".into(), |below| below.to_string()),
            play.from.to_string(),
            play.until.to_string(),
        ]
    });
    let heading = ["play", "approved", "programmes", "activities", "budget", "passes below", "from", "until"];
    session.out.table(&heading, &cells.collect::<Vec<_>>());
    if plays.is_empty() {
        session.out.say("there is no play");
    }
    Ok(Exit::Ok)
}

async fn show(session: &Session, name: &str) -> Result<Exit, Failure> {
    let found = visible(session, name).await?.into_iter().find(|kept| kept.play.named() == name);
    let kept = found.ok_or_else(|| entente_store::Error::NotFound { kind: "play", id: name.to_owned() })?;
    if session.out.is_json() {
        session.out.json(&kept)?;
        return Ok(Exit::Ok);
    }
    session.out.data(kept.text.trim_end());
    let by = format!("imported by {} on {}", kept.by, instant(kept.at));
    let approved = match &kept.approved {
        Some(approved) => format!("approved by {} on {}", approved.by, instant(approved.at)),
        None => format!("not approved; to do so, give --sha256 {}", kept.sha256),
    };
    session.out.say(&format!("{by}; {approved}"));
    Ok(Exit::Ok)
}
