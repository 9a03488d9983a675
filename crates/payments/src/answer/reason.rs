//! Why a bank did not do what it was asked.

use std::fmt;

use crate::{
    answer::one_line,
    fault::{ReadError, ReadFault, shown},
    xml::Element,
};

/// A reason's code, such as `AC04` (account closed): one of ISO 20022's external codes, or the bank's own.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ReasonCode(String);

impl ReasonCode {
    /// A code of 1 to 35 letters, digits, `-`, `_`, `.` and `/`.
    ///
    /// # Errors
    /// When the text is none.
    pub fn parse(text: &str) -> Result<ReasonCode, ReadFault> {
        let fits = |c: char| c.is_ascii_alphanumeric() || "-_./".contains(c);
        if (1..=35).contains(&text.len()) && text.chars().all(fits) {
            return Ok(ReasonCode(text.to_owned()));
        }
        Err(ReadFault::NotAReason(shown(text)))
    }

    /// The code.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// `MS03`: the bank gave no reason.
    fn unspecified() -> ReasonCode {
        ReasonCode("MS03".to_owned())
    }

    /// `NARR`: the reason is in the words.
    fn narrative() -> ReasonCode {
        ReasonCode("NARR".to_owned())
    }
}

impl fmt::Display for ReasonCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// The reason in elements that hold `Rsn` and `AddtlInf`: the first one's code and all their words. A reason that is
/// no code but words of the bank becomes `NARR` with these words, none at all becomes `MS03`.
pub(super) fn of_elements<'a>(
    elements: impl Iterator<Item = &'a Element>,
) -> Result<Option<(ReasonCode, String)>, ReadError> {
    let (mut found, mut code, mut words) = (false, None, Vec::new());
    for element in elements {
        found = true;
        if let Some(reason) = element.one("Rsn")? {
            match (reason.one("Cd")?, reason.one("Prtry")?) {
                (Some(of_iso), _) => {
                    let parsed = ReasonCode::parse(of_iso.text()).map_err(|fault| of_iso.fault(fault))?;
                    code.get_or_insert(parsed);
                }
                (None, Some(own)) => match ReasonCode::parse(own.text()) {
                    Ok(own) => drop(code.get_or_insert(own)),
                    Err(_) => {
                        code.get_or_insert_with(ReasonCode::narrative);
                        words.push(own.text());
                    }
                },
                (None, None) => return Err(reason.fault(ReadFault::Missing("Cd"))),
            }
        }
        words.extend(element.all("AddtlInf").map(Element::text));
    }
    let reason = || (code.unwrap_or_else(ReasonCode::unspecified), one_line(&words.join(" ")));
    Ok(found.then(reason))
}

/// The reason, or `MS03` where none is told.
pub(super) fn or_unspecified(reason: Option<(ReasonCode, String)>) -> (ReasonCode, String) {
    reason.unwrap_or_else(|| (ReasonCode::unspecified(), String::new()))
}
