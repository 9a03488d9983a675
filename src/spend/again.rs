//! Files that are kept, read again after the contract or the rules have changed.

use std::collections::BTreeSet;

use entente_core::commitment::{Partition, Replaces};
use entente_documents::{Digest, Error as KeptError, Raw};
use entente_spend::{Limits, Progress};
use entente_store::{ReadingRow, Store};
use jiff::Timestamp;

use super::{
    days::still_covers,
    drawdown::effective,
    import::{readings_of, take_in},
    job::{Came, Insists, Job, Taken},
    judged::{Judge, judged_by, judged_elsewhere},
    retract::is_retracted,
    stage::ImportError,
};
use crate::offers::DeskError;

/// What reading again came to, partition by partition.
#[derive(Debug, Default)]
pub struct Again {
    /// Partitions whose file was read again, and what it says now.
    pub read: Vec<(ReadingRow, Taken)>,
    /// Partitions that are judged as they would be now.
    pub unchanged: usize,
    /// Partitions of daily sums that were judged elsewhere, on the contract's basis: by which rules is not known here.
    pub not_compared: usize,
    /// Partitions of daily sums that were judged elsewhere, on another basis than the contract's: they have to be sent again.
    pub elsewhere: Vec<ReadingRow>,
    /// Partitions whose file could not be read again, and why. What they said stays.
    pub failed: Vec<(ReadingRow, ImportError)>,
}

/// Reads again what each partition of a commitment says and is judged otherwise than it would be now. Both versions stay. A file that
/// cannot be read keeps back no other.
///
/// # Errors
/// When the place of the files cannot be reached, or the database cannot be written. What was read until then stays.
pub async fn again(
    store: &dyn Store,
    raw: &Raw,
    judge: Judge<'_>,
    (by, at): (&str, Timestamp),
    dry_run: bool,
    progress: &mut (dyn FnMut(&ReadingRow, Progress) + Send),
) -> Result<Again, ImportError> {
    let rows = readings_of(store, judge.commitment).await?;
    let unreadable = |what: &str, why: String| DeskError::Unreadable { what: what.to_owned(), why };
    let now = judged_by(judge).map_err(|error| unreadable("the contract", error.to_string()))?;
    let mut again = Again::default();
    let said = effective(&rows, None).into_values().flatten().filter(|row| !is_retracted(row));
    for row in said {
        if judged_elsewhere(row) {
            match row.new.basis == judge.commitment.basis {
                true => again.not_compared += 1,
                false => again.elsewhere.push(row.clone()),
            }
            continue;
        }
        if row.new.judged_by == now {
            again.unchanged += 1;
            continue;
        }
        let digest: Digest = row.new.file_sha256.parse().map_err(|error: entente_documents::NotADigest| {
            unreadable(&format!("reading `{}`", row.new.id), error.to_string())
        })?;
        let job = Job {
            judge,
            partition: &row.new.partition.0,
            file: &row.new.file,
            replaces: Replaces::Partition,
            former: Some(&row.new.id),
            covers: still_covers(row, judge.known_on),
            currency: Some(row.new.currency).filter(|currency| *currency != judge.commitment.currency),
            insists: Insists { restate: true, beside: true, whole: true },
            restore: true,
            dry_run,
            limits: Limits::default(),
            by,
            at,
        };
        let came = match raw.get(&digest).await {
            Ok(file) => take_in(store, file, digest, job, &mut |come| progress(row, come)).await,
            Err(error) => Err(error.into()),
        };
        match came {
            Ok(Came::New(taken)) => again.read.push((row.clone(), *taken)),
            Ok(Came::Before(_) | Came::Replaced(_) | Came::Stated(_)) => again.unchanged += 1,
            Err(error) if is_of_its_file(&error) => again.failed.push((row.clone(), error)),
            Err(error) => return Err(error),
        }
    }
    Ok(again)
}

/// The partitions of which something was judged by other terms or rules than are known now, or on another basis: figures that are made
/// of them are not what they would be.
///
/// # Errors
/// When the database cannot be read.
pub async fn judged_otherwise(store: &dyn Store, judge: Judge<'_>) -> Result<BTreeSet<Partition>, DeskError> {
    let rows = readings_of(store, judge.commitment).await?;
    let unreadable = |why: String| DeskError::Unreadable { what: "the contract".to_owned(), why };
    let now = judged_by(judge).map_err(|error| unreadable(error.to_string()))?;
    let said = effective(&rows, None).into_values().flatten().filter(|row| !is_retracted(row));
    let otherwise = said.filter(|row| !judged_elsewhere(row) && row.new.judged_by != now);
    Ok(otherwise.map(|row| row.new.partition.clone()).collect())
}

/// Whether an error is about one file, and says nothing about the others.
fn is_of_its_file(error: &ImportError) -> bool {
    match error {
        // Somebody else reads this file again just now.
        ImportError::Records(DeskError::Store(entente_store::Error::Conflict { .. })) => true,
        ImportError::Kept(error) => matches!(error, KeptError::Missing { .. } | KeptError::Changed { .. }),
        ImportError::Records(_) | ImportError::BrokeOff(_) => false,
        _ => true,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_somebody_else_does_to_one_file_keeps_back_no_other() {
        let conflict = entente_store::Error::Conflict { kind: "reading", id: "4711".into() };
        let overtaken = ImportError::Overtaken { file: "march.csv".into(), partition: "2026-03".into() };
        assert!(is_of_its_file(&conflict.into()) && is_of_its_file(&overtaken));
        assert!(!is_of_its_file(&entente_store::Error::Database("the disk is full".into()).into()));
    }
}
