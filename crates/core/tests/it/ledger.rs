//! The ledger's rules.

use std::collections::BTreeMap;

use entente_core::{
    ledger::{
        Account::{self, *},
        Book, Breach, Journal, Posting,
        PostingAction::{self, *},
        Refusal, verify,
    },
    money::{Currency, Money},
};
use proptest::prelude::*;

const FUND: &str = "emea-2027";

fn eur() -> Currency {
    "EUR".parse().unwrap()
}

fn posting(action: PostingAction, key: &str, minor: i64) -> Posting {
    Posting::new(action, FUND, key, Money { minor, currency: eur() })
}

/// A fund of 100.00 EUR that holds 60.00 for request `a`.
fn book() -> Book {
    let mut book = Book::default();
    book.book(&posting(Allocate, "budget", 10_000)).unwrap();
    book.book(&posting(Reserve, "a", 6_000)).unwrap();
    book
}

/// What stands on each account for all keys together, zeros left out.
fn stands(book: &Book) -> Vec<(Account, i64)> {
    let totals = Account::ALL.map(|account| (account, book.total(FUND, eur(), account)));
    totals.into_iter().filter(|(_, minor)| *minor != 0).collect()
}

#[test]
fn an_amount_is_reserved_then_committed_in_parts_and_the_rest_given_back() {
    let mut book = book();
    book.book(&posting(Post, "a", 2_500)).unwrap();
    book.book(&posting(Post, "a", 500)).unwrap();
    let back = book.book(&posting(Void, "a", i64::MAX)).unwrap();
    assert_eq!(
        back.entries.iter().map(|entry| (entry.account, entry.minor)).collect::<Vec<_>>(),
        [(Reserved, -3_000), (Free, 3_000)]
    );
    assert_eq!(stands(&book), [(Allocated, -10_000), (Free, 7_000), (Posted, 3_000)]);
}

#[test]
fn a_request_becomes_claims_that_are_owed_paid_returned_by_the_bank_paid_again_and_claimed_back_in_part() {
    let mut book = book();
    let life = [
        posting(Post, "a", 4_000).to("claim/1"),
        posting(Post, "a", 2_000).to("claim/2"),
        posting(Owe, "claim/1", 4_000).to("payable/1"),
        posting(Owe, "claim/2", 2_000).to("payable/2"),
        posting(Withhold, "payable/2", 500).to("claim/2"),
        posting(Pay, "payable/1", 4_000),
        posting(Reopen, "payable/1", 4_000),
        posting(Pay, "payable/1", 4_000),
        posting(ClawBack, "payable/1", 1_000).to("audit/7"),
        posting(Recover, "audit/7", 600),
        posting(Waive, "audit/7", 400).to("payable/1"),
        posting(Reverse, "claim/2", 500),
    ];
    for posting in life {
        book.book(&posting).unwrap_or_else(|refusal| panic!("{refusal}"));
    }
    let by_key: Vec<_> =
        book.balances().filter(|(_, _, _, _, minor)| *minor != 0).map(|(_, _, a, key, m)| (a, key, m)).collect();
    assert_eq!(
        by_key,
        [(Allocated, "", -10_000), (Free, "", 5_100), (Payable, "payable/2", 1_500), (Paid, "payable/1", 3_400),]
    );
}

#[test]
fn an_advance_is_a_receivable_until_it_is_proven_or_comes_back() {
    let mut book = book();
    book.book(&posting(Advance, "a", 5_000)).unwrap();
    assert_eq!(stands(&book), [(Allocated, -10_000), (Free, 4_000), (Reserved, 1_000), (Prepaid, 5_000)]);
    book.book(&posting(Prove, "a", 4_200)).unwrap();
    book.book(&posting(Return, "a", 800)).unwrap();
    assert_eq!(stands(&book), [(Allocated, -10_000), (Free, 4_800), (Reserved, 1_000), (Paid, 4_200)]);
}

#[test]
fn an_advance_is_owed_paid_returned_paid_again_proven_in_part_and_the_rest_claimed_back() {
    let mut book = book();
    let life = [
        posting(Post, "a", 5_000).to("claim/1"),
        posting(OweAdvance, "claim/1", 5_000).to("payable/1"),
        posting(PayAdvance, "payable/1", 5_000),
        posting(ReopenAdvance, "payable/1", 5_000),
        posting(PayAdvance, "payable/1", 5_000),
    ];
    for posting in life {
        book.book(&posting).unwrap_or_else(|refusal| panic!("{refusal}"));
    }
    assert_eq!(stands(&book), [(Allocated, -10_000), (Free, 4_000), (Reserved, 1_000), (Prepaid, 5_000)]);
    book.book(&posting(Prove, "payable/1", 4_200)).unwrap();
    book.book(&posting(CallIn, "payable/1", 800)).unwrap();
    assert!(book.book(&posting(CallIn, "payable/1", 1)).is_err(), "nothing of it is left");
    book.book(&posting(Recover, "payable/1", 800)).unwrap();
    assert_eq!(stands(&book), [(Allocated, -10_000), (Free, 4_800), (Reserved, 1_000), (Paid, 4_200)]);
}

#[test]
fn what_sales_earned_may_be_used_once_it_is_credited_and_what_is_free_lapses_while_what_is_reserved_does_not() {
    let mut book = book();
    book.book(&posting(Earn, "2027-h1", 900)).unwrap();
    book.book(&posting(Unearn, "2027-h1", 100)).unwrap();
    assert_eq!(book.total(FUND, eur(), Free), 4_000, "not yet");
    book.book(&posting(Credit, "2027-h1", 800)).unwrap();
    book.book(&posting(Withdraw, "sweep", 300)).unwrap();
    book.book(&posting(Lapse, "2027-h1", i64::MAX)).unwrap();
    assert_eq!(stands(&book), [(Allocated, -10_500), (Reserved, 6_000), (Lapsed, 4_500)]);
    book.book(&posting(Renew, "2027-h1", 500)).unwrap();
    assert_eq!(book.total(FUND, eur(), Free), 500);
}

#[test]
fn every_refusal_names_its_figures() {
    let money = |minor| Money { minor, currency: eur() };
    let (fund, key) = (|| FUND.to_owned(), |key: &str| key.to_owned());
    let nothing = |account: Account, name: &str, action: PostingAction| Refusal::Nothing {
        fund: fund(),
        account,
        key: key(name),
        currency: eur(),
        action,
    };
    let cases = [
        (posting(Reserve, "b", 4_001), Refusal::Insufficient { fund: fund(), free: money(4_000), asked: money(4_001) }),
        (
            posting(Withdraw, "b", 4_001),
            Refusal::Insufficient { fund: fund(), free: money(4_000), asked: money(4_001) },
        ),
        (posting(Reserve, "a", 1), Refusal::AlreadyReserved { fund: fund(), key: key("a"), held: money(6_000) }),
        (posting(Post, "b", 1), nothing(Reserved, "b", Post)),
        (posting(Void, "b", 1), nothing(Reserved, "b", Void)),
        (posting(Expire, "b", 1), nothing(Reserved, "b", Expire)),
        (posting(Pay, "a", 1), nothing(Payable, "a", Pay)),
        (posting(Renew, "a", 1), nothing(Lapsed, "", Renew)),
        (
            posting(Post, "a", 6_001),
            Refusal::Beyond { fund: fund(), account: Reserved, key: key("a"), held: money(6_000), asked: money(6_001) },
        ),
        (posting(Reserve, "b", 0), Refusal::NotPositive { fund: fund(), asked: money(0) }),
        (posting(Allocate, "b", -5), Refusal::NotPositive { fund: fund(), asked: money(-5) }),
        (posting(Allocate, "b", i64::MAX), Refusal::Overflow { fund: fund() }),
        (posting(Void, "a", 1).to("b"), Refusal::ForNothing { fund: fund(), action: Void, account: Free }),
    ];
    for (posting, refusal) in cases {
        let mut book = book();
        let before = book.clone();
        assert_eq!(book.book(&posting).unwrap_err(), refusal);
        assert_eq!(book, before, "a refusal books nothing");
    }
    let said = |posting: Posting| book().book(&posting).unwrap_err().to_string();
    assert_eq!(
        said(posting(Reserve, "b", 4_001)),
        "fund `emea-2027` has EUR 40.00 free and EUR 40.01 is asked for; allocate more or ask for less"
    );
    assert_eq!(
        said(posting(Pay, "b", 1)),
        "fund `emea-2027` has nothing payable in EUR for `b`, so there is nothing to pay"
    );
}

#[test]
fn currencies_of_one_fund_are_strangers() {
    let mut book = book();
    let usd: Currency = "USD".parse().unwrap();
    let in_usd = Posting { amount: Money { minor: 1, currency: usd }, ..posting(Reserve, "b", 1) };
    assert!(matches!(book.book(&in_usd), Err(Refusal::Insufficient { .. })));
}

#[test]
fn words_lead_back_to_what_they_name() {
    assert!(Account::ALL.iter().all(|account| account.word().parse() == Ok(*account)));
    assert!(PostingAction::ALL.iter().all(|action| action.word().parse() == Ok(*action)));
    let stored = |action: &PostingAction| serde_json::to_value(action).unwrap();
    assert!(PostingAction::ALL.iter().all(|action| stored(action) == action.word()));
}

#[test]
fn broken_promises_are_found_in_the_entries() {
    let journals = |break_it: fn(&mut Vec<Journal>)| {
        let mut book = Book::default();
        let mut journals: Vec<Journal> =
            [posting(Allocate, "budget", 100), posting(Reserve, "a", 60), posting(Post, "a", 20)]
                .iter()
                .map(|posting| book.book(posting).unwrap())
                .collect();
        break_it(&mut journals);
        verify(&journals)
    };
    assert_eq!(journals(|_| ()), []);
    let misbooked = Breach::Misbooked { journal: 2, fund: FUND.into(), action: "post" };
    assert_eq!(
        journals(|j| j[2].entries[1].minor = 21),
        [Breach::Unbalanced { journal: 2, currency: eur(), sum: 1 }, misbooked.clone()]
    );
    assert_eq!(journals(|j| j[2].entries.swap(0, 1)), [], "entries have no order");
    assert_eq!(journals(|j| j[2].entries[1].account = Free), std::slice::from_ref(&misbooked));
    assert_eq!(journals(|j| j[2].posting.amount.minor = 21), [misbooked]);
    let negative = |breaches: Vec<Breach>, of: Account, at: i128| {
        breaches
            .iter()
            .any(|breach| matches!(breach, Breach::Negative { account, minor, .. } if (*account, *minor) == (of, at)))
    };
    assert!(negative(journals(|j| drop(j.remove(0))), Free, -60));
    assert!(negative(journals(|j| drop(j.remove(1))), Reserved, -20));
}

#[test]
fn what_came_in_beside_the_fund_is_paid_as_far_as_it_came_in() {
    let mut book = Book::default();
    let post = |action, minor| posting(action, "payable/1", minor);
    for (action, minor) in [(Allocate, 600), (Reserve, 600), (Post, 600), (Owe, 600), (OweSurplus, 400)] {
        book.book(&post(action, minor)).unwrap();
    }
    assert_eq!(stands(&book), [(Allocated, -600), (Payable, 1_000), (Surplus, -400)]);
    let refused = book.book(&post(PaySurplus, 401)).unwrap_err();
    let words = "fund `emea-2027` has EUR 4.00 surplus for `payable/1` and EUR 4.01 is asked for";
    assert!(refused.to_string().starts_with(words), "{refused}");
    assert!(book.book(&post(PaySurplus, 400).to("payable/2")).is_err(), "each payable has its own");
    book.book(&post(PaySurplus, 400)).unwrap();
    book.book(&post(Pay, 600)).unwrap();
    assert_eq!(stands(&book), [(Allocated, -600), (Paid, 600)]);
}

fn any_posting() -> impl Strategy<Value = Posting> {
    let action = prop::sample::select(PostingAction::ALL.to_vec());
    let to = prop::option::weighted(0.1, "[a-d]");
    (action, prop_oneof!["emea", "apac"], "[a-d]", prop_oneof!["EUR", "JPY"], -10i64..500, to).prop_map(
        |(action, fund, key, currency, minor, to)| Posting {
            fund,
            key,
            action,
            amount: Money { minor, currency: currency.parse().unwrap() },
            to,
        },
    )
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(256) })]

    #[test]
    fn no_sequence_of_postings_makes_money_or_leaves_less_than_nothing(postings in prop::collection::vec(any_posting(), 0..200)) {
        let mut book = Book::default();
        let mut journals = Vec::new();
        for posting in &postings {
            let before = book.clone();
            match book.book(posting) {
                Ok(journal) => journals.push(journal),
                Err(_) => prop_assert_eq!(&book, &before),
            }
            let mut sums: BTreeMap<(&str, Currency), i64> = BTreeMap::new();
            for (fund, currency, account, _, minor) in book.balances() {
                prop_assert!(account.may_stand_at(i128::from(minor)), "{account} at {minor}");
                *sums.entry((fund, currency)).or_default() += minor;
            }
            prop_assert!(sums.values().all(|sum| *sum == 0));
        }
        prop_assert_eq!(verify(&journals), vec![]);
    }
}
