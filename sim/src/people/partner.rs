//! A partner: some runs are his, and he looks at, and reaches for, whatever he is let.

use std::collections::BTreeMap;

use entente_core::{
    event::{Body, Event},
    ids::RunId,
    ledger::{Posting, PostingAction},
    money::{Currency, Money},
    scope::{Home, Scope},
};
use entente_store::{Message, RunFilter, TaskFilter};
use serde_json::json;

use super::Party;
use crate::draw::Draw;

/// Everybody's runs: what the partner may know of is checked against this.
type Homes = BTreeMap<RunId, Home>;

impl Party {
    /// Where the run of the n-th person belongs.
    pub(super) fn home_of(&self, n: u64) -> Home {
        if self.ground.mix.partner && n % 2 == 1 { partner() } else { super::home() }
    }

    /// Asks for everything under the partner's scope until the simulation ends.
    pub(super) async fn pry(self) {
        let mut draw = Draw::new(self.ground.seed, "partner");
        let scope = Scope::party(partner().party);
        for k in 0u64.. {
            tokio::time::sleep(draw.millis(1_000, 12_000)).await;
            let homes: Homes = self
                .database
                .model
                .examine(|tables| tables.runs().map(|row| (row.snapshot.run, row.snapshot.home.clone())).collect());
            let at = usize::try_from(draw.below(homes.len() as u64)).unwrap_or(0);
            let Some((run, home)) = homes.iter().nth(at) else { continue };
            self.look_at(&scope, *run, home, draw.below(7)).await;
            if !scope.reaches(home) {
                self.reach_for(&scope, *run, k, draw.below(3)).await;
            }
        }
    }

    /// What he is shown of a run: all of it where it is his, nothing otherwise.
    async fn look_at(&self, scope: &Scope, run: RunId, home: &Home, what: u64) {
        let wanted = TaskFilter { run: Some(run), ..TaskFilter::default() };
        let shown: entente_store::Result<Vec<RunId>> = match what {
            0 => self.door.run(scope, run).await.map(|row| row.into_iter().map(|row| row.snapshot.run).collect()),
            1 => {
                let filter = RunFilter { limit: 1000, ..RunFilter::default() };
                self.door.runs(scope, &filter).await.map(|page| page.rows.iter().map(|row| row.snapshot.run).collect())
            }
            2 => self.door.history(scope, run, 0, 100).await.map(|rows| rows.iter().map(|row| row.run).collect()),
            3 => self.door.intents(scope, run).await.map(|rows| rows.iter().map(|row| row.run).collect()),
            4 => self.door.messages(scope, run).await.map(|rows| rows.iter().map(|row| row.message.run).collect()),
            5 => self.door.tasks(scope, &wanted).await.map(|rows| rows.iter().map(|row| row.run).collect()),
            _ => self.door.entries(scope, None, 0, 1000).await.map(|rows| rows.iter().map(|row| row.run).collect()),
        };
        let Ok(shown) = shown else { return };
        let known: Homes = self.database.model.examine(|tables| {
            let homes = tables.runs().map(|row| (row.snapshot.run, row.snapshot.home.clone()));
            homes.collect()
        });
        let foreign = shown.iter().find(|run| known.get(run).is_some_and(|home| !scope.reaches(home)));
        if let Some(run) = foreign {
            self.ground.violated("scope", format!("the partner is shown run {run} of somebody else (look {what})"));
        }
        // A run and its history never go away.
        if scope.reaches(home) && [0, 1, 2].contains(&what) && !shown.contains(&run) {
            self.ground.violated("scope", format!("the partner is not shown his own run {run} (look {what})"));
        }
    }

    /// What he tries to change of a run that is not his: nothing comes of it.
    async fn reach_for(&self, scope: &Scope, run: RunId, k: u64, how: u64) {
        let event = Event {
            source: "partner".into(),
            id: format!("reach/{k}"),
            actor: None,
            body: Body::Named { name: "cancel".into(), data: json!({}) },
        };
        let message =
            Message { run, event, start: None, expect_seq: None, expect_revision: None, at: self.ground.now() };
        let taken = match how {
            0 => self.door.append(scope, vec![message]).await.is_ok(),
            1 => {
                let tasks = self.database.model.examine(|tables| {
                    tables.tasks().filter(|row| row.run == run).map(|row| row.spec.key.clone()).collect::<Vec<_>>()
                });
                let key = tasks.first().map_or("approval/two_of_sales", String::as_str);
                self.door.assign(scope, run, key, Some("mallory"), None).await.unwrap_or(false)
            }
            _ => {
                let Ok(currency) = "USD".parse::<Currency>() else { return };
                let (amount, key) = (Money { minor: 1, currency }, format!("reach/{k}"));
                let posting = Posting { fund: "sim".into(), key, action: PostingAction::Allocate, amount, to: None };
                self.door.post(scope, run, &posting, self.ground.now()).await.is_ok()
            }
        };
        if taken {
            self.ground.violated("scope", format!("the partner changed run {run} of somebody else (way {how})"));
        }
    }
}

/// Where the partner's runs belong.
fn partner() -> Home {
    Home { party: "bolt".parse().unwrap_or_else(|_| unreachable!("an id of letters")), ..super::home() }
}
