//! Changes of an offer after its release: what the marketplace changes, who agrees to it, and what it refuses.

use serde_json::{Value, json};

use crate::{
    installation::{Installation, Said},
    sandbox::{Sandbox, answered, pass, world},
};

/// A released offer; its label and its document.
fn released() -> (Sandbox, Installation, String, String) {
    let (sandbox, installation) = world();
    let label = answered(&sandbox, &installation, "900.00");
    installation.until(&label, "approvals");
    agree(&installation, &label, &installation.revision(&label));
    pass(&sandbox, &installation, &label, "published");
    let reference = installation.show(&label)["reference"].as_str().unwrap().to_owned();
    let opportunity = format!("crm_opportunity={reference}");
    let same = ["offer", "clone", &label, "--reference", &reference, "--ref", &opportunity];
    let document = installation.run(&same).ok().data;
    (sandbox, installation, label, document)
}

/// Everybody who is asked agrees.
fn agree(installation: &Installation, label: &str, revision: &str) {
    for asked in installation.show(label)["approvals"].as_array().unwrap() {
        if asked["settled"] == true {
            continue;
        }
        let person = asked["candidates"][0].as_str().unwrap();
        let row = asked["row"].as_str().unwrap();
        installation.act(person, &["approve", label, "--revision", revision, "--row", row]).ok();
    }
}

fn amend(installation: &Installation, label: &str, document: &str, more: &[&str]) -> Said {
    installation.write("new.yaml", document);
    let amend = ["offer", "amend", label, "--file", "new.yaml"];
    installation.act("mia", &[&amend[..], more].concat())
}

/// The offer as the marketplace has it.
fn there(sandbox: &Sandbox, offer: &Value) -> String {
    sandbox.get(&format!("/aws/offers/{}", offer["remote"]["offer_id"].as_str().unwrap())).to_string()
}

fn with_line(document: &str, key: &str, line: &str) -> String {
    let mut found = false;
    let lines: Vec<String> = document
        .lines()
        .map(|old| match old.starts_with(&format!("{key}:")) {
            true => {
                found = true;
                line.to_owned()
            }
            false => old.to_owned(),
        })
        .collect();
    assert!(found, "no {key} in\n{document}");
    lines.join("\n") + "\n"
}

#[test]
fn a_name_is_changed_without_another_vote_in_one_change_set_on_the_offer_that_stands() {
    let (sandbox, installation, label, document) = released();
    let before = installation.show(&label);
    let renamed = with_line(&document, "name", "name: Platform for Globex from April");
    let calls = amend(&installation, &label, &renamed, &["--dry-run", "--json"]).ok().json();
    assert_eq!(calls.as_array().map(Vec::len), Some(1), "{calls:#}");
    let changes = calls[0]["body"]["ChangeSet"].as_array().unwrap();
    assert_eq!((changes.len(), &changes[0]["ChangeType"]), (1, &json!("UpdateInformation")), "{calls:#}");
    assert_eq!(changes[0]["Entity"]["Identifier"], before["remote"]["offer_id"]);
    let planned = installation.run(&["offer", "plan", "new.yaml", "--json"]).ok().json();
    assert_eq!(planned["calls"][0]["body"]["ChangeSet"], calls[0]["body"]["ChangeSet"]);
    assert_eq!(planned["existing"]["document"][0]["field"], "/name");
    assert_eq!(installation.show(&label)["seq"], before["seq"], "nothing was written");

    amend(&installation, &label, &renamed, &[]).ok();
    let after = loop {
        let offer = pass(&sandbox, &installation, &label, "published");
        if offer["seq"] != before["seq"] && offer["revision"] != before["revision"] {
            break offer;
        }
    };
    assert_eq!(after["remote"]["offer_id"], before["remote"]["offer_id"], "it is the same offer");
    assert!(there(&sandbox, &after).contains("Platform for Globex from April"));
    installation.run(&["verify"]).ok();
}

#[test]
fn a_longer_agreement_is_approved_again_and_may_be_kept_as_it_was() {
    let (sandbox, installation, label, document) = released();
    let standing = installation.revision(&label);
    let longer = format!("{document}term: {{ duration: P48M }}\n");
    amend(&installation, &label, &longer, &[]).ok();
    let judged = pass(&sandbox, &installation, &label, "amending.approvals");
    assert_eq!(judged["revision"], json!(standing), "what stands is what stands");
    let revision = judged["amendment"]["revision"].as_str().unwrap().to_owned();
    assert_ne!(revision, standing);
    assert_eq!(judged["amendment"]["changes"][0]["field"], "/term/duration");
    let planned = installation.run(&["offer", "plan", "new.yaml", "--json"]).json();
    assert!(planned["nothing_because"].as_str().unwrap().contains("is being amended"), "{planned:#}");
    assert_eq!(
        installation.act("mia", &["approve", &label, "--revision", &revision]).code,
        4,
        "whoever asks has no vote"
    );
    let row = judged["approvals"][0]["row"].as_str().unwrap();
    let person = judged["approvals"][0]["candidates"][0].as_str().unwrap();
    let stale = installation.act(person, &["approve", &label, "--revision", &standing, "--row", row]);
    assert_eq!(stale.code, 5, "a vote for what stands is none for what shall be: {stale:?}");
    installation.act("mia", &["offer", "keep", &label, "--reason", "they are content"]).ok();
    pass(&sandbox, &installation, &label, "published");

    amend(&installation, &label, &longer, &[]).ok();
    pass(&sandbox, &installation, &label, "amending.approvals");
    agree(&installation, &label, &revision);
    for _ in 0..400 {
        if installation.revision(&label) == revision {
            break;
        }
        sandbox.advance("PT20S");
        crate::installation::a_moment();
    }
    let after = pass(&sandbox, &installation, &label, "published");
    assert_eq!((&after["revision"], &after["remote"]["revision"]), (&json!(revision), &json!(revision)));
    assert!(there(&sandbox, &after).contains("P48M"));
}

#[test]
fn what_the_release_froze_is_refused_with_rule_field_and_the_way_out() {
    let (_sandbox, installation, label, document) = released();
    let before = installation.show(&label)["seq"].clone();
    for (changed, rule, field) in [
        (format!("{document}refund_policy: Within 30 days.\n"), "AWS-R05", "/refund_policy"),
        (format!("{document}countries: {{ only: [DE] }}\n"), "AWS-R03", "/countries/only/0"),
    ] {
        let said = amend(&installation, &label, &changed, &[]);
        assert!(said.code == 2 && said.words.contains(rule) && said.words.contains(field), "{said:?}");
        assert!(said.words.contains("entente offer"), "{said:?}");
    }
    let same = amend(&installation, &label, &document, &[]);
    assert!(same.code == 2 && same.words.contains("nothing that the marketplace holds would change"), "{same:?}");
    let earlier = with_line(&document, "expires_on", "expires_on: 2027-03-10");
    let said = amend(&installation, &label, &earlier, &[]);
    assert!(said.code == 2 && said.words.contains("/expires_on"), "{said:?}");
    assert_eq!(installation.act("vic", &["offer", "amend", &label, "--file", "new.yaml"]).code, 4);
    assert_eq!(installation.show(&label)["seq"], before, "nothing was written");
}
