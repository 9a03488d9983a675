//! Pre-flight: every rule has a red fixture that only it objects to, and a green one that nobody objects to.

use std::collections::BTreeSet;

use entente_core::offer::{
    Offer,
    discount::discounts,
    preflight::{AgreementFacts, ExpiryFacts, PreflightFacts, ProductFacts, Severity, TakenRef, preflight, rules},
};
use jiff::civil::date;
use serde_json::{Value, json};

use crate::{
    offer::{EXAMPLES, offer},
    pricing::book,
};

/// The facts under which every example is in order.
fn facts(offer: &Offer) -> PreflightFacts {
    let keys = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect::<BTreeSet<_>>();
    let today = date(2027, 3, 1);
    PreflightFacts {
        expiry: Some(ExpiryFacts { last_moment: "2027-03-17T23:59:59Z".parse().unwrap(), objections: Vec::new() }),
        product: Some(ProductFacts {
            offerable: true,
            contract_dimensions: keys(&["seats", "support", "basic", "premium", "servers", "m5.large", "m5.xlarge"]),
            usage_dimensions: keys(&["gb_scanned", "node_hours", "m5.large", "m5.xlarge"]),
        }),
        taken_refs: vec![TakenRef { system: "quote".into(), id: "Q-1".into(), by: "ACME-2027-0001".into() }],
        discounts: Some(discounts(offer, &book(), today)),
        approved_eulas: Some(keys(&["3f7a0d7a4f8cbb6f4ff1d1c5b9a0f6f0a4b67e1a1d3c5e7f9012a3b4c5d6e7f8"])),
        renewed: Some(AgreementFacts {
            id: "agmt-1".into(),
            marketplace: "aws".parse().unwrap(),
            product: "prod-acmeplatform1".into(),
            buyer_account: "111122223333".into(),
            currency: Some("USD".parse().unwrap()),
            active: true,
            ends: Some(date(2027, 6, 30)),
        }),
        ..PreflightFacts::on(today)
    }
}

#[test]
fn the_examples_pass_every_rule() {
    for name in EXAMPLES {
        let offer = offer(name);
        let findings = preflight(&offer, &facts(&offer));
        assert!(findings.is_empty(), "{name}: {findings:#?}");
    }
}

#[test]
fn ids_are_unique_and_every_rule_says_where_it_comes_from() {
    let rules = rules();
    let ids: BTreeSet<&str> = rules.iter().map(|rule| rule.id).collect();
    assert_eq!(ids.len(), rules.len());
    assert!(rules.len() >= 30, "{} rules", rules.len());
    assert!(rules.iter().all(|rule| rule.id.starts_with("OF-") && !rule.source.is_empty() && !rule.title.is_empty()));
}

/// A field, and the value to set.
type Change = (&'static str, fn() -> Value);

/// A fixture: the rule, the example it starts from, fields to set, what changes in the facts, and the field found.
struct Fixture {
    rule: &'static str,
    from: &'static str,
    set: &'static [Change],
    facts: fn(&mut PreflightFacts),
    field: &'static str,
}

const PLAIN: &str = "offer-contract.yaml";
const STEPS: &str = "offer-instalments.yaml";
const TIERS: &str = "offer-tiers.yaml";
const RENEWING: &str = "offer-pay-as-you-go.yaml";
const AMENDMENT: &str = "offer-amendment.yaml";

fn same(_: &mut PreflightFacts) {}

fn instalments(dates: &[(&str, &str)]) -> Value {
    dates.iter().map(|(date, amount)| json!({ "date": date, "amount": amount })).collect()
}

#[rustfmt::skip]
const RED: &[Fixture] = &[
    Fixture { rule: "OF-001", from: PLAIN, set: &[("/expires_on", || json!("2027-03-01"))], facts: same, field: "/expires_on" },
    Fixture { rule: "OF-002", from: PLAIN, set: &[("/expires_on", || json!("2030-03-01"))], facts: same, field: "/expires_on" },
    Fixture { rule: "OF-002", from: TIERS, set: &[("/expires_on", || json!("2028-03-01"))], facts: same, field: "/expires_on" },
    Fixture { rule: "OF-003", from: PLAIN, set: &[], facts: |facts| {
        facts.expiry.as_mut().unwrap().objections.push("for the seller it falls on a weekend (Saturday)".into());
    }, field: "/expires_on" },
    Fixture { rule: "OF-004", from: PLAIN, set: &[("/term", || json!({ "duration": "P36M", "end": "2030-06-01" }))], facts: same, field: "/term/end" },
    Fixture { rule: "OF-004", from: PLAIN, set: &[("/term", || json!({}))], facts: same, field: "/term" },
    Fixture { rule: "OF-004", from: PLAIN, set: &[("/term", || json!({ "end": "2030-06-01" }))], facts: same, field: "/term/end" },
    Fixture { rule: "OF-005", from: PLAIN, set: &[("/term", || json!({ "start": "2027-03-17", "end": "2030-03-16" }))], facts: same, field: "/term/start" },
    Fixture { rule: "OF-006", from: PLAIN, set: &[("/term", || json!({ "duration": "P35M" }))], facts: same, field: "/term/duration" },
    Fixture { rule: "OF-006", from: PLAIN, set: &[("/term", || json!({ "start": "2027-04-01", "end": "2030-03-30" }))], facts: same, field: "/term/end" },
    Fixture { rule: "OF-006", from: TIERS, set: &[("/term", || json!({ "duration": "P18M" }))], facts: same, field: "/term/duration" },
    Fixture { rule: "OF-007", from: PLAIN, set: &[("/expires_on", || json!("2027-03-03"))], facts: same, field: "/expires_on" },
    Fixture { rule: "OF-010", from: STEPS, set: &[("/pricing/contract/instalments", || instalments(&[("2027-03-15", "60000"), ("2028-03-15", "30000"), ("2028-03-15", "40000")]))], facts: same, field: "/pricing/contract/instalments/2/date" },
    Fixture { rule: "OF-011", from: STEPS, set: &[("/pricing/contract/instalments", || instalments(&[("2028-03-15", "65000"), ("2027-03-15", "65000")]))], facts: same, field: "/pricing/contract/instalments/1/date" },
    Fixture { rule: "OF-012", from: STEPS, set: &[("/pricing/contract/instalments", || instalments(&[("2027-02-28", "65000"), ("2028-03-15", "65000")]))], facts: same, field: "/pricing/contract/instalments/0/date" },
    Fixture { rule: "OF-013", from: STEPS, set: &[("/pricing/contract/instalments", || instalments(&[("2027-03-15", "65000"), ("2030-03-01", "65000")]))], facts: same, field: "/pricing/contract/instalments/1/date" },
    Fixture { rule: "OF-014", from: STEPS, set: &[("/pricing/contract/instalments", || instalments(&[("2027-03-02", "65000"), ("2027-03-17", "65000")]))], facts: same, field: "/pricing/contract/instalments/1/date" },
    Fixture { rule: "OF-015", from: STEPS, set: &[("/pricing/contract/instalments/0/amount", || json!("30000.01"))], facts: same, field: "/pricing/contract/instalments" },
    Fixture { rule: "OF-016", from: STEPS, set: &[("/pricing/contract/instalments", || instalments(&[("2027-03-15", "0"), ("2028-03-15", "130000")]))], facts: same, field: "/pricing/contract/instalments/0/amount" },
    Fixture { rule: "OF-016", from: STEPS, set: &[("/pricing/contract/instalments", || instalments(&[("2027-03-15", "65000.004"), ("2028-03-15", "64999.996")]))], facts: same, field: "/pricing/contract/instalments/0/amount" },
    Fixture { rule: "OF-016", from: AMENDMENT, set: &[("/pricing/contract/instalments", || instalments(&[("2027-03-15", "0"), ("2028-03-15", "225000")]))], facts: same, field: "/pricing/contract/instalments/0/amount" },
    Fixture { rule: "OF-017", from: STEPS, set: &[("/pricing/contract/instalments", || json!([]))], facts: same, field: "/pricing/contract/instalments" },
    Fixture { rule: "OF-020", from: "offer-contract-usage.yaml", set: &[("/pricing/contract/dimensions", || json!([{ "key": "named_users", "quantity": 500, "unit_price": "330", "sku": "platform-seat" }, { "key": "support", "quantity": 0, "unit_price": "12000", "sku": "support-premium" }]))], facts: |facts| facts.discounts = None, field: "/pricing/contract/dimensions/1/quantity" },
    Fixture { rule: "OF-021", from: PLAIN, set: &[("/pricing/contract/dimensions", || json!([{ "key": "seats", "quantity": 100, "unit_price": "900", "sku": "platform-seat" }, { "key": "seats", "quantity": 100, "unit_price": "900", "sku": "platform-seat" }]))], facts: same, field: "/pricing/contract/dimensions/1/key" },
    Fixture { rule: "OF-022", from: PLAIN, set: &[("/pricing/contract/dimensions/0/key", || json!("chairs"))], facts: same, field: "/pricing/contract/dimensions/0/key" },
    Fixture { rule: "OF-022", from: "offer-usage.yaml", set: &[], facts: |facts| facts.product.as_mut().unwrap().usage_dimensions.clear(), field: "/pricing/usage/dimensions/0/key" },
    Fixture { rule: "OF-023", from: PLAIN, set: &[], facts: |facts| facts.product.as_mut().unwrap().offerable = false, field: "/product/id" },
    Fixture { rule: "OF-024", from: PLAIN, set: &[("/pricing/contract/dimensions/0/unit_price", || json!("749.99")), ("/pricing/contract/total", || json!("149998"))], facts: same, field: "/pricing/contract/dimensions/0/unit_price" },
    Fixture { rule: "OF-025", from: PLAIN, set: &[("/pricing/contract/dimensions/0/sku", || json!("rocket"))], facts: same, field: "/pricing/contract/dimensions/0/unit_price" },
    Fixture { rule: "OF-026", from: PLAIN, set: &[("/pricing/contract/total", || json!("180000.01"))], facts: same, field: "/pricing/contract/total" },
    Fixture { rule: "OF-027", from: PLAIN, set: &[("/pricing/contract/dimensions/0/unit_price", || json!("0")), ("/pricing/contract/total", || json!("0"))], facts: |facts| facts.discounts = None, field: "/pricing/contract/dimensions" },
    Fixture { rule: "OF-028", from: PLAIN, set: &[("/auto_renewal", || json!({ "price_increase_percent": "100.01", "lockout_days": 30 }))], facts: same, field: "/auto_renewal/price_increase_percent" },
    Fixture { rule: "OF-029", from: TIERS, set: &[("/pricing/contract/alternatives/0/duration", || json!("P1Y"))], facts: |facts| facts.discounts = None, field: "/pricing/contract/alternatives/0/duration" },
    Fixture { rule: "OF-030", from: PLAIN, set: &[("/buyer/accounts", || json!(["111122223333", "444455556666", "111122223333"]))], facts: same, field: "/buyer/accounts/2" },
    Fixture { rule: "OF-031", from: PLAIN, set: &[("/name", || json!("two\nlines"))], facts: same, field: "/name" },
    Fixture { rule: "OF-031", from: PLAIN, set: &[("/description", || json!(" spaced"))], facts: same, field: "/description" },
    Fixture { rule: "OF-032", from: PLAIN, set: &[("/renewal", || json!({ "of": "agmt-2" }))], facts: same, field: "/renewal/of" },
    Fixture { rule: "OF-032", from: PLAIN, set: &[("/renewal", || json!({ "of": "agmt-1" }))], facts: |facts| facts.renewed.as_mut().unwrap().active = false, field: "/renewal/of" },
    Fixture { rule: "OF-032", from: PLAIN, set: &[("/renewal", || json!({ "of": "agmt-1" }))], facts: |facts| facts.renewed.as_mut().unwrap().product = "prod-2".into(), field: "/product/id" },
    Fixture { rule: "OF-032", from: PLAIN, set: &[("/renewal", || json!({ "of": "agmt-1" })), ("/buyer/accounts", || json!(["999999999999"]))], facts: same, field: "/buyer/accounts" },
    Fixture { rule: "OF-032", from: PLAIN, set: &[("/renewal", || json!({ "of": "agmt-1" }))], facts: |facts| facts.renewed.as_mut().unwrap().currency = Some("EUR".parse().unwrap()), field: "/currency" },
    Fixture { rule: "OF-033", from: PLAIN, set: &[("/external_refs/quote", || json!("Q-1"))], facts: same, field: "/external_refs/quote" },
    Fixture { rule: "OF-034", from: STEPS, set: &[("/eula/custom/sha256", || json!("0".repeat(64)))], facts: same, field: "/eula/custom/sha256" },
    Fixture { rule: "OF-035", from: STEPS, set: &[("/eula/custom/url", || json!("http://legal.acme.example/eula.pdf"))], facts: same, field: "/eula/custom/url" },
    Fixture { rule: "OF-036", from: PLAIN, set: &[("/countries", || json!({ "only": ["US", "CA", "US"] }))], facts: same, field: "/countries/only/2" },
    Fixture { rule: "OF-036", from: PLAIN, set: &[("/countries", || json!({ "only": ["CA"] }))], facts: same, field: "/countries/only" },
    Fixture { rule: "OF-036", from: PLAIN, set: &[("/countries", || json!({ "except": ["CA", "US"] }))], facts: same, field: "/countries/except" },
    Fixture { rule: "OF-037", from: PLAIN, set: &[("/refund_policy", || json!("Refunds on request. "))], facts: same, field: "/refund_policy" },
    Fixture { rule: "OF-040", from: AMENDMENT, set: &[("/term", || json!({ "duration": "P36M" }))], facts: same, field: "/term/end" },
    Fixture { rule: "OF-040", from: AMENDMENT, set: &[("/term", || json!({ "start": "2027-03-18", "end": "2030-03-17" }))], facts: same, field: "/term/start" },
    Fixture { rule: "OF-041", from: AMENDMENT, set: &[], facts: |facts| facts.renewed.as_mut().unwrap().ends = Some(date(2027, 3, 17)), field: "/expires_on" },
    Fixture { rule: "OF-042", from: RENEWING, set: &[("/auto_renewal/adjustable/max_percent", || json!("3.99"))], facts: same, field: "/auto_renewal/price_increase_percent" },
    Fixture { rule: "OF-042", from: RENEWING, set: &[("/auto_renewal/adjustable/min_percent", || json!("8"))], facts: same, field: "/auto_renewal/adjustable/max_percent" },
    Fixture { rule: "OF-042", from: RENEWING, set: &[("/auto_renewal/adjustable/max_percent", || json!("100.01"))], facts: same, field: "/auto_renewal/adjustable/max_percent" },
    Fixture { rule: "OF-042", from: RENEWING, set: &[("/auto_renewal/adjustable/until_days", || json!(30))], facts: same, field: "/auto_renewal/adjustable/until_days" },
    Fixture { rule: "OF-043", from: RENEWING, set: &[("/auto_renewal/instalments/1/percent", || json!("49.99"))], facts: same, field: "/auto_renewal/instalments" },
    Fixture { rule: "OF-043", from: RENEWING, set: &[("/auto_renewal/instalments", || json!([{ "after_months": 0, "percent": "50" }, { "after_days": 180, "percent": "50" }]))], facts: same, field: "/auto_renewal/instalments/1/after_days" },
    Fixture { rule: "OF-043", from: RENEWING, set: &[("/auto_renewal/instalments", || json!([{ "after_days": 0, "percent": "100", "day_of_month": 1 }]))], facts: same, field: "/auto_renewal/instalments/0/day_of_month" },
    Fixture { rule: "OF-043", from: RENEWING, set: &[("/auto_renewal/instalments/1/after_months", || json!(0))], facts: same, field: "/auto_renewal/instalments/1/after_months" },
    Fixture { rule: "OF-043", from: RENEWING, set: &[("/auto_renewal/instalments/0/percent", || json!("0"))], facts: same, field: "/auto_renewal/instalments/0/percent" },
];

/// Changes that stay just within a rule.
#[rustfmt::skip]
const GREEN: &[Fixture] = &[
    Fixture { rule: "OF-001", from: PLAIN, set: &[("/expires_on", || json!("2027-03-04"))], facts: same, field: "" },
    Fixture { rule: "OF-002", from: PLAIN, set: &[("/expires_on", || json!("2030-02-28"))], facts: same, field: "" },
    Fixture { rule: "OF-003", from: PLAIN, set: &[], facts: |facts| facts.expiry = None, field: "" },
    Fixture { rule: "OF-004", from: PLAIN, set: &[("/term", || json!({ "end": "2030-06-01" })), ("/renewal", || json!({ "of": "agmt-1" }))], facts: same, field: "" },
    Fixture { rule: "OF-005", from: PLAIN, set: &[("/term", || json!({ "start": "2027-03-18", "end": "2030-03-17" }))], facts: same, field: "" },
    Fixture { rule: "OF-006", from: PLAIN, set: &[("/term", || json!({ "duration": "P3Y" }))], facts: same, field: "" },
    Fixture { rule: "OF-007", from: PLAIN, set: &[("/expires_on", || json!("2027-03-04"))], facts: same, field: "" },
    Fixture { rule: "OF-010", from: STEPS, set: &[("/pricing/contract/instalments", || instalments(&[("2028-03-14", "65000"), ("2028-03-15", "65000")]))], facts: same, field: "" },
    Fixture { rule: "OF-011", from: STEPS, set: &[("/pricing/contract/instalments", || instalments(&[("2027-03-15", "130000")]))], facts: same, field: "" },
    Fixture { rule: "OF-012", from: STEPS, set: &[("/pricing/contract/instalments/0/date", || json!("2027-03-01"))], facts: same, field: "" },
    Fixture { rule: "OF-013", from: STEPS, set: &[("/pricing/contract/instalments/2/date", || json!("2030-02-28"))], facts: same, field: "" },
    Fixture { rule: "OF-014", from: STEPS, set: &[("/pricing/contract/instalments/1/date", || json!("2027-03-18"))], facts: same, field: "" },
    Fixture { rule: "OF-015", from: STEPS, set: &[("/pricing/contract/instalments", || instalments(&[("2027-03-15", "30000.01"), ("2028-03-15", "99999.99")]))], facts: same, field: "" },
    Fixture { rule: "OF-016", from: STEPS, set: &[("/pricing/contract/instalments", || instalments(&[("2027-03-15", "0.01"), ("2028-03-15", "129999.99")]))], facts: same, field: "" },
    Fixture { rule: "OF-017", from: PLAIN, set: &[], facts: same, field: "" },
    Fixture { rule: "OF-020", from: PLAIN, set: &[("/pricing/contract/dimensions/0/quantity", || json!(100)), ("/pricing/contract/total", || json!("90000"))], facts: same, field: "" },
    Fixture { rule: "OF-021", from: "offer-contract-usage.yaml", set: &[], facts: same, field: "" },
    Fixture { rule: "OF-022", from: PLAIN, set: &[("/pricing/contract/dimensions/0/key", || json!("chairs")), ("/product/dimensions", || json!({ "chairs": "seats" }))], facts: same, field: "" },
    Fixture { rule: "OF-023", from: PLAIN, set: &[], facts: |facts| facts.product = None, field: "" },
    Fixture { rule: "OF-024", from: PLAIN, set: &[("/pricing/contract/dimensions/0/unit_price", || json!("750")), ("/pricing/contract/total", || json!("150000"))], facts: same, field: "" },
    Fixture { rule: "OF-025", from: PLAIN, set: &[("/pricing/contract/dimensions/0/sku", || json!("rocket"))], facts: |facts| facts.discounts = None, field: "" },
    Fixture { rule: "OF-026", from: PLAIN, set: &[("/pricing/contract/total", || json!("180000"))], facts: same, field: "" },
    Fixture { rule: "OF-027", from: "offer-usage.yaml", set: &[], facts: same, field: "" },
    Fixture { rule: "OF-028", from: PLAIN, set: &[("/auto_renewal", || json!({ "price_increase_percent": "100", "lockout_days": 30 }))], facts: same, field: "" },
    Fixture { rule: "OF-029", from: TIERS, set: &[("/pricing/contract/alternatives/0/duration", || json!("P36M"))], facts: |facts| facts.discounts = None, field: "" },
    Fixture { rule: "OF-030", from: PLAIN, set: &[("/buyer/accounts", || json!(["111122223333", "444455556666"]))], facts: same, field: "" },
    Fixture { rule: "OF-031", from: PLAIN, set: &[("/name", || json!("Überprüfung – 36 Monate"))], facts: same, field: "" },
    Fixture { rule: "OF-032", from: PLAIN, set: &[("/renewal", || json!({ "of": "agmt-1" }))], facts: same, field: "" },
    Fixture { rule: "OF-033", from: PLAIN, set: &[("/external_refs/crm_opportunity", || json!("Q-1"))], facts: same, field: "" },
    Fixture { rule: "OF-034", from: STEPS, set: &[("/eula/custom/sha256", || json!("0".repeat(64)))], facts: |facts| facts.approved_eulas = None, field: "" },
    Fixture { rule: "OF-035", from: STEPS, set: &[("/eula/custom/url", || json!("https://cdn.acme.example/eula.pdf"))], facts: same, field: "" },
    Fixture { rule: "OF-036", from: PLAIN, set: &[("/countries", || json!({ "except": ["CA", "MX"] }))], facts: same, field: "" },
    Fixture { rule: "OF-037", from: PLAIN, set: &[("/refund_policy", || json!("Refunds on request.\nWithin 30 days."))], facts: same, field: "" },
    Fixture { rule: "OF-040", from: AMENDMENT, set: &[("/renewal", || json!({ "of": "agmt-1", "as": "renewal" })), ("/term", || json!({ "duration": "P36M" }))], facts: same, field: "" },
    Fixture { rule: "OF-041", from: AMENDMENT, set: &[], facts: |facts| facts.renewed.as_mut().unwrap().ends = Some(date(2027, 3, 18)), field: "" },
    Fixture { rule: "OF-042", from: RENEWING, set: &[("/auto_renewal/adjustable", || json!({ "min_percent": "4", "max_percent": "100", "until_days": 31 }))], facts: same, field: "" },
    Fixture { rule: "OF-043", from: RENEWING, set: &[("/auto_renewal/instalments", || json!([{ "after_days": 0, "percent": "33.34" }, { "after_days": 30, "percent": "33.33" }, { "after_days": 60, "percent": "33.33" }]))], facts: same, field: "" },
    Fixture { rule: "OF-016", from: AMENDMENT, set: &[("/pricing/contract", || json!({ "duration": "P36M", "dimensions": [{ "key": "seats", "quantity": 250, "unit_price": "0", "sku": "platform-seat" }], "instalments": [{ "date": "2027-03-15", "amount": "0" }] }))], facts: |facts| facts.discounts = None, field: "" },
];

impl Fixture {
    fn case(&self) -> (Offer, PreflightFacts) {
        let mut json = offer(self.from).to_json();
        for (pointer, value) in self.set {
            let (outer, name) = pointer.rsplit_once('/').unwrap();
            match json.pointer_mut(outer).unwrap() {
                Value::Array(items) => items[name.parse::<usize>().unwrap()] = value(),
                fields => fields[name] = value(),
            }
        }
        let offer = Offer::from_json(&json).unwrap_or_else(|error| panic!("{}: {error}", self.rule));
        let mut facts = facts(&offer);
        (self.facts)(&mut facts);
        (offer, facts)
    }
}

#[test]
fn each_red_fixture_is_found_by_its_rule_alone() {
    for fixture in RED {
        let (offer, facts) = fixture.case();
        let findings = preflight(&offer, &facts);
        let found: Vec<(&str, &str)> = findings.iter().map(|f| (f.rule.as_str(), f.field.as_str())).collect();
        assert_eq!(
            found,
            [(fixture.rule, fixture.field)],
            "{:?}: {findings:#?}",
            fixture.set.first().map(|(field, _)| field)
        );
        let text = findings[0].to_string();
        let parts = [fixture.rule, fixture.field, &findings[0].remedy, &findings[0].source];
        assert!(parts.iter().all(|part| text.contains(part) && !part.is_empty()), "{text}");
    }
}

#[test]
fn no_green_fixture_is_found_by_any_rule() {
    for fixture in GREEN {
        let (offer, facts) = fixture.case();
        let findings = preflight(&offer, &facts);
        assert!(findings.is_empty(), "{}: {findings:#?}", fixture.rule);
    }
}

#[test]
fn every_rule_has_a_red_and_a_green_fixture() {
    let ids = |fixtures: &[Fixture]| fixtures.iter().map(|fixture| fixture.rule).collect::<BTreeSet<_>>();
    let all: BTreeSet<&str> = rules().iter().map(|rule| rule.id).collect();
    assert_eq!(ids(RED), all);
    assert_eq!(ids(GREEN), all);
}

#[test]
fn errors_stand_before_warnings() {
    let mut json = offer(PLAIN).to_json();
    json["expires_on"] = json!("2027-03-03");
    json["name"] = json!(" x");
    let offer = Offer::from_json(&json).unwrap();
    let severities: Vec<Severity> = preflight(&offer, &facts(&offer)).iter().map(|finding| finding.severity).collect();
    assert_eq!(severities, [Severity::Error, Severity::Warning]);
}

/// The rules as documentation lists them.
fn page() -> String {
    let mut page = "# Rules of every marketplace\n\n\
        What is checked of every [offer](offers.md), wherever it is sold. An error holds the offer up, a warning does not.\n\
        This page is written by the tests of `entente-core`: `UPDATE_DOCS=1 cargo nextest run -p entente-core preflight`.\n\n\
        | rule | weight | what must hold | source |\n|---|---|---|---|\n"
        .to_owned();
    for rule in rules() {
        let weight = if rule.severity == Severity::Error { "error" } else { "warning" };
        page.push_str(&format!("| {} | {weight} | {} | {} |\n", rule.id, rule.title, rule.source));
    }
    page
}

#[test]
fn the_documented_rules_are_these() {
    let path = format!("{}/../../docs/rules.md", env!("CARGO_MANIFEST_DIR"));
    if std::env::var_os("UPDATE_DOCS").is_some() {
        std::fs::write(&path, page()).unwrap();
    }
    let documented = std::fs::read_to_string(&path).unwrap_or_default();
    assert!(documented == page(), "{path} is not current: run the tests once with UPDATE_DOCS=1 and commit it");
}
