//! The worker of one connector account: its entity queues, its pause, and the deliveries under its lease.

use std::{collections::BTreeSet, sync::Arc, time::Duration};

use entente_core::ids::ConnectorAccount;
use entente_store::{IntentRow, NoticeRow, NoticeStatus};
use serde_json::json;
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;

use super::{
    Shared,
    deliver::{Delivered, Delivery},
    failpoint::{self, Point},
    leases::account_key,
    notes,
};
use crate::activities::Activity;

/// Delivers what one account has to send, for as long as this process holds its lease.
pub struct AccountWorker {
    shared: Arc<Shared>,
    account: ConnectorAccount,
    busy_entities: BTreeSet<String>,
    busy_intents: BTreeSet<String>,
    /// The suspect that is performed: nothing else begins meanwhile.
    suspect: Option<String>,
    under_way: JoinSet<(IntentRow, entente_store::Result<Delivered>)>,
    alerted: bool,
}

impl AccountWorker {
    /// A worker.
    pub fn new(shared: Arc<Shared>, account: ConnectorAccount) -> AccountWorker {
        AccountWorker {
            shared,
            account,
            busy_entities: BTreeSet::new(),
            busy_intents: BTreeSet::new(),
            suspect: None,
            under_way: JoinSet::new(),
            alerted: false,
        }
    }

    /// Runs until told to stop; then lets what is under way end.
    pub async fn run(mut self, stop: CancellationToken) {
        while !stop.is_cancelled() {
            if let Err(error) = self.take().await {
                self.shared.outage.failed("intents could not be read", &error);
            }
            tokio::select! {
                biased;
                Some(ended) = self.under_way.join_next() => self.ended(ended).await,
                () = self.shared.work.notified() => {}
                () = tokio::time::sleep(self.shared.settings.poll) => {}
                () = stop.cancelled() => {}
            }
        }
        while let Some(ended) = self.under_way.join_next().await {
            self.ended(ended).await;
        }
    }

    /// Starts deliveries, one per entity at a time, in the order of their commits.
    async fn take(&mut self) -> entente_store::Result<()> {
        if !self.shared.gate.is_open() {
            return Ok(());
        }
        let lease = account_key(&self.account);
        if !self.shared.leases.hold(&lease).await? {
            return Ok(());
        }
        let room = self.shared.settings.deliveries_max.saturating_sub(self.under_way.len());
        if room == 0 || self.suspect.is_some() {
            return Ok(());
        }
        let now = self.shared.clock.now();
        let rows = self.shared.store.open_remote(&self.account, now, 256).await?;
        let mut held: BTreeSet<String> = self.busy_entities.clone();
        let mut ready: Vec<(IntentRow, Arc<dyn Activity>)> = rows
            .into_iter()
            .filter(|row| !self.busy_intents.contains(&key(row)))
            .filter(|row| row.intent.entity.as_ref().is_none_or(|entity| held.insert(entity.clone())))
            .filter_map(|row| self.performer(&row).map(|activity| (row, activity)))
            .take(room)
            .collect();
        if let Some(at) = ready.iter().position(|(row, _)| notes::is_suspect(row)) {
            if self.under_way.is_empty() {
                let (row, activity) = ready.swap_remove(at);
                self.suspect = Some(key(&row));
                self.start(row, activity);
            }
            return Ok(());
        }
        for (row, activity) in ready {
            self.start(row, activity);
        }
        Ok(())
    }

    /// The activity of an intent, if this binary has it and it can be performed now.
    fn performer(&self, row: &IntentRow) -> Option<Arc<dyn Activity>> {
        let Some(activity) = self.shared.activities.get(&row.intent.activity) else {
            tracing::warn!(
                run.label = row.label,
                "activity `{}` is left to a binary that knows it",
                row.intent.activity
            );
            return None;
        };
        activity.available(&row.home, &row.intent.request).then(|| activity.clone())
    }

    fn start(&mut self, row: IntentRow, activity: Arc<dyn Activity>) {
        failpoint::reach(Point::K1, &row.intent.activity);
        self.busy_intents.insert(key(&row));
        if let Some(entity) = &row.intent.entity {
            self.busy_entities.insert(entity.clone());
        }
        let shared = self.shared.clone();
        let lease = account_key(&self.account);
        self.under_way.spawn(async move {
            let delivery = Delivery { shared: &shared, lease: &lease, row: row.clone(), activity };
            let delivered = delivery.deliver().await;
            (row, delivered)
        });
    }

    async fn ended(&mut self, ended: Result<(IntentRow, entente_store::Result<Delivered>), tokio::task::JoinError>) {
        let (row, delivered) = match ended {
            Ok(ended) => ended,
            Err(error) => {
                // The task's own row is unknown here; everything is offered again, nothing is lost.
                tracing::error!(account = %self.account, "a delivery did not end: {error}");
                self.busy_entities.clear();
                self.busy_intents.clear();
                self.suspect = None;
                return;
            }
        };
        self.busy_intents.remove(&key(&row));
        self.suspect.take_if(|suspect| *suspect == key(&row));
        if let Some(entity) = &row.intent.entity {
            self.busy_entities.remove(entity);
        }
        match delivered {
            Ok(Delivered::Paused(why)) => self.pause(&why).await,
            Ok(Delivered::Settled) => self.alerted = false,
            Ok(Delivered::Waiting | Delivered::NotOurs) => {}
            Err(error) => {
                tracing::warn!(account = %self.account, run.label = row.label, "a delivery could not be recorded, it will be found out later: {error}");
                // It may have been recorded all the same: then its result waits in the inbox without a word to the driver.
                #[cfg(feature = "deliberate-bugs")]
                if super::deliberate::settled_unheard() {
                    return;
                }
                self.shared.look();
                tokio::time::sleep(Duration::from_millis(200)).await;
            }
        }
    }

    /// The credentials were not accepted: say so once, and try again later without using up attempts.
    async fn pause(&mut self, why: &str) {
        if self.alerted {
            return;
        }
        self.alerted = true;
        let now = self.shared.clock.now();
        let notice = NoticeRow {
            id: format!("account-paused/{}/{}", self.account, now.as_second()),
            run: None,
            name: "connector_paused".into(),
            data: json!({ "account": self.account, "reason": why }),
            status: NoticeStatus::Pending,
            attempts: 0,
            not_before: now,
            error: None,
        };
        if let Err(error) = self.shared.store.add_notice(notice).await {
            tracing::error!(account = %self.account, "the alert could not be stored: {error}");
        }
        tracing::warn!(account = %self.account, "the account pauses: {why}");
    }
}

fn key(row: &IntentRow) -> String {
    format!("{}/{}", row.run, row.intent.invoke)
}
