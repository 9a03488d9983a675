//! P3 on what the story left: every request is made again under its key, as it was and as another one.

use std::collections::BTreeSet;

use entente_core::{event::Body, scope::Scope};
use entente_store::{Appended, Message, Store};
use serde_json::json;

use super::Promise;
use crate::{
    demo::{summary::Row, teller::Teller},
    offers::timeline,
};

/// The same request gets the same answer and no second effect; another one under its key is refused.
pub async fn again(teller: &Teller, rows: &[&Row]) -> anyhow::Result<Promise> {
    let store: &dyn Store = teller.app().store.as_ref();
    let (mut repeated, mut otherwise, mut let_in, mut twice) = (0, 0, 0, 0);
    for row in rows {
        let run = row.run.snapshot.run;
        let kept = store.messages(&Scope::vendor(), run).await?;
        let decided: Vec<_> = kept.into_iter().filter(|message| message.verdict.is_some()).collect();
        repeated += decided.len();
        let same = decided.iter().map(|message| message.message.clone()).collect();
        let answers = store.append(&Scope::vendor(), same).await?;
        otherwise += decided
            .iter()
            .zip(&answers)
            .filter(|(kept, answer)| !matches!(answer, Appended::Again { verdict, .. } if *verdict == kept.verdict))
            .count();
        let others = decided.iter().map(|message| another(&message.message)).collect();
        let answers = store.append(&Scope::vendor(), others).await?;
        let_in += answers.iter().filter(|answer| **answer != Appended::KeyReused).count();
        let records = timeline::records(store, run).await?;
        let events: BTreeSet<_> = records.iter().map(|record| (&record.event.source, &record.event.id)).collect();
        twice += records.len() - events.len();
    }
    Ok(Promise {
        name: "P3 one key, once",
        held: otherwise + let_in + twice == 0 && repeated > 0,
        figures: format!(
            "{repeated} requests made again, {otherwise} answered otherwise, {let_in} others let in, {twice} with two effects"
        ),
    })
}

/// Another request under the same key.
fn another(message: &Message) -> Message {
    let mut another = message.clone();
    another.event.body = Body::Named { name: "note".into(), data: json!({ "text": "not what was asked for" }) };
    another
}
