//! The payments as a table.

use entente_payments::{PaymentFile, payment_table};
use proptest::prelude::*;

use crate::{any_file::any_file, sample::two_groups};

fn written(file: &PaymentFile) -> String {
    let mut out = Vec::new();
    payment_table::write(file, &mut out).unwrap();
    String::from_utf8(out).unwrap()
}

#[test]
fn a_row_says_who_pays_whom_how_much_and_when() {
    let text = written(&two_groups());
    let lines: Vec<&str> = text.split("\r\n").collect();
    assert_eq!(lines.len(), 5, "a heading, three rows, and a last line end");
    assert_eq!(lines[0], payment_table::COLUMNS.join(","));
    assert_eq!(
        lines[1],
        "PAY-2027-03,EUR-1,2027-03-31,Acme Europe B.V.,NL91ABNA0417164300,ABNANL2A,PAY-2027-03-1,1250.00,EUR,\
         Globex Deutschland GmbH,DE89370400440532013000,COBADEFFXXX,DE,Claim CLM-2027-00007"
    );
    assert_eq!(
        lines[3],
        "PAY-2027-03,USD-1,2027-03-31,Acme Europe B.V.,NL91ABNA0417164300,ABNANL2A,PAY-2027-03-3,75500.00,USD,\
         \"Initech + Sons, Inc.\",000123456789,CHASUS33,US,"
    );
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 32, ..ProptestConfig::default() })]

    #[test]
    fn row_57_no_payee_puts_a_formula_into_the_table(draft in any_file(), sign in "[-+]") {
        let mut draft = draft;
        for transfer in draft.groups.iter_mut().flat_map(|group| &mut group.transfers) {
            transfer.creditor_name = format!("{sign}{}", transfer.creditor_name);
            transfer.remittance = format!("{sign}1+1");
        }
        let text = written(&PaymentFile::new(draft).unwrap());
        for record in csv::Reader::from_reader(text.as_bytes()).records() {
            let record = record.unwrap();
            for cell in &record {
                prop_assert!(!cell.starts_with(['=', '+', '-', '@', '\t', '\0']), "{cell}");
            }
            let guarded = format!("'{sign}1+1");
            prop_assert_eq!(record.get(13), Some(guarded.as_str()));
        }
    }
}
