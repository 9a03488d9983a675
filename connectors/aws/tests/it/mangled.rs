//! Row 28: answers with every part of them taken away, replaced or cut, one after the other.
//!
//! Whatever the marketplace answers with success is understood, tolerated, or a typed error; it is never taken for an effect or
//! a state that it does not tell of.

use ciborium::Value;
use entente_port::{AgreementStatus, ChangeState, Error, Marketplace, Observation, RemoteOfferState};

use crate::{
    desk::{Desk, START, call, sandbox},
    offers::{PRODUCT, create, upfront},
    wire::Wire,
};

/// A word that no answer has.
const STRANGE: &str = "never heard of it";

/// How an answer is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    Json,
    Cbor,
}

impl Format {
    fn read(self, body: &[u8]) -> Value {
        match self {
            Format::Json => serde_json::from_slice(body).unwrap(),
            Format::Cbor => ciborium::from_reader(body).unwrap(),
        }
    }

    pub fn write(self, tree: &Value) -> Vec<u8> {
        match self {
            Format::Json => serde_json::to_vec(tree).unwrap(),
            Format::Cbor => {
                let mut body = Vec::new();
                ciborium::into_writer(tree, &mut body).unwrap();
                body
            }
        }
    }
}

/// A mangled answer, and what it says if it says anything.
pub struct Mangled {
    pub what: String,
    pub body: Vec<u8>,
    tree: Option<Value>,
}

impl Mangled {
    /// The field of this name, wherever it first stands.
    fn field(&self, name: &str) -> Option<&Value> {
        self.tree.as_ref().and_then(|tree| find(tree, name))
    }

    pub fn text(&self, name: &str) -> Option<&str> {
        self.field(name)?.as_text()
    }

    /// How many items a list has; 0 where there is none.
    pub fn items(&self, name: &str) -> &[Value] {
        self.field(name).and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default()
    }
}

pub fn find<'a>(tree: &'a Value, name: &str) -> Option<&'a Value> {
    match tree {
        Value::Map(fields) => {
            let here = fields.iter().find(|(key, _)| key.as_text() == Some(name)).map(|(_, value)| value);
            here.or_else(|| fields.iter().find_map(|(_, value)| find(value, name)))
        }
        Value::Array(items) => items.iter().find_map(|item| find(item, name)),
        _ => None,
    }
}

/// What stands in the place of a value.
fn replacements() -> [Value; 7] {
    let text = |text: &str| Value::Text(text.to_owned());
    let numbers = [Value::Integer((-1).into()), Value::Bool(true)];
    let [number, flag] = numbers;
    [Value::Null, flag, number, text(""), text(STRANGE), Value::Array(Vec::new()), Value::Map(Vec::new())]
}

/// Every tree that differs from this one in one place.
fn differing(tree: &Value) -> Vec<(String, Value)> {
    let mut all: Vec<(String, Value)> = replacements()
        .into_iter()
        .filter(|other| other != tree)
        .map(|other| (format!(" is {other:?}"), other))
        .collect();
    match tree {
        Value::Map(fields) => {
            for at in 0..fields.len() {
                let name = fields[at].0.as_text().unwrap_or_default();
                let mut without = fields.clone();
                without.remove(at);
                all.push((format!(".{name} is gone"), Value::Map(without)));
                for (what, value) in differing(&fields[at].1) {
                    let mut with = fields.clone();
                    with[at].1 = value;
                    all.push((format!(".{name}{what}"), Value::Map(with)));
                }
            }
            let mut more = fields.clone();
            more.push((Value::Text("NeverHeardOfIt".to_owned()), Value::Text(STRANGE.to_owned())));
            all.push((" has one field more".to_owned(), Value::Map(more)));
        }
        // What holds for one of many holds for the others.
        Value::Array(items) if !items.is_empty() => {
            for (what, value) in differing(&items[0]) {
                let mut with = items.clone();
                with[0] = value;
                all.push((format!("[0]{what}"), Value::Array(with)));
            }
            all.push((" has its items twice".to_owned(), Value::Array([items.as_slice(), items].concat())));
        }
        _ => {}
    }
    all
}

/// Every way in which an answer is mangled.
pub fn mangled(format: Format, body: &[u8]) -> Vec<Mangled> {
    let trees = differing(&format.read(body)).into_iter();
    let trees = trees.map(|(what, tree)| Mangled { what, body: format.write(&tree), tree: Some(tree) });
    let cut = (0..16).map(|part| Mangled {
        what: format!(" is cut after {part} of 16 parts"),
        body: body[..body.len() * part / 16].to_vec(),
        tree: None,
    });
    let page = format!("<html><body>{}</body></html>", "Sorry. ".repeat(50_000));
    let page = Mangled { what: " is a large page of HTML".to_owned(), body: page.into_bytes(), tree: None };
    trees.chain(cut).chain([page]).collect()
}

/// A desk whose answers pass over a wire.
pub async fn wired() -> (Desk, Wire) {
    let mut wire = None;
    let desk = Desk::with(sandbox(), |config| {
        let (laid, near) = Wire::to(config.endpoint.as_ref().unwrap());
        config.endpoint = Some(near);
        wire = Some(laid);
    })
    .await;
    (desk, wire.unwrap())
}

/// Nothing of a reading that failed is more than a passing fault.
pub fn passing<T: std::fmt::Debug>(what: &str, outcome: entente_port::Result<T>) -> Option<T> {
    match outcome {
        Ok(read) => Some(read),
        Err(Error::Transient { .. }) => None,
        Err(other) => panic!("{what}: {other:?}"),
    }
}

#[tokio::test]
async fn row_28_a_mangled_answer_to_a_write_is_its_own_change_set_or_an_unknown_outcome_with_the_answer_kept() {
    let (desk, wire) = wired().await;
    let write = create(upfront(&desk.buyer()));
    desk.aws.submit(&call(1), &write).await.unwrap();
    for mangled in mangled(Format::Json, &wire.answer("StartChangeSet")) {
        wire.put("StartChangeSet", &mangled.body);
        let what = &mangled.what;
        match desk.aws.submit(&call(1), &write).await {
            Ok(begun) => assert_eq!(Some(begun.change.0.as_str()), mangled.text("ChangeSetId"), "{what}"),
            Err(Error::OutcomeUnknown { evidence, .. }) => {
                assert!(evidence.starts_with("HTTP 200"), "{what}: {evidence}");
                assert!(evidence.len() <= 64 * 1024, "{what}: {} bytes", evidence.len());
            }
            Err(other) => panic!("{what}: {other:?}"),
        }
    }
    assert_eq!(desk.applied(call(1).token).await, 1);
}

#[tokio::test]
async fn row_28_a_mangled_change_set_has_ended_only_if_it_says_so_and_never_without_the_offer_that_it_made() {
    let (desk, wire) = wired().await;
    let begun = desk.aws.submit(&call(1), &create(upfront(&desk.buyer()))).await.unwrap();
    desk.end_of(&begun.change).await;
    for mangled in mangled(Format::Json, &wire.answer("DescribeChangeSet")) {
        wire.put("DescribeChangeSet", &mangled.body);
        let what = &mangled.what;
        let status = mangled.text("Status").unwrap_or_default();
        match passing(what, desk.aws.change(&begun.change).await) {
            Some(ChangeState::Applied { offer_id, .. }) => {
                assert_eq!(status, "SUCCEEDED", "{what}");
                let id = offer_id.unwrap_or_else(|| panic!("{what}: applied, and nobody knows what"));
                let named = String::from_utf8_lossy(&mangled.body).contains(&format!("\"{id}"));
                assert!(named && !id.is_empty(), "{what}: {id}");
            }
            Some(ChangeState::Pending) => assert_ne!(status, "SUCCEEDED", "{what}"),
            Some(other) => panic!("{what}: it did not end like that: {other:?}"),
            None => {}
        }
    }
}

#[tokio::test]
async fn row_28_a_mangled_list_of_change_sets_loses_none_that_it_names() {
    let (desk, wire) = wired().await;
    let write = create(upfront(&desk.buyer()));
    desk.aws.submit(&call(1), &write).await.unwrap();
    desk.aws.find(&call(1).key, &write).await.unwrap();
    for mangled in mangled(Format::Json, &wire.answer("ListChangeSets")) {
        wire.put("ListChangeSets", &mangled.body);
        let what = &mangled.what;
        let Some(found) = passing(what, desk.aws.find(&call(1).key, &write).await) else { continue };
        assert!(found.iter().all(|effect| effect.same_request), "{what}: {found:?}");
        let ours = |set: &&Value| match set
            .as_map()
            .and_then(|fields| fields.iter().find(|(key, _)| key.as_text() == Some("ChangeSetName")))
        {
            Some((_, Value::Text(name))) => name.starts_with("entente "),
            _ => true,
        };
        let named = mangled.items("ChangeSetSummaryList").iter().filter(ours).count();
        assert_eq!(found.is_empty(), named == 0, "{what}: {found:?}");
    }
}

#[tokio::test]
async fn row_28_a_mangled_entity_is_released_only_if_it_says_so() {
    let (desk, wire) = wired().await;
    let id = desk.applied_offer(&call(1), &create(upfront(&desk.buyer()))).await;
    desk.aws.offer(&id).await.unwrap();
    for mangled in mangled(Format::Json, &wire.answer("DescribeEntity")) {
        wire.put("DescribeEntity", &mangled.body);
        let what = &mangled.what;
        let Some(offer) = passing(what, desk.aws.offer(&id).await) else { continue };
        if offer.state == RemoteOfferState::Released {
            assert_eq!(offer.document["State"], "Released", "{what}");
            let body = String::from_utf8_lossy(&mangled.body);
            assert!(body.contains("Released"), "{what}: {body}");
        }
    }
    wire.clear();
    desk.aws.product(PRODUCT).await.unwrap();
    for mangled in mangled(Format::Json, &wire.answer("DescribeEntity")) {
        wire.put("DescribeEntity", &mangled.body);
        let Some(product) = passing(&mangled.what, desk.aws.product(PRODUCT).await) else { continue };
        assert!(!product.public || String::from_utf8_lossy(&mangled.body).contains("Public"), "{}", mangled.what);
    }
}

#[tokio::test]
async fn row_28_mangled_agreements_are_all_seen_and_active_only_if_they_say_so() {
    let (desk, wire) = wired().await;
    let id = desk.applied_offer(&call(1), &create(upfront(&desk.buyer()))).await;
    desk.accept(&id, &desk.buyer()).await;
    let since = START.parse().unwrap();
    desk.aws.agreements_since(since).await.unwrap();
    for mangled in mangled(Format::Cbor, &wire.answer("SearchAgreements")) {
        wire.put("SearchAgreements", &mangled.body);
        let what = &mangled.what;
        let Some(page) = passing(what, desk.aws.agreements_since(since).await) else { continue };
        let listed = mangled.items("agreementViewSummaries");
        assert_eq!(page.observations.len(), listed.len(), "{what}: {page:?}");
        for (seen, listed) in page.observations.iter().zip(listed) {
            let Observation::Agreement(agreement) = seen else { continue };
            let status = find(listed, "status").and_then(Value::as_text);
            assert_eq!(agreement.status == AgreementStatus::Active, status == Some("ACTIVE"), "{what}: {agreement:?}");
        }
    }
}
