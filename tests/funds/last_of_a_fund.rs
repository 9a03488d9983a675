//! Row 61: many requests on the last of a fund at once.

use entente_core::{context::funding::RequestPaper, ledger::Account};
use entente_store::RunRow;
use serde_json::json;

use crate::{
    papers,
    vendor::{Started, Vendor, accepted},
};

const FUND: &str = "emea-2027-h1";

/// Sixty-four requests of 30.00 are approved on the last 1,000.00 of a fund: thirty-three fit.
#[tokio::test(flavor = "multi_thread")]
async fn row_61_sixty_four_approvals_at_once_never_hold_more_than_the_fund_has_and_the_others_wait() {
    let vendor = Vendor::new().await;
    let _crew = vendor.crew(5).await;
    vendor.partner("nordlicht", &[]).await;
    let fund = vendor.fund(&papers::fund(&[("\"20000.00 EUR\"", "\"1000.00 EUR\""), ("starter@1", "open@1")])).await;
    let small = |number: usize| {
        papers::request(&[
            ("hamburg-breakfast", &format!("stand-{number}")),
            ("\"2000.00 EUR\"", "\"30.00 EUR\""),
            ("\"4000.00 EUR\"", "\"60.00 EUR\""),
            ("\"3000.00 EUR\"", "\"45.00 EUR\""),
            ("amount: \"1000.00 EUR\"", "amount: \"15.00 EUR\""),
        ])
    };
    let all: Vec<(&str, String)> = (0..64).map(|number| ("pia", small(number))).collect();
    let requests = vendor.submit::<RequestPaper>("REQ", &all).await;
    vendor.all_in(&requests, "approvals").await;

    // Each vote is written by itself, and all of them are under way at the same time.
    let mut votes = Vec::new();
    for request in &requests {
        votes.push(vendor.vote_message(vendor.actor("fay"), &vendor.row(request.run).await).await);
    }
    vendor.append_at_once(votes).await;

    let (mut granted, mut waiting) = (0, 0);
    for request in &requests {
        let decided = |state: &str| ["granted", "waiting_for_funds"].contains(&state);
        let row = vendor.until(request.run, "it is decided", |row| decided(&row.snapshot.state)).await;
        match row.snapshot.state.as_str() {
            "granted" => granted += 1,
            _ => {
                let sheet = vendor.sheet::<RequestPaper>(request.run).await;
                let why = sheet.refusal.expect("whoever loses is told why");
                assert_eq!(why.code.as_deref(), Some("ledger_refused"), "{why:?}");
                assert!(why.message.contains("EUR 10.00 free") && why.message.contains("EUR 30.00"), "{why:?}");
                waiting += 1;
            }
        }
    }
    assert_eq!((granted, waiting), (33, 31));
    assert_eq!(vendor.stands(FUND, Account::Reserved, None).await, 99_000);
    assert_eq!(vendor.stands(FUND, Account::Free, None).await, 1_000);

    // One is given up: what was held for it is free, and one of those that wait is granted when it asks again. What people
    // agreed to is not asked of them twice.
    let rows = vendor.runs("mdf_request").await;
    let in_state = |state: &str| rows.iter().find(|row| row.snapshot.state == state).unwrap().snapshot.run;
    let (given_up, tries_again) = (in_state("granted"), in_state("waiting_for_funds"));
    accepted(vendor.ask(vendor.actor("pia"), given_up, "cancel", json!({ "reason": "no room" })).await);
    assert_eq!(vendor.stands(FUND, Account::Free, None).await, 4_000);
    accepted(vendor.ask(vendor.actor("pia"), tries_again, "try_again", json!(null)).await);
    vendor.state(tries_again, "granted").await;
    assert_eq!(vendor.stands(FUND, Account::Free, None).await, 1_000);
    assert_eq!(vendor.row(fund.run).await.snapshot.state, "open");
    vendor.verify().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_waits_for_money_is_served_in_turn_and_a_small_request_does_not_slip_by() {
    let vendor = Vendor::new().await;
    let _crew = vendor.crew(3).await;
    vendor.partner("nordlicht", &[]).await;
    vendor.fund(&papers::fund(&[("\"20000.00 EUR\"", "\"2500.00 EUR\""), ("starter@1", "in-turn@1")])).await;
    let first = vendor.granted(&[("pia", papers::request(&[]))]).await.remove(0);

    // 500.00 are free: too little for the second request, enough for the third, which came later.
    let ask = async |number: usize, amount: &str| {
        let amount = format!("amount: \"{amount} EUR\"");
        let event = format!("stand-{number}");
        let text = papers::request(&[("hamburg-breakfast", &event), ("amount: \"2000.00 EUR\"", &amount)]);
        vendor.submit_one::<RequestPaper>("REQ", "pia", text).await
    };
    let second = ask(2, "1000.00").await;
    vendor.state(second.run, "held").await;
    let third = ask(3, "400.00").await;
    vendor.state(third.run, "held").await;
    let why = vendor.sheet::<RequestPaper>(third.run).await.refusal.unwrap();
    assert!(why.message.contains("goes to requests that wait longer (1)"), "{why:?}");
    vendor.pass_days(2).await;
    assert_eq!(vendor.stands(FUND, Account::Free, None).await, 50_000, "days do not change the turn");

    accepted(vendor.ask(vendor.actor("pia"), first.run, "cancel", json!({ "reason": "no room" })).await);
    for request in [&second, &third] {
        asks_within_days(&vendor, request).await;
        vendor.agree(std::slice::from_ref(request), &["fay"]).await;
        vendor.state(request.run, "granted").await;
    }
    assert_eq!(vendor.stands(FUND, Account::Reserved, None).await, 140_000);
    vendor.verify().await;
}

/// Waits until a request that is held asks for approval: it is looked at each day, and a look that was under way when the money
/// became free has not seen it.
async fn asks_within_days(vendor: &Vendor, request: &Started) {
    let looked_at = |row: &RunRow| row.snapshot.context["assessment"]["at"].clone();
    for _ in 0..4 {
        let asks = |row: &RunRow| row.snapshot.tags.iter().any(|tag| tag == "awaiting_approval");
        let held = |row: &RunRow| row.snapshot.state == "held";
        let row = vendor.until(request.run, "it is held, or asks", |row| held(row) || asks(row)).await;
        if asks(&row) {
            break;
        }
        vendor.pass_days(1).await;
        vendor.until(request.run, "it is looked at again", |now| looked_at(now) != looked_at(&row)).await;
    }
    vendor.asks(request.run).await;
}
