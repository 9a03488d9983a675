//! Nobody publishes a deal without its approvals. The votes are counted once more here, from history alone and without
//! the policy engine: who may vote, who has a hand in it, what a vote was about, and what has changed since.

use std::collections::{BTreeMap, BTreeSet};

use entente_core::{
    chart::step::VOTE,
    event::{Actor, Body},
    ids::RunId,
    run::Record,
};
use serde_json::Value;

use super::Broken;
use crate::{
    deal::{COSTLY, Content, PUBLISHING, STANDARD},
    staff,
};

/// The deals as history tells them.
#[derive(Default)]
pub(super) struct Deals(BTreeMap<RunId, Deal>);

#[derive(Default)]
struct Deal {
    content: Content,
    barred: BTreeSet<String>,
    votes: Vec<Agreed>,
}

/// An agreement that counts until the deal changes.
struct Agreed {
    role: &'static str,
    voices: BTreeSet<String>,
    content: Content,
}

/// What is agreed to is the terms for lawyers, the price for everybody else.
fn same(role: &str, left: &Content, right: &Content) -> bool {
    if role == "legal" { left.terms == right.terms } else { left.price == right.price }
}

impl Deals {
    /// Follows a step; the revision that it publishes, if it does.
    pub(super) fn follow(&mut self, run: RunId, label: &str, record: &Record) -> Result<Option<String>, Broken> {
        let deal = self.0.entry(run).or_default();
        let event = &record.event;
        match (&event.body, &event.actor) {
            (Body::Started { input }, Some(actor)) => deal.changed(input, actor),
            (Body::Named { name, data }, Some(actor)) if name == "revise" => deal.changed(data, actor),
            (Body::Named { name, .. }, Some(actor)) if name == "submit" => deal.changed(&Value::Null, actor),
            (Body::Named { name, data }, Some(actor)) if name == VOTE => deal.voted(label, data, actor)?,
            _ => {}
        }
        // A round begins without votes.
        if record.to == "approvals" && record.from != "approvals" {
            deal.votes.clear();
        }
        if record.to != PUBLISHING || record.from == PUBLISHING {
            return Ok(None);
        }
        let lacking = deal.lacking();
        if lacking.is_empty() {
            return Ok(Some(deal.content.revision()));
        }
        Err(("approved", format!("{label} is published as {} without {lacking:?}", deal.content.revision())))
    }
}

impl Deal {
    fn changed(&mut self, data: &Value, actor: &Actor) {
        self.content = self.content.with(data);
        self.barred.insert(actor.person.to_string());
        let (content, barred) = (&self.content, &self.barred);
        self.votes.retain(|vote| same(vote.role, &vote.content, content) && vote.voices.is_disjoint(barred));
    }

    /// A vote that the engine has counted.
    fn voted(&mut self, label: &str, data: &Value, actor: &Actor) -> Result<(), Broken> {
        let broken = |why: &str| Err(("approved", format!("{} counts in {label} {why}: {data}", actor.person)));
        let person = actor.person.to_string();
        let principal = actor.on_behalf_of.as_ref().map(ToString::to_string);
        if data["revision"] != self.content.revision() {
            return broken("for a revision that is not the present one");
        }
        let voices: BTreeSet<String> = principal.iter().cloned().chain([person.clone()]).collect();
        if !voices.is_disjoint(&self.barred) {
            return broken("and has a hand in it");
        }
        let named = data["row"].as_str().map(role_of);
        let may = |(role, quorum): &(&'static str, usize)| {
            staff::holds(&person, role)
                && principal.as_ref().is_none_or(|principal| staff::stands_in(&person, principal, role))
                && named.is_none_or(|named| named == *role)
                && self.of(role).count() < *quorum
                && self.of(role).all(|vote| vote.voices.is_disjoint(&voices))
        };
        let able: Vec<&'static str> = self.needed().into_iter().filter(may).map(|(role, _)| role).collect();
        let [role] = able[..] else {
            return broken("without the right to, or twice");
        };
        if data["verdict"] == "approve" {
            self.votes.push(Agreed { role, voices, content: self.content.clone() });
        }
        Ok(())
    }

    /// How many of which role must agree to the deal as it is.
    fn needed(&self) -> [(&'static str, usize); 3] {
        let Content { price, terms, .. } = &self.content;
        [("sales", 2), ("finance", usize::from(*price > COSTLY)), ("legal", usize::from(terms != STANDARD))]
    }

    /// What the deal needs and has not.
    fn lacking(&self) -> Vec<&'static str> {
        let needed = self.needed().into_iter();
        needed.filter(|(role, quorum)| self.of(role).count() < *quorum).map(|(role, _)| role).collect()
    }

    fn of<'a>(&'a self, role: &'a str) -> impl Iterator<Item = &'a Agreed> {
        self.votes.iter().filter(move |vote| vote.role == role)
    }
}

fn role_of(row: &str) -> &'static str {
    match row {
        "costly" => "finance",
        "own_terms" => "legal",
        _ => "sales",
    }
}

#[cfg(test)]
mod tests {
    use entente_core::{
        event::{Event, Outcome},
        ids::InvokeId,
        run::Delta,
    };
    use serde_json::json;
    use uuid::Uuid;

    use super::*;

    const RUN: RunId = RunId(Uuid::nil());

    fn actor(person: &str, on_behalf_of: Option<&str>) -> Actor {
        let id = |name: &str| name.parse().expect("a name of letters");
        Actor { person: id(person), roles: Vec::new(), on_behalf_of: on_behalf_of.map(id) }
    }

    fn record(from: &str, to: &str, actor: Option<Actor>, body: Body) -> Record {
        let event = Event { source: "people".into(), id: "1".into(), actor, body };
        let at = jiff::Timestamp::UNIX_EPOCH;
        let (from, to) = (from.to_owned(), to.to_owned());
        Record { seq: 1, at, event, from, to, via: Vec::new(), delta: Delta::default(), commands: Vec::new() }
    }

    fn named(person: Actor, name: &str, data: Value) -> Record {
        record("approvals", "approvals", Some(person), Body::Named { name: name.into(), data })
    }

    fn vote(person: Actor, revision: &str) -> Record {
        named(person, VOTE, json!({ "verdict": "approve", "revision": revision }))
    }

    fn published() -> Record {
        let outcome = Outcome::Done { output: Value::Null };
        record("approvals", PUBLISHING, None, Body::Result { invoke: InvokeId { seq: 1, n: 0 }, outcome })
    }

    /// The law over a deal of kim's about 10 under standard terms, and these steps.
    fn law(steps: Vec<Record>) -> Result<Option<String>, Broken> {
        let mut deals = Deals::default();
        let input = json!({ "price": 10, "terms": STANDARD, "note": 0 });
        let start = record("", "approvals", Some(actor("kim", None)), Body::Started { input });
        let all = std::iter::once(start).chain(steps);
        all.map(|step| deals.follow(RUN, "D", &step))
            .collect::<Result<Vec<_>, _>>()
            .map(|mut came| came.pop().flatten())
    }

    #[test]
    fn two_of_sales_approve_exactly_what_is_published() {
        let votes = vec![vote(actor("ann", None), "10/standard/0"), vote(actor("dee", None), "10/standard/0")];
        assert_eq!(law(votes.into_iter().chain([published()]).collect()), Ok(Some("10/standard/0".into())));
    }

    #[test]
    fn one_is_too_few_and_so_are_two_of_whom_one_spoke_for_the_other() {
        let one = vec![vote(actor("ann", None), "10/standard/0"), published()];
        assert_eq!(law(one).unwrap_err().0, "approved");
        let both = vec![vote(actor("ann", None), "10/standard/0"), vote(actor("ben", Some("ann")), "10/standard/0")];
        assert!(law(both).unwrap_err().1.contains("twice"));
    }

    #[test]
    fn a_new_price_takes_the_votes_away_and_a_new_note_does_not() {
        let revised = |change: Value, revision: &str| {
            let votes = [vote(actor("ann", None), "10/standard/0"), named(actor("kim", None), "revise", change)];
            let more = [vote(actor("dee", None), revision), published()];
            law(votes.into_iter().chain(more).collect())
        };
        assert!(revised(json!({ "price": 20 }), "20/standard/0").unwrap_err().1.contains("without"));
        assert_eq!(revised(json!({ "note": 7 }), "10/standard/7"), Ok(Some("10/standard/7".into())));
    }

    #[test]
    fn authors_strangers_and_those_who_saw_something_else_do_not_count() {
        let of = |person, behalf, revision| law(vec![vote(actor(person, behalf), revision)]).unwrap_err().1;
        assert!(of("kim", None, "10/standard/0").contains("has a hand in it"));
        assert!(of("fay", Some("lea"), "10/standard/0").contains("right"));
        assert!(of("ann", None, "9/standard/0").contains("not the present one"));
        let nobody = named(actor("olga", None), VOTE, json!({ "verdict": "approve", "revision": "10/standard/0" }));
        assert!(law(vec![nobody]).unwrap_err().1.contains("right"));
    }
}
