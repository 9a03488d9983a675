//! Each journal comes from a step of a run that says so in its history, and each posting of a step has its journal.

use std::collections::{BTreeMap, VecDeque};

use entente_core::{
    ids::RunId,
    ledger::Posting,
    run::{Command, Record},
    scope::Scope,
};
use entente_store::{HistoryRow, Result, RunRow, Store};

use super::Finding;

/// Rows of one read.
const PAGE: u32 = 1000;

/// Runs of one read.
const RUNS: usize = 500;

/// Steps that post say so in their record; no other row needs to be understood.
const POSTS: &str = "\"do\":\"post\"";

/// A step.
type Step = (RunId, u64);

/// What was booked, by the steps that the journals name.
#[derive(Debug, Default)]
pub(super) struct Booked {
    steps: BTreeMap<Step, VecDeque<(i64, Posting)>>,
}

/// What history tells beside it.
#[derive(Debug, Default)]
pub(super) struct Traced {
    pub(super) findings: Vec<Finding>,
    /// What steps booked that no journal read so far has.
    pub(super) missing: BTreeMap<Step, Vec<Posting>>,
    /// Journals whose step has left the database for an archive.
    pub(super) archived: usize,
}

impl Booked {
    /// Adds a journal. They come in the order of their numbers.
    pub(super) fn add(&mut self, journal: i64, step: Step, posting: Posting) {
        self.steps.entry(step).or_default().push_back((journal, posting));
    }

    /// Reads all history and takes from the journals those that it explains.
    pub(super) async fn trace(mut self, store: &dyn Store) -> Result<Traced> {
        let mut traced = Traced::default();
        let mut after = 0;
        loop {
            let page = store.history_rows(after, PAGE).await?;
            let Some(last) = page.last() else { break };
            after = last.no;
            page.iter().filter(|row| row.record.contains(POSTS)).for_each(|row| self.explain(row, &mut traced));
        }
        self.unexplained(store, &mut traced).await?;
        Ok(traced)
    }

    /// Postings of a step have journals in their order.
    fn explain(&mut self, row: &HistoryRow, traced: &mut Traced) {
        let step = (row.run, row.seq);
        let mut journals = self.steps.remove(&step).unwrap_or_default();
        // A record that cannot be read explains nothing; `entente verify` says what is wrong with it.
        let commands = serde_json::from_str(&row.record).map(|record: Record| record.commands).unwrap_or_default();
        let mut left = Vec::new();
        for command in commands {
            let Command::Post { posting } = command else { continue };
            match journals.front() {
                Some((_, booked)) if *booked == posting => drop(journals.pop_front()),
                _ => left.push(posting),
            }
        }
        if !left.is_empty() {
            traced.missing.insert(step, left);
        }
        let wrong = |(journal, posting): (i64, Posting)| Finding::NoStep {
            journal,
            fund: posting.fund,
            run: row.run,
            step: row.seq,
        };
        traced.findings.extend(journals.into_iter().map(wrong));
    }

    /// What is left is explained by no step that is stored.
    async fn unexplained(self, store: &dyn Store, traced: &mut Traced) -> Result<()> {
        let ids: Vec<RunId> = self.steps.keys().map(|(run, _)| *run).collect();
        let known = runs(store, &ids).await?;
        for ((run, step), journals) in self.steps {
            let archived = match known.get(&run).filter(|row| (1..=row.snapshot.seq).contains(&step)) {
                Some(_) => store.archive_of(&Scope::vendor(), run).await?.is_some_and(|place| place.gone),
                None => false,
            };
            if archived {
                traced.archived += journals.len();
                continue;
            }
            for (journal, Posting { fund, .. }) in journals {
                traced.findings.push(match (step, known.contains_key(&run)) {
                    (0, _) => Finding::OutsideSteps { journal, fund },
                    (_, true) => Finding::NoStep { journal, fund, run, step },
                    (_, false) => Finding::NoRun { journal, fund, run },
                });
            }
        }
        Ok(())
    }
}

/// Those of these runs that exist.
pub(super) async fn runs(store: &dyn Store, ids: &[RunId]) -> Result<BTreeMap<RunId, RunRow>> {
    let mut known = BTreeMap::new();
    for some in ids.chunks(RUNS) {
        let rows = store.runs_of(&Scope::vendor(), some).await?;
        known.extend(rows.into_iter().map(|row| (row.snapshot.run, row)));
    }
    Ok(known)
}
