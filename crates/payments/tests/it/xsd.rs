//! Written files against the published schemas, by somebody else's validator.
//!
//! `cargo xtask test payments` provides it; without `ENTENTE_PAYMENTS_PYTHON` the tests say so and end.

use std::{
    io::Write as _,
    path::Path,
    process::{Command, Stdio},
};

use entente_payments::{
    PaymentFile,
    pain001::{self, Version},
};

use crate::sample::{one, run_of, two_groups};

/// What the validator says of a document: `Ok` when it is valid, otherwise its first complaint. `None` without one.
fn validated(version: Version, xml: &[u8]) -> Option<Result<(), String>> {
    let Ok(python) = std::env::var("ENTENTE_PAYMENTS_PYTHON") else {
        println!(
            "skipped: ENTENTE_PAYMENTS_PYTHON names no Python with lxml and sepaxml; run `cargo xtask test payments`"
        );
        return None;
    };
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/validate.py");
    let mut child = Command::new(python)
        .arg(script)
        .arg(version.message())
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    child.stdin.take().unwrap().write_all(xml).unwrap();
    let output = child.wait_with_output().unwrap();
    let said = String::from_utf8(output.stdout).unwrap();
    match output.status.code() {
        Some(0) => Some(Ok(())),
        Some(1) => Some(Err(said)),
        code => panic!("the validator ended with {code:?}: {said}"),
    }
}

fn written(file: &PaymentFile, version: Version) -> Vec<u8> {
    let mut out = Vec::new();
    pain001::write(file, version, &mut out).unwrap();
    out
}

#[test]
fn us17_files_are_valid_against_the_schema_of_their_version() {
    let without_banks = {
        let mut draft = run_of(8);
        for group in &mut draft.groups {
            group.debtor_bic = None;
            group.transfers.iter_mut().for_each(|transfer| transfer.creditor_bic = None);
        }
        PaymentFile::new(draft).unwrap()
    };
    let files = [one(), two_groups(), without_banks, PaymentFile::new(run_of(1_200)).unwrap()];
    for version in Version::ALL {
        for file in &files {
            let Some(verdict) = validated(version, &written(file, version)) else { return };
            assert_eq!(verdict, Ok(()), "{} of {} transfers", version.message(), file.transfers().count());
        }
    }
}

#[test]
fn a_file_that_was_broken_on_purpose_is_refused_by_the_same_check() {
    let xml = String::from_utf8(written(&one(), Version::V09)).unwrap();
    for (from, to, expected) in [
        ("<MsgId>PAY-2027-03</MsgId>", "", "MsgId"),
        ("1250.00</InstdAmt>", "1250.000001</InstdAmt>", "fractionDigits"),
        ("<BICFI>COBADEFFXXX</BICFI>", "<BIC>COBADEFFXXX</BIC>", "BIC"),
        ("<PmtMtd>TRF</PmtMtd>", "<PmtMtd>PAY</PmtMtd>", "PmtMtd"),
    ] {
        assert!(xml.contains(from), "{from} is not in the file");
        let Some(verdict) = validated(Version::V09, xml.replacen(from, to, 1).as_bytes()) else { return };
        let complaint = verdict.expect_err("the check takes what is not valid");
        assert!(complaint.contains(expected), "{complaint}");
    }
    let Some(verdict) = validated(Version::V03, xml.as_bytes()) else { return };
    assert!(verdict.is_err(), "a file of one version is not valid against the schema of another");
}
