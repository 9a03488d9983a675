//! Advances: paid before they are proven, a receivable until then, and never paid twice.

use std::collections::BTreeSet;

use entente::close::{prepare, rules};
use entente_core::{
    close::{LineKind, PostingRules},
    context::funding::{ClaimPaper, PayoutPaper, load},
    ledger::Account,
};
use serde_json::{Value, json};

use crate::{
    draw::Draw,
    house::again::again,
    month_end::{RULES, entity},
    papers,
    us17_killed_payouts::{attend, is_over},
    vendor::{Started, Vendor, accepted, refused},
};

const FUND: &str = "emea-2027-h1";

const ADVANCE: &str = include_str!("../../examples/funding/advance.yaml");

const KILLS: u32 = 6;

/// An advance of 1,000.00 EUR on a request of 2,000.00 EUR, which is proven by the middle of May.
fn advance(request: &str) -> String {
    ADVANCE.replace("REQ-2027-00001", request)
}

/// An advance that the bank has paid; its request.
async fn paid(vendor: &Vendor) -> (Started, Started) {
    let request = vendor.granted(&[("pia", papers::request(&[]))]).await.remove(0);
    let claim = vendor.owed(&[("pia", advance(&request.label))]).await.remove(0);
    let run = vendor.sent().await;
    vendor.bank_says(&run, "paid", "2027-03-12").await;
    vendor.state(claim.run, "advanced").await;
    vendor.books_are_sound().await;
    (request, claim)
}

async fn proof(vendor: &Vendor, claim: &Started, text: &str) -> Value {
    let paper: ClaimPaper = load("proof", &vendor.handed_in(text).await).unwrap();
    assert_eq!(paper.partner.as_str(), "nordlicht", "{}", claim.label);
    json!({ "paper": paper })
}

/// What stands free, reserved, payable, prepaid, paid and claimed back.
pub async fn standing(vendor: &Vendor) -> [i64; 6] {
    let mut stands = [0; 6];
    let accounts =
        [Account::Free, Account::Reserved, Account::Payable, Account::Prepaid, Account::Paid, Account::Clawback];
    for (at, account) in accounts.into_iter().enumerate() {
        stands[at] = vendor.stands(FUND, account, None).await;
    }
    stands
}

#[tokio::test(flavor = "multi_thread")]
async fn the_proof_of_an_advance_is_put_off_once_by_agreement_and_as_long_as_its_request_may_be_claimed() {
    let (vendor, _crew) = Vendor::open().await;
    let (_, claim) = paid(&vendor).await;
    let put_off = async |person: &str, until: &str| {
        vendor.run(person, &["claim", "put-off", &claim.label, "--until", until, "--reason", "the venue moves"]).await
    };
    let prove_by = async || vendor.sheet::<ClaimPaper>(claim.run).await.course.advance.unwrap().prove_by.unwrap();
    let before = prove_by().await;
    put_off("mia", "2027-04-01").await.refused(2, "already; write a later day than 2027-04-01");
    put_off("mia", "2028-12-31").await.refused(2, "its request may be claimed until");
    put_off("pia", "2027-06-01").await.refused(4, "");
    put_off("vera", "2027-06-01").await.refused(4, "");
    put_off("mia", "2027-06-01").await.ok();
    vendor.asks(claim.run).await;
    refused(vendor.vote("mia", claim.run).await);
    assert_eq!(prove_by().await, before, "until people have agreed");
    accepted(vendor.vote("vera", claim.run).await);
    refused(vendor.vote("vera", claim.run).await);
    accepted(vendor.vote("flo", claim.run).await);
    vendor.state(claim.run, "advanced").await;
    assert_eq!(prove_by().await.to_string(), "2027-06-02T00:00:00Z", "the end of that day");
    put_off("mia", "2027-06-10").await.refused(5, "is put off once");

    // Nobody proves it: after that day, and not before, it is claimed back.
    let left = (prove_by().await.duration_since(vendor.now().await).as_hours() - 1).to_string();
    vendor.pass(&format!("PT{left}H")).await;
    assert_eq!(standing(&vendor).await[3], 100_000, "it is prepaid");
    vendor.pass("PT2H").await;
    vendor.state(claim.run, "recovering").await;
    assert_eq!(standing(&vendor).await[5], 100_000);
    vendor.verify().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_advance_is_prepaid_until_it_is_proven_and_what_the_proof_shows_beyond_it_is_owed() {
    let (vendor, _crew) = Vendor::open().await;
    let (request, claim) = paid(&vendor).await;
    assert_eq!(standing(&vendor).await, [1_800_000, 100_000, 0, 100_000, 0, 0]);

    // The month's end shows it as prepaid, and no cost.
    let now = vendor.now().await;
    let text = posting_rules();
    let known = PostingRules::from_yaml("rules.yaml", &text).unwrap();
    again(async || rules::import(vendor.store(), &known, &text, "paula", now).await).await;
    vendor.pass_days(25).await;
    let entity = entity();
    let asked = prepare::Asked { entity: &entity, month: "2027-03", rules: None, now: vendor.now().await };
    let batch = prepare::batch(vendor.store(), asked).await.unwrap();
    let on = |account: &str| {
        let lines =
            batch.lines.iter().filter(|line| line.kind == LineKind::Movement && line.account.as_str() == account);
        lines.map(|line| line.signed()).sum::<i64>()
    };
    assert_eq!((on("1350"), on("1090"), on("6610")), (100_000, -100_000, 0), "{batch:#?}");

    // It is proven by another paper, of the same request alone, with everything that a claim is judged by.
    let bare = papers::claim(&request.label, 1, &[("  - { file: room-00001.png, kind: photo }\n", "")]);
    assert!(!bare.contains("photo"));
    accepted(vendor.ask(vendor.actor("pia"), claim.run, "prove", proof(&vendor, &claim, &bare).await).await);
    let row = vendor.until(claim.run, "the rules refuse it", |row| row.snapshot.state == "advanced").await;
    assert!(row.snapshot.context["refusal"]["message"].as_str().unwrap().contains("D1"), "{row:?}");
    let whole = proof(&vendor, &claim, &papers::claim(&request.label, 1, &[])).await;
    accepted(vendor.ask(vendor.actor("pia"), claim.run, "prove", whole).await);
    vendor.state(claim.run, "proof_approvals").await;
    refused(vendor.vote("pia", claim.run).await);
    vendor.agree(std::slice::from_ref(&claim), &["vera", "finn"]).await;
    vendor.state(claim.run, "payable").await;
    vendor.state(request.run, "completed").await;
    assert_eq!(standing(&vendor).await, [1_800_000, 0, 100_000, 0, 100_000, 0]);
    vendor.books_are_sound().await;

    let run = vendor.sent().await;
    vendor.bank_says(&run, "paid", "2027-03-12").await;
    vendor.state(claim.run, "paid").await;
    assert_eq!(standing(&vendor).await, [1_800_000, 0, 0, 0, 200_000, 0]);
    let statement = vendor
        .run("finn", &["statement", "create", "--partner", "nordlicht", "--entity", "acme-us", "--month", "2027-03"])
        .await;
    let statement = statement.ok();
    assert!(statement.contains("owe_advance") && statement.contains("pay_advance"), "{statement}");
    vendor.verify().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_advance_that_nobody_proves_is_claimed_back_and_comes_off_the_next_payment_by_a_quarter() {
    let (vendor, _crew) = Vendor::open().await;
    let (request, claim) = paid(&vendor).await;
    let other = papers::request(&[("hamburg-breakfast", "event-2")]);
    let other = vendor.granted(&[("pia", other)]).await.remove(0);
    vendor.pass_days(20).await;
    let next = vendor.owed(&[("pia", papers::claim(&other.label, 2, &[]))]).await.remove(0);
    vendor.pass_days(60).await;
    vendor.state(claim.run, "recovering").await;
    assert_eq!(standing(&vendor).await, [1_600_000, 100_000, 200_000, 0, 0, 100_000]);
    let course = vendor.sheet::<ClaimPaper>(claim.run).await.course;
    assert_eq!(course.clawbacks[0].reason, "no proof came in time");
    let late = proof(&vendor, &claim, &papers::claim(&request.label, 1, &[])).await;
    refused(vendor.ask(vendor.actor("pia"), claim.run, "prove", late).await);
    let told = vendor.run("finn", &["--json", "inbox"]).await.ok();
    assert!(told.contains("see to it that what is claimed back"), "somebody answers for it: {told}");

    let run = vendor.sent().await;
    let item = vendor.sheet::<PayoutPaper>(run.run).await.course.items.remove(0).item;
    assert_eq!((item.amount.minor, item.net().unwrap().minor), (200_000, 150_000));
    vendor.bank_says(&run, "paid", "2027-03-12").await;
    vendor.state(next.run, "paid").await;
    assert_eq!(standing(&vendor).await, [1_650_000, 100_000, 0, 0, 200_000, 50_000]);
    vendor.given_back(&claim, 50_000).await;
    vendor.state(claim.run, "paid").await;
    assert_eq!(standing(&vendor).await, [1_700_000, 100_000, 0, 0, 200_000, 0]);
    vendor.verify().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_advance_is_paid_by_one_file_however_often_the_processes_are_killed() {
    let (vendor, crew) = Vendor::open().await;
    let request = vendor.granted(&[("pia", papers::request(&[]))]).await.remove(0);
    let claim = vendor.owed(&[("pia", advance(&request.label))]).await.remove(0);
    for process in crew {
        process.kill().await;
    }
    let runs = [vendor.payout(&papers::payout(&[])).await, vendor.payout(&papers::payout(&[])).await];
    let (mut draw, mut said) = (Draw::seeded(), BTreeSet::new());
    for _ in 0..KILLS {
        let point = format!("{}:*:{}", draw.one_of(&["K4", "K7"]), 1 + draw.below(6));
        let mut process = vendor.start_server("serve", Some(&point)).await;
        for _ in 0..40 {
            for run in &runs {
                attend(&vendor, run, &mut said).await;
            }
            if !process.runs() {
                break;
            }
            tokio::time::sleep(std::time::Duration::from_millis(30)).await;
        }
        process.kill().await;
        vendor.books_are_sound().await;
    }
    let _crew = vendor.crew(3).await;
    let ending = async {
        for run in &runs {
            while !is_over(attend(&vendor, run, &mut said).await) {
                tokio::time::sleep(std::time::Duration::from_millis(100)).await;
            }
        }
    };
    let ended = tokio::time::timeout(crate::house::server::HANG, ending).await;
    assert!(ended.is_ok(), "a run stands still\n{}", vendor.logs());
    vendor.state(claim.run, "advanced").await;
    let files = vendor.store().documents("payment_file").await.unwrap();
    assert_eq!(files.len(), 1, "one file pays it");
    let payments = vendor.sheet::<ClaimPaper>(claim.run).await.course.payables.remove(0).payments;
    assert_eq!(payments.len(), 1);
    assert_eq!(standing(&vendor).await, [1_800_000, 100_000, 0, 100_000, 0, 0]);
    vendor.verify().await;
}

/// The example's rules, where months are of the zone in which these days are counted.
pub fn posting_rules() -> String {
    RULES.replace("America/New_York", "UTC")
}
