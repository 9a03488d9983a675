//! Tasks for people.

use async_trait::async_trait;
use entente_core::{ids::RunId, run::TaskSpec, scope::Scope};
use entente_store::{Result, TaskFilter, TaskRow, TaskStatus, Tasks};
use jiff::Timestamp;
use sqlx::SqliteConnection;

use crate::{
    fault::Fault,
    store::SqliteStore,
    values::{ScopeFilter, from_json, home, instant, instant_or_none, micros, parse, run_bytes, run_id, to_json},
    writer::Write,
};

/// A task's columns with those of its run.
struct Columns {
    id: Vec<u8>,
    label: String,
    legal_entity: String,
    party: String,
    assignee: Option<String>,
    status: i64,
    opened_at: i64,
    closed_at: Option<i64>,
    snoozed_until: Option<i64>,
    spec: String,
}

impl Columns {
    fn decode(self) -> Result<TaskRow> {
        let mut spec: TaskSpec = from_json("task", &self.label, &self.spec)?;
        spec.assignee = self.assignee.map(|person| parse("person id", &person)).transpose()?;
        Ok(TaskRow {
            run: run_id(&self.id)?,
            home: home(&self.legal_entity, &self.party)?,
            label: self.label,
            spec,
            status: if self.status == 0 { TaskStatus::Open } else { TaskStatus::Closed },
            opened_at: instant(self.opened_at)?,
            closed_at: instant_or_none(self.closed_at)?,
            snoozed_until: instant_or_none(self.snoozed_until)?,
        })
    }
}

#[async_trait]
impl Tasks for SqliteStore {
    async fn tasks(&self, scope: &Scope, filter: &TaskFilter) -> Result<Vec<TaskRow>> {
        let within = ScopeFilter::of(scope)?;
        let roles = filter.roles.as_ref().map(|roles| to_json("roles", roles)).transpose()?;
        let assignee = filter.assignee.as_ref().map(|person| person.as_str());
        let run = filter.run.map(run_bytes);
        let columns = sqlx::query_as!(
            Columns,
            "SELECT r.id, r.label, r.legal_entity, r.party, t.assignee, t.status, t.opened_at, t.closed_at, t.snoozed_until,
                    t.spec
             FROM tasks t JOIN runs r ON r.rid = t.rid
             WHERE (?1 IS NULL OR r.legal_entity IN (SELECT value FROM json_each(?1))) AND (?2 IS NULL OR r.party = ?2)
               AND ((?3 IS NULL AND ?4 IS NULL) OR t.role IN (SELECT value FROM json_each(?3)) OR t.assignee = ?4)
               AND (?5 IS NULL OR r.id = ?5)
               AND (?6 IS NULL OR t.kind = ?6)
               AND (NOT ?7 OR t.status = 0)
             ORDER BY t.due IS NULL, t.due, t.opened_at, r.label, t.key",
            within.entities,
            within.party,
            roles,
            assignee,
            run,
            filter.kind,
            filter.open_only
        )
        .fetch_all(self.readers())
        .await
        .map_err(|error| self.explain(error))?;
        columns.into_iter().map(Columns::decode).collect()
    }

    async fn assign(
        &self,
        scope: &Scope,
        run: RunId,
        key: &str,
        assignee: Option<&str>,
        snoozed_until: Option<Timestamp>,
    ) -> Result<bool> {
        let write = Assign {
            scope: scope.clone(),
            run,
            key: key.to_owned(),
            assignee: assignee.map(str::to_owned),
            snoozed_until: snoozed_until.map(micros),
        };
        self.write(write).await
    }
}

struct Assign {
    scope: Scope,
    run: RunId,
    key: String,
    assignee: Option<String>,
    snoozed_until: Option<i64>,
}

impl Write for Assign {
    type Out = bool;

    /// What is not given stays as it is.
    async fn apply(&self, conn: &mut SqliteConnection) -> std::result::Result<bool, Fault> {
        let (filter, run) = (ScopeFilter::of(&self.scope)?, run_bytes(self.run));
        let changed = sqlx::query!(
            "UPDATE tasks SET assignee = coalesce(?1, assignee), snoozed_until = coalesce(?2, snoozed_until)
             WHERE key = ?3 AND status = 0
               AND rid = (SELECT r.rid FROM runs r
                          WHERE r.id = ?4
                            AND (?5 IS NULL OR r.legal_entity IN (SELECT value FROM json_each(?5)))
                            AND (?6 IS NULL OR r.party = ?6))",
            self.assignee,
            self.snoozed_until,
            self.key,
            run,
            filter.entities,
            filter.party
        )
        .execute(conn)
        .await?;
        Ok(changed.rows_affected() == 1)
    }
}
