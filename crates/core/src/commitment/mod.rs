//! Committed spend: what a buyer has promised a cloud, what counts towards it, what is left, and where it will end.

mod alerts;
mod amount;
mod basis;
pub mod card;
mod document;
pub mod drawdown;
pub mod drawing;
pub mod eligibility;
pub mod forecast;
mod model;
mod offers;
mod statement;
mod sums;

pub use alerts::{About, Alert, Observation, alerts};
pub use amount::{Amount, AmountError, Band, DECIMALS, LARGEST, Percent, ROUNDING, Weight};
pub use basis::{Basis, Cost, Dated, Discounts, Reduction, Refunds, Treatment};
pub use model::{
    Accounts, Buys, Cap, CapOf, CarryOver, Cloud, Commitment, CommitmentId, Glide, How, MarketplaceTerms, Milestone,
    Period, Succession, Terms, TrueUp, days,
};
pub use offers::{Candidate, Prospect, prospects};
pub use statement::{Reconciled, Statement, reconcile};
pub use sums::{DailySums, Part, SumKey};
