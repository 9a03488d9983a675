//! Exports that write each run into a folder of its own: a later one restates an earlier one.

use serde_json::{Value, json};

use crate::{
    desk::Desk,
    explain::{CONTRACT, ID},
};

const HEADING: &str = "BillingAccountId,BillingCurrency,BillingPeriodStart,BillingPeriodEnd,ChargeCategory,ChargeFrequency,\
    ChargePeriodStart,ChargePeriodEnd,ProviderName,PublisherName,InvoiceIssuerName,ServiceName,BilledCost\n";

/// Charges of days of December 2026.
fn part(charges: &[(u8, &str)]) -> String {
    let row = |(day, cost): &(u8, &str)| {
        let on = format!("2026-12-{day:02}");
        format!(
            "111122223333,USD,2026-12-01 00:00:00,2027-01-01 00:00:00,Usage,Usage-Based,{on}T08:00:00Z,{on}T09:00:00Z,AWS,AWS,\
             Amazon Web Services,Amazon S3,{cost}\n"
        )
    };
    HEADING.to_owned() + &charges.iter().map(row).collect::<String>()
}

/// A run of December's export: its parts, and the list of them.
fn write(desk: &Desk, run: &str, parts: &[&[(u8, &str)]]) {
    let folder = format!("exports/20261201-20261231/{run}");
    std::fs::create_dir_all(desk.path(&folder)).unwrap();
    for (number, charges) in parts.iter().enumerate() {
        desk.write(&format!("{folder}/part_{number}_0001.csv"), &part(charges));
    }
    desk.write(&format!("{folder}/manifest.json"), r#"{ "manifestVersion": "2024-04-01", "blobs": [] }"#);
}

/// What was spent in all.
async fn spent(desk: &Desk) -> Value {
    desk.told(&["show", ID]).await["figures"]["spent"].clone()
}

#[tokio::test(flavor = "multi_thread")]
async fn of_runs_that_say_the_same_days_the_newest_counts_alone() {
    let desk = Desk::open("2027-01-05T09:00:00Z").await;
    desk.enter(CONTRACT).await;
    let exports = desk.path("exports").to_str().unwrap().to_owned();
    let import = ["spend", "import", &exports, "--commitment", ID];
    write(&desk, "202612050400", &[&[(1, "1000"), (2, "900"), (3, "300")]]);
    assert_eq!(desk.says("mia", &import).await.0, 0, "the list of its parts is no data");
    assert_eq!(spent(&desk).await, "2200");

    let days: Vec<(u8, &str)> =
        [(1, "1000"), (2, "900"), (3, "1000")].into_iter().chain((4..=12).map(|day| (day, "900"))).collect();
    write(&desk, "202612130400", &[&days]);
    let (code, data, words) = desk.says("mia", &[&import[..], &["--json"]].concat()).await;
    assert_eq!(code, 0, "{words}");
    assert!(words.contains("`20261201-20261231/202612050400` is left out"), "{words}");
    let told: Value = serde_json::from_str(&data).unwrap();
    let came: Vec<(&Value, &Value)> =
        told.as_array().unwrap().iter().map(|file| (&file["partition"], &file["outcome"])).collect();
    let (range, part) = (json!("20261201-20261231"), json!("20261201-20261231/part_0_0001"));
    assert_eq!(came, [(&range, &json!("older_run")), (&part, &json!("new"))]);
    assert_eq!(spent(&desk).await, "11000");

    // A run that lacks a part would leave what that one said beside it.
    write(&desk, "202612140400", &[&days, &[(13, "50")]]);
    assert_eq!(desk.says("mia", &import).await.0, 0);
    write(&desk, "202612150400", &[&days]);
    let (code, _, words) = desk.says("mia", &import).await;
    assert!(code == 5 && words.contains("has no part `20261201-20261231/part_1_0001`"), "{code} {words}");
    assert_eq!(spent(&desk).await, "11050", "nothing of it was taken in");
    let retract = words.split("`entente spend retract ").nth(1).unwrap().split('`').next().unwrap();
    desk.spend(&["retract", retract]).await;
    assert_eq!(desk.says("mia", &import).await.0, 0);
    assert_eq!(spent(&desk).await, "11000");
}
