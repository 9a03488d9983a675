//! What partners earn by their sales, from a distributor's report to the money that a request draws on.

use entente_core::{
    context::funding::{AccrualPaper, FundPaper, RequestPaper},
    ledger::Account,
};

use crate::{
    house::server::Server,
    papers,
    vendor::{Started, Vendor, accepted, refused},
};

const FUND: &str = "nordlicht-earned";

const PLAN: &str = "plan: cloud-accrual\nversion: 1\ntitle: Three percent of cloud\ncurrency: EUR\nlines: { cloud: 3 }\n\
    skus: { NB-100: cloud }\nnot_counted: [NB-BOOK]\npartners: { Nordlicht GmbH: nordlicht, Bluepeak: bluepeak }\n\
    columns: { partner: Partner, sku: SKU, reference: Line, on: Date, net: Net }\n";

/// Nordlicht sells 100,000.00 less 1,000.00 that came back, Bluepeak 100.00.
const SALES: &str = "Partner,SKU,Line,Date,Net\nNordlicht GmbH,NB-100,A-1,2026-09-01,60000.00\n\
    Nordlicht GmbH,NB-100,A-2,2026-12-31,40000.00\nNordlicht GmbH,NB-100,A-3,2027-01-05,-1000.00\n\
    Nordlicht GmbH,NB-BOOK,A-4,2027-01-05,20.00\nBluepeak,NB-100,A-5,2027-02-28,100.00\n";

const PERIOD: [&str; 4] = ["--from", "2026-09-01", "--until", "2027-02-28"];

/// A vendor with two partners and their funds, and a plan.
async fn open() -> (Vendor, Vec<Server>) {
    let vendor = Vendor::new().await;
    let crew = vendor.crew(3).await;
    vendor.partner("nordlicht", &[]).await;
    vendor.partner("bluepeak", &[("[pia]", "[ben]")]).await;
    for partner in ["nordlicht", "bluepeak"] {
        let id = format!("{partner}-earned");
        let kind = format!("kind: accrual\npartners: [{partner}]");
        let fund = papers::fund(&[
            ("fund: emea-2027-h1", &format!("fund: {id}")),
            ("starter@1", "earned@1"),
            ("kind: discretionary", &kind),
        ]);
        vendor.fund(&fund).await;
        assert_eq!(vendor.stands(&id, Account::Allocated, None).await, 0, "nothing is given before it is earned");
    }
    let plan = vendor.write("plan.yaml", PLAN);
    vendor.command("fay", &["accrual", "import-plan", &plan]).await.unwrap();
    (vendor, crew)
}

async fn create(vendor: &Vendor, sales: &str, more: &[&str]) -> Result<String, String> {
    let file = vendor.write("sales.csv", sales);
    let words =
        [&["accrual", "create", &file, "--plan", "cloud-accrual@1"][..], &PERIOD, &["--wait", "30s"], more].concat();
    vendor.command("fay", &words).await
}

/// Enters the report and has finance agree to what Nordlicht has earned.
async fn stated(vendor: &Vendor) -> Started {
    let labels = create(vendor, SALES, &["--submit"]).await.unwrap();
    let mut runs = Vec::new();
    for label in labels.lines() {
        let run = vendor.labelled(label).await;
        if vendor.sheet::<AccrualPaper>(run.run).await.paper.partner.as_str() == "nordlicht" {
            runs.push(run);
        }
    }
    let run = runs.remove(0);
    vendor.agree(std::slice::from_ref(&run), &["finn"]).await;
    vendor.state(run.run, "stated").await;
    run
}

async fn earned(vendor: &Vendor) -> [i64; 3] {
    let mut stands = [0; 3];
    for (at, account) in [Account::Earned, Account::Free, Account::Allocated].into_iter().enumerate() {
        stands[at] = vendor.stands(FUND, account, None).await;
    }
    stands
}

#[tokio::test(flavor = "multi_thread")]
async fn earnings_wait_for_the_partner_and_are_then_divided_between_the_fund_and_a_rebate() {
    let (vendor, _crew) = open().await;
    let planned = create(&vendor, SALES, &["--dry-run"]).await.unwrap();
    assert!(planned.contains("EUR 2,970.00") || planned.contains("2,970.00"), "{planned}");
    assert!(vendor.runs("accrual_run").await.is_empty());
    let run = stated(&vendor).await;
    assert_eq!(earned(&vendor).await, [297_000, 0, -297_000], "it may not be used yet");
    let early = vendor.submit_one::<RequestPaper>("REQ", "pia", papers::request(&[("emea-2027-h1", FUND)])).await;
    vendor
        .until(early.run, "it is not granted", |row| ["returned", "held"].contains(&row.snapshot.state.as_str()))
        .await;

    // 40 % of 2,970.00 are for the fund, and the rest leaves its books.
    vendor.pass_days(15).await;
    vendor.state(run.run, "rebate_due").await;
    assert_eq!(earned(&vendor).await, [0, 118_800, -118_800]);
    let course = vendor.sheet::<AccrualPaper>(run.run).await.course;
    assert_eq!(course.rebate.unwrap().minor, 178_200);
    vendor
        .command("paula", &["accrual", "rebate-settled", &run.label, "--reference", "CN-14", "--on", "2027-03-17"])
        .await
        .unwrap();
    vendor.state(run.run, "settled").await;

    let changes = [
        ("emea-2027-h1", FUND),
        ("hamburg-breakfast", "event-2"),
        ("amount: \"2000.00 EUR\"", "amount: \"1188.00 EUR\""),
    ];
    let text = papers::request(&changes);
    let request = vendor.submit_one::<RequestPaper>("REQ", "pia", text).await;
    vendor.agree(std::slice::from_ref(&request), &["fay"]).await;
    vendor.state(request.run, "granted").await;
    assert_eq!(earned(&vendor).await, [0, 0, -118_800]);
    vendor.verify().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_report_counts_once_whoever_enters_it_again_and_in_whatever_parts() {
    let (vendor, _crew) = open().await;
    let run = stated(&vendor).await;
    assert_eq!(vendor.runs("accrual_run").await.len(), 2);
    let again = create(&vendor, SALES, &["--submit"]).await.unwrap();
    assert_eq!((again.as_str(), vendor.runs("accrual_run").await.len()), ("", 2), "both are there already");

    // One sale of it among others: the run of the same fund has to end first, and then the sale is known.
    let other = "Partner,SKU,Line,Date,Net\nNordlicht GmbH,NB-100,B-1,2026-09-02,60000.00\nNordlicht GmbH,NB-100,A-2,2026-12-31,40000.00\n";
    let told = create(&vendor, other, &["--submit"]).await.unwrap_err();
    assert!(told.contains(&run.label) || told.contains("key_taken"), "{told}");
    vendor.pass_days(15).await;
    vendor
        .command(
            "paula",
            &["accrual", "rebate-settled", &run.label, "--reference", "CN-14", "--on", "2027-03-17", "--wait", "30s"],
        )
        .await
        .unwrap();
    vendor.state(run.run, "settled").await;
    let label = create(&vendor, other, &["--submit"]).await.unwrap();
    let second = vendor.labelled(label.trim()).await;
    vendor.state(second.run, "returned").await;
    let why = vendor.sheet::<AccrualPaper>(second.run).await.refusal.unwrap();
    assert!(
        why.message.contains("sale `A-2` of `NB-100` counts in") && why.field.as_deref() == Some("/sales"),
        "{why:?}"
    );

    // Without that sale, the report takes the place of the one that was returned.
    let own = vendor.write("own.csv", &other.replace("Nordlicht GmbH,NB-100,A-2,2026-12-31,40000.00\n", ""));
    let revise = ["accrual", "revise", &second.label, &own, "--plan", "cloud-accrual@1"];
    vendor.command("fay", &[&revise[..], &PERIOD, &["--wait", "30s"]].concat()).await.unwrap();
    vendor.state(second.run, "approvals").await;
    assert_eq!(vendor.sheet::<AccrualPaper>(second.run).await.paper.earned.minor, 180_000);
    let bluepeaks = vendor.write("other.csv", "Partner,SKU,Line,Date,Net\nBluepeak,NB-100,D-1,2026-09-02,5.00\n");
    let foreign = ["accrual", "revise", &second.label, &bluepeaks, "--plan", "cloud-accrual@1"];
    let told = vendor.command("fay", &[&foreign[..], &PERIOD].concat()).await.unwrap_err();
    assert!(told.contains("no row of partner `nordlicht`"), "{told}");

    let unknown = create(&vendor, "Partner,SKU,Line,Date,Net\nNordlicht GmbH,NB-999,C-1,2026-09-02,1.00\n", &[])
        .await
        .unwrap_err();
    assert!(unknown.contains("row 2, column `SKU`: `NB-999` is not in the plan"), "{unknown}");
    assert!(unknown.contains("nothing was entered"), "{unknown}");
    vendor.verify().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_partner_doubts_is_decided_by_two_people_and_the_rest_is_used_meanwhile() {
    let (vendor, _crew) = open().await;
    let run = stated(&vendor).await;
    let other = vendor.command("ben", &["accrual", "show", &run.label]).await.unwrap_err();
    assert!(other.contains("does not exist"), "another partner's run is not there: {other}");
    let doubt = ["accrual", "dispute", &run.label, "--should-be", "3270.00 EUR", "--reason", "a sale is missing"];
    vendor.command("pia", &doubt).await.unwrap();
    vendor.pass_days(15).await;
    vendor.state(run.run, "disputed").await;
    // 40 % of the 2,970.00 that nobody doubts.
    assert_eq!(earned(&vendor).await, [178_200, 118_800, -297_000]);

    let too_much =
        serde_json::json!({ "earned": { "minor": 327_001, "currency": "EUR" }, "reason": "more than they say" });
    refused(vendor.ask(vendor.actor("flo"), run.run, "decide", too_much).await);
    let decided =
        serde_json::json!({ "earned": { "minor": 307_000, "currency": "EUR" }, "reason": "a third of it is proven" });
    accepted(vendor.ask(vendor.actor("flo"), run.run, "decide", decided).await);
    vendor.asks(run.run).await;
    refused(vendor.vote("flo", run.run).await);
    accepted(vendor.vote("finn", run.run).await);
    vendor.state(run.run, "rebate_due").await;
    // 40 % of 3,070.00 are 1,228.00.
    assert_eq!(earned(&vendor).await, [0, 122_800, -122_800]);
    assert_eq!(vendor.sheet::<AccrualPaper>(run.run).await.course.rebate.unwrap().minor, 184_200);
    vendor.verify().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn earnings_end_with_their_fund_and_the_fund_waits_for_them() {
    let (vendor, _crew) = open().await;
    let run = stated(&vendor).await;
    let fund = vendor.runs("fund_period").await;
    let fund = fund.iter().find(|row| row.snapshot.context["paper"]["fund"] == FUND).unwrap().snapshot.clone();
    let close = ["fund", "close", &fund.label, "--reason", "the programme ends"];
    vendor.command("mia", &close).await.unwrap();
    vendor.state(fund.run, "winding_down").await;
    assert_eq!(vendor.sheet::<FundPaper>(fund.run).await.course.free.unwrap().minor, 0);
    vendor.pass_days(15).await;
    vendor.state(run.run, "rebate_due").await;
    assert_eq!(earned(&vendor).await, [0, 0, 0], "all of it is settled beside the fund");
    assert_eq!(vendor.sheet::<AccrualPaper>(run.run).await.course.rebate.unwrap().minor, 297_000);
    vendor.pass_days(2).await;
    vendor.state(fund.run, "closed").await;
    vendor.verify().await;
}
