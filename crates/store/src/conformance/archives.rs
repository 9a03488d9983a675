//! Histories in files: what may go there, what stays, and that nothing happens twice because of it.

use std::sync::Arc;

use entente_core::{
    event::{Body, Outcome, TimerKey},
    scope::Scope,
};
use jiff::Timestamp;
use serde_json::{Value, json};

use super::fixture::*;
use crate::{
    Appended, Consumed, Error, Member, MemberOutcome, NewArchive, RunFilter, SealRow, Settlement, Store, Verdict,
};

/// Later than every step that the laws tell.
fn later() -> Timestamp {
    at(10_000)
}

/// A run of `steps` steps that has ended.
async fn ended(world: &World, name: &str, steps: u64) -> Member {
    let mut step = world.first(name);
    for _ in 1..steps {
        world.hold(&step).await;
        step = world.next(&step);
    }
    step.snapshot.ended = true;
    world.hold(&step).await;
    step
}

/// Puts a seal over everything.
async fn seal(store: &dyn Store) {
    let unsealed = store.unsealed(10_000).await.expect("a read");
    let (Some(first), Some(last)) = (unsealed.first(), unsealed.last()) else { return };
    let no = store.seals(0, 1000).await.expect("a read").len() as i64 + 1;
    let seal = SealRow { no, first: first.no, last: last.no, body: "a seal".into(), signature: "ab".repeat(64) };
    store.add_seal(&seal).await.expect("the next seal");
}

fn archive(file: &str, runs: &[&Member]) -> NewArchive {
    NewArchive {
        file: file.into(),
        folder: "/srv/archive".into(),
        sha256: "cd".repeat(32),
        bytes: 4096,
        manifest: r#"{"of":"an archive"}"#.into(),
        runs: runs.iter().map(|step| (step.snapshot.run, step.snapshot.seq, step.hash)).collect(),
    }
}

async fn labels(store: &dyn Store, before: Timestamp) -> Vec<String> {
    let found = store.archivable(before, None, 100).await.expect("a read");
    found.into_iter().map(|found| found.label).collect()
}

/// Lets everything leave that can.
async fn release(store: &dyn Store, archives: &[i64]) {
    while store.let_go(archives).await.expect("a write").is_some() {}
}

/// Whatever something is still expected of stays out of archives, and so does what no seal covers.
pub async fn only_what_has_ended_rests_and_is_sealed_can_be_archived(store: Arc<dyn Store>) {
    let world = World::new(store).await;
    let account = account("aws/acme");
    let rests = ended(&world, "RESTS", 3).await;
    world.hold(&world.first("RUNS")).await;
    let mut parked = world.first("PARKED");
    (parked.snapshot.ended, parked.snapshot.incident) = (true, Some(incident(local(1, 0).invoke)));
    let mut sends = world.first("SENDS");
    (sends.snapshot.ended, sends.intents) = (true, vec![remote(1, 0, &account)]);
    let mut armed = world.first("ARMED");
    (armed.snapshot.ended, armed.arm) = (true, vec![(TimerKey("late".into()), at(50))]);
    for step in [&parked, &sends, &armed] {
        world.hold(step).await;
    }
    ended(&world, "ASKED", 1).await;
    world.store.append(&Scope::vendor(), vec![message("ASKED", "m1")]).await.expect("an append");
    let store = world.store.as_ref();
    assert_eq!(labels(store, later()).await, Vec::<String>::new(), "nothing is sealed");
    seal(store).await;
    ended(&world, "UNSEALED", 1).await;
    assert_eq!(labels(store, later()).await, ["RESTS"]);
    assert_eq!(labels(store, at(3)).await, Vec::<String>::new(), "its last step was at that instant");
    let found = store.archivable(later(), None, 100).await.expect("a read").remove(0);
    assert_eq!((found.run, found.seq, found.head, found.ended_at), (rests.snapshot.run, 3, rests.hash, at(3)));

    let (key, fence) = world.account_lease(&account).await;
    let (run, invoke) = (run("SENDS"), remote(1, 0, &account).invoke);
    let settlement = Settlement { run, invoke, outcome: Outcome::Done { output: Value::Null }, at: at(2) };
    let result = store.settle(&key, fence, settlement).await.expect("a write").expect("its result");
    seal(store).await;
    assert_eq!(labels(store, later()).await, ["RESTS", "UNSEALED"], "the result has no verdict yet");
    let noted = Verdict::Noted { reason: "too late".into() };
    store.answer(&[(run.shard(), world.fence(run))], vec![(result.no, noted)]).await.expect("an answer");
    assert_eq!(labels(store, later()).await, ["RESTS", "SENDS", "UNSEALED"]);
    let after = store.archivable(later(), Some("RESTS"), 1).await.expect("a read");
    assert_eq!(after.iter().map(|found| found.label.as_str()).collect::<Vec<_>>(), ["SENDS"]);
}

/// All of its runs or none; each run once.
pub async fn an_archive_is_recorded_whole_and_once(store: Arc<dyn Store>) {
    let world = World::new(store).await;
    let (one, two) = (ended(&world, "ONE", 2).await, ended(&world, "TWO", 2).await);
    let open = world.first("OPEN");
    world.hold(&open).await;
    let store = world.store.as_ref();
    let refused = async |archive: NewArchive| {
        let added = store.add_archive(&archive).await;
        assert!(matches!(added, Err(Error::Conflict { .. })), "{added:?}");
    };
    refused(archive("unsealed", &[&one])).await;
    seal(store).await;
    let mut elsewhere = archive("elsewhere", &[&one, &two]);
    elsewhere.runs[1].1 = 1;
    refused(elsewhere).await;
    let mut other = archive("other", &[&one, &two]);
    other.runs[1].2 = [7; 32];
    refused(other).await;
    refused(archive("with-an-open-one", &[&one, &open])).await;
    assert_eq!(store.archives(0, 10).await.expect("a read"), [], "nothing of them was recorded");
    assert_eq!(labels(store, later()).await, ["ONE", "TWO"]);

    assert_eq!(store.add_archive(&archive("first", &[&one])).await.expect("an archive"), 1);
    refused(archive("first", &[&two])).await;
    refused(archive("again", &[&one, &two])).await;
    assert_eq!(labels(store, later()).await, ["TWO"]);
    assert_eq!(store.add_archive(&archive("second", &[&two])).await.expect("an archive"), 2);
    let rows = store.archives(0, 10).await.expect("a read");
    let told: Vec<_> = rows.iter().map(|row| (row.no, row.file.as_str(), row.bytes, row.held)).collect();
    assert_eq!(told, [(1, "first", 4096, 1), (2, "second", 4096, 1)]);
    assert_eq!(rows[0].manifest, archive("first", &[]).manifest);
    assert_eq!(store.archives(1, 10).await.expect("a read"), rows[1..]);
    let place = store.archive_of(&Scope::vendor(), two.snapshot.run).await.expect("a read").expect("it is archived");
    assert_eq!(
        (place.archive, place.file.as_str(), place.folder.as_str(), place.gone),
        (2, "second", "/srv/archive", false)
    );
    assert_eq!(store.archive_of(&Scope::vendor(), open.snapshot.run).await.expect("a read"), None);
}

/// The run is over for good, and answers to its label, its keys and its messages as before.
pub async fn an_archived_run_takes_no_step_and_answers_as_before(store: Arc<dyn Store>) {
    let world = World::new(store).await;
    let begin = start("CLOSED", "begin", home("acme-us", "vendor"));
    let appended = world.store.append(&Scope::vendor(), vec![begin.clone()]).await.expect("an append");
    let [Appended::New(pending)] = appended.as_slice() else { panic!("{appended:?}") };
    let mut first = world.first("CLOSED");
    first.consumed = Some((Consumed::Stored(pending.no), accepted(1)));
    first.keys = Some(vec![key("aws.offer", "offer-1", true)]);
    world.hold(&first).await;
    let mut last = world.next(&first);
    last.snapshot.ended = true;
    world.hold(&last).await;
    world.hold(&world.first("LATER")).await;
    let store = world.store.as_ref();
    seal(store).await;
    let no = store.add_archive(&archive("file", &[&last])).await.expect("an archive");
    release(store, &[no]).await;

    let outcomes = world.commit(vec![world.next(&last), world.first("OTHER")]).await;
    assert!(matches!(&outcomes[0], MemberOutcome::Refused { reason } if reason.contains("archived")), "{outcomes:?}");
    assert!(matches!(&outcomes[1], MemberOutcome::Committed { .. }), "{outcomes:?}");
    let again = world.commit(vec![first]).await;
    assert!(matches!(again[0], MemberOutcome::Stale { found: Some(2) }), "{again:?}");
    let row = store.run_by_label(&Scope::vendor(), "CLOSED").await.expect("a read").expect("the run stays");
    assert_eq!((row.snapshot, row.head), (last.snapshot.clone(), last.hash));
    let found = store.run_by_key(&Scope::vendor(), &key("aws.offer", "offer-1", true)).await.expect("a read");
    assert_eq!(found, [run("CLOSED")]);
    let appended = store.append(&Scope::vendor(), vec![begin.clone()]).await.expect("an append");
    assert!(
        matches!(appended.as_slice(), [Appended::Again { verdict: Some(verdict), .. }] if *verdict == accepted(1)),
        "{appended:?}"
    );
    let mut other = begin;
    other.event.body = Body::Started { input: json!({ "n": 2 }) };
    let appended = store.append(&Scope::vendor(), vec![other]).await.expect("an append");
    assert!(matches!(appended.as_slice(), [Appended::KeyReused]), "{appended:?}");

    let late = store.append(&Scope::vendor(), vec![message("CLOSED", "late")]).await.expect("an append");
    let [Appended::New(pending)] = late.as_slice() else { panic!("{late:?}") };
    let shard = run("CLOSED").shard();
    let noted = Verdict::Noted { reason: "the run has ended".into() };
    let fence = [(shard, world.fence(run("CLOSED")))];
    store.answer(&fence, vec![(pending.no, noted.clone())]).await.expect("an answer");
    let kept = store.message(&Scope::vendor(), "cli", "late").await.expect("a read").expect("it is kept");
    assert_eq!(kept.verdict, Some(noted));
    assert_eq!(store.integrity().await.expect("a check"), Vec::<String>::new());
}

/// Whole histories leave, and only those that archives hold; numbers go on from the newest row.
pub async fn what_archives_hold_may_leave_and_everything_else_stays(store: Arc<dyn Store>) {
    let world = World::new(store).await;
    let (one, two) = (ended(&world, "ONE", 4).await, ended(&world, "TWO", 3).await);
    let other = ended(&world, "OTHER", 2).await;
    world.hold(&world.first("OPEN")).await;
    let newest = ended(&world, "NEWEST", 2).await;
    let store = world.store.as_ref();
    seal(store).await;
    let held = store.add_archive(&archive("held", &[&one, &two, &newest])).await.expect("an archive");
    store.add_archive(&archive("not-asked", &[&other])).await.expect("an archive");
    assert_eq!(store.let_go(&[]).await.expect("a write"), None);
    let before = store.history_rows(0, 100).await.expect("a read");
    release(store, &[held]).await;

    let mut gone = 0;
    for step in [&one, &two, &other, &newest] {
        let (run, seq) = (step.snapshot.run, step.snapshot.seq);
        let place = store.archive_of(&Scope::vendor(), run).await.expect("a read").expect("it is archived");
        let rows = store.history(&Scope::vendor(), run, 0, 100).await.expect("a read").len() as u64;
        assert_eq!(rows, if place.gone { 0 } else { seq }, "all of `{}` or nothing", step.snapshot.label);
        gone += if place.gone { seq } else { 0 };
        let may = [run == one.snapshot.run, run == two.snapshot.run].contains(&true);
        assert!(may || !place.gone, "`{}` has not left", step.snapshot.label);
    }
    let after = store.history_rows(0, 100).await.expect("a read");
    assert_eq!(after.len() as u64 + gone, before.len() as u64);
    assert_eq!(after.last(), before.last(), "the newest row stays");
    assert_eq!(store.integrity().await.expect("a check"), Vec::<String>::new());
    let all = store.runs(&Scope::vendor(), &RunFilter::default()).await.expect("a read");
    assert_eq!(all.rows.len(), 5, "every run is listed");
    world.hold(&world.first("NEXT")).await;
    let next = store.history_rows(before.last().map_or(0, |row| row.no), 10).await.expect("a read");
    assert_eq!(next.iter().map(|row| row.no).collect::<Vec<_>>(), [before.len() as i64 + 1]);
    assert_eq!(store.unsealed(10).await.expect("a read").len(), 1);
    seal(store).await;
    assert_eq!(store.integrity().await.expect("a check"), Vec::<String>::new());
}

/// What is out of scope is as if it were not there.
pub async fn a_party_is_not_told_where_anothers_history_lies(store: Arc<dyn Store>) {
    let world = World::new(store).await;
    let mut step = world.first_at_home("THEIRS", home("acme-us", "reseller-1"));
    step.snapshot.ended = true;
    world.hold(&step).await;
    let store = world.store.as_ref();
    seal(store).await;
    store.add_archive(&archive("file", &[&step])).await.expect("an archive");
    for (party, told) in [("reseller-1", true), ("reseller-2", false)] {
        let scope = Scope::party(party.parse().expect("a party"));
        assert_eq!(store.archive_of(&scope, step.snapshot.run).await.expect("a read").is_some(), told);
    }
}
