//! The notes that an intent keeps between its attempts.

use entente_store::{IntentRow, IntentStatus, RecoveryClass};
use jiff::Timestamp;
use serde_json::{Value, json};

/// Sends may have been forgotten: the intent stands in a restored database.
pub const RESTORED: &str = "restored";
/// Why what became of an earlier send is not known.
pub(super) const UNKNOWN: &str = "unknown";
/// When a search first found nothing.
pub(super) const ABSENT_AT: &str = "absent_at";
/// The searches in a row that failed themselves.
pub(super) const SEARCH: &str = "search";
/// Since when the object has been busy.
pub(super) const BUSY: &str = "busy_since";
/// How many recorded attempts do not count, because nothing failed: the object was busy, the work was still under way, or the
/// account paused.
pub(super) const FREE: &str = "free";

/// The attempts that count against the bound.
pub(super) fn used(row: &IntentRow) -> u32 {
    row.attempts.saturating_sub(u32::try_from(freed(row)).unwrap_or(u32::MAX))
}

/// Beginnings that ended with their process, after which an intent is performed alone: the next end of a process then tells
/// whether it is the one that brings it about, and nothing else is counted with it.
const SUSPECT_AFTER: u32 = 2;

/// Whether it may be what ends the processes that perform it.
pub(super) fn is_suspect(row: &IntentRow) -> bool {
    row.intent.class == RecoveryClass::Local
        && row.status == IntentStatus::Sending
        && row.notes.get(UNKNOWN).is_none()
        && used(row) >= SUSPECT_AFTER
}

/// The notes after an attempt that does not count.
pub(super) fn free(row: &IntentRow) -> Value {
    note(&row.notes, FREE, json!(freed(row).saturating_add(1)))
}

/// The notes after a look that worked: no attempt before it counts any more, as with a process that was killed at one.
pub(super) fn all_free(row: &IntentRow) -> Value {
    note(&row.notes, FREE, json!(row.attempts))
}

fn freed(row: &IntentRow) -> u64 {
    row.notes.get(FREE).and_then(Value::as_u64).unwrap_or(0)
}

/// The instant that a note holds.
pub(super) fn instant(notes: &Value, name: &str) -> Option<Timestamp> {
    notes.get(name)?.as_str()?.parse().ok()
}

/// The notes and one more.
pub(super) fn note(notes: &Value, name: &str, value: Value) -> Value {
    merge(notes, &json!({ name: value }))
}

/// The notes and these; the new ones replace old ones.
pub(super) fn merge(notes: &Value, more: &Value) -> Value {
    let mut all = notes.as_object().cloned().unwrap_or_default();
    if let Some(more) = more.as_object() {
        all.extend(more.iter().map(|(name, value)| (name.clone(), value.clone())));
    }
    Value::Object(all)
}

/// The notes without these.
pub(super) fn without(notes: &Value, names: &[&str]) -> Value {
    let mut all = notes.as_object().cloned().unwrap_or_default();
    all.retain(|name, _| !names.contains(&name.as_str()));
    Value::Object(all)
}
