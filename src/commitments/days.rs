//! The day of figures, and the day of the knowledge.

use entente_core::context::commitment::Contract;
use jiff::{Timestamp, civil::Date};

use super::{CommitmentError, family, stored::Stored};

/// The days that somebody asks about.
#[derive(Debug, Clone, Copy, Default)]
pub struct Days {
    /// The figures at the end of this day; the last one of which there may be any where none is said.
    pub as_of: Option<Date>,
    /// As they were known at the end of this day; today where none is said.
    pub known_on: Option<Date>,
}

impl Days {
    /// The day of the figures, and that of the knowledge.
    ///
    /// # Errors
    /// When one of them is still to come.
    pub fn of(self, stored: &Stored, now: Timestamp) -> Result<(Date, Date), CommitmentError> {
        let today = stored.commitment.day_of(now);
        for (field, day) in [("as_of", self.as_of), ("known_on", self.known_on)] {
            if let Some(day) = day.filter(|day| *day > today) {
                let why = format!("{day} is still to come, and nothing is known of it");
                let hint = Some("where it will end is told by `entente commitment forecast`");
                return Err(CommitmentError::Wrong { field, why, hint });
            }
        }
        let known_on = self.known_on.unwrap_or(today);
        let contract: &Contract = &stored.contract;
        let as_of = self.as_of.map_or_else(|| family::day_of(contract, known_on.min(today)), Ok)?;
        Ok((as_of, known_on))
    }
}
