//! Recurring jobs, on the days when clocks misbehave and on all others.

use entente_core::schedule::{MissedRuns, OverlapPolicy, Schedule, ScheduleError, Start};
use jiff::{Timestamp, Zoned, civil::date, tz::TimeZone};
use proptest::prelude::*;
use serde_json::json;

use crate::journey::Journey;

const NEW_YORK: &str = "America/New_York";

/// The next `count` occurrences as the zone's clock and offset show them.
fn shown(text: &str, zone: &str, after: &str, count: usize) -> Vec<String> {
    let schedule = Schedule::parse(text, zone).unwrap();
    let next = schedule.next_n(after.parse().unwrap(), count);
    next.iter().map(|o| o.at.to_zoned(schedule.zone().clone()).strftime("%Y-%m-%d %H:%M %z").to_string()).collect()
}

#[test]
fn row_16_a_time_that_spring_skips_runs_once_at_the_first_valid_instant() {
    assert_eq!(
        shown("30 2 * * *", NEW_YORK, "2027-03-13T00:00:00Z", 3),
        ["2027-03-13 02:30 -0500", "2027-03-14 03:00 -0400", "2027-03-15 02:30 -0400"]
    );
    let several = shown("0,20,40 2,3 * * *", NEW_YORK, "2027-03-14T06:59:00Z", 4);
    assert_eq!(
        several,
        ["2027-03-14 03:00 -0400", "2027-03-14 03:20 -0400", "2027-03-14 03:40 -0400", "2027-03-15 02:00 -0400"]
    );
    let hourly = shown("30 * * * *", NEW_YORK, "2027-03-14T06:00:00Z", 3);
    assert_eq!(hourly, ["2027-03-14 01:30 -0500", "2027-03-14 03:30 -0400", "2027-03-14 04:30 -0400"]);
    let half_hour_gap = shown("15 2 * * *", "Australia/Lord_Howe", "2027-10-02T00:00:00Z", 1);
    assert_eq!(half_hour_gap, ["2027-10-03 02:30 +1100"]);
}

#[test]
fn row_17_a_time_that_autumn_repeats_runs_once_and_an_hourly_job_twice() {
    assert_eq!(
        shown("30 1 * * *", NEW_YORK, "2026-11-01T00:00:00Z", 2),
        ["2026-11-01 01:30 -0400", "2026-11-02 01:30 -0500"]
    );
    assert_eq!(
        shown("0 * * * *", NEW_YORK, "2026-11-01T04:30:00Z", 3),
        ["2026-11-01 01:00 -0400", "2026-11-01 01:00 -0500", "2026-11-01 02:00 -0500"]
    );
    let asked_in_between = shown("30 1 * * *", NEW_YORK, "2026-11-01T05:45:00Z", 1);
    assert_eq!(asked_in_between, ["2026-11-02 01:30 -0500"], "not again in the repeated hour");
    let second_hour_begins = shown("0 2 * * *", NEW_YORK, "2026-11-01T05:45:00Z", 1);
    assert_eq!(second_hour_begins, ["2026-11-01 02:00 -0500"]);
}

#[test]
fn row_18_short_months_leap_days_and_month_ends() {
    let days = |text: &str, count| -> Vec<String> {
        shown(text, "UTC", "2027-01-01T12:00:00Z", count).into_iter().map(|day| day[..10].to_owned()).collect()
    };
    assert_eq!(days("0 0 31 * *", 3), ["2027-01-31", "2027-03-31", "2027-05-31"], "short months are skipped");
    assert_eq!(days("0 0 L * *", 3), ["2027-01-31", "2027-02-28", "2027-03-31"], "unless the last day is meant");
    assert_eq!(days("0 0 29 2 *", 2), ["2028-02-29", "2032-02-29"], "only leap years have one");
    let chart = r#"
chart: year
version: 1
context: door
initial: signed
states:
  signed:
    tags: [waits_for:buyer]
    on: { knock: {}, open: again }
  again:
    tags: [waits_for:buyer]
    on: { cancel: over }
    after: { P1Y: over }
  over: { type: final }
"#;
    let mut year = Journey::begin(chart);
    year.now = "2028-02-29T10:00:00Z".parse().unwrap();
    year.named("open", json!({})).unwrap();
    let due = year.run.timers.values().next().unwrap().to_string();
    assert_eq!(due, "2029-02-28T10:00:00Z", "the anniversary of a leap day is the last of February");
}

#[test]
fn row_19_one_dialect_of_weekdays() {
    for sunday in ["0 9 * * 0", "0 9 * * 7", "0 9 * * sun", "0 9 * * SUN"] {
        assert_eq!(shown(sunday, "UTC", "2027-01-01T00:00:00Z", 1), ["2027-01-03 09:00 +0000"], "{sunday}");
    }
    assert_eq!(shown("0 9 * * 1", "UTC", "2027-01-01T00:00:00Z", 1), ["2027-01-04 09:00 +0000"], "1 is Monday");
    let weekend = shown("0 9 * * sat-sun", "UTC", "2027-01-01T00:00:00Z", 3);
    assert_eq!(weekend, ["2027-01-02 09:00 +0000", "2027-01-03 09:00 +0000", "2027-01-09 09:00 +0000"]);
    let either = shown("0 0 13 * fri", "UTC", "2027-01-01T12:00:00Z", 3);
    assert_eq!(
        either,
        ["2027-01-08 00:00 +0000", "2027-01-13 00:00 +0000", "2027-01-15 00:00 +0000"],
        "both restricted: either suffices"
    );
}

#[test]
fn row_20_new_zone_rules_change_the_future_and_never_the_past() {
    let rules = |posix: &str| Schedule::in_zone("0 9 * * *", TimeZone::posix(posix).unwrap()).unwrap();
    let (old, new) = (rules("EST5EDT,M3.2.0,M11.1.0"), rules("EST5"));
    let winter: Timestamp = "2027-01-10T00:00:00Z".parse().unwrap();
    let summer: Timestamp = "2027-07-10T00:00:00Z".parse().unwrap();
    let (done, pending) = (old.next(winter).unwrap(), old.next(summer).unwrap());
    assert_eq!(new.next(winter).unwrap(), done, "what is done was right under both");
    let recomputed = new.next(summer).unwrap();
    assert_eq!(recomputed.local, pending.local, "the same time of day");
    assert_eq!(recomputed.at.duration_since(pending.at).as_hours(), 1, "at another instant");
}

#[test]
fn row_22_missed_occurrences_follow_the_policy() {
    let nightly = Schedule::parse("0 3 * * *", "UTC").unwrap();
    let (down, up) = ("2027-05-01T12:00:00Z".parse().unwrap(), "2027-05-04T12:00:00Z".parse().unwrap());
    let missed = nightly.between(down, up, 100);
    assert_eq!(missed.len(), 3);
    let once = MissedRuns::RunOnce.settle(missed.clone());
    assert_eq!((once.run, once.missed), (missed[2..].to_vec(), missed[..2].to_vec()));
    let skip = MissedRuns::Skip.settle(missed.clone());
    assert_eq!((skip.run, skip.missed), (vec![], missed.clone()));
    let all = MissedRuns::All.settle(missed.clone());
    assert_eq!((all.run, all.missed), (missed, vec![]));
    assert_eq!(nightly.between(down, up, 2).len(), 2, "never more than asked for");
}

#[test]
fn row_23_a_job_longer_than_its_interval() {
    assert_eq!(OverlapPolicy::Skip.start(false), Start::Now);
    assert_eq!(OverlapPolicy::Skip.start(true), Start::Not);
    assert_eq!(OverlapPolicy::Queue.start(true), Start::Later);
}

#[test]
fn a_schedule_that_makes_no_sense_says_which_field() {
    let said = |text: &str| Schedule::parse(text, "UTC").unwrap_err().to_string();
    assert!(said("30 2 * *").starts_with("`30 2 * *` has 4 fields; write five"));
    for (text, start) in [
        ("60 * * * *", "`60` is not a minute; write numbers from 0 to 59"),
        ("* 24 * * *", "`24` is not a hour"),
        ("* * 0 * *", "`0` is not a day of month"),
        ("* * * 13 *", "`13` is not a month"),
        ("* * * * 8", "`8` is not a day of week"),
        ("* * * * fry", "`fry` is not a day of week; write numbers from 0 to 7, names such as `mon`"),
        ("5-1 * * * *", "`5-1` is not a minute"),
        ("*/0 * * * *", "`*/0` is not a minute"),
        ("5/10 * * * *", "`5/10` is not a minute"),
        ("1,,2 * * * *", "`` is not a minute"),
        ("+5 * * * *", "`+5` is not a minute"),
        ("0 0 L * mon", "`mon` is not a day of week; `L` goes with `*`"),
    ] {
        assert!(said(text).starts_with(start), "{text}: {}", said(text));
    }
    assert_eq!(said("0 0 30 2 *"), "`0 0 30 2 *` never comes; no month it names has such a day");
    assert_eq!(Schedule::parse("* * * * *", "Mars/Base").unwrap_err(), ScheduleError::UnknownZone("Mars/Base".into()));
}

/// Minute by minute, on the clock itself.
fn by_hand(minute: i8, hour: i8, zone: &TimeZone, day: jiff::civil::Date) -> Option<Zoned> {
    let start = day.to_zoned(zone.clone()).ok()?;
    let minutes = (0..26 * 60).filter_map(|n| start.checked_add(jiff::Span::new().minutes(n)).ok());
    minutes.take_while(|at| at.date() == day).find(|at| (at.hour(), at.minute()) >= (hour, minute))
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(96) })]

    #[test]
    fn a_daily_job_runs_exactly_once_a_day(
        minute in 0i8..60,
        hour in 0i8..22,
        zone in prop_oneof![Just(NEW_YORK), Just("Europe/Berlin"), Just("Australia/Lord_Howe"), Just("Asia/Kathmandu")],
        offset in 0i32..700,
    ) {
        let zone = TimeZone::get(zone).unwrap();
        let schedule = Schedule::in_zone(&format!("{minute} {hour} * * *"), zone.clone()).unwrap();
        let day = date(2026, 1, 1).checked_add(jiff::Span::new().days(offset)).unwrap();
        let midnight = day.to_zoned(zone.clone()).unwrap().timestamp();
        let after = midnight.checked_sub(jiff::SignedDuration::from_nanos(1)).unwrap();
        let end = day.tomorrow().unwrap().to_zoned(zone.clone()).unwrap().timestamp();
        let found: Vec<_> = schedule.between(after, end, 10).into_iter().filter(|o| o.at < end).collect();
        prop_assert_eq!(found.len(), 1);
        prop_assert_eq!(found[0].at, by_hand(minute, hour, &zone, day).unwrap().timestamp());
    }

    #[test]
    fn occurrences_only_move_forward(text in "[0-5]?[0-9] (\\*|[0-9]) \\* \\* (\\*|[0-6])", at in 1_760_000_000i64..1_860_000_000) {
        let schedule = Schedule::parse(&text, NEW_YORK).unwrap();
        let after = Timestamp::from_second(at).unwrap();
        let next = schedule.next_n(after, 5);
        prop_assert_eq!(next.len(), 5);
        prop_assert!(next[0].at > after && next.windows(2).all(|pair| pair[0].at < pair[1].at));
        let halfway = after.checked_add(next[0].at.duration_since(after) / 2).unwrap();
        prop_assert_eq!(schedule.next(halfway), Some(next[0]), "asked later, the same answer");
    }
}
