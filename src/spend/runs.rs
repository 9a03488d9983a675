//! Exports that write each run into a folder of its own: every run says again what the one before it said of the same days.
//!
//! Azure's Cost Management writes `<export>/<first day>-<last day>/<run>/part_0_0001.csv`, where the run is a GUID or begins with its
//! instant; AWS Data Exports that create new files write `<export>/data/BILLING_PERIOD=2026-11/<instant>-<id>/<file>`
//! (learn.microsoft.com, cost-management-billing/costs/tutorial-improved-exports; docs.aws.amazon.com, cur/latest/userguide/dataexports-export-delivery.html).

use std::{
    collections::{BTreeMap, BTreeSet},
    time::SystemTime,
};

use entente_core::commitment::Commitment;
use entente_store::{ReadingStatus, Store};

use super::{import::readings_of, retract::is_retracted, sources::Source, stage::ImportError};

/// Where a file stands among the runs of an export.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Run {
    /// The export and its range: what every run of it says again.
    pub of: String,
    /// The run's own folder.
    pub folder: String,
}

/// The run that a file is of, and its partition's name, which has nothing of the run; `None` of a file that is of none. `below` is
/// what the folder or address is called in which it was found.
pub(super) fn run(below: &str, name: &str) -> Option<(Run, String)> {
    let parts: Vec<&str> = name.split('/').collect();
    let (file, folders) = parts.split_last()?;
    let (folder, above) = folders.split_last()?;
    let range = above.last().copied().unwrap_or(below);
    if !is_range(range) {
        return None;
    }
    let of = if above.is_empty() { range.to_owned() } else { above.join("/") };
    let called = above.iter().copied().chain([*file]).collect::<Vec<_>>().join("/");
    Some((Run { of, folder: (*folder).to_owned() }, called))
}

/// Whether a folder is called as the days are of which an export tells.
fn is_range(folder: &str) -> bool {
    let day = |text: &str| text.len() == 8 && text.bytes().all(|byte| byte.is_ascii_digit());
    let azure = folder.split_once('-').is_some_and(|(from, through)| day(from) && day(through));
    azure || folder.get(..15).is_some_and(|start| start.eq_ignore_ascii_case("BILLING_PERIOD="))
}

/// The instant with which a run's name begins, as it is written; a GUID has none.
fn instant(folder: &str) -> Option<String> {
    let is_guid = folder.split('-').map(str::len).eq([8, 4, 4, 4, 12]);
    let digits: String = folder.chars().filter(|c| !"-:TZ.".contains(*c)).take_while(char::is_ascii_digit).collect();
    (!is_guid && digits.len() >= 12 && digits.starts_with("20")).then(|| digits.chars().take(14).collect())
}

/// Leaves out what older runs hold: of each export and range the newest run is taken alone. It is the one whose name begins with the
/// latest instant; where not all of them tell one, the one that was written last. What is left out is told by its runs.
pub(super) fn newest(all: Vec<Source>) -> (Vec<Source>, Vec<Run>) {
    let mut runs: BTreeMap<String, BTreeMap<String, SystemTime>> = BTreeMap::new();
    for source in &all {
        if let Some(Run { of, folder }) = &source.run {
            let written = runs.entry(of.clone()).or_default().entry(folder.clone()).or_insert(source.written);
            *written = source.written.max(*written);
        }
    }
    let chosen: BTreeMap<String, String> = runs.into_iter().filter_map(|(of, runs)| Some((of, last(&runs)?))).collect();
    let is_chosen = |source: &Source| source.run.as_ref().is_none_or(|run| chosen.get(&run.of) == Some(&run.folder));
    let (taken, left): (Vec<Source>, Vec<Source>) = all.into_iter().partition(is_chosen);
    let mut older: Vec<Run> = left.into_iter().filter_map(|source| source.run).collect();
    older.sort();
    older.dedup();
    (taken, older)
}

/// Finds that the runs that are taken in come in place of all that older ones have said: a part that the newest run has no longer would
/// count beside it.
///
/// # Errors
/// [`ImportError::PartGone`]; when the database cannot be read.
pub async fn come_in_place_of_all(
    store: &dyn Store,
    commitment: &Commitment,
    sources: &[Source],
) -> Result<(), ImportError> {
    let runs: BTreeMap<&str, &str> =
        sources.iter().filter_map(|source| source.run.as_ref()).map(|run| (&*run.of, &*run.folder)).collect();
    if runs.is_empty() {
        return Ok(());
    }
    let here: BTreeSet<&str> = sources.iter().map(|source| source.partition.as_str()).collect();
    let known = readings_of(store, commitment).await?;
    for row in known.iter().filter(|row| row.status == ReadingStatus::Current && !is_retracted(row)) {
        // What is in another currency is called after the part that it came with.
        let part = row.new.partition.0.split('@').next().unwrap_or_default();
        let run = part.rsplit_once('/').and_then(|(of, _)| runs.get(of));
        if let Some(folder) = run.filter(|_| !here.contains(part)) {
            let (partition, commitment) = (row.new.partition.0.clone(), commitment.id.to_string());
            let (run, reading) = ((*folder).to_owned(), row.new.id.clone());
            return Err(ImportError::PartGone { run, partition, commitment, reading });
        }
    }
    Ok(())
}

fn last(runs: &BTreeMap<String, SystemTime>) -> Option<String> {
    let told: Option<BTreeMap<(String, SystemTime), &String>> =
        runs.iter().map(|(folder, written)| Some(((instant(folder)?, *written), folder))).collect();
    match told {
        Some(told) => told.last_key_value().map(|(_, folder)| (*folder).clone()),
        None => {
            runs.iter().max_by_key(|(folder, written)| (**written, (*folder).clone())).map(|(folder, _)| folder.clone())
        }
    }
}

#[cfg(test)]
mod tests {
    use std::time::{Duration, UNIX_EPOCH};

    use super::*;

    const A: &str = "0f1d2c3b-aaaa-4bbb-8ccc-1234567890ab";
    const B: &str = "20261103-bbbb-4bbb-8ccc-1234567890ab";

    #[test]
    fn a_partition_has_nothing_of_the_run_that_wrote_it() {
        let azure = format!("costs/20261101-20261130/{A}/part_0_0001.csv");
        let aws = "data/BILLING_PERIOD=2026-11/2026-11-03T01:02:03.456Z-77aa/e-00001.csv.gz";
        for (below, name, expected) in [
            (
                "exports",
                azure.as_str(),
                Some(("costs/20261101-20261130", A, "costs/20261101-20261130/part_0_0001.csv")),
            ),
            ("20261101-20261130", "run-1/part_0_0001.csv", Some(("20261101-20261130", "run-1", "part_0_0001.csv"))),
            (
                "exports",
                aws,
                Some((
                    "data/BILLING_PERIOD=2026-11",
                    "2026-11-03T01:02:03.456Z-77aa",
                    "data/BILLING_PERIOD=2026-11/e-00001.csv.gz",
                )),
            ),
            ("exports", "data/BILLING_PERIOD=2026-11/e-00001.csv.gz", None),
            ("exports", "2026-11/part-0.parquet", None),
            (A, "part_0_0001.csv", None),
        ] {
            let found = run(below, name);
            let found = found.as_ref().map(|(run, called)| (run.of.as_str(), run.folder.as_str(), called.as_str()));
            assert_eq!(found, expected, "{name}");
        }
    }

    #[test]
    fn the_newest_run_is_told_by_its_name_and_else_by_when_it_was_written() {
        let at = |hour: u64| UNIX_EPOCH + Duration::from_hours(hour);
        for (runs, expected) in [
            (vec![("202611030100", 9), ("202611040100", 1)], "202611040100"),
            (
                vec![("2026-11-03T01:02:03.456Z-77", 9), ("2026-11-03T01:02:04.000Z-11", 1)],
                "2026-11-03T01:02:04.000Z-11",
            ),
            (vec![(A, 9), (B, 1)], A),
            (vec![("202611040100", 1), (A, 9)], A),
        ] {
            let runs = runs.into_iter().map(|(folder, hour)| (folder.to_owned(), at(hour))).collect();
            assert_eq!(last(&runs).as_deref(), Some(expected));
        }
    }
}
