//! The activities of the simulated charts: each call passes through the life of its process.

use std::{sync::Arc, time::Duration};

use async_trait::async_trait;
use entente::activities::{Activities, Activity, Attempt, Call, Nature, Recovered, Route};
use entente_core::{event::Failure, scope::Home};
use entente_store::RecoveryClass;
use jiff::SignedDuration;
use serde_json::Value;

use crate::{
    deal::PUBLISH,
    laws::Laws,
    market::{self, Kind, Market, TOKEN_WINDOW},
    process::Life,
};

/// The activities that reach the marketplace, by the names that charts use.
pub const REMOTE: [(&str, Kind); 8] = [
    ("sim.token", Kind::Token),
    ("sim.key", Kind::Key),
    ("sim.launch", Kind::Launch),
    ("sim.state", Kind::State),
    ("sim.hand", Kind::Hand),
    ("sim.notice", Kind::Notice),
    ("sim.undo", Kind::Key),
    (PUBLISH, Kind::Launch),
];

/// The activity that stays inside the process.
pub const LOCAL: &str = "sim.local";

/// All activities of one life of a process; what it performs by itself is told to the laws.
pub fn activities(market: &Arc<Market>, life: &Arc<Life>, laws: Option<&Arc<Laws>>) -> Activities {
    let local = Activities::default().with(Local { life: life.clone(), laws: laws.cloned() });
    REMOTE.into_iter().fold(local, |all, (name, kind)| {
        let (market, life, laws) = (market.clone(), life.clone(), laws.cloned());
        all.with(Remote { name, kind, market, life, laws })
    })
}

/// How much longer than the life of a lease a call may be on its way to the marketplace.
const CALL_MAX: Duration = Duration::from_secs(5);

struct Remote {
    name: &'static str,
    kind: Kind,
    market: Arc<Market>,
    life: Arc<Life>,
    laws: Option<Arc<Laws>>,
}

impl Remote {
    /// On the way to the marketplace, or back.
    async fn travel(&self, what: &str) {
        let ground = &self.life.process.ground;
        self.life.pass(ground.mix.slowest).await;
        if ground.strikes(ground.mix.store.crash * 4) {
            self.life.die(what).await;
        }
        if ground.strikes(ground.mix.store.crawl * 4) {
            tokio::time::sleep(ground.mix.lease_ttl + Duration::from_secs(2)).await;
            self.life.stand().await;
        }
    }
}

#[async_trait]
impl Activity for Remote {
    fn name(&self) -> &'static str {
        self.name
    }

    fn nature(&self) -> Nature {
        Nature { irreversible: self.kind == Kind::Launch, ..Nature::default() }
    }

    fn route(&self, _: &Home, request: &Value) -> Result<Route, Failure> {
        let class = match self.kind {
            Kind::Token => RecoveryClass::TokenDedup,
            Kind::Key | Kind::Launch => RecoveryClass::NaturalKey,
            Kind::State => RecoveryClass::ReadBack,
            Kind::Hand => RecoveryClass::Manual,
            Kind::Notice => RecoveryClass::Notice,
        };
        let number = request["n"].as_i64().unwrap_or(0);
        let name = if number % 2 == 0 { "sim/even" } else { "sim/odd" };
        let account = name.parse().map_err(|error: entente_core::ids::InvalidId| refused(&error.to_string()))?;
        let entity = (number % 3 == 0).then(|| format!("object/{number}"));
        Ok(Route::Account { account, entity, class })
    }

    async fn perform(&self, call: &Call) -> Attempt {
        let begun = tokio::time::Instant::now();
        self.travel("on the way to the marketplace").await;
        // As a client's own time-out ends it, before a process that was frozen sends what it had prepared.
        if begun.elapsed() > self.life.process.ground.mix.lease_ttl + CALL_MAX {
            return market::unknown("the time for the call was up before it was sent");
        }
        if let Some(laws) = self.laws.as_ref().filter(|_| self.name == PUBLISH) {
            laws.publishes(call);
        }
        let answer = self.market.perform(&self.life.process.name, self.kind, call);
        self.travel("on the way back from the marketplace").await;
        answer
    }

    fn token_honoured(&self, call: &Call) -> bool {
        let window = SignedDuration::try_from(TOKEN_WINDOW).unwrap_or_default();
        self.kind == Kind::Token && call.first_sent_at.is_some_and(|sent| call.now.duration_since(sent) < window)
    }

    async fn recover(&self, call: &Call) -> Recovered {
        self.travel("on the way to a search").await;
        let found = self.market.search(&self.life.process.name, self.kind, call);
        self.travel("on the way back from a search").await;
        found
    }
}

struct Local {
    life: Arc<Life>,
    laws: Option<Arc<Laws>>,
}

#[async_trait]
impl Activity for Local {
    fn name(&self) -> &'static str {
        LOCAL
    }

    async fn perform(&self, call: &Call) -> Attempt {
        let ground = &self.life.process.ground;
        ground.line(&self.life.process.name, "performs", format_args!("{} {}", call.label, call.invoke));
        if let Some(laws) = &self.laws {
            laws.performs(&call.label, call.run, call.invoke);
        }
        self.life.pass(ground.mix.slowest).await;
        if ground.strikes(ground.mix.store.crash) {
            self.life.die("in local work").await;
        }
        Attempt::Done(Value::Null)
    }
}

fn refused(message: &str) -> Failure {
    let class = entente_core::event::FailureClass::Rejected;
    Failure { class, message: message.into(), field: None, code: None, evidence: Value::Null }
}
