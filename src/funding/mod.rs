//! Market development funds: what commands and activities need of partners, funds, requests, claims, orders and payout runs.

pub mod afterwards;
pub mod amendment;
pub mod answers;
pub mod apart;
pub mod bank;
pub mod beside;
pub mod budgets;
pub mod case;
pub mod comparison;
pub mod debt;
pub mod evidence;
pub mod exceptions;
pub mod explained;
pub mod frozen;
pub mod granted;
pub mod import;
pub mod joint;
pub mod launch;
pub mod month_review;
pub mod orders;
pub mod outside;
pub mod owed;
pub mod packs;
pub mod paying;
pub mod plans;
pub mod plays;
pub mod position;
pub mod programmes;
pub mod record;
pub mod returns;
pub mod review;
pub mod sales;
pub mod share;
pub mod standing;
pub mod statement;
pub mod stored;
pub mod sweep;
pub mod tax;
pub mod tell;
pub mod utilisation;
pub mod versions;

/// The role by whose calendar the rules count working days.
pub const CALENDAR_OF: &str = "finance_approver";
