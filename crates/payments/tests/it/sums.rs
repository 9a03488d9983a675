//! For any file: what is told of it is what is in it, and it is read back as it was written.

use std::collections::BTreeMap;

use entente_payments::{
    PaymentFile,
    pain001::{self, Version},
};
use proptest::prelude::*;

use crate::{any_file::any_file, sample::run_of};

fn written(file: &PaymentFile, version: Version) -> Vec<u8> {
    let mut out = Vec::new();
    pain001::write(file, version, &mut out).unwrap();
    out
}

/// The texts of all elements of a name, found without the reader that is under test.
fn texts<'a>(xml: &'a str, name: &str) -> Vec<&'a str> {
    let (open, close) = (format!("<{name}>"), format!("</{name}>"));
    xml.split(&open).skip(1).filter_map(|rest| rest.split(&close).next()).collect()
}

/// A decimal text in thousandths.
fn thousandths(text: &str) -> i128 {
    let (whole, fraction) = text.split_once('.').unwrap_or((text, ""));
    assert!(fraction.len() <= 3, "{text}");
    format!("{whole}{fraction:0<3}").parse().unwrap()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, ..ProptestConfig::default() })]

    #[test]
    fn control_sums_and_counts_are_those_of_the_transfers(draft in any_file()) {
        let mut sums: BTreeMap<&str, i128> = BTreeMap::new();
        for transfer in draft.groups.iter().flat_map(|group| &group.transfers) {
            let in_thousandths = 10_i128.pow(3 - transfer.amount.currency.decimals());
            *sums.entry(transfer.amount.currency.code()).or_default() += i128::from(transfer.amount.minor) * in_thousandths;
        }
        let count: usize = draft.groups.iter().map(|group| group.transfers.len()).sum();
        let file = PaymentFile::new(draft.clone()).unwrap();
        for version in Version::ALL {
            let xml = String::from_utf8(written(&file, version)).unwrap();
            let told: Vec<i128> = texts(&xml, "CtrlSum").into_iter().map(thousandths).collect();
            let (of_file, of_groups) = told.split_first().unwrap();
            prop_assert_eq!(*of_file, sums.values().sum::<i128>());
            let expected: Vec<i128> = draft.groups.iter().map(|group| sums[group.currency.code()]).collect();
            prop_assert_eq!(of_groups, expected);
            let counts = texts(&xml, "NbOfTxs");
            prop_assert_eq!(counts[0], count.to_string());
            let mut ids = texts(&xml, "EndToEndId");
            prop_assert_eq!(ids.len(), count);
            ids.sort_unstable();
            ids.dedup();
            prop_assert_eq!(ids.len(), count, "an end-to-end id is there twice");
        }
    }

    #[test]
    fn a_written_file_reads_back_to_the_same_transfers(draft in any_file()) {
        let file = PaymentFile::new(draft).unwrap();
        for version in Version::ALL {
            let bytes = written(&file, version);
            prop_assert_eq!(&bytes, &written(&file, version), "the same file gives the same bytes");
            prop_assert_eq!(pain001::read(&bytes).unwrap(), (file.clone(), version));
        }
    }
}

#[test]
fn us17_twelve_hundred_payables_in_four_currencies_are_one_file() {
    let file = PaymentFile::new(run_of(1_200)).unwrap();
    let of_groups: Vec<(&str, usize)> =
        file.groups().iter().map(|group| (group.currency().code(), group.transfers().len())).collect();
    assert_eq!(of_groups, [("EUR", 300), ("USD", 300), ("JPY", 300), ("KWD", 300)]);
    let xml = String::from_utf8(written(&file, Version::V09)).unwrap();
    assert_eq!(texts(&xml, "NbOfTxs"), ["1200", "300", "300", "300", "300"]);
    assert_eq!(pain001::read(xml.as_bytes()).unwrap().0, file);
}
