//! The days that sums were taken in for.

use std::collections::BTreeMap;

use jiff::civil::Date;
use serde::Serialize;

use crate::commitment::sums::{DailySums, Partition, Replaces};

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

    /// The last day before the first one that nothing was taken in for, counted from the first one that something was.
    pub(super) fn complete_through(&self) -> Option<Date> {
        merged(self.0.values().flatten().copied().collect()).first().map(|(_, through)| *through)
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
