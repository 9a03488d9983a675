//! Payments that a buyer is asked for: who may ask, who must agree, what the buyer says, and who may still take it back.

use serde_json::{Value, json};

use crate::after_sale::{World, word};

const KIND: &str = "payment-request";

/// An agreement with a term of so much; the term's id.
fn payable(most: &str) -> (World, String) {
    let world = World::accepted();
    let body = json!({ "max_total_charge_amount": most, "expiration_duration": null });
    let told = world.sandbox.post(&format!("/aws/agreements/{}/variable-payment", world.agreement), &body);
    let term = word(&told["term_id"]);
    (world, term)
}

fn create<'a>(world: &'a World, amount: &'a str, more: &[&'a str]) -> crate::installation::Said {
    let asked = [KIND, "create", &world.agreement, "--amount", amount, "--name", "Onboarding week"];
    world.installation.act("mia", &[&asked[..], more].concat())
}

/// Asks for a payment and has finance agree; the label of the request, which the buyer has then.
fn asked(world: &World, amount: &str) -> String {
    let label = create(world, amount, &[]).ok().data.trim().to_owned();
    approve(world, &label);
    world.until(KIND, &label, "asking");
    label
}

fn approve(world: &World, label: &str) {
    let request = world.until(KIND, label, "approvals");
    let revision = word(&request["revision"]);
    world.installation.act("finn", &["approve", label, "--revision", &revision]).ok();
}

fn answer(world: &World, request: &Value, body: &Value) {
    world.sandbox.post(&format!("/aws/agreement-requests/{}/answer", word(&request["id"])), body);
}

/// The requests that stand so at the marketplace.
fn standing(world: &World, status: &str) -> Vec<Value> {
    world.requests("payments").into_iter().filter(|request| request["status"] == status).collect()
}

/// The request that the buyer has.
fn pending(world: &World) -> Value {
    let pending = standing(world, "PendingApproval");
    assert_eq!(pending.len(), 1, "{pending:#?}");
    pending[0].clone()
}

/// What was billed beyond the first invoice.
fn billed_later(world: &World) -> Vec<Value> {
    world.invoices().into_iter().skip(1).map(|paper| paper["amount"].clone()).collect()
}

#[test]
fn a_payment_is_looked_at_by_finance_and_billed_once_when_the_buyer_agrees() {
    let (world, term) = payable("5000.00");
    let calls = create(&world, "1200.00 USD", &["--dry-run", "--json"]).ok().json();
    assert_eq!(calls[0]["operation"], "SendAgreementPaymentRequest", "{calls:#}");
    assert_eq!((&calls[0]["body"]["termId"], &calls[0]["body"]["chargeAmount"]), (&json!(term), &json!("1200.00")));
    let shown = world.installation.run(&["agreement", "show", &world.agreement, "--json"]).ok().json();
    assert_eq!(shown["payment_terms"][0]["id"], json!(term));

    // What cannot be asked for is refused with its field, before anything is written.
    for (amount, more, words) in [
        ("5000.01 USD", &[][..], "`/amount`"),
        ("10.00 EUR", &[], "`/amount/currency`"),
        ("10.00 USD", &["--term", "term-none"], "`/term_id`"),
        ("10.00 USD", &["--name", "four"], "5 to 64 characters"),
        ("0 USD", &[], "more than zero"),
    ] {
        let more: Vec<&str> = more.to_vec();
        let named = more.first() == Some(&"--name");
        let base = [KIND, "create", &world.agreement, "--amount", amount];
        let name = if named { &[][..] } else { &["--name", "Onboarding week"] };
        let said = world.installation.act("mia", &[&base[..], name, &more].concat());
        assert!(said.code == 2 && said.words.contains(words), "{amount} {more:?}: {said:?}");
    }
    let base = [KIND, "create", &world.agreement, "--amount", "10 USD", "--name", "Onboarding week"];
    for person in ["vic", "finn"] {
        assert_eq!(world.installation.act(person, &base).code, 4, "{person} asks for nothing");
    }
    assert_eq!(world.installation.run(&[KIND, "list", "--ended"]).ok().data, "");

    let once = create(&world, "1200.00 USD", &["--justification", "five days on site", "--key", "pay-1"]).ok();
    let label = once.data.trim().to_owned();
    assert_eq!(label, "PAY-2027-00001");
    let again = create(&world, "1200.00 USD", &["--justification", "five days on site", "--key", "pay-1"]).ok();
    assert_eq!(again.data.trim(), label, "the same answer");

    // Finance is asked with the words and the figures; a vote is for what was shown.
    let request = world.until(KIND, &label, "approvals");
    let asked = world.installation.run(&["inbox", "--actor", "finn", "--json"]).ok().json();
    assert_eq!((&asked[0]["label"], &asked[0]["row"]), (&json!(label), &json!("buyer_is_billed")), "{asked:#}");
    assert_eq!(asked[0]["detail"]["facts"]["justification"], "five days on site");
    let stale = world.installation.act("finn", &["approve", &label, "--revision", "abcdef"]);
    assert!(stale.code == 5 && stale.words.contains("entente payment-request show"), "{stale:?}");
    let own = world.installation.act("mia", &["approve", &label, "--revision", &word(&request["revision"])]);
    assert_eq!(own.code, 4, "{own:?}");
    assert_eq!(world.requests("payments"), Vec::<Value>::new(), "nothing left before that");
    approve(&world, &label);

    let asking = world.until(KIND, &label, "asking");
    assert_eq!((&asking["waiting_on"], &asking["incident"]), (&json!("buyer"), &Value::Null));
    let requests = world.requests("payments");
    assert_eq!(requests.len(), 1, "{requests:#?}");
    assert!(word(&asking["change"]["id"]).ends_with(&word(&requests[0]["id"])));
    answer(&world, &pending(&world), &json!({ "approve": true }));
    world.sandbox.advance("PT1H");
    let charged = world.until(KIND, &label, "charged");
    assert!(charged["applied_at"].is_string(), "{charged:#}");
    assert_eq!(billed_later(&world), [json!({ "minor": 120_000, "currency": "USD" })]);

    // What is charged is no longer left under the term.
    let over = create(&world, "3800.01 USD", &[]);
    assert!(over.code == 2 && over.words.contains("USD 1,200.00 of it is asked for already"), "{over:?}");
    let shown = world.installation.run(&["agreement", "show", &world.agreement, "--json"]).ok().json();
    assert_eq!(shown["requests"], json!([label]));
    let late = world.installation.act("mia", &[KIND, "cancel", &label, "--reason", "too late"]);
    assert_eq!(late.code, 5, "{late:?}");
    let history = world.installation.run(&[KIND, "history", &label]).ok().data;
    assert!(history.contains("marketplace.request_payment done") && history.contains("finn"), "{history}");
    world.installation.run(&["verify"]).ok();
}

#[test]
fn a_request_that_the_buyer_has_is_taken_back_and_leaves_its_room_to_the_next() {
    let (world, _) = payable("5000.00");
    let label = asked(&world, "1500.00 USD");
    world.installation.act("mia", &[KIND, "cancel", &label, "--reason", "billed elsewhere"]).ok();
    let gone = world.until(KIND, &label, "cancelled");
    assert_eq!(gone["withdrawal"]["reason"], "billed elsewhere");
    assert_eq!((world.requests("payments").len(), standing(&world, "Cancelled").len()), (1, 1));
    assert_eq!(billed_later(&world), Vec::<Value>::new());

    // The same amount fits again; this time the buyer is faster than whoever takes it back.
    let label = asked(&world, "1500.00 USD");
    answer(&world, &pending(&world), &json!({ "approve": true }));
    let late = world.installation.act("mia", &[KIND, "cancel", &label, "--reason", "billed elsewhere"]);
    assert!([0, 5].contains(&late.code), "taken up, or too late where the answer is known already: {late:?}");
    let charged = world.until(KIND, &label, "charged");
    assert_eq!((&charged["withdrawal"], &charged["refusal"]), (&Value::Null, &Value::Null));
    assert_eq!(billed_later(&world), [json!({ "minor": 150_000, "currency": "USD" })]);
}

#[test]
fn a_buyer_who_says_no_is_not_billed_and_one_who_says_nothing_is_not_asked_for_ever() {
    let (world, _) = payable("5000.00");
    let label = asked(&world, "100.00 USD");
    answer(&world, &pending(&world), &json!({ "approve": false, "reason": "nobody was on site" }));
    world.sandbox.advance("PT1H");
    let rejected = world.until(KIND, &label, "rejected");
    assert!(word(&rejected["refusal"]["message"]).contains("nobody was on site"), "{rejected:#}");

    let label = asked(&world, "100.00 USD");
    world.sandbox.advance("P91D");
    let expired = world.until(KIND, &label, "expired");
    assert_eq!(expired["applied_at"], Value::Null);
    assert_eq!((standing(&world, "Rejected").len(), standing(&world, "Cancelled").len()), (1, 1));
    assert_eq!(billed_later(&world), Vec::<Value>::new());
}

#[test]
fn an_agreement_without_such_a_term_or_that_has_ended_takes_no_request() {
    let world = World::accepted();
    let none = create(&world, "10.00 USD", &[]);
    assert!(none.code == 2 && none.words.contains("has no term under which payments may be asked for"), "{none:?}");
    let body = json!({ "max_total_charge_amount": "50.00", "expiration_duration": null });
    world.sandbox.post(&format!("/aws/agreements/{}/variable-payment", world.agreement), &body);
    let label = create(&world, "10.00 USD", &[]).ok().data.trim().to_owned();
    let request = world.until(KIND, &label, "approvals");
    // Approvals take days, in which the agreement may end: it is looked at again before the buyer is asked.
    world.sandbox.post(&format!("/aws/agreements/{}/end", world.agreement), &json!({ "status": "TERMINATED" }));
    let revision = word(&request["revision"]);
    world.installation.act("finn", &["approve", &label, "--revision", &revision]).ok();
    let returned = world.until(KIND, &label, "returned");
    assert_eq!(returned["refusal"]["code"], "not_payable", "{returned:#}");
    assert_eq!(world.requests("payments"), Vec::<Value>::new());
    let over = create(&world, "10.00 USD", &[]);
    assert!(over.code == 2 && over.words.contains("no longer in force"), "{over:?}");
}
