//! AWS's codes and fields, brought back to the field of the offer document that caused them.

/// A code that a change of a kind can fail with, and the field that is to blame.
struct Blame {
    change: &'static str,
    codes: &'static [&'static str],
    field: &'static str,
}

const fn blame(change: &'static str, codes: &'static [&'static str], field: &'static str) -> Blame {
    Blame { change, codes, field }
}

/// The asynchronous codes of everything that an offer's life sends.
/// Source: <https://docs.aws.amazon.com/marketplace/latest/developerguide/work-with-private-offers.html>
const BLAMES: &[Blame] = &[
    blame("CreateOffer", &["INCOMPATIBLE_PRODUCT"], "/product/id"),
    blame("CreateReplacementOffer", &["INCOMPATIBLE_PRODUCT"], "/product/id"),
    blame("CreateReplacementOffer", &["INCOMPATIBLE_AGREEMENT"], "/renewal/of"),
    blame("UpdateInformation", &["INCOMPATIBLE_PRE_EXISTING_AGREEMENT"], "/renewal"),
    blame(
        "UpdateTargeting",
        &["INCOMPATIBLE_BUYER_ACCOUNTS", "INCOMPATIBLE_TARGETING", "INVALID_BUYER_ACCOUNTS", "TOO_MANY_BUYER_ACCOUNTS"],
        "/buyer/accounts",
    ),
    blame(
        "UpdateTargeting",
        &["INCOMPATIBLE_COUNTRY_CODES", "INVALID_COUNTRY_CODES", "INVALID_TARGETING", "MISSING_COUNTRY_CODES"],
        "/countries",
    ),
    blame("UpdateTargeting", &["INCOMPATIBLE_PRODUCT", "INCOMPATIBLE_RESALE_AUTHORIZATION"], "/product/id"),
    blame("UpdateSupportTerms", &["INCOMPATIBLE_PRODUCT", "INCOMPATIBLE_TERMS"], "/refund_policy"),
    blame(
        "UpdateLegalTerms",
        &["INCOMPATIBLE_TERMS", "INVALID_LEGAL_DOCUMENTS", "LIMIT_EXCEEDED_LEGAL_DOCUMENT_SIZE"],
        "/eula",
    ),
    blame(
        "UpdatePricingTerms",
        &[
            "DUPLICATE_DIMENSION_KEYS",
            "DUPLICATE_TERM_TYPES",
            "INCOMPATIBLE_PRICING_MODEL",
            "INCOMPATIBLE_RATES",
            "INCOMPATIBLE_TERMS",
            "INVALID_PRICE_CHANGE",
            "INVALID_RATE_CARD",
            "INVALID_UPDATE_REQUEST",
            "MISSING_MANDATORY_TERMS",
            "TOO_MANY_RATES",
        ],
        "/pricing",
    ),
    blame(
        "UpdatePricingTerms",
        &[
            "DUPLICATE_SELECTORS",
            "INCOMPATIBLE_SELECTOR_DURATION",
            "INVALID_DURATION",
            "INVALID_SELECTOR_DURATION_VALUE",
            "MISSING_DURATION",
        ],
        "/pricing/contract/duration",
    ),
    blame(
        "UpdatePricingTerms",
        &["INCOMPATIBLE_RATE_CARD_CONSTRAINTS", "INVALID_GRANTS", "TOO_MANY_GRANTS", "TOO_MANY_RATE_CARDS"],
        "/pricing/contract/dimensions",
    ),
    blame("UpdatePricingTerms", &["INCOMPATIBLE_CURRENCY_CODE", "INVALID_CURRENCY_CODE"], "/currency"),
    blame("UpdatePricingTerms", &["INVALID_AGREEMENT_DURATION"], "/term/duration"),
    blame("UpdatePricingTerms", &["INCOMPATIBLE_AGREEMENT"], "/pricing"),
    blame("UpdatePricingTerms", &["INCOMPATIBLE_PRODUCT", "INCOMPATIBLE_RESALE_AUTHORIZATION"], "/product/id"),
    blame(
        "UpdatePricingTerms",
        &["INCOMPATIBLE_PAYMENT_SETTINGS", "INCOMPATIBLE_SELLER_VERIFICATION"],
        "/legal_entity",
    ),
    blame("UpdateAvailability", &["INVALID_AVAILABILITY_END_DATE", "MISSING_AVAILABILITY_END_DATE"], "/expires_on"),
    blame("UpdateValidityTerms", &["INVALID_AGREEMENT_DURATION"], "/term/duration"),
    blame(
        "UpdateValidityTerms",
        &["INCOMPATIBLE_AGREEMENT_START_DATE", "INVALID_AGREEMENT_START_DATE", "MISSING_AGREEMENT_START_DATE"],
        "/term/start",
    ),
    blame("UpdateValidityTerms", &["INCOMPATIBLE_AGREEMENT_END_DATE", "INVALID_AGREEMENT_END_DATE"], "/term/end"),
    blame("UpdateValidityTerms", &["INCOMPATIBLE_TERMS", "INVALID_AGREEMENT_TIME_INTERVAL"], "/term"),
    blame("UpdateValidityTerms", &["INCOMPATIBLE_AGREEMENT"], "/term"),
    blame("UpdateValidityTerms", &["INCOMPATIBLE_PRODUCT"], "/term/start"),
    blame("UpdateValidityTerms", &["INCOMPATIBLE_RESALE_AUTHORIZATION"], "/product/id"),
    blame(
        "UpdatePaymentScheduleTerms",
        &[
            "DUPLICATE_CHARGE_DATES",
            "INCOMPATIBLE_MARKUP_PERCENTAGE",
            "INCOMPATIBLE_TERMS",
            "INVALID_CHARGE_DATES",
            "TOO_MANY_BACKDATED_CHARGES",
            "TOO_MANY_CHARGES",
        ],
        "/pricing/contract/instalments",
    ),
    blame("UpdatePaymentScheduleTerms", &["INCOMPATIBLE_CURRENCY_CODE", "INVALID_CURRENCY_CODE"], "/currency"),
    blame(
        "UpdatePaymentScheduleTerms",
        &["INCOMPATIBLE_PAYMENT_SETTINGS", "INCOMPATIBLE_SELLER_VERIFICATION"],
        "/legal_entity",
    ),
    blame("UpdatePaymentScheduleTerms", &["INCOMPATIBLE_RESALE_AUTHORIZATION"], "/product/id"),
    blame(
        "UpdateNetPaymentTerms",
        &["DUPLICATE_TERM_TYPES", "INCOMPATIBLE_TERMS", "INVALID_PAYMENT_DUE_PERIOD"],
        "/payment_due_days",
    ),
    blame("UpdateNetPaymentTerms", &["INCOMPATIBLE_PRODUCT", "INCOMPATIBLE_RESALE_AUTHORIZATION"], "/product/id"),
    blame("UpdateRenewalTerms", &["INVALID_LOCKOUT_PERIOD"], "/auto_renewal/lockout_days"),
    blame("UpdateRenewalTerms", &["MISSING_PRICE_INCREASE"], "/auto_renewal/price_increase_percent"),
    blame(
        "UpdateRenewalTerms",
        &[
            "DUPLICATE_CHARGE_DATE_OFFSETS",
            "INVALID_CHARGE_DATE_OFFSETS",
            "INVALID_CHARGE_PERCENTAGES",
            "INVALID_DAY_OF_MONTH",
            "MISSING_PAYMENT_SCHEDULE_TERM_TEMPLATE",
        ],
        "/auto_renewal/instalments",
    ),
    blame(
        "UpdateRenewalTerms",
        &["INVALID_ADJUSTMENT_DEADLINE", "MISSING_ADJUSTMENT_DEADLINE"],
        "/auto_renewal/adjustable/until_days",
    ),
    blame("UpdateRenewalTerms", &["INVALID_PERCENTAGE_RANGE"], "/auto_renewal/adjustable"),
    blame(
        "UpdateRenewalTerms",
        &["INCOMPATIBLE_PRODUCT", "INCOMPATIBLE_TERMS", "INVALID_UPDATE_REQUEST", "MISSING_MANDATORY_TERMS"],
        "/auto_renewal",
    ),
    blame("ReleaseOffer", &["MISSING_NAME"], "/name"),
    blame("ReleaseOffer", &["MISSING_DESCRIPTION"], "/description"),
    blame("ReleaseOffer", &["MISSING_AGREEMENT_END_DATE"], "/term/end"),
    blame("ReleaseOffer", &["MISSING_AVAILABILITY_END_DATE"], "/expires_on"),
    blame("ReleaseOffer", &["INCOMPATIBLE_TARGETING", "MISSING_BUYER_ACCOUNTS"], "/buyer/accounts"),
    blame("ReleaseOffer", &["INVALID_UPDATE_REQUEST", "MISSING_MANDATORY_TERMS"], "/pricing"),
    blame("ReleaseOffer", &["INCOMPATIBLE_PRODUCT", "TOO_MANY_OFFERS"], "/product/id"),
    blame(
        "ReleaseOffer",
        &["INCOMPATIBLE_PAYMENT_SETTINGS", "INCOMPATIBLE_SELLER_VERIFICATION", "INVALID_TAX_INFORMATION"],
        "/legal_entity",
    ),
];

/// The fields of a request's details, and the field of the offer document that each one is written from.
const REQUEST_FIELDS: &[(&str, &[(&str, &str)])] = &[
    ("CreateOffer", &[("ProductId", "/product/id")]),
    ("CreateReplacementOffer", &[("AgreementId", "/renewal/of")]),
    ("UpdateInformation", &[("Name", "/name"), ("Description", "/description")]),
    (
        "UpdateTargeting",
        &[("CountryCodes", "/countries"), ("BuyerAccounts", "/buyer/accounts"), ("", "/buyer/accounts")],
    ),
    (
        "UpdatePricingTerms",
        &[
            ("CurrencyCode", "/currency"),
            ("Grants", "/pricing/contract/dimensions"),
            ("Selector", "/pricing/contract/duration"),
            ("Duration", "/pricing/contract/duration"),
            ("", "/pricing"),
        ],
    ),
    ("UpdateLegalTerms", &[("", "/eula")]),
    ("UpdateSupportTerms", &[("", "/refund_policy")]),
    ("UpdateAvailability", &[("", "/expires_on")]),
    (
        "UpdateValidityTerms",
        &[
            ("AgreementDuration", "/term/duration"),
            ("AgreementStartDate", "/term/start"),
            ("AgreementEndDate", "/term/end"),
            ("", "/term"),
        ],
    ),
    ("UpdatePaymentScheduleTerms", &[("CurrencyCode", "/currency"), ("", "/pricing/contract/instalments")]),
    ("UpdateNetPaymentTerms", &[("", "/payment_due_days")]),
    (
        "UpdateRenewalTerms",
        &[
            ("LockoutPeriod", "/auto_renewal/lockout_days"),
            ("AdjustmentDeadline", "/auto_renewal/adjustable/until_days"),
            ("TermTemplates", "/auto_renewal/instalments"),
            ("Range", "/auto_renewal/adjustable"),
            ("PriceIncrease", "/auto_renewal/price_increase_percent"),
            ("MaxRenewals", "/auto_renewal/renewals_max"),
            ("", "/auto_renewal"),
        ],
    ),
];

/// The field behind a code with which a change failed after it was accepted.
pub fn field_of_result(change: &str, code: &str) -> Option<&'static str> {
    BLAMES.iter().find(|blame| blame.change == change && blame.codes.contains(&code)).map(|blame| blame.field)
}

/// The field behind a part of a request that was refused at once; `path` is the service's own path into the details.
pub fn field_of_request(change: &str, path: &str) -> Option<&'static str> {
    let (_, fields) = REQUEST_FIELDS.iter().find(|(kind, _)| *kind == change)?;
    fields.iter().find(|(part, _)| path.contains(part)).map(|(_, field)| *field)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Where the machine-readable rules of AWS's documentation lie; without it only the table itself is looked at.
    const DATA: &str = "ENTENTE_FIDELITY_DATA";

    #[test]
    fn each_code_is_blamed_once_per_kind_of_change() {
        let mut seen = std::collections::BTreeSet::new();
        for blame in BLAMES {
            for code in blame.codes {
                assert!(seen.insert((blame.change, code)), "{} {code}", blame.change);
            }
        }
        assert_eq!(seen.len(), 102);
    }

    #[test]
    fn every_documented_code_of_an_offer_has_a_field() {
        let Some(folder) = std::env::var_os(DATA) else {
            eprintln!("skipped: {DATA} names no data");
            return;
        };
        let folder = std::path::Path::new(&folder);
        let path = [folder.join("changetype-rules.json"), folder.join("aws/changetype-rules.json")];
        let text = path.iter().find_map(|path| std::fs::read_to_string(path).ok()).unwrap();
        let rules: serde_json::Value = serde_json::from_str(&text).unwrap();
        for (change, rule) in rules["Offer@1.0"].as_object().unwrap() {
            if !crate::policy::CHANGE_TYPES.contains(&change.as_str()) {
                continue;
            }
            for code in rule["async"].as_array().unwrap() {
                let code = code.as_str().unwrap();
                assert!(field_of_result(change, code).is_some(), "{change} {code}");
            }
        }
    }
}
