//! What partners earn by their sales: the plan that says what counts, the sales themselves, and how earnings are divided.

mod plan;
mod sale;
mod terms;

pub use plan::{Columns, EarningPlan};
pub use sale::{BadRow, EarnedLine, Sale};
pub use terms::EarningTerms;
