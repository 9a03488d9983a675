//! Seals, identity, checks and copies.

mod integrity;

use std::path::Path;

use async_trait::async_trait;
use entente_core::ids::RunId;
use entente_store::{Audit, Error, HistoryRow, Result, SealRow, UnsealedRow};

pub(crate) use integrity::balances;

use crate::{
    backup,
    fault::Fault,
    runs::history_row,
    store::PostgresStore,
    values::{hash, unsigned},
    work::Work,
    writer::Write,
};

#[async_trait]
impl Audit for PostgresStore {
    async fn unsealed(&self, limit: u32) -> Result<Vec<UnsealedRow>> {
        let asked = sqlx::query!(
            "SELECT h.no, r.id, h.seq, h.hash
             FROM history h JOIN runs r ON r.rid = h.rid
             WHERE h.no > (SELECT coalesce(max(last), 0) FROM seals) ORDER BY h.no LIMIT $1",
            i64::from(limit)
        );
        let rows = self.read(asked.fetch_all(self.readers())).await?;
        rows.into_iter()
            .map(|row| {
                let (run, seq) = (RunId(row.id), unsigned("step", row.seq)?);
                Ok(UnsealedRow { no: row.no, run, seq, hash: hash(&row.hash)? })
            })
            .collect()
    }

    async fn add_seal(&self, seal: &SealRow) -> Result<()> {
        self.write(AddSeal { seal: seal.clone() }).await
    }

    async fn seals(&self, after: i64, limit: u32) -> Result<Vec<SealRow>> {
        let asked = sqlx::query_as!(
            SealRow,
            "SELECT no, first, last, body, signature FROM seals WHERE no > $1 ORDER BY no LIMIT $2",
            after,
            i64::from(limit)
        );
        self.read(asked.fetch_all(self.readers())).await
    }

    async fn history_rows(&self, after: i64, limit: u32) -> Result<Vec<HistoryRow>> {
        let asked = sqlx::query!(
            "SELECT h.no, r.id, h.seq, h.record, h.prev_hash, h.hash
             FROM history h JOIN runs r ON r.rid = h.rid
             WHERE h.no > $1 ORDER BY h.no LIMIT $2",
            after,
            i64::from(limit)
        );
        let rows = self.read(asked.fetch_all(self.readers())).await?;
        rows.into_iter()
            .map(|row| history_row(RunId(row.id), (row.no, row.seq, row.record, row.prev_hash, row.hash)))
            .collect()
    }

    async fn epoch(&self) -> Result<String> {
        let asked = sqlx::query_scalar!("SELECT epoch FROM meta WHERE one");
        self.read(asked.fetch_one(self.readers())).await
    }

    async fn new_epoch(&self, epoch: &str) -> Result<()> {
        self.write(NewEpoch { epoch: epoch.to_owned() }).await
    }

    async fn integrity(&self) -> Result<Vec<String>> {
        integrity::check(self).await
    }

    async fn backup(&self, to: &Path) -> Result<()> {
        backup::write(self.target(), to).await
    }
}

struct AddSeal {
    seal: SealRow,
}

impl Write for AddSeal {
    type Out = ();

    /// The next number, and the history right after the last seal: otherwise another process sealed first.
    async fn apply(&self, work: &mut Work<'_>) -> std::result::Result<(), Fault> {
        let SealRow { no, first, last, body, signature } = &self.seal;
        let added = sqlx::query!(
            "INSERT INTO seals (no, first, last, body, signature)
             SELECT $1::bigint, $2::bigint, $3::bigint, $4, $5
             WHERE $1 = (SELECT coalesce(max(no), 0) + 1 FROM seals)
               AND $2 = (SELECT coalesce(max(last), 0) + 1 FROM seals)
               AND $3 <= $6",
            no,
            first,
            last,
            body,
            signature,
            work.kept.numbers.history
        )
        .execute(&mut *work.conn)
        .await?;
        if added.rows_affected() == 0 {
            return Err(Error::Conflict { kind: "chain of seals", id: no.to_string() }.into());
        }
        Ok(())
    }
}

struct NewEpoch {
    epoch: String,
}

impl Write for NewEpoch {
    type Out = ();

    async fn apply(&self, work: &mut Work<'_>) -> std::result::Result<(), Fault> {
        sqlx::query!("UPDATE meta SET epoch = $1 WHERE one", self.epoch).execute(&mut *work.conn).await?;
        Ok(())
    }
}
