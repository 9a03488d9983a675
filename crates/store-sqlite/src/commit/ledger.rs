//! Books postings: two entries per journal, a balance that the file itself keeps within its bounds.

use entente_core::{ids::RunId, ledger::Posting, scope::Home};
use entente_store::booking::{self, Balance};
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
    let currency = posting.amount.currency.code();
    let balance = balance(conn, posting).await?;
    let held = sqlx::query_scalar!(
        "SELECT held FROM ledger_holds WHERE fund = ?1 AND currency = ?2 AND key = ?3",
        posting.fund,
        currency,
        posting.key
    )
    .fetch_optional(&mut *conn)
    .await?
    .unwrap_or(0);
    let booked = match booking::book(&balance, held, posting) {
        Ok(booked) => booked,
        Err(refusal) => return Ok(Err(refusal.to_string())),
    };
    write_balance(conn, posting, &balance, &booked.balance).await?;
    if booked.held != held {
        sqlx::query!(
            "INSERT INTO ledger_holds (fund, currency, key, held) VALUES (?1, ?2, ?3, ?4)
             ON CONFLICT (fund, currency, key) DO UPDATE SET held = excluded.held",
            posting.fund,
            currency,
            posting.key,
            booked.held
        )
        .execute(&mut *conn)
        .await?;
    }
    let journal = write_journal(conn, posting, origin).await?;
    for (account, minor) in booked.entries {
        sqlx::query!(
            "INSERT INTO ledger_entries (journal, account, minor) VALUES (?1, ?2, ?3)",
            journal,
            account,
            minor
        )
        .execute(&mut *conn)
        .await?;
    }
    Ok(Ok(journal))
}

async fn balance(conn: &mut SqliteConnection, posting: &Posting) -> Result<Balance, Fault> {
    let currency = posting.amount.currency.code();
    let row = sqlx::query!(
        "SELECT allocated, reserved, posted FROM ledger_balances WHERE fund = ?1 AND currency = ?2",
        posting.fund,
        currency
    )
    .fetch_optional(conn)
    .await?;
    Ok(row.map_or_else(Balance::default, |row| Balance {
        allocated: row.allocated,
        reserved: row.reserved,
        posted: row.posted,
    }))
}

/// Moves the balance on from exactly what was read; the table's CHECK refuses what no rule may allow.
async fn write_balance(
    conn: &mut SqliteConnection,
    posting: &Posting,
    old: &Balance,
    new: &Balance,
) -> Result<(), Fault> {
    let currency = posting.amount.currency.code();
    let written = sqlx::query!(
        "INSERT INTO ledger_balances (fund, currency, allocated, reserved, posted) VALUES (?1, ?2, ?3, ?4, ?5)
         ON CONFLICT (fund, currency) DO UPDATE
         SET allocated = excluded.allocated, reserved = excluded.reserved, posted = excluded.posted
         WHERE allocated = ?6 AND reserved = ?7 AND posted = ?8",
        posting.fund,
        currency,
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

async fn write_journal(conn: &mut SqliteConnection, posting: &Posting, origin: &Origin<'_>) -> Result<i64, Fault> {
    let run = origin.run.0.as_bytes().as_slice();
    let (action, currency) = (booking::action_word(posting.action), posting.amount.currency.code());
    let entity = origin.home.map(|home| home.legal_entity.as_str());
    let party = origin.home.map(|home| home.party.as_str());
    let journal = sqlx::query_scalar!(
        r#"INSERT INTO ledger_journals (fund, key, action, currency, minor, run, seq, booked_at, legal_entity, party)
           VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)
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
        party
    )
    .fetch_one(conn)
    .await?;
    Ok(journal)
}
