//! This test binary as a process of its own: it does as a variable says, and tells on standard output how far it came.

use std::{
    io::Write as _,
    path::{Path, PathBuf},
    process::{Command, Stdio},
    sync::Arc,
};

use entente_core::{event::TimerKey, ids::RunId, ledger::PostingAction};
use entente_store::{
    Member, MemberOutcome,
    conformance::fixture::{World, account, at, local, message, posting, remote},
};
use entente_store_sqlite::{Mode, OpenOptions, SqliteStore};

const TASK: &str = "ENTENTE_STORE_CHILD";
const PATH: &str = "ENTENTE_STORE_CHILD_PATH";

/// The runs that the writing child steps.
pub const RUNS: [&str; 8] = ["A", "B", "C", "D", "E", "F", "G", "H"];

/// A command that runs this binary for a task; its output is piped.
pub fn command(task: &str, path: &Path) -> Command {
    let mut command = Command::new(std::env::current_exe().expect("this binary"));
    prepare(&mut command, task, path);
    command
}

/// Adds what `command` adds, to a command that will end in this binary.
pub fn prepare(command: &mut Command, task: &str, path: &Path) {
    command.args(["--exact", "child::as_a_child_this_binary_does_its_task", "--nocapture", "--test-threads=1"]);
    command.env(TASK, task).env(PATH, path).stdout(Stdio::piped());
}

/// Without the variable this is an ordinary test with nothing to do.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn as_a_child_this_binary_does_its_task() {
    let (Ok(task), Ok(path)) = (std::env::var(TASK), std::env::var(PATH)) else { return };
    let path = PathBuf::from(path);
    match task.as_str() {
        "write" => write_until_killed(&path).await,
        "open" => {
            SqliteStore::open(&path, OpenOptions::new(Mode::Beside)).await.expect("the store opens");
            tell("opened");
        }
        "fill" => crate::full::fill(&path).await,
        other => panic!("no such task: {other}"),
    }
}

/// Writes a line that the parent sees at once.
pub fn tell(line: &str) {
    let mut out = std::io::stdout().lock();
    writeln!(out, "{line}").and_then(|()| out.flush()).expect("the parent listens");
}

/// Steps eight runs for ever; every step writes to every table that a step can write to. Tells each commit's step.
async fn write_until_killed(path: &Path) {
    let store = SqliteStore::open(path, OpenOptions::default()).await.expect("the store opens");
    let world = World::new(Arc::new(store)).await;
    let mut steps: Vec<Member> = Vec::new();
    for name in RUNS {
        steps.push(next_of(&world, name).await);
    }
    loop {
        let outcomes = world.commit(steps.clone()).await;
        assert!(outcomes.iter().all(|outcome| matches!(outcome, MemberOutcome::Committed { .. })), "{outcomes:?}");
        tell(&format!("committed {}", steps[0].snapshot.seq));
        steps = steps.iter().map(|step| full(&world, world.next(step))).collect();
    }
}

/// The step after the stored one, or the first.
async fn next_of(world: &World, name: &str) -> Member {
    let run: RunId = entente_store::conformance::fixture::run(name);
    let stored = world.store.run(&entente_core::scope::Scope::vendor(), run).await.expect("a read");
    let mut first = world.first(name);
    let Some(row) = stored else {
        first.postings = vec![posting(PostingAction::Allocate, "fund", name, 1_000_000_000)];
        return full(world, first);
    };
    first.snapshot = row.snapshot;
    first.hash = row.head;
    full(world, world.next(&first))
}

/// Adds one of everything to a step.
fn full(world: &World, mut step: Member) -> Member {
    let (name, seq) = (step.snapshot.label.clone(), step.snapshot.seq);
    step.fence = world.fence(step.snapshot.run);
    step.intents = vec![remote(seq, 0, &account("aws/acme-us")), local(seq, 1)];
    step.arm = vec![(TimerKey(format!("t{seq}")), at(seq as i64))];
    step.sends = vec![message("receiver", &format!("{name}/{seq}"))];
    step.tasks = vec![entente_core::run::TaskSpec {
        key: format!("task{seq}"),
        ..entente_store::conformance::fixture::task("")
    }];
    step.notices = vec![(0, "stepped".into(), serde_json::json!({ "seq": seq }))];
    step.postings.push(posting(PostingAction::Reserve, "fund", &format!("{name}/{seq}"), 7));
    step
}
