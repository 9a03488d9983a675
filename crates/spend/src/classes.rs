//! Rows that differ in nothing but their amount, added up.

use std::rc::Rc;

use rustc_hash::FxHashMap;

use crate::{
    SpendError,
    charge::{Bad, Charge},
    decimal,
    read::Class,
};

/// What the words of a row led to.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Led {
    /// To a class, by its number.
    To(u32),
    /// To the quarantine.
    Away(Bad),
}

struct Held {
    charge: Rc<Charge>,
    units: i128,
    rows: u64,
    first_row: u64,
    last_row: u64,
}

/// The most bytes that are held of words, and of what they say: about as much again as 200 000 rows of real words take.
const BYTES_MOST: usize = 128 * 1024 * 1024;

/// The classes of a portion. What is known about words is kept from portion to portion, within bounds.
pub(crate) struct Classes {
    /// By a row's words as they stand.
    known: FxHashMap<Box<[u8]>, Led>,
    /// How many bytes those are.
    known_bytes: usize,
    /// By what they say.
    said: FxHashMap<Rc<Charge>, u32>,
    held: Vec<Held>,
    /// How many bytes the accounts and products of those have.
    held_bytes: usize,
    most: usize,
}

impl Classes {
    /// At most about `most` are held.
    pub fn new(most: usize) -> Classes {
        Classes {
            known: FxHashMap::default(),
            known_bytes: 0,
            said: FxHashMap::default(),
            held: Vec::new(),
            held_bytes: 0,
            most: most.max(1),
        }
    }

    /// Where a row's words lead; what is not known yet is asked for.
    pub fn led(&mut self, key: &[u8], ask: impl FnOnce() -> Result<Charge, Bad>) -> Led {
        if let Some(&led) = self.known.get(key) {
            return led;
        }
        let led = match ask() {
            Ok(charge) => Led::To(self.number(charge)),
            Err(bad) => Led::Away(bad),
        };
        // Forgotten words cost time when they come again, nothing else.
        self.known_bytes += key.len();
        if self.known.len() >= self.most.saturating_mul(2) || self.known_bytes > BYTES_MOST {
            self.known.clear();
            self.known_bytes = key.len();
        }
        self.known.insert(key.into(), led);
        led
    }

    fn number(&mut self, charge: Charge) -> u32 {
        if let Some(&number) = self.said.get(&charge) {
            return number;
        }
        let number = u32::try_from(self.held.len()).unwrap_or(u32::MAX);
        self.held_bytes += charge.account.len() + charge.product.len();
        let charge = Rc::new(charge);
        self.said.insert(Rc::clone(&charge), number);
        self.held.push(Held { charge, units: 0, rows: 0, first_row: 0, last_row: 0 });
        number
    }

    /// Adds a row to a class.
    pub fn add(&mut self, number: u32, row: u64, units: i128) {
        let Some(held) = self.held.get_mut(number as usize) else { return };
        if held.rows == 0 {
            held.first_row = row;
        }
        held.units += units;
        held.rows += 1;
        held.last_row = row;
    }

    /// Whether no more should be held.
    pub fn full(&self) -> bool {
        self.held.len() >= self.most || self.held_bytes >= BYTES_MOST
    }

    /// The classes that have rows, in the order of their first one. They begin again at nothing.
    pub fn take(&mut self) -> Result<Vec<Class>, SpendError> {
        let mut classes = Vec::new();
        for held in self.held.iter_mut().filter(|held| held.rows > 0) {
            let amount = decimal::amount(held.units)?;
            let line =
                held.charge.line(amount).ok_or_else(|| SpendError::Damaged("a day beyond the calendar".into()))?;
            let untold = held.charge.untold;
            classes.push(Class { line, untold, rows: held.rows, first_row: held.first_row, last_row: held.last_row });
            (held.units, held.rows) = (0, 0);
        }
        classes.sort_by_key(|class| class.first_row);
        if self.full() {
            self.known.clear();
            self.said.clear();
            self.held.clear();
            (self.known_bytes, self.held_bytes) = (0, 0);
        }
        Ok(classes)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{columns::Role, quarantine::Reason};

    #[test]
    fn what_is_remembered_of_words_is_bounded_by_its_bytes() {
        let mut classes = Classes::new(100_000);
        let mut key = vec![0; 4 * 1024 * 1024];
        for row in 0..80_u8 {
            key[0] = row;
            let away = || Err(Bad { reason: Reason::NotAName, role: Role::Service });
            assert!(matches!(classes.led(&key, away), Led::Away(_)));
            let held: usize = classes.known.keys().map(|key| key.len()).sum();
            assert!(held <= BYTES_MOST && held >= key.len(), "{held} bytes after row {row}");
        }
        assert!(!classes.full(), "words that lead to no class fill none");
    }
}
