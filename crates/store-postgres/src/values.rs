//! How values are spelled in columns.

use std::fmt::Display;

use entente_core::{
    ids::Shard,
    scope::{Entities, Home, Parties, Scope},
};
use entente_store::{Error, IntentStatus, NoticeStatus, OccurrenceStatus, RecoveryClass, Result};
use jiff::Timestamp;
use serde::{Serialize, de::DeserializeOwned};

/// A scope as two parameters: legal entities as an array, and the party; `None` reaches all.
pub(crate) struct ScopeFilter {
    pub(crate) entities: Option<Vec<String>>,
    pub(crate) party: Option<String>,
}

impl ScopeFilter {
    pub(crate) fn of(scope: &Scope) -> ScopeFilter {
        let entities = match &scope.entities {
            Entities::All => None,
            Entities::Only(set) => Some(set.iter().map(|entity| entity.as_str().to_owned()).collect()),
        };
        let party = match &scope.parties {
            Parties::All => None,
            Parties::Only(party) => Some(party.as_str().to_owned()),
        };
        ScopeFilter { entities, party }
    }

    /// As slices, which the statements take.
    pub(crate) fn entities(&self) -> Option<&[String]> {
        self.entities.as_deref()
    }

    pub(crate) fn party(&self) -> Option<&str> {
        self.party.as_deref()
    }
}

/// Whether a scope reaches objects of whatever home, those without one included.
pub(crate) fn reaches_all(scope: &Scope) -> bool {
    scope.entities == Entities::All && scope.parties == Parties::All
}

/// Whole microseconds since the Unix epoch; what is finer is cut off.
pub(crate) fn micros(at: Timestamp) -> i64 {
    at.as_microsecond() - i64::from(at.subsec_nanosecond() % 1000 < 0)
}

/// The nanoseconds beyond whole microseconds, 0 to 999.
pub(crate) fn nanos(at: Timestamp) -> i64 {
    i64::from(at.subsec_nanosecond().rem_euclid(1000))
}

/// The instant of a column of microseconds.
pub(crate) fn instant(micros: i64) -> Result<Timestamp> {
    Timestamp::from_microsecond(micros).map_err(|error| unreadable("instant", micros, error))
}

/// The instant of a column of microseconds, with the nanoseconds beyond.
pub(crate) fn exact_instant(micros: i64, nanos: i64) -> Result<Timestamp> {
    let whole = i128::from(micros) * 1000 + i128::from(nanos);
    Timestamp::from_nanosecond(whole).map_err(|error| unreadable("instant", micros, error))
}

pub(crate) fn instant_or_none(micros: Option<i64>) -> Result<Option<Timestamp>> {
    micros.map(instant).transpose()
}

/// Room for most texts, so that writing one does not move it again and again.
const TEXT: usize = 1024;

/// The JSON text of a value.
pub(crate) fn to_json(kind: &'static str, value: &impl Serialize) -> Result<String> {
    let mut bytes = Vec::with_capacity(TEXT);
    serde_json::to_writer(&mut bytes, value).map_err(|error| unreadable(kind, "(new)", error))?;
    String::from_utf8(bytes).map_err(|error| unreadable(kind, "(new)", error))
}

/// The value of a JSON text.
pub(crate) fn from_json<T: DeserializeOwned>(kind: &'static str, id: impl Display, text: &str) -> Result<T> {
    serde_json::from_str(text).map_err(|error| unreadable(kind, id, error))
}

/// A stored value that does not decode.
pub(crate) fn unreadable(kind: &'static str, id: impl Display, detail: impl Display) -> Error {
    Error::Decode { kind, id: id.to_string(), detail: detail.to_string() }
}

/// An identifier that is a text.
pub(crate) fn parse<T>(kind: &'static str, text: &str) -> Result<T>
where
    T: std::str::FromStr,
    T::Err: Display,
{
    text.parse().map_err(|error| unreadable(kind, text, error))
}

/// Shards as the statements take them.
pub(crate) fn shard_numbers(shards: &[Shard]) -> Vec<i16> {
    shards.iter().map(|shard| i16::from(shard.0)).collect()
}

pub(crate) fn hash(bytes: &[u8]) -> Result<[u8; 32]> {
    bytes.try_into().map_err(|error| unreadable("hash", format!("{bytes:02x?}"), error))
}

pub(crate) fn home(legal_entity: &str, party: &str) -> Result<Home> {
    Ok(Home { legal_entity: parse("legal entity", legal_entity)?, party: parse("party", party)? })
}

/// A count or number that is never negative.
pub(crate) fn unsigned<T, N>(kind: &'static str, value: N) -> Result<T>
where
    N: Copy + Display,
    T: TryFrom<N>,
    T::Error: Display,
{
    T::try_from(value).map_err(|error| unreadable(kind, value, error))
}

/// A number on its way into a column.
pub(crate) fn signed(kind: &'static str, value: u64) -> Result<i64> {
    i64::try_from(value).map_err(|error| unreadable(kind, value, error))
}

/// A small number on its way into a column.
pub(crate) fn small(kind: &'static str, value: u32) -> Result<i32> {
    i32::try_from(value).map_err(|error| unreadable(kind, value, error))
}

/// The word of a closed set, as its JSON form spells it.
pub(crate) fn class_word(class: RecoveryClass) -> &'static str {
    match class {
        RecoveryClass::Local => "local",
        RecoveryClass::TokenDedup => "token_dedup",
        RecoveryClass::NaturalKey => "natural_key",
        RecoveryClass::ReadBack => "read_back",
        RecoveryClass::Notice => "notice",
        RecoveryClass::Manual => "manual",
    }
}

pub(crate) fn class(word: &str) -> Result<RecoveryClass> {
    from_json("recovery class", word, &format!("\"{word}\""))
}

pub(crate) fn intent_status_code(status: IntentStatus) -> i16 {
    match status {
        IntentStatus::Ready => 0,
        IntentStatus::Sending => 1,
        IntentStatus::Waiting => 2,
        IntentStatus::Settled => 3,
        IntentStatus::Voided => 4,
    }
}

pub(crate) fn intent_status(code: i16) -> Result<IntentStatus> {
    match code {
        0 => Ok(IntentStatus::Ready),
        1 => Ok(IntentStatus::Sending),
        2 => Ok(IntentStatus::Waiting),
        3 => Ok(IntentStatus::Settled),
        4 => Ok(IntentStatus::Voided),
        _ => Err(unreadable("intent status", code, "not one of 0 to 4")),
    }
}

pub(crate) fn notice_status_code(status: NoticeStatus) -> i16 {
    match status {
        NoticeStatus::Pending => 0,
        NoticeStatus::Sent => 1,
        NoticeStatus::Failed => 2,
    }
}

pub(crate) fn notice_status(code: i16) -> Result<NoticeStatus> {
    match code {
        0 => Ok(NoticeStatus::Pending),
        1 => Ok(NoticeStatus::Sent),
        2 => Ok(NoticeStatus::Failed),
        _ => Err(unreadable("notice status", code, "not one of 0 to 2")),
    }
}

pub(crate) fn occurrence_status_code(status: OccurrenceStatus) -> i16 {
    match status {
        OccurrenceStatus::Running => 0,
        OccurrenceStatus::Succeeded => 1,
        OccurrenceStatus::Failed => 2,
        OccurrenceStatus::Skipped => 3,
    }
}

pub(crate) fn occurrence_status(code: i16) -> Result<OccurrenceStatus> {
    match code {
        0 => Ok(OccurrenceStatus::Running),
        1 => Ok(OccurrenceStatus::Succeeded),
        2 => Ok(OccurrenceStatus::Failed),
        3 => Ok(OccurrenceStatus::Skipped),
        _ => Err(unreadable("occurrence status", code, "not one of 0 to 3")),
    }
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
