//! How values are spelled in columns.

use entente_core::{
    ids::Shard,
    scope::{Entities, Parties, Scope},
};
pub(crate) use entente_store::columns::{
    class, class_word, exact_instant, from_json, hash, home, instant, instant_or_none, micros, nanos, parse,
    reaches_all, signed, to_json, unreadable, unsigned,
};
use entente_store::{IntentStatus, NoticeStatus, OccurrenceStatus, Result};

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

/// Shards as the statements take them.
pub(crate) fn shard_numbers(shards: &[Shard]) -> Vec<i16> {
    shards.iter().map(|shard| i16::from(shard.0)).collect()
}

/// A small number on its way into a column.
pub(crate) fn small(kind: &'static str, value: u32) -> Result<i32> {
    i32::try_from(value).map_err(|error| unreadable(kind, value, error))
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
