//! P6: no fund is ever oversubscribed, every journal sums to zero.

use std::{collections::BTreeMap, sync::Arc};

use entente_core::{
    ledger::{Account, Book, Posting, PostingAction},
    money::Money,
    scope::Scope,
};

use super::fixture::*;
use crate::{BalanceFilter, LedgerEntry, MemberOutcome, Store};

use Account::{Free, Paid, Payable, Posted, Reserved};
use PostingAction::{Allocate, Owe, Pay, Post, Reserve, Void};

async fn entries(store: &Arc<dyn Store>) -> Vec<LedgerEntry> {
    store.entries(&Scope::vendor(), None, 0, 10_000).await.expect("a read")
}

/// The balance of an account as its entries give it.
fn balance(entries: &[LedgerEntry], fund: &str, account: Account) -> i64 {
    entries.iter().filter(|entry| entry.posting.fund == fund && entry.account == account).map(|entry| entry.minor).sum()
}

fn assert_sound(entries: &[LedgerEntry]) {
    let mut sums: BTreeMap<i64, (i64, usize)> = BTreeMap::new();
    for entry in entries {
        let sum = sums.entry(entry.journal).or_default();
        *sum = (sum.0 + entry.minor, sum.1 + 1);
    }
    assert!(sums.values().all(|sum| *sum == (0, 2)), "{sums:?}");
}

async fn allocate(world: &World, fund: &str, minor: i64) {
    let booked =
        world.store.post(&Scope::vendor(), run("funds"), &posting(Allocate, fund, "budget", minor), at(0)).await;
    let journal = booked.expect("a write").expect("an allocation");
    assert_eq!((journal.run, journal.seq, journal.posting.fund.as_str()), (run("funds"), 0, fund));
}

/// Step by step through the accounts.
pub async fn an_amount_is_reserved_then_spent_in_part_then_given_back(store: Arc<dyn Store>) {
    let world = World::new(store).await;
    allocate(&world, "emea", 1000).await;
    let mut step = world.first("CLM-1");
    let life = [(Reserve, 400, (600, 400, 0)), (Post, 150, (600, 250, 150)), (Void, 999, (850, 0, 150))];
    for (action, minor, expected) in life {
        step.postings = vec![posting(action, "emea", "claim/1", minor)];
        world.hold(&step).await;
        let booked = entries(&world.store).await;
        assert_sound(&booked);
        assert_eq!(
            (balance(&booked, "emea", Free), balance(&booked, "emea", Reserved), balance(&booked, "emea", Posted)),
            expected
        );
        let last = booked.last().expect("entries");
        assert_eq!((last.run, last.seq, &last.posting), (step.snapshot.run, step.snapshot.seq, &step.postings[0]));
        assert_eq!(last.at, step.at, "in the business time of its step");
        step = world.next(&step);
    }
    step.postings = vec![posting(Post, "emea", "claim/1", 1)];
    let outcomes = world.commit(vec![step]).await;
    assert!(matches!(outcomes[0], MemberOutcome::LedgerRefused { .. }), "{outcomes:?}");
    assert_eq!(world.store.integrity().await.expect("a check"), Vec::<String>::new());
}

/// The run does not move without its money.
pub async fn a_refused_posting_takes_its_whole_step_back(store: Arc<dyn Store>) {
    let world = World::new(store).await;
    allocate(&world, "emea", 100).await;
    let mut step = world.first("CLM-1");
    step.postings = vec![posting(Reserve, "emea", "claim/1", 101)];
    let outcomes = world.commit(vec![step.clone()]).await;
    let MemberOutcome::LedgerRefused { reason } = &outcomes[0] else { panic!("{outcomes:?}") };
    assert!(reason.contains("emea") && reason.contains("1.00") && reason.contains("1.01"), "{reason}");
    assert!(world.store.run(&Scope::vendor(), step.snapshot.run).await.expect("a read").is_none());
    let outside = world.store.post(&Scope::vendor(), run("funds"), &step.postings[0], at(0)).await.expect("a call");
    assert!(outside.is_err_and(|words| words == *reason));
    assert_eq!(entries(&world.store).await.len(), 2);
    step.postings[0].amount.minor = 100;
    world.hold(&step).await;
}

/// A step's postings are one.
pub async fn a_second_posting_that_is_refused_takes_the_first_one_back(store: Arc<dyn Store>) {
    let world = World::new(store).await;
    allocate(&world, "emea", 100).await;
    let mut step = world.first("CLM-1");
    step.postings = vec![posting(Reserve, "emea", "claim/1", 60), posting(Reserve, "emea", "claim/2", 60)];
    let good = world.first("CLM-2");
    let outcomes = world.commit(vec![step, good]).await;
    assert!(matches!(outcomes[0], MemberOutcome::LedgerRefused { .. }), "{outcomes:?}");
    assert!(matches!(outcomes[1], MemberOutcome::Committed { .. }), "{outcomes:?}");
    let booked = entries(&world.store).await;
    assert_eq!((balance(&booked, "emea", Free), balance(&booked, "emea", Reserved)), (100, 0));
}

/// Row 61 at the store: 64 ask at once for the last 1,000, 30 each.
pub async fn sixty_four_writers_never_oversubscribe_a_fund(store: Arc<dyn Store>) {
    let world = Arc::new(World::new(store).await);
    allocate(&world, "emea", 1000).await;
    let calls: Vec<_> = (0..64)
        .map(|n| {
            let world = Arc::clone(&world);
            tokio::spawn(async move {
                let mut step = world.first(&format!("CLM-{n}"));
                step.postings = vec![posting(Reserve, "emea", &format!("claim/{n}"), 30)];
                world.commit(vec![step]).await.remove(0)
            })
        })
        .collect();
    let (mut reserved, mut refused) = (0, 0);
    for call in calls {
        match call.await.expect("a task") {
            MemberOutcome::Committed { .. } => reserved += 1,
            MemberOutcome::LedgerRefused { reason } => {
                let told =
                    ["`emea`", "USD 0.10 free", "USD 0.30 is asked for"].iter().all(|part| reason.contains(part));
                assert!(told, "the loser hears of the fund, what it asked for, and what is left: {reason}");
                refused += 1;
            }
            other => panic!("{other:?}"),
        }
    }
    assert_eq!((reserved, refused), (33, 31));
    let booked = entries(&world.store).await;
    assert_sound(&booked);
    assert_eq!((balance(&booked, "emea", Free), balance(&booked, "emea", Reserved)), (10, 990));
    assert_eq!(world.store.integrity().await.expect("a check"), Vec::<String>::new());
}

/// A claim is approved for less than was reserved: it is committed, the rest is free again, and the payee is paid, each
/// in one commit with its step.
pub async fn a_step_books_several_postings_or_none(store: Arc<dyn Store>) {
    let world = World::new(store).await;
    allocate(&world, "emea", 1000).await;
    let mut step = world.first("REQ-1");
    step.postings = vec![posting(Reserve, "emea", "request/1", 400)];
    world.hold(&step).await;
    step = world.next(&step);
    step.postings = vec![
        posting(Post, "emea", "request/1", 300).to("claim/1"),
        posting(Void, "emea", "request/1", i64::MAX),
        posting(Owe, "emea", "claim/1", 300).to("payable/1"),
    ];
    world.hold(&step).await;
    let stands = |entries: &[LedgerEntry]| [Free, Reserved, Posted, Payable, Paid].map(|a| balance(entries, "emea", a));
    assert_eq!(stands(&entries(&world.store).await), [700, 0, 0, 300, 0]);
    step = world.next(&step);
    step.postings = vec![posting(Pay, "emea", "payable/1", 300), posting(Pay, "emea", "payable/1", 1)];
    let outcomes = world.commit(vec![step.clone()]).await;
    let MemberOutcome::LedgerRefused { reason } = &outcomes[0] else { panic!("{outcomes:?}") };
    assert!(reason.contains("nothing payable") && reason.contains("`payable/1`"), "{reason}");
    step.postings.pop();
    world.hold(&step).await;
    let booked = entries(&world.store).await;
    assert_sound(&booked);
    assert_eq!(stands(&booked), [700, 0, 0, 0, 300]);
    let last: Vec<_> =
        booked[booked.len() - 2..].iter().map(|entry| (entry.account, &*entry.key, entry.minor)).collect();
    assert_eq!(last, [(Paid, "payable/1", 300), (Payable, "payable/1", -300)]);
    assert_eq!(world.store.integrity().await.expect("a check"), Vec::<String>::new());
}

/// Whatever is asked for: what the book refuses is refused in the same words, and what it books stands in the same places.
pub async fn arbitrary_postings_leave_what_the_book_says(store: Arc<dyn Store>) {
    let (mut book, mut state) = (Book::default(), 7u64);
    let mut below = |bound: usize| {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (state >> 33) as usize % bound
    };
    let (mut accepted, mut refused) = (0, 0);
    for n in 0..600 {
        let action = if below(4) == 0 { Allocate } else { PostingAction::ALL[below(PostingAction::ALL.len())] };
        let minor = if below(100) == 0 { i64::MAX } else { below(60) as i64 - 2 };
        let amount = Money { minor, currency: ["USD", "JPY"][below(2)].parse().expect("a currency") };
        let mut posting = Posting::new(action, ["emea", "apac"][below(2)], format!("claim/{}", below(3)), amount);
        posting.to = (below(8) == 0).then(|| format!("claim/{}", below(3)));
        let booked = store.post(&Scope::vendor(), run("funds"), &posting, at(n)).await.expect("a call");
        match (booked, book.book(&posting)) {
            (Ok(_), Ok(_)) => accepted += 1,
            (Err(ours), Err(theirs)) => {
                assert_eq!(ours, theirs.to_string(), "{posting:?}");
                refused += 1;
            }
            (ours, theirs) => panic!("{posting:?}: {ours:?} here, {theirs:?} in the book"),
        }
    }
    assert!(accepted > 100 && refused > 100, "both sides are exercised: {accepted} and {refused}");
    let filter = BalanceFilter { by_key: true, ..BalanceFilter::default() };
    let mut stands = store.balances(&Scope::vendor(), &filter).await.expect("a read");
    stands.sort_by(|left, right| {
        (&left.fund, left.currency, left.account, &left.key).cmp(&(
            &right.fund,
            right.currency,
            right.account,
            &right.key,
        ))
    });
    let stands: Vec<_> = stands.iter().map(|at| (&*at.fund, at.currency, at.account, &*at.key, at.minor)).collect();
    assert_eq!(stands, book.balances().collect::<Vec<_>>());
    assert_eq!(store.unbalanced(&Scope::vendor()).await.expect("a check"), Vec::<String>::new());
    assert_eq!(store.integrity().await.expect("a check"), Vec::<String>::new());
}

/// Per account or per key, of one fund, in one currency, and as it stood at an instant.
pub async fn balances_are_narrowed_by_every_filter(store: Arc<dyn Store>) {
    let world = World::new(store).await;
    let yen = |minor| Money { minor, currency: "JPY".parse().expect("a currency") };
    let life = [
        (1, posting(Allocate, "emea", "budget", 100)),
        (2, posting(Allocate, "apac", "budget", 50)),
        (3, Posting::new(Allocate, "emea", "budget", yen(7))),
        (4, posting(Reserve, "emea", "request/1", 30)),
        (5, posting(Reserve, "emea", "request/2", 20)),
    ];
    for (second, posting) in &life {
        let booked = world.store.post(&Scope::vendor(), run("funds"), posting, at(*second)).await.expect("a write");
        booked.expect("a booking");
    }
    let all = async |filter: BalanceFilter| {
        let stands = world.store.balances(&Scope::vendor(), &filter).await.expect("a read");
        let line =
            |at: &crate::AccountBalance| format!("{} {} {} {} {}", at.fund, at.currency, at.account, at.key, at.minor);
        stands.iter().map(line).collect::<Vec<_>>()
    };
    let of = |fund: &str| BalanceFilter { fund: Some(fund.into()), ..BalanceFilter::default() };
    let dollars = BalanceFilter { currency: Some("USD".parse().expect("a currency")), ..of("emea") };
    assert_eq!(all(of("apac")).await, ["apac USD allocated  -50", "apac USD free  50"]);
    let emea = ["emea USD allocated  -100", "emea USD free  50", "emea USD reserved  50"];
    assert_eq!(all(of("emea")).await, [&["emea JPY allocated  -7", "emea JPY free  7"], &emea[..]].concat());
    assert_eq!(all(dollars.clone()).await, emea);
    let then = BalanceFilter { as_of: Some(at(4)), by_key: true, ..dollars.clone() };
    assert_eq!(all(then).await, ["emea USD allocated  -100", "emea USD free  70", "emea USD reserved request/1 30"]);
    assert_eq!(all(BalanceFilter { as_of: Some(at(0)), ..dollars }).await, Vec::<String>::new());
    assert_eq!(all(BalanceFilter::default()).await.len(), 7);
}

/// What is free in one is not free in another.
pub async fn funds_and_currencies_do_not_mix(store: Arc<dyn Store>) {
    let world = World::new(store).await;
    allocate(&world, "emea", 100).await;
    let euros = Money { minor: 50, currency: "EUR".parse().expect("a currency") };
    let tries = [
        Posting { amount: euros, ..posting(Reserve, "emea", "claim/1", 50) },
        posting(Reserve, "apac", "claim/1", 50),
        posting(Allocate, "emea", "budget", i64::MAX),
        posting(Reserve, "emea", "claim/1", 0),
        posting(Reserve, "emea", "claim/1", -5),
    ];
    for posting in tries {
        let booked = world.store.post(&Scope::vendor(), run("funds"), &posting, at(0)).await.expect("a call");
        assert!(booked.is_err(), "{posting:?}");
    }
    assert_eq!(entries(&world.store).await.len(), 2);
}

/// After a journal number; narrowed to a fund.
pub async fn entries_come_in_portions(store: Arc<dyn Store>) {
    let world = World::new(store).await;
    for fund in ["emea", "apac", "emea"] {
        allocate(&world, fund, 10).await;
    }
    let all = entries(&world.store).await;
    assert_eq!(all.len(), 6);
    let first = all[0].journal;
    let rest = world.store.entries(&Scope::vendor(), None, first, 10).await.expect("a read");
    assert_eq!(rest, all[2..]);
    let emea = world.store.entries(&Scope::vendor(), Some("emea"), 0, 10).await.expect("a read");
    assert_eq!(emea.len(), 4);
    assert_eq!(world.store.entries(&Scope::vendor(), None, 0, 2).await.expect("a read"), all[..2]);
}
