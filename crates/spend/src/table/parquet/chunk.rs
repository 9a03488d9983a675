//! The values of one column of one row group.

use std::slice;

use parquet::{
    basic::{Encoding, Type},
    column::page::{Page, PageReader},
    data_type::AsBytes as _,
};

use super::{damaged, hybrid::Hybrid};
use crate::SpendError;

/// Takes values as they are stored: bytes, least first where they are numbers.
pub(super) trait Sink {
    /// A dictionary begins: places that follow are in it.
    fn begin(&mut self);
    /// The dictionary's next value.
    fn entry(&mut self, raw: &[u8]);
    /// Values by their places in the dictionary.
    fn places(&mut self, places: &[u32]) -> Result<(), SpendError>;
    /// A value that is written out.
    fn value(&mut self, raw: &[u8]);
    /// Nothing, so many times.
    fn nothing(&mut self, times: usize);
}

/// How many bytes a value has.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Width {
    Fixed(usize),
    /// Each says it itself.
    Varying,
}

impl Width {
    /// That of a physical type, where its values may be read here. Values without bytes are refused: any number of them fits into
    /// an empty page.
    pub fn of(kind: Type, length: i32) -> Result<Option<Width>, SpendError> {
        let without = || damaged("a column of the Parquet file has values of no bytes");
        Ok(Some(match kind {
            Type::INT32 | Type::FLOAT => Width::Fixed(4),
            Type::INT64 | Type::DOUBLE => Width::Fixed(8),
            Type::INT96 => Width::Fixed(12),
            Type::FIXED_LEN_BYTE_ARRAY => {
                Width::Fixed(usize::try_from(length).ok().filter(|length| *length > 0).ok_or_else(without)?)
            }
            Type::BYTE_ARRAY => Width::Varying,
            Type::BOOLEAN => return Ok(None),
        }))
    }

    /// The value at a place of a page, and where the next one begins.
    fn value(self, bytes: &[u8], at: usize) -> Result<(&[u8], usize), SpendError> {
        let cut = || damaged("a page of the Parquet file is cut off");
        let (from, length) = match self {
            Width::Fixed(length) => (at, length),
            Width::Varying => {
                let size = bytes.get(at..at + 4).and_then(|size| size.try_into().ok()).map(u32::from_le_bytes);
                (at + 4, size.and_then(|size| usize::try_from(size).ok()).ok_or_else(cut)?)
            }
        };
        let to = from.checked_add(length).ok_or_else(cut)?;
        Ok((bytes.get(from..to).ok_or_else(cut)?, to))
    }
}

/// A column of a row group while it is read.
pub(super) struct Chunk {
    pages: Box<dyn PageReader>,
    width: Width,
    optional: bool,
    page: Option<Data>,
    levels: Vec<u32>,
    places: Vec<u32>,
}

/// A page of data.
struct Data {
    page: Page,
    left: usize,
    levels: Option<Hybrid>,
    values: Values,
}

enum Values {
    Written { at: usize },
    Places(Hybrid),
}

/// Whether pages may be read here; others go through the library's own decoders.
pub(super) fn readable(encodings: impl Iterator<Item = Encoding>) -> bool {
    let known = |encoding| {
        matches!(encoding, Encoding::PLAIN | Encoding::RLE | Encoding::RLE_DICTIONARY | Encoding::PLAIN_DICTIONARY)
    };
    let mut encodings = encodings;
    encodings.all(known)
}

impl Chunk {
    pub fn new(pages: Box<dyn PageReader>, width: Width, optional: bool) -> Chunk {
        Chunk { pages, width, optional, page: None, levels: Vec::new(), places: Vec::new() }
    }

    /// Hands the next `rows` values to `sink`.
    pub fn fill(&mut self, rows: usize, sink: &mut impl Sink) -> Result<(), SpendError> {
        let mut wanted = rows;
        while wanted > 0 {
            let Some(mut data) = self.page.take().filter(|data| data.left > 0) else {
                self.turn(sink)?;
                continue;
            };
            let taken = data.left.min(wanted);
            self.part(&mut data, taken, sink)?;
            data.left -= taken;
            wanted -= taken;
            self.page = Some(data);
        }
        Ok(())
    }

    /// Turns to the next page.
    fn turn(&mut self, sink: &mut impl Sink) -> Result<(), SpendError> {
        let page = self.pages.get_next_page().map_err(damaged)?;
        let page =
            page.ok_or_else(|| damaged("a column of the Parquet file has fewer values than its row group has rows"))?;
        if let Page::DictionaryPage { buf, num_values, .. } = &page {
            sink.begin();
            let mut at = 0;
            for _ in 0..*num_values {
                let (value, next) = self.width.value(buf, at)?;
                sink.entry(value);
                at = next;
            }
            return Ok(());
        }
        self.page = Some(self.data(page)?);
        Ok(())
    }

    fn data(&self, page: Page) -> Result<Data, SpendError> {
        let bytes = page.buffer();
        let cut = || damaged("a page of the Parquet file is cut off");
        let (levels, at) = match &page {
            Page::DataPageV2 { def_levels_byte_len, rep_levels_byte_len, .. } => {
                let (skip, length) = (*rep_levels_byte_len as usize, *def_levels_byte_len as usize);
                let levels = if self.optional { Some(Hybrid::new(skip, 1)?) } else { None };
                (levels, skip + length)
            }
            _ if self.optional => {
                let size = bytes.get(..4).and_then(|size| size.try_into().ok()).map(u32::from_le_bytes);
                (Some(Hybrid::new(4, 1)?), size.ok_or_else(cut)? as usize + 4)
            }
            _ => (None, 0),
        };
        let values = match page.encoding() {
            Encoding::PLAIN => Values::Written { at },
            // Where every value is nothing, not even the width is written.
            _ => match bytes.get(at) {
                Some(width) => Values::Places(Hybrid::new(at + 1, *width)?),
                None => Values::Places(Hybrid::new(at, 0)?),
            },
        };
        Ok(Data { left: page.num_values() as usize, levels, values, page })
    }

    fn part(&mut self, data: &mut Data, rows: usize, sink: &mut impl Sink) -> Result<(), SpendError> {
        let bytes = data.page.buffer().as_bytes();
        self.levels.clear();
        if let Some(levels) = &mut data.levels {
            levels.read(bytes, rows, &mut self.levels)?;
        }
        let present = match data.levels {
            Some(_) => self.levels.iter().filter(|level| **level == 1).count(),
            None => rows,
        };
        if present == 0 {
            sink.nothing(rows);
            return Ok(());
        }
        match &mut data.values {
            Values::Places(places) => {
                self.places.clear();
                places.read(bytes, present, &mut self.places)?;
                if present == rows {
                    return sink.places(&self.places);
                }
                let mut next = 0;
                for level in &self.levels {
                    if *level == 1 {
                        sink.places(self.places.get(next).map(slice::from_ref).unwrap_or_default())?;
                        next += 1;
                    } else {
                        sink.nothing(1);
                    }
                }
            }
            Values::Written { at } => {
                for row in 0..rows {
                    if self.levels.get(row).is_none_or(|level| *level == 1) {
                        let (value, next) = self.width.value(bytes, *at)?;
                        sink.value(value);
                        *at = next;
                    } else {
                        sink.nothing(1);
                    }
                }
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_without_bytes_are_refused() {
        assert!(matches!(Width::of(Type::FIXED_LEN_BYTE_ARRAY, 0), Err(SpendError::Damaged(_))));
        assert_eq!(Width::of(Type::FIXED_LEN_BYTE_ARRAY, 16).unwrap(), Some(Width::Fixed(16)));
    }
}
