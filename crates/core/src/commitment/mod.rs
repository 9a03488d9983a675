//! Committed spend: what a buyer has promised a cloud, what counts towards it, what is left, and where it will end.

mod amount;
mod basis;
mod document;
pub mod drawdown;
pub mod eligibility;
mod model;
mod sums;

pub use amount::{Amount, AmountError, Band, DECIMALS, LARGEST, Percent, ROUNDING, Weight};
pub use basis::{Basis, Cost, Dated, Discounts, Reduction, Refunds, Treatment};
pub use model::{
    Accounts, Buys, Cap, CapOf, CarryOver, Cloud, Commitment, CommitmentId, Glide, How, MarketplaceTerms, Milestone,
    Period, Succession, Terms, TrueUp, days,
};
pub use sums::{DailySums, Part, SumKey};
