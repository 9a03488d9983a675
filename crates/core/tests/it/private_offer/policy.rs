//! The approval matrix as a decision table: who is asked for which offer.

use entente_core::{
    calendar::Calendars,
    context::private_offer::{PrivateOffer, SubmitFacts},
    offer::Offer,
    policy::approvals::Subject,
    scope::Home,
};
use serde_json::{Value, json};

use super::{policy, values};

const LOOK: &[&str] = &["second_look"];
const DIRECTOR: &[&str] = &["discount_over_20"];
const STEEP: &[&str] = &["discount_over_20", "discount_over_40_finance", "discount_over_40_legal"];
const LARGE: &[&str] = &["value_over_1m_finance", "value_over_1m_legal"];
const EULA: &[&str] = &["eula_not_on_approved_list"];
const BUYER: &[&str] = &["buyer_over_2m_in_12_months"];
const CURRENCIES: &[&str] = &["buyer_in_other_currencies"];
const PAYMENT: &[&str] = &["payment_later_than_60_days"];
const APAC: &[&str] = &["apac_region"];
const MARKET: &[&str] = &["unusual_marketplace"];

/// An ordinary offer: 10 % off, 40,000 USD, approved licence, known marketplace.
fn ordinary() -> Value {
    json!({
        "discount_bp": 1000, "value_minor": 4_000_000, "cumulative_value_12m_minor": 4_000_000, "currency": "USD",
        "cumulative_incomplete": false, "eula_approved": true, "payment_due_days": 30, "region": "amer", "marketplace": "aws",
    })
}

/// What differs from the ordinary offer, and the rows that apply.
fn table() -> Vec<(Value, Vec<&'static [&'static str]>)> {
    vec![
        (json!({}), vec![LOOK]),
        (json!({ "discount_bp": 0 }), vec![LOOK]),
        (json!({ "discount_bp": -500 }), vec![LOOK]),
        (json!({ "discount_bp": 1999 }), vec![LOOK]),
        (json!({ "discount_bp": 2000 }), vec![LOOK]),
        (json!({ "discount_bp": 2001 }), vec![DIRECTOR]),
        (json!({ "discount_bp": 3999 }), vec![DIRECTOR]),
        (json!({ "discount_bp": 4000 }), vec![DIRECTOR]),
        (json!({ "discount_bp": 4001 }), vec![STEEP]),
        (json!({ "discount_bp": 10000 }), vec![STEEP]),
        (json!({ "discount_bp": null }), vec![STEEP]),
        (json!({ "value_minor": 99_999_999 }), vec![LOOK]),
        (json!({ "value_minor": 100_000_000 }), vec![LOOK]),
        (json!({ "value_minor": 100_000_001 }), vec![LARGE]),
        (json!({ "value_minor": null }), vec![LARGE]),
        (
            json!({ "value_minor": 90_000_001, "currency": "EUR", "cumulative_value_12m_minor": 90_000_001 }),
            vec![LARGE],
        ),
        (json!({ "value_minor": 90_000_000, "currency": "EUR" }), vec![LOOK]),
        (json!({ "value_minor": 80_000_001, "currency": "GBP" }), vec![LARGE]),
        (json!({ "value_minor": 150_000_001, "currency": "JPY" }), vec![LARGE]),
        (json!({ "value_minor": 1, "currency": "CHF" }), vec![LARGE, BUYER]),
        (json!({ "cumulative_value_12m_minor": 200_000_000 }), vec![LOOK]),
        (json!({ "cumulative_value_12m_minor": 200_000_001 }), vec![BUYER]),
        (json!({ "cumulative_value_12m_minor": null }), vec![BUYER]),
        (json!({ "cumulative_value_12m_minor": 180_000_001, "currency": "EUR" }), vec![BUYER]),
        (json!({ "cumulative_incomplete": true }), vec![CURRENCIES]),
        (json!({ "cumulative_incomplete": null }), vec![CURRENCIES]),
        (json!({ "cumulative_incomplete": true, "cumulative_value_12m_minor": 200_000_001 }), vec![BUYER, CURRENCIES]),
        (json!({ "eula_approved": false }), vec![EULA]),
        (json!({ "eula_approved": null }), vec![EULA]),
        (json!({ "payment_due_days": 0 }), vec![LOOK]),
        (json!({ "payment_due_days": 60 }), vec![LOOK]),
        (json!({ "payment_due_days": 61 }), vec![PAYMENT]),
        (json!({ "payment_due_days": 120 }), vec![PAYMENT]),
        (json!({ "region": "apac" }), vec![APAC]),
        (json!({ "region": "emea" }), vec![LOOK]),
        (json!({ "region": null }), vec![APAC]),
        (json!({ "marketplace": "google" }), vec![LOOK]),
        (json!({ "marketplace": "bazaar" }), vec![MARKET]),
        (json!({ "discount_bp": 2500, "eula_approved": false }), vec![DIRECTOR, EULA]),
        (json!({ "discount_bp": 4500, "value_minor": 100_000_001 }), vec![STEEP, LARGE]),
        (json!({ "discount_bp": 4500, "eula_approved": false }), vec![STEEP, EULA]),
        (json!({ "value_minor": 250_000_000, "cumulative_value_12m_minor": 250_000_000 }), vec![LARGE, BUYER]),
        (json!({ "region": "apac", "payment_due_days": 90 }), vec![PAYMENT, APAC]),
        (json!({ "discount_bp": 2001, "region": "apac" }), vec![DIRECTOR, APAC]),
    ]
}

fn rows(facts: Value) -> Vec<String> {
    let subject = Subject {
        revision: "r".into(),
        projections: Default::default(),
        requester: "ada".parse().unwrap(),
        authors: Default::default(),
        hands: Default::default(),
        facts,
    };
    let home = Home { legal_entity: "acme-us".parse().unwrap(), party: "acme".parse().unwrap() };
    let now = "2027-01-04T15:00:00Z".parse().unwrap();
    let asked = policy().evaluate(&subject, &Calendars::default(), &home, now).unwrap();
    assert!(asked.iter().all(|requirement| !requirement.because.is_empty()), "every row says why");
    asked.into_iter().map(|requirement| requirement.row).collect()
}

#[test]
fn each_offer_asks_exactly_the_people_that_the_table_says() {
    let table = table();
    assert!(table.len() >= 40);
    for (change, expected) in table {
        let mut facts = ordinary();
        facts.as_object_mut().unwrap().extend(change.as_object().unwrap().clone());
        assert_eq!(rows(facts), expected.concat(), "{change}");
    }
}

#[test]
fn every_fact_of_the_policy_is_one_that_the_context_states() {
    let values = values();
    let offer = Offer::from_json(&values["contract"]).unwrap();
    let mut context = PrivateOffer::new(offer, "L");
    context.facts = Some(serde_json::from_value::<SubmitFacts>(values["contract_facts"].clone()).unwrap());
    let facts = context.policy_facts();
    for row in &policy().rows {
        for test in &row.when {
            assert!(
                facts.get(&test.fact).is_some_and(|fact| !fact.is_null()),
                "row `{}` tests `{}`",
                row.id,
                test.fact
            );
        }
    }
    assert_eq!(rows(facts), LOOK);
}

#[test]
fn what_the_buyer_was_offered_counts_as_incomplete_until_it_is_known_not_to_be() {
    let values = values();
    let mut context = PrivateOffer::new(Offer::from_json(&values["contract"]).unwrap(), "L");
    assert_eq!(context.policy_facts()["cumulative_incomplete"], true, "nobody has looked");
    let mut facts: SubmitFacts = serde_json::from_value(values["contract_facts"].clone()).unwrap();
    context.facts = Some(facts.clone());
    assert_eq!(context.policy_facts()["cumulative_incomplete"], false);
    facts.cumulative_left_out.insert("EUR".parse().unwrap());
    context.facts = Some(facts);
    assert_eq!(context.policy_facts()["cumulative_incomplete"], true);
    assert_eq!(rows(context.policy_facts()), CURRENCIES);
}
