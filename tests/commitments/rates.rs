//! Exchange rates from the command line: kept with their source, and told of once they have moved.

use serde_json::{Value, json};

use crate::desk::Desk;

const CONTRACT: &str = include_str!("../../crates/core/tests/commitment/globex.yaml");
const ID: &str = "globex-2026";

fn contract() -> String {
    let rule = "    conversions: [{ from: EUR, rates: ecb, day: charge, reference: \"1.10\" }]\n";
    CONTRACT.replace("    glide: ramp\n", &format!("    glide: ramp\n{rule}"))
}

/// Keeps what the euro cost on a day, and has the commitment looked at.
async fn publish(desk: &Desk, on: &str, dollars: &str) {
    let table = desk.write("ecb.csv", &format!("Date,USD\n{on},{dollars}\n"));
    let import =
        ["rates", "import", table.as_str(), "--name", "ecb", "--source", "https://www.ecb.europa.eu", "--read", on];
    let (code, data, words) = desk.says("mia", &import).await;
    assert_eq!((code, data.trim()), (0, "ecb: 1 new, 0 known"), "{words}");
    let (code, data, _) = desk.says("mia", &import).await;
    assert_eq!((code, data.trim()), (0, "ecb: 0 new, 1 known"), "the same again changes nothing");
    desk.commitment(&["look", ID, "--wait", "30s"]).await;
    desk.looked_on(ID, on.parse().unwrap()).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_rate_that_moves_by_more_than_three_percent_is_told_on_its_first_day_and_once() {
    let desk = Desk::open("2026-03-02T20:00:00Z").await;
    desk.enter(&contract()).await;
    publish(&desk, "2026-03-02", "1.133").await;
    assert_eq!(desk.alerts(ID, "fx_move").await, [""; 0], "3 % is not more than 3 %");
    desk.pass_days(1).await;
    publish(&desk, "2026-03-03", "1.1331").await;
    let words = "the exchange rate of EUR has moved by more than 3 % since 2026-01-01";
    desk.notices(words, 1).await;
    assert_eq!(desk.alerts(ID, "fx_move").await, ["2026-03-03"]);
    desk.pass_days(1).await;
    publish(&desk, "2026-03-04", "1.2").await;
    assert_eq!(desk.alerts(ID, "fx_move").await, ["2026-03-03"], "it is told once");
    desk.notices(words, 1).await;

    let shown = desk.told(&["show", ID]).await;
    assert_eq!(shown["rate_moves"], json!([{ "currency": "EUR", "since": "2026-01-01", "moved": "0.090909" }]));
    let (code, data, _) = desk.says("mia", &["rates", "list", "--from", "2026-03-04", "--json"]).await;
    let listed: Value = serde_json::from_str(&data).unwrap();
    assert_eq!((code, listed.as_array().unwrap().len()), (0, 1));
    assert_eq!((&listed[0]["from"], &listed[0]["to"]), (&json!("EUR"), &json!("USD")));
    let cited = json!({
        "rates": "ecb",
        "published": "2026-03-04",
        "rate": "1.2",
        "at": "https://www.ecb.europa.eu",
        "read": "2026-03-04",
    });
    assert_eq!(listed[0]["cited"], cited);
}

#[tokio::test(flavor = "multi_thread")]
async fn rates_without_a_source_of_a_day_ahead_or_by_somebody_else_are_refused() {
    let desk = Desk::open("2026-03-02T20:00:00Z").await;
    let table = desk.write("ecb.csv", "Date,USD\n2026-03-02,1.1\n");
    let yaml = desk.write(
        "own.yaml",
        "source: { at: a mail, read: 2026-03-03 }\nrates: [{ day: 2026-03-02, from: EUR, to: USD, rate: \"1.1\" }]\n",
    );
    let import = ["rates", "import", table.as_str(), "--name", "ecb"];
    let cases: [(&str, &[&str], i32, &str); 6] = [
        ("mia", &import[..], 2, "a table does not say where it is from"),
        (
            "mia",
            &[&import[..], &["--source", "x", "--read", "2026-03-03"]].concat(),
            2,
            "read on 2026-03-03, and it is 2026-03-02",
        ),
        ("mia", &["rates", "import", &yaml, "--name", "own"], 2, "read on 2026-03-03, and it is 2026-03-02"),
        ("mia", &["rates", "import", &yaml, "--name", "own", "--since", "2026-01-01"], 2, "YAML says all of it"),
        ("vic", &[&import[..], &["--source", "x"]].concat(), 4, "take in spend"),
        ("vic", &["rates", "list"], 4, "see spend"),
    ];
    for (person, args, code, says) in cases {
        let (came, _, words) = desk.says(person, args).await;
        assert!(came == code && words.contains(says), "{person} {args:?}: {came} {words}");
    }
    let (code, data, words) = desk.says("mia", &[&import[..], &["--source", "x", "--dry-run"]].concat()).await;
    assert_eq!((code, data.trim()), (0, "ecb: 1 new, 0 known"), "{words}");
    let (_, data, _) = desk.says("mia", &["rates", "list", "--json"]).await;
    assert_eq!(data.trim(), "[]", "a dry run keeps nothing");
}
