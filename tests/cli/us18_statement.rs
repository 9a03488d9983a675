//! A partner's own proof of what it is owed: a statement that it checks with nothing but the file and a key.

use serde_json::Value;

use crate::funding::{PEOPLE, Vendor};

/// The lines of a statement that are movements.
fn movements(statement: &str) -> Vec<Value> {
    let lines = statement.lines().map(|line| serde_json::from_str::<Value>(line).unwrap());
    lines.filter(|line| line["entry"] == "line").collect()
}

/// The rules of the first movement of a kind, each with why and its pack.
fn rules_of(statement: &str, movement: &str) -> Vec<(String, String, String)> {
    let lines = movements(statement);
    let line =
        lines.iter().find(|line| line["movement"] == movement).unwrap_or_else(|| panic!("{movement}: {statement}"));
    let text = |rule: &Value, field: &str| rule[field].as_str().unwrap_or_default().to_owned();
    let rules = line["rules"].as_array().unwrap().iter();
    rules.map(|rule| (text(rule, "rule"), text(rule, "why"), text(rule, "pack"))).collect()
}

const STATEMENT: [&str; 8] =
    ["statement", "create", "--partner", "nordlicht", "--entity", "acme-us", "--month", "2027-03"];

#[test]
fn a_partner_has_its_statement_signed_and_one_altered_cent_is_found() {
    let vendor = Vendor::open();
    let request = vendor.granted("pia", &[]);
    vendor.pass_days(20);
    let claim = vendor.approved("pia", &request, &[]);
    let run = vendor.sent(&[]);
    vendor.answers(&run, &[&format!("{run}-0001,settled,2000.00,EUR,2027-04-05,")]).ok();
    vendor.until("claim", &claim, "paid");

    let statement = vendor.act_plainly("pia", &STATEMENT).ok().data;
    for movement in ["\"owe\"", "\"pay\""] {
        assert_eq!(statement.matches(movement).count(), 1, "{statement}");
    }
    assert_eq!(vendor.act_plainly("ben", &STATEMENT).code, 3, "another partner's statement is not there");
    assert_eq!(vendor.act_plainly("vic", &STATEMENT).code, 4);

    // Checked with the file and the key alone.
    let key = vendor.installation.run(&["audit", "key"]).ok().data;
    let key = vendor.installation.write("key.txt", key.trim());
    let verify = |text: &str| {
        let file = vendor.installation.write("statement.ndjson", text);
        vendor.installation.run(&["statement", "verify", file.to_str().unwrap(), "--key", key.to_str().unwrap()])
    };
    let told = verify(&statement).ok();
    assert!(told.words.contains("preliminary: 2027-03 (America/New_York) is not over"), "{told:?}");
    let altered = statement.replacen("200000", "200001", 1);
    assert_ne!(altered, statement);
    let found = verify(&altered);
    assert!(found.code == 7 && found.data.contains("line"), "{found:?}");
}

#[test]
fn y12_each_month_that_is_over_has_its_statements_once_and_a_rule_for_every_line() {
    let vendor = Vendor::new();
    let fred =
        "  - { id: fred, name: Fred, email: fred@acme.example, roles: [finance_approver], zone: Europe/Berlin }\n";
    vendor.installation.write("people.yaml", format!("{PEOPLE}{fred}"));
    vendor.partner("nordlicht", &[]);
    let monthly = include_str!("../../programmes/starter.yaml")
        .replace("pack: starter", "pack: monthly")
        .replace("  Y1: {}", "  Y1: {}\n  Y9: {}\n  Y12: {}");
    vendor.installation.write("monthly.yaml", monthly);
    vendor.act_plainly("fay", &["programme", "import", "monthly.yaml"]).ok();
    vendor.fund(&[("starter@1", "monthly@1")]);
    vendor.pass_days(6);
    let request = vendor.granted("pia", &[]);
    vendor.pass_days(20);
    // Nothing is cut of this claim.
    let claim = vendor.approved("pia", &request, &[]);
    let dispute = ["claim", "dispute", &claim, "--amount", "25.00 EUR", "--reason", "the fee is missing"];
    vendor.act("pia", &dispute).ok();
    let granted = ["claim", "resolve-dispute", &claim, "--payee", "nordlicht", "--granted", "25.00 EUR"];
    vendor.act("finn", &[&granted[..], &["--reason", "it was agreed"]].concat()).ok();
    // Whoever agrees to this has no vote on the payout, which is left to flo.
    vendor.agree("claim", &claim, &["vera", "fred"]);
    vendor.until("claim", &claim, "payable");
    let run = vendor.sent(&[]);
    vendor.answers(&run, &[&format!("{run}-0001,settled,2000.00,EUR,2027-04-05,")]).ok();
    vendor.until("claim", &claim, "paid");
    let back = ["claim", "claw-back", &claim, "--amount", "500.00 EUR", "--reason", "the supplier credited a quarter"];
    vendor.act("finn", &back).ok();
    vendor.agree("claim", &claim, &["vera", "flo"]);
    vendor.until("claim", &claim, "recovering");

    let early = vendor.act_plainly("pia", &STATEMENT).ok();
    assert!(early.data.contains("\"preliminary\":{\"as_of\":\"2027-03-"), "{early:?}");
    let statement = early.data;
    assert!(movements(&statement).iter().all(|line| !line["rules"].as_array().unwrap().is_empty()), "{statement}");
    let rule = |rule: &str, why: &str, pack: &str| (rule.to_owned(), why.to_owned(), pack.to_owned());
    assert_eq!(
        rules_of(&statement, "owe"),
        [
            rule("Q6", "EUR 2,000.00 stays within the share of the eligible cost, EUR 2,000.00", "monthly@1"),
            rule("V1", "EUR 2,000.00 is paid as claimed", "monthly@1"),
        ]
    );
    assert_eq!(
        rules_of(&statement, "withhold"),
        [rule("Y2", "it is disputed, and held while the rest is paid: the fee is missing", "")]
    );
    assert_eq!(rules_of(&statement, "pay"), [rule("Y2", &format!("paid as approved by {run} on 2027-04-05"), "")]);
    assert_eq!(rules_of(&statement, "claw_back"), [rule("Y8", "claimed back: the supplier credited a quarter", "")]);
    assert!(statement.contains("granted of what was disputed: it was agreed"), "{statement}");

    // The month is not over, so that nothing is kept of it.
    let job = ["schedule", "run", "statements", "--wait", "60s"];
    let kept =
        |person: &str| vendor.act_plainly(person, &["statement", "list", "--month", "2027-03", "--json"]).ok().json();
    vendor.act_plainly("oz", &job).ok();
    assert_eq!(kept("mia"), serde_json::json!([]));
    vendor.pass_days(12);
    vendor.act_plainly("oz", &job).ok();
    let made = kept("mia");
    assert_eq!((made.as_array().unwrap().len(), &made[0]["partner"]), (1, &"nordlicht".into()), "{made:#}");
    vendor.act_plainly("oz", &job).ok();
    assert_eq!(kept("mia"), made, "the same month is made once");
    assert_eq!((kept("pia"), kept("ben")), (made.clone(), serde_json::json!([])), "each partner has its own");

    // Whoever asks later is given the same file, which says no longer that it may change.
    let whole = vendor.act_plainly("pia", &STATEMENT).ok();
    assert!(
        !whole.data.contains("preliminary") && whole.words.contains(made[0]["sha256"].as_str().unwrap()),
        "{whole:?}"
    );
    assert_eq!(movements(&whole.data).len(), movements(&statement).len());
    let file = vendor.installation.write("whole.ndjson", &whole.data);
    let told = vendor.installation.run(&["statement", "verify", file.to_str().unwrap()]).ok();
    assert!(!told.words.contains("preliminary"), "{told:?}");

    // And rule Y12 finds them.
    vendor.pass_days(4);
    let later = [("2027-03-20", "2027-06-20"), ("hamburg-breakfast", "kiel-breakfast")];
    let next = vendor.request("pia", &later);
    vendor.until_it("request", &next, "is judged", |paper| paper["assessment"].is_object());
    let explained = vendor.act_plainly("fay", &["explain", &next, "Y12", "--json"]).ok().json();
    assert_eq!(explained[0]["outcome"], "satisfied", "{explained:#}");
    assert_eq!(explained[0]["because"], "the statement of 2027-03-01 is signed, with a rule for every line");
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
    assert!(!named(&vendor.act_plainly("ben", &["claim", "show", &like, "--json"]).ok().data));
    assert_eq!(vendor.act_plainly("ben", &["claim", "history", &like, "--ndjson"]).code, 4, "it is the vendor's own");
    assert_eq!(vendor.act_plainly("ben", &["explain", &like, "--case"]).code, 4);
    assert!(told("finn", &[]).contains(&known), "the vendor's people see the pair: {}", told("finn", &[]));
}

/// A claim on a request in a folder of its own, with its three files beside it; where it lies.
fn claim_beside_its_files(vendor: &Vendor, request: &str, change: (&str, &str)) -> std::path::PathBuf {
    let folder = vendor.installation.folder().join("event");
    std::fs::create_dir_all(&folder).unwrap();
    for name in ["invoice.pdf", "room.png", "attendees.csv"] {
        std::fs::write(folder.join(name), crate::proof::bytes(name)).unwrap();
    }
    let text = include_str!("../../examples/funding/claim.yaml").replace("REQ-2027-00001", request);
    assert!(text.contains(change.0), "{change:?}");
    let file = folder.join("claim.yaml");
    std::fs::write(&file, text.replacen(change.0, change.1, 1)).unwrap();
    file
}

#[test]
fn a_partner_claims_with_one_command_and_the_files_beside_the_claim_are_kept() {
    let vendor = Vendor::open();
    let request = vendor.granted("pia", &[]);
    vendor.pass_days(20);
    let file = claim_beside_its_files(&vendor, &request, ("closing: true", "closing: true"));
    let create = ["claim", "create", file.to_str().unwrap(), "--submit"];
    let claim = vendor.act("pia", &create).ok().data.trim().to_owned();
    let shown = vendor.until("claim", &claim, "approvals");
    let named = shown["paper"]["evidence"].as_array().unwrap();
    assert_eq!(named.len(), 3, "{shown:#}");
    for (proof, name) in named.iter().zip(["invoice.pdf", "room.png", "attendees.csv"]) {
        assert_eq!(proof.as_object().unwrap().len(), 2, "a claim says which file and what it proves: {proof}");
        let hash = proof["file"].as_str().unwrap();
        let to = vendor.installation.folder().join(format!("got-{name}"));
        let get = ["evidence", "get", &claim, &hash[..8], "--to", to.to_str().unwrap()];
        vendor.act_plainly("finn", &get).ok();
        assert_eq!(std::fs::read(&to).unwrap(), crate::proof::bytes(name));
        // Another partner is told what it would be told of a claim that is not there.
        let nothing = vendor.act_plainly("ben", &["evidence", "get", "CLM-2027-09999", hash, "--to", "x"]);
        let hidden = vendor.act_plainly("ben", &["evidence", "get", &claim, hash, "--to", "x"]);
        assert_eq!((hidden.code, nothing.code), (3, 3));
        assert_eq!(hidden.words.replace(&claim, "X"), nothing.words.replace("CLM-2027-09999", "X"));
    }
    let checked = vendor.act_plainly("oz", &["evidence", "check", "--json"]).ok().json();
    assert_eq!(checked["files"], 3);
}

#[test]
fn a_claim_that_states_what_the_vault_knows_or_names_files_elsewhere_is_refused_with_the_field() {
    let vendor = Vendor::open();
    let request = vendor.granted("pia", &[]);
    let item = "{ file: room.png, kind: photo }";
    for (instead, words) in [
        ("{ file: room.png, kind: photo, bytes: 5 }", "`bytes` is what the vault knows"),
        ("{ file: room.png, kind: photo, scan: clean }", "`scan` is what the vault knows"),
        ("{ file: room.png, kind: photo, sha256: aa }", "`sha256` is what the vault knows"),
        ("{ file: room.png }", "`kind` is missing"),
        ("{ file: ../room.png, kind: photo }", "field `/evidence/1/file`"),
        ("{ file: /etc/hostname, kind: photo }", "field `/evidence/1/file`"),
        ("{ file: room.png, kind: '' }", "field `/evidence/1/kind`"),
        ("{ file: nowhere.png, kind: photo }", "nowhere.png: cannot be read"),
        ("{ file: claim.yaml, kind: photo }", "evidence_refused"),
    ] {
        let file = claim_beside_its_files(&vendor, &request, (item, instead));
        let said = vendor.act_plainly("pia", &["claim", "create", file.to_str().unwrap(), "--submit"]);
        assert!(said.code == 2 && said.words.contains(words), "{instead}: {said:?}");
    }
    let file = claim_beside_its_files(&vendor, &request, ("partner: nordlicht", "partner: nordlicht"));
    let foreign = vendor.act_plainly("ben", &["claim", "create", file.to_str().unwrap()]);
    assert_eq!(foreign.code, 3, "nobody hands in for another partner: {foreign:?}");
    assert_eq!(vendor.act_plainly("mia", &["claim", "list", "--json"]).ok().data.trim(), "[]");
}

#[test]
fn a_file_is_held_for_a_reason_by_whoever_may_and_the_history_says_so() {
    let vendor = Vendor::open();
    let request = vendor.granted("pia", &[]);
    vendor.pass_days(20);
    let claim = vendor.claim("pia", &request, &[]);
    let shown = vendor.until("claim", &claim, "approvals");
    let hash = shown["paper"]["evidence"][0]["file"].as_str().unwrap().to_owned();
    let hold = |person: &str, verb: &str, reason: &str| {
        vendor.act(person, &["evidence", verb, &claim, &hash[..12], "--reason", reason])
    };
    for person in ["pia", "vera", "oz"] {
        assert_eq!(hold(person, "hold", "mine").code, 4, "{person}");
    }
    hold("finn", "hold", "tax audit").ok();
    // Handing the same file in again tells nothing of it.
    let file = vendor.installation.folder().join("invoice.pdf");
    let add = ["evidence", "add", file.to_str().unwrap(), "--kind", "invoice", "--json"];
    let known = vendor.act_plainly("pia", &add).ok();
    assert!(known.data.contains(&hash) && !known.data.contains("audit"), "{known:?}");
    hold("flo", "release", "audit closed").ok();
    let trail = vendor.act_plainly("finn", &["evidence", "trail", &claim, &hash[..12], "--json"]).ok().json();
    let told: Vec<_> = trail.as_array().unwrap().iter().map(|row| row["by"].as_str().unwrap().to_owned()).collect();
    assert_eq!(told, ["nordlicht", "finn", "flo"]);
    assert_eq!(
        (&trail[1]["file"]["hold"], &trail[2]["file"]["released"]),
        (&"tax audit".into(), &"audit closed".into())
    );
    assert_eq!(vendor.act_plainly("pia", &["evidence", "trail", &claim, &hash[..12]]).code, 4);
    let history = vendor.act_plainly("oz", &["claim", "history", &claim, "--ndjson"]).ok().data;
    for row in [1, 2] {
        assert!(history.contains(trail[row]["record"].as_str().unwrap()), "{history}");
    }
    assert!(!history.contains("audit"), "why stands in the trail alone");
    assert_eq!(vendor.act_plainly("finn", &["evidence", "expire"]).code, 4);
    let over = vendor.act_plainly("oz", &["evidence", "expire", "--dry-run", "--json"]).ok().json();
    assert_eq!(over["files"], serde_json::json!([]), "the rules of the pack set no time");
}
