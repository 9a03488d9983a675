//! US-11 as it happens: twenty-four months of a bill, taken in by `entente spend import`, come to the sheet that was worked by hand.
//!
//! `ENTENTE_STORY_ROWS` says how many rows the bill has, and `ENTENTE_STORY_FOLDER` where its files shall stay:
//! `cargo xtask spend-bench --story` has two million, and lets DuckDB read them too.

use std::{env, fs, path::PathBuf};

use serde_json::Value;

use crate::{
    bills,
    contracts::us11,
    desk::Desk,
    ground::work,
    lines::day,
    us11_burn_down::{ID, equals_the_sheet},
};

/// Enough for every charge to come in many lines.
const ROWS: u64 = 40_000;

/// A bill does not tell what runs on the cloud: the vendor's own rules do.
const KNOWN: &str = "
rules:
  - rule: acme-1
    title: what runs elsewhere does not count since May 2025
    cloud: aws
    tests: invoice
    valid_from: 2025-05-01
    known_from: 2025-05-01
    source: { kind: told, at: the vendor's own list, read: 2025-05-01 }
    precedence: 60
    when: { products: [elsewhere] }
    effect: excluded
  - rule: acme-2
    title: observability runs on the cloud wholly
    cloud: aws
    tests: invoice
    known_from: 2025-05-01
    source: { kind: told, at: the vendor's own list, read: 2025-05-01 }
    precedence: 60
    when: { products: [observability] }
    effect: counts
";

#[tokio::test(flavor = "multi_thread")]
async fn a_whole_bill_that_is_imported_comes_to_the_figures_of_the_sheet() {
    let rows = env::var("ENTENTE_STORY_ROWS").map_or(ROWS, |rows| rows.parse().expect("a number of rows"));
    let desk = Desk::open("2027-02-28T09:00:00Z").await;
    desk.enter(&us11()).await;
    let own = desk.write("own.yaml", KNOWN);
    desk.spend(&["rules", "import", &own]).await;
    let folder = env::var_os("ENTENTE_STORY_FOLDER").map_or_else(|| desk.path("bill"), PathBuf::from);
    bills::write(&folder, rows);

    let import = ["import", folder.to_str().unwrap(), "--commitment", ID, "--json"];
    let before = work::ended_children_cpu();
    let told: Value = serde_json::from_str(&desk.spend(&import).await).unwrap();
    let took = work::ended_children_cpu() - before;
    let files = told.as_array().unwrap();
    assert_eq!(files.len(), 24);
    let sum = |field: &str| files.iter().map(|file| file[field].as_u64().unwrap_or_default()).sum::<u64>();
    assert_eq!(sum("rows"), rows, "every row is in a sum");
    assert!(files.iter().all(|file| file["quarantined"].as_array().is_none_or(Vec::is_empty)), "{told}");
    if env::var_os("ENTENTE_STORY_FOLDER").is_some() {
        fs::write(folder.join("entente.cpu"), format!("{took:.2}")).unwrap();
        fs::write(folder.join("entente.json"), told.to_string()).unwrap();
        let tables = folder.join("tables");
        desk.commitment(&["export", ID, "--format", "warehouse", "--out", tables.to_str().unwrap()]).await;
    }

    // What a credit takes off and what tax adds is told apart from compute, and nothing is a band.
    desk.until(ID, "it is looked at", |_, state| state == "active").await;
    equals_the_sheet(&desk.told(&["show", ID]).await, "acme-1");
    let forecast = desk.told(&["forecast", ID]).await;
    assert!(forecast["none"].is_string(), "the term's day is the period's last, and nothing is ahead: {forecast}");
    desk.pass_days(1).await;
    desk.looked_on(ID, day("2027-03-01")).await;
    assert_eq!(desk.alerts(ID, "shortfall").await, ["2027-03-01"], "on the first day on which it is so");
    let told = desk.told(&["forecast", ID]).await["least"].clone();
    assert_eq!(told["trials"].as_array().unwrap().len(), 3, "each model's past error is told");

    // The same bill again changes nothing.
    let again: Value = serde_json::from_str(&desk.spend(&import).await).unwrap();
    assert!(again.as_array().unwrap().iter().all(|file| file["outcome"] == "in_already"), "{again}");
}
