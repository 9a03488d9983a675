//! What cannot be meant is refused, by the field or the option that says it; what was kept long ago is read as it was.

use crate::{
    desk::Desk,
    explain::{CONTRACT, ID},
};

#[tokio::test(flavor = "multi_thread")]
async fn a_contract_that_cannot_be_meant_is_refused_by_its_field() {
    let desk = Desk::open("2027-01-05T09:00:00Z").await;
    desk.write(
        "people.yaml",
        "persons:\n  - { id: mia, name: Mia, email: mia@acme.example, roles: [alliance_manager], zone: UTC }\n  \
         - { id: ben, name: Ben, email: ben@acme.example, roles: [viewer], legal_entities: [acme-us, acme-de], zone: UTC }\n",
    );
    for (from, to, field, why) in [
        ("cloud: aws", "cloud: asw", "/cloud", "`asw` is no cloud whose bills are known; write one of `aws`"),
        ("legal_entity: acme-us", "legal_entity: nowhere", "/legal_entity", "write one of `acme-de`, `acme-us`"),
        ("cost: billed", "cost: list", "/basis/discounts", "list prices are before discounts"),
        ("120000.00", "120000.001", "/versions/0/periods/0/amount", "USD has 2 decimals"),
        (r#"["111122223333"]"#, r#"["1", "2", "1"]"#, "/accounts/2", "names `1` twice"),
    ] {
        assert!(CONTRACT.contains(from));
        let file = desk.write("contract.yaml", &CONTRACT.replace(from, to));
        for more in [&[][..], &["--dry-run"]] {
            let (code, data, words) = desk.says("mia", &[&["commitment", "create", &file], more].concat()).await;
            assert!(
                code == 2 && data.is_empty() && words.contains(field) && words.contains(why),
                "{to}: {code} {words}"
            );
        }
    }
    desk.enter(CONTRACT).await;
    let longer = CONTRACT.replace("120000.00", "130000.005");
    let file = desk.write("longer.yaml", &longer);
    let (code, _, words) = desk.says("mia", &["commitment", "revise", ID, &file, "--reason", "x"]).await;
    assert!(code == 2 && words.contains("/versions/0/periods/0/amount"), "{words}");
    // What was kept before such things were refused is still read.
    assert!(entente_core::commitment::Commitment::from_yaml("kept.yaml", &longer).is_ok());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_commitment_goes_into_another_one_of_its_buyer_or_into_none() {
    let desk = Desk::open("2027-01-05T09:00:00Z").await;
    desk.enter(CONTRACT).await;
    let end = |into: &'static str| ["commitment", "end", ID, "--rolled-into", into, "--reason", "renewed"];
    for (into, why) in
        [("nowhere-1", "`--rolled-into`: there is no commitment `nowhere-1`"), (ID, "it cannot go into itself")]
    {
        let (code, data, words) = desk.says("mia", &end(into)).await;
        assert!(code == 2 && data.is_empty() && words.contains(why), "{into}: {words}");
    }
    let euros = CONTRACT.replacen(ID, "euros-1", 1).replace("currency: USD", "currency: EUR");
    desk.enter(&euros).await;
    let (code, _, words) = desk.says("mia", &end("euros-1")).await;
    assert!(code == 2 && words.contains("to aws in EUR"), "{words}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_day_to_come_and_a_statement_that_cannot_be_are_refused_by_their_option() {
    let desk = Desk::open("2027-01-05T09:00:00Z").await;
    desk.enter(CONTRACT).await;
    for command in ["show", "forecast", "offers"] {
        for option in ["--as-of", "--known-on"] {
            let (code, data, words) = desk.says("mia", &["commitment", command, ID, option, "2027-01-06"]).await;
            let told = words.contains(&format!("`{option}`: 2027-01-06 is still to come"));
            assert!(code == 2 && data.is_empty() && told, "{command} {option}: {words}");
        }
    }
    desk.told(&["show", ID, "--as-of", "2027-01-05", "--known-on", "2027-01-05"]).await;
    for (as_of, remaining, why) in [
        ("2025-12-31", "100", "`--as-of`: 2025-12-31 is before the first day of the term, 2026-01-01"),
        ("2027-01-06", "100", "`--as-of`: 2027-01-06 is still to come"),
        ("2026-12-31", "120000.01", "`--remaining`: USD 120,000.01 is more than is committed, USD 120,000.00"),
        ("2026-12-31", "1.001", "`--remaining`: 1.001 has more than the 2 decimals of USD"),
        ("2026-12-31", "-1", "`--remaining`: is below zero"),
    ] {
        let remaining = format!("--remaining={remaining}");
        let args = ["commitment", "statement", "add", ID, "--as-of", as_of, &remaining, "--source", "the portal"];
        let (code, _, words) = desk.says("mia", &args).await;
        assert!(code == 2 && words.contains(why), "{as_of} {remaining}: {words}");
    }
    assert_eq!(desk.told(&["show", ID]).await["statement"], serde_json::Value::Null, "nothing was kept");
}
