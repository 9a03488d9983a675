//! One round: ten offers on their way to agreements, a misbehaving marketplace, and so many kills.

use std::time::Duration;

use entente_core::{event::Resolution, ids::RunId};
use entente_store::RunRow;
use serde_json::{Value, json};

use super::kills::Killer;
use crate::{
    draw::Draw,
    house::{
        House,
        sandbox::Sandbox,
        selling::{connected, submitted},
        server::HANG,
    },
};

/// Kills in one round, at most.
pub const KILLS_MAX: u64 = 30;

const OFFERS: u32 = 10;

/// After so many kills the marketplace begins to misbehave anew.
const CALM_AFTER: u64 = 10;

/// Agreements are looked for every minute of business time, which passes twenty times as fast as the clock on the wall.
const LOOK_OFTEN: &str = "jobs:\n  observe: { cron: '* * * * *' }";

/// What goes wrong with writes, by the sandbox's names.
const WRITES: [&str; 7] =
    ["lose_answer", "drop_request", "throttle", "unavailable", "resource_in_use", "truncated_json", "internal_error"];

/// What goes wrong with questions.
const READS: [&str; 4] = ["throttle", "unavailable", "lose_answer", "garbage_html"];

/// A round.
#[derive(Debug, Clone, Copy)]
pub struct Round {
    /// Everything that is drawn in it follows from this.
    pub seed: u64,
    /// How often a process is killed.
    pub kills: u64,
}

/// What the round is played on.
struct Stage {
    sandbox: Sandbox,
    house: House,
    runs: Vec<RunId>,
}

impl Round {
    /// Runs it; how many kills were borne.
    pub async fn run(self) -> u64 {
        println!("{}", self.again());
        let mut draw = Draw::of(self.seed);
        let stage = Stage::set().await;
        let mut killer = Killer::new(&stage.house);
        for kill in 0..self.kills {
            if kill % CALM_AFTER == 0 {
                stage.misbehave(&mut draw).await;
            }
            killer.kill_one(&mut draw, async || stage.attend().await).await;
        }
        let processes = killer.survivors().await;
        self.settle(&stage).await;
        for process in processes {
            process.stop().await;
        }
        self.judge(&stage).await;
        self.kills
    }

    /// How this round is played again, alone.
    fn again(self) -> String {
        format!("round: ENTENTE_TORTURE_KILLS={} ENTENTE_TORTURE_ROUND={}", self.kills, self.seed)
    }

    /// After the last kill, every offer is sold and its agreement known.
    async fn settle(self, stage: &Stage) {
        let sold = async {
            while stage.rows().await.iter().any(|row| agreements(row).is_empty()) {
                stage.attend().await;
                tokio::time::sleep(Duration::from_millis(100)).await;
            }
        };
        if tokio::time::timeout(2 * HANG, sold).await.is_err() {
            let rows = stage.rows().await;
            let still = rows.iter().find(|row| agreements(row).is_empty()).expect("one stands still");
            panic!("{}\nit stands still: {}\n{}", self.again(), stage.told(still).await, stage.house.logs());
        }
    }

    /// Each offer was made once, stands there under the id that its run knows, and was sold once; history makes what is stored.
    async fn judge(self, stage: &Stage) {
        let (mut known, mut bought) = (Vec::new(), Vec::new());
        for row in stage.rows().await {
            let effects = stage.sandbox.applied(&row.snapshot.label).await;
            if effects.len() != 1 {
                let told = stage.told(&row).await;
                panic!("{}\napplied {} times: {effects:#?}\n{told}", self.again(), effects.len());
            }
            known.push(row.snapshot.context["remote"]["offer_id"].clone());
            bought.extend(agreements(&row));
        }
        let offers = stage.sandbox.offers().await.into_iter().map(|offer| offer["offer_id"].clone()).collect();
        assert_eq!(sorted(known), sorted(offers), "{}: offers that the runs know, and those that stand", self.again());
        let agreements = stage.sandbox.agreements().await.into_iter().map(|one| one["id"].clone()).collect();
        assert_eq!(
            sorted(bought),
            sorted(agreements),
            "{}: agreements of the runs, and those that stand",
            self.again()
        );
        stage.house.verify().await;
    }
}

impl Stage {
    /// Ten offers that were asked for, and nobody yet who works on them.
    async fn set() -> Stage {
        let sandbox = Sandbox::at_rate("20").await;
        let house = connected(&sandbox, LOOK_OFTEN).await;
        let mut runs = Vec::new();
        for number in 0..OFFERS {
            runs.push(submitted(&sandbox, &house, &format!("S-{number}")).await);
        }
        Stage { sandbox, house, runs }
    }

    async fn rows(&self) -> Vec<RunRow> {
        let mut rows = Vec::new();
        for run in &self.runs {
            rows.extend(self.house.find(*run).await);
        }
        rows
    }

    /// What people do meanwhile: they vote where they are asked, have tried again what was given up, and buy what is offered.
    async fn attend(&self) {
        for row in self.rows().await {
            let (run, snapshot) = (row.snapshot.run, &row.snapshot);
            if snapshot.approvals.is_some() {
                self.house.approve(run).await;
            }
            if snapshot.incident.is_some() {
                self.house.settle(run, &format!("retry/{run}/{}", snapshot.seq), Resolution::Retry).await;
            }
            if snapshot.tags.iter().any(|tag| tag == "awaiting_buyer") {
                self.buy(snapshot.context["remote"]["offer_id"].as_str()).await;
            }
        }
    }

    /// The buyer accepts an offer, once.
    async fn buy(&self, offer: Option<&str>) {
        let Some(offer) = offer else { return };
        let sold = self.sandbox.agreements().await.iter().any(|agreement| agreement["offer_id"] == offer);
        if !sold {
            self.sandbox.accept(offer).await;
        }
    }

    /// Things that go wrong, a few times each, in a drawn order.
    async fn misbehave(&self, draw: &mut Draw) {
        let (mut writes, mut reads) = (WRITES, READS);
        draw.shuffle(&mut writes);
        draw.shuffle(&mut reads);
        self.sandbox.heal().await;
        for (skip, effect) in writes.iter().enumerate() {
            self.fault(json!({ "op": "StartChangeSet", "effect": effect, "skip": skip, "times": 2 })).await;
        }
        for (skip, effect) in reads.iter().enumerate() {
            self.fault(json!({ "op": "DescribeChangeSet", "effect": effect, "skip": skip * 3, "times": 2 })).await;
            self.fault(json!({ "op": "SearchAgreements", "effect": effect, "skip": skip, "times": 1 })).await;
        }
        self.fault(json!({ "op": "DescribeEntity", "effect": "unavailable", "skip": 2, "times": 2 })).await;
        self.fault(json!({ "op": "StartChangeSet", "effect": "hide_change_sets", "for": "PT30S" })).await;
    }

    async fn fault(&self, fault: Value) {
        self.sandbox.fault(fault).await;
    }

    /// What is known of a run that did not come out right: where it stands, its last steps and what it sent.
    async fn told(&self, row: &RunRow) -> String {
        let snapshot = &row.snapshot;
        let history = self.house.history(snapshot.run).await;
        let steps: Vec<Value> = history
            .iter()
            .rev()
            .take(4)
            .map(|record| json!({ "seq": record.seq, "from": record.from, "to": record.to, "event": record.event }))
            .collect();
        let sent: Vec<String> = self
            .house
            .intents(snapshot.run)
            .await
            .iter()
            .map(|intent| format!("{} attempts {} {:?}", intent.intent.activity, intent.attempts, intent.status))
            .collect();
        format!(
            "{} in `{}` at step {}, incident {:?}\nlast steps, newest first: {}\nsent: {sent:#?}",
            snapshot.label,
            snapshot.state,
            snapshot.seq,
            snapshot.incident,
            Value::from(steps)
        )
    }
}

/// The agreements that the run knows of.
fn agreements(row: &RunRow) -> Vec<Value> {
    let known = row.snapshot.context["agreements"].as_object();
    known.into_iter().flatten().map(|(id, _)| Value::from(id.as_str())).collect()
}

fn sorted(mut ids: Vec<Value>) -> Vec<Value> {
    ids.sort_by_key(Value::to_string);
    ids
}
