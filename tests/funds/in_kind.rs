//! What the vendor gives in kind: it charges the fund, pays nobody, and is claimed back as far as it was given.

use entente_core::{context::funding::ClaimPaper, ledger::Account, money::Money};
use serde_json::json;

use crate::{
    advances::standing,
    papers,
    vendor::{Started, Vendor, accepted, refused},
};

const FUND: &str = "emea-2027-h1";

/// A claim in kind without invoices, whose files have this number.
fn without_invoices(request: &Started, number: usize) -> String {
    let text = papers::claim(&request.label, number, &[("kind: regular", "kind: in_kind")]);
    let (head, rest) = text.split_once("invoices:").unwrap();
    let (_, files) = rest.split_once("# Files").unwrap();
    format!("{head}# Files{files}")
}

/// The same with a note of what was delivered.
pub fn delivered(request: &Started, number: usize) -> String {
    without_invoices(request, number).replace("kind: invoice }", "kind: delivery_note }")
}

/// Of two requests that were granted, one is claimed in kind, 2,000.00 EUR of it; the claim, and the other request.
async fn given(vendor: &Vendor) -> (Started, Started) {
    let other = papers::request(&[("hamburg-breakfast", "event-2")]);
    let mut requests = vendor.granted(&[("pia", papers::request(&[])), ("pia", other)]).await;
    vendor.pass_days(20).await;
    let claim = vendor.claimed(&[("pia", delivered(&requests[0], 2))]).await.remove(0);
    vendor.agree(std::slice::from_ref(&claim), &["vera", "finn"]).await;
    vendor.state(claim.run, "paid").await;
    vendor.state(requests[0].run, "completed").await;
    (claim, requests.remove(1))
}

async fn paid_for(vendor: &Vendor, claim: &Started) -> i64 {
    vendor.stands(FUND, Account::Paid, Some(&format!("claim/{}", claim.label))).await
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_given_in_kind_charges_the_fund_and_pays_nobody() {
    let (vendor, _crew) = Vendor::open().await;
    let request = vendor.granted(&[("pia", papers::request(&[]))]).await.remove(0);
    vendor.pass_days(20).await;
    let refused = vendor.submit_one::<ClaimPaper>("CLM", "pia", without_invoices(&request, 1)).await;
    let row = vendor.state(refused.run, "returned").await;
    let why = row.snapshot.context["refusal"]["message"].as_str().unwrap().to_owned();
    assert!(why.contains("D1") && why.contains("delivery_note"), "{why}");

    let claim = vendor.claimed(&[("pia", delivered(&request, 2))]).await.remove(0);
    vendor.agree(std::slice::from_ref(&claim), &["vera", "finn"]).await;
    vendor.state(claim.run, "paid").await;
    vendor.state(request.run, "completed").await;
    assert_eq!(standing(&vendor).await, [1_800_000, 0, 0, 0, 200_000, 0]);
    assert_eq!(paid_for(&vendor, &claim).await, 200_000);
    vendor.verify().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_given_in_kind_comes_back_as_it_was_given_once_two_people_agree_and_never_more_than_was_given() {
    let (vendor, _crew) = Vendor::open().await;
    let (claim, _) = given(&vendor).await;
    let back = |minor: i64, as_given: bool| {
        let amount = Money { minor, currency: "EUR".parse().unwrap() };
        json!({ "payee": "nordlicht", "amount": amount, "reason": "half was not used", "as_given": as_given })
    };
    let ask = async |data| vendor.ask(vendor.actor("finn"), claim.run, "claw_back", data).await;
    refused(ask(back(200_001, true)).await);
    accepted(ask(back(100_000, true)).await);
    vendor.asks(claim.run).await;
    refused(vendor.vote("finn", claim.run).await);
    accepted(vendor.vote("vera", claim.run).await);
    assert_eq!(standing(&vendor).await, [1_600_000, 200_000, 0, 0, 200_000, 0], "one of two has agreed");
    refused(vendor.vote("vera", claim.run).await);
    accepted(vendor.vote("flo", claim.run).await);
    vendor.state(claim.run, "paid").await;
    assert_eq!(standing(&vendor).await, [1_700_000, 200_000, 0, 0, 100_000, 0]);

    // The other half is left, and no more.
    refused(ask(back(100_001, true)).await);
    refused(ask(back(100_001, false)).await);
    vendor.verify().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_value_of_what_was_given_in_kind_is_owed_where_the_partner_pays_it_and_comes_off_its_next_payment() {
    let (vendor, _crew) = Vendor::open().await;
    let (claim, other) = given(&vendor).await;
    vendor.claimed_back(&claim, 120_000).await;
    assert_eq!(standing(&vendor).await, [1_600_000, 200_000, 0, 0, 80_000, 120_000]);
    let statement = ["statement", "create", "--partner", "nordlicht", "--entity", "acme-us", "--month", "2027-03"];
    let said = vendor.run("pia", &statement).await.ok();
    assert!(said.contains("\"movement\":\"claw_back\""), "it is on the partner's statement: {said}");

    // 200.00 come by themselves, and a quarter of the next payment is taken off.
    vendor.given_back(&claim, 20_000).await;
    let next = vendor.owed(&[("pia", papers::claim(&other.label, 3, &[]))]).await.remove(0);
    let run = vendor.sent().await;
    vendor.bank_says(&run, "paid", "2027-04-05").await;
    vendor.state(next.run, "paid").await;
    assert_eq!(vendor.stands(FUND, Account::Clawback, None).await, 50_000);
    assert_eq!(paid_for(&vendor, &claim).await, 80_000);
    vendor.verify().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn only_what_was_given_in_kind_comes_back_as_it_was_given() {
    let (vendor, _crew) = Vendor::open().await;
    let (claim, _) = vendor.one_of_two_paid().await;
    let amount = Money { minor: 1, currency: "EUR".parse().unwrap() };
    let back = json!({ "payee": "nordlicht", "amount": amount, "reason": "x", "as_given": true });
    refused(vendor.ask(vendor.actor("finn"), claim.run, "claw_back", back).await);
    assert_eq!(vendor.row(claim.run).await.snapshot.state, "paid");
}
