//! What messages would do to a run: decided as the driver decides them, on the run as it is stored, and written nowhere.
//!
//! What only looks is performed, so that what it finds is known as well; what would write or tell somebody is named.

use std::collections::BTreeMap;

use entente_core::{
    chart::{
        bound::BoundChart,
        lint::APPROVALS,
        step::{self, StepError},
    },
    event::{Body, Event, Outcome},
    ids::{InvokeId, RunId, effect_token},
    ledger::{Account, Posting, PostingAction, Standing, judge},
    money::{Currency, Money},
    run::{Command, Decision, Snapshot},
    scope::Scope,
};
use entente_store::{BalanceFilter, Intent, Message, Store};
use jiff::Timestamp;
use serde::Serialize;
use serde_json::Value;

use super::{
    decide::code,
    definitions::{Definitions, Unusable},
};
use crate::{
    activities::{Activities, Attempt, Call},
    world::World,
};

/// The most steps that are foreseen: what looks again and again ends here.
const STEPS_MOST: usize = 16;

/// What is decided by.
pub struct Rehearsal<'a> {
    /// The database: it is only read.
    pub store: &'a dyn Store,
    /// The charts.
    pub definitions: &'a Definitions,
    /// What charts may invoke.
    pub activities: &'a Activities,
    /// Policy and calendars in force.
    pub world: &'a World,
    /// Business time.
    pub now: Timestamp,
}

/// What would come of it.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Foreseen {
    /// The state that the run is in.
    pub from: String,
    /// The state that it would come to.
    pub state: String,
    /// Every step on the way.
    pub steps: Vec<Foreseeable>,
    /// What would be booked.
    pub journals: Vec<Booking>,
    /// What other runs would be told.
    pub messages: Vec<Told>,
    /// Who would be asked.
    pub asks: Vec<Asked>,
    /// The notices that would go out.
    pub notices: Vec<String>,
    /// What would be performed next, and is not: it may write, or tell somebody.
    pub performs: Vec<String>,
}

/// A step that would be made.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Foreseeable {
    /// What happens.
    pub what: String,
    /// The state after it.
    pub state: String,
}

/// A journal that would be booked.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Booking {
    /// The fund.
    pub fund: String,
    /// What is done.
    pub movement: PostingAction,
    /// How much is moved.
    pub amount: Money,
    /// The account that it leaves.
    pub from: Account,
    /// The account that it reaches.
    pub to: Account,
    /// What the money is for.
    pub key: String,
}

/// What another run would be told.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Told {
    /// Its label.
    pub to: String,
    /// The event.
    pub event: String,
}

/// Who would be asked for something.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Asked {
    /// The role whose holders are asked.
    pub role: String,
    /// For what.
    pub title: String,
}

/// Why nothing would come of it.
#[derive(Debug, thiserror::Error)]
pub enum Unforeseen {
    /// It would be refused.
    #[error("{reason}")]
    Refused {
        /// The stable code of the refusal.
        code: &'static str,
        /// Why.
        reason: String,
    },
    /// The run's chart cannot be used here.
    #[error(transparent)]
    Unusable(#[from] Unusable),
    /// The database could not be read.
    #[error(transparent)]
    Store(#[from] entente_store::Error),
}

/// The run, and what was foreseen of it so far.
struct Stage {
    snapshot: Snapshot,
    foreseen: Foreseen,
    books: Books,
}

/// What stands in the funds that are touched, as far as it was read.
#[derive(Debug, Clone, Default)]
struct Books(BTreeMap<String, BTreeMap<Place, i64>>);

/// An account of a fund, and what it is for there.
type Place = (Currency, Account, String);

impl Rehearsal<'_> {
    /// What these messages would do to the run that they are for, one after the other.
    ///
    /// # Errors
    /// When one would be refused, the run does not exist, or the database cannot be read.
    pub async fn of(&self, run: RunId, messages: &[Message]) -> Result<Foreseen, Unforeseen> {
        let row = self.store.run(&Scope::vendor(), run).await?;
        let row = row.ok_or_else(|| entente_store::Error::NotFound { kind: "run", id: run.to_string() })?;
        let bound = self.definitions.bound(&row.snapshot.chart).await?;
        let mut stage = Stage::of(row.snapshot);
        for message in messages {
            self.play(&bound, &mut stage, message.event.clone()).await?;
        }
        Ok(stage.foreseen)
    }

    /// One message, and what it leads to as long as that only looks.
    async fn play(&self, bound: &BoundChart, stage: &mut Stage, event: Event) -> Result<(), Unforeseen> {
        let mut next = Some(event);
        while let Some(event) = next.take() {
            let decision = self.step(bound, stage, &event).await?;
            self.tell(&mut stage.foreseen, &decision).await?;
            stage.snapshot = decision.snapshot.clone();
            if stage.foreseen.steps.len() < STEPS_MOST {
                next = self.look(stage, &decision).await;
            }
        }
        Ok(())
    }

    /// A step, or the way that the chart has for a step that the ledger refuses.
    async fn step(&self, bound: &BoundChart, stage: &mut Stage, event: &Event) -> Result<Decision, Unforeseen> {
        let decision = self.decide(bound, &stage.snapshot, event)?;
        let Err(reason) = self.book(stage, &decision).await? else {
            stage.step(event, &decision);
            return Ok(decision);
        };
        let body = Body::LedgerRefused { reason: reason.clone(), cause: event.name().into() };
        let (id, actor) = (format!("{}/{}", event.source, event.id), event.actor.clone());
        let refused = Event { source: "ledger".into(), id, actor, body };
        let not_booked = |reason: String| Unforeseen::Refused { code: "ledger_refused", reason };
        let way = self.decide(bound, &stage.snapshot, &refused).map_err(|_| not_booked(reason))?;
        if let Err(again) = self.book(stage, &way).await? {
            return Err(not_booked(again));
        }
        stage.step(&refused, &way);
        Ok(way)
    }

    fn decide(&self, bound: &BoundChart, snapshot: &Snapshot, event: &Event) -> Result<Decision, Unforeseen> {
        let policy = self.world.policies.of(&bound.chart.name);
        let world = step::World { policy, calendars: &self.world.calendars };
        let refused = |error: StepError| Unforeseen::Refused { code: code(&error), reason: error.to_string() };
        step::step(bound, &world, snapshot, event, self.now).map_err(refused)
    }

    /// Books what a step books, all of it or nothing; the inner error says why not.
    async fn book(&self, stage: &mut Stage, decision: &Decision) -> Result<Result<(), String>, Unforeseen> {
        let (mut books, mut journals) = (stage.books.clone(), Vec::new());
        for command in &decision.record.commands {
            let Command::Post { posting } = command else { continue };
            books.read(self.store, &posting.fund).await?;
            match books.book(posting) {
                Ok(journal) => journals.push(journal),
                Err(refusal) => return Ok(Err(refusal)),
            }
        }
        stage.books = books;
        stage.foreseen.journals.extend(journals);
        Ok(Ok(()))
    }

    /// Notes what a step would tell, whom it would ask, and what it would have performed.
    async fn tell(&self, foreseen: &mut Foreseen, decision: &Decision) -> Result<(), Unforeseen> {
        foreseen.performs.clear();
        for command in &decision.record.commands {
            match command {
                Command::Send { to, body } => {
                    let row = self.store.run(&Scope::vendor(), *to).await?;
                    let label = row.map_or_else(|| to.to_string(), |row| row.snapshot.label);
                    let event = match body {
                        Body::Named { name, .. } => name.clone(),
                        _ => "a result".to_owned(),
                    };
                    foreseen.messages.push(Told { to: label, event });
                }
                Command::Start { chart, .. } => {
                    foreseen.messages.push(Told { to: format!("a new run of `{chart}`"), event: "started".into() });
                }
                Command::Ask { task } => {
                    foreseen.asks.push(Asked { role: task.role.to_string(), title: task.title.clone() });
                }
                Command::Notify { notice, .. } => foreseen.notices.push(notice.clone()),
                Command::Invoke { activity, .. } if activity != APPROVALS => foreseen.performs.push(activity.clone()),
                _ => {}
            }
        }
        Ok(())
    }

    /// What comes of the one thing that is to be performed, where that only looks.
    async fn look(&self, stage: &mut Stage, decision: &Decision) -> Option<Event> {
        let invokes = decision.record.commands.iter().filter_map(|command| match command {
            Command::Invoke { invoke, activity, request } if activity != APPROVALS => {
                Some((*invoke, activity, request))
            }
            _ => None,
        });
        let [(invoke, name, request)] = <[_; 1]>::try_from(invokes.collect::<Vec<_>>()).ok()?;
        let activity = self.activities.get(name).filter(|activity| activity.only_looks())?;
        let outcome = match activity.perform(&self.call(&stage.snapshot, invoke, name, request)).await {
            Attempt::Done(output) => Outcome::Done { output },
            Attempt::Failed(failure) => Outcome::Failed(failure),
            _ => return None,
        };
        stage.foreseen.performs.clear();
        let body = Body::Result { invoke, outcome };
        Some(Event { source: "delivery".into(), id: invoke.to_string(), actor: None, body })
    }

    fn call(&self, snapshot: &Snapshot, invoke: InvokeId, activity: &str, request: &Value) -> Call {
        let hash = Intent::hash(request);
        Call {
            run: snapshot.run,
            label: snapshot.label.clone(),
            home: snapshot.home.clone(),
            invoke,
            request: request.clone(),
            token: effect_token(snapshot.run, invoke, activity, &hash),
            attempt: 1,
            first_sent_at: None,
            notes: Value::Null,
            now: self.now,
        }
    }
}

impl Stage {
    fn of(snapshot: Snapshot) -> Stage {
        let state = snapshot.state.clone();
        let foreseen = Foreseen {
            from: state.clone(),
            state,
            steps: Vec::new(),
            journals: Vec::new(),
            messages: Vec::new(),
            asks: Vec::new(),
            notices: Vec::new(),
            performs: Vec::new(),
        };
        Stage { snapshot, foreseen, books: Books::default() }
    }

    fn step(&mut self, event: &Event, decision: &Decision) {
        let state = decision.snapshot.state.clone();
        let what = match &event.body {
            Body::Result { invoke, outcome } => {
                let known = self.snapshot.invokes.get(invoke).map(|open| open.activity.clone()).unwrap_or_default();
                match outcome {
                    Outcome::Done { .. } => format!("{known} done"),
                    Outcome::Failed(failure) => format!("{known} refuses: {}", failure.message),
                }
            }
            Body::LedgerRefused { reason, .. } => format!("the ledger refuses: {reason}"),
            _ => event.name().to_owned(),
        };
        self.foreseen.steps.push(Foreseeable { what, state: state.clone() });
        self.foreseen.state = state;
    }
}

impl Books {
    async fn read(&mut self, store: &dyn Store, fund: &str) -> Result<(), entente_store::Error> {
        if self.0.contains_key(fund) {
            return Ok(());
        }
        let filter = BalanceFilter { fund: Some(fund.to_owned()), currency: None, as_of: None, by_key: true };
        let stands = store.balances(&Scope::vendor(), &filter).await?;
        let stands = stands.into_iter().map(|at| ((at.currency, at.account, at.key), at.minor)).collect();
        self.0.insert(fund.to_owned(), stands);
        Ok(())
    }

    fn book(&mut self, posting: &Posting) -> Result<Booking, String> {
        let stands = self.0.entry(posting.fund.clone()).or_default();
        let currency = posting.amount.currency;
        let place = |(account, key): (Account, &str)| -> Place { (currency, account, key.to_owned()) };
        let (source, target) = (place(posting.source()), place(posting.target()));
        let at = |place: &Place| stands.get(place).copied().unwrap_or(0);
        let moved = judge(posting, Standing { source: at(&source), target: at(&target) });
        let moved = moved.map_err(|refusal| refusal.to_string())?;
        let (from, to) = (source.1, target.1);
        *stands.entry(source).or_default() -= moved;
        *stands.entry(target).or_default() += moved;
        let amount = Money { minor: moved, currency };
        let key = posting.to.clone().unwrap_or_else(|| posting.key.clone());
        Ok(Booking { fund: posting.fund.clone(), movement: posting.action, amount, from, to, key })
    }
}
