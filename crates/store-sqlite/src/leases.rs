//! Leases, on the clock of the machine that holds the file: `unixepoch('subsec')`, read inside each statement.

use std::time::Duration;

use async_trait::async_trait;
use entente_core::ids::{Fence, ProcessId};
use entente_store::{Lease, LeaseKey, Leases, Result};
use sqlx::SqliteConnection;

use crate::{
    fault::Fault,
    store::SqliteStore,
    values::{parse, to_json},
    writer::Write,
};

#[async_trait]
impl Leases for SqliteStore {
    async fn acquire(&self, owner: &ProcessId, keys: &[LeaseKey], ttl: Duration) -> Result<Vec<Lease>> {
        let write = Acquire { owner: owner.clone(), keys: to_json("leases", &keys)?, ttl };
        self.write(write).await
    }

    async fn renew(&self, held: &[(LeaseKey, Fence)], ttl: Duration) -> Result<Vec<LeaseKey>> {
        self.write(Renew { held: to_json("leases", &held)?, ttl }).await
    }

    async fn release(&self, held: &[(LeaseKey, Fence)]) -> Result<()> {
        self.write(Release { held: to_json("leases", &held)? }).await
    }

    async fn leases(&self) -> Result<Vec<Lease>> {
        let rows = sqlx::query!(
            r#"SELECT key AS "key!", owner AS "owner!", fence,
                      max(0, expires - CAST(unixepoch('subsec') * 1000000 AS INTEGER)) AS "remaining!: i64"
               FROM leases WHERE owner IS NOT NULL ORDER BY key"#
        )
        .fetch_all(self.readers())
        .await
        .map_err(|error| self.explain(error))?;
        rows.into_iter()
            .map(|row| {
                Ok(Lease {
                    key: LeaseKey(row.key),
                    owner: parse("process id", &row.owner)?,
                    fence: Fence(row.fence),
                    remaining: Duration::from_micros(row.remaining.unsigned_abs()),
                })
            })
            .collect()
    }

    async fn holds(&self, key: &LeaseKey, fence: Fence) -> Result<bool> {
        let held = sqlx::query_scalar!(
            r#"SELECT EXISTS (SELECT 1 FROM leases
                              WHERE key = ?1 AND fence = ?2 AND owner IS NOT NULL
                                AND expires > CAST(unixepoch('subsec') * 1000000 AS INTEGER)) AS "held!: bool""#,
            key.0,
            fence.0
        )
        .fetch_one(self.readers())
        .await
        .map_err(|error| self.explain(error))?;
        Ok(held)
    }
}

fn micros(ttl: Duration) -> i64 {
    i64::try_from(ttl.as_micros()).unwrap_or(i64::MAX / 2)
}

struct Acquire {
    owner: ProcessId,
    keys: String,
    ttl: Duration,
}

impl Write for Acquire {
    type Out = Vec<Lease>;

    async fn apply(&self, conn: &mut SqliteConnection) -> std::result::Result<Vec<Lease>, Fault> {
        let (owner, ttl) = (self.owner.as_str(), micros(self.ttl));
        let taken = sqlx::query!(
            r#"INSERT INTO leases (key, owner, fence, expires)
               SELECT value, ?1, 1, CAST(unixepoch('subsec') * 1000000 AS INTEGER) + ?2 FROM json_each(?3) WHERE true
               ON CONFLICT (key) DO UPDATE
               SET owner = excluded.owner, expires = excluded.expires, fence = fence + (owner IS NOT excluded.owner)
               WHERE owner IS NULL OR owner = excluded.owner
                 OR expires <= CAST(unixepoch('subsec') * 1000000 AS INTEGER)
               RETURNING key AS "key!", fence AS "fence!: i64""#,
            owner,
            ttl,
            self.keys
        )
        .fetch_all(conn)
        .await?;
        let lease = |key, fence| Lease {
            key: LeaseKey(key),
            owner: self.owner.clone(),
            fence: Fence(fence),
            remaining: self.ttl,
        };
        Ok(taken.into_iter().map(|row| lease(row.key, row.fence)).collect())
    }
}

struct Renew {
    held: String,
    ttl: Duration,
}

impl Write for Renew {
    type Out = Vec<LeaseKey>;

    /// A lease that ran out but was taken by nobody is still this owner's: its fence has not moved.
    async fn apply(&self, conn: &mut SqliteConnection) -> std::result::Result<Vec<LeaseKey>, Fault> {
        let ttl = micros(self.ttl);
        let renewed = sqlx::query_scalar!(
            r#"UPDATE leases SET expires = CAST(unixepoch('subsec') * 1000000 AS INTEGER) + ?1
               WHERE (key, fence) IN (SELECT value ->> 0, value ->> 1 FROM json_each(?2)) AND owner IS NOT NULL
               RETURNING key AS "key!""#,
            ttl,
            self.held
        )
        .fetch_all(conn)
        .await?;
        Ok(renewed.into_iter().map(LeaseKey).collect())
    }
}

struct Release {
    held: String,
}

impl Write for Release {
    type Out = ();

    async fn apply(&self, conn: &mut SqliteConnection) -> std::result::Result<(), Fault> {
        sqlx::query!(
            "UPDATE leases SET owner = NULL, expires = 0
             WHERE (key, fence) IN (SELECT value ->> 0, value ->> 1 FROM json_each(?1)) AND owner IS NOT NULL",
            self.held
        )
        .execute(conn)
        .await?;
        Ok(())
    }
}
