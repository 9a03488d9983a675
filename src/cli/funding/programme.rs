//! `entente programme`: the packs of rules that programmes follow.

use std::path::PathBuf;

use entente_core::{ids::ProgrammeId, mdf::Pack};
use entente_store::Store;

use super::shown;
use crate::{
    authz::Action,
    cli::{
        exit::Exit,
        failure::Failure,
        input,
        session::{Globals, Session},
    },
    funding::{
        comparison, packs,
        programmes::{self, NotClosed},
    },
    offers::DeskError,
};

/// Import and show the packs of rules that programmes follow, and close programmes
#[derive(Debug, clap::Subcommand)]
pub enum Programme {
    /// Import a version of a pack; it is never changed afterwards
    ///
    /// A later version takes the id of a comparison with the one in use: what it would have made of requests and claims.
    Import {
        /// The pack
        #[arg(value_name = "PACK.YAML")]
        file: PathBuf,
        /// The id that `entente policy diff` printed for it, where an earlier version is in use
        #[arg(long, value_name = "ID")]
        comparison: Option<String>,
    },
    /// List the packs
    List,
    /// Close a programme as a whole: no fund of it opens any more, and nobody asks for its money
    ///
    /// Where a pack of its funds enables rule Y11, nothing of it may be reserved, pending or disputed.
    Close(Close),
    /// Show a pack as it was imported
    Show {
        /// Its name and version, such as classic-50-50-45d@1
        #[arg(value_name = "NAME@VERSION")]
        name: String,
    },
}

/// Close a programme as a whole
#[derive(Debug, clap::Args)]
pub struct Close {
    /// The programme, as its funds name it, such as emea-mdf
    #[arg(value_name = "PROGRAMME")]
    programme: ProgrammeId,
    /// Why
    #[arg(long, value_name = "TEXT", value_parser = input::said)]
    reason: String,
    /// Say whether it may close, and write nothing
    #[arg(long)]
    dry_run: bool,
}

impl Close {
    async fn run(self, session: &Session) -> Result<Exit, Failure> {
        let programme = &self.programme;
        let actor = session.act(Action::ManageFunds, "programme", programme.as_str())?;
        let (store, now) = (session.app.store.as_ref(), session.app.clock.now());
        if self.dry_run {
            programmes::may_close(store, programme, now).await.map_err(open)?;
            session.out.data(programme.as_str());
            session.out.say("it may close; nothing was written");
            return Ok(Exit::Ok);
        }
        let closed = programmes::close(store, programme, self.reason, (&actor.person, now)).await.map_err(open)?;
        if session.out.is_json() {
            session.out.json(&closed)?;
            return Ok(Exit::Ok);
        }
        session.out.data(programme.as_str());
        session.out.say("it is closed: no fund of it opens, and nothing more is granted of those that are open");
        Ok(Exit::Ok)
    }
}

/// A programme of which something is open stays open.
fn open(error: NotClosed) -> Failure {
    match error {
        NotClosed::Records(error) => error.into(),
        NotClosed::Open { .. } | NotClosed::Already { .. } => Failure::new(Exit::Conflict, error.to_string()),
    }
}

impl Programme {
    pub(in crate::cli) async fn run(self, globals: &Globals) -> Result<Exit, Failure> {
        match self {
            Programme::Import { file, comparison } => {
                let text = input::document(&file)?;
                let pack = Pack::from_yaml(&input::name(&file), &text)?;
                let session = Session::open(globals).await?;
                let named = format!("{}@{}", pack.name, pack.version);
                let actor = session.act(Action::ImportRules, "pack", &named)?;
                let (store, now) = (session.app.store.as_ref(), session.app.clock.now());
                compared(store, &pack, comparison.as_deref()).await?;
                packs::import(store, &pack, &text, actor.person.as_str(), now).await.map_err(taken)?;
                session.out.data(&named);
                session.out.say("funds may name it in `pack`");
                Ok(Exit::Ok)
            }
            Programme::Close(close) => close.run(&Session::open(globals).await?).await,
            Programme::List => list(&Session::open(globals).await?).await,
            Programme::Show { name } => {
                let session = Session::open(globals).await?;
                session.out.data(packs::text(session.app.store.as_ref(), &name).await?.text.trim_end());
                Ok(Exit::Ok)
            }
        }
    }
}

/// Refuses a version that nobody has compared with the one in use.
async fn compared(store: &dyn Store, pack: &Pack, comparison: Option<&str>) -> Result<(), Failure> {
    let Some(old) = packs::newest(store, &pack.name).await?.filter(|old| old.sha256 != pack.sha256) else {
        return Ok(());
    };
    let known = match comparison {
        Some(id) => comparison::was_kept(store, id, &old, pack).await?,
        None => false,
    };
    if known {
        return Ok(());
    }
    let message = format!("version {} of `{}` is in use, and this one was not compared with it", old.version, old.name);
    Err(Failure::new(Exit::Conflict, message)
        .hint("see what would change with `entente policy diff PACK.YAML`, and give its id with --comparison"))
}

/// A version that exists already has judged claims already.
fn taken(error: DeskError) -> Failure {
    let failure = Failure::from(error);
    match failure.exit {
        Exit::Conflict => failure.hint("a pack never changes; raise its `version` and import it again"),
        _ => failure,
    }
}

async fn list(session: &Session) -> Result<Exit, Failure> {
    shown::versions(&session.out, "pack", &packs::list(session.app.store.as_ref()).await?)
}
