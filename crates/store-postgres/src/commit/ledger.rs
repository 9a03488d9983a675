//! Books postings: two entries per journal, a balance that the database itself keeps within its bounds.

use entente_core::{ids::RunId, ledger::Posting, scope::Home};
use entente_store::booking::{self, Balance};
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
    let (balance, held) = stands(work.conn, posting).await?;
    let booked = match booking::book(&balance, held, posting) {
        Ok(booked) => booked,
        Err(refusal) => return Ok(Err(refusal.to_string())),
    };
    write_balance(work.conn, posting, &balance, &booked.balance).await?;
    if booked.held != held {
        write_hold(work.conn, posting, booked.held).await?;
    }
    work.numbers.journal += 1;
    write_journal(work, posting, origin, &booked.entries).await?;
    Ok(Ok(work.numbers.journal))
}

/// The fund's balance, and what the posting's key holds of it.
async fn stands(conn: &mut PgConnection, posting: &Posting) -> Result<(Balance, i64), Fault> {
    let row = sqlx::query!(
        r#"SELECT coalesce(b.allocated, 0) AS "allocated!", coalesce(b.reserved, 0) AS "reserved!",
                  coalesce(b.posted, 0) AS "posted!", coalesce(h.held, 0) AS "held!"
           FROM (SELECT $1::text AS fund, $2::text AS currency) asked
           LEFT JOIN ledger_balances b ON b.fund = asked.fund AND b.currency = asked.currency
           LEFT JOIN ledger_holds h ON h.fund = asked.fund AND h.currency = asked.currency AND h.key = $3"#,
        posting.fund,
        posting.amount.currency.code(),
        posting.key
    )
    .fetch_one(conn)
    .await?;
    let balance = Balance { allocated: row.allocated, reserved: row.reserved, posted: row.posted };
    Ok((balance, row.held))
}

/// Moves the balance on from exactly what was read; the table's CHECK refuses what no rule may allow.
async fn write_balance(conn: &mut PgConnection, posting: &Posting, old: &Balance, new: &Balance) -> Result<(), Fault> {
    let written = sqlx::query!(
        "INSERT INTO ledger_balances AS b (fund, currency, allocated, reserved, posted) VALUES ($1, $2, $3, $4, $5)
         ON CONFLICT (fund, currency) DO UPDATE
         SET allocated = excluded.allocated, reserved = excluded.reserved, posted = excluded.posted
         WHERE b.allocated = $6 AND b.reserved = $7 AND b.posted = $8",
        posting.fund,
        posting.amount.currency.code(),
        new.allocated,
        new.reserved,
        new.posted,
        old.allocated,
        old.reserved,
        old.posted
    )
    .execute(conn)
    .await?;
    if written.rows_affected() != 1 {
        return Err(Fault::refused(format!("the balance of fund `{}` moved while it was being written", posting.fund)));
    }
    Ok(())
}

async fn write_hold(conn: &mut PgConnection, posting: &Posting, held: i64) -> Result<(), Fault> {
    sqlx::query!(
        "INSERT INTO ledger_holds (fund, currency, key, held) VALUES ($1, $2, $3, $4)
         ON CONFLICT (fund, currency, key) DO UPDATE SET held = excluded.held",
        posting.fund,
        posting.amount.currency.code(),
        posting.key,
        held
    )
    .execute(conn)
    .await?;
    Ok(())
}

/// The journal with the number just given, and its entries.
async fn write_journal(
    work: &mut Work<'_>,
    posting: &Posting,
    origin: &Origin<'_>,
    entries: &[(&'static str, i64)],
) -> Result<(), Fault> {
    let (accounts, minors): (Vec<&str>, Vec<i64>) = entries.iter().copied().unzip();
    sqlx::query!(
        "WITH booked AS (
           INSERT INTO ledger_journals (no, fund, key, action, currency, minor, run, seq, booked_at, legal_entity, party)
           VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11))
         INSERT INTO ledger_entries (journal, account, minor)
         SELECT $1, account, minor FROM UNNEST($12::text[], $13::bigint[]) AS given (account, minor)",
        work.numbers.journal,
        posting.fund,
        posting.key,
        booking::action_word(posting.action),
        posting.amount.currency.code(),
        posting.amount.minor,
        origin.run.0,
        origin.seq,
        origin.at,
        origin.home.map(|home| home.legal_entity.as_str()),
        origin.home.map(|home| home.party.as_str()),
        &accounts as &[&str],
        &minors
    )
    .execute(&mut *work.conn)
    .await?;
    Ok(())
}
