//! The context of version 1: how it is stored, what it refuses, what it says about itself.

use entente_core::{
    context::{
        ContextType,
        private_offer::{PrivateOffer, PrivateOfferContext},
    },
    event::{Actor, Body, Event},
    offer::Offer,
};
use jiff::{
    Timestamp,
    civil::{Date, date},
};
use serde_json::{Value, json};

use super::{tell, values};
use crate::offer::offer;

/// What a run stored under version 1 looks like; runs of years ago still must be read.
const GOLDEN: &str = include_str!("context.v1.json");

/// The same with every field that there is.
const FULL: &str = include_str!("context.v1.full.json");

/// The same with the fields that documents of version 1 gained later. Those that came before them are read as they were.
const CHOICES: &str = include_str!("context.v1.choices.json");

#[test]
fn a_context_of_version_1_is_read_and_written_as_it_was() {
    for text in [GOLDEN, FULL, CHOICES] {
        let stored: Value = serde_json::from_str(text).unwrap();
        let upcast = PrivateOfferContext.upcast(1, stored.clone()).unwrap();
        assert_eq!(PrivateOfferContext.schema().fits(&upcast), Ok(()), "conditions find what they look at");
        let typed: PrivateOffer = serde_json::from_value(upcast).unwrap_or_else(|error| panic!("{error}"));
        assert_eq!(serde_json::to_value(&typed).unwrap(), stored);
    }
    assert_eq!(PrivateOfferContext.version(), 1, "a new version needs an upcaster and a golden file of its own");
}

#[test]
fn the_stories_still_end_in_the_stored_form() {
    let told = tell("accepted.yaml");
    let written = serde_json::to_string_pretty(&told.snapshot.context).unwrap() + "\n";
    if std::env::var_os("UPDATE_GOLDEN").is_some() {
        let path = format!("{}/tests/it/private_offer/context.v1.json", env!("CARGO_MANIFEST_DIR"));
        std::fs::write(path, &written).unwrap();
    }
    assert_eq!(serde_json::from_str::<Value>(GOLDEN).unwrap(), told.snapshot.context);
}

#[test]
fn a_version_from_the_future_is_refused() {
    assert!(PrivateOfferContext.upcast(2, json!({})).unwrap_err().message.contains("no version 2"));
}

#[test]
fn the_facts_of_the_scenarios_are_about_their_documents() {
    let values = values();
    let document = |name: &str| Offer::from_json(&values[name]).unwrap_or_else(|error| panic!("{name}: {error}"));
    let other_account = |day: Date| {
        let mut offer = document("contract");
        offer.buyer.accounts = vec!["111122224444".to_owned()];
        offer.expires_on = day;
        offer
    };
    let pairs = [
        ("contract_facts", document("contract")),
        ("reissued_facts", other_account(date(2027, 1, 31))),
        ("reissued_later_facts", other_account(date(2027, 2, 28))),
        ("steep_facts", document("steep")),
        ("steep_relicensed_facts", document("steep_relicensed")),
    ];
    let stated =
        pairs.each_ref().map(|(name, _)| (*name, values[*name]["revision"].as_str().unwrap_or_default().to_owned()));
    assert_eq!(
        stated,
        pairs.map(|(name, offer)| (name, offer.revision().hash)),
        "the facts need the documents' present hashes"
    );
}

/// An event, its data, and the words of its refusal.
fn refused() -> Vec<(&'static str, Value, &'static str)> {
    let values = values();
    let facts = |field: &str, value: Value| {
        let mut facts = values["contract_facts"].clone();
        facts[field] = value;
        json!({ "facts": facts })
    };
    let revise = |facts: &str| json!({ "offer": values["contract"], "facts": values[facts] });
    let mut unknown = values["contract"].clone();
    unknown["surprise"] = json!(1);
    let mut wrong_value = values["contract_facts"].clone();
    wrong_value["value_minor"] = json!(1);
    vec![
        ("submit", json!({}), "`facts` is missing; add it (field `/facts`)"),
        ("submit", facts("value_minor", json!(-1)), "negative"),
        ("submit", facts("cumulative_value_12m_minor", json!(1)), "less than the offer's own value"),
        ("submit", facts("seller_zone", json!("Mars/Olympus")), "IANA"),
        ("submit", facts("discount_bp", json!(12.5)), "floating-point number"),
        ("submit", facts("currency", json!("XX")), "ISO 4217"),
        ("revise", json!({ "offer": unknown }), "unknown field `surprise`"),
        ("revise", revise("steep_facts"), "another revision"),
        ("revise", json!({ "offer": values["contract"], "facts": wrong_value }), "not the document's"),
        ("withdraw", json!({ "reason": " " }), "empty"),
        ("withdraw", json!({ "because": "x" }), "unknown field `because`"),
        ("extend", json!({ "expires_on": "soon", "last_moment": "2027-01-01T00:00:00Z" }), "field `/expires_on`"),
        ("reissue", json!({ "account": "", "facts": values["contract_facts"] }), "empty"),
        ("offer.accepted", json!({ "agreement_id": "", "accepted_at": "2027-01-01T00:00:00Z" }), "empty"),
        ("agreement.ended", json!({ "agreement_id": "a", "status": "active" }), "say how it ended"),
        (
            "agreement.ended",
            json!({ "agreement_id": "a", "status": "gone" }),
            "none of the values allowed here: active, ",
        ),
        ("agreement.renewed", json!({ "agreement_id": "a", "renewed_by": "" }), "empty"),
        ("note", json!({ "text": "" }), "empty"),
        ("dance", json!({}), "no event `dance`"),
    ]
}

#[test]
fn wrong_data_never_enters_the_inbox() {
    for (event, data, words) in refused() {
        let error =
            PrivateOfferContext.check(event, &data).err().unwrap_or_else(|| panic!("`{event}` {data} was accepted"));
        assert!(error.to_string().contains(words), "`{event}`: {error}");
    }
}

#[test]
fn every_event_of_the_schema_is_checked_and_nothing_else_is_known() {
    for name in PrivateOfferContext.events().keys() {
        let error = PrivateOfferContext.check(name, &json!({ "nonsense": 1 })).unwrap_err();
        assert!(!error.message.contains("no event"), "`{name}`: {error}");
    }
}

fn typed(name: &str) -> PrivateOffer {
    PrivateOffer::new(offer(name), "OFR-2027-00001")
}

#[test]
fn without_current_figures_policy_assumes_the_worst() {
    let facts = typed("offer-contract.yaml").policy_facts();
    assert_eq!(facts["discount_bp"], json!(10_000));
    assert_eq!((&facts["list_known"], &facts["eula_approved"]), (&json!(false), &json!(false)));
    assert_eq!(facts["value_minor"], json!(18_000_000));
}

#[test]
fn policy_is_told_of_the_dearest_and_the_longest_that_the_buyer_may_choose() {
    let facts = typed("offer-tiers.yaml").policy_facts();
    assert_eq!((&facts["value_minor"], &facts["annualised_minor"]), (&json!(6_400_000), &json!(3_400_000)));
    assert_eq!(facts["term_months"], json!(24));
}

#[test]
fn a_run_is_found_by_its_reference_its_remote_ids_and_its_references_elsewhere() {
    let told = tell("accepted.yaml");
    let keys: Vec<String> = PrivateOfferContext
        .keys(&told.snapshot.context)
        .into_iter()
        .map(|key| format!("{} {}", key.kind, key.value))
        .collect();
    assert_eq!(keys, ["reference SCENARIO-1", "offer aws/offer-1", "agreement aws/agmt-1"]);
    let fresh = PrivateOfferContext.init(&offer("offer-contract.yaml").to_json(), "L", Timestamp::UNIX_EPOCH).unwrap();
    let kinds: Vec<String> = PrivateOfferContext.keys(&fresh).into_iter().map(|key| key.kind).collect();
    assert_eq!(kinds, ["reference", "ref.crm_opportunity", "ref.quote"]);
}

#[test]
fn the_last_moment_is_shown_on_three_clocks() {
    let told = tell("accepted.yaml");
    let context: PrivateOffer = serde_json::from_value(told.snapshot.context).unwrap();
    let shown: Vec<String> =
        context.expiry_in_zones().into_iter().map(|(party, text)| format!("{party}: {text}")).collect();
    assert_eq!(
        shown,
        [
            "marketplace: 2027-02-01 00:00:00 +00:00 UTC",
            "seller: 2027-01-31 19:00:00 -05:00 America/New_York",
            "buyer: 2027-01-31 19:00:00 -05:00 America/New_York",
        ]
    );
}

#[test]
fn an_extension_must_keep_what_was_approved() {
    let mut context = typed("offer-instalments.yaml");
    let until = |day: &str| entente_core::context::private_offer::Expiry {
        last_day: day.parse().unwrap(),
        last_moment: format!("{day}T23:59:59Z").parse().unwrap(),
    };
    assert!(context.extension_refused(&until("2027-04-01")).unwrap().contains("not been submitted"));
    context.expiry = Some(until("2027-03-17"));
    assert!(context.extension_refused(&until("2027-03-17")).unwrap().contains("not after the present last day"));
    assert_eq!(context.extension_refused(&until("2028-03-14")), None);
    assert!(context.extension_refused(&until("2028-03-15")).unwrap().contains("more than one instalment"));
}

#[test]
fn an_unreadable_context_parks_the_run_instead_of_answering() {
    let event = Event {
        source: "t".into(),
        id: "1".into(),
        actor: None::<Actor>,
        body: Body::Named { name: "note".into(), data: Value::Null },
    };
    let broken = json!({ "label": 1 });
    assert!(PrivateOfferContext.guard("facts_current", &broken, &event, Timestamp::UNIX_EPOCH).is_err());
    assert!(PrivateOfferContext.deadline("offer.expiry", &broken).is_err());
    assert!(PrivateOfferContext.request("offer.preflight", &broken).is_err());
}
