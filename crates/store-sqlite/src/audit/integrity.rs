//! The file's own checks: pages and indexes, references, histories without gaps, a ledger that adds up.

use entente_store::{Error, Result};

use crate::store::SqliteStore;

/// At most so many findings per check are reported.
const FINDINGS: i64 = 20;

/// Every finding, in words.
pub(super) async fn check(store: &SqliteStore) -> Result<Vec<String>> {
    let mut findings = pages(store).await?;
    if findings.is_empty() {
        findings.extend(references(store).await?);
        findings.extend(histories(store).await?);
        findings.extend(marks(store).await?);
        findings.extend(journals(store).await?);
        findings.extend(balances(store.readers()).await.map_err(|error| store.explain(error))?);
    }
    Ok(findings)
}

/// A file damaged beyond reading its pages is itself the finding.
async fn pages(store: &SqliteStore) -> Result<Vec<String>> {
    let said: std::result::Result<Vec<String>, _> =
        sqlx::query_scalar("PRAGMA integrity_check(20)").fetch_all(store.readers()).await;
    match said.map_err(|error| store.explain(error)) {
        Ok(lines) => Ok(lines.into_iter().filter(|line| line != "ok").collect()),
        Err(Error::Corrupt { detail, .. }) => Ok(vec![detail]),
        Err(other) => Err(other),
    }
}

async fn references(store: &SqliteStore) -> Result<Vec<String>> {
    let broken: Vec<String> = sqlx::query_scalar(
        "SELECT DISTINCT \"table\" || ' refers to a missing ' || parent FROM pragma_foreign_key_check",
    )
    .fetch_all(store.readers())
    .await
    .map_err(|error| store.explain(error))?;
    Ok(broken)
}

/// Steps of a run count from 1 without gaps up to where the run stands, and the run's hash is its last row's. Of a run that
/// is gone to an archive, no row is left.
async fn histories(store: &SqliteStore) -> Result<Vec<String>> {
    sqlx::query_scalar!(
        r#"SELECT 'run ' || r.label || ' stands at step ' || r.seq || ', its history has ' || count(h.no)
                  || ' rows up to ' || coalesce(max(h.seq), 0) AS "finding!: String"
           FROM runs r LEFT JOIN archived_runs a ON a.rid = r.rid AND a.gone = 1 LEFT JOIN history h ON h.rid = r.rid
           GROUP BY r.rid
           HAVING CASE WHEN a.rid IS NOT NULL THEN count(h.no) > 0
                       ELSE count(h.no) <> r.seq OR max(h.seq) <> r.seq OR min(h.seq) <> 1
                            OR r.head <> (SELECT l.hash FROM history l WHERE l.rid = r.rid AND l.seq = r.seq) END
           LIMIT ?1"#,
        FINDINGS
    )
    .fetch_all(store.readers())
    .await
    .map_err(|error| store.explain(error))
}

/// A run stands where it was archived.
async fn marks(store: &SqliteStore) -> Result<Vec<String>> {
    sqlx::query_scalar!(
        r#"SELECT 'run ' || r.label || ' was archived at step ' || a.seq || ' and stands at ' || r.seq AS "finding!: String"
           FROM archived_runs a JOIN runs r ON r.rid = a.rid
           WHERE r.seq <> a.seq OR r.head <> a.head LIMIT ?1"#,
        FINDINGS
    )
    .fetch_all(store.readers())
    .await
    .map_err(|error| store.explain(error))
}

/// A journal has the two sides of its movement, and no others.
async fn journals(store: &SqliteStore) -> Result<Vec<String>> {
    sqlx::query_scalar!(
        r#"SELECT 'journal ' || j.no || ' of fund ' || j.fund || ' has ' || count(e.minor) || ' entries that sum to '
                  || coalesce(sum(e.minor), 0) AS "finding!: String"
           FROM ledger_journals j LEFT JOIN ledger_entries e ON e.journal = j.no
           LEFT JOIN ledger_movements m ON m.action = j.action
           GROUP BY j.no
           HAVING count(e.minor) <> 2 OR sum(e.minor) <> 0 OR max(e.minor) <> max(j.moved)
              OR count(CASE WHEN e.account IN (m.source, m.target) THEN 1 END) <> 2
           LIMIT ?1"#,
        FINDINGS
    )
    .fetch_all(store.readers())
    .await
    .map_err(|error| store.explain(error))
}

/// A balance is the sum of its entries.
pub(crate) async fn balances(readers: &sqlx::SqlitePool) -> sqlx::Result<Vec<String>> {
    sqlx::query_scalar!(
        r#"WITH booked AS (
             SELECT j.fund, j.currency, e.account, e.key, sum(e.minor) AS minor
             FROM ledger_journals j JOIN ledger_entries e ON e.journal = j.no
             GROUP BY j.fund, j.currency, e.account, e.key)
           SELECT 'fund ' || coalesce(k.fund, b.fund) || ' keeps ' || coalesce(k.minor, 0) || ' minor units of '
                  || coalesce(k.currency, b.currency) || ' ' || coalesce(k.account, b.account) || ' for `'
                  || coalesce(k.key, b.key) || '`, and its entries sum up to ' || coalesce(b.minor, 0) AS "finding!: String"
           FROM ledger_accounts k
           FULL JOIN booked b ON b.fund = k.fund AND b.currency = k.currency AND b.account = k.account AND b.key = k.key
           WHERE coalesce(k.minor, 0) <> coalesce(b.minor, 0)
           LIMIT ?1"#,
        FINDINGS
    )
    .fetch_all(readers)
    .await
}
