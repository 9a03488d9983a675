//! Pre-flight beside the sandbox, which was written from AWS's documents and not from these rules: what a rule finds is refused,
//! at the part of the document that the rule names, and by a code that the rule is said to stand before.

use std::collections::BTreeSet;

use entente_port::{ChangeState, Error, Marketplace};
use serde_json::json;

use super::{BUYER, Case, cases, codes};
use crate::{
    desk::{Desk, call},
    offers::{create, upfront},
};

/// Rules with an offer that the sandbox takes, and why it does.
const TAKEN: &[(&str, &str)] = &[
    ("AWS-007", "the kind of product is our own word, from which the pricing model follows"),
    ("AWS-009", "it sells whatever a machine image has upfront"),
    ("AWS-012", "where the buyer chooses the quantity, none is sent"),
    ("AWS-021", "it is advice"),
    ("AWS-022", "it takes acceptances to the end of the last day, whenever that day began"),
    ("AWS-026", "of a duration and an end date, the end date is sent"),
    ("AWS-032", "it compares instants, and the rule days"),
    ("AWS-044", "it is advice"),
    ("AWS-045", "it compares durations as they are written, and `P1Y` is not `P12M`"),
];

/// Sends an offer that a rule objects to.
async fn send(desk: &Desk, n: u64, case: &Case, agreement: &str) -> Result<(), Error> {
    let mut offer = (case.base)(BUYER);
    (case.red)(&mut offer);
    let text = offer.to_string().replace(BUYER, &desk.buyer()).replace("agmt-1", agreement);
    let begun = desk.aws.submit(&call(n), &create(serde_json::from_str(&text).unwrap())).await?;
    match desk.end_of(&begun.change).await {
        ChangeState::Failed(error) => Err(error),
        ChangeState::Applied { .. } => Ok(()),
        other => panic!("{}: {other:?}", case.rule),
    }
}

/// The part of the document that a field belongs to, such as `/term`.
fn part(field: &str) -> &str {
    field.match_indices('/').nth(1).map_or(field, |(at, _)| &field[..at])
}

#[tokio::test]
async fn what_a_rule_finds_is_refused_at_the_same_part_and_by_a_code_that_it_stands_before() {
    let desk = Desk::new().await;
    desk.post("aws/products", json!({ "id": "prod-hidden", "kind": "SaaSProduct", "visibility": "Draft" })).await;
    let sold = desk.applied_offer(&call(1_000), &create(upfront(&desk.buyer()))).await;
    let agreement = desk.accept(&sold, &desk.buyer()).await;
    let mut taken = BTreeSet::new();
    for (n, case) in (1..).zip(cases()) {
        let rule = case.rule;
        match send(&desk, n, &case, &agreement).await {
            Ok(()) => drop(taken.insert(rule)),
            Err(Error::Rejected { field, code, reason, .. }) => {
                let named = field.as_deref().unwrap_or_default();
                assert_eq!(part(named), part(case.field), "{rule}: {reason}");
                // Without a code the connector refused it itself, and with this one the service did so at once.
                let later = code.filter(|code| code != "ValidationException");
                let guarded = codes::before(rule).iter().any(|code| reason.contains(&format!("(`{code}`)")));
                assert!(later.is_none() || guarded, "{rule} is not said to stand before this: {reason}");
            }
            Err(other) => panic!("{rule}: {other:?}"),
        }
    }
    assert_eq!(taken, TAKEN.iter().map(|(rule, _)| *rule).collect());
}
