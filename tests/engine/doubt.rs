//! Sends whose outcome is not known: how long they are searched for, and what a person is shown in the end.

use std::{
    sync::{
        Arc, Mutex,
        atomic::{AtomicU32, Ordering},
    },
    time::Duration,
};

use async_trait::async_trait;
use entente::{
    activities::{Activity, Attempt, Call, Recovered, Route},
    runner::clock::FollowingClock,
};
use entente_core::{
    event::{Body, Event, Failure, FailureClass, Resolution},
    ids::{RunId, effect_token},
    run::IncidentCode,
    scope::{Home, Scope},
};
use entente_store::{IntentRow, Message, RecoveryClass};
use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};

use crate::{ground, kit, promises::proves_itself};

const ONE_SEND: &str = r#"
chart: kit_doubt
version: 1
context: kit
initial: s1
states:
  s1: { invoke: { src: kit.one, onDone: done, onError: { other: failed } } }
  done: { type: final }
  failed: { type: final, tags: [failure] }
"#;

type Script<T> = Box<dyn Fn(u32) -> T + Send + Sync>;

/// An activity whose sends and searches come to what a test says, by their number from 1.
struct Scripted {
    class: RecoveryClass,
    send: Script<Attempt>,
    search: Script<Recovered>,
    sends: AtomicU32,
    searches: Mutex<Vec<Timestamp>>,
}

/// What the engine performs; the test keeps the other half to look at.
struct Shown(Arc<Scripted>);

#[async_trait]
impl Activity for Shown {
    fn name(&self) -> &'static str {
        "kit.one"
    }

    fn route(&self, _: &Home, _: &Value) -> Result<Route, Failure> {
        Ok(Route::Account { account: "kit/acme-us".parse().unwrap(), entity: None, class: self.0.class })
    }

    async fn perform(&self, _: &Call) -> Attempt {
        (self.0.send)(self.0.sends.fetch_add(1, Ordering::SeqCst) + 1)
    }

    fn token_honoured(&self, _: &Call) -> bool {
        self.0.class == RecoveryClass::TokenDedup
    }

    async fn recover(&self, call: &Call) -> Recovered {
        let number = {
            let mut searches = self.0.searches.lock().unwrap();
            searches.push(call.now);
            u32::try_from(searches.len()).unwrap()
        };
        (self.0.search)(number)
    }
}

pub fn failure(class: FailureClass, message: &str) -> Failure {
    Failure { class, message: message.into(), field: None, code: None, evidence: Value::Null }
}

fn lost(_: u32) -> Attempt {
    Attempt::Unknown { why: failure(FailureClass::OutcomeUnknown, "the answer was lost") }
}

fn down(after: Option<Duration>) -> Recovered {
    Recovered::Later { after, why: failure(FailureClass::Transient, "the list cannot be read") }
}

/// A run that waits for one send, an engine that performs it, and a clock that stands until it is moved.
pub struct Bench {
    pub engine: kit::Bench,
    clock: FollowingClock,
    scripted: Arc<Scripted>,
    run: RunId,
    folder: tempfile::TempDir,
}

impl Bench {
    pub async fn start(
        class: RecoveryClass,
        send: impl Fn(u32) -> Attempt + Send + Sync + 'static,
        search: impl Fn(u32) -> Recovered + Send + Sync + 'static,
    ) -> Bench {
        let folder = tempfile::tempdir().unwrap();
        let noon: Timestamp = "2026-11-22T12:00:00Z".parse().unwrap();
        let clock = FollowingClock::starting_at(noon);
        clock.follow(noon, 0);
        let (sends, searches) = (AtomicU32::new(0), Mutex::default());
        let scripted = Arc::new(Scripted { class, send: Box::new(send), search: Box::new(search), sends, searches });
        let path = folder.path().join("e.db");
        let engine = kit::start_doing(&path, &[ONE_SEND], Arc::new(clock.clone()), Shown(scripted.clone())).await;
        let run = kit::run_id();
        engine.submit(kit::started(run, "kit_doubt", "D-1", json!({}))).await;
        Bench { engine, clock, scripted, run, folder }
    }

    async fn intent(&self) -> Option<IntentRow> {
        self.engine.store.intents(&Scope::vendor(), self.run).await.unwrap().pop()
    }

    /// Moves the clock to whatever the send waits for, again and again, until the run ends or is parked.
    pub async fn play(&self) -> entente_store::RunRow {
        for _ in 0..2000 {
            let row = self.engine.run(self.run).await;
            if row.snapshot.ended || row.snapshot.incident.is_some() {
                return row;
            }
            if let Some(due) = self.intent().await.and_then(|intent| intent.not_before) {
                self.clock.follow(due, 0);
            }
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        panic!("the run goes nowhere: {:#?}", self.intent().await);
    }

    pub fn run(&self) -> RunId {
        self.run
    }

    pub fn sends(&self) -> u32 {
        self.scripted.sends.load(Ordering::SeqCst)
    }

    /// The pauses between searches.
    fn pauses(&self) -> Vec<SignedDuration> {
        let searches = self.scripted.searches.lock().unwrap();
        searches.windows(2).map(|pair| pair[1].duration_since(pair[0])).collect()
    }

    pub async fn settle(&self, id: &str, decision: Resolution) {
        let body = Body::Resolve { decision, reason: "a test looked".into() };
        let event = Event { source: "test".into(), id: id.into(), actor: None, body };
        self.engine.submit(Message { event, ..kit::named(self.run, id, "go", json!({})) }).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_search_that_fails_eight_times_in_a_row_is_put_before_a_person_with_everything_that_is_known() {
    let bench = Bench::start(RecoveryClass::NaturalKey, lost, |_| down(None)).await;
    let row = bench.play().await;
    let incident = row.snapshot.incident.unwrap();
    assert_eq!((incident.code, bench.sends()), (IncidentCode::OutcomeUnknown, 1), "never sent again");
    assert_eq!(bench.pauses().len(), 7, "eight searches");
    assert!(bench.pauses().iter().all(|pause| *pause < SignedDuration::from_mins(15)), "{:?}", bench.pauses());
    assert!(incident.message.contains("could not be searched for in 8 attempts"), "{incident:?}");
    assert!(incident.message.contains("the list cannot be read"), "{incident:?}");
    let intent = bench.intent().await.unwrap();
    let hash = &intent.intent.request_hash;
    let evidence = &incident.evidence["evidence"];
    assert_eq!(evidence["operation"], "kit.one");
    assert_eq!(evidence["request_hash"], hash.as_str());
    assert_eq!(evidence["token"], json!(effect_token(bench.run, intent.intent.invoke, "kit.one", hash)));
    assert_eq!((&evidence["attempts"], &evidence["first_sent_at"]), (&json!(1), &json!("2026-11-22T12:00:00Z")));
    assert_eq!(evidence["unknown"]["message"], "the answer was lost");
    let search = &evidence["found"]["search"];
    assert_eq!((&search["failed"], &search["last"]["message"]), (&json!(8), &json!("the list cannot be read")));
    let searches = bench.scripted.searches.lock().unwrap().clone();
    assert_eq!((&search["since"], &search["last_at"]), (&json!(searches[0]), &json!(searches[7])));
    proves_itself(&bench.engine, bench.run).await;
    bench.engine.engine.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_search_waits_as_long_as_the_other_side_asks() {
    let asked = Duration::from_secs(20 * 60);
    let bench = Bench::start(RecoveryClass::ReadBack, lost, move |number| match number {
        1..=3 => down(Some(asked)),
        _ => Recovered::Applied(json!({ "n": 1 })),
    })
    .await;
    assert_eq!(bench.play().await.snapshot.state, "done");
    assert_eq!(bench.pauses(), [SignedDuration::from_mins(20); 3]);
    bench.engine.engine.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_search_that_succeeds_in_between_begins_the_count_anew() {
    let bench = Bench::start(RecoveryClass::NaturalKey, lost, |number| match number {
        8 => Recovered::Absent { visibility: Some(Duration::from_secs(3600)), irreversible: false },
        16 => Recovered::Applied(Value::Null),
        _ => down(None),
    })
    .await;
    let row = bench.play().await;
    assert_eq!((row.snapshot.state.as_str(), row.snapshot.incident), ("done", None));
    assert_eq!((bench.sends(), bench.pauses().len()), (1, 15));
    bench.engine.engine.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn refused_credentials_pause_the_account_and_no_search_counts() {
    let bench = Bench::start(RecoveryClass::NaturalKey, lost, |number| match number {
        1..=12 => Recovered::Paused { why: failure(FailureClass::Auth, "the key has expired") },
        _ => Recovered::Applied(Value::Null),
    })
    .await;
    assert_eq!(bench.play().await.snapshot.state, "done");
    assert!(bench.pauses().iter().all(|pause| *pause >= SignedDuration::from_secs(60)), "{:?}", bench.pauses());
    assert_eq!(bench.engine.store.due_notices(Timestamp::MAX, 100).await.unwrap().len(), 1, "told once");
    bench.engine.engine.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_person_may_have_it_searched_for_again_as_often() {
    let bench = Bench::start(RecoveryClass::NaturalKey, lost, |_| down(None)).await;
    bench.play().await;
    bench.settle("again", Resolution::Retry).await;
    let row = bench.play().await;
    assert_eq!(row.snapshot.incident.unwrap().code, IncidentCode::OutcomeUnknown);
    assert_eq!((bench.sends(), bench.pauses().len()), (1, 15), "eight searches more, and still no second send");
    bench.settle("found", Resolution::Happened { output: Value::Null }).await;
    assert_eq!(bench.play().await.snapshot.state, "done");
    bench.engine.engine.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_doubt_outlives_resends_that_were_not_taken() {
    let busy = || Attempt::Retry { after: None, why: failure(FailureClass::Transient, "throttled") };
    let send = move |number| if number == 1 { lost(number) } else { busy() };
    let bench = Bench::start(RecoveryClass::TokenDedup, send, |_| Recovered::Applied(Value::Null)).await;
    let row = bench.play().await;
    assert_eq!(
        (row.snapshot.state.as_str(), bench.sends()),
        ("done", 2),
        "what the first one did is looked for before another resend"
    );
    bench.engine.engine.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn row_33_a_token_is_trusted_once_without_looking_and_four_times_in_all() {
    let absent = |_| Recovered::Absent { visibility: None, irreversible: true };
    let bench = Bench::start(RecoveryClass::TokenDedup, lost, absent).await;
    let incident = bench.play().await.snapshot.incident.unwrap();
    let searches = bench.scripted.searches.lock().unwrap().len();
    assert_eq!((incident.code, bench.sends(), searches), (IncidentCode::OutcomeUnknown, 4, 3));
}

#[tokio::test(flavor = "multi_thread")]
async fn row_33_what_cannot_be_looked_for_is_not_sent_a_third_time() {
    let bench = Bench::start(RecoveryClass::TokenDedup, lost, |_| down(None)).await;
    let incident = bench.play().await.snapshot.incident.unwrap();
    assert_eq!((incident.code, bench.sends()), (IncidentCode::OutcomeUnknown, 2));
}

#[tokio::test(flavor = "multi_thread")]
async fn attempts_that_are_used_up_are_shown_with_what_was_sent() {
    let busy = |_| Attempt::Retry { after: None, why: failure(FailureClass::Transient, "throttled") };
    let bench = Bench::start(RecoveryClass::NaturalKey, busy, |_| down(None)).await;
    let incident = bench.play().await.snapshot.incident.unwrap();
    assert_eq!((incident.code, bench.sends()), (IncidentCode::AttemptsExhausted, 8));
    let evidence = &incident.evidence["evidence"];
    assert_eq!((&evidence["operation"], &evidence["attempts"]), (&json!("kit.one"), &json!(8)));
    assert!(bench.pauses().is_empty(), "nothing was in doubt");
    bench.engine.engine.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn row_44_a_request_that_changed_in_the_database_is_never_sent() {
    let throttled = |_| Attempt::Retry { after: None, why: failure(FailureClass::Transient, "slow down") };
    let bench = Bench::start(RecoveryClass::TokenDedup, throttled, |_| down(None)).await;
    while bench.intent().await.is_none_or(|intent| intent.not_before.is_none()) {
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    ground::change(&bench.folder.path().join("e.db"), r#"UPDATE outbox SET request = '{"price":900}'"#).await;
    let row = bench.play().await;
    let incident = row.snapshot.incident.unwrap();
    assert_eq!(bench.sends(), 1, "what was sent before the damage");
    assert!(incident.message.contains("not the one that was decided"), "{incident:?}");
}
