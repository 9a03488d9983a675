//! Durations to choose from, refunds and countries.

use std::collections::BTreeSet;

use entente_core::offer::document::Countries;

use super::{Breach, PRIVATE_OFFERS, Rule, Subject, breach, country, rule};

const DURATIONS_MAX: usize = 5;
const POLICY_MAX: usize = 500;
const COUNTRIES_MAX: usize = 244;

/// The published shapes of requests, which say more about texts than the page on private offers.
const SHAPES: &str = "https://github.com/awslabs/aws-marketplace-catalog-api-shapes-for-python";

pub(super) const RULES: &[Rule] = &[
    rule("AWS-045", "an upfront contract has 1 to 5 durations, each once", PRIVATE_OFFERS, durations),
    rule("AWS-046", "a refund policy has 1 to 500 characters of plain text", SHAPES, refund_policy),
    rule("AWS-047", "countries are 1 to 244 codes of ISO 3166", PRIVATE_OFFERS, countries),
    rule(
        "AWS-048",
        "countries are listed under `only`, and not at all where an agreement is replaced",
        PRIVATE_OFFERS,
        targeting,
    ),
];

fn durations(subject: &Subject<'_>, breaches: &mut Vec<Breach>) {
    let Some(contract) = &subject.offer.pricing.contract else { return };
    let count = contract.durations().count();
    if count > DURATIONS_MAX {
        let message = format!("the buyer chooses among {count} durations");
        breach(breaches, "/pricing/contract/alternatives", message, format!("offer at most {DURATIONS_MAX}"));
    }
    let mut seen = BTreeSet::new();
    for (at, duration) in contract.durations().enumerate() {
        // `P1Y` and `P12M` are one selector.
        let length = duration.whole_months().map_or(duration.to_string(), |months| format!("P{months}M"));
        if !seen.insert(length) && at > 0 {
            let field = format!("/pricing/contract/alternatives/{}/duration", at - 1);
            breach(breaches, field, format!("`{duration}` is offered twice"), "remove one of the two");
        }
    }
}

fn refund_policy(subject: &Subject<'_>, breaches: &mut Vec<Breach>) {
    let Some(policy) = &subject.offer.refund_policy else { return };
    let mut found = |message: String, remedy: &str| breach(breaches, "/refund_policy", message, remedy);
    let length = policy.chars().count();
    if length > POLICY_MAX {
        found(format!("the refund policy has {length} characters"), "write at most 500, or refer to a page");
    }
    if policy.trim() != policy {
        found("the refund policy begins or ends with space".to_owned(), "remove it");
    }
    let plain = |c: &char| matches!(c, '\0'..='~' | '¢'..='¥' | '©' | '®' | '™');
    if let Some(other) = policy.chars().find(|c| !plain(c)) {
        found(format!("the refund policy holds `{other}`"), "write plain Latin letters, digits and signs");
    }
}

fn countries(subject: &Subject<'_>, breaches: &mut Vec<Breach>) {
    let Some((word, codes)) = subject.offer.countries.as_ref().map(Countries::listed) else { return };
    if codes.is_empty() || codes.len() > COUNTRIES_MAX {
        let message = format!("{} countries are listed", codes.len());
        breach(breaches, format!("/countries/{word}"), message, format!("list 1 to {COUNTRIES_MAX}"));
    }
    for (at, code) in codes.iter().enumerate().filter(|(_, code)| !country::exists(code)) {
        let message = format!("`{}` is the code of no country", code.chars().take(40).collect::<String>());
        breach(breaches, format!("/countries/{word}/{at}"), message, "write two letters of ISO 3166, such as DE");
    }
}

fn targeting(subject: &Subject<'_>, breaches: &mut Vec<Breach>) {
    match (&subject.offer.countries, &subject.offer.renewal) {
        (Some(_), Some(_)) => {
            let message = "an offer that replaces an agreement is for the countries of that agreement";
            breach(breaches, "/countries", message, "leave them out");
        }
        (Some(Countries::Except(_)), None) => {
            let message = "AWS takes named accounts or excepted countries, not both";
            breach(breaches, "/countries/except", message, "list under `only` where the offer can be accepted");
        }
        _ => {}
    }
}
