//! The database as one process sees it: the model, behind calls that take time, fail, lose their answers and kill.

mod calls;

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use entente_core::ids::RunId;
use entente_store::{Error, LeaseKey, Leases as _, Result, Settlement, model::ModelStore};

use crate::{activity::REMOTE, ground::Ground, laws::Laws, market::Market, process::Life};

/// The database that all processes share.
pub struct Database {
    /// The tables.
    pub model: ModelStore,
    /// The laws that hold over them.
    pub laws: Arc<Laws>,
    market: Arc<Market>,
    ground: Arc<Ground>,
    writes: Mutex<Writes>,
}

#[derive(Default)]
struct Writes {
    by: BTreeMap<String, i64>,
    shards: BTreeSet<LeaseKey>,
    last: Duration,
}

impl Database {
    /// An empty database.
    pub fn new(ground: Arc<Ground>, laws: Arc<Laws>, market: Arc<Market>) -> Database {
        Database { model: ModelStore::new(), laws, market, ground, writes: Mutex::default() }
    }

    /// An intent was settled: the marketplace knows whether that is so.
    fn settled(&self, settlement: &Settlement) {
        let Settlement { run, invoke, outcome, .. } = settlement;
        let activity = self.model.examine(|tables| tables.intent(*run, *invoke).map(|row| row.intent.activity.clone()));
        let kind = activity.and_then(|name| REMOTE.into_iter().find(|(known, _)| *known == name));
        if let Some((_, kind)) = kind {
            self.market.settled(kind, *run, *invoke, outcome);
        }
    }

    fn wrote(&self, who: &str) {
        let mut writes = self.held();
        *writes.by.entry(who.to_owned()).or_default() += 1;
        writes.last = self.ground.elapsed();
    }

    /// The shard of a run exists from now on.
    pub fn expect_run(&self, run: RunId) {
        self.held().shards.insert(LeaseKey::shard(run.shard()));
    }

    /// Those of these leases that exist: all of accounts, members and jobs, and of shards those that have runs. In a crowd one
    /// of those may lie where everybody asks for others that do not exist; once it is quiet, all exist.
    fn existing(&self, keys: &[LeaseKey]) -> Vec<LeaseKey> {
        let held = self.held();
        let all = self.ground.mix.all_shards || self.ground.mix.runners >= CROWD && self.ground.is_quiet();
        let exists = |key: &&LeaseKey| all || !key.0.starts_with("shard/") || held.shards.contains(key);
        keys.iter().filter(exists).cloned().collect()
    }

    /// The shards of runs that nobody holds.
    pub async fn left_alone(&self) -> Vec<LeaseKey> {
        let leases = self.model.leases().await.unwrap_or_default();
        let is_held = |key: &LeaseKey| leases.iter().any(|lease| lease.key == *key && !lease.remaining.is_zero());
        self.held().shards.iter().filter(|key| !is_held(key)).cloned().collect()
    }

    fn held(&self) -> MutexGuard<'_, Writes> {
        self.writes.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// When somebody last wrote something that others may have to act on.
    pub fn last_news(&self) -> Duration {
        self.held().last
    }

    /// How often others have written.
    fn written_by_others(&self, who: &str) -> i64 {
        self.held().by.iter().filter(|(by, _)| *by != who).map(|(_, count)| *count).sum()
    }
}

/// Writes that no other process has to act on.
const QUIET: [&str; 10] = [
    "acquire",
    "renew",
    "release",
    "record_attempt",
    "claim",
    "finish",
    "advance",
    "pause",
    "set_setting",
    "add_notice",
];

/// So many processes ask for less than lies between them, when one of them holds most shards that exist.
const CROWD: usize = 3;

/// Writes under a lease.
const FENCED: [&str; 3] = ["commit", "record_attempt", "settle"];

/// A connection to the database, of one life of one process.
pub struct Connection {
    database: Arc<Database>,
    life: Arc<Life>,
    /// When its process asked for what it last heard of each of its leases.
    confirmed: Mutex<BTreeMap<LeaseKey, Duration>>,
}

impl Connection {
    /// Connects.
    pub fn new(database: Arc<Database>, life: Arc<Life>) -> Connection {
        Connection { database, life, confirmed: Mutex::default() }
    }

    /// The process hears that it holds these, for which it asked at this time.
    fn heard<'k>(&self, keys: impl IntoIterator<Item = &'k LeaseKey>, asked: Duration) {
        let (now, ttl) = (self.database.ground.elapsed(), self.database.ground.mix.lease_ttl);
        let mut confirmed = self.confirmed.lock().unwrap_or_else(PoisonError::into_inner);
        let mut lapsed = Vec::new();
        for key in keys {
            if confirmed.insert(key.clone(), asked).is_some_and(|before| now.saturating_sub(before) >= ttl) {
                lapsed.push(key.clone());
            }
        }
        drop(confirmed);
        self.database.laws.lapsed(&lapsed);
    }

    fn name(&self) -> &str {
        &self.life.process.name
    }

    fn model(&self) -> &ModelStore {
        &self.database.model
    }

    /// Before a call reaches the database.
    async fn before(&self, what: &'static str) -> Result<()> {
        let ground = &self.database.ground;
        let (mix, faults) = (&ground.mix, &ground.mix.store);
        self.life.pass(mix.slowest).await;
        if let Some(left) = self.life.process.cut_for() {
            // A call finds out after a while, at the latest once the line is mended.
            tokio::time::sleep(left.min(Duration::from_secs(5))).await;
            self.life.stand().await;
            return Err(Error::Busy("the database cannot be reached".into()));
        }
        if ground.strikes(faults.busy) {
            ground.line(self.name(), what, format_args!("refused: busy"));
            return Err(Error::Busy("told to be busy".into()));
        }
        // What is written under a lease that has run out meanwhile is what fences are for.
        let fenced = FENCED.contains(&what);
        if ground.strikes(if fenced { faults.crawl * 8 } else { faults.crawl }) {
            self.crawl(what, fenced).await;
        }
        if ground.strikes(faults.crash) {
            self.life.die(&format!("before `{what}`")).await;
        }
        self.model().set_lease_clock(ground.elapsed());
        Ok(())
    }

    /// Takes longer than a lease lives: the call alone, or its whole process, which then cannot renew what it holds.
    async fn crawl(&self, what: &'static str, fenced: bool) {
        let (ground, ttl) = (&self.database.ground, self.database.ground.mix.lease_ttl);
        ground.line(self.name(), what, format_args!("crawls"));
        if fenced && ground.draw(|draw| draw.chance(5000)) {
            self.life.process.freeze(ttl * ground.draw(|draw| draw.one_of(2, &[3])));
        } else {
            tokio::time::sleep(ttl + Duration::from_secs(2)).await;
        }
        self.life.stand().await;
    }

    /// After a look.
    async fn looked(&self, what: &'static str) {
        self.database.ground.glance(self.name(), what);
        self.life.pass(Duration::ZERO).await;
    }

    /// After a write: the laws are checked at once, then its answer is on its way.
    async fn wrote(&self, what: &'static str, detail: &str) -> Result<()> {
        let ground = &self.database.ground;
        ground.line(self.name(), what, format_args!("{detail}"));
        // Others are told of what they may have to act on; leases, attempts and the schedule are no news.
        if !QUIET.contains(&what) {
            self.database.wrote(self.name());
        }
        self.database.laws.after_write(&self.database.model);
        if ground.strikes(ground.mix.store.crash) {
            self.life.die(&format!("after `{what}`")).await;
        }
        let cut = self.life.process.cut_for();
        self.life.pass(ground.mix.slowest).await;
        if cut.is_some() || ground.strikes(ground.mix.store.lost_ack) {
            ground.line(self.name(), what, format_args!("its answer is lost"));
            return Err(Error::Database("the connection was lost while an answer was awaited".into()));
        }
        Ok(())
    }
}
