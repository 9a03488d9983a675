//! Refunds, from the request to the credit memo: who may ask, who must agree, and what the marketplace holds at the end.

use serde_json::{Value, json};

use crate::{
    after_sale::{FINANCE, World, word},
    installation::{Installation, Said},
};

/// The policy of refunds that ships with the binary.
const POLICY: &str = include_str!("../../workflows/billing_adjustment/policy/v1.yaml");

fn approve(world: &World, person: &str, label: &str) -> Said {
    let revision = word(&world.request("refund", label)["revision"]);
    world.installation.act(person, &["approve", label, "--revision", &revision])
}

#[test]
fn a_refund_is_looked_at_by_finance_and_paid_back_once() {
    let world = World::accepted();
    let (agreement, invoice) = (world.agreement.as_str(), world.invoice());
    let (id, amount) = (word(&invoice["id"]), invoice["amount"]["minor"].as_i64().unwrap());
    assert_eq!(invoice["adjustable"]["minor"], amount, "all of it could go back");
    let create = |money: &str, more: &[&str]| {
        let asked =
            ["refund", "create", agreement, "--invoice", &id, "--amount", money, "--reason", "incorrect-metering"];
        world.installation.act("mia", &[&asked[..], more].concat())
    };

    // The exact call is shown, and nothing is written.
    let calls = create("120.00 USD", &["--dry-run", "--json"]).ok().json();
    assert_eq!(calls.as_array().map(Vec::len), Some(1), "{calls:#}");
    assert!(calls[0]["body"].to_string().contains(&id), "{calls:#}");
    assert_eq!(world.installation.run(&["refund", "list", "--ended"]).ok().data, "");

    // What the marketplace does not allow is refused with its field, before anything is written.
    for (money, field) in [("9999999.00 USD", "`/amount`"), ("120.00 EUR", "`/amount/currency`")] {
        let said = create(money, &[]);
        assert!(said.code == 2 && said.words.contains(field), "{said:?}");
    }
    for (money, code) in [("nothing", 2), ("120.001 USD", 2), ("0 USD", 2)] {
        assert_eq!(create(money, &[]).code, code, "{money}");
    }
    let other = ["refund", "create", agreement, "--invoice", "inv-none", "--amount", "1 USD", "--reason", "test"];
    let said = world.installation.act("mia", &other);
    assert!(said.code == 2 && said.words.contains("has no invoice `inv-none`"), "{said:?}");
    let said = world.installation.act("vic", &other);
    assert_eq!(said.code, 4, "a viewer asks for nothing: {said:?}");
    assert_eq!(world.installation.run(&["refund", "list", "--ended"]).ok().data, "");

    let words = "two weeks of test traffic were metered";
    let once = create("120.00 USD", &["--justification", words, "--key", "refund-1"]).ok();
    let label = once.data.trim().to_owned();
    assert_eq!(label, "RFD-2027-00001");
    assert_eq!(
        create("120.00 USD", &["--justification", words, "--key", "refund-1"]).ok().data.trim(),
        label,
        "the same answer"
    );
    world.until("refund", &label, "approvals");

    // Finance is asked, with the words and the figures; whoever asks has no vote, and nobody else either.
    let asked = world.installation.run(&["inbox", "--actor", "finn", "--json"]).ok().json();
    assert_eq!((&asked[0]["label"], &asked[0]["row"]), (&json!(label), &json!("money_leaves")), "{asked:#}");
    assert_eq!(asked[0]["detail"]["facts"]["justification"], words);
    for person in ["mia", "dan"] {
        assert_eq!(approve(&world, person, &label).code, 4, "{person}");
    }
    let stale = world.installation.act("finn", &["approve", &label, "--revision", "abcdef"]);
    assert!(stale.code == 5 && stale.words.contains("entente refund show"), "{stale:?}");
    approve(&world, "finn", &label).ok();
    let refund = world.until("refund", &label, "refunded");
    assert!(refund["change"]["id"].is_string() && refund["applied_at"].is_string(), "{refund:#}");

    // The marketplace has one request and one credit memo, and that much less can go back from now on.
    assert_eq!(world.adjustments().len(), 1);
    let papers = world.invoices();
    let memos: Vec<&Value> = papers.iter().filter(|paper| paper["kind"] == "credit_memo").collect();
    assert_eq!(memos.len(), 1);
    assert_eq!(memos[0]["amount"], json!({ "minor": 12000, "currency": "USD" }));
    assert_eq!(world.invoice()["adjustable"]["minor"], amount - 12_000);
    let shown = world.installation.run(&["agreement", "show", agreement, "--json"]).ok().json();
    assert_eq!((&shown["requests"], &shown["record"]["status"]), (&json!([label]), &json!("active")));

    // It has ended, and its history says how.
    assert_eq!(world.installation.run(&["refund", "list"]).ok().data, "");
    assert_eq!(world.installation.run(&["refund", "list", "--ended", "--json"]).ok().json()[0]["label"], json!(label));
    let said = world.installation.act("mia", &["refund", "withdraw", &label, "--reason", "too late"]);
    assert_eq!(said.code, 5, "{said:?}");
    let history = world.installation.run(&["refund", "history", &label]).ok().data;
    assert!(history.contains("marketplace.adjust_billing done") && history.contains("finn"), "{history}");
    world.installation.run(&["verify"]).ok();
}

#[test]
fn a_refund_that_is_sent_back_is_changed_and_one_that_is_not_wanted_leaves_nothing() {
    let world = World::accepted();
    let id = word(&world.invoice()["id"]);
    let create = |money: &str| {
        let asked = [
            "refund",
            "create",
            &world.agreement,
            "--invoice",
            &id,
            "--amount",
            money,
            "--reason",
            "other",
            "--description",
            "goodwill",
        ];
        world.installation.act("mia", &asked).ok().data.trim().to_owned()
    };
    let first = create("100.00 USD");
    let before = word(&world.until("refund", &first, "approvals")["revision"]);
    let said = world.installation.act("mia", &["refund", "revise", &first, "--amount", "90.00 USD"]);
    assert_eq!(said.code, 5, "what people are asked about stays as it was shown: {said:?}");
    let back = ["send-back", &first, "--revision", &before, "--reason", "why so much?"];
    world.installation.act("finn", &back).ok();
    let returned = world.until("refund", &first, "returned");
    assert!(word(&returned["refusal"]["message"]).contains("why so much?"), "{returned:#}");
    let task = world.installation.run(&["inbox", "--actor", "mia", "--json"]).ok().json();
    assert_eq!(task[0]["label"], json!(first), "whoever asked has it on their list: {task:#}");
    world.installation.act("dan", &["refund", "revise", &first, "--amount", "90.00 USD"]).ok();
    let again = world.until("refund", &first, "approvals");
    assert_ne!(word(&again["revision"]), before);
    assert_eq!(again["authors"], json!(["dan", "mia"]));
    let old = world.installation.act("finn", &["approve", &first, "--revision", &before]);
    assert_eq!(old.code, 5, "the vote was for another amount: {old:?}");

    let second = create("5.00 USD");
    world.until("refund", &second, "approvals");
    world.installation.act("mia", &["refund", "withdraw", &second, "--reason", "the buyer is content"]).ok();
    let gone = world.until("refund", &second, "cancelled");
    assert_eq!(gone["withdrawal"]["reason"], "the buyer is content");

    // The one that is under way counts: what is left is less by as much.
    let adjustable = world.invoice()["adjustable"]["minor"].as_i64().unwrap();
    let rest = format!("{}.00 USD", adjustable / 100);
    let asked = ["refund", "create", &world.agreement, "--invoice", &id, "--amount", &rest, "--reason", "test"];
    let said = world.installation.act("mia", &asked);
    assert!(said.code == 2 && said.words.contains("USD 90.00 of it is asked for already"), "{said:?}");

    let revision = word(&again["revision"]);
    world.installation.act("finn", &["reject", &first, "--revision", &revision, "--reason", "they used it"]).ok();
    world.until("refund", &first, "declined");
    assert_eq!(world.adjustments(), Vec::<Value>::new(), "nothing ever left");
}

#[test]
fn a_refund_beyond_the_cap_waits_until_there_is_room_and_goes_back_once() {
    let world = World::accepted();
    let id = word(&world.invoice()["id"]);
    let asked = ["refund", "create", &world.agreement, "--invoice", &id, "--amount", "10.00 USD", "--reason", "test"];
    let label = world.installation.act("mia", &asked).ok().data.trim().to_owned();
    world.until("refund", &label, "approvals");
    // The connection's own cap is stricter than the invoice.
    let cap = |most: &str| {
        let cap = ["connector", "mode", "aws/acme-us", "live", "--refunds-per-day", most];
        for person in ["ann", "abe"] {
            world.installation.run(&[&["--actor", person][..], &cap].concat()).ok();
        }
    };
    cap("USD=5");
    approve(&world, "finn", &label).ok();
    let held = world.until_it("refund", &label, |refund| !refund["incident"].is_null());
    assert_eq!((&held["state"], &held["incident"]["code"]), (&json!("sending"), &json!("withheld")), "{held:#}");
    assert!(word(&held["incident"]["message"]).contains("`refunds_per_day`"), "{held:#}");
    let row = world.installation.run(&["connector", "withheld", "--json"]).ok().json()[0].clone();
    assert_eq!((&row["held_by"], &row["value"]), (&json!("refunds_per_day"), &json!({ "USD": 500 })), "{row:#}");
    assert_eq!(world.adjustments(), Vec::<Value>::new(), "nothing left this machine");
    cap("USD=10");
    world.until("refund", &label, "refunded");
    assert_eq!(world.adjustments().len(), 1);
}

#[test]
fn refunds_have_a_policy_of_their_own_that_is_tried_on_the_past_and_changed() {
    let installation = Installation::new();
    installation.write("people.yaml", FINANCE);
    let shown = |name: &str| installation.run(&["policy", "show", name, "--json"]).ok().json();
    assert_eq!((&shown("billing_adjustment")["version"], &shown("private_offer")["version"]), (&json!(1), &json!(1)));
    assert_eq!(shown("billing_adjustment")["rows"][0]["role"], "finance_approver");
    assert_eq!(installation.run(&["policy", "show", "lunch"]).code, 2);
    installation
        .write("stricter.yaml", POLICY.replace("version: 1", "version: 2").replace("value: 5000", "value: 2500"));
    installation.run(&["policy", "check", "stricter.yaml"]).ok();
    let judged = installation.run(&["--actor", "dan", "policy", "simulate", "stricter.yaml", "--json"]).ok().json();
    let id = word(&judged["id"]);
    installation.run(&["--actor", "ann", "policy", "activate", "stricter.yaml", "--simulation", &id]).ok();
    assert_eq!((&shown("billing_adjustment")["version"], &shown("private_offer")["version"]), (&json!(2), &json!(1)));
}
