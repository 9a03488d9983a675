//! What a partner is owed, month by month, in a document that proves itself.
//!
//! A [`Statement`] holds one [`Section`] per fund and currency: what was owed when the month began, each movement with
//! the rules that set it, and what was owed when it ended. There is none that does not add up. As a file it is lines of
//! canonical JSON, each with its number and a hash over itself and the line before it, and a signature over the last
//! hash at the end ([`Statement::sign`]). [`verify()`] needs the file and the public key, and names the line that is not
//! as it was signed.

mod entry;
mod finding;
mod open;
mod period;
mod section;
mod verify;

use std::collections::BTreeSet;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

pub use finding::{Restored, StatementFinding};
pub use period::{NotAPeriod, Period};
pub use section::{Applied, Line, Section, SectionError, SectionFault, TEXT_MOST, owed_after};
pub use verify::{BYTES_MOST, StatementReport, UnreadableStatement, verify};

use crate::ids::{LegalEntityId, PartyId};
use entry::{Chained, Entry};

/// What one legal entity of the vendor owes one partner, and what happened to it in a month.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Statement {
    partner: PartyId,
    entity: LegalEntityId,
    period: Period,
    sections: Vec<Section>,
    preliminary: Option<Preliminary>,
}

/// That a statement was made before its month was over.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Preliminary {
    /// When it was made: what is booked from then on is not in it.
    pub as_of: Timestamp,
    /// The same for people.
    pub says: String,
}

impl Statement {
    /// A statement. Sections are per fund and currency; one that has neither a balance nor a movement may be left out.
    ///
    /// # Errors
    /// When a section does not add up, has a movement of another month, or is there twice.
    pub fn new(
        partner: PartyId,
        entity: LegalEntityId,
        period: Period,
        sections: Vec<Section>,
    ) -> Result<Statement, SectionError> {
        let mut seen = BTreeSet::new();
        for section in &sections {
            section.check(&period)?;
            if !seen.insert((section.fund.as_str(), section.opening.currency)) {
                return Err(section.error(SectionFault::Doubled));
            }
        }
        Ok(Statement { partner, entity, period, sections, preliminary: None })
    }

    /// The same as it stood at an instant: preliminary where the month was not over.
    pub fn as_of(self, at: Timestamp) -> Statement {
        let over = self.period.ends_at().is_some_and(|end| at >= end);
        let says = || format!("preliminary: {} is not over, and what is owed may still change", self.period);
        let preliminary = (!over).then(|| Preliminary { as_of: at, says: says() });
        Statement { preliminary, ..self }
    }

    /// That it was made before its month was over.
    pub fn preliminary(&self) -> Option<&Preliminary> {
        self.preliminary.as_ref()
    }

    /// Whom it is for.
    pub fn partner(&self) -> &PartyId {
        &self.partner
    }

    /// The legal entity that owes.
    pub fn entity(&self) -> &LegalEntityId {
        &self.entity
    }

    /// The month.
    pub fn period(&self) -> &Period {
        &self.period
    }

    /// The sections, in the order in which they were given.
    pub fn sections(&self) -> &[Section] {
        &self.sections
    }

    /// The bytes of its file, signed by `sign` with the key of this name. The same statement, key and signature always
    /// give the same bytes.
    pub fn sign(&self, key: &str, sign: impl FnOnce(&[u8]) -> String) -> Vec<u8> {
        let mut chain = Chained::default();
        let mut file = String::new();
        let mut push = |entry: Entry| {
            file.push_str(&chain.append(&entry));
            file.push('\n');
        };
        push(Entry::head(self));
        for section in &self.sections {
            push(Entry::Opening { fund: section.fund.clone(), owed: section.opening });
            section.lines.iter().for_each(|line| push(Entry::Line(line.clone())));
            push(Entry::Closing { owed: section.closing });
        }
        file.push_str(&chain.end(key, sign));
        file.push('\n');
        file.into_bytes()
    }
}
