//! Choices, countries, refunds and renewals: what is refused, where, and what a choice is worth.

use entente_core::{
    money::Money,
    offer::{Offer, discount::discounts, totals::totals},
};
use jiff::civil::date;
use serde_json::{Value, json};

use super::{example, offer};
use crate::pricing::book;

/// The example, what is replaced in it, by what, the field that is refused and in which words.
const REFUSED: &[(&str, &str, &str, &str, &str)] = &[
    ("tiers", "choose: one", "choose: two", "/pricing/contract/choose", "none of the values allowed here: all, one"),
    (
        "tiers",
        "quantity: 1, unit_price: 34000.00",
        "quantity: 2, unit_price: 34000.00",
        "/pricing/contract/dimensions/1/quantity",
        "one unit of one tier",
    ),
    (
        "tiers",
        "    total: 64000.00",
        "    instalments: [{ date: 2027-04-01, amount: 64000.00 }]",
        "/pricing/contract/instalments",
        "keep one of the two",
    ),
    ("tiers", "    total: 64000.00", "    free_months: 2", "/pricing/contract/free_months", "keep one of the two"),
    (
        "tiers",
        "sku: platform-tier-basic }",
        "sku: platform-tier-basic, ramp: [{ after_months: 6, quantity: 2 }] }",
        "/pricing/contract/dimensions/0/ramp",
        "keep one of the two",
    ),
    (
        "tiers",
        "key: premium, unit_price: 64000.00",
        "key: gold, unit_price: 64000.00",
        "/pricing/contract/alternatives/0/dimensions/1/key",
        "`gold` is no dimension of the contract",
    ),
    (
        "tiers",
        "key: premium, unit_price: 64000.00",
        "key: basic, unit_price: 64000.00",
        "/pricing/contract/alternatives/0/dimensions/1/key",
        "priced twice",
    ),
    (
        "tiers",
        "          - { key: premium, unit_price: 64000.00 }\n",
        "",
        "/pricing/contract/alternatives/0/dimensions",
        "has no price for `premium`",
    ),
    ("container", "only: [AT, CH, DE]", "only: []", "/countries/only", "list 1 to 1000 countries"),
    ("container", "only: [AT, CH, DE]", "only: [AT, Germany]", "/countries/only/1", "two capital letters"),
    ("container", "only: [AT, CH, DE]", "except: [at]", "/countries/except/0", "two capital letters"),
    (
        "container",
        "only: [AT, CH, DE]",
        "near: [AT]",
        "/countries/near",
        "none of the values allowed here: only, except",
    ),
    (
        "machine-image-contract",
        "refund_policy: Refunds within 30 days of acceptance on request to support@acme.example.",
        "refund_policy: ' '",
        "/refund_policy",
        "is empty",
    ),
    (
        "pay-as-you-go",
        "{ after_months: 6, percent: 50, day_of_month: 15 }",
        "{ percent: 50 }",
        "/auto_renewal/instalments/1",
        "`after_months` or `after_days`",
    ),
    (
        "pay-as-you-go",
        "{ after_months: 6, percent: 50, day_of_month: 15 }",
        "{ after_months: 6, after_days: 6, percent: 50 }",
        "/auto_renewal/instalments/1",
        "`after_months` or `after_days`",
    ),
    (
        "pay-as-you-go",
        "after_months: 6, percent: 50, day_of_month: 15",
        "after_months: 6, percent: 50, day_of_month: 32",
        "/auto_renewal/instalments/1/day_of_month",
        "no day of a month",
    ),
    ("pay-as-you-go", "min_percent: 0, ", "", "/auto_renewal/adjustable/min_percent", "`min_percent` is missing"),
    (
        "amendment",
        "as: amendment",
        "as: extension",
        "/renewal/as",
        "none of the values allowed here: renewal, amendment",
    ),
];

#[test]
fn what_means_nothing_is_refused_with_its_place_and_field() {
    for (name, old, new, field, words) in REFUSED {
        let good = example(&format!("offer-{name}.yaml"));
        assert!(good.contains(old), "{name} no longer has `{old}`");
        let error = Offer::from_yaml("deal.yaml", &good.replacen(old, new, 1)).err();
        let error = error.unwrap_or_else(|| panic!("{name}: `{new}` was accepted"));
        assert_eq!(error.field, *field, "`{new}`: {error}");
        assert!(error.message.contains(words) && error.place.line > 1, "`{new}`: {error}");
    }
}

fn usd(text: &str) -> Money {
    Money::parse(text, "USD".parse().unwrap()).unwrap()
}

/// The example with the stated total left out and a field set.
fn tiers(pointer: &str, value: Value) -> Offer {
    let mut json = offer("offer-tiers.yaml").to_json();
    json["pricing"]["contract"].as_object_mut().unwrap().remove("total");
    *json.pointer_mut(pointer).unwrap_or_else(|| panic!("no {pointer}")) = value;
    Offer::from_json(&json).unwrap_or_else(|error| panic!("{error}"))
}

#[test]
fn a_choice_is_worth_its_dearest_and_a_year_of_it_its_dearest_year() {
    let sums = totals(&offer("offer-tiers.yaml")).unwrap();
    assert_eq!((sums.total, sums.annualised), (usd("64000.00"), usd("34000.00")), "two years, and one year of premium");
    assert_eq!(sums.scheduled, sums.total);
    let dearer = tiers("/pricing/contract/dimensions/0/unit_price", json!("70000"));
    assert_eq!(totals(&dearer).unwrap().total, usd("70000.00"), "one tier is bought, not the sum of both");
    let mut both = offer("offer-tiers.yaml").to_json();
    both["pricing"]["contract"]["choose"] = json!("all");
    both["pricing"]["contract"]["dimensions"][1]["quantity"] = json!(3);
    both["pricing"]["contract"].as_object_mut().unwrap().remove("total");
    let sums = totals(&Offer::from_json(&both).unwrap()).unwrap();
    assert_eq!(sums.total, usd("230000.00"), "38000 + 3 × 64000 for two years, with the contract's quantities");
    assert_eq!(sums.annualised, usd("122000.00"), "20000 + 3 × 34000 for the first");
}

#[test]
fn the_discount_of_a_choice_is_its_largest() {
    let today = date(2027, 3, 1);
    let found = discounts(&offer("offer-tiers.yaml"), &book(), today).unwrap();
    let rows: Vec<(&str, Option<i64>)> = found.dimensions.iter().map(|row| (row.field.as_str(), row.bp)).collect();
    let field = |part: &str| format!("/pricing/contract/{part}/unit_price");
    assert_eq!(
        rows,
        [
            (field("dimensions/0").as_str(), Some(1_667)),
            (field("dimensions/1").as_str(), Some(1_500)),
            (field("alternatives/0/dimensions/0").as_str(), Some(2_084)),
            (field("alternatives/0/dimensions/1").as_str(), Some(2_000)),
        ]
    );
    assert_eq!((found.blended_bp, found.policy_bp), (Some(2_084), 2_084), "38000 against 2 × 24000");
    assert_eq!(found.list_value, usd("80000.00"));
    let mut turned = offer("offer-tiers.yaml").to_json();
    let contract = &mut turned["pricing"]["contract"];
    (contract["duration"], contract["alternatives"][0]["duration"]) = (json!("P24M"), json!("P12M"));
    let found_turned = discounts(&Offer::from_json(&turned).unwrap(), &book(), today).unwrap();
    assert_eq!(found_turned.list_value, usd("80000.00"), "the order of the durations does not matter");
    let given_away = tiers("/pricing/contract/alternatives/0/dimensions/0/unit_price", json!("1"));
    let found = discounts(&given_away, &book(), today).unwrap();
    assert_eq!(found.policy_bp, 10_000, "a cheap tier is not hidden behind a dear one");
    assert!(found.dimensions[2].below_floor);
}

#[test]
fn an_alternative_may_have_a_price_book_row_of_its_own() {
    let mut json = offer("offer-tiers.yaml").to_json();
    json["pricing"]["contract"]["alternatives"][0]["dimensions"][0]["sku"] = json!("platform-tier-premium");
    let found = discounts(&Offer::from_json(&json).unwrap(), &book(), date(2027, 3, 1)).unwrap();
    assert_eq!(found.dimensions[2].bp, Some(5_250), "38000 against 2 × 40000");
}
