//! Why an agreement should end early, and why money goes back, in the words of the business.

use std::fmt;

use serde::{Deserialize, Serialize};

/// Why the vendor asks to end an agreement before its end.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CancellationReason {
    /// The buyer accepted terms that were not meant.
    IncorrectTerms,
    /// Another agreement takes its place.
    ReplacedByAnother,
    /// It was made to try something out.
    Test,
    /// The buyer buys the product somewhere else.
    BoughtElsewhere,
    /// The product is no longer offered.
    ProductDiscontinued,
    /// It renewed although nobody wanted it to.
    UnintendedRenewal,
    /// The buyer is not content.
    BuyerDissatisfied,
    /// Something else; the description says what.
    Other,
}

impl CancellationReason {
    /// Every reason.
    pub const ALL: [CancellationReason; 8] = [
        CancellationReason::IncorrectTerms,
        CancellationReason::ReplacedByAnother,
        CancellationReason::Test,
        CancellationReason::BoughtElsewhere,
        CancellationReason::ProductDiscontinued,
        CancellationReason::UnintendedRenewal,
        CancellationReason::BuyerDissatisfied,
        CancellationReason::Other,
    ];
}

impl fmt::Display for CancellationReason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            CancellationReason::IncorrectTerms => "incorrect terms",
            CancellationReason::ReplacedByAnother => "replaced by another agreement",
            CancellationReason::Test => "a test",
            CancellationReason::BoughtElsewhere => "bought elsewhere",
            CancellationReason::ProductDiscontinued => "product discontinued",
            CancellationReason::UnintendedRenewal => "unintended renewal",
            CancellationReason::BuyerDissatisfied => "buyer dissatisfied",
            CancellationReason::Other => "another reason",
        })
    }
}

/// Why the vendor gives money back on an invoice.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AdjustmentReason {
    /// The buyer accepted terms that were not meant.
    IncorrectTerms,
    /// More was metered than was used.
    IncorrectMetering,
    /// The charges came from trying something out.
    Test,
    /// The buyer buys the product somewhere else.
    BoughtElsewhere,
    /// It renewed although nobody wanted it to.
    UnintendedRenewal,
    /// The buyer is not content.
    BuyerDissatisfied,
    /// Something else; the description says what.
    Other,
}

impl AdjustmentReason {
    /// Every reason.
    pub const ALL: [AdjustmentReason; 7] = [
        AdjustmentReason::IncorrectTerms,
        AdjustmentReason::IncorrectMetering,
        AdjustmentReason::Test,
        AdjustmentReason::BoughtElsewhere,
        AdjustmentReason::UnintendedRenewal,
        AdjustmentReason::BuyerDissatisfied,
        AdjustmentReason::Other,
    ];
}

impl fmt::Display for AdjustmentReason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            AdjustmentReason::IncorrectTerms => "incorrect terms",
            AdjustmentReason::IncorrectMetering => "incorrect metering",
            AdjustmentReason::Test => "a test",
            AdjustmentReason::BoughtElsewhere => "bought elsewhere",
            AdjustmentReason::UnintendedRenewal => "unintended renewal",
            AdjustmentReason::BuyerDissatisfied => "buyer dissatisfied",
            AdjustmentReason::Other => "another reason",
        })
    }
}
