//! P12: neither side of a commitment sees, changes or learns of the other's card, by any command and by any read of the store.

use std::collections::BTreeSet;

use entente_core::{context::commitment_card::CARD_KEY, scope::Scope};
use entente_store::{RunFilter, RunKey, TaskFilter};

use crate::{cards::House, papers, vendor::Vendor};

/// What each side's people said, and nobody else may read.
const WORDS: [&str; 3] = ["canary-seller", "canary-globex", "canary-initech"];

/// The seller's card, that of its buyer, and that of another buyer; all are asking for something.
async fn three() -> (House, [String; 3]) {
    let house = House::new().await;
    let sellers = house.card("mia", WORDS[0]).await;
    let globex = house.card("bea", WORDS[1]).await;
    let initech = house.card_of("ivo", WORDS[2], "initech", "macc-2027").await;
    house.vendor.pass_days(136).await;
    for label in [&sellers, &globex, &initech] {
        house.until(label, "asking").await;
    }
    (house, [sellers, globex, initech])
}

/// What a command says about a label, with the label blotted out.
async fn said(vendor: &Vendor, person: &str, args: &[&str], label: &str) -> (i32, String, String) {
    let args: Vec<&str> = args.iter().map(|arg| if *arg == "LABEL" { label } else { *arg }).collect();
    let said = vendor.run(person, &args).await;
    // What is logged begins with the time of day.
    let untimed = |line: &'_ str| line.find(" WARN ").map_or(line, |at| line.get(at..).unwrap_or(line)).to_owned();
    let words: String = said.words.split_inclusive('\n').map(untimed).collect();
    (said.code, said.data.replace(label, "LABEL"), words.replace(label, "LABEL"))
}

#[tokio::test(flavor = "multi_thread")]
async fn p12_every_command_answers_about_the_others_card_as_about_one_that_was_never_there() {
    let (house, [sellers, globex, initech]) = three().await;
    let vendor = &house.vendor;
    // Each side counts for itself: a number tells nothing about the others.
    assert_eq!((globex.as_str(), initech.as_str()), ("CRD-GLOBEX-2027-00001", "CRD-INITECH-2027-00001"));
    assert_eq!(house.card_of("mia", "Bob", "initech", "macc-2027").await, "CRD-2027-00002");

    let fact = house.show("bea", &globex).await["facts"][0]["fact"].as_str().unwrap()[..8].to_owned();
    for (person, label, never) in [
        ("mia", &globex, "CRD-GLOBEX-2027-00077"),
        ("pia", &globex, "CRD-GLOBEX-2027-00077"),
        ("pia", &sellers, "CRD-2027-00077"),
        ("bea", &sellers, "CRD-2027-00077"),
        ("bea", &initech, "CRD-INITECH-2027-00077"),
        ("ivo", &globex, "CRD-GLOBEX-2027-00077"),
        ("ivo", &sellers, "CRD-2027-00077"),
    ] {
        let facts = house.facts(person, "x");
        let commands: [&[&str]; 27] = [
            &["card", "show", "LABEL"],
            &["card", "show", "LABEL", "--json"],
            &["card", "show", "LABEL", "--as", "buyer"],
            &["card", "show", "LABEL", "--as", "seller"],
            &["card", "history", "LABEL"],
            &["card", "history", "LABEL", "--ndjson"],
            &["card", "fact", "add", "LABEL", &facts],
            &["card", "fact", "add", "LABEL", &facts, "--dry-run"],
            &["card", "fact", "withdraw", "LABEL", "--fact", &fact],
            &["card", "fact", "unknown", "LABEL", "--about", "amount"],
            &["card", "share", "LABEL"],
            &["card", "share", "LABEL", "--stop"],
            &["card", "close", "LABEL"],
            &["approve", "LABEL", "--revision", "abcdef"],
            &["reject", "LABEL", "--revision", "abcdef", "--reason", "x"],
            &["send-back", "LABEL", "--revision", "abcdef", "--reason", "x"],
            &["notices", "list", "LABEL"],
            &["incident", "show", "LABEL"],
            &["incident", "park", "LABEL", "--reason", "x"],
            &["incident", "retry", "LABEL", "--reason", "x"],
            &["offer", "show", "LABEL"],
            &["offer", "history", "LABEL"],
            &["refund", "show", "LABEL"],
            &["payment-request", "history", "LABEL"],
            &["request", "show", "LABEL"],
            &["partner", "show", "LABEL"],
            &["inbox", "--kind", "LABEL"],
        ];
        for command in commands {
            let (code, data, words) = said(vendor, person, command, label).await;
            let absent = said(vendor, person, command, never).await;
            assert_eq!((code, &data, &words), (absent.0, &absent.1, &absent.2), "{person} {command:?}");
            assert!(code != 0 || command[0] == "inbox", "{person} {command:?}: {data}{words}");
            assert!(!WORDS.iter().any(|word| data.contains(word) || words.contains(word)), "{person} {command:?}");
        }
    }
    for (label, person) in [(&sellers, "mia"), (&globex, "bea"), (&initech, "ivo")] {
        let card = house.show(person, label).await;
        assert_eq!(card["facts"].as_array().unwrap().len(), 3, "{person}: nothing was changed");
        assert_eq!(card["state"], "asking", "{person}: nothing was changed");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn p12_lists_hold_ones_own_alone() {
    let (house, labels) = three().await;
    let vendor = &house.vendor;
    let lists: [&[&str]; 6] = [
        &["card", "list", "--json", "--ended"],
        &["card", "list"],
        &["card", "ask", "--json"],
        &["card", "ask"],
        &["inbox", "--json", "--snoozed"],
        &["inbox"],
    ];
    for (person, own) in [("mia", Some(0)), ("bea", Some(1)), ("ivo", Some(2)), ("pia", None)] {
        for list in lists {
            let said = vendor.run(person, list).await;
            for (at, label) in labels.iter().enumerate() {
                let seen = said.data.contains(label.as_str()) || said.words.contains(label.as_str());
                assert_eq!(seen, own == Some(at), "{person} {list:?} {label}: {said:?}");
                assert!(own == Some(at) || !said.data.contains(WORDS[at]), "{person} {list:?}: {said:?}");
            }
        }
    }
    // Who runs the installation sees that somebody was told, and not of what.
    for person in ["mia", "finn", "vera"] {
        for list in [["notices", "list"], ["incident", "list"]] {
            let said = vendor.run(person, &list).await.ok();
            assert!(!said.contains("GLOBEX") && !said.contains("canary"), "{person} {list:?}: {said}");
        }
    }
    // Whoever acts for nobody sees no task of a card, the seller's neither.
    let open = vendor.process(&["inbox"]).stdout(std::process::Stdio::piped()).output().await.unwrap();
    let open = String::from_utf8_lossy(&open.stdout).into_owned();
    assert!(!labels.iter().any(|label| open.contains(label.as_str())), "{open}");
}

#[tokio::test(flavor = "multi_thread")]
async fn p12_how_long_answers_took_is_told_to_ones_own_side_alone() {
    let (house, [sellers, globex, initech]) = three().await;
    let closed = async |person: &str| {
        let paces = house.vendor.run(person, &["inbox", "--decided", "--json"]).await.json();
        paces.as_array().unwrap().iter().map(|pace| pace["closed"].as_u64().unwrap()).sum::<u64>()
    };
    let answer = async |person: &str, label: &str| {
        house.act(person, &["card", "fact", "unknown", label, "--about", "amount"]).await.ok();
        house.until(label, "current").await;
    };
    answer("ivo", &initech).await;
    let told = [closed("ivo").await, closed("bea").await, closed("mia").await, closed("pia").await];
    assert_eq!(told, [1, 0, 0, 0], "a buyer's answer is told to that buyer");
    let open =
        house.vendor.process(&["inbox", "--decided", "--json"]).stdout(std::process::Stdio::piped()).output().await;
    let open: serde_json::Value = serde_json::from_slice(&open.unwrap().stdout).unwrap();
    assert_eq!(open, serde_json::json!([]), "and to nobody who acts for nobody");
    answer("bea", &globex).await;
    answer("mia", &sellers).await;
    assert_eq!([closed("ivo").await, closed("bea").await, closed("mia").await, closed("pia").await], [1, 1, 1, 0]);
}

#[tokio::test(flavor = "multi_thread")]
async fn p12_every_read_of_the_store_within_the_others_scope_is_empty() {
    let (house, labels) = three().await;
    let (vendor, store) = (&house.vendor, house.vendor.store());
    let parties = ["vendor", "globex", "initech"];
    for (at, label) in labels.iter().enumerate() {
        let run = store.run_by_label(&Scope::vendor(), label).await.unwrap().unwrap().snapshot.run;
        let message = store.messages(&Scope::vendor(), run).await.unwrap().remove(0).message.event;
        let value =
            ["seller/acme-us/globex/edp-2027", "buyer/acme-us/globex/edp-2027", "buyer/acme-us/initech/macc-2027"];
        let key = RunKey { kind: CARD_KEY.into(), value: value[at].into(), unique: true };
        for (other, party) in parties.iter().enumerate() {
            let scope = Scope::party(party.parse().unwrap());
            let own = other == at;
            let found = [
                store.run(&scope, run).await.unwrap().is_some(),
                store.run_by_label(&scope, label).await.unwrap().is_some(),
                !store.runs_of(&scope, &[run]).await.unwrap().is_empty(),
                !store.history(&scope, run, 1, 100).await.unwrap().is_empty(),
                !store.run_by_key(&scope, &key).await.unwrap().is_empty(),
                !store.messages(&scope, run).await.unwrap().is_empty(),
                store.message(&scope, &message.source, &message.id).await.unwrap().is_some(),
                !store.notices(&scope, Some(run)).await.unwrap().is_empty(),
            ];
            assert_eq!(found, [own; 8], "{party} {label}");
            let tasks = store.tasks(&scope, &TaskFilter { open_only: true, ..TaskFilter::default() }).await.unwrap();
            assert_eq!(tasks.iter().any(|task| task.label == *label), own, "{party} {label}");
            let cards = RunFilter { chart: Some("commitment_card".into()), ..RunFilter::default() };
            let listed = store.runs(&scope, &cards).await.unwrap().rows;
            assert_eq!(listed.iter().any(|row| row.snapshot.label == *label), own, "{party} {label}");
        }
        // Not even the vendor's own reach finds a word of it in what a run leaves behind.
        let everything = format!(
            "{:?}{:?}{:?}{:?}",
            store.history(&Scope::vendor(), run, 1, 100).await.unwrap(),
            store.messages(&Scope::vendor(), run).await.unwrap(),
            store.notices(&Scope::vendor(), Some(run)).await.unwrap(),
            store.run(&Scope::vendor(), run).await.unwrap(),
        );
        assert!(!everything.contains("canary") && !everything.contains("kick-off"), "{everything}");
        assert!(!everything.contains("4000000"), "{everything}");
    }
    // The vendor's file has what its own side is asked, and not even the names of the others' cards.
    for label in &labels {
        house.until_told(label).await;
    }
    let told = std::fs::read_to_string(vendor.path("notices.jsonl")).unwrap();
    assert!(told.contains(&labels[0]) && !told.contains(&labels[1]) && !told.contains(&labels[2]), "{told}");
    assert!(!told.contains("canary") && !told.contains("4000000"), "{told}");
}

/// Two who audit for the vendor, one of them for a part of it, and one who does so for a partner.
const AUDITORS: &str = "
  - { id: ada, name: Ada, email: ada@acme.example, roles: [auditor], zone: UTC }
  - { id: una, name: Una, email: una@acme.example, roles: [auditor], legal_entities: [acme-us], zone: UTC }
  - { id: pax, name: Pax, email: pax@nordlicht.example, roles: [auditor, operator], party: nordlicht, zone: UTC }
";

#[tokio::test(flavor = "multi_thread")]
async fn p12_history_is_exported_by_the_vendors_auditors_and_operators_alone() {
    let house = House::new().await;
    let vendor = &house.vendor;
    vendor.write("people.yaml", &format!("{}{}", papers::PEOPLE.trim_end(), AUDITORS));
    let labels = [house.card("mia", WORDS[0]).await, house.card("bea", WORDS[1]).await];

    let file = vendor.path("export.ndjson");
    let into = ["audit", "export", "--out", file.to_str().unwrap()];
    for (person, why) in [
        ("mia", "it takes one of the roles `auditor`, `operator`"),
        ("vera", "it takes one of the roles `auditor`, `operator`"),
        ("ann", "it takes one of the roles `auditor`, `operator`"),
        ("pia", "not for those of `nordlicht`"),
        ("bea", "not for people of a buyer"),
        ("pax", "not for those of `nordlicht`"),
        ("una", "only for people who work for every legal entity"),
    ] {
        for command in [&into[..2], &into] {
            let said = vendor.run(person, command).await;
            assert_eq!(said.data, "", "{person}");
            said.refused(4, why);
        }
    }
    let nobody = vendor.process(&into[..2]).stdout(std::process::Stdio::piped()).output().await.unwrap();
    assert_eq!((nobody.status.code(), nobody.stdout.len()), (Some(2), 0), "it is not said who asks");
    assert!(!file.exists(), "nothing was written");
    for person in ["ada", "finn"] {
        let exported = vendor.run(person, &into[..2]).await.ok();
        assert!(labels.iter().all(|label| exported.contains(label.as_str())), "{person}");
        assert!(!exported.contains("canary"), "{person}: what was said is in no history");
    }
    for (person, command) in [("pia", &["audit", "verify"][..]), ("pax", &["verify"])] {
        vendor.run(person, command).await.refused(4, "not for those of `nordlicht`");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn p12_a_buyers_person_reaches_nothing_but_cards_the_inbox_and_its_own_commitments() {
    let house = House::new().await;
    let commands: [&[&str]; 26] = [
        &["offer", "list"],
        &["agreement", "list"],
        &["refund", "list"],
        &["payment-request", "list"],
        &["cancellation", "list"],
        &["incident", "list"],
        &["policy", "show"],
        &["pricebook", "list"],
        &["licence", "list"],
        &["connector", "list"],
        &["people", "check"],
        &["partner", "list"],
        &["programme", "list"],
        &["play", "list"],
        &["fund", "list"],
        &["accrual", "list"],
        &["funding", "list"],
        &["request", "list"],
        &["claim", "list"],
        &["payout", "list"],
        &["ledger", "show"],
        &["verify"],
        &["audit", "export"],
        &["schedule", "list"],
        &["notices", "list"],
        &["fleet"],
    ];
    let mut codes = BTreeSet::new();
    for command in commands {
        let said = house.vendor.run("bea", command).await;
        assert!(said.words.contains("not for people of a buyer") && said.data.is_empty(), "{command:?}: {said:?}");
        codes.insert(said.code);
    }
    assert_eq!(codes, BTreeSet::from([4]));
    for command in [["offer", "list"], ["card", "list"]] {
        house.vendor.run("nox", &command).await.refused(4, "belongs to a buyer");
    }
    // A buyer keeps cards of its own, about itself, with its own people.
    let foreign = house.vendor.write(
        "foreign.yaml",
        &include_str!("../../examples/commitment/card.yaml").replace("ask_again: ada", "ask_again: ivo"),
    );
    house.act("ivo", &["card", "create", &foreign]).await.refused(2, "a card of your own is about `initech`");
    let lent = house.vendor.write(
        "lent.yaml",
        &include_str!("../../examples/commitment/card.yaml").replace("ask_again: ada", "ask_again: mia"),
    );
    house.act("bea", &["card", "create", &lent]).await.refused(2, "`mia` is nobody of your side");
    for person in ["vera", "finn"] {
        house.act(person, &["card", "create", &lent]).await.refused(4, "commitment card");
    }
    house.act("pia", &["card", "create", &lent]).await.refused(4, "not for those of `nordlicht`");
}
