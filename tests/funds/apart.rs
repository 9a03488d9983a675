//! Rule Y1: whoever checked a claim or agreed to its money does not release the payment, as far as the pack of the claim says so.

use entente_core::context::funding::PayoutPaper;
use entente_store::RunRow;
use serde_json::Value;

use crate::{
    house::server::Server,
    papers,
    vendor::{Started, Vendor, accepted, refused},
};

/// A vendor whose fund follows the starter pack with another Y1.
async fn vendor(name: &str, rule: &str) -> (Vendor, Vec<Server>) {
    let vendor = Vendor::new().await;
    let crew = vendor.crew(3).await;
    let text = papers::capped(&[("pack: capped", &format!("pack: {name}")), ("  Y1: {}\n", rule)]);
    let pack = vendor.write("apart.yaml", &text);
    vendor.run("fay", &["programme", "import", &pack]).await.ok();
    vendor.partner("nordlicht", &[]).await;
    vendor.fund(&papers::fund(&[("pack: starter@1", &format!("pack: {name}@1"))])).await;
    vendor.pass_days(6).await;
    (vendor, crew)
}

/// Claims of pia's, each on a request of its own, to which these people agree.
async fn owed(vendor: &Vendor, by: &[&[&str]]) -> Vec<Started> {
    let requests = (0..by.len()).map(|at| ("pia", papers::request(&[("hamburg-breakfast", &format!("event-{at}"))])));
    let requests: Vec<(&str, String)> = requests.collect();
    let requests = vendor.granted(&requests).await;
    vendor.pass_days(20).await;
    let texts = requests.iter().enumerate().map(|(at, request)| ("pia", papers::claim(&request.label, at, &[])));
    let texts: Vec<(&str, String)> = texts.collect();
    let claims = vendor.claimed(&texts).await;
    for (claim, people) in claims.iter().zip(by) {
        for person in *people {
            accepted(vendor.vote(person, claim.run).await);
        }
    }
    vendor.all_in(&claims, "payable").await;
    claims
}

/// Why a vote of this person on a run is refused.
async fn no_vote(vendor: &Vendor, person: &str, run: &Started) -> String {
    let (code, why) = refused(vendor.vote(person, run.run).await);
    assert_eq!(code, "vote_refused", "{why}");
    why
}

/// What rule Y1 says of a claim: the outcome, why, and what it looked at.
async fn y1(vendor: &Vendor, claim: &Started) -> (String, String, Value) {
    let told = vendor.run("finn", &["explain", &claim.label, "Y1", "--json"]).await.json();
    let text = |field: &str| told[0][field].as_str().unwrap().to_owned();
    (text("outcome"), text("because"), told[0]["inputs"].clone())
}

fn input<'a>(inputs: &'a Value, name: &str) -> &'a str {
    let found = inputs.as_array().unwrap().iter().find(|input| input["name"] == name);
    found.unwrap_or_else(|| panic!("`{name}` is not in {inputs}"))["value"].as_str().unwrap()
}

fn asks_for(row: &RunRow) -> usize {
    row.snapshot.approvals.as_ref().unwrap().requirements.len()
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_agreed_to_a_claims_money_or_checked_it_does_not_pay_it_whatever_roles_he_has() {
    let (vendor, _crew) = vendor("y1", "  Y1: {}\n").await;
    // Flo is treasurer, finance and validator: once she has agreed to the money, another person is the treasury.
    let claim = owed(&vendor, &[&["vera", "flo"]]).await.remove(0);
    let run = vendor.payout(&papers::payout(&[])).await;
    assert_eq!(asks_for(&vendor.asks(run.run).await), 2);
    let why = no_vote(&vendor, "flo", &run).await;
    let expected = format!("`flo` agreed to the money of `{}` and may not vote on this", claim.label);
    assert!(why.contains(&expected), "{why}");
    for (person, did) in [
        ("vera", "checked the proof of"),
        ("pia", "asked for the money of"),
        ("mia", "entered the bank details of partner `nordlicht`"),
        ("pete", "`pete`"),
    ] {
        let why = no_vote(&vendor, person, &run).await;
        assert!(why.contains(did), "{person}: {why}");
    }
    let (outcome, because, looked_at) = y1(&vendor, &claim).await;
    assert_eq!((outcome.as_str(), because.as_str()), ("silent", "not everybody has acted yet"));
    let people = ["asked", "checked", "agreed", "paid", "edited the bank details", "confirmed the bank details"];
    let people = people.map(|name| input(&looked_at, name).to_owned());
    assert_eq!(people, ["pia", "vera", "flo", "none", "mia", "paula"]);
    for person in ["tess", "finn"] {
        accepted(vendor.vote(person, run.run).await);
    }
    vendor.state(run.run, "sent").await;
    let (outcome, because, _) = y1(&vendor, &claim).await;
    assert_eq!((outcome.as_str(), because.as_str()), ("satisfied", "4 different people decide on EUR 2,000.00"));
    vendor.bank_says(&run, "paid", "2027-04-05").await;
    vendor.state(claim.run, "paid").await;
    vendor.verify().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_had_no_hand_in_a_claim_may_be_the_treasury_or_finance_and_who_agreed_is_neither() {
    let (vendor, _crew) = vendor("y1", "  Y1: {}\n").await;
    let claim = owed(&vendor, &[&["vera", "finn"]]).await.remove(0);
    let run = vendor.payout(&papers::payout(&[])).await;
    vendor.asks(run.run).await;
    let why = no_vote(&vendor, "finn", &run).await;
    assert!(why.contains(&format!("agreed to the money of `{}`", claim.label)), "{why}");
    for person in ["tess", "flo"] {
        accepted(vendor.vote(person, run.run).await);
    }
    vendor.state(run.run, "sent").await;
    vendor.verify().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_run_tells_before_anybody_votes_that_nobody_is_left_and_who_did_what() {
    let (vendor, _crew) = vendor("y1", "  Y1: {}\n").await;
    let claims = owed(&vendor, &[&["vera", "finn"], &["vera", "flo"]]).await;
    let file = vendor.write("run.yaml", &papers::payout(&[]));
    let planned = vendor.run("paula", &["payout", "create", &file, "--dry-run", "--json"]).await.json();
    let told = planned["nobody_left"].to_string();
    for (person, claim) in [("finn", &claims[0]), ("flo", &claims[1])] {
        assert!(told.contains(&format!("`{person}` (agreed to the money of `{}`)", claim.label)), "{told}");
    }
    assert!(told.contains("row `finance` can never be approved"), "{told}");
    // Each by itself is one that others can agree to.
    let one = ["payout", "create", &file, "--dry-run", "--json", "--claim", &claims[0].label];
    assert_eq!(vendor.run("paula", &one).await.json()["nobody_left"].to_string(), "[]");

    let run = vendor.payout(&papers::payout(&[])).await;
    vendor.asks(run.run).await;
    let shown = vendor.run("paula", &["payout", "show", &run.label, "--json"]).await.json();
    let stuck = shown["approvals"].as_array().unwrap().iter().find(|row| row["row"] == "finance").unwrap();
    assert!(stuck["stuck"].as_str().unwrap().contains("who have a hand in it"), "{stuck}");
    assert_eq!(stuck["candidates"].to_string(), "[]");
    vendor.verify().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn without_the_rule_whoever_agreed_may_pay_and_whoever_asked_or_gains_still_may_not() {
    let (vendor, _crew) = vendor("loose", "").await;
    let claim = owed(&vendor, &[&["vera", "flo"]]).await.remove(0);
    let run = vendor.payout(&papers::payout(&[])).await;
    vendor.asks(run.run).await;
    assert!(no_vote(&vendor, "pia", &run).await.contains("asked for the money"));
    accepted(vendor.vote("tess", run.run).await);
    accepted(vendor.vote("flo", run.run).await);
    vendor.state(run.run, "sent").await;
    let told = vendor.run("finn", &["explain", &claim.label, "Y1", "--json"]).await.json();
    assert_eq!(told.as_array().unwrap().len(), 0, "the pack does not enable it: {told}");
    vendor.verify().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_small_team_pays_what_it_agreed_to_once_somebody_else_has_reviewed_its_month_and_not_above_the_limit() {
    let rule = "  Y1: { small_team: true, four_people_above: { EUR: \"2000.00\" } }\n";
    let (vendor, _crew) = vendor("small", rule).await;
    let claim = owed(&vendor, &[&["vera", "flo"]]).await.remove(0);
    let run = vendor.payout(&papers::payout(&[])).await;
    vendor.asks(run.run).await;
    let why = no_vote(&vendor, "flo", &run).await;
    assert!(why.contains("nobody has reviewed what its small team decided (`entente review month`)"), "{why}");
    let withdraw = vendor.ask(vendor.actor("paula"), run.run, "withdraw", serde_json::json!({ "reason": "later" }));
    accepted(withdraw.await);
    vendor.state(run.run, "withdrawn").await;

    // Whoever decided something in the month does not review it, and nobody reviews one that is not over.
    let month = ["review", "month", "--entity", "acme-us", "--reason", "every claim and run of it", "--month"];
    let month = |written: &'static str| [&month[..], &[written]].concat();
    vendor.run("finn", &month("2027-3")).await.refused(2, "is no period");
    vendor.run("finn", &month("2027-04")).await.refused(5, "is not over yet");
    vendor.run("vera", &month("2027-03")).await.refused(4, "may not look at approvals again");
    vendor.pass_days(6).await;
    vendor.run("flo", &month("2027-03")).await.refused(4, "voted on");
    vendor.run("finn", &month("2027-03")).await.ok();
    vendor.run("finn", &month("2027-03")).await.refused(5, "`finn` has reviewed 2027-03 already");

    let run = vendor.payout(&papers::payout(&[])).await;
    vendor.asks(run.run).await;
    accepted(vendor.vote("tess", run.run).await);
    accepted(vendor.vote("flo", run.run).await);
    vendor.state(run.run, "sent").await;
    let (outcome, because, _) = y1(&vendor, &claim).await;
    assert_eq!((outcome.as_str(), because.as_str()), ("satisfied", "3 different people decide on EUR 2,000.00"));
    assert_eq!(vendor.sheet::<PayoutPaper>(run.run).await.course.items.len(), 1);
    vendor.verify().await;
}
