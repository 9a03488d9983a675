//! Row 44: a damaged file is found out, never worked on in silence.

use std::{path::Path, sync::Arc};

use entente_store::{Audit, Error, conformance::fixture::World};
use entente_store_sqlite::{Mode, OpenOptions, SqliteStore};

use crate::{folder, open};

const PAGE: usize = 4096;

async fn filled(path: &Path) -> Vec<u8> {
    let store = open(path, Mode::Runner).await;
    let world = World::new(Arc::new(store.clone())).await;
    for n in 0..40 {
        world.hold(&world.first(&format!("OFR-{n}"))).await;
    }
    store.close().await;
    std::fs::read(path).expect("the file")
}

/// Opens the file and looks for damage: what was said, if anything.
async fn found(path: &Path) -> Option<String> {
    let store = match SqliteStore::open(path, OpenOptions::new(Mode::Beside)).await {
        Ok(store) => store,
        Err(Error::Corrupt { detail, .. }) => return Some(detail),
        Err(other) => panic!("{other:?}"),
    };
    let findings = match store.integrity().await {
        Ok(findings) => findings,
        Err(Error::Corrupt { detail, .. }) => vec![detail],
        Err(other) => panic!("{other:?}"),
    };
    store.close().await;
    findings.into_iter().next()
}

/// The kind of every page in use, one page at a time.
#[tokio::test]
async fn row_44_a_flipped_byte_in_any_page_is_found() {
    let folder = folder();
    let path = folder.path().join("entente.db");
    let sound = filled(&path).await;
    assert_eq!(found(&path).await, None);
    let sound_again = std::fs::read(&path).expect("the file");
    assert_eq!(sound_again.len(), sound.len());
    let mut damaged_pages = 0;
    for page in 1..sound.len() / PAGE {
        let mut damaged = sound.clone();
        damaged[page * PAGE] ^= 0x55;
        let copy = folder.path().join(format!("damaged-{page}.db"));
        std::fs::write(&copy, damaged).expect("a copy");
        assert!(found(&copy).await.is_some(), "page {page}");
        damaged_pages += 1;
    }
    assert!(damaged_pages > 30, "{damaged_pages} pages");
}

/// No database at all, by its first bytes.
#[tokio::test]
async fn row_44_a_file_that_is_no_database_is_refused_untouched() {
    let folder = folder();
    let path = folder.path().join("entente.db");
    let mut damaged = filled(&path).await;
    damaged[3] ^= 1;
    std::fs::write(&path, &damaged).expect("the file");
    for mode in [Mode::Runner, Mode::Beside, Mode::ReadOnly] {
        let refused = SqliteStore::open(&path, OpenOptions::new(mode)).await;
        assert!(
            matches!(&refused, Err(Error::Corrupt { path: named, .. }) if *named == path.display().to_string()),
            "{refused:?}"
        );
    }
    assert_eq!(std::fs::read(&path).expect("the file"), damaged);
}

/// Damage that keeps the pages in order is found by the histories: a run that is ahead of its rows.
#[tokio::test]
async fn row_44_a_history_with_a_hole_is_found() {
    let folder = folder();
    let path = folder.path().join("entente.db");
    filled(&path).await;
    let conn = rusqlite::Connection::open(&path).expect("the file");
    conn.execute_batch("DROP TRIGGER history_stays; DELETE FROM history WHERE no = 7;").expect("a hole");
    drop(conn);
    let finding = found(&path).await.expect("a finding");
    assert!(finding.contains("OFR-6"), "{finding}");
}

/// History, journals, entries and seals refuse to be changed by SQL too.
#[tokio::test]
async fn what_only_grows_cannot_be_changed_or_deleted() {
    let folder = folder();
    let path = folder.path().join("entente.db");
    filled(&path).await;
    let conn = rusqlite::Connection::open(&path).expect("the file");
    conn.execute_batch(
        "INSERT INTO ledger_journals (no, fund, key, action, currency, minor, moved, run, seq, booked_at)
         VALUES (1, 'f', 'k', 'allocate', 'USD', 1, 1, zeroblob(16), 0, 0);
         INSERT INTO seals VALUES (1, 1, 40, 'body', 'signature');",
    )
    .expect("rows");
    for (table, column) in [
        ("history", "record"),
        ("ledger_journals", "fund"),
        ("ledger_entries", "account"),
        ("ledger_movements", "source"),
        ("seals", "body"),
    ] {
        for sql in [format!("UPDATE {table} SET {column} = {column}"), format!("DELETE FROM {table}")] {
            let refused = conn.execute(&sql, []);
            assert!(refused.as_ref().is_err_and(|error| error.to_string().contains("never")), "{sql}: {refused:?}");
        }
    }
    assert!(conn.execute("DELETE FROM ledger_accounts", []).is_err());
}

/// What a program without our rules may not do either: the file books both sides of a journal, keeps balances within their
/// bounds, and takes nothing else.
#[tokio::test]
async fn the_file_itself_keeps_the_books() {
    let folder = folder();
    let path = folder.path().join("entente.db");
    filled(&path).await;
    let conn = rusqlite::Connection::open(&path).expect("the file");
    let journal = |no: i64, action: &str, key: &str, minor: i64, moved: i64| {
        let sql = "INSERT INTO ledger_journals (no, fund, key, action, currency, minor, moved, run, seq, booked_at)
                   VALUES (?1, 'f', ?2, ?3, 'USD', ?4, ?5, zeroblob(16), 0, 0)";
        conn.execute(sql, rusqlite::params![no, key, action, minor, moved]).map_err(|error| error.to_string())
    };
    journal(1, "allocate", "budget", 10, 10).expect("a booking");
    journal(2, "reserve", "r", 6, 6).expect("a booking");
    let stands = || -> Vec<(String, String, i64)> {
        let mut asked =
            conn.prepare("SELECT account, key, minor FROM ledger_accounts ORDER BY account, key").expect("sql");
        let rows = asked.query_map([], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?))).expect("a read");
        rows.map(|row| row.expect("a row")).collect()
    };
    let before = stands();
    let place = |account: &str, key: &str, minor| (account.to_owned(), key.to_owned(), minor);
    assert_eq!(before, [place("allocated", "", -10), place("free", "", 4), place("reserved", "r", 6)]);
    for (action, key, minor, moved, why) in [
        ("reserve", "s", 5, 5, "CHECK"),
        ("post", "r", 7, 7, "CHECK"),
        ("post", "s", 1, 1, "CHECK"),
        ("pay", "r", 1, 1, "CHECK"),
        ("void", "r", 1, 2, "CHECK"),
        ("reserve", "s", 1, 0, "moves an amount"),
        ("steal", "r", 1, 1, "moves an amount"),
        ("allocate", "budget", i64::MAX, i64::MAX, "REAL"),
    ] {
        let refused = journal(3, action, key, minor, moved);
        assert!(refused.as_ref().is_err_and(|error| error.contains(why)), "{action} {minor}: {refused:?}");
    }
    for entry in ["(2, 'paid', 'r', 6)", "(2, 'reserved', 'other', 6)", "(9, 'free', '', 1)"] {
        let refused =
            conn.execute(&format!("INSERT INTO ledger_entries (journal, account, key, minor) VALUES {entry}"), []);
        assert!(refused.is_err(), "{entry}");
    }
    assert_eq!(stands(), before);
}
