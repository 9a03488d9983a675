//! What readings of spend write.

use std::fmt::Display;

use entente_core::commitment::{Part, Replaces};
use entente_store::{Error, NewReading, Quarantined, Result, SpendSum, portion_holds};
use jiff::{Timestamp, civil::Date};
use serde::{Serialize, Serializer};
use sqlx::SqliteConnection;

use super::Columns;
use crate::{
    fault::Fault,
    values::{micros, signed, to_json, unsigned},
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

    async fn apply(&self, conn: &mut SqliteConnection) -> std::result::Result<Columns, Fault> {
        let NewReading { id, commitment, legal_entity, party, partition, file, file_sha256, format, .. } =
            &self.reading;
        let NewReading { judged_by, currency, known_on, by, at, .. } = &self.reading;
        let replaces = i64::from(self.reading.replaces == Replaces::Days);
        let (commitment, legal_entity) = (commitment.as_str(), legal_entity.as_str());
        let (party, partition, currency) = (party.as_str(), partition.0.as_str(), currency.code());
        let (known_on, at) = (known_on.to_string(), micros(*at));
        sqlx::query!(
            "INSERT INTO spend_readings (no, id, commitment, legal_entity, party, partition_name, replaces, file,
                                         file_sha256, format, judged_by, basis, currency, known_on, staged_by, staged_at,
                                         status, read_to, counted, set_aside)
             SELECT coalesce(max(no), 0) + 1, ?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15,
                    0, 0, 0, 0
             FROM spend_readings WHERE true
             ON CONFLICT (id) DO NOTHING",
            id,
            commitment,
            legal_entity,
            party,
            partition,
            replaces,
            file,
            file_sha256,
            format,
            judged_by,
            self.basis,
            currency,
            known_on,
            by,
            at
        )
        .execute(&mut *conn)
        .await?;
        let columns = sqlx::query_as!(
            Columns,
            "SELECT id, commitment, legal_entity, party, partition_name, replaces, file, file_sha256, format, judged_by, basis,
                    currency, known_on, staged_by, staged_at, status, version, read_to, counted, set_aside, from_day,
                    through_day, published_at, replaced_at
             FROM spend_readings WHERE id = ?1",
            id
        );
        Ok(columns.fetch_one(conn).await?)
    }
}

/// A portion, as JSON.
pub(super) struct Stage {
    id: String,
    after: i64,
    through: i64,
    first_day: Option<String>,
    last_day: Option<String>,
    counted: i64,
    set_aside: i64,
    sums: String,
    quarantined: String,
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
        let aside: Vec<_> =
            quarantined.iter().map(|q| (&q.reason, &q.column, q.rows, q.first_row, &q.sample)).collect();
        Ok(Stage {
            id: id.to_owned(),
            after: signed("row", after)?,
            through: signed("row", through)?,
            first_day: days.map(|(first, _)| first.to_string()),
            last_day: days.map(|(_, last)| last.to_string()),
            counted: signed("count", sums.iter().map(|sum| sum.rows).sum())?,
            set_aside: signed("count", quarantined.iter().map(|rows| rows.rows).sum())?,
            sums: to_json("sums", &sums.iter().map(Row).collect::<Vec<_>>())?,
            quarantined: to_json("what was set aside", &aside)?,
        })
    }

    async fn store(&self, no: i64, conn: &mut SqliteConnection) -> std::result::Result<(), Fault> {
        sqlx::query!(
            "INSERT INTO spend_sums (reading, portion, day, account, product, part, reason, least, most, amount, counted,
                                     first_row, last_row)
             SELECT ?1, ?2, value ->> 0, value ->> 1, value ->> 2, value ->> 3, value ->> 4, value ->> 5, value ->> 6,
                    value ->> 7, value ->> 8, value ->> 9, value ->> 10
             FROM json_each(?3)",
            no,
            self.after,
            self.sums
        )
        .execute(&mut *conn)
        .await?;
        sqlx::query!(
            "INSERT INTO spend_quarantine (reading, portion, reason, column_name, set_aside, first_row, sample)
             SELECT ?1, ?2, value ->> 0, value ->> 1, value ->> 2, value ->> 3, value ->> 4 FROM json_each(?3)",
            no,
            self.after,
            self.quarantined
        )
        .execute(conn)
        .await?;
        Ok(())
    }
}

/// A sum as a row of JSON, written as it is read: a portion has thousands.
struct Row<'s>(&'s SpendSum);

impl Serialize for Row<'_> {
    fn serialize<S: Serializer>(&self, to: S) -> std::result::Result<S::Ok, S::Error> {
        let SpendSum { key, amount, rows, first_row, last_row } = self.0;
        let part = i64::from(key.part == Part::Marketplace);
        let (least, most) = (Shown(key.weight.least.decimal()), Shown(key.weight.most.decimal()));
        let (day, reason, amount) = (Shown(key.day), Shown(&key.reason), Shown(amount));
        (day, &key.account, &key.product, part, reason, least, most, amount, rows, first_row, last_row).serialize(to)
    }
}

/// What is written as it is shown.
struct Shown<T>(T);

impl<T: Display> Serialize for Shown<T> {
    fn serialize<S: Serializer>(&self, to: S) -> std::result::Result<S::Ok, S::Error> {
        to.collect_str(&self.0)
    }
}

impl Write for Stage {
    type Out = ();

    async fn apply(&self, conn: &mut SqliteConnection) -> std::result::Result<(), Fault> {
        let no = sqlx::query_scalar!(
            r#"UPDATE spend_readings SET read_to = ?3, counted = counted + ?4, set_aside = set_aside + ?5,
                 from_day = coalesce(min(from_day, ?6), from_day, ?6), through_day = coalesce(max(through_day, ?7), through_day, ?7)
               WHERE id = ?1 AND status = 0 AND read_to = ?2 RETURNING no AS "no!: i64""#,
            self.id,
            self.after,
            self.through,
            self.counted,
            self.set_aside,
            self.first_day,
            self.last_day
        )
        .fetch_optional(&mut *conn)
        .await?
        .ok_or_else(|| conflict(&self.id))?;
        self.store(no, conn).await
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
        conn: &mut SqliteConnection,
    ) -> std::result::Result<(), Fault> {
        let Some(former) = &self.former else { return Ok(()) };
        let there = sqlx::query_scalar!(
            "SELECT id FROM spend_readings WHERE commitment = ?1 AND partition_name = ?2 AND status = 1",
            commitment,
            partition
        )
        .fetch_optional(conn)
        .await?;
        match there.as_ref() == Some(former) {
            true => Ok(()),
            false => Err(conflict(&self.id)),
        }
    }
}

impl Write for Publish {
    type Out = u32;

    async fn apply(&self, conn: &mut SqliteConnection) -> std::result::Result<u32, Fault> {
        let found =
            sqlx::query!("SELECT commitment, partition_name, version FROM spend_readings WHERE id = ?1", self.id)
                .fetch_optional(&mut *conn)
                .await?
                .ok_or_else(|| Fault::from(Error::NotFound { kind: "reading", id: self.id.clone() }))?;
        if let Some(version) = found.version {
            return Ok(unsigned("version", version)?);
        }
        self.in_place_of_former(&found.commitment, &found.partition_name, &mut *conn).await?;
        let (from, through, at) = (self.from.to_string(), self.through.to_string(), micros(self.at));
        let version = sqlx::query_scalar!(
            r#"SELECT coalesce(max(version), 0) + 1 AS "version!: i64" FROM spend_readings
               WHERE commitment = ?1 AND partition_name = ?2"#,
            found.commitment,
            found.partition_name
        )
        .fetch_one(&mut *conn)
        .await?;
        sqlx::query!(
            "UPDATE spend_readings SET status = 2, replaced_at = ?1
             WHERE commitment = ?2 AND partition_name = ?3 AND status = 1",
            at,
            found.commitment,
            found.partition_name
        )
        .execute(&mut *conn)
        .await?;
        sqlx::query!(
            "UPDATE spend_readings SET status = 1, version = ?2, from_day = ?3, through_day = ?4, published_at = ?5
             WHERE id = ?1",
            self.id,
            version,
            from,
            through,
            at
        )
        .execute(conn)
        .await?;
        Ok(unsigned("version", version)?)
    }
}

pub(super) struct Drop {
    pub(super) id: String,
}

impl Write for Drop {
    type Out = bool;

    async fn apply(&self, conn: &mut SqliteConnection) -> std::result::Result<bool, Fault> {
        let no =
            sqlx::query_scalar!(r#"SELECT no AS "no!: i64" FROM spend_readings WHERE id = ?1 AND status = 0"#, self.id)
                .fetch_optional(&mut *conn)
                .await?
                .ok_or_else(|| conflict(&self.id))?;
        let last = sqlx::query_scalar!(
            r#"SELECT max(p.portion) AS "portion: i64" FROM (
               SELECT portion FROM spend_sums WHERE reading = ?1
               UNION ALL SELECT portion FROM spend_quarantine WHERE reading = ?1) p"#,
            no
        )
        .fetch_one(&mut *conn)
        .await?;
        let Some(last) = last else {
            sqlx::query!("DELETE FROM spend_readings WHERE no = ?1", no).execute(conn).await?;
            return Ok(true);
        };
        // What is left is what was read before it, so that whoever stages it meanwhile is refused or goes on from there.
        sqlx::query!(
            "UPDATE spend_readings SET read_to = ?2,
               counted = counted - (SELECT coalesce(sum(s.counted), 0) FROM spend_sums s WHERE s.reading = ?1 AND s.portion = ?2),
               set_aside = set_aside - (
                 SELECT coalesce(sum(q.set_aside), 0) FROM spend_quarantine q WHERE q.reading = ?1 AND q.portion = ?2)
             WHERE no = ?1",
            no,
            last
        )
        .execute(&mut *conn)
        .await?;
        sqlx::query!("DELETE FROM spend_sums WHERE reading = ?1 AND portion = ?2", no, last)
            .execute(&mut *conn)
            .await?;
        sqlx::query!("DELETE FROM spend_quarantine WHERE reading = ?1 AND portion = ?2", no, last)
            .execute(conn)
            .await?;
        Ok(false)
    }
}
