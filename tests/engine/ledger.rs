//! The way of a refused posting: the step is rolled back, and the run hears of it.

use std::{
    io::{BufRead as _, BufReader},
    path::Path,
    process::{Command, Stdio},
};

use entente::{ledger::verify, runner::Answer};
use entente_core::{ledger::Account, scope::Scope};
use entente_store::Verdict;
use serde_json::json;

use crate::{
    ground,
    kit::{self, Bench},
    promises::proves_itself,
};

/// A claim: money is held, then spent or given back.
const CLAIM: &str = r#"
chart: kit_claim
version: 1
context: kit
initial: draft
states:
  draft:
    tags: [waits_for:test]
    on: { pay: held, add: { entry: post.allocate }, ledger.refused: refused }
    after: { P30D: refused }
  held:
    entry: post.reserve
    tags: [waits_for:test, money_reserved]
    on: { ledger.refused: refused, go: paid, stop: given_back }
    after: { P30D: given_back }
  paid: { type: final, tags: [success], entry: post.spend }
  given_back: { type: final, tags: [cancelled], entry: post.release }
  refused: { type: final, tags: [failure] }
"#;

/// Names the database to the process that books until it is killed.
const BOOKS: &str = "ENTENTE_TEST_BOOKS";

/// What that process says each time it has heard that something is booked.
const HEARD: &str = "booked";

async fn fund(bench: &Bench, minor: i64) {
    let run = kit::run_id();
    bench.submit(kit::started(run, "kit_claim", &format!("F-{run}"), json!({ "amount": minor }))).await;
    let answer = bench.submit(kit::named(run, &format!("fill/{run}"), "add", json!({}))).await;
    assert!(matches!(answer, Answer::Decided(Verdict::Accepted { .. })), "{answer:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn p6_claims_on_the_last_of_a_fund_never_oversubscribe_it_and_losers_are_told() {
    let folder = tempfile::tempdir().unwrap();
    let bench = kit::start(&folder.path().join("e.db"), &[CLAIM], kit::settings()).await;
    fund(&bench, 1000).await;
    let mut runs = Vec::new();
    for at in 0..64 {
        let run = kit::run_id();
        let input = json!({ "amount": 100, "key": format!("claim/{at}") });
        bench.submit(kit::started(run, "kit_claim", &format!("C-{at:02}"), input)).await;
        runs.push(run);
    }
    let pays = runs.iter().map(|run| bench.submit(kit::named(*run, &format!("pay/{run}"), "pay", json!({}))));
    let answers = futures::future::join_all(pays).await;
    let refused = answers.iter().filter(|answer| {
        let told = "fund `kit` has USD 0.00 free and USD 1.00 is asked for";
        matches!(answer, Answer::Decided(Verdict::Refused { code, reason }) if code == "ledger_refused" && reason.contains(told))
    });
    assert_eq!(refused.count(), 54, "{answers:#?}");
    let mut held = 0;
    for run in &runs {
        let row = bench.until(*run, |row| row.snapshot.state != "draft").await;
        held += i64::from(row.snapshot.state == "held");
        proves_itself(&bench, *run).await;
    }
    assert_eq!(held, 10, "1000 holds exactly ten claims of 100");
    for run in &runs {
        bench.submit(kit::named(*run, &format!("go/{run}"), "go", json!({}))).await;
    }
    let entries = bench.store.entries(&Scope::vendor(), Some("kit"), 0, 10_000).await.unwrap();
    let sum: i64 = entries.iter().map(|entry| entry.minor).sum();
    assert_eq!(sum, 0, "every journal sums to zero");
    let posted: i64 = entries.iter().filter(|entry| entry.account == Account::Posted).map(|entry| entry.minor).sum();
    assert_eq!(posted, 1000, "what was held was spent, once");
    bench.engine.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_refused_posting_takes_no_other_run_of_its_commit_with_it() {
    let folder = tempfile::tempdir().unwrap();
    let bench = kit::start(&folder.path().join("e.db"), &[CLAIM, kit::STEPS], kit::settings()).await;
    let mut messages = Vec::new();
    let poor = kit::run_id();
    bench.submit(kit::started(poor, "kit_claim", "C-poor", json!({ "amount": 5 }))).await;
    messages.push(kit::named(poor, "pay", "pay", json!({})));
    let others: Vec<_> = (0..63).map(|_| kit::run_id()).collect();
    messages.extend(others.iter().map(|run| kit::started(*run, "kit_steps", &format!("S-{run}"), json!({}))));
    futures::future::join_all(messages.into_iter().map(|message| bench.submit(message))).await;
    for run in &others {
        bench.until(*run, |row| row.snapshot.ended).await;
    }
    let row = bench.until(poor, |row| row.snapshot.ended).await;
    assert_eq!(row.snapshot.state, "refused");
    bench.engine.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn row_07_the_books_balance_after_a_kill_at_any_moment_and_hold_all_that_was_acknowledged() {
    if let Some(path) = std::env::var_os(BOOKS) {
        return book(Path::new(&path)).await;
    }
    for heard in [1, 9, 40, 120] {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("e.db");
        // The database is made before the process that books in it: on a server it is known by the path's name.
        ground::open(&path).await;
        kill_after(&path, heard);
        let store = ground::beside(&path).await;
        let report = verify::verify(store.as_ref()).await.unwrap();
        assert_eq!(report.findings, [], "after {heard}");
        assert!(report.trial_balance.values().all(|sum| *sum == 0), "{:?}", report.trial_balance);
        assert!(report.journals >= heard, "{} journals after {heard} were acknowledged", report.journals);
        assert_eq!(store.integrity().await.unwrap(), Vec::<String>::new());
    }
}

/// Starts a process that books, and kills it as soon as it has said so often that something is booked.
fn kill_after(path: &Path, heard: usize) {
    let name = "ledger::row_07_the_books_balance_after_a_kill_at_any_moment_and_hold_all_that_was_acknowledged";
    let mut command = Command::new(std::env::current_exe().unwrap());
    command.args(["--exact", name, "--nocapture"]).env(BOOKS, path).stdout(Stdio::piped());
    let mut child = command.spawn().unwrap();
    let lines = BufReader::new(child.stdout.take().unwrap()).lines().map_while(Result::ok);
    let told = lines.filter(|line| line.ends_with(HEARD)).take(heard).count();
    child.kill().unwrap();
    child.wait().unwrap();
    assert_eq!(told, heard, "it ended by itself");
}

/// Claims, eight at a time, each held and then spent.
async fn book(path: &Path) {
    let bench = kit::start(path, &[CLAIM], kit::settings()).await;
    fund(&bench, 1_000_000).await;
    println!("{HEARD}");
    for _ in 0..1000 {
        let claims = (0..8).map(async |_| {
            let run = kit::run_id();
            let input = json!({ "amount": 7, "key": format!("claim/{run}") });
            bench.submit(kit::started(run, "kit_claim", &format!("C-{run}"), input)).await;
            for name in ["pay", "go"] {
                let answer = bench.submit(kit::named(run, &format!("{name}/{run}"), name, json!({}))).await;
                assert!(matches!(answer, Answer::Decided(Verdict::Accepted { .. })), "{answer:?}");
                println!("{HEARD}");
            }
        });
        futures::future::join_all(claims).await;
    }
}
