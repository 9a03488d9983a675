//! Rows that differ in nothing but their amount, added up.

use std::{
    hash::{BuildHasher as _, RandomState},
    rc::Rc,
};

use rustc_hash::{FxBuildHasher, FxHashMap};

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

/// The most bytes that are held of what words say: about as much again as 200 000 rows of real words take.
const BYTES_MOST: usize = 128 * 1024 * 1024;

/// What stands for a row's words: 128 bits of two hashes that have nothing in common. The first one's key is drawn anew for each file,
/// so that nobody can choose words for which it is the same; that it is so by chance, and the other one too, happens to one in 10^25
/// files of a million different words.
type Words = (u64, u64);

/// The classes of a portion. What is known about words is kept from portion to portion, within bounds.
pub(crate) struct Classes {
    /// By a row's words as they stand.
    known: FxHashMap<Words, Led>,
    /// The hash whose key is drawn.
    keyed: RandomState,
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
            keyed: RandomState::new(),
            said: FxHashMap::default(),
            held: Vec::new(),
            held_bytes: 0,
            most: most.max(1),
        }
    }

    /// Where a row's words lead; what is not known yet is asked for.
    pub fn led(&mut self, key: &[u8], ask: impl FnOnce() -> Result<Charge, Bad>) -> Led {
        let words = (self.keyed.hash_one(key), FxBuildHasher.hash_one(key));
        if let Some(&led) = self.known.get(&words) {
            return led;
        }
        let led = self.led_by(ask());
        // Forgotten words cost time when they come again, nothing else.
        if self.known.len() >= self.most.saturating_mul(4) {
            self.known.clear();
        }
        self.known.insert(words, led);
        led
    }

    /// Where what was understood leads.
    pub fn led_by(&mut self, understood: Result<Charge, Bad>) -> Led {
        match understood {
            Ok(charge) => Led::To(self.number(charge)),
            Err(bad) => Led::Away(bad),
        }
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

    /// Forgets words and what they say, since nothing more is to come.
    pub fn forget(&mut self) {
        self.known = FxHashMap::default();
        self.said = FxHashMap::default();
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
        let mut classes = Vec::with_capacity(self.held.iter().filter(|held| held.rows > 0).count());
        for held in self.held.iter_mut().filter(|held| held.rows > 0) {
            let amount = decimal::amount(held.units)?;
            let line =
                held.charge.line(amount).ok_or_else(|| SpendError::Damaged("a day beyond the calendar".into()))?;
            let untold = held.charge.untold;
            classes.push(Class { line, untold, rows: held.rows, first_row: held.first_row, last_row: held.last_row });
            (held.units, held.rows) = (0, 0);
        }
        classes.sort_unstable_by_key(|class| class.first_row);
        if self.full() {
            self.known.clear();
            self.said.clear();
            self.held.clear();
            self.held_bytes = 0;
        }
        Ok(classes)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{columns::Role, quarantine::Reason};

    #[test]
    fn what_is_remembered_of_words_is_bounded_and_what_is_forgotten_is_asked_for_again() {
        let mut classes = Classes::new(100);
        let mut asked = 0;
        for key in (0..1_000_u32).chain(999..1_000).chain(0..1) {
            let led = classes.led(&key.to_le_bytes(), || {
                asked += 1;
                Err(Bad { reason: Reason::NotAName, role: Role::Service })
            });
            assert!(matches!(led, Led::Away(_)));
            assert!(classes.known.len() <= 400, "{} after {key}", classes.known.len());
        }
        assert_eq!(asked, 1_001, "the last words are known still, and the first ones no longer");
        assert!(!classes.full(), "words that lead to no class fill none");
    }
}
