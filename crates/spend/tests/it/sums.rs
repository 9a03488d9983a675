//! Daily sums that a buyer or a warehouse shares.

use entente_spend::{SpendError, Wanted};

use crate::files::{read_all, wanted};

const HEADING: &str = "day,account,product,part,reason,weight_least,weight_most,currency,amount\n";

#[test]
fn daily_sums_are_taken_as_they_were_judged() {
    let rows = "2026-03-01,1,S3,cloud,basis,100,100,USD,10.5\n2026-03-01,1,S3,cloud,basis,100,100,USD,1\n2026-03-02,1,Acme,marketplace,K10,0,100,USD,7\n2026-03-02,1,Acme,street,K10,0,100,USD,7\n2026-03-02,1,Acme,cloud,K10,0,101,USD,7\n2026-03-02,1,Acme,cloud,K10,0,100,EUR,7\n";
    let whole = read_all(format!("{HEADING}{rows}").as_bytes(), &wanted("aws")).unwrap();
    let sums: Vec<String> = whole.portions[0]
        .sums
        .iter()
        .map(|sum| {
            format!(
                "{} {} {} {} {} x{}",
                sum.key.day, sum.key.product, sum.key.reason, sum.key.weight, sum.amount, sum.rows
            )
        })
        .collect();
    assert_eq!(sums, ["2026-03-01 S3 basis 100 % 11.5 x2", "2026-03-02 Acme K10 0 to 100 % 7 x1"]);
    assert_eq!(
        whole.quarantined(),
        ["other_currency currency 1 6 EUR", "unknown_word part 1 4 street", "not_a_number weight_most 1 5 101"]
    );
    assert_eq!(whole.summary.sniffed.to_string(), "daily sums csv");
}

#[test]
fn a_sum_under_a_name_that_no_store_could_keep_is_quarantined() {
    let rows = "2026-03-01,1,S\x003,cloud,basis,100,100,USD,10.5\n2026-03-01,1,S3,cloud,basis,100,100,USD,1\n";
    let whole = read_all(format!("{HEADING}{rows}").as_bytes(), &wanted("aws")).unwrap();
    assert_eq!((whole.counted(), whole.quarantined()), (1, vec!["not_a_name product 1 1 S 3".to_owned()]));
}

#[test]
fn columns_that_are_missing_are_named() {
    let heading = HEADING.replace("weight_most,", "");
    let refused = read_all(heading.as_bytes(), &wanted("aws")).err().unwrap();
    assert!(matches!(&refused, SpendError::MissingColumns { columns, .. } if columns == &["weight_most"]), "{refused}");
}

#[test]
fn sums_that_entente_has_exported_are_read_as_they_were_judged_and_those_of_another_commitment_are_not() {
    let heading = "BilledCost,BillingAccountId,BillingCurrency,ChargeCategory,ChargePeriodStart,ServiceName,x_CommitmentId,x_CostBasis,\
                   x_CountsLeast,x_CountsMost,x_Part,x_Partition,x_Reason\n";
    let row = |id: &str, cost: &str| {
        format!("7.5,1,USD,Adjustment,2026-03-02T08:00:00Z,Acme,{id},{cost},0,100,marketplace,march,K10\n")
    };
    let rows = [row("globex-2026", "billed"), row("globex-2099", "billed"), row("globex-2026", "list")].concat();
    let west = Wanted { zone: "America/Los_Angeles".into(), ..wanted("aws") };
    let whole = read_all(format!("{heading}{rows}").as_bytes(), &west).unwrap();
    assert_eq!(whole.summary.sniffed.to_string(), "daily sums csv");
    let sum = &whole.portions[0].sums[0];
    assert_eq!((sum.key.day.to_string().as_str(), sum.first_row, sum.rows), ("2026-03-02", 1, 1));
    assert_eq!(format!("{} {} {}", sum.key.reason, sum.key.weight, sum.amount), "K10 0 to 100 % 7.5");
    assert_eq!(whole.quarantined(), ["other_commitment x_CommitmentId 2 2 globex-2099"]);
}
