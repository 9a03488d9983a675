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
        findings.extend(balances(store).await?);
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

async fn journals(store: &SqliteStore) -> Result<Vec<String>> {
    sqlx::query_scalar!(
        r#"SELECT 'journal ' || j.no || ' of fund ' || j.fund || ' has ' || count(e.minor) || ' entries that sum to '
                  || coalesce(sum(e.minor), 0) AS "finding!: String"
           FROM ledger_journals j LEFT JOIN ledger_entries e ON e.journal = j.no
           GROUP BY j.no HAVING count(e.minor) <> 2 OR sum(e.minor) <> 0 LIMIT ?1"#,
        FINDINGS
    )
    .fetch_all(store.readers())
    .await
    .map_err(|error| store.explain(error))
}

/// A balance is the sum of its entries; what is free is what is allocated and neither reserved nor posted.
async fn balances(store: &SqliteStore) -> Result<Vec<String>> {
    sqlx::query_scalar!(
        r#"WITH booked AS (
             SELECT j.fund, j.currency,
                    sum(CASE e.account WHEN 'allocated' THEN -e.minor ELSE 0 END) AS allocated,
                    sum(CASE e.account WHEN 'reserved' THEN e.minor ELSE 0 END) AS reserved,
                    sum(CASE e.account WHEN 'posted' THEN e.minor ELSE 0 END) AS posted
             FROM ledger_journals j JOIN ledger_entries e ON e.journal = j.no
             GROUP BY j.fund, j.currency),
           held AS (SELECT fund, currency, sum(held) AS held FROM ledger_holds GROUP BY fund, currency)
           SELECT 'fund ' || b.fund || ' in ' || b.currency || ' stores a balance that its entries do not give' AS "finding!: String"
           FROM ledger_balances b
           LEFT JOIN booked k ON k.fund = b.fund AND k.currency = b.currency
           LEFT JOIN held h ON h.fund = b.fund AND h.currency = b.currency
           WHERE b.allocated <> coalesce(k.allocated, 0) OR b.reserved <> coalesce(k.reserved, 0)
              OR b.posted <> coalesce(k.posted, 0) OR b.reserved <> coalesce(h.held, 0)
           LIMIT ?1"#,
        FINDINGS
    )
    .fetch_all(store.readers())
    .await
    .map_err(|error| store.explain(error))
}
