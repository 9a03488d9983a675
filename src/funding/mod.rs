//! Market development funds: what commands and activities need of partners, funds, requests, claims and payout runs.

pub mod answers;
pub mod bank;
pub mod case;
pub mod comparison;
pub mod evidence;
pub mod exceptions;
pub mod import;
pub mod launch;
pub mod outside;
pub mod owed;
pub mod packs;
pub mod plans;
pub mod plays;
pub mod record;
pub mod returns;
pub mod review;
pub mod sales;
pub mod standing;
pub mod statement;
pub mod stored;
pub mod sweep;
pub mod tax;
pub mod tell;
pub mod utilisation;
pub mod versions;
