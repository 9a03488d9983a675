//! Texts that cells share: the one part of a workbook that is held as a whole, up to a bound.

use super::{
    package::Package,
    xml::{Happening, Xml},
};
use crate::{
    CELL_MOST,
    error::{Error, Fault},
};

/// The most bytes of all shared texts.
const BYTES_MOST: usize = 64 * 1024 * 1024;
/// The most shared texts.
const TEXTS_MOST: usize = 4_000_000;

/// The shared texts, one after the other.
#[derive(Default)]
pub(super) struct Strings {
    text: String,
    ends: Vec<u32>,
}

impl Strings {
    pub(super) fn read(package: &mut Package) -> Result<Strings, Error> {
        const PART: &str = "xl/sharedStrings.xml";
        let Some(part) = package.part(PART)? else { return Ok(Strings::default()) };
        Strings::gather(Xml::new(PART, part)).map_err(Error::whole)
    }

    fn gather(mut xml: Xml) -> Result<Strings, Fault> {
        let mut strings = Strings::default();
        // Text counts inside `t`, and not where it only says how to pronounce another one.
        let (mut wanted, mut spoken, mut begins) = (false, false, 0);
        while let Some(happening) = xml.next()? {
            match happening {
                Happening::Begins(element) => match element.name.as_str() {
                    "t" => wanted = true,
                    "rPh" => spoken = true,
                    "si" => begins = strings.text.len(),
                    _ => {}
                },
                Happening::Ends(name) => match name.as_str() {
                    "t" => wanted = false,
                    "rPh" => spoken = false,
                    "si" => strings.end()?,
                    _ => {}
                },
                Happening::Text(text) if wanted && !spoken => {
                    strings.text.push_str(&text);
                    if strings.text.len() - begins > CELL_MOST {
                        return Err(Fault::TooMuch { most: CELL_MOST as u64, what: "bytes in a cell" });
                    }
                    if strings.text.len() > BYTES_MOST {
                        let what = "bytes of texts that cells share; save it as `CSV UTF-8` instead";
                        return Err(Fault::TooMuch { most: BYTES_MOST as u64, what });
                    }
                }
                Happening::Text(_) => {}
            }
        }
        Ok(strings)
    }

    fn end(&mut self) -> Result<(), Fault> {
        let most = TEXTS_MOST as u64;
        let end = u32::try_from(self.text.len()).map_err(|_| Fault::TooMuch { most, what: "shared texts" })?;
        self.ends.push(end);
        match self.ends.len() > TEXTS_MOST {
            true => Err(Fault::TooMuch { most, what: "shared texts" }),
            false => Ok(()),
        }
    }

    /// A text by its number.
    pub(super) fn get(&self, at: usize) -> Option<&str> {
        let end = *self.ends.get(at)? as usize;
        let begin = match at.checked_sub(1) {
            Some(before) => *self.ends.get(before)? as usize,
            None => 0,
        };
        self.text.get(begin..end)
    }
}
