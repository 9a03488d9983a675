//! Every asynchronous error code: given by the change that causes it, and compared with the codes that
//! the documentation lists (`tests/data/changetype-rules.json`).

mod authorizations;
mod documents;
pub mod hourly;
mod offer_sets;
mod resold;
mod situations;

use std::collections::BTreeSet;

use serde_json::{Value, json};

use crate::desk::{Desk, LISTED};

const RULES: &str = include_str!("../../data/changetype-rules.json");

/// Entity type, change type, code.
type Code = (String, String, String);

/// The documented codes that nothing can cause here, and why. `fail_change_set` gives these as well.
const OUT_OF_REACH: &[(&str, &str, &str)] = &[
    // The same bound of 60 charges, or of one term, is checked at once, so the request is refused before.
    ("Offer@1.0", "UpdatePaymentScheduleTerms", "TOO_MANY_CHARGES"),
    ("Offer@1.0", "UpdateNetPaymentTerms", "DUPLICATE_TERM_TYPES"),
    ("ResaleAuthorization@1.0", "UpdatePaymentScheduleTerms", "TOO_MANY_SCHEDULED_PAYMENTS"),
];

/// A desk that remembers which codes it has seen.
pub struct Witness {
    pub desk: Desk,
    role: &'static str,
    seen: BTreeSet<Code>,
}

impl Witness {
    async fn new() -> Self {
        Self { desk: Desk::new().await, role: "seller", seen: BTreeSet::new() }
    }

    /// Another account asks from here on.
    pub fn as_role(&mut self, role: &'static str) -> &mut Self {
        self.role = role;
        self
    }

    /// Runs a set of which a change must fail with a code.
    pub async fn gives(&mut self, kind: &str, code: &str, changes: Vec<Value>) {
        let set = self.desk.run_as(self.role, changes).await;
        assert_eq!(
            (&set["Status"], &set["FailureCode"]),
            (&json!("FAILED"), &json!("CLIENT_ERROR")),
            "{code}: {set:#}"
        );
        let mut found = Vec::new();
        for row in set["ChangeSet"].as_array().unwrap() {
            for error in row["ErrorDetailList"].as_array().unwrap() {
                let part = |value: &Value| value.as_str().unwrap().to_owned();
                found.push((part(&row["Entity"]["Type"]), part(&row["ChangeType"]), part(&error["ErrorCode"])));
            }
        }
        let expected = found.iter().any(|(_, change, given)| change == kind && given == code);
        assert!(expected, "expected {kind}/{code}, found {found:?}");
        self.seen.extend(found);
    }

    async fn give_all(&mut self, rows: Vec<documents::Row>) {
        for (kind, code, changes) in rows {
            self.gives(kind, code, changes).await;
        }
    }

    /// What was seen of a type of entity is what is documented, no more and no less.
    fn compare(&self, entity: &str) {
        let rules: Value = serde_json::from_str(RULES).unwrap();
        let mut documented = BTreeSet::new();
        for (kind, rule) in rules[entity].as_object().unwrap() {
            for code in rule["async"].as_array().unwrap() {
                documented.insert((entity.to_owned(), kind.clone(), code.as_str().unwrap().to_owned()));
            }
        }
        let excused: BTreeSet<Code> = OUT_OF_REACH
            .iter()
            .map(|(entity, kind, code)| ((*entity).to_owned(), (*kind).to_owned(), (*code).to_owned()))
            .collect();
        let seen: BTreeSet<Code> = self.seen.iter().filter(|(kind, _, _)| kind == entity).cloned().collect();
        let missing: Vec<_> = documented.difference(&seen).filter(|code| !excused.contains(code)).collect();
        assert!(missing.is_empty(), "documented, but not given: {missing:#?}");
        let invented: Vec<_> = seen.difference(&documented).filter(|code| !frozen(code)).collect();
        assert!(invented.is_empty(), "given, but not documented: {invented:#?}");
        let reached: Vec<_> = seen.intersection(&excused).collect();
        assert!(reached.is_empty(), "said to be out of reach: {reached:?}");
    }
}

/// The change types of an entity that are documented for drafts and for nothing else.
fn only_for_drafts(entity: &str) -> Vec<String> {
    let rules: Value = serde_json::from_str(RULES).unwrap();
    let rows = rules[entity].as_object().unwrap().iter();
    rows.filter(|(_, rule)| rule["states"] == json!(["Draft"])).map(|(kind, _)| kind.clone()).collect()
}

/// The page on resale authorizations says in its text, and not in each list of codes, that updates of an
/// active one fail with this code.
fn frozen((entity, kind, code): &Code) -> bool {
    entity == "ResaleAuthorization@1.0" && kind.starts_with("Update") && code == "INCOMPATIBLE_STATUS"
}

#[tokio::test]
async fn every_documented_code_of_offers_is_given_and_no_other() {
    let mut witness = Witness::new().await;
    for rows in [
        documents::targeting(),
        documents::pricing_terms_that_do_not_go_together(),
        documents::rate_cards_and_grants(),
        documents::legal_terms(),
        documents::availability_and_validity(),
        documents::payment_terms(),
        documents::renewal_terms(),
        documents::releases_of_incomplete_offers(),
    ] {
        witness.give_all(rows).await;
    }
    let offers = witness.desk.get("/aws/offers").await;
    assert_eq!(offers["offers"].as_array().unwrap().len(), LISTED, "a failed set leaves no offer");
    situations::run(&mut witness).await;
    hourly::run(&mut witness).await;
    resold::run(&mut witness).await;
    witness.compare("Offer@1.0");
}

#[tokio::test]
async fn every_documented_code_of_offer_sets_is_given_and_no_other() {
    let mut witness = Witness::new().await;
    offer_sets::run(&mut witness).await;
    witness.compare("OfferSet@1.0");
}

#[tokio::test]
async fn every_documented_code_of_resale_authorizations_is_given_and_no_other() {
    let mut witness = Witness::new().await;
    authorizations::run(&mut witness).await;
    witness.compare("ResaleAuthorization@1.0");
}
