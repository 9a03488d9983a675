//! The ledger as booked.

use async_trait::async_trait;
use entente_core::{ids::RunId, ledger::Posting, money::Money, scope::Scope};
use entente_store::{AccountBalance, BalanceFilter, Error, Journal, LedgerBook, LedgerEntry, Result};
use jiff::Timestamp;
use sqlx::SqliteConnection;

use crate::{
    audit,
    commit::ledger::{Origin, book},
    fault::Fault,
    store::SqliteStore,
    values::{ScopeFilter, home, instant, micros, parse, reaches_all, run_bytes, run_id, unsigned},
    writer::Write,
};

#[async_trait]
impl LedgerBook for SqliteStore {
    async fn entries(&self, scope: &Scope, fund: Option<&str>, after: i64, limit: u32) -> Result<Vec<LedgerEntry>> {
        let filter = ScopeFilter::of(scope)?;
        let rows = sqlx::query!(
            "SELECT j.no, j.run, j.seq, j.fund, j.key, j.action, j.currency, j.minor AS amount, j.to_key, e.account,
                    e.key AS entry_key, e.minor, j.booked_at
             FROM ledger_journals j JOIN ledger_entries e ON e.journal = j.no
             WHERE j.no > ?1 AND (?2 IS NULL OR j.fund = ?2)
               AND (?3 IS NULL OR j.legal_entity IN (SELECT value FROM json_each(?3))) AND (?4 IS NULL OR j.party = ?4)
             ORDER BY j.no, e.account LIMIT ?5",
            after,
            fund,
            filter.entities,
            filter.party,
            limit
        )
        .fetch_all(self.readers())
        .await
        .map_err(|error| self.explain(error))?;
        rows.into_iter()
            .map(|row| {
                let amount = Money { minor: row.amount, currency: parse("currency", &row.currency)? };
                let action = parse("movement", &row.action)?;
                Ok(LedgerEntry {
                    journal: row.no,
                    run: run_id(&row.run)?,
                    seq: unsigned("step", row.seq)?,
                    posting: Posting { fund: row.fund, key: row.key, action, amount, to: row.to_key },
                    account: parse("account", &row.account)?,
                    key: row.entry_key,
                    minor: row.minor,
                    at: instant(row.booked_at)?,
                })
            })
            .collect()
    }

    async fn balances(&self, scope: &Scope, filter: &BalanceFilter) -> Result<Vec<AccountBalance>> {
        let reach = ScopeFilter::of(scope)?;
        let (currency, as_of) = (filter.currency.map(|currency| currency.code()), filter.as_of.map(micros));
        let rows = sqlx::query!(
            r#"SELECT j.fund, j.currency, e.account, iif(?6, e.key, '') AS "key!: String", sum(e.minor) AS "minor!: i64"
               FROM ledger_journals j JOIN ledger_entries e ON e.journal = j.no
               WHERE (?1 IS NULL OR j.fund = ?1) AND (?2 IS NULL OR j.currency = ?2) AND (?3 IS NULL OR j.booked_at <= ?3)
                 AND (?4 IS NULL OR j.legal_entity IN (SELECT value FROM json_each(?4))) AND (?5 IS NULL OR j.party = ?5)
               GROUP BY 1, 2, 3, 4 ORDER BY 1, 2, 3, 4"#,
            filter.fund,
            currency,
            as_of,
            reach.entities,
            reach.party,
            filter.by_key
        )
        .fetch_all(self.readers())
        .await
        .map_err(|error| self.explain(error))?;
        rows.into_iter()
            .map(|row| {
                let (currency, account) = (parse("currency", &row.currency)?, parse("account", &row.account)?);
                Ok(AccountBalance { fund: row.fund, currency, account, key: row.key, minor: row.minor })
            })
            .collect()
    }

    async fn unbalanced(&self, scope: &Scope) -> Result<Vec<String>> {
        if !reaches_all(scope) {
            return Ok(Vec::new());
        }
        audit::balances(self.readers()).await.map_err(|error| self.explain(error))
    }

    async fn post(
        &self,
        scope: &Scope,
        run: RunId,
        posting: &Posting,
        at: Timestamp,
    ) -> Result<std::result::Result<Journal, String>> {
        self.write(Post { scope: scope.clone(), run, posting: posting.clone(), at: micros(at) }).await
    }
}

struct Post {
    scope: Scope,
    run: RunId,
    posting: Posting,
    at: i64,
}

impl Write for Post {
    type Out = std::result::Result<Journal, String>;

    async fn apply(&self, conn: &mut SqliteConnection) -> std::result::Result<Self::Out, Fault> {
        let id = run_bytes(self.run);
        let row =
            sqlx::query!("SELECT legal_entity, party FROM runs WHERE id = ?1", id).fetch_optional(&mut *conn).await?;
        let home = row.map(|row| home(&row.legal_entity, &row.party)).transpose()?;
        let reached = home.as_ref().map_or_else(|| reaches_all(&self.scope), |home| self.scope.reaches(home));
        if !reached {
            return Err(Error::NotFound { kind: "run", id: self.run.to_string() }.into());
        }
        let origin = Origin { run: self.run, seq: 0, at: self.at, home: home.as_ref() };
        let booked = book(conn, &self.posting, &origin).await?;
        Ok(booked.map(|no| Journal { no, posting: self.posting.clone(), run: self.run, seq: 0 }))
    }
}
