//! The ledger as booked.

use async_trait::async_trait;
use entente_core::{
    ids::RunId,
    ledger::{Posting, PostingAction},
    money::Money,
    scope::Scope,
};
use entente_store::{Error, Journal, LedgerBook, LedgerEntry, Result};
use jiff::Timestamp;

use crate::{
    commit::ledger::{Origin, book},
    fault::Fault,
    store::PostgresStore,
    values::{ScopeFilter, from_json, home, micros, parse, reaches_all, unsigned},
    work::Work,
    writer::Write,
};

#[async_trait]
impl LedgerBook for PostgresStore {
    async fn entries(&self, scope: &Scope, fund: Option<&str>, after: i64, limit: u32) -> Result<Vec<LedgerEntry>> {
        let filter = ScopeFilter::of(scope);
        let asked = sqlx::query!(
            "SELECT j.no, j.run, j.seq, j.fund, j.key, j.action, j.currency, j.minor AS amount, e.account, e.minor
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
                Ok(LedgerEntry {
                    journal: row.no,
                    run: RunId(row.run),
                    seq: unsigned("step", row.seq)?,
                    posting: Posting { fund: row.fund, key: row.key, action: action(&row.action)?, amount },
                    account: row.account,
                    minor: row.minor,
                })
            })
            .collect()
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

fn action(word: &str) -> Result<PostingAction> {
    from_json("posting action", word, &format!("\"{word}\""))
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
        let row = sqlx::query!("SELECT legal_entity, party, seq FROM runs WHERE id = $1", self.run.0)
            .fetch_optional(&mut *work.conn)
            .await?;
        let (home, seq) = match row {
            Some(row) => (Some(home(&row.legal_entity, &row.party)?), row.seq),
            None => (None, 0),
        };
        let reached = home.as_ref().map_or_else(|| reaches_all(&self.scope), |home| self.scope.reaches(home));
        if !reached {
            return Err(Error::NotFound { kind: "run", id: self.run.to_string() }.into());
        }
        let origin = Origin { run: self.run, seq, at: self.at, home: home.as_ref() };
        let booked = book(work, &self.posting, &origin).await?;
        let seq = unsigned("step", seq)?;
        Ok(booked.map(|no| Journal { no, posting: self.posting.clone(), run: self.run, seq }))
    }
}
