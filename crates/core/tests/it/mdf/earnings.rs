//! What sales earn, and how that is divided.

use std::collections::BTreeMap;

use entente_core::{
    mdf::{
        BasisPoints, Pack,
        earnings::{EarningPlan, EarningTerms, Sale},
    },
    money::{Currency, Money},
};
use proptest::prelude::*;

const PLAN: &str = r#"
plan: cloud-accrual
version: 1
title: Three percent of cloud, one and a half of backup
currency: EUR
lines: { cloud: 3, backup: "1.5" }
skus: { NB-100: cloud, NB-200: backup }
not_counted: [NB-TRAINING]
partners: { "Nordlicht Cloud GmbH": nordlicht, "10042": nordlicht, Bluepeak: bluepeak }
columns: { partner: Sold by, sku: SKU, reference: Line, on: Date, net: Net }
"#;

fn eur() -> Currency {
    "EUR".parse().unwrap()
}

fn money(minor: i64) -> Money {
    Money { minor, currency: eur() }
}

fn plan() -> EarningPlan {
    EarningPlan::from_yaml("plan.yaml", PLAN).unwrap()
}

fn row(cells: [&str; 5]) -> BTreeMap<String, String> {
    let headings = ["Sold by", "SKU", "Line", "Date", "Net"];
    headings.into_iter().zip(cells).map(|(heading, cell)| (heading.to_owned(), cell.to_owned())).collect()
}

fn sale(row_number: u64, cells: [&str; 5]) -> Result<Option<Sale>, String> {
    let row = row(cells);
    plan().sale(row_number, |heading| row.get(heading).map(String::as_str)).map_err(|bad| bad.to_string())
}

#[test]
fn each_product_line_earns_its_rate_of_sales_less_returns_rounded_once() {
    let sales: Vec<Sale> = [
        ["Nordlicht Cloud GmbH", "NB-100", "A-1", "2026-07-01", "1000.10"],
        ["10042", "NB-100", "A-2", "2026-07-02", "999.90"],
        ["10042", "NB-100", "A-3", "2026-08-01", "-500.17"],
        ["10042", "NB-200", "A-4", "2026-08-01", "33.00"],
        ["10042", "NB-TRAINING", "A-5", "2026-08-01", "9000.00"],
    ]
    .into_iter()
    .filter_map(|cells| sale(2, cells).unwrap())
    .collect();
    let lines = plan().earned(&sales).unwrap();
    let told: Vec<_> =
        lines.iter().map(|l| (l.line.as_str(), l.rate.0, l.sales, l.returns, l.net.minor, l.earned.minor)).collect();
    // 1.5 % of 33.00 is 0.495, to the even cent 0.50; 3 % of 1,499.83 is 44.9949.
    assert_eq!(told, [("backup", 150, 1, 0, 3_300, 50), ("cloud", 300, 2, 1, 149_983, 4_499)]);
}

#[test]
fn a_row_that_cannot_be_counted_names_its_column_and_nothing_is_guessed() {
    let good = ["Bluepeak", "NB-100", "A-1", "2026-07-01", "10.00"];
    assert!(sale(7, good).unwrap().is_some());
    for (at, cell, says) in [
        (0, "Blue peak", "row 7, column `Sold by`: `Blue peak` is not in the plan; add it to `partners`"),
        (1, "NB-101", "row 7, column `SKU`: `NB-101` is not in the plan; add it to `skus` or to `not_counted`"),
        (2, " ", "row 7, column `Line`: is empty; fill it in"),
        (3, "01.07.2026", "row 7, column `Date`: `01.07.2026` is not a day such as `2026-11-30`"),
        (4, "10,00", "row 7, column `Net`:"),
        (4, "10.005", "row 7, column `Net`:"),
        (4, "99999999999999999999.00", "row 7, column `Net`:"),
    ] {
        let mut cells = good;
        cells[at] = cell;
        let told = sale(7, cells).unwrap_err();
        assert!(told.starts_with(says), "{told}");
    }
}

#[test]
fn a_plan_that_contradicts_itself_is_refused_with_the_field() {
    for (old, new, field) in [
        ("plan: cloud-accrual", "plan: Cloud", "/plan"),
        ("version: 1", "version: 0", "/version"),
        ("cloud: 3,", "cloud: 101,", "/lines/cloud"),
        ("cloud: 3,", "cloud: 0,", "/lines/cloud"),
        ("NB-200: backup", "NB-200: storage", "/skus/NB-200"),
        ("[NB-TRAINING]", "[NB-100]", "/skus/NB-100"),
        ("net: Net", "net: SKU", "/columns"),
        ("currency: EUR", "currency: EURO", "/currency"),
    ] {
        let text = PLAN.replace(old, new);
        assert_ne!(text, PLAN, "{old}");
        let error = EarningPlan::from_yaml("plan.yaml", &text).unwrap_err();
        assert_eq!(error.field, field, "{error}");
    }
}

#[test]
fn the_terms_are_those_of_the_packs_rules() {
    let text = include_str!("../../../../../programmes/accrual-6m-6m-45d.yaml");
    let terms = EarningTerms::of(&Pack::from_yaml("accrual", text).unwrap(), eur());
    let expected = EarningTerms { threshold: Some(money(150_000)), rebate: BasisPoints(6_000), months: Some(6) };
    assert_eq!(terms, expected);
    // The same figures as the fixtures of E6 and E7.
    assert_eq!(terms.for_fund(money(149_999)), money(0));
    assert_eq!(terms.for_fund(money(150_000)), money(60_000));
    assert_eq!(EarningTerms { threshold: None, ..terms }.for_fund(money(100_001)), money(40_000));
    let without =
        EarningTerms::of(&Pack::from_yaml("s", include_str!("../../../../../programmes/starter.yaml")).unwrap(), eur());
    assert_eq!(without.for_fund(money(5)), money(5), "without E7 the fund has all of it");
}

proptest! {
    #[test]
    fn more_earnings_never_give_the_fund_less_and_returns_are_divided_as_sales_are(
        a in 0_i64..2_000_000_000, more in 0_i64..1_000_000, rebate in 0_u32..=10_000, threshold in prop::option::of(0_i64..1_000_000)
    ) {
        let terms = EarningTerms { threshold: threshold.map(money), rebate: BasisPoints(rebate), months: None };
        let (less, much) = (terms.for_fund(money(a)), terms.for_fund(money(a + more)));
        prop_assert!(less.minor <= much.minor);
        prop_assert!((0..=a).contains(&less.minor));
        let free = EarningTerms { threshold: None, ..terms };
        prop_assert_eq!(free.for_fund(money(-a)).minor, -free.for_fund(money(a)).minor);
    }
}
