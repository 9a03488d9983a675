//! What AWS does not change any more once an offer is released, and what to do instead.

use entente_core::offer::{Offer, revision};
use entente_port::{Finding, Severity};

use super::PRIVATE_OFFERS;

/// What the release freezes: a part of the document, and the change type that AWS refuses from then on.
pub struct Frozen {
    /// The rule's stable id.
    pub id: &'static str,
    /// What stays as it is, in one line.
    pub demand: &'static str,
    /// The change type that is refused with `INVALID_UPDATE_REQUEST`; absent where there is none.
    pub change: Option<&'static str>,
    /// The parts of the document, as JSON pointers.
    parts: &'static [&'static str],
}

/// Everything that the release freezes, by id. What no entry names is no part of the marketplace's offer.
pub const FROZEN: &[Frozen] = &[
    Frozen {
        id: "AWS-R01",
        demand: "prices, quantities and free trials stay as they were released",
        change: Some("UpdatePricingTerms"),
        parts: &["/pricing", "/currency"],
    },
    Frozen {
        id: "AWS-R02",
        demand: "the payment schedule stays as it was released",
        change: Some("UpdatePaymentScheduleTerms"),
        parts: &["/pricing/contract/instalments", "/pricing/contract/total"],
    },
    Frozen {
        id: "AWS-R03",
        demand: "accounts and countries stay as they were released",
        change: Some("UpdateTargeting"),
        parts: &["/buyer/accounts", "/countries"],
    },
    Frozen {
        id: "AWS-R04",
        demand: "the licence stays as it was released",
        change: Some("UpdateLegalTerms"),
        parts: &["/eula"],
    },
    Frozen {
        id: "AWS-R05",
        demand: "the refund policy stays as it was released",
        change: Some("UpdateSupportTerms"),
        parts: &["/refund_policy"],
    },
    Frozen {
        id: "AWS-R06",
        demand: "the agreement's start and end stay as they were released; how long it lasts may change",
        change: Some("UpdateValidityTerms"),
        parts: &["/term/start", "/term/end"],
    },
    Frozen {
        id: "AWS-R07",
        demand: "the time to pay stays as it was released",
        change: Some("UpdateNetPaymentTerms"),
        parts: &["/payment_due_days"],
    },
    Frozen {
        id: "AWS-R08",
        demand: "the renewal terms stay as they were released",
        change: Some("UpdateRenewalTerms"),
        parts: &["/auto_renewal"],
    },
    Frozen {
        id: "AWS-R09",
        demand: "product and the agreement that is replaced are chosen when the offer is made",
        change: None,
        parts: &["/product", "/renewal"],
    },
];

/// A finding for each field that differs and that AWS does not change any more.
pub(crate) fn frozen(standing: &Offer, wanted: &Offer) -> Vec<Finding> {
    let changes = revision::differences(standing, wanted);
    changes.iter().filter_map(|change| found(&change.field)).collect()
}

fn found(field: &str) -> Option<Finding> {
    let within = |part: &&str| field.strip_prefix(*part).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'));
    // The longest part that holds the field: instalments are part of the pricing.
    let longest = |frozen: &Frozen| frozen.parts.iter().filter(|part| within(part)).map(|part| part.len()).max();
    let (frozen, _) =
        FROZEN.iter().filter_map(|frozen| Some((frozen, longest(frozen)?))).max_by_key(|(_, most)| *most)?;
    let remedy = match frozen.id {
        "AWS-R03" => {
            "reissue the offer to the other account with `entente offer reissue`, or withdraw it and make another one"
        }
        _ => "withdraw the offer with `entente offer withdraw` and make another one",
    };
    Some(Finding {
        rule: frozen.id.to_owned(),
        severity: Severity::Error,
        field: field.to_owned(),
        message: format!("the offer is released: {}", frozen.demand),
        remedy: remedy.to_owned(),
        source: PRIVATE_OFFERS.to_owned(),
    })
}
