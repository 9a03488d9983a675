//! Rows 49 and 50: schemas of other versions, and databases of others.

use entente_store::{Audit, Error};
use entente_store_postgres::{Mode, OpenOptions, PostgresStore};

use crate::database::{Database, number, sql};

const TABLES: &str = "SELECT count(*) FROM pg_class WHERE relnamespace = current_schema()::regnamespace";

async fn open(database: &Database, mode: Mode) -> Result<PostgresStore, Error> {
    PostgresStore::open(&database.url, OpenOptions::new(mode)).await
}

/// The database sees connections; whether they belong to one process or to three is the same to it.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn row_49_three_processes_create_one_schema_together() {
    for round in 0..3 {
        let database = Database::empty().await;
        let opening = (0..3).map(|_| {
            let url = database.url.clone();
            tokio::spawn(async move { PostgresStore::open(&url, OpenOptions::default()).await })
        });
        for opened in opening.collect::<Vec<_>>() {
            let store = opened.await.expect("a task").unwrap_or_else(|error| panic!("round {round}: {error}"));
            assert_eq!(store.integrity().await.expect("a check"), Vec::<String>::new());
        }
        let mut conn = database.connect().await;
        assert_eq!(number(&mut conn, "SELECT count(*) FROM meta").await, 1);
    }
}

#[tokio::test]
async fn row_49_a_step_that_fails_half_way_is_undone_and_the_steps_before_it_stay() {
    let database = Database::empty().await;
    let mut conn = database.connect().await;
    sql(&mut conn, "CREATE VIEW documents AS SELECT 1 AS one").await;
    let failed = open(&database, Mode::Write).await;
    assert!(matches!(&failed, Err(Error::Database(words)) if words.contains("step 2")), "{failed:?}");
    assert_eq!(number(&mut conn, "SELECT version FROM entente_schema").await, 1);
    assert_eq!(number(&mut conn, "SELECT count(*) FROM runs").await, 0, "step 1 stays");
    let half = number(&mut conn, "SELECT count(*) FROM pg_class WHERE relname IN ('tasks', 'notices')").await;
    assert_eq!(half, 0, "nothing of step 2 stays");
    sql(&mut conn, "DROP VIEW documents").await;
    open(&database, Mode::Write).await.expect("the mended database");
}

#[tokio::test]
async fn row_50_a_newer_schema_is_refused_without_a_write() {
    let database = Database::migrated().await;
    let mut conn = database.connect().await;
    sql(&mut conn, "UPDATE entente_schema SET version = 999").await;
    let before = number(&mut conn, TABLES).await;
    for mode in [Mode::Write, Mode::ReadOnly] {
        let refused = open(&database, mode).await;
        assert!(matches!(refused, Err(Error::SchemaTooNew { found: 999, .. })), "{refused:?}");
    }
    assert_eq!(number(&mut conn, TABLES).await, before);
    assert_eq!(number(&mut conn, "SELECT version FROM entente_schema").await, 999);
}

#[tokio::test]
async fn another_programs_database_is_left_alone() {
    let database = Database::empty().await;
    let mut conn = database.connect().await;
    sql(&mut conn, "CREATE TABLE theirs (x integer)").await;
    let before = number(&mut conn, TABLES).await;
    for mode in [Mode::Write, Mode::ReadOnly] {
        let refused = open(&database, mode).await;
        assert!(matches!(&refused, Err(Error::Database(words)) if words.contains("another program")), "{refused:?}");
    }
    assert_eq!(number(&mut conn, TABLES).await, before);
}

#[tokio::test]
async fn an_empty_database_is_not_opened_for_reading() {
    let database = Database::empty().await;
    let refused = open(&database, Mode::ReadOnly).await;
    assert!(
        matches!(&refused, Err(Error::Database(words)) if words.contains("open it once for writing")),
        "{refused:?}"
    );
    let mut conn = database.connect().await;
    assert_eq!(number(&mut conn, TABLES).await, 0);
}

/// History, journals, entries and seals refuse to be changed by SQL too, in every partition.
#[tokio::test]
async fn what_only_grows_cannot_be_changed_or_deleted() {
    let database = Database::migrated().await;
    let mut conn = database.connect().await;
    let zeros = "decode(repeat('00', 32), 'hex')";
    sql(
        &mut conn,
        &format!(
            "INSERT INTO history VALUES (1, this_month() * 1000000000000 + 1, 1, {zeros}, {zeros}, 'a'),
                                        (2, 1, 1, {zeros}, {zeros}, 'b');
             INSERT INTO ledger_journals (no, fund, key, action, currency, minor, moved, run, seq, booked_at)
             VALUES (1, 'f', 'k', 'allocate', 'USD', 1, 1, gen_random_uuid(), 0, 0);
             INSERT INTO seals VALUES (1, 1, 40, 'body', 'signature');"
        ),
    )
    .await;
    let columns = [
        ("history", "record"),
        ("history_other", "record"),
        ("ledger_journals", "fund"),
        ("ledger_entries", "account"),
        ("ledger_movements", "source"),
        ("seals", "body"),
    ];
    for (table, column) in columns {
        for text in [format!("UPDATE {table} SET {column} = {column}"), format!("DELETE FROM {table}")] {
            let refused = sqlx::raw_sql(sqlx::AssertSqlSafe(text.clone())).execute(&mut conn).await;
            assert!(refused.as_ref().is_err_and(|error| error.to_string().contains("never")), "{text}: {refused:?}");
        }
    }
    assert!(sqlx::raw_sql("DELETE FROM ledger_accounts").execute(&mut conn).await.is_err());
}

/// What a program without our rules may not do either: the database books both sides of a journal, keeps balances within
/// their bounds, and takes nothing else.
#[tokio::test]
async fn the_database_itself_keeps_the_books() {
    let database = Database::migrated().await;
    let mut conn = database.connect().await;
    let journal = |no: i64, action: &str, key: &str, minor: i64, moved: i64| {
        format!(
            "INSERT INTO ledger_journals (no, fund, key, action, currency, minor, moved, run, seq, booked_at)
             VALUES ({no}, 'f', '{key}', '{action}', 'USD', {minor}, {moved}, gen_random_uuid(), 0, 0)"
        )
    };
    sql(&mut conn, &journal(1, "allocate", "budget", 10, 10)).await;
    sql(&mut conn, &journal(2, "reserve", "r", 6, 6)).await;
    const STANDS: &str = "SELECT account, key, minor FROM ledger_accounts ORDER BY account, key";
    let before: Vec<(String, String, i64)> = sqlx::query_as(STANDS).fetch_all(&mut conn).await.expect("a read");
    let place = |account: &str, key: &str, minor| (account.to_owned(), key.to_owned(), minor);
    assert_eq!(before, [place("allocated", "", -10), place("free", "", 4), place("reserved", "r", 6)]);
    let entry = |of: &str| format!("INSERT INTO ledger_entries (journal, account, key, minor) VALUES {of}");
    for (text, why) in [
        (journal(3, "reserve", "s", 5, 5), "check"),
        (journal(3, "post", "r", 7, 7), "check"),
        (journal(3, "post", "s", 1, 1), "check"),
        (journal(3, "pay", "r", 1, 1), "check"),
        (journal(3, "void", "r", 1, 2), "check"),
        (journal(3, "reserve", "s", 1, 0), "moves an amount"),
        (journal(3, "steal", "r", 1, 1), "moves an amount"),
        (journal(3, "allocate", "budget", i64::MAX, i64::MAX), "out of range"),
        (entry("(2, 'paid', 'r', 6)"), "never otherwise"),
        (entry("(2, 'reserved', 'other', 6)"), "duplicate"),
        (entry("(9, 'free', '', 1)"), "never otherwise"),
    ] {
        let refused = sqlx::raw_sql(sqlx::AssertSqlSafe(text.clone())).execute(&mut conn).await;
        assert!(refused.as_ref().is_err_and(|error| error.to_string().contains(why)), "{text}: {refused:?}");
    }
    let after: Vec<(String, String, i64)> = sqlx::query_as(STANDS).fetch_all(&mut conn).await.expect("a read");
    assert_eq!(after, before);
}
