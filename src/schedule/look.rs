//! What came due since the last look, and what a job's policy makes of it.

use entente_core::schedule::{MissedRuns, Schedule};
use jiff::{SignedDuration, Timestamp};

/// Occurrences of one job read in one go.
const READ_MAX: usize = 2000;

/// Missed occurrences that are named; of more, the newest are.
const NAMED_MAX: usize = 50;

/// An occurrence that is later than this was missed.
const LATE: SignedDuration = SignedDuration::from_mins(5);

/// What came due.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Look {
    /// What to run now, if anything.
    pub run: Option<Timestamp>,
    /// Missed ones that are made up for by `run`, or by nothing; the newest.
    pub missed: Vec<Timestamp>,
    /// Whether more were missed, before those named.
    pub more: bool,
    /// Up to where occurrences are dealt with by this.
    pub dealt_to: Option<Timestamp>,
}

impl Look {
    /// Looks from `since` to `now`. With `leaps`, time may leap: nothing counts as late.
    pub fn between(schedule: &Schedule, policy: MissedRuns, since: Timestamp, now: Timestamp, leaps: bool) -> Look {
        let first: Vec<Timestamp> = schedule.between(since, now, READ_MAX).into_iter().map(|slot| slot.at).collect();
        if policy == MissedRuns::All {
            let next = first.first().copied();
            return Look { run: next, dealt_to: next, ..Look::default() };
        }
        let all_read = first.len() < READ_MAX;
        let mut slots = if all_read { first } else { newest(schedule, now) };
        let Some(last) = slots.pop() else { return Look::default() };
        let late = !leaps && now.duration_since(last) > LATE;
        let run = (policy == MissedRuns::RunOnce || !late).then_some(last);
        if run.is_none() {
            slots.push(last);
        }
        let more = !all_read || slots.len() > NAMED_MAX;
        let missed = slots.split_off(slots.len().saturating_sub(NAMED_MAX));
        Look { run, missed, more, dealt_to: Some(last) }
    }

    /// The missed ones in words; `None` when none was.
    pub fn missed_in_words(&self) -> Option<String> {
        let (first, last) = (self.missed.first()?, self.missed.last()?);
        Some(match (self.missed.len(), self.more) {
            (1, false) => format!("1 missed: {first}"),
            (n, false) => format!("{n} missed, from {first} to {last}"),
            (n, true) => format!("more than {n} missed, up to {last}"),
        })
    }
}

/// The newest occurrences of a job that comes often.
fn newest(schedule: &Schedule, now: Timestamp) -> Vec<Timestamp> {
    let mut span = SignedDuration::from_mins(NAMED_MAX as i64 + 2);
    loop {
        let since = now.checked_sub(span).unwrap_or(Timestamp::MIN);
        let slots = schedule.between(since, now, READ_MAX);
        if !slots.is_empty() || since == Timestamp::MIN {
            return slots.into_iter().map(|slot| slot.at).collect();
        }
        span = span.saturating_mul(4);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> Timestamp {
        text.parse().unwrap()
    }

    fn look(cron: &str, policy: MissedRuns, since: &str, now: &str) -> Look {
        Look::between(&Schedule::parse(cron, "UTC").unwrap(), policy, at(since), at(now), false)
    }

    #[test]
    fn row_22_after_three_days_one_run_stands_for_all_and_the_missed_ones_are_named() {
        let three_days = |policy| look("0 2 * * *", policy, "2026-05-01T02:00:00Z", "2026-05-04T09:00:00Z");
        let once = three_days(MissedRuns::RunOnce);
        assert_eq!(once.run, Some(at("2026-05-04T02:00:00Z")));
        assert_eq!(once.missed, [at("2026-05-02T02:00:00Z"), at("2026-05-03T02:00:00Z")]);
        assert_eq!(once.dealt_to, once.run);
        let skip = three_days(MissedRuns::Skip);
        assert_eq!((skip.run, skip.missed.len()), (None, 3));
        let all = three_days(MissedRuns::All);
        assert_eq!((all.run, all.dealt_to), (Some(at("2026-05-02T02:00:00Z")), Some(at("2026-05-02T02:00:00Z"))));
    }

    #[test]
    fn a_job_that_comes_every_minute_is_made_up_for_once_even_after_a_year() {
        let year = look("* * * * *", MissedRuns::RunOnce, "2025-05-04T09:00:00Z", "2026-05-04T09:00:00Z");
        assert_eq!(year.run, Some(at("2026-05-04T09:00:00Z")));
        assert_eq!((year.missed.len(), year.more), (NAMED_MAX, true));
        assert_eq!(year.missed_in_words().unwrap(), "more than 50 missed, up to 2026-05-04T08:59:00Z");
    }

    #[test]
    fn what_comes_in_time_runs_under_every_policy() {
        for policy in [MissedRuns::RunOnce, MissedRuns::Skip, MissedRuns::All] {
            let seen = look("0 2 * * *", policy, "2026-05-03T02:00:00Z", "2026-05-04T02:00:01Z");
            assert_eq!((seen.run, seen.missed.len()), (Some(at("2026-05-04T02:00:00Z")), 0), "{policy:?}");
        }
    }

    #[test]
    fn nothing_due_is_nothing() {
        assert_eq!(
            look("0 2 * * *", MissedRuns::RunOnce, "2026-05-04T02:00:00Z", "2026-05-05T01:59:59Z"),
            Look::default()
        );
    }
}
