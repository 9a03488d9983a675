//! The early end of an agreement: our people decide, then the buyer, and the offer hears of it from the marketplace.

use serde_json::{Value, json};

use crate::{
    after_sale::{World, word},
    installation::a_moment,
    sandbox::pass,
};

/// Asks for the early end, and has sales and finance agree where they are asked; the label.
fn asked(world: &World) -> String {
    let cancel =
        ["agreement", "cancel", &world.agreement, "--reason", "replaced-by-another", "--justification", "the upsell"];
    let label = world.installation.act("mia", &cancel).ok().data.trim().to_owned();
    let request = world.until("cancellation", &label, "approvals");
    let revision = word(&request["revision"]);
    for asked in request["approvals"].as_array().unwrap() {
        let person = if asked["role"] == "cfo" { "carl" } else { "sue" };
        world
            .installation
            .act(person, &["approve", &label, "--revision", &revision, "--row", &word(&asked["row"])])
            .ok();
    }
    label
}

#[test]
fn a_buyer_who_stays_silent_for_a_week_has_agreed_and_the_offer_ends() {
    let world = World::accepted();
    let dry = ["agreement", "cancel", &world.agreement, "--reason", "other", "--description", "as agreed", "--dry-run"];
    let said = world.installation.act("mia", &dry).ok();
    assert!(said.data.contains(&world.agreement), "{said:?}");
    assert_eq!(world.installation.run(&["cancellation", "list", "--ended"]).ok().data, "", "nothing was written");
    assert_eq!(world.installation.act("carl", &["agreement", "cancel", &world.agreement, "--reason", "test"]).code, 4);

    let label = asked(&world);
    assert_eq!(label, "CAN-2027-00001");
    let asking = world.until("cancellation", &label, "asking");
    assert_eq!(asking["waiting_on"], "buyer");
    let second = world.installation.act("dan", &["agreement", "cancel", &world.agreement, "--reason", "test"]);
    assert!(second.code == 5 && second.words.contains("key_taken"), "one request at a time: {second:?}");
    let late = world.installation.act("mia", &["cancellation", "withdraw", &label, "--reason", "no longer"]);
    assert_eq!(late.code, 5, "the buyer has it: {late:?}");

    // Days in which the buyer says nothing are no reason to ask for a person.
    let polls = || world.sandbox.get("/aws/requests")["counters"]["GetAgreementCancellationRequest"].as_u64();
    let before = polls();
    world.sandbox.advance("P5D");
    while polls() == before {
        a_moment();
    }
    let asking = world.until_it("cancellation", &label, |request| request["answer_by"].is_string());
    assert_eq!((&asking["state"], &asking["incident"]), (&json!("asking"), &Value::Null));

    world.sandbox.advance("P3D");
    let done = world.until("cancellation", &label, "cancelled");
    assert!(done["applied_at"].is_string(), "{done:#}");
    let offer = pass(&world.sandbox, &world.installation, &world.offer, "ended");
    assert_eq!(offer["agreements"][&world.agreement]["status"], "cancelled");
    assert_eq!(world.requests("cancellations").len(), 1);
    let over = world.installation.act("mia", &["agreement", "cancel", &world.agreement, "--reason", "test"]);
    assert!(over.code == 2 && over.words.contains("no longer in force"), "{over:?}");
}

#[test]
fn a_buyer_who_says_no_keeps_the_agreement() {
    let world = World::accepted();
    let label = asked(&world);
    world.until("cancellation", &label, "asking");
    let request = &world.requests("cancellations")[0];
    let answer = json!({ "approve": false, "reason": "we want to keep it" });
    world.sandbox.post(&format!("/aws/agreement-requests/{}/answer", word(&request["id"])), &answer);
    world.sandbox.advance("PT1H");
    let rejected = world.until("cancellation", &label, "rejected");
    assert!(word(&rejected["refusal"]["message"]).contains("we want to keep it"), "{rejected:#}");
    assert_eq!(world.installation.show(&world.offer)["state"], "active");
    let list = world.installation.run(&["agreement", "list", "--json"]).ok().json();
    assert_eq!((&list[0]["id"], &list[0]["status"]), (&json!(world.agreement), &json!("active")));
}

#[test]
fn a_request_is_taken_back_before_it_is_sent() {
    let world = World::accepted();
    let cancel = ["agreement", "cancel", &world.agreement, "--reason", "test"];
    let label = world.installation.act("mia", &cancel).ok().data.trim().to_owned();
    world.until("cancellation", &label, "approvals");
    world.installation.act("mia", &["cancellation", "withdraw", &label, "--reason", "the wrong one"]).ok();
    world.until("cancellation", &label, "withdrawn");
    assert_eq!(world.requests("cancellations"), Vec::<Value>::new());
    // And nothing keeps anybody from asking again.
    let again = world.installation.act("mia", &cancel).ok().data.trim().to_owned();
    assert_eq!(again, "CAN-2027-00002");
}
