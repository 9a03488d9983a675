//! Lists of what was granted and paid before: checked, staged by one person, agreed to by another, and known to the rules.

use serde_json::{Value, json};

use crate::{funding::Vendor, installation::Said};

const MAPPING: &str = include_str!("../../examples/funding/import/mapping.yaml");
const LIST: &str = include_str!("../../examples/funding/import/claims.csv");

/// What is done to a list, by a person.
fn import(vendor: &Vendor, person: &str, args: &[&str]) -> Said {
    let args: Vec<&str> = ["import"].into_iter().chain(args.iter().copied()).collect();
    vendor.act_plainly(person, &args)
}

/// A vendor with the example's list in `claims.csv`.
fn vendor_with(list: &str) -> Vendor {
    let vendor = Vendor::open();
    vendor.installation.write("mapping.yaml", MAPPING);
    vendor.installation.write("claims.csv", list);
    vendor
}

const CHECK: [&str; 4] = ["check", "claims.csv", "--mapping", "mapping.yaml"];
const STAGE: [&str; 4] = ["stage", "claims.csv", "--mapping", "mapping.yaml"];

/// What an import says, to somebody in finance.
fn contents(vendor: &Vendor, id: &str) -> Value {
    import(vendor, "finn", &["show", id, "--json"]).ok().json()["contents"].clone()
}

fn imports(vendor: &Vendor) -> Vec<Value> {
    import(vendor, "mia", &["list", "--json"]).ok().json().as_array().unwrap().clone()
}

#[test]
fn what_was_paid_before_is_known_to_the_rules_and_what_was_granted_goes_the_ordinary_way() {
    let vendor = vendor_with(LIST);
    let checked = import(&vendor, "mia", &[&CHECK[..], &["--json"]].concat()).ok().json();
    let eur = |minor: i64| json!({ "minor": minor, "currency": "EUR" });
    let sum = |status: &str, lines: u64, minor| json!({ "fund": "emea-2027-h1", "status": status, "amount": eur(minor), "lines": lines });
    assert_eq!(checked["sums"], json!([sum("granted", 1, 200_000), sum("paid", 2, 320_025)]));
    assert_eq!((&checked["over"], &checked["defective"]), (&json!(1), &json!(0)));
    assert!(imports(&vendor).is_empty(), "a check writes nothing");

    // One person brings it, another one agrees.
    import(&vendor, "mia", &STAGE).ok();
    let id = imports(&vendor)[0]["id"].as_str().unwrap()[..12].to_owned();
    let seen = contents(&vendor, &id);
    let of = |partner: &str, status: &str, year, minor| json!({ "fund": "emea-2027-h1", "partner": partner, "status": status, "year": year, "lines": 1, "amount": eur(minor) });
    let (bluepeak, granted) = (of("bluepeak", "paid", 2026, 120_025), of("nordlicht", "granted", 2027, 200_000));
    assert_eq!(seen["sums"], json!([bluepeak, granted, of("nordlicht", "paid", 2026, 200_000)]));
    assert_eq!((&seen["lines"], &seen["requested"]), (&json!(3), &json!(["2027-01-12", "2027-01-12"])));
    assert_eq!(seen["sample"].as_array().map(Vec::len), Some(3), "{seen:#}");
    let sums = seen["sums_sha256"].as_str().unwrap();
    assert_eq!(import(&vendor, "pia", &["show", &id]).code, 4, "a partner's person sees nothing of it");
    assert_eq!(import(&vendor, "mia", &["apply", &id, "--sums", sums]).code, 4, "she has not the role");
    assert_eq!(import(&vendor, "mia", &["open", &id]).code, 5, "nobody has agreed");
    assert_eq!(import(&vendor, "finn", &["apply", &id]).code, 2, "nobody agrees to what was not looked at");
    assert_eq!(import(&vendor, "finn", &["apply", &id, "--sums", "abcdef"]).code, 5, "nor to other sums");
    assert_eq!(imports(&vendor)[0]["status"], "staged");
    let tried = import(&vendor, "finn", &["apply", &id, "--sums", &sums[..12], "--dry-run"]).ok();
    assert!(tried.words.contains("nothing was written"), "{tried:?}");
    assert_eq!(imports(&vendor)[0]["status"], "staged", "it was only shown what would count");
    import(&vendor, "finn", &["apply", &id, "--sums", &sums[..12]]).ok();
    assert_eq!(imports(&vendor)[0]["applied_by"], "finn");
    assert_eq!(import(&vendor, "mia", &["drop", &id]).code, 5, "what counts stays");
    let again = import(&vendor, "mia", &STAGE).ok();
    assert!(again.words.contains("exactly as it is"), "{again:?}");

    // What was granted is a request like any other: judged by the rules, and agreed to.
    assert_eq!(import(&vendor, "fay", &["open", &id]).code, 4, "who wrote the amounts asks for them");
    let opened = import(&vendor, "mia", &["open", &id, "--json"]).ok().json();
    assert_eq!(opened["requests"], 1);
    assert_eq!(import(&vendor, "mia", &["open", &id, "--json"]).ok().json()["requests"], 0, "each once");
    let request = "REQ-2027-00001";
    vendor.agree("request", request, &["fay"]);
    vendor.until("request", request, "granted");
    assert_eq!(vendor.stands("reserved", None), 200_000);
    assert_eq!(vendor.stands("paid", None), 0, "what was paid before is in no book of this fund");

    // An invoice that was paid before is not paid again.
    vendor.pass_days(20);
    let used = [("R-2027-0311", "r 2026 0941"), ("date: 2027-03-22", "date: 2026-11-12")];
    let claim = vendor.claim("pia", request, &used);
    let returned = vendor.until("claim", &claim, "returned");
    assert_eq!(returned["refusal"]["code"], "F2", "{returned:#}");
    vendor.verify();
}

#[test]
fn row_57_what_is_wrong_with_a_list_is_told_by_row_and_executes_in_no_spreadsheet() {
    let wrong = LIST
        .replace("1.200,25;1.200,25", "1.200,25;=cmd|'/C calc'!A0")
        .replace("EUR;Rejected", "EUR;Lost")
        .replace("20.03.2027;20.03.2027", "20.03.2027;2027-03-20");
    let vendor = vendor_with(&wrong);
    let checked = import(&vendor, "mia", &[&CHECK[..], &["--errors", "errors.csv", "--json"]].concat());
    assert_eq!(checked.code, 7, "{checked:?}");
    let defects = checked.json()["defects"].clone();
    let places: Vec<(u64, &str, &str)> = defects
        .as_array()
        .unwrap()
        .iter()
        .map(|at| (at["row"].as_u64().unwrap(), at["column"].as_str().unwrap(), at["value"].as_str().unwrap()))
        .collect();
    let expected = [(3, "Paid", "=cmd|'/C calc'!A0"), (4, "Status", "Lost"), (5, "To", "2027-03-20")];
    assert_eq!(places, expected);
    let errors = std::fs::read_to_string(vendor.installation.folder().join("errors.csv")).unwrap();
    let rows: Vec<&str> = errors.lines().collect();
    assert_eq!(rows.len(), 4);
    assert!(rows[1].starts_with("3,Paid,'=cmd|'/C calc'!A0,"), "{errors}");

    let staged = import(&vendor, "mia", &STAGE);
    assert_eq!(staged.code, 2, "{staged:?}");
    assert!(imports(&vendor).is_empty(), "all of it or nothing");
}

#[test]
fn nothing_is_paid_that_was_not_approved_here_and_nobody_brings_lists_without_the_role() {
    let vendor = vendor_with(&LIST.replace("EUR;Approved", "EUR;Claimed"));
    let checked = import(&vendor, "mia", &CHECK);
    assert!(checked.code == 7 && checked.data.contains("entente claim create"), "{checked:?}");
    for person in ["pia", "finn", "vic"] {
        assert_eq!(import(&vendor, person, &CHECK).code, 4, "{person}");
        assert_eq!(import(&vendor, person, &STAGE).code, 4, "{person}");
    }
    assert_eq!(import(&vendor, "pia", &["list"]).code, 4);
    vendor.installation.write("mapping.yaml", MAPPING.replace("reference: Claim ID", "reference: Claim no"));
    let renamed = import(&vendor, "mia", &CHECK);
    assert!(renamed.code == 7 && renamed.data.contains("columns.reference"), "{renamed:?}");
    vendor.installation.write("mapping.yaml", MAPPING.replace("decimal_mark: \",\"", "decimal_mark: \";\""));
    let unread = import(&vendor, "mia", &CHECK);
    assert!(unread.code == 2 && unread.words.contains("mapping.yaml:"), "{unread:?}");
    assert_eq!(import(&vendor, "mia", &["apply", "123456", "--sums", "abcdef"]).code, 3);
    assert_eq!(import(&vendor, "mia", &["template"]).ok().data.trim_end(), MAPPING.trim_end());
}

#[test]
fn the_same_file_under_another_name_is_not_brought_in_a_second_time_unless_it_is_meant() {
    let vendor = vendor_with(LIST);
    import(&vendor, "mia", &STAGE).ok();
    vendor.installation.write("mapping.yaml", MAPPING.replace("list: emea-mdf-2026", "list: emea-2026"));
    let again = import(&vendor, "mia", &STAGE);
    assert!(again.code == 5 && again.words.contains("brought in already"), "{again:?}");
    assert_eq!(imports(&vendor).len(), 1);
    import(&vendor, "mia", &[&STAGE[..], &["--again"]].concat()).ok();
    assert_eq!(imports(&vendor).len(), 2);
}

#[test]
fn a_row_of_which_nothing_came_needs_no_fund_and_contradicts_nothing_that_was_brought_in() {
    let vendor =
        vendor_with(&LIST.replace("C-2026-103;02.11.2026;Nordlicht Cloud GmbH;EMEA H1", "C-2026-103;;Whoever;"));
    let checked = import(&vendor, "mia", &[&CHECK[..], &["--json"]].concat()).ok().json();
    assert_eq!((&checked["over"], &checked["defective"]), (&json!(1), &json!(0)));
    import(&vendor, "mia", &STAGE).ok();
    let id = imports(&vendor)[0]["id"].as_str().unwrap()[..12].to_owned();
    let seen = contents(&vendor, &id);
    import(&vendor, "finn", &["apply", &id, "--sums", seen["sums_sha256"].as_str().unwrap()]).ok();

    // The list says later that nothing came of what was granted: somebody has to look.
    vendor.installation.write("claims.csv", LIST.replace("EUR;Approved", "EUR;Expired"));
    let checked = import(&vendor, "mia", &[&CHECK[..], &["--json"]].concat());
    let defects = checked.json()["defects"].clone();
    assert_eq!((checked.code, defects.as_array().map(Vec::len), &defects[0]["row"]), (7, Some(1), &json!(5)));
    assert!(defects[0]["problem"].as_str().unwrap().contains("granted or paid"), "{defects:#}");
}
