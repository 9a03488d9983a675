//! The days that a file is complete for.

use entente_core::commitment::{Replaces, eligibility::Sums};
use entente_spend::Shape;
use entente_store::{Quarantined, ReadingRow, ReadingStatus};
use jiff::civil::Date;

use super::{
    currencies::OTHER_CURRENCY, job::Job, judged::judged_elsewhere, retract::is_retracted, stage::ImportError,
};

/// The days of a partition that a file without any row restates to nothing.
pub(super) fn empties(known: &[ReadingRow], job: Job<'_>, shape: Shape, aside: &[Quarantined]) -> Option<(Date, Date)> {
    let current = |row: &&ReadingRow| row.status == ReadingStatus::Current && !is_retracted(row);
    let here = known.iter().filter(current).find(|row| row.new.partition.0 == job.partition);
    // What is in other currencies is kept elsewhere, and is no row of this partition.
    let none = aside.iter().all(|rows| job.currency.is_some() && rows.reason == OTHER_CURRENCY);
    let may = shape != Shape::MaccLots && none && job.comes_in_place_of_all();
    here.filter(|_| may).and_then(|row| row.from.zip(row.through))
}

/// The days of which a file tells that it is complete for them; for the day of the import where all that it says is dated ahead.
pub(super) fn told(days: Option<(Date, Date)>, rows: u64, job: Job<'_>) -> Option<(Date, Date)> {
    let today = job.judge.known_on;
    days.or_else(|| (rows > 0).then_some((today, today)))
}

/// The days that a file is complete for. What comes in place of days cannot say anything of others.
pub(super) fn covers(job: Job<'_>, told: (Date, Date), says: &Sums) -> Result<(Date, Date), ImportError> {
    match job.covers {
        None => Ok(told),
        Some(covers) if job.replaces == Replaces::Days => {
            let days = || says.keys().map(|key| key.day);
            let holds = (days().fold(told.0, Date::min), days().fold(told.1, Date::max));
            match holds.0 < covers.0 || covers.1 < holds.1 {
                true => Err(ImportError::Outside { file: job.file.to_owned(), holds, covers }),
                false => Ok(covers),
            }
        }
        Some(covers) => Ok(covers),
    }
}

/// Whether a file that is in would be complete for other days now: for those that are said, or for the whole of a billing period
/// that was not over then.
pub(super) fn covers_otherwise(row: &ReadingRow, job: Job<'_>) -> bool {
    let Some((from, through)) = row.from.zip(row.through) else { return false };
    match job.covers {
        Some(covers) => covers != (from, through),
        None => grown(row, through, job.judge.known_on),
    }
}

/// Whether a reading's last month has ended since it was read.
fn grown(row: &ReadingRow, through: Date, now: Date) -> bool {
    let last = through.last_of_month();
    !judged_elsewhere(row) && through < last && (row.new.known_on..now).contains(&last)
}

/// The days that a reading is complete for when it is read again: as before, since they may have been said; `None` where its month
/// has ended since.
pub(super) fn still_covers(row: &ReadingRow, now: Date) -> Option<(Date, Date)> {
    row.from.zip(row.through).filter(|(_, through)| !grown(row, *through, now))
}
