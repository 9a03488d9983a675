//! P6: no fund is ever oversubscribed, every journal sums to zero.

use std::{collections::BTreeMap, sync::Arc};

use entente_core::{
    ledger::{Posting, PostingAction},
    money::Money,
    scope::Scope,
};

use super::fixture::*;
use crate::{LedgerEntry, MemberOutcome, Store};

use PostingAction::{Allocate, Post, Reserve, Void};

async fn entries(store: &Arc<dyn Store>) -> Vec<LedgerEntry> {
    store.entries(&Scope::vendor(), None, 0, 10_000).await.expect("a read")
}

/// The balance of an account as its entries give it.
fn balance(entries: &[LedgerEntry], fund: &str, account: &str) -> i64 {
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
            (
                balance(&booked, "emea", "free"),
                balance(&booked, "emea", "reserved"),
                balance(&booked, "emea", "posted")
            ),
            expected
        );
        let last = booked.last().expect("entries");
        assert_eq!((last.run, last.seq, &last.posting), (step.snapshot.run, step.snapshot.seq, &step.postings[0]));
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
    assert_eq!((balance(&booked, "emea", "free"), balance(&booked, "emea", "reserved")), (100, 0));
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
            MemberOutcome::LedgerRefused { .. } => refused += 1,
            other => panic!("{other:?}"),
        }
    }
    assert_eq!((reserved, refused), (33, 31));
    let booked = entries(&world.store).await;
    assert_sound(&booked);
    assert_eq!((balance(&booked, "emea", "free"), balance(&booked, "emea", "reserved")), (10, 990));
    assert_eq!(world.store.integrity().await.expect("a check"), Vec::<String>::new());
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
