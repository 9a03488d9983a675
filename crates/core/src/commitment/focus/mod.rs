//! A commitment and its daily sums in the shape of FOCUS, there and back.
//!
//! [`contract_commitments`] writes the `ContractCommitment` dataset: a row for each period of each version of the terms.
//! [`cost_and_usage`] writes a row for each daily sum, with `ContractApplied` saying how much of it counts for which period;
//! those add up to what is eligible, at either end of what is known. What FOCUS has no column for stands in `x_` columns, so that
//! both read back to what they were made of.

mod allocation;
mod applied;
mod commitments;
mod error;
mod read;
mod table;
mod usage;

pub use allocation::{Allocated, Share as AllocatedShare, allocate};
pub use applied::{AppliedCost, applied_costs, contract_applied};
pub use commitments::{Edition, MANDATORY, Snapshot, contract_commitments, period_id};
pub use error::FocusError;
pub use read::{contract_documents, is_contract_commitments, read_contract_commitments};
pub use usage::{USAGE_COLUMNS, cost_and_usage, cost_and_usage_preview, read_cost_and_usage};
