//! Row 10: what ends its process each time is found out alone; what was merely performed beside it is not blamed.

use std::{sync::Arc, time::Duration};

use async_trait::async_trait;
use entente::activities::{Activity, Attempt, Call, Route};
use entente_core::{event::Failure, scope::Home};
use entente_store::RecoveryClass;
use serde_json::{Value, json};
use tokio::sync::Notify;

use crate::{
    kit::{self, started},
    promises::proves_itself,
};

const ONE_STEP: &str = r#"
chart: kit_suspect
version: 1
context: kit
initial: s1
states:
  s1: { invoke: { src: kit.one, onDone: done, onError: { other: failed } } }
  done: { type: final }
  failed: { type: final, tags: [failure] }
"#;

const CULPRIT: &str = "S-1";

/// The culprit's is the death of its process; the others' takes a moment.
struct Deadly {
    death: Arc<Notify>,
    remote: bool,
}

#[async_trait]
impl Activity for Deadly {
    fn name(&self) -> &'static str {
        "kit.one"
    }

    fn route(&self, _: &Home, _: &Value) -> Result<Route, Failure> {
        Ok(match self.remote {
            true => {
                let account = "kit/acme-us".parse().unwrap();
                Route::Account { account, entity: None, class: RecoveryClass::Local }
            }
            false => Route::Local,
        })
    }

    async fn perform(&self, call: &Call) -> Attempt {
        if call.label == CULPRIT {
            self.death.notify_one();
            return std::future::pending().await;
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
        Attempt::Done(Value::Null)
    }
}

async fn only_the_culprit_is_parked(remote: bool) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("e.db");
    let runs: Vec<_> = (0..4).map(|_| kit::run_id()).collect();
    let mut lives = 0;
    let bench = loop {
        let death = Arc::new(Notify::new());
        let deadly = Deadly { death: death.clone(), remote };
        let bench = kit::start_dying(&path, &[ONE_STEP], deadly).await;
        if lives == 0 {
            for (at, run) in runs.iter().enumerate().rev() {
                bench
                    .engine
                    .submit(started(*run, "kit_suspect", &format!("S-{}", at + 1), json!({})), Duration::ZERO)
                    .await
                    .unwrap();
            }
        }
        tokio::select! {
            () = death.notified() => {}
            _ = bench.until(runs[0], |row| row.snapshot.incident.is_some()) => break bench,
        }
        lives += 1;
        assert!(lives < 20, "the culprit is never found out");
    };
    assert!(lives >= 5, "{lives}");
    for run in &runs[1..] {
        let row = bench.until(*run, |row| row.snapshot.ended).await;
        assert_eq!(row.snapshot.state, "done");
        proves_itself(&bench, *run).await;
    }
    bench.engine.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn row_10_local_activities_begun_beside_one_that_ends_the_process_are_performed_after_it_is_parked() {
    only_the_culprit_is_parked(false).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn row_10_reads_begun_beside_one_that_ends_the_process_are_performed_after_it_is_parked() {
    only_the_culprit_is_parked(true).await;
}
