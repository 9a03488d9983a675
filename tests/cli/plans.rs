//! What `offer plan` tells before anything is sent.

use serde_json::{Value, json};

use crate::{
    installation::{Installation, OFFER, PRICES},
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

    installation.write("planned.yaml", document(&[]).replace("quantity: 200", "quantity: 250"));
    let priced = installation.run(&["--actor", "mia", "offer", "plan", "planned.yaml", "--json"]);
    assert_eq!(priced.code, 2, "the release froze it: {priced:?}");
    let priced = priced.json();
    assert!(priced["findings"].as_array().unwrap().iter().any(|finding| finding["rule"] == "AWS-R01"), "{priced:#}");

    let named = plan(&document(&[]).replace("\nname: ", "\nname: New "));
    assert_eq!(fields(&named["existing"]["document"]), ["/name"]);
    assert_eq!(named["commands"][0]["command"], format!("entente offer amend {label} --file <offer.yaml>"));
    assert_eq!(named["calls"], dry(&["amend", &label, "--file", "planned.yaml"]));
    assert_eq!(named["approvals"], json!([]), "nobody judged its name");
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

/// A contract that ramps up, with a free month, and metered units beside it.
const GROWING: (&str, &str) = (
    "    duration: P36M
    dimensions: [{ key: seats, quantity: 200, unit_price: 900.00, sku: platform-seat }]
",
    "    duration: P36M
    free_months: 6
    dimensions: [{ key: seats, quantity: 200, unit_price: 900.00, sku: platform-seat, ramp: [{ after_months: 24, quantity: 400 }] }]
  usage:
    dimensions: [{ key: gigabytes, unit_price: 0.03, sku: platform-gb }]
",
);

#[test]
fn figures_are_told_dimension_by_dimension_before_and_when_an_offer_is_created() {
    let mut installation = Installation::new();
    let prices = format!("{PRICES}platform-gb,USD,,1,,2020-01-01,,0.05,,\n");
    installation.write("prices.csv", prices);
    installation.run(&["--actor", "dan", "pricebook", "import", "acme@1", "prices.csv"]).ok();
    installation.serve();
    installation.offer("offer.yaml", &[GROWING]);
    // 200 seats for 24 months, of which 6 are free, and 400 for 12: 8,400 of 9,600 months of a seat are paid.
    let figures = installation.run(&["offer", "plan", "offer.yaml", "--json"]).json()["figures"].clone();
    assert_eq!(figures["total"]["minor"], 21_000_000);
    assert_eq!(figures["annualised"]["minor"], 7_000_000);
    assert_eq!(
        (&figures["free_months"], &figures["blended_bp"], &figures["policy_bp"]),
        (&6.into(), &3_000.into(), &4_000.into())
    );
    let lines = figures["lines"].as_array().unwrap();
    let told: Vec<(&str, i64)> =
        lines.iter().map(|line| (line["key"].as_str().unwrap(), line["discount_bp"].as_i64().unwrap())).collect();
    assert_eq!(told, [("seats", 3_000), ("gigabytes", 4_000)]);
    assert_eq!((&lines[0]["effective_price"], &lines[0]["list_price"]), (&"787.5".into(), &"1125".into()));

    let rows = installation.run(&["offer", "plan", "offer.yaml"]).data;
    for told in [
        "value\tUSD 210,000.00\n",
        "a year\tUSD 70,000.00\n",
        "free months\t6\n",
        "discount\t30.00 % of USD 300,000.00 at list\n",
        "largest discount\t40.00 %\n",
        "seats\tP36M\t200, 400 after 24 months\t900\t787.5\t1125\t30.00 %\n",
        "gigabytes\tmetered\t-\t0.03\t0.03\t0.05\t40.00 %\n",
    ] {
        assert!(rows.contains(told), "{told:?}: {rows}");
    }

    let created = installation.act("mia", &["offer", "create", "offer.yaml", "--json"]).ok();
    assert_eq!(created.json()["figures"], figures);
    for told in
        ["USD 70,000.00", "30.00 % of USD 300,000.00", "`seats`: 900 against 1125", "`gigabytes`: 0.03 against 0.05"]
    {
        assert!(created.words.contains(told), "{told:?}: {created:?}");
    }
}

#[test]
fn the_last_moment_is_told_on_three_clocks_of_plans_drafts_and_lists() {
    let (_sandbox, installation) = world();
    let offer = OFFER
        .replace("marketplace: fake", "marketplace: aws")
        .replace("2099-03-18", "2027-03-17")
        .replace("country: US, zone: Europe/Berlin", "country: JP, zone: Asia/Tokyo");
    installation.write("offer.yaml", &offer);
    let clocks = json!({
        "marketplace": "2027-03-17 23:59:59 +00:00 UTC",
        "seller": "2027-03-17 19:59:59 -04:00 America/New_York",
        "buyer": "2027-03-18 08:59:59 +09:00 Asia/Tokyo",
    });
    assert_eq!(installation.run(&["offer", "plan", "offer.yaml", "--json"]).json()["expiry_in_zones"], clocks);
    let rows = installation.run(&["offer", "plan", "offer.yaml"]).data;
    for (party, time) in clocks.as_object().unwrap() {
        assert!(rows.contains(&format!("{party}\t{}\n", time.as_str().unwrap())), "{party}: {rows}");
    }
    let label = installation.act("mia", &["offer", "create", "offer.yaml"]).ok().data.trim().to_owned();
    let draft = installation.show(&label);
    assert_eq!((&draft["state"], &draft["expiry_in_zones"]), (&"draft".into(), &clocks));
    let list = installation.run(&["offer", "list", "--json"]).ok().json();
    assert_eq!((&list[0]["expiry_in_zones"], &list[0]["last_moment"]), (&clocks, &"2027-03-17T23:59:59Z".into()));
    assert!(installation.run(&["offer", "list"]).ok().data.contains("2027-03-17 19:59:59 -04:00 America/New_York"));

    installation.write("offer.yaml", offer.replace("country: JP, zone: Asia/Tokyo", "country: JP"));
    let plan = installation.run(&["offer", "plan", "offer.yaml", "--json"]).json();
    assert_eq!(plan["expiry_in_zones"]["buyer"], Value::Null, "no clock is made up");
}

#[test]
fn a_finding_says_what_to_do_and_where_its_rule_comes_from_wherever_it_is_shown() {
    let installation = Installation::served();
    let long = format!("name: {}", "Platform ".repeat(20));
    installation.offer("offer.yaml", &[("name: Platform for Globex", long.trim()), ("price_book: acme@1\n", "")]);
    let planned = installation.run(&["offer", "plan", "offer.yaml", "--json"]);
    let findings = planned.json()["findings"].as_array().unwrap().clone();
    let rules: Vec<&str> = findings.iter().map(|finding| finding["rule"].as_str().unwrap()).collect();
    assert!(rules.contains(&"FAKE-002") && rules.contains(&"RD-006"), "an error and a warning: {rules:?}");
    let rows = installation.run(&["offer", "plan", "offer.yaml"]).data;
    let created = installation.act("mia", &["offer", "create", "offer.yaml", "--json"]).ok();
    assert_eq!(created.json()["findings"], Value::Array(findings.clone()));
    for finding in &findings {
        let text = |name: &str| finding[name].as_str().unwrap();
        let (rule, remedy, source) = (text("rule"), text("remedy"), text("source"));
        assert!(!remedy.is_empty() && !source.is_empty(), "{finding:#}");
        assert!(rows.contains(&format!("\t{remedy}\t{source}\n")), "{rule}: {rows}");
        assert!(created.words.contains(&format!("{remedy} ({source})")), "{rule}: {created:?}");
    }
}
