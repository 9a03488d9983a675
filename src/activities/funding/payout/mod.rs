//! A payout run and its claims: taking payables in, giving them back, writing the file, passing on what the bank answers.

mod file;
mod gather;
mod release;
mod tell;

use entente_core::context::funding::Item;
pub use file::{FILE, WriteFile};
pub use gather::Gather;
pub use release::Release;
use serde_json::json;
pub use tell::Tell;

use super::failed;
use crate::{
    activities::Attempt,
    funding::{debt::Debt, tell::Told},
};

/// A message to the claim or order of an item, which says what a payout run does with its payable.
fn message(to: &Debt, what: &'static str, payout: &str, item: &Item) -> Told {
    Told {
        to: to.run(),
        id: format!("{what}/{}/{}", item.claim, item.payee),
        event: what,
        data: json!({ "payout": payout, "payee": item.payee }),
        until: None,
    }
}

/// A failure that names a claim.
fn about(claim: &str, why: &str) -> Box<Attempt> {
    failed(format!("`{claim}`: {why}"), None)
}
