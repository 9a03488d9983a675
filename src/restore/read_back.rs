//! The read-back: what the marketplaces hold of ours is matched with a restored database before anything is sent.

use std::{collections::BTreeMap, path::PathBuf, sync::Arc, time::Duration};

use anyhow::Context as _;
use entente_core::{
    chart::step::PARK,
    event::{Actor, Body, Event},
    ids::{RunId, derived},
    scope::Scope,
};
use entente_port::{ChangeState, OwnWrite};
use entente_store::{LeaseKey, Message, NoticeRow, NoticeStatus, Verdict};
use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};
use tokio_util::sync::CancellationToken;

use super::{
    in_doubt,
    judge::{Knowledge, found, knowledge},
    lost,
    report::{ByHand, Found, Report},
    state::{self, State},
};
use crate::{
    audit::{seal, sends},
    connectors::Connections,
    runner::{Answer, Shared, evidence},
};

/// How far the marketplaces' clocks may be off ours.
const CLOCK_MARGIN: SignedDuration = SignedDuration::from_hours(1);

/// How long to wait before an account that could not be read is asked again.
const AGAIN: Duration = Duration::from_secs(5);

/// How long to wait for a run to be parked; undecided ones are asked about again.
const PATIENCE: Duration = Duration::from_secs(10);

/// Who parks runs: no person.
const ACTOR: &str = "entente";

/// A read-back under way.
pub struct ReadBack {
    /// The running engine, whose gate is closed.
    pub shared: Arc<Shared>,
    /// What is read back.
    pub connections: Connections,
    /// The database's file.
    pub database: PathBuf,
}

impl ReadBack {
    /// Tries until everything is matched and the gate is open, or until told to stop.
    pub async fn run(self, stop: CancellationToken) {
        let mut said = None;
        while !stop.is_cancelled() {
            let words = match self.turn().await {
                Ok(Some(report)) => return tracing::info!("sending goes on after the read-back: {}", report.summary()),
                Ok(None) => {
                    "nothing is sent: some accounts or runs are not matched yet; see `entente recovery show`".to_owned()
                }
                Err(error) => format!("nothing is sent: the read-back failed and is tried again: {error:#}"),
            };
            if said.as_ref() != Some(&words) {
                tracing::warn!("{words}");
                said = Some(words);
            }
            tokio::select! {
                () = tokio::time::sleep(AGAIN) => {}
                () = stop.cancelled() => {}
            }
        }
    }

    /// One attempt, unless another process makes them.
    async fn turn(&self) -> anyhow::Result<Option<Report>> {
        let lease = LeaseKey("recovery".into());
        if !self.shared.leases.hold(&lease).await? {
            return Ok(None);
        }
        self.attempt().await
    }

    /// One attempt. `None`: something could not be read or parked yet, and the gate stays closed.
    ///
    /// # Errors
    /// When the database or a file cannot be read or written; nothing is sent then.
    pub async fn attempt(&self) -> anyhow::Result<Option<Report>> {
        let store = self.shared.store.as_ref();
        let Some(state) = state::pending(store).await? else {
            anyhow::bail!("no recovery is under way");
        };
        let Some((writes, by_hand)) = self.writes(&state).await? else { return Ok(None) };
        let mut report = Report {
            reason: state.reason.clone(),
            head_at: state.head_at,
            at: self.shared.clock.now(),
            known: 0,
            forgotten: Vec::new(),
            orphaned: Vec::new(),
            in_doubt: Vec::new(),
            by_hand,
        };
        let mut park: BTreeMap<RunId, Vec<usize>> = BTreeMap::new();
        for (account, write) in &writes {
            let mut line = found(account, write);
            let harmless = matches!(write.state, ChangeState::Failed(_));
            match knowledge(store, write, state.head_no).await? {
                Knowledge::Known => report.known += 1,
                Knowledge::Orphaned if harmless => {}
                Knowledge::Orphaned => {
                    line.outcome = "no run knows it: keep it by hand or withdraw it at the marketplace, and settle it with `entente recovery settle`".into();
                    report.orphaned.push(line);
                }
                Knowledge::Forgotten => {
                    line.outcome = "it has no effect there; the run goes on".into();
                    if !harmless {
                        park.entry(write.key.run).or_default().push(report.forgotten.len());
                    }
                    report.forgotten.push(line);
                }
            }
        }
        for (run, lines) in park {
            let effects: Vec<&Found> = lines.iter().filter_map(|at| report.forgotten.get(*at)).collect();
            let Some(outcome) = self.park(&state, run, &effects).await? else { return Ok(None) };
            for at in lines {
                if let Some(line) = report.forgotten.get_mut(at) {
                    line.outcome.clone_from(&outcome);
                }
            }
        }
        // Last, so that sends which runs asked for meanwhile are looked up as well.
        let Some(in_doubt) = in_doubt::mark(&self.shared).await? else { return Ok(None) };
        report.in_doubt = in_doubt;
        self.end(&report).await?;
        Ok(Some(report))
    }

    /// Everything of ours that began since shortly before the database's head; `None` while an account cannot be read and
    /// nobody has looked through it by hand.
    async fn writes(&self, state: &State) -> anyhow::Result<Option<(Vec<(String, OwnWrite)>, Vec<ByHand>)>> {
        let since = state.head_at.and_then(|head| head.checked_sub(CLOCK_MARGIN).ok()).unwrap_or(Timestamp::UNIX_EPOCH);
        let (mut writes, mut by_hand, mut waiting) = (Vec::new(), Vec::new(), BTreeMap::new());
        for connection in self.connections.iter() {
            let account = connection.account.to_string();
            match connection.marketplace.ours_since(since).await {
                Ok(ours) => writes.extend(ours.into_iter().map(|write| (account.clone(), write))),
                Err(error) => match state.confirmed.get(&account) {
                    Some(confirmed) => {
                        by_hand.push(ByHand { account, why: error.to_string(), confirmed: confirmed.clone() })
                    }
                    None => drop(waiting.insert(account, error.to_string())),
                },
            }
        }
        let done = waiting.is_empty();
        if waiting != state.waiting {
            // Read again: a person may have confirmed an account meanwhile.
            let store = self.shared.store.as_ref();
            if let Some(now) = state::pending(store).await? {
                state::put(store, Some(&State { waiting, ..now })).await?;
            }
        }
        Ok(done.then_some((writes, by_hand)))
    }

    /// Parks a run whose lost steps have effects; returns what became of it, `None` while that is not decided.
    async fn park(&self, state: &State, run: RunId, effects: &[&Found]) -> anyhow::Result<Option<String>> {
        let intents = self.shared.store.intents(&Scope::vendor(), run).await?;
        let evidence = effects.iter().map(|found| {
            // The run may have come to the same step again since: what it would send then is known, and held back.
            let row = intents.iter().find(|row| row.intent.invoke == found.invoke);
            json!({ "found": found, "sent": row.map(evidence::sent) })
        });
        let evidence: Vec<Value> = evidence.collect();
        let told = effects.iter().map(|found| format!("{} by step {} ({})", found.change, found.invoke, found.state));
        let reason = format!(
            "the database was restored and has lost steps of this run, whose effects stand at the marketplace: {}. Settle them \
             there or end the run; if it is resumed, it may do the same again",
            told.collect::<Vec<_>>().join("; ")
        );
        let data = json!({ "reason": reason, "recovery": state.reason, "head_at": state.head_at, "effects": evidence });
        let event = Event {
            source: "recovery".into(),
            // The same finding is told once; another one is another message.
            id: format!("park/{run}/{}", derived(&[&data.to_string()])),
            actor: Some(Actor { person: ACTOR.parse()?, roles: Vec::new(), on_behalf_of: None }),
            body: Body::Named { name: PARK.into(), data },
        };
        let at = state.begun_at;
        let message = Message { run, event, start: None, expect_seq: None, expect_revision: None, at };
        Ok(match self.shared.submit(message, PATIENCE).await? {
            Answer::Decided(Verdict::Accepted { .. }) => Some("the run is parked for a person to decide".into()),
            Answer::Decided(Verdict::Refused { reason, .. } | Verdict::Noted { reason }) => {
                let row = self.shared.store.run(&Scope::vendor(), run).await?;
                let parked = row.is_some_and(|row| row.snapshot.incident.is_some());
                Some(match parked {
                    true => "the run stood still already, for a person to decide".into(),
                    false => format!("the run could not be parked, look at it: {reason}"),
                })
            }
            Answer::Stored { .. } => None,
        })
    }

    /// Tells people, notes how far the database has come, and opens the gate; in this order, so that a crash in between begins
    /// it again.
    async fn end(&self, report: &Report) -> anyhow::Result<()> {
        let store = self.shared.store.as_ref();
        lost::keep(store, &report.orphaned, report.at).await?;
        let path = report.write(&self.database).context("the report of the read-back cannot be written")?;
        let epoch = store.epoch().await?;
        let data =
            json!({ "label": "The database", "reason": report.reason, "summary": report.summary(), "report": path });
        let notice = NoticeRow {
            id: format!("restored/{epoch}/{}", report.at),
            run: None,
            name: "restored".into(),
            data,
            status: NoticeStatus::Pending,
            attempts: 0,
            not_before: report.at,
            error: None,
        };
        store.add_notice(notice).await?;
        state::put(store, None).await?;
        sends::forget(&self.database).context("the notes of what was sent cannot be removed")?;
        seal::remember(store, &self.database).await?;
        self.shared.gate.open();
        self.shared.work.notify_one();
        self.shared.notices.notify_one();
        Ok(())
    }
}
