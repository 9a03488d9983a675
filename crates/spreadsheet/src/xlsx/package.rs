//! The package: a zip archive whose parts are unpacked in a stream, none by more than its size lets expect.

use std::{
    fs::File,
    io::{self, BufReader, Read, Seek, SeekFrom, Take},
};

use flate2::read::DeflateDecoder;
use zip::{CompressionMethod, ZipArchive};

use crate::error::{Error, Fault};

/// The most parts of a package.
const PARTS_MOST: usize = 10_000;
/// How many times its size a part may unpack to, beyond what is always allowed.
pub(super) const RATIO_MOST: u64 = 200;
/// What any part may unpack to.
const ALWAYS: u64 = 1024 * 1024;

/// An open package.
pub(super) struct Package {
    archive: ZipArchive<BufReader<File>>,
    file: File,
}

impl Package {
    pub(super) fn open(file: File) -> Result<Package, Error> {
        let again = file.try_clone().map_err(|error| Error::whole(Fault::Io(error.to_string())))?;
        let archive = ZipArchive::new(BufReader::new(again)).map_err(|error| malformed(&error.to_string()))?;
        match archive.len() > PARTS_MOST {
            true => Err(Error::whole(Fault::TooMuch { most: PARTS_MOST as u64, what: "parts" })),
            false => Ok(Package { archive, file }),
        }
    }

    /// A part's bytes, unpacked as they are read; `None` when there is no such part. Of two streams only the newer is read: they
    /// share the file's place.
    pub(super) fn part(&mut self, name: &str) -> Result<Option<Part>, Error> {
        let Some(at) = self.archive.index_for_name(name) else { return Ok(None) };
        let entry = self.archive.by_index_raw(at).map_err(|error| malformed(&error.to_string()))?;
        let (packed, how) = (entry.compressed_size(), entry.compression());
        let start = entry.data_start().filter(|_| !entry.encrypted());
        drop(entry);
        let start = start.ok_or_else(|| malformed(&format!("`{name}` is encrypted")))?;
        let io = |error: io::Error| Error::whole(Fault::Io(error.to_string()));
        let mut file = self.file.try_clone().map_err(io)?;
        file.seek(SeekFrom::Start(start)).map_err(io)?;
        let raw = BufReader::new(file.take(packed));
        let unpacked = match how {
            CompressionMethod::Stored => Unpacked::Stored(raw),
            CompressionMethod::Deflated => Unpacked::Deflated(Box::new(DeflateDecoder::new(raw))),
            _ => return Err(malformed(&format!("`{name}` is packed in a way that no spreadsheet is"))),
        };
        let most = packed.saturating_mul(RATIO_MOST).saturating_add(ALWAYS);
        Ok(Some(Part { unpacked, given: 0, most }))
    }

    /// A part that a workbook cannot do without.
    pub(super) fn needed(&mut self, name: &str) -> Result<Part, Error> {
        self.part(name)?.ok_or_else(|| malformed(&format!("`{name}` is missing")))
    }
}

pub(super) fn malformed(why: &str) -> Error {
    Error::whole(Fault::Malformed(why.chars().take(200).collect()))
}

type Raw = BufReader<Take<File>>;

enum Unpacked {
    Stored(Raw),
    Deflated(Box<DeflateDecoder<Raw>>),
}

/// A part as it is unpacked.
pub(super) struct Part {
    unpacked: Unpacked,
    given: u64,
    most: u64,
}

impl Read for Part {
    fn read(&mut self, buf: &mut [u8]) -> io::Result<usize> {
        let read = match &mut self.unpacked {
            Unpacked::Stored(raw) => raw.read(buf),
            Unpacked::Deflated(decoder) => decoder.read(buf),
        }?;
        self.given += read as u64;
        match self.given > self.most {
            true => Err(io::Error::new(io::ErrorKind::QuotaExceeded, "it unpacks to too much")),
            false => Ok(read),
        }
    }
}

/// Whether an error is that of a part that unpacks to too much.
pub(super) fn is_bomb(error: &io::Error) -> bool {
    error.kind() == io::ErrorKind::QuotaExceeded
}
