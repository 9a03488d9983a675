//! Every code with which AWS refuses a change after it has accepted it: which rule of pre-flight is there before, or why none can
//! be.
//!
//! The codes are those of `data/async-codes.json`. Source:
//! <https://docs.aws.amazon.com/marketplace/latest/developerguide/work-with-private-offers.html> and the pages beside it.

use std::collections::{BTreeMap, BTreeSet};

use entente_core::offer::preflight::rules as general_rules;
use serde_json::Value;

use super::rules;

const CODES: &str = include_str!("../../data/async-codes.json");

/// Where the machine-readable rules of AWS's documentation lie, if they are at hand.
const DATA: &str = "ENTENTE_FIDELITY_DATA";

/// What stands before a code.
enum Guard {
    /// These rules find it beforehand.
    Rules(&'static [&'static str]),
    /// No document makes the connector send what the code refuses.
    Impossible(&'static str),
    /// Only AWS can know it.
    Unknowable(&'static str),
}

use Guard::{Impossible, Rules, Unknowable};

const UNDER_AUTHORIZATION: &str = "no offer is made under a resale authorization";
const ACCOUNT: &str = "no call tells how the seller's account is verified, taxed or paid";
const BEFORE_RELEASE: &str = "it is sent once, in the set that creates the offer and before its release";
const UNNAMED_PRODUCTS: &str = "AWS does not say which products it is about";

/// The changes that the connector never sends: their codes cannot come.
const NEVER_SENT: &[&str] = &[
    "AssociateOffers",
    "AssociateSolution",
    "CreateOfferSet",
    "CreateOfferUsingResaleAuthorization",
    "CreateReplacementOfferUsingResaleAuthorization",
    "CreateResaleAuthorization",
    "DisassociateOffers",
    "DisassociateSolution",
    "ReleaseOfferSet",
    "ReleaseResaleAuthorization",
    "RestrictResaleAuthorization",
    "UpdateBuyerTargetingTerms",
    "UpdateBuyerValidityTerms",
    "UpdateCustomerVerificationTerms",
    "UpdateMarkup",
];

#[rustfmt::skip]
const GUARDS: &[(&str, &[(&str, Guard)])] = &[
    ("CreateOffer", &[("INCOMPATIBLE_PRODUCT", Rules(&["AWS-007", "AWS-008"]))]),
    ("CreateReplacementOffer", &[
        ("INCOMPATIBLE_AGREEMENT", Rules(&["OF-032"])),
        ("INCOMPATIBLE_PRODUCT", Rules(&["AWS-007", "AWS-008"])),
    ]),
    ("UpdateInformation", &[
        ("INCOMPATIBLE_PRE_EXISTING_AGREEMENT", Impossible("no earlier agreement is noted on an offer")),
    ]),
    ("UpdateTargeting", &[
        ("INCOMPATIBLE_BUYER_ACCOUNTS", Unknowable("only AWS knows which accounts may not buy from the seller")),
        ("INCOMPATIBLE_COUNTRY_CODES", Unknowable("only AWS knows in which countries a product cannot be sold")),
        ("INCOMPATIBLE_PRODUCT", Rules(&["AWS-007"])),
        ("INCOMPATIBLE_RESALE_AUTHORIZATION", Impossible(UNDER_AUTHORIZATION)),
        ("INCOMPATIBLE_TARGETING", Rules(&["AWS-048"])),
        // Whether an account of 12 digits exists is known to AWS alone.
        ("INVALID_BUYER_ACCOUNTS", Rules(&["AWS-005", "AWS-006"])),
        ("INVALID_COUNTRY_CODES", Rules(&["AWS-047"])),
        ("INVALID_TARGETING", Rules(&["AWS-048"])),
        ("MISSING_COUNTRY_CODES", Rules(&["AWS-047"])),
        ("TOO_MANY_BUYER_ACCOUNTS", Rules(&["AWS-006"])),
    ]),
    ("UpdateSupportTerms", &[
        ("INCOMPATIBLE_PRODUCT", Unknowable(UNNAMED_PRODUCTS)),
        ("INCOMPATIBLE_TERMS", Impossible(BEFORE_RELEASE)),
    ]),
    ("UpdateLegalTerms", &[
        ("INCOMPATIBLE_TERMS", Impossible(BEFORE_RELEASE)),
        ("INVALID_LEGAL_DOCUMENTS", Rules(&["AWS-003", "AWS-004"])),
        ("LIMIT_EXCEEDED_LEGAL_DOCUMENT_SIZE", Unknowable("pre-flight sends nothing, so it does not fetch the text")),
    ]),
    ("UpdatePricingTerms", &[
        ("DUPLICATE_DIMENSION_KEYS", Rules(&["AWS-010"])),
        ("DUPLICATE_SELECTORS", Rules(&["AWS-045"])),
        ("DUPLICATE_TERM_TYPES", Impossible("each term is written at most once")),
        ("INCOMPATIBLE_AGREEMENT", Rules(&["AWS-035"])),
        ("INCOMPATIBLE_CURRENCY_CODE", Rules(&["AWS-014", "OF-032"])),
        ("INCOMPATIBLE_PAYMENT_SETTINGS", Unknowable(ACCOUNT)),
        ("INCOMPATIBLE_PRICING_MODEL", Rules(&["AWS-007", "AWS-043"])),
        ("INCOMPATIBLE_PRODUCT", Rules(&["AWS-007"])),
        ("INCOMPATIBLE_RATES", Impossible("it is about offers without a price")),
        ("INCOMPATIBLE_RATE_CARD_CONSTRAINTS", Impossible("both constraints are written alike, in every rate card")),
        ("INCOMPATIBLE_RESALE_AUTHORIZATION", Impossible(UNDER_AUTHORIZATION)),
        ("INCOMPATIBLE_SELECTOR_DURATION", Rules(&["AWS-051"])),
        ("INCOMPATIBLE_SELLER_VERIFICATION", Unknowable(ACCOUNT)),
        ("INCOMPATIBLE_TERMS", Rules(&["AWS-020", "AWS-043"])),
        ("INVALID_AGREEMENT_DURATION", Rules(&["AWS-027", "AWS-042"])),
        ("INVALID_CURRENCY_CODE", Rules(&["AWS-013"])),
        ("INVALID_DURATION", Rules(&["AWS-019", "AWS-027"])),
        ("INVALID_GRANTS", Rules(&["AWS-009", "AWS-012"])),
        ("INVALID_PRICE_CHANGE", Impossible("it is about public offers whose price rises after their release")),
        ("INVALID_RATE_CARD", Rules(&["AWS-009", "AWS-015", "AWS-016"])),
        ("INVALID_SELECTOR_DURATION_VALUE", Rules(&["AWS-027"])),
        ("INVALID_UPDATE_REQUEST", Impossible(BEFORE_RELEASE)),
        ("MISSING_DURATION", Rules(&["AWS-036"])),
        ("MISSING_MANDATORY_TERMS", Impossible("a document without a price is not read, and each model is sent with its terms")),
        ("TOO_MANY_GRANTS", Rules(&["AWS-011"])),
        ("TOO_MANY_RATES", Rules(&["AWS-011"])),
        ("TOO_MANY_RATE_CARDS", Rules(&["AWS-045"])),
    ]),
    ("UpdateAvailability", &[
        ("INVALID_AVAILABILITY_END_DATE", Rules(&["AWS-022", "AWS-023"])),
        ("MISSING_AVAILABILITY_END_DATE", Impossible("a document without a last day is not read")),
    ]),
    ("UpdateValidityTerms", &[
        ("INCOMPATIBLE_AGREEMENT", Rules(&["AWS-036"])),
        ("INCOMPATIBLE_AGREEMENT_END_DATE", Rules(&["AWS-025"])),
        ("INCOMPATIBLE_AGREEMENT_START_DATE", Rules(&["AWS-036"])),
        ("INCOMPATIBLE_PRODUCT", Rules(&["AWS-040"])),
        ("INCOMPATIBLE_RESALE_AUTHORIZATION", Impossible(UNDER_AUTHORIZATION)),
        ("INCOMPATIBLE_TERMS", Impossible("it is about offers that are a free trial and nothing else")),
        ("INVALID_AGREEMENT_DURATION", Rules(&["AWS-027", "AWS-042"])),
        ("INVALID_AGREEMENT_END_DATE", Rules(&["AWS-023", "AWS-027"])),
        ("INVALID_AGREEMENT_START_DATE", Rules(&["AWS-024"])),
        ("INVALID_AGREEMENT_TIME_INTERVAL", Rules(&["AWS-026", "OF-005"])),
        ("MISSING_AGREEMENT_START_DATE", Rules(&["AWS-025"])),
    ]),
    ("UpdatePaymentScheduleTerms", &[
        ("DUPLICATE_CHARGE_DATES", Rules(&["AWS-029"])),
        ("INCOMPATIBLE_CURRENCY_CODE", Impossible("a document has one currency")),
        ("INCOMPATIBLE_MARKUP_PERCENTAGE", Impossible(UNDER_AUTHORIZATION)),
        ("INCOMPATIBLE_PAYMENT_SETTINGS", Unknowable(ACCOUNT)),
        ("INCOMPATIBLE_RESALE_AUTHORIZATION", Impossible(UNDER_AUTHORIZATION)),
        ("INCOMPATIBLE_SELLER_VERIFICATION", Unknowable(ACCOUNT)),
        ("INCOMPATIBLE_TERMS", Impossible("a schedule is sent with a fixed price of 0, and with no other")),
        ("INVALID_CHARGE_DATES", Rules(&["AWS-031", "AWS-032"])),
        ("INVALID_CURRENCY_CODE", Rules(&["AWS-013"])),
        ("TOO_MANY_BACKDATED_CHARGES", Rules(&["AWS-030"])),
        ("TOO_MANY_CHARGES", Rules(&["AWS-028"])),
    ]),
    ("UpdateNetPaymentTerms", &[
        ("DUPLICATE_TERM_TYPES", Impossible("each term is written at most once")),
        ("INCOMPATIBLE_PRODUCT", Unknowable(UNNAMED_PRODUCTS)),
        ("INCOMPATIBLE_RESALE_AUTHORIZATION", Impossible(UNDER_AUTHORIZATION)),
        ("INCOMPATIBLE_TERMS", Impossible(BEFORE_RELEASE)),
        ("INVALID_PAYMENT_DUE_PERIOD", Rules(&["AWS-034"])),
    ]),
    ("UpdateRenewalTerms", &[
        ("DUPLICATE_CHARGE_DATE_OFFSETS", Rules(&["AWS-050"])),
        ("INCOMPATIBLE_PRODUCT", Rules(&["AWS-041"])),
        ("INCOMPATIBLE_TERMS", Rules(&["AWS-039"])),
        ("INVALID_ADJUSTMENT_DEADLINE", Rules(&["AWS-049"])),
        ("INVALID_CHARGE_DATE_OFFSETS", Rules(&["AWS-050"])),
        ("INVALID_CHARGE_PERCENTAGES", Rules(&["AWS-050"])),
        ("INVALID_DAY_OF_MONTH", Rules(&["AWS-050"])),
        ("INVALID_LOCKOUT_PERIOD", Rules(&["AWS-038"])),
        ("INVALID_PERCENTAGE_RANGE", Rules(&["AWS-049"])),
        ("INVALID_UPDATE_REQUEST", Impossible(BEFORE_RELEASE)),
        ("MISSING_ADJUSTMENT_DEADLINE", Impossible("a document that has bounds without a deadline is not read")),
        ("MISSING_MANDATORY_TERMS", Rules(&["AWS-039"])),
        ("MISSING_PAYMENT_SCHEDULE_TERM_TEMPLATE", Rules(&["AWS-039"])),
        ("MISSING_PRICE_INCREASE", Impossible("a document that renews without a rise of the price is not read")),
    ]),
    ("ReleaseOffer", &[
        ("INCOMPATIBLE_PAYMENT_SETTINGS", Unknowable(ACCOUNT)),
        ("INCOMPATIBLE_PRODUCT", Rules(&["AWS-008"])),
        ("INCOMPATIBLE_SELLER_VERIFICATION", Unknowable(ACCOUNT)),
        ("INCOMPATIBLE_TARGETING", Rules(&["AWS-006", "AWS-048"])),
        ("INVALID_TAX_INFORMATION", Unknowable(ACCOUNT)),
        ("INVALID_UPDATE_REQUEST", Rules(&["AWS-022"])),
        ("MISSING_AGREEMENT_END_DATE", Rules(&["AWS-036"])),
        ("MISSING_AVAILABILITY_END_DATE", Impossible("a document without a last day is not read")),
        ("MISSING_BUYER_ACCOUNTS", Rules(&["AWS-006"])),
        ("MISSING_DESCRIPTION", Rules(&["AWS-002"])),
        ("MISSING_MANDATORY_TERMS", Impossible("a document without a price or a licence is not read")),
        ("MISSING_NAME", Rules(&["AWS-001"])),
        ("TOO_MANY_OFFERS", Impossible("it is about public offers")),
    ]),
];

/// The codes that a rule stands before.
pub(super) fn before(rule: &str) -> Vec<&'static str> {
    let guards = GUARDS.iter().flat_map(|(_, guards)| guards.iter());
    guards.filter(|(_, guard)| matches!(guard, Rules(ids) if ids.contains(&rule))).map(|(code, _)| *code).collect()
}

/// The table as documentation shows it.
pub(super) fn page() -> String {
    let mut page = "\n## What stands before each refusal\n\n\
        A change that AWS has accepted may still fail, with one of these codes. What no rule finds beforehand either cannot be\n\
        sent by Entente, or only AWS can know it.\n\n\
        | change | code | found beforehand by |\n|---|---|---|\n"
        .to_owned();
    for (change, guards) in GUARDS {
        for (code, guard) in *guards {
            let answer = match guard {
                Rules(ids) => ids.join(", "),
                Impossible(reason) => format!("not sent: {reason}"),
                Unknowable(reason) => format!("nothing: {reason}"),
            };
            page.push_str(&format!("| `{change}` | `{code}` | {answer} |\n"));
        }
    }
    page
}

/// Every documented code, by change and entity.
fn documented(text: &str) -> BTreeMap<String, BTreeMap<String, BTreeSet<String>>> {
    let entities: BTreeMap<String, BTreeMap<String, Value>> = serde_json::from_str(text).unwrap();
    let codes = |rule: Value| -> BTreeSet<String> {
        let list = rule.get("async").cloned().unwrap_or(rule);
        serde_json::from_value(list).unwrap_or_default()
    };
    let of_entity = |changes: BTreeMap<String, Value>| changes.into_iter().map(|(name, rule)| (name, codes(rule)));
    entities.into_iter().map(|(entity, changes)| (entity, of_entity(changes).collect())).collect()
}

#[test]
fn every_documented_code_is_found_beforehand_or_said_why_not() {
    for (entity, changes) in documented(CODES) {
        for (change, codes) in changes {
            // A change of the same name about another entity is not ours either.
            if NEVER_SENT.contains(&change.as_str()) || entity != "Offer@1.0" {
                assert!(
                    entity != "Offer@1.0" || !entente_aws::CHANGE_TYPES.contains(&change.as_str()),
                    "{change} is sent"
                );
                continue;
            }
            let guards = GUARDS.iter().find(|(name, _)| *name == change).map(|(_, guards)| *guards);
            let guarded: BTreeSet<String> =
                guards.unwrap_or_default().iter().map(|(code, _)| (*code).to_owned()).collect();
            assert_eq!(guarded, codes, "{change}");
        }
    }
}

#[test]
fn every_change_that_is_sent_has_its_codes_and_every_rule_named_exists() {
    let ours: BTreeSet<&str> = rules().map(|rule| rule.id).chain(general_rules().iter().map(|rule| rule.id)).collect();
    let guarded: BTreeSet<&str> = GUARDS.iter().map(|(change, _)| *change).collect();
    assert_eq!(guarded, BTreeSet::from(entente_aws::CHANGE_TYPES));
    for (change, guards) in GUARDS {
        for (code, guard) in *guards {
            match guard {
                Rules(named) => {
                    assert!(!named.is_empty() && named.iter().all(|id| ours.contains(id)), "{change} {code}")
                }
                Impossible(reason) | Unknowable(reason) => assert!(!reason.is_empty(), "{change} {code}"),
            }
        }
    }
}

#[test]
fn most_codes_are_found_beforehand() {
    let guards = || GUARDS.iter().flat_map(|(_, guards)| guards.iter());
    let found = guards().filter(|(_, guard)| matches!(guard, Rules(_))).count();
    let unknowable = guards().filter(|(_, guard)| matches!(guard, Unknowable(_))).count();
    assert_eq!((guards().count(), found, unknowable), (102, 63, 12));
}

#[test]
fn the_codes_are_those_of_the_documentation_where_that_is_at_hand() {
    let Some(folder) = std::env::var_os(DATA).map(std::path::PathBuf::from) else {
        eprintln!("skipped: {DATA} names no data");
        return;
    };
    let paths = [folder.join("changetype-rules.json"), folder.join("aws/changetype-rules.json")];
    let text = paths.iter().find_map(|path| std::fs::read_to_string(path).ok()).unwrap();
    assert_eq!(documented(&text), documented(CODES));
}
