//! The pure middle of Entente: state and event in, state and commands out.
//!
//! Nothing here reads a clock, a file, the environment or the network. Time arrives as data, randomness as ids
//! that the shell made. Whatever this crate decides can therefore be replayed, tabled and proved.
#![cfg_attr(test, allow(clippy::unwrap_used))]

pub mod audit;
pub mod calendar;
pub mod chart;
pub mod close;
pub mod commitment;
pub mod context;
pub mod event;
pub mod form;
pub mod ids;
pub mod ledger;
pub mod mdf;
pub mod money;
pub mod offer;
pub mod people;
pub mod policy;
pub mod run;
pub mod schedule;
pub mod scope;
pub mod settings;
