//! What is granted is amended: with people's consent or without, before the activity, and never beyond the fund.

use entente_core::{
    context::funding::{AmendmentOutcome, ClaimPaper, RequestCourse, RequestPaper},
    ledger::Account,
};
use serde_json::{Value, json};

use crate::{
    papers,
    vendor::{Started, Vendor, accepted, refused},
};

const FUND: &str = "agile";

/// A vendor whose fund has so much, with the rules on changes.
async fn open(amount: &str) -> (Vendor, Vec<crate::house::server::Server>) {
    let vendor = Vendor::new().await;
    let crew = vendor.crew(3).await;
    vendor.partner("nordlicht", &[]).await;
    let changes = [("emea-2027-h1", FUND), ("starter@1", "agile@1"), ("\"20000.00 EUR\"", amount)];
    vendor.fund(&papers::fund(&changes)).await;
    vendor.pass_days(6).await;
    (vendor, crew)
}

/// The request of the examples, so often for another activity.
fn paper(number: usize, changes: papers::Changes<'_>) -> String {
    let own: [(&str, &str); 2] = [("emea-2027-h1", FUND), ("hamburg-breakfast", &format!("event-{number}"))];
    papers::request(&[&own[..], changes].concat())
}

/// The same for so many euros of cost, of which half is asked for.
fn worth(number: usize, room: u32) -> String {
    let (cost, half) = (room + 1000, (room + 1000) / 2);
    paper(
        number,
        &[
            ("amount: \"2000.00 EUR\"", &format!("amount: \"{half}.00 EUR\"")),
            ("amount: \"3000.00 EUR\"", &format!("amount: \"{room}.00 EUR\"")),
            ("cost: \"4000.00 EUR\"", &format!("cost: \"{cost}.00 EUR\"")),
        ],
    )
}

/// A claim of so much on a request, which is not the last one.
fn claim(request: &Started, number: usize, amount: &str) -> String {
    let changes: [(&str, &str); 2] =
        [("closing: true", "closing: false"), ("amount: \"2000.00 EUR\"", &format!("amount: \"{amount} EUR\""))];
    papers::claim(&request.label, number, &changes)
}

fn data(text: &str) -> Value {
    let paper: RequestPaper = entente_core::context::funding::load("paper", text).unwrap();
    json!({ "paper": paper, "reason": "more people come" })
}

async fn propose(vendor: &Vendor, request: &Started, text: &str) {
    accepted(vendor.ask(vendor.actor("pia"), request.run, "amend", data(text)).await);
}

/// Waits until so many changes are decided; what became of the request.
async fn decided(vendor: &Vendor, request: &Started, count: usize) -> RequestCourse {
    let there = |row: &entente_store::RunRow| {
        let decided = row.snapshot.context["course"]["amendments"].as_array().map_or(0, Vec::len);
        row.snapshot.state == "granted" && decided == count
    };
    vendor.until(request.run, &format!("{count} changes are decided"), there).await;
    vendor.sheet::<RequestPaper>(request.run).await.course
}

fn last(course: &RequestCourse) -> AmendmentOutcome {
    course.amendments.last().unwrap().outcome
}

async fn money(vendor: &Vendor) -> [i64; 3] {
    let mut stands = [0; 3];
    for (at, account) in [Account::Reserved, Account::Posted, Account::Free].into_iter().enumerate() {
        stands[at] = vendor.stands(FUND, account, None).await;
    }
    stands
}

#[tokio::test(flavor = "multi_thread")]
async fn more_is_held_once_people_agree_less_is_free_at_once_and_what_the_fund_lacks_is_refused() {
    let (vendor, _crew) = open("\"3000.00 EUR\"").await;
    let request = vendor.granted(&[("pia", worth(1, 3000))]).await.remove(0);
    assert_eq!(money(&vendor).await, [200_000, 0, 100_000]);

    // 25 % more cost: people agree anew, and what was granted stands until they have.
    propose(&vendor, &request, &worth(1, 4000)).await;
    let row = vendor.asks(request.run).await;
    let roles = row.snapshot.approvals.as_ref().unwrap().requirements.iter().map(|one| one.role.to_string());
    assert_eq!(roles.collect::<Vec<_>>(), ["fund_manager", "finance_approver"]);
    let course = vendor.sheet::<RequestPaper>(request.run).await.course;
    assert_eq!((course.granted.unwrap().minor, money(&vendor).await), (200_000, [200_000, 0, 100_000]));
    refused(vendor.vote("mia", request.run).await);
    vendor.agree(std::slice::from_ref(&request), &["fay", "finn"]).await;
    let course = decided(&vendor, &request, 1).await;
    assert_eq!((last(&course), course.granted.unwrap().minor), (AmendmentOutcome::InForce, 250_000));
    assert_eq!(money(&vendor).await, [250_000, 0, 50_000]);
    let voters: Vec<&str> = course.agreed.iter().map(|vote| vote.person.as_str()).collect();
    assert_eq!(voters, ["fay", "finn"]);

    // The fund has 500.00 and 1,500.00 are needed: everything stays, whoever agreed.
    propose(&vendor, &request, &worth(1, 7000)).await;
    vendor.agree(std::slice::from_ref(&request), &["fay", "finn"]).await;
    let course = decided(&vendor, &request, 2).await;
    assert_eq!((last(&course), course.granted.unwrap().minor), (AmendmentOutcome::Refused, 250_000));
    let why = course.amendments[1].why.clone().unwrap();
    assert!(why.contains("EUR 500.00 free and EUR 1,500.00 is asked for"), "{why}");
    assert_eq!(money(&vendor).await, [250_000, 0, 50_000]);

    // 4 % less: nobody is asked.
    propose(&vendor, &request, &worth(1, 3800)).await;
    let course = decided(&vendor, &request, 3).await;
    assert_eq!((last(&course), course.granted.unwrap().minor), (AmendmentOutcome::InForce, 240_000));
    assert!(!course.amendments[2].material);
    assert_eq!(money(&vendor).await, [240_000, 0, 60_000]);
    assert_eq!(course.planned.unwrap().amount.minor, 200_000, "what was planned at first is kept");
    vendor.verify().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn of_two_requests_that_ask_for_the_last_of_a_fund_one_has_it_and_the_other_a_conflict() {
    let (vendor, _crew) = open("\"5000.00 EUR\"").await;
    let requests = vendor.granted(&[("pia", worth(1, 3000)), ("pia", worth(2, 3000))]).await;
    for (at, request) in requests.iter().enumerate() {
        propose(&vendor, request, &worth(at + 1, 5000)).await;
    }
    let mut votes = Vec::new();
    for request in &requests {
        let row = vendor.asks(request.run).await;
        for person in ["fay", "finn"] {
            votes.push(vendor.vote_message(vendor.actor(person), &row).await);
        }
    }
    vendor.append_at_once(votes).await;
    let mut outcomes = Vec::new();
    for request in &requests {
        outcomes.push(last(&decided(&vendor, request, 1).await));
    }
    outcomes.sort_by_key(|outcome| outcome.words());
    assert_eq!(outcomes, [AmendmentOutcome::InForce, AmendmentOutcome::Refused]);
    assert_eq!(money(&vendor).await, [500_000, 0, 0]);
    vendor.verify().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn claims_go_on_by_what_is_in_force_and_say_under_which_version() {
    let (vendor, _crew) = open("\"3000.00 EUR\"").await;
    let request = vendor.granted(&[("pia", worth(1, 3000))]).await.remove(0);
    propose(&vendor, &request, &paper(1, &[("place: Hamburg", "place: Kiel")])).await;
    vendor.asks(request.run).await;
    vendor.pass_days(20).await;

    // The activity took place as it was granted, while nobody had decided on another place.
    let first = claim(&request, 1, "1500.00");
    let owed = vendor.owed(&[("pia", first)]).await.remove(0);
    let told = |row: &entente_store::RunRow| row.snapshot.context["course"]["claimed"]["minor"] == 150_000;
    vendor.until(request.run, "its claim is known", told).await;
    assert_eq!(vendor.sheet::<ClaimPaper>(owed.run).await.course.approved.unwrap().minor, 150_000);
    let sheet = vendor.sheet::<RequestPaper>(request.run).await;
    assert_eq!((sheet.paper.activity.place.as_str(), sheet.course.claimed_under.len()), ("Hamburg", 0));

    // What claims have taken is not taken back from them, and an activity that has begun is not another one.
    accepted(vendor.ask(vendor.actor("pia"), request.run, "keep", json!({ "reason": "it was in Hamburg" })).await);
    vendor.state(request.run, "granted").await;
    refused(vendor.ask(vendor.actor("pia"), request.run, "amend", data(&worth(1, 1800))).await);
    for changes in [[("place: Hamburg", "place: Kiel")], [("2027-03-20", "2027-06-20")]] {
        let before = vendor.sheet::<RequestPaper>(request.run).await.course.amendments.len();
        let count = if before == 0 { 2 } else { before + 1 };
        propose(&vendor, &request, &paper(1, &changes)).await;
        let course = decided(&vendor, &request, count).await;
        let why = course.amendments.last().unwrap().why.clone().unwrap();
        assert!(why.contains("Q7") && why.contains("the activity began on 2027-03-20"), "{why}");
        assert_eq!(last(&course), AmendmentOutcome::Refused);
    }
    assert_eq!(vendor.sheet::<RequestPaper>(request.run).await.course.amendments[0].outcome, AmendmentOutcome::Kept);

    // Less cost than 10 % is another matter: the rest of it is free at once.
    propose(&vendor, &request, &worth(1, 2800)).await;
    let course = decided(&vendor, &request, 4).await;
    assert_eq!((last(&course), course.granted.unwrap().minor), (AmendmentOutcome::InForce, 190_000));
    assert_eq!(money(&vendor).await[0], 40_000);
    let rest = vendor.owed(&[("pia", claim(&request, 2, "400.00"))]).await.remove(0);
    vendor.state(request.run, "completed").await;
    let under = vendor.sheet::<RequestPaper>(request.run).await.course.claimed_under;
    assert_eq!(under.into_iter().collect::<Vec<_>>(), [(rest.label, 2)]);
    assert_eq!(money(&vendor).await[0], 0);
    vendor.verify().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_last_day_for_claims_is_put_off_once_with_everybodys_consent() {
    let (vendor, _crew) = open("\"3000.00 EUR\"").await;
    let request = vendor.granted(&[("pia", worth(1, 3000))]).await.remove(0);
    let before = vendor.sheet::<RequestPaper>(request.run).await.course.claim_by.unwrap();
    let extend = async |until: &str| {
        let words = ["request", "extend", &request.label, "--until", until, "--reason", "the invoice is late"];
        vendor.run("pia", &[&words[..], &["--wait", "30s"]].concat()).await.ok()
    };
    extend("2027-03-31").await;
    let course = decided(&vendor, &request, 1).await;
    assert!(course.amendments[0].why.as_ref().unwrap().contains("is not after the last day"), "{course:?}");

    extend("2027-10-31").await;
    vendor.agree(std::slice::from_ref(&request), &["fay", "finn"]).await;
    let course = decided(&vendor, &request, 2).await;
    let claim_by = course.claim_by.unwrap();
    assert_eq!(claim_by.to_string(), "2027-11-01T00:00:00Z");
    assert!(before < claim_by);
    assert_eq!((course.extensions.len(), course.granted.unwrap().minor), (1, 200_000));

    extend("2027-12-31").await;
    let course = decided(&vendor, &request, 3).await;
    assert!(course.amendments[2].why.as_ref().unwrap().contains("C9 allows no more"), "{course:?}");
    assert_eq!(course.claim_by, Some(claim_by));
    let shown = vendor.run("pia", &["request", "show", &request.label]).await.ok();
    assert!(shown.contains("last day for claims: 2027-10-31") && shown.contains("in force"), "{shown}");
    vendor.verify().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_command_says_before_what_a_change_brings_and_refuses_what_cannot_be() {
    let (vendor, _crew) = open("\"3000.00 EUR\"").await;
    let request = vendor.granted(&[("pia", worth(1, 3000))]).await.remove(0);
    let seq = vendor.row(request.run).await.snapshot.seq;
    let file = vendor.write("larger.yaml", &worth(1, 4000));
    let amend = async |person: &str, file: &str, more: &[&str]| {
        let words = ["request", "amend", &request.label, file, "--reason", "more people come"];
        vendor.run(person, &[&words[..], more].concat()).await
    };
    let told = amend("pia", &file, &["--dry-run", "--json"]).await.json();
    assert_eq!((&told["material"], &told["assessment"]["payable"]["minor"]), (&json!(true), &json!(250_000)));
    let fields: Vec<&str> =
        told["changes"].as_array().unwrap().iter().map(|one| one["field"].as_str().unwrap()).collect();
    assert_eq!(fields, ["/amount", "/cost", "/items/0/amount"]);
    assert!(amend("pia", &file, &["--dry-run"]).await.ok().contains("have to agree"));
    assert_eq!(vendor.row(request.run).await.snapshot.seq, seq, "nothing was written");

    let same = vendor.write("same.yaml", &worth(1, 3000));
    amend("pia", &same, &[]).await.refused(5, "would change");
    let other = vendor.write("other.yaml", &worth(2, 3000));
    amend("pia", &other, &[]).await.refused(2, "field `/activity/id`: stays as it was granted");
    amend("ben", &file, &[]).await.refused(3, "does not exist");
    amend("vera", &file, &[]).await.refused(4, "may not ask for funds");

    amend("pia", &file, &["--wait", "30s"]).await.ok();
    vendor.asks(request.run).await;
    amend("pia", &file, &[]).await.refused(5, "is being decided");
    let shown = vendor.run("pia", &["request", "show", &request.label]).await.ok();
    assert!(shown.contains("/cost\tEUR 4,000.00\tEUR 5,000.00"), "{shown}");
    let keep = ["request", "keep", &request.label, "--reason", "they do not come", "--wait", "30s"];
    vendor.run("pia", &keep).await.ok();
    vendor.state(request.run, "granted").await;
    assert_eq!(money(&vendor).await, [200_000, 0, 100_000]);
    vendor.verify().await;
}
