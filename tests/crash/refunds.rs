//! kill -9 around the send of a refund, and an answer that is lost: money goes back once.

use entente_core::chart::step::VOTE;
use serde_json::{Value, json};

use crate::house::{
    House,
    sandbox::{NO_POLLING, Sandbox},
    selling::{connected, offer_id, submitted},
};

const ADJUST: &str = "marketplace.adjust_billing";

/// What goes back each time, in minor units.
const AMOUNT: i64 = 10_000;

/// An installation and an agreement that was billed.
async fn billed(sandbox: &Sandbox) -> (House, String, String) {
    let house = connected(sandbox, NO_POLLING).await;
    let run = submitted(sandbox, &house, "A-1").await;
    let server = house.serve().await;
    house.approve(run).await;
    house.state(run, "published").await;
    let agreement = sandbox.accept(&offer_id(&house, run).await).await;
    let list = ["agreement", "invoices", &agreement, "--connector", "aws/acme-us", "--json"];
    let papers: Value = serde_json::from_str(&house.command("ada", &list).await).unwrap();
    let invoice = papers["invoices"][0]["id"].as_str().expect("it was billed on acceptance").to_owned();
    server.stop().await;
    (house, agreement, invoice)
}

/// Asks for a refund and has finance approve it; nobody serves then, and its next step is to be sent.
async fn approved(house: &House, agreement: &str, invoice: &str, key: &str) -> entente_core::ids::RunId {
    let server = house.serve().await;
    let ask = [
        "refund",
        "create",
        agreement,
        "--invoice",
        invoice,
        "--amount",
        "100.00 USD",
        "--reason",
        "incorrect_metering",
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

/// The refunds that the marketplace was asked for.
async fn adjustments(sandbox: &Sandbox) -> Vec<Value> {
    sandbox.get("aws/agreement-requests").await["adjustments"].as_array().unwrap().clone()
}

#[tokio::test(flavor = "multi_thread")]
async fn row_02_03_a_refund_whose_process_dies_or_whose_answer_is_lost_gives_the_money_back_once() {
    let sandbox = Sandbox::at_rate("60").await;
    let (house, agreement, invoice) = billed(&sandbox).await;
    let mut expected = 0;
    for trouble in ["K3", "K4", "K5", "K6", "lost"] {
        let run = approved(&house, &agreement, &invoice, trouble).await;
        if trouble == "lost" {
            let lose = json!({ "op": "BatchCreateBillingAdjustmentRequest", "effect": "lose_answer", "times": 1 });
            sandbox.fault(lose).await;
        } else {
            house.serve_until(Some(&format!("{trouble}:{ADJUST}"))).await.died().await;
        }
        let server = house.serve().await;
        let row = house.state(run, "refunded").await;
        server.stop().await;
        expected += 1;
        let made = adjustments(&sandbox).await;
        assert_eq!(made.len(), expected, "after {trouble}: {made:#?}");
        let id = row.snapshot.context["change"]["id"].as_str().unwrap().to_owned();
        let known = made.iter().any(|made| id.ends_with(made["id"].as_str().unwrap()));
        assert!(known, "the stored id is the marketplace's, after {trouble}: `{id}` in {made:#?}");
    }
    let list = ["agreement", "invoices", &agreement, "--connector", "aws/acme-us", "--json"];
    let papers: Value = serde_json::from_str(&house.command("ada", &list).await).unwrap();
    let memos = papers["invoices"].as_array().unwrap().iter().filter(|paper| paper["kind"] == "credit_memo");
    let back: i64 = memos.map(|memo| memo["amount"]["minor"].as_i64().unwrap()).sum();
    assert_eq!(back, AMOUNT * 5);
    house.verify().await;
}
