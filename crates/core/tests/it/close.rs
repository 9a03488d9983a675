//! Month end: what the general ledger is told, with figures worked out by hand; what is refused; and what holds of any books.

mod any;
mod reconciled;
mod refused;
mod table;

use std::collections::BTreeMap;

use entente_core::{
    close::{Books, Estimate, FundFacts, Moved, OpenRequest, PostingRules, Standing, percentage},
    context::funding::Treatment,
    ledger::{Account, PostingAction},
    mdf::{model::FundKind, statement::Period},
    money::Money,
};

/// The rules of the examples.
const RULES: &str = include_str!("../../../../examples/funding/posting-rules.yaml");

const FUND: &str = "emea-2027-h1";

fn rules() -> PostingRules {
    changed_rules(&[]).unwrap()
}

/// The rules with changes, or what is said of them.
fn changed_rules(changes: &[(&str, &str)]) -> Result<PostingRules, String> {
    let text = changes.iter().fold(RULES.to_owned(), |text, (old, new)| {
        assert!(text.contains(old), "there is no `{old}`");
        text.replace(old, new)
    });
    PostingRules::from_yaml("rules.yaml", &text).map_err(|error| error.to_string())
}

fn euros(minor: i64) -> Money {
    Money { minor, currency: "EUR".parse().unwrap() }
}

fn fund(kind: FundKind) -> FundFacts {
    FundFacts {
        programme: "emea-mdf".parse().unwrap(),
        kind,
        treatment: Treatment::Expense,
        cost_centre: "marketing-emea".into(),
    }
}

fn moved(journal: i64, at: &str, action: PostingAction, minor: i64) -> Moved {
    Moved { journal, at: at.parse().unwrap(), fund: FUND.into(), action, amount: euros(minor) }
}

fn request(label: &str, held: i64, performed: bool, claims: &[(&str, i64)]) -> OpenRequest {
    let claims = claims.iter().map(|(claim, asked)| ((*claim).to_owned(), euros(*asked))).collect();
    OpenRequest { request: label.into(), fund: FUND.into(), held: euros(held), performed, claims }
}

fn standing(accounts: &[(Account, i64)]) -> Vec<Standing> {
    let of = |(account, minor): &(Account, i64)| Standing {
        fund: FUND.into(),
        currency: euros(0).currency,
        account: *account,
        minor: *minor,
    };
    accounts.iter().map(of).collect()
}

fn estimate(percent: &str) -> Estimate {
    Estimate {
        id: "8f1d0c".into(),
        percent: percentage(percent).unwrap(),
        proposed_by: "paula".parse().unwrap(),
        approved_by: "finn".parse().unwrap(),
        approved_at: "2027-02-01T08:00:00Z".parse().unwrap(),
        evidence: "three years of claims".into(),
    }
}

/// Books of a month of `acme-us` with nothing in them.
fn books<'a>(rules: &'a PostingRules, month: &str) -> Books<'a> {
    let entity = "acme-us".parse().unwrap();
    let period = Period::new(month, &rules.entities[&entity]).unwrap();
    Books {
        entity,
        period,
        rules,
        funds: BTreeMap::from([(FUND.to_owned(), fund(FundKind::Discretionary))]),
        journals: Vec::new(),
        cut: 0,
        previous: None,
        standing: Vec::new(),
        requests: Vec::new(),
        orders: Vec::new(),
        estimates: BTreeMap::new(),
    }
}

/// March: 20,000.00 EUR are given, 8,000.00 are held for three requests, 2,499.99 become owed, 1,000.00 are paid.
///
/// REQ-1 is over and holds 1,500.01 that nobody claims; REQ-2 is over and is claimed with more than the 3,000.00 that it
/// holds; REQ-3 has yet to happen.
fn march(rules: &PostingRules) -> Books<'_> {
    use Account::{Allocated, Free, Paid, Payable, Reserved};
    Books {
        journals: vec![
            moved(1, "2027-03-01T09:00:00Z", PostingAction::Allocate, 2_000_000),
            moved(2, "2027-03-02T09:00:00Z", PostingAction::Reserve, 400_000),
            moved(3, "2027-03-02T09:30:00Z", PostingAction::Reserve, 300_000),
            moved(4, "2027-03-02T10:00:00Z", PostingAction::Reserve, 100_000),
            moved(5, "2027-03-20T09:00:00Z", PostingAction::Post, 249_999),
            moved(6, "2027-03-20T09:00:00Z", PostingAction::Owe, 249_999),
            // The last instant of March in New York.
            moved(7, "2027-04-01T03:59:59.999999Z", PostingAction::Pay, 100_000),
        ],
        cut: 7,
        standing: standing(&[
            (Allocated, -2_000_000),
            (Free, 1_200_000),
            (Reserved, 550_001),
            (Payable, 149_999),
            (Paid, 100_000),
        ]),
        requests: vec![
            request("REQ-1", 150_001, true, &[]),
            request("REQ-2", 300_000, true, &[("CLM-2", 350_000)]),
            request("REQ-3", 100_000, false, &[]),
        ],
        estimates: BTreeMap::from([("emea-mdf".parse().unwrap(), estimate("12.5"))]),
        ..books(rules, "2027-03")
    }
}
