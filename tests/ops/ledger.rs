//! The ledger on the command line: what stands where, and whether the books are sound.

use std::path::Path;

use entente::ledger::verify;
use entente_core::{ids::RunId, ledger::Account};
use entente_store::LedgerBook as _;
use entente_store_sqlite::{Mode, OpenOptions, SqliteStore};
use serde_json::{Value, json};
use sqlx::{Connection as _, SqliteConnection};

use crate::{house::House, kit};

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

/// The runs whose journals are numbered in this order: 10.00 for the fund, 3.00 held, 2.00 held and then spent.
struct Booked {
    fund: RunId,
    held: RunId,
    spent: RunId,
}

async fn book(database: &Path) -> Booked {
    let bench = kit::start(database, &[CLAIM], kit::settings()).await;
    let [fund, held, spent] = [kit::run_id(), kit::run_id(), kit::run_id()];
    for (run, label, minor) in [(fund, "FUND", 1000), (held, "HELD", 300), (spent, "SPENT", 200)] {
        let input = json!({ "amount": minor, "key": format!("claim/{label}") });
        bench.submit(kit::started(run, "kit_claim", label, input)).await;
    }
    for (run, name) in [(fund, "add"), (held, "pay"), (spent, "pay"), (spent, "go")] {
        bench.submit(kit::named(run, &format!("{name}/{run}"), name, json!({}))).await;
    }
    bench.until(spent, |row| row.snapshot.ended).await;
    bench.engine.stop().await;
    Booked { fund, held, spent }
}

async fn json(house: &House, arguments: &[&str]) -> Value {
    let said = house.command("finn", &[arguments, &["--json"]].concat()).await;
    serde_json::from_str(&said).unwrap_or_else(|error| panic!("{arguments:?}: {error}: {said}"))
}

fn accounts(shown: &Value) -> Vec<(String, i64)> {
    let line = |at: &Value| {
        let key = at["key"].as_str().unwrap();
        (format!("{} {key}", at["account"].as_str().unwrap()).trim_end().to_owned(), at["minor"].as_i64().unwrap())
    };
    shown["accounts"].as_array().unwrap().iter().map(line).collect()
}

fn stands(lines: &[(&str, i64)]) -> Vec<(String, i64)> {
    lines.iter().map(|(account, minor)| ((*account).to_owned(), *minor)).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn balances_are_shown_per_account_fund_currency_instant_and_party() {
    let house = House::new("").await;
    book(&house.path("entente.db")).await;
    let all = json(&house, &["ledger", "show"]).await;
    let whole = stands(&[("allocated", -1000), ("free", 500), ("posted", 200), ("reserved", 300)]);
    assert_eq!(accounts(&all), whole);
    assert_eq!((&all["trial_balance"], &all["accounts"][1]["amount"]), (&json!({ "USD": 0 }), &json!("USD 5.00")));
    let by_key = json(&house, &["ledger", "show", "--by-key", "--fund", "kit", "--currency", "USD"]).await;
    let keyed = [("allocated", -1000), ("free", 500), ("posted claim/SPENT", 200), ("reserved claim/HELD", 300)];
    assert_eq!(accounts(&by_key), stands(&keyed));
    assert_eq!(accounts(&json(&house, &["ledger", "show", "--as-of", "2999-12-31"]).await), whole);
    assert_eq!(accounts(&json(&house, &["ledger", "show", "--party", "acme"]).await), whole);
    for nothing in [["--fund", "emea"], ["--currency", "EUR"], ["--as-of", "2020-01-01"], ["--party", "globex"]] {
        let shown = json(&house, &[&["ledger", "show"], &nothing[..]].concat()).await;
        assert_eq!(shown["accounts"], json!([]), "{nothing:?}");
    }
    let lines = house.command("finn", &["ledger", "show", "--fund", "kit"]).await;
    assert!(lines.contains("kit\tfree\t\tUSD 5.00\n"), "{lines}");
}

#[tokio::test(flavor = "multi_thread")]
async fn only_those_who_may_read_the_ledger_are_shown_it() {
    let house = House::new("").await;
    for arguments in [["ledger", "show"], ["ledger", "verify"]] {
        let refused = house.run_command("nobody", &arguments).await;
        assert_eq!(refused.status.code(), Some(4), "{arguments:?}");
        assert!(refused.stdout.is_empty(), "{arguments:?}");
    }
    let wrong = house.run_command("finn", &["ledger", "show", "--as-of", "yesterday"]).await;
    assert_eq!(wrong.status.code(), Some(2));
    assert!(String::from_utf8_lossy(&wrong.stderr).contains("2027-03-31"), "it says what to write");
}

#[tokio::test(flavor = "multi_thread")]
async fn sound_books_verify_and_a_tampered_row_is_found_and_named() {
    let house = House::new("").await;
    let database = house.path("entente.db");
    book(&database).await;
    let sound = json(&house, &["ledger", "verify"]).await;
    assert_eq!((&sound["findings"], &sound["journals"]), (&json!([]), &json!(4)), "{sound}");
    assert_eq!(sound["trial_balance"], json!({ "USD": 0 }));
    if crate::ground::on_server() {
        return;
    }
    let server = house.serve().await;
    server.address().await;
    forge(&database, "UPDATE ledger_entries SET minor = 301 WHERE journal = 2 AND account = 'reserved'").await;
    let verified = house.run_command("finn", &["ledger", "verify", "--json"]).await;
    assert_eq!(verified.status.code(), Some(7));
    let told: Value = serde_json::from_slice(&verified.stdout).unwrap();
    assert_eq!(told["trial_balance"], json!({ "USD": 1 }));
    let located = told["located"].as_array().unwrap();
    let unbalanced = located.iter().find(|finding| finding["breach"]["breach"] == "unbalanced");
    assert_eq!(unbalanced.unwrap()["breach"]["journal"], 2, "{told}");
    // Nobody has to ask: it is found every night, and nothing is sent from then on.
    let ran = house.run_command("ada", &["schedule", "run", "check", "--wait", "60s", "--json"]).await;
    let ran = String::from_utf8_lossy(&ran.stdout).into_owned();
    assert!(ran.contains("trial balance in USD is 1 minor units") && ran.contains("entente ledger verify"), "{ran}");
    server.kill().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn whatever_is_changed_in_the_ledger_contradicts_something_else() {
    crate::ground::require_files();
    let folder = tempfile::tempdir().unwrap();
    let original = folder.path().join("entente.db");
    let booked = book(&original).await;
    let entries = SqliteStore::open(&original, OpenOptions::new(Mode::Beside)).await.unwrap();
    let order = entries.entries(&entente_core::scope::Scope::vendor(), None, 0, 100).await.unwrap();
    let first = |run: RunId, account: Account| {
        order.iter().find(|entry| entry.run == run && entry.account == account).unwrap().journal
    };
    assert_eq!((first(booked.fund, Account::Free), first(booked.held, Account::Reserved)), (1, 2));
    assert_eq!((first(booked.spent, Account::Reserved), first(booked.spent, Account::Posted)), (3, 4));
    entries.close().await;
    // What stands in its log is copied with the file.
    forge(&original, "SELECT 1").await;
    // The same amount more in every place of the ledger: only history tells.
    let everywhere = "UPDATE ledger_journals SET minor = 301, moved = 301 WHERE no = 2;
         UPDATE ledger_entries SET minor = sign(minor) * 301 WHERE journal = 2;
         UPDATE ledger_accounts SET minor = minor - 1 WHERE account = 'free';
         UPDATE ledger_accounts SET minor = minor + 1 WHERE account = 'reserved' AND key = 'claim/HELD'";
    let without = "DELETE FROM ledger_entries WHERE journal = 2; DELETE FROM ledger_journals WHERE no = 2;
         UPDATE ledger_accounts SET minor = minor + 300 WHERE account = 'free';
         UPDATE ledger_accounts SET minor = 0 WHERE account = 'reserved' AND key = 'claim/HELD'";
    let (held, stranger) = (booked.held, RunId(uuid::Uuid::nil()));
    let table: [(&str, Vec<String>); 9] = [
        ("DELETE FROM ledger_entries WHERE journal = 3 AND account = 'free'", vec!["journal 3 does not sum".into()]),
        (
            "UPDATE ledger_accounts SET minor = 600 WHERE account = 'free'",
            vec!["keeps 600 minor units of USD free".into()],
        ),
        (
            "UPDATE ledger_journals SET action = 'expire' WHERE no = 2",
            vec!["journal 2 are not those of `expire`".into()],
        ),
        ("UPDATE ledger_journals SET key = 'claim/X' WHERE no = 2", vec!["journal 2 are not those of".into()]),
        (
            everywhere,
            vec![
                format!("journal 2 of fund `kit` names step 2 of run `{held}`, which did not book it so"),
                format!("step 2 of run `{held}` booked USD 3.00 (`reserve`) on fund `kit`, and no journal has it"),
            ],
        ),
        (without, vec![format!("step 2 of run `{held}` booked USD 3.00 (`reserve`)")]),
        (
            "UPDATE ledger_journals SET run = zeroblob(16) WHERE no = 4",
            vec![format!("the run `{stranger}`, which does not exist")],
        ),
        (
            "UPDATE ledger_journals SET seq = 0 WHERE no = 1",
            vec!["journal 1 of fund `kit` was booked outside any step".into()],
        ),
        (
            "UPDATE runs SET snapshot = json_set(snapshot, '$.ended', json('true')) WHERE label = 'HELD'",
            vec![format!("holds USD 3.00 for `claim/HELD`, and the run `{held}` that reserved it has ended")],
        ),
    ];
    for (at, (statement, expected)) in table.into_iter().enumerate() {
        let copy = folder.path().join(format!("copy-{at}.db"));
        std::fs::copy(&original, &copy).unwrap();
        forge(&copy, statement).await;
        let store = SqliteStore::open(&copy, OpenOptions::new(Mode::Beside)).await.unwrap();
        let found: Vec<String> =
            verify::verify(&store).await.unwrap().findings.iter().map(ToString::to_string).collect();
        for words in expected {
            assert!(found.iter().any(|finding| finding.contains(&words)), "{statement}: `{words}` in {found:#?}");
        }
        store.close().await;
    }
}

/// Runs a statement with the ledger's protections taken off.
async fn forge(database: &Path, statement: &str) {
    let guards = ["journals_keep", "journals_stay", "entries_keep", "entries_stay", "accounts_stay"];
    let off: String = guards.map(|guard| format!("DROP TRIGGER IF EXISTS ledger_{guard};")).concat();
    let options = sqlx::sqlite::SqliteConnectOptions::new().filename(database);
    let mut conn = SqliteConnection::connect_with(&options).await.unwrap();
    sqlx::raw_sql(sqlx::AssertSqlSafe(format!("{off}{statement}; PRAGMA wal_checkpoint(TRUNCATE)")))
        .execute(&mut conn)
        .await
        .unwrap();
    conn.close().await.unwrap();
}
