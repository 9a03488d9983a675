//! What the fake checks before anything is sent: three rules, to show the form.

use entente_core::offer::Offer;
use entente_port::{Finding, Severity};
use jiff::Timestamp;

use crate::buyer::day;

const SOURCE: &str = "connectors/fake/README.md";

/// Every rule that the offer breaks.
pub(crate) fn findings(offer: &Offer, now: Timestamp) -> Vec<Finding> {
    let rules = [
        (
            "FAKE-001",
            "/expires_on",
            offer.expires_on <= day(now),
            "the last day to accept is not in the future",
            "write a later day",
        ),
        ("FAKE-002", "/name", offer.name.chars().count() > 150, "the name is longer than 150 characters", "shorten it"),
        (
            "FAKE-003",
            "/buyer/accounts",
            offer.buyer.accounts.is_empty(),
            "no account may accept the offer",
            "name the buyer's account",
        ),
    ];
    let broken = rules.into_iter().filter(|(_, _, broken, _, _)| *broken);
    let finding = |(rule, field, _, message, remedy): (&str, &str, bool, &str, &str)| Finding {
        rule: rule.to_owned(),
        severity: Severity::Error,
        field: field.to_owned(),
        message: message.to_owned(),
        remedy: remedy.to_owned(),
        source: SOURCE.to_owned(),
    };
    broken.map(finding).collect()
}
