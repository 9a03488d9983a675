//! A file with charges in several currencies: each currency is a partition of its own, so that no two are ever added up.

use std::{collections::BTreeSet, fs::File, path::Path};

use entente_core::{commitment::Replaces, money::Currency, scope::Scope};
use entente_documents::Raw;
use entente_spend::{Progress, Shape, sniff};
use entente_store::{Quarantined, ReadingRow, ReadingStatus, Store};

use super::{
    import::{import, readings_of},
    job::{Came, Job},
    retract::is_retracted,
    stage::{ImportError, Reading, stage},
};

/// Why rows in another currency are set aside, by the reason's name.
pub(super) const OTHER_CURRENCY: &str = "other_currency";

/// What a file came to in one currency.
#[derive(Debug)]
pub struct InCurrency {
    /// The partition.
    pub partition: String,
    /// What it came to.
    pub came: Result<Came, ImportError>,
}

/// The partition of what a file holds in another currency.
fn apart(partition: &str, currency: Currency) -> String {
    format!("{partition}@{currency}")
}

/// Whether a reading is of what was billed in another currency than the contract's.
pub(super) fn is_kept_apart(row: &ReadingRow) -> bool {
    row.new.partition.0.ends_with(&format!("@{}", row.new.currency))
}

/// Takes a file in as [`import`] does, and then what it holds in other currencies than the contract's, each into the partition that is
/// called `<partition>@<currency>`. A file of which nothing is in the contract's currency is those alone.
///
/// # Errors
/// When the file or the database cannot be read. What a currency came to is told for each.
pub async fn import_all(
    store: &dyn Store,
    raw: &Raw,
    path: &Path,
    job: Job<'_>,
    progress: &mut (dyn FnMut(Progress) + Send),
) -> Result<Vec<InCurrency>, ImportError> {
    let came = import(store, raw, path, job, progress).await;
    let mut all = Vec::new();
    if job.replaces == Replaces::Partition {
        let known = readings_of(store, job.commitment()).await?;
        for currency in currencies(store, &known, path, job, &came).await? {
            let partition = apart(job.partition, currency);
            let job = Job { currency: Some(currency), partition: &partition, ..job };
            let came = import(store, raw, path, job, progress).await;
            all.push(InCurrency { partition, came });
        }
    }
    let nothing = matches!(came, Err(ImportError::Nothing { .. }));
    if !nothing || !all.iter().any(|other| other.came.is_ok()) {
        all.insert(0, InCurrency { partition: job.partition.to_owned(), came });
    }
    Ok(all)
}

/// The other currencies that a file holds, and those that its partition held before.
async fn currencies(
    store: &dyn Store,
    known: &[ReadingRow],
    path: &Path,
    job: Job<'_>,
    came: &Result<Came, ImportError>,
) -> Result<Vec<Currency>, ImportError> {
    let current = |row: &&ReadingRow| row.status == ReadingStatus::Current && !is_retracted(row);
    let aside = match came {
        Ok(Came::New(taken)) => taken.quarantined.clone(),
        Ok(Came::Before(row)) => store.quarantined(&Scope::vendor(), &row.new.id).await?,
        // A file without the contract's currency comes beside nothing, never in place of what is in that currency.
        Err(ImportError::Nothing { quarantined, .. }) => {
            match known.iter().filter(current).any(|row| row.new.partition.0 == job.partition) {
                true => return Ok(Vec::new()),
                false => quarantined.clone(),
            }
        }
        _ => return Ok(Vec::new()),
    };
    let mut found: BTreeSet<&'static str> = known
        .iter()
        .filter(current)
        .filter(|row| row.new.partition.0 == apart(job.partition, row.new.currency))
        .map(|row| row.new.currency.code())
        .collect();
    if aside.iter().any(|rows: &Quarantined| rows.reason == OTHER_CURRENCY) {
        let known = match came {
            Ok(Came::New(taken)) => taken.other_currencies.as_ref(),
            _ => None,
        };
        found.extend(match known {
            Some(words) => codes(words),
            None => in_file(path, job).await?,
        });
    }
    Ok(found.into_iter().filter_map(|code| code.parse().ok()).collect())
}

/// The currencies that words stand for.
fn codes(words: &BTreeSet<String>) -> Vec<&'static str> {
    words.iter().filter_map(|word| word.to_ascii_uppercase().parse().ok()).map(Currency::code).collect()
}

/// The other currencies that a file holds, by reading it once more.
async fn in_file(path: &Path, job: Job<'_>) -> Result<Vec<&'static str>, ImportError> {
    let unread = |why| ImportError::File { file: job.file.to_owned(), why };
    let file = File::open(path).map_err(|why| unread(why.into()))?;
    let sniffed = sniff(&file).map_err(unread)?;
    if matches!(sniffed.shape, Shape::MaccLots | Shape::MaccEvents) {
        return Ok(Vec::new());
    }
    let (name, currency, limits) = (job.file, job.currency(), job.limits);
    let reading = Reading { name, file, sniffed, currency, after: 0, limits };
    let (summary, _) = stage(reading, job.judge, None, &mut |_| {}).await?;
    Ok(codes(&summary.other_currencies))
}
