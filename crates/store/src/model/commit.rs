//! A batch, member by member: first everything that could refuse it, then everything that it does.

use entente_core::ledger::{Book, Journal as Booking, Posting};

use super::state::{Booked, State, StoredIntent};
use crate::{
    Appended, Batch, BatchOutcome, Consumed, HistoryRow, IntentRow, IntentStatus, LeaseKey, LedgerEntry, Member,
    MemberOutcome, NoticeRow, NoticeStatus, PendingMessage, RunRow, TaskRow, TaskStatus,
};

/// Commits a batch.
pub(super) fn commit(state: &mut State, batch: &Batch) -> BatchOutcome {
    let appended: Vec<Appended> = batch.appends.iter().map(|message| state.store_message(message)).collect();
    let mut stepped = Vec::new();
    let mut members = Vec::new();
    for member in &batch.members {
        let run = member.snapshot.run;
        members.push(if stepped.contains(&run) {
            MemberOutcome::Refused {
                reason: format!("run `{run}` is stepped twice in one batch: commit one step, then the next"),
            }
        } else {
            step(state, member, &appended)
        });
        stepped.push(run);
    }
    BatchOutcome { appended, members }
}

fn step(state: &mut State, member: &Member, appended: &[Appended]) -> MemberOutcome {
    if let Some(lost) = lost(state, member) {
        return lost;
    }
    let consumed = match consumed(state, member, appended) {
        Ok(consumed) => consumed,
        Err(outcome) => return outcome,
    };
    if let Some(refusal) = refusal(state, member, consumed) {
        return refusal;
    }
    let (book, bookings) = match book(state.checked_book(), &member.postings) {
        Ok(booked) => booked,
        Err(reason) => return MemberOutcome::LedgerRefused { reason },
    };
    state.book = book;
    for (posting, booking) in member.postings.iter().zip(&bookings) {
        write_booking(state, member, posting, booking);
    }
    write_run(state, member);
    write_intents(state, member);
    write_people(state, member);
    if let (Some(no), Some((_, verdict))) = (consumed, &member.consumed) {
        state.give_verdict(no, verdict);
    }
    MemberOutcome::Committed { sent: send(state, member) }
}

/// The number of the message that the member answers; one of this batch must be new, and the next of its run.
fn consumed(state: &State, member: &Member, appended: &[Appended]) -> Result<Option<i64>, MemberOutcome> {
    match member.consumed {
        None => Ok(None),
        Some((Consumed::Stored(no), _)) => Ok(Some(no)),
        Some((Consumed::Appended(at), _)) => match appended.get(at) {
            Some(Appended::New(pending)) if !state.others_wait(member.snapshot.run, pending.no) => Ok(Some(pending.no)),
            _ => Err(MemberOutcome::OutOfTurn),
        },
    }
}

/// Whether the member is somebody else's, or out of date.
fn lost(state: &State, member: &Member) -> Option<MemberOutcome> {
    let run = member.snapshot.run;
    if !state.fence_stands(&LeaseKey::shard(run.shard()), member.fence) {
        return Some(MemberOutcome::Fenced);
    }
    let found = state.runs.get(&run).map(|row| row.snapshot.seq);
    (found.unwrap_or(0) + 1 != member.snapshot.seq).then_some(MemberOutcome::Stale { found })
}

/// Why the member does not hold, the ledger aside.
fn refusal(state: &State, member: &Member, consumed: Option<i64>) -> Option<MemberOutcome> {
    let (run, label) = (member.snapshot.run, &member.snapshot.label);
    if let Some(taken) = taken_key(state, member) {
        return Some(taken);
    }
    let refused = |reason: &str| Some(MemberOutcome::Refused { reason: reason.to_owned() });
    if state.runs.values().any(|row| row.snapshot.label == *label && row.snapshot.run != run) {
        return refused("the label belongs to another run");
    }
    if consumed.is_some_and(|no| !state.waits(no)) {
        return refused("the message that the step answers is not stored, or has its verdict already");
    }
    if state.is_archived(run) {
        return refused("the run is archived: it takes no further step");
    }
    let known =
        |invoke| state.intents.get(&(run, invoke)).is_some_and(|intent| intent.row.status != IntentStatus::Voided);
    if member.retries.iter().any(|invoke| !known(*invoke)) {
        return refused("an invocation to be retried is not stored, or was forgotten: it cannot be sent again");
    }
    if member.sends.iter().any(|message| state.look_up(message) == Some(Appended::KeyReused)) {
        return refused("the step sends another message under a used key");
    }
    None
}

fn taken_key(state: &State, member: &Member) -> Option<MemberOutcome> {
    let claimed = member.keys.iter().flatten().filter(|key| key.unique);
    for claim in claimed {
        let live = |run| state.runs.get(run).is_some_and(|row| !row.snapshot.ended);
        let holds = |keys: &std::collections::BTreeSet<crate::RunKey>| {
            keys.iter().any(|key| (&key.kind, &key.value) == (&claim.kind, &claim.value))
        };
        let owner = state.keys.iter().find(|(run, keys)| **run != member.snapshot.run && live(run) && holds(keys));
        if let Some(row) = owner.and_then(|(run, _)| state.runs.get(run)) {
            return Some(MemberOutcome::KeyTaken { key: claim.clone(), by: row.snapshot.label.clone() });
        }
    }
    None
}

/// Books every posting on a copy; the first refusal refuses all.
pub(super) fn book(book: &Book, postings: &[Posting]) -> Result<(Book, Vec<Booking>), String> {
    let mut book = book.clone();
    let booked: Result<Vec<Booking>, _> = postings.iter().map(|posting| book.book(posting)).collect();
    booked.map(|booked| (book, booked)).map_err(|refusal| refusal.to_string())
}

fn write_booking(state: &mut State, member: &Member, posting: &Posting, booking: &Booking) {
    let home = Some(member.snapshot.home.clone());
    add_entries(state, home, (member.snapshot.run, member.snapshot.seq, member.at), posting, booking);
}

/// Adds a journal's entries and returns its number.
pub(super) fn add_entries(
    state: &mut State,
    home: Option<entente_core::scope::Home>,
    (run, seq, at): (entente_core::ids::RunId, u64, jiff::Timestamp),
    posting: &Posting,
    booking: &Booking,
) -> i64 {
    let journal = state.entries.last().map_or(0, |booked| booked.entry.journal) + 1;
    let row = |entry: &entente_core::ledger::Entry| {
        let (key, minor) = (entry.key.clone(), entry.minor);
        LedgerEntry { journal, run, seq, posting: posting.clone(), account: entry.account, key, minor, at }
    };
    let mut entries: Vec<LedgerEntry> = booking.entries.iter().map(row).collect();
    entries.sort_by_key(|entry| entry.account.word());
    state.entries.extend(entries.into_iter().map(|entry| Booked { home: home.clone(), at, entry }));
    journal
}

fn write_run(state: &mut State, member: &Member) {
    let run = member.snapshot.run;
    let created_at = state.runs.get(&run).map_or(member.at, |row| row.created_at);
    let row = RunRow { snapshot: member.snapshot.clone(), head: member.hash, created_at, updated_at: member.at };
    state.runs.insert(run, row);
    state.history.push(HistoryRow {
        no: state.last_no() + 1,
        run,
        seq: member.snapshot.seq,
        record: member.record.clone(),
        prev_hash: member.prev_hash,
        hash: member.hash,
    });
    for key in &member.disarm {
        state.timers.remove(&(run, key.clone()));
    }
    for (key, due) in &member.arm {
        state.timers.insert((run, key.clone()), *due);
    }
    if let Some(keys) = &member.keys {
        state.keys.insert(run, keys.iter().cloned().collect());
    }
}

fn write_intents(state: &mut State, member: &Member) {
    let run = member.snapshot.run;
    if let Some(invoke) = member.closed {
        close(state, member, invoke);
    }
    for invoke in &member.voids {
        void(state, (run, *invoke));
    }
    for invoke in &member.retries {
        if let Some(intent) = state.intents.get_mut(&(run, *invoke)) {
            intent.round += u32::from(intent.row.status == IntentStatus::Settled);
            intent.row.status = IntentStatus::Ready;
            intent.row.attempts = 0;
            intent.row.not_before = None;
        }
    }
    for intent in &member.intents {
        let row = IntentRow {
            run,
            label: member.snapshot.label.clone(),
            home: member.snapshot.home.clone(),
            intent: intent.clone(),
            status: IntentStatus::Ready,
            attempts: 0,
            first_sent_at: None,
            not_before: None,
            notes: serde_json::Value::Null,
            orphaned: false,
        };
        let commit = state.last_no();
        state.intents.insert((run, intent.invoke), StoredIntent { row, commit, round: 0 });
    }
}

/// A local intent leaves, unless an incident may bring it back; a remote one stays as evidence.
fn close(state: &mut State, member: &Member, invoke: entente_core::ids::InvokeId) {
    let snapshot = &member.snapshot;
    let concerned = snapshot.incident.as_ref().is_some_and(|incident| incident.invoke == Some(invoke));
    let kept = concerned || snapshot.invokes.contains_key(&invoke);
    let key = (snapshot.run, invoke);
    let Some(intent) = state.intents.get_mut(&key) else { return };
    if intent.row.intent.account.is_none() && !kept {
        state.intents.remove(&key);
    } else if intent.row.status != IntentStatus::Voided {
        intent.row.status = IntentStatus::Settled;
        intent.row.not_before = None;
    }
}

fn void(state: &mut State, key: (entente_core::ids::RunId, entente_core::ids::InvokeId)) {
    let Some(intent) = state.intents.get_mut(&key) else { return };
    if matches!(intent.row.status, IntentStatus::Settled | IntentStatus::Voided) {
        return;
    }
    intent.row.orphaned = true;
    if intent.row.status == IntentStatus::Ready && intent.row.first_sent_at.is_none() {
        intent.row.status = IntentStatus::Voided;
        if intent.row.intent.account.is_none() {
            state.intents.remove(&key);
        }
    }
}

fn write_people(state: &mut State, member: &Member) {
    let snapshot = &member.snapshot;
    for key in &member.closed_tasks {
        let task = state.tasks.get_mut(&(snapshot.run, key.clone())).filter(|task| task.status == TaskStatus::Open);
        if let Some(task) = task {
            task.status = TaskStatus::Closed;
            task.closed_at = Some(member.at);
        }
    }
    for spec in &member.tasks {
        let task = TaskRow {
            run: snapshot.run,
            label: snapshot.label.clone(),
            home: snapshot.home.clone(),
            spec: spec.clone(),
            status: TaskStatus::Open,
            opened_at: member.at,
            closed_at: None,
            snoozed_until: None,
        };
        state.tasks.insert((snapshot.run, spec.key.clone()), task);
    }
    for (n, name, data) in &member.notices {
        let id = format!("{}/{}/{n}", snapshot.run, snapshot.seq);
        state.notices.entry(id.clone()).or_insert(NoticeRow {
            id,
            run: Some(snapshot.run),
            name: name.clone(),
            data: data.clone(),
            status: NoticeStatus::Pending,
            attempts: 0,
            not_before: member.at,
            error: None,
        });
    }
}

/// Stores what the step sends; what has its verdict already is not delivered again.
fn send(state: &mut State, member: &Member) -> Vec<PendingMessage> {
    let mut sent = Vec::new();
    for message in &member.sends {
        match state.store_message(message) {
            Appended::New(pending) => sent.push(pending),
            Appended::Again { no, verdict: None } => sent.push(PendingMessage { no, message: message.clone() }),
            Appended::Again { .. } | Appended::KeyReused => {}
        }
    }
    sent
}
