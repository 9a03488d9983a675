//! Rows 59 and 60: parts that add up, and currencies that do not meet.

use entente_core::{
    context::funding::{ClaimPaper, PayoutPaper, RequestPaper},
    ledger::Account,
};
use entente_payments::pain001;

use crate::{papers, vendor::Vendor};

#[tokio::test(flavor = "multi_thread")]
async fn row_59_three_payees_of_a_shared_event_are_paid_their_parts_to_the_cent() {
    let (vendor, _crew) = Vendor::open().await;
    for (id, person) in [("bluepeak", "[ben]"), ("redhill", "[pete]")] {
        vendor.partner(id, &[("[pia]", person)]).await;
    }
    let request = vendor.granted(&[("pia", papers::request(&[]))]).await.remove(0);
    vendor.pass_days(20).await;
    let ghost = "closing: true\npayees: [{ payee: nordlicht, weight: 80 }, { payee: ghost, weight: 20 }]";
    let ghost = papers::claim(&request.label, 9, &[("closing: true", ghost)]);
    let ghost = vendor.submit_one::<ClaimPaper>("CLM", "pia", ghost).await;
    vendor.state(ghost.run, "returned").await;
    let why = vendor.sheet::<ClaimPaper>(ghost.run).await.refusal.unwrap();
    assert_eq!(why.field.as_deref(), Some("/payees/1/payee"), "{why:?}");
    let shared = "closing: true\npayees: [{ payee: nordlicht, weight: 50 }, { payee: bluepeak, weight: 30 }, { payee: redhill, weight: 20 }]";
    let changes = [("closing: true", shared), ("amount: \"2000.00 EUR\"", "amount: \"1000.01 EUR\"")];
    let claim = vendor.owed(&[("pia", papers::claim(&request.label, 1, &changes))]).await.remove(0);
    let payables = vendor.sheet::<ClaimPaper>(claim.run).await.course.payables;
    let parts: Vec<(&str, i64)> = payables.iter().map(|one| (one.payee.as_str(), one.amount.minor)).collect();
    assert_eq!(
        parts,
        [("nordlicht", 50_001), ("bluepeak", 30_000), ("redhill", 20_000)],
        "the cent goes to the largest rest"
    );
    assert_eq!(vendor.stands("emea-2027-h1", Account::Payable, None).await, 100_001);

    let run = vendor.payout(&papers::payout(&[])).await;
    vendor.agree(std::slice::from_ref(&run), &["tess", "flo"]).await;
    vendor.state(run.run, "sent").await;
    assert_eq!(vendor.sheet::<PayoutPaper>(run.run).await.course.items.len(), 3);
    let files = vendor.store().documents("payment_file").await.unwrap();
    let (file, _) = pain001::read(files[0].text.as_bytes()).unwrap();
    let totals: Vec<i64> = file.groups().iter().map(|group| group.total().minor).collect();
    assert_eq!(totals, [100_001], "one group, whose control sum is what the ledger owes");
    vendor.verify().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn row_60_a_claim_or_a_request_in_another_currency_than_its_fund_is_refused_and_books_nothing() {
    let vendor = Vendor::new().await;
    let _crew = vendor.crew(3).await;
    let (id, [(old, new)]) = papers::partner_in("USD");
    vendor.partner(&id, &[(old, &new)]).await;
    vendor.fund(&papers::fund_in("USD")).await;
    vendor.pass_days(6).await;
    let foreign = papers::request_in("USD", 1).replace(" USD\"", " EUR\"");
    let foreign = vendor.submit_one::<RequestPaper>("REQ", "pia", foreign).await;
    vendor.state(foreign.run, "returned").await;
    let why = vendor.sheet::<RequestPaper>(foreign.run).await.refusal.unwrap();
    assert_eq!(why.field.as_deref(), Some("/amount/currency"), "{why:?}");
    assert!(why.message.contains("is in USD; ask for an amount in USD"), "{why:?}");

    let request = vendor.granted(&[("pia", papers::request_in("USD", 2))]).await.remove(0);
    vendor.pass_days(20).await;
    let before = vendor.entries().await;
    let text = papers::claim(&request.label, 1, &[("partner: nordlicht", "partner: nord-usd")]);
    let claim = vendor.submit_one::<ClaimPaper>("CLM", "pia", text).await;
    vendor.state(claim.run, "returned").await;
    let why = vendor.sheet::<ClaimPaper>(claim.run).await.refusal.unwrap();
    assert_eq!(why.field.as_deref(), Some("/currency"), "{why:?}");
    assert!(why.message.contains("was granted in USD; claim in USD"), "{why:?}");
    assert_eq!(vendor.entries().await, before, "nothing is booked, not even half of it");
    vendor.state(request.run, "granted").await;
    vendor.verify().await;
}
