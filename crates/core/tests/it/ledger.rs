//! The ledger's rules.

use entente_core::{
    ledger::{Account, Book, Breach, Journal, Posting, PostingAction, Refusal, verify},
    money::{Currency, Money},
};
use proptest::prelude::*;

fn eur() -> Currency {
    "EUR".parse().unwrap()
}

fn posting(action: PostingAction, key: &str, minor: i64) -> Posting {
    Posting { fund: "emea-2027".into(), key: key.into(), action, amount: Money { minor, currency: eur() } }
}

/// A fund of 100.00 EUR that holds 60.00 for claim `a`.
fn book() -> Book {
    let mut book = Book::default();
    book.book(&posting(PostingAction::Allocate, "budget", 10_000)).unwrap();
    book.book(&posting(PostingAction::Reserve, "a", 6_000)).unwrap();
    book
}

#[test]
fn an_amount_is_reserved_then_spent_in_parts_and_the_rest_given_back() {
    let mut book = book();
    book.book(&posting(PostingAction::Post, "a", 2_500)).unwrap();
    book.book(&posting(PostingAction::Post, "a", 500)).unwrap();
    let back = book.book(&posting(PostingAction::Void, "a", i64::MAX)).unwrap();
    assert_eq!(
        back.entries.iter().map(|entry| (entry.account, entry.minor)).collect::<Vec<_>>(),
        [(Account::Reserved, -3_000), (Account::Free, 3_000)]
    );
    let standing = book.standing("emea-2027", eur());
    assert_eq!((standing.allocated, standing.reserved, standing.posted, standing.free()), (10_000, 0, 3_000, 7_000));
}

#[test]
fn every_refusal_names_its_figures() {
    use PostingAction::*;
    let money = |minor| Money { minor, currency: eur() };
    let (fund, key) = (|| "emea-2027".to_owned(), |key: &str| key.to_owned());
    let cases = [
        (posting(Reserve, "b", 4_001), Refusal::Insufficient { fund: fund(), free: money(4_000), asked: money(4_001) }),
        (posting(Reserve, "a", 1), Refusal::AlreadyReserved { fund: fund(), key: key("a"), held: money(6_000) }),
        (posting(Post, "b", 1), Refusal::NoReservation { fund: fund(), key: key("b"), currency: eur() }),
        (posting(Void, "b", 1), Refusal::NoReservation { fund: fund(), key: key("b"), currency: eur() }),
        (posting(Expire, "b", 1), Refusal::NoReservation { fund: fund(), key: key("b"), currency: eur() }),
        (
            posting(Post, "a", 6_001),
            Refusal::BeyondReservation { fund: fund(), key: key("a"), held: money(6_000), asked: money(6_001) },
        ),
        (posting(Reserve, "b", 0), Refusal::NotPositive { fund: fund(), asked: money(0) }),
        (posting(Allocate, "b", -5), Refusal::NotPositive { fund: fund(), asked: money(-5) }),
        (posting(Allocate, "b", i64::MAX), Refusal::Overflow { fund: fund() }),
    ];
    for (posting, refusal) in cases {
        let mut book = book();
        let before = book.clone();
        assert_eq!(book.book(&posting).unwrap_err(), refusal);
        assert_eq!(book, before, "a refusal books nothing");
    }
    let said = book().book(&posting(Reserve, "b", 4_001)).unwrap_err().to_string();
    assert_eq!(said, "fund `emea-2027` has EUR 40.00 free and EUR 40.01 is asked for; allocate more or ask for less");
}

#[test]
fn currencies_of_one_fund_are_strangers() {
    let mut book = book();
    let usd: Currency = "USD".parse().unwrap();
    let in_usd = Posting { amount: Money { minor: 1, currency: usd }, ..posting(PostingAction::Reserve, "b", 1) };
    assert!(matches!(book.book(&in_usd), Err(Refusal::Insufficient { .. })));
}

#[test]
fn broken_promises_are_found_in_the_entries() {
    let journals = |break_it: fn(&mut Vec<Journal>)| {
        let mut book = Book::default();
        let mut journals: Vec<Journal> = [
            posting(PostingAction::Allocate, "budget", 100),
            posting(PostingAction::Reserve, "a", 60),
            posting(PostingAction::Post, "a", 20),
        ]
        .iter()
        .map(|posting| book.book(posting).unwrap())
        .collect();
        break_it(&mut journals);
        verify(&journals)
    };
    assert_eq!(journals(|_| ()), []);
    assert_eq!(journals(|j| j[2].entries[1].minor = 21), [Breach::Unbalanced { journal: 2, currency: eur(), sum: 1 }]);
    assert!(matches!(journals(|j| drop(j.remove(0)))[..], [Breach::Overspent { journal: 0, over: 60, .. }, ..]));
    assert!(
        journals(|j| drop(j.remove(1)))
            .iter()
            .any(|breach| matches!(breach, Breach::NegativeReservation { minor: -20, .. }))
    );
}

fn any_posting() -> impl Strategy<Value = Posting> {
    let action = prop_oneof![
        Just(PostingAction::Allocate),
        Just(PostingAction::Reserve),
        Just(PostingAction::Post),
        Just(PostingAction::Void),
        Just(PostingAction::Expire)
    ];
    (action, prop_oneof!["emea", "apac"], "[a-d]", prop_oneof!["EUR", "JPY"], -10i64..500).prop_map(
        |(action, fund, key, currency, minor)| Posting {
            fund,
            key,
            action,
            amount: Money { minor, currency: currency.parse().unwrap() },
        },
    )
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(256) })]

    #[test]
    fn no_sequence_of_postings_spends_more_than_was_given(postings in prop::collection::vec(any_posting(), 0..80)) {
        let mut book = Book::default();
        let mut journals = Vec::new();
        for posting in &postings {
            if let Ok(journal) = book.book(posting) {
                journals.push(journal);
            }
            let standing = book.standing(&posting.fund, posting.amount.currency);
            prop_assert!(standing.free() >= 0 && standing.reserved >= 0 && standing.posted >= 0);
            let by_key = |of: fn(&entente_core::ledger::Held) -> i64| standing.keys.values().map(of).sum::<i64>();
            prop_assert_eq!((by_key(|h| h.reserved), by_key(|h| h.posted)), (standing.reserved, standing.posted));
        }
        prop_assert_eq!(verify(&journals), vec![]);
    }
}
