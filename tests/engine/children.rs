//! Several runs, one deal: starting, joining, cancelling.

use entente::runner::Answer;
use entente_store::Verdict;
use serde_json::json;

use crate::{kit, promises::proves_itself};

const PARENT: &str = r#"
chart: kit_parent
version: 1
context: kit
initial: begin
states:
  begin: { entry: [start.kit_child, start.kit_child, start.kit_child], always: waiting }
  waiting:
    join: { until: all, onDone: done, onError: broken }
    on: { cancel: { target: cancelled, entry: send.children.cancel } }
  done: { type: final, tags: [success] }
  broken: { type: final, tags: [failure], entry: send.children.cancel }
  cancelled: { type: final, tags: [cancelled] }
"#;

const CHILD: &str = r#"
chart: kit_child
version: 1
context: kit
initial: waiting
states:
  waiting: { tags: [waits_for:test], on: { go: s1, stop: failed, cancel: cancelled }, after: { P30D: failed } }
  s1: { invoke: { src: kit.one, onDone: done, onError: failed } }
  done: { type: final, tags: [success] }
  failed: { type: final, tags: [failure] }
  cancelled: { type: final, tags: [cancelled] }
"#;

async fn family(bench: &kit::Bench) -> (entente_core::ids::RunId, Vec<entente_core::ids::RunId>) {
    let parent = kit::run_id();
    let answer = bench.submit(kit::started(parent, "kit_parent", "P-1", json!({ "n": 1 }))).await;
    assert!(matches!(answer, Answer::Decided(Verdict::Accepted { .. })), "{answer:?}");
    let row = bench.until(parent, |row| row.snapshot.children.len() == 3).await;
    let children: Vec<_> = row.snapshot.children.keys().copied().collect();
    for child in &children {
        bench.until(*child, |row| row.snapshot.state == "waiting").await;
    }
    (parent, children)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_parent_waits_for_all_its_children() {
    let folder = tempfile::tempdir().unwrap();
    let bench = kit::start(&folder.path().join("e.db"), &[CHILD, PARENT], kit::settings()).await;
    let (parent, children) = family(&bench).await;
    for (at, child) in children.iter().enumerate() {
        assert_eq!(bench.run(parent).await.snapshot.state, "waiting", "before child {at} ended");
        bench.submit(kit::named(*child, &format!("go/{child}"), "go", json!({}))).await;
        bench.until(*child, |row| row.snapshot.ended).await;
        assert_eq!(bench.run(*child).await.snapshot.parent, Some(parent));
    }
    let row = bench.until(parent, |row| row.snapshot.ended).await;
    assert_eq!(row.snapshot.state, "done");
    proves_itself(&bench, parent).await;
    bench.engine.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_childs_failure_reaches_the_parent_which_cancels_the_others() {
    let folder = tempfile::tempdir().unwrap();
    let bench = kit::start(&folder.path().join("e.db"), &[CHILD, PARENT], kit::settings()).await;
    let (parent, children) = family(&bench).await;
    bench.submit(kit::named(children[0], "stop", "stop", json!({}))).await;
    assert_eq!(bench.until(parent, |row| row.snapshot.ended).await.snapshot.state, "broken");
    for child in &children[1..] {
        assert_eq!(bench.until(*child, |row| row.snapshot.ended).await.snapshot.state, "cancelled");
    }
    bench.engine.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn cancelling_a_parent_cancels_its_children() {
    let folder = tempfile::tempdir().unwrap();
    let bench = kit::start(&folder.path().join("e.db"), &[CHILD, PARENT], kit::settings()).await;
    let (parent, children) = family(&bench).await;
    bench.submit(kit::named(parent, "cancel", "cancel", json!({}))).await;
    for child in &children {
        assert_eq!(bench.until(*child, |row| row.snapshot.ended).await.snapshot.state, "cancelled");
    }
    bench.engine.stop().await;
}
