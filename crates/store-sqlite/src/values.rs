//! How values are spelled in columns.

use entente_core::{
    ids::RunId,
    scope::{Entities, Parties, Scope},
};
pub(crate) use entente_store::columns::{
    class, class_word, exact_instant, from_json, hash, home, instant, instant_or_none, micros, nanos, parse,
    reaches_all, signed, to_json, unreadable, unsigned,
};
use entente_store::{IntentStatus, NoticeStatus, OccurrenceStatus, Result};
use uuid::Uuid;

/// A scope as two parameters: legal entities as a JSON array, and the party; `None` reaches all.
pub(crate) struct ScopeFilter {
    pub(crate) entities: Option<String>,
    pub(crate) party: Option<String>,
}

impl ScopeFilter {
    pub(crate) fn of(scope: &Scope) -> Result<ScopeFilter> {
        let entities = match &scope.entities {
            Entities::All => None,
            Entities::Only(set) => Some(to_json("scope", set)?),
        };
        let party = match &scope.parties {
            Parties::All => None,
            Parties::Only(party) => Some(party.as_str().to_owned()),
        };
        Ok(ScopeFilter { entities, party })
    }
}

pub(crate) fn run_id(bytes: &[u8]) -> Result<RunId> {
    Uuid::from_slice(bytes).map(RunId).map_err(|error| unreadable("run id", format!("{bytes:02x?}"), error))
}

pub(crate) fn run_bytes(run: RunId) -> Vec<u8> {
    run.0.as_bytes().to_vec()
}

pub(crate) fn intent_status_code(status: IntentStatus) -> i64 {
    match status {
        IntentStatus::Ready => 0,
        IntentStatus::Sending => 1,
        IntentStatus::Waiting => 2,
        IntentStatus::Settled => 3,
        IntentStatus::Voided => 4,
    }
}

pub(crate) fn intent_status(code: i64) -> Result<IntentStatus> {
    match code {
        0 => Ok(IntentStatus::Ready),
        1 => Ok(IntentStatus::Sending),
        2 => Ok(IntentStatus::Waiting),
        3 => Ok(IntentStatus::Settled),
        4 => Ok(IntentStatus::Voided),
        _ => Err(unreadable("intent status", code, "not one of 0 to 4")),
    }
}

pub(crate) fn notice_status_code(status: NoticeStatus) -> i64 {
    match status {
        NoticeStatus::Pending => 0,
        NoticeStatus::Sent => 1,
        NoticeStatus::Failed => 2,
    }
}

pub(crate) fn notice_status(code: i64) -> Result<NoticeStatus> {
    match code {
        0 => Ok(NoticeStatus::Pending),
        1 => Ok(NoticeStatus::Sent),
        2 => Ok(NoticeStatus::Failed),
        _ => Err(unreadable("notice status", code, "not one of 0 to 2")),
    }
}

pub(crate) fn occurrence_status_code(status: OccurrenceStatus) -> i64 {
    match status {
        OccurrenceStatus::Running => 0,
        OccurrenceStatus::Succeeded => 1,
        OccurrenceStatus::Failed => 2,
        OccurrenceStatus::Skipped => 3,
    }
}

pub(crate) fn occurrence_status(code: i64) -> Result<OccurrenceStatus> {
    match code {
        0 => Ok(OccurrenceStatus::Running),
        1 => Ok(OccurrenceStatus::Succeeded),
        2 => Ok(OccurrenceStatus::Failed),
        3 => Ok(OccurrenceStatus::Skipped),
        _ => Err(unreadable("occurrence status", code, "not one of 0 to 3")),
    }
}
