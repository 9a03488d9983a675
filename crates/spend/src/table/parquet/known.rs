//! What texts say, and where that led.

use std::rc::Rc;

use rustc_hash::FxHashMap;

use super::{kind::TextKind, plan::Plan, values::TextValues};
use crate::{
    SpendError,
    charge::Named,
    classes::Led,
    columns::{Role, TEXTS},
    read::Intake,
};

/// How many bits the days of a row and its sign take.
const DAY_BITS: u32 = 17;
/// The most ways that texts may come together which are remembered.
const KNOWN_MOST: usize = 400_000;

/// What the texts of all row groups say, and where that led.
pub(super) struct Words {
    pub texts: Vec<(Role, TextValues)>,
    pub known: Known,
}

impl Words {
    pub fn of(plan: &Plan, intake: &Intake) -> Result<Words, SpendError> {
        let mut texts = Vec::new();
        for (role, (_, column)) in plan.texts() {
            let only = (role == Role::SubAccount).then(|| Rc::clone(&intake.below));
            texts.push((role, TextValues::new(TextKind::of(column)?, only)));
        }
        Ok(Words { texts, known: Known::default() })
    }
}

/// Where rows led whose texts have these numbers. The numbers of a row are packed into one.
#[derive(Default)]
pub(super) struct Known {
    pub led: FxHashMap<u64, Led>,
    days: FxHashMap<Named, u64>,
    last: Option<(Named, u64)>,
    bits: Vec<u32>,
    /// Where they do not fit: a number for all of them.
    wide: FxHashMap<[u32; TEXTS], u64>,
    /// Of the batch's rows.
    packed: Vec<u64>,
}

impl Known {
    pub fn full(&self) -> bool {
        self.led.len() > KNOWN_MOST || self.days.len() >= 1 << (DAY_BITS - 2) || self.wide.len() > KNOWN_MOST
    }

    pub fn clear(&mut self) {
        self.led.clear();
        self.days.clear();
        self.wide.clear();
        self.last = None;
    }

    /// Turns to a batch. What was known is forgotten where numbers mean something else from now on.
    pub fn turn(&mut self, texts: &[(Role, TextValues)], rows: usize, changed: bool) {
        let bits = || texts.iter().map(|(_, values)| values.bits());
        if changed || !bits().eq(self.bits.iter().copied()) {
            self.clear();
            self.bits.clear();
            self.bits.extend(bits());
        }
        self.packed.clear();
        self.packed.resize(rows, 0);
        if self.bits.iter().sum::<u32>() <= u64::BITS - DAY_BITS {
            for ((_, values), bits) in texts.iter().zip(&self.bits).filter(|(_, bits)| **bits > 0) {
                for (packed, number) in self.packed.iter_mut().zip(&values.numbers) {
                    *packed = *packed << bits | u64::from(*number);
                }
            }
            return;
        }
        for (at, packed) in self.packed.iter_mut().enumerate() {
            let mut numbers = [0; TEXTS];
            for (role, values) in texts {
                numbers[*role as usize] = values.numbers.get(at).copied().unwrap_or_default();
            }
            let next = self.wide.len() as u64;
            *packed = *self.wide.entry(numbers).or_insert(next);
        }
    }

    pub fn key(&mut self, at: usize, named: Named, negative: bool) -> u64 {
        let day = match self.last {
            Some((last, day)) if last == named => day,
            _ => {
                let next = self.days.len() as u64;
                let day = *self.days.entry(named).or_insert(next);
                self.last = Some((named, day));
                day
            }
        };
        let packed = self.packed.get(at).copied().unwrap_or_default();
        packed << DAY_BITS | day << 1 | u64::from(negative)
    }
}
