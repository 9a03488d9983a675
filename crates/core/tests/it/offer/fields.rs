//! P8, field by field: every field of the document has its class, and a change voids exactly the votes of that class.

use std::collections::{BTreeMap, BTreeSet};

use entente_core::{
    offer::{
        Offer,
        document::schema,
        revision::{CLASSES, classes},
    },
    policy::approvals::Projection::{self, Administrative, Commercial, Legal},
};
use serde_json::{Value, json};

use super::{example, other};

/// Every leaf of the JSON Schema, as a pattern.
fn schema_fields() -> BTreeSet<String> {
    let schema = serde_json::to_value(schema()).unwrap();
    let mut fields = BTreeSet::new();
    walk(&schema, &schema, String::new(), &mut fields);
    fields
}

fn walk(root: &Value, node: &Value, at: String, fields: &mut BTreeSet<String>) {
    if let Some(name) = node.get("$ref").and_then(Value::as_str) {
        return walk(root, root.pointer(name.trim_start_matches('#')).unwrap(), at, fields);
    }
    let mut inner = false;
    for list in ["anyOf", "oneOf", "allOf"] {
        for choice in node.get(list).and_then(Value::as_array).into_iter().flatten() {
            if choice.get("type") != Some(&json!("null")) && choice.get("const").is_none() {
                walk(root, choice, at.clone(), fields);
                inner = true;
            }
        }
    }
    for (name, field) in node.get("properties").and_then(Value::as_object).into_iter().flatten() {
        walk(root, field, format!("{at}/{name}"), fields);
        inner = true;
    }
    for key in ["items", "additionalProperties"] {
        if let Some(item) = node.get(key).filter(|item| item.is_object()) {
            walk(root, item, format!("{at}/*"), fields);
            inner = true;
        }
    }
    if !inner {
        fields.insert(at);
    }
}

#[test]
fn every_field_of_the_document_has_a_class_and_every_class_a_field() {
    let classified: BTreeSet<String> = CLASSES.iter().map(|(field, _)| (*field).to_owned()).collect();
    assert_eq!(schema_fields(), classified);
    assert_eq!(classified.len(), CLASSES.len(), "a field is classified twice");
    assert!(CLASSES.iter().all(|(field, classes)| !classes.is_empty() && field.starts_with('/')));
}

#[test]
fn a_field_without_a_class_belongs_to_all() {
    assert_eq!(classes("/surprise"), BTreeSet::from([Commercial, Legal, Administrative]));
}

/// A document in which every field is filled.
const FULL: &str = "
reference: R-1
marketplace: aws
legal_entity: acme-us
region: amer
product: { id: prod-1, kind: saas, dimensions: { seats: SEATS } }
buyer:
  name: Globex
  accounts: ['111122223333']
  country: US
  zone: Europe/Berlin
  contacts: [{ name: Hank, email: h@globex.example, role: accepter }]
name: Offer
description: Words
currency: USD
pricing:
  contract:
    duration: P36M
    dimensions:
      - { key: seats, quantity: 10, unit_price: 100, sku: s, ramp: [{ after_months: 12, quantity: 20 }] }
    instalments: [{ date: 2027-03-01, amount: 10 }]
    free_months: 1
    total: 10
    currency: USD
  usage: { dimensions: [{ key: gb, unit_price: 0.1, sku: g }], currency: USD }
  free_trial: { duration: P1M, grants: [{ key: seats, quantity: 1 }] }
term: { duration: P36M, start: 2027-05-01, end: 2028-05-01 }
eula: { standard: { version: '1' } }
refund_policy: Refunds on request
countries: { only: [US] }
expires_on: 2027-03-17
renewal: { of: agmt-1, as: renewal }
auto_renewal:
  price_increase_percent: 3
  lockout_days: 30
  renewals_max: 2
  adjustable: { min_percent: 1, max_percent: 5, until_days: 60 }
  instalments: [{ after_months: 1, percent: 100, day_of_month: 15 }]
payment_due_days: 30
external_refs: { crm: '006' }
price_book: acme@1
justification: because
notes: call them
";

/// The contract of [`FULL`], and one that leaves the buyer a choice: a contract does one or the other.
const CONTRACTS: [&str; 2] = [
    "    dimensions:
      - { key: seats, quantity: 10, unit_price: 100, sku: s, ramp: [{ after_months: 12, quantity: 20 }] }
    instalments: [{ date: 2027-03-01, amount: 10 }]
    free_months: 1
",
    "    dimensions: [{ key: seats, quantity: 1, unit_price: 100, sku: s }]
    choose: one
    alternatives: [{ duration: P24M, dimensions: [{ key: seats, unit_price: 90, sku: t }] }]
",
];

/// Values that the plain change of a text or number would not leave valid.
fn changed(pattern: &str, value: &Value) -> Value {
    match pattern {
        "/product/kind" => json!("container"),
        "/currency" => json!("EUR"),
        "/buyer/country" => json!("DE"),
        "/countries/only/*" | "/countries/except/*" => json!("CA"),
        "/renewal/as" => json!("amendment"),
        "/buyer/zone" => json!("Europe/Paris"),
        p if p.ends_with("contract/currency") || p.ends_with("usage/currency") => json!("EUR"),
        "/eula/custom/sha256" => json!("0".repeat(64)),
        _ if pattern.ends_with("/duration") => json!("P35M"),
        "/pricing/contract/choose" => json!("all"),
        _ if pattern.ends_with("/date") || pattern.ends_with("/start") || pattern.ends_with("/end") => {
            json!("2027-06-02")
        }
        "/expires_on" => json!("2027-06-02"),
        _ => other(value),
    }
}

fn document(pattern: &str) -> Value {
    let mut text = FULL.to_owned();
    if pattern.starts_with("/eula/custom") {
        let custom = format!("{{ custom: {{ url: 'https://x', sha256: '{}' }} }}", "1".repeat(64));
        text = text.replace("{ standard: { version: '1' } }", &custom);
    }
    if pattern.starts_with("/countries/except") {
        text = text.replace("only: [US]", "except: [DE]");
    }
    if pattern.starts_with("/auto_renewal/instalments/*/after_days") {
        text = text.replace("after_months: 1, percent: 100, day_of_month: 15", "after_days: 1, percent: 100");
    }
    if pattern.ends_with("/choose") || pattern.starts_with("/pricing/contract/alternatives") {
        assert!(text.contains(CONTRACTS[0]), "the full document has another contract");
        text = text.replace(CONTRACTS[0], CONTRACTS[1]);
    }
    Offer::from_yaml("full.yaml", &text).unwrap_or_else(|error| panic!("{error}")).to_json()
}

#[test]
fn a_change_of_any_field_voids_exactly_the_projections_of_its_class() {
    for (pattern, expected) in CLASSES {
        let before = document(pattern);
        let mut after = before.clone();
        let pointer = match *pattern {
            "/product/dimensions/*" => "/product/dimensions/seats".to_owned(),
            "/external_refs/*" => "/external_refs/crm".to_owned(),
            pattern => pattern.replace('*', "0"),
        };
        let leaf = after.pointer_mut(&pointer).unwrap_or_else(|| panic!("the full document lacks `{pointer}`"));
        *leaf = changed(pattern, leaf);
        for section in ["contract", "usage"] {
            // Another currency of the offer goes with its sections, which have the same class.
            if *pattern == "/currency" {
                *after.pointer_mut(&format!("/pricing/{section}/currency")).unwrap() = json!("EUR");
            }
        }
        assert_eq!(voided(pattern, &before, &after), expected.iter().copied().collect(), "`{pattern}`");
    }
}

#[test]
fn adding_or_removing_a_field_voids_its_class_as_well() {
    let before = Offer::from_yaml("offer.yaml", &example("offer-contract.yaml")).unwrap().to_json();
    let mut after = before.clone();
    after["payment_due_days"] = json!(60);
    assert_eq!(voided("/payment_due_days", &before, &after), BTreeSet::from([Commercial]));
    assert_eq!(voided("/payment_due_days", &after, &before), BTreeSet::from([Commercial]));
}

/// The projections whose hash differs. Sections that restate the currency cannot differ from it, nor can the keys of another
/// duration differ from the contract's, so those documents are hashed without being read.
fn voided(pattern: &str, before: &Value, after: &Value) -> BTreeSet<Projection> {
    let read = |json: &Value| -> Offer {
        let restated = pattern.ends_with("contract/currency") || pattern.ends_with("usage/currency");
        let paired = pattern.starts_with("/pricing/contract/alternatives") && pattern.ends_with("/key");
        match restated || paired {
            true => serde_json::from_value(json.clone()).unwrap_or_else(|error| panic!("`{pattern}`: {error}")),
            false => Offer::from_json(json).unwrap_or_else(|error| panic!("`{pattern}`: {error}")),
        }
    };
    let (before, after) = (read(before).revision(), read(after).revision());
    assert_ne!(before.hash, after.hash, "`{pattern}` changes the revision");
    let hashes = |parts: BTreeMap<Projection, String>| parts.into_iter().collect::<BTreeSet<_>>();
    let (before, after) = (hashes(before.projections), hashes(after.projections));
    before.difference(&after).map(|(projection, _)| *projection).collect()
}
