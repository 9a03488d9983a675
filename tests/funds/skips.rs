//! Row 77: no step of a paper's life is left out, whoever says so and however it is said.

use std::collections::BTreeSet;

use entente::workflows;
use entente_core::{
    chart::model::Chart,
    context::funding::{ClaimPaper, Item, Paper as _, PayoutPaper, load_with},
    ledger::Account,
};
use entente_store::Verdict;
use serde_json::{Value, json};

use crate::{
    papers,
    vendor::{Started, Vendor},
};

/// Every event that any paper has, with data that its own chart takes.
fn everything() -> Vec<(&'static str, Value)> {
    let money = json!({ "minor": 1_000, "currency": "EUR" });
    let because = json!({ "reason": "to see" });
    let about = |outcome: &str| json!({ "payout": "POR-2027-00009", "payee": "nordlicht", "outcome": outcome, "on": "2027-04-05" });
    let scheduled = json!({ "payout": "POR-2027-00009", "payee": "nordlicht" });
    let part = json!({ "payee": "nordlicht", "amount": money, "reason": "to see" });
    vec![
        ("submit", Value::Null),
        ("withdraw", because.clone()),
        ("cancel", because.clone()),
        ("try_again", Value::Null),
        ("claimed", json!({ "claim": "CLM-2027-00009", "amount": money, "closing": true })),
        ("schedule", scheduled.clone()),
        ("unschedule", scheduled),
        ("settle", about("paid")),
        ("settle", about("returned")),
        ("dispute", part.clone()),
        ("settle_dispute", json!({ "payee": "nordlicht", "granted": money, "reason": "to see" })),
        ("resolve_dispute", json!({ "payee": "nordlicht", "granted": money, "reason": "to see" })),
        ("claw_back", part),
        ("recovered", json!({ "amount": money, "how": "paid" })),
        ("answered", json!({ "answers": { "POR-2027-00009-0001": { "outcome": "paid", "on": "2027-04-05" } } })),
        ("change", json!({ "reason": "to see", "amount": money })),
        ("close", because.clone()),
        ("reinstate", because.clone()),
        ("suspend", because.clone()),
        ("leave", because),
        ("change_bank", json!({ "sha256": "0".repeat(64), "shown": "GB…5555" })),
        ("confirm_bank", json!({ "sha256": "0".repeat(64) })),
        ("approval.vote", json!({ "verdict": "approve", "reason": "", "revision": "0".repeat(64) })),
        // What only the installation itself may say.
        ("pay", Value::Null),
        ("paid", Value::Null),
        ("granted", Value::Null),
        ("ledger.refused", json!({ "reason": "to see" })),
    ]
}

/// Everything that a run's state does not await is put straight into its inbox: each is refused, and nothing has changed.
async fn takes_nothing_else(vendor: &Vendor, charts: &[Chart], paper: &Started) {
    let before = vendor.row(paper.run).await;
    let chart = charts.iter().find(|chart| chart.name == before.snapshot.chart.name).unwrap();
    let awaited: BTreeSet<&String> = chart.state(&before.snapshot.state).unwrap().on.keys().collect();
    let mut sent = Vec::new();
    for (event, data) in everything() {
        if event == "ledger.refused" || !awaited.contains(&event.to_owned()) {
            let message = vendor.sender(vendor.actor("mia")).await.named(paper.run, event, data);
            sent.push((event, message));
        }
    }
    vendor.append(sent.iter().map(|(_, message)| message.clone()).collect()).await;
    for (event, message) in &sent {
        let verdict = vendor.verdict(&message.event.id).await;
        let (state, label) = (&before.snapshot.state, &paper.label);
        assert!(
            matches!(verdict, Verdict::Refused { .. } | Verdict::Noted { .. }),
            "{event} in `{state}` of {label}: {verdict:?}"
        );
    }
    assert_eq!(vendor.row(paper.run).await.snapshot, before.snapshot, "{}", paper.label);
}

#[tokio::test(flavor = "multi_thread")]
async fn row_77_whatever_a_state_does_not_await_is_refused_and_changes_nothing() {
    let charts = workflows::charts().unwrap();
    let vendor = Vendor::new().await;
    let _crew = vendor.crew(3).await;
    let partner = vendor.partner("nordlicht", &[]).await;
    let fund = vendor.fund(&papers::fund(&[])).await;
    vendor.pass_days(6).await;
    let request =
        vendor.submit_one::<entente_core::context::funding::RequestPaper>("REQ", "pia", papers::request(&[])).await;
    vendor.state(request.run, "approvals").await;
    for paper in [&partner, &fund, &request] {
        takes_nothing_else(&vendor, &charts, paper).await;
    }
    vendor.agree(std::slice::from_ref(&request), &["fay"]).await;
    vendor.state(request.run, "granted").await;
    takes_nothing_else(&vendor, &charts, &request).await;

    vendor.pass_days(20).await;
    let claim = vendor.claimed(&[("pia", papers::claim(&request.label, 1, &[]))]).await.remove(0);
    takes_nothing_else(&vendor, &charts, &claim).await;
    pays_nothing_of(&vendor, &claim, 200_000).await;

    vendor.agree(std::slice::from_ref(&claim), &["vera", "finn"]).await;
    vendor.state(claim.run, "payable").await;
    takes_nothing_else(&vendor, &charts, &claim).await;
    // More than is owed, or out of another fund, is as little paid as what is not approved.
    pays_nothing_of(&vendor, &claim, 200_001).await;

    let run = vendor.payout(&papers::payout(&[])).await;
    vendor.state(run.run, "approvals").await;
    takes_nothing_else(&vendor, &charts, &run).await;
    takes_nothing_else(&vendor, &charts, &claim).await;
    vendor.agree(std::slice::from_ref(&run), &["tess", "flo"]).await;
    vendor.state(run.run, "sent").await;
    takes_nothing_else(&vendor, &charts, &run).await;
    assert_eq!(vendor.stands("emea-2027-h1", Account::Paid, None).await, 0, "the bank has not said so");
    vendor.verify().await;
}

/// A run that names a payable of a claim by hand gathers nothing, and the claim stands where it stood.
async fn pays_nothing_of(vendor: &Vendor, claim: &Started, minor: i64) {
    let before = vendor.sheet::<ClaimPaper>(claim.run).await;
    let state = vendor.row(claim.run).await.snapshot.state;
    let mut paper: PayoutPaper = load_with("payout", &papers::payout(&[]), |_| Ok(())).unwrap();
    paper.items = vec![Item {
        claim: claim.label.clone(),
        payee: "nordlicht".parse().unwrap(),
        fund: "emea-2027-h1".parse().unwrap(),
        amount: serde_json::from_value(json!({ "minor": minor, "currency": "EUR" })).unwrap(),
        netted: Vec::new(),
        withheld: None,
    }];
    paper.check().unwrap();
    let (messages, run) = vendor.drafted("POR", &[("paula", paper)]).await;
    vendor.append(messages).await;
    vendor.state(run[0].run, "withdrawn").await;
    let course = vendor.sheet::<PayoutPaper>(run[0].run).await.course;
    assert!(course.items.is_empty() && course.left_out.len() == 1 && course.file.is_none(), "{course:?}");
    let after = vendor.sheet::<ClaimPaper>(claim.run).await;
    assert_eq!((&after.course, vendor.row(claim.run).await.snapshot.state), (&before.course, state));
}
