//! What the run of a card knows, when it asks, whom, and what it refuses.

use entente_core::{
    commitment::card::Topic,
    context::{
        ApplyFacts, ContextType,
        commitment_card::{CommitmentCard, CommitmentCardContext, load, load_statements},
    },
    event::{Actor, Body, Event, TimerKey},
};
use jiff::Timestamp;
use serde_json::{Value, json};

use super::{tell, values};

/// What runs stored under version 1 look like; runs of years ago still must be read.
const GOLDEN: &str = include_str!("card.v1.json");

const BEGINNING: &str = "2027-02-01T09:00:00Z";

fn begun(name: &str) -> Value {
    CommitmentCardContext.init(&values()[name], "CRD-2027-00001", Timestamp::UNIX_EPOCH).unwrap()
}

fn apply(before: &Value, body: Body, at: &str) -> Value {
    let actor = Actor { person: "mia".parse().unwrap(), roles: Vec::new(), on_behalf_of: None };
    let event = Event { source: "test".into(), id: "1".into(), actor: Some(actor), body };
    let facts = ApplyFacts { now: at.parse().unwrap(), activity: None, seq: 2 };
    CommitmentCardContext.apply(before, &event, &facts)
}

fn told(before: &Value, name: &str, data: Value, at: &str) -> Value {
    apply(before, Body::Named { name: name.into(), data }, at)
}

/// The deadline comes.
fn due(before: &Value, at: &str) -> Value {
    let due = at.parse().unwrap();
    apply(before, Body::Timer { key: TimerKey("asking/card.due".into()), due }, at)
}

fn typed(context: &Value) -> CommitmentCard {
    serde_json::from_value(context.clone()).unwrap()
}

fn deadline(context: &Value) -> Option<String> {
    CommitmentCardContext.deadline("card.due", context).unwrap().map(|at| at.to_string())
}

#[test]
fn contexts_of_version_1_are_read_and_written_as_they_were() {
    let told = tell("two_questions.yaml");
    if std::env::var_os("UPDATE_GOLDEN").is_some() {
        let path = format!("{}/tests/it/commitment_card/card.v1.json", env!("CARGO_MANIFEST_DIR"));
        std::fs::write(path, serde_json::to_string_pretty(&told.snapshot.context).unwrap() + "\n").unwrap();
    }
    let stored: Value = serde_json::from_str(GOLDEN).unwrap();
    assert_eq!(stored, told.snapshot.context);
    assert_eq!(serde_json::to_value(typed(&stored)).unwrap(), stored);
    assert_eq!(CommitmentCardContext.schema().fits(&stored), Ok(()), "conditions find what they look at");
    assert_eq!(CommitmentCardContext.version(), 1, "a new version needs an upcaster and a golden file of its own");
    assert!(CommitmentCardContext.upcast(2, json!({})).unwrap_err().message.contains("no version 2"));
}

#[test]
fn the_first_topic_whose_last_fact_expires_or_is_too_old_is_asked_first() {
    let before = begun("sellers");
    assert_eq!(deadline(&before).as_deref(), Some("2027-07-15T00:00:00Z"), "heard half a year ago");
    let asking = due(&before, "2027-07-15T00:00:00Z");
    assert_eq!(typed(&asking).asking, [Topic::Ends].into());
    assert_eq!(deadline(&asking).as_deref(), Some("2028-01-01T00:00:00Z"), "the amount has expired");
    let both = due(&asking, "2028-01-01T00:00:00Z");
    assert_eq!(typed(&both).asking, [Topic::Amount, Topic::Ends].into());
    assert_eq!(deadline(&both).as_deref(), Some("2029-01-01T00:00:00Z"), "the cloud has expired");
    assert_eq!(deadline(&due(&both, "2029-01-01T00:00:00Z")), None, "everything is being asked");
}

#[test]
fn the_task_is_of_whoever_asks_what_has_waited_longest_and_all_owners_are_told() {
    let both = due(&begun("sellers"), "2028-01-01T00:00:00Z");
    let now = "2028-01-01T00:00:00Z".parse().unwrap();
    let task = CommitmentCardContext.task("ask_again", &both, now).unwrap();
    assert_eq!(task.title, "ask again about the end and the amount of `edp-2027` of globex");
    assert_eq!((task.role.as_str(), task.assignee.unwrap().as_str()), ("alliance_manager", "max"));
    assert_eq!(task.due.unwrap().to_string(), "2028-01-15T00:00:00Z");
    assert_eq!(task.detail["topics"], json!(["ends", "amount"]));
    assert_eq!(CommitmentCardContext.notice("card_asks", &both)["tell"], json!(["max", "mia"]));
    let buyers = due(&begun("buyers"), "2028-01-01T00:00:00Z");
    let task = CommitmentCardContext.task("ask_again", &buyers, now).unwrap();
    assert_eq!((task.role.as_str(), task.assignee.unwrap().as_str()), ("buyer_user", "ben"));
    let nothing = CommitmentCardContext.task("ask_again", &begun("sellers"), now).unwrap_err();
    assert!(nothing.to_string().contains("nothing is being asked"), "{nothing}");
}

#[test]
fn a_new_fact_or_that_nobody_knows_answers_and_something_new_is_asked_about_again() {
    let asking = due(&begun("sellers"), "2027-07-15T00:00:00Z");
    let new = told(&asking, "say", json!({ "facts": [values()["the_end"]] }), "2027-07-20T09:00:00Z");
    assert_eq!((typed(&new).asking.len(), typed(&new).facts.len()), (0, 4));
    assert_eq!(told(&new, "say", json!({ "facts": [values()["the_end"]] }), "2027-07-20T09:00:00Z"), new, "once");
    let unknown = told(&asking, "nobody_knows", json!({ "topic": "ends" }), "2027-07-20T09:00:00Z");
    assert_eq!(typed(&unknown).asking.len(), 0);
    assert_eq!(typed(&unknown).unknown[&Topic::Ends].by.as_ref().unwrap().as_str(), "mia");
    assert_eq!(deadline(&unknown).as_deref(), Some("2028-01-01T00:00:00Z"), "the end is left alone");
    let later = told(&unknown, "say", json!({ "facts": [values()["the_end"]] }), "2027-07-21T09:00:00Z");
    assert!(typed(&later).unknown.is_empty());
}

#[test]
fn an_old_answer_does_not_answer() {
    let asking = due(&begun("sellers"), "2028-01-01T00:00:00Z");
    let mut old = values()["the_amount"].clone();
    old["as_of"] = json!("2026-01-01");
    let still = told(&asking, "say", json!({ "facts": [old] }), "2028-01-02T09:00:00Z");
    assert!(typed(&still).asking.contains(&Topic::Amount));
}

#[test]
fn what_may_no_longer_be_used_is_neither_shown_nor_asked_for_and_stays_in_the_run() {
    let asking = due(&begun("sellers"), "2027-07-15T00:00:00Z");
    let fact = values()["sellers"]["facts"][2]["fact"].clone();
    let after = told(&asking, "withdraw_consent", json!({ "fact": fact }), "2027-07-15T09:00:00Z");
    let card = typed(&after);
    assert_eq!((card.asking.len(), card.facts.len()), (0, 3));
    let mut read = Vec::new();
    let shown = card.card(
        |hash| {
            assert_ne!(json!(hash), fact);
            None
        },
        false,
    );
    read.extend(shown.facts);
    assert!(read.is_empty(), "without its statement a fact is not made up");
    let unknown = told(&after, "withdraw_consent", json!({ "fact": "0".repeat(64) }), BEGINNING);
    assert_eq!(unknown, after, "a fact that is not there");
}

#[test]
fn only_a_buyers_card_shares() {
    for (side, shares) in [("buyers", true), ("sellers", false)] {
        let after = told(&begun(side), "share", Value::Null, BEGINNING);
        assert_eq!(typed(&after).shares_daily_sums, shares, "{side}");
        let stopped = told(&after, "stop_sharing", Value::Null, BEGINNING);
        assert!(!typed(&stopped).shares_daily_sums, "{side}");
    }
}

#[test]
fn bad_events_name_the_field_and_change_nothing() {
    let good = &values()["the_end"];
    let with = |field: &str, value: Value| {
        let mut told = good.clone();
        told[field] = value;
        json!({ "facts": [told] })
    };
    let before = begun("sellers");
    for (event, data, field) in [
        ("say", json!({ "facts": [] }), "/facts"),
        ("say", with("fact", json!("globex commits 5 million")), "/facts/0/fact"),
        ("say", with("expires", json!("2027-01-01")), "/facts/0/expires"),
        ("say", with("consent", json!("withdrawn")), "/facts/0/consent"),
        ("say", with("topic", json!("weather")), "/facts/0/topic"),
        ("withdraw_consent", json!({ "fact": "a1" }), "/fact"),
        ("nobody_knows", json!({ "topic": "weather" }), "/topic"),
    ] {
        let error = CommitmentCardContext.check(event, &data).unwrap_err();
        assert_eq!(error.field, field, "{event}: {error}");
        assert_eq!(told(&before, event, data, BEGINNING), before, "{event} {field}");
    }
    for (event, data) in [
        ("say", with("told_by", json!("bob"))),
        ("share", json!({ "with": "everybody" })),
        ("close", json!({ "reason": "they said five million" })),
        ("note", json!({ "text": "they said five million" })),
    ] {
        assert!(CommitmentCardContext.check(event, &data).is_err(), "a history has no words for {event} {data}");
    }
}

#[test]
fn a_card_begins_with_the_cloud_the_amount_and_the_end() {
    let error = CommitmentCardContext.init(&values()["incomplete"], "X", Timestamp::UNIX_EPOCH).unwrap_err();
    assert_eq!(error.field, "/facts");
    assert!(error.message.contains("do not say the amount or the end"), "{error}");
}

const PAPER: &str = "
buyer: globex
commitment: edp-2027
legal_entity: acme-us
facts:
  - says: { cloud: aws }
    told_by: Bob of procurement
    source: call
    as_of: 2027-01-15
    confidence: told
    consent: given
    expires: 2027-12-31
    ask_again: mia
";

#[test]
fn a_document_names_file_line_and_field() {
    let fact = PAPER.split("facts:\n").nth(1).unwrap();
    let more = |says: &str| fact.replace("{ cloud: aws }", says);
    let amount = more("{ amount: { band: { least: '1000000', most: '2000000' }, currency: USD } }");
    let whole = format!("{PAPER}{amount}{}", more("{ ends: 2028-12-31 }"));
    assert_eq!(load("card.yaml", &whole).unwrap().facts.len(), 3);
    assert_eq!(load_statements("facts.yaml", fact).unwrap().len(), 1);
    for (text, wanted) in [
        (PAPER.to_owned(), "do not say the amount or the end"),
        (whole.replace("told_by: Bob of procurement", "told_by: ''"), "told_by"),
        (whole.replace("consent: given", "consent: withdrawn"), "leave the fact out"),
        (whole.replace("expires: 2027-12-31", "expires: 2026-12-31"), "lies before"),
        (whole.replace("least: '1000000'", "least: '3000000'"), "more than `most`"),
        (whole.replace("buyer: globex", "customer: globex"), "customer"),
    ] {
        let error = load("card.yaml", &text).unwrap_err().to_string();
        assert!(error.contains(wanted) && error.starts_with("card.yaml:"), "{error}");
    }
    assert!(load_statements("facts.yaml", "[]").unwrap_err().to_string().contains("says nothing"));
}
