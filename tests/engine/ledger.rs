//! The way of a refused posting: the step is rolled back, and the run hears of it.

use entente::runner::Answer;
use entente_core::{ledger::Account, scope::Scope};
use entente_store::Verdict;
use serde_json::json;

use crate::{
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
    for at in 0..30 {
        let run = kit::run_id();
        let input = json!({ "amount": 100, "key": format!("claim/{at}") });
        bench.submit(kit::started(run, "kit_claim", &format!("C-{at:02}"), input)).await;
        runs.push(run);
    }
    let pays = runs.iter().map(|run| bench.submit(kit::named(*run, &format!("pay/{run}"), "pay", json!({}))));
    let answers = futures::future::join_all(pays).await;
    let refused = answers.iter().filter(|answer| {
        matches!(answer, Answer::Decided(Verdict::Refused { code, reason }) if code == "ledger_refused" && reason.contains("kit"))
    });
    assert_eq!(refused.count(), 20, "{answers:#?}");
    let mut held = 0;
    for run in &runs {
        let row = bench.until(*run, |row| row.snapshot.state != "draft").await;
        held += i64::from(row.snapshot.state == "held");
        proves_itself(&bench, *run).await;
    }
    assert_eq!(held, 10, "1000 holds exactly ten claims of 100");
    for run in runs.iter().take(30) {
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
