//! Four eyes: nobody approves what he asked for, wrote or revised, in whichever role and in whoever's name.

use std::collections::BTreeSet;

use entente_core::{
    calendar::Calendars,
    context::{ApplyFacts, ContextType, private_offer::PrivateOfferContext},
    event::{Actor, Body, Event},
    ids::PersonId,
    people::People,
    policy::{
        Ballot, Policy, VoteRefused,
        approvals::{Round, Subject, Verdict},
    },
};
use jiff::Timestamp;
use serde_json::{Value, json};

use crate::{
    journey::{POLICY, home},
    people::people,
    policy::{now, policy, subject},
    private_offer::values,
};

fn person(id: &str) -> PersonId {
    id.parse().unwrap()
}

fn persons(ids: &[&str]) -> BTreeSet<PersonId> {
    ids.iter().map(|id| person(id)).collect()
}

/// What ada asks for and these have written, worth 60.00 EUR: a desk of one and a finance of two must agree.
fn written_by(authors: &[&str]) -> Subject {
    let facts = json!({ "value_minor": 6000, "currency": "EUR" });
    Subject { authors: persons(authors), ..subject(facts) }
}

fn round(subject: Subject) -> Round {
    let policy = policy(POLICY);
    let requirements = policy.evaluate(&subject, &Calendars::default(), &home(), now()).unwrap();
    Round::open(&policy, subject, requirements, now())
}

fn ballot(who: &str, role: &str, on_behalf_of: Option<&str>) -> Ballot {
    Ballot {
        person: person(who),
        roles: vec![role.parse().unwrap()],
        on_behalf_of: on_behalf_of.map(person),
        row: None,
        verdict: Verdict::Approve,
        reason: String::new(),
        revision: "rev-1".into(),
        at: now(),
    }
}

fn says(round: &mut Round, who: &str, role: &str, on_behalf_of: Option<&str>) -> Result<(), VoteRefused> {
    round.vote(&policy(POLICY), ballot(who, role, on_behalf_of)).map(drop)
}

#[test]
fn an_author_is_refused_whatever_name_or_role_he_uses() {
    let mut round = round(written_by(&["ada", "bob", "gus"]));
    let author = |who: &str| Err(VoteRefused::Author { person: person(who) });
    assert_eq!(says(&mut round, "bob", "desk", None), author("bob"), "in his own name");
    assert_eq!(says(&mut round, "bob", "desk", Some("dee")), author("bob"), "as somebody's delegate");
    assert_eq!(says(&mut round, "dee", "desk", Some("bob")), author("bob"), "through a delegate of his");
    assert_eq!(says(&mut round, "bob", "finance", None), author("bob"), "with another role");
    round.escalate("desk").unwrap();
    assert_eq!(says(&mut round, "gus", "head", None), author("gus"), "as the one whom it was escalated to");
    assert_eq!(says(&mut round, "ada", "desk", None), Err(VoteRefused::Requester { person: person("ada") }));
    assert!(round.votes.is_empty());
    assert_eq!(says(&mut round, "dee", "desk", None), Ok(()), "somebody without a hand in it may");
}

#[test]
fn the_refusal_says_why_and_whom_to_ask() {
    let refused = says(&mut round(written_by(&["bob"])), "bob", "desk", None).unwrap_err();
    assert_eq!(
        refused.to_string(),
        "`bob` wrote or revised what is to be approved and may not vote on it, nor may anyone on behalf of `bob`; ask somebody who did not"
    );
}

#[test]
fn a_vote_is_void_once_its_author_revises_what_he_agreed_to() {
    let policy = policy(POLICY);
    let mut round = round(written_by(&["ada"]));
    says(&mut round, "bob", "desk", None).unwrap();
    says(&mut round, "cy", "finance", Some("dee")).unwrap();
    // Nothing that the votes bind to changes, and ada still asks.
    let next = Subject { revision: "rev-2".into(), ..written_by(&["ada", "bob", "dee"]) };
    let requirements = round.requirements.clone();
    let rebased = round.rebase(&policy, next, requirements);
    assert_eq!(round.votes.iter().map(|vote| vote.void).collect::<Vec<_>>(), [true, true]);
    assert_eq!(rebased.reopened, ["desk", "finance"]);
}

const HOUSE: &str = r#"
persons:
  - { id: ada, name: Ada, email: ada@example.com, roles: [desk], zone: UTC }
  - { id: bob, name: Bob, email: bob@example.com, roles: [desk, finance], zone: UTC }
  - { id: cy, name: Cy, email: cy@example.com, roles: [finance], zone: UTC }
  - { id: dee, name: Dee, email: dee@example.com, roles: [finance], limits: { finance: { EUR: 6000 } }, zone: UTC }
  - { id: eve, name: Eve, email: eve@example.com, roles: [finance], limits: { finance: { EUR: 5999 } }, zone: UTC }
  - { id: fay, name: Fay, email: fay@example.com, roles: [finance], legal_entities: [acme-us], zone: UTC }
  - { id: gus, name: Gus, email: gus@example.com, roles: [head], zone: UTC }
"#;

fn candidates(round: &Round, people: &People, row: &str) -> Vec<String> {
    let requirement = round.requirements.iter().find(|requirement| requirement.row == row).unwrap();
    let (policy, entity) = (policy(POLICY), home().legal_entity);
    round.candidates(&policy, people, &entity, requirement).map(|person| person.id.to_string()).collect()
}

fn obstacles(round: &Round, people: &People) -> Vec<String> {
    round.obstacles(&policy(POLICY), people, &home().legal_entity).iter().map(ToString::to_string).collect()
}

#[test]
fn who_could_still_vote_leaves_out_authors_those_who_have_spoken_and_those_without_authority() {
    let people = people(HOUSE);
    let mut round = round(written_by(&["ada"]));
    assert_eq!(candidates(&round, &people, "desk"), ["bob", "gus"], "gus once it is escalated");
    assert_eq!(
        candidates(&round, &people, "finance"),
        ["bob", "cy", "dee"],
        "eve may not decide so much, fay works elsewhere"
    );
    says(&mut round, "cy", "finance", None).unwrap();
    assert_eq!(candidates(&round, &people, "finance"), ["bob", "dee"]);
    assert!(obstacles(&round, &people).is_empty());
}

#[test]
fn a_round_that_only_its_authors_could_settle_is_found() {
    let people = people(HOUSE);
    let mut round = round(written_by(&["ada", "bob", "dee", "gus"]));
    let barred = "`ada` and `bob` and `dee` and `gus`, who have a hand in it; give the role to another person";
    assert_eq!(
        obstacles(&round, &people),
        [
            format!("row `desk` can never be approved: it needs 1 more of `desk` or `head` and has 0 besides {barred}"),
            format!("row `finance` can never be approved: it needs 2 more of `finance` and has 1 besides {barred}"),
        ]
    );
    says(&mut round, "cy", "finance", None).unwrap();
    assert!(
        obstacles(&round, &people)[1].contains("needs 1 more of `finance` and has 0"),
        "a vote given is not asked again"
    );
    round.subject.authors = persons(&["ada", "bob"]);
    assert!(obstacles(&round, &people).is_empty(), "the head may vote once it is escalated");
}

#[test]
fn whoever_had_a_hand_in_what_it_rests_on_is_told_what_he_did() {
    let mut subject = written_by(&["bob"]);
    subject.hands.insert(person("bob"), "agreed to the money of `CLM-2027-00007`".into());
    let refused = says(&mut round(subject), "bob", "desk", None).unwrap_err();
    assert_eq!(
        refused.to_string(),
        "`bob` agreed to the money of `CLM-2027-00007` and may not vote on this, nor may anyone on behalf of `bob`; ask somebody who has no hand in it"
    );
}

#[test]
fn rows_that_need_different_people_and_have_too_few_of_them_together_are_found() {
    let people = people(HOUSE);
    let apart = policy(&POLICY.replacen("rows:", "distinct_people: true\nrows:", 1));
    let stuck = |round: &Round, policy: &Policy| -> Vec<String> {
        round.obstacles(policy, &people, &home().legal_entity).iter().map(ToString::to_string).collect()
    };
    // Bob could speak for the desk or for finance, which needs two: with cy there are two people for three voices.
    let mut alone = written_by(&["ada", "dee", "gus"]);
    alone.hands.insert(person("dee"), "wrote it".into());
    let round = round(alone);
    assert!(stuck(&round, &policy(POLICY)).is_empty(), "each row alone has enough");
    let found = stuck(&round, &apart);
    assert_eq!(found.len(), 2, "{found:?}");
    let says = "need 3 different people, and only `bob` and `cy` could still vote besides `ada` and `dee` (wrote it) and `gus`";
    assert!(found[0].contains(says), "{found:?}");
}

fn event(who: &str, on_behalf_of: Option<&str>, body: Body) -> Event {
    let actor = Actor { person: person(who), roles: Vec::new(), on_behalf_of: on_behalf_of.map(person) };
    Event { source: "test".into(), id: "1".into(), actor: Some(actor), body }
}

#[test]
fn everybody_with_a_hand_in_a_private_offer_is_an_author_of_what_is_to_be_approved() {
    let values = values();
    let named = |name: &str, data: Value| Body::Named { name: name.into(), data };
    let tell = |context: &Value, event: &Event| {
        PrivateOfferContext.apply(context, event, &ApplyFacts { now: Timestamp::UNIX_EPOCH, activity: None, seq: 1 })
    };
    let authors = |context: &Value| PrivateOfferContext.subject(context).unwrap().authors;
    let blank = PrivateOfferContext.init(&values["steep"], "OFR-1", Timestamp::UNIX_EPOCH).unwrap();
    let drafted = tell(&blank, &event("cy", None, Body::Started { input: values["steep"].clone() }));
    let submitted = tell(&drafted, &event("ada", None, named("submit", json!({ "facts": values["steep_facts"] }))));
    assert_eq!(authors(&submitted), persons(&["ada", "cy"]), "who wrote the draft, and who submitted it");
    let data = json!({ "offer": values["steep_relicensed"], "facts": values["steep_relicensed_facts"] });
    let revised = tell(&submitted, &event("bob", Some("dee"), named("revise", data.clone())));
    assert_eq!(authors(&revised), persons(&["ada", "bob", "cy", "dee"]), "who revised it, and in whose name");
    let again = json!({ "facts": values["steep_relicensed_facts"] });
    let resubmitted = tell(&revised, &event("ada", None, named("submit", again)));
    assert_eq!(authors(&resubmitted), persons(&["ada", "bob", "cy", "dee"]), "a new submission forgets nobody");
    let noted = tell(&resubmitted, &event("eve", None, named("note", json!({ "text": "call Hank" }))));
    assert_eq!(authors(&noted), authors(&resubmitted), "a note is no hand in the document");
    let mut broken = data;
    broken["offer"] = json!({ "nonsense": 1 });
    let refused = tell(&noted, &event("eve", None, named("revise", broken)));
    assert_eq!(authors(&refused), authors(&noted), "a document that cannot be read changes nothing");
}
