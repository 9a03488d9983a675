//! Books postings. A journal is all that is written: the file books both of its sides itself, and keeps both balances
//! within their bounds.

use entente_core::{
    ids::RunId,
    ledger::{Posting, Standing, judge},
    scope::Home,
};
use sqlx::SqliteConnection;

use crate::fault::Fault;

/// Who books, and when.
pub(crate) struct Origin<'a> {
    pub(crate) run: RunId,
    pub(crate) seq: i64,
    /// Business time, microseconds.
    pub(crate) at: i64,
    pub(crate) home: Option<&'a Home>,
}

/// Books one posting and returns its journal's number, or the rule that refuses it; then nothing was written.
pub(crate) async fn book(
    conn: &mut SqliteConnection,
    posting: &Posting,
    origin: &Origin<'_>,
) -> Result<Result<i64, String>, Fault> {
    let standing = stands(conn, posting).await?;
    match judge(posting, standing) {
        Ok(moved) => Ok(Ok(write_journal(conn, posting, moved, origin).await?)),
        Err(refusal) => Ok(Err(refusal.to_string())),
    }
}

/// What stands on the two accounts that the posting touches.
async fn stands(conn: &mut SqliteConnection, posting: &Posting) -> Result<Standing, Fault> {
    let currency = posting.amount.currency.code();
    let ((source, source_key), (target, target_key)) = (posting.source(), posting.target());
    let (source, target) = (source.word(), target.word());
    let row = sqlx::query!(
        r#"SELECT
             coalesce((SELECT minor FROM ledger_accounts
                       WHERE fund = ?1 AND currency = ?2 AND account = ?3 AND key = ?4), 0) AS "source!: i64",
             coalesce((SELECT minor FROM ledger_accounts
                       WHERE fund = ?1 AND currency = ?2 AND account = ?5 AND key = ?6), 0) AS "target!: i64""#,
        posting.fund,
        currency,
        source,
        source_key,
        target,
        target_key
    )
    .fetch_one(conn)
    .await?;
    Ok(Standing { source: row.source, target: row.target })
}

async fn write_journal(
    conn: &mut SqliteConnection,
    posting: &Posting,
    moved: i64,
    origin: &Origin<'_>,
) -> Result<i64, Fault> {
    let run = origin.run.0.as_bytes().as_slice();
    let (action, currency) = (posting.action.word(), posting.amount.currency.code());
    let entity = origin.home.map(|home| home.legal_entity.as_str());
    let party = origin.home.map(|home| home.party.as_str());
    let journal = sqlx::query_scalar!(
        r#"INSERT INTO ledger_journals
             (fund, key, action, currency, minor, run, seq, booked_at, legal_entity, party, to_key, moved)
           VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12)
           RETURNING no AS "no!: i64""#,
        posting.fund,
        posting.key,
        action,
        currency,
        posting.amount.minor,
        run,
        origin.seq,
        origin.at,
        entity,
        party,
        posting.to,
        moved
    )
    .fetch_one(conn)
    .await?;
    Ok(journal)
}
