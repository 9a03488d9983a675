//! ISO 20022 `pain.001`: the payment file as banks take it.

mod elements;
mod read;
mod write;

pub use read::read;
pub use write::write;

/// A version of the message. Which one a bank takes stands in its own guide.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Version {
    /// `pain.001.001.03`, of 2009.
    V03,
    /// `pain.001.001.09`, of 2019, which the SEPA rules want since November 2023.
    #[default]
    V09,
}

impl Version {
    /// Every version.
    pub const ALL: [Version; 2] = [Version::V03, Version::V09];

    /// The message's name, such as `pain.001.001.09`.
    pub fn message(self) -> &'static str {
        match self {
            Version::V03 => "pain.001.001.03",
            Version::V09 => "pain.001.001.09",
        }
    }

    /// The namespace of its schema.
    pub fn namespace(self) -> &'static str {
        match self {
            Version::V03 => "urn:iso:std:iso:20022:tech:xsd:pain.001.001.03",
            Version::V09 => "urn:iso:std:iso:20022:tech:xsd:pain.001.001.09",
        }
    }

    /// The element that holds a bank's BIC.
    fn bic_element(self) -> &'static str {
        match self {
            Version::V03 => "BIC",
            Version::V09 => "BICFI",
        }
    }
}
