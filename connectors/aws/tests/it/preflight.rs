//! Each rule, broken by the smallest step over its edge and kept by the step before.

use std::collections::BTreeSet;

use entente_aws::{RULES, Rule};
use entente_core::offer::Offer;
use entente_port::{Finding, Marketplace, ProductFacts};
use jiff::Timestamp;
use serde_json::{Value, json};

use crate::{
    desk::START,
    offers::{contract_with_usage, document, every_model, instalments, replacement, upfront, usage},
};

const BUYER: &str = "444455556666";

/// Changes an offer; the flag says which side of the edge.
type Step = fn(&mut Value);

struct Case {
    rule: &'static str,
    field: &'static str,
    base: fn(&str) -> Value,
    red: Step,
    green: Step,
}

fn case(rule: &'static str, field: &'static str, base: fn(&str) -> Value, red: Step, green: Step) -> Case {
    Case { rule, field, base, red, green }
}

fn renewal(buyer: &str) -> Value {
    replacement(buyer, "agmt-1")
}

fn set(offer: &mut Value, pointer: &str, value: Value) {
    *offer.pointer_mut(pointer).unwrap_or_else(|| panic!("no {pointer}")) = value;
}

fn rows(count: u32, row: impl Fn(u32) -> Value) -> Value {
    (0..count).map(row).collect()
}

/// Instalments on the days after the offer's expiry.
fn schedule(count: u32) -> Value {
    let first = jiff::civil::date(2031, 7, 1);
    rows(count, |n| {
        let day = first.checked_add(jiff::Span::new().days(i64::from(n))).unwrap();
        json!({ "date": day.to_string(), "amount": "10" })
    })
}

fn seats(count: u32) -> Value {
    rows(count, |n| json!({ "key": format!("d{n}"), "quantity": 1, "unit_price": "1" }))
}

fn cases() -> Vec<Case> {
    vec![
        case(
            "AWS-001",
            "/name",
            upfront,
            |o| o["name"] = json!("x".repeat(151)),
            |o| o["name"] = json!("x".repeat(150)),
        ),
        case("AWS-001", "/name", upfront, |o| o["name"] = json!("a < b"), |o| o["name"] = json!("a & b")),
        case("AWS-001", "/name", upfront, |o| o["name"] = json!(""), |o| o["name"] = json!("x")),
        case(
            "AWS-002",
            "/description",
            upfront,
            |o| o["description"] = json!("é".repeat(256)),
            |o| o["description"] = json!("é".repeat(255)),
        ),
        case(
            "AWS-003",
            "/eula/standard/version",
            upfront,
            |o| o["eula"]["standard"]["version"] = json!("2019-04-24"),
            |_| (),
        ),
        case(
            "AWS-004",
            "/eula/custom/url",
            upfront,
            |o| o["eula"] = json!({ "custom": { "url": "http://b.s3.amazonaws.com/e.pdf", "sha256": "0".repeat(64) } }),
            |o| {
                o["eula"] = json!({ "custom": { "url": "https://b.s3.amazonaws.com/e.pdf", "sha256": "0".repeat(64) } })
            },
        ),
        case("AWS-005", "/buyer/accounts/0", upfront, |o| o["buyer"]["accounts"] = json!(["44445555666"]), |_| ()),
        case("AWS-005", "/buyer/accounts/0", upfront, |o| o["buyer"]["accounts"] = json!(["4444-5555-66"]), |_| ()),
        case(
            "AWS-006",
            "/buyer/accounts",
            upfront,
            |o| o["buyer"]["accounts"] = rows(27, |n| json!(format!("4444555566{n:02}"))),
            |o| o["buyer"]["accounts"] = rows(26, |n| json!(format!("4444555566{n:02}"))),
        ),
        case("AWS-006", "/buyer/accounts/1", upfront, |o| o["buyer"]["accounts"] = json!([BUYER, BUYER]), |_| ()),
        case("AWS-007", "/product/kind", upfront, |o| o["product"]["kind"] = json!("container"), |_| ()),
        case("AWS-008", "/product/id", upfront, |o| o["product"]["id"] = json!("prod-hidden"), |_| ()),
        case(
            "AWS-009",
            "/pricing/contract/dimensions/0/key",
            upfront,
            |o| o["product"]["dimensions"] = json!({}),
            |_| (),
        ),
        case(
            "AWS-009",
            "/pricing/usage/dimensions/0/key",
            usage,
            |o| set(o, "/pricing/usage/dimensions/0/key", json!("Seats")),
            |o| set(o, "/pricing/usage/dimensions/0/key", json!("Events")),
        ),
        case(
            "AWS-010",
            "/pricing/contract/dimensions/1/key",
            upfront,
            |o| {
                let row = o["pricing"]["contract"]["dimensions"][0].clone();
                o["pricing"]["contract"]["dimensions"] =
                    json!([row, { "key": "Seats", "quantity": 1, "unit_price": "1" }]);
            },
            |_| (),
        ),
        case(
            "AWS-011",
            "/pricing/contract/dimensions",
            upfront,
            |o| o["pricing"]["contract"]["dimensions"] = seats(201),
            |o| o["pricing"]["contract"]["dimensions"] = seats(200),
        ),
        case(
            "AWS-012",
            "/pricing/contract/dimensions/0/quantity",
            upfront,
            |o| set(o, "/pricing/contract/dimensions/0/quantity", json!(2_147_483_647_u64)),
            |o| set(o, "/pricing/contract/dimensions/0/quantity", json!(2_147_483_646_u64)),
        ),
        case("AWS-013", "/currency", upfront, |o| o["currency"] = json!("CHF"), |o| o["currency"] = json!("EUR")),
        case("AWS-014", "/currency", usage, |o| o["currency"] = json!("EUR"), |o| o["currency"] = json!("USD")),
        case(
            "AWS-015",
            "/pricing/contract/dimensions/0/unit_price",
            upfront,
            |o| set(o, "/pricing/contract/dimensions/0/unit_price", json!("1.0001")),
            |o| set(o, "/pricing/contract/dimensions/0/unit_price", json!("1.001")),
        ),
        case(
            "AWS-016",
            "/pricing/usage/dimensions/0/unit_price",
            usage,
            |o| set(o, "/pricing/usage/dimensions/0/unit_price", json!("0.000000001")),
            |o| set(o, "/pricing/usage/dimensions/0/unit_price", json!("0.00000001")),
        ),
        case(
            "AWS-016",
            "/pricing/usage/dimensions/0/unit_price",
            usage,
            |o| set(o, "/pricing/usage/dimensions/0/unit_price", json!("100000000.01")),
            |o| set(o, "/pricing/usage/dimensions/0/unit_price", json!("100000000")),
        ),
        case(
            "AWS-017",
            "/pricing/contract/dimensions/0",
            upfront,
            |o| o["pricing"]["contract"]["dimensions"][0]["ramp"] = json!([{ "after_months": 6, "quantity": 20 }]),
            |o| o["pricing"]["contract"]["free_months"] = json!(6),
        ),
        case(
            "AWS-018",
            "/pricing/contract",
            upfront,
            |o| set(o, "/pricing/contract/dimensions/0/unit_price", json!("100000000.001")),
            |o| set(o, "/pricing/contract/dimensions/0/unit_price", json!("100000000")),
        ),
        case(
            "AWS-019",
            "/pricing/free_trial/duration",
            upfront,
            |o| o["pricing"]["free_trial"] = json!({ "duration": "P91D" }),
            |o| o["pricing"]["free_trial"] = json!({ "duration": "P90D" }),
        ),
        case(
            "AWS-020",
            "/pricing/free_trial",
            upfront,
            |o| o["pricing"]["free_trial"] = json!({ "duration": "P30D" }),
            |_| (),
        ),
        case(
            "AWS-021",
            "/pricing/contract",
            upfront,
            |_| (),
            |o| o["pricing"]["contract"]["instalments"] = schedule(1),
        ),
        case(
            "AWS-022",
            "/expires_on",
            upfront,
            |o| o["expires_on"] = json!("2031-05-01"),
            |o| o["expires_on"] = json!("2031-05-02"),
        ),
        case(
            "AWS-023",
            "/term/end",
            renewal,
            |o| o["term"] = json!({ "end": "2031-06-30" }),
            |o| o["term"] = json!({ "end": "2031-07-01" }),
        ),
        case(
            "AWS-024",
            "/term/start",
            upfront,
            |o| o["term"] = json!({ "start": "2031-06-30", "end": "2032-06-30" }),
            |o| o["term"] = json!({ "start": "2031-07-01", "end": "2032-06-30" }),
        ),
        case(
            "AWS-025",
            "/term/end",
            upfront,
            |o| o["term"] = json!({ "end": "2032-06-30" }),
            |o| o["term"] = json!({ "start": "2031-07-01", "end": "2032-06-30" }),
        ),
        case(
            "AWS-026",
            "/term",
            upfront,
            |o| o["term"] = json!({ "start": "2031-07-01", "end": "2032-06-30", "duration": "P1Y" }),
            |o| o["term"] = json!({ "duration": "P1Y" }),
        ),
        case(
            "AWS-027",
            "/pricing/contract/duration",
            upfront,
            |o| set(o, "/pricing/contract/duration", json!("P61M")),
            |o| set(o, "/pricing/contract/duration", json!("P60M")),
        ),
        case(
            "AWS-028",
            "/pricing/contract/instalments",
            instalments,
            |o| set(o, "/pricing/contract/instalments", schedule(61)),
            |o| set(o, "/pricing/contract/instalments", schedule(60)),
        ),
        case(
            "AWS-029",
            "/pricing/contract/instalments/1/date",
            instalments,
            |o| set(o, "/pricing/contract/instalments/1/date", json!("2031-06-15")),
            |o| set(o, "/pricing/contract/instalments/1/date", json!("2031-06-16")),
        ),
        case(
            "AWS-030",
            "/pricing/contract/instalments",
            instalments,
            |o| set(o, "/pricing/contract/instalments/1/date", json!("2031-06-30")),
            |o| set(o, "/pricing/contract/instalments/1/date", json!("2031-07-01")),
        ),
        case(
            "AWS-031",
            "/pricing/contract/instalments/0/date",
            instalments,
            |o| set(o, "/pricing/contract/instalments/0/date", json!("2031-04-30")),
            |o| set(o, "/pricing/contract/instalments/0/date", json!("2031-05-01")),
        ),
        case(
            "AWS-032",
            "/pricing/contract/instalments/1/date",
            instalments,
            |o| set(o, "/pricing/contract/instalments/1/date", json!("2032-05-01")),
            |o| set(o, "/pricing/contract/instalments/1/date", json!("2032-04-30")),
        ),
        case(
            "AWS-033",
            "/pricing/contract/instalments/0/amount",
            instalments,
            |o| set(o, "/pricing/contract/instalments/0/amount", json!("1.001")),
            |o| set(o, "/pricing/contract/instalments/0/amount", json!("1.01")),
        ),
        case(
            "AWS-034",
            "/payment_due_days",
            upfront,
            |o| o["payment_due_days"] = json!(31),
            |o| o["payment_due_days"] = json!(30),
        ),
        case("AWS-035", "/pricing", usage, |o| o["renewal"] = json!({ "of": "agmt-1" }), |_| ()),
        case("AWS-036", "/term/end", renewal, |o| o["term"] = json!({ "duration": "P1Y" }), |_| ()),
        case("AWS-036", "/term/start", renewal, |o| o["term"]["start"] = json!("2031-07-01"), |_| ()),
        case(
            "AWS-037",
            "/auto_renewal/price_increase_percent",
            contract_with_usage,
            |o| set(o, "/auto_renewal/price_increase_percent", json!("100.01")),
            |o| set(o, "/auto_renewal/price_increase_percent", json!("100")),
        ),
        case(
            "AWS-038",
            "/auto_renewal/lockout_days",
            contract_with_usage,
            |o| set(o, "/auto_renewal/lockout_days", json!(366)),
            |o| set(o, "/auto_renewal/lockout_days", json!(365)),
        ),
        case(
            "AWS-039",
            "/auto_renewal",
            contract_with_usage,
            |o| o["pricing"]["contract"]["instalments"] = schedule(1),
            |_| (),
        ),
        case(
            "AWS-039",
            "/auto_renewal",
            usage,
            |o| o["auto_renewal"] = json!({ "price_increase_percent": "3", "lockout_days": 30 }),
            |_| (),
        ),
    ]
}

/// The sandbox's SaaS product; any other is hidden.
fn product(offer: &Offer) -> ProductFacts {
    let uses = |name: &str| vec![name.to_owned()];
    let dimensions = [("Seats", "contract"), ("Premium", "contract"), ("Events", "usage"), ("Hours", "usage")];
    let mut facts = ProductFacts {
        id: offer.product.id.clone(),
        title: "Nimbus".to_owned(),
        public: offer.product.id == crate::offers::PRODUCT,
        dimensions: dimensions.map(|(key, sale)| (key.to_owned(), uses(sale))).into_iter().collect(),
    };
    // The dimensions of the rows about their number.
    facts.dimensions.extend((0..201).map(|n| (format!("d{n}"), uses("contract"))));
    facts
}

fn findings(offer: Value) -> Vec<Finding> {
    let offer = document(offer);
    let now: Timestamp = START.parse().unwrap();
    let aws = entente_aws::connect(entente_aws::Config::new()).unwrap();
    aws.validate(&offer, now, Some(&product(&offer)))
}

fn rules() -> impl Iterator<Item = &'static Rule> {
    RULES.iter().copied().flatten()
}

#[test]
fn every_rule_is_broken_by_its_red_offer_and_kept_by_its_green_one() {
    for Case { rule, field, base, red, green } in cases() {
        let mut broken = base(BUYER);
        red(&mut broken);
        let found = findings(broken);
        let named = found.iter().any(|finding| finding.rule == rule && finding.field == field);
        assert!(named, "{rule} at {field} is not among {found:#?}");
        let mut kept = base(BUYER);
        green(&mut kept);
        let found = findings(kept);
        assert!(!found.iter().any(|finding| finding.rule == rule), "{rule} is found in the green offer: {found:#?}");
    }
}

#[test]
fn every_rule_has_a_case_an_id_in_order_a_source_and_a_demand() {
    let tested: BTreeSet<&str> = cases().iter().map(|case| case.rule).collect();
    for (n, rule) in (1..).zip(rules()) {
        assert_eq!(rule.id, format!("AWS-{n:03}"));
        assert!(tested.contains(rule.id), "{} has no red and green offer", rule.id);
        assert!(rule.source.starts_with("https://"), "{}", rule.id);
        assert!(!rule.demand.is_empty(), "{}", rule.id);
    }
}

#[test]
fn findings_say_what_to_write_instead() {
    for Case { rule, base, red, .. } in cases() {
        let mut broken = base(BUYER);
        red(&mut broken);
        for finding in findings(broken).into_iter().filter(|finding| finding.rule == rule) {
            assert!(!finding.remedy.is_empty() && !finding.message.is_empty(), "{finding:?}");
            assert!(finding.field.starts_with('/'), "{finding:?}");
        }
    }
}

#[test]
fn valid_offers_of_every_pricing_model_break_no_rule() {
    for (model, offer) in every_model(BUYER).into_iter().chain([("replacement", renewal(BUYER))]) {
        let mut found = findings(offer);
        found.retain(|finding| finding.rule != "AWS-021");
        assert_eq!(found, [], "{model}");
    }
}

#[test]
fn without_the_products_facts_only_rules_about_the_product_are_silent() {
    let mut offer = upfront(BUYER);
    offer["product"]["dimensions"] = json!({});
    offer["name"] = json!("");
    let aws = entente_aws::connect(entente_aws::Config::new()).unwrap();
    let found = aws.validate(&document(offer), START.parse().unwrap(), None);
    let found: Vec<&str> = found.iter().map(|finding| finding.rule.as_str()).collect();
    assert_eq!(found, ["AWS-001", "AWS-021"]);
}
