//! P1 on what the story left: what one commit holds is there as a whole.

use std::collections::{BTreeMap, BTreeSet};

use entente_core::{
    event::Body,
    ids::InvokeId,
    run::{Command, Record},
    scope::Scope,
};
use entente_store::{InboxMessage, IntentRow, Store, Verdict};
use serde_json::Value;

use super::Promise;
use crate::{
    demo::{summary::Row, teller::Teller},
    offers::timeline,
};

/// Every step's intents, answers and bookings are stored, and none of them without its step.
pub async fn whole(teller: &Teller, rows: &[&Row]) -> anyhow::Result<Promise> {
    let store: &dyn Store = teller.app().store.as_ref();
    let (mut intents, mut answers, mut loose, mut booked) = (0, 0, 0, BTreeSet::new());
    for row in rows {
        let run = row.run.snapshot.run;
        // The engine is at work still: what is read later may hold more, never less.
        let messages = store.messages(&Scope::vendor(), run).await?;
        let stored = store.intents(&Scope::vendor(), run).await?;
        let records = timeline::records(store, run).await?;
        intents += stored.len();
        loose += apart(&records, &stored, row.run.snapshot.seq);
        answers += messages.len();
        loose += messages.iter().filter(|message| !answered_by_its_step(message, &records)).count();
        let posts = records.iter().filter(|record| posts(record));
        booked.extend(posts.map(|record| (run, record.seq)));
    }
    let entries = store.entries(&Scope::vendor(), None, 0, 10_000).await?;
    let told = rows.iter().map(|row| row.run.snapshot.run).collect::<BTreeSet<_>>();
    let entered: BTreeSet<_> =
        entries.iter().filter(|entry| told.contains(&entry.run)).map(|entry| (entry.run, entry.seq)).collect();
    loose += entered.symmetric_difference(&booked).count();
    Ok(Promise {
        name: "P1 all or nothing",
        held: loose == 0 && intents > 0 && answers > 0,
        figures: format!("{intents} intents and {answers} answers, {loose} apart from their steps"),
    })
}

/// Intents without the step that wanted them, or with another request; and those that a step up to `seq` wanted and that are
/// not there, though no step has their result. A local intent goes with the step that takes its result.
fn apart(records: &[Record], stored: &[IntentRow], seq: u64) -> usize {
    let (mut wanted, mut closed): (BTreeMap<InvokeId, &Value>, BTreeSet<InvokeId>) = Default::default();
    for record in records {
        if let Body::Result { invoke, .. } = &record.event.body {
            closed.insert(*invoke);
        }
        for command in &record.commands {
            if let Command::Invoke { invoke, request, .. } = command {
                wanted.insert(*invoke, request);
            }
        }
    }
    let strange = stored.iter().filter(|row| wanted.get(&row.intent.invoke) != Some(&&row.intent.request)).count();
    let there: BTreeSet<InvokeId> = stored.iter().map(|row| row.intent.invoke).collect();
    let missing = |invoke: &&InvokeId| invoke.seq <= seq && !there.contains(*invoke) && !closed.contains(*invoke);
    strange + wanted.keys().filter(missing).count()
}

/// A message that was accepted names the step that it became.
fn answered_by_its_step(message: &InboxMessage, records: &[Record]) -> bool {
    let Some(Verdict::Accepted { seq, .. }) = &message.verdict else { return true };
    let event = &message.message.event;
    let step = records.iter().find(|record| record.seq == *seq);
    step.is_some_and(|step| step.event.source == event.source && step.event.id == event.id)
}

fn posts(record: &Record) -> bool {
    record.commands.iter().any(|command| matches!(command, Command::Post { .. }))
}
