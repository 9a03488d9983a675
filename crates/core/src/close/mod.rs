//! Month end: what the general ledger is told of a month of a legal entity, and how it is checked that it was told all.
//!
//! [`PostingRules`] say, as data, which accounts of the general ledger each movement touches and how what a programme
//! pays is treated. [`close`] makes a month's [`Batch`] out of the ledger's journals, what stood at the month's end and
//! what partners were then entitled to, or says why there is none. [`reconcile()`] compares a batch with what the
//! general ledger holds. Everything is whole minor units, and nothing here is rounded but estimates of breakage.

mod accrual;
mod assemble;
mod batch;
mod books;
mod estimate;
mod export;
mod reconcile;
mod refusal;
mod roll;
mod rules;
mod rules_check;

pub use accrual::{Accrual, AccrualKind};
pub use assemble::close;
pub use batch::{Batch, BookedLiability, Controls, Line, LineKind, Memo, Side, What};
pub use books::{Books, FundFacts, Moved, OpenOrder, OpenRequest, Standing};
pub use estimate::{Estimate, NotAPercentage, percentage};
pub use export::{json_lines, sha256};
pub use reconcile::{AccountTotal, Difference, Extract, ExtractError, Reconciliation, Row, reconcile};
pub use refusal::Refusal;
pub use roll::{Roll, Rolled};
pub use rules::{
    AccountClass, Becomes, Booking, Evidence, GlAccount, NotAnAccount, PostingRules, RulesPin, Scheme, Treated,
};
