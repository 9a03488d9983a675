//! US-17: a payout in four currencies, by processes that are killed twenty times.

use std::collections::{BTreeMap, BTreeSet};

use entente_core::{
    chart::step::VOTE,
    context::funding::{ClaimPaper, PayableStatus, PayoutPaper},
    event::{Body, Resolution},
    ledger::Account,
};
use entente_payments::pain001;
use entente_store::RunRow;
use serde_json::{Value, json};

use crate::{
    draw::Draw,
    house::server::HANG,
    papers,
    vendor::{Started, Vendor},
};

const CURRENCIES: [&str; 4] = ["EUR", "GBP", "JPY", "USD"];

/// Payables in each currency.
const EACH: usize = 15;

const KILLS: u32 = 20;

/// A payable in each currency, fifteen times, and nobody who works.
async fn owing() -> (Vendor, Vec<Started>) {
    let vendor = Vendor::new().await;
    let crew = vendor.crew(3).await;
    for currency in CURRENCIES {
        let (id, [(old, new)]) = papers::partner_in(currency);
        vendor.partner(&id, &[(old, &new)]).await;
        vendor.fund(&papers::fund_in(currency)).await;
    }
    vendor.pass_days(6).await;
    let all = || CURRENCIES.iter().flat_map(|currency| (0..EACH).map(move |number| (*currency, number)));
    let requests: Vec<_> = all().map(|(currency, number)| ("pia", papers::request_in(currency, number))).collect();
    let requests = vendor.granted(&requests).await;
    vendor.pass_days(20).await;
    let claims = all().zip(&requests).enumerate();
    let claims: Vec<_> =
        claims.map(|(at, ((currency, _), request))| ("pia", papers::claim_in(currency, &request.label, at))).collect();
    let claims = vendor.owed(&claims).await;
    for process in crew {
        process.kill().await;
    }
    (vendor, claims)
}

/// What people and the bank do to a run, as it stands: they vote once, and answer once that everything was paid.
pub async fn attend(vendor: &Vendor, run: &Started, said: &mut BTreeSet<(String, &'static str)>) -> Option<RunRow> {
    let row = vendor.find(run.run).await?;
    if row.snapshot.incident.is_some() {
        // What ended with its process too often waits for an operator, who looks and has it tried again.
        let body = Body::Resolve { decision: Resolution::Retry, reason: "a test looked".into() };
        let sender = vendor.sender(vendor.actor("finn")).await;
        vendor.append(vec![sender.message(run.run, body)]).await;
    }
    if let Some(round) = &row.snapshot.approvals {
        for person in ["tess", "flo"] {
            if said.insert((run.label.clone(), person)) {
                let data = json!({ "verdict": "approve", "reason": "", "revision": round.subject.revision });
                vendor.append(vec![vendor.sender(vendor.actor(person)).await.named(run.run, VOTE, data)]).await;
            }
        }
    }
    if row.snapshot.state == "sent" && said.insert((run.label.clone(), "bank")) {
        let items = vendor.sheet::<PayoutPaper>(run.run).await.course.items;
        let paid = |id: &String| (id.clone(), json!({ "outcome": "paid", "on": "2027-04-05" }));
        let answers: serde_json::Map<String, Value> = items.iter().map(|item| paid(&item.end_to_end_id)).collect();
        answered(vendor, run, answers.into()).await;
    }
    Some(row)
}

async fn answered(vendor: &Vendor, run: &Started, answers: Value) {
    let sender = vendor.sender(vendor.actor("paula")).await;
    vendor.append(vec![sender.named(run.run, "answered", json!({ "answers": answers }))]).await;
}

pub fn is_over(row: Option<RunRow>) -> bool {
    row.is_some_and(|row| row.snapshot.ended || row.snapshot.tags.iter().any(|tag| tag == "answered"))
}

#[tokio::test(flavor = "multi_thread")]
async fn us17_two_runs_over_the_same_payables_killed_twenty_times_pay_each_by_exactly_one_file() {
    let (vendor, claims) = owing().await;
    let owed = ledgers(&vendor, Account::Payable).await;
    // Two runs are asked for at once, each for everything.
    let text = papers::payout_in(&CURRENCIES);
    let runs = [vendor.payout(&text).await, vendor.payout(&text).await];
    let (mut draw, mut said) = (Draw::seeded(), BTreeSet::new());
    for _ in 0..KILLS {
        // What happens in the installation alone has two crash points: before it is done, and when it is committed.
        let point = format!("{}:*:{}", draw.one_of(&["K4", "K7"]), 1 + draw.below(12));
        let mut process = vendor.start_server("serve", Some(&point)).await;
        for _ in 0..20 + draw.below(40) {
            let mut over = true;
            for run in &runs {
                over &= is_over(attend(&vendor, run, &mut said).await);
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
        for run in &runs {
            while !is_over(attend(&vendor, run, &mut said).await) {
                tokio::time::sleep(std::time::Duration::from_millis(100)).await;
            }
        }
    };
    if tokio::time::timeout(HANG, ending).await.is_err() {
        panic!("a run stands still: {:#?}\n{}", vendor.runs("payout_run").await, vendor.logs());
    }
    vendor.all_in(&claims, "paid").await;

    in_one_file_each(&vendor, &runs, &claims, &owed).await;
    assert_eq!(ledgers(&vendor, Account::Paid).await, owed);
    assert!(ledgers(&vendor, Account::Payable).await.values().all(|minor| *minor == 0));
    a_return_reopens_only_its_payable(&vendor, &runs, &claims).await;
    vendor.verify().await;
}

/// What stands on an account in each currency's fund.
async fn ledgers(vendor: &Vendor, account: Account) -> BTreeMap<&'static str, i64> {
    let mut stands = BTreeMap::new();
    for currency in CURRENCIES {
        stands.insert(currency, vendor.stands(&format!("emea-{}", currency.to_lowercase()), account, None).await);
    }
    stands
}

/// Each file has one group for each of its currencies, and all groups of a currency sum to what its ledger owed.
async fn in_one_file_each(vendor: &Vendor, runs: &[Started], claims: &[Started], owed: &BTreeMap<&str, i64>) {
    let (mut sums, mut paid): (BTreeMap<&str, i64>, Vec<String>) = (BTreeMap::new(), Vec::new());
    let files = vendor.store().documents("payment_file").await.unwrap();
    let written = runs.iter().filter(|run| files.iter().any(|file| file.name == run.label)).count();
    assert_eq!((files.len(), written > 0), (written, true), "one file for each run that paid anything");
    for file in &files {
        let (file, _) = pain001::read(file.text.as_bytes()).unwrap();
        let mut seen = BTreeSet::new();
        for group in file.groups() {
            let (currency, total) = (group.total().currency.code(), group.total().minor);
            assert!(seen.insert(currency), "one group for an account and {currency}");
            *sums.entry(currency).or_default() += total;
        }
    }
    for run in runs {
        let course = vendor.sheet::<PayoutPaper>(run.run).await.course;
        if course.file.is_some() {
            paid.extend(course.items.into_iter().map(|item| item.item.claim));
        }
    }
    paid.sort();
    let mut labels: Vec<String> = claims.iter().map(|claim| claim.label.clone()).collect();
    labels.sort();
    assert_eq!(paid, labels, "each payable is in exactly one file");
    assert_eq!(&sums, owed);
}

/// What the bank sends back is owed again, and nothing else.
async fn a_return_reopens_only_its_payable(vendor: &Vendor, runs: &[Started], claims: &[Started]) {
    let mut paid = None;
    for run in runs {
        let item = vendor.sheet::<PayoutPaper>(run.run).await.course.items.into_iter().next();
        paid = paid.or(item.map(|item| (run, item)));
    }
    let (run, item) = paid.unwrap();
    let returned = json!({ "outcome": "returned", "on": "2027-04-09", "why": "AC04 closed account" });
    answered(vendor, run, json!({ item.end_to_end_id: returned })).await;
    let claim = claims.iter().find(|claim| claim.label == item.item.claim).unwrap();
    vendor.state(claim.run, "payable").await;
    let payable = vendor.sheet::<ClaimPaper>(claim.run).await.course.payables.remove(0);
    assert_eq!((payable.status, payable.amount), (PayableStatus::Owed, item.item.amount));
    let open = ledgers(vendor, Account::Payable).await.into_values().sum::<i64>();
    assert_eq!(open, item.item.amount.minor);
    for other in claims.iter().filter(|other| other.run != claim.run) {
        assert_eq!(vendor.row(other.run).await.snapshot.state, "paid", "{}", other.label);
    }
}
