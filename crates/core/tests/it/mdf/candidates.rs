//! Earlier claims are found by what could be alike, and no more of them are looked at than is needed.

use std::collections::BTreeSet;

use entente_core::mdf::{
    Likeness,
    candidates::{Candidates, Key, KeyKind, Reach, asked, kept},
    model::EarlierClaim,
};
use serde_json::{Value, json};

use super::{case, expanded, judged, pack};

fn earlier(id: &str, with: &Value) -> EarlierClaim {
    let mut claim = json!({
        "claim": id, "partner": "north-star", "programme": "emea-co-op", "activity": format!("ACT-{id}"),
        "ended": "2027-03-01", "amount": "USD 100.00",
    });
    for (name, value) in with.as_object().into_iter().flatten() {
        claim[name] = value.clone();
    }
    serde_json::from_value(expanded(claim)).unwrap()
}

fn invoice(tax_id: &str, number: &str, date: &str, total: &str) -> Value {
    json!([{ "supplier": { "name": "Halle", "tax_id": tax_id }, "number": number, "date": date, "total": total, "claimed": total }])
}

fn found(index: &Candidates, claim: &EarlierClaim) -> Vec<String> {
    index.of(claim, Reach::default()).earlier.iter().map(|one| one.claim.to_string()).collect()
}

fn words(keys: &BTreeSet<Key>) -> BTreeSet<&'static str> {
    keys.iter().map(|key| key.kind().word()).collect()
}

#[test]
fn the_keys_of_a_claim_are_stable_short_and_asked_for_by_the_next_like_it() {
    let claim = EarlierClaim::of(&case(&json!({}))).unwrap();
    let (kept, asked) = (kept(&claim), asked(&claim, Reach::default()));
    assert!(kept.is_subset(&asked));
    let plain = |c: char| c.is_ascii_alphanumeric() || "_-.:/@+".contains(c);
    assert!(asked.iter().all(|key| key.as_str().len() <= 150 && key.as_str().chars().all(plain)));
    let all = ["activity", "address", "file", "invoice", "near", "near-number", "near-supplier", "picture", "price"];
    assert_eq!(words(&kept).into_iter().collect::<Vec<_>>(), all);
    // Stored keys are looked up by later versions: a change here makes stored ones useless and needs new words.
    let near: Vec<&str> = kept.iter().filter(|key| key.kind() == KeyKind::Near).map(Key::as_str).collect();
    assert_eq!(near, ["near:USD:464:2989", "near:USD:484:2988"]);
    assert!(kept.iter().any(|key| key.as_str() == "activity:ACT-2027-1"));
    assert!(kept.iter().any(|key| key.as_str() == format!("file:{}", "a".repeat(64))));
}

#[test]
fn an_invoice_is_found_however_its_number_is_written() {
    let mut index = Candidates::new();
    index.add(earlier("CLM-1", &json!({ "invoices": invoice("DE811", "RE-2027-0017", "2027-04-14", "USD 6000.00") })));
    for number in ["re 2027 0017", "RE20270017", "RE-2O27-0017", "RE/2027/17", "re.2027.00017"] {
        let again = earlier("CLM-2", &json!({ "invoices": invoice("de 811", number, "2026-01-01", "USD 1.00") }));
        assert_eq!(found(&index, &again), ["CLM-1"], "{number}");
    }
    let other = earlier("CLM-2", &json!({ "invoices": invoice("DE811", "RE-2027-0018", "2026-01-01", "USD 1.00") }));
    assert!(found(&index, &other).is_empty());
}

#[test]
fn amounts_within_one_percent_and_dates_within_three_days_are_found_and_others_are_not() {
    let mut index = Candidates::new();
    index.add(earlier("CLM-1", &json!({ "invoices": invoice("DE1", "A-1", "2027-04-14", "USD 1000.00") })));
    let ask = |date: &str, total: &str| {
        found(&index, &earlier("CLM-2", &json!({ "invoices": invoice("DE2", "B-9", date, total) })))
    };
    for (date, total) in [("2027-04-11", "USD 1010.00"), ("2027-04-17", "USD 990.10"), ("2027-04-14", "USD 1000.00")] {
        assert_eq!(ask(date, total), ["CLM-1"], "{date} {total}");
    }
    for (date, total) in [("2027-04-10", "USD 1000.00"), ("2027-04-14", "USD 1020.00"), ("2027-04-14", "EUR 1000.00")] {
        assert!(ask(date, total).is_empty(), "{date} {total}");
    }
}

#[test]
fn pictures_within_eight_bits_are_found_wherever_the_bits_are() {
    let mut index = Candidates::new();
    let hash = 0x9d3c_55aa_0ff0_1234_u64;
    index.add(earlier("CLM-1", &json!({ "pictures": [hash] })));
    for start in 0..56 {
        let near = earlier("CLM-2", &json!({ "pictures": [hash ^ (0xff << start)] }));
        assert_eq!(found(&index, &near), ["CLM-1"], "bits from {start}");
    }
    assert!(found(&index, &earlier("CLM-2", &json!({ "pictures": [hash ^ 0x0101_0101_0101_0301_u64] }))).is_empty());
}

#[test]
fn a_key_of_very_many_claims_is_cut_said_so_and_the_slipped_number_still_found() {
    let mut index = Candidates::new();
    for at in 0..1_000 {
        let number = format!("INV{:07}", 5_000_000 + at * 1_237);
        index.add(earlier(
            &format!("CLM-{at}"),
            &json!({ "invoices": invoice("IE1", &number, "2027-04-14", "USD 499.00") }),
        ));
    }
    let slipped = earlier("CLM-X", &json!({ "invoices": invoice("IE1", "INV5000001", "2027-04-15", "USD 499.00") }));
    let answer = index.of(&slipped, Reach::default());
    assert!(answer.work.compared <= 800, "{:?}", answer.work);
    assert!(
        answer.cut.iter().any(|cut| cut.key.kind() == KeyKind::Near && cut.claims == 1_000 && cut.looked_at == 128)
    );
    for number in ["INV5000001", "INV6000000", "INV500000", "INV50000000", "INV5000000-A"] {
        let slipped = earlier("CLM-X", &json!({ "invoices": invoice("IE1", number, "2027-04-15", "USD 499.00") }));
        assert!(found(&index, &slipped).contains(&"CLM-0".to_owned()), "{number} finds the oldest by its number");
    }
}

#[test]
fn a_claim_handed_in_again_takes_the_place_of_its_earlier_self() {
    let mut index = Candidates::new();
    index.add(earlier("CLM-1", &json!({ "files": ["sha:a"] })));
    index.add(earlier("CLM-1", &json!({ "files": ["sha:b"] })));
    let ask = |index: &Candidates, file: &str| found(index, &earlier("CLM-2", &json!({ "files": [file] })));
    assert!(ask(&index, "sha:a").is_empty());
    assert_eq!((ask(&index, "sha:b"), index.len()), (vec!["CLM-1".to_owned()], 1));
    assert!(found(&index, &earlier("CLM-1", &json!({ "files": ["sha:b"] }))).is_empty(), "not by itself");
    assert!(index.remove(&"CLM-1".parse().unwrap()) && index.is_empty());
    assert!(ask(&index, "sha:b").is_empty());
}

#[test]
fn a_verdict_shows_the_pair_field_by_field() {
    let before = json!({ "/earlier": [{
        "claim": "CLM-2027-0", "partner": "south-cross", "programme": "apac-co-op", "activity": "ACT-2027-0",
        "ended": "2027-04-13", "amount": "USD 100.00",
        "invoices": [{ "supplier": { "name": "Halle Berlin GmbH", "tax_id": "de 811" }, "number": "re-2027/17",
                       "date": "2027-04-14", "total": "USD 6000.00", "claimed": "USD 2000.00" }],
    }] });
    let judgement = judged(&case(&before), &pack(&json!({ "F2": {} })));
    let [pair] = judgement.verdicts[0].told.pairs.as_slice() else { panic!("{judgement:#?}") };
    assert_eq!(
        (pair.here.as_str(), pair.claim.as_str(), pair.there.as_str()),
        ("/claim/invoices/0", "CLM-2027-0", "/invoices/0")
    );
    let likeness = |name: &str| pair.fields.iter().find(|field| field.name == name).unwrap().likeness;
    assert_eq!(["supplier", "date", "total"].map(likeness), [Likeness::Equal; 3]);
    assert_eq!(["tax id", "number"].map(likeness), [Likeness::Alike; 2]);
    assert_eq!(likeness("claimed"), Likeness::Different);
    assert_eq!(json!(judgement.verdicts[0])["pairs"][0]["fields"][2]["there"], "re-2027/17");
}
