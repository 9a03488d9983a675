//! Spreadsheets that were brought in.

use std::collections::{BTreeMap, BTreeSet};

use async_trait::async_trait;
use entente_core::ids::RunId;
use jiff::Timestamp;

use super::{ModelStore, state::State};
use crate::{
    Error, ImportKind, ImportLine, ImportRow, ImportStatus, ImportedSum, Imports, NewImport, Result, StoredLine,
};

/// An import with its lines.
#[derive(Debug, Clone)]
pub(super) struct Import {
    row: ImportRow,
    lines: Vec<ImportLine>,
}

impl Import {
    fn stored(&self, line: &ImportLine) -> StoredLine {
        StoredLine {
            import: self.row.new.id.clone(),
            line: line.line,
            natural_key: line.natural_key.clone(),
            sha256: line.sha256.clone(),
            content: line.content.clone(),
        }
    }
}

fn conflict(id: &str) -> Error {
    Error::Conflict { kind: "import", id: id.to_owned() }
}

fn find<'a>(state: &'a mut State, id: &str) -> Result<&'a mut Import> {
    let found = state.imports.iter_mut().find(|import| import.row.new.id == id);
    found.ok_or_else(|| Error::NotFound { kind: "import", id: id.to_owned() })
}

fn applied(state: &State) -> impl Iterator<Item = &Import> {
    state.imports.iter().filter(|import| import.row.status == ImportStatus::Applied)
}

#[async_trait]
impl Imports for ModelStore {
    async fn begin_import(&self, import: &NewImport) -> Result<ImportRow> {
        let mut state = self.state();
        if let Some(known) = state.imports.iter().find(|known| known.row.new.id == import.id) {
            return Ok(known.row.clone());
        }
        let (new, status) = (import.clone(), ImportStatus::Staging);
        let row = ImportRow { new, status, read_to: 0, lines: 0, applied: None, opened_to: 0 };
        state.imports.push(Import { row: row.clone(), lines: Vec::new() });
        Ok(row)
    }

    async fn imports(&self) -> Result<Vec<ImportRow>> {
        Ok(self.state().imports.iter().map(|import| import.row.clone()).collect())
    }

    async fn stage_lines(&self, id: &str, after: u64, through: u64, last: bool, lines: &[ImportLine]) -> Result<()> {
        let mut state = self.state();
        let known: BTreeSet<&str> =
            state.imports.iter().flat_map(|import| &import.lines).map(|line| line.natural_key.as_str()).collect();
        let mut new = BTreeSet::new();
        if let Some(line) = lines
            .iter()
            .find(|line| known.contains(line.natural_key.as_str()) || !new.insert(line.natural_key.as_str()))
        {
            return Err(Error::Conflict { kind: "imported line", id: line.natural_key.clone() });
        }
        let import = find(&mut state, id)?;
        if import.row.status != ImportStatus::Staging || import.row.read_to != after {
            return Err(conflict(id));
        }
        import.lines.extend_from_slice(lines);
        import.row.lines += lines.len() as u64;
        import.row.read_to = through;
        if last {
            import.row.status = ImportStatus::Staged;
        }
        Ok(())
    }

    async fn apply_import(&self, id: &str, by: &str, at: Timestamp) -> Result<()> {
        let mut state = self.state();
        let import = find(&mut state, id)?;
        if import.row.status != ImportStatus::Staged || import.row.new.by == by {
            return Err(conflict(id));
        }
        import.row.status = ImportStatus::Applied;
        import.row.applied = Some((by.to_owned(), at));
        Ok(())
    }

    async fn drop_import(&self, id: &str) -> Result<bool> {
        let mut state = self.state();
        if find(&mut state, id)?.row.status == ImportStatus::Applied {
            return Err(conflict(id));
        }
        state.imports.retain(|import| import.row.new.id != id);
        Ok(true)
    }

    async fn import_lines(&self, id: &str, after: u64, limit: u32) -> Result<Vec<StoredLine>> {
        let mut state = self.state();
        let import = find(&mut state, id)?;
        let lines = import.lines.iter().filter(|line| line.line > after);
        Ok(lines.take(limit as usize).map(|line| import.stored(line)).collect())
    }

    async fn granted_lines(&self, id: &str, after: u64, limit: u32) -> Result<Vec<StoredLine>> {
        let mut state = self.state();
        let import = find(&mut state, id)?;
        let lines = import.lines.iter().filter(|line| line.kind == ImportKind::Granted && line.line > after);
        Ok(lines.take(limit as usize).map(|line| import.stored(line)).collect())
    }

    async fn note_opened(&self, id: &str, through: u64) -> Result<()> {
        let mut state = self.state();
        let row = &mut find(&mut state, id)?.row;
        row.opened_to = row.opened_to.max(through);
        Ok(())
    }

    async fn known_lines(&self, natural_keys: &[String]) -> Result<Vec<StoredLine>> {
        let state = self.state();
        let lines = state.imports.iter().flat_map(|import| import.lines.iter().map(move |line| (import, line)));
        let known = lines.filter(|(_, line)| natural_keys.contains(&line.natural_key));
        Ok(known.map(|(import, line)| import.stored(line)).collect())
    }

    async fn imported_alike(&self, keys: &[String], most: u32) -> Result<Vec<StoredLine>> {
        let state = self.state();
        let mut found = BTreeMap::new();
        for (import, key) in applied(&state).flat_map(|import| keys.iter().map(move |key| (import, key))) {
            let mut under: Vec<_> = import.lines.iter().filter(|line| line.keys.contains(key)).collect();
            under.sort_by_key(|line| std::cmp::Reverse(line.line));
            for line in under.into_iter().take(most as usize) {
                found.insert((import.row.new.id.clone(), line.line), import.stored(line));
            }
        }
        Ok(found.into_values().collect())
    }

    async fn imported_request(&self, run: RunId) -> Result<Option<StoredLine>> {
        let state = self.state();
        let mut lines = applied(&state).flat_map(|import| import.lines.iter().map(move |line| (import, line)));
        Ok(lines.find(|(_, line)| line.run == Some(run)).map(|(import, line)| import.stored(line)))
    }

    async fn imported_sums(&self, fund: Option<&str>, partner: Option<&str>) -> Result<Vec<ImportedSum>> {
        let state = self.state();
        let mut sums: BTreeMap<(String, String, String), ImportedSum> = BTreeMap::new();
        let paid = applied(&state).flat_map(|import| &import.lines).filter(|line| line.kind == ImportKind::Paid);
        for line in paid {
            if fund.is_some_and(|fund| fund != line.fund) || partner.is_some_and(|partner| partner != line.partner) {
                continue;
            }
            let key = (line.fund.clone(), line.partner.clone(), line.amount.currency.code().to_owned());
            let none = ImportedSum {
                fund: line.fund.clone(),
                partner: line.partner.clone(),
                paid: entente_core::money::Money::zero(line.amount.currency),
                lines: 0,
            };
            let sum = sums.entry(key).or_insert(none);
            sum.paid = sum.paid.plus(line.amount).map_err(|error| Error::Database(error.to_string()))?;
            sum.lines += 1;
        }
        Ok(sums.into_values().collect())
    }
}
