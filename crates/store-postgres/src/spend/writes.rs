//! What readings of spend write.

use entente_core::commitment::{Part, Replaces};
use entente_store::{Error, NewReading, Quarantined, Result, SpendSum, portion_holds};
use jiff::{Timestamp, civil::Date};

use super::Columns;
use crate::{
    fault::Fault,
    values::{micros, signed, to_json, unsigned},
    work::Work,
    writer::Write,
};

fn conflict(id: &str) -> Fault {
    Error::Conflict { kind: "reading", id: id.to_owned() }.into()
}

pub(super) struct Begin {
    reading: NewReading,
    basis: String,
}

impl Begin {
    pub(super) fn new(reading: &NewReading) -> Result<Begin> {
        Ok(Begin { reading: reading.clone(), basis: to_json("basis", &reading.basis)? })
    }
}

impl Write for Begin {
    type Out = Columns;

    async fn apply(&self, work: &mut Work<'_>) -> std::result::Result<Columns, Fault> {
        let NewReading { id, commitment, legal_entity, party, partition, file, file_sha256, format, .. } =
            &self.reading;
        let NewReading { judged_by, currency, known_on, by, at, .. } = &self.reading;
        let replaces = i16::from(self.reading.replaces == Replaces::Days);
        sqlx::query!(
            "INSERT INTO spend_readings (no, id, commitment, legal_entity, party, partition_name, replaces, file,
                                         file_sha256, format, judged_by, basis, currency, known_on, staged_by, staged_at,
                                         status, read_to, counted, set_aside)
             SELECT coalesce(max(no), 0) + 1, $1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15,
                    0, 0, 0, 0
             FROM spend_readings
             ON CONFLICT (id) DO NOTHING",
            id,
            commitment.as_str(),
            legal_entity.as_str(),
            party.as_str(),
            partition.0,
            replaces,
            file,
            file_sha256,
            format,
            judged_by,
            self.basis,
            currency.code(),
            known_on.to_string(),
            by,
            micros(*at)
        )
        .execute(&mut *work.conn)
        .await?;
        let columns = sqlx::query_as!(
            Columns,
            "SELECT id, commitment, legal_entity, party, partition_name, replaces, file, file_sha256, format, judged_by, basis,
                    currency, known_on, staged_by, staged_at, status, version, read_to, counted, set_aside, from_day,
                    through_day, published_at, replaced_at
             FROM spend_readings WHERE id = $1",
            id
        );
        Ok(columns.fetch_one(&mut *work.conn).await?)
    }
}

/// A portion, column by column.
pub(super) struct Stage {
    id: String,
    after: i64,
    through: i64,
    first_day: Option<String>,
    last_day: Option<String>,
    counted: i64,
    set_aside: i64,
    sums: Vec<SpendSum>,
    quarantined: Vec<Quarantined>,
}

impl Stage {
    pub(super) fn new(
        id: &str,
        after: u64,
        through: u64,
        days: Option<(Date, Date)>,
        sums: &[SpendSum],
        quarantined: &[Quarantined],
    ) -> Result<Stage> {
        if !portion_holds(after, through, sums, quarantined) {
            return Err(Error::Conflict { kind: "reading", id: id.to_owned() });
        }
        Ok(Stage {
            id: id.to_owned(),
            after: signed("row", after)?,
            through: signed("row", through)?,
            first_day: days.map(|(first, _)| first.to_string()),
            last_day: days.map(|(_, last)| last.to_string()),
            counted: signed("count", sums.iter().map(|sum| sum.rows).sum())?,
            set_aside: signed("count", quarantined.iter().map(|rows| rows.rows).sum())?,
            sums: sums.to_vec(),
            quarantined: quarantined.to_vec(),
        })
    }

    async fn store_sums(&self, no: i64, work: &mut Work<'_>) -> std::result::Result<(), Fault> {
        let numbers = |of: fn(&SpendSum) -> u64| -> Result<Vec<i64>> {
            self.sums.iter().map(|sum| signed("row", of(sum))).collect()
        };
        let texts = |of: fn(&SpendSum) -> String| -> Vec<String> { self.sums.iter().map(of).collect() };
        let parts: Vec<i16> = self.sums.iter().map(|sum| i16::from(sum.key.part == Part::Marketplace)).collect();
        sqlx::query!(
            "INSERT INTO spend_sums (reading, portion, day, account, product, part, reason, least, most, amount, counted,
                                     first_row, last_row)
             SELECT $1, $2, * FROM UNNEST($3::text[], $4::text[], $5::text[], $6::smallint[], $7::text[], $8::text[],
                                          $9::text[], $10::text[], $11::bigint[], $12::bigint[], $13::bigint[])",
            no,
            self.after,
            &texts(|sum| sum.key.day.to_string()),
            &texts(|sum| sum.key.account.clone()),
            &texts(|sum| sum.key.product.clone()),
            &parts,
            &texts(|sum| sum.key.reason.to_string()),
            &texts(|sum| sum.key.weight.least.decimal().to_string()),
            &texts(|sum| sum.key.weight.most.decimal().to_string()),
            &texts(|sum| sum.amount.to_string()),
            &numbers(|sum| sum.rows)?,
            &numbers(|sum| sum.first_row)?,
            &numbers(|sum| sum.last_row)?
        )
        .execute(&mut *work.conn)
        .await?;
        Ok(())
    }

    async fn store_aside(&self, no: i64, work: &mut Work<'_>) -> std::result::Result<(), Fault> {
        let numbers = |of: fn(&Quarantined) -> u64| -> Result<Vec<i64>> {
            self.quarantined.iter().map(|rows| signed("row", of(rows))).collect()
        };
        let texts = |of: fn(&Quarantined) -> &String| -> Vec<String> {
            self.quarantined.iter().map(|rows| of(rows).clone()).collect()
        };
        sqlx::query!(
            "INSERT INTO spend_quarantine (reading, portion, reason, column_name, set_aside, first_row, sample)
             SELECT $1, $2, * FROM UNNEST($3::text[], $4::text[], $5::bigint[], $6::bigint[], $7::text[])",
            no,
            self.after,
            &texts(|rows| &rows.reason),
            &texts(|rows| &rows.column),
            &numbers(|rows| rows.rows)?,
            &numbers(|rows| rows.first_row)?,
            &texts(|rows| &rows.sample)
        )
        .execute(&mut *work.conn)
        .await?;
        Ok(())
    }
}

impl Write for Stage {
    type Out = ();

    async fn apply(&self, work: &mut Work<'_>) -> std::result::Result<(), Fault> {
        let no = sqlx::query_scalar!(
            "UPDATE spend_readings SET read_to = $3, counted = counted + $4, set_aside = set_aside + $5,
               from_day = least(from_day, $6), through_day = greatest(through_day, $7)
               WHERE id = $1 AND status = 0 AND read_to = $2 RETURNING no",
            self.id,
            self.after,
            self.through,
            self.counted,
            self.set_aside,
            self.first_day.as_deref(),
            self.last_day.as_deref()
        )
        .fetch_optional(&mut *work.conn)
        .await?
        .ok_or_else(|| conflict(&self.id))?;
        self.store_sums(no, work).await?;
        self.store_aside(no, work).await
    }
}

pub(super) struct Publish {
    pub(super) id: String,
    pub(super) from: Date,
    pub(super) through: Date,
    pub(super) at: Timestamp,
    pub(super) former: Option<String>,
}

impl Publish {
    /// Refuses to come in place of another than the one that was there.
    async fn in_place_of_former(
        &self,
        commitment: &str,
        partition: &str,
        work: &mut Work<'_>,
    ) -> std::result::Result<(), Fault> {
        let Some(former) = &self.former else { return Ok(()) };
        let there = sqlx::query_scalar!(
            "SELECT id FROM spend_readings WHERE commitment = $1 AND partition_name = $2 AND status = 1 FOR UPDATE",
            commitment,
            partition
        )
        .fetch_optional(&mut *work.conn)
        .await?;
        match there.as_ref() == Some(former) {
            true => Ok(()),
            false => Err(conflict(&self.id)),
        }
    }
}

impl Write for Publish {
    type Out = u32;

    async fn apply(&self, work: &mut Work<'_>) -> std::result::Result<u32, Fault> {
        let found =
            sqlx::query!("SELECT commitment, partition_name, version FROM spend_readings WHERE id = $1", self.id)
                .fetch_optional(&mut *work.conn)
                .await?
                .ok_or_else(|| Fault::from(Error::NotFound { kind: "reading", id: self.id.clone() }))?;
        if let Some(version) = found.version {
            return Ok(unsigned("version", version)?);
        }
        self.in_place_of_former(&found.commitment, &found.partition_name, work).await?;
        let version = sqlx::query_scalar!(
            r#"SELECT coalesce(max(version), 0) + 1 AS "version!" FROM spend_readings
               WHERE commitment = $1 AND partition_name = $2"#,
            found.commitment,
            found.partition_name
        )
        .fetch_one(&mut *work.conn)
        .await?;
        sqlx::query!(
            "UPDATE spend_readings SET status = 2, replaced_at = $1
             WHERE commitment = $2 AND partition_name = $3 AND status = 1",
            micros(self.at),
            found.commitment,
            found.partition_name
        )
        .execute(&mut *work.conn)
        .await?;
        sqlx::query!(
            "UPDATE spend_readings SET status = 1, version = $2, from_day = $3, through_day = $4, published_at = $5
             WHERE id = $1",
            self.id,
            version,
            self.from.to_string(),
            self.through.to_string(),
            micros(self.at)
        )
        .execute(&mut *work.conn)
        .await?;
        Ok(unsigned("version", version)?)
    }
}

pub(super) struct Drop {
    pub(super) id: String,
}

impl Write for Drop {
    type Out = bool;

    async fn apply(&self, work: &mut Work<'_>) -> std::result::Result<bool, Fault> {
        let no = sqlx::query_scalar!("SELECT no FROM spend_readings WHERE id = $1 AND status = 0 FOR UPDATE", self.id)
            .fetch_optional(&mut *work.conn)
            .await?
            .ok_or_else(|| conflict(&self.id))?;
        let last = sqlx::query_scalar!(
            r#"SELECT max(p.portion) AS "portion: i64" FROM (
               SELECT portion FROM spend_sums WHERE reading = $1
               UNION ALL SELECT portion FROM spend_quarantine WHERE reading = $1) p"#,
            no
        )
        .fetch_one(&mut *work.conn)
        .await?;
        let Some(last) = last else {
            sqlx::query!("DELETE FROM spend_readings WHERE no = $1", no).execute(&mut *work.conn).await?;
            return Ok(true);
        };
        // What is left is what was read before it, so that whoever stages it meanwhile is refused or goes on from there.
        sqlx::query!(
            "UPDATE spend_readings SET read_to = $2,
               counted = counted - (SELECT coalesce(sum(s.counted), 0) FROM spend_sums s WHERE s.reading = $1 AND s.portion = $2),
               set_aside = set_aside - (
                 SELECT coalesce(sum(q.set_aside), 0) FROM spend_quarantine q WHERE q.reading = $1 AND q.portion = $2)
             WHERE no = $1",
            no,
            last
        )
        .execute(&mut *work.conn)
        .await?;
        sqlx::query!("DELETE FROM spend_sums WHERE reading = $1 AND portion = $2", no, last)
            .execute(&mut *work.conn)
            .await?;
        sqlx::query!("DELETE FROM spend_quarantine WHERE reading = $1 AND portion = $2", no, last)
            .execute(&mut *work.conn)
            .await?;
        Ok(false)
    }
}
