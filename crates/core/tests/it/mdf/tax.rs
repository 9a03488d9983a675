//! What stands in the way of a payment for its taxes, and what is withheld.

use entente_core::{
    context::funding::{PartnerPaper, TaxDocument, TaxDocumentKind, load},
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
    let (number, name, country) = (None, None, None);
    TaxDocument { kind, number, name, country, from, until, checked_by: checked.then(|| "tina".parse().unwrap()) }
}

/// A payee in a country with these documents.
fn payee(country: &str, documents: &[TaxDocument]) -> PartnerPaper {
    let text = include_str!("../../../../../examples/funding/partner.yaml")
        .replace("country: DE", &format!("country: {country}"));
    PartnerPaper { tax_documents: documents.to_vec(), ..load("partner.yaml", &text).unwrap() }
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
        let why = pack().pays(&payee("IN", &documents), day).unwrap_err();
        assert!(why.contains(says), "{why}");
    }
    for day in [first, last] {
        assert!(pack().pays(&payee("IN", &[form(false), form(true)]), day).is_ok(), "{day}");
    }
    assert!(pack().pays(&payee("FR", &[form(true)]), first).unwrap_err().contains("says nothing of payees in `FR`"));
}

#[test]
fn a_document_that_does_not_fit_its_partner_holds_what_is_paid_and_says_in_what() {
    let day = date(2027, 5, 1);
    let vat = document(TaxDocumentKind::VatId, date(2027, 1, 1), Some(date(2027, 12, 31)), true);
    let fits = TaxDocument {
        number: Some("DE 136 695 976".to_owned().into()),
        name: Some("NORDLICHT Cloud G.m.b.H.".into()),
        country: Some("DE".into()),
        ..vat.clone()
    };
    let named = |name: &str| TaxDocument { name: Some(name.into()), ..vat.clone() };
    let of = |country: &str| TaxDocument { country: Some(country.into()), ..vat.clone() };
    let numbered = |number: &str| TaxDocument { number: Some(number.to_owned().into()), ..vat.clone() };
    let consent = document(TaxDocumentKind::SelfBillingConsent, date(2027, 1, 1), None, true);
    let judged = |documents: Vec<TaxDocument>, day: Date| {
        let payee = payee("DE", &documents);
        let with_consent = PartnerPaper { tax_documents: [documents, vec![consent.clone()]].concat(), ..payee.clone() };
        let by_pack = pack().pays(&with_consent, day).map(drop);
        (payee.tax_in_order(day), by_pack, payee.tax_verified_by(day))
    };
    assert_eq!(judged(vec![fits.clone()], day), (Ok(()), Ok(()), true));
    assert_eq!(judged(vec![vat.clone()], day), (Ok(()), Ok(()), true), "what it does not say fits");
    for (other, says) in [
        (
            named("Suedlicht GmbH"),
            "its VAT registration names `Suedlicht GmbH`, and the partner is `Nordlicht Cloud GmbH`",
        ),
        (of("AT"), "its VAT registration is of `AT`, and the partner is in `DE`"),
        (numbered("FRAB123456789"), "the number of its VAT registration is of `FR`, and the partner is in `DE`"),
    ] {
        let (alone, by_pack, verified) = judged(vec![other.clone()], day);
        assert!(alone.as_ref().is_err_and(|why| why == says), "{alone:?}");
        assert!(by_pack.as_ref().is_err_and(|why| why.starts_with(says)), "{by_pack:?}");
        assert!(verified, "it holds the payout, and not the claim");
        assert_eq!(judged(vec![other, fits.clone()], day), (Ok(()), Ok(()), true), "another one fits");
    }
    let (alone, by_pack, verified) = judged(vec![fits], date(2028, 1, 1));
    assert_eq!(
        alone.unwrap_err(),
        "its VAT registration was in force until 2027-12-31, and none is in force and checked"
    );
    assert!(by_pack.is_err() && verified, "what is over holds the payout alone");
    let unchecked = TaxDocument { checked_by: None, ..vat };
    let (alone, _, verified) = judged(vec![unchecked], day);
    assert!(alone.is_err() && !verified, "what nobody has checked verifies nothing");
}

#[test]
fn a_number_without_the_form_of_its_country_is_refused_and_not_repeated() {
    let text = include_str!("../../../../../examples/funding/partner.yaml");
    let with = |number: &str| text.replace("{ kind: vat_id,", &format!("{{ kind: vat_id, number: \"{number}\","));
    let refused = load::<PartnerPaper>("partner.yaml", &with("DE13669597")).unwrap_err();
    assert_eq!(refused.field, "/tax_documents/0/number");
    let said = refused.to_string();
    assert!(said.contains("is no VAT number: one has `DE` and 9 digits") && !said.contains("13669597"), "{said}");
    let kept = load::<PartnerPaper>("partner.yaml", &with("DE136695976")).unwrap();
    let kept = serde_json::to_string(&kept).unwrap();
    assert!(kept.contains("DE…976") && !kept.contains("136695"), "{kept}");
    let code = text.replace("{ kind: vat_id,", "{ kind: vat_id, country: Germany,");
    assert_eq!(load::<PartnerPaper>("partner.yaml", &code).unwrap_err().field, "/tax_documents/0/country");
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
