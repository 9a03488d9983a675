//! Caps of a category and of a period: requests that are over still take of them what was claimed.

use entente_core::context::funding::{ClaimPaper, RequestPaper};

use crate::{
    house::server::Server,
    papers,
    vendor::{Started, Vendor},
};

/// A vendor whose fund follows a pack with these rules besides, and its processes.
async fn vendor(rules: &[(&str, &str)]) -> (Vendor, Vec<Server>) {
    let vendor = Vendor::new().await;
    let crew = vendor.crew(3).await;
    let pack = vendor.write("capped.yaml", &papers::capped(rules));
    vendor.run("fay", &["programme", "import", &pack]).await.ok();
    vendor.partner("nordlicht", &[]).await;
    vendor.fund(&papers::fund(&[("pack: starter@1", "pack: capped@1")])).await;
    vendor.pass_days(6).await;
    (vendor, crew)
}

/// A request of 2,000.00 EUR for an activity of this name in June.
fn in_june(name: &str) -> String {
    papers::request(&[("hamburg-breakfast", name), ("2027-03-20", "2027-06-20")])
}

/// A request of March of which so much was claimed, by a claim that says whether it is the last one.
async fn claimed(vendor: &Vendor, fund: &str, changes: papers::Changes<'_>) -> Started {
    let request = papers::request(&[("fund: emea-2027-h1", &format!("fund: {fund}"))]);
    let request = vendor.granted(&[("pia", request)]).await.remove(0);
    vendor.pass_days(20).await;
    let claim = vendor.owed(&[("pia", papers::claim(&request.label, 1, changes))]).await.remove(0);
    assert!(vendor.sheet::<ClaimPaper>(claim.run).await.course.payables.len() == 1);
    request
}

#[tokio::test(flavor = "multi_thread")]
async fn q5_what_was_claimed_for_a_category_takes_of_its_cap_once_the_request_is_over() {
    let caps = "  Q5: { caps: { demand_generation: { EUR: \"3500.00\" } } }\n  Q6:";
    let (vendor, _crew) = vendor(&[("  Q6:", caps)]).await;
    let first = claimed(&vendor, "emea-2027-h1", &[("amount: \"2000.00 EUR\"", "amount: \"1600.00 EUR\"")]).await;
    vendor.state(first.run, "completed").await;
    let second = vendor.submit_one::<RequestPaper>("REQ", "pia", in_june("second")).await;
    vendor.state(second.run, "returned").await;
    let why = vendor.sheet::<RequestPaper>(second.run).await.refusal.unwrap().message;
    assert!(why.contains("would come to EUR 3,600.00, EUR 100.00 above its cap"), "{why}");
    let less = in_june("third").replace("amount: \"2000.00 EUR\"", "amount: \"1900.00 EUR\"");
    vendor.granted(&[("pia", less)]).await;
    vendor.verify().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn q6_the_cap_of_a_period_counts_what_funds_of_its_budget_gave_and_nothing_of_other_budgets() {
    let caps = "Q6: { vendor_share: 50, period_cap: { EUR: \"3000.00\" } }";
    let (vendor, _crew) = vendor(&[("Q6: { vendor_share: 50 }", caps)]).await;
    let elsewhere = papers::fund(&[
        ("emea-2027-h1", "other"),
        ("name: emea-2027,", "name: other-2027,"),
        ("pack: starter@1", "pack: capped@1"),
    ]);
    vendor.fund(&elsewhere).await;
    claimed(&vendor, "other", &[]).await;
    let first = papers::request(&[("hamburg-breakfast", "first"), ("2027-03-20", "2027-04-20")]);
    let first = vendor.granted(&[("pia", first)]).await.remove(0);
    let granted = vendor.sheet::<RequestPaper>(first.run).await.course.granted.unwrap();
    assert_eq!(granted.minor, 200_000, "what another budget gave is of another period");

    // Of the first one, 1,600.00 is claimed in the end, and the rest is free again.
    vendor.pass_days(30).await;
    let part = [
        ("amount: \"2000.00 EUR\"", "amount: \"1600.00 EUR\""),
        ("2027-03-20", "2027-04-20"),
        ("2027-03-22", "2027-04-22"),
    ];
    vendor.owed(&[("pia", papers::claim(&first.label, 2, &part))]).await;
    vendor.state(first.run, "completed").await;
    let second = vendor.submit_one::<RequestPaper>("REQ", "pia", in_june("second")).await;
    vendor.asks(second.run).await;
    let why = vendor.run("fay", &["explain", &second.label, "Q6", "--json"]).await.json();
    let because = why[0]["because"].as_str().unwrap();
    assert!(because.contains("what is left of the cap of the period, EUR 1,400.00"), "{why}");
    vendor.verify().await;
}
