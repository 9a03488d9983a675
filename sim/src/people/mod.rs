//! People: they start runs, push them on, change their minds, repeat themselves, and settle what the engine cannot know.

mod deals;
mod jobs;
mod partner;

use std::{
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use entente::runner::Answer;
use entente_core::{
    event::{Actor, Body, Event, FailureClass, Resolution},
    ids::RunId,
    people::People,
    run::{Incident, IncidentCode},
    scope::{Home, Scope},
};
use entente_store::{Appended, Error, Message, RunRow, Start, Store, Verdict};
use serde_json::{Value, json};
use uuid::Uuid;

use crate::{draw::Draw, ground::Ground, market::Market, play::House, process::Process, store::Database};

/// Under this name people send.
const SOURCE: &str = "people";

/// An operator waits so long before he believes what he sees at the marketplace: something may still be on its way there.
const BELIEF: Duration = Duration::from_secs(240);

/// The people of one simulation.
#[derive(Clone)]
pub struct Party {
    ground: Arc<Ground>,
    door: Arc<dyn Store>,
    database: Arc<Database>,
    market: Arc<Market>,
    runners: Vec<Arc<Process>>,
    busy: Arc<AtomicUsize>,
    staff: Arc<People>,
}

impl Party {
    /// The people of this house.
    pub fn of(house: &House) -> Party {
        Party {
            ground: house.ground.clone(),
            door: house.door(),
            database: house.database.clone(),
            market: house.market.clone(),
            runners: house.runners.clone(),
            busy: house.busy.clone(),
            staff: house.staff.clone(),
        }
    }

    /// Everybody comes, and does what he came for.
    pub fn arrive(&self) {
        for n in 0..self.ground.mix.runs {
            let (person, mut draw) = (self.clone(), Draw::new(self.ground.seed, &format!("person {n}")));
            self.busy.fetch_add(1, Ordering::SeqCst);
            tokio::spawn(async move {
                let label = format!("S-{n:02}");
                person.live(&mut draw, &label, i64::try_from(n).unwrap_or(0)).await;
                person.busy.fetch_sub(1, Ordering::SeqCst);
            });
        }
        for n in 0..self.ground.mix.deals {
            let person = self.clone();
            self.busy.fetch_add(1, Ordering::SeqCst);
            tokio::spawn(async move {
                let busy = person.busy.clone();
                person.deal(n).await;
                busy.fetch_sub(1, Ordering::SeqCst);
            });
        }
        if self.ground.mix.partner {
            tokio::spawn(self.clone().pry());
        }
        if self.ground.mix.jobs {
            tokio::spawn(self.clone().meddle());
        }
        tokio::spawn(self.clone().operate());
    }

    /// One person with one run of his own.
    async fn live(&self, draw: &mut Draw, label: &str, n: i64) {
        let run = self.new_run(draw);
        let stormy = u64::try_from(self.ground.mix.stormy.as_millis()).unwrap_or(0);
        let rush = self.ground.mix.rush;
        let arrives = match rush {
            true if n == 0 => Duration::ZERO,
            true => Duration::from_secs(12),
            false => draw.millis(0, stormy / 2),
        };
        tokio::time::sleep(arrives).await;
        match (n, draw.below(5)) {
            (0, _) | (_, 4) => self.claim(draw, run, label, n).await,
            _ if rush => self.claim(draw, run, label, n).await,
            (_, 0) => {
                self.start(draw, run, "sim_effects", label, json!({ "n": n })).await;
            }
            (_, 1 | 2) => self.signal(draw, run, label, n).await,
            _ => self.family(draw, run, label, n).await,
        }
    }

    /// A run that lies, with its children, in the half of the shards that every fleet covers even where the others do not exist.
    fn new_run(&self, draw: &mut Draw) -> RunId {
        loop {
            let run = RunId(Uuid::from_u64_pair(draw.number(), draw.number()));
            let family = [run, run.child(1, 0), run.child(1, 1)];
            if family.iter().all(|run| run.shard().0 < 128) {
                family.into_iter().for_each(|run| self.database.expect_run(run));
                return run;
            }
        }
    }

    async fn signal(&self, draw: &mut Draw, run: RunId, label: &str, n: i64) {
        self.start(draw, run, "sim_signal", label, json!({ "n": n })).await;
        for k in 0..draw.below(4) {
            tokio::time::sleep(draw.millis(0, 60_000)).await;
            let word = draw.one_of("go", &["note", "note", "go", "cancel"]);
            self.say(draw, run, &format!("{label}/{k}"), word, json!({})).await;
        }
    }

    async fn family(&self, draw: &mut Draw, run: RunId, label: &str, n: i64) {
        self.start(draw, run, "sim_parent", label, json!({ "n": n })).await;
        for k in 0..draw.below(4) {
            tokio::time::sleep(draw.millis(0, 40_000)).await;
            let child = run.child(1, u32::try_from(draw.below(2)).unwrap_or(0));
            let (to, word) = match draw.below(6) {
                0 => (run, "cancel"),
                1 => (child, "stop"),
                2 => (child, "cancel"),
                _ => (child, "go"),
            };
            self.say(draw, to, &format!("{label}/{k}"), word, json!({})).await;
        }
    }

    /// The first one fills the fund; the others compete for what is in it.
    async fn claim(&self, draw: &mut Draw, run: RunId, label: &str, n: i64) {
        let input = json!({ "n": n, "amount": if n == 0 { draw.one_of(150, &[250]) } else { 100 }, "key": label });
        self.start(draw, run, "sim_claim", label, input).await;
        if n == 0 {
            self.say(draw, run, &format!("{label}/fill"), "add", json!({})).await;
            return;
        }
        for (k, word) in ["go", draw.one_of("add", &["stop", "note"])].into_iter().enumerate() {
            let longest = if self.ground.mix.rush { 20 } else { 20_000 };
            tokio::time::sleep(draw.millis(0, longest)).await;
            self.say(draw, run, &format!("{label}/{k}"), word, json!({})).await;
        }
    }

    async fn start(&self, draw: &mut Draw, run: RunId, chart: &str, label: &str, input: Value) -> Verdict {
        let home = self.home_of(input["n"].as_u64().unwrap_or(0));
        self.begin_as(draw, run, chart, label, None, Body::Started { input }, home).await
    }

    #[expect(clippy::too_many_arguments, reason = "a start says all of this")]
    async fn begin_as(
        &self,
        draw: &mut Draw,
        run: RunId,
        chart: &str,
        label: &str,
        actor: Option<Actor>,
        body: Body,
        home: Home,
    ) -> Verdict {
        let start = Start { chart: chart.into(), version: None, label: label.into(), home, parent: None };
        let mut message = Message { start: Some(start), ..self.message(run, &format!("{label}/start"), body) };
        message.event.actor = actor;
        self.tell(draw, message).await
    }

    /// A person acts, upon what he saw.
    async fn act(
        &self,
        draw: &mut Draw,
        run: RunId,
        key: &str,
        actor: Option<Actor>,
        body: Body,
        expect_revision: Option<String>,
    ) -> Verdict {
        let mut message = Message { expect_revision, ..self.message(run, key, body) };
        message.event.actor = actor;
        self.tell(draw, message).await
    }

    async fn say(&self, draw: &mut Draw, run: RunId, key: &str, word: &str, data: Value) -> Verdict {
        let message = self.message(run, key, Body::Named { name: word.into(), data });
        self.tell(draw, message).await
    }

    fn message(&self, run: RunId, key: &str, body: Body) -> Message {
        let event = Event { source: SOURCE.into(), id: key.into(), actor: None, body };
        Message { run, event, start: None, expect_seq: None, expect_revision: None, at: self.ground.now() }
    }

    /// Sends a message until its verdict is known, always under the same key. Afterwards some ask again, some of them for
    /// something else.
    async fn tell(&self, draw: &mut Draw, message: Message) -> Verdict {
        let verdict = loop {
            if let Some(verdict) = self.once(draw, &message).await {
                break verdict;
            }
            tokio::time::sleep(draw.millis(200, 5_000)).await;
        };
        self.ground.line("people", "verdict", format_args!("{}: {verdict:?}", message.event.id));
        if draw.chance(2000)
            && let Some(again) = self.once(draw, &message).await
            && again != verdict
        {
            let key = &message.event.id;
            self.ground.violated("same key, same verdict", format!("{key}: first {verdict:?}, then {again:?}"));
        }
        if draw.chance(500) {
            self.misuse(&message).await;
        }
        verdict
    }

    /// One attempt, through the door or through one of the engines.
    async fn once(&self, draw: &mut Draw, message: &Message) -> Option<Verdict> {
        let at = usize::try_from(draw.below(self.runners.len() as u64 + 1)).unwrap_or(0);
        let engine = self.runners.get(at).and_then(|runner| runner.engine());
        let answer = async {
            match engine {
                Some(engine) => match engine.submit(message.clone(), Duration::from_secs(3)).await.ok()? {
                    Answer::Decided(verdict) => Some(verdict),
                    Answer::Stored { .. } => None,
                },
                None => match self.door.append(&Scope::vendor(), vec![message.clone()]).await.ok()?.pop()? {
                    Appended::Again { verdict, .. } => verdict,
                    Appended::New(_) | Appended::KeyReused => None,
                },
            }
        };
        tokio::time::timeout(Duration::from_secs(20), answer).await.ok().flatten()
    }

    /// Another body under a used key is refused.
    async fn misuse(&self, message: &Message) {
        let event = Event { body: Body::Named { name: "misuse".into(), data: json!({}) }, ..message.event.clone() };
        let other = Message { event, start: None, ..message.clone() };
        let came = self.door.append(&Scope::vendor(), vec![other]).await;
        let taken = match &came {
            Ok(appended) => appended.iter().any(|appended| *appended != Appended::KeyReused),
            Err(Error::KeyReused { .. }) => false,
            Err(_) => false,
        };
        if taken {
            self.ground.violated("key reused", format!("{} was taken with another body: {came:?}", message.event.id));
        }
    }

    /// Settles incidents, by what the marketplace shows.
    async fn operate(self) {
        let mut draw = Draw::new(self.ground.seed, "operator");
        loop {
            tokio::time::sleep(draw.millis(5_000, 20_000)).await;
            let parked: Vec<(RunRow, Incident)> = self.database.model.examine(|tables| {
                tables.runs().filter_map(|row| Some((row.clone(), row.snapshot.incident.clone()?))).collect()
            });
            for (row, incident) in parked {
                let age = self.ground.now().duration_since(incident.since);
                if age < jiff::SignedDuration::try_from(BELIEF + self.ground.mix.skew).unwrap_or_default() {
                    continue;
                }
                let decision = self.judge(&mut draw, row.snapshot.run, &incident);
                let key = format!("{}/settle/{}", row.snapshot.label, row.snapshot.seq);
                let body = Body::Resolve { decision, reason: "looked at the marketplace".into() };
                let mut message = self.message(row.snapshot.run, &key, body);
                message.event.actor = Some(Actor {
                    person: "olga".parse().unwrap_or_else(|_| unreachable!("a name of letters")),
                    roles: Vec::new(),
                    on_behalf_of: None,
                });
                self.tell(&mut draw, message).await;
            }
        }
    }

    fn judge(&self, draw: &mut Draw, run: RunId, incident: &Incident) -> Resolution {
        let Some(invoke) = incident.invoke else { return Resolution::Resume };
        let happened = self.market.applied(run, invoke) > 0;
        match incident.code {
            IncidentCode::Unhandled | IncidentCode::GuardFailed | IncidentCode::Poison => Resolution::Resume,
            _ if happened => Resolution::Happened { output: Value::Null },
            _ if draw.chance(5000) => Resolution::Retry,
            _ => Resolution::DidNotHappen { class: FailureClass::Rejected },
        }
    }
}

/// Where all runs belong.
pub fn home() -> Home {
    Home {
        legal_entity: "acme-us".parse().unwrap_or_else(|_| unreachable!("an id of letters")),
        party: "acme".parse().unwrap_or_else(|_| unreachable!("an id of letters")),
    }
}
