//! Taking back what was taken in by mistake: a version of its partition that says nothing. What it said before stays readable.

use entente_core::commitment::Replaces;
use entente_store::{NewReading, ReadingRow, ReadingStatus, Store};
use jiff::{Timestamp, civil::Date};
use sha2::{Digest as _, Sha256};

use super::{judged::reading_id, stage::ImportError};

/// What a version is that says nothing any more.
const RETRACTED: &str = "retracted";

/// Whether a partition was taken back with this version.
pub fn is_retracted(row: &ReadingRow) -> bool {
    row.new.format == RETRACTED
}

/// Takes back what a partition says by one of its readings, which has to be the one that is current. The id of the version that
/// says nothing, and the days that nothing is known of any more.
///
/// # Errors
/// When another reading is current by now, it was taken back already, or the database cannot be written.
pub async fn retract(
    store: &dyn Store,
    row: &ReadingRow,
    (by, at): (&str, Timestamp),
) -> Result<(String, (Date, Date)), ImportError> {
    let days = row.from.zip(row.through).filter(|_| row.status == ReadingStatus::Current && !is_retracted(row));
    let Some(days) = days else { return Err(ImportError::NotCurrent(row.new.id.clone())) };
    let new = NewReading {
        id: reading_id(&[RETRACTED, &row.new.id]),
        replaces: Replaces::Partition,
        file_sha256: hex::encode(Sha256::digest([])),
        format: RETRACTED.to_owned(),
        by: by.to_owned(),
        at,
        ..row.new.clone()
    };
    store.begin_reading(&new).await?;
    store.publish_reading(&new.id, days.0, days.1, at, Some(&row.new.id)).await?;
    Ok((new.id, days))
}
