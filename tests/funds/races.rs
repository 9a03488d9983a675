//! Row 62: the time of a reservation runs out while the last approver decides.

use std::collections::BTreeMap;

use entente_core::{
    context::funding::{ClaimPaper, RequestPaper},
    ledger::{Account, PostingAction},
};

use crate::{
    draw::Draw,
    papers,
    vendor::{Vendor, accepted},
};

const FUND: &str = "emea-2027-h1";

#[tokio::test(flavor = "multi_thread")]
async fn row_62_what_a_request_holds_is_committed_or_expires_and_never_both() {
    const PAIRS: usize = 10;
    let (vendor, _crew) = Vendor::open().await;
    let all: Vec<(&str, String)> = (0..PAIRS)
        .map(|number| ("pia", papers::request(&[("hamburg-breakfast", &format!("event-{number}"))])))
        .collect();
    let requests = vendor.granted(&all).await;
    // Claims come in the last week: approvals take longer than what is left.
    vendor.pass_days(193).await;
    let claims: Vec<(&str, String)> = requests
        .iter()
        .enumerate()
        .map(|(number, request)| ("pia", papers::claim(&request.label, number, &[])))
        .collect();
    let claims = vendor.claimed(&claims).await;
    for claim in &claims {
        // So late, the rules of the programme ask its director besides.
        accepted(vendor.vote("dora", claim.run).await);
        accepted(vendor.vote("vera", claim.run).await);
    }
    let by = vendor.sheet::<RequestPaper>(requests[0].run).await.course.claim_by.expect("it has a last instant");

    // The last votes are cast around that instant, in a drawn order.
    let mut last = Vec::new();
    for claim in &claims {
        last.push(vendor.vote_message(vendor.actor("finn"), &vendor.row(claim.run).await).await);
    }
    Draw::seeded().shuffle(&mut last);
    let late = last.split_off(PAIRS / 2);
    let left = by.duration_since(vendor.now().await);
    vendor.append_at_once(last).await;
    vendor.pass(&format!("PT{}S", left.as_secs() + 1)).await;
    vendor.append_at_once(late).await;

    let mut ends = BTreeMap::new();
    for (request, claim) in requests.iter().zip(&claims) {
        let row = vendor
            .until(claim.run, "it is decided", |row| ["payable", "returned"].contains(&row.snapshot.state.as_str()))
            .await;
        vendor.until(request.run, "it has ended", |row| row.snapshot.ended).await;
        *ends.entry(row.snapshot.state.clone()).or_insert(0_usize) += 1;
        let approved = vendor.sheet::<ClaimPaper>(claim.run).await.course.approved.map_or(0, |money| money.minor);
        let owed = vendor.stands(FUND, Account::Payable, Some(&format!("payable/{}/nordlicht", claim.label))).await;
        assert_eq!(owed, if row.snapshot.state == "payable" { approved } else { 0 }, "{}", claim.label);
    }
    println!("{ends:?}");

    // Each reservation has left by exactly one way, whole.
    let entries = vendor.entries().await;
    for request in &requests {
        let key = format!("request/{}", request.label);
        let out =
            entries.iter().filter(|entry| entry.account == Account::Reserved && entry.key == key && entry.minor < 0);
        let ways: Vec<(PostingAction, i64)> = out.map(|entry| (entry.posting.action, entry.minor)).collect();
        let whole = [PostingAction::Post, PostingAction::Expire].map(|way| vec![(way, -200_000)]);
        assert!(whole.contains(&ways), "{}: {ways:?}", request.label);
    }
    let free = vendor.stands(FUND, Account::Free, None).await + vendor.stands(FUND, Account::Lapsed, None).await;
    let owed = vendor.stands(FUND, Account::Payable, None).await;
    assert_eq!(free + owed, 2_000_000, "{ends:?}");
    assert_eq!(vendor.stands(FUND, Account::Reserved, None).await, 0);
    vendor.verify().await;
}
