//! US-11: five million over three years, ramped; twenty-four months of bills; equal to a sheet worked by hand, to the cent.
//!
//! | | March to August 2025 | the rest of period 1 | period 2 |
//! |---|---|---|---|
//! | days | 184 | 181 | 365 |
//! | compute a day | 1,424.80 | 4,500.35 | 4,500.35 |
//! | its sum | 262,163.20 | 814,563.35 | 1,642,627.75 |
//! | bought a day, and it counts | 300.05 | 200.05 | 200.05 |
//! | its sum | 55,209.20 | 36,209.05 | 73,018.25 |
//!
//! | | period 1 | period 2 |
//! |---|---|---|
//! | compute and what was bought | 262,163.20 + 814,563.35 + 55,209.20 + 36,209.05 = 1,168,144.80 | 1,642,627.75 + 73,018.25 = 1,715,646.00 |
//! | credits | 12 × −500.00 = −6,000.00 | −6,000.00 |
//! | not on the cloud, before the rule of May 2025 | 2 × 10,000.00 | – |
//! | eligible | 1,182,144.80 | 1,709,646.00 |
//! | amount | 1,200,000.00 | 1,700,000.00 |
//! | lacks, goes on | 17,855.20 | 9,646.00 beyond, into period 3 |
//!
//! Eligible in all: 2,891,790.80. Remaining: 2,100,000.00 − 9,646.00 = 2,090,354.00.
//! Not eligible: 24 × 1,234.56 tax (K7), 24 × 3,000.00 support, 22 × 10,000.00 not on the cloud (K10).

use entente_core::{
    commitment::{
        Amount,
        eligibility::{ChargeKind, Line},
    },
    offer::Offer,
    scope::Scope,
};
use serde_json::{Value, json};

use crate::{
    contracts::{self, us11},
    desk::{Desk, Spend, rules},
    lines::{bought, cloud, day, days},
};

pub const ID: &str = contracts::US11;

/// Every charge of twenty-four months.
pub fn bills() -> Vec<Line> {
    let (first, grown) = (day("2025-03-01"), day("2025-09-01"));
    let mut lines = Vec::new();
    for today in days(first, day("2027-02-28")) {
        let (compute, software) = if today < grown { ("1424.80", "300.05") } else { ("4500.35", "200.05") };
        lines.push(cloud(today, ChargeKind::Usage, compute));
        lines.push(bought(today, "observability", true, software));
        match today.day() {
            1 => lines.extend([
                bought(today, "elsewhere", false, "10000.00"),
                cloud(today, ChargeKind::Tax, "1234.56"),
                cloud(today, ChargeKind::Support, "3000.00"),
            ]),
            15 => lines.push(cloud(today, ChargeKind::Credit, "-500.00")),
            _ => {}
        }
    }
    lines
}

/// An amount of JSON, as it was shown: decimals that are nothing may be left out.
fn is(shown: &Value, expected: &str) {
    let band = json!({ "least": expected, "most": expected });
    assert_eq!(*shown, band);
}

pub async fn taken_in() -> Desk {
    let desk = Desk::open("2027-02-28T09:00:00Z").await;
    let commitment = desk.enter(&us11()).await;
    let covers = (day("2025-03-01"), day("2027-02-28"));
    desk.take_in(&Spend { commitment: &commitment, rules: &rules(), lines: &bills(), covers }).await;
    desk
}

#[tokio::test(flavor = "multi_thread")]
async fn the_figures_are_those_of_the_sheet() {
    let desk = taken_in().await;
    let shown = desk.told(&["show", ID]).await;
    assert_eq!(shown["state"], "active");
    equals_the_sheet(&shown, "K10");

    // The same in words, with its basis and the picture.
    let words = desk.commitment(&["show", ID, "--chart"]).await;
    for said in ["USD 2,090,354.00", "cost billed", "K10", "none was typed in", "="] {
        assert!(words.contains(said), "{said}: {words}");
    }
}

/// Every figure of the sheet. What does not run on the cloud is left out by a rule of this name.
pub fn equals_the_sheet(shown: &Value, elsewhere: &str) {
    let figures = &shown["figures"];
    assert_eq!(figures["committed"], "5000000");
    is(&figures["eligible"], "2891790.8");
    is(&figures["remaining"], "2090354");
    let ineligible = figures["ineligible"].as_array().unwrap();
    let out = |rule: &str| {
        let found = ineligible.iter().find(|entry| entry[0]["rule"] == json!(rule));
        found.unwrap_or_else(|| panic!("nothing is left out by {rule}: {ineligible:?}"))[1].clone()
    };
    is(&out("K7"), "29629.44");
    is(&out("support"), "72000");
    is(&out(elsewhere), "220000");
    let periods = shown["periods"].as_array().unwrap();
    is(&periods[0]["eligible"], "1182144.8");
    is(&periods[0]["lacks"], "17855.2");
    is(&periods[1]["eligible"], "1709646");
    is(&periods[1]["lacks"], "0");
    assert_eq!(periods[2]["eligible"], Value::Null);
    // 1,709,646 ÷ 1,700,000.
    assert_eq!(figures["period"]["pace"], json!(["1.005674", "1.005674"]));
}

#[tokio::test(flavor = "multi_thread")]
async fn the_cloud_s_statement_stands_beside_the_figures_of_its_own_day() {
    let desk = taken_in().await;
    let typed = ["--as-of", "2026-02-28", "--remaining", "3817855.20", "--source", "the portal"];
    desk.commitment(&[&["statement", "add", ID], &typed[..], &["--dry-run"]].concat()).await;
    assert_eq!(desk.told(&["show", ID]).await["statement"], Value::Null, "a dry run keeps nothing");
    desk.commitment(&[&["statement", "add", ID], &typed[..], &["--wait", "30s"]].concat()).await;
    let beside = desk.told(&["show", ID]).await["statement"].clone();
    // On the last day of period 1: 17,855.20 of it, and all of the other two, 3,800,000.00.
    is(&beside["ours_then"], "3817855.2");
    is(&beside["difference"], "0");
    is(&beside["drawn_since"], "1727501.2");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_shortfall_is_told_on_the_first_day_of_its_period_and_once() {
    let desk = taken_in().await;
    assert_eq!(desk.alerts(ID, "shortfall").await, [""; 0], "period 2 is met, and nothing lacks at its end");
    desk.pass_days(1).await;
    desk.looked_on(ID, day("2027-03-01")).await;
    assert_eq!(desk.alerts(ID, "shortfall").await, ["2027-03-01"]);
    desk.notices("forecast (since 2027-03-01; due 2028-02-29)", 1).await;
    desk.pass_days(1).await;
    desk.looked_on(ID, day("2027-03-02")).await;
    assert_eq!(desk.alerts(ID, "stale").await, [""; 0], "33 hours are not too old");
    desk.pass_days(1).await;
    desk.looked_on(ID, day("2027-03-03")).await;
    // The newest spend has ended with February, 57 hours ago.
    assert_eq!(desk.alerts(ID, "stale").await, ["2027-03-03"]);
    desk.notices("the newest spend is of 2027-02-28", 1).await;
    assert_eq!(desk.alerts(ID, "shortfall").await, ["2027-03-01"], "it is told once");
    desk.notices("forecast (since 2027-03-01; due 2028-02-29)", 1).await;
    let listed = desk.told(&["list"]).await;
    assert_eq!(listed[0]["look"]["at_risk"], json!(true));
}

#[tokio::test(flavor = "multi_thread")]
async fn the_forecast_shows_how_wrong_each_model_was_and_what_if_adds_to_it() {
    let desk = taken_in().await;
    desk.pass_days(1).await;
    desk.looked_on(ID, day("2027-03-01")).await;
    let told = desk.told(&["forecast", ID]).await["least"].clone();
    assert_eq!(told["trials"].as_array().unwrap().len(), 3);
    assert!(told["coverage"]["of"].as_u64().unwrap() > 0, "{told}");
    let more = ["what-if", ID, "--amount", "100000", "--from", "2027-04-01", "--mark", "runs_on_cloud=true"];
    let then = desk.told(&more).await;
    assert_eq!(then["now"]["least"], told);
    let lacks = |end: &str| then[end]["least"]["shortfall"]["mid"].as_str().unwrap().parse::<Amount>().unwrap();
    assert_eq!(lacks("now").minus(lacks("then")).unwrap(), "100000".parse().unwrap());
}

/// An offer of so many seats at 900.00 to an account.
fn offer(reference: &str, account: &str, expires_on: &str) -> (String, Offer) {
    let text = include_str!("../../examples/offer-contract.yaml")
        .replace("ACME-2027-0042", reference)
        .replace("111122223333", account)
        .replace("expires_on: 2027-03-17", &format!("expires_on: {expires_on}"));
    let offer = Offer::from_yaml("offer.yaml", &text).unwrap();
    (text, offer)
}

#[tokio::test(flavor = "multi_thread")]
async fn the_offers_that_count_are_listed_with_their_reasons() {
    let desk = taken_in().await;
    let (_, open) = offer("ACME-1", "111122223333", "2027-03-17");
    let (_, others) = offer("ACME-2", "999999999999", "2027-03-17");
    for offer in [&open, &others] {
        let message = entente::offers::launch::start(desk.store(), &desk.sender().await, offer).await.unwrap();
        desk.store().append(&Scope::vendor(), vec![message]).await.unwrap();
    }
    let until = async { while desk.told(&["offers", ID]).await["offers"].as_array().unwrap().is_empty() {} };
    tokio::time::timeout(crate::house::server::HANG, until).await.expect("the open offer is listed");
    desk.pass_days(1).await;
    desk.looked_on(ID, day("2027-03-01")).await;
    let (text, _) = offer("ACME-3", "111122223333", "2028-03-17");
    let late = desk.write("late.yaml", &text);
    let known = desk.told(&["offers", ID, "--possible", &late, "--mark", "runs_on_cloud=true"]).await;
    let offers = known["offers"].as_array().unwrap();
    let names: Vec<&Value> = offers.iter().map(|offer| &offer["standing"]).collect();
    assert_eq!(names, ["open", "possible"], "that of another account is not among them");
    is(&offers[0]["counts"], "180000");
    assert_eq!(offers[1]["outside"], json!("180000"), "accepted after the period, it brings nothing to it");
    assert_eq!(offers[0]["why"][0]["reason"], json!("K1"));

    // Nobody knows whether it runs on the cloud: it counts wholly or not at all, and the rule is named.
    let unknown = desk.told(&["offers", ID]).await;
    let offer = &unknown["offers"][0];
    assert_eq!(offer["counts"], json!({ "least": "0", "most": "180000" }));
    assert_eq!(offer["why"][0]["reason"], json!("K10"));
    let what_if = desk.told(&["what-if", ID, "--amount", "20000", "--from", "2027-04-01"]).await;
    let end = |side: &str| -> Amount { what_if["then"][side]["end"]["mid"].as_str().unwrap().parse().unwrap() };
    assert_eq!(end("most").minus(end("least")).unwrap(), "20000".parse().unwrap(), "{what_if}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_possible_offer_that_can_bring_the_commitment_nothing_is_refused() {
    let desk = taken_in().await;
    let (mine, _) = offer("ACME-3", "111122223333", "2027-03-17");
    for (from, to, why) in [
        ("currency: USD", "currency: EUR", "`ACME-3` cannot count: it is in EUR, and `globex-2025` in USD"),
        ("111122223333", "999999999999", "none of whose accounts is in the scope of `globex-2025`"),
    ] {
        assert!(mine.contains(from), "{from}");
        let file = desk.write("possible.yaml", &mine.replace(from, to));
        let (code, data, words) = desk.says("mia", &["commitment", "offers", ID, "--possible", &file]).await;
        assert!(code == 2 && data.is_empty() && words.contains(why), "{to}: {words}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn who_may_not_see_commitments_sees_none() {
    let desk = Desk::open("2027-02-28T09:00:00Z").await;
    desk.enter(&us11()).await;
    for args in [&["show", ID][..], &["list"], &["offers", ID]] {
        let (code, data, words) = desk.says("vic", &[&["commitment"], args].concat()).await;
        assert!(code != 0 && data.is_empty() && words.contains("may not see commitments"), "{args:?}: {words}");
    }
}
