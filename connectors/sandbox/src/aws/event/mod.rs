//! EventBridge envelopes: made here, queued here, delivered by [`delivery`].
//!
//! Shapes: AWS Marketplace user guide, "Amazon EventBridge notifications".

pub(crate) mod delivery;

use std::collections::VecDeque;

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::fault::EventFaults;
use super::{Aws, catalog_time};
use crate::ids::IdSource;

/// How many envelopes the log keeps.
const LOG_MAX: usize = 2000;

/// How long a reversed event waits for the one that overtakes it.
const OVERTAKING: SignedDuration = SignedDuration::from_secs(60);

/// A place where events are posted.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Sink {
    pub(crate) sink_id: String,
    pub(crate) url: String,
    /// Only events of this account; of all accounts when absent.
    pub(crate) account: Option<String>,
}

/// One envelope on its way to one sink.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Delivery {
    pub(crate) sink_id: String,
    pub(crate) envelope: Value,
    /// Not before this virtual time.
    pub(crate) due: Timestamp,
    /// Waits for the next event of its sink and follows it.
    pub(crate) overtaken: bool,
    pub(crate) attempts: u32,
}

/// The bus: sinks, the queue and a log of what was emitted.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub(crate) struct Bus {
    pub(crate) sinks: Vec<Sink>,
    pub(crate) queue: VecDeque<Delivery>,
    pub(crate) log: VecDeque<Value>,
}

impl Bus {
    pub(crate) fn rebase(&mut self, moved: SignedDuration) {
        for delivery in &mut self.queue {
            delivery.due = delivery.due.saturating_add(moved).unwrap_or(delivery.due);
        }
    }

    fn send(&mut self, account: &str, envelope: Value, at: Timestamp, faults: &EventFaults) {
        self.log.push_back(envelope.clone());
        if self.log.len() > LOG_MAX {
            self.log.pop_front();
        }
        if faults.drop {
            return;
        }
        let sinks: Vec<String> = self
            .sinks
            .iter()
            .filter(|sink| sink.account.as_deref().is_none_or(|only| only == account))
            .map(|sink| sink.sink_id.clone())
            .collect();
        for sink_id in sinks {
            let due = at.saturating_add(faults.delay).unwrap_or(Timestamp::MAX);
            let due = if faults.reverse { due.saturating_add(OVERTAKING).unwrap_or(Timestamp::MAX) } else { due };
            let delivery = Delivery {
                sink_id: sink_id.clone(),
                envelope: envelope.clone(),
                due,
                overtaken: faults.reverse,
                attempts: 0,
            };
            let waiting: Vec<Delivery> = if faults.reverse { Vec::new() } else { self.take_overtaken(&sink_id) };
            for _copy in 0..=faults.duplicate {
                self.queue.push_back(delivery.clone());
            }
            for mut late in waiting {
                late.due = late.due.min(due);
                late.overtaken = false;
                self.queue.push_back(late);
            }
        }
    }

    fn take_overtaken(&mut self, sink_id: &str) -> Vec<Delivery> {
        let (late, rest): (VecDeque<Delivery>, VecDeque<Delivery>) =
            self.queue.drain(..).partition(|delivery| delivery.overtaken && delivery.sink_id == sink_id);
        self.queue = rest;
        late.into()
    }
}

/// What an event says, without the envelope.
pub(crate) struct Event<'a> {
    pub(crate) account: &'a str,
    pub(crate) source: &'static str,
    pub(crate) detail_type: String,
    pub(crate) resources: Vec<String>,
    pub(crate) detail: Value,
}

/// Emits an event at a virtual time, through the event faults in force.
pub(crate) fn emit(aws: &mut Aws, ids: &mut IdSource, at: Timestamp, event: Event<'_>) {
    let Event { account, source, detail_type, resources, mut detail } = event;
    if let Value::Object(map) = &mut detail {
        map.insert("requestId".to_owned(), Value::String(ids.next("req-", 24)));
    }
    let id = uuid::Uuid::new_v5(&uuid::Uuid::NAMESPACE_URL, ids.next("event-", 24).as_bytes());
    let envelope = json!({
        "version": "0",
        "id": id.to_string(),
        "detail-type": detail_type,
        "source": source,
        "account": account,
        "time": catalog_time(at),
        "region": "us-east-1",
        "resources": resources,
        "detail": detail,
    });
    let faults = super::fault::event_faults(&mut aws.faults, &envelope);
    aws.events.send(account, envelope, at, &faults);
}
