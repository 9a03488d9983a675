//! What the general ledger holds beside what it was told: each difference by name, and the sums explained by them.

use entente_core::close::{Batch, Difference, Extract, Line, close, reconcile};

use super::{march, rules};

fn row(line: &Line) -> String {
    let amount = rust_decimal::Decimal::new(line.signed(), 2);
    format!("{},{amount},EUR,{}", line.account, line.reference)
}

/// An extract of rows, with a column that nobody asked for.
fn extract(rows: &[String]) -> Extract {
    let rows: Vec<String> = rows.iter().map(|row| format!("{row},x")).collect();
    Extract::from_csv(&format!("account,amount,currency,reference,text\n{}\n", rows.join("\n"))).unwrap()
}

fn batch() -> Batch {
    close(&march(&rules())).unwrap()
}

#[test]
fn what_was_taken_as_it_was_exported_has_no_differences() {
    let batch = batch();
    let rows: Vec<String> = batch.lines.iter().map(row).collect();
    let found = reconcile(&batch, &extract(&rows));
    assert_eq!((found.matched, found.differences.len()), (8, 0));
    assert!(found.totals.iter().all(|total| total.difference == 0), "{:?}", found.totals);
}

#[test]
fn each_planted_difference_is_named_and_together_they_are_all_that_the_accounts_differ_by() {
    let batch = batch();
    let mut rows: Vec<String> = batch.lines.iter().map(row).collect();
    rows.push(rows[1].clone());
    rows.push("6610,12.00,EUR,by-hand-17".into());
    rows[2] = rows[2].replace("1000.00", "1000.01");
    rows[3] = rows[3].replace("1090", "1091");
    rows[6] = rows[6].replace("EUR", "USD");
    rows.remove(4);
    let found = reconcile(&batch, &extract(&rows));
    let named: Vec<String> = found.differences.iter().map(ToString::to_string).collect();
    assert_eq!(
        named,
        [
            "`acme-us-2027-03-00002` is there twice: row 8 has EUR -2,499.99 on `2310` more",
            "`acme-us-2027-03-00003` is EUR 1,000.01 on `2310` in row 3, and EUR 1,000.00 was exported",
            "`acme-us-2027-03-00004` is EUR -1,000.00 on `1091` in row 4, and EUR -1,000.00 on `1090` was exported",
            "`acme-us-2027-03-00005` is missing: EUR 1,312.51 on account `6610` was exported",
            "`acme-us-2027-03-00007` is USD 3,000.00 on `6610` in row 6, and EUR 3,000.00 was exported",
            "`by-hand-17` was never exported: row 9 has EUR 12.00 on `6610`",
        ]
    );
    for total in &found.totals {
        let place = (total.account.clone(), total.currency);
        let explained: i128 = found
            .differences
            .iter()
            .flat_map(Difference::effects)
            .filter(|(at, _)| *at == place)
            .map(|(_, minor)| minor)
            .sum();
        assert_eq!(total.difference, explained, "{place:?}");
    }
}

#[test]
fn an_extract_that_cannot_be_read_is_refused_with_its_row() {
    for (row, expected) in [
        ("6610,12.345,EUR,x", "row 1, field `amount`"),
        ("6610,12.00,EURO,x", "row 1, field `currency`"),
        ("=1+1,12.00,EUR,x", "row 1, field `account`"),
        ("6610,12.00", "is no table"),
    ] {
        let said = Extract::from_csv(&format!("account,amount,currency,reference\n{row}\n")).unwrap_err().to_string();
        assert!(said.contains(expected), "{expected}: {said}");
    }
    let said = Extract::from_csv("konto,betrag\n1,2\n").unwrap_err().to_string();
    assert!(said.contains("`account`, `amount`, `currency` and `reference`"), "{said}");
}
