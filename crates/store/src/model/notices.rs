//! Notices to people.

use async_trait::async_trait;
use entente_core::{ids::RunId, scope::Scope};
use jiff::Timestamp;

use super::{ModelStore, state::reaches_all};
use crate::{Error, NoticeRow, NoticeStatus, Notices, Result};

#[async_trait]
impl Notices for ModelStore {
    async fn add_notice(&self, notice: NoticeRow) -> Result<bool> {
        let mut state = self.state();
        let new = !state.notices.contains_key(&notice.id);
        if new {
            state.notices.insert(notice.id.clone(), notice);
        }
        Ok(new)
    }

    async fn due_notices(&self, now: Timestamp, limit: u32) -> Result<Vec<NoticeRow>> {
        let state = self.state();
        let due = state.notices.values().filter(|row| row.status == NoticeStatus::Pending && row.not_before <= now);
        Ok(sorted(due).into_iter().take(limit as usize).collect())
    }

    async fn record_notice(
        &self,
        id: &str,
        status: NoticeStatus,
        not_before: Timestamp,
        error: Option<&str>,
    ) -> Result<()> {
        let mut state = self.state();
        let row = state.notices.get_mut(id).ok_or_else(|| Error::NotFound { kind: "notice", id: id.to_owned() })?;
        row.status = status;
        row.attempts += 1;
        row.not_before = not_before;
        row.error = error.map(str::to_owned);
        Ok(())
    }

    async fn notices(&self, scope: &Scope, run: Option<RunId>) -> Result<Vec<NoticeRow>> {
        let state = self.state();
        let wanted = |row: &&NoticeRow| match run {
            Some(run) => row.run == Some(run),
            None => row.status == NoticeStatus::Failed,
        };
        let visible = |row: &&NoticeRow| reaches_all(scope) || row.run.is_some_and(|run| state.reaches(scope, run));
        Ok(sorted(state.notices.values().filter(wanted).filter(visible)))
    }
}

fn sorted<'a>(rows: impl Iterator<Item = &'a NoticeRow>) -> Vec<NoticeRow> {
    let mut rows: Vec<NoticeRow> = rows.cloned().collect();
    rows.sort_by(|left, right| (left.not_before, &left.id).cmp(&(right.not_before, &right.id)));
    rows
}
