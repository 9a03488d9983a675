//! What a posting does to the two figures a database keeps: a fund's balance, and what the posting's key holds.
//!
//! The rules are those of `entente_core::ledger::Book`, which keeps whole funds in memory; here they are applied to the
//! one row that a transaction has read. A test plays arbitrary postings on both.

use entente_core::{
    ledger::{Posting, PostingAction, Refusal},
    money::Money,
};

/// A fund's balance in one currency, in minor units. `reserved + posted` never exceeds `allocated`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Balance {
    /// What the fund may spend.
    pub allocated: i64,
    /// What reservations hold.
    pub reserved: i64,
    /// What has been spent.
    pub posted: i64,
}

impl Balance {
    /// What can still be reserved.
    pub fn free(&self) -> i64 {
        self.allocated - self.reserved - self.posted
    }
}

/// What a posting does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Booked {
    /// The balance afterwards.
    pub balance: Balance,
    /// What the key holds afterwards.
    pub held: i64,
    /// The journal's two entries, (account, signed minor units); they sum to zero.
    pub entries: [(&'static str, i64); 2],
}

/// Applies one posting. `held` is what its key holds of the fund in its currency.
///
/// # Errors
/// The rule that refuses it, with its figures.
pub fn book(balance: &Balance, held: i64, posting: &Posting) -> Result<Booked, Refusal> {
    let (fund, key, asked) = (posting.fund.clone(), posting.key.clone(), posting.amount);
    let money = |minor: i64| Money { minor, ..asked };
    let minor = asked.minor;
    if minor <= 0 {
        return Err(Refusal::NotPositive { fund, asked });
    }
    let booked = |balance: Balance, held: i64, (from, to): (&'static str, &'static str), minor: i64| Booked {
        balance,
        held,
        entries: [(from, -minor), (to, minor)],
    };
    match posting.action {
        PostingAction::Allocate => {
            let allocated = balance.allocated.checked_add(minor).ok_or(Refusal::Overflow { fund })?;
            Ok(booked(Balance { allocated, ..*balance }, held, ("allocated", "free"), minor))
        }
        PostingAction::Reserve if held > 0 => Err(Refusal::AlreadyReserved { fund, key, held: money(held) }),
        PostingAction::Reserve if minor > balance.free() => {
            Err(Refusal::Insufficient { fund, free: money(balance.free()), asked })
        }
        PostingAction::Reserve => {
            let reserved = balance.reserved + minor;
            Ok(booked(Balance { reserved, ..*balance }, minor, ("free", "reserved"), minor))
        }
        _ if held == 0 => Err(Refusal::NoReservation { fund, key, currency: asked.currency }),
        PostingAction::Post if minor > held => Err(Refusal::BeyondReservation { fund, key, held: money(held), asked }),
        PostingAction::Post => {
            let (reserved, posted) = (balance.reserved - minor, balance.posted + minor);
            Ok(booked(Balance { reserved, posted, ..*balance }, held - minor, ("reserved", "posted"), minor))
        }
        PostingAction::Void | PostingAction::Expire => {
            let back = minor.min(held);
            let reserved = balance.reserved - back;
            Ok(booked(Balance { reserved, ..*balance }, held - back, ("reserved", "free"), back))
        }
    }
}

/// The word under which a posting's action is stored.
pub fn action_word(action: PostingAction) -> &'static str {
    match action {
        PostingAction::Allocate => "allocate",
        PostingAction::Reserve => "reserve",
        PostingAction::Post => "post",
        PostingAction::Void => "void",
        PostingAction::Expire => "expire",
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use entente_core::ledger::Book;

    use super::*;

    /// A small generator: the same postings at every run.
    struct Draw(u64);

    impl Draw {
        fn below(&mut self, bound: u64) -> u64 {
            self.0 = self.0.wrapping_mul(6364136223846793005).wrapping_add(1442695040888963407);
            (self.0 >> 33) % bound
        }
    }

    #[test]
    fn arbitrary_postings_are_booked_and_refused_exactly_as_the_book_does() {
        use PostingAction::*;
        let (mut draw, mut book_in_memory) = (Draw(7), Book::default());
        let (mut balances, mut held) = (BTreeMap::new(), BTreeMap::new());
        let (mut accepted, mut refused) = (0, 0);
        for _ in 0..20_000 {
            let currency = ["USD", "EUR"][draw.below(2) as usize].parse().expect("a currency");
            let fund = ["emea", "apac"][draw.below(2) as usize].to_owned();
            let key = format!("claim/{}", draw.below(5));
            let action = [Allocate, Reserve, Post, Void, Expire][draw.below(5) as usize];
            let minor = if draw.below(500) == 0 { i64::MAX } else { draw.below(60) as i64 - 2 };
            let posting = Posting { fund: fund.clone(), key: key.clone(), action, amount: Money { minor, currency } };
            let balance: &mut Balance = balances.entry((fund.clone(), currency)).or_default();
            let hold: &mut i64 = held.entry((fund.clone(), currency, key)).or_default();
            match (book(balance, *hold, &posting), book_in_memory.book(&posting)) {
                (Ok(booked), Ok(journal)) => {
                    let entries: Vec<i64> = journal.entries.iter().map(|entry| entry.minor).collect();
                    assert_eq!(booked.entries.map(|(_, minor)| minor).to_vec(), entries, "{posting:?}");
                    (*balance, *hold) = (booked.balance, booked.held);
                    accepted += 1;
                }
                (Err(ours), Err(theirs)) => {
                    assert_eq!(ours, theirs);
                    refused += 1;
                }
                (ours, theirs) => panic!("{posting:?}: {ours:?} here, {theirs:?} in the book"),
            }
            let standing = book_in_memory.standing(&fund, currency);
            assert_eq!(
                (balance.allocated, balance.reserved, balance.posted),
                (standing.allocated, standing.reserved, standing.posted)
            );
            assert!(balance.free() >= 0);
        }
        assert!(accepted > 1_000 && refused > 1_000, "both sides are exercised: {accepted} and {refused}");
    }
}
