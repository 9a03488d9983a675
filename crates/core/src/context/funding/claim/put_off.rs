//! More time for the proof of an advance: once, and by agreement.

use jiff::{
    SignedDuration, Timestamp,
    civil::{Date, Time},
    tz::TimeZone,
};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::ClaimPaper;
use crate::{
    context::{
        FieldError,
        agreement_request::filled,
        funding::{Sheet, check_at, data},
    },
    event::Event,
};

/// How far the end of a day is from its end in UTC, at most, wherever on earth.
const ZONES: SignedDuration = SignedDuration::from_hours(14);

/// `put_off`: until when the proof of an advance is to be put off.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PutOff {
    /// The last day of the proof, in the zone of its programme.
    pub until: Date,
    /// The instant at which that day ends.
    pub prove_by: Timestamp,
    /// Why.
    pub reason: String,
}

/// Checks it as far as it can be told alone: the instant is the end of that day somewhere.
pub(super) fn check(data: &Value) -> Result<(), FieldError> {
    let PutOff { until, prove_by, reason } = data::parse(data)?;
    filled("/reason", &reason)?;
    let ends = until.tomorrow().ok().map(|after| after.to_datetime(Time::midnight()));
    let ends = ends.and_then(|ends| TimeZone::UTC.to_timestamp(ends).ok());
    let near = ends.is_some_and(|ends| ends.duration_since(prove_by).abs() <= ZONES);
    check_at(near, "/prove_by", format!("is not the end of {until}; write the instant at which that day ends"))
}

impl Sheet<ClaimPaper> {
    /// Somebody wants the proof to be put off: people are asked, unless it was put off before or would not come later.
    pub(super) fn ask_to_put_off(&mut self, data: &Value, event: &Event) {
        self.ask_anew();
        let Ok(asked) = PutOff::deserialize(data) else { return };
        let Some(advance) = self.course.open_advance().filter(|advance| advance.put_off.is_none()) else { return };
        if advance.prove_by.is_some_and(|by| by < asked.prove_by) && self.unproven().is_some() {
            self.asked_by(event);
            self.course.put_off_asked = Some(asked);
        }
    }

    /// People have agreed to that. Is that day over by now, there is time to answer all the same.
    pub(super) fn put_off(&mut self, asked: PutOff, now: Timestamp) {
        if let Some(advance) = self.course.open_advance_mut() {
            advance.prove_by = Some(asked.prove_by);
            advance.put_off = Some(asked);
        }
        self.answered(now);
    }
}
