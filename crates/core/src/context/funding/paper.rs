//! What a workflow of market development funds is about: the part that people write and approve.

use std::{
    collections::{BTreeMap, BTreeSet},
    fmt,
};

use jiff::Timestamp;
use serde::{Serialize, de::DeserializeOwned};
use serde_json::{Map, Value};

use super::{Names, Sheet};
use crate::{
    context::{FieldError, Key},
    event::Event,
    ids::{LegalEntityId, PartyId, PersonId},
    ledger::Posting,
    money::Money,
};

/// The activity that judges a request or a claim by the rules of its programme.
pub const ASSESS: &str = "mdf.assess";

/// A task that a paper asks of somebody.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Task {
    /// What is to be done.
    pub title: String,
    /// The role that may do it.
    pub role: &'static str,
    /// The person who answers for it, where one does.
    pub assignee: Option<PersonId>,
}

/// A paper: what people write, revise and approve.
///
/// The functions that take a [`Sheet`] know everything that its run knows. All of them are pure and total.
pub trait Paper: fmt::Debug + Clone + PartialEq + Serialize + DeserializeOwned + Send + Sync + Sized + 'static {
    /// The name of its workflow, which is that of its context type as well.
    const NAME: &'static str;

    /// The role that looks after it while nobody else is asked.
    const OWNER: &'static str;

    /// What became of it.
    type Course: fmt::Debug + Clone + PartialEq + Default + Serialize + DeserializeOwned + Send + Sync + 'static;

    /// The legal entity that it belongs to.
    fn legal_entity(&self) -> &LegalEntityId;

    /// The partner whose it is; the vendor's own papers have none.
    fn party(&self) -> Option<&PartyId>;

    /// Checks what can be told from the paper alone.
    ///
    /// # Errors
    /// With the field that is wrong, and what to write instead.
    fn check(&self) -> Result<(), FieldError>;

    /// Whether it may take the place of another one in the same run.
    fn replaces(&self, other: &Self) -> bool;

    /// In a few words.
    fn title(&self) -> String;

    /// What it is worth, where it is about an amount.
    fn value(sheet: &Sheet<Self>) -> Option<Money>;

    /// The amount by which limits of people and policies count: of a part of something joint the whole, so that nobody stays below a
    /// limit by naming more funds.
    fn limited_by(sheet: &Sheet<Self>) -> Option<Money> {
        Self::value(sheet)
    }

    /// The names that its chart may use.
    fn names() -> Names;

    /// What is judged and approved now: the paper itself, or a change of it that is on its way.
    fn at_hand(sheet: &Sheet<Self>) -> &Self {
        &sheet.paper
    }

    /// What approvers agree to besides the paper itself.
    fn shown(sheet: &Sheet<Self>) -> Value {
        let _ = sheet;
        Value::Null
    }

    /// Facts that policy rows test, besides those of every paper.
    fn facts(sheet: &Sheet<Self>) -> Map<String, Value> {
        let _ = sheet;
        Map::new()
    }

    /// People who may not approve it although their hand is not in it: those who gain by it.
    fn barred(sheet: &Sheet<Self>) -> BTreeSet<PersonId> {
        let _ = sheet;
        BTreeSet::new()
    }

    /// What some of those people did, in words that follow their name.
    fn hands(sheet: &Sheet<Self>) -> BTreeMap<PersonId, String> {
        let _ = sheet;
        BTreeMap::new()
    }

    /// The keys under which its run is found.
    fn keys(sheet: &Sheet<Self>) -> Vec<Key>;

    /// A guard; `None` where there is none of this name.
    fn guard(sheet: &Sheet<Self>, name: &str, event: &Event, now: Timestamp) -> Option<bool> {
        let _ = (sheet, name, event, now);
        None
    }

    /// A deadline; `None` where there is none of this name.
    fn deadline(sheet: &Sheet<Self>, name: &str) -> Option<Option<Timestamp>> {
        let _ = (sheet, name);
        None
    }

    /// The request of an activity; `None` where it has none of this name.
    fn request(sheet: &Sheet<Self>, activity: &str) -> Option<Value> {
        let _ = (sheet, activity);
        None
    }

    /// A task that it asks of people, besides the one that every paper does; `None` where it has none of this kind.
    fn task(sheet: &Sheet<Self>, kind: &str) -> Option<Task> {
        let _ = (sheet, kind);
        None
    }

    /// What a posting of this name books: nothing, one movement or several; `None` where there is none of this name.
    fn postings(sheet: &Sheet<Self>, name: &str) -> Option<Vec<Posting>> {
        let _ = (sheet, name);
        None
    }

    /// Checks the data of one of its own events; `None` where there is none of this name.
    fn check_event(event: &str, data: &Value) -> Option<Result<(), FieldError>> {
        let _ = (event, data);
        None
    }

    /// Applies one of its own events, and what `submit` and `revise` do besides.
    fn happened(sheet: &mut Sheet<Self>, name: &str, data: &Value, event: &Event, now: Timestamp) {
        let _ = (sheet, name, data, event, now);
    }

    /// Applies the result of an activity, besides the assessment.
    fn done(sheet: &mut Sheet<Self>, activity: &str, output: &Value, now: Timestamp) {
        let _ = (sheet, activity, output, now);
    }

    /// Applies that an activity has failed.
    fn failed(sheet: &mut Sheet<Self>, activity: &str, now: Timestamp) {
        let _ = (sheet, activity, now);
    }

    /// Applies that a deadline of this name has come, which was armed for `due`.
    fn came(sheet: &mut Sheet<Self>, deadline: &str, due: Timestamp) {
        let _ = (sheet, deadline, due);
    }

    /// Applies that the ledger has refused what a step was to book.
    fn ledger_refused(sheet: &mut Sheet<Self>, now: Timestamp) {
        let _ = (sheet, now);
    }

    /// Takes out what people of the partner are not told of it: what the vendor's people note, ask each other and look at.
    fn for_partner(&mut self, course: &mut Self::Course) {
        let _ = course;
    }

    /// What its notices and messages tell, besides what every paper's do.
    fn told(sheet: &Sheet<Self>) -> Map<String, Value> {
        let _ = sheet;
        Map::new()
    }
}

/// Refuses a field unless something holds.
///
/// # Errors
/// When it does not hold.
pub fn check_at(holds: bool, field: &str, message: impl Into<String>) -> Result<(), FieldError> {
    if holds { Ok(()) } else { Err(FieldError { field: field.to_owned(), message: message.into() }) }
}

/// A search key that no other run that has not ended may hold.
pub fn entity_key(kind: &str, value: impl fmt::Display) -> Key {
    Key { kind: kind.to_owned(), value: value.to_string(), unique: true }
}
