//! Seals, identity, checks and copies.

use std::path::Path;

use async_trait::async_trait;

use super::ModelStore;
use crate::{Audit, Error, HistoryRow, Result, SealRow, UnsealedRow};

#[async_trait]
impl Audit for ModelStore {
    async fn unsealed(&self, limit: u32) -> Result<Vec<UnsealedRow>> {
        let last = self.state().seals.last().map_or(0, |seal| seal.last);
        let rows = self.history_rows(last, limit).await?;
        let row = |row: HistoryRow| UnsealedRow { no: row.no, run: row.run, seq: row.seq, hash: row.hash };
        Ok(rows.into_iter().map(row).collect())
    }

    async fn add_seal(&self, seal: &SealRow) -> Result<()> {
        let mut state = self.state();
        let (no, last) = state.seals.last().map_or((0, 0), |seal| (seal.no, seal.last));
        let newest = state.history.last().map_or(0, |row| row.no);
        if seal.no != no + 1 || seal.first != last + 1 || seal.last > newest {
            return Err(Error::Conflict { kind: "chain of seals", id: seal.no.to_string() });
        }
        state.seals.push(seal.clone());
        Ok(())
    }

    async fn seals(&self, after: i64, limit: u32) -> Result<Vec<SealRow>> {
        Ok(self.state().seals.iter().filter(|seal| seal.no > after).take(limit as usize).cloned().collect())
    }

    async fn history_rows(&self, after: i64, limit: u32) -> Result<Vec<HistoryRow>> {
        Ok(self.state().history.iter().filter(|row| row.no > after).take(limit as usize).cloned().collect())
    }

    async fn epoch(&self) -> Result<String> {
        Ok(self.state().epoch.clone())
    }

    async fn new_epoch(&self, epoch: &str) -> Result<()> {
        self.state().epoch = epoch.to_owned();
        Ok(())
    }

    /// Runs against their histories, journals against zero.
    async fn integrity(&self) -> Result<Vec<String>> {
        let state = self.state();
        let mut findings = Vec::new();
        for row in state.runs.values() {
            let steps: Vec<u64> =
                state.history.iter().filter(|step| step.run == row.snapshot.run).map(|step| step.seq).collect();
            let whole = if state.is_gone(row.snapshot.run) { 0 } else { row.snapshot.seq };
            if steps != (1..=whole).collect::<Vec<_>>() {
                findings.push(format!(
                    "run {} stands at step {}, its history has {steps:?}",
                    row.snapshot.label, row.snapshot.seq
                ));
            }
        }
        findings.extend(state.moved_since().iter().map(|run| format!("run {run} has moved since it was archived")));
        let sum: i64 = state.entries.iter().map(|booked| booked.entry.minor).sum();
        if sum != 0 {
            findings.push(format!("the ledger's entries sum to {sum}"));
        }
        findings.extend(super::ledger::unbalanced(&state));
        Ok(findings)
    }

    async fn backup(&self, _: &Path) -> Result<()> {
        Err(Error::Database("a model has no file: clone it instead".to_owned()))
    }
}
