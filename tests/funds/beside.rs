//! What people say of claims beside them, and what claims live through: audits, results, checks, claims that are false, and claims
//! that are sent back.

use entente_core::context::funding::RequestPaper;
use serde_json::{Value, json};

use crate::{
    house::server::Server,
    papers,
    vendor::{Started, Vendor, accepted, refused},
};

/// A vendor whose fund follows the starter pack under another name, with these rules besides.
async fn vendor(rules: &str) -> (Vendor, Vec<Server>) {
    let vendor = Vendor::new().await;
    let crew = vendor.crew(3).await;
    let pack = vendor.write("lives.yaml", &papers::with_rules("lives", rules));
    vendor.run("fay", &["programme", "import", &pack]).await.ok();
    vendor.partner("nordlicht", &[]).await;
    vendor.fund(&papers::fund(&[("pack: starter@1", "pack: lives@1")])).await;
    vendor.pass_days(6).await;
    (vendor, crew)
}

/// A claim on a request that was granted, twenty days later.
async fn claim(vendor: &Vendor, changes: papers::Changes<'_>, state: &str) -> (Started, Started) {
    let request = vendor.granted(&[("pia", papers::request(&[]))]).await.remove(0);
    vendor.pass_days(20).await;
    let text = papers::claim(&request.label, 1, changes);
    let claim = vendor.submit_one::<entente_core::context::funding::ClaimPaper>("CLM", "pia", text).await;
    vendor.state(claim.run, state).await;
    (request, claim)
}

/// Submits a claim again, and waits until it is judged.
async fn again(vendor: &Vendor, claim: &Started, state: &str) {
    let before = vendor.row(claim.run).await.snapshot.seq;
    accepted(vendor.ask(vendor.actor("pia"), claim.run, "submit", Value::Null).await);
    let judged = |row: &entente_store::RunRow| row.snapshot.seq >= before + 2 && row.snapshot.state == state;
    vendor.until(claim.run, "it is judged again", judged).await;
}

async fn send_back(vendor: &Vendor, person: &str, claim: &Started) {
    let revision = vendor.asks(claim.run).await.snapshot.approvals.unwrap().subject.revision;
    let words = ["send-back", &claim.label, "--revision", &revision, "--reason", "which room?"];
    vendor.run(person, &words).await.ok();
    vendor.state(claim.run, "returned").await;
}

/// What a rule found: its outcome, and why.
async fn found(vendor: &Vendor, label: &str, rule: &str) -> (String, String) {
    let verdict = vendor.run("finn", &["explain", label, rule, "--json"]).await.json();
    let text = |field: &str| verdict[0][field].as_str().unwrap().to_owned();
    (text("outcome"), text("because"))
}

/// The kinds and the labels of what waits for somebody, without approvals and tasks of runs.
async fn waits(vendor: &Vendor, person: &str) -> Vec<(String, String)> {
    let tasks = vendor.run(person, &["inbox", "--json"]).await.json();
    let text = |task: &Value, field: &str| task[field].as_str().unwrap().to_owned();
    let tasks = tasks.as_array().unwrap().iter().map(|task| (text(task, "kind"), text(task, "label")));
    tasks
        .filter(|(kind, _)| {
            ["audit", "held", "dispute", "false_claim", "own_paper", "fix_paper"].contains(&kind.as_str())
        })
        .collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_claim_that_is_drawn_is_audited_by_somebody_without_a_hand_in_it_who_then_has_no_vote() {
    let (vendor, _crew) = vendor("  F9: { sample: 100 }\n").await;
    let (_, claim) = claim(&vendor, &[], "held").await;
    assert_eq!(waits(&vendor, "finn").await, [("audit".to_owned(), claim.label.clone())]);
    assert_eq!(waits(&vendor, "vera").await, [], "it is for finance");

    let sound = ["claim", "audit", &claim.label, "--sound", "--reason", "the room was seen"];
    vendor.run("finn", &sound[..3]).await.refused(2, "--sound");
    for person in ["vera", "fay"] {
        vendor.run(person, &sound).await.refused(4, "may not audit claims");
    }
    for person in ["pia", "ben"] {
        vendor.run(person, &sound).await.refused(4, "is for the vendor's own people");
    }
    vendor.run("finn", &sound).await.ok();
    vendor.run("flo", &sound).await.refused(5, "`finn` has said so");
    assert_eq!(waits(&vendor, "finn").await, [("held".to_owned(), claim.label.clone())], "nobody is asked twice");

    again(&vendor, &claim, "approvals").await;
    let (outcome, because) = found(&vendor, &claim.label, "F9").await;
    assert!(outcome == "satisfied" && because.contains("it was audited"), "{outcome}: {because}");
    accepted(vendor.vote("vera", claim.run).await);
    refused(vendor.vote("finn", claim.run).await);
    accepted(vendor.vote("flo", claim.run).await);
    vendor.state(claim.run, "payable").await;
    vendor.verify().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_audit_is_of_the_claim_as_it_stands_and_one_that_fails_holds_it_until_it_is_revised() {
    let (vendor, _crew) = vendor("  F9: { sample: 100 }\n").await;
    let (_, claim) = claim(&vendor, &[], "held").await;
    vendor.run("finn", &["claim", "audit", &claim.label, "--unsound", "--reason", "nobody knows the room"]).await.ok();
    again(&vendor, &claim, "held").await;
    let (outcome, because) = found(&vendor, &claim.label, "F9").await;
    assert!(outcome == "found" && because.ends_with("found: nobody knows the room"), "{outcome}: {because}");
    let mut paper = vendor.sheet::<entente_core::context::funding::ClaimPaper>(claim.run).await.paper;
    paper.no_attendance_because = "it was open to everybody".into();
    let before = vendor.row(claim.run).await.snapshot.seq;
    accepted(vendor.ask(vendor.actor("pia"), claim.run, "revise", json!({ "paper": paper })).await);
    vendor.until(claim.run, "it is judged", |row| row.snapshot.seq >= before + 2 && row.snapshot.state == "held").await;
    vendor.run("finn", &["claim", "audit", &claim.label, "--sound", "--reason", "it is the town hall"]).await.ok();
    again(&vendor, &claim, "approvals").await;
    let undrawn = ["claim", "audit", &claim.label, "--sound", "--reason", "again"];
    vendor.run("flo", &undrawn).await.refused(5, "is not held for an audit");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_claim_in_time_that_people_send_back_keeps_its_day_and_has_the_days_of_c6() {
    let (vendor, _crew) = vendor("").await;
    let short = [("C3: { days: 90 }", "C3: { days: 10, consent_days: 10 }")];
    let rules = "  C6: { days: 20 }\n  C8: { days_before: [10, 3] }\n  Y3: {}\n";
    let pack = vendor.write("short.yaml", &papers::changed_pack("short", rules, &short));
    vendor.run("fay", &["programme", "import", &pack]).await.ok();
    vendor.fund(&papers::fund(&[("pack: starter@1", "pack: short@1"), ("emea-2027-h1", "short")])).await;
    let request = papers::request(&[("emea-2027-h1", "short")]);
    let request = vendor.granted(&[("pia", request)]).await.remove(0);

    // The activity ends on 03-20, so that 03-30 is the last day: reminders are those that the pack names, and no others.
    let timers = vendor.row(request.run).await.snapshot.timers;
    let mut reminders: Vec<String> =
        timers.iter().filter(|(key, _)| key.0.contains("remind")).map(|(_, at)| at.to_string()).collect();
    reminders.sort_unstable();
    assert_eq!(reminders, ["2027-03-21T00:00:00Z", "2027-03-28T00:00:00Z"]);

    assert_eq!(waits(&vendor, "pia").await, [("own_paper".to_owned(), request.label.clone())]);

    vendor.pass_days(20).await;
    let claim = vendor.claimed(&[("pia", papers::claim(&request.label, 1, &[]))]).await.remove(0);
    vendor.pass_days(10).await;
    send_back(&vendor, "vera", &claim).await;
    assert_eq!(waits(&vendor, "pia").await, [("fix_paper".to_owned(), claim.label.clone())], "and not twice");
    assert_eq!((waits(&vendor, "ben").await, waits(&vendor, "finn").await), (vec![], vec![]));
    vendor.pass_days(15).await;
    again(&vendor, &claim, "approvals").await;
    assert_eq!(found(&vendor, &claim.label, "C3").await.0, "satisfied");
    assert_eq!(found(&vendor, &claim.label, "C6").await.0, "satisfied");
    let case = vendor.run("finn", &["explain", &claim.label, "--case"]).await.json();
    let known = &case["claim"];
    assert!(known["answered_at"].is_string() && known["rejected_at"].is_string(), "{known:#}");
    assert_eq!(known["pauses"].as_array().unwrap().len(), 1, "{known:#}");

    // Sent back once more, it has as many days again, and not one more.
    send_back(&vendor, "vera", &claim).await;
    vendor.pass_days(22).await;
    again(&vendor, &claim, "returned").await;
    let (outcome, because) = found(&vendor, &claim.label, "C6").await;
    assert!(outcome == "found" && because.contains("could come again until"), "{outcome}: {because}");
}

#[tokio::test(flavor = "multi_thread")]
async fn results_are_handed_in_apart_from_the_claim_after_the_activity_and_in_time() {
    let (vendor, _crew) = vendor("  C4: { days: 7 }\n  D7: { metrics: { event: [leads] } }\n").await;
    let in_time = vendor.granted(&[("pia", papers::request(&[]))]).await.remove(0);
    let other = vendor.granted(&[("pia", papers::request(&[("hamburg-breakfast", "other")]))]).await.remove(0);
    let hand_in = ["request", "results", &in_time.label, "--metric", "leads=43"];
    vendor.run("pia", &hand_in).await.refused(5, "hand the results in after it");
    vendor.pass_days(15).await;
    for wrong in ["leads", "leads=-1", "leads=many", "=4"] {
        vendor.run("pia", &["request", "results", &in_time.label, "--metric", wrong]).await.refused(2, "leads=40");
    }
    vendor.run("ben", &hand_in).await.refused(3, "does not exist");
    vendor.run("vera", &hand_in).await.refused(4, "may not ask for funds");
    vendor.run("pia", &hand_in).await.ok();
    vendor.run("pia", &hand_in).await.ok();
    let listed = vendor.run("pia", &["request", "results", &in_time.label, "--json"]).await.json();
    assert_eq!(listed.as_array().unwrap().len(), 1, "the same results are the same: {listed:#}");

    // Long after the seven days one of them is claimed without a word on results, the other with its results inside.
    vendor.pass_days(20).await;
    let silent = [("metrics: { leads: 43 }\n", "")];
    let claims = [("pia", papers::claim(&in_time.label, 1, &silent)), ("pia", papers::claim(&other.label, 2, &[]))];
    let claims = vendor.submit::<entente_core::context::funding::ClaimPaper>("CLM", &claims).await;
    vendor.state(claims[0].run, "approvals").await;
    assert_eq!(found(&vendor, &claims[0].label, "C4").await.0, "satisfied");
    assert_eq!(found(&vendor, &claims[0].label, "D7").await.0, "satisfied");
    vendor.state(claims[1].run, "returned").await;
    let (outcome, because) = found(&vendor, &claims[1].label, "C4").await;
    assert!(outcome == "found" && because.contains("due 2027-03-27"), "{outcome}: {because}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_claim_that_two_people_call_false_keeps_its_partner_out() {
    let (vendor, _crew) = vendor("  F10: { months: 6 }\n").await;
    let (_, claim) = claim(&vendor, &[], "approvals").await;
    let said = |verb: &'static str| ["claim", verb, claim.label.as_str(), "--reason", "the invoice is made up"];
    for person in ["vera", "fay"] {
        vendor.run(person, &said("false")).await.refused(4, "may not say that claims are false");
    }
    vendor.run("pia", &said("false")).await.refused(4, "is for the vendor's own people");
    vendor.run("finn", &said("not-false")).await.refused(5, "nothing waits to be decided on");
    vendor.run("finn", &said("false")).await.ok();
    vendor.run("finn", &said("false")).await.refused(4, "`finn` has a hand in");
    assert_eq!(waits(&vendor, "finn").await, []);
    assert_eq!(waits(&vendor, "flo").await, [("false_claim".to_owned(), claim.label.clone())]);
    vendor.run("flo", &said("not-false")).await.ok();
    let asked = async |id: &str| {
        let text = papers::request(&[("hamburg-breakfast", id), ("2027-03-20", "2027-06-10")]);
        vendor.submit_one::<RequestPaper>("REQ", "pia", text).await
    };
    vendor.state(asked("before").await.run, "approvals").await;

    vendor.run("flo", &said("false")).await.ok();
    vendor.run("finn", &said("false")).await.ok();
    vendor.run("flo", &said("false")).await.refused(5, "`flo` has said so");
    assert_eq!((waits(&vendor, "finn").await, waits(&vendor, "flo").await), (vec![], vec![]));
    let after = asked("after").await;
    vendor.state(after.run, "returned").await;
    let (outcome, because) = found(&vendor, &after.label, "E1").await;
    assert!(outcome == "found" && because.contains("it is disqualified"), "{outcome}: {because}");
    let (outcome, because) = found(&vendor, &after.label, "F10").await;
    assert!(outcome == "satisfied" && because.contains("is out until 2027-09-"), "{outcome}: {because}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_check_of_brand_is_the_vendors_whatever_the_claim_says_of_itself() {
    let (vendor, _crew) = vendor("  D8: { otherwise: warn }\n").await;
    let own = [("metrics: { leads: 43 }\n", "metrics: { leads: 43 }\nbrand_check: { passed: true }\n")];
    let (_, claim) = claim(&vendor, &own, "approvals").await;
    let (outcome, because) = found(&vendor, &claim.label, "D8").await;
    assert!(outcome == "found" && because.contains("were not checked"), "{outcome}: {because}");
    vendor
        .run("pia", &["claim", "check-brand", &claim.label, "--passed"])
        .await
        .refused(4, "is for the vendor's own people");
    vendor.run("vera", &["claim", "check-brand", &claim.label]).await.refused(2, "--passed");
    vendor.run("vera", &["claim", "check-brand", &claim.label, "--failed", "the old logo"]).await.ok();
    send_back(&vendor, "vera", &claim).await;
    again(&vendor, &claim, "approvals").await;
    assert!(found(&vendor, &claim.label, "D8").await.1.contains("failed: the old logo"));
    vendor.run("vera", &["claim", "check-brand", &claim.label, "--passed"]).await.ok();
    send_back(&vendor, "vera", &claim).await;
    again(&vendor, &claim, "approvals").await;
    assert_eq!(found(&vendor, &claim.label, "D8").await.0, "satisfied");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_open_dispute_waits_for_finance_until_it_is_settled() {
    let (vendor, _crew) = vendor("").await;
    let (_, claim) = claim(&vendor, &[], "approvals").await;
    vendor.agree(std::slice::from_ref(&claim), &["vera", "finn"]).await;
    vendor.state(claim.run, "payable").await;
    let disputed = ["claim", "dispute", &claim.label, "--amount", "100.00 EUR", "--reason", "the bar"];
    vendor.run("pia", &disputed).await.ok();
    assert_eq!(waits(&vendor, "finn").await, [("dispute".to_owned(), claim.label.clone())]);
    let settled =
        ["claim", "resolve-dispute", &claim.label, "--granted", "0.00 EUR", "--reason", "it is no cost of ours"];
    vendor.run("finn", &settled).await.ok();
    assert_eq!(waits(&vendor, "finn").await, [], "people are asked");
    vendor.agree(std::slice::from_ref(&claim), &["vera", "flo"]).await;
    vendor.state(claim.run, "payable").await;
    assert_eq!(waits(&vendor, "finn").await, []);
}

#[tokio::test(flavor = "multi_thread")]
async fn claims_that_are_late_and_what_was_claimed_before_count_for_what_comes_next() {
    let (vendor, _crew) = vendor("").await;
    let short = [("C3: { days: 90 }", "C3: { days: 10, consent_days: 10 }")];
    let pack = vendor.write(
        "short.yaml",
        &papers::changed_pack(
            "short",
            "  F8: {}\n  Q12: { below: { EUR: \"5000.00\" }, plays: [cloud-migration] }\n",
            &short,
        ),
    );
    vendor.run("fay", &["programme", "import", &pack]).await.ok();
    vendor.fund(&papers::fund(&[("pack: starter@1", "pack: short@1"), ("emea-2027-h1", "short")])).await;
    let request = |id: &str, day: &str| {
        papers::request(&[("emea-2027-h1", "short"), ("hamburg-breakfast", id), ("2027-03-20", day)])
    };
    let case = async |label: &str| vendor.run("finn", &["explain", label, "--case"]).await.json();
    let passes = async |text: String| {
        let asked = vendor.submit_one::<RequestPaper>("REQ", "pia", text).await;
        vendor.state(asked.run, "granted").await;
        asked
    };
    let first = passes(request("one", "2027-03-20")).await;
    vendor.pass_days(20).await;
    let claim = vendor.claimed(&[("pia", papers::claim(&first.label, 1, &[]))]).await.remove(0);
    send_back(&vendor, "vera", &claim).await;
    let second = passes(request("two", "2027-04-10")).await;
    assert_eq!(case(&second.label).await["partner"]["overdue_claims"], 0, "there is time until 03-30");
    vendor.pass_days(16).await;
    let third = vendor.submit_one::<RequestPaper>("REQ", "pia", request("three", "2027-06-10")).await;
    vendor.state(third.run, "approvals").await;
    assert_eq!(case(&third.label).await["partner"]["overdue_claims"], 1);
    let text = papers::claim(&second.label, 2, &[("2027-03-20, until: 2027-03-20", "2027-04-10, until: 2027-04-10")]);
    let next = vendor.claimed(&[("pia", text)]).await.remove(0);
    let amounts = case(&next.label).await["partner"]["past_amounts"].clone();
    assert_eq!(amounts.as_array().unwrap().len(), 1, "its own is no past one: {amounts}");
}
