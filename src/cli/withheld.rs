//! `entente connector withheld`: the writes that connections hold back, and what people did in their place.

use std::collections::BTreeMap;

use entente_core::{
    event::Actor,
    ids::{ConnectorAccount, RunId},
};
use entente_port::{HeldBy, Mode, PlannedCall};
use jiff::Timestamp;
use serde::Serialize;
use serde_json::Value;

use super::{exit::Exit, failure::Failure, output::instant, session::Session};
use crate::{
    connectors::Connection,
    jobs,
    schedule::asked::{self, Asked},
    withheld::{
        self, Held,
        by_hand::{self, Meanwhile},
    },
};

/// A withheld write as it is shown.
#[derive(Debug, Serialize)]
struct Row<'a> {
    since: Timestamp,
    label: &'a str,
    operation: &'a str,
    account: &'a ConnectorAccount,
    held_by: HeldBy,
    value: &'a Value,
    reason: &'a str,
    calls: &'a [PlannedCall],
    /// What people did at the marketplace since; looked for in `shadow` mode alone.
    #[serde(flatten)]
    meanwhile: Option<Meanwhile>,
}

/// Lists what is held back, of one connection or of all.
pub(super) async fn list(session: &Session, only: Option<&Connection>) -> Result<Exit, Failure> {
    let all = withheld::all(session.app.store.as_ref()).await?;
    let wanted = |held: &&Held| only.is_none_or(|only| only.account == held.withheld.connection);
    let held: Vec<&Held> = all.iter().filter(wanted).collect();
    let mut meanwhile = compared(session, &held).await?;
    let rows: Vec<Row<'_>> = held
        .iter()
        .map(|held| {
            let hold = &held.withheld.hold;
            Row {
                since: held.since,
                label: &held.snapshot.label,
                operation: &held.withheld.operation,
                account: &held.withheld.connection,
                held_by: hold.by,
                value: &hold.value,
                reason: &hold.reason,
                calls: &hold.plan,
                meanwhile: meanwhile.remove(&held.run()),
            }
        })
        .collect();
    if session.out.is_json() {
        session.out.json(&rows)?;
        return Ok(Exit::Ok);
    }
    let cells = rows.iter().map(|row| {
        let calls: Vec<&str> = row.calls.iter().map(|call| call.operation.as_str()).collect();
        vec![
            instant(row.since),
            row.label.to_owned(),
            row.operation.to_owned(),
            row.account.to_string(),
            row.reason.to_owned(),
            calls.join(", "),
            row.meanwhile.as_ref().map_or_else(|| "-".to_owned(), Meanwhile::words),
        ]
    });
    let heading = ["since", "run", "write", "account", "held back because", "calls", "at the marketplace"];
    session.out.table(&heading, &cells.collect::<Vec<_>>());
    session.out.say(match rows.is_empty() {
        true => "nothing is held back",
        false => {
            "they leave by themselves once their connection lets them; --json and `entente incident show` have the calls in full"
        }
    });
    Ok(Exit::Ok)
}

/// What people did in place of the writes of connections that are in shadow mode.
async fn compared(session: &Session, held: &[&Held]) -> Result<BTreeMap<RunId, Meanwhile>, Failure> {
    let mut all = BTreeMap::new();
    for connection in session.app.connections.iter() {
        let theirs: Vec<&Held> =
            held.iter().copied().filter(|held| held.withheld.connection == connection.account).collect();
        let grants = connection.allowance.current().await.map_err(|reason| Failure::new(Exit::Error, reason))?;
        if theirs.is_empty() || grants.mode != Mode::Shadow {
            continue;
        }
        let now = session.app.clock.now();
        let found = by_hand::compare(session.app.store.as_ref(), connection, &theirs, now).await?;
        all.extend(theirs.iter().map(|held| held.run()).zip(found));
    }
    Ok(all)
}

/// Has the serving process look at once for what may leave; it would within a minute.
pub(super) async fn let_leave(session: &Session, actor: &Actor) -> Result<(), Failure> {
    let asked = Asked::now(&actor.person, session.app.clock.now())
        .map_err(|error| Failure::new(Exit::Error, format!("the clock shows no usable time: {error}")))?;
    Ok(asked::ask(session.app.store.as_ref(), jobs::WITHHELD.name, &asked).await?)
}
