//! Committed spend, tested from outside: eligibility, drawdown, forecast, alerts and cards.
#![allow(clippy::unwrap_used, missing_docs)]

mod documents;
mod eligibility;
mod golden;
mod oracle;
mod sequence;
mod support;
