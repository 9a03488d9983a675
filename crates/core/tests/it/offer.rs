//! The offer as a document: what is read, what is refused and where, what a vote binds to.

mod choices;
mod fields;
mod hidden;
mod tags;

use std::collections::{BTreeMap, BTreeSet};

use entente_core::{
    offer::{Offer, document::PricingModel, revision::differences, template::Template},
    policy::approvals::Projection,
};
use serde_json::{Value, json};

/// An example file of the repository.
pub fn example(name: &str) -> String {
    let path = format!("{}/../../examples/{name}", env!("CARGO_MANIFEST_DIR"));
    std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{path}: {error}"))
}

/// An example offer.
pub fn offer(name: &str) -> Offer {
    Offer::from_yaml(name, &example(name)).unwrap_or_else(|error| panic!("{error}"))
}

pub const EXAMPLES: [&str; 10] = [
    "offer-contract.yaml",
    "offer-instalments.yaml",
    "offer-usage.yaml",
    "offer-contract-usage.yaml",
    "offer-machine-image-hourly.yaml",
    "offer-machine-image-contract.yaml",
    "offer-container.yaml",
    "offer-pay-as-you-go.yaml",
    "offer-tiers.yaml",
    "offer-amendment.yaml",
];

#[test]
fn every_example_offer_is_tried() {
    let folder = format!("{}/../../examples", env!("CARGO_MANIFEST_DIR"));
    let files = std::fs::read_dir(folder).unwrap().map(|file| file.unwrap().file_name().into_string().unwrap());
    let offers: BTreeSet<String> = files.filter(|name| name.starts_with("offer-")).collect();
    assert_eq!(offers, EXAMPLES.map(str::to_owned).into());
}

#[test]
fn every_example_reads_and_survives_the_round_trip_through_json() {
    for name in EXAMPLES {
        let offer = offer(name);
        let again = Offer::from_json(&offer.to_json()).unwrap_or_else(|error| panic!("{name}: {error}"));
        assert_eq!(again, offer, "{name}");
        assert_eq!(again.revision(), offer.revision(), "{name}");
    }
}

#[test]
fn the_pricing_model_follows_from_what_is_priced() {
    let models = EXAMPLES.map(|name| offer(name).pricing.model().unwrap());
    let (contract, usage, both) = (PricingModel::Contract, PricingModel::Usage, PricingModel::ContractWithUsage);
    assert_eq!(models, [contract, contract, usage, both, both, contract, usage, both, contract, contract]);
}

#[test]
fn amounts_are_exact_and_written_as_text() {
    let json = offer("offer-usage.yaml").to_json();
    assert_eq!(json.pointer("/pricing/usage/dimensions/0/unit_price"), Some(&json!("0.0375")));
}

#[test]
fn trailing_zeros_do_not_make_another_revision() {
    let written = example("offer-contract.yaml");
    let other = Offer::from_yaml("x.yaml", &written.replace("900.00", "900")).unwrap();
    assert_eq!(other.revision(), offer("offer-contract.yaml").revision());
}

/// What is replaced in the example contract, where it is refused, in which field, and in which words.
const REFUSED: &[(&str, &str, &str, &str, &str)] = &[
    ("region: amer", "regoin: amer", "5:1", "/regoin", "unknown field `regoin`; the fields here are reference, "),
    ("quantity: 200", "quantity: many", "23:33", "/pricing/contract/dimensions/0/quantity", "not a whole number"),
    ("quantity: 200, ", "", "23:9", "/pricing/contract/dimensions/0/quantity", "`quantity` is missing"),
    ("900.00", "-900.00", "23:50", "/pricing/contract/dimensions/0/unit_price", "`-900` is negative"),
    ("900.00", "1e3", "23:50", "/pricing/contract/dimensions/0/unit_price", "`1e3` is not an amount"),
    ("900.00", "0.0000000001", "23:50", "/pricing/contract/dimensions/0/unit_price", "at most 9 decimals"),
    ("900.00", "\"\"", "23:50", "/pricing/contract/dimensions/0/unit_price", "not an amount"),
    ("duration: P36M", "duration: 36 months", "21:15", "/pricing/contract/duration", "`36 months` is not a period"),
    ("currency: USD", "currency: DOLLARS", "18:11", "/currency", "not a currency code of ISO 4217"),
    ("    total: 180000.00", "    currency: EUR", "24:15", "/pricing/contract/currency", "one offer has one currency"),
    ("kind: saas", "kind: software", "8:9", "/product/kind", "none of the values allowed here: saas, "),
    ("expires_on: 2027-03-17", "expires_on: 2027-02-30", "27:13", "/expires_on", "not valid"),
    ("country: US", "country: usa", "12:12", "/buyer/country", "ISO 3166"),
    ("zone: America/New_York", "zone: America/Gotham", "13:9", "/buyer/zone", "not an IANA zone"),
    ("accounts: [\"111122223333\"]", "accounts: []", "11:13", "/buyer/accounts", "at least one account"),
    ("  name: Globex Corporation\n", "", "10:3", "/buyer/name", "`name` is missing"),
    ("name: Acme Platform for Globex, 36 months", "name: \"\"", "16:7", "/name", "empty"),
    ("  quote: Q-2027-118", "  crm_opportunity: again", "30:3", "/external_refs/crm_opportunity", "duplicate key"),
    ("reference: ACME-2027-0042\n", "", "2:1", "/reference", "`reference` is missing"),
    (
        "standard: { version: \"2022-07-14\" }",
        "custom: { url: https://x, sha256: abc }",
        "26:37",
        "/eula/custom/sha256",
        "64",
    ),
    ("currency: USD", "currency: USD\npricing: {}", "20:1", "/pricing", "duplicate key `pricing`"),
];

#[test]
fn a_defect_is_one_error_that_names_file_line_and_field() {
    let good = example("offer-contract.yaml");
    for (old, new, place, field, words) in REFUSED {
        assert!(good.contains(old), "the example no longer has `{old}`");
        let error = Offer::from_yaml("deal.yaml", &good.replacen(old, new, 1)).err();
        let error = error.unwrap_or_else(|| panic!("`{new}` was accepted"));
        let text = error.to_string();
        assert!(text.starts_with(&format!("deal.yaml:{place}: field `{field}`: ")), "`{new}`: {text}");
        assert!(text.contains(words), "`{new}`: {text}");
        assert!(!text.contains('\n'), "`{new}`: {text}");
    }
}

#[test]
fn a_document_without_any_price_is_refused() {
    let mut json = offer("offer-usage.yaml").to_json();
    json["pricing"] = json!({});
    assert_eq!(Offer::from_json(&json).unwrap_err().field, "/pricing");
}

#[test]
fn a_ten_megabyte_file_is_refused_unread() {
    let error = Offer::from_yaml("big.yaml", &" ".repeat(10_000_000)).unwrap_err();
    assert_eq!(error.to_string(), "big.yaml:1:1: the document has 10000000 bytes; at most 1000000 are read");
}

#[test]
fn a_yaml_bomb_is_refused_within_its_budget() {
    let mut bomb = "a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n".to_owned();
    for level in 1..12 {
        let inner = format!("*a{}", level - 1);
        bomb.push_str(&format!("a{level}: &a{level} [{}]\n", vec![inner; 10].join(", ")));
    }
    let error = Offer::from_yaml("bomb.yaml", &format!("{bomb}{}", example("offer-contract.yaml"))).unwrap_err();
    assert!(error.to_string().starts_with("bomb.yaml:"), "{error}");
    let deep = format!("notes: {}{}", "[".repeat(10_000), "]".repeat(10_000));
    assert!(Offer::from_yaml("deep.yaml", &deep).is_err());
}

#[test]
fn a_float_in_json_is_refused_by_name() {
    let mut json = offer("offer-contract.yaml").to_json();
    *json.pointer_mut("/pricing/contract/dimensions/0/unit_price").unwrap() = json!(900.5);
    let error = Offer::from_json(&json).unwrap_err();
    assert_eq!(error.field, "/pricing/contract/dimensions/0/unit_price");
}

#[test]
fn the_published_schema_is_the_one_of_the_type() {
    let path = format!("{}/../../schemas/offer.v1.json", env!("CARGO_MANIFEST_DIR"));
    let schema = serde_json::to_string_pretty(&entente_core::offer::document::schema()).unwrap() + "\n";
    if std::env::var_os("UPDATE_SCHEMAS").is_some() {
        std::fs::write(&path, &schema).unwrap();
    }
    let published = std::fs::read_to_string(&path).unwrap_or_default();
    assert!(published == schema, "{path} is not current: run the tests once with UPDATE_SCHEMAS=1 and commit it");
}

#[test]
fn differences_name_the_field_and_whose_votes_it_voids() {
    let old = offer("offer-contract.yaml");
    let mut new = old.clone();
    new.buyer.accounts = vec!["999900001111".into()];
    new.notes = Some("called them".into());
    let found: Vec<_> = differences(&old, &new).into_iter().map(|d| (d.field, d.projections)).collect();
    let only = |projection| BTreeSet::from([projection]);
    assert_eq!(
        found,
        [
            ("/buyer/accounts/0".to_owned(), only(Projection::Legal)),
            ("/notes".to_owned(), only(Projection::Administrative))
        ]
    );
}

fn answers(changed: &[(&str, &str)]) -> BTreeMap<String, String> {
    let good = [
        ("opportunity", "006Hs00000AbCdE"),
        ("buyer", "Globex Corporation"),
        ("account", "111122223333"),
        ("seats", "200"),
        ("price", "900.00"),
        ("expires_on", "2027-03-17"),
    ];
    good.iter().chain(changed).map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
}

fn template() -> Template {
    let name = "templates/saas-contract-36m.yaml";
    Template::from_yaml(name, &example(name)).unwrap_or_else(|error| panic!("{error}"))
}

#[test]
fn six_answers_make_an_offer() {
    let offer = template().instantiate(&answers(&[])).unwrap_or_else(|errors| panic!("{errors:?}"));
    assert_eq!(offer.reference, "006Hs00000AbCdE");
    assert_eq!(offer.external_refs.get("crm_opportunity"), Some(&offer.reference));
    assert_eq!(offer.region.as_deref(), Some("amer"));
    let contract = offer.pricing.contract.as_ref().unwrap();
    assert_eq!(contract.dimensions[0].quantity, 200);
    assert_eq!(contract.dimensions[0].unit_price.to_string(), "900");
}

#[test]
fn bounds_and_unknown_inputs_are_refused_each_by_its_name() {
    let wrong = [
        (("seats", "99"), "seats", "the least"),
        (("seats", "5001"), "seats", "the most"),
        (("seats", "two hundred"), "seats", "whole number"),
        (("price", "749.99"), "price", "the least"),
        (("price", "-1"), "price", "negative"),
        (("region", "mars"), "region", "choose amer, emea, apac"),
        (("expires_on", "soon"), "expires_on", "not a day"),
        (("buyer", "  "), "buyer", "empty"),
        (("currency", "EUR"), "currency", "no such input"),
    ];
    for (change, field, words) in wrong {
        let errors = template().instantiate(&answers(&[change])).unwrap_err();
        assert_eq!(errors.len(), 1, "{change:?}: {errors:?}");
        assert_eq!(errors[0].field, field);
        assert!(errors[0].message.contains(words), "{change:?}: {errors:?}");
    }
    let none = template().instantiate(&BTreeMap::new()).unwrap_err();
    assert_eq!(none.len(), 6, "every missing answer is named at once: {none:?}");
}

#[test]
fn a_template_that_contradicts_itself_is_refused_with_its_place() {
    let good = example("templates/saas-contract-36m.yaml");
    let wrong = [
        ("fields: [/region]", "fields: [/currency]", "locked in `offer` already"),
        ("- name: buyer\n", "- name: seats\n", "two inputs"),
        ("fields: [/buyer/name]", "fields: [/region]", "filled by two inputs"),
        ("fields: [/buyer/name]", "fields: []", "fills no field"),
        ("min: \"750\"", "min: cheap", "not an amount"),
        ("{ key: seats, sku: platform-seat }", "{ key: seats, unit_price: 12.50 }", "quotes"),
    ];
    for (old, new, words) in wrong {
        let error = Template::from_yaml("t.yaml", &good.replacen(old, new, 1)).unwrap_err();
        assert!(error.to_string().contains(words), "`{new}`: {error}");
        assert!(error.place.line > 1, "`{new}`: {error}");
    }
}

/// A value of JSON that is certainly another one.
pub fn other(value: &Value) -> Value {
    match value {
        Value::Number(number) => json!(number.as_u64().unwrap_or(0) + 1),
        Value::String(text) => json!(format!("{text}1")),
        other => panic!("no leaf: {other}"),
    }
}
