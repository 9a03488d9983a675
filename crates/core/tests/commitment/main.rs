//! Committed spend, tested from outside: eligibility, drawdown, forecast, alerts and cards.
#![allow(clippy::unwrap_used, missing_docs)]

mod ahead;
mod alerts;
mod card;
mod carry_over;
mod chart;
mod documents;
mod drawing;
mod eligibility;
mod focus;
mod focus_rules;
mod forecast;
mod glide;
mod golden;
mod offers;
mod oracle;
mod partitions;
mod public_validator;
mod recompute;
mod sequence;
mod splits;
mod statement;
mod succession;
mod support;
mod terminal;
