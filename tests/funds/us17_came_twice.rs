//! US-17: money that came twice, from the payee and from the bank, is the payee's, and is paid to it as everything else.

use entente::close::{prepare, rules};
use entente_core::{
    close::{LineKind, PostingRules},
    context::funding::{ClaimPaper, PayoutPaper},
    ledger::Account,
};

use crate::{
    advances::posting_rules,
    house::again::again,
    month_end::entity,
    papers,
    vendor::{Started, Vendor, accepted, refused},
};

const FUND: &str = "emea-2027-h1";

/// What stands as payable, as paid and as surplus of a claim.
async fn stands(vendor: &Vendor, claim: &Started) -> [i64; 3] {
    let key = format!("payable/{}/nordlicht", claim.label);
    let mut found = [0; 3];
    for (at, account) in [Account::Payable, Account::Paid, Account::Surplus].into_iter().enumerate() {
        found[at] = vendor.stands(FUND, account, Some(&key)).await;
    }
    found
}

/// 800.00 of 2,000.00 are paid back, and then the bank returns all of it; the payout run that had paid it.
async fn came_twice(vendor: &Vendor) -> Started {
    let (claim, _) = vendor.one_of_two_paid().await;
    vendor.claimed_back(&claim, 80_000).await;
    vendor.given_back(&claim, 80_000).await;
    vendor.state(claim.run, "paid").await;
    let row = vendor.runs("payout_run").await.remove(0).snapshot;
    vendor.bank_says(&Started { run: row.run, label: row.label }, "returned", "2027-04-08").await;
    vendor.state(claim.run, "payable").await;
    claim
}

/// A payout run of what is owed; finn, who asked to claim back, has no vote on it, and two others agree.
async fn agreed(vendor: &Vendor) -> Started {
    let run = vendor.payout(&papers::payout(&[])).await;
    let asked = vendor.asks(run.run).await;
    assert_eq!(asked.snapshot.approvals.unwrap().requirements.len(), 2);
    refused(vendor.vote("finn", run.run).await);
    // Flo could speak for either; once tess has spoken for the treasury, finance is left.
    accepted(vendor.vote("tess", run.run).await);
    accepted(vendor.vote("flo", run.run).await);
    vendor.state(run.run, "sent").await;
    run
}

#[tokio::test(flavor = "multi_thread")]
async fn us17_what_came_twice_is_owed_by_no_fund_and_paid_by_the_next_run_with_its_approvals() {
    let (vendor, _crew) = Vendor::open().await;
    let claim = came_twice(&vendor).await;
    // The fund owes 1,200.00, what was paid and kept; 800.00 are the payee's own.
    assert_eq!(stands(&vendor, &claim).await, [200_000, 0, -80_000]);
    let free = vendor.stands(FUND, Account::Free, None).await;
    let shown = vendor.run("finn", &["claim", "show", &claim.label]).await.ok();
    assert!(shown.contains("came twice\tEUR 800.00") && shown.contains("owed of that\tEUR 800.00"), "{shown}");
    vendor.books_are_sound().await;

    // One payment makes both good: one file, two people, and the bank's answer. Whoever has claimed back agrees to no payment of it.
    let run = agreed(&vendor).await;
    let items = vendor.sheet::<PayoutPaper>(run.run).await.course.items;
    assert_eq!((items.len(), items[0].item.net().unwrap().minor), (1, 200_000));
    vendor.bank_says(&run, "paid", "2027-04-12").await;
    vendor.state(claim.run, "paid").await;
    assert_eq!(stands(&vendor, &claim).await, [0, 120_000, 0]);
    assert_eq!(vendor.stands(FUND, Account::Free, None).await, free, "no fund pays what came twice");

    // The bank returns that as well: it is owed again in the same parts, and came no third time.
    vendor.bank_says(&run, "returned", "2027-04-14").await;
    vendor.state(claim.run, "payable").await;
    assert_eq!(stands(&vendor, &claim).await, [200_000, 0, -80_000]);
    let course = vendor.sheet::<ClaimPaper>(claim.run).await.course;
    assert_eq!(course.came_twice.unwrap().minor, 80_000);
    let run = agreed(&vendor).await;
    vendor.bank_says(&run, "paid", "2027-04-16").await;
    vendor.state(claim.run, "paid").await;
    assert_eq!(stands(&vendor, &claim).await, [0, 120_000, 0]);
    vendor.verify().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn us17_what_came_twice_is_on_the_statement_and_a_liability_at_the_months_end() {
    let (vendor, _crew) = Vendor::open().await;
    let claim = came_twice(&vendor).await;
    let statement = ["statement", "create", "--partner", "nordlicht", "--entity", "acme-us", "--month", "2027-03"];
    let said = vendor.run("pia", &statement).await.ok();
    assert!(said.contains("\"movement\":\"owe_surplus\""), "{said}");
    let closing = said.lines().rev().find(|line| line.contains("\"closing\"")).unwrap();
    assert!(closing.contains("\"minor\":200000"), "{closing}");

    let now = vendor.now().await;
    let text = posting_rules();
    let known = PostingRules::from_yaml("rules.yaml", &text).unwrap();
    again(async || rules::import(vendor.store(), &known, &text, "paula", now).await).await;
    vendor.pass_days(8).await;
    let entity = entity();
    let asked = prepare::Asked { entity: &entity, month: "2027-03", rules: None, now: vendor.now().await };
    let batch = prepare::batch(vendor.store(), asked).await.unwrap();
    let on = |account: &str| {
        let lines =
            batch.lines.iter().filter(|line| line.kind == LineKind::Movement && line.account.as_str() == account);
        lines.map(|line| line.signed()).sum::<i64>()
    };
    // Cash: 2,000.00 went out, 800.00 and 2,000.00 came in. Owed: 2,000.00. Cost: what was paid and kept.
    assert_eq!((on("1090"), on("2310"), on("6610")), (80_000, -200_000, 120_000), "{batch:#?}");

    // A month in which it happened is not closed by rules that say nothing of it.
    let silent =
        text.replace("version: 1", "version: 2").replace("  owe_surplus: { debit: \"1090\", credit: \"2310\" }\n", "");
    let known = PostingRules::from_yaml("rules.yaml", &silent).unwrap();
    again(async || rules::import(vendor.store(), &known, &silent, "paula", now).await).await;
    let asked = prepare::Asked { entity: &entity, month: "2027-03", rules: None, now: vendor.now().await };
    let refused = prepare::batch(vendor.store(), asked).await.unwrap_err().to_string();
    assert!(refused.contains("owe_surplus"), "{refused}");
    assert_eq!(vendor.row(claim.run).await.snapshot.state, "payable");
}
