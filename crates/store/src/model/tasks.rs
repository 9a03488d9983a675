//! Tasks for people.

use async_trait::async_trait;
use entente_core::{ids::RunId, scope::Scope};
use jiff::Timestamp;

use super::ModelStore;
use crate::{Error, Result, TaskFilter, TaskRow, TaskStatus, Tasks};

#[async_trait]
impl Tasks for ModelStore {
    async fn tasks(&self, scope: &Scope, filter: &TaskFilter) -> Result<Vec<TaskRow>> {
        let state = self.state();
        let mut rows: Vec<TaskRow> =
            state.tasks.values().filter(|row| reaches(scope, row) && matches(filter, row)).cloned().collect();
        rows.sort_by_key(|row| {
            (row.spec.due.is_none(), row.spec.due, row.opened_at, row.label.clone(), row.spec.key.clone())
        });
        Ok(rows)
    }

    async fn assign(
        &self,
        scope: &Scope,
        run: RunId,
        key: &str,
        assignee: Option<&str>,
        snoozed_until: Option<Timestamp>,
    ) -> Result<bool> {
        let person = assignee.map(str::parse).transpose();
        let person = person.map_err(|error: entente_core::ids::InvalidId| Error::Database(error.to_string()))?;
        let mut state = self.state();
        let task = state.tasks.get_mut(&(run, key.to_owned()));
        let Some(task) = task.filter(|task| task.status == TaskStatus::Open && scope.reaches(&task.home)) else {
            return Ok(false);
        };
        task.spec.assignee = person.or(task.spec.assignee.take());
        task.snoozed_until = snoozed_until.or(task.snoozed_until);
        Ok(true)
    }
}

fn reaches(scope: &Scope, row: &TaskRow) -> bool {
    #[cfg(feature = "deliberate-bugs")]
    if crate::deliberate::is_made(crate::deliberate::Bug::ForgetScope) {
        return true;
    }
    scope.reaches(&row.home)
}

fn matches(filter: &TaskFilter, row: &TaskRow) -> bool {
    let by_role = filter.roles.as_ref().map(|roles| roles.contains(&row.spec.role));
    let by_person = filter.assignee.as_ref().map(|person| row.spec.assignee.as_ref() == Some(person));
    let wanted = match (by_role, by_person) {
        (None, None) => true,
        (role, person) => role.unwrap_or(false) || person.unwrap_or(false),
    };
    wanted
        && filter.run.is_none_or(|run| row.run == run)
        && filter.kind.as_ref().is_none_or(|kind| row.spec.kind == *kind)
        && (!filter.open_only || row.status == TaskStatus::Open)
}
