//! Whether a charge counts: rules as cited data, and verdicts that explain themselves.
//!
//! [`judge`] looks at one [`Line`] in the light of the contract's basis and of every [`Rule`] that was known and in
//! force. What sources contradict each other about, or nobody knows, counts as a band from the least to the most.

mod document;
mod judge;
mod line;
mod recompute;
mod rule;
mod turns;

pub use judge::{Answer, Said, Verdict, judge};
pub use line::{Channel, ChargeKind, Dates, Frequency, Line, Mark, Pricing};
pub use recompute::{Recomputed, State, Sums, daily_sums, recompute};
pub use rule::{Condition, Effect, Rule, RuleName, Rules, Source, SourceKind};
pub use turns::turned;
