//! What `offer plan` tells before anything is sent.

use serde_json::{Value, json};

use crate::{
    installation::Installation,
    sandbox::{answered, pass, world},
};

fn fields(differences: &Value) -> Vec<&str> {
    differences.as_array().unwrap().iter().map(|difference| difference["field"].as_str().unwrap()).collect()
}

#[test]
fn of_a_live_offer_it_shows_what_differs_and_only_the_calls_that_a_command_would_send() {
    let (sandbox, installation) = world();
    let label = answered(&sandbox, &installation, "900.00");
    installation.until(&label, "approvals");
    let revision = installation.revision(&label);
    installation.act("dan", &["approve", &label, "--revision", &revision]).ok();
    pass(&sandbox, &installation, &label, "published");

    let reference = installation.show(&label)["reference"].as_str().unwrap().to_owned();
    let opportunity = format!("crm_opportunity={reference}");
    let document = |changes: &[&str]| {
        let same = ["offer", "clone", &label, "--reference", &reference, "--ref", &opportunity];
        installation.run(&[&same[..], changes].concat()).ok().data
    };
    let plan = |text: &str| {
        installation.write("planned.yaml", text);
        installation.run(&["--actor", "mia", "offer", "plan", "planned.yaml", "--json"]).ok().json()
    };
    let dry = |args: &[&str]| installation.run(&[&["offer"][..], args, &["--dry-run", "--json"]].concat()).ok().json();

    let same = plan(&document(&[]));
    assert_eq!((&same["commands"], &same["calls"], &same["approvals"]), (&json!([]), &json!([]), &json!([])));
    assert_eq!((&same["existing"]["document"], &same["existing"]["live"]), (&json!([]), &json!([])));
    assert_eq!(same["nothing_because"], format!("`{label}` is live as the document says"));

    let longer = plan(&document(&["--expires-on", "2027-03-24"]));
    assert_eq!(fields(&longer["existing"]["live"]), ["/expires_on"]);
    assert_eq!(longer["commands"][0]["command"], format!("entente offer extend {label} --until 2027-03-24"));
    assert_eq!(longer["calls"], dry(&["extend", &label, "--until", "2027-03-24"]));
    assert_eq!(longer["approvals"], json!([]), "what was approved stays as it is");

    let other = plan(&document(&["--account", "999988887777"]));
    assert_eq!(other["commands"][0]["command"], format!("entente offer reissue {label} --account 999988887777"));
    assert_eq!(other["calls"], dry(&["reissue", &label, "--account", "999988887777"]));
    assert_eq!(other["approvals"][0]["row"], "second_look", "another account is approved anew");

    let priced = plan(&document(&[]).replace("quantity: 200", "quantity: 250"));
    assert_eq!(fields(&priced["existing"]["document"]), ["/pricing/contract/dimensions/0/quantity"]);
    assert_eq!((&priced["commands"], &priced["calls"]), (&json!([]), &json!([])));
    let because = priced["nothing_because"].as_str().unwrap();
    assert!(because.contains("`/pricing/contract/dimensions/0/quantity`") && because.contains("withdraw"), "{because}");

    let sent = sandbox.get("/aws/requests")["counters"]["StartChangeSet"].clone();
    assert_eq!(sent, 1, "a plan sends nothing");
}

#[test]
fn of_a_draft_it_names_the_commands_that_lead_to_the_marketplace() {
    let installation = Installation::served();
    installation.offer("offer.yaml", &[]);
    let plan = |name: &str| installation.run(&["offer", "plan", name, "--json"]).ok().json();
    let named = |plan: &Value| -> Vec<String> {
        let commands = plan["commands"].as_array().unwrap().iter();
        commands.map(|ahead| ahead["command"].as_str().unwrap().to_owned()).collect()
    };
    assert_eq!(named(&plan("offer.yaml")), ["entente offer create <offer.yaml> --submit"]);
    let label = installation.act("mia", &["offer", "create", "offer.yaml"]).ok().data.trim().to_owned();
    assert_eq!(named(&plan("offer.yaml")), [format!("entente offer submit {label}")]);
    installation.offer("more.yaml", &[("quantity: 200", "quantity: 250")]);
    let more = plan("more.yaml");
    let ahead = [format!("entente offer revise {label} <offer.yaml>"), format!("entente offer submit {label}")];
    assert_eq!(named(&more), ahead);
    assert_eq!(more["calls"].as_array().unwrap().len(), 1, "a revision alone sends nothing");
    installation.act("mia", &["offer", "submit", &label]).ok();
    installation.until(&label, "approvals");
    assert_eq!(named(&plan("more.yaml")), ahead[..1], "it is asked about at once");
    assert_eq!(named(&plan("offer.yaml")), [format!("entente approve {label} --revision <revision>")]);
    assert_eq!(plan("offer.yaml")["calls"].as_array().unwrap().len(), 1);
}
