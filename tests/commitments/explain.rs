//! What was spent explains itself: which rule decided, who says so, and which rows of which file it is made of.

use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};

use crate::desk::Desk;

pub const ID: &str = "globex-2026";

pub const CONTRACT: &str = r#"
commitment: globex-2026
contract: EDP-77
party: globex
legal_entity: acme-us
cloud: aws
currency: USD
accounts: ["111122223333"]
basis: { cost: billed, discounts: after, dated_by: charge, support: excluded, tax: excluded, credits: reduce, savings_plan_fees: counts, reservation_fees: counts, refunds: original_period, zone: UTC }
versions:
  - valid_from: 2026-01-01
    known_from: 2025-12-01
    note: the agreement of December 2025
    glide: ramp
    marketplace: { counts: "100", cap: "25" }
    periods:
      - { from: 2026-01-01, through: 2027-12-31, amount: "120000.00", true_up: { due: 2028-01-31, buys: nothing } }
"#;

/// A charge of a day of December 2026.
fn row(day: u8, category: &str, publisher: &str, service: &str, cost: &str) -> String {
    let on = format!("2026-12-{day:02}");
    format!(
        "111122223333,USD,2026-12-01 00:00:00,2027-01-01 00:00:00,{category},NULL,One-Time,{on}T08:00:00Z,{on}T20:00:00Z,AWS,{publisher},\
         Amazon Web Services,{service},{cost}\n"
    )
}

fn december() -> String {
    let heading = "BillingAccountId,BillingCurrency,BillingPeriodStart,BillingPeriodEnd,ChargeCategory,ChargeClass,ChargeFrequency,\
                   ChargePeriodStart,ChargePeriodEnd,ProviderName,PublisherName,InvoiceIssuerName,ServiceName,BilledCost\n";
    let rows = [
        row(2, "Usage", "AWS", "Amazon S3", "100.00"),
        row(2, "Purchase", "Vendor Inc.", "Atlas", "40.00"),
        row(2, "Usage", "AWS", "Amazon S3", "20.00"),
        row(2, "Tax", "AWS", "Amazon S3", "7.00"),
        row(3, "Usage", "AWS", "Amazon S3", "1.00"),
    ];
    format!("{heading}{}", rows.concat())
}

pub async fn taken_in() -> Desk {
    let desk = Desk::open("2027-01-05T09:00:00Z").await;
    desk.enter(CONTRACT).await;
    let file = desk.write("december.csv", &december());
    desk.spend(&["import", &file, "--commitment", ID]).await;
    desk
}

fn of<'v>(told: &'v Value, reason: &str) -> &'v Value {
    let sums = told["sums"].as_array().unwrap();
    sums.iter()
        .find(|sum| sum["reason"] == reason)
        .unwrap_or_else(|| panic!("nothing was decided by {reason}: {told:#}"))
}

#[tokio::test(flavor = "multi_thread")]
async fn every_sum_tells_its_rule_its_source_and_its_rows() {
    let desk = taken_in().await;
    let told = desk.told(&["explain", ID, "--day", "2026-12-02"]).await;
    assert_eq!(told["sums"].as_array().unwrap().len(), 3, "that of the third is of another day: {told:#}");
    assert_eq!((&told["basis"]["cost"], &told["unread"]), (&json!("billed"), &json!([])));

    // Two rows of the cloud's own services, with another one between them.
    let cloud = of(&told, "cloud");
    assert_eq!((&cloud["rows"], &cloud["first_row"], &cloud["last_row"]), (&json!(2), &json!(1), &json!(3)));
    assert_eq!((&cloud["file"], &cloud["amount"]), (&json!("december.csv"), &json!("120")));
    assert_eq!(cloud["file_sha256"], hex::encode(Sha256::digest(december())));
    assert_eq!(cloud["charges"][0]["verdict"]["because"], "the cloud's own services count");

    // Nobody knows whether it runs on the cloud: the rule is undecided, and says who it is that says so.
    let bought = of(&told, "K10");
    assert_eq!(bought["weight"], json!({ "least": "0", "most": "100" }));
    let charge = &bought["charges"][0];
    assert_eq!(
        (&charge["kind"], &charge["channel"], &charge["first_row"]),
        (&json!("purchase"), &json!("marketplace"), &json!(2))
    );
    let said = charge["verdict"]["said"].as_array().unwrap();
    let undecided: Vec<&Value> = said.iter().filter(|said| said["answer"] == "undecided").collect();
    assert!(undecided.iter().any(|said| said["rule"] == "K10"), "{charge:#}");
    assert!(undecided.iter().all(|said| said["source"] != "" && said["read"].is_string()), "{charge:#}");

    // What a field of the contract leaves out cites the rule that says why there is such a field.
    let tax = of(&told, "K7");
    assert_eq!(tax["charges"][0]["verdict"]["because"], "the amount before tax counts");
    assert!(tax["cited"][0]["source"].is_string(), "{tax:#}");

    let words = desk.commitment(&["explain", ID, "--month", "2026-12", "--reason", "cloud"]).await;
    assert!(
        words.contains("2026-12-02 to 2026-12-03\tAmazon S3") && words.contains("USD 121.00\tdecember.csv"),
        "{words}"
    );
    assert!(!words.contains("K10") && words.contains("cost billed") && words.contains("none was typed in"), "{words}");
    let words = desk.commitment(&["explain", ID, "--product", "Atlas"]).await;
    assert!(words.contains("nobody knows") && words.contains("0 to 100 %"), "{words}");
    assert_eq!(desk.told(&["explain", ID, "--month", "2026-11"]).await["sums"], json!([]));
}

#[tokio::test(flavor = "multi_thread")]
async fn what_cannot_be_told_charge_by_charge_says_why() {
    let desk = taken_in().await;
    let own = "rules:\n  - { rule: acme-1, title: by letter, cloud: aws, tests: charge, known_from: 2026-01-01, source: { kind: told, at: a letter, \
               read: 2026-01-01 }, precedence: 90, when: { products: [Atlas] }, effect: excluded }\n";
    desk.spend(&["rules", "import", &desk.write("own.yaml", own)]).await;
    let told = desk.told(&["explain", ID, "--product", "Atlas"]).await;
    assert_eq!(
        (&of(&told, "K10")["charges"], of(&told, "K10")["cited"].as_array().unwrap().is_empty()),
        (&json!([]), false)
    );
    assert!(told["unread"][0]["why"].as_str().unwrap().contains("older terms or rules"), "{told:#}");
    desk.spend(&["again", "--commitment", ID]).await;
    let told = desk.told(&["explain", ID, "--product", "Atlas"]).await;
    assert_eq!(
        (&told["unread"], &of(&told, "acme-1")["charges"][0]["verdict"]["because"]),
        (&json!([]), &json!("by letter"))
    );

    let sums = "day,account,product,part,reason,weight_least,weight_most,currency,amount\n\
                2026-11-01,111122223333,Amazon S3,cloud,cloud,100,100,USD,5\n";
    desk.spend(&["import", &desk.write("sums.csv", sums), "--commitment", ID]).await;
    let told = desk.told(&["explain", ID, "--month", "2026-11"]).await;
    assert_eq!(
        (&told["sums"][0]["first_row"], &told["unread"][0]["why"]),
        (&json!(1), &json!("its sums were judged elsewhere"))
    );

    let (code, _, words) = desk.says("mia", &["commitment", "explain", ID, "--month", "2026-13"]).await;
    assert!(code == 2 && words.contains("is no month"), "{words}");
}
