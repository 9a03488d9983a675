//! Market development funds: what commands and activities need of partners, funds, requests, claims and payout runs.

pub mod answers;
pub mod bank;
pub mod case;
pub mod comparison;
pub mod evidence;
pub mod import;
pub mod launch;
pub mod owed;
pub mod packs;
pub mod record;
pub mod standing;
pub mod statement;
pub mod stored;
pub mod tell;
pub mod utilisation;
