//! Who held an offer up, and for how long: every moment of its life belongs to one party.

use std::collections::BTreeMap;

use jiff::{SignedDuration, Timestamp};
use serde::Serialize;
use serde_json::Value;

use crate::run::Record;

/// The tag by which a chart says whom a state waits for.
const WAITS_FOR: &str = "waits_for:";

/// The party that everybody waits for while a run is parked.
const OPERATOR: &str = "operator";

/// A stretch of a run's life and the party it waited for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Span {
    /// From.
    pub from: Timestamp,
    /// Until.
    pub to: Timestamp,
    /// The party: `seller`, `approvers`, `marketplace`, `buyer`, …; `unknown` where the chart does not say.
    pub party: String,
    /// The state.
    pub state: String,
}

/// Attributes a run's life to parties, from its first record to `until` or its end, without gaps.
///
/// A parked run waits for the `operator`. Where the buyer's readiness record names somebody, a state that waits for
/// the buyer waits for that one.
pub fn attribution(records: &[Record], until: Timestamp) -> Vec<Span> {
    let mut spans: Vec<Span> = Vec::new();
    let mut now = Waiting::default();
    for (at, record) in records.iter().enumerate() {
        now.follow(record);
        if now.ended {
            break;
        }
        let to = records.get(at + 1).map_or(until, |next| next.at).max(record.at);
        let span = Span { from: record.at, to, party: now.party(), state: record.to.clone() };
        match spans.last_mut() {
            Some(last) if last.party == span.party && last.state == span.state => last.to = span.to,
            _ => spans.push(span),
        }
    }
    spans.retain(|span| span.from < span.to);
    spans
}

/// The time each party took.
pub fn by_party(spans: &[Span]) -> BTreeMap<String, SignedDuration> {
    let mut sums = BTreeMap::new();
    for span in spans {
        let sum: &mut SignedDuration = sums.entry(span.party.clone()).or_default();
        *sum = sum.saturating_add(span.to.duration_since(span.from));
    }
    sums
}

/// What the history says so far about whom the run waits for.
#[derive(Default)]
struct Waiting {
    tag: Option<String>,
    named: Option<String>,
    parked: bool,
    ended: bool,
}

impl Waiting {
    fn follow(&mut self, record: &Record) {
        let delta = &record.delta;
        let gone = |field: &str| delta.gone.iter().any(|name| name == field);
        if let Some(tags) = delta.set.get("tags").or_else(|| gone("tags").then_some(&Value::Null)) {
            let tags = tags.as_array().into_iter().flatten().filter_map(Value::as_str);
            self.tag = tags.filter_map(|tag| tag.strip_prefix(WAITS_FOR)).next().map(str::to_owned);
        }
        self.parked = (self.parked && !gone("incident"))
            || delta.set.get("incident").is_some_and(|incident| !incident.is_null())
            || delta.within.contains_key("incident");
        self.ended |= delta.set.get("ended") == Some(&Value::Bool(true));
        if let crate::event::Body::Named { name, data } = &record.event.body
            && name == "readiness"
            && let Some(waiting_on) = data.get("waiting_on").and_then(Value::as_str)
        {
            self.named = Some(waiting_on.to_owned()).filter(|party| !party.is_empty());
        }
    }

    fn party(&self) -> String {
        match (&self.tag, &self.named) {
            _ if self.parked => OPERATOR.into(),
            (Some(tag), Some(named)) if tag == "buyer" => named.clone(),
            (Some(tag), _) => tag.clone(),
            (None, _) => "unknown".into(),
        }
    }
}
