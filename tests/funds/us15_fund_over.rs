//! US-15: the last day of a fund passes.

use entente_core::{
    context::funding::{PayoutPaper, RequestPaper},
    ledger::Account,
};
use serde_json::json;

use crate::{
    papers,
    vendor::{Vendor, accepted},
};

const FUND: &str = "emea-2027-h1";

#[tokio::test(flavor = "multi_thread")]
async fn us15_what_is_free_lapses_what_is_held_does_not_and_the_fund_closes_once_all_is_settled() {
    let vendor = Vendor::new().await;
    let _crew = vendor.crew(3).await;
    vendor.partner("nordlicht", &[]).await;
    let fund = vendor.fund(&papers::fund(&[("2027-06-30", "2027-03-31")])).await;
    vendor.pass_days(6).await;
    let request = vendor.granted(&[("pia", papers::request(&[]))]).await.remove(0);
    let stands = async |account: Account| vendor.stands(FUND, account, None).await;

    vendor.pass_days(25).await;
    vendor.state(fund.run, "winding_down").await;
    assert_eq!((stands(Account::Free).await, stands(Account::Lapsed).await), (0, 1_800_000));
    assert_eq!(stands(Account::Reserved).await, 200_000, "what is held for a request does not lapse");
    let late = vendor.submit_one::<RequestPaper>("REQ", "pia", papers::request(&[("hamburg-breakfast", "late")])).await;
    vendor.state(late.run, "returned").await;
    let why = vendor.sheet::<RequestPaper>(late.run).await.refusal.unwrap();
    assert!(why.message.contains("is not open") && why.field.as_deref() == Some("/fund"), "{why:?}");

    // What was granted in time is claimed and paid all the same; what the last claim leaves lapses with the next look.
    let less = [("amount: \"2000.00 EUR\"", "amount: \"1500.00 EUR\"")];
    let claim = vendor.owed(&[("pia", papers::claim(&request.label, 1, &less))]).await.remove(0);
    vendor.state(request.run, "completed").await;
    let seq = vendor.row(fund.run).await.snapshot.seq;
    vendor.pass_days(2).await;
    let looked = |row: &entente_store::RunRow| row.snapshot.seq >= seq + 2 && row.snapshot.state == "winding_down";
    vendor.until(fund.run, "it is looked at again", looked).await;
    assert_eq!((stands(Account::Free).await, stands(Account::Lapsed).await), (0, 1_850_000));
    assert_eq!(stands(Account::Payable).await, 150_000);

    let run = vendor.payout(&papers::payout(&[])).await;
    vendor.agree(std::slice::from_ref(&run), &["tess", "flo"]).await;
    vendor.state(run.run, "sent").await;
    let id = vendor.sheet::<PayoutPaper>(run.run).await.course.items[0].end_to_end_id.clone();
    let answers = json!({ "answers": { id: { "outcome": "paid", "on": "2027-04-08" } } });
    accepted(vendor.ask(vendor.actor("paula"), run.run, "answered", answers).await);
    vendor.state(claim.run, "paid").await;
    assert!(!vendor.row(fund.run).await.snapshot.ended);
    vendor.pass_days(2).await;
    vendor.state(fund.run, "closed").await;
    assert_eq!((stands(Account::Paid).await, stands(Account::Lapsed).await), (150_000, 1_850_000));
    assert_eq!(stands(Account::Allocated).await, -2_000_000);
    vendor.verify().await;
}
