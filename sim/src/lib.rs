//! The whole engine on one thread, from one seed: real drivers, workers and activities, over the model of a database, a
//! marketplace and a clock that break as the seed says. The same seed does the same, to the last byte of its trace.

#![cfg_attr(test, allow(clippy::unwrap_used))]

pub mod activity;
pub mod chaos;
pub mod charts;
pub mod context;
pub mod deal;
pub mod draw;
pub mod ends;
pub mod ground;
pub mod jobs;
pub mod laws;
pub mod market;
pub mod mix;
pub mod people;
pub mod play;
pub mod process;
pub mod staff;
pub mod store;
pub mod trace;
