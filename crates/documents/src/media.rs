//! The kinds of file that are kept.

use std::fmt;

/// A kind of file that is accepted as proof.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum MediaType {
    /// A PDF document.
    Pdf,
    /// A PNG picture.
    Png,
    /// A JPEG picture.
    Jpeg,
    /// A table of text in UTF-8 (RFC 4180).
    Csv,
    /// A workbook of Office Open XML, without macros.
    Xlsx,
}

impl MediaType {
    /// All of them, in the order in which people are told.
    pub const ALL: [MediaType; 5] = [MediaType::Pdf, MediaType::Png, MediaType::Jpeg, MediaType::Csv, MediaType::Xlsx];

    /// Its registered name, such as `application/pdf`.
    pub fn essence(self) -> &'static str {
        match self {
            MediaType::Pdf => "application/pdf",
            MediaType::Png => "image/png",
            MediaType::Jpeg => "image/jpeg",
            MediaType::Csv => "text/csv",
            MediaType::Xlsx => "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
        }
    }

    /// The endings that its files may have, in lower case and without the dot.
    pub fn extensions(self) -> &'static [&'static str] {
        match self {
            MediaType::Pdf => &["pdf"],
            MediaType::Png => &["png"],
            MediaType::Jpeg => &["jpg", "jpeg"],
            MediaType::Csv => &["csv"],
            MediaType::Xlsx => &["xlsx"],
        }
    }

    /// Whether a declared media type means this one. Parameters do not count, and a sender that only knows "bytes"
    /// contradicts nothing.
    pub(crate) fn agrees_with(self, declared: &str) -> bool {
        let essence = declared.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
        let aliases: &[&str] = match self {
            MediaType::Jpeg => &["image/jpg"],
            // What a browser says of a `.csv` where Excel is installed.
            MediaType::Csv => &["application/csv", "application/vnd.ms-excel"],
            _ => &[],
        };
        let unsaid = ["", "application/octet-stream"];
        essence == self.essence() || aliases.contains(&essence.as_str()) || unsaid.contains(&essence.as_str())
    }
}

impl fmt::Display for MediaType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            MediaType::Pdf => "PDF",
            MediaType::Png => "PNG",
            MediaType::Jpeg => "JPEG",
            MediaType::Csv => "CSV",
            MediaType::Xlsx => "XLSX",
        })
    }
}
