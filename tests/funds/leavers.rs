//! A partner that has left: nothing new is granted or approved, and what is owed is paid once two people agree to that.

use entente_core::context::funding::{ClaimPaper, PayoutPaper, RequestPaper};
use serde_json::json;

use crate::{
    papers,
    vendor::{Vendor, accepted},
};

#[tokio::test(flavor = "multi_thread")]
async fn what_a_partner_is_owed_that_has_left_is_paid_by_a_run_that_names_it_and_nothing_more_is_granted() {
    let vendor = Vendor::new().await;
    let _crew = vendor.crew(3).await;
    let partner = vendor.partner("nordlicht", &[]).await;
    vendor.fund(&papers::fund(&[])).await;
    vendor.pass_days(6).await;
    let other = papers::request(&[("hamburg-breakfast", "event-2")]);
    let requests = vendor.granted(&[("pia", papers::request(&[])), ("pia", other)]).await;
    vendor.pass_days(20).await;
    let owed = vendor.owed(&[("pia", papers::claim(&requests[0].label, 1, &[]))]).await.remove(0);
    for event in ["suspend", "leave"] {
        let reason = json!({ "reason": "it sells its business" });
        accepted(vendor.ask(vendor.actor("mia"), partner.run, event, reason).await);
    }
    vendor.state(partner.run, "left").await;

    // What is not approved yet stays so, and nothing is asked for any more.
    let late = vendor.submit_one::<ClaimPaper>("CLM", "pia", papers::claim(&requests[1].label, 2, &[])).await;
    vendor.state(late.run, "returned").await;
    let new = papers::request(&[("hamburg-breakfast", "event-3")]);
    let new = vendor.submit_one::<RequestPaper>("REQ", "pia", new).await;
    vendor.state(new.run, "returned").await;

    // What is owed is paid by nobody who does not say that it left.
    let without = vendor.payout(&papers::payout(&[])).await;
    vendor.state(without.run, "withdrawn").await;
    let why = vendor.sheet::<PayoutPaper>(without.run).await.course.left_out.remove(0).why;
    assert!(why.contains("has left; name it in `former_partners`"), "{why}");

    let naming = papers::payout(&[("format:", "former_partners: [nordlicht]\nformat:")]);
    let run = vendor.payout(&naming).await;
    let asked = vendor.asks(run.run).await;
    assert_eq!(asked.snapshot.approvals.unwrap().requirements.len(), 2, "two people agree to it");
    vendor.agree(std::slice::from_ref(&run), &["tess", "flo"]).await;
    vendor.state(run.run, "sent").await;
    let answers = json!({ format!("{}-0001", run.label): { "outcome": "paid", "on": "2027-04-05", "why": "" } });
    accepted(vendor.ask(vendor.actor("paula"), run.run, "answered", json!({ "answers": answers })).await);
    vendor.state(owed.run, "paid").await;
    vendor.verify().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn claims_that_are_under_way_when_their_partner_leaves_stand_still_and_owe_nothing() {
    let vendor = Vendor::new().await;
    let _crew = vendor.crew(3).await;
    let partner = vendor.partner("nordlicht", &[]).await;
    vendor.fund(&papers::fund(&[])).await;
    vendor.pass_days(6).await;
    let requests: Vec<(&str, String)> =
        (0..3).map(|at| ("pia", papers::request(&[("hamburg-breakfast", &format!("event-{at}"))]))).collect();
    let requests = vendor.granted(&requests).await;
    vendor.pass_days(20).await;
    let texts: Vec<(&str, String)> = (0..2).map(|at| ("pia", papers::claim(&requests[at].label, at, &[]))).collect();
    let claims = vendor.claimed(&texts).await;
    accepted(vendor.vote("vera", claims[0].run).await);
    accepted(vendor.ask(vendor.actor("mia"), partner.run, "leave", json!({ "reason": "it closes" })).await);
    vendor.state(partner.run, "left").await;

    // Nobody approves what is under way; it may still be refused or taken back.
    let frozen = "partner `nordlicht` has left: nothing new is asked for or claimed, what is under way stands still";
    for (person, paper) in [("finn", &claims[0]), ("vera", &claims[1])] {
        let revision = vendor.row(paper.run).await.snapshot.approvals.unwrap().subject.revision;
        vendor.run(person, &["approve", &paper.label, "--revision", &revision]).await.refused(5, frozen);
    }
    let revision = vendor.row(claims[1].run).await.snapshot.approvals.unwrap().subject.revision;
    let no = ["reject", &claims[1].label, "--revision", &revision, "--reason", "it closes", "--wait", "60s"];
    vendor.run("vera", &no).await.ok();
    vendor.state(claims[1].run, "declined").await;
    // A vote that was on its way decides nothing: the claim is held with the reason, and nothing of it is owed.
    accepted(vendor.vote("finn", claims[0].run).await);
    vendor.state(claims[0].run, "held").await;
    let sheet = vendor.sheet::<ClaimPaper>(claims[0].run).await;
    assert!(sheet.refusal.unwrap().message.contains(frozen));
    assert_eq!((sheet.course.approved, sheet.course.payables.len()), (None, 0));
    assert_eq!(vendor.stands("emea-2027-h1", entente_core::ledger::Account::Payable, None).await, 0);

    // And nothing new comes.
    let new = [
        ("request", papers::request(&[("hamburg-breakfast", "event-4")])),
        ("claim", papers::claim(&requests[2].label, 3, &[])),
    ];
    for (kind, text) in new {
        let file = vendor.write("new.yaml", &text);
        vendor.run("mia", &[kind, "create", &file]).await.refused(5, frozen);
    }
    vendor.run("pia", &["claim", "submit", &claims[0].label]).await.refused(5, frozen);
    vendor.verify().await;
}
