//! Money that is likely to lapse is given back, passed on or given more time: as one transfer that people agree to.

use entente_core::{
    context::funding::FundPaper,
    ledger::{Account, PostingAction},
    money::Money,
};
use serde_json::{Value, json};

use crate::{
    papers,
    vendor::{Started, Vendor, accepted},
};

const FROM: &str = "emea-2027-h1";
const TO: &str = "emea-2027-h2";

fn eur(minor: i64) -> Money {
    Money { minor, currency: "EUR".parse().unwrap() }
}

/// A fund of 2,000.00 EUR out of the same budget, all of which is held for a request until December.
async fn short_of_money(vendor: &Vendor) -> Started {
    let changes = [(FROM, TO), ("\"20000.00 EUR\"", "\"2000.00 EUR\""), ("until: 2027-06-30", "until: 2027-12-01")];
    let fund = vendor.fund(&papers::fund(&changes)).await;
    vendor.granted(&[("pia", papers::request(&[(FROM, TO), ("hamburg-breakfast", "other")]))]).await;
    fund
}

/// The fund that has 20,000.00 EUR, none of it used.
async fn rich(vendor: &Vendor) -> Started {
    let row = vendor.runs("fund_period").await.into_iter().next().unwrap();
    Started { run: row.snapshot.run, label: row.snapshot.label }
}

async fn ask(vendor: &Vendor, fund: &Started, more: &[&str]) -> crate::vendor::Said {
    let fixed = ["--reason", "it would lapse", "--wait", "60s"];
    let args: Vec<&str> =
        ["fund", "sweep", "ask", &fund.label].into_iter().chain(more.iter().copied()).chain(fixed).collect();
    vendor.run("mia", &args).await
}

/// Why the change that was asked for last did not get through; the fund is open again then.
async fn refusal(vendor: &Vendor, fund: &Started) -> String {
    let refused = |row: &entente_store::RunRow| {
        row.snapshot.state == "open" && row.snapshot.context["refusal"].as_object().is_some()
    };
    vendor.until(fund.run, "the change is refused", refused).await;
    vendor.sheet::<FundPaper>(fund.run).await.refusal.unwrap().message
}

async fn given(vendor: &Vendor, fund: &str) -> i64 {
    -vendor.stands(fund, Account::Allocated, None).await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_transfer_is_one_booking_on_both_funds_and_the_other_fund_keeps_it_when_it_is_changed_itself() {
    let (vendor, _crew) = Vendor::open().await;
    let (from, to) = (rich(&vendor).await, short_of_money(&vendor).await);
    let proposal = vendor.run("mia", &["fund", "sweep", "propose", &from.label, "--json"]).await.json();
    let ways: Vec<(&str, i64)> = proposal["ways"]
        .as_array()
        .unwrap()
        .iter()
        .map(|way| (way["do"].as_str().unwrap(), way["amount"]["minor"].as_i64().unwrap()))
        .collect();
    assert_eq!(ways, [("release", 2_000_000), ("reallocate", 2_000_000), ("extend", 2_000_000)]);
    assert_eq!((&proposal["owner"], &proposal["ways"][1]["to"]), (&Value::from("ada"), &Value::from(TO)));
    let before = vendor.entries().await.len();

    let five = ["reallocate", "--to", TO, "--amount", "5000.00 EUR"];
    ask(&vendor, &from, &five).await.ok();
    vendor.asks(from.run).await;
    assert_eq!(vendor.entries().await.len(), before, "nothing moves before people agree");
    // While that is undecided, the other fund is neither closed nor changed.
    let close = vendor.run("mia", &["fund", "close", &to.label, "--reason", "done"]).await;
    close.refused(5, "is about to pass money on to");
    accepted(vendor.ask(vendor.actor("mia"), to.run, "change", json!({ "amount": eur(300_000), "reason": "x" })).await);
    assert!(refusal(&vendor, &to).await.contains("is about to pass money on to this fund"));
    vendor.agree(std::slice::from_ref(&from), &["finn"]).await;
    vendor.state(from.run, "open").await;

    let entries = vendor.entries().await;
    let moved: Vec<_> = entries[before..].iter().map(|entry| (entry.run, entry.seq, entry.posting.action)).collect();
    let (run, seq) = (from.run, moved[0].1);
    let expected = [PostingAction::Withdraw, PostingAction::Withdraw, PostingAction::Allocate, PostingAction::Allocate];
    assert_eq!(moved, expected.map(|action| (run, seq, action)), "both sides of both, in one step of one run");
    assert_eq!((given(&vendor, FROM).await, given(&vendor, TO).await), (1_500_000, 700_000));
    let shown = vendor.run("mia", &["fund", "show", &to.label, "--json"]).await.json();
    assert_eq!(shown["co_funding"], serde_json::json!([]), "no marketplace pays beside it");
    assert_eq!(shown["course"]["allocated"]["minor"], 700_000);

    // More time for the other fund is no reason to take from it what it was given; an amount is one in all.
    for (change, kept) in [(json!({ "until": "2027-12-15" }), 700_000), (json!({ "amount": eur(800_000) }), 800_000)] {
        let mut data = change.clone();
        data["reason"] = json!("it goes well");
        accepted(vendor.ask(vendor.actor("mia"), to.run, "change", data).await);
        vendor.agree(std::slice::from_ref(&to), &["finn"]).await;
        vendor.state(to.run, "open").await;
        assert_eq!(given(&vendor, TO).await, kept, "{change}");
        assert_eq!(vendor.sheet::<FundPaper>(to.run).await.course.allocated, Some(eur(kept)));
    }
    vendor.verify().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_proposal_is_refused_once_the_money_has_moved_before_people_agree_or_before_it_is_looked_at() {
    let (vendor, _crew) = Vendor::open().await;
    let from = rich(&vendor).await;
    ask(&vendor, &from, &["release", "--amount", "19000.00 EUR"]).await.ok();
    vendor.asks(from.run).await;
    vendor.granted(&[("pia", papers::request(&[]))]).await;
    vendor.agree(std::slice::from_ref(&from), &["finn"]).await;
    let why = refusal(&vendor, &from).await;
    assert!(why.contains("has EUR 18,000.00 free and EUR 19,000.00 is asked for"), "{why}");
    assert_eq!(given(&vendor, FROM).await, 2_000_000, "nothing is half booked");

    // Of another sum than what has been given, and more than is free.
    let stale = json!({ "amount": eur(100_000), "given": eur(1_900_000), "reason": "x" });
    accepted(vendor.ask(vendor.actor("mia"), from.run, "change", stale).await);
    assert!(refusal(&vendor, &from).await.contains("had been given EUR 19,000.00 when this was proposed"));
    let beyond = json!({ "amount": eur(100_000), "given": eur(2_000_000), "reason": "x" });
    accepted(vendor.ask(vendor.actor("mia"), from.run, "change", beyond).await);
    let beyond = |row: &entente_store::RunRow| {
        row.snapshot.context["refusal"]["message"].to_string().contains("would be given up")
    };
    vendor.until(from.run, "more than is free is refused", beyond).await;

    // What is left of it may be released, and the last day moved.
    ask(&vendor, &from, &["release", "--amount", "1000.00 EUR"]).await.ok();
    vendor.agree(std::slice::from_ref(&from), &["finn"]).await;
    let less = |row: &entente_store::RunRow| {
        row.snapshot.state == "open" && row.snapshot.context["paper"]["amount"]["minor"] == 1_900_000
    };
    vendor.until(from.run, "it has less", less).await;
    assert_eq!(given(&vendor, FROM).await, 1_900_000);
    ask(&vendor, &from, &["extend", "--until", "2028-01-01"]).await.refused(2, "which ends on 2027-12-31");
    ask(&vendor, &from, &["extend"]).await.ok();
    vendor.agree(std::slice::from_ref(&from), &["finn"]).await;
    let longer = |row: &entente_store::RunRow| {
        row.snapshot.state == "open" && row.snapshot.context["paper"]["until"] == "2027-12-31"
    };
    vendor.until(from.run, "it lasts longer", longer).await;
    assert_eq!(given(&vendor, FROM).await, 1_900_000);
    vendor.verify().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn money_is_passed_on_to_an_open_fund_alone_that_is_alike_lasts_and_has_room() {
    let (vendor, _crew) = Vendor::open().await;
    let from = rich(&vendor).await;
    vendor.fund(&papers::fund_in("USD")).await;
    let soon =
        [(FROM, "ends-soon"), ("\"20000.00 EUR\"", "\"100.00 EUR\""), ("until: 2027-06-30", "until: 2027-03-20")];
    vendor.fund(&papers::fund(&soon)).await;
    let full =
        [(FROM, "full"), ("name: emea-2027, amount: \"100000.00 EUR\"", "name: small, amount: \"20000.00 EUR\"")];
    vendor.fund(&papers::fund(&full)).await;
    let told = [
        (FROM, "fund `emea-2027-h1` cannot be given money by `emea-2027-h1`; choose another open fund"),
        ("emea-usd", "fund `emea-usd` cannot be given money by"),
        ("ends-soon", "ends on 2027-03-20, before people have had time to agree"),
        ("full", "the funds of budget `small` would have EUR 21,000.00 of EUR 20,000.00"),
        ("nowhere", "there is no fund `nowhere`"),
    ];
    for (to, says) in told {
        let data = json!({ "amount": eur(1_900_000), "given": eur(2_000_000), "to": to, "reason": "x" });
        accepted(vendor.ask(vendor.actor("mia"), from.run, "change", data).await);
        let refused =
            |row: &entente_store::RunRow| row.snapshot.context["refusal"]["message"].to_string().contains(says);
        vendor.until(from.run, says, refused).await;
    }
    let part = json!({ "to": "full", "given": eur(2_000_000), "reason": "x" });
    crate::vendor::refused(vendor.ask(vendor.actor("mia"), from.run, "change", part).await);
    ask(&vendor, &from, &["reallocate", "--to", "full"]).await.refused(5, "that is not what can be done");
    assert_eq!(given(&vendor, FROM).await, 2_000_000);
    assert!(
        vendor.runs("mdf_request").await.is_empty()
            && vendor.sheet::<FundPaper>(from.run).await.course.changes.is_empty()
    );
}

/// Sends a change of a fund.
async fn change(vendor: &Vendor, fund: &Started, data: Value) {
    accepted(vendor.ask(vendor.actor("mia"), fund.run, "change", data).await);
}

/// Waits until a change is refused in these words.
async fn refused_with(vendor: &Vendor, fund: &Started, says: &str) {
    let refused = |row: &entente_store::RunRow| {
        row.snapshot.state == "open" && row.snapshot.context["refusal"]["message"].to_string().contains(says)
    };
    vendor.until(fund.run, says, refused).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn one_transfer_at_a_time_goes_to_a_fund_and_it_does_not_close_before_that_is_decided() {
    let (vendor, _crew) = Vendor::open().await;
    let from = rich(&vendor).await;
    let also = vendor.fund(&papers::fund(&[(FROM, "also-rich")])).await;
    let to = vendor.fund(&papers::fund(&[(FROM, TO), ("\"20000.00 EUR\"", "\"2000.00 EUR\"")])).await;
    let transfer = json!({ "amount": eur(1_500_000), "given": eur(2_000_000), "to": TO, "reason": "x" });
    change(&vendor, &from, transfer.clone()).await;
    vendor.asks(from.run).await;
    change(&vendor, &also, transfer).await;
    refused_with(&vendor, &also, &format!("`{}` is about to pass money on to `{TO}`", from.label)).await;

    // Closed from elsewhere than the command line, it waits, and what comes lapses in it where everybody sees it.
    let close = json!({ "reason": "it is not needed" });
    accepted(vendor.ask(vendor.actor("mia"), to.run, "close", close).await);
    vendor.state(to.run, "winding_down").await;
    assert_eq!(vendor.stands(TO, Account::Free, None).await, 0);
    vendor.agree(std::slice::from_ref(&from), &["finn"]).await;
    vendor.state(from.run, "open").await;
    assert_eq!(given(&vendor, TO).await, 700_000);
    vendor.pass_days(1).await;
    vendor.state(to.run, "closed").await;
    assert_eq!(vendor.stands(TO, Account::Free, None).await, 0);
    assert_eq!(vendor.stands(TO, Account::Lapsed, None).await, 700_000, "nothing is locked up in a closed fund");
    vendor.verify().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_partner_may_earn_is_set_aside_once_is_not_passed_on_and_stays_through_another_end() {
    let (vendor, _crew) = Vendor::open().await;
    let from = rich(&vendor).await;
    let earned = [
        (FROM, "earned"),
        ("starter@1", "earned@1"),
        ("kind: discretionary", "kind: accrual\npartners: [nordlicht]"),
        ("\"20000.00 EUR\"", "\"60000.00 EUR\""),
    ];
    let earned = vendor.fund(&papers::fund(&earned)).await;
    let limit = async || {
        let sheet = vendor.sheet::<FundPaper>(earned.run).await;
        (sheet.paper.amount, sheet.course.allocated)
    };
    let passed_on = json!({ "amount": eur(100_000), "given": eur(0), "to": FROM, "reason": "x" });
    change(&vendor, &earned, passed_on).await;
    refused_with(&vendor, &earned, "what a partner has earned is not passed on").await;

    // Of 100,000.00 the other fund has 20,000.00: the rest may be earned.
    let agreed = async |data: Value| {
        change(&vendor, &earned, data).await;
        vendor.agree(std::slice::from_ref(&earned), &["finn"]).await;
        vendor.state(earned.run, "open").await;
    };
    agreed(json!({ "amount": eur(8_000_000), "reason": "it goes well" })).await;
    assert_eq!(limit().await, (eur(8_000_000), Some(eur(8_000_000))));
    agreed(json!({ "until": "2027-09-30", "reason": "it goes on" })).await;
    assert_eq!(limit().await, (eur(8_000_000), Some(eur(8_000_000))), "nobody agreed to another limit");
    let more = json!({ "amount": eur(2_500_000), "reason": "x" });
    change(&vendor, &from, more.clone()).await;
    refused_with(&vendor, &from, "its funds would have EUR 105,000.00 of budget").await;

    // Nothing was earned, and nothing is any more: the budget has it back.
    vendor.run("mia", &["fund", "close", &earned.label, "--reason", "the plan is over"]).await.ok();
    vendor.state(earned.run, "closed").await;
    change(&vendor, &from, more).await;
    vendor.agree(std::slice::from_ref(&from), &["finn"]).await;
    vendor.state(from.run, "open").await;
    assert_eq!((given(&vendor, FROM).await, given(&vendor, "earned").await), (2_500_000, 0));
    vendor.verify().await;
}
