//! What activities brought: records in the database, and reports that credit deals and compare them with what was paid.

mod records;
mod report;

pub use records::{Kept, NotRecorded, due, in_force, of_request, record};
pub use report::{Cost, Credited, NoReport, Of, Report, report};
