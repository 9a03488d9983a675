//! The store to grow on: one PostgreSQL database, any number of processes, and every statement checked against the
//! schema at compile time.
//!
//! Reads go to a small pool of connections that cannot write. Writes go to one task that owns one connection: it takes
//! everything that is waiting and commits it together. Leases have a connection of their own, so that no load keeps
//! them from being renewed. No process coordinates another except through the database.
//!
//! Numbers that readers walk along (history, messages, journals) follow the order of commits without gaps. Whoever
//! gives one locks the row of `counters` first and holds it until its commit, and nobody becomes the owner of a lease
//! without that lock: so a fence that was read under it is still current when the commit is done.

mod archives;
mod audit;
mod backup;
mod commit;
mod documents;
mod fault;
mod hints;
mod imports;
mod inbox;
mod leases;
mod ledger_book;
mod migrations;
mod months;
mod notices;
mod open;
mod outbox;
mod replace;
mod runs;
mod schedules;
mod session;
mod spend;
mod store;
mod tally;
mod target;
mod tasks;
mod timers;
mod tokens;
mod values;
mod work;
mod writer;

pub use open::{Mode, OpenOptions};
pub use replace::Staged;
pub use store::PostgresStore;
pub use tally::{Tally, TallyReader};
