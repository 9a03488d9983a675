//! What becomes of a disputed amount is agreed to by two people who neither disputed nor proposed it; the rest is paid meanwhile.

use entente_core::{
    context::funding::{ClaimPaper, Payable},
    ledger::Account,
};
use serde_json::{Value, json};

use crate::{
    house::server::Server,
    papers,
    vendor::{Started, Vendor, accepted, refused},
};

const FUND: &str = "emea-2027-h1";

/// A second person of finance who can agree to how a dispute is settled, so that flo is left to agree to the payout.
const FRED: &str = "\n  - { id: fred, name: Fred, email: fred@acme.example, roles: [finance_approver], zone: UTC }\n";

/// A vendor with him, a partner and an open fund.
async fn with_fred() -> (Vendor, Vec<Server>) {
    let vendor = Vendor::new().await;
    vendor.write("people.yaml", &format!("{}{FRED}", papers::PEOPLE.trim_end()));
    let crew = vendor.crew(3).await;
    vendor.partner("nordlicht", &[]).await;
    vendor.fund(&papers::fund(&[])).await;
    vendor.pass_days(6).await;
    (vendor, crew)
}

/// A claim of 2,000.00 EUR of which its partner disputes 300.00.
async fn disputed(vendor: &Vendor) -> Started {
    let request = vendor.granted(&[("pia", papers::request(&[]))]).await.remove(0);
    vendor.pass_days(20).await;
    let claim = vendor.owed(&[("pia", papers::claim(&request.label, 1, &[]))]).await.remove(0);
    let dispute = ["claim", "dispute", &claim.label, "--amount", "300.00 EUR", "--reason", "the hall was dark"];
    vendor.run("pia", &dispute).await.ok();
    claim
}

fn settle(claim: &Started) -> [&str; 7] {
    ["claim", "resolve-dispute", &claim.label, "--granted", "100.00 EUR", "--reason", "a third of it"]
}

/// What is held of a claim because it is disputed, and what is owed to its partner.
async fn stands(vendor: &Vendor, claim: &Started) -> (i64, i64) {
    let payable = Payable::ledger_key(&claim.label, &"nordlicht".parse().unwrap());
    let held = vendor.stands(FUND, Account::Posted, Some(&ClaimPaper::ledger_key(&claim.label))).await;
    (held, vendor.stands(FUND, Account::Payable, Some(&payable)).await)
}

/// The kinds of what waits for somebody, and what it says.
async fn waits(vendor: &Vendor, person: &str) -> Vec<(String, String)> {
    let inbox = vendor.run(person, &["inbox", "--json"]).await.json();
    let text = |task: &Value, field: &str| task[field].as_str().unwrap_or_default().to_owned();
    inbox.as_array().unwrap().iter().map(|task| (text(task, "kind"), text(task, "title"))).collect()
}

async fn shown(vendor: &Vendor, person: &str, claim: &Started) -> Value {
    vendor.run(person, &["claim", "show", &claim.label, "--json"]).await.json()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_dispute_is_settled_by_two_other_people_and_booked_once_while_the_rest_is_paid() {
    let (vendor, _crew) = with_fred().await;
    let claim = disputed(&vendor).await;
    assert_eq!(stands(&vendor, &claim).await, (30_000, 170_000));

    // Said before, and then asked: nothing is booked until people have agreed.
    let tried = vendor.run("finn", &[settle(&claim).as_slice(), &["--dry-run", "--json"]].concat()).await;
    assert!(tried.words.contains("EUR 100.00 is owed to `nordlicht`, and EUR 200.00 is free again"), "{tried:?}");
    let foreseen = tried.json()["foreseen"].clone();
    assert_eq!((&foreseen["state"], &foreseen["journals"]), (&json!("dispute_approvals"), &json!([])));
    vendor.run("finn", &settle(&claim)).await.ok();
    vendor.state(claim.run, "dispute_approvals").await;
    assert_eq!(stands(&vendor, &claim).await, (30_000, 170_000));
    assert_ne!(vendor.run("finn", &settle(&claim)).await.code, 0, "people are asked about one proposal at a time");

    // Whoever proposes has no vote, nor have the partner's people, nor does one settle it alone as before.
    refused(vendor.vote("finn", claim.run).await);
    refused(vendor.vote("pia", claim.run).await);
    let alone = json!({ "payee": "nordlicht", "granted": { "minor": 30_000, "currency": "EUR" }, "reason": "all" });
    refused(vendor.ask(vendor.actor("finn"), claim.run, "resolve_dispute", alone).await);

    // Those who have a vote find it in their inboxes; to the one who asked it is no task any more.
    for person in ["vera", "fred"] {
        assert!(waits(&vendor, person).await.iter().any(|(kind, _)| kind == "approval"), "{person}");
    }
    assert!(waits(&vendor, "finn").await.iter().all(|(kind, _)| kind != "dispute"));

    // The partner sees that people are asked, and not what.
    let theirs = shown(&vendor, "pia", &claim).await;
    let course = &theirs["course"];
    assert!(course["disputes"][0]["asked"].is_string() && course["settlement_asked"].is_null(), "{course:#}");
    assert!(!theirs.to_string().contains("a third of it"), "{theirs:#}");

    // What is not disputed is paid meanwhile.
    let run = vendor.sent().await;
    vendor.bank_says(&run, "paid", "2027-04-05").await;
    assert_eq!(stands(&vendor, &claim).await, (30_000, 0));
    assert_eq!(vendor.row(claim.run).await.snapshot.state, "dispute_approvals");

    accepted(vendor.vote("vera", claim.run).await);
    assert_eq!(vendor.row(claim.run).await.snapshot.state, "dispute_approvals", "one alone settles nothing");
    assert_eq!(stands(&vendor, &claim).await, (30_000, 0));
    refused(vendor.vote("vera", claim.run).await);
    let revision = vendor.row(claim.run).await.snapshot.approvals.unwrap().subject.revision;
    vendor.run("fred", &["approve", &claim.label, "--revision", &revision]).await.ok();
    vendor.state(claim.run, "payable").await;
    assert_eq!(stands(&vendor, &claim).await, (0, 10_000));
    assert_eq!(vendor.stands(FUND, Account::Free, None).await, 2_000_000 - 180_000);
    let told = vendor.run("pia", &["claim", "show", &claim.label]).await.ok();
    assert!(told.contains("EUR 100.00: a third of it"), "{told}");
    assert!(!shown(&vendor, "pia", &claim).await.to_string().contains("fred"));

    // Who agreed to that is kept, and does not agree to its payout, whatever his role.
    let run = vendor.payout(&papers::payout(&[])).await;
    let revision = vendor.asks(run.run).await.snapshot.approvals.unwrap().subject.revision;
    let both = format!(
        "`fred` agreed to how a dispute of `{}` was settled, which rule Y1 keeps apart from its payout, and may not vote",
        claim.label
    );
    vendor.run("fred", &["approve", &run.label, "--revision", &revision]).await.refused(4, &both);
    let y1 = vendor.run("finn", &["explain", &claim.label, "Y1", "--json"]).await.json();
    let settled = y1[0]["inputs"].as_array().unwrap().iter().find(|input| input["name"] == "settled a dispute");
    assert_eq!(settled.expect("Y1 tells who settled it")["value"], "fred, vera", "{y1:#}");
    vendor.agree(std::slice::from_ref(&run), &["tess", "flo"]).await;
    vendor.state(run.run, "sent").await;
    vendor.bank_says(&run, "paid", "2027-04-06").await;
    vendor.state(claim.run, "paid").await;
    vendor.verify().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_not_agreed_to_leaves_the_dispute_open_and_its_partner_reads_why() {
    let (vendor, _crew) = Vendor::open().await;
    let claim = disputed(&vendor).await;
    vendor.run("finn", &settle(&claim)).await.ok();
    let revision = vendor.asks(claim.run).await.snapshot.approvals.unwrap().subject.revision;
    let back = ["send-back", &claim.label, "--revision", &revision, "--reason", "the photos show it"];
    vendor.run("vera", &back).await.ok();
    vendor.state(claim.run, "payable").await;
    assert_eq!(stands(&vendor, &claim).await, (30_000, 170_000));

    // It is finance's again, with the reason; the partner reads the reason, and not who said it.
    let (kind, title) = waits(&vendor, "finn").await.remove(0);
    assert!(kind == "dispute" && title.contains("the photos show it"), "{kind} {title}");
    let theirs = vendor.run("pia", &["claim", "show", &claim.label]).await.ok();
    assert!(theirs.contains("open; not agreed to: it was sent back: the photos show it"), "{theirs}");
    assert!(!theirs.contains("vera"), "{theirs}");

    // A vote on what was proposed before is no vote on what is proposed next.
    let more = ["claim", "resolve-dispute", &claim.label, "--granted", "250.00 EUR", "--reason", "most of it"];
    vendor.run("finn", &more).await.ok();
    vendor.state(claim.run, "dispute_approvals").await;
    let old = ["approve", &claim.label, "--revision", &revision];
    vendor.run("flo", &old).await.refused(5, "you looked at");
    vendor.agree(std::slice::from_ref(&claim), &["vera", "flo"]).await;
    vendor.state(claim.run, "payable").await;
    assert_eq!(stands(&vendor, &claim).await, (0, 195_000));
    vendor.verify().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_has_raised_a_dispute_has_no_vote_on_it() {
    let (vendor, _crew) = Vendor::open().await;
    let request = vendor.granted(&[("pia", papers::request(&[]))]).await.remove(0);
    vendor.pass_days(20).await;
    let claim = vendor.owed(&[("pia", papers::claim(&request.label, 1, &[]))]).await.remove(0);
    let part =
        json!({ "payee": "nordlicht", "amount": { "minor": 30_000, "currency": "EUR" }, "reason": "on the phone" });
    accepted(vendor.ask(vendor.actor("flo"), claim.run, "dispute", part).await);
    vendor.run("finn", &settle(&claim)).await.ok();
    vendor.asks(claim.run).await;
    accepted(vendor.vote("vera", claim.run).await);
    refused(vendor.vote("flo", claim.run).await);
    assert_eq!(stands(&vendor, &claim).await, (30_000, 170_000));
    vendor.verify().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_that_is_killed_as_the_last_vote_settles_a_dispute_has_booked_it_whole_or_not_at_all_and_then_once() {
    let (vendor, crew) = Vendor::open().await;
    let claim = disputed(&vendor).await;
    vendor.run("finn", &settle(&claim)).await.ok();
    vendor.asks(claim.run).await;
    accepted(vendor.vote("vera", claim.run).await);
    for process in crew {
        process.kill().await;
    }
    let before = vendor.entries().await.len();
    let last = vendor.vote_message(vendor.actor("flo"), &vendor.row(claim.run).await).await;
    vendor.append(vec![last.clone()]).await;

    // It dies with the commit sent and nobody told: whatever of the vote is there, is there with what it books.
    vendor.start_server("serve", Some("K7:*")).await.died().await;
    let expected = match vendor.row(claim.run).await.snapshot.state.as_str() {
        "dispute_approvals" => (30_000, 170_000),
        _ => (0, 180_000),
    };
    assert_eq!(stands(&vendor, &claim).await, expected);

    // The same vote comes again, as from somebody who was not told, and counts once.
    vendor.append(vec![last.clone()]).await;
    let _server = vendor.start_server("serve", None).await;
    accepted(vendor.verdict(&last.event.id).await);
    vendor.state(claim.run, "payable").await;
    assert_eq!(stands(&vendor, &claim).await, (0, 180_000));
    assert_eq!(vendor.stands(FUND, Account::Free, None).await, 2_000_000 - 180_000);
    // What is granted is owed and what is not is free, each by one movement of two entries.
    assert_eq!(vendor.entries().await.len() - before, 4);
    vendor.verify().await;
}
