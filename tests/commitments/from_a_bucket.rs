//! Spend that lies in a bucket: brought from a real S3 server, and taken in as files of this machine are.

use serde_json::{Value, json};

use crate::{
    contracts::us11,
    desk::Desk,
    s3::{self, request},
    us11_burn_down::ID,
};

const HEADING: &str = "BillingAccountId,BillingCurrency,BillingPeriodStart,BillingPeriodEnd,ChargeCategory,ChargeFrequency,\
    ChargePeriodStart,ChargePeriodEnd,ProviderName,PublisherName,InvoiceIssuerName,ServiceName,BilledCost\n";

/// A month of which each of two days costs so much.
fn month(month: &str, next: &str, cost: &str) -> String {
    let row = |day: &str| {
        format!(
            "111122223333,USD,{month}-01 00:00:00,{next}-01 00:00:00,Usage,Usage-Based,{month}-{day}T08:00:00Z,\
             {month}-{day}T09:00:00Z,AWS,AWS,Amazon Web Services,Amazon S3,{cost}\n"
        )
    };
    format!("{HEADING}{}{}", row("02"), row("05"))
}

/// What reaches the server: its address, and keys that it believes.
fn keys(endpoint: &str) -> [(&str, &str); 4] {
    [
        ("AWS_ENDPOINT_URL", endpoint),
        ("AWS_REGION", "us-east-1"),
        ("AWS_ACCESS_KEY_ID", "AKIAHORSE"),
        ("AWS_SECRET_ACCESS_KEY", "horse-battery-staple"),
    ]
}

async fn desk() -> Desk {
    let desk = Desk::open("2027-02-28T09:00:00Z").await;
    desk.enter(&us11()).await;
    desk
}

#[tokio::test(flavor = "multi_thread")]
async fn what_lies_in_a_bucket_is_taken_in_once_and_restated_by_what_is_put_in_its_place() {
    let Some(port) = s3::port() else { return };
    let put = |key: &str, text: &str| drop(request(port, "PUT", &format!("/finops-exports/{key}"), text.as_bytes()));
    request(port, "PUT", "/finops-exports", b"");
    put("focus/2025-03.csv", &month("2025-03", "2025-04", "100.10"));
    put("focus/2025-04/part-0.csv", &month("2025-04", "2025-05", "200.20"));
    put("focus/_SUCCESS", "");
    put("others/2025-05.csv", &month("2025-05", "2025-06", "1000000"));

    let (desk, endpoint) = (desk().await, format!("http://127.0.0.1:{port}"));
    let import = ["spend", "import", "s3://finops-exports/focus", "--commitment", ID, "--json"];
    let imported = async || -> Vec<Value> {
        let (code, data, words) = desk.says_with(&keys(&endpoint), "mia", &import).await;
        assert_eq!(code, 0, "{words}");
        let told: Value = serde_json::from_str(&data).unwrap();
        let files = told.as_array().unwrap().iter();
        files.map(|file| json!([file["partition"], file["outcome"]])).collect()
    };
    assert_eq!(imported().await, [json!(["2025-03", "new"]), json!(["2025-04/part-0", "new"])]);
    let spent = async || desk.told(&["show", ID]).await["figures"]["spent"].clone();
    assert_eq!(spent().await, json!("600.6"));
    assert_eq!(imported().await, [json!(["2025-03", "in_already"]), json!(["2025-04/part-0", "in_already"])]);

    put("focus/2025-03.csv", &month("2025-03", "2025-04", "100.15"));
    assert_eq!(imported().await, [json!(["2025-03", "new"]), json!(["2025-04/part-0", "in_already"])]);
    assert_eq!(spent().await, json!("600.7"), "the month is replaced, not added");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_bucket_that_cannot_be_read_is_named_without_the_keys_and_nothing_is_taken_in() {
    let (Some(open), Some(refusing)) = (s3::port(), s3::refusing_port()) else { return };
    let desk = desk().await;
    for (port, address, why) in [
        (open, "s3://nowhere/focus", "s3://nowhere/focus"),
        (refusing, "s3://finops-exports/focus", "access was refused"),
    ] {
        let endpoint = format!("http://127.0.0.1:{port}");
        let import = ["spend", "import", address, "--commitment", ID];
        let (code, data, words) = desk.says_with(&keys(&endpoint), "mia", &import).await;
        assert!(code != 0 && data.is_empty() && words.contains(why), "{code}: {words}");
        assert!(!words.to_lowercase().contains("horse"), "{words}");
    }
    let listed: Value = serde_json::from_str(&desk.spend(&["list", "--all", "--json"]).await).unwrap();
    assert_eq!(listed, json!([]));
}

#[tokio::test(flavor = "multi_thread")]
async fn keys_do_not_travel_unprotected_to_another_machine_whatever_the_environment_says() {
    let desk = desk().await;
    for variable in ["AWS_ENDPOINT", "AWS_ENDPOINT_URL", "AWS_ENDPOINT_URL_S3"] {
        let variables =
            [&keys("https://s3.example.com")[1..], &[(variable, "http://s3.example.com"), ("AWS_ALLOW_HTTP", "true")]];
        let import = ["spend", "import", "s3://finops-exports/focus", "--commitment", ID];
        let (code, data, words) = desk.says_with(&variables.concat(), "mia", &import).await;
        assert!(code != 0 && data.is_empty() && words.contains("is not this machine"), "{variable}: {code}: {words}");
    }
}
