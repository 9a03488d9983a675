//! History as it leaves the machine: exported, verified alone, copied.

use crate::installation::Installation;

#[test]
fn an_export_verifies_alone_and_one_changed_byte_is_found_and_located() {
    let installation = Installation::served();
    let label = installation.submitted("mia", "offer.yaml", &[]);
    installation.until(&label, "approvals");
    installation.act("mia", &["offer", "note", &label, "agreed at 900 per seat"]).ok();
    assert_eq!(installation.run(&["audit", "verify"]).code, 0);
    installation.run(&["audit", "export", "--out", "history.ndjson"]).ok();
    assert_eq!(
        installation.run(&["audit", "export", "--out", "history.ndjson"]).code,
        2,
        "an export is never overwritten"
    );
    let text = std::fs::read_to_string(installation.folder().join("history.ndjson")).unwrap();
    installation.write("forged.ndjson", text.replace("agreed at 900", "agreed at 700"));

    let elsewhere = Installation::new();
    let verify =
        |name: &str| elsewhere.run(&["audit", "verify", installation.folder().join(name).to_str().unwrap(), "--json"]);
    assert_eq!(verify("history.ndjson").ok().json()["findings"], serde_json::json!([]));
    let said = verify("forged.ndjson");
    assert_eq!(said.code, 7, "{said:?}");
    let run = installation.run(&["offer", "history", &label, "--ndjson"]).ok().data;
    let steps = run.lines().count();
    assert!(said.json()["findings"][0].as_str().unwrap().contains(&steps.to_string()), "the step is named: {said:?}");
}

#[test]
fn a_copy_made_beside_the_server_holds_what_the_original_holds() {
    let installation = Installation::served();
    let label = installation.submitted("mia", "offer.yaml", &[]);
    installation.until(&label, "approvals");
    assert_eq!(installation.run(&["--actor", "mia", "backup", "copy.db"]).code, 4);
    installation.run(&["--actor", "oz", "backup", "copy.db"]).ok();
    assert_eq!(installation.run(&["--actor", "oz", "backup", "copy.db"]).code, 5, "a copy is never overwritten");
    installation
        .write("copy.yaml", "database: copy.db\nconnectors: { fake/acme-us: { kind: fake, legal_entity: acme-us } }\n");
    let history =
        |config: &str| installation.run(&["--config", config, "offer", "history", &label, "--ndjson"]).ok().data;
    assert_eq!(history("copy.yaml"), history("entente.yaml"));
}

#[test]
fn what_people_are_told_about_an_offer_can_be_listed() {
    let installation = Installation::served();
    let label = installation.submitted("mia", "offer.yaml", &[]);
    installation.until(&label, "approvals");
    let revision = installation.revision(&label);
    installation.act("dan", &["send-back", &label, "--revision", &revision, "--reason", "which region?"]).ok();
    let notices = installation.run(&["notices", "list", &label, "--json"]).ok().json();
    let names: Vec<&str> = notices.as_array().unwrap().iter().map(|notice| notice["name"].as_str().unwrap()).collect();
    assert_eq!(names, ["approval.asked", "sent_back"], "one row asked, and its answer: {notices:#}");
    assert_eq!(installation.run(&["notices", "list"]).ok().data, "", "nothing failed");
}
