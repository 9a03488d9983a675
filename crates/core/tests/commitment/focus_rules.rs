//! What the specification says of `ContractCommitment` in 1.3, rule by rule: the public validator has no rules for it.

use entente_core::commitment::focus::{Edition, MANDATORY, Snapshot, contract_commitments};
use jiff::Timestamp;
use rust_decimal::Decimal;

use super::support::{GLOBEX, commitment, day};

type Holds = fn(&dyn Fn(&str) -> String) -> bool;

fn instant(text: &str) -> Timestamp {
    assert!(text.ends_with('Z'), "in UTC: {text}");
    text.parse().unwrap()
}

const RULES: [(&str, Holds); 11] = [
    ("BillingCurrency is a code of ISO 4217", |cell| {
        let code = cell("BillingCurrency");
        code.len() == 3 && code.chars().all(|c| c.is_ascii_uppercase())
    }),
    ("ContractCommitmentCategory is Spend or Usage", |cell| {
        ["Spend", "Usage"].contains(&cell("ContractCommitmentCategory").as_str())
    }),
    ("ContractCommitmentCost is a decimal without separators and not null when the category is Spend", |cell| {
        cell("ContractCommitmentCost").parse::<Decimal>().is_ok()
    }),
    ("ContractCommitmentQuantity is null or a decimal", |cell| {
        let quantity = cell("ContractCommitmentQuantity");
        quantity.is_empty() || quantity.parse::<Decimal>().is_ok()
    }),
    ("ContractCommitmentUnit is null when the quantity is", |cell| {
        cell("ContractCommitmentQuantity").is_empty() == cell("ContractCommitmentUnit").is_empty()
    }),
    ("ContractCommitmentId is not null", |cell| !cell("ContractCommitmentId").is_empty()),
    ("ContractCommitmentType is not null", |cell| !cell("ContractCommitmentType").is_empty()),
    ("ContractCommitmentDescription is not null", |cell| !cell("ContractCommitmentDescription").is_empty()),
    ("ContractId is not null", |cell| !cell("ContractId").is_empty()),
    ("a commitment's period begins before it ends", |cell| {
        instant(&cell("ContractCommitmentPeriodStart")) < instant(&cell("ContractCommitmentPeriodEnd"))
    }),
    ("and lies within the contract's", |cell| {
        instant(&cell("ContractPeriodStart")) <= instant(&cell("ContractCommitmentPeriodStart"))
            && instant(&cell("ContractCommitmentPeriodEnd")) <= instant(&cell("ContractPeriodEnd"))
    }),
];

#[test]
fn every_row_keeps_every_rule() {
    let mut rows = 0;
    for text in [GLOBEX, include_str!("amended.yaml")] {
        let commitment = commitment(text);
        let snapshot = Snapshot { day: day("2027-06-30"), known_on: day("2030-12-31"), figures: None };
        let written = contract_commitments(&commitment, &snapshot, Edition::V1_3).unwrap();
        let mut reader = csv::Reader::from_reader(written.as_bytes());
        let header = reader.headers().unwrap().clone();
        assert!(MANDATORY.iter().all(|column| header.iter().filter(|name| name == column).count() == 1));
        let mut ids = std::collections::BTreeSet::new();
        for row in reader.records() {
            let row = row.unwrap();
            let cell = |name: &str| row[header.iter().position(|column| column == name).unwrap()].to_owned();
            for (rule, holds) in RULES {
                assert!(holds(&cell), "{rule}: {row:?}");
            }
            assert!(ids.insert(cell("ContractCommitmentId")), "an id is unique");
            rows += 1;
        }
    }
    assert_eq!(rows, 9);
}
