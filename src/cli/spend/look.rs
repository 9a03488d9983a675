//! `entente spend list`, `quarantine` and `differences`.

use entente_core::ids::CommitmentId;
use entente_store::{ReadingRow, ReadingStatus};

use super::{reading, shown};
use crate::{
    authz::Action,
    cli::{exit::Exit, failure::Failure, session::Session},
    spend,
};

/// Which readings.
#[derive(Debug, clap::Args)]
pub struct List {
    /// Those of one commitment
    #[arg(long, value_name = "COMMITMENT")]
    commitment: Option<CommitmentId>,
    /// Those that were replaced and those that are not read to their end as well
    #[arg(long)]
    all: bool,
}

impl List {
    pub(super) async fn run(&self, session: &Session) -> Result<Exit, Failure> {
        let scope = session.reach(Action::ReadSpend, "spend", "list")?;
        let mut rows = session.app.store.readings(&scope, self.commitment.as_ref()).await?;
        rows.retain(|row| self.all || row.status == ReadingStatus::Current);
        if session.out.is_json() {
            session.out.json(&rows.iter().map(shown::reading).collect::<Vec<_>>())?;
        } else {
            shown::readings(&session.out, &rows);
        }
        Ok(Exit::Ok)
    }
}

/// A reading.
#[derive(Debug, clap::Args)]
pub struct Which {
    /// The reading's id, or the beginning of it
    id: String,
}

impl Which {
    pub(super) async fn quarantine(&self, session: &Session) -> Result<Exit, Failure> {
        let (row, _) = reading(session, &self.id).await?;
        let scope = session.reach(Action::ReadSpend, "spend", &self.id)?;
        if spend::says_nothing(session.app.store.as_ref(), &row).await? {
            return Err(not_shared(&row));
        }
        let rows = session.app.store.quarantined(&scope, &row.new.id).await?;
        if session.out.is_json() {
            session.out.json(&shown::quarantined(&rows))?;
            return Ok(Exit::Ok);
        }
        let cells = rows.iter().map(|rows| {
            let (count, first) = (rows.rows.to_string(), rows.first_row.to_string());
            vec![rows.reason.clone(), rows.column.clone(), count, first, rows.sample.clone()]
        });
        session.out.table(&["reason", "column", "rows", "first row", "there"], &cells.collect::<Vec<_>>());
        session.out.say(&format!("{} of {} rows were set aside", row.quarantined, row.quarantined + row.rows));
        Ok(Exit::Ok)
    }
}

/// Which changes.
#[derive(Debug, clap::Args)]
#[group(required = true, multiple = false)]
pub struct Differences {
    /// What this reading has changed: its id, or the beginning of it
    id: Option<String>,
    /// What every version of every partition of a commitment has changed, its first ones left out
    #[arg(long, value_name = "COMMITMENT")]
    commitment: Option<CommitmentId>,
}

impl Differences {
    pub(super) async fn run(&self, session: &Session) -> Result<Exit, Failure> {
        let store = session.app.store.as_ref();
        let scope = session.reach(Action::ReadSpend, "spend", self.id.as_deref().unwrap_or("differences"))?;
        let (all, asked) = match &self.id {
            Some(id) => {
                let (row, all) = reading(session, id).await?;
                if spend::says_nothing(store, &row).await? {
                    return Err(not_shared(&row));
                }
                (all, vec![row])
            }
            None => {
                let all = store.readings(&scope, self.commitment.as_ref()).await?;
                let mut later = Vec::new();
                for row in all.iter().filter(|row| row.version.is_some_and(|version| version > 1)) {
                    if !spend::says_nothing(store, row).await? {
                        later.push(row.clone());
                    }
                }
                (all, later)
            }
        };
        let changes = spend::changes(store, &scope, &all, &asked.iter().collect::<Vec<_>>()).await?;
        if session.out.is_json() {
            session.out.json(&changes)?;
        } else {
            shown::changes(&session.out, &changes);
        }
        let count: usize = changes.iter().map(|change| change.differences.len()).sum();
        session.out.say(&format!("{count} sums differ"));
        Ok(Exit::Ok)
    }
}

/// What a reading says is its buyer's, who does not share it.
fn not_shared(row: &ReadingRow) -> Failure {
    let message = format!("`{}` does not share its daily sums of `{}`", row.new.party, row.new.commitment);
    Failure::new(Exit::Forbidden, message).hint("the buyer shares them with `entente card share`")
}
