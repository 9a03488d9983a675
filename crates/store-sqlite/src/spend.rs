//! Readings of spend.

mod writes;

use async_trait::async_trait;
use entente_core::{commitment::CommitmentId, scope::Scope};
use entente_store::{
    NewReading, Portions, Quarantined, ReadingRow, Result, Spend, SpendSum, add_quarantined,
    columns::{self, AsideColumns},
};
use jiff::{Timestamp, civil::Date};

use self::writes::{Begin, Drop, Publish, Stage};
use crate::{
    store::SqliteStore,
    values::{ScopeFilter, to_json},
};

/// A reading's columns.
type Columns = columns::ReadingColumns<i64, i64>;
/// A sum's columns.
type SumColumns = columns::SumColumns<i64>;

#[async_trait]
impl Spend for SqliteStore {
    async fn begin_reading(&self, reading: &NewReading) -> Result<ReadingRow> {
        self.write(Begin::new(reading)?).await?.decode()
    }

    async fn stage_sums(
        &self,
        id: &str,
        after: u64,
        through: u64,
        days: Option<(Date, Date)>,
        sums: &[SpendSum],
        quarantined: &[Quarantined],
    ) -> Result<()> {
        self.write(Stage::new(id, after, through, days, sums, quarantined)?).await
    }

    async fn publish_reading(
        &self,
        id: &str,
        from: Date,
        through: Date,
        at: Timestamp,
        former: Option<&str>,
    ) -> Result<u32> {
        self.write(Publish { id: id.to_owned(), from, through, at, former: former.map(str::to_owned) }).await
    }

    async fn drop_reading(&self, id: &str) -> Result<bool> {
        self.write(Drop { id: id.to_owned() }).await
    }

    async fn readings(&self, scope: &Scope, commitment: Option<&CommitmentId>) -> Result<Vec<ReadingRow>> {
        let filter = ScopeFilter::of(scope)?;
        let commitment = commitment.map(CommitmentId::as_str);
        let asked = sqlx::query_as!(
            Columns,
            "SELECT id, commitment, legal_entity, party, partition_name, replaces, file, file_sha256, format, judged_by, basis,
                    currency, known_on, staged_by, staged_at, status, version, read_to, counted, set_aside, from_day,
                    through_day, published_at, replaced_at
             FROM spend_readings r
             WHERE (?1 IS NULL OR r.commitment = ?1)
               AND (?2 IS NULL OR r.legal_entity IN (SELECT value FROM json_each(?2))) AND (?3 IS NULL OR r.party = ?3)
             ORDER BY r.no",
            commitment,
            filter.entities,
            filter.party
        );
        let columns = asked.fetch_all(self.readers()).await.map_err(|error| self.explain(error))?;
        columns.into_iter().map(Columns::decode).collect()
    }

    async fn spend_sums(&self, scope: &Scope, ids: &[String]) -> Result<Vec<(String, SpendSum)>> {
        let filter = ScopeFilter::of(scope)?;
        let ids = to_json("readings", &ids)?;
        let asked = sqlx::query_as!(
            SumColumns,
            r#"SELECT r.id, s.day AS "day!", s.account AS "account!", s.product AS "product!", s.part AS "part!", s.reason AS "reason!", s.least AS "least!",
                      s.most AS "most!", s.amount, s.counted, s.first_row, s.last_row
               FROM spend_readings r JOIN spend_sums s ON s.reading = r.no
               WHERE r.id IN (SELECT value FROM json_each(?1)) AND r.status > 0
                 AND (?2 IS NULL OR r.legal_entity IN (SELECT value FROM json_each(?2))) AND (?3 IS NULL OR r.party = ?3)"#,
            ids,
            filter.entities,
            filter.party
        );
        let columns = asked.fetch_all(self.readers()).await.map_err(|error| self.explain(error))?;
        Ok(added_up(columns)?.by_reading())
    }

    async fn staged_sums(&self, id: &str) -> Result<Vec<SpendSum>> {
        let asked = sqlx::query_as!(
            SumColumns,
            r#"SELECT r.id, s.day AS "day!", s.account AS "account!", s.product AS "product!", s.part AS "part!", s.reason AS "reason!", s.least AS "least!",
                      s.most AS "most!", s.amount, s.counted, s.first_row, s.last_row
               FROM spend_readings r JOIN spend_sums s ON s.reading = r.no
               WHERE r.id = ?1 AND r.status = 0"#,
            id
        );
        let columns = asked.fetch_all(self.readers()).await.map_err(|error| self.explain(error))?;
        Ok(added_up(columns)?.of_one())
    }

    async fn quarantined(&self, scope: &Scope, id: &str) -> Result<Vec<Quarantined>> {
        let filter = ScopeFilter::of(scope)?;
        let asked = sqlx::query_as!(
            AsideColumns,
            r#"SELECT q.reason AS "reason!", q.column_name AS "column_name!", q.set_aside, q.first_row, q.sample
               FROM spend_readings r JOIN spend_quarantine q ON q.reading = r.no
               WHERE r.id = ?1
                 AND (?2 IS NULL OR r.legal_entity IN (SELECT value FROM json_each(?2))) AND (?3 IS NULL OR r.party = ?3)
               ORDER BY q.portion"#,
            id,
            filter.entities,
            filter.party
        );
        let columns = asked.fetch_all(self.readers()).await.map_err(|error| self.explain(error))?;
        Ok(add_quarantined(columns.into_iter().map(AsideColumns::decode).collect::<Result<Vec<_>>>()?))
    }
}

fn added_up(rows: Vec<SumColumns>) -> Result<Portions> {
    let mut portions = Portions::default();
    rows.into_iter().try_for_each(|row| row.decode().and_then(|(id, sum)| portions.add(id, sum)))?;
    Ok(portions)
}
