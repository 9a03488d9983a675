//! Orders to suppliers: from the request that pays to the bank's answer, and what an invoice must not be.

use entente_core::{
    context::funding::{ClaimPaper, InvoiceStatus, MatchRule, OrderPaper, PayoutPaper, RequestPaper},
    ledger::Account,
};
use serde_json::{Value, json};

use crate::{
    house::{proof, server::Server},
    papers,
    vendor::{Started, Vendor, accepted, refused},
};

pub const FUND: &str = "emea-2027-h1";
pub const ORDER: &str = include_str!("../../examples/funding/order.yaml");

/// What the order costs, and what of the request's 2,000.00 it leaves.
const TOTAL: i64 = 133_850;
const LEFT: i64 = 66_150;

/// A supplier with an account and an address of its own.
async fn supplier(vendor: &Vendor, account: &str) -> Started {
    let changes: papers::Changes<'_> = &[
        ("kind: reseller", "kind: supplier"),
        ("Nordlicht Cloud GmbH", "Hafenhaus GmbH"),
        ("Hafenstr. 4, 20457 Hamburg", "Am Sandtorkai 1, 20457 Hamburg"),
        ("requesters: [pia]", "requesters: []"),
    ];
    let supplier = vendor.partner("hafenhaus", changes).await;
    let hash = vendor.change_bank("mia", "hafenhaus", &supplier, account).await;
    accepted(vendor.ask(vendor.actor("paula"), supplier.run, "confirm_bank", json!({ "sha256": hash })).await);
    supplier
}

pub fn order(request: &str, changes: papers::Changes<'_>) -> String {
    changes.iter().fold(ORDER.replace("REQ-2027-00001", request), |text, (old, new)| {
        assert!(text.contains(old), "there is no `{old}`");
        text.replace(old, new)
    })
}

/// An issued order on a request.
async fn issued(vendor: &Vendor, request: &Started) -> Started {
    let order = vendor.submit_one::<OrderPaper>("ORD", "mia", order(&request.label, &[])).await;
    vendor.agree(std::slice::from_ref(&order), &["fay", "finn"]).await;
    vendor.until(order.run, "it is issued", |row| row.snapshot.tags.iter().any(|tag| tag == "payable")).await;
    vendor.state(order.run, "placed.open").await;
    order
}

/// What pia says was delivered.
pub async fn delivery(vendor: &Vendor, name: &str, flyers: u32) -> Value {
    let file = vendor.hand_in("nordlicht", &format!("delivered-{name}.png")).await.sha256;
    let lines = json!([{ "line": "room", "quantity": "1" }, { "line": "flyers", "quantity": flyers.to_string() }]);
    json!({ "day": "2027-03-20", "lines": lines, "file": file, "last": flyers == 500 })
}

/// What the supplier charges: what was ordered.
pub async fn invoice(vendor: &Vendor, number: &str) -> Value {
    let file = vendor.hand_in("hafenhaus", &format!("invoice-{number}.pdf")).await.sha256;
    let eur = |minor: i64| json!({ "minor": minor, "currency": "EUR" });
    let lines = json!([
        { "line": "room", "quantity": "1", "price": "900.00", "tax": eur(17_100) },
        { "line": "flyers", "quantity": "500", "price": "0.50", "tax": eur(1_750) },
    ]);
    let tax_id = "DE 811 234 567";
    json!({ "number": number, "tax_id": tax_id, "date": "2027-03-22", "lines": lines, "total": eur(TOTAL), "file": file })
}

/// An open fund, a partner and a supplier whose bank details are old enough.
pub async fn open(account: &str) -> (Vendor, Vec<Server>) {
    let vendor = Vendor::new().await;
    let crew = vendor.crew(3).await;
    vendor.partner("nordlicht", &[]).await;
    supplier(&vendor, account).await;
    vendor.fund(&papers::fund(&[])).await;
    vendor.pass_days(6).await;
    (vendor, crew)
}

/// The same, and granted requests.
async fn ready(activities: &[&str]) -> (Vendor, Vec<Server>, Vec<Started>) {
    let (vendor, crew) = open(papers::BANK_ELSEWHERE).await;
    let requests: Vec<(&str, String)> =
        activities.iter().map(|activity| ("pia", papers::request(&[("hamburg-breakfast", activity)]))).collect();
    let requests = vendor.granted(&requests).await;
    (vendor, crew, requests)
}

#[tokio::test(flavor = "multi_thread")]
async fn an_order_is_committed_received_matched_and_paid_by_a_payout_run() {
    let (vendor, _crew, requests) = ready(&["event-1"]).await;
    let request = &requests[0];
    let order = issued(&vendor, request).await;
    let (reserved, held) = (format!("request/{}", request.label), format!("order/{}", order.label));
    assert_eq!(vendor.stands(FUND, Account::Reserved, Some(&reserved)).await, LEFT);
    assert_eq!(vendor.stands(FUND, Account::Posted, Some(&held)).await, TOTAL);
    let course = vendor.sheet::<RequestPaper>(request.run).await.course;
    assert_eq!((course.claimed.unwrap().minor, course.claims.len()), (TOTAL, 1), "the request knows of it");

    vendor.pass_days(20).await;
    let all = delivery(&vendor, "1", 500).await;
    let (code, why) = refused(vendor.ask(vendor.actor("fay"), order.run, "receive", all.clone()).await);
    assert_eq!((code.as_str(), why.contains("event_fits")), ("not_accepted", true), "who approved it: {why}");
    accepted(vendor.ask(vendor.actor("pia"), order.run, "receive", all).await);
    let charged = invoice(&vendor, "R-1").await;
    refused(vendor.ask(vendor.actor("pia"), order.run, "invoice", charged.clone()).await);
    accepted(vendor.ask(vendor.actor("paula"), order.run, "invoice", charged).await);
    vendor.state(order.run, "finished.settling").await;
    assert_eq!(vendor.stands(FUND, Account::Posted, None).await, 0);
    assert_eq!(vendor.stands(FUND, Account::Payable, Some(&format!("payable/{}/hafenhaus", order.label))).await, TOTAL);
    vendor.books_are_sound().await;

    let run = vendor.payout(&papers::payout(&[])).await;
    vendor.asks(run.run).await;
    // Whoever approved the order does not approve its payment as well.
    refused(vendor.vote("finn", run.run).await);
    // Flo could speak for either; once tess has spoken for the treasury, finance is left.
    accepted(vendor.vote("tess", run.run).await);
    accepted(vendor.vote("flo", run.run).await);
    vendor.state(run.run, "sent").await;
    let file = vendor.store().documents("payment_file").await.unwrap().remove(0).text;
    assert!(file.contains("DE75512108001245126199") && file.contains("1338.50"), "{file}");
    answer(&vendor, &run, "paid", "2027-04-05").await;
    vendor.state(order.run, "finished.paid").await;
    assert_eq!(vendor.stands(FUND, Account::Paid, None).await, TOTAL);

    // The bank returns it: that alone is owed again.
    answer(&vendor, &run, "returned", "2027-04-08").await;
    vendor.state(order.run, "finished.settling").await;
    assert_eq!(vendor.stands(FUND, Account::Payable, None).await, TOTAL);
    vendor.verify().await;
}

async fn answer(vendor: &Vendor, run: &Started, outcome: &str, day: &str) {
    let items = vendor.sheet::<PayoutPaper>(run.run).await.course.items;
    let said = |id: &String| (id.clone(), json!({ "outcome": outcome, "on": day, "why": "AC04" }));
    let answers: serde_json::Map<String, Value> = items.iter().map(|item| said(&item.end_to_end_id)).collect();
    accepted(vendor.ask(vendor.actor("paula"), run.run, "answered", json!({ "answers": answers })).await);
    vendor.state(run.run, "answered").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_invoice_that_an_order_owes_is_no_longer_claimable_and_one_that_a_claim_owes_is_held_on_an_order() {
    let (vendor, _crew, requests) = ready(&["event-1", "event-2", "event-3"]).await;
    let (first, second) = (issued(&vendor, &requests[0]).await, issued(&vendor, &requests[1]).await);
    vendor.pass_days(20).await;
    for (order, name) in [(&first, "1"), (&second, "2")] {
        let all = delivery(&vendor, name, 500).await;
        accepted(vendor.ask(vendor.actor("pia"), order.run, "receive", all).await);
    }
    accepted(vendor.ask(vendor.actor("paula"), first.run, "invoice", invoice(&vendor, "R-00007").await).await);
    vendor.state(first.run, "finished.settling").await;

    // The partner claims the same invoice, written in another way.
    let same = [
        ("\"4000.00 EUR\"", "\"1338.50 EUR\""),
        ("R-00007", "r 7"),
        ("closing: true", "closing: true\npartial_funding: the rest was ours"),
    ];
    let claim = vendor.submit_one::<ClaimPaper>("CLM", "pia", papers::claim(&requests[2].label, 7, &same)).await;
    vendor.state(claim.run, "returned").await;
    let why = vendor.sheet::<ClaimPaper>(claim.run).await.refusal.unwrap().message;
    assert!(why.starts_with("F2") && why.contains("beyond its total"), "{why}");

    // It claims another one, and that one comes to the second order.
    let other = [
        ("\"4000.00 EUR\"", "\"1338.50 EUR\""),
        ("closing: true", "closing: true\npartial_funding: the rest was ours"),
    ];
    vendor.owed(&[("pia", papers::claim(&requests[2].label, 8, &other))]).await;
    accepted(vendor.ask(vendor.actor("paula"), second.run, "invoice", invoice(&vendor, "R 8").await).await);
    vendor.state(second.run, "placed.held").await;
    let held = vendor.sheet::<OrderPaper>(second.run).await.course.invoices.remove(0);
    let rules: Vec<MatchRule> = held.findings.iter().map(|finding| finding.rule).collect();
    assert_eq!((held.status, rules.contains(&MatchRule::M7)), (InvoiceStatus::Held, true), "{:?}", held.findings);
    let accept = json!({ "invoice": "R 8", "reason": "please" });
    refused(vendor.ask(vendor.actor("paula"), second.run, "accept", accept).await);
    vendor.verify().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn two_orders_share_neither_the_last_of_a_request_nor_an_invoice() {
    let (vendor, _crew, requests) = ready(&["event-1", "event-2"]).await;
    // Each alone fits into what the first request holds; both do not.
    let text = order(&requests[0].label, &[]);
    let both = vendor.submit::<OrderPaper>("ORD", &[("mia", text.clone()), ("mia", text)]).await;
    let mut votes = Vec::new();
    for order in &both {
        let row = vendor.asks(order.run).await;
        for person in ["fay", "finn"] {
            votes.push(vendor.vote_message(vendor.actor(person), &row).await);
        }
    }
    vendor.append_at_once(votes).await;
    let mut ends = Vec::new();
    for order in &both {
        let done = |state: &str| ["placed.open", "returned"].contains(&state);
        ends.push(vendor.until(order.run, "it is decided", |row| done(&row.snapshot.state)).await.snapshot.state);
    }
    ends.sort();
    assert_eq!(ends, ["placed.open", "returned"]);
    assert_eq!(vendor.stands(FUND, Account::Posted, None).await, TOTAL);

    let placed = vendor.row(both[0].run).await.snapshot.state == "placed.open";
    let first = if placed { both[0].clone() } else { both[1].clone() };
    let second = issued(&vendor, &requests[1]).await;
    let charged = invoice(&vendor, "R-1").await;
    let mut entered = Vec::new();
    for order in [&first, &second] {
        entered.push(vendor.sender(vendor.actor("paula")).await.named(order.run, "invoice", charged.clone()));
    }
    let ids: Vec<String> = entered.iter().map(|message| message.event.id.clone()).collect();
    vendor.append_at_once(entered).await;
    let mut codes = Vec::new();
    for id in ids {
        codes.push(match vendor.verdict(&id).await {
            entente_store::Verdict::Refused { code, .. } => code,
            _ => "accepted".to_owned(),
        });
    }
    codes.sort();
    assert_eq!(codes, ["accepted", "key_taken"]);
    vendor.verify().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_supplier_that_shares_the_partners_account_asks_whoever_looks_after_fraud() {
    let (vendor, _crew) = open(papers::BANK).await;
    let request = vendor.granted(&[("pia", papers::request(&[]))]).await.remove(0);
    let tied = vendor.submit_one::<OrderPaper>("ORD", "mia", order(&request.label, &[])).await;
    let row = vendor.asks(tied.run).await;
    let asked: Vec<String> =
        row.snapshot.approvals.unwrap().requirements.iter().map(|one| one.role.to_string()).collect();
    assert!(asked.contains(&"fraud_review".to_owned()), "{asked:?}");
    let sheet = vendor.sheet::<OrderPaper>(tied.run).await;
    assert!(sheet.course.tied.unwrap().contains("bank account"));

    // Somebody who is no supplier is not ordered from at all.
    let wrong = order(&request.label, &[("party: hafenhaus", "party: bluepeak")]);
    vendor.partner("bluepeak", &[("requesters: [pia]", "requesters: [ben]")]).await;
    let wrong = vendor.submit_one::<OrderPaper>("ORD", "mia", wrong).await;
    vendor.state(wrong.run, "returned").await;
    let refusal = vendor.sheet::<OrderPaper>(wrong.run).await.refusal.unwrap();
    assert_eq!(refusal.field.as_deref(), Some("/supplier/party"));
    assert!(refusal.message.contains("of kind `reseller`"), "{}", refusal.message);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_command_line_says_what_is_wrong_and_shows_a_partner_its_own_orders_alone() {
    let (vendor, _crew, requests) = ready(&["event-1"]).await;
    let file = vendor.write("order.yaml", &order(&requests[0].label, &[]));
    let said = vendor.run("pia", &["order", "create", &file, "--submit"]).await;
    said.refused(4, "is for the vendor's own people");
    let dear = vendor.write("dear.yaml", &order(&requests[0].label, &[("1338.50 EUR", "1338.51 EUR")]));
    vendor.run("mia", &["order", "create", &dear]).await.refused(2, "field `/total`: is not the sum of the lines");
    let created = vendor.run("mia", &["order", "create", &file, "--submit", "--json"]).await.json();
    let label = created["label"].as_str().unwrap_or("ORD-2027-00001").to_owned();
    let order = vendor.labelled(&label).await;
    vendor.agree(std::slice::from_ref(&order), &["fay", "finn"]).await;
    vendor.state(order.run, "placed.open").await;
    vendor.pass_days(20).await;

    std::fs::write(vendor.path("delivered.png"), proof::bytes("delivered.png")).unwrap();
    std::fs::write(vendor.path("invoice.pdf"), proof::bytes("invoice.pdf")).unwrap();
    let photo = vendor.path("delivered.png").to_str().unwrap().to_owned();
    let receive = |flyers: &'static str| {
        let words = ["order", "receive", &label, "--day", "2027-03-20", "--line", flyers, "--proof", &photo];
        words.map(str::to_owned)
    };
    let words = receive("flyers=501");
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    vendor.run("pia", &words).await.refused(5, "are too many");
    vendor.run("ben", &words).await.refused(3, &label);
    let words = receive("flyers=300");
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    vendor.run("pia", &words).await.ok();
    let charged = vendor.write("supplier-invoice.yaml", include_str!("../../examples/funding/supplier-invoice.yaml"));
    let differs = vendor.run("paula", &["order", "invoice", &label, &charged, "--dry-run", "--json"]).await.json();
    let rules: Vec<&str> = differs.as_array().unwrap().iter().filter_map(|one| one["rule"].as_str()).collect();
    assert_eq!(rules, ["M3", "M3"], "the room and two hundred flyers have not come");
    vendor.run("paula", &["order", "invoice", &label, &charged]).await.ok();
    vendor.state(order.run, "placed.held").await;
    let shown = vendor.run("pia", &["order", "show", &label, "--json"]).await.json();
    assert_eq!(shown["course"]["invoices"][0]["status"], "held");
    assert!(!shown.to_string().contains("DE75512108001245126199"), "its account is nobody's business");
    vendor.run("ben", &["order", "show", &label]).await.refused(3, &label);
    assert!(vendor.run("ben", &["order", "list", "--json"]).await.json().as_array().unwrap().is_empty());
}
