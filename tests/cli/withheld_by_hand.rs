//! In shadow mode, what would have been sent is compared with what people did at the marketplace in its place.

use entente_core::offer::Offer;
use entente_port::{CallContext, Marketplace as _, StepKey, Write};
use serde_json::json;

use crate::{
    installation::Installation,
    withheld::{CONFIG, approved, grant, held, listed, marketplace},
};

const BUYER: &str = "111122223333";

/// Somebody makes an offer in the portal, and its buyer accepts.
fn by_hand(installation: &Installation, changes: &[(&str, &str)]) -> String {
    let path = installation.offer("by-hand.yaml", changes);
    let text = std::fs::read_to_string(path).unwrap();
    let offer = Offer::from_yaml("by-hand.yaml", &text).unwrap();
    let fake = marketplace(installation);
    let run = entente_core::ids::RunId(uuid::Uuid::now_v7());
    let key = StepKey { run, invoke: "1.0".parse().unwrap(), label: "PORTAL".into() };
    let call = CallContext { token: uuid::Uuid::now_v7(), key };
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(fake.submit(&call, &Write::CreateOffer { offer: Box::new(offer) })).unwrap();
    let made = fake.applied().last().unwrap().object_id.clone();
    fake.accept(&made, BUYER).unwrap();
    made
}

#[test]
fn an_offer_made_by_hand_is_told_from_one_that_differs_and_from_none() {
    let installation = Installation::served_with(CONFIG);
    grant(&installation, &["mode", "shadow"]);
    let label = approved(&installation, "ACME-1");
    held(&installation, &label);
    assert_eq!(listed(&installation, &label).unwrap()["meanwhile"], "not_there");

    // Another price is another deal.
    let dearer = by_hand(&installation, &[("900.00", "950.00")]);
    let row = listed(&installation, &label).unwrap();
    assert_eq!(
        (&row["meanwhile"], &row["differences"][0]["field"]),
        (&json!("differs"), &json!("/pricing")),
        "{row:#}"
    );
    assert!(row["object"].as_str().unwrap().contains(&dearer), "{row:#}");

    // The same buyer, product and price is the same deal, whatever it is called.
    let same = by_hand(&installation, &[("name: Platform for Globex", "name: Globex, as agreed on the phone")]);
    let row = listed(&installation, &label).unwrap();
    assert_eq!(row["meanwhile"], "done_by_hand", "{row:#}");
    assert!(row["object"].as_str().unwrap().contains(&same), "{row:#}");
    let said = installation.run(&["connector", "withheld", "fake/acme-us"]).ok().data;
    assert!(said.contains(&format!("done by hand: offer {same}")), "{said}");

    // One offer by hand stands for one of ours; the other one is still to be made, or the dearer one is it.
    let second = approved(&installation, "ACME-2");
    held(&installation, &second);
    assert_eq!(listed(&installation, &second).unwrap()["meanwhile"], "not_there", "what was accepted before is not it");

    // Whoever has seen it says so, and the run goes on with the offer that stands.
    let happened = json!({ "offer_id": same }).to_string();
    let resolve = ["incident", "resolve", &label, "--happened", &happened, "--reason", "made in the portal"];
    installation.act("oz", &resolve).ok();
    let offer = installation.until_it(&label, "past its creation", |offer| offer["state"] != "creating");
    assert_eq!(offer["remote"]["offer_id"], same.as_str(), "{offer:#}");
    let sent = marketplace(&installation).applied().iter().filter(|applied| applied.key.label != "PORTAL").count();
    assert_eq!(sent, 0, "nothing of ours was sent");
}

#[test]
fn nothing_is_compared_outside_shadow_mode() {
    let installation = Installation::served_with(CONFIG);
    let label = approved(&installation, "ACME-1");
    held(&installation, &label);
    assert_eq!(listed(&installation, &label).unwrap().get("meanwhile"), None);
    assert_eq!(installation.run(&["connector", "withheld", "no/such"]).code, 3);
}
