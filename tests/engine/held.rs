//! Sends that are held back before they leave: never counted as sent, never forgotten, never in doubt for it.

use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicU32, Ordering},
    },
    time::Duration,
};

use async_trait::async_trait;
use entente::activities::{Activity, Attempt, Call, Recovered, Route, UNSENT};
use entente_core::{
    event::{Body, Event, Failure, FailureClass, Resolution},
    ids::RunId,
    run::{Command, IncidentCode, Record},
    scope::{Home, Scope},
};
use entente_store::{IntentRow, Message, RecoveryClass, RunRow};
use jiff::Timestamp;
use serde_json::{Value, json};

use crate::{
    doubt::failure,
    kit::{self, started},
    promises::proves_itself,
};

const ONE_SEND: &str = r#"
chart: kit_held
version: 1
context: kit
initial: s1
states:
  s1: { invoke: { src: kit.one, onDone: done, onError: { other: failed } } }
  done: { type: final }
  failed: { type: final, tags: [failure] }
"#;

/// A send behind a gate; nothing that it searches for is ever found.
#[derive(Default)]
struct Gated {
    shut: AtomicBool,
    /// The gate shuts after it was asked, before the send.
    shuts_late: AtomicBool,
    /// The answer to the next send is lost, and the gate shuts.
    loses: AtomicBool,
    /// That nothing is found proves that nothing is there.
    proves: bool,
    sends: AtomicU32,
    searches: AtomicU32,
}

struct Shown(Arc<Gated>);

#[async_trait]
impl Activity for Shown {
    fn name(&self) -> &'static str {
        "kit.one"
    }

    fn route(&self, _: &Home, _: &Value) -> Result<Route, Failure> {
        let class = RecoveryClass::NaturalKey;
        Ok(Route::Account { account: "kit/acme-us".parse().unwrap(), entity: None, class })
    }

    async fn held(&self, _: &Call) -> Option<Failure> {
        self.0.shut.load(Ordering::SeqCst).then(|| failure(FailureClass::Withheld, "the gate is shut"))
    }

    async fn perform(&self, _: &Call) -> Attempt {
        if self.0.shuts_late.swap(false, Ordering::SeqCst) {
            self.0.shut.store(true, Ordering::SeqCst);
            let why = "the gate has shut".to_owned();
            return Attempt::Wait { after: Duration::ZERO, why, notes: json!({ UNSENT: true }) };
        }
        self.0.sends.fetch_add(1, Ordering::SeqCst);
        if self.0.loses.swap(false, Ordering::SeqCst) {
            self.0.shut.store(true, Ordering::SeqCst);
            return Attempt::Unknown { why: failure(FailureClass::OutcomeUnknown, "the answer was lost") };
        }
        Attempt::Done(json!({ "n": 1 }))
    }

    async fn recover(&self, _: &Call) -> Recovered {
        self.0.searches.fetch_add(1, Ordering::SeqCst);
        match self.0.proves {
            true => Recovered::Absent { visibility: Some(Duration::ZERO), irreversible: false },
            false => Recovered::Absent { visibility: None, irreversible: true },
        }
    }
}

struct Bench {
    engine: kit::Bench,
    gated: Arc<Gated>,
    run: RunId,
    _folder: tempfile::TempDir,
}

impl Bench {
    async fn start(gated: Gated) -> Bench {
        let folder = tempfile::tempdir().unwrap();
        let gated = Arc::new(gated);
        let clock = Arc::new(entente::runner::clock::SystemClock);
        let engine = kit::start_doing(&folder.path().join("e.db"), &[ONE_SEND], clock, Shown(gated.clone())).await;
        let run = kit::run_id();
        engine.submit(started(run, "kit_held", "H-1", json!({}))).await;
        Bench { engine, gated, run, _folder: folder }
    }

    async fn parked_after(&self, seq: u64) -> RunRow {
        self.engine.until(self.run, |row| row.snapshot.seq > seq && row.snapshot.incident.is_some()).await
    }

    async fn retry(&self, id: &str) {
        let body = Body::Resolve { decision: Resolution::Retry, reason: "a test looked".into() };
        let event = Event { source: "test".into(), id: id.into(), actor: None, body };
        self.engine.submit(Message { event, ..kit::named(self.run, id, "go", json!({})) }).await;
    }

    async fn intent(&self) -> IntentRow {
        self.engine.store.intents(&Scope::vendor(), self.run).await.unwrap().pop().unwrap()
    }

    fn counts(&self) -> (u32, u32) {
        (self.gated.sends.load(Ordering::SeqCst), self.gated.searches.load(Ordering::SeqCst))
    }

    fn open(&self) {
        self.gated.shut.store(false, Ordering::SeqCst);
    }

    /// The steps that parked the run, and the notices that told of it.
    async fn parked_and_told(&self) -> (usize, usize) {
        let rows = self.engine.store.history(&Scope::vendor(), self.run, 1, u32::MAX).await.unwrap();
        let records: Vec<Record> = rows.iter().map(|row| serde_json::from_str(&row.record).unwrap()).collect();
        let told = records.iter().flat_map(|record| &record.commands);
        let told = told.filter(|command| matches!(command, Command::Notify { notice, .. } if notice == "incident"));
        (records.iter().filter(|record| record.via == ["parked"]).count(), told.count())
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_held_back_was_not_sent_and_goes_out_once_without_a_search() {
    let bench = Bench::start(Gated { shut: AtomicBool::new(true), ..Gated::default() }).await;
    let row = bench.parked_after(0).await;
    let incident = row.snapshot.incident.as_ref().unwrap();
    assert_eq!((row.snapshot.state.as_str(), incident.code), ("s1", IncidentCode::Withheld));
    let intent = bench.intent().await;
    assert_eq!((intent.attempts, intent.first_sent_at), (0, None), "nothing says that it was sent");
    let since: Option<Timestamp> = row.snapshot.invokes[&intent.intent.invoke].held_since;
    assert_eq!(since, Some(incident.since));

    bench.retry("early").await;
    let again = bench.parked_after(row.snapshot.seq).await;
    assert_eq!(again.snapshot.invokes[&intent.intent.invoke].held_since, since, "it counts from the first time");
    assert_eq!((bench.parked_and_told().await, bench.counts()), ((2, 1), (0, 0)), "told once");

    bench.open();
    bench.retry("now").await;
    let row = bench.engine.until(bench.run, |row| row.snapshot.ended).await;
    assert_eq!((row.snapshot.state.as_str(), bench.counts()), ("done", (1, 0)));
    proves_itself(&bench.engine, bench.run).await;
    bench.engine.engine.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_gate_that_shuts_at_the_last_moment_leaves_no_doubt() {
    let bench = Bench::start(Gated { shuts_late: AtomicBool::new(true), ..Gated::default() }).await;
    let row = bench.parked_after(0).await;
    assert_eq!(row.snapshot.incident.unwrap().code, IncidentCode::Withheld);
    bench.open();
    bench.retry("now").await;
    let row = bench.engine.until(bench.run, |row| row.snapshot.ended).await;
    assert_eq!((row.snapshot.state.as_str(), bench.counts()), ("done", (1, 0)));
    assert_eq!(bench.intent().await.notes.get(UNSENT), None, "it has left by now");
    bench.engine.engine.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_doubt_about_an_earlier_send_outlives_the_gate() {
    let bench = Bench::start(Gated { loses: AtomicBool::new(true), ..Gated::default() }).await;
    let row = bench.parked_after(0).await;
    let code = |row: &RunRow| row.snapshot.incident.as_ref().unwrap().code;
    assert_eq!((code(&row), bench.counts()), (IncidentCode::OutcomeUnknown, (1, 1)), "searched for, gate or not");
    bench.open();
    bench.retry("looked").await;
    let row = bench.parked_after(row.snapshot.seq).await;
    assert_eq!((code(&row), bench.counts()), (IncidentCode::OutcomeUnknown, (1, 2)), "never sent blindly");
    bench.engine.engine.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_held_back_while_in_doubt_is_searched_for_again_before_it_goes_out() {
    let bench = Bench::start(Gated { loses: AtomicBool::new(true), proves: true, ..Gated::default() }).await;
    let row = bench.parked_after(0).await;
    assert_eq!(row.snapshot.incident.unwrap().code, IncidentCode::Withheld);
    assert_eq!(bench.counts(), (1, 2), "seen absent twice, and then held back");
    bench.open();
    bench.retry("now").await;
    let row = bench.engine.until(bench.run, |row| row.snapshot.ended).await;
    assert_eq!((row.snapshot.state.as_str(), bench.counts()), ("done", (2, 4)));
    bench.engine.engine.stop().await;
}
