//! kill -9 around the send of an application for funding, and answers that are lost: the marketplace has one, whatever happens.

use entente_core::{chart::step::VOTE, ids::RunId};
use serde_json::{Value, json};

use crate::house::{
    House,
    sandbox::{NO_POLLING, Sandbox},
    selling::connected,
};

const APPLY: &str = "marketplace.apply_for_funding";
const SUBMIT: &str = "marketplace.submit_funding";

/// The paper of an application that begins a good while ahead.
async fn paper(sandbox: &Sandbox, name: &str) -> Value {
    let now = sandbox.now().await.to_zoned(jiff::tz::TimeZone::UTC).date();
    let start = now.checked_add(jiff::Span::new().days(40)).unwrap().to_string();
    json!({
        "marketplace": "aws",
        "legal_entity": "acme-us",
        "benefit": "ben-mdfcredit00001",
        "kind": "credits",
        "name": name,
        "amount": { "minor": 50_000, "currency": "USD" },
        "start": start,
        "end": start,
        "details": {
            "ActivityType": "Event",
            "ActivityName": "Partner breakfast",
            "StartDate": start,
            "EndDate": start,
            "Countries": ["DE"],
            "RequestedAmount": { "Amount": "500.00", "CurrencyCode": "USD" },
            "ExpectedLeads": 40,
            "BusinessJustification": "Heads of infrastructure of forty customers",
        },
    })
}

/// Asks for a grant and has it approved; nobody serves then, and its next step is to be sent.
async fn approved(sandbox: &Sandbox, house: &House, key: &str) -> RunId {
    let server = house.serve().await;
    let file = house.path(&format!("{key}.json"));
    std::fs::write(&file, paper(sandbox, key).await.to_string()).unwrap();
    let create = ["funding", "create", file.to_str().unwrap(), "--submit", "--key", key, "--wait", "60s"];
    let label = house.command("ada", &create).await.trim().to_owned();
    let rows = house.runs().await;
    let run = rows.iter().find(|row| row.snapshot.label == label).expect("it is stored").snapshot.run;
    let row = house.until(run, "the budget's owner is asked", |row| row.snapshot.approvals.is_some()).await;
    server.stop().await;
    let revision = row.snapshot.approvals.unwrap().subject.revision;
    let vote = json!({ "verdict": "approve", "reason": "", "revision": revision });
    house.tell(run, "fay", &format!("vote/{key}"), VOTE, vote).await;
    run
}

async fn applications(sandbox: &Sandbox) -> Vec<Value> {
    sandbox.get("aws/benefits").await["applications"].as_array().unwrap().clone()
}

#[tokio::test(flavor = "multi_thread")]
async fn row_02_03_an_application_whose_process_dies_or_whose_answer_is_lost_is_made_once() {
    let sandbox = Sandbox::at_rate("60").await;
    let house = connected(&sandbox, NO_POLLING).await;
    let mut expected = 0;
    for (activity, operation) in [(APPLY, "CreateBenefitApplication"), (SUBMIT, "SubmitBenefitApplication")] {
        for trouble in ["K3", "K4", "K5", "K6", "lost"] {
            let run = approved(&sandbox, &house, &format!("{trouble}-{operation}")).await;
            if trouble == "lost" {
                sandbox.fault(json!({ "op": operation, "effect": "lose_answer", "times": 1 })).await;
            } else {
                house.serve_until(Some(&format!("{trouble}:{activity}"))).await.died().await;
            }
            let server = house.serve().await;
            let row = house.state(run, "in_review").await;
            server.stop().await;
            expected += 1;
            let made = applications(&sandbox).await;
            assert_eq!(made.len(), expected, "after {trouble} of {activity}: {made:#?}");
            let id = row.snapshot.context["course"]["application"].as_str().unwrap();
            assert!(made.iter().any(|made| made["id"] == id), "after {trouble} of {activity}: `{id}` in {made:#?}");
        }
    }
    house.verify().await;
}

/// Votes for what stands there now.
async fn agree(house: &House, run: RunId, people: &[&str]) {
    let asks = |row: &entente_store::RunRow| row.snapshot.tags.iter().any(|tag| tag == "awaiting_approval");
    let row = house.until(run, "people are asked", |row| asks(row) && row.snapshot.approvals.is_some()).await;
    let revision = row.snapshot.approvals.unwrap().subject.revision;
    for person in people {
        let vote = json!({ "verdict": "approve", "reason": "", "revision": revision });
        house.tell(run, person, &format!("vote/{person}/{revision}"), VOTE, vote).await;
    }
}

fn with(mut paper: Value, field: &str, value: Value) -> Value {
    paper[field] = value;
    paper
}

async fn entered(house: &House, key: &str, paper: &Value) -> RunId {
    let file = house.path(&format!("{key}.json"));
    std::fs::write(&file, paper.to_string()).unwrap();
    let create = ["funding", "create", file.to_str().unwrap(), "--submit", "--key", key, "--wait", "60s"];
    let label = house.command("ada", &create).await.trim().to_owned();
    let rows = house.runs().await;
    rows.iter().find(|row| row.snapshot.label == label).expect("it is stored").snapshot.run
}

#[tokio::test(flavor = "multi_thread")]
async fn cash_is_applied_for_amended_granted_and_claimed() {
    let sandbox = Sandbox::at_rate("60").await;
    let house = connected(&sandbox, NO_POLLING).await;
    let server = house.serve().await;
    let listed = house.command("ada", &["funding", "allocations", "aws/acme-us", "--json"]).await;
    let listed: Value = serde_json::from_str(&listed).unwrap();
    let wallet = listed[0]["reference"].as_str().unwrap();

    // More than the wallet holds is returned before anybody is asked.
    let mut asked = paper(&sandbox, "Breakfast").await;
    asked["benefit"] = json!("ben-mdfcash0000001");
    asked["kind"] = json!("cash");
    asked["draws_on"] = json!(wallet);
    asked["amount"]["minor"] = json!(2_000_001);
    asked["details"]["RequestedAmount"]["Amount"] = json!("20000.01");
    let greedy = entered(&house, "greedy", &asked).await;
    let row = house.state(greedy, "returned").await;
    assert_eq!(row.snapshot.context["refusal"]["field"], "/amount", "{:#}", row.snapshot.context);
    house.command("ada", &["funding", "withdraw", &row.snapshot.label, "--reason", "too much"]).await;

    asked["amount"]["minor"] = json!(150_000);
    asked["details"]["RequestedAmount"]["Amount"] = json!("1500.00");
    let grant = entered(&house, "grant", &asked).await;
    agree(&house, grant, &["fay"]).await;
    let row = house.state(grant, "in_review").await;
    let label = row.snapshot.label.clone();
    let id = row.snapshot.context["course"]["application"].as_str().unwrap().to_owned();
    let decide = format!("aws/benefit-applications/{id}/decide");
    sandbox.post(&decide, json!({ "decision": "request_action", "reason": "How many will come?" })).await;
    house.state(grant, "info_requested").await;
    let amend = ["funding", "amend", &label, "--set", "/ExpectedLeads=60", "--reason", "counted", "--wait", "60s"];
    house.command("ada", &amend).await;
    agree(&house, grant, &["fay"]).await;
    house
        .until(grant, "the amendment is made", |row| {
            row.snapshot.state == "in_review" && row.snapshot.context["course"]["amendment"].is_null()
        })
        .await;
    let there = applications(&sandbox).await;
    assert_eq!((there.len(), &there[0]["details"]["ExpectedLeads"]), (1, &json!(60)));
    sandbox.post(&decide, json!({ "decision": "approve" })).await;
    let row = house.state(grant, "granted").await;
    let standing = row.snapshot.context["course"]["standing"].clone();
    assert_eq!(standing["granted"], json!({ "minor": 150_000, "currency": "USD" }));

    // The activity is over: what it has cost is claimed out of what was granted.
    sandbox.advance("P45D").await;
    let claim = json!({
        "marketplace": "aws",
        "legal_entity": "acme-us",
        "benefit": "ben-mdfclaim000001",
        "kind": "cash",
        "name": "Breakfast",
        "amount": { "minor": 150_000, "currency": "USD" },
        "start": asked["start"],
        "end": asked["end"],
        "details": {
            "ClaimedAmount": { "Amount": "1500.00", "CurrencyCode": "USD" },
            "InvoiceNumber": "R-0311",
            "Results": "Sixty people came to breakfast",
        },
        "draws_on": standing["allocations"][0],
        "claims": label,
    });
    // What was granted is claimed as that, for finance agrees to claims; and what is claimed was granted.
    let later = paper(&sandbox, "Breakfast").await["start"].clone();
    let ahead = with(with(claim.clone(), "start", later.clone()), "end", later);
    let cases = [("unsaid", &ahead, Value::Null), ("strange", &claim, json!("FUN-2027-00099"))];
    for (key, claim, claims) in cases {
        let wrong = entered(&house, key, &with(claim.clone(), "claims", claims)).await;
        let row = house.state(wrong, "returned").await;
        assert_eq!(row.snapshot.context["refusal"]["field"], "/claims", "{key}: {:#}", row.snapshot.context);
        house.command("ada", &["funding", "withdraw", &row.snapshot.label, "--reason", "wrong", "--wait", "60s"]).await;
    }
    let claimed = entered(&house, "claim", &claim).await;
    agree(&house, claimed, &["fay", "finn"]).await;
    let row = house.state(claimed, "in_review").await;
    let id = row.snapshot.context["course"]["application"].as_str().unwrap();
    sandbox.post(&format!("aws/benefit-applications/{id}/decide"), json!({ "decision": "approve" })).await;
    let row = house.state(claimed, "paid").await;
    assert_eq!(row.snapshot.context["course"]["standing"]["used"], json!({ "minor": 150_000, "currency": "USD" }));
    server.stop().await;
    house.verify().await;
}

/// One who may see funds and no applications, and one who may see applications of another legal entity alone.
const OUTSIDERS: &str = "
  - { id: vera, name: Vera Holm, email: vera@acme.example, roles: [claim_validator], zone: UTC }
  - { id: dee, name: Dee Marsh, email: dee@acme.example, roles: [fund_manager], zone: UTC, legal_entities: [acme-de] }
";

#[tokio::test(flavor = "multi_thread")]
async fn applications_are_shown_to_nobody_else_and_what_they_draw_on_is_drawn_on_once() {
    let sandbox = Sandbox::at_rate("60").await;
    let house = connected(&sandbox, NO_POLLING).await;
    let people = house.path("people.yaml");
    let known = std::fs::read_to_string(&people).unwrap();
    std::fs::write(&people, format!("{}{OUTSIDERS}", known.trim_end())).unwrap();
    let server = house.serve().await;
    let listed = house.command("ada", &["funding", "allocations", "aws/acme-us", "--json"]).await;
    let listed: Value = serde_json::from_str(&listed).unwrap();
    let mut asked = paper(&sandbox, "Breakfast").await;
    asked["benefit"] = json!("ben-mdfcash0000001");
    asked["kind"] = json!("cash");
    asked["draws_on"] = listed[0]["reference"].clone();
    let amount = |mut paper: Value, minor: i64, text: &str| {
        paper["amount"]["minor"] = json!(minor);
        paper["details"]["RequestedAmount"]["Amount"] = json!(text);
        paper
    };

    // Entered first and submitted last: by then the marketplace reviews another one for most of the wallet.
    let write = |name: &str, paper: &Value| {
        let file = house.path(name);
        std::fs::write(&file, paper.to_string()).unwrap();
        file.to_str().unwrap().to_owned()
    };
    let draft = write("draft.json", &amount(asked.clone(), 500_000, "5000.00"));
    let first = house.command("ada", &["funding", "create", &draft, "--key", "first", "--wait", "60s"]).await;
    let first = first.trim();
    let second = entered(&house, "second", &amount(asked.clone(), 1_500_000, "15000.00")).await;
    agree(&house, second, &["fay"]).await;
    let row = house.state(second, "in_review").await;
    let larger = write("larger.json", &amount(asked.clone(), 500_001, "5000.01"));
    house.command("ada", &["funding", "revise", first, &larger, "--wait", "60s"]).await;
    house.command("ada", &["funding", "submit", first, "--wait", "60s"]).await;
    let rows = house.runs().await;
    let run = rows.iter().find(|row| row.snapshot.label == first).unwrap().snapshot.run;
    let refused = house.state(run, "returned").await;
    assert_eq!(refused.snapshot.context["refusal"]["field"], "/amount", "{:#}", refused.snapshot.context);

    let second = row.snapshot.label.as_str();
    for args in [["funding", "show", second], ["funding", "history", second], ["funding", "allocations", "aws/acme-us"]]
    {
        house.command("fay", &args).await;
        for outsider in ["vera", "dee"] {
            let answer = house.run_command(outsider, &args).await;
            let said = String::from_utf8_lossy(&answer.stdout);
            assert!(!answer.status.success() && said.is_empty(), "{outsider} {args:?}: {said}");
        }
    }
    assert!(!house.run_command("vera", &["funding", "list"]).await.status.success());
    let listed = house.command("dee", &["funding", "list", "--json"]).await;
    assert_eq!(serde_json::from_str::<Value>(&listed).unwrap(), json!([]));
    server.stop().await;
}
