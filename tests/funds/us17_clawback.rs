//! US-17: what is claimed back is taken off the next payment, a quarter of it at most.

use entente::activities::{
    Activity as _, Attempt, Call,
    funding::{Books, Tell},
    letters::Letters,
};
use entente_core::{
    context::funding::{ClaimPaper, PayoutPaper},
    ids::InvokeId,
    ledger::Account,
};
use serde_json::{Value, json};

use crate::{
    papers,
    vendor::{Started, Vendor, accepted},
};

const FUND: &str = "emea-2027-h1";

/// What the bank pays by a run, and what is taken off.
async fn pays(vendor: &Vendor, run: &Started) -> (i64, i64) {
    let item = vendor.sheet::<PayoutPaper>(run.run).await.course.items.remove(0).item;
    let net = item.net().unwrap().minor;
    (net, item.amount.minor - net)
}

#[tokio::test(flavor = "multi_thread")]
async fn us17_a_clawback_is_netted_by_a_quarter_at_most_and_a_returned_payment_is_owed_without_what_was_netted() {
    let (vendor, _crew) = Vendor::open().await;
    let (wrong, other) = vendor.one_of_two_paid().await;

    // 800.00 of the 2,000.00 are claimed back; whoever asks for that has no vote on it.
    vendor.claimed_back(&wrong, 80_000).await;
    assert_eq!(vendor.stands(FUND, Account::Clawback, None).await, 80_000);

    // The next payment of 2,000.00 bears a quarter: 500.00.
    let next = vendor.owed(&[("pia", papers::claim(&other.label, 2, &[]))]).await.remove(0);
    let run = vendor.sent().await;
    assert_eq!(pays(&vendor, &run).await, (150_000, 50_000));
    vendor.bank_says(&run, "paid", "2027-04-06").await;
    vendor.state(next.run, "paid").await;
    vendor.books_are_sound().await;
    assert_eq!(vendor.stands(FUND, Account::Clawback, None).await, 30_000);

    // The bank returns the 1,500.00: that much is owed again, for the 500.00 have been recovered.
    vendor.bank_says(&run, "returned", "2027-04-08").await;
    vendor.state(next.run, "payable").await;
    assert_eq!(vendor.stands(FUND, Account::Payable, None).await, 150_000);
    assert_eq!(vendor.stands(FUND, Account::Clawback, None).await, 30_000);
    vendor.books_are_sound().await;

    // A quarter of 1,500.00 is 375.00, and 300.00 are all that is left.
    let run = vendor.sent().await;
    assert_eq!(pays(&vendor, &run).await, (120_000, 30_000));
    vendor.bank_says(&run, "paid", "2027-04-12").await;
    vendor.state(next.run, "paid").await;
    vendor.state(wrong.run, "paid").await;
    let next = vendor.sheet::<ClaimPaper>(next.run).await.course.payables.remove(0);
    assert_eq!(next.paid_in_all(), 200_000);
    assert_eq!(vendor.stands(FUND, Account::Clawback, None).await, 0);
    // Of 4,000.00 that were paid, 800.00 are free again.
    assert_eq!(vendor.stands(FUND, Account::Paid, None).await, 320_000);
    assert_eq!(vendor.stands(FUND, Account::Free, None).await, 2_000_000 - 320_000);
    vendor.verify().await;
}

/// Tells the claims of a run once more what the bank has answered about its only payment.
async fn told_again(vendor: &Vendor, run: &Started) {
    let row = vendor.row(run.run).await;
    let item = vendor.sheet::<PayoutPaper>(run.run).await.course.items.remove(0);
    let answer = json!({ "outcome": "paid", "on": "2027-04-06" });
    let call = Call {
        run: run.run,
        label: run.label.clone(),
        home: row.snapshot.home,
        invoke: InvokeId { seq: 1, n: 0 },
        request: json!({ "payout": run.label, "answers": [{ "item": item, "answer": answer }] }),
        token: uuid::Uuid::nil(),
        attempt: 1,
        first_sent_at: None,
        notes: Value::Null,
        now: vendor.now().await,
    };
    let app = &vendor.app;
    let (store, world, evidence) = (app.store.clone(), app.world.subscribe(), app.evidence.clone());
    let tell = Tell::new(Some(Books { store, letters: Letters::default(), world, evidence }));
    let telling = async {
        while !matches!(tell.perform(&call).await, Attempt::Done(_)) {
            tokio::time::sleep(std::time::Duration::from_millis(50)).await;
        }
    };
    tokio::time::timeout(crate::house::server::HANG, telling).await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn us17_what_was_not_taken_off_a_payment_is_not_taken_off_when_its_answer_is_told_again() {
    let (vendor, _crew) = Vendor::open().await;
    let (wrong, other) = vendor.one_of_two_paid().await;
    vendor.claimed_back(&wrong, 80_000).await;
    let next = vendor.owed(&[("pia", papers::claim(&other.label, 2, &[]))]).await.remove(0);
    let run = vendor.sent().await;
    assert_eq!(pays(&vendor, &run).await, (150_000, 50_000));

    // The partner pays by hand before the bank has answered: nothing is to be taken off, and 500.00 stay owed.
    vendor.given_back(&wrong, 80_000).await;
    vendor.state(wrong.run, "paid").await;
    vendor.bank_says(&run, "paid", "2027-04-06").await;
    assert_eq!(vendor.stands(FUND, Account::Payable, None).await, 50_000);

    // Later more is claimed back, and the answer is told again: the 500.00 are owed still, so none of them has come.
    vendor.claimed_back(&wrong, 60_000).await;
    vendor.pass("PT2M").await;
    told_again(&vendor, &run).await;
    assert_eq!(vendor.stands(FUND, Account::Clawback, None).await, 60_000);
    assert_eq!(vendor.stands(FUND, Account::Payable, None).await, 50_000);
    assert_eq!(vendor.sheet::<ClaimPaper>(next.run).await.course.payables[0].amount.minor, 50_000);
    vendor.books_are_sound().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn us17_the_pack_of_a_claim_says_how_much_is_netted_and_how_long_new_bank_details_wait() {
    let vendor = Vendor::new().await;
    let _crew = vendor.crew(3).await;
    let partner = vendor.partner("nordlicht", &[]).await;
    vendor.fund(&papers::fund(&[("starter@1", "hasty@1")])).await;
    vendor.pass_days(2).await;
    let (wrong, other) = vendor.one_of_two_paid().await;
    vendor.claimed_back(&wrong, 150_000).await;
    vendor.owed(&[("pia", papers::claim(&other.label, 2, &[]))]).await;

    let hash = vendor.change_bank("pia", "nordlicht", &partner, papers::BANK_ELSEWHERE).await;
    accepted(vendor.ask(vendor.actor("paula"), partner.run, "confirm_bank", json!({ "sha256": hash })).await);
    vendor.pass("PT47H").await;
    let early = vendor.payout(&papers::payout(&[])).await;
    vendor.state(early.run, "withdrawn").await;
    let left_out = vendor.sheet::<PayoutPaper>(early.run).await.course.left_out.remove(0).why;
    assert!(left_out.contains("wait for 2 days"), "{left_out}");

    // Two days are over, and half of 2,000.00 may be taken off.
    vendor.pass("PT2H").await;
    let run = vendor.sent().await;
    assert_eq!(pays(&vendor, &run).await, (100_000, 100_000));
    vendor.books_are_sound().await;
}
