//! What people do with private offers, whatever the channel: checking, computing facts, starting, changing, showing.
//!
//! Nothing here prints or parses a command line, and nothing decides what becomes of an offer: the chart does.

pub mod amend;
pub mod change;
pub mod course;
mod desk;
pub mod dry_run;
pub mod expiry;
pub mod facts;
pub mod known;
pub mod launch;
pub mod licences;
pub mod preflight;
pub mod price_books;
pub mod simulation;
pub mod standing;
pub mod stored;
pub mod timeline;

pub use desk::{Desk, DeskError, VENDOR, home_of};
