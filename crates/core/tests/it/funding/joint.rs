//! What several funds pay: the parts are all of the whole, to the cent, and nothing else is let in.

use entente_core::{
    context::funding::{
        ClaimPaper, ClaimedPart, Funding, Paper as _, RequestDocument, RequestPaper, WholeRequest, load, split_claim,
    },
    mdf::shares,
    money::Money,
};
use proptest::prelude::*;

const REQUEST: &str = include_str!("../../../../../examples/funding/joint-request.yaml");
const CLAIM: &str = include_str!("../../../../../examples/funding/claim.yaml");

fn euros(minor: i64) -> Money {
    Money { minor, currency: "EUR".parse().unwrap() }
}

fn whole(text: &str) -> WholeRequest {
    match RequestDocument::load("request.yaml", text).unwrap() {
        RequestDocument::Joint(whole) => *whole,
        RequestDocument::One(_) => panic!("it names several funds"),
    }
}

fn refused(text: &str) -> (String, String) {
    let error = RequestDocument::load("request.yaml", text).unwrap_err();
    (error.field, error.message)
}

fn claim() -> ClaimPaper {
    let hash = "0".repeat(64);
    let text = CLAIM.replace("REQ-2027-00001", "JNT-2027-00001");
    let text = ["invoice.pdf", "room.png", "attendees.csv"].iter().fold(text, |text, file| text.replace(file, &hash));
    load("claim.yaml", &text).unwrap()
}

fn sum(amounts: impl Iterator<Item = Money>) -> i64 {
    amounts.map(|amount| amount.minor).sum()
}

#[test]
fn each_fund_has_its_part_of_every_amount_and_together_they_are_the_whole() {
    let parts = whole(REQUEST).parts("JNT-2027-00001").unwrap();
    let amounts: Vec<Money> = parts.iter().map(|part| part.amount).collect();
    assert_eq!(amounts, [euros(50_001), euros(30_000), euros(20_000)]);
    let funds: Vec<&str> = parts.iter().map(|part| part.fund.as_str()).collect();
    assert_eq!(funds, ["emea-2027-h1", "cloud-2027-h1", "data-2027-h1"]);
    assert_eq!(sum(parts.iter().map(|part| part.cost)), 200_002);
    for part in &parts {
        assert_eq!(part.check(), Ok(()));
        assert_eq!((part.whole().amount, part.whole().cost), (euros(100_001), euros(200_002)));
    }
}

#[test]
fn amounts_in_the_place_of_shares_are_asked_of_each_fund_exactly() {
    let text = REQUEST
        .replace("share: 50", "amount: \"0.01 EUR\"")
        .replace("share: 30", "amount: \"999.99 EUR\"")
        .replace("share: 20", "amount: \"0.01 EUR\"");
    let parts = whole(&text).parts("JNT-1").unwrap();
    assert_eq!(parts.iter().map(|part| part.amount.minor).collect::<Vec<_>>(), [1, 99_999, 1]);
}

#[test]
fn shares_that_are_not_the_whole_of_what_is_asked_for_are_refused_with_the_field() {
    let field = |from: &str, to: &str| refused(&REQUEST.replace(from, to)).0;
    let told = refused(&REQUEST.replace("share: 20", "share: \"19.99\""));
    assert_eq!(told, ("/funding".into(), "add up to 99.99 %, and not to 100.00 %; correct one of them".into()));
    assert_eq!(field("cloud-2027-h1", "emea-2027-h1"), "/funding/1/fund");
    assert_eq!(field("share: 20", "share: 0"), "/funding/2/share");
    assert_eq!(field("share: 20", "amount: \"1.00 EUR\""), "/funding/2");
    assert_eq!(field("activity:\n", "fund: emea-2027-h1\nactivity:\n"), "/fund");
    assert_eq!(field("\"1000.01 EUR\"", "\"0.01 EUR\""), "/funding/1");
    let dollars = ["share: 50", "share: 30", "share: 20"]
        .iter()
        .fold(REQUEST.to_owned(), |text, share| text.replace(share, "amount: \"1.00 USD\""));
    assert_eq!(refused(&dollars).0, "/funding/0/amount");
    let cents = dollars.replace("1.00 USD", "1.00 EUR");
    assert_eq!(refused(&cents).0, "/funding");
}

#[test]
fn a_part_that_is_not_what_its_whole_comes_to_is_refused() {
    let parts = whole(REQUEST).parts("JNT-1").unwrap();
    let refused = |paper: RequestPaper| paper.check().unwrap_err().field;
    let mut more = parts[0].clone();
    more.amount = euros(50_002);
    assert_eq!(refused(more), "/joint");
    let mut elsewhere = parts[0].clone();
    elsewhere.fund = parts[1].fund.clone();
    assert_eq!(refused(elsewhere), "/joint");
    let mut nowhere = parts[0].clone();
    nowhere.joint.as_mut().unwrap().part = 3;
    assert_eq!(refused(nowhere), "/joint");
    // In the place of a part stands a part of the same whole, and of the same fund.
    let others = whole(REQUEST).parts("JNT-2").unwrap();
    assert!(parts[0].replaces(&parts[0]) && !parts[0].replaces(&parts[1]) && !others[0].replaces(&parts[0]));
}

#[test]
fn a_claim_is_split_like_its_request_and_the_share_of_who_declined_is_claimed_of_nobody() {
    let part = |label: &str, weight, granted| ClaimedPart { request: label.to_owned(), weight, granted };
    let parts = [part("REQ-1", 5_000, true), part("REQ-2", 3_000, false), part("REQ-3", 2_000, true)];
    let claims = split_claim(&claim(), &parts, "JCL-1").unwrap();
    let of: Vec<(&str, i64)> = claims.iter().map(|claim| (claim.request.as_str(), claim.amount.minor)).collect();
    assert_eq!(of, [("REQ-1", 100_000), ("REQ-3", 40_000)]);
    assert_eq!(sum(claims.iter().map(|claim| claim.invoices[0].claimed)), 280_000);
    for claim in &claims {
        assert_eq!(claim.check(), Ok(()));
        assert_eq!(claim.invoices[0].total, euros(400_000));
    }
    let mut more = claims[1].clone();
    more.lines[0].amount = euros(60_001);
    assert_eq!(more.check().unwrap_err().field, "/joint");
}

fn weights() -> impl Strategy<Value = Vec<u64>> {
    prop::collection::vec(1_u64..=10_000, 2..=7)
}

proptest! {
    #[test]
    fn whatever_the_shares_no_cent_is_lost_or_made_of_lines_funds_and_payees(
        weights in weights(),
        lines in prop::collection::vec(0_i64..=5_000_000, 2),
        amount in 20_000_000_i64..=900_000_000,
        used in 1_i64..=900_000_000,
        payees in prop::collection::vec(1_u64..=100, 1..=4),
    ) {
        let mut claim = claim();
        claim.amount = euros(amount);
        claim.lines.iter_mut().zip(&lines).for_each(|(line, minor)| line.amount = euros(*minor));
        claim.invoices[0].claimed = euros(used);
        claim.invoices[0].total = euros(used);
        let parts: Vec<ClaimedPart> = weights
            .iter()
            .enumerate()
            .map(|(at, weight)| ClaimedPart { request: format!("REQ-{at}"), weight: *weight, granted: true })
            .collect();
        let claims = split_claim(&claim, &parts, "JCL-1").unwrap();
        prop_assert_eq!(sum(claims.iter().map(|claim| claim.amount)), amount);
        prop_assert_eq!(sum(claims.iter().map(|claim| claim.invoices[0].claimed)), used);
        for (at, minor) in lines.iter().enumerate() {
            prop_assert_eq!(sum(claims.iter().map(|claim| claim.lines[at].amount)), *minor);
        }
        let paid: i64 = claims.iter().map(|claim| sum(shares(claim.amount, &payees).unwrap().into_iter())).sum();
        prop_assert_eq!(paid, amount);
        // No fund is more than a cent away from its exact share.
        let all: i128 = weights.iter().map(|weight| i128::from(*weight)).sum();
        for (part, weight) in claims.iter().zip(&weights) {
            let off = i128::from(part.amount.minor) * all - i128::from(amount) * i128::from(*weight);
            prop_assert!(off.abs() < all);
            prop_assert_eq!(part.check(), Ok(()));
            prop_assert_eq!(part.whole(), claim.clone());
        }
    }

    #[test]
    fn whatever_is_asked_for_the_parts_of_a_request_are_all_of_it(
        weights in weights(),
        items in prop::collection::vec(1_i64..=50_000_000, 2),
        amount in 100_000_i64..=900_000_000,
    ) {
        let mut whole = whole(REQUEST);
        let cost: i64 = items.iter().sum();
        let amount = amount.min(cost);
        prop_assume!(amount >= 100_000);
        whole.paper.items.iter_mut().zip(&items).for_each(|(item, minor)| item.amount = euros(*minor));
        (whole.paper.cost, whole.paper.amount) = (euros(cost), euros(amount));
        let split = shares(euros(amount), &weights).unwrap();
        whole.funding = split
            .iter()
            .enumerate()
            .map(|(at, part)| Funding { fund: format!("fund-{at}").parse().unwrap(), share: None, amount: Some(*part) })
            .collect();
        prop_assume!(split.iter().all(|part| part.minor > 0));
        let parts = whole.parts("JNT-1").unwrap();
        prop_assert_eq!(parts.iter().map(|part| part.amount).collect::<Vec<_>>(), split);
        prop_assert_eq!(sum(parts.iter().map(|part| part.cost)), cost);
        for part in &parts {
            prop_assert_eq!(part.check(), Ok(()));
            prop_assert_eq!(part.whole().items, whole.paper.items.clone());
        }
    }
}
