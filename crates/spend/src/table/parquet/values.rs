//! What the columns of a row group say, a batch of rows at a time.

use std::{collections::BTreeMap, rc::Rc};

use rustc_hash::{FxHashMap, FxHashSet};

use super::{chunk::Sink, damaged, kind::TextKind};
use crate::SpendError;

/// The most bytes of texts that are kept.
const TEXTS_MOST: usize = 8 * 1024 * 1024;

/// A column of texts. Equal texts have one number in the whole file, and nothing has the number 0.
pub(super) struct TextValues {
    kind: TextKind,
    bytes: Vec<u8>,
    ends: Vec<usize>,
    numbered: FxHashMap<Box<[u8]>, u32>,
    /// Of a column in which few texts matter, those; the others are as nothing.
    only: Option<Rc<FxHashSet<Box<[u8]>>>>,
    /// The numbers of the dictionary's entries.
    dictionary: Vec<u32>,
    /// The numbers of the batch's rows.
    pub numbers: Vec<u32>,
}

impl TextValues {
    pub fn new(kind: TextKind, only: Option<Rc<FxHashSet<Box<[u8]>>>>) -> TextValues {
        TextValues {
            kind,
            bytes: Vec::new(),
            ends: vec![0],
            numbered: FxHashMap::default(),
            only,
            dictionary: Vec::new(),
            numbers: Vec::new(),
        }
    }

    /// How many bits the numbers take.
    pub fn bits(&self) -> u32 {
        usize::BITS - (self.ends.len() - 1).leading_zeros()
    }

    /// The text of a number.
    pub fn text(&self, number: u32) -> &[u8] {
        let number = number as usize;
        let (Some(from), Some(to)) = (self.ends.get(number.wrapping_sub(1)), self.ends.get(number)) else { return b"" };
        self.bytes.get(*from..*to).unwrap_or_default()
    }

    /// Begins a batch. Gives whether numbers mean something else from now on.
    pub fn begin_batch(&mut self) -> bool {
        self.numbers.clear();
        let many = self.bytes.len() > TEXTS_MOST;
        if many {
            self.forget();
        }
        many
    }

    /// Forgets all texts but those of the dictionary.
    fn forget(&mut self) {
        let (bytes, ends) = (std::mem::take(&mut self.bytes), std::mem::replace(&mut self.ends, vec![0]));
        self.numbered.clear();
        for at in 0..self.dictionary.len() {
            let number = self.dictionary.get(at).copied().unwrap_or_default() as usize;
            let (Some(from), Some(to)) = (ends.get(number.wrapping_sub(1)), ends.get(number)) else { continue };
            let again = self.put(bytes.get(*from..*to).unwrap_or_default());
            if let Some(number) = self.dictionary.get_mut(at) {
                *number = again;
            }
        }
    }

    /// The number of a stored text.
    fn number(&mut self, raw: &[u8]) -> u32 {
        match self.kind {
            TextKind::Text => self.put(raw),
            TextKind::Number => {
                let mut text = Vec::new();
                self.kind.write(raw, &mut text);
                self.put(&text)
            }
        }
    }

    fn put(&mut self, text: &[u8]) -> u32 {
        if let Some(number) = self.numbered.get(text) {
            return *number;
        }
        if self.only.as_ref().is_some_and(|only| !only.contains(text.trim_ascii())) {
            return 0;
        }
        let number = u32::try_from(self.ends.len()).unwrap_or_default();
        self.bytes.extend_from_slice(text);
        self.ends.push(self.bytes.len());
        self.numbered.insert(text.into(), number);
        number
    }
}

impl Sink for TextValues {
    fn begin(&mut self) {
        self.dictionary.clear();
    }

    fn entry(&mut self, raw: &[u8]) {
        let number = self.number(raw);
        self.dictionary.push(number);
    }

    fn places(&mut self, places: &[u32]) -> Result<(), SpendError> {
        let dictionary = self.dictionary.as_slice();
        if places.iter().any(|place| *place as usize >= dictionary.len()) {
            return Err(beyond());
        }
        self.numbers.extend(places.iter().map(|place| dictionary.get(*place as usize).copied().unwrap_or_default()));
        Ok(())
    }

    fn value(&mut self, raw: &[u8]) {
        let number = self.number(raw);
        self.numbers.push(number);
    }

    fn nothing(&mut self, times: usize) {
        self.numbers.resize(self.numbers.len() + times, 0);
    }
}

fn beyond() -> SpendError {
    damaged("a value of the Parquet file is beyond its dictionary")
}

/// Understands a stored value.
type Understand<T> = Box<dyn FnMut(&[u8]) -> T>;

/// A column of amounts or dates.
pub(super) struct Read<T> {
    understand: Understand<T>,
    /// Whether a value is one to keep a sample of.
    is_bad: fn(&T) -> bool,
    nothing: T,
    dictionary: Vec<T>,
    bad_entries: BTreeMap<u32, Box<[u8]>>,
    /// What the batch's rows say.
    pub values: Vec<T>,
    /// What those say that are bad, by their place in the batch.
    pub samples: BTreeMap<usize, Box<[u8]>>,
}

impl<T: Copy> Read<T> {
    pub fn new(understand: impl FnMut(&[u8]) -> T + 'static, is_bad: fn(&T) -> bool, nothing: T) -> Read<T> {
        Read {
            understand: Box::new(understand),
            is_bad,
            nothing,
            dictionary: Vec::new(),
            bad_entries: BTreeMap::new(),
            values: Vec::new(),
            samples: BTreeMap::new(),
        }
    }

    pub fn begin_batch(&mut self) {
        self.values.clear();
        self.samples.clear();
    }
}

impl<T: Copy> Sink for Read<T> {
    fn begin(&mut self) {
        self.dictionary.clear();
        self.bad_entries.clear();
    }

    fn entry(&mut self, raw: &[u8]) {
        let value = (self.understand)(raw);
        if (self.is_bad)(&value) {
            self.bad_entries.insert(u32::try_from(self.dictionary.len()).unwrap_or_default(), raw.into());
        }
        self.dictionary.push(value);
    }

    fn places(&mut self, places: &[u32]) -> Result<(), SpendError> {
        for place in places {
            let value = *self.dictionary.get(*place as usize).ok_or_else(beyond)?;
            if !self.bad_entries.is_empty()
                && let Some(raw) = self.bad_entries.get(place)
            {
                self.samples.insert(self.values.len(), raw.clone());
            }
            self.values.push(value);
        }
        Ok(())
    }

    fn value(&mut self, raw: &[u8]) {
        let value = (self.understand)(raw);
        if (self.is_bad)(&value) {
            self.samples.insert(self.values.len(), raw.into());
        }
        self.values.push(value);
    }

    fn nothing(&mut self, times: usize) {
        self.values.resize(self.values.len() + times, self.nothing);
    }
}
