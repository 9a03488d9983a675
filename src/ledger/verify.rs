//! Every promise of the ledger, checked on what is stored: the books balance, the balances are those of the entries, and
//! each entry comes from a step of a run.
//!
//! It may run beside a server. Journals are read first and history after them, so each journal that was read has its step
//! in what is read later; a step whose journal seems to be missing is looked for once more among those booked meanwhile.

use std::collections::BTreeMap;

use entente_core::{
    ids::RunId,
    ledger::{Account, Entry, Posting, PostingAction, Proof},
    money::{Currency, Money},
    scope::Scope,
};
use entente_store::{BalanceFilter, LedgerEntry, Result, Store};

use super::{
    Finding,
    trace::{self, Booked},
};

/// Entries of one read.
const PAGE: u32 = 1000;

/// Who reserved an amount: by fund, currency and key.
type Holders = BTreeMap<(String, Currency, String), RunId>;

/// What was found.
#[derive(Debug, Default)]
pub struct Report {
    /// Journals read.
    pub journals: usize,
    /// What all entries sum to, per currency.
    pub trial_balance: BTreeMap<Currency, i128>,
    /// Journals whose step is in an archive alone.
    pub archived: usize,
    /// Everything that is wrong.
    pub findings: Vec<Finding>,
}

/// Checks the whole ledger.
///
/// # Errors
/// When the database cannot be read.
pub async fn verify(store: &dyn Store) -> Result<Report> {
    let (mut proof, mut booked, mut holders) = (Proof::default(), Booked::default(), Holders::new());
    let (mut journals, mut last) = (0, 0);
    let mut reader = Reader::after(0);
    while let Some(journal) = reader.next(store).await? {
        proof.read(journal.no, &journal.posting, &journal.entries);
        if journal.posting.action == PostingAction::Reserve {
            let (_, key) = journal.posting.target();
            let place = (journal.posting.fund.clone(), journal.posting.amount.currency, key.to_owned());
            holders.insert(place, journal.run);
        }
        (journals, last) = (journals + 1, journal.no);
        booked.add(journal.no, (journal.run, journal.step), journal.posting);
    }
    let mut traced = booked.trace(store).await?;
    let mut findings: Vec<Finding> = proof.breaches().iter().cloned().map(Finding::from).collect();
    let off = proof.sums().iter().filter(|(_, sum)| **sum != 0);
    findings.extend(off.map(|(currency, sum)| Finding::TrialBalance { currency: *currency, sum: *sum }));
    let kept = store.unbalanced(&Scope::vendor()).await?;
    findings.extend(kept.into_iter().map(|what| Finding::Balance { what }));
    findings.append(&mut traced.findings);
    findings.extend(not_booked(store, traced.missing, last).await?);
    findings.extend(held_by_nobody(store, &proof, &holders).await?);
    Ok(Report { journals, trial_balance: proof.sums().clone(), archived: traced.archived, findings })
}

/// What steps booked and no journal has, those booked since `last` included.
async fn not_booked(
    store: &dyn Store,
    mut missing: BTreeMap<(RunId, u64), Vec<Posting>>,
    last: i64,
) -> Result<Vec<Finding>> {
    let mut reader = Reader::after(last);
    while !missing.is_empty()
        && let Some(journal) = reader.next(store).await?
    {
        if let Some(left) = missing.get_mut(&(journal.run, journal.step))
            && let Some(at) = left.iter().position(|posting| *posting == journal.posting)
        {
            left.remove(at);
        }
    }
    let finding = |((run, step), left): ((RunId, u64), Vec<Posting>)| {
        left.into_iter().map(move |posting| Finding::NotBooked {
            run,
            step,
            action: posting.action.word(),
            amount: posting.amount,
            fund: posting.fund,
        })
    };
    Ok(missing.into_iter().flat_map(finding).collect())
}

/// Reservations whose run is gone, or has ended.
async fn held_by_nobody(store: &dyn Store, proof: &Proof, holders: &Holders) -> Result<Vec<Finding>> {
    let held: Vec<_> = proof
        .balances()
        .filter(|(_, _, account, _, minor)| *account == Account::Reserved && *minor > 0)
        .filter_map(|(fund, currency, _, key, _)| {
            let run = holders.get(&(fund.to_owned(), currency, key.to_owned()))?;
            Some((fund, currency, key, *run))
        })
        .collect();
    let ids: Vec<RunId> = held.iter().map(|(.., run)| *run).collect();
    let known = trace::runs(store, &ids).await?;
    let mut findings = Vec::new();
    for (fund, currency, key, run) in held {
        let why = match known.get(&run) {
            Some(row) if row.snapshot.ended => "has ended",
            Some(_) => continue,
            None => "does not exist",
        };
        // The run may have ended after its journals were read, and given back what it held.
        if let Some(minor) = still_held(store, fund, currency, key).await? {
            let held = Money { minor, currency };
            findings.push(Finding::HeldByNobody { fund: fund.to_owned(), key: key.to_owned(), held, run, why });
        }
    }
    Ok(findings)
}

async fn still_held(store: &dyn Store, fund: &str, currency: Currency, key: &str) -> Result<Option<i64>> {
    let filter = BalanceFilter {
        fund: Some(fund.to_owned()),
        currency: Some(currency),
        by_key: true,
        ..BalanceFilter::default()
    };
    let stands = store.balances(&Scope::vendor(), &filter).await?;
    let found = stands.into_iter().find(|at| at.account == Account::Reserved && at.key == key);
    Ok(found.map(|at| at.minor).filter(|minor| *minor > 0))
}

/// A journal as read.
struct Journal {
    no: i64,
    run: RunId,
    step: u64,
    posting: Posting,
    entries: Vec<Entry>,
}

/// Reads journals one after the other, whole.
struct Reader {
    after: i64,
    read: std::collections::VecDeque<LedgerEntry>,
    ended: bool,
}

impl Reader {
    fn after(journal: i64) -> Reader {
        Reader { after: journal, read: std::collections::VecDeque::new(), ended: false }
    }

    async fn next(&mut self, store: &dyn Store) -> Result<Option<Journal>> {
        if self.read.is_empty() && !self.ended {
            self.fill(store).await?;
        }
        let Some(first) = self.read.pop_front() else { return Ok(None) };
        let mut entries = vec![first.entry()];
        while let Some(more) = self.read.pop_front_if(|entry| entry.journal == first.journal) {
            entries.push(more.entry());
        }
        let LedgerEntry { journal: no, run, seq: step, posting, .. } = first;
        Ok(Some(Journal { no, run, step, posting, entries }))
    }

    /// The last journal of a full page may go on in the next one, so it is read again with it.
    async fn fill(&mut self, store: &dyn Store) -> Result<()> {
        let page = store.entries(&Scope::vendor(), None, self.after, PAGE).await?;
        self.ended = page.len() < PAGE as usize;
        self.read.extend(page);
        if !self.ended
            && let Some(last) = self.read.back().map(|entry| entry.journal)
            && self.read.front().is_some_and(|entry| entry.journal != last)
        {
            self.read.retain(|entry| entry.journal != last);
        }
        self.after = self.read.back().map_or(self.after, |entry| entry.journal);
        Ok(())
    }
}
