//! Figures, states and alerts are true of what is known: days without data are not days of nothing, a part of an import is not
//! the whole of it, and what older rules have judged is told.

use serde_json::{Value, json};

use crate::{
    desk::{Desk, Spend, rules},
    lines::{cloud, day, days},
};
use entente_core::commitment::eligibility::ChargeKind;

const ID: &str = "globex-2026";

/// A commitment of a year.
fn contract(id: &str, cloud: &str, succession: &str) -> String {
    format!(
        r#"
commitment: {id}
contract: EDP-77
party: globex
legal_entity: acme-us
cloud: {cloud}
currency: USD
accounts: ["111122223333"]
basis: {{ cost: billed, discounts: after, dated_by: charge, support: excluded, tax: excluded, credits: reduce, savings_plan_fees: counts, reservation_fees: counts, refunds: original_period, zone: UTC }}
{succession}
versions:
  - valid_from: 2026-01-01
    known_from: 2025-12-01
    note: the agreement of December 2025
    glide: ramp
    marketplace: {{ counts: "100", cap: "25" }}
    periods:
      - {{ from: 2026-01-01, through: 2026-12-31, amount: "120000.00", true_up: {{ due: 2027-01-31, buys: nothing }} }}
"#
    )
}

/// A FOCUS file: so much of Amazon S3 on each of ten days of a month of 2026.
fn month(month: u8, cost: &str) -> String {
    let mut text = "BillingAccountId,BillingCurrency,BillingPeriodStart,BillingPeriodEnd,ChargeCategory,ChargeClass,ChargeFrequency,\
                    ChargePeriodStart,ChargePeriodEnd,ProviderName,PublisherName,InvoiceIssuerName,ServiceName,BilledCost\n"
        .to_owned();
    let (next, year) = if month == 12 { (1, 2027) } else { (month + 1, 2026) };
    for day in 1..=10 {
        let on = format!("2026-{month:02}-{day:02}");
        text.push_str(&format!(
            "111122223333,USD,2026-{month:02}-01 00:00:00,{year}-{next:02}-01 00:00:00,Usage,NULL,Usage-Based,{on}T08:00:00Z,\
             {on}T20:00:00Z,AWS,AWS,Amazon Web Services,Amazon S3,{cost}\n"
        ));
    }
    text
}

/// A folder with the files of some months.
fn folder(desk: &Desk, months: std::ops::RangeInclusive<u8>, cost: &str) -> String {
    let folder = desk.write("exports", "");
    std::fs::remove_file(&folder).unwrap();
    std::fs::create_dir(&folder).unwrap();
    for at in months {
        std::fs::write(format!("{folder}/2026-{at:02}.csv"), month(at, cost)).unwrap();
    }
    folder
}

async fn state(desk: &Desk, id: &str) -> String {
    desk.told(&["show", id]).await["state"].as_str().unwrap().to_owned()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_term_that_is_over_when_it_is_entered_waits_for_its_data() {
    let desk = Desk::open("2027-02-28T09:00:00Z").await;
    let commitment = desk.enter(&contract(ID, "aws", "")).await;
    desk.looked_on(ID, day("2026-12-31")).await;
    assert_eq!(state(&desk, ID).await, "active", "nothing is known of it");
    let shown = desk.told(&["show", ID]).await;
    assert_eq!(shown["figures"]["remaining"], json!({ "least": "0", "most": "120000" }));
    assert_eq!(shown["figures"]["unknown"], json!([{ "from": "2026-01-01", "through": "2026-12-31" }]));
    let words = desk.commitment(&["show", ID]).await;
    assert!(words.contains("no spend was taken in for 2026-01-01 to 2026-12-31"), "{words}");
    desk.notices("payment", 0).await;

    let lines: Vec<_> =
        days(day("2026-01-01"), day("2026-12-31")).map(|on| cloud(on, ChargeKind::Usage, "300.00")).collect();
    let covers = (day("2026-01-01"), day("2026-12-31"));
    desk.take_in(&Spend { commitment: &commitment, rules: &rules(), lines: &lines, covers }).await;
    desk.until(ID, "it is over once its data are there", |_, state| state == "ended").await;
    // 120,000.00 − 365 × 300.00.
    let shown = desk.told(&["show", ID]).await;
    assert_eq!(shown["figures"]["remaining"], json!({ "least": "10500", "most": "10500" }));
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_replaced_is_looked_at_when_its_follower_is_entered() {
    let desk = Desk::open("2026-06-10T09:00:00Z").await;
    let commitment = desk.enter(&contract(ID, "aws", "")).await;
    let lines: Vec<_> =
        days(day("2026-01-01"), day("2026-05-31")).map(|on| cloud(on, ChargeKind::Usage, "300.00")).collect();
    let covers = (day("2026-01-01"), day("2026-05-31"));
    desk.take_in(&Spend { commitment: &commitment, rules: &rules(), lines: &lines, covers }).await;
    assert_eq!(state(&desk, ID).await, "active");
    let next = contract("globex-next", "aws", &format!("succession: {{ to: {ID}, how: supersede }}"));
    desk.enter(
        &next
            .replace("from: 2026-01-01", "from: 2026-06-01")
            .replace("valid_from: 2026-01-01", "valid_from: 2026-06-01"),
    )
    .await;
    desk.until(ID, "another one has taken its place", |_, state| state == "superseded").await;
    let forecast = desk.told(&["forecast", ID]).await;
    assert!(forecast["least"].is_null(), "{forecast}");
    assert!(forecast["none"].as_str().unwrap().contains("another commitment has taken its place"), "{forecast}");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_files_of_one_command_are_looked_at_once_they_are_all_in() {
    let desk = Desk::open("2026-12-20T09:00:00Z").await;
    desk.enter(&contract(ID, "aws", "")).await;
    desk.enter(&contract("globex-macc", "microsoft", "").replace("EDP-77", "MACC-1")).await;
    let exports = folder(&desk, 1..=11, "1000.00");
    // Each commitment of the buyer takes what is of its cloud.
    let (code, told, words) = desk.says("mia", &["spend", "import", &exports, "--party", "globex", "--json"]).await;
    assert_eq!(code, 0, "{words}");
    let told: Vec<Value> = serde_json::from_str(&told).unwrap();
    let of = |outcome: &str| told.iter().filter(|file| file["outcome"] == outcome).count();
    assert_eq!((of("new"), of("of_another_commitment")), (11, 11));
    desk.until(ID, "it is looked at", |seq, state| seq > 3 && state == "active").await;
    let history = desk.commitment(&["history", ID, "--ndjson"]).await;
    assert_eq!(history.matches("\"spend_imported\"").count(), 1, "{history}");
    // 11 × 10 × 1,000.00, of which never a part was looked at.
    let shown = desk.told(&["show", ID]).await;
    assert_eq!(shown["figures"]["remaining"], json!({ "least": "10000", "most": "10000" }));
    assert_eq!(desk.alerts(ID, "pace_bad").await, [""; 0]);
    let again = desk.says("mia", &["spend", "import", &exports, "--commitment", ID]).await;
    assert_eq!(again.0, 0, "{}", again.2);
    let history = desk.commitment(&["history", ID, "--ndjson"]).await;
    assert_eq!(history.matches("\"spend_imported\"").count(), 1, "nothing new is nothing to look at: {history}");
    let (code, _, words) = desk.says("mia", &["spend", "import", &exports, "--commitment", "globex-macc"]).await;
    assert!(code == 2 && words.contains("other_cloud"), "{code}: {words}");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_older_rules_have_judged_is_told_and_judged_anew_by_itself() {
    let desk = Desk::open("2026-06-20T09:00:00Z").await;
    desk.enter(&contract(ID, "aws", "")).await;
    let exports = folder(&desk, 1..=5, "1000.00");
    let (code, _, words) = desk.says("mia", &["spend", "import", &exports, "--commitment", ID]).await;
    assert_eq!(code, 0, "{words}");
    assert!(desk.told(&["show", ID]).await.get("judged_otherwise").is_none());
    let own = desk.write(
        "own.yaml",
        "rules:
  - { rule: acme-1, title: S3 ends, cloud: aws, tests: charge, valid_from: 2026-05-01, known_from: 2026-06-01,
      source: { kind: told, at: a letter, read: 2026-06-01 }, precedence: 90, when: { products: [Amazon S3] }, effect: excluded }
",
    );
    assert_eq!(desk.says("mia", &["spend", "rules", "import", &own]).await.0, 0);
    let partitions = json!(["2026-01", "2026-02", "2026-03", "2026-04", "2026-05"]);
    assert_eq!(desk.told(&["show", ID]).await["judged_otherwise"], partitions);
    assert_eq!(desk.told(&["forecast", ID]).await["judged_otherwise"], partitions);
    assert_eq!(desk.told(&["list"]).await[0]["judged_otherwise"], json!(true));
    let (_, _, warned) = desk.says("mia", &["commitment", "offers", ID]).await;
    assert!(warned.contains("judged by older terms or rules"), "{warned}");
    desk.pass_days(1).await;
    let judged = async {
        while desk.told(&["show", ID]).await.get("judged_otherwise").is_some() {
            tokio::time::sleep(std::time::Duration::from_millis(200)).await;
        }
    };
    tokio::time::timeout(crate::house::server::HANG, judged).await.expect("it is judged anew");
    let shown = desk.told(&["show", ID]).await;
    assert_eq!(shown["figures"]["eligible"], json!({ "least": "40000", "most": "40000" }), "all but May");
    desk.notices("what counts of `Amazon S3` has changed", 1).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_lot_of_a_commitment_is_the_clouds_statement_and_another_one_is_refused() {
    let desk = Desk::open("2026-06-20T09:00:00Z").await;
    desk.enter(&contract("globex-macc", "microsoft", "").replace("EDP-77", "MACC-1")).await;
    let lots = |original: &str| {
        format!(
            r#"{{"value":[{{"id":"lot1","type":"Microsoft.Consumption/lots","properties":{{"source":"ConsumptionCommitment","status":"Active","originalAmount":{{"currency":"USD","value":{original}}},"closedBalance":{{"currency":"USD","value":90000.5}},"startDate":"2026-01-01T00:00:00Z","expirationDate":"2027-01-01T00:00:00Z"}}}}]}}"#
        )
    };
    let import = async |text: &str| {
        let file = desk.write("lots.json", text);
        desk.says("mia", &["spend", "import", &file, "--commitment", "globex-macc"]).await
    };
    let (code, _, words) = import(&lots("5000")).await;
    assert!(code == 2 && words.contains("is of 5000, and 120000 is committed"), "{code}: {words}");
    let (code, _, words) = import(&lots("120000")).await;
    assert!(code == 0 && words.contains("90000.5 remained of 120000 on 2026-05-31"), "{code}: {words}");
    let stated = async {
        while desk.told(&["show", "globex-macc"]).await["statement"].is_null() {
            tokio::time::sleep(std::time::Duration::from_millis(50)).await;
        }
    };
    tokio::time::timeout(crate::house::server::HANG, stated).await.expect("it is kept");
    let beside = desk.told(&["show", "globex-macc"]).await["statement"].clone();
    assert_eq!(
        (&beside["statement"]["remaining"], &beside["statement"]["original"]),
        (&json!("90000.5"), &json!("120000"))
    );
    assert_eq!(beside["statement"]["file"].as_str().unwrap().len(), 64);
    let words = desk.commitment(&["show", "globex-macc"]).await;
    assert!(words.contains("USD 90,000.50 of USD 120,000.00 remained on 2026-05-31"), "{words}");
}
