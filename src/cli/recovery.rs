//! `entente recovery`: where the read-back after a restore stands, a person's word for what cannot be read, and what stands at
//! marketplaces of runs that were lost.

use serde_json::json;

use super::{
    exit::Exit,
    failure::Failure,
    input,
    output::instant,
    session::{Globals, Session},
};
use crate::{
    authz::Action,
    restore::{
        lost::{self, Lost, Settled},
        state::{self, Confirmed, State},
    },
};

/// See and settle the read-back after a restore
#[derive(Debug, clap::Subcommand)]
pub enum Recovery {
    /// Show whether sending waits for a read-back, what for, and what was found of runs that are lost
    Show,
    /// Say that you have looked through an account which cannot be read back
    Confirm {
        /// The connector account, such as aws/acme-us
        account: String,
        /// What you looked at, and what you found
        #[arg(long, value_name = "TEXT", value_parser = input::said)]
        reason: String,
    },
    /// Say what you did about a write of a run that is lost: withdrew it at the marketplace, or keep it by hand
    Settle {
        /// The marketplace's id of the write, as `entente recovery show` lists it
        change: String,
        /// What you did about it
        #[arg(long, value_name = "TEXT", value_parser = input::said)]
        reason: String,
    },
}

impl Recovery {
    pub(super) async fn run(self, globals: &Globals) -> Result<Exit, Failure> {
        let session = Session::open(globals).await?;
        let pending = state::pending(session.app.store.as_ref()).await?;
        match self {
            Recovery::Show => show(&session, pending).await,
            Recovery::Settle { change, reason } => settle(&session, &change, reason).await,
            Recovery::Confirm { account, reason } => confirm(&session, pending, account, reason).await,
        }
    }
}

async fn show(session: &Session, pending: Option<State>) -> Result<Exit, Failure> {
    let lost: Vec<Lost> = lost::all(session.app.store.as_ref()).await?.into_values().collect();
    if session.out.is_json() {
        session.out.json(&json!({ "pending": pending, "lost": lost }))?;
        return Ok(Exit::Ok);
    }
    match pending {
        Some(state) => show_pending(session, &state),
        None => session.out.say("no read-back is under way: sending goes on"),
    }
    if !lost.is_empty() {
        session.out.heading("Of runs that were lost");
        let cells = lost.iter().map(|lost| {
            let settled = lost.settled.as_ref();
            vec![
                lost.found.label.clone(),
                lost.found.account.clone(),
                lost.found.change.clone(),
                instant(lost.found.began_at),
                lost.found.state.clone(),
                settled.map_or_else(|| "open".into(), |settled| format!("{}: {}", settled.by, settled.reason)),
            ]
        });
        let heads = ["run", "account", "write", "began", "stands", "settled"];
        session.out.table(&heads, &cells.collect::<Vec<_>>());
    }
    Ok(Exit::Ok)
}

fn show_pending(session: &Session, state: &State) {
    session.out.fields(&[
        ("since", state.begun_at.to_string()),
        ("why", state.reason.clone()),
        ("newest step", state.head_at.map(|at| at.to_string()).unwrap_or_default()),
    ]);
    let cells = state.waiting.iter().map(|(account, why)| {
        let confirmed = state.confirmed.get(account).map(|confirmed| format!("looked through by {}", confirmed.by));
        vec![account.clone(), confirmed.unwrap_or_else(|| "cannot be read".into()), why.clone()]
    });
    session.out.table(&["account", "stands", "why"], &cells.collect::<Vec<_>>());
    session.out.say("nothing is sent until the read-back has ended; `entente serve` goes on with it");
}

async fn settle(session: &Session, change: &str, reason: String) -> Result<Exit, Failure> {
    let actor = session.act(Action::OperateBackup, "write of a lost run", change)?;
    let settled = Settled { by: actor.person.clone(), at: session.app.clock.now(), reason };
    if !lost::settle(session.app.store.as_ref(), change, &settled).await? {
        let message = format!("there is no write `{change}` of a lost run that is open; see `entente recovery show`");
        return Err(Failure::new(Exit::NotFound, message));
    }
    session.out.say(&format!("`{change}` is settled"));
    Ok(Exit::Ok)
}

/// Warns of what stands at marketplaces and no run knows: who enters the same again would make it twice.
pub(super) async fn warn_of_lost(session: &Session) -> Result<(), Failure> {
    for lost in lost::open(session.app.store.as_ref()).await? {
        let Lost { found, .. } = lost;
        session.out.warn(&format!(
            "`{}` of `{}`, a run that was lost with an older database, stands at {} ({}); do not enter it again before it is settled: \
             `entente recovery settle {}`",
            found.change, found.label, found.account, found.state, found.change
        ));
    }
    Ok(())
}

async fn confirm(session: &Session, pending: Option<State>, account: String, reason: String) -> Result<Exit, Failure> {
    let actor = session.act(Action::OperateBackup, "connector account", &account)?;
    let Some(mut state) = pending else {
        return Err(Failure::new(Exit::Conflict, "no read-back is under way: there is nothing to confirm"));
    };
    if session.app.connections.get(&account).is_none() {
        return Err(Failure::new(Exit::NotFound, format!("there is no connector account `{account}`")));
    }
    let confirmed = Confirmed { by: actor.person.to_string(), at: session.app.clock.now(), reason };
    state.confirmed.insert(account.clone(), confirmed);
    state::put(session.app.store.as_ref(), Some(&state)).await?;
    session.out.say(&format!("`{account}` counts as looked through; `entente serve` takes it up within a few seconds"));
    Ok(Exit::Ok)
}
