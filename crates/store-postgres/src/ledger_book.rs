//! The ledger as booked.

use async_trait::async_trait;
use entente_core::{ids::RunId, ledger::Posting, money::Money, scope::Scope};
use entente_store::{AccountBalance, BalanceFilter, Error, Journal, LedgerBook, LedgerEntry, Result};
use jiff::Timestamp;

use crate::{
    audit,
    commit::ledger::{Origin, book},
    fault::Fault,
    store::PostgresStore,
    values::{ScopeFilter, home, instant, micros, parse, reaches_all, unsigned},
    work::Work,
    writer::Write,
};

#[async_trait]
impl LedgerBook for PostgresStore {
    async fn entries(&self, scope: &Scope, fund: Option<&str>, after: i64, limit: u32) -> Result<Vec<LedgerEntry>> {
        let filter = ScopeFilter::of(scope);
        let asked = sqlx::query!(
            "SELECT j.no, j.run, j.seq, j.fund, j.key, j.action, j.currency, j.minor AS amount, j.to_key, e.account,
                    e.key AS entry_key, e.minor, j.booked_at
             FROM ledger_journals j JOIN ledger_entries e ON e.journal = j.no
             WHERE j.no > $1 AND ($2::text IS NULL OR j.fund = $2)
               AND ($3::text[] IS NULL OR j.legal_entity = ANY($3)) AND ($4::text IS NULL OR j.party = $4)
             ORDER BY j.no, e.account LIMIT $5",
            after,
            fund,
            filter.entities(),
            filter.party(),
            i64::from(limit)
        );
        let rows = self.read(asked.fetch_all(self.readers())).await?;
        rows.into_iter()
            .map(|row| {
                let amount = Money { minor: row.amount, currency: parse("currency", &row.currency)? };
                let action = parse("movement", &row.action)?;
                Ok(LedgerEntry {
                    journal: row.no,
                    run: RunId(row.run),
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
        let reach = ScopeFilter::of(scope);
        let asked = sqlx::query!(
            r#"SELECT j.fund, j.currency, e.account, CASE WHEN $6 THEN e.key ELSE '' END AS "key!",
                      sum(e.minor)::bigint AS "minor!"
               FROM ledger_journals j JOIN ledger_entries e ON e.journal = j.no
               WHERE ($1::text IS NULL OR j.fund = $1) AND ($2::text IS NULL OR j.currency = $2)
                 AND ($3::bigint IS NULL OR j.booked_at <= $3)
                 AND ($4::text[] IS NULL OR j.legal_entity = ANY($4)) AND ($5::text IS NULL OR j.party = $5)
               GROUP BY 1, 2, 3, 4 ORDER BY 1, j.currency COLLATE "C", 3, 4"#,
            filter.fund.as_deref(),
            filter.currency.map(|currency| currency.code()),
            filter.as_of.map(micros),
            reach.entities(),
            reach.party(),
            filter.by_key
        );
        let rows = self.read(asked.fetch_all(self.readers())).await?;
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
        self.read(audit::balances(self.readers())).await
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

    async fn apply(&self, work: &mut Work<'_>) -> std::result::Result<Self::Out, Fault> {
        let row = sqlx::query!("SELECT legal_entity, party FROM runs WHERE id = $1", self.run.0)
            .fetch_optional(&mut *work.conn)
            .await?;
        let home = row.map(|row| home(&row.legal_entity, &row.party)).transpose()?;
        let reached = home.as_ref().map_or_else(|| reaches_all(&self.scope), |home| self.scope.reaches(home));
        if !reached {
            return Err(Error::NotFound { kind: "run", id: self.run.to_string() }.into());
        }
        let origin = Origin { run: self.run, seq: 0, at: self.at, home: home.as_ref() };
        let booked = book(work, &self.posting, &origin).await?;
        Ok(booked.map(|no| Journal { no, posting: self.posting.clone(), run: self.run, seq: 0 }))
    }
}
