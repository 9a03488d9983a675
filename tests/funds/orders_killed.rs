//! Orders through processes that are killed: each is committed once, owed once, and paid by one file.

use std::collections::BTreeSet;

use entente_core::{
    chart::step::VOTE,
    context::funding::{OrderPaper, PayoutPaper},
    event::{Body, Resolution},
    ledger::{Account, PostingAction},
};
use entente_store::RunRow;
use serde_json::{Value, json};

use crate::{
    draw::Draw,
    house::server::HANG,
    orders::{FUND, delivery, invoice, open, order},
    papers,
    us17_killed_payouts::{attend, is_over},
    vendor::{Started, Vendor},
};

const ORDERS: usize = 4;
const KILLS: u32 = 8;
const TOTAL: i64 = 133_850;

/// What people do to an order as it stands, each thing once.
async fn act(
    vendor: &Vendor,
    (order, delivered, charged): &(Started, Value, Value),
    said: &mut BTreeSet<(String, &'static str)>,
) -> Option<RunRow> {
    let row = vendor.find(order.run).await?;
    let snapshot = &row.snapshot;
    if snapshot.incident.is_some() {
        let body = Body::Resolve { decision: Resolution::Retry, reason: "a test looked".into() };
        let sender = vendor.sender(vendor.actor("finn")).await;
        vendor.append(vec![sender.message(order.run, body)]).await;
    }
    if let Some(round) = &snapshot.approvals {
        for person in ["fay", "finn"] {
            if said.insert((order.label.clone(), person)) {
                let data = json!({ "verdict": "approve", "reason": "", "revision": round.subject.revision });
                vendor.append(vec![vendor.sender(vendor.actor(person)).await.named(order.run, VOTE, data)]).await;
            }
        }
    }
    let placed = snapshot.tags.iter().any(|tag| tag == "committed");
    if placed && said.insert((order.label.clone(), "pia")) {
        let sender = vendor.sender(vendor.actor("pia")).await;
        vendor.append(vec![sender.named(order.run, "receive", delivered.clone())]).await;
    }
    let came = placed && !vendor.sheet::<OrderPaper>(order.run).await.course.receipts.is_empty();
    if came && said.insert((order.label.clone(), "paula")) {
        let sender = vendor.sender(vendor.actor("paula")).await;
        vendor.append(vec![sender.named(order.run, "invoice", charged.clone())]).await;
    }
    Some(row)
}

fn is_owed(row: Option<RunRow>) -> bool {
    row.is_some_and(|row| row.snapshot.state.starts_with("finished."))
}

#[tokio::test(flavor = "multi_thread")]
async fn orders_that_are_killed_on_their_way_are_committed_owed_and_paid_once() {
    let (vendor, crew) = open(papers::BANK_ELSEWHERE).await;
    let requests: Vec<(&str, String)> = (0..ORDERS)
        .map(|number| ("pia", papers::request(&[("hamburg-breakfast", &format!("event-{number}"))])))
        .collect();
    let requests = vendor.granted(&requests).await;
    for process in crew {
        process.kill().await;
    }
    let texts: Vec<(&str, String)> = requests.iter().map(|request| ("mia", order(&request.label, &[]))).collect();
    let mut orders = Vec::new();
    for (at, started) in vendor.submit::<OrderPaper>("ORD", &texts).await.into_iter().enumerate() {
        let delivered = delivery(&vendor, &at.to_string(), 500).await;
        // Numbers that nobody takes for each other: what looks like a copy is held.
        orders.push((started, delivered, invoice(&vendor, &format!("R-{}", 7_013 + 1_931 * at)).await));
    }
    let (mut draw, mut said) = (Draw::seeded(), BTreeSet::new());
    for _ in 0..KILLS {
        let point = format!("{}:*:{}", draw.one_of(&["K4", "K7"]), 1 + draw.below(8));
        let mut process = vendor.start_server("serve", Some(&point)).await;
        for _ in 0..20 + draw.below(30) {
            let mut over = true;
            for order in &orders {
                over &= is_owed(act(&vendor, order, &mut said).await);
            }
            if over || !process.runs() {
                break;
            }
            tokio::time::sleep(std::time::Duration::from_millis(30)).await;
        }
        process.kill().await;
        vendor.books_are_sound().await;
    }
    let _crew = vendor.crew(3).await;
    let ending = async {
        for order in &orders {
            while !is_owed(act(&vendor, order, &mut said).await) {
                tokio::time::sleep(std::time::Duration::from_millis(100)).await;
            }
        }
    };
    if tokio::time::timeout(HANG, ending).await.is_err() {
        panic!("an order stands still: {:#?}\n{}", vendor.runs("supplier_order").await, vendor.logs());
    }
    let all = i64::try_from(ORDERS).unwrap() * TOTAL;
    assert_eq!(vendor.stands(FUND, Account::Payable, None).await, all);
    assert_eq!(vendor.stands(FUND, Account::Posted, None).await, 0);
    let payables: BTreeSet<String> =
        orders.iter().map(|(one, ..)| format!("payable/{}/hafenhaus", one.label)).collect();
    paid_once(&vendor, &payables).await;
    assert_eq!(vendor.stands(FUND, Account::Paid, None).await, all);
    let entries = vendor.entries().await;
    for key in &payables {
        let once = |action: PostingAction, account: Account| {
            let ours = entries.iter().filter(|entry| entry.account == account && entry.key == *key && entry.minor > 0);
            assert_eq!(ours.count(), 1, "{action} of `{key}`");
        };
        once(PostingAction::Owe, Account::Payable);
        once(PostingAction::Pay, Account::Paid);
    }
    vendor.verify().await;
}

/// Two runs over everything that is owed: each payable is in exactly one file.
async fn paid_once(vendor: &Vendor, payables: &BTreeSet<String>) {
    let text = papers::payout(&[]);
    let runs = [vendor.payout(&text).await, vendor.payout(&text).await];
    let mut said = BTreeSet::new();
    let paying = async {
        for run in &runs {
            while !is_over(attend(vendor, run, &mut said).await) {
                tokio::time::sleep(std::time::Duration::from_millis(100)).await;
            }
        }
    };
    if tokio::time::timeout(HANG, paying).await.is_err() {
        panic!("a run stands still: {:#?}\n{}", vendor.runs("payout_run").await, vendor.logs());
    }
    let mut paid = Vec::new();
    for run in &runs {
        let course = vendor.sheet::<PayoutPaper>(run.run).await.course;
        if course.file.is_some() {
            let keys = course.items.into_iter().map(|item| format!("payable/{}/{}", item.item.claim, item.item.payee));
            paid.extend(keys);
        }
    }
    paid.sort();
    assert_eq!(paid, payables.iter().cloned().collect::<Vec<_>>());
}
