//! The database's own checks: references, histories without gaps, inboxes that agree, a ledger that adds up.

use entente_store::Result;
use sqlx::{Connection, PgConnection, PgExecutor};

use crate::{
    fault::explain,
    months,
    session::{self, Purpose},
    store::PostgresStore,
};

/// At most so many findings per check are reported.
const FINDINGS: i64 = 20;

/// Every finding, in words. It reads everything, so it takes its time, on a connection of its own and from one snapshot.
pub(super) async fn check(store: &PostgresStore) -> Result<Vec<String>> {
    let target = store.target();
    let checked = async {
        let mut conn = session::connect(target, Purpose::Plain, store.patience()).await?;
        let mut tx = conn.begin_with("BEGIN ISOLATION LEVEL REPEATABLE READ, READ ONLY").await?;
        months::hold(&mut tx).await?;
        let mut findings = references(&mut tx).await?;
        findings.extend(histories(&mut tx).await?);
        findings.extend(marks(&mut tx).await?);
        findings.extend(numbers(&mut tx).await?);
        findings.extend(inboxes(&mut tx).await?);
        findings.extend(journals(&mut tx).await?);
        findings.extend(balances(&mut *tx).await?);
        tx.commit().await?;
        conn.close().await?;
        Ok(findings)
    };
    checked.await.map_err(|error: sqlx::Error| explain(&error, target.name()))
}

async fn references(conn: &mut PgConnection) -> sqlx::Result<Vec<String>> {
    sqlx::query_scalar!(
        r#"SELECT DISTINCT held.name || ' refers to a missing run' AS "finding!"
           FROM (SELECT 'history' AS name, rid FROM history
                 UNION ALL SELECT 'archived_runs', rid FROM archived_runs
                 UNION ALL SELECT 'outbox', rid FROM outbox
                 UNION ALL SELECT 'run_keys', rid FROM run_keys
                 UNION ALL SELECT 'tasks', rid FROM tasks
                 UNION ALL SELECT 'timers', rid FROM timers) held
           WHERE NOT EXISTS (SELECT 1 FROM runs r WHERE r.rid = held.rid)
           UNION ALL
           SELECT DISTINCT 'ledger_entries refers to a missing journal' FROM ledger_entries e
           WHERE NOT EXISTS (SELECT 1 FROM ledger_journals j WHERE j.no = e.journal)
           UNION ALL
           SELECT DISTINCT 'archived_runs refers to a missing archive' FROM archived_runs a
           WHERE NOT EXISTS (SELECT 1 FROM archives v WHERE v.no = a.archive)"#
    )
    .fetch_all(conn)
    .await
}

/// Steps of a run count from 1 without gaps up to where the run stands, and the run's hash is its last row's. Of a run that
/// is gone to an archive, no row is left.
async fn histories(conn: &mut PgConnection) -> sqlx::Result<Vec<String>> {
    sqlx::query_scalar!(
        r#"SELECT 'run ' || r.label || ' stands at step ' || r.seq || ', its history has ' || count(h.no)
                  || ' rows up to ' || coalesce(max(h.seq), 0) AS "finding!"
           FROM runs r LEFT JOIN archived_runs a ON a.rid = r.rid AND a.gone LEFT JOIN history h ON h.rid = r.rid
           GROUP BY r.rid, a.rid
           HAVING CASE WHEN a.rid IS NOT NULL THEN count(h.no) > 0
                       ELSE count(h.no) <> r.seq OR max(h.seq) <> r.seq OR min(h.seq) <> 1
                            OR r.head <> (SELECT l.hash FROM history l WHERE l.rid = r.rid AND l.seq = r.seq) END
           LIMIT $1"#,
        FINDINGS
    )
    .fetch_all(conn)
    .await
}

/// A run stands where it was archived.
async fn marks(conn: &mut PgConnection) -> sqlx::Result<Vec<String>> {
    sqlx::query_scalar!(
        r#"SELECT 'run ' || r.label || ' was archived at step ' || a.seq || ' and stands at ' || r.seq AS "finding!"
           FROM archived_runs a JOIN runs r ON r.rid = a.rid
           WHERE r.seq <> a.seq OR r.head <> a.head LIMIT $1"#,
        FINDINGS
    )
    .fetch_all(conn)
    .await
}

/// History and messages are numbered from 1 up to the last numbers given, without gaps but for what is gone to archives.
async fn numbers(conn: &mut PgConnection) -> sqlx::Result<Vec<String>> {
    sqlx::query_scalar!(
        r#"SELECT counted.name || ' has ' || counted.rows || ' rows numbered ' || counted.first || ' to ' || counted.last
                  || ', the last number given is ' || counted.given AS "finding!"
           FROM (SELECT 'history' AS name, count(DISTINCT no) AS rows, coalesce(min(no), 1) AS first,
                        coalesce(max(no), 0) AS last, (SELECT history FROM counters) AS given,
                        (SELECT coalesce(sum(seq), 0)::bigint FROM archived_runs WHERE gone) AS gone FROM history
                 UNION ALL
                 SELECT 'inbox', count(*), coalesce(min(no), 1), coalesce(max(no), 0), (SELECT message FROM counters), 0
                 FROM inbox) counted
           WHERE counted.rows + counted.gone <> counted.given OR counted.last <> counted.given"#
    )
    .fetch_all(conn)
    .await
}

async fn inboxes(conn: &mut PgConnection) -> sqlx::Result<Vec<String>> {
    sqlx::query_scalar!(
        r#"SELECT 'message ' || coalesce(i.no, w.no) || ' of `' || coalesce(i.source, '?')
                  || CASE WHEN i.no IS NULL THEN '` waits and is not stored'
                          WHEN w.no IS NULL THEN '` has no verdict and does not wait'
                          ELSE '` waits and has its verdict' END AS "finding!"
           FROM inbox i FULL JOIN waiting w ON w.no = i.no
           WHERE (i.no IS NULL) OR (i.verdict IS NULL) <> (w.no IS NOT NULL)
           LIMIT $1"#,
        FINDINGS
    )
    .fetch_all(conn)
    .await
}

/// A journal has the two sides of its movement, and no others.
async fn journals(conn: &mut PgConnection) -> sqlx::Result<Vec<String>> {
    sqlx::query_scalar!(
        r#"SELECT 'journal ' || j.no || ' of fund ' || j.fund || ' has ' || count(e.minor) || ' entries that sum to '
                  || coalesce(sum(e.minor), 0) AS "finding!"
           FROM ledger_journals j LEFT JOIN ledger_entries e ON e.journal = j.no
           LEFT JOIN ledger_movements m ON m.action = j.action
           GROUP BY j.no
           HAVING count(e.minor) <> 2 OR sum(e.minor) <> 0 OR max(e.minor) <> max(j.moved)
              OR count(CASE WHEN e.account IN (m.source, m.target) THEN 1 END) <> 2
           LIMIT $1"#,
        FINDINGS
    )
    .fetch_all(conn)
    .await
}

/// A balance is the sum of its entries.
pub(crate) async fn balances(conn: impl PgExecutor<'_>) -> sqlx::Result<Vec<String>> {
    sqlx::query_scalar!(
        r#"WITH booked AS (
             SELECT j.fund, j.currency, e.account, e.key, sum(e.minor) AS minor
             FROM ledger_journals j JOIN ledger_entries e ON e.journal = j.no
             GROUP BY j.fund, j.currency, e.account, e.key)
           SELECT 'fund ' || coalesce(k.fund, b.fund) || ' keeps ' || coalesce(k.minor, 0) || ' minor units of '
                  || coalesce(k.currency, b.currency) || ' ' || coalesce(k.account, b.account) || ' for `'
                  || coalesce(k.key, b.key) || '`, and its entries sum up to ' || coalesce(b.minor, 0) AS "finding!"
           FROM ledger_accounts k
           FULL JOIN booked b ON b.fund = k.fund AND b.currency = k.currency AND b.account = k.account AND b.key = k.key
           WHERE coalesce(k.minor, 0) <> coalesce(b.minor, 0)
           LIMIT $1"#,
        FINDINGS
    )
    .fetch_all(conn)
    .await
}
