//! How values are spelled in columns, whichever database they are of.

mod spend;

use std::fmt::Display;

use entente_core::scope::{Entities, Home, Parties, Scope};
use jiff::Timestamp;
use serde::{Serialize, de::DeserializeOwned};

pub use spend::{AsideColumns, ReadingColumns, SumColumns};

use crate::{Error, RecoveryClass, Result};

/// Whether a scope reaches objects of whatever home, those without one included.
pub fn reaches_all(scope: &Scope) -> bool {
    scope.entities == Entities::All && scope.parties == Parties::All
}

/// Whole microseconds since the Unix epoch; what is finer is cut off.
pub fn micros(at: Timestamp) -> i64 {
    at.as_microsecond() - i64::from(at.subsec_nanosecond() % 1000 < 0)
}

/// The nanoseconds beyond whole microseconds, 0 to 999.
pub fn nanos(at: Timestamp) -> i64 {
    i64::from(at.subsec_nanosecond().rem_euclid(1000))
}

/// The instant of a column of microseconds.
///
/// # Errors
/// `Decode` when it is beyond the calendar.
pub fn instant(micros: i64) -> Result<Timestamp> {
    Timestamp::from_microsecond(micros).map_err(|error| unreadable("instant", micros, error))
}

/// The instant of a column of microseconds, with the nanoseconds beyond.
///
/// # Errors
/// `Decode` when it is beyond the calendar.
pub fn exact_instant(micros: i64, nanos: i64) -> Result<Timestamp> {
    let whole = i128::from(micros) * 1000 + i128::from(nanos);
    Timestamp::from_nanosecond(whole).map_err(|error| unreadable("instant", micros, error))
}

/// The instant of such a column, where it holds one.
///
/// # Errors
/// `Decode` when it is beyond the calendar.
pub fn instant_or_none(micros: Option<i64>) -> Result<Option<Timestamp>> {
    micros.map(instant).transpose()
}

/// Room for most texts, so that writing one does not move it again and again.
const TEXT: usize = 1024;

/// The JSON text of a value.
///
/// # Errors
/// `Decode` when it has none.
pub fn to_json(kind: &'static str, value: &impl Serialize) -> Result<String> {
    let mut bytes = Vec::with_capacity(TEXT);
    serde_json::to_writer(&mut bytes, value).map_err(|error| unreadable(kind, "(new)", error))?;
    String::from_utf8(bytes).map_err(|error| unreadable(kind, "(new)", error))
}

/// The value of a JSON text.
///
/// # Errors
/// `Decode` when the text is none of it.
pub fn from_json<T: DeserializeOwned>(kind: &'static str, id: impl Display, text: &str) -> Result<T> {
    serde_json::from_str(text).map_err(|error| unreadable(kind, id, error))
}

/// A stored value that does not decode.
pub fn unreadable(kind: &'static str, id: impl Display, detail: impl Display) -> Error {
    Error::Decode { kind, id: id.to_string(), detail: detail.to_string() }
}

/// An identifier that is a text.
///
/// # Errors
/// `Decode` when the text is none.
pub fn parse<T>(kind: &'static str, text: &str) -> Result<T>
where
    T: std::str::FromStr,
    T::Err: Display,
{
    text.parse().map_err(|error| unreadable(kind, text, error))
}

/// A SHA-256.
///
/// # Errors
/// `Decode` when it has another length.
pub fn hash(bytes: &[u8]) -> Result<[u8; 32]> {
    bytes.try_into().map_err(|error| unreadable("hash", format!("{bytes:02x?}"), error))
}

/// Where an object belongs.
///
/// # Errors
/// `Decode` when one of the two is no id.
pub fn home(legal_entity: &str, party: &str) -> Result<Home> {
    Ok(Home { legal_entity: parse("legal entity", legal_entity)?, party: parse("party", party)? })
}

/// A count or number that is never negative.
///
/// # Errors
/// `Decode` when it is.
pub fn unsigned<T, N>(kind: &'static str, value: N) -> Result<T>
where
    N: Copy + Display,
    T: TryFrom<N>,
    T::Error: Display,
{
    T::try_from(value).map_err(|error| unreadable(kind, value, error))
}

/// A number on its way into a column.
///
/// # Errors
/// `Decode` when it is too large.
pub fn signed(kind: &'static str, value: u64) -> Result<i64> {
    i64::try_from(value).map_err(|error| unreadable(kind, value, error))
}

/// The word of a closed set, as its JSON form spells it.
pub fn class_word(class: RecoveryClass) -> &'static str {
    match class {
        RecoveryClass::Local => "local",
        RecoveryClass::TokenDedup => "token_dedup",
        RecoveryClass::NaturalKey => "natural_key",
        RecoveryClass::ReadBack => "read_back",
        RecoveryClass::Notice => "notice",
        RecoveryClass::Manual => "manual",
    }
}

/// The recovery class of a word.
///
/// # Errors
/// `Decode` when it is none.
pub fn class(word: &str) -> Result<RecoveryClass> {
    from_json("recovery class", word, &format!("\"{word}\""))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_instant_survives_its_two_columns_on_both_sides_of_the_epoch() {
        for text in ["1969-12-31T23:59:59.999999001Z", "1970-01-01T00:00:00Z", "2027-03-14T06:59:59.123456789Z"] {
            let at: Timestamp = text.parse().expect(text);
            assert!((0..1000).contains(&nanos(at)));
            assert_eq!(exact_instant(micros(at), nanos(at)).expect(text), at);
        }
    }
}
