//! Commitments and rules as people write them: what is wrong is named with its place and field.

use std::collections::BTreeSet;

use entente_core::commitment::{Accounts, Buys, Cap, Commitment, eligibility::Rules, schema};

use super::support::{GLOBEX, day, globex};

#[track_caller]
fn refused(from: &str, to: &str, field: &str, says: &str) {
    assert!(GLOBEX.contains(from), "{from}");
    let error = Commitment::from_yaml("globex.yaml", &GLOBEX.replacen(from, to, 1)).unwrap_err();
    assert_eq!(error.field, field, "{error}");
    assert!(error.to_string().contains(says), "{error}");
    assert!(error.place.line > 1, "{error}");
}

#[test]
fn what_is_wrong_in_a_commitment_is_named_by_its_field() {
    let first = "/versions/0/periods/0";
    refused("currency: USD", "currency: DOLLAR", "/currency", "ISO 4217");
    refused("contract: EDP-77", "contract: \"\"", "/contract", "is empty");
    refused("cost: billed", "cost: paid", "/basis/cost", "billed, effective, contracted, list");
    refused("  tax: excluded\n", "", "/basis/tax", "`tax` is missing");
    refused("zone: America/Los_Angeles", "zone: Pacific", "/basis/zone", "is not an IANA zone");
    refused("counts: \"100\", ", "", "/versions/0/marketplace/counts", "`counts` is missing");
    refused("counts: \"100\"", "counts: \"100 to 50\"", "/versions/0/marketplace/counts", "is not a percentage");
    refused("cap: \"25\"", "cap: \"125\"", "/versions/0/marketplace/cap", "is not a percentage");
    refused("\"1200000.00\"", "\"-1\"", &format!("{first}/amount"), "is not positive");
    refused("\"1200000.00\"", "\"1.2 M\"", &format!("{first}/amount"), "is not an amount");
    refused("from: 2027-01-01", "from: 2027-01-02", "/versions/0/periods/1/from", "before 2027-01-01");
    refused("due: 2027-01-31", "due: 2026-01-31", &format!("{first}/true_up/due"), "comes before 2026-12-31");
    refused("glide: ramp", "glide: { seasonal: [0,1,1,1,1,1,1,1,1,1,1,1] }", "/versions/0/glide", "from 1 to 1000");
    refused("accounts: [\"111122223333\", \"444455556666\"]", "accounts: []", "/accounts", "leave it out");
    refused("basis:", "succession: { to: globex-2026, how: after }\nbasis:", "/succession/to", "itself");
    refused(
        "due: 2029-01-31, buys: nothing",
        "due: 2029-01-31, buys: carry_over",
        "/versions/0/periods/2/true_up/buys",
        "there is none",
    );
    let milestone = "carry_over: excess, milestones: [{ name: M, through: 2027-02-01, amount: \"5\", true_up: { due: 2027-03-01, buys: nothing } }]";
    refused("carry_over: excess", milestone, &format!("{first}/milestones/0/through"), "not within the period");
}

#[test]
fn what_cannot_be_meant_is_refused_of_what_is_new_and_read_of_what_was_kept() {
    let clouds: BTreeSet<String> = ["aws".to_owned(), "google".to_owned()].into();
    let milestone = "carry_over: excess, milestones: [{ name: M, through: 2026-06-01, amount: \"5.001\", true_up: { due: 2026-07-01, buys: nothing } }]";
    for (from, to, field, says) in [
        ("cloud: aws", "cloud: awz", "/cloud", "write one of `aws`, `google`"),
        ("\"444455556666\"", "\"111122223333\"", "/accounts/1", "names `111122223333` twice"),
        ("cost: billed", "cost: list", "/basis/discounts", "list prices are before discounts"),
        ("\"1200000.00\"", "\"1200000.001\"", "/versions/0/periods/0/amount", "USD has 2 decimals"),
        ("carry_over: excess", milestone, "/versions/0/periods/0/milestones/0/amount", "is 5.001"),
    ] {
        assert!(GLOBEX.contains(from), "{from}");
        let text = GLOBEX.replacen(from, to, 1);
        let error = Commitment::from_new_yaml("globex.yaml", &text, &clouds).unwrap_err();
        assert!(error.field == field && error.to_string().contains(says) && error.place.line > 1, "{error}");
        assert!(Commitment::from_yaml("globex.yaml", &text).is_ok(), "{to}");
    }
    assert_eq!(Commitment::from_new_yaml("globex.yaml", GLOBEX, &clouds).unwrap(), globex());
}

#[test]
fn the_published_schema_is_the_one_of_the_document() {
    let path = format!("{}/../../schemas/commitment.v1.json", env!("CARGO_MANIFEST_DIR"));
    let schema = serde_json::to_string_pretty(&schema()).unwrap() + "\n";
    if std::env::var_os("UPDATE_SCHEMAS").is_some() {
        std::fs::write(&path, &schema).unwrap();
    }
    let published = std::fs::read_to_string(&path).unwrap_or_default();
    assert!(published == schema, "{path} is not current: run the tests once with UPDATE_SCHEMAS=1 and commit it");
}

#[test]
fn the_examples_are_commitments() {
    let clouds: BTreeSet<String> = ["aws".to_owned(), "microsoft".to_owned()].into();
    let contract = include_str!("../../../../examples/commitment/contract.yaml");
    Commitment::from_new_yaml("contract.yaml", contract, &clouds).unwrap();
    let milestones = include_str!("../../../../examples/commitment/milestones.yaml");
    let commitment = Commitment::from_new_yaml("milestones.yaml", milestones, &clouds).unwrap();
    let period = &commitment.versions()[0].periods[0];
    assert_eq!((period.milestones.len(), period.milestones[1].true_up.buys), (2, Buys::Credit));
    assert_eq!(commitment.accounts, Accounts::All);
}

#[test]
fn the_terms_in_force_depend_on_the_day_and_on_what_was_known() {
    let amended = format!(
        "{GLOBEX}  - valid_from: 2027-07-01\n    known_from: 2027-08-15\n    note: amendment 1\n    glide: linear\n    \
         marketplace: {{ counts: \"100\", cap: unknown }}\n    periods:\n      - {{ from: 2026-01-01, through: 2028-12-31, amount: \
         \"4500000.00\", true_up: {{ due: 2029-01-31, buys: nothing }} }}\n"
    );
    let commitment = super::support::commitment(&amended);
    let note = |on: &str, known: &str| commitment.terms(day(on), day(known)).map(|terms| terms.note.as_str());
    let first = Some("the addendum of December 2025, clauses 3 to 5");
    assert_eq!(note("2027-06-30", "2028-01-01"), first);
    assert_eq!(note("2027-08-01", "2028-01-01"), Some("amendment 1"));
    assert_eq!(note("2027-08-01", "2027-08-14"), first, "nobody knew of the amendment yet");
    assert_eq!(note("2026-06-01", "2025-12-14"), None);
    assert_eq!(commitment.versions()[1].marketplace.cap, Cap::Unknown);
}

#[test]
fn a_day_is_cut_off_in_the_contracts_zone() {
    let at = "2027-07-01T06:59:00Z".parse().unwrap();
    assert_eq!(globex().day_of(at), day("2027-06-30"));
}

#[test]
fn a_correction_of_the_first_terms_that_is_known_later_moves_the_first_day() {
    let (_, version) = GLOBEX.split_once("versions:\n").unwrap();
    let corrected = version
        .replace("known_from: 2025-12-15", "known_from: 2026-03-01")
        .replace("from: 2026-01-01, through", "from: 2026-02-01, through");
    let commitment = super::support::commitment(&format!("{GLOBEX}{corrected}"));
    assert_eq!(commitment.starts(day("2026-02-28")), Some(day("2026-01-01")));
    assert_eq!(commitment.starts(day("2026-03-01")), Some(day("2026-02-01")));
    let before = commitment.terms(day("2025-06-01"), day("2026-03-01")).unwrap();
    assert_eq!(before.starts(), day("2026-02-01"), "before the first day, too");
}

#[test]
fn what_is_wrong_in_a_rule_is_named_by_its_field() {
    let good = "rules:\n  - rule: own-1\n    title: t\n    tests: charge\n    known_from: 2027-01-02\n    \
                source: { kind: told, at: Ann, read: 2027-01-01 }\n    precedence: 5\n    effect: excluded\n";
    assert_eq!(Rules::from_yaml("own.yaml", good).unwrap().iter().count(), 1);
    for (from, to, field, says) in [
        ("rule: own-1", "rule: own 1", "/rules/0/rule", "is not a rule's name"),
        ("title: t", "title: ' '", "/rules/0/title", "is empty"),
        ("known_from: 2027-01-02", "known_from: 2026-12-31", "/rules/0/known_from", "source was read"),
        ("    effect: excluded\n", "", "/rules/0/effect", "is missing"),
        ("at: Ann, ", "", "/rules/0/source/at", "is missing"),
        ("tests: charge", "tests: guess", "/rules/0/tests", "purchase, activation, charge, invoice"),
    ] {
        let error = Rules::from_yaml("own.yaml", &good.replacen(from, to, 1)).unwrap_err();
        assert_eq!(error.field, field, "{error}");
        assert!(error.to_string().contains(says), "{error}");
    }
}

#[test]
fn the_example_in_the_documentation_is_a_commitment() {
    let page = include_str!("../../../../docs/commitments.md");
    let example = page.split("```yaml\n").nth(1).and_then(|rest| rest.split("```").next()).unwrap();
    let commitment = super::support::commitment(example);
    assert_eq!(commitment.terms(day("2026-06-01"), day("2026-06-01")).unwrap().marketplace.cap.to_string(), "25");
}
