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
