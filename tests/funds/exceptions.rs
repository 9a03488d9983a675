//! Exceptions: one rule, one paper as it stands, a time, another person; reported, and never for what nothing lifts.

use entente_core::context::funding::{PartnerPaper, RequestPaper};
use entente_store::{NoticeRow, NoticeStatus};
use serde_json::{Value, json};

use crate::{
    papers,
    vendor::{Started, Vendor, accepted},
};

/// A request that aims at no pipeline, which rule Q3 returns.
async fn returned(vendor: &Vendor, id: &str) -> Started {
    let aimless = [("hamburg-breakfast", id), ("target: 150000", "target: 0")];
    let request = vendor.submit_one::<RequestPaper>("REQ", "pia", papers::request(&aimless)).await;
    vendor.state(request.run, "returned").await;
    request
}

async fn ask(vendor: &Vendor, person: &str, about: &str, rule: &str, until: &str) -> crate::vendor::Said {
    vendor.run(person, &["exception", "request", about, rule, "--until", until, "--reason", "the first event"]).await
}

async fn approve(vendor: &Vendor, person: &str, label: &str) -> crate::vendor::Said {
    vendor.run(person, &["exception", "approve", label]).await
}

/// Submits a request again; what the rules found about Q3 then.
async fn judged_again(vendor: &Vendor, request: &Started) -> (String, String) {
    judged(vendor, request, "submit", Value::Null).await
}

/// Sends an event by which the rules look at a request anew; where it is afterwards, and what they found about Q3.
async fn judged(vendor: &Vendor, request: &Started, event: &str, data: Value) -> (String, String) {
    let before = vendor.row(request.run).await.snapshot.seq;
    accepted(vendor.ask(vendor.actor("pia"), request.run, event, data).await);
    let judged = |row: &entente_store::RunRow| {
        row.snapshot.seq >= before + 2 && ["returned", "approvals"].contains(&row.snapshot.state.as_str())
    };
    let state = vendor.until(request.run, "it is judged again", judged).await.snapshot.state;
    let verdict = vendor.run("fay", &["explain", &request.label, "Q3", "--json"]).await.json();
    (state, verdict[0]["outcome"].as_str().unwrap().to_owned())
}

#[tokio::test(flavor = "multi_thread")]
async fn an_approved_exception_lifts_the_rule_until_its_day_and_holds_for_what_was_granted_by_it() {
    let (vendor, _crew) = Vendor::open().await;
    let request = returned(&vendor, "one").await;
    let label = ask(&vendor, "mia", &request.label, "Q3", "2027-03-10").await.ok().trim().to_owned();
    assert_eq!(judged_again(&vendor, &request).await, ("returned".into(), "found".into()), "nobody has approved it");
    let said = approve(&vendor, "finn", &label).await;
    assert!(said.words.contains(&format!("submit `{}` again", request.label)), "{said:?}");
    assert_eq!(judged_again(&vendor, &request).await, ("approvals".into(), "excepted".into()));
    let reasons = vendor.sheet::<RequestPaper>(request.run).await.assessment.unwrap().reasons;
    let lifted = reasons.iter().find(|reason| reason.effect == "excepted").unwrap();
    assert!(
        lifted.because.contains("lifted until") && lifted.because.contains("by `finn`: the first event"),
        "{lifted:?}"
    );
    vendor.agree(std::slice::from_ref(&request), &["fay"]).await;
    vendor.state(request.run, "granted").await;

    // Whoever audits is told: the notice is there already.
    let id = format!("exception/{label}/finn");
    let (status, at) = (NoticeStatus::Pending, vendor.now().await);
    let again = NoticeRow {
        id,
        run: None,
        name: "x".into(),
        data: json!({}),
        status,
        attempts: 0,
        not_before: at,
        error: None,
    };
    assert!(!vendor.store().add_notice(again).await.unwrap(), "it was reported");
    // Its day is over for another request, and what was granted by it is claimed all the same.
    vendor.pass_days(20).await;
    let late = returned(&vendor, "late").await;
    ask(&vendor, "mia", &late.label, "Q3", "2027-03-10").await.refused(2, "2027-03-10 is over already");
    let claim = vendor.owed(&[("pia", papers::claim(&request.label, 1, &[]))]).await.remove(0);
    let verdict = vendor.run("vera", &["explain", &claim.label, "Q3", "--json"]).await.json();
    assert_eq!(verdict[0]["outcome"], "excepted");
    let list = async |more: &[&str]| {
        let args: Vec<&str> = ["exception", "list", "--json"].into_iter().chain(more.iter().copied()).collect();
        vendor.run("finn", &args).await.json().as_array().unwrap().len()
    };
    assert_eq!((list(&[]).await, list(&["--in-force"]).await, list(&["--of", &late.label]).await), (1, 0, 0));
    vendor.verify().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_exception_is_for_one_rule_and_the_paper_as_it_stood_and_is_not_approved_by_whoever_has_a_hand_in_it() {
    let (vendor, _crew) = Vendor::open().await;
    let request = returned(&vendor, "one").await;
    let until = "2027-04-30";
    for never in ["Y1", "E9", "G8", "Q8"] {
        ask(&vendor, "mia", &request.label, never, until).await.refused(2, "takes no exception");
    }
    ask(&vendor, "mia", &request.label, "Q1", until).await.refused(5, "Q1 does not stand in the way");
    ask(&vendor, "paula", &request.label, "Q3", until).await.refused(4, "may not ask for exceptions");
    ask(&vendor, "pia", &request.label, "Q3", until).await.refused(4, "not for those of `nordlicht`");
    let label = ask(&vendor, "mia", &request.label, "Q3", until).await.ok().trim().to_owned();
    approve(&vendor, "pia", &label).await.refused(4, "not for those of `nordlicht`");
    for person in ["mia", "vera", "fay"] {
        approve(&vendor, person, &label).await.refused(4, "may not approve exceptions");
    }
    approve(&vendor, "finn", "EXC-2027-00099").await.refused(3, "does not exist");

    // The paper says something else by now: neither approved nor counted.
    let mut paper = vendor.sheet::<RequestPaper>(request.run).await.paper;
    let seen = paper.clone();
    paper.target_audience = "everybody".into();
    judged(&vendor, &request, "revise", json!({ "paper": paper })).await;
    approve(&vendor, "finn", &label).await.refused(5, "says something else than when the exception was asked for");
    judged(&vendor, &request, "revise", json!({ "paper": seen })).await;
    approve(&vendor, "finn", &label).await.ok();
    approve(&vendor, "flo", &label).await.refused(5, "was approved by `finn` already");
    let found = judged(&vendor, &request, "revise", json!({ "paper": paper })).await;
    assert_eq!(found, ("returned".into(), "found".into()), "it is another paper");

    // A partner's person sees what is the partner's.
    let seen = async |person: &str| vendor.run(person, &["exception", "list", "--json"]).await.json();
    assert_eq!((seen("pia").await.as_array().unwrap().len(), seen("ben").await), (1, json!([])));
    vendor.run("ben", &["exception", "show", &label]).await.refused(3, "does not exist");
    let shown = vendor.run("finn", &["exception", "show", &label, "--json"]).await.json();
    assert_eq!((&shown["rule"], &shown["approved"]["by"]), (&json!("Q3"), &json!("finn")));
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_may_ask_for_the_partners_money_does_not_approve_an_exception_for_it() {
    let vendor = Vendor::new().await;
    let _crew = vendor.crew(3).await;
    let partner = vendor
        .submit_one::<PartnerPaper>("PTN", "mia", papers::partner("nordlicht", &[("[pia]", "[pia, finn]")]))
        .await;
    vendor.agree(std::slice::from_ref(&partner), &["sue", "flo"]).await;
    vendor.state(partner.run, "active").await;
    let hash = vendor.change_bank("mia", "nordlicht", &partner, papers::BANK).await;
    accepted(vendor.ask(vendor.actor("paula"), partner.run, "confirm_bank", json!({ "sha256": hash })).await);
    vendor.fund(&papers::fund(&[])).await;
    vendor.pass_days(6).await;
    // It was never judged well, so that nothing of it says who the partner's people are.
    let request = returned(&vendor, "one").await;
    let label = ask(&vendor, "mia", &request.label, "Q3", "2027-03-31").await.ok().trim().to_owned();
    approve(&vendor, "finn", &label).await.refused(4, "`finn` has a hand in it");
    approve(&vendor, "flo", &label).await.ok();
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_held_came_when_it_came_however_often_it_is_submitted() {
    let (vendor, _crew) = Vendor::open().await;
    let few = [("emea-2027-h1", "few"), ("starter@1", "in-turn@1"), ("\"20000.00 EUR\"", "\"1000.00 EUR\"")];
    vendor.fund(&papers::fund(&few)).await;
    let held = papers::request(&[("emea-2027-h1", "few")]);
    let held = vendor.submit_one::<RequestPaper>("REQ", "pia", held).await;
    vendor.state(held.run, "held").await;
    let (row, sheet) = (vendor.row(held.run).await, vendor.sheet::<RequestPaper>(held.run).await);
    vendor.pass("PT1H").await;
    accepted(vendor.ask(vendor.actor("pia"), held.run, "submit", Value::Null).await);
    let judged = |now: &entente_store::RunRow| now.snapshot.seq >= row.snapshot.seq + 2 && now.snapshot.state == "held";
    vendor.until(held.run, "it is judged again", judged).await;
    let again = vendor.sheet::<RequestPaper>(held.run).await;
    assert_ne!(again.assessment.unwrap().at, sheet.assessment.unwrap().at);
    assert_eq!(again.course.submitted_at, sheet.course.submitted_at);
}
