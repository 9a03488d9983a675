//! Judging a file by its bytes before it becomes evidence. Nothing is unpacked, decoded or parsed beyond its outline.

mod archive;
mod foreign;
mod jpeg;
mod kind;
mod pdf;
mod png;
mod text;

use bytes::Bytes;
use tokio::io::{AsyncRead, AsyncReadExt};

use crate::{
    digest::Digest,
    error::{Error, Result},
    media::MediaType,
    name::{extension, shown_name},
    refusal::Refusal,
};

/// The most bytes that any settings may accept: a file is held in memory while it is judged and read.
pub(crate) const LARGEST: u64 = 100 << 20;

/// What is accepted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// The most bytes of one file; 20 MiB unless said otherwise, 100 MiB at most.
    pub bytes: u64,
    /// The most pixels of one picture; 50 million unless said otherwise.
    pub pixels: u64,
}

impl Default for Limits {
    fn default() -> Self {
        Limits { bytes: 20 << 20, pixels: 50_000_000 }
    }
}

impl Limits {
    pub(crate) fn check(&self) -> Result<()> {
        if self.bytes == 0 || self.bytes > LARGEST {
            let reason =
                format!("a file may have from 1 to {LARGEST} bytes, not {}; 20971520 is right for most", self.bytes);
            return Err(Error::Settings(reason));
        }
        if self.pixels == 0 {
            return Err(Error::Settings("a picture may have no pixel; 50000000 is right for most".into()));
        }
        Ok(())
    }
}

/// What the sender says about a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Declared<'a> {
    /// Its name; a path before it does not count.
    pub name: &'a str,
    /// Its media type, where the sender named one.
    pub media_type: Option<&'a str>,
}

/// A file that was judged acceptable. There is no other way to make one, so nothing else enters a vault.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Evidence {
    bytes: Bytes,
    digest: Digest,
    kind: MediaType,
    name: String,
}

impl Evidence {
    /// Its bytes, as they were sent.
    pub fn bytes(&self) -> &Bytes {
        &self.bytes
    }

    /// How many bytes it has.
    pub fn size(&self) -> u64 {
        self.bytes.len().try_into().unwrap_or(u64::MAX)
    }

    /// Its SHA-256, under which it is kept.
    pub fn digest(&self) -> Digest {
        self.digest
    }

    /// What it is, by its bytes.
    pub fn kind(&self) -> MediaType {
        self.kind
    }

    /// Its name as it may be shown: see [`shown_name`].
    pub fn name(&self) -> &str {
        &self.name
    }
}

/// Judges a file.
///
/// # Errors
/// [`Error::Refused`] with the reason and the remedy.
pub fn admit(bytes: impl Into<Bytes>, declared: &Declared<'_>, limits: &Limits) -> Result<Evidence> {
    let (bytes, name) = (bytes.into(), shown_name(declared.name));
    match judge(&bytes, &name, declared.media_type, limits) {
        Ok(kind) => Ok(Evidence { digest: Digest::of(&bytes), bytes, kind, name }),
        Err(why) => Err(Error::Refused { name, why }),
    }
}

/// Reads a file and judges it. Not more is taken into memory than one byte past the limit.
///
/// # Errors
/// [`Error::Refused`], also when the stream ends with an error.
pub async fn admit_stream(
    stream: impl AsyncRead + Unpin,
    declared: &Declared<'_>,
    limits: &Limits,
) -> Result<Evidence> {
    let mut bytes = Vec::new();
    match stream.take(limits.bytes.saturating_add(1)).read_to_end(&mut bytes).await {
        Ok(_) => admit(bytes, declared, limits),
        Err(error) => {
            let why = Refusal::CutOff { reason: error.to_string() };
            Err(Error::Refused { name: shown_name(declared.name), why })
        }
    }
}

fn judge(
    bytes: &[u8],
    name: &str,
    media_type: Option<&str>,
    limits: &Limits,
) -> std::result::Result<MediaType, Refusal> {
    if bytes.is_empty() {
        return Err(Refusal::Empty);
    }
    if u64::try_from(bytes.len()).is_ok_and(|size| size > limits.bytes) {
        return Err(Refusal::TooLarge { limit: limits.bytes });
    }
    let kind = kind::recognise(bytes)?;
    if let Some(what) = foreign::second_nature(bytes, kind) {
        return Err(Refusal::Mixed { kind, what });
    }
    match kind {
        MediaType::Pdf => pdf::judge(bytes)?,
        MediaType::Png => png::judge(bytes, limits.pixels)?,
        MediaType::Jpeg => jpeg::judge(bytes, limits.pixels)?,
        MediaType::Xlsx => archive::judge(bytes)?,
        MediaType::Csv => {}
    }
    if !kind.extensions().contains(&extension(name).as_str()) {
        return Err(Refusal::ExtensionDiffers { kind });
    }
    if media_type.is_some_and(|declared| !kind.agrees_with(declared)) {
        return Err(Refusal::TypeDiffers { kind });
    }
    Ok(kind)
}

/// Refuses a picture without an area, or with a larger one than is accepted.
fn measure(kind: MediaType, width: u32, height: u32, limit: u64) -> std::result::Result<(), Refusal> {
    if width == 0 || height == 0 {
        return Err(Refusal::Damaged { kind, reason: "its header names no size" });
    }
    if u64::from(width) * u64::from(height) > limit {
        return Err(Refusal::TooManyPixels { width, height, limit });
    }
    Ok(())
}
