//! What holds of any books: whatever is booked and however late, months tie out, balance, and take back what they estimated.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::LazyLock,
};

use entente_core::{
    close::{Batch, Books, LineKind, Moved, OpenRequest, PostingRules, Standing, close},
    ledger::{Account, Book, Posting, PostingAction},
    mdf::model::FundKind,
    money::{Currency, Money},
};
use jiff::Timestamp;
use proptest::prelude::*;

use super::{books, estimate, fund, rules};

/// Reading them is what takes time.
static RULES: LazyLock<PostingRules> = LazyLock::new(rules);

const MONTHS: [&str; 3] = ["2027-03", "2027-04", "2027-05"];
const FUNDS: [&str; 2] = ["given", "earned"];

/// Something that is tried in a month.
#[derive(Debug, Clone)]
struct Tried {
    month: usize,
    /// It is booked with the time of the month before, after that one was closed.
    late: bool,
    fund: usize,
    currency: usize,
    action: PostingAction,
    key: usize,
    minor: i64,
}

fn tried() -> impl Strategy<Value = Tried> {
    let place = (0..FUNDS.len(), 0..2_usize, 0..3_usize);
    let action = proptest::sample::select(PostingAction::ALL.to_vec());
    (0..MONTHS.len(), any::<bool>(), place, action, 1..50_000_i64).prop_map(|(month, late, place, action, minor)| {
        let (fund, currency, key) = place;
        Tried { month, late: late && month > 0, fund, currency, action, key, minor }
    })
}

fn currency(at: usize) -> Currency {
    ["EUR", "JPY"][at].parse().unwrap()
}

/// The middle of a month.
fn middle(month: usize) -> Timestamp {
    format!("{}-15T12:00:00Z", MONTHS[month]).parse().unwrap()
}

/// What was booked, in order: each journal with the month in which it was booked.
fn booked(mut all: Vec<Tried>) -> Vec<(usize, Moved)> {
    all.sort_by_key(|one| one.month);
    let mut book = Book::default();
    let mut journals = Vec::new();
    let given = (0..4).map(|at| Tried {
        month: 0,
        late: false,
        fund: at % 2,
        currency: at / 2,
        action: PostingAction::Allocate,
        key: 0,
        minor: 200_000,
    });
    for one in given.chain(all) {
        let amount = Money { minor: one.minor, currency: currency(one.currency) };
        let posting = Posting::new(one.action, FUNDS[one.fund], format!("request/{}", one.key), amount);
        let Ok(journal) = book.book(&posting) else { continue };
        let moved = journal.entries.iter().map(|entry| entry.minor).max().unwrap();
        if moved == 0 {
            continue;
        }
        let at = middle(if one.late { one.month - 1 } else { one.month });
        let (number, fund) = (i64::try_from(journals.len()).unwrap() + 1, FUNDS[one.fund].to_owned());
        let amount = Money { minor: moved, ..amount };
        journals.push((one.month, Moved { journal: number, at, fund, action: one.action, amount }));
    }
    journals
}

/// What stands on each account after these journals.
fn standing<'a>(journals: impl Iterator<Item = &'a Moved>) -> Vec<Standing> {
    let mut sums: BTreeMap<(String, Currency, Account), i64> = BTreeMap::new();
    for moved in journals {
        let (source, target) = moved.action.movement();
        for (account, minor) in [(source, -moved.amount.minor), (target, moved.amount.minor)] {
            *sums.entry((moved.fund.clone(), moved.amount.currency, account)).or_default() += minor;
        }
    }
    let of = |((fund, currency, account), minor)| Standing { fund, currency, account, minor };
    sums.into_iter().map(of).collect()
}

/// Some of what is reserved, as one request with or without a claim.
fn requests(standing: &[Standing], performed: bool, claimed: i64) -> Vec<OpenRequest> {
    let held = standing.iter().filter(|at| at.account == Account::Reserved && at.minor > 0);
    let of = |at: &Standing| {
        let money = |minor| Money { minor, currency: at.currency };
        let claims = vec![("CLM".to_owned(), money(claimed))];
        OpenRequest { request: "REQ".into(), fund: at.fund.clone(), held: money(at.minor), performed, claims }
    };
    held.map(of).collect()
}

/// Closes three months of what was booked, each while nothing of the next is there yet.
fn closed(rules: &PostingRules, journals: &[(usize, Moved)], performed: bool, claimed: i64) -> Vec<Batch> {
    let mut months: Vec<Batch> = Vec::new();
    let mut taken = 0;
    for (at, month) in MONTHS.iter().enumerate() {
        let so_far: Vec<&Moved> = journals.iter().filter(|(month, _)| *month <= at).map(|(_, moved)| moved).collect();
        let standing = standing(so_far.iter().copied());
        let kinds = [FundKind::Discretionary, FundKind::Accrual];
        let funds = FUNDS.iter().zip(kinds).map(|(name, kind)| ((*name).to_owned(), fund(kind))).collect();
        let batch = close(&Books {
            funds,
            journals: so_far.iter().skip(taken).map(|moved| (*moved).clone()).collect(),
            cut: i64::try_from(so_far.len()).unwrap(),
            previous: months.last().map(|last| (last, "lock".into())),
            requests: requests(&standing, performed, claimed),
            orders: Vec::new(),
            standing,
            estimates: BTreeMap::from([("emea-mdf".parse().unwrap(), estimate("33.33"))]),
            ..books(rules, month)
        });
        taken = so_far.len();
        months.push(batch.unwrap());
    }
    months
}

proptest! {
    #[test]
    fn any_movements_tie_out_balance_and_are_in_one_month_once(
        all in proptest::collection::vec(tried(), 0..60), performed in any::<bool>(), claimed in 0..60_000_i64,
    ) {
        let journals = booked(all);
        let months = closed(&RULES, &journals, performed, claimed);
        let mut seen = BTreeMap::<i64, usize>::new();
        for (at, batch) in months.iter().enumerate() {
            for sum in batch.controls.values() {
                prop_assert_eq!(sum.debits, sum.credits);
            }
            for roll in &batch.roll {
                let moved: i64 = roll.movements.iter().map(|one| one.minor).sum();
                prop_assert_eq!(roll.opening + moved, roll.closing);
            }
            let total: i64 = batch.roll.iter().map(|roll| roll.closing).sum();
            prop_assert_eq!(total, 0, "all accounts of all funds together");
            let behind = batch.lines.iter().filter(|line| line.kind == LineKind::Movement);
            let pairs: BTreeSet<(&str, i64)> =
                behind.flat_map(|line| line.journals.iter().map(|journal| (line.what.word(), *journal))).collect();
            let memos = batch.memos.iter().flat_map(|memo| &memo.journals).copied();
            for journal in pairs.into_iter().map(|(_, journal)| journal).chain(memos) {
                *seen.entry(journal).or_default() += 1;
                let (month, moved) = &journals[usize::try_from(journal).unwrap() - 1];
                prop_assert_eq!(*month, at, "it is in the month that was open when it came");
                let of = batch.lines.iter().find(|line| line.journals.contains(&journal)).and_then(|line| line.origin.clone());
                let late = moved.at < middle(at);
                prop_assert!(of.is_none_or(|of| late && of == MONTHS[at - 1]));
            }
        }
        prop_assert_eq!(seen.len(), journals.len());
        prop_assert!(seen.values().all(|times| *times == 1), "{:?}", seen);
    }

    #[test]
    fn every_estimate_is_taken_back_to_the_cent_and_the_liability_is_what_is_owed(
        all in proptest::collection::vec(tried(), 0..60), performed in any::<bool>(), claimed in 0..60_000_i64,
    ) {
        let months = closed(&RULES, &booked(all), performed, claimed);
        for pair in months.windows(2) {
            let sums = |batch: &Batch, kind: LineKind| {
                let mut sums = BTreeMap::new();
                for line in batch.lines.iter().filter(|line| line.kind == kind) {
                    let at = (line.account.clone(), line.fund.clone(), line.what, line.amount.currency);
                    *sums.entry(at).or_insert(0_i64) += line.signed();
                }
                sums
            };
            let (accrued, taken_back) = (sums(&pair[0], LineKind::Accrual), sums(&pair[1], LineKind::Reversal));
            prop_assert_eq!(accrued.len(), taken_back.len());
            for (at, minor) in accrued {
                prop_assert_eq!(taken_back.get(&at).copied(), Some(-minor));
            }
        }
        for batch in &months {
            for accrual in &batch.accruals {
                prop_assert_eq!(accrual.entitled.minor, accrual.breakage.minor + accrual.accrued.minor);
                prop_assert!(accrual.breakage.minor >= 0 && accrual.accrued.minor > 0);
                let parts: i64 = accrual.of.iter().map(|(_, part)| part.minor).sum();
                prop_assert_eq!(parts, accrual.entitled.minor);
            }
            for roll in batch.roll.iter().filter(|roll| roll.account == Account::Payable) {
                let booked = batch.liability.iter().find(|one| one.fund == roll.fund && one.amount.currency == roll.currency);
                prop_assert_eq!(booked.map_or(0, |one| one.amount.minor), roll.closing);
            }
        }
    }
}
