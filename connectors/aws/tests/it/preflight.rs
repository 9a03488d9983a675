//! Each rule, broken by the smallest step over its edge and kept by the step before.

mod codes;
mod kinds;
mod refusals;
mod released;
mod saas;

use std::collections::BTreeSet;

use entente_aws::{RULES, Rule};
use entente_core::offer::{Offer, document::ProductKind};
use entente_port::{Finding, Marketplace, ProductFacts, Severity};
use jiff::Timestamp;
use serde_json::{Value, json};

use crate::{
    desk::START,
    offers::{
        CONTAINER, CONTAINER_CONTRACT, IMAGE, IMAGE_CONTRACT, PRODUCT, document, every_kind, every_model, replacement,
        upfront,
    },
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

/// Every row.
fn cases() -> Vec<Case> {
    saas::cases().into_iter().chain(kinds::cases()).collect()
}

fn listed_kind(product: &str) -> ProductKind {
    match product {
        IMAGE | IMAGE_CONTRACT => ProductKind::MachineImage,
        CONTAINER | CONTAINER_CONTRACT => ProductKind::Container,
        _ => ProductKind::Saas,
    }
}

/// The sandbox's products; any other is hidden.
fn product(offer: &Offer) -> ProductFacts {
    let uses = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect::<Vec<_>>();
    let (contract, usage, either) = (uses(&["contract"]), uses(&["usage"]), uses(&["contract", "usage"]));
    let id = offer.product.id.as_str();
    let dimensions = match id {
        IMAGE => vec![("m5.large", either)],
        CONTAINER => vec![("Hours", either)],
        _ => vec![
            ("Seats", contract.clone()),
            ("Premium", contract.clone()),
            ("Events", usage.clone()),
            ("Hours", usage),
        ],
    };
    let mut facts = ProductFacts {
        id: id.to_owned(),
        title: "Nimbus".to_owned(),
        kind: Some(listed_kind(id)),
        public: [PRODUCT, IMAGE, IMAGE_CONTRACT, CONTAINER, CONTAINER_CONTRACT].contains(&id),
        dimensions: dimensions.into_iter().map(|(key, uses)| (key.to_owned(), uses)).collect(),
    };
    // The dimensions of the rows about their number.
    facts.dimensions.extend((0..201).map(|n| (format!("d{n}"), contract.clone())));
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
    let all = every_model(BUYER).into_iter().chain(every_kind(BUYER)).chain([("replacement", renewal(BUYER))]);
    for (model, offer) in all {
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

/// The rules, and which of them stands before which code, as documentation lists them.
fn page() -> String {
    let mut page = "# Rules of AWS Marketplace\n\n\
        What is checked of an [offer](offers.md) before it is sent to AWS Marketplace. An error holds the offer up, a warning\n\
        does not. AWS itself checks most of this minutes or hours later, and one thing at a time.\n\
        This page is written by the tests of `entente-aws`: `UPDATE_DOCS=1 cargo nextest run -p entente-aws preflight`.\n\n\
        | rule | weight | what must hold | source |\n|---|---|---|---|\n"
        .to_owned();
    for rule in rules() {
        let weight = if rule.severity == Severity::Error { "error" } else { "warning" };
        let source = rule.source.trim_end_matches('/').rsplit('/').next().unwrap_or_default().trim_end_matches(".html");
        page.push_str(&format!("| {} | {weight} | {} | [{source}]({}) |\n", rule.id, rule.demand, rule.source));
    }
    page.push_str(&released::page());
    page.push_str(&codes::page());
    page
}

#[test]
fn the_documented_rules_are_these() {
    let path = format!("{}/../../docs/rules-aws.md", env!("CARGO_MANIFEST_DIR"));
    if std::env::var_os("UPDATE_DOCS").is_some() {
        std::fs::write(&path, page()).unwrap();
    }
    let documented = std::fs::read_to_string(&path).unwrap_or_default();
    assert!(documented == page(), "{path} is not current: run the tests once with UPDATE_DOCS=1 and commit it");
}
