//! A run on its way: sends events, and after each checks what must hold after any step at all.

use std::collections::{BTreeMap, BTreeSet};

use entente_core::{
    calendar::Calendars,
    chart::{
        bound::BoundChart,
        migration::{MIGRATE, Migration, MigrationError, Passage},
        model::{Chart, Due},
        step::{self, NewRun, StepError, World},
    },
    event::{Actor, Body, Event, Failure, FailureClass, Outcome, Resolution, TimerKey},
    ids::{InvokeId, RunId},
    policy::Policy,
    run::{Command, Decision, Delta, Incident, IncidentCode, Record, Snapshot, fold},
    scope::Home,
};
use jiff::{Timestamp, ToSpan};
use serde_json::{Value, json};

use crate::support;

/// Two rows: everybody's value goes to the desk, a high one to finance as well, with a quorum of two.
pub const POLICY: &str = r#"
policy: door
version: 1
rows:
  - id: desk
    role: desk
    projection: commercial
    remind: 4 working hours
    escalate_after: 8 working hours
    escalate_to: head
  - id: finance
    when: [{ fact: value_minor, op: gt, value: { EUR: 5000 } }]
    role: finance
    quorum: 2
    projection: legal
"#;

/// A run under test.
pub struct Journey {
    pub bound: BoundChart,
    pub policy: Policy,
    pub calendars: Calendars,
    pub now: Timestamp,
    pub run: Snapshot,
    pub records: Vec<Record>,
    timers: BTreeMap<TimerKey, Timestamp>,
    fired: BTreeSet<TimerKey>,
    sent: u64,
}

impl Journey {
    /// Begins a run of this chart with a fresh door.
    pub fn begin(chart: &str) -> Journey {
        Journey::begin_with(chart, Value::Null, None)
    }

    pub fn begin_with(chart: &str, input: Value, parent: Option<RunId>) -> Journey {
        Journey::of(support::bound(chart), input, parent)
    }

    /// Begins a run of a chart that no lint has seen.
    pub fn unchecked(chart: &str) -> Journey {
        let chart = Chart::parse("test.yaml", chart).unwrap();
        Journey::of(
            BoundChart { chart: chart.into(), context: support::door(), whens: BTreeMap::new() },
            Value::Null,
            None,
        )
    }

    fn of(bound: BoundChart, input: Value, parent: Option<RunId>) -> Journey {
        let policy = Policy::from_yaml("policy.yaml", POLICY).unwrap();
        let calendars = Calendars::default();
        let now: Timestamp = "2027-01-04T09:00:00Z".parse().unwrap();
        let event = Event { source: "test".into(), id: "0".into(), actor: None, body: Body::Started { input } };
        let new = NewRun { run: run_id(1), label: "DOR-2027-00001".into(), home: home(), parent };
        let begun = step::begin(&bound, &World { policy: &policy, calendars: &calendars }, &new, &event, now).unwrap();
        let run = begun.snapshot.clone();
        let mut journey = Journey {
            bound,
            policy,
            calendars,
            now,
            run,
            records: vec![],
            timers: BTreeMap::new(),
            fired: BTreeSet::new(),
            sent: 0,
        };
        journey.check(None, &begun);
        journey.records.push(begun.record);
        journey
    }

    /// Offers an event's body.
    pub fn offer(&mut self, body: Body) -> Result<&Record, StepError> {
        self.offer_as(None, body)
    }

    /// Offers an event of a person with roles.
    pub fn offer_as(&mut self, actor: Option<Actor>, body: Body) -> Result<&Record, StepError> {
        self.sent += 1;
        let event = Event { source: "test".into(), id: self.sent.to_string(), actor, body };
        let world = World { policy: &self.policy, calendars: &self.calendars };
        let decision = step::step(&self.bound, &world, &self.run, &event, self.now)?;
        let before = self.run.clone();
        self.check(Some(&before), &decision);
        self.run = decision.snapshot;
        self.records.push(decision.record);
        Ok(self.records.last().unwrap())
    }

    pub fn named(&mut self, name: &str, data: Value) -> Result<&Record, StepError> {
        self.offer(Body::Named { name: name.into(), data })
    }

    pub fn done(&mut self, invoke: InvokeId, output: Value) -> Result<&Record, StepError> {
        self.offer(Body::Result { invoke, outcome: Outcome::Done { output } })
    }

    pub fn fail(&mut self, invoke: InvokeId, class: FailureClass) -> Result<&Record, StepError> {
        self.offer(Body::Result { invoke, outcome: Outcome::Failed(failure(class)) })
    }

    pub fn resolve(&mut self, decision: Resolution) -> Result<&Record, StepError> {
        self.offer(Body::Resolve { decision, reason: "looked it up".into() })
    }

    /// Lets business time come to a timer and fires it.
    pub fn fire(&mut self, key: &str) -> Result<&Record, StepError> {
        let key = TimerKey(key.into());
        let due = *self.run.timers.get(&key).unwrap_or_else(|| panic!("{key:?} is not armed: {:?}", self.run.timers));
        self.now = self.now.max(due);
        self.offer(Body::Timer { key, due })
    }

    /// A vote on the present revision.
    pub fn vote(&mut self, person: &str, role: &str, verdict: &str) -> Result<&Record, StepError> {
        let revision = self.run.approvals.as_ref().map(|round| round.subject.revision.clone()).unwrap_or_default();
        self.offer_as(Some(actor(person, role)), vote(verdict, &revision))
    }

    pub fn wait(&mut self, hours: i64) {
        self.now = self.now.checked_add(hours.hours()).unwrap();
    }

    pub fn commands(&self) -> &[Command] {
        &self.records.last().unwrap().commands
    }

    pub fn via(&self) -> Vec<&str> {
        self.records.last().unwrap().via.iter().map(String::as_str).collect()
    }

    /// The one invocation open in the present state.
    pub fn open(&self) -> InvokeId {
        let live: Vec<_> = self.run.invokes.iter().filter(|(_, open)| !open.orphaned).map(|(id, _)| *id).collect();
        assert_eq!(live.len(), 1, "{:?}", self.run.invokes);
        live[0]
    }

    pub fn tasks(&self) -> Vec<&str> {
        self.run.tasks.keys().map(String::as_str).collect()
    }

    /// What holds after every step: the state is the chart's, the fold gives the snapshot, commands mirror timers, no deadline is lost.
    fn check(&mut self, old: Option<&Snapshot>, decision: &Decision) {
        let (new, record) = (&decision.snapshot, &decision.record);
        assert!(self.bound.chart.state(&new.state).is_some(), "`{}` is not on the chart", new.state);
        assert_eq!(record.seq, old.map_or(0, |old| old.seq) + 1);
        let folded = fold(self.records.iter().chain([record])).unwrap();
        assert_eq!(&folded, new, "the fold of the records is the snapshot");
        if let Some(old) = old {
            let (old, new) = (plain(old), plain(new));
            assert_eq!(record.delta, Delta::between(&old, &new), "the typed delta is the JSON's");
        }
        let stored: Record = serde_json::from_str(&serde_json::to_string(record).unwrap()).unwrap();
        assert_eq!(&stored, record, "a record survives storage");
        for command in &record.commands {
            match command {
                Command::Arm { key, due } => drop(self.timers.insert(key.clone(), *due)),
                Command::Disarm { key } => drop(self.timers.remove(key).expect("only an armed timer is disarmed")),
                _ => {}
            }
        }
        assert_eq!(self.timers, new.timers, "arming and disarming says exactly what the snapshot holds");
        if new.ended {
            assert!(new.timers.is_empty() && new.tasks.is_empty() && new.incident.is_none());
            assert!(new.invokes.values().all(|open| open.orphaned));
        }
        parks_aloud(old, record, new);
        self.no_deadline_lost(record, new);
    }

    /// Every deadline of the active states is armed, unless it has fired and not moved since.
    fn no_deadline_lost(&mut self, record: &Record, new: &Snapshot) {
        for command in &record.commands {
            if let Command::Arm { key, .. } = command {
                self.fired.remove(key);
            }
        }
        if let Body::Timer { key, .. } = &record.event.body
            && !new.timers.contains_key(key)
        {
            self.fired.insert(key.clone());
        }
        if new.ended || (record.seq == 1 && new.incident.is_some()) {
            return;
        }
        let leaf = self.bound.chart.state(&new.state).unwrap();
        let mut live = new.invokes.values().filter(|open| !open.orphaned);
        let mut stray: BTreeSet<&TimerKey> = new.timers.keys().collect();
        if live.any(|open| open.activity == "approvals") {
            stray.retain(|key| !key.0.starts_with("approval/"));
        }
        for state in [Some(leaf), self.bound.chart.parent(&leaf.path)].into_iter().flatten() {
            for after in &state.after {
                let key = TimerKey(format!("{}/{}", state.path, after.text));
                let armable = match &after.due {
                    Due::Deadline(name) => self.bound.context.deadline(name, &new.context).unwrap().is_some(),
                    _ => true,
                };
                let fired = self.fired.contains(&key);
                stray.remove(&key);
                assert_eq!(new.timers.contains_key(&key), armable && !fired, "{key:?} of {new:#?}");
            }
        }
        assert!(stray.is_empty(), "no timer outlives its state: {stray:?}");
    }
}

/// A run is never parked in silence, but for a write that is held back again, and nothing else is called an incident.
fn parks_aloud(old: Option<&Snapshot>, record: &Record, new: &Snapshot) {
    let told: Vec<&Value> = record
        .commands
        .iter()
        .filter_map(|command| match command {
            Command::Notify { notice, data } if notice == "incident" => Some(data),
            _ => None,
        })
        .collect();
    let parks = record.via == ["parked"];
    assert!(parks || new.incident.is_none() || old.is_some_and(|old| old.incident == new.incident), "{record:#?}");
    let held = |run: &Snapshot, incident: &Incident| {
        incident.invoke.is_some_and(|invoke| run.invokes.get(&invoke).is_some_and(|open| open.held_since.is_some()))
    };
    let known =
        |incident: &&Incident| incident.code == IncidentCode::Withheld && old.is_some_and(|old| held(old, incident));
    match new.incident.as_ref().filter(|_| parks).filter(|incident| !known(incident)) {
        Some(incident) => assert_eq!(told, [&json!({ "code": incident.code, "message": incident.message })]),
        None => assert!(told.is_empty(), "{told:?}"),
    }
}

fn plain(snapshot: &Snapshot) -> Value {
    let mut value = serde_json::to_value(snapshot).unwrap();
    value.as_object_mut().unwrap().retain(|field, _| field != "seq" && field != "state");
    value
}

pub fn run_id(n: u128) -> RunId {
    RunId(format!("00000000-0000-4000-8000-{n:012x}").parse::<RunId>().unwrap().0)
}

pub fn home() -> Home {
    Home { legal_entity: "acme-eu".parse().unwrap(), party: "acme".parse().unwrap() }
}

pub fn actor(person: &str, role: &str) -> Actor {
    Actor { person: person.parse().unwrap(), roles: vec![role.parse().unwrap()], on_behalf_of: None }
}

pub fn vote(verdict: &str, revision: &str) -> Body {
    Body::Named {
        name: "approval.vote".into(),
        data: json!({"verdict": verdict, "revision": revision, "reason": "because"}),
    }
}

pub fn failure(class: FailureClass) -> Failure {
    Failure { class, message: "it did not work".into(), field: None, code: None, evidence: Value::Null }
}

impl Journey {
    /// Moves the run to another version of its chart, as a person asked.
    pub fn migrate(&mut self, migration: &str, to: &str) -> Result<&Record, MigrationError> {
        self.sent += 1;
        let body = Body::Named { name: MIGRATE.into(), data: json!({ "from": 1, "to": 2, "migration": "…" }) };
        let event =
            Event { source: "test".into(), id: self.sent.to_string(), actor: Some(actor("oz", "operator")), body };
        let (migration, to) = (Migration::parse("v1-to-v2.yaml", migration).unwrap(), support::bound(to));
        assert_eq!(migration.check(&self.bound.chart, &to.chart, to.context.as_ref()), []);
        let world = World { policy: &self.policy, calendars: &self.calendars };
        let passage = Passage { from: &self.bound.chart, to: &to, world: &world };
        let decision = migration.apply(&self.run, &passage, &event, self.now)?;
        // What has passed in the old version has passed in the new one.
        let passed: Vec<String> =
            self.fired.iter().filter_map(|key| Some(key.0.split_once('/')?.1.to_owned())).collect();
        let entered = to.chart.entered(&decision.snapshot.state);
        let keys = entered.iter().flat_map(|path| passed.iter().map(move |text| TimerKey(format!("{path}/{text}"))));
        self.fired.extend(keys);
        self.bound = to;
        let before = self.run.clone();
        self.check(Some(&before), &decision);
        self.run = decision.snapshot;
        self.records.push(decision.record);
        Ok(self.records.last().unwrap())
    }

    /// Moves a run that has moved once more, along the same way.
    pub fn migrate_again(&self, migration: &str) -> Result<Decision, MigrationError> {
        let event = Event {
            source: "test".into(),
            id: "again".into(),
            actor: Some(actor("oz", "operator")),
            body: Body::Named { name: MIGRATE.into(), data: Value::Null },
        };
        let world = World { policy: &self.policy, calendars: &self.calendars };
        let passage = Passage { from: &self.bound.chart, to: &self.bound, world: &world };
        Migration::parse("v1-to-v2.yaml", migration).unwrap().apply(&self.run, &passage, &event, self.now)
    }

    /// The store rolled the last step back: its commands never happened.
    pub fn rolled_back(&mut self) {
        self.timers.clone_from(&self.run.timers);
    }
}
