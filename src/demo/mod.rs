//! `entente demo`: a sandboxed marketplace, an installation, private offers with their fates, customers with commitments to their
//! clouds, and partners who claim funds.
//!
//! Everything goes the product's own ways: the same inbox, approvals, connector and jobs that a vendor would use.
//! Killed in the middle and started again, the story goes on where it was and ends the same way.

mod after_sale;
mod commitments;
mod fleet;
mod folder;
mod funding;
mod moves;
mod promises;
mod stories;
mod summary;
mod teller;

use std::{
    io::Write as _,
    path::{Path, PathBuf},
    sync::Arc,
    time::Duration,
};

use anyhow::Context as _;
use entente_port::{Grants, Mode};
use entente_sandbox::{Director, Rate};
use futures::future::{try_join, try_join3};
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;

pub use self::fleet::Plan;
use self::{
    commitments::Commitments,
    fleet::Fleet,
    folder::Folder,
    funding::Funding,
    stories::Story,
    summary::Row,
    teller::{Door, PATIENCE, Teller},
};
use crate::{
    app::App,
    busy::once_free,
    config::Config,
    database::Use,
    offers::price_books,
    runner::settings::Settings,
    sandbox_clock,
    service::{Face, Service},
};

/// Sandbox seconds per real second: waits of minutes pass in a second.
const RATE: &str = "60";

/// What the demo is asked for.
#[derive(Debug, Clone)]
pub struct Demo {
    /// Where it keeps its files.
    pub folder: PathBuf,
    /// Ends when the story is told.
    pub once: bool,
    /// Begins anew, whatever the folder holds.
    pub fresh: bool,
    /// Several processes on a database server; absent: this process and a file do it alone.
    pub fleet: Option<Plan>,
}

/// What the engine runs in.
enum Engine {
    /// This process.
    Here(Service),
    /// Others.
    Fleet(Fleet),
}

/// Tells the story. True when every promise held.
///
/// # Errors
/// When the sandbox or the installation cannot be started, or a story does not get where it should.
pub async fn tell(demo: &Demo, stopped: impl Future<Output = ()>) -> anyhow::Result<bool> {
    let taken = folder::take(&demo.folder, demo.fresh)?;
    let folder = &taken.path;
    let database = demo.fleet.as_ref().map_or(folder::FILE, |plan| &plan.database);
    folder::same_database(folder, database)?;
    let sandbox = entente_sandbox::start(entente_sandbox::Config {
        listen: ([127, 0, 0, 1], 0).into(),
        state: Some(folder.join("sandbox.json")),
        rate: RATE.parse::<Rate>().map_err(anyhow::Error::msg)?,
        ..entente_sandbox::Config::default()
    })
    .await?;
    let stage = Director::open(&sandbox.control_url()).await?;
    let config = folder::write(folder, database, &sandbox, &stage)?;
    let app = Arc::new(App::of(Config::load(Some(&config))?, Use::Run).await?);
    if demo.fleet.is_some() {
        let refused = empty_server(&app, &taken).await;
        if refused.is_err() && taken.fresh {
            // No story has begun here, and it must not look so.
            std::fs::remove_file(&config)?;
        }
        refused?;
    }
    grant(&app).await?;
    let book = entente_core::offer::price_book::PriceBook::from_csv(
        folder::PRICE_BOOK_ID,
        "price-book.csv",
        folder::PRICE_BOOK,
    )?;
    price_books::import(app.store.as_ref(), &book, folder::PRICE_BOOK, "ada", app.clock.now()).await?;
    let mut engine = engine(demo, folder, &app).await?;
    engine.say(&sandbox, folder);
    let teller = Arc::new(Teller::new(app.clone(), engine.door(), stage));
    let told = engine.tell(&teller, folder).await;
    let rows = match told {
        Ok(()) => once_free(PATIENCE, || async { summary::rows(&teller).await }).await?,
        Err(error) => {
            // What went wrong first is what matters.
            let _stopped = engine.stop().await;
            return Err(error);
        }
    };
    let claims = once_free(PATIENCE, || async { funding::lines(&teller).await }).await?;
    let spend = once_free(PATIENCE, || async { commitments::lines(&teller).await }).await?;
    let tables = [summary::table(&rows), commitments::table(&spend), funding::table(&claims)];
    let held = conclude(&teller, folder, &rows, &tables).await?;
    folder::told(folder)?;
    let first = rows.first().map(|row| row.run.snapshot.label.as_str()).unwrap_or_default();
    let further = [commands(first), commitments::commands(), funding::commands(folder, &claims)].concat();
    look_further(demo, folder, &further, &sandbox);
    if !demo.once {
        eprintln!("still serving; stop with Ctrl-C");
        stopped.await;
    }
    engine.stop().await?;
    sandbox.shutdown().await;
    Ok(held)
}

/// Starts what the demo was asked to run the engine in.
async fn engine(demo: &Demo, folder: &Path, app: &Arc<App>) -> anyhow::Result<Engine> {
    let Some(plan) = &demo.fleet else {
        return Ok(Engine::Here(Service::start(app.clone(), Settings::default(), Face::Listening).await?));
    };
    if let (Some(control), Some(clock)) = (&app.config.sandbox_clock, &app.sandbox_clock) {
        // As long as this process tells the story, it knows what time it is in it.
        tokio::spawn(sandbox_clock::keep(control.clone(), clock.clone(), CancellationToken::new()));
    }
    Ok(Engine::Fleet(Fleet::start(folder, plan)?))
}

/// A story needs a database of its own: what somebody else keeps in one is not to be mixed with it.
async fn empty_server(app: &App, folder: &Folder) -> anyhow::Result<()> {
    let name = &app.database;
    anyhow::ensure!(app.database.file().is_none(), "`{name}` is a file, which one process runs: name a server");
    if folder.fresh {
        let holds = app.store.documents("chart").await?.len() + app.store.seals(0, 1).await?.len();
        anyhow::ensure!(holds == 0, "`{name}` is in use already: name an empty database");
    }
    Ok(())
}

impl Engine {
    /// How the teller's messages reach it.
    fn door(&self) -> Door {
        match self {
            Engine::Here(service) => Door::Here(service.engine().shared().clone()),
            Engine::Fleet(_) => Door::Inbox,
        }
    }

    fn say(&self, sandbox: &entente_sandbox::Running, folder: &Path) {
        let (sandbox, folder) = (sandbox.base_url(), folder.display());
        match self {
            Engine::Here(service) => {
                let address = service.address().map(|address| address.to_string()).unwrap_or_default();
                eprintln!("sandbox on {sandbox}, server on http://{address}, files in {folder}");
            }
            Engine::Fleet(_) => eprintln!("sandbox on {sandbox}, files and what each process says in {folder}"),
        }
    }

    async fn tell(&mut self, teller: &Arc<Teller>, folder: &Path) -> anyhow::Result<()> {
        let Engine::Fleet(fleet) = self else { return story(teller, folder).await };
        tokio::select! {
            told = story(teller, folder) => told?,
            error = fleet.fails() => return Err(error),
        }
        fleet.spare();
        Ok(())
    }

    async fn stop(self) -> anyhow::Result<()> {
        match self {
            Engine::Here(service) => service.stop().await,
            Engine::Fleet(fleet) => eprintln!("{} processes were killed meanwhile", fleet.stop().await?),
        }
        Ok(())
    }
}

/// A new connection observes; two people raise it.
async fn grant(app: &App) -> anyhow::Result<()> {
    let live = Grants { mode: Mode::Live, ..Grants::default() };
    for connection in app.connections.iter() {
        let current = connection.allowance.current().await.map_err(anyhow::Error::msg)?;
        if current.mode == Mode::Live {
            continue;
        }
        for person in ["ruth", "theo"] {
            if connection.allowance.propose(live.clone(), &person.parse()?).await.map_err(anyhow::Error::msg)? {
                break;
            }
        }
    }
    Ok(())
}

async fn story(teller: &Arc<Teller>, folder: &Path) -> anyhow::Result<()> {
    let all = once_free(PATIENCE, || async { stories::all(teller).await }).await?;
    teller.announce(&all);
    let funding = Funding::new(teller.clone(), folder.to_owned());
    let commitments = Commitments::new(teller.clone(), folder.to_owned());
    let watcher = tokio::spawn(teller.clone().watch());
    let told = acts(teller, all, &funding, &commitments).await;
    tokio::time::sleep(Duration::from_millis(300)).await;
    watcher.abort();
    told
}

async fn acts(
    teller: &Arc<Teller>,
    all: Vec<Story>,
    funding: &Funding,
    commitments: &Commitments,
) -> anyhow::Result<()> {
    for story in &all {
        once_free(PATIENCE, || async { teller.open(story).await }).await?;
    }
    let (last, first): (Vec<Story>, Vec<Story>) = all.into_iter().partition(Story::waits_for_the_others);
    let asked = once_free(PATIENCE, || async { funding.ask().await.context("the story of the funds") });
    let followed = once_free(PATIENCE, || async { commitments.follow().await.context("the story of the commitments") });
    try_join3(play(teller, first), asked, followed).await?;
    // Of the offers, only three are before their buyers now or soon will be: they stand for a month or more.
    once_free(PATIENCE, || async { funding.let_days_pass().await }).await?;
    let claimed = once_free(PATIENCE, || async { funding.claim().await.context("the story of the claims") });
    try_join(play(teller, last), claimed).await?;
    once_free(PATIENCE, || async { teller.let_time_pass().await }).await?;
    once_free(PATIENCE, || async { commitments.at_rest().await }).await
}

async fn play(teller: &Arc<Teller>, stories: Vec<Story>) -> anyhow::Result<()> {
    let mut tasks = JoinSet::new();
    for story in stories {
        let teller = teller.clone();
        tasks.spawn(async move {
            let title = story.title;
            // Every move has a key of its own: to play it once more changes nothing.
            let play = || {
                let (teller, story) = (teller.clone(), story.clone());
                async move { teller.play(story).await }
            };
            let played = once_free(PATIENCE, play).await;
            played.with_context(|| format!("the story of the offer that is to be {title}"))
        });
    }
    while let Some(played) = tasks.join_next().await {
        played??;
    }
    Ok(())
}

/// A reader that has gone away (`| head`) ends nothing.
fn emit(text: &str) {
    let _gone = writeln!(std::io::stdout().lock(), "{text}");
}

/// The summary, and the promises as they were found. True when every one held.
async fn conclude(teller: &Teller, folder: &Path, rows: &[Row], tables: &[String]) -> anyhow::Result<bool> {
    emit(&format!("{}\n", tables.join("\n\n")));
    let check = || async {
        let papers = summary::papers(teller, rows).await?;
        promises::check(teller, folder, rows, &papers).await
    };
    let promises = once_free(PATIENCE, check).await?;
    for promise in &promises {
        emit(&format!("{} {:<20}  {}", if promise.held { "held  " } else { "BROKEN" }, promise.name, promise.figures));
    }
    Ok(promises.iter().all(|promise| promise.held))
}

/// What there is to see of the offers.
fn commands(offer: &str) -> Vec<String> {
    let show = format!("offer show {offer}");
    ["offer list --ended", &show, "refund list --ended", "schedule list", "audit verify", "verify"]
        .map(str::to_owned)
        .to_vec()
}

/// Where to look next. The commands work while the demo serves, and on what it leaves behind.
fn look_further(demo: &Demo, folder: &Path, commands: &[String], sandbox: &entente_sandbox::Running) {
    let program = std::env::args().next().unwrap_or_else(|| "entente".into());
    let config = folder.join("entente.yaml");
    let entente = |command: &str| emit(&format!("  {program} --config {} {command}", config.display()));
    emit("\nLook further:");
    commands.iter().for_each(|command| entente(command));
    if demo.once {
        emit("\nGo on with it: start its sandbox again, then its server:");
        let state = folder.join("sandbox.json");
        emit(&format!("  {program} sandbox --listen {} --rate {RATE} --state {}", sandbox.addr(), state.display()));
        entente("serve");
    }
}
