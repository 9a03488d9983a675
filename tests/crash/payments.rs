//! kill -9 around the send of a request for a payment, and around taking it back; answers that are lost: the buyer is asked once.

use entente_core::{chart::step::VOTE, ids::RunId};
use serde_json::{Value, json};

use crate::house::{
    House,
    sandbox::{NO_POLLING, Sandbox},
    selling::{connected, offer_id, submitted},
};

const REQUEST: &str = "marketplace.request_payment";
const WITHDRAW: &str = "marketplace.withdraw_payment";

/// An installation and an agreement under which payments may be asked for.
async fn payable(sandbox: &Sandbox) -> (House, String) {
    let house = connected(sandbox, NO_POLLING).await;
    let run = submitted(sandbox, &house, "A-1").await;
    let server = house.serve().await;
    house.approve(run).await;
    house.state(run, "published").await;
    let agreement = sandbox.accept(&offer_id(&house, run).await).await;
    server.stop().await;
    let term = json!({ "max_total_charge_amount": "5000.00" });
    sandbox.post(&format!("aws/agreements/{agreement}/variable-payment"), term).await;
    (house, agreement)
}

/// Asks for a payment and has finance approve it; nobody serves then, and its next step is to be sent.
async fn approved(house: &House, agreement: &str, key: &str) -> RunId {
    let server = house.serve().await;
    let ask = [
        "payment-request",
        "create",
        agreement,
        "--amount",
        "100.00 USD",
        "--name",
        "Onboarding day",
        "--connector",
        "aws/acme-us",
        "--key",
        key,
        "--wait",
        "60s",
    ];
    let label = house.command("ada", &ask).await.trim().to_owned();
    let rows = house.runs().await;
    let run = rows.iter().find(|row| row.snapshot.label == label).expect("it is stored").snapshot.run;
    let row = house.until(run, "finance is asked", |row| row.snapshot.approvals.is_some()).await;
    server.stop().await;
    let revision = row.snapshot.approvals.unwrap().subject.revision;
    let vote = json!({ "verdict": "approve", "reason": "", "revision": revision });
    house.tell(run, "finn", &format!("vote/{key}"), VOTE, vote).await;
    run
}

/// The payments that the marketplace was asked for.
async fn payments(sandbox: &Sandbox) -> Vec<Value> {
    sandbox.get("aws/agreement-requests").await["payments"].as_array().unwrap().clone()
}

/// Lets a process die where the trouble says, or loses the answer of an operation.
async fn strike(house: &House, sandbox: &Sandbox, trouble: &str, activity: &str, operation: &str) {
    if trouble == "lost" {
        sandbox.fault(json!({ "op": operation, "effect": "lose_answer", "times": 1 })).await;
    } else {
        house.serve_until(Some(&format!("{trouble}:{activity}"))).await.died().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn row_02_03_a_payment_whose_process_dies_or_whose_answer_is_lost_is_asked_for_once() {
    let sandbox = Sandbox::at_rate("60").await;
    let (house, agreement) = payable(&sandbox).await;
    let mut expected = 0;
    for trouble in ["K3", "K4", "K5", "K6", "lost"] {
        let run = approved(&house, &agreement, trouble).await;
        strike(&house, &sandbox, trouble, REQUEST, "SendAgreementPaymentRequest").await;
        let server = house.serve().await;
        let row = house.state(run, "asking").await;
        server.stop().await;
        expected += 1;
        let made = payments(&sandbox).await;
        assert_eq!(made.len(), expected, "after {trouble}: {made:#?}");
        let id = row.snapshot.context["change"]["id"].as_str().unwrap().to_owned();
        assert!(
            made.iter().any(|made| id.ends_with(made["id"].as_str().unwrap())),
            "the stored id is the marketplace's, after {trouble}: `{id}` in {made:#?}"
        );
    }
    house.verify().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn row_02_03_a_payment_request_is_taken_back_whatever_becomes_of_the_process_or_the_answer() {
    let sandbox = Sandbox::at_rate("60").await;
    let (house, agreement) = payable(&sandbox).await;
    for trouble in ["K3", "K4", "K5", "lost"] {
        let run = approved(&house, &agreement, trouble).await;
        let server = house.serve().await;
        house.state(run, "asking").await;
        server.stop().await;
        let reason = json!({ "reason": "billed elsewhere" });
        house.tell(run, "ada", &format!("withdraw/{trouble}"), "withdraw", reason).await;
        strike(&house, &sandbox, trouble, WITHDRAW, "CancelAgreementPaymentRequest").await;
        let server = house.serve().await;
        house.state(run, "cancelled").await;
        server.stop().await;
    }
    let made = payments(&sandbox).await;
    let statuses: Vec<&str> = made.iter().map(|made| made["status"].as_str().unwrap()).collect();
    assert_eq!(statuses, ["Cancelled"; 4], "{made:#?}");
    house.verify().await;
}
