//! `entente demo`: a sandboxed marketplace, an installation, and a dozen private offers with their fates.
//!
//! Everything goes the product's own ways: the same inbox, approvals, connector and jobs that a vendor would use.
//! Killed in the middle and started again, the story goes on where it was and ends the same way.

mod folder;
mod promises;
mod stories;
mod summary;
mod teller;

use std::{path::PathBuf, sync::Arc, time::Duration};

use anyhow::Context as _;
use entente_port::{Grants, Mode};
use entente_sandbox::{Director, Rate};
use tokio::task::JoinSet;

use self::{stories::Story, teller::Teller};
use crate::{
    app::{App, Use},
    config::Config,
    offers::price_books,
    runner::settings::Settings,
    service::Service,
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
}

/// Tells the story. True when every promise held.
///
/// # Errors
/// When the sandbox or the installation cannot be started, or a story does not get where it should.
pub async fn tell(demo: &Demo, stopped: impl Future<Output = ()>) -> anyhow::Result<bool> {
    let folder = folder::prepare(&demo.folder, demo.fresh)?;
    let sandbox = entente_sandbox::start(entente_sandbox::Config {
        listen: ([127, 0, 0, 1], 0).into(),
        state: Some(folder.join("sandbox.json")),
        rate: RATE.parse::<Rate>().map_err(anyhow::Error::msg)?,
        ..entente_sandbox::Config::default()
    })
    .await?;
    let stage = Director::open(&sandbox.control_url()).await?;
    let config = folder::write(&folder, &sandbox.aws_url(), &sandbox.control_url(), &stage)?;
    let app = Arc::new(App::of(Config::load(Some(&config))?, Use::Run).await?);
    grant(&app).await?;
    let book = entente_core::offer::price_book::PriceBook::from_csv(
        folder::PRICE_BOOK_ID,
        "price-book.csv",
        folder::PRICE_BOOK,
    )?;
    price_books::import(app.store.as_ref(), &book, folder::PRICE_BOOK, "ada", app.clock.now()).await?;
    let service = Service::start(app.clone(), Settings::default()).await?;
    eprintln!(
        "sandbox on {}, server on http://{}, files in {}",
        sandbox.base_url(),
        service.address(),
        folder.display()
    );
    let teller = Arc::new(Teller::new(app.clone(), service.engine().shared().clone(), stage));
    let told = story(&teller).await;
    let held = match told {
        Ok(()) => conclude(&teller, &folder).await?,
        Err(error) => {
            service.stop().await;
            return Err(error);
        }
    };
    if !demo.once {
        eprintln!("still serving; stop with Ctrl-C");
        stopped.await;
    }
    service.stop().await;
    sandbox.shutdown().await;
    Ok(held)
}

/// A new connection observes; two people raise it.
async fn grant(app: &App) -> anyhow::Result<()> {
    let live = Grants { mode: Mode::Live, ..Grants::default() };
    for connection in app.connections.iter() {
        let current = connection.allowance.current().await.map_err(anyhow::Error::msg)?;
        if current.mode == Mode::Live {
            continue;
        }
        for person in ["omar", "ada"] {
            if connection.allowance.propose(live.clone(), &person.parse()?).await.map_err(anyhow::Error::msg)? {
                break;
            }
        }
    }
    Ok(())
}

async fn story(teller: &Arc<Teller>) -> anyhow::Result<()> {
    let watcher = tokio::spawn(teller.clone().watch());
    let told = acts(teller).await;
    tokio::time::sleep(Duration::from_millis(300)).await;
    watcher.abort();
    told
}

async fn acts(teller: &Arc<Teller>) -> anyhow::Result<()> {
    let (last, first): (Vec<Story>, Vec<Story>) =
        stories::all(teller).await?.into_iter().partition(Story::waits_for_the_others);
    play(teller, first).await?;
    play(teller, last).await?;
    teller.let_time_pass().await
}

async fn play(teller: &Arc<Teller>, stories: Vec<Story>) -> anyhow::Result<()> {
    let mut tasks = JoinSet::new();
    for story in stories {
        let teller = teller.clone();
        tasks.spawn(async move {
            let title = story.title;
            teller.play(story).await.with_context(|| format!("the story of the offer that is to be {title}"))
        });
    }
    while let Some(played) = tasks.join_next().await {
        played??;
    }
    Ok(())
}

async fn conclude(teller: &Teller, folder: &std::path::Path) -> anyhow::Result<bool> {
    let rows = summary::rows(teller).await?;
    println!("{}", summary::table(&rows));
    let promises = promises::check(teller, &rows).await?;
    for promise in &promises {
        println!("{} {}  {}", if promise.held { "held  " } else { "BROKEN" }, promise.name, promise.figures);
    }
    folder::told(folder)?;
    let config = folder.join("entente.yaml");
    println!("\nLook further:");
    let first = rows.first().map(|row| row.offer.row.snapshot.label.clone()).unwrap_or_default();
    for command in
        ["offer list", &format!("offer show {first}"), "inbox --actor ada", "schedule list", "audit verify", "verify"]
    {
        println!("  entente --config {} {command}", config.display());
    }
    Ok(promises.iter().all(|promise| promise.held))
}
