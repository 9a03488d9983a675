//! `entente spend again`.

use entente_store::ReadingRow;
use serde_json::{Value, json};

use super::{Whose, progress::Bar, shown};
use crate::{
    cli::{
        exit::Exit,
        failure::Failure,
        session::{Globals, Session},
    },
    spend::{self, ImportError, Judge},
};

/// Whose spend is read again.
#[derive(Debug, clap::Args)]
pub struct Again {
    #[command(flatten)]
    whose: Whose,
    /// Say what would change; nothing is written
    #[arg(long)]
    dry_run: bool,
}

impl Again {
    pub(super) async fn run(self, globals: &Globals) -> Result<Exit, Failure> {
        let session = Session::open(globals).await?;
        let commitments = self.whose.find(&session).await?;
        let store = session.app.store.as_ref();
        let rules = spend::in_force(store).await?;
        let raw = session.app.evidence.raw().map_err(ImportError::from)?;
        let bar = Bar::new(globals.quiet);
        let (mut rows, mut data) = (Vec::new(), Vec::new());
        let (mut unchanged, mut not_compared, mut elsewhere, mut failed) = (0, 0, Vec::new(), Vec::new());
        for (stored, actor) in &commitments {
            let commitment = &stored.commitment;
            let at = session.app.clock.now();
            let judge = Judge { commitment, rules: &rules, known_on: commitment.day_of(at) };
            let mut progress = |_: &_, come| bar.show(come);
            let again =
                spend::again(store, &raw, judge, (actor.person.as_str(), at), self.dry_run, &mut progress).await?;
            unchanged += again.unchanged;
            not_compared += again.not_compared;
            let published = again.read.iter().filter(|(_, taken)| taken.version.is_some());
            let published: Vec<_> = published.map(|(_, taken)| (taken.id.clone(), taken.days)).collect();
            spend::tell(store, stored.row.snapshot.run, &published, Some(actor), at).await?;
            for (row, taken) in &again.read {
                let (id, partition) = (commitment.id.to_string(), row.new.partition.0.clone());
                let first = shown::first(&taken.differences).map(|day| day.to_string()).unwrap_or_default();
                let version = taken.version.map(|version| version.to_string()).unwrap_or_default();
                rows.push(vec![
                    id,
                    partition,
                    version,
                    taken.rows.to_string(),
                    first,
                    taken.differences.len().to_string(),
                ]);
                let mut told = shown::taken(taken);
                if let Some(told) = told.as_object_mut() {
                    told.insert("differences".into(), json!(taken.differences));
                    told.insert("commitment".into(), json!(commitment.id));
                    told.insert("partition".into(), json!(row.new.partition));
                }
                data.push(told);
            }
            elsewhere.extend(again.elsewhere);
            failed.extend(again.failed);
        }
        drop(bar);
        let out = &session.out;
        if out.is_json() {
            let sent: Vec<_> = elsewhere.iter().map(shown::reading).collect();
            let told = json!({
                "read": data,
                "unchanged": unchanged,
                "judged_elsewhere": not_compared,
                "to_be_sent_again": sent,
                "failed": failed.iter().map(not_read).collect::<Vec<_>>(),
            });
            out.json(&told)?;
        } else {
            out.table(&["commitment", "partition", "version", "rows", "differs from", "differences"], &rows);
        }
        out.say(&format!("{} partitions were read again, {unchanged} are judged as they would be now", rows.len()));
        if not_compared > 0 {
            out.say(&format!("{not_compared} partitions of daily sums were judged elsewhere and are not compared"));
        }
        for row in &elsewhere {
            let (partition, commitment) = (&row.new.partition.0, &row.new.commitment);
            let why = "daily sums on another basis than the contract's";
            out.warn(&format!("`{partition}` of `{commitment}` holds {why}: have them sent again"));
        }
        if self.dry_run {
            out.say("nothing was written");
        }
        for (row, _) in &failed {
            let (partition, commitment) = (&row.new.partition.0, &row.new.commitment);
            out.warn(&format!("`{partition}` of `{commitment}` could not be read again; what it said stays"));
        }
        let mut failures = failed.into_iter().map(|(_, error)| Failure::from(error)).rev();
        let Some(last) = failures.next() else {
            return Ok(if elsewhere.is_empty() { Exit::Ok } else { Exit::Differences });
        };
        failures.rev().for_each(|failure| out.fail(&failure));
        Err(last)
    }
}

/// A partition whose file could not be read again.
fn not_read((row, error): &(ReadingRow, ImportError)) -> Value {
    json!({ "commitment": row.new.commitment, "partition": row.new.partition, "why": error.to_string() })
}
