//! Tasks for people.

use async_trait::async_trait;
use entente_core::{ids::RunId, run::TaskSpec, scope::Scope};
use entente_store::{Result, TaskFilter, TaskRow, TaskStatus, Tasks};
use jiff::Timestamp;
use uuid::Uuid;

use crate::{
    fault::Fault,
    store::PostgresStore,
    values::{ScopeFilter, from_json, home, instant, instant_or_none, micros, parse},
    work::Work,
    writer::Write,
};

/// A task's columns with those of its run.
struct Columns {
    id: Uuid,
    label: String,
    legal_entity: String,
    party: String,
    assignee: Option<String>,
    status: i16,
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
            run: RunId(self.id),
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
impl Tasks for PostgresStore {
    async fn tasks(&self, scope: &Scope, filter: &TaskFilter) -> Result<Vec<TaskRow>> {
        let within = ScopeFilter::of(scope);
        let roles: Option<Vec<String>> =
            filter.roles.as_ref().map(|roles| roles.iter().map(|role| role.as_str().to_owned()).collect());
        let assignee = filter.assignee.as_ref().map(|person| person.as_str());
        let run = filter.run.map(|run| run.0);
        let asked = sqlx::query_as!(
            Columns,
            "SELECT r.id, r.label, r.legal_entity, r.party, t.assignee, t.status, t.opened_at, t.closed_at, t.snoozed_until,
                    t.spec
             FROM tasks t JOIN runs r ON r.rid = t.rid
             WHERE ($1::text[] IS NULL OR r.legal_entity = ANY($1)) AND ($2::text IS NULL OR r.party = $2)
               AND (($3::text[] IS NULL AND $4::text IS NULL) OR t.role = ANY($3) OR t.assignee = $4)
               AND ($5::uuid IS NULL OR r.id = $5)
               AND ($6::text IS NULL OR t.kind = $6)
               AND (NOT $7::boolean OR t.status = 0)
             ORDER BY t.due NULLS LAST, t.opened_at, r.label, t.key",
            within.entities(),
            within.party(),
            roles.as_deref(),
            assignee,
            run,
            filter.kind,
            filter.open_only
        );
        let columns = self.read(asked.fetch_all(self.readers())).await?;
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
    async fn apply(&self, work: &mut Work<'_>) -> std::result::Result<bool, Fault> {
        let (filter, run) = (ScopeFilter::of(&self.scope), self.run.0);
        let changed = sqlx::query!(
            "UPDATE tasks SET assignee = coalesce($1, assignee), snoozed_until = coalesce($2, snoozed_until)
             WHERE key = $3 AND status = 0
               AND rid = (SELECT r.rid FROM runs r
                          WHERE r.id = $4
                            AND ($5::text[] IS NULL OR r.legal_entity = ANY($5))
                            AND ($6::text IS NULL OR r.party = $6))",
            self.assignee,
            self.snoozed_until,
            self.key,
            run,
            filter.entities(),
            filter.party()
        )
        .execute(&mut *work.conn)
        .await?;
        Ok(changed.rows_affected() == 1)
    }
}
