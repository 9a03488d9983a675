//! What activities bring: deals that they touched, how a deal is credited to them, and the return on what was paid.
//!
//! A [`Record`] says which deals a request touched. A deal is credited to all requests that touched it by a [`Model`]: weights
//! sum to one exactly, amounts to the deal's. Nothing here moves money: another model tells another story of the same ledger.

mod credit;
mod figures;
mod model;
mod ratio;
mod record;

pub use credit::{Credit, NoCredit, Touch, credits};
pub use figures::{Figures, figures};
pub use model::{CustomWeights, Model};
pub use ratio::Ratio;
pub use record::{Deal, Record, Stage};
