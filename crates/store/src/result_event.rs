//! How the result of an intent names itself in an inbox.

use entente_core::{
    event::{Body, Event, Outcome},
    ids::{ConnectorAccount, InvokeId, RunId},
};

/// The event that carries an intent's result to its run. `round` counts how often a settled intent was offered again:
/// each round has one result, and its key keeps a second one out.
pub fn result_event(
    run: RunId,
    invoke: InvokeId,
    account: Option<&ConnectorAccount>,
    round: u32,
    outcome: Outcome,
) -> Event {
    let source = account.map_or_else(|| "activity".to_owned(), |account| format!("connector/{account}"));
    let id = if round == 0 { format!("{run}/{invoke}") } else { format!("{run}/{invoke}/{round}") };
    Event { source, id, actor: None, body: Body::Result { invoke, outcome } }
}
