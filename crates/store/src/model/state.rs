//! The tables, as maps.

use std::{
    collections::{BTreeMap, BTreeSet},
    time::Duration,
};

use entente_core::{
    event::TimerKey,
    ids::{Fence, InvokeId, ProcessId, RunId, Shard},
    ledger::Book,
    scope::{Entities, Home, Parties, Scope},
};
use jiff::Timestamp;

use super::{archives::Place, imports::Import, spend::Reading};
use crate::{
    Appended, HistoryRow, InboxMessage, IntentRow, LeaseKey, LedgerEntry, Message, NewArchive, NoticeRow, Occurrence,
    PendingMessage, RunKey, RunRow, ScheduleState, SealRow, StoredDocument, TaskRow, TokenRow, Verdict,
};

/// The whole database.
#[derive(Debug, Clone)]
pub(super) struct State {
    pub(super) epoch: String,
    pub(super) lease_clock: Duration,
    pub(super) change_marker: i64,
    pub(super) series: BTreeMap<String, u64>,
    pub(super) runs: BTreeMap<RunId, RunRow>,
    pub(super) keys: BTreeMap<RunId, BTreeSet<RunKey>>,
    pub(super) history: Vec<HistoryRow>,
    pub(super) inbox: Vec<InboxMessage>,
    pub(super) intents: BTreeMap<(RunId, InvokeId), StoredIntent>,
    pub(super) timers: BTreeMap<(RunId, TimerKey), Timestamp>,
    pub(super) leases: BTreeMap<LeaseKey, StoredLease>,
    pub(super) tasks: BTreeMap<(RunId, String), TaskRow>,
    pub(super) notices: BTreeMap<String, NoticeRow>,
    pub(super) schedules: BTreeMap<String, ScheduleState>,
    pub(super) occurrences: BTreeMap<(String, Timestamp), Occurrence>,
    pub(super) documents: BTreeMap<(String, String, u32), StoredDocument>,
    pub(super) settings: BTreeMap<String, String>,
    pub(super) book: Book,
    /// A book that was read before the transaction, for those who mean to be wrong.
    #[cfg(feature = "deliberate-bugs")]
    pub(super) book_read: Option<Book>,
    pub(super) entries: Vec<Booked>,
    pub(super) seals: Vec<SealRow>,
    pub(super) archives: Vec<NewArchive>,
    pub(super) archived: BTreeMap<RunId, Place>,
    pub(super) imports: Vec<Import>,
    pub(super) readings: Vec<Reading>,
    /// By hash.
    pub(super) tokens: Vec<([u8; 32], TokenRow)>,
}

impl Default for State {
    fn default() -> State {
        State {
            epoch: "epoch-1".to_owned(),
            lease_clock: Duration::ZERO,
            change_marker: 0,
            series: BTreeMap::new(),
            runs: BTreeMap::new(),
            keys: BTreeMap::new(),
            history: Vec::new(),
            inbox: Vec::new(),
            intents: BTreeMap::new(),
            timers: BTreeMap::new(),
            leases: BTreeMap::new(),
            tasks: BTreeMap::new(),
            notices: BTreeMap::new(),
            schedules: BTreeMap::new(),
            occurrences: BTreeMap::new(),
            documents: BTreeMap::new(),
            settings: BTreeMap::new(),
            book: Book::default(),
            #[cfg(feature = "deliberate-bugs")]
            book_read: None,
            entries: Vec::new(),
            seals: Vec::new(),
            archives: Vec::new(),
            archived: BTreeMap::new(),
            imports: Vec::new(),
            readings: Vec::new(),
            tokens: Vec::new(),
        }
    }
}

/// An intent, the number of its step's history row, and how often it was offered again after it had settled.
#[derive(Debug, Clone)]
pub(super) struct StoredIntent {
    pub(super) row: IntentRow,
    pub(super) commit: i64,
    pub(super) round: u32,
}

/// A ledger entry, whose it is, and the business time at which it was booked.
#[derive(Debug, Clone)]
pub(super) struct Booked {
    pub(super) home: Option<Home>,
    pub(super) at: Timestamp,
    pub(super) entry: LedgerEntry,
}

/// A lease; without an owner it was given back.
#[derive(Debug, Clone)]
pub(super) struct StoredLease {
    pub(super) owner: Option<ProcessId>,
    pub(super) fence: Fence,
    pub(super) expires: Duration,
}

impl State {
    /// Whether a run exists and lies within the scope.
    pub(super) fn reaches(&self, scope: &Scope, run: RunId) -> bool {
        self.runs.get(&run).is_some_and(|row| scope.reaches(&row.snapshot.home))
    }

    /// The number of the newest history row.
    pub(super) fn last_no(&self) -> i64 {
        self.history.last().map_or(0, |row| row.no)
    }

    /// The book that postings are checked against.
    pub(super) fn checked_book(&self) -> &Book {
        #[cfg(feature = "deliberate-bugs")]
        if let Some(read) = &self.book_read {
            return read;
        }
        &self.book
    }

    /// Whether a lease is somebody's, with this fence.
    pub(super) fn fence_stands(&self, key: &LeaseKey, fence: Fence) -> bool {
        #[cfg(feature = "deliberate-bugs")]
        if crate::deliberate::is_made(crate::deliberate::Bug::SkipFence) {
            return true;
        }
        self.leases.get(key).is_some_and(|lease| lease.fence == fence && lease.owner.is_some())
    }

    /// Stores a message, unless its key is known.
    pub(super) fn store_message(&mut self, message: &Message) -> Appended {
        match self.look_up(message) {
            Some(answer) => answer,
            None => {
                let no = self.inbox.len() as i64 + 1;
                self.inbox.push(InboxMessage { no, message: message.clone(), verdict: None });
                Appended::New(PendingMessage { no, message: message.clone() })
            }
        }
    }

    /// What is known of a message's key.
    pub(super) fn look_up(&self, message: &Message) -> Option<Appended> {
        let event = &message.event;
        let same = |known: &&InboxMessage| {
            let other = &known.message.event;
            other.id == event.id && other.source == event.source
        };
        let known = self.inbox.iter().find(same)?;
        if known.message.fingerprint() != message.fingerprint() {
            return Some(Appended::KeyReused);
        }
        Some(Appended::Again { no: known.no, verdict: known.verdict.clone() })
    }

    /// A message by its number.
    pub(super) fn message_mut(&mut self, no: i64) -> Option<&mut InboxMessage> {
        self.inbox.iter_mut().find(|message| message.no == no)
    }

    /// Whether a message is stored and has no verdict.
    pub(super) fn waits(&self, no: i64) -> bool {
        self.inbox.iter().any(|message| message.no == no && message.verdict.is_none())
    }

    /// Whether messages before `no` wait for the run.
    pub(super) fn others_wait(&self, run: RunId, no: i64) -> bool {
        let waits = |known: &InboxMessage| known.no < no && known.message.run == run && known.verdict.is_none();
        self.inbox.iter().any(waits)
    }

    /// Stores a verdict; a message that has one keeps it.
    pub(super) fn give_verdict(&mut self, no: i64, verdict: &Verdict) {
        if let Some(message) = self.message_mut(no) {
            message.verdict.get_or_insert_with(|| verdict.clone());
        }
    }
}

/// Whether a scope reaches what has no home.
pub(super) fn reaches_all(scope: &Scope) -> bool {
    scope.entities == Entities::All && scope.parties == Parties::All
}

/// Whether one of the shards is a run's.
pub(super) fn within(shards: &[Shard], run: RunId) -> bool {
    shards.contains(&run.shard())
}
