//! The days that sums were taken in for.

use std::collections::BTreeMap;

use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use crate::commitment::sums::{DailySums, Partition, Replaces};

/// Days that nothing was taken in for: what was spent on them is not known.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Gap {
    /// The first of them.
    pub from: Date,
    /// The last.
    pub through: Date,
}

impl Gap {
    /// Whether some of them lie within days, both of them included.
    pub(super) fn within(&self, from: Date, through: Date) -> bool {
        self.from.max(from) <= self.through.min(through)
    }
}

/// The days that sums were taken in for, by partition: ranges in their order, none of which touches the next.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub(super) struct Coverage(BTreeMap<Partition, Vec<(Date, Date)>>);

impl Coverage {
    pub(super) fn take(&mut self, batch: &DailySums) {
        let ranges = self.0.entry(batch.partition.clone()).or_default();
        if batch.replaces == Replaces::Partition {
            ranges.clear();
        }
        ranges.push((batch.from, batch.through));
        *ranges = merged(std::mem::take(ranges));
    }

    /// The days that nothing lacks between, up to the first one that nothing was taken in for. They are those of the last of the periods,
    /// told by their first days, for which anything was: what lacks in a former period, or between an old file and this year's, holds
    /// nothing back.
    pub(super) fn complete(&self, periods: impl DoubleEndedIterator<Item = Date>) -> Option<(Date, Date)> {
        let merged = merged(self.0.values().flatten().copied().collect());
        let since = |first: Date| merged.iter().find(|(_, through)| *through >= first).copied();
        periods.rev().find_map(since).or_else(|| merged.first().copied())
    }

    /// Those of some days that nothing was taken in for, in their order.
    pub(super) fn gaps(&self, from: Date, through: Date) -> Vec<Gap> {
        let (mut gaps, mut next) = (Vec::new(), from);
        for (first, last) in merged(self.0.values().flatten().copied().collect()) {
            let before = first.yesterday().unwrap_or(first).min(through);
            if next < first && next <= before {
                gaps.push(Gap { from: next, through: before });
            }
            next = last.tomorrow().unwrap_or(Date::MAX).max(next);
        }
        if next <= through {
            gaps.push(Gap { from: next, through });
        }
        gaps
    }

    /// The last day of all that something was taken in for.
    pub(super) fn last(&self) -> Option<Date> {
        self.0.values().flatten().map(|(_, through)| *through).max()
    }
}

fn merged(mut ranges: Vec<(Date, Date)>) -> Vec<(Date, Date)> {
    ranges.sort();
    let mut merged: Vec<(Date, Date)> = Vec::new();
    for (from, through) in ranges.into_iter().filter(|(from, through)| from <= through) {
        match merged.last_mut() {
            Some((_, last)) if last.tomorrow().is_ok_and(|next| from <= next) => *last = through.max(*last),
            _ => merged.push((from, through)),
        }
    }
    merged
}
