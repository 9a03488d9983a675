//! Deals: somebody asks, others vote, all at the same time; some by mistake, too late, twice, or for a revision that is gone.

use std::time::Duration;

use entente_core::{
    chart::step::VOTE,
    event::{Actor, Body},
    ids::RunId,
    scope::Scope,
};
use entente_store::{RunRow, TaskFilter, TaskRow};
use serde_json::{Value, json};
use tokio::task::JoinSet;

use super::Party;
use crate::{
    deal::{DEAL, STANDARD},
    draw::Draw,
    staff::{STAFF, STAND_INS},
};

/// People who vote on one deal at the same time.
const VOTERS: u64 = 2;

impl Party {
    /// One deal, with everybody whom it concerns.
    pub(super) async fn deal(self, n: u64) {
        let seed = self.ground.seed;
        let (label, mut draw) = (format!("D-{n:02}"), Draw::new(seed, &format!("deal {n}")));
        let run = self.new_run(&mut draw);
        let stormy = u64::try_from(self.ground.mix.stormy.as_millis()).unwrap_or(0);
        tokio::time::sleep(draw.millis(0, stormy / 2)).await;
        let asks = draw.one_of("kim", &["ann", "cid"]);
        let price = draw.one_of(500, &[2000]);
        let terms = draw.one_of(STANDARD, &["own"]);
        let input = json!({ "n": n, "price": price, "terms": terms, "note": 0 });
        let begun = Body::Started { input };
        self.begin_as(&mut draw, run, DEAL, &label, self.acting(asks, None), begun, self.home_of(n)).await;
        let mut all = JoinSet::new();
        for voter in 0..VOTERS {
            let (party, draw) = (self.clone(), Draw::new(seed, &format!("deal {n} voter {voter}")));
            let label = label.clone();
            all.spawn(async move { party.vote_until_it_ends(draw, run, &format!("{label}/v{voter}")).await });
        }
        self.push_on(draw, run, &label, asks).await;
        while all.join_next().await.is_some() {}
    }

    /// Submits what is a draft, and sometimes changes it while others vote.
    async fn push_on(&self, mut draw: Draw, run: RunId, label: &str, asks: &str) {
        for k in 0.. {
            tokio::time::sleep(draw.millis(500, 15_000)).await;
            let Some(row) = self.read(run).await else { continue };
            if row.snapshot.ended {
                return;
            }
            let key = format!("{label}/{k}");
            let who = if draw.chance(1500) { draw.one_of("ben", &["fay", "lea"]) } else { asks };
            let (word, data) = match (row.snapshot.state.as_str(), draw.below(12)) {
                ("draft", _) => ("submit", Value::Null),
                (_, 0) if !self.ground.is_quiet() => ("cancel", Value::Null),
                (_, 1) => ("revise", json!({ "price": draw.one_of(400, &[600, 3000]) })),
                (_, 2) => ("revise", json!({ "terms": draw.one_of(STANDARD, &["own", "other"]) })),
                (_, 3) => ("revise", json!({ "note": draw.between(1, 9) })),
                _ => continue,
            };
            let body = Body::Named { name: word.into(), data };
            self.act(&mut draw, run, &key, self.acting(who, None), body, None).await;
        }
    }

    /// Looks at the open tasks of a deal and votes, until the deal has ended.
    async fn vote_until_it_ends(&self, mut draw: Draw, run: RunId, label: &str) {
        let mut seen: Option<String> = None;
        for k in 0.. {
            tokio::time::sleep(draw.millis(200, 6_000)).await;
            let filter =
                TaskFilter { run: Some(run), kind: Some("approval".into()), open_only: true, ..TaskFilter::default() };
            let tasks = self.door.tasks(&Scope::vendor(), &filter).await.unwrap_or_default();
            let at = usize::try_from(draw.below(tasks.len() as u64)).unwrap_or(0);
            let Some(task) = tasks.get(at) else {
                if self.read(run).await.is_some_and(|row| row.snapshot.ended) {
                    return;
                }
                continue;
            };
            let shown = task.spec.revision.clone().unwrap_or_default();
            let late = draw.chance(1000);
            let revision = seen.replace(shown.clone()).filter(|_| late).unwrap_or(shown);
            let Some(actor) = self.voter(&mut draw, task) else { continue };
            let verdict = draw.one_of("approve", &["approve"; 14]);
            let verdict = if draw.chance(700) { draw.one_of("reject", &["send_back", "send_back"]) } else { verdict };
            let mut data = json!({ "verdict": verdict, "revision": revision, "reason": "looked at" });
            if !draw.chance(3000) {
                data["row"] = task.spec.detail["row"].clone();
            }
            let expected = draw.chance(5000).then(|| revision.clone());
            let body = Body::Named { name: VOTE.into(), data };
            self.act(&mut draw, run, &format!("{label}/{k}"), Some(actor), body, expected).await;
        }
    }

    /// Mostly somebody whose task it is, in his own name or on behalf of another; sometimes just anybody.
    fn voter(&self, draw: &mut Draw, task: &TaskRow) -> Option<Actor> {
        let role = task.spec.role.to_string();
        let anybody = draw.chance(1500);
        let mut able: Vec<(&str, Option<&str>)> = STAFF
            .iter()
            .filter(|(_, roles)| anybody || roles.contains(&role.as_str()))
            .map(|(person, _)| (*person, None))
            .collect();
        if draw.chance(3000) {
            able = STAND_INS.iter().map(|(from, to, ..)| (*to, Some(*from))).collect();
        }
        let at = usize::try_from(draw.below(able.len() as u64)).unwrap_or(0);
        let (person, on_behalf_of) = *able.get(at)?;
        self.acting(person, on_behalf_of)
    }

    /// A person as the product's own rules let him act now.
    fn acting(&self, person: &str, on_behalf_of: Option<&str>) -> Option<Actor> {
        let principal = on_behalf_of.map(str::parse).transpose().ok()?;
        let entity = super::home().legal_entity;
        self.staff.actor(&person.parse().ok()?, principal.as_ref(), &entity, None, self.ground.now()).ok()
    }

    async fn read(&self, run: RunId) -> Option<RunRow> {
        tokio::time::timeout(Duration::from_secs(20), self.door.run(&Scope::vendor(), run)).await.ok()?.ok()?
    }
}
