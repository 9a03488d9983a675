//! What stands in the way of a payment for its taxes, and what is withheld.

use entente_core::{
    context::funding::{TaxDocument, TaxDocumentKind},
    mdf::tax::TaxPack,
    money::Money,
};
use jiff::civil::{Date, date};

const PACK: &str = "tax_pack: acme-eu\nversion: 1\nlegal_entity: acme-eu\nsource: Opinion of 2027-01-12\n\
    countries:\n  DE: { documents: [vat_id, self_billing_consent] }\n  IN: { documents: [w8], withholding: 10 }\n";

fn pack() -> TaxPack {
    TaxPack::from_yaml("tax.yaml", PACK).unwrap()
}

fn document(kind: TaxDocumentKind, from: Date, until: Option<Date>, checked: bool) -> TaxDocument {
    TaxDocument { kind, from, until, checked_by: checked.then(|| "tina".parse().unwrap()) }
}

fn money(minor: i64) -> Money {
    Money { minor, currency: "EUR".parse().unwrap() }
}

#[test]
fn a_document_that_is_missing_over_early_or_unchecked_is_named() {
    let (first, last) = (date(2027, 1, 1), date(2027, 12, 31));
    let form = |checked| document(TaxDocumentKind::W8, first, Some(last), checked);
    for (documents, day, says) in [
        (vec![], date(2027, 5, 1), "it has no form of the W-8 series, which tax pack `acme-eu@1` asks for"),
        (vec![document(TaxDocumentKind::W9, first, None, true)], date(2027, 5, 1), "it has no form of the W-8 series"),
        (vec![form(false)], date(2027, 5, 1), "nobody has checked its form of the W-8 series"),
        (vec![form(true)], date(2026, 12, 31), "is not in force on 2026-12-31"),
        (vec![form(true)], date(2028, 1, 1), "is not in force on 2028-01-01"),
    ] {
        let why = pack().pays("IN", &documents, day).unwrap_err();
        assert!(why.contains(says), "{why}");
    }
    for day in [first, last] {
        assert!(pack().pays("IN", &[form(false), form(true)], day).is_ok(), "{day}");
    }
    assert!(pack().pays("FR", &[form(true)], first).unwrap_err().contains("says nothing of payees in `FR`"));
}

#[test]
fn a_pack_that_cannot_be_meant_is_refused_with_the_field() {
    for (old, new, field) in [
        ("tax_pack: acme-eu", "tax_pack: ACME", "/tax_pack"),
        ("version: 1", "version: 0", "/version"),
        ("source: Opinion of 2027-01-12", "source: ' '", "/source"),
        ("  DE:", "  Germany:", "/countries/Germany"),
        ("[w8]", "[self_billing_consent]", "/countries/IN/documents"),
        ("[w8]", "[]", "/countries/IN/documents"),
        ("withholding: 10", "withholding: 100", "/countries/IN/withholding"),
        ("withholding: 10", "withholding: -1", "/countries/IN/withholding"),
    ] {
        let text = PACK.replace(old, new);
        assert_ne!(text, PACK, "{old}");
        assert_eq!(TaxPack::from_yaml("tax.yaml", &text).unwrap_err().field, field, "{new}");
    }
}

#[test]
fn a_part_is_withheld_to_the_even_cent() {
    let of = |country: &str, minor| pack().countries[country].withheld(money(minor)).unwrap();
    assert_eq!(of("IN", 100_005), money(10_000), "10,000.5 to the even cent");
    assert_eq!(of("IN", 100_015), money(10_002));
    assert_eq!(of("DE", 95_000), money(0));
}
