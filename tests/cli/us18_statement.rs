//! A partner's own proof of what it is owed: a statement that it checks with nothing but the file and a key.

use crate::funding::Vendor;

#[test]
fn a_partner_has_its_statement_signed_and_one_altered_cent_is_found() {
    let vendor = Vendor::open();
    let request = vendor.granted("pia", &[]);
    vendor.pass_days(20);
    let claim = vendor.approved("pia", &request, &[]);
    let run = vendor.sent(&[]);
    vendor.answers(&run, &[&format!("{run}-0001,settled,2000.00,EUR,2027-04-05,")]).ok();
    vendor.until("claim", &claim, "paid");

    let create = ["statement", "create", "--partner", "nordlicht", "--entity", "acme-us", "--month", "2027-03"];
    let statement = vendor.act_plainly("pia", &create).ok().data;
    for movement in ["\"owe\"", "\"pay\""] {
        assert_eq!(statement.matches(movement).count(), 1, "{statement}");
    }
    assert!(statement.contains("\"rule\":\"V1\"") || statement.contains("\"rules\":[]"), "{statement}");
    assert_eq!(vendor.act_plainly("ben", &create).code, 3, "another partner's statement is not there");
    assert_eq!(vendor.act_plainly("vic", &create).code, 4);

    // Checked with the file and the key alone.
    let key = vendor.installation.run(&["audit", "key"]).ok().data;
    let key = vendor.installation.write("key.txt", key.trim());
    let verify = |text: &str| {
        let file = vendor.installation.write("statement.ndjson", text);
        vendor.installation.run(&["statement", "verify", file.to_str().unwrap(), "--key", key.to_str().unwrap()])
    };
    verify(&statement).ok();
    let altered = statement.replacen("200000", "200001", 1);
    assert_ne!(altered, statement);
    let found = verify(&altered);
    assert!(found.code == 7 && found.data.contains("line"), "{found:?}");
}

#[test]
fn proof_is_kept_once_given_to_whoever_sees_the_claim_and_checked() {
    let vendor = Vendor::open();
    let file = vendor.installation.write("attendees.csv", "name,company\nAda,Globex\nBo,Initech\n");
    let add = ["evidence", "add", file.to_str().unwrap(), "--kind", "attendee_list"];
    let printed = vendor.act_plainly("pia", &add).ok().json();
    let proof = vendor.act_plainly("pia", &[&add[..], &["--json"]].concat()).ok().json();
    assert_eq!(printed, serde_json::json!({ "file": proof["sha256"], "kind": "attendee_list" }), "as a claim names it");
    assert_eq!((&proof["media"], &proof["scan"]), (&"csv".into(), &"clean".into()), "{proof:#}");
    assert_eq!(vendor.act_plainly("pia", &add).ok().json(), printed, "the same file is the same proof");
    let page = vendor.installation.write("page.csv", "<html><script>alert(1)</script></html>");
    let refused = vendor.act_plainly("pia", &["evidence", "add", page.to_str().unwrap(), "--kind", "photo"]);
    assert!(refused.code == 2 && refused.words.contains("evidence_refused"), "{refused:?}");
    let checked = vendor.act_plainly("oz", &["evidence", "check", "--json"]).ok().json();
    assert_eq!((&checked["files"], &checked["wrong"]), (&1.into(), &serde_json::json!([])));
    // One changed byte in the folder is found, and names the file.
    let hash = proof["sha256"].as_str().unwrap();
    let stored = vendor.installation.folder().join("evidence").join(&hash[..2]).join(hash);
    let mut bytes = std::fs::read(&stored).unwrap();
    bytes[3] ^= 1;
    std::fs::write(&stored, bytes).unwrap();
    let checked = vendor.act_plainly("oz", &["evidence", "check"]);
    assert!(checked.code == 7 && checked.data.contains("attendees.csv"), "{checked:?}");
}

#[test]
fn a_changed_pack_is_compared_with_the_past_before_it_is_imported() {
    let vendor = Vendor::open();
    let request = vendor.granted("pia", &[]);
    let lower = include_str!("../../programmes/starter.yaml")
        .replace("version: 1", "version: 2")
        .replace("vendor_share: 50", "vendor_share: 40");
    let file = vendor.installation.write("starter-2.yaml", lower);
    let import =
        |more: &[&str]| vendor.act_plainly("fay", &[&["programme", "import", file.to_str().unwrap()], more].concat());
    let unseen = import(&[]);
    assert!(unseen.code == 5 && unseen.words.contains("policy diff"), "{unseen:?}");
    let compared = vendor.act_plainly("fay", &["policy", "diff", file.to_str().unwrap(), "--json"]).ok().json();
    assert_eq!(compared["changes"][0]["label"], request, "{compared:#}");
    assert_eq!(compared["totals"]["EUR"]["minor"], -40_000, "40 % of 4,000.00 instead of 2,000.00");
    import(&["--comparison", compared["id"].as_str().unwrap()]).ok();
    // What was granted stays as it was.
    assert_eq!(vendor.show("request", &request)["course"]["granted"]["minor"], 200_000);

    // The case itself is a fixture.
    let case = vendor.act_plainly("fay", &["explain", &request, "--case"]).ok().data;
    let fixture = |payable: &str| {
        format!("name: the breakfast\ncase: {}\nexpect: {{ decision: clear, payable: \"{payable}\" }}\n", case.trim())
    };
    let pack = vendor.installation.write("one.yaml", include_str!("../../programmes/starter.yaml"));
    let test = |payable: &str| {
        let fixture = vendor.installation.write("fixture.yaml", fixture(payable));
        vendor.installation.run(&["policy", "test", pack.to_str().unwrap(), fixture.to_str().unwrap()])
    };
    test("2000.00 EUR").ok();
    let wrong = test("1999.99 EUR");
    assert!(wrong.code == 1 && wrong.data.contains("EUR 2,000.00 is payable"), "{wrong:?}");
}

#[test]
fn a_partner_whose_claim_is_like_anothers_does_not_learn_whose() {
    let vendor = Vendor::open();
    vendor.partner("bluepeak", &[("requesters: [pia]", "requesters: [ben]")]);
    let first = vendor.granted("pia", &[]);
    let second = vendor.granted("ben", &[("partner: nordlicht", "partner: bluepeak"), ("hamburg-breakfast", "bremen")]);
    vendor.pass_days(20);
    let known = vendor.claim("pia", &first, &[]);
    vendor.until("claim", &known, "approvals");
    let own = [
        ("partner: nordlicht", "partner: bluepeak"),
        ("invoice.pdf", "own.pdf"),
        ("room.png", "own.png"),
        ("attendees.csv", "own.csv"),
    ];
    let like = vendor.claim("ben", &second, &own);
    vendor.until("claim", &like, "returned");
    let told = |person: &str, more: &[&str]| {
        let said = vendor.act_plainly(person, &[&["explain", &like], more].concat()).ok();
        said.data
    };
    let named = |text: &str| text.contains(&known) || text.contains("nordlicht");
    for more in [&[][..], &["--json"], &["F2", "--json"], &["--all", "--json"]] {
        assert!(!named(&told("ben", more)), "{more:?}: {}", told("ben", more));
    }
    for args in [["claim", "show", &like, "--json"], ["claim", "history", &like, "--ndjson"]] {
        assert!(!named(&vendor.act_plainly("ben", &args).ok().data), "{args:?}");
    }
    assert_eq!(vendor.act_plainly("ben", &["explain", &like, "--case"]).code, 4);
    assert!(told("finn", &[]).contains(&known), "the vendor's people see the pair: {}", told("finn", &[]));
}
