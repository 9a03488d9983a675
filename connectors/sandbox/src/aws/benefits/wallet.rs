//! The seller's wallet: what AWS has set aside for its marketing, out of which cash is granted.

use jiff::{SignedDuration, Timestamp};
use rust_decimal::Decimal;

use super::allocations::{Allocation, Shape};
use super::catalogue::{CASH, CLAIM};

/// The wallet's id, the same in every world.
pub(crate) const WALLET: &str = "benalloc-wallet00000001";

/// USD 20,000 for a year.
pub(crate) fn wallet(account: &str, now: Timestamp) -> Allocation {
    Allocation {
        id: WALLET.to_owned(),
        account: account.to_owned(),
        name: "MDF wallet".to_owned(),
        benefit_id: CASH.to_owned(),
        application_id: None,
        shape: Shape::Consumable,
        fulfillment: "CASH".to_owned(),
        amount: Decimal::from(20_000),
        used: Decimal::ZERO,
        currency: "USD".to_owned(),
        usable_for: vec![CASH.to_owned(), CLAIM.to_owned()],
        issuance: "WALLET-1".to_owned(),
        created_at: now,
        updated_at: now,
        expires_at: now.saturating_add(SignedDuration::from_hours(365 * 24)).unwrap_or(Timestamp::MAX),
    }
}
