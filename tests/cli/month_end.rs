//! Month end from the command line: two people, one batch, the same bytes each time, and every difference by name.

use crate::{funding::Vendor, installation::Said};

const RULES: &str = include_str!("../../examples/funding/posting-rules.yaml");

const BATCH: &str = "acme-us-2027-03";

/// A vendor with an approved claim of 2,000.00 EUR in March, in April.
fn in_april() -> Vendor {
    let vendor = Vendor::open();
    vendor.installation.write("posting-rules.yaml", RULES);
    let request = vendor.granted("pia", &[]);
    vendor.pass_days(20);
    vendor.approved("pia", &request, &[]);
    vendor.pass_days(6);
    vendor
}

/// What the general ledger says of a batch that it took as it was: debits positive.
fn extract(csv: &str) -> Vec<String> {
    let rows = csv.lines().skip(1).map(|line| line.split(',').collect::<Vec<_>>());
    let row = |row: Vec<&str>| {
        let amount = if row[6] == "0.00" { format!("-{}", row[7]) } else { row[6].to_owned() };
        format!("{},{amount},{},{}", row[4], row[8], row[1])
    };
    rows.map(row).collect()
}

fn reconciled(vendor: &Vendor, rows: &[String]) -> Said {
    let text = format!("account,amount,currency,reference\n{}\n", rows.join("\n"));
    let file = vendor.installation.write("gl.csv", text);
    vendor.act_plainly("finn", &["close", "reconcile", BATCH, file.to_str().unwrap(), "--json"])
}

#[test]
fn a_month_is_prepared_by_one_locked_by_another_exported_acknowledged_and_reconciled() {
    let vendor = in_april();
    let say = |person: &str, args: &[&str]| vendor.act_plainly(person, &[&["close"], args].concat());
    let month = ["acme-us", "2027-03"];
    let prepare = [&["prepare"], &month[..], &["--json"]].concat();

    let nothing = say("paula", &prepare);
    assert!(nothing.code == 3 && nothing.words.contains("close rules import"), "{nothing:?}");
    assert_eq!(say("vic", &["rules", "import", "posting-rules.yaml"]).code, 4);
    say("paula", &["rules", "import", "posting-rules.yaml", "--dry-run"]).ok();
    assert_eq!(say("paula", &["rules", "list"]).ok().data, "", "a dry run keeps nothing");
    assert_eq!(say("paula", &["rules", "import", "posting-rules.yaml"]).ok().data.trim(), "acme-month-end@1");
    assert_eq!(say("paula", &["rules", "show", "acme-month-end@1"]).ok().data, RULES);

    // What is prepared is shown before, and locked by somebody else.
    let dry = say("paula", &[&prepare[..], &["--dry-run"]].concat()).ok().json();
    assert!(dry["sha256"].is_null() && dry["batch"]["controls"]["EUR"]["debits"] == 200_000, "{dry:#}");
    assert_eq!(say("finn", &["list"]).ok().data, "");
    let made = say("finn", &prepare).ok().json();
    let hash = made["sha256"].as_str().unwrap();
    let lock = [&["lock"], &month[..], &["--batch", &hash[..12]]].concat();
    let himself = say("finn", &lock);
    assert!(himself.code == 4 && himself.words.contains("`finn` has prepared this month"), "{himself:?}");
    assert_eq!(say("paula", &lock).code, 4, "accounts payable locks nothing");
    assert_eq!(say("flo", &["export", BATCH]).code, 3, "nothing is given out before");
    say("flo", &[&lock[..], &["--dry-run"]].concat()).ok();
    assert_eq!(say("flo", &lock).ok().data.trim(), BATCH);
    let twice = say("flo", &lock);
    assert!(twice.code == 5 && twice.words.contains("is locked"), "{twice:?}");
    assert_eq!(say("paula", &prepare).code, 5);

    // The same bytes each time.
    let early = say("paula", &["acknowledge", BATCH, "--reference", "ERP-1"]);
    assert!(early.code == 5 && early.words.contains("export it first"), "{early:?}");
    let csv = say("paula", &["export", BATCH]).ok();
    assert_eq!(say("flo", &["export", BATCH]).ok().data, csv.data);
    let jsonl = say("paula", &["export", BATCH, "--format", "jsonl"]).ok();
    let control = say("paula", &["export", BATCH, "--json"]).ok().json();
    for (bytes, form) in [(&csv.data, "csv"), (&jsonl.data, "json_lines")] {
        assert_eq!(control["sha256"][form], entente_core::close::sha256(bytes.as_bytes()), "{form}");
    }
    say("paula", &["acknowledge", BATCH, "--reference", "ERP-4711"]).ok();
    say("paula", &["acknowledge", BATCH, "--reference", "ERP-4711"]).ok();
    let other = say("paula", &["acknowledge", BATCH, "--reference", "ERP-4712"]);
    assert!(other.code == 5 && other.words.contains("was acknowledged as `ERP-4711`"), "{other:?}");
    let listed = say("finn", &["list", "--json"]).ok().json();
    assert_eq!(listed[0]["acknowledged"]["what"]["reference"], "ERP-4711");
    assert_eq!((&listed[0]["lock"]["locked_by"], &listed[0]["exported"]["by"]), (&"flo".into(), &"paula".into()));

    // Each line leads to the journals behind it.
    let line = say("finn", &["show", BATCH, "--line", "1", "--json"]).ok().json();
    assert_eq!(line["line"]["what"]["movement"], "owe", "{line:#}");
    assert_eq!(line["journals"][0]["amount"]["minor"], 200_000);
    assert!(line["journals"][0]["to"].as_str().unwrap().starts_with("payable/CLM-2027-00001"), "{line:#}");
    assert_eq!(say("finn", &["show", BATCH, "--line", "99"]).code, 3);
    assert_eq!(say("mia", &["show", BATCH]).code, 4, "whoever manages funds does not see them");

    // What the general ledger took as it was, and what it did not.
    let rows = extract(&csv.data);
    assert_eq!(rows.len(), 2, "{rows:?}");
    let all = reconciled(&vendor, &rows).ok().json();
    assert_eq!((&all["matched"], &all["findings"]), (&2.into(), &serde_json::json!([])));
    let fewer = reconciled(&vendor, &rows[..1]);
    assert_eq!(fewer.code, 7);
    assert_eq!(fewer.json()["differences"][0]["difference"], "missing");
}
