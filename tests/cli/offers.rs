//! An offer's course as far as it needs no marketplace: documents, plans, notes, revisions, copies.

use serde_json::Value;

use crate::installation::{Installation, OFFER};

#[test]
fn a_plan_shows_findings_approvals_calls_and_differences_and_writes_nothing() {
    let installation = Installation::served();
    installation.offer("offer.yaml", &[]);
    let plan = installation.run(&["--actor", "mia", "offer", "plan", "offer.yaml", "--json"]).ok().json();
    assert_eq!(plan["facts"]["value_minor"], 18_000_000);
    assert_eq!(plan["facts"]["discount_bp"], 2_000);
    assert_eq!(plan["approvals"][0]["row"], "second_look");
    assert_eq!(plan["calls"][0]["operation"], "Submit");
    assert_eq!(plan["existing"], Value::Null);
    assert_eq!(installation.run(&["offer", "list", "--ended"]).ok().data, "");
    let label = installation.submitted("mia", "offer.yaml", &[]);
    installation.offer("more.yaml", &[("quantity: 200", "quantity: 250")]);
    let plan = installation.run(&["offer", "plan", "more.yaml", "--json"]).ok().json();
    assert_eq!(plan["existing"]["label"], label.as_str());
    let difference = &plan["existing"]["document"][0];
    assert_eq!(difference["field"], "/pricing/contract/dimensions/0/quantity");
    assert_eq!((&difference["was"], &difference["now"]), (&Value::from(200), &Value::from(250)));
    assert_eq!(plan["facts"]["cumulative_value_12m_minor"], 22_500_000, "the offer itself does not count twice");
}

#[test]
fn offers_to_one_buyer_add_up_until_they_come_to_nothing() {
    let installation = Installation::served();
    let first = installation.submitted("mia", "one.yaml", &[]);
    let second = installation.submitted("mia", "two.yaml", &[("ACME-1", "ACME-2")]);
    let cumulative = |label: &str| installation.show(label)["facts"]["cumulative_value_12m_minor"].clone();
    assert_eq!((cumulative(&first), cumulative(&second)), (18_000_000.into(), 36_000_000.into()));
    installation.act("mia", &["offer", "withdraw", &second, "--reason", "too early"]).ok();
    let third = installation.submitted("mia", "three.yaml", &[("ACME-1", "ACME-3")]);
    assert_eq!(cumulative(&third), 36_000_000);
}

#[test]
fn offers_to_one_buyer_in_other_currencies_are_never_silently_left_out() {
    let installation = Installation::served();
    let first = installation.submitted("mia", "one.yaml", &[]);
    let euros = [("ACME-1", "ACME-2"), ("currency: USD", "currency: EUR"), ("price_book: acme@1\n", "")];
    installation.offer("two.yaml", &euros);
    let asked = |plan: &Value| -> Vec<String> {
        let rows = plan["approvals"].as_array().unwrap().iter();
        rows.filter_map(|asked| asked["row"].as_str())
            .filter(|row| row.starts_with("buyer_"))
            .map(String::from)
            .collect()
    };
    let plan = || installation.run(&["offer", "plan", "two.yaml", "--json"]).json();
    let told = plan();
    assert_eq!(told["facts"]["cumulative_value_12m_minor"], 18_000_000, "its own value alone");
    assert_eq!(told["facts"]["cumulative_left_out"], serde_json::json!(["USD"]));
    assert_eq!(asked(&told), ["buyer_in_other_currencies"]);
    let note = "EUR 180,000.00, and offers in USD that do not add to it without a rate";
    assert!(installation.run(&["offer", "plan", "two.yaml"]).data.contains(note));
    let second = installation.act("mia", &["offer", "create", "two.yaml", "--submit"]).ok().data.trim().to_owned();
    assert!(installation.run(&["offer", "show", &second]).ok().data.contains(note));

    installation.act("mia", &["offer", "withdraw", &second, "--reason", "in dollars after all"]).ok();
    installation.act("mia", &["offer", "withdraw", &first, "--reason", "too early"]).ok();
    let told = plan();
    assert_eq!((&told["facts"]["cumulative_left_out"], asked(&told)), (&Value::Null, Vec::new()));
}

#[test]
fn a_reference_or_an_id_in_another_system_belongs_to_one_open_offer() {
    let installation = Installation::served();
    let with_ref = ("price_book: acme@1", "price_book: acme@1\nexternal_refs: { quote: Q-1 }");
    let label = installation.submitted("mia", "offer.yaml", &[with_ref]);
    for (changes, field) in [(vec![], "`/reference`"), (vec![("ACME-1", "ACME-2"), with_ref], "`/external_refs/quote`")]
    {
        installation.offer("other.yaml", &changes);
        let said = installation.act("mia", &["offer", "create", "other.yaml", "--submit"]);
        assert_eq!(said.code, 2, "{said:?}");
        assert!(said.words.contains(field) && said.words.contains(&label), "{said:?}");
    }
    installation.act("mia", &["offer", "withdraw", &label, "--reason", "made again"]).ok();
    installation.submitted("mia", "again.yaml", &[with_ref]);
}

#[test]
fn a_clone_is_a_readable_document_without_the_ids_of_the_original() {
    let installation = Installation::served();
    let label = installation.submitted(
        "mia",
        "offer.yaml",
        &[("price_book: acme@1", "price_book: acme@1\nexternal_refs: { quote: Q-1 }")],
    );
    let clone = ["offer", "clone", &label, "--reference", "ACME-9", "--account", "999988887777", "--ref", "quote=Q-9"];
    let text = installation.run(&clone).ok().data;
    let said = installation.run_with_input(&["--actor", "mia", "offer", "create", "-", "--wait", "60s"], &text).ok();
    let copy = installation.show(said.data.trim());
    assert_eq!(copy["reference"], "ACME-9");
    assert_eq!(copy["accounts"], serde_json::json!(["999988887777"]));
    assert_eq!(copy["external_refs"], serde_json::json!({ "quote": "Q-9" }));
    assert_eq!(copy["value"], installation.show(&label)["value"]);
}

#[test]
fn readiness_says_whom_everybody_waits_for_and_what_is_open() {
    let installation = Installation::served();
    let label = installation.submitted("mia", "offer.yaml", &[]);
    let offer = installation.until(&label, "approvals");
    let open = |offer: &Value| -> Vec<String> {
        let open = offer["checklist"].as_array().unwrap().iter().filter(|check| check["done"] == false);
        open.map(|check| check["what"].as_str().unwrap().to_owned()).collect()
    };
    assert_eq!(open(&offer), ["account", "permission", "purchase order", "legal"]);
    let news = [
        "offer",
        "readiness",
        &label,
        "--account-confirmed-by",
        "Hank",
        "--accepter-permission",
        "true",
        "--next-step",
        "send the PO",
    ];
    installation.act("mia", &news).ok();
    assert_eq!(open(&installation.show(&label)), ["purchase order", "legal"]);
    let waiting = installation.run(&["offer", "waiting", "--json"]).ok().json();
    assert_eq!((&waiting[0]["waiting_on"], &waiting[0]["next_step"]), (&"approvers".into(), &"send the PO".into()));
    assert_eq!(waiting[0]["open"], serde_json::json!(["purchase order", "legal"]));
}

#[test]
fn a_template_filled_with_six_answers_is_an_offer() {
    let installation = Installation::new();
    let template = concat!(env!("CARGO_MANIFEST_DIR"), "/examples/templates/saas-contract-36m.yaml");
    let fill = |answers: &[&str]| {
        let sets = answers.iter().flat_map(|answer| ["--set", answer]);
        let args: Vec<&str> = ["template", "fill", template].into_iter().chain(sets).collect();
        installation.run(&args)
    };
    let six = [
        "opportunity=006Hs1",
        "buyer=Globex",
        "account=530000000001",
        "seats=200",
        "price=900.00",
        "expires_on=2027-03-17",
    ];
    let offer = fill(&six).ok().data;
    assert!(offer.contains("006Hs1") && offer.contains("900"), "{offer}");
    let said = fill(&["opportunity=006Hs1", "seats=7", "colour=red"]);
    assert_eq!(said.code, 2, "{said:?}");
    for complaint in ["`buyer` is missing", "`seats` `7` is less than 100", "`colour`"] {
        assert!(said.words.contains(complaint), "{complaint}: {said:?}");
    }
}

#[test]
fn what_was_stored_folds_to_what_is_stored() {
    let installation = Installation::served();
    let label = installation.submitted("mia", "offer.yaml", &[]);
    installation.until(&label, "approvals");
    installation.act("mia", &["offer", "note", &label, "called the buyer"]).ok();
    let report = installation.run(&["verify", "--redecide", "--json"]).ok().json();
    assert_eq!(
        (&report["runs"], &report["differences"], &report["advice"]),
        (&1.into(), &serde_json::json!([]), &serde_json::json!([]))
    );
    let history = installation.run(&["offer", "history", &label, "--ndjson"]).ok().data;
    assert_eq!(history.lines().count() as u64, report["steps"].as_u64().unwrap());
}

#[test]
fn the_example_documents_can_be_planned() {
    let installation = Installation::new();
    for example in ["offer-contract", "offer-instalments", "offer-usage", "offer-contract-usage"] {
        let path = format!("{}/examples/{example}.yaml", env!("CARGO_MANIFEST_DIR"));
        let said = installation.run(&["offer", "plan", &path, "--json"]);
        let plan = said.json();
        let rules: Vec<&str> = plan["findings"]
            .as_array()
            .unwrap()
            .iter()
            .filter(|f| f["severity"] == "error")
            .map(|f| f["rule"].as_str().unwrap())
            .collect();
        assert!(rules.contains(&"RD-001"), "nobody sells on aws here: {said:?}");
    }
    assert!(OFFER.contains("marketplace: fake"));
}
