//! Four eyes: whoever has a hand in an offer has no vote on it, and is not asked for one.

use serde_json::{Value, json};

use crate::installation::{Installation, Said};

/// An offer that mia submitted and that the desk is to look at.
fn submitted(installation: &Installation) -> String {
    let label = installation.submitted("mia", "offer.yaml", &[]);
    installation.until(&label, "approvals");
    label
}

fn approve(installation: &Installation, person: &str, label: &str, more: &[&str]) -> Said {
    let revision = installation.revision(label);
    installation.act(person, &[&["approve", label, "--revision", &revision][..], more].concat())
}

fn inbox(installation: &Installation, person: &str) -> Vec<Value> {
    let tasks = installation.run(&["inbox", "--actor", person, "--kind", "approval", "--json"]).ok().json();
    tasks.as_array().unwrap().clone()
}

/// Dan changes the price while the desk, to which he belongs, is asked about it.
fn revised_by_dan(installation: &Installation, label: &str) {
    installation.offer("dearer.yaml", &[("quantity: 200", "quantity: 210")]);
    installation.act("dan", &["offer", "revise", label, "dearer.yaml"]).ok();
}

#[test]
fn whoever_revised_an_offer_does_not_approve_it_whoever_submits_it() {
    let installation = Installation::served();
    let label = submitted(&installation);
    assert_eq!(inbox(&installation, "dan").len(), 1, "until then it is his to decide");
    revised_by_dan(&installation, &label);
    let said = approve(&installation, "dan", &label, &[]);
    assert_eq!((said.code, said.words.contains("asked for this approval")), (4, true), "{said:?}");
    assert!(inbox(&installation, "dan").is_empty(), "nothing that he could decide");
    assert_eq!(approve(&installation, "mia", &label, &[]).code, 4, "nor does whoever submitted it at first");

    // Sent back and submitted by mia again, it is still his work.
    let revision = installation.revision(&label);
    installation.act("sue", &["send-back", &label, "--revision", &revision, "--reason", "why dearer?"]).ok();
    installation.until(&label, "draft");
    installation.act("mia", &["offer", "submit", &label]).ok();
    let offer = installation.until(&label, "approvals");
    assert_eq!((&offer["requester"], &offer["authors"]), (&json!("mia"), &json!(["dan", "mia"])));
    let said = approve(&installation, "dan", &label, &[]);
    assert!(said.code == 4 && said.words.contains("`dan` wrote or revised what is to be approved"), "{said:?}");
    assert!(inbox(&installation, "dan").is_empty());
    let asked = &inbox(&installation, "sue")[0];
    assert_eq!(
        (&asked["requester"], &asked["authors"]),
        (&json!("mia"), &json!(["dan", "mia"])),
        "with whom it is from"
    );
    approve(&installation, "sue", &label, &[]).ok();
    let offer = installation.until_it(&label, "approved", |offer| offer["state"] != "approvals");
    assert_eq!(offer["approvals"][0]["votes"][0]["person"], "sue");
}

#[test]
fn an_offer_says_who_could_still_approve_it_and_when_nobody_is_left() {
    let installation = Installation::served();
    let label = submitted(&installation);
    let asked = |label: &str| installation.show(label)["approvals"][0].clone();
    // The desk is asked, and the directors once it is escalated to them.
    assert_eq!(asked(&label)["candidates"], json!(["dan", "max", "sam", "sue"]));
    revised_by_dan(&installation, &label);
    assert_eq!(asked(&label)["candidates"], json!(["max", "sam", "sue"]));
    assert_eq!(asked(&label)["stuck"], Value::Null);
    let people = std::fs::read_to_string(installation.folder().join("people.yaml")).unwrap();
    let few =
        people.replace("sales_director, deal_desk]", "viewer]").replace("roles: [sales_director]", "roles: [viewer]");
    let few = few.split("delegations:").next().unwrap().to_owned();
    installation.write("people.yaml", few);
    let stuck = asked(&label)["stuck"].as_str().unwrap().to_owned();
    assert!(
        stuck.contains("1 more of `deal_desk` or `sales_director` and has 1 besides")
            || stuck.contains("has 0 besides"),
        "{stuck}"
    );
    let shown = installation.run(&["offer", "show", &label]).ok().data;
    assert!(shown.contains("stuck") && shown.contains("written by"), "{shown}");
}
