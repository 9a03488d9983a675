//! Spend files: what the clouds, and buyers themselves, say was charged.
//!
//! They are read row by row in bounded memory, whatever their size, and become the few classes of charges that
//! `entente_core` judges: rows that differ in nothing but their amount are one class. Every row read is either counted in
//! a class or quarantined with a reason; none is dropped. Amounts are exact decimals.
#![cfg_attr(test, allow(clippy::unwrap_used))]

mod charge;
mod classes;
mod clouds;
mod columns;
mod days;
mod decimal;
mod error;
mod macc;
mod quarantine;
mod read;
mod shape;
mod sums;
mod table;
mod wanted;

pub use clouds::{known_clouds, may_leave_seller_out};
pub use error::SpendError;
pub use macc::Lot;
pub use quarantine::{Quarantined, Reason, SAMPLE_MOST};
pub use read::{Class, Limits, Portion, Progress, Summary, read};
pub use shape::{FocusVersion, Format, Shape, Sniffed, sniff};
pub use sums::DailySum;
pub use wanted::Wanted;
