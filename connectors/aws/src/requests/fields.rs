//! AWS's reasons and member names, brought back to the field of the request document that caused them.

use aws_sdk_marketplaceagreement::types::error::ValidationException;
use entente_port::Error;

/// Reasons of `ValidationException`, and the field that is to blame.
/// Source: <https://docs.aws.amazon.com/marketplace/latest/APIReference/API_marketplace-agreements_BatchCreateBillingAdjustmentRequest.html>
const REASONS: &[(&str, &[&str])] = &[
    (
        "/agreement_id",
        &["INACTIVE_AGREEMENT", "INVALID_AGREEMENT_ID", "MISSING_AGREEMENT_ID", "MULTIPLE_AGREEMENT_IDS"],
    ),
    ("/invoice_id", &["INVALID_INVOICE_ADJUSTMENT_PERIOD", "MISSING_INVOICE_ID"]),
    (
        "/amount",
        &[
            "EXCEEDED_MAXIMUM_ADJUSTMENT_AMOUNT",
            "INVALID_ADJUSTMENT_AMOUNT",
            "INVALID_CHARGE_AMOUNT",
            "MISSING_ADJUSTMENT_AMOUNT",
            "MISSING_CHARGE_AMOUNT",
        ],
    ),
    ("/amount/currency", &["INVALID_CURRENCY_CODE", "MISSING_CURRENCY_CODE"]),
    ("/reason", &["INVALID_REASON_CODE", "MISSING_REASON_CODE"]),
    ("/description", &["INVALID_DESCRIPTION", "MISSING_DESCRIPTION"]),
    ("/name", &["INVALID_NAME", "MISSING_NAME"]),
    ("/term_id", &["INVALID_TERM_ID", "MISSING_TERM_ID"]),
];

/// Members of the requests, and the field that each one is written from.
const MEMBERS: &[(&str, &str)] = &[
    ("agreementId", "/agreement_id"),
    ("originalInvoiceId", "/invoice_id"),
    ("adjustmentAmount", "/amount"),
    ("chargeAmount", "/amount"),
    ("currencyCode", "/amount/currency"),
    ("adjustmentReasonCode", "/reason"),
    ("reasonCode", "/reason"),
    ("description", "/description"),
    ("name", "/name"),
    ("termId", "/term_id"),
];

/// The field behind a reason.
pub(super) fn field_of_reason(reason: &str) -> Option<&'static str> {
    REASONS.iter().find(|(_, reasons)| reasons.contains(&reason)).map(|(field, _)| *field)
}

/// The error of a refused request, with the service's own reason and the field that caused it.
pub(super) fn explained(mapped: Error, refused: Option<&ValidationException>) -> Error {
    let Some(refused) = refused else { return mapped };
    let Error::Rejected { marketplace, code, reason, .. } = mapped else { return mapped };
    let word = refused.reason().map(|word| word.as_str().to_owned());
    let first = refused.fields().first();
    let by_member = || {
        let name = first?.name();
        MEMBERS.iter().find(|(member, _)| name.rsplit(['.', '/']).next() == Some(member)).map(|(_, field)| *field)
    };
    let field = word.as_deref().and_then(field_of_reason).or_else(by_member);
    let details = first.map(|first| first.message()).filter(|details| *details != reason);
    let reason = details.map_or(reason.clone(), |details| format!("{reason}: {details}"));
    Error::Rejected { marketplace, field: field.map(str::to_owned), code: word.or(code), reason }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use aws_sdk_marketplaceagreement::types::{ValidationExceptionField, ValidationExceptionReason};

    use super::*;

    #[test]
    fn each_reason_is_one_of_the_services_and_is_blamed_once() {
        let known: BTreeSet<&str> = ValidationExceptionReason::values().iter().copied().collect();
        let mut seen = BTreeSet::new();
        for reason in REASONS.iter().flat_map(|(_, reasons)| *reasons) {
            assert!(known.contains(reason), "{reason}");
            assert!(seen.insert(reason), "{reason}");
        }
    }

    #[test]
    fn a_reason_without_a_field_falls_back_to_the_member_that_is_named() {
        let mapped = Error::Rejected { marketplace: "m", field: None, code: None, reason: "no".to_owned() };
        let member = ValidationExceptionField::builder().name("entries.0.originalInvoiceId").message("odd");
        let refused = ValidationException::builder()
            .reason(ValidationExceptionReason::Other)
            .fields(member.build().unwrap())
            .build();
        let Error::Rejected { field, code, reason, .. } = explained(mapped, Some(&refused)) else { panic!() };
        assert_eq!(
            (field.as_deref(), code.as_deref(), reason.as_str()),
            (Some("/invoice_id"), Some("OTHER"), "no: odd")
        );
    }
}
