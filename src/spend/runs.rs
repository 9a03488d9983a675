//! Exports that write each run into a folder of its own: every run says again what the one before it said of the same days.
//!
//! Azure's Cost Management writes `<export>/<first day>-<last day>/<run>/part_0_0001.csv`, where the run is a GUID, often below a folder
//! of its instant (`202611030100/<GUID>`); AWS Data Exports that create new files write
//! `<export>/data/BILLING_PERIOD=2026-11/<instant>-<id>/<file>`
//! (learn.microsoft.com, cost-management-billing/costs/tutorial-improved-exports; docs.aws.amazon.com, cur/latest/userguide/dataexports-export-delivery.html).

use std::{
    collections::{BTreeMap, BTreeSet},
    time::SystemTime,
};

use entente_core::commitment::Commitment;
use entente_store::{ReadingStatus, Store};
use jiff::Timestamp;

use super::{
    currencies::is_kept_apart, import::readings_of, manifest::Manifest, retract::is_retracted, sources::Source,
    stage::ImportError,
};

/// Where a file stands among the runs of an export.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Run {
    /// The export and its range: what every run of it says again.
    pub of: String,
    /// The run's own folder.
    pub folder: String,
}

/// The run that a file is of, and its partition's name, which has nothing of the run; `None` of a file that is of none. `above` are
/// the folders in which it was found, the one that was named last: a range among them is part of the name.
pub(super) fn run(above: &[&str], name: &str) -> Option<(Run, String)> {
    let parts: Vec<&str> = name.split('/').collect();
    let (file, folders) = parts.split_last()?;
    let all: Vec<&str> = above.iter().chain(folders).copied().collect();
    let range = all.iter().rposition(|folder| is_range(folder))?;
    let behind = all.get(range + 1..)?;
    let ids = behind.iter().rev().take_while(|folder| is_guid(folder) || instant(folder).is_some()).count();
    // Azure's range is its own, and one folder below it a run, whatever it is called; a period of AWS may be parted further.
    let of_azure = all.get(range).is_some_and(|range| is_azure(range));
    let levels = match behind {
        [alone] if ids == 0 && of_azure && !alone.contains('=') => 1,
        _ => ids,
    };
    let (of, run) = all.split_at(all.len() - levels);
    if run.is_empty() {
        return None;
    }
    let of = of.get(range.min(above.len())..)?.join("/");
    let called = format!("{of}/{file}");
    Some((Run { of, folder: run.join("/") }, called))
}

/// Whether a folder is called as the days are of which an export tells.
fn is_range(folder: &str) -> bool {
    is_azure(folder) || folder.get(..15).is_some_and(|start| start.eq_ignore_ascii_case("BILLING_PERIOD="))
}

fn is_azure(folder: &str) -> bool {
    let day = |text: &str| text.len() == 8 && text.bytes().all(|byte| byte.is_ascii_digit());
    folder.split_once('-').is_some_and(|(from, through)| day(from) && day(through))
}

fn is_guid(folder: &str) -> bool {
    let hex = |part: &str| part.bytes().all(|byte| byte.is_ascii_hexdigit());
    folder.split('-').map(str::len).eq([8, 4, 4, 4, 12]) && folder.split('-').all(hex)
}

/// The instant with which a run's name begins, as it is written; a GUID has none.
fn instant(folder: &str) -> Option<String> {
    let digits: String = folder.chars().filter(|c| !"-:TZ.".contains(*c)).take_while(char::is_ascii_digit).collect();
    (!is_guid(folder) && digits.len() >= 12 && digits.starts_with("20")).then(|| digits.chars().take(14).collect())
}

/// What tells when a run was.
#[derive(Debug, Clone, Copy)]
struct When {
    /// By its list of files.
    told: Option<Timestamp>,
    /// When the last of its files was written.
    written: SystemTime,
}

/// Leaves out what older runs hold: of each export and range the newest run is taken alone. It is the last one by what the lists of
/// files tell, else by the instants with which the names begin; where not all of the runs tell one, the one that was written last.
/// What is left out is told by its runs.
pub(super) fn newest(all: Vec<Source>, lists: &[Manifest]) -> (Vec<Source>, Vec<Run>) {
    let mut runs: BTreeMap<String, BTreeMap<String, When>> = BTreeMap::new();
    for source in &all {
        if let Some(Run { of, folder }) = &source.run {
            let told = lists.iter().filter(|list| list.lists(&source.name)).filter_map(|list| list.at).max();
            let run = runs.entry(of.clone()).or_default().entry(folder.clone());
            let run = run.or_insert(When { told, written: source.written });
            *run = When { told: run.told.max(told), written: run.written.max(source.written) };
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

fn last(runs: &BTreeMap<String, When>) -> Option<String> {
    let told = |folder: &str, when: &When| Some((when.told?, folder.to_owned()));
    let named = |folder: &str, when: &When| Some((instant(folder)?, when.written, folder.to_owned()));
    let by_list: Option<BTreeSet<_>> = runs.iter().map(|(folder, when)| told(folder, when)).collect();
    let by_name: Option<BTreeSet<_>> = runs.iter().map(|(folder, when)| named(folder, when)).collect();
    let by_list = by_list.and_then(|runs| Some(runs.into_iter().next_back()?.1));
    let by_name = || by_name.and_then(|runs| Some(runs.into_iter().next_back()?.2));
    let written = || runs.iter().max_by_key(|(folder, when)| (when.written, (*folder).clone()));
    by_list.or_else(by_name).or_else(|| written().map(|(folder, _)| folder.clone()))
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
        let part = match is_kept_apart(row) {
            true => row.new.partition.0.rsplit_once('@').map_or("", |(part, _)| part),
            false => &row.new.partition.0,
        };
        let run = part.rsplit_once('/').and_then(|(of, _)| runs.get(of));
        if let Some(folder) = run.filter(|_| !here.contains(part)) {
            let (partition, commitment) = (row.new.partition.0.clone(), commitment.id.to_string());
            let (run, reading) = ((*folder).to_owned(), row.new.id.clone());
            return Err(ImportError::PartGone { run, partition, commitment, reading });
        }
    }
    Ok(())
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
        let timed = format!("costs/20261101-20261130/202611030100/{A}/part_0_0001.csv");
        let shared = format!("20261101-20261130/costs/202611030100/{A}/part_0_0001.csv");
        let aws = "data/BILLING_PERIOD=2026-11/2026-11-03T01:02:03.456Z-77aa/e-00001.csv.gz";
        let (of, costs) = ("20261101-20261130", "costs/20261101-20261130");
        let month = "data/BILLING_PERIOD=2026-11";
        let both = format!("202611030100/{A}");
        for (above, name, expected) in [
            (vec!["exports"], azure.as_str(), Some((costs, A, "costs/20261101-20261130/part_0_0001.csv"))),
            (vec!["exports"], &timed, Some((costs, both.as_str(), "costs/20261101-20261130/part_0_0001.csv"))),
            (vec![], &shared, Some(("20261101-20261130/costs", &both, "20261101-20261130/costs/part_0_0001.csv"))),
            (vec!["costs", of], "run-1/part_0_0001.csv", Some((of, "run-1", "20261101-20261130/part_0_0001.csv"))),
            (vec!["costs", of, A], "part_0_0001.csv", Some((of, A, "20261101-20261130/part_0_0001.csv"))),
            (
                vec!["exports"],
                aws,
                Some((month, "2026-11-03T01:02:03.456Z-77aa", "data/BILLING_PERIOD=2026-11/e-00001.csv.gz")),
            ),
            (vec!["exports"], "data/BILLING_PERIOD=2026-11/e-00001.csv.gz", None),
            (vec!["exports"], "data/BILLING_PERIOD=2026-11/account=1/e-00001.parquet", None),
            (vec!["exports"], "20261101-20261130/part_0_0001.csv", None),
            (vec!["exports"], "2026-11/part-0.parquet", None),
            (vec![A], "part_0_0001.csv", None),
        ] {
            let found = run(&above, name);
            let found = found.as_ref().map(|(run, called)| (run.of.as_str(), run.folder.as_str(), called.as_str()));
            assert_eq!(found, expected, "{name}");
        }
    }

    #[test]
    fn the_newest_run_is_told_by_its_list_or_its_name_and_else_by_when_it_was_written() {
        let at = |hour: u64| UNIX_EPOCH + Duration::from_hours(hour);
        let told = |hour: i64| Some(Timestamp::from_second(hour * 3600).unwrap());
        let two = |one, other| vec![one, other];
        for (runs, expected) in [
            (two(("202611030100", 9, None), ("202611040100", 1, None)), "202611040100"),
            (
                two(("2026-11-03T01:02:03.456Z-77", 9, None), ("2026-11-03T01:02:04.000Z-11", 1, None)),
                "2026-11-03T01:02:04.000Z-11",
            ),
            (two((A, 9, None), (B, 1, None)), A),
            (two(("202611040100", 1, None), (A, 9, None)), A),
            (two((A, 9, told(1)), (B, 1, told(2))), B),
            (two((A, 9, None), (B, 1, told(2))), A),
        ] {
            let runs =
                runs.into_iter().map(|(folder, hour, told)| (folder.to_owned(), When { told, written: at(hour) }));
            assert_eq!(last(&runs.collect()).as_deref(), Some(expected));
        }
    }
}
