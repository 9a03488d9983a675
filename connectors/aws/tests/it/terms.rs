//! Each term of an offer document in AWS's words, and back: what is sent, what is refused, what reads as a difference.

use entente_port::{Difference, Error, Marketplace, RemoteOffer, RemoteOfferState, Write};
use jiff::civil::date;
use serde_json::{Value, json};

use crate::{
    desk::{START, call},
    offers::{
        containers, create, document, every_kind, every_model, hourly_or_yearly, renewing, replacement, tiers, upfront,
    },
};

const BUYER: &str = "444455556666";

fn aws() -> entente_aws::AwsMarketplace {
    entente_aws::connect(entente_aws::Config::new()).unwrap()
}

fn changes(write: &Write) -> Vec<Value> {
    let plan = aws().plan(&call(1), write).unwrap();
    plan[0].body["ChangeSet"].as_array().unwrap().clone()
}

fn details(offer: Value, kind: &str) -> Option<Value> {
    let changes = changes(&create(offer));
    changes.into_iter().find(|change| change["ChangeType"] == kind).map(|change| change["DetailsDocument"].clone())
}

/// An offer with one field set.
fn with(mut offer: Value, field: &str, value: Value) -> Value {
    offer[field] = value;
    offer
}

fn automatic(fields: Value) -> Value {
    let mut renewal = json!({ "price_increase_percent": "4.5", "lockout_days": 30 });
    renewal.as_object_mut().unwrap().extend(fields.as_object().unwrap().clone());
    with(upfront(BUYER), "auto_renewal", renewal)
}

/// The offer, the change, and its details.
fn table() -> Vec<(Value, &'static str, Value)> {
    let card = |duration: &str, seats: &str, premium: &str| {
        json!({
            "Selector": { "Type": "Duration", "Value": duration },
            "RateCard": [{ "DimensionKey": "Seats", "Price": seats }, { "DimensionKey": "Premium", "Price": premium }],
            "Constraints": { "MultipleDimensionSelection": "Disallowed", "QuantityConfiguration": "Disallowed" },
        })
    };
    let renewal = |fields: Value| {
        let mut term = json!({
            "Type": "RenewalTerm", "LockoutPeriod": "P30D",
            "PriceIncrease": { "Type": "FixedPercentage", "Value": "4.50" },
        });
        term.as_object_mut().unwrap().extend(fields.as_object().unwrap().clone());
        json!({ "Terms": [term] })
    };
    let range = json!({
        "Type": "PercentageRange",
        "Range": { "MinValue": "1.50", "MaxValue": "8.50", "DefaultValue": "4.50" },
    });
    let bounds = json!({ "min_percent": "1.5", "max_percent": "8.5", "until_days": 60 });
    let in_days = json!([{ "after_days": 0, "percent": "33.34" }, { "after_days": 90, "percent": "66.66" }]);
    let templates = |schedule: Value| json!([{ "Type": "PaymentScheduleTermTemplate", "Schedule": schedule }]);
    vec![
        (
            tiers(BUYER),
            "UpdatePricingTerms",
            json!({ "PricingModel": "Contract", "Terms": [{
                "Type": "ConfigurableUpfrontPricingTerm", "CurrencyCode": "USD",
                "RateCards": [card("P12M", "1200.5", "2400.5"), card("P24M", "2000.5", "4000.5")],
            }] }),
        ),
        (
            with(upfront(BUYER), "refund_policy", json!("Within 30 days.")),
            "UpdateSupportTerms",
            json!({ "Terms": [{ "Type": "SupportTerm", "RefundPolicy": "Within 30 days." }] }),
        ),
        (
            containers(BUYER),
            "UpdateTargeting",
            json!({ "PositiveTargeting": { "BuyerAccounts": [BUYER], "CountryCodes": ["DE", "US"] } }),
        ),
        (
            with(upfront(BUYER), "payment_due_days", json!(120)),
            "UpdateNetPaymentTerms",
            json!({ "Terms": [{ "Type": "NetPaymentTerm", "PaymentDuePeriod": "P120D" }] }),
        ),
        (automatic(json!({})), "UpdateRenewalTerms", renewal(json!({}))),
        (automatic(json!({ "renewals_max": 3 })), "UpdateRenewalTerms", renewal(json!({ "MaxRenewals": 3 }))),
        (
            automatic(json!({ "adjustable": bounds })),
            "UpdateRenewalTerms",
            renewal(json!({ "AdjustmentDeadline": "P60D", "PriceIncrease": range })),
        ),
        (
            automatic(json!({ "instalments": in_days })),
            "UpdateRenewalTerms",
            renewal(json!({ "TermTemplates": templates(json!([
                { "ChargeDateOffset": "P0D", "ChargePercentage": "33.34" },
                { "ChargeDateOffset": "P90D", "ChargePercentage": "66.66" },
            ])) })),
        ),
        (
            renewing(BUYER),
            "UpdateRenewalTerms",
            renewal(json!({
                "AdjustmentDeadline": "P60D", "PriceIncrease": range, "MaxRenewals": 3,
                "TermTemplates": templates(json!([
                    { "ChargeDateOffset": "P1M", "ChargePercentage": "50.50", "DayOfMonth": 15 },
                    { "ChargeDateOffset": "P7M", "ChargePercentage": "49.50", "DayOfMonth": 15 },
                ])),
            })),
        ),
    ]
}

#[test]
fn each_term_is_sent_in_awss_words() {
    for (offer, kind, expected) in table() {
        assert_eq!(details(offer.clone(), kind), Some(expected), "{offer:#}");
    }
}

#[test]
fn what_is_not_stated_is_not_sent() {
    let kinds = ["UpdateSupportTerms", "UpdateNetPaymentTerms", "UpdateRenewalTerms", "UpdateValidityTerms"];
    for kind in kinds {
        assert_eq!(details(upfront(BUYER), kind), None, "{kind}");
    }
}

#[test]
fn countries_that_aws_cannot_take_are_refused_before_they_are_sent() {
    let except = with(upfront(BUYER), "countries", json!({ "except": ["FR"] }));
    let of_a_replacement = with(replacement(BUYER, "agmt-1"), "countries", json!({ "only": ["FR"] }));
    for offer in [except, of_a_replacement] {
        let refused = aws().plan(&call(1), &create(offer)).unwrap_err();
        assert!(matches!(&refused, Error::Rejected { field: Some(field), .. } if field == "/countries"), "{refused:?}");
    }
}

#[test]
fn a_released_offer_gets_another_duration_alone_or_with_a_name_in_one_set() {
    let amend = |name: Option<&str>| Write::AmendOffer {
        offer_id: "offer-1".to_owned(),
        name: name.map(str::to_owned),
        description: None,
        duration: Some("P700D".parse().unwrap()),
        expires_on: None,
    };
    let lasts = json!({ "Terms": [{ "Type": "ValidityTerm", "AgreementDuration": "P700D" }] });
    for (name, expected) in
        [(None, vec!["UpdateValidityTerms"]), (Some("N"), vec!["UpdateInformation", "UpdateValidityTerms"])]
    {
        let changes = changes(&amend(name));
        let kinds: Vec<&str> = changes.iter().map(|change| change["ChangeType"].as_str().unwrap()).collect();
        assert_eq!(kinds, expected);
        assert!(changes.iter().all(|change| change["Entity"]["Identifier"] == "offer-1"));
        assert_eq!(changes.last().unwrap()["DetailsDocument"], lasts);
    }
}

/// The offer as AWS would show it: what was sent, with its terms in one list.
fn as_released(offer: &Value) -> RemoteOffer {
    let sent = changes(&create(offer.clone()));
    let of =
        |kind: &str| sent.iter().find(|change| change["ChangeType"] == kind).map(|change| &change["DetailsDocument"]);
    let terms = sent.iter().filter_map(|change| change.pointer("/DetailsDocument/Terms")?.as_array());
    let mut targeting = of("UpdateTargeting").cloned().unwrap_or_else(|| json!({}));
    targeting["Type"] = json!("TargetingRule");
    let accounts = &targeting["PositiveTargeting"]["BuyerAccounts"];
    let (read, buyers) = (document(offer.clone()), serde_json::from_value(accounts.clone()).unwrap_or_default());
    RemoteOffer {
        id: "offer-1".to_owned(),
        revision: "1".to_owned(),
        state: RemoteOfferState::Released,
        name: Some(read.name.clone()),
        expires_on: Some(read.expires_on),
        buyers,
        document: json!({
            "Name": read.name, "Description": read.description, "ProductId": read.product.id,
            "Terms": terms.flatten().collect::<Vec<_>>(), "Rules": [targeting],
        }),
    }
}

fn fields(differences: Vec<Difference>) -> Vec<String> {
    differences.into_iter().map(|difference| difference.field).collect()
}

/// The offer, a field, another value of it, and the field that reads as different.
fn changed() -> Vec<(Value, &'static str, Value, &'static str)> {
    vec![
        (tiers(BUYER), "/pricing/contract/choose", json!("all"), "/pricing/contract"),
        (tiers(BUYER), "/pricing/contract/alternatives/0/duration", json!("P36M"), "/pricing/contract"),
        (
            tiers(BUYER),
            "/pricing/contract/alternatives/0/dimensions/1/unit_price",
            json!("4000.51"),
            "/pricing/contract",
        ),
        (tiers(BUYER), "/refund_policy", json!("None."), "/refund_policy"),
        (containers(BUYER), "/countries/only/1", json!("CA"), "/countries"),
        (hourly_or_yearly(BUYER), "/pricing/usage/dimensions/0/unit_price", json!("0.171"), "/pricing/usage"),
        (hourly_or_yearly(BUYER), "/pricing/contract/duration", json!("P366D"), "/pricing/contract"),
        (hourly_or_yearly(BUYER), "/term/duration", json!("P651D"), "/term"),
        (renewing(BUYER), "/auto_renewal/adjustable/max_percent", json!("9"), "/auto_renewal"),
        (renewing(BUYER), "/auto_renewal/instalments/0/day_of_month", json!(16), "/auto_renewal"),
        (renewing(BUYER), "/auto_renewal/renewals_max", json!(4), "/auto_renewal"),
        (renewing(BUYER), "/payment_due_days", json!(30), "/payment_due_days"),
    ]
}

#[test]
fn an_offer_reads_back_as_it_was_sent_and_every_other_term_is_a_difference() {
    for (kind, offer) in every_kind(BUYER).into_iter().chain(every_model(BUYER)) {
        assert_eq!(aws().differences(&document(offer.clone()), &as_released(&offer)), [], "{kind}");
    }
    for (offer, pointer, value, field) in changed() {
        let remote = as_released(&offer);
        let mut other = offer;
        *other.pointer_mut(pointer).unwrap_or_else(|| panic!("no {pointer}")) = value;
        assert_eq!(fields(aws().differences(&document(other), &remote)), [field], "{pointer}");
    }
}

#[test]
fn a_refund_policy_or_countries_that_only_one_side_has_differ_unless_aws_fills_them_in() {
    let plain = upfront(BUYER);
    let refunding = with(plain.clone(), "refund_policy", json!("Within 30 days."));
    let somewhere = with(plain.clone(), "countries", json!({ "only": ["DE"] }));
    let differ =
        |ours: &Value, theirs: &Value| fields(aws().differences(&document(ours.clone()), &as_released(theirs)));
    assert_eq!(differ(&refunding, &plain), ["/refund_policy"]);
    assert_eq!(differ(&plain, &refunding), [] as [&str; 0], "without a policy of its own an offer gets the product's");
    assert_eq!(differ(&somewhere, &plain), ["/countries"]);
    assert_eq!(differ(&plain, &somewhere), ["/countries"]);
}

#[test]
fn whether_another_duration_stands_is_read_from_the_offer() {
    let holds = |text: &str, remote: &RemoteOffer| {
        let duration = Some(text.parse().unwrap());
        let write = Write::AmendOffer {
            offer_id: "offer-1".to_owned(),
            name: None,
            description: None,
            duration,
            expires_on: None,
        };
        aws().holds(&write, remote, START.parse().unwrap())
    };
    let remote = as_released(&hourly_or_yearly(BUYER));
    assert_eq!((holds("P650D", &remote), holds("P651D", &remote)), (Some(true), Some(false)));
    let undated = as_released(&upfront(BUYER));
    assert_eq!(holds("P12M", &undated), Some(false));
    assert_eq!(undated.expires_on, Some(date(2031, 6, 30)));
}
