//! Restoring: a backup put into place, and the read-back by which a database that lost its newest steps learns what the
//! marketplaces hold of them. Nothing is sent before that.

pub mod begin;
mod in_doubt;
mod judge;
pub mod lost;
pub mod place;
pub mod read_back;
pub mod report;
pub mod state;
