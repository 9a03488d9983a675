//! What the runner asks of a database: one trait, a conformance suite, and an in-memory model.
//!
//! A store keeps runs with their histories, inboxes, intents, timers, tasks and ledger. It decides nothing: every
//! write carries what the pure core decided, and the store's part is that all of it happens, or none.

mod archives;
mod batch;
pub mod columns;
#[cfg(feature = "conformance")]
pub mod conformance;
#[cfg(feature = "deliberate-bugs")]
pub mod deliberate;
mod error;
mod fingerprint;
mod imports;
#[cfg(feature = "model")]
pub mod model;
mod result_event;
mod rows;
mod spend;
mod tokens;
mod traits;

pub use archives::{Archivable, ArchiveRow, Archived, Archives, NewArchive, Released};
pub use batch::{Batch, BatchOutcome, Consumed, Intent, Journal, Member, MemberOutcome, RunKey, Verdict};
pub use error::{Error, Result};
pub use imports::{ImportKind, ImportLine, ImportRow, ImportStatus, ImportedSum, Imports, NewImport, StoredLine};
pub use result_event::result_event;
pub use rows::{
    AccountBalance, Appended, AttemptState, BalanceFilter, Cursor, DueTimer, HistoryRow, InboxMessage, IntentRow,
    IntentStatus, Lease, LeaseKey, LedgerEntry, Message, NoticeRow, NoticeStatus, Occurrence, OccurrenceStatus, Page,
    PendingMessage, RecoveryClass, RunFilter, RunRow, ScheduleState, SealRow, Settlement, Start, StoredDocument,
    TaskFilter, TaskRow, TaskStatus, UnsealedRow,
};
pub use spend::{
    NewReading, Portions, Quarantined, ReadingRow, ReadingStatus, Spend, SpendSum, add_quarantined, portion_holds,
};
pub use tokens::{NewToken, TokenRow, Tokens};
pub use traits::{Audit, Documents, Inbox, Leases, LedgerBook, Notices, Outbox, Runs, Schedules, Store, Tasks, Timers};
