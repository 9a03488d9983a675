//! One journal: its sides, and the step that booked it.

use entente_core::{
    ids::{PartyId, PersonId},
    ledger::{Account, Posting, PostingAction},
    money::Money,
    scope::Scope,
};
use entente_store::{Error as StoreError, RunRow, Store};
use jiff::Timestamp;
use serde::Serialize;

use super::{Said, named, payee_of, said};
use crate::{
    ledger::journals::{Journal, Reader},
    offers::{DeskError, timeline},
};

/// A journal, and how it came about.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Booked {
    /// Its number.
    pub journal: String,
    /// When it was booked, in business time.
    pub at: Timestamp,
    /// The fund.
    pub fund: String,
    /// What was done.
    pub movement: PostingAction,
    /// How much was asked for; where that is an upper bound, less may have been booked.
    pub amount: Money,
    /// What the money was for.
    pub key: String,
    /// What it is for from then on, where that is another thing.
    pub to: Option<String>,
    /// Both of its sides.
    pub entries: Vec<Side>,
    /// The run that booked it, by its label.
    pub run: Option<String>,
    /// The step of that run.
    pub step: u64,
    /// What made that step; nothing where its history has left for an archive.
    pub event: Option<What>,
    /// What people said when they were asked last before it.
    pub votes: Vec<Said>,
}

/// One side of a journal.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Side {
    /// The account.
    pub account: Account,
    /// What it is for; empty where the account keeps one balance.
    pub key: String,
    /// By how much it rose, or fell.
    pub amount: Money,
}

/// What made a step.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct What {
    /// What happened, in words.
    pub what: String,
    /// Who did it, where a person did.
    pub who: Option<PersonId>,
    /// For whom, where the person stood in for somebody.
    pub on_behalf_of: Option<PersonId>,
    /// The channel that it came by.
    pub source: String,
    /// The state before.
    pub from: String,
    /// The state after.
    pub state: String,
}

/// Who asks: the vendor's people, as far as they work for the legal entity, or a partner's.
#[derive(Debug, Clone, Copy)]
pub struct Asks<'a> {
    /// What they reach.
    pub scope: &'a Scope,
    /// The partner, where it is a partner's person.
    pub partner: Option<&'a PartyId>,
}

/// A journal by its number, as whoever asks may see it. A partner's person sees what its own papers have booked for it, and the
/// movements of what is owed to it, whoever's paper owes it; who agreed, and what the vendor's people did, is not told.
///
/// # Errors
/// When there is none in sight, or the database cannot be read.
pub async fn of(store: &dyn Store, asks: Asks<'_>, no: i64) -> Result<Booked, DeskError> {
    let absent = || DeskError::from(StoreError::NotFound { kind: "journal", id: named(no) });
    let found = Reader::after(no.saturating_sub(1)).next(store).await?;
    let journal = found.filter(|journal| journal.no == no).ok_or_else(absent)?;
    let run = store.run(&Scope::vendor(), journal.run).await?;
    if !asks.sees(&journal.posting, run.as_ref()) {
        return Err(absent());
    }
    let mut booked = booked(journal, run.as_ref());
    let own = asks.partner.is_none_or(|partner| run.as_ref().is_some_and(|run| run.snapshot.home.party == *partner));
    if let Some(run) = run.filter(|_| own) {
        let records = timeline::records(store, run.snapshot.run).await?;
        let entries = timeline::entries(&records, &[]);
        booked.event = entries.into_iter().find(|entry| entry.seq == booked.step).map(|entry| What {
            what: entry.what,
            who: entry.who,
            on_behalf_of: entry.on_behalf_of,
            source: entry.source,
            from: entry.from,
            state: entry.state,
        });
        booked.votes = if asks.partner.is_none() { said(&records, booked.step) } else { Vec::new() };
    }
    Ok(booked)
}

impl Asks<'_> {
    fn sees(&self, posting: &Posting, run: Option<&RunRow>) -> bool {
        let Some(partner) = self.partner else {
            return run.is_none_or(|run| self.scope.reaches(&run.snapshot.home));
        };
        let keys = [Some(posting.key.as_str()), posting.to.as_deref()];
        match keys.into_iter().flatten().find_map(payee_of) {
            Some(payee) => payee == partner.as_str(),
            None => run.is_some_and(|run| run.snapshot.home.party == *partner),
        }
    }
}

fn booked(journal: Journal, run: Option<&RunRow>) -> Booked {
    let Journal { no, step, at, posting, entries, .. } = journal;
    let sides = entries.into_iter().map(|entry| Side {
        account: entry.account,
        key: entry.key,
        amount: Money { minor: entry.minor, currency: entry.currency },
    });
    Booked {
        journal: named(no),
        at,
        movement: posting.action,
        amount: posting.amount,
        entries: sides.collect(),
        fund: posting.fund,
        key: posting.key,
        to: posting.to,
        run: run.map(|run| run.snapshot.label.clone()),
        step,
        event: None,
        votes: Vec::new(),
    }
}
