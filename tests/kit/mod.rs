//! A small world for tests and benches of the engine: one context type, a few charts, activities that count.
#![allow(dead_code, reason = "every test binary and bench uses its own part")]

use std::{
    collections::{BTreeMap, BTreeSet},
    path::Path,
    sync::{
        Arc, Mutex,
        atomic::{AtomicU32, Ordering},
    },
    time::Duration,
};

use async_trait::async_trait;
use entente::{
    activities::{Activities, Activity, Attempt, Call},
    runner::{
        Answer, Engine, Parts, World,
        clock::{Clock, SystemClock},
        definitions::Definitions,
        sends::Unnoted,
        settings::Settings,
    },
    workflows,
};
use entente_core::{
    calendar::Calendars,
    chart::model::Chart,
    context::{ApplyFacts, ContextType, Contexts, EvalError, FieldError, Type},
    event::{Body, Event, Outcome},
    ids::{ProcessId, RunId},
    ledger::{Posting, PostingAction},
    money::Money,
    policy::approvals::{Projection, Subject},
    scope::{Home, Scope},
};
use entente_store::{Message, RunFilter, RunRow, Start, Store};
use jiff::Timestamp;
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};
use tokio::sync::watch;

use crate::ground::{self, Opened, Tallies};

/// A context that takes whatever an event or a result brings: `{n, amount, parts, …}`.
#[derive(Debug, Clone, Copy)]
pub struct Kit {
    /// The version that this binary knows; whatever version 2 has raised says so under `raised`.
    pub version: u32,
}

const EVENTS: [&str; 6] = ["go", "add", "pay", "cancel", "stop", "poke"];
const ACTIVITIES: [&str; 8] =
    ["kit.one", "kit.two", "kit.three", "kit.four", "kit.five", "kit.panic", "kit.fail", "kit.undo"];

fn object(fields: &[(&str, Type)]) -> Type {
    Type::Object(fields.iter().map(|(name, of)| ((*name).to_owned(), of.clone())).collect())
}

impl ContextType for Kit {
    fn name(&self) -> &'static str {
        "kit"
    }

    fn version(&self) -> u32 {
        self.version
    }

    fn upcast(&self, from: u32, mut context: Value) -> Result<Value, FieldError> {
        merge(&mut context, &json!({ "raised": from + 1 }));
        Ok(context)
    }

    fn schema(&self) -> Type {
        object(&[("n", Type::Int), ("amount", Type::Int), ("parts", Type::Int)])
    }

    fn events(&self) -> BTreeMap<String, Type> {
        EVENTS.iter().map(|name| ((*name).to_owned(), object(&[]))).collect()
    }

    fn guards(&self) -> Vec<&'static str> {
        vec!["enough", "explodes"]
    }

    fn deadlines(&self) -> Vec<&'static str> {
        vec!["kit.due"]
    }

    fn requests(&self) -> Vec<&'static str> {
        ACTIVITIES.to_vec()
    }

    fn postings(&self) -> Vec<&'static str> {
        vec!["allocate", "reserve", "spend", "release"]
    }

    fn starts(&self) -> Vec<&'static str> {
        vec!["kit_child"]
    }

    fn init(&self, input: &Value, _: &str, _: Timestamp) -> Result<Value, FieldError> {
        let mut context = json!({ "n": 0, "amount": 0, "parts": 0, "fund": "kit" });
        merge(&mut context, input);
        Ok(context)
    }

    fn check(&self, _: &str, _: &Value) -> Result<(), FieldError> {
        Ok(())
    }

    fn apply(&self, context: &Value, event: &Event, _: &ApplyFacts<'_>) -> Value {
        let mut context = context.clone();
        match &event.body {
            Body::Named { data, .. } => merge(&mut context, data),
            Body::Result { outcome: Outcome::Done { output }, .. } => merge(&mut context, output),
            _ => {}
        }
        context
    }

    fn guard(&self, name: &str, context: &Value, _: &Event, _: Timestamp) -> Result<bool, EvalError> {
        match name {
            "enough" => Ok(context["n"].as_i64().unwrap_or(0) >= 3),
            other => Err(EvalError::Failed { what: format!("guard `{other}`"), why: "it always fails here".into() }),
        }
    }

    fn deadline(&self, _: &str, context: &Value) -> Result<Option<Timestamp>, EvalError> {
        Ok(context["due"].as_str().and_then(|due| due.parse().ok()))
    }

    fn request(&self, _: &str, _: &Value) -> Result<Value, EvalError> {
        Ok(Value::Null)
    }

    fn posting(&self, name: &str, context: &Value) -> Result<Posting, EvalError> {
        let action = match name {
            "allocate" => PostingAction::Allocate,
            "reserve" => PostingAction::Reserve,
            "spend" => PostingAction::Post,
            _ => PostingAction::Void,
        };
        let text = |field: &str, default: &str| context[field].as_str().unwrap_or(default).to_owned();
        let minor = context["amount"].as_i64().unwrap_or(0);
        let amount = Money { minor, currency: "USD".parse().expect("USD is a currency") };
        Ok(Posting::new(action, text("fund", "kit"), text("key", "kit"), amount))
    }

    fn start(&self, _: &str, context: &Value) -> Result<Value, EvalError> {
        Ok(json!({ "n": context["n"] }))
    }

    fn subject(&self, context: &Value) -> Result<Subject, EvalError> {
        let hash = hex::encode(Sha256::digest(context["amount"].to_string()));
        let projections = [Projection::Commercial, Projection::Legal, Projection::Administrative];
        Ok(Subject {
            revision: hash.clone(),
            projections: projections.into_iter().map(|projection| (projection, hash.clone())).collect(),
            requester: "ada".parse().expect("a person's id"),
            authors: BTreeSet::new(),
            hands: std::collections::BTreeMap::new(),
            facts: json!({}),
        })
    }

    fn migrations(&self) -> Vec<&'static str> {
        vec!["count_parts"]
    }

    fn migrate(&self, _: &str, mut context: Value) -> Result<Value, EvalError> {
        merge(&mut context, &json!({ "parts": 7 }));
        Ok(context)
    }
}

fn merge(context: &mut Value, more: &Value) {
    if let (Some(context), Some(more)) = (context.as_object_mut(), more.as_object()) {
        context.extend(more.iter().map(|(name, value)| (name.clone(), value.clone())));
    }
}

/// Five empty steps in a row.
pub const STEPS: &str = r#"
chart: kit_steps
version: 1
context: kit
initial: s1
states:
  s1: { invoke: { src: kit.one, onDone: s2, onError: failed } }
  s2: { invoke: { src: kit.two, onDone: s3, onError: failed } }
  s3: { invoke: { src: kit.three, onDone: s4, onError: failed } }
  s4: { invoke: { src: kit.four, onDone: s5, onError: failed } }
  s5: { invoke: { src: kit.five, onDone: done, onError: failed } }
  done: { type: final }
  failed: { type: final, tags: [failure] }
"#;

/// A wait for an event, then two steps.
pub const SIGNAL: &str = r#"
chart: kit_signal
version: 1
context: kit
initial: waiting
states:
  waiting: { tags: [waits_for:test], on: { go: s1 }, after: { P30D: failed } }
  s1: { invoke: { src: kit.one, onDone: s2, onError: failed } }
  s2: { invoke: { src: kit.two, onDone: done, onError: failed } }
  done: { type: final }
  failed: { type: final, tags: [failure] }
"#;

/// A sleep of ten hours.
pub const SLEEP: &str = r#"
chart: kit_sleep
version: 1
context: kit
initial: asleep
states:
  asleep: { tags: [waits_for:test], after: { PT10H: done } }
  done: { type: final }
"#;

/// Counts what an activity did, and can be told to misbehave.
#[derive(Default)]
pub struct Counter {
    /// Performed deliveries, by run and activity.
    pub performed: Mutex<BTreeMap<(RunId, String), u32>>,
    /// A file that receives one line per delivery.
    pub effects: Option<std::path::PathBuf>,
    /// Who is told when a run has performed so many more activities.
    pub waiting: Mutex<BTreeMap<RunId, (u32, tokio::sync::oneshot::Sender<()>)>>,
}

impl Counter {
    /// Told when the run has performed `count` activities.
    pub fn after(&self, run: RunId, count: u32) -> tokio::sync::oneshot::Receiver<()> {
        let (told, receiver) = tokio::sync::oneshot::channel();
        self.waiting.lock().expect("no test panics while holding it").insert(run, (count, told));
        receiver
    }

    fn tell(&self, run: RunId) {
        let mut waiting = self.waiting.lock().expect("no test panics while holding it");
        let Some((left, _)) = waiting.get_mut(&run) else { return };
        *left -= 1;
        if *left == 0
            && let Some((_, told)) = waiting.remove(&run)
        {
            // Whoever waited may have stopped waiting.
            let _ = told.send(());
        }
    }

    /// How often anything was performed.
    pub fn total(&self) -> u32 {
        self.performed.lock().expect("no test panics while holding it").values().sum()
    }
}

/// One activity of the kit.
pub struct KitActivity {
    name: &'static str,
    counter: Arc<Counter>,
    panics: AtomicU32,
}

#[async_trait]
impl Activity for KitActivity {
    fn name(&self) -> &'static str {
        self.name
    }

    async fn perform(&self, call: &Call) -> Attempt {
        *self.counter.performed.lock().expect("not poisoned").entry((call.run, self.name.into())).or_default() += 1;
        if let Some(path) = &self.counter.effects {
            use std::io::Write as _;
            let mut file =
                std::fs::OpenOptions::new().append(true).create(true).open(path).expect("the effects file opens");
            // One write per line: two that run at once must not mix.
            let line = format!("{} {}\n", call.label, self.name);
            file.write_all(line.as_bytes()).expect("the effects file takes a line");
        }
        self.counter.tell(call.run);
        match self.name {
            "kit.panic" => {
                self.panics.fetch_add(1, Ordering::Relaxed);
                panic!("told to panic");
            }
            "kit.fail" => Attempt::Failed(entente_core::event::Failure {
                class: entente_core::event::FailureClass::Rejected,
                message: "told to fail".into(),
                field: None,
                code: None,
                evidence: Value::Null,
            }),
            _ => Attempt::Done(Value::Null),
        }
    }
}

/// The activities of the kit, all counting into one counter.
pub fn activities(counter: &Arc<Counter>) -> Activities {
    ACTIVITIES.iter().fold(Activities::default(), |all, name| {
        all.with(KitActivity { name, counter: counter.clone(), panics: AtomicU32::new(0) })
    })
}

/// An engine over a database file, with the kit's charts released.
pub struct Bench {
    /// The engine.
    pub engine: Engine,
    /// Its database.
    pub store: Arc<dyn Store>,
    /// How much the database has written.
    pub tally: Tallies,
    /// What was performed.
    pub counter: Arc<Counter>,
    /// Keeps the policy and calendars alive.
    pub world: watch::Sender<Arc<World>>,
}

/// Settings for tests: everything quick, nothing different.
pub fn settings() -> Settings {
    Settings { poll: Duration::from_millis(20), ..Settings::default() }
}

/// Starts an engine over `path` with these charts.
pub async fn start(path: &Path, charts: &[&str], settings: Settings) -> Bench {
    start_with(path, charts, settings, Arc::new(SystemClock), Arc::new(Counter::default())).await
}

/// Starts an engine that knows none of the kit's names.
pub async fn start_without_contexts(path: &Path) -> Bench {
    let contexts = Contexts::default();
    let counter = Arc::new(Counter::default());
    assemble(path, &[], settings(), Arc::new(SystemClock), activities(&counter), counter, contexts).await
}

/// Starts an engine with a clock and a counter of one's own.
pub async fn start_with(
    path: &Path,
    charts: &[&str],
    settings: Settings,
    clock: Arc<dyn Clock>,
    counter: Arc<Counter>,
) -> Bench {
    assemble(path, charts, settings, clock, activities(&counter), counter, contexts()).await
}

/// Starts an engine with a clock of one's own, and one activity that takes the place of the kit's own.
pub async fn start_doing(
    path: &Path,
    charts: &[&str],
    clock: Arc<dyn Clock>,
    activity: impl Activity + 'static,
) -> Bench {
    doing(path, charts, settings(), clock, activity).await
}

/// Starts an engine whose leases are soon free once it is dropped, with one activity that takes the place of the kit's own.
pub async fn start_dying(path: &Path, charts: &[&str], activity: impl Activity + 'static) -> Bench {
    let settings = Settings { lease_ttl: Duration::from_secs(1), ..settings() };
    doing(path, charts, settings, Arc::new(SystemClock), activity).await
}

async fn doing(
    path: &Path,
    charts: &[&str],
    settings: Settings,
    clock: Arc<dyn Clock>,
    activity: impl Activity + 'static,
) -> Bench {
    let counter = Arc::new(Counter::default());
    let activities = activities(&counter).with(activity);
    assemble(path, charts, settings, clock, activities, counter, contexts()).await
}

/// The kit's context type.
pub fn contexts() -> Contexts {
    Contexts::default().with(Arc::new(Kit { version: 1 }))
}

/// The kit's context type as the next version of the program knows it.
pub fn next_contexts() -> Contexts {
    Contexts::default().with(Arc::new(Kit { version: 2 }))
}

/// Starts an engine of a program that knows these context types.
pub async fn start_knowing(path: &Path, charts: &[&str], settings: Settings, contexts: Contexts) -> Bench {
    let counter = Arc::new(Counter::default());
    assemble(path, charts, settings, Arc::new(SystemClock), activities(&counter), counter, contexts).await
}

/// Starts an engine on a store that a test has opened by itself, on a server.
pub async fn start_on(opened: Opened, charts: &[&str]) -> Bench {
    let counter = Arc::new(Counter::default());
    let Opened { store, tally } = opened;
    let settings = Settings { sole_runner: false, ..settings() };
    let activities = activities(&counter);
    let (engine, world) =
        engine(&store, "alone", charts, settings, Arc::new(SystemClock), activities, contexts()).await;
    Bench { engine, store, tally, counter, world }
}

async fn assemble(
    path: &Path,
    charts: &[&str],
    settings: Settings,
    clock: Arc<dyn Clock>,
    activities: Activities,
    counter: Arc<Counter>,
    contexts: Contexts,
) -> Bench {
    let Opened { store, tally } = ground::open(path).await;
    // On a server, an engine that ended without a word is known to be gone once its leases have run out.
    let settings = Settings { sole_runner: settings.sole_runner && !ground::on_server(), ..settings };
    let name = format!("test-{}", std::process::id());
    let (engine, world) = engine(&store, &name, charts, settings, clock, activities, contexts).await;
    Bench { engine, store, tally, counter, world }
}

/// An engine among others on the same database.
pub struct Peer {
    /// The engine.
    pub engine: Engine,
    /// Its own connection to the database.
    pub store: Arc<dyn Store>,
    world: watch::Sender<Arc<World>>,
}

/// Starts an engine beside those that run `path` already. One without contexts knows none of the kit's names.
pub async fn join(path: &Path, name: &str, settings: Settings, counter: &Arc<Counter>, contexts: Contexts) -> Peer {
    let store = ground::beside(path).await;
    let settings = Settings { sole_runner: false, ..settings };
    let activities = activities(counter);
    let (engine, world) = engine(&store, name, &[], settings, Arc::new(SystemClock), activities, contexts).await;
    Peer { engine, store, world }
}

async fn engine(
    store: &Arc<dyn Store>,
    name: &str,
    charts: &[&str],
    settings: Settings,
    clock: Arc<dyn Clock>,
    activities: Activities,
    contexts: Contexts,
) -> (Engine, watch::Sender<Arc<World>>) {
    let definitions = Arc::new(Definitions::new(store.clone(), contexts, &activities));
    for text in charts {
        let chart = Chart::parse("kit.yaml", text).unwrap_or_else(|problems| panic!("{problems:#?}"));
        let pin = definitions.release(&chart, "test", clock.now()).await.expect("the chart is released");
        if let Err(reason) = definitions.bound(&pin).await {
            panic!("{reason}");
        }
    }
    let policies = entente::world::Policies::new(workflows::policy().expect("the policy parses"));
    let world = World { policies, calendars: Calendars::default() };
    let (world, receiver) = watch::channel(Arc::new(world));
    let process: ProcessId = name.parse().expect("a process id");
    let parts = Parts {
        store: store.clone(),
        clock,
        activities,
        definitions,
        world: receiver,
        sends: Arc::new(Unnoted),
        process,
        settings,
    };
    (Engine::start(parts).await.expect("the engine starts"), world)
}

/// Where the kit's runs belong.
pub fn home() -> Home {
    Home { legal_entity: "acme-us".parse().expect("an id"), party: "acme".parse().expect("an id") }
}

/// A message that starts a run.
pub fn started(run: RunId, chart: &str, label: &str, input: Value) -> Message {
    let event = Event { source: "test".into(), id: format!("start/{run}"), actor: None, body: Body::Started { input } };
    let start = Start { chart: chart.into(), version: None, label: label.into(), home: home(), parent: None };
    Message { run, event, start: Some(start), expect_seq: None, expect_revision: None, at: Timestamp::now() }
}

/// A message that the chart names.
pub fn named(run: RunId, id: &str, name: &str, data: Value) -> Message {
    let event =
        Event { source: "test".into(), id: id.into(), actor: None, body: Body::Named { name: name.into(), data } };
    Message { run, event, start: None, expect_seq: None, expect_revision: None, at: Timestamp::now() }
}

/// The same on a version of its chart that is not the newest.
pub fn started_on(version: u32, message: Message) -> Message {
    Message { start: message.start.map(|start| Start { version: Some(version), ..start }), ..message }
}

/// A new run's id.
pub fn run_id() -> RunId {
    RunId(uuid::Uuid::now_v7())
}

impl Bench {
    /// Submits and waits for the verdict.
    pub async fn submit(&self, message: Message) -> Answer {
        self.engine.submit(message, Duration::from_secs(20)).await.expect("the database takes the message")
    }

    /// The run as stored.
    pub async fn run(&self, run: RunId) -> RunRow {
        self.store.run(&Scope::vendor(), run).await.expect("the database answers").expect("the run exists")
    }

    /// Waits until the last step of every run is on disk.
    pub async fn all_ended(&self) {
        let open = RunFilter { ended: Some(false), limit: 1, ..RunFilter::default() };
        while !self.store.runs(&Scope::vendor(), &open).await.expect("the database answers").rows.is_empty() {
            tokio::time::sleep(Duration::from_millis(2)).await;
        }
    }

    /// Waits until the database has taken so many steps since it was opened.
    pub async fn until_steps(&self, steps: u64) {
        while self.tally.read().steps < steps {
            tokio::time::sleep(Duration::from_millis(2)).await;
        }
    }

    /// Waits until the stored run is as wished. The bound only ends a test that would hang.
    pub async fn until(&self, run: RunId, wished: impl Fn(&RunRow) -> bool) -> RunRow {
        let mut last = None;
        for _ in 0..2000 {
            if let Some(row) = self.store.run(&Scope::vendor(), run).await.expect("the database answers") {
                if wished(&row) {
                    return row;
                }
                last = Some(row);
            }
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        panic!("the run did not get there: {last:#?}");
    }
}
