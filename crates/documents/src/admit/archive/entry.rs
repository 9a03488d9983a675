//! One entry: as the list names it (section 4.3.12), and as its own header does (4.3.7).

use super::{Fault, fields};

const LISTED: u32 = 0x0201_4b50;
const LISTED_SIZE: usize = 46;
const OWN: u32 = 0x0403_4b50;
const OWN_SIZE: usize = 30;

/// Bits of the general purpose flag (4.4.4).
const ENCRYPTED: u16 = 1 | 1 << 6 | 1 << 13;
const DESCRIPTOR: u16 = 1 << 3;

const STORED: u16 = 0;
const DEFLATED: u16 = 8;

/// Kinds of file in the upper half of the external attributes, as Unix writes them.
const KIND: u32 = 0o170_000;
const REGULAR: u32 = 0o100_000;
const FOLDER: u32 = 0o040_000;

/// First bytes of archives.
const ARCHIVES: [&[u8]; 6] = [b"PK\x03\x04", b"PK\x05\x06", b"Rar!", b"7z\xbc\xaf", b"\x1f\x8b", b"BZh"];

/// An entry of the list.
pub(super) struct Entry<'a> {
    pub name: &'a [u8],
    flags: u16,
    method: u16,
    /// Bytes in the archive.
    pub packed: u64,
    /// Bytes when it is unpacked, as the list says.
    pub unpacked: u64,
    mode: u32,
    /// Where its own header lies.
    pub offset: u64,
}

impl<'a> Entry<'a> {
    /// The first entry of a list, and the rest of the list.
    pub fn read(list: &'a [u8]) -> Result<(Entry<'a>, &'a [u8]), Fault> {
        if fields::long(list, 0)? != LISTED {
            return Err("has a list that cannot be read");
        }
        let (header, rest) = fields::split(list, LISTED_SIZE)?;
        let (name, rest) = fields::split(rest, fields::length(header, 28)?)?;
        let (_, rest) = fields::split(rest, fields::length(header, 30)? + fields::length(header, 32)?)?;
        if fields::short(header, 34)? != 0 {
            return Err("is a part of several");
        }
        let entry = Entry {
            name,
            flags: fields::short(header, 8)?,
            method: fields::short(header, 10)?,
            packed: fields::long(header, 20)?.into(),
            unpacked: fields::long(header, 24)?.into(),
            mode: fields::long(header, 38)? >> 16,
            offset: fields::long(header, 42)?.into(),
        };
        Ok((entry, rest))
    }

    /// Whether its sizes stand once more behind its content.
    pub fn has_descriptor(&self) -> bool {
        self.flags & DESCRIPTOR != 0
    }

    /// What can be said of the entry by the list alone.
    pub fn judge(&self) -> Result<(), Fault> {
        if self.flags & ENCRYPTED != 0 {
            return Err("has an encrypted entry");
        }
        if ![0, REGULAR, FOLDER].contains(&(self.mode & KIND)) {
            return Err("has an entry that is a link or a device");
        }
        match self.method {
            STORED if self.packed != self.unpacked => Err("contradicts itself about the size of an entry"),
            STORED | DEFLATED => Ok(()),
            _ => Err("is packed in an unusual way"),
        }
    }

    /// Holds the entry against its own header, and gives the place after its content.
    pub fn check_place(&self, bytes: &[u8]) -> Result<u64, Fault> {
        let start = usize::try_from(self.offset).ok();
        let own = start.and_then(|start| bytes.get(start..)).ok_or("is cut off")?;
        let (header, rest) = fields::split(own, OWN_SIZE)?;
        let (name, extra) = (fields::length(header, 26)?, fields::length(header, 28)?);
        let (own_name, rest) = fields::split(rest, name)?;
        let sizes = (u64::from(fields::long(header, 18)?), u64::from(fields::long(header, 22)?));
        let same_sizes = self.has_descriptor() || sizes == (self.packed, self.unpacked);
        let same = fields::long(header, 0)? == OWN
            && fields::short(header, 6)? == self.flags
            && fields::short(header, 8)? == self.method
            && own_name == self.name;
        if !same || !same_sizes {
            return Err("names an entry in its list otherwise than in the entry itself");
        }
        let (_, content) = fields::split(rest, extra)?;
        if self.method == STORED && ARCHIVES.iter().any(|magic| content.starts_with(magic)) {
            return Err("holds another archive");
        }
        let headers = u64::try_from(OWN_SIZE + name + extra).unwrap_or(u64::MAX);
        Ok(self.offset.saturating_add(headers).saturating_add(self.packed))
    }
}
