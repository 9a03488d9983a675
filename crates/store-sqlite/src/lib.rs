//! The embedded store: one SQLite file, one writer, and every statement checked against the schema at compile time.
//!
//! Reads go to a small pool of connections. Writes go to one task that owns one connection: it takes everything that
//! is waiting and commits it together, so that the disk's delay is paid once for many steps. A caller hears back only
//! after the commit is durable (`journal_mode = WAL`, `synchronous = FULL`, both read back when the file is opened).

mod archives;
mod audit;
mod commit;
mod documents;
mod fault;
mod imports;
mod inbox;
mod leases;
mod ledger_book;
mod migrations;
mod notices;
mod open;
mod outbox;
mod runner_lock;
mod runs;
mod schedules;
mod spend;
mod store;
mod tally;
mod tasks;
mod timers;
mod tokens;
mod values;
mod writer;

pub use open::{Mode, OpenOptions};
pub use runner_lock::RunnerLock;
pub use store::SqliteStore;
pub use tally::{Tally, TallyReader};
