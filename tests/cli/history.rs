//! History as it leaves the machine: exported, verified alone, copied.

use serde_json::{Value, json};

use crate::installation::{Installation, Said};

/// What exporting history says.
fn export(installation: &Installation) -> Said {
    installation.run(&["--actor", "oz", "audit", "export", "--out", "history.ndjson"])
}

#[test]
fn an_export_verifies_alone_and_one_changed_byte_is_found_and_located() {
    let installation = Installation::served();
    let label = installation.submitted("mia", "offer.yaml", &[]);
    installation.until(&label, "approvals");
    installation.act("mia", &["offer", "note", &label, "agreed at 900 per seat"]).ok();
    assert_eq!(installation.run(&["audit", "verify"]).code, 0);
    export(&installation).ok();
    assert_eq!(export(&installation).code, 2, "an export is never overwritten");
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
fn ids_in_other_systems_travel_with_lists_histories_inboxes_and_every_line_of_an_export() {
    let installation = Installation::served();
    let refs = json!({ "crm_opportunity": "006Hs1", "purchase_order": "PO-7", "quote": "Q-1" });
    let carrying = |quote: &str| {
        format!(
            "price_book: acme@1\nexternal_refs: {{ crm_opportunity: 006Hs1, quote: {quote}, purchase_order: PO-7 }}"
        )
    };
    let label = installation.submitted("mia", "offer.yaml", &[("price_book: acme@1", &carrying("Q-1"))]);
    installation.until(&label, "approvals");
    let json = |args: &[&str]| installation.run(&[args, &["--json"]].concat()).ok().json();
    let told: [(&[&str], &str); 4] = [
        (&["offer", "list"], "list"),
        (&["offer", "waiting"], "waiting"),
        (&["inbox"], "inbox"),
        (&["--actor", "dan", "inbox"], "a person's inbox"),
    ];
    for (args, what) in told {
        let rows = json(args);
        assert_eq!((rows.as_array().unwrap().len(), &rows[0]["external_refs"]), (1, &refs), "{what}: {rows:#}");
    }
    installation.offer("more.yaml", &[("price_book: acme@1", &carrying("Q-2"))]);
    installation.act("mia", &["offer", "revise", &label, "more.yaml"]).ok();
    let steps = json(&["offer", "history", &label]);
    let quotes: Vec<&str> =
        steps.as_array().unwrap().iter().map(|step| step["external_refs"]["quote"].as_str().unwrap()).collect();
    let revised = quotes.iter().position(|quote| *quote == "Q-2").unwrap();
    assert!(revised > 1 && quotes[..revised].iter().all(|quote| *quote == "Q-1"), "{quotes:?}");

    installation.act("oz", &["incident", "park", &label, "--reason", "a closer look"]).ok();
    let parked = json(&["inbox", "--kind", "incident"]);
    assert_eq!(parked[0]["external_refs"]["quote"], "Q-2", "{parked:#}");

    export(&installation).ok();
    let text = std::fs::read_to_string(installation.folder().join("history.ndjson")).unwrap();
    let lines: Vec<Value> = text.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let told: Vec<&str> = lines
        .iter()
        .filter(|line| line["line"] == "row")
        .map(|line| line["external_refs"]["quote"].as_str().unwrap())
        .collect();
    assert_eq!(told[..quotes.len()], quotes[..], "each line says what its step carried");

    // What a line tells beside its record is worth as much as the record.
    let verify = |name: &str| installation.run(&["audit", "verify", name, "--json"]);
    assert_eq!(verify("history.ndjson").ok().json()["findings"], json!([]));
    let beside = text.replacen("\"quote\":\"Q-1\"}}\n", "\"quote\":\"Q-9\"}}\n", 1);
    assert_ne!(beside, text);
    installation.write("forged.ndjson", beside);
    let said = verify("forged.ndjson");
    assert_eq!((said.code, said.json()["findings"].as_array().unwrap().len()), (7, 1), "{said:?}");
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
