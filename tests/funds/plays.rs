//! Plays: brought in by one person, approved by another, and what they let requests do.

use entente_core::{context::funding::RequestPaper, ledger::Account};
use serde_json::Value;

use crate::{
    papers,
    vendor::{Started, Vendor},
};

/// A request for 1,000.00 EUR, half of what a small event costs.
const SMALL: papers::Changes<'_> = &[
    ("\"3000.00 EUR\"", "\"1000.00 EUR\""),
    ("cost: \"4000.00 EUR\"", "cost: \"2000.00 EUR\""),
    ("amount: \"2000.00 EUR\"", "amount: \"1000.00 EUR\""),
];

/// A vendor whose fund follows a pack by which small requests for approved plays need nobody.
async fn vendor() -> (Vendor, Vec<crate::house::server::Server>) {
    let vendor = Vendor::new().await;
    let crew = vendor.crew(3).await;
    let pack = vendor.write("passes.yaml", &papers::with_passing());
    vendor.run("fay", &["programme", "import", &pack]).await.ok();
    vendor.partner("nordlicht", &[]).await;
    vendor.fund(&papers::fund(&[("pack: starter@1", "pack: passes@1")])).await;
    vendor.pass_days(6).await;
    (vendor, crew)
}

async fn imported(vendor: &Vendor, person: &str, changes: papers::Changes<'_>) -> String {
    let file = vendor.write("play.yaml", &papers::play(changes));
    vendor.run(person, &["play", "import", &file]).await.ok().trim().to_owned()
}

async fn sha256(vendor: &Vendor, play: &str) -> String {
    vendor.run("mia", &["play", "show", play, "--json"]).await.json()["sha256"].as_str().unwrap().to_owned()
}

async fn approve(vendor: &Vendor, person: &str, play: &str) {
    let sha256 = sha256(vendor, play).await;
    vendor.run(person, &["play", "approve", play, "--sha256", &sha256[..8]]).await.ok();
}

async fn asked(vendor: &Vendor, changes: papers::Changes<'_>) -> Started {
    let changes: Vec<_> = SMALL.iter().chain(changes).copied().collect();
    vendor.submit_one::<RequestPaper>("REQ", "pia", papers::request(&changes)).await
}

/// The rule and the words by which a request was returned.
async fn returned(vendor: &Vendor, request: &Started) -> String {
    vendor.state(request.run, "returned").await;
    vendor.sheet::<RequestPaper>(request.run).await.refusal.unwrap().message
}

#[tokio::test(flavor = "multi_thread")]
async fn us18_a_request_for_a_pre_approved_play_is_granted_without_anybody_and_a_larger_one_asks() {
    let (vendor, _crew) = vendor().await;
    let play = imported(&vendor, "fay", &[]).await;
    approve(&vendor, "finn", &play).await;
    let passes = asked(&vendor, &[("hamburg-breakfast", "one")]).await;
    vendor.state(passes.run, "granted").await;
    assert!(vendor.row(passes.run).await.snapshot.approvals.is_none(), "nobody was asked");
    let below = "amount: \"1500.00 EUR\"";
    let larger = papers::request(&[("hamburg-breakfast", "two"), ("amount: \"2000.00 EUR\"", below)]);
    let asks = vendor.submit_one::<RequestPaper>("REQ", "pia", larger).await;
    vendor.asks(asks.run).await;
    let why = vendor.run("fay", &["explain", &asks.label, "Q12", "--json"]).await.json();
    assert!(why[0]["because"].as_str().unwrap().contains("not below the limit"), "{why}");
    assert_eq!(vendor.stands("emea-2027-h1", Account::Reserved, None).await, 100_000);
    vendor.verify().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_request_is_judged_by_what_was_approved_and_not_by_the_name_that_it_gives() {
    let (vendor, _crew) = vendor().await;
    imported(&vendor, "fay", &[("activities: [event, webinar]", "activities: [webinar]")]).await;
    let early = asked(&vendor, &[("hamburg-breakfast", "early")]).await;
    assert!(returned(&vendor, &early).await.contains("Q3: version 1 of play `cloud-migration` is not approved"));
    approve(&vendor, "finn", "cloud-migration@1").await;
    let kind = asked(&vendor, &[("hamburg-breakfast", "kind")]).await;
    assert!(returned(&vendor, &kind).await.contains("`event` is no activity of play `cloud-migration@1`"));
    let stranger = asked(&vendor, &[("hamburg-breakfast", "stranger"), ("play: cloud-migration", "play: other")]).await;
    assert!(returned(&vendor, &stranger).await.contains("Q3: there is no play `other`"));

    // Another version takes events, and only in May.
    let later = &[("version: 1", "version: 2"), ("from: 2027-01-01", "from: 2027-05-01")];
    approve(&vendor, "finn", &imported(&vendor, "fay", later).await).await;
    let march = asked(&vendor, &[("hamburg-breakfast", "march")]).await;
    assert!(
        returned(&vendor, &march).await.contains("no activity of play `cloud-migration@1`"),
        "the old one is in force"
    );
    let may = asked(&vendor, &[("hamburg-breakfast", "may"), ("2027-03-20", "2027-05-20")]).await;
    vendor.state(may.run, "granted").await;
    assert_eq!(vendor.stands("emea-2027-h1", Account::Reserved, None).await, 100_000, "nothing else was granted");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_budget_of_a_play_is_shared_by_its_requests_and_freed_by_one_that_is_given_up() {
    let (vendor, _crew) = vendor().await;
    approve(&vendor, "finn", &imported(&vendor, "fay", &[("\"30000.00 EUR\"", "\"1500.00 EUR\"")]).await).await;
    let first = asked(&vendor, &[("hamburg-breakfast", "first")]).await;
    vendor.state(first.run, "granted").await;
    let second = asked(&vendor, &[("hamburg-breakfast", "second")]).await;
    let why = returned(&vendor, &second).await;
    assert!(
        why.contains("EUR 1,000.00 is more than what is left of the budget") && why.contains("EUR 500.00"),
        "{why}"
    );
    vendor.run("pia", &["request", "cancel", &first.label, "--reason", "ill", "--wait", "60s"]).await.ok();
    vendor.run("pia", &["request", "submit", &second.label, "--wait", "60s"]).await.ok();
    vendor.state(second.run, "granted").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_not_decided_yet_counts_against_a_plays_budget_and_another_currency_is_none_of_it() {
    let (vendor, _crew) = vendor().await;
    approve(&vendor, "finn", &imported(&vendor, "fay", &[("\"30000.00 EUR\"", "\"2500.00 EUR\"")]).await).await;
    let large = papers::request(&[("hamburg-breakfast", "large")]);
    let large = vendor.submit_one::<RequestPaper>("REQ", "pia", large).await;
    vendor.asks(large.run).await;
    let small = asked(&vendor, &[("hamburg-breakfast", "small")]).await;
    let why = returned(&vendor, &small).await;
    assert!(why.contains("EUR 1,000.00 is more than what is left") && why.contains("EUR 500.00"), "{why}");
    vendor.run("pia", &["request", "withdraw", &large.label, "--reason", "ill", "--wait", "60s"]).await.ok();
    vendor.run("pia", &["request", "submit", &small.label, "--wait", "60s"]).await.ok();
    vendor.state(small.run, "granted").await;

    let dollars = &[
        ("play: cloud-migration", "play: in-dollars"),
        ("\"30000.00 EUR\"", "\"30000.00 USD\""),
        ("\"1500.00 EUR\"", "\"1500.00 USD\""),
    ];
    approve(&vendor, "finn", &imported(&vendor, "fay", dollars).await).await;
    let other = [("hamburg-breakfast", "other"), ("play: cloud-migration", "play: in-dollars")];
    let other = asked(&vendor, &other).await;
    let why = returned(&vendor, &other).await;
    assert!(why.contains("EUR 1,000.00 is not in USD, the currency of the budget of play `in-dollars@1`"), "{why}");
    assert_eq!(vendor.stands("emea-2027-h1", Account::Reserved, None).await, 100_000);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_play_is_approved_once_by_another_person_who_may_and_has_seen_this_text() {
    let vendor = Vendor::new().await;
    let play = imported(&vendor, "fay", &[]).await;
    let hash = sha256(&vendor, &play).await;
    let approve =
        async |person: &str, seen: &str| vendor.run(person, &["play", "approve", &play, "--sha256", seen]).await;
    approve("fay", &hash).await.refused(4, "`fay` has brought in play `cloud-migration@1`; another person approves it");
    approve("pia", &hash).await.refused(4, "not for those of `nordlicht`");
    for person in ["mia", "vera"] {
        approve(person, &hash).await.refused(4, "may not approve plays");
    }
    approve("finn", "000000").await.refused(5, "look at it again before you approve it");
    approve("finn", "12345").await.refused(2, "6 to 64 hexadecimal digits");
    approve("finn", &hash).await.ok();
    approve("flo", &hash).await.refused(5, "was approved by `finn` already");
    let other = vendor.write("play.yaml", &papers::play(&[("target: 30", "target: 31")]));
    vendor.run("fay", &["play", "import", &other]).await.refused(5, "never changes; raise its `version`");
    let kept = vendor.run("mia", &["play", "show", &play, "--json"]).await.json();
    assert_eq!((&kept["approved"]["by"], &kept["goals"][0]["target"]), (&Value::from("finn"), &Value::from(30)));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_partner_sees_the_approved_plays_of_programmes_that_pay_it_and_no_others() {
    let (vendor, _crew) = vendor().await;
    let other = [("play: cloud-migration", "play: secret"), ("programmes: [emea-mdf]", "programmes: [apac-mdf]")];
    let waiting = [("play: cloud-migration", "play: waiting")];
    approve(&vendor, "finn", &imported(&vendor, "fay", &[]).await).await;
    approve(&vendor, "finn", &imported(&vendor, "fay", &other).await).await;
    imported(&vendor, "fay", &waiting).await;
    let seen = async |person: &str| {
        let list = vendor.run(person, &["play", "list", "--json"]).await.json();
        list.as_array().unwrap().iter().map(|play| play["play"].as_str().unwrap().to_owned()).collect::<Vec<_>>()
    };
    assert_eq!(seen("pia").await, ["cloud-migration"]);
    assert_eq!(seen("mia").await, ["cloud-migration", "secret", "waiting"]);
    vendor.run("pia", &["play", "show", "secret@1"]).await.refused(3, "play `secret@1` does not exist");
    vendor.run("pia", &["play", "show", "waiting@1"]).await.refused(3, "play `waiting@1` does not exist");
    vendor.run("pia", &["play", "show", "cloud-migration@1"]).await.ok();
}
