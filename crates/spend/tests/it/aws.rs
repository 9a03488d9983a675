//! Lines of an AWS Cost and Usage Report 2.0.

use entente_core::commitment::Discounts;

use crate::{
    files::{read_all, wanted},
    parquet::{Stored, parquet},
};

const HEADING: &str = "bill_payer_account_id,line_item_usage_account_id,line_item_currency_code,bill_billing_entity,bill_billing_period_start_date,bill_billing_period_end_date,line_item_line_item_type,line_item_usage_start_date,line_item_usage_end_date,line_item_product_code,line_item_legal_entity,product,line_item_unblended_cost\n";

fn line(entity: &str, kind: &str, product: &str, cost: &str) -> String {
    format!(
        "1001,2001,USD,{entity},2026-03-01T00:00:00.000Z,2026-04-01T00:00:00.000Z,{kind},2026-03-02T01:00:00.000Z,2026-03-02T02:00:00.000Z,{product},x,\"{{}}\",{cost}\n"
    )
}

#[test]
fn marketplace_lines_and_kinds_are_told_by_entity_and_type() {
    let rows = [
        line("AWS Marketplace", "Fee", "prod-acme", "1200"),
        line("AWS Marketplace", "Usage", "prod-acme", "3.5"),
        line("AWS", "SavingsPlanCoveredUsage", "AmazonEC2", "2"),
        line("AWS", "SavingsPlanNegation", "AmazonEC2", "-2"),
        line("AWS", "SavingsPlanRecurringFee", "ComputeSavingsPlans", "1.5"),
        line("AWS", "RIFee", "AmazonRDS", "0.5"),
        line("AWS", "Refund", "AmazonS3", "-1"),
        line("AWS", "Tax", "AmazonS3", "4"),
        line("AWS", "Mystery", "AmazonS3", "4"),
    ];
    let whole = read_all(format!("{HEADING}{}", rows.concat()).as_bytes(), &wanted("aws")).unwrap();
    assert_eq!(
        whole.classes(),
        [
            "2026-03-02 1001 AmazonEC2 Cloud Usage 0 x2",
            "2026-03-02 1001 AmazonRDS Cloud ReservationFee 0.5 x1",
            "2026-03-02 1001 AmazonS3 Cloud Refund -1 x1",
            "2026-03-02 1001 AmazonS3 Cloud Tax 4 x1",
            "2026-03-02 1001 ComputeSavingsPlans Cloud SavingsPlanFee 1.5 x1",
            "2026-03-02 1001 prod-acme Marketplace Purchase 1200 x1",
            "2026-03-02 1001 prod-acme Marketplace Usage 3.5 x1",
        ]
    );
    assert_eq!(whole.quarantined(), ["unknown_word line_item_line_item_type 1 9 Mystery"]);
    assert_eq!(whole.summary.sniffed.to_string(), "aws cur 2.0 csv");
}

#[test]
fn discounts_are_taken_off_unless_the_commitment_counts_what_is_before_them() {
    let rows = [line("AWS", "Usage", "AmazonS3", "10"), line("AWS", "EdpDiscount", "AmazonS3", "-1")].concat();
    let bytes = format!("{HEADING}{rows}").into_bytes();
    let mut wanted = wanted("aws");
    assert_eq!(read_all(&bytes, &wanted).unwrap().classes(), ["2026-03-02 1001 AmazonS3 Cloud Usage 9 x2"]);
    wanted.discounts = Discounts::Before;
    let before = read_all(&bytes, &wanted).unwrap();
    assert_eq!(before.classes(), ["2026-03-02 1001 AmazonS3 Cloud Usage 10 x1"]);
    assert_eq!(before.quarantined(), ["discount line_item_line_item_type 1 2 EdpDiscount"]);
}

/// Where an account has no discounts, what is left after them is not filled in.
#[test]
fn what_is_left_after_discounts_is_what_was_charged_where_it_is_not_told() {
    let heading = HEADING.replace("line_item_unblended_cost", "line_item_unblended_cost,line_item_net_unblended_cost");
    let net = |kind: &str, cost: &str, net: &str| format!("{},{net}\n", line("AWS", kind, "AmazonS3", cost).trim_end());
    let rows = [
        net("Usage", "10", "9"),
        net("Usage", "5", ""),
        net("Usage", "2", "NULL"),
        net("Usage", "1", "0"),
        // A discount that is taken off its own line already would be taken off twice.
        net("EdpDiscount", "-1", ""),
    ];
    let csv = format!("{heading}{}", rows.concat());
    for bytes in [csv.clone().into_bytes(), parquet(csv.as_bytes(), Stored::Plain, 2)] {
        let whole = read_all(&bytes, &wanted("aws")).unwrap();
        assert_eq!(whole.classes(), ["2026-03-02 1001 AmazonS3 Cloud Usage 16 x4"]);
        assert_eq!(whole.quarantined(), ["missing line_item_net_unblended_cost 1 5 "]);
    }
    let mut before = wanted("aws");
    before.discounts = Discounts::Before;
    assert_eq!(
        read_all(csv.as_bytes(), &before).unwrap().classes(),
        ["2026-03-02 1001 AmazonS3 Cloud Usage 18 x4"],
        "before discounts nothing is asked of the column"
    );
}
