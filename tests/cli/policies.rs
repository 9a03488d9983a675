//! Policies, price books and licences as people handle them.

use crate::installation::{Installation, PRICES};

#[test]
fn a_price_book_is_imported_once_and_never_changes() {
    let installation = Installation::new();
    installation.write("prices.csv", PRICES);
    let import = ["--actor", "dan", "pricebook", "import", "acme@1", "prices.csv"];
    installation.run(&import).ok();
    installation.run(&import).ok();
    installation.write("prices.csv", PRICES.replace("1125.00", "1.25"));
    let said = installation.run(&import);
    assert_eq!(said.code, 5, "{said:?}");
    assert_eq!(installation.run(&["pricebook", "show", "acme@1"]).ok().data, PRICES);
    assert_eq!(installation.run(&["pricebook", "show", "acme@2"]).code, 3);
}

#[test]
fn without_a_list_price_the_discount_counts_as_full() {
    let installation = Installation::new();
    installation.offer("offer.yaml", &[]);
    let plan = installation.run(&["offer", "plan", "offer.yaml", "--json"]).ok().json();
    assert_eq!(plan["facts"]["discount_bp"], serde_json::Value::Null);
    let rows: Vec<&str> =
        plan["approvals"].as_array().unwrap().iter().map(|asked| asked["row"].as_str().unwrap()).collect();
    assert!(rows.contains(&"discount_over_40_finance") && rows.contains(&"discount_over_40_legal"), "{rows:?}");
    let rules: Vec<&str> =
        plan["findings"].as_array().unwrap().iter().map(|finding| finding["rule"].as_str().unwrap()).collect();
    assert!(rules.contains(&"RD-005"), "the missing price book is told: {rules:?}");
}

#[test]
fn an_approved_licence_text_needs_no_lawyer_and_a_revoked_one_does() {
    let installation = Installation::new();
    installation.write("prices.csv", PRICES);
    installation.run(&["--actor", "dan", "pricebook", "import", "acme@1", "prices.csv"]).ok();
    let hash = "3f7a0d7a4f8cbb6f4ff1d1c5b9a0f6f0a4b67e1a1d3c5e7f9012a3b4c5d6e7f8";
    let custom = format!("eula: {{ custom: {{ url: 'https://acme.example/eula.pdf', sha256: {hash} }} }}");
    installation.offer("offer.yaml", &[("eula: { standard: { version: '2022-07-14' } }", &custom)]);
    let asked = || {
        let plan = installation.run(&["offer", "plan", "offer.yaml", "--json"]).ok().json();
        plan["approvals"].as_array().unwrap().iter().any(|asked| asked["row"] == "eula_not_on_approved_list")
    };
    assert!(asked());
    assert_eq!(installation.run(&["--actor", "mia", "licence", "approve", hash, "--name", "EULA 2027"]).code, 4);
    installation.run(&["--actor", "lea", "licence", "approve", hash, "--name", "EULA 2027"]).ok();
    assert!(!asked());
    installation.run(&["--actor", "lea", "licence", "revoke", hash]).ok();
    assert!(asked());
}

#[test]
fn a_released_chart_never_changes_and_an_unsound_one_is_not_released() {
    let installation = Installation::new();
    let chart = include_str!("../../workflows/private_offer/v1.yaml");
    let release = |text: &str| {
        installation.write("v1.yaml", text);
        installation.run(&["--actor", "ann", "chart", "release", "v1.yaml"])
    };
    assert_eq!(release(&chart.replace("guard: facts_current", "guard: facts_corrent")).code, 2);
    release(chart).ok();
    release(chart).ok();
    let said = release(&format!("{chart}# a remark\n"));
    assert_eq!(said.code, 5, "{said:?}");
    installation.write("v1.yaml", chart);
    assert_eq!(installation.run(&["--actor", "dan", "chart", "release", "v1.yaml"]).code, 4);
}
