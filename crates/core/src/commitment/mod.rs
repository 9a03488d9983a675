//! Committed spend: what a buyer has promised a cloud, what counts towards it, what is left, and where it will end.

mod alerts;
mod amount;
mod band;
mod basis;
pub mod card;
mod document;
pub mod drawdown;
pub mod drawing;
pub mod eligibility;
pub mod focus;
pub mod forecast;
mod marketplace;
mod model;
mod offers;
pub mod rates;
mod statement;
mod sums;
mod told;
pub mod warehouse;

pub use alerts::{About, Alert, News, Observation, Spell, alerts, is_low};
pub use amount::{Amount, AmountError, DECIMALS, LARGEST, Percent, ROUNDING};
pub use band::{Band, Weight};
pub use basis::{Basis, Cost, Dated, Discounts, Reduction, Refunds, Treatment};
pub use document::schema;
pub use marketplace::{Cap, CapOf, Counts, MarketplaceTerms};
pub use model::{
    Accounts, Buys, CarryOver, Cloud, Commitment, CommitmentId, Glide, How, Milestone, Period, Succession, Terms,
    TrueUp, days,
};
pub use offers::{Candidate, Plans, Prospect, prospects};
pub use statement::{Reconciled, Statement, StatementError, reconcile};
pub use sums::{DailySums, Part, Partition, Replaces, SumKey};
