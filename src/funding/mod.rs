//! Market development funds: what commands and activities need of partners, funds, requests, claims and payout runs.

pub mod bank;
pub mod case;
pub mod packs;
pub mod stored;
pub mod tell;
