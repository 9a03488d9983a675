//! Until when a request is claimed without anybody's consent, and when partners are reminded of it.

use jiff::{
    SignedDuration, Timestamp,
    civil::{Date, Time},
};
use serde::{Deserialize, Serialize};

use super::{
    model::Case,
    pack::Pack,
    rules::{deadline::REMINDERS, timing::ordinary_last_day},
    view::View,
};
use crate::calendar::Calendar;

/// The last day on which a request may be claimed without consent to a later one.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Claimable {
    /// That day.
    pub last_day: Date,
    /// The zone of the programme, in which it ends.
    pub zone: String,
    /// The instant at which it ends.
    pub ends: Timestamp,
    /// How many days before its end the partner is reminded, the first reminder first.
    pub reminders: Vec<u32>,
}

impl Claimable {
    /// When a reminder is due before claims end, the first of which is number 0; the last ones where there are more than `of`.
    pub fn reminder(&self, ends: Timestamp, number: usize, of: usize) -> Option<Timestamp> {
        let skipped = self.reminders.len().saturating_sub(of);
        let days = *self.reminders.get(skipped + number)?;
        ends.checked_sub(SignedDuration::from_hours(24 * i64::from(days))).ok()
    }
}

/// Until when a request may be claimed without consent. Reminders are those of C8, and of its defaults where the pack is silent.
/// `None` where no rule of the pack sets a day.
pub fn claimable(case: &Case, pack: &Pack, calendar: &Calendar) -> Option<Claimable> {
    let view = View { case, terms: &pack.terms, zone: &pack.zone, calendar, pack: &pack.name, figures: None };
    let last_day = ordinary_last_day(&view)?;
    let ends = pack.zone.to_timestamp(last_day.tomorrow().ok()?.to_datetime(Time::midnight())).ok()?;
    let zone = pack.zone.iana_name().unwrap_or("UTC").to_owned();
    let reminders = REMINDERS.of(&pack.terms).into_iter().rev().collect();
    Some(Claimable { last_day, zone, ends, reminders })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn reminded(reminders: &[u32]) -> Vec<String> {
        let claimable = Claimable {
            last_day: "2027-06-18".parse().unwrap(),
            zone: "Europe/Berlin".into(),
            ends: "2027-06-18T22:00:00Z".parse().unwrap(),
            reminders: reminders.to_vec(),
        };
        (0..4).filter_map(|number| claimable.reminder(claimable.ends, number, 4)).map(|at| at.to_string()).collect()
    }

    #[test]
    fn reminders_are_as_many_as_there_are_and_the_last_ones_where_there_are_more() {
        assert_eq!(reminded(&[]), Vec::<String>::new());
        assert_eq!(reminded(&[10, 3]), ["2027-06-08T22:00:00Z", "2027-06-15T22:00:00Z"]);
        let of_six = ["2027-06-11T22:00:00Z", "2027-06-14T22:00:00Z", "2027-06-16T22:00:00Z", "2027-06-17T22:00:00Z"];
        assert_eq!(reminded(&[60, 30, 7, 4, 2, 1]), of_six);
    }
}
