//! Tasks.

use std::sync::Arc;

use entente_core::{run::TaskSpec, scope::Scope};

use super::fixture::*;
use crate::{Store, TaskFilter, TaskRow, TaskStatus};

async fn list(world: &World, filter: TaskFilter) -> Vec<TaskRow> {
    world.store.tasks(&Scope::vendor(), &filter).await.expect("a read")
}

/// Opened and closed by steps, at their business time.
pub async fn a_task_is_open_from_its_step_until_the_step_that_closes_it(store: Arc<dyn Store>) {
    let world = World::new(store).await;
    let mut first = world.first("OFR-1");
    first.tasks = vec![task("a"), task("b")];
    world.hold(&first).await;
    let mut second = world.next(&first);
    second.closed_tasks = vec!["a".into(), "never opened".into()];
    world.hold(&second).await;
    let open = list(&world, TaskFilter { open_only: true, ..TaskFilter::default() }).await;
    assert_eq!(open.iter().map(|row| row.spec.key.as_str()).collect::<Vec<_>>(), ["b"]);
    assert_eq!((open[0].opened_at, open[0].closed_at, open[0].label.as_str()), (first.at, None, "OFR-1"));
    let all = list(&world, TaskFilter::default()).await;
    let closed = all.iter().find(|row| row.spec.key == "a").expect("it is kept");
    assert_eq!((closed.status, closed.closed_at), (TaskStatus::Closed, Some(second.at)));
    assert_eq!(closed.spec, task("a"));
}

/// A second round of approvals uses the key of the first, in one step with its closing too.
pub async fn a_closed_key_may_be_opened_again(store: Arc<dyn Store>) {
    let world = World::new(store).await;
    let mut first = world.first("OFR-1");
    first.tasks = vec![task("approval")];
    world.hold(&first).await;
    let mut second = world.next(&first);
    second.closed_tasks = vec!["approval".into()];
    second.tasks = vec![TaskSpec { revision: Some("ef".repeat(32)), ..task("approval") }];
    world.hold(&second).await;
    let rows = list(&world, TaskFilter::default()).await;
    assert_eq!((rows.len(), rows[0].status, rows[0].opened_at), (1, TaskStatus::Open, second.at));
    assert_eq!(rows[0].spec, second.tasks[0]);
}

/// Roles or person, run, kind; by due date, those without one last.
pub async fn tasks_are_narrowed_by_every_filter(store: Arc<dyn Store>) {
    let world = World::new(store).await;
    let (legal, anna) = ("legal".parse().expect("a role"), "anna".parse().expect("a person"));
    let mut one = world.first("OFR-1");
    one.tasks = vec![
        TaskSpec { due: None, ..task("late") },
        TaskSpec { role: legal, due: Some(at(50)), ..task("soon") },
        TaskSpec { assignee: Some(anna), due: Some(at(70)), kind: "incident".into(), ..task("hers") },
    ];
    let mut two = world.first("OFR-2");
    two.tasks = vec![task("other")];
    assert!(all_committed(&world.commit(vec![one, two]).await));
    let keys =
        async |filter| -> Vec<String> { list(&world, filter).await.into_iter().map(|row| row.spec.key).collect() };
    assert_eq!(keys(TaskFilter::default()).await, ["soon", "other", "hers", "late"]);
    let role = |name: &str| name.parse().expect("a role");
    let anna = || "anna".parse().expect("a person");
    assert_eq!(keys(TaskFilter { roles: Some(vec![role("legal")]), ..TaskFilter::default() }).await, ["soon"]);
    assert_eq!(keys(TaskFilter { roles: Some(Vec::new()), ..TaskFilter::default() }).await, Vec::<String>::new());
    assert_eq!(keys(TaskFilter { assignee: Some(anna()), ..TaskFilter::default() }).await, ["hers"]);
    let both = TaskFilter { roles: Some(vec![role("legal")]), assignee: Some(anna()), ..TaskFilter::default() };
    assert_eq!(keys(both).await, ["soon", "hers"], "for a role, or for the person");
    assert_eq!(keys(TaskFilter { run: Some(run("OFR-2")), ..TaskFilter::default() }).await, ["other"]);
    assert_eq!(keys(TaskFilter { kind: Some("incident".into()), ..TaskFilter::default() }).await, ["hers"]);
}

/// What is not given stays as it was; a closed task cannot be taken.
pub async fn an_open_task_can_be_assigned_and_snoozed(store: Arc<dyn Store>) {
    let world = World::new(store).await;
    let mut first = world.first("OFR-1");
    first.tasks = vec![task("a")];
    world.hold(&first).await;
    let (scope, id) = (Scope::vendor(), first.snapshot.run);
    assert!(world.store.assign(&scope, id, "a", Some("anna"), None).await.expect("a write"));
    assert!(world.store.assign(&scope, id, "a", None, Some(at(90))).await.expect("a write"));
    let row = list(&world, TaskFilter::default()).await.remove(0);
    assert_eq!(row.spec.assignee.map(|person| person.to_string()).as_deref(), Some("anna"));
    assert_eq!(row.snoozed_until, Some(at(90)));
    let mut second = world.next(&first);
    second.closed_tasks = vec!["a".into()];
    world.hold(&second).await;
    assert!(!world.store.assign(&scope, id, "a", Some("bob"), None).await.expect("a write"));
    assert!(!world.store.assign(&scope, id, "none", Some("bob"), None).await.expect("a write"));
}
