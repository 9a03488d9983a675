//! Books postings. A journal is all that is written: the database books both of its sides itself, and keeps both
//! balances within their bounds.

use entente_core::{
    ids::RunId,
    ledger::{Posting, Standing, judge},
    scope::Home,
};
use sqlx::PgConnection;

use crate::{fault::Fault, work::Work};

/// Who books, and when.
pub(crate) struct Origin<'a> {
    pub(crate) run: RunId,
    pub(crate) seq: i64,
    /// Business time, microseconds.
    pub(crate) at: i64,
    pub(crate) home: Option<&'a Home>,
}

/// Books one posting and returns its journal's number, or the rule that refuses it; then nothing was written. Nobody
/// else books meanwhile, as every transaction that gives a journal its number waits for the one before it.
pub(crate) async fn book(
    work: &mut Work<'_>,
    posting: &Posting,
    origin: &Origin<'_>,
) -> Result<Result<i64, String>, Fault> {
    let standing = stands(work.conn, posting).await?;
    match judge(posting, standing) {
        Ok(moved) => {
            work.kept.numbers.journal += 1;
            write_journal(work, posting, moved, origin).await?;
            Ok(Ok(work.kept.numbers.journal))
        }
        Err(refusal) => Ok(Err(refusal.to_string())),
    }
}

/// What stands on the two accounts that the posting touches.
async fn stands(conn: &mut PgConnection, posting: &Posting) -> Result<Standing, Fault> {
    let ((source, source_key), (target, target_key)) = (posting.source(), posting.target());
    let row = sqlx::query!(
        r#"SELECT
             coalesce((SELECT minor FROM ledger_accounts
                       WHERE fund = $1 AND currency = $2 AND account = $3 AND key = $4), 0) AS "source!",
             coalesce((SELECT minor FROM ledger_accounts
                       WHERE fund = $1 AND currency = $2 AND account = $5 AND key = $6), 0) AS "target!""#,
        posting.fund,
        posting.amount.currency.code(),
        source.word(),
        source_key,
        target.word(),
        target_key
    )
    .fetch_one(conn)
    .await?;
    Ok(Standing { source: row.source, target: row.target })
}

/// The journal with the number just given.
async fn write_journal(work: &mut Work<'_>, posting: &Posting, moved: i64, origin: &Origin<'_>) -> Result<(), Fault> {
    sqlx::query!(
        "INSERT INTO ledger_journals
           (no, fund, key, action, currency, minor, run, seq, booked_at, legal_entity, party, to_key, moved)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)",
        work.kept.numbers.journal,
        posting.fund,
        posting.key,
        posting.action.word(),
        posting.amount.currency.code(),
        posting.amount.minor,
        origin.run.0,
        origin.seq,
        origin.at,
        origin.home.map(|home| home.legal_entity.as_str()),
        origin.home.map(|home| home.party.as_str()),
        posting.to,
        moved
    )
    .execute(&mut *work.conn)
    .await?;
    Ok(())
}
