//! `entente recovery`: where the read-back after a restore stands, and a person's word for what cannot be read.

use serde_json::json;

use super::{
    exit::Exit,
    failure::Failure,
    input,
    session::{Globals, Session},
};
use crate::{
    authz::Action,
    restore::state::{self, Confirmed, State},
};

/// See and settle the read-back after a restore
#[derive(Debug, clap::Subcommand)]
pub enum Recovery {
    /// Show whether sending waits for a read-back, and what for
    Show,
    /// Say that you have looked through an account which cannot be read back
    Confirm {
        /// The connector account, such as aws/acme-us
        account: String,
        /// What you looked at, and what you found
        #[arg(long, value_name = "TEXT", value_parser = input::said)]
        reason: String,
    },
}

impl Recovery {
    pub(super) async fn run(self, globals: &Globals) -> Result<Exit, Failure> {
        let session = Session::open(globals).await?;
        let pending = state::pending(session.app.store.as_ref()).await?;
        match self {
            Recovery::Show => show(&session, pending),
            Recovery::Confirm { account, reason } => confirm(&session, pending, account, reason).await,
        }
    }
}

fn show(session: &Session, pending: Option<State>) -> Result<Exit, Failure> {
    if session.out.is_json() {
        session.out.json(&json!({ "pending": pending }))?;
        return Ok(Exit::Ok);
    }
    let Some(state) = pending else {
        session.out.say("no read-back is under way: sending goes on");
        return Ok(Exit::Ok);
    };
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
    Ok(Exit::Ok)
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
