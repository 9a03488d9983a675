//! Leases, on the database's own clock, through a connection that serves nothing else.
//!
//! A fence passes only while nobody is committing: whoever becomes the owner of a lease first takes the lock that every
//! commit holds from before it reads fences until it is done. So there is no moment at which a new owner exists and a
//! write under the old fence is still to come.

use std::time::Duration;

use async_trait::async_trait;
use entente_core::ids::{Fence, ProcessId};
use entente_store::{Lease, LeaseKey, Leases, Result};
use sqlx::{Connection, PgConnection};
use tokio::{sync::Mutex, time::Instant};

use crate::{
    fault::{Kind, explain, kind},
    session::{self, Purpose, timed_out},
    store::PostgresStore,
    target::Target,
    values::parse,
};

#[async_trait]
impl Leases for PostgresStore {
    async fn acquire(&self, owner: &ProcessId, keys: &[LeaseKey], ttl: Duration) -> Result<Vec<Lease>> {
        self.writer()?;
        let mut keys: Vec<String> = keys.iter().map(|key| key.0.clone()).collect();
        // Two that take the same leases take them in the same order.
        keys.sort_unstable();
        keys.dedup();
        let taken = self.leases_lane().run(&Acquire { owner: owner.as_str(), keys, ttl: micros(ttl) }).await?;
        let lease =
            |(key, fence)| Lease { key: LeaseKey(key), owner: owner.clone(), fence: Fence(fence), remaining: ttl };
        Ok(taken.into_iter().map(lease).collect())
    }

    async fn renew(&self, held: &[(LeaseKey, Fence)], ttl: Duration) -> Result<Vec<LeaseKey>> {
        self.writer()?;
        let renewed = self.leases_lane().run(&Renew { held: Held::of(held), ttl: micros(ttl) }).await?;
        Ok(renewed.into_iter().map(LeaseKey).collect())
    }

    async fn release(&self, held: &[(LeaseKey, Fence)]) -> Result<()> {
        self.writer()?;
        self.leases_lane().run(&Release { held: Held::of(held) }).await
    }

    async fn leases(&self) -> Result<Vec<Lease>> {
        let rows = sqlx::query!(
            r#"SELECT key, owner AS "owner!", fence, greatest(0, expires - now_micros()) AS "remaining!"
               FROM leases WHERE owner IS NOT NULL ORDER BY key"#
        );
        let rows = self.read(rows.fetch_all(self.readers())).await?;
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
        self.leases_lane().run(&Holds { key: &key.0, fence: fence.0 }).await
    }
}

fn micros(ttl: Duration) -> i64 {
    i64::try_from(ttl.as_micros()).unwrap_or(i64::MAX / 2).min(i64::MAX / 2)
}

/// Leases with their fences, a value per lease in each column.
struct Held {
    keys: Vec<String>,
    fences: Vec<i64>,
}

impl Held {
    fn of(held: &[(LeaseKey, Fence)]) -> Held {
        let (keys, fences) = held.iter().map(|(key, fence)| (key.0.clone(), fence.0)).unzip();
        Held { keys, fences }
    }
}

/// Something to do on the connection for leases. It may be done again from the start.
pub(crate) trait OnLane: Sync {
    /// What it answers.
    type Out: Send;

    fn apply(&self, conn: &mut PgConnection) -> impl Future<Output = sqlx::Result<Self::Out>> + Send;
}

/// The connection for leases, made again whenever it is lost.
#[derive(Debug)]
pub(crate) struct Reserved {
    target: Target,
    patience: Duration,
    conn: Mutex<Option<PgConnection>>,
}

impl Reserved {
    pub(crate) fn new(target: Target, patience: Duration) -> Reserved {
        Reserved { target, patience, conn: Mutex::new(None) }
    }

    /// Does it, and does it again after a lost connection or a deadlock, as long as a caller may have to wait.
    async fn run<W: OnLane>(&self, work: &W) -> Result<W::Out> {
        let until = Instant::now() + self.patience;
        loop {
            let once = tokio::time::timeout_at(until, self.once(work)).await;
            match once.unwrap_or_else(|_| Err(timed_out("no answer came in time"))) {
                Ok(out) => return Ok(out),
                Err(error) if matches!(kind(&error), Kind::Connection | Kind::Contention) && Instant::now() < until => {
                    tracing::debug!("leases of `{}` are tried again: {error}", self.target);
                    tokio::time::sleep(Duration::from_millis(20)).await;
                }
                Err(error) => return Err(explain(&error, self.target.name())),
            }
        }
    }

    /// A connection on which anything went wrong is not used again.
    async fn once<W: OnLane>(&self, work: &W) -> sqlx::Result<W::Out> {
        let mut lane = self.conn.lock().await;
        let mut conn = match lane.take() {
            Some(conn) => conn,
            None => session::connect(&self.target, Purpose::Lease, self.patience).await?,
        };
        let out = work.apply(&mut conn).await?;
        *lane = Some(conn);
        Ok(out)
    }

    pub(crate) async fn close(&self) {
        if let Some(conn) = self.conn.lock().await.take()
            && let Err(error) = conn.close().await
        {
            tracing::warn!("the connection for leases did not close cleanly: {error}");
        }
    }
}

struct Acquire<'a> {
    owner: &'a str,
    keys: Vec<String>,
    ttl: i64,
}

impl OnLane for Acquire<'_> {
    type Out = Vec<(String, i64)>;

    /// Most of the time nothing is free, and nobody's commit is waited for.
    async fn apply(&self, conn: &mut PgConnection) -> sqlx::Result<Self::Out> {
        let possible = sqlx::query!(
            r#"SELECT given.key AS "key!", l.owner IS NOT DISTINCT FROM $2 AS "own!"
               FROM UNNEST($1::text[]) AS given (key) LEFT JOIN leases l ON l.key = given.key
               WHERE l.owner IS NULL OR l.owner = $2 OR l.expires <= now_micros()
               ORDER BY given.key COLLATE "C""#,
            &self.keys,
            self.owner
        )
        .fetch_all(&mut *conn)
        .await?;
        let all_own = possible.iter().all(|lease| lease.own);
        let keys: Vec<String> = possible.into_iter().map(|lease| lease.key).collect();
        if all_own { self.extend(conn, &keys).await } else { self.take(conn, &keys).await }
    }
}

impl Acquire<'_> {
    async fn extend(&self, conn: &mut PgConnection, keys: &[String]) -> sqlx::Result<Vec<(String, i64)>> {
        let rows = sqlx::query!(
            "UPDATE leases SET expires = now_micros() + $1 WHERE key = ANY($2::text[]) AND owner = $3
             RETURNING key, fence",
            self.ttl,
            keys,
            self.owner
        )
        .fetch_all(conn)
        .await?;
        Ok(rows.into_iter().map(|row| (row.key, row.fence)).collect())
    }

    async fn take(&self, conn: &mut PgConnection, keys: &[String]) -> sqlx::Result<Vec<(String, i64)>> {
        let mut tx = conn.begin().await?;
        sqlx::query!("SELECT FROM counters WHERE one FOR UPDATE").execute(&mut *tx).await?;
        let rows = sqlx::query!(
            "INSERT INTO leases AS l (key, owner, fence, expires)
             SELECT key, $1, 1, now_micros() + $2 FROM UNNEST($3::text[]) AS given (key)
             ON CONFLICT (key) DO UPDATE
             SET owner = excluded.owner, expires = excluded.expires,
                 fence = l.fence + CASE WHEN l.owner IS DISTINCT FROM excluded.owner THEN 1 ELSE 0 END
             WHERE l.owner IS NULL OR l.owner = excluded.owner OR l.expires <= now_micros()
             RETURNING key, fence",
            self.owner,
            self.ttl,
            keys
        )
        .fetch_all(&mut *tx)
        .await?;
        tx.commit().await?;
        Ok(rows.into_iter().map(|row| (row.key, row.fence)).collect())
    }
}

struct Renew {
    held: Held,
    ttl: i64,
}

impl OnLane for Renew {
    type Out = Vec<String>;

    /// A lease that ran out but was taken by nobody is still this owner's: its fence has not moved.
    async fn apply(&self, conn: &mut PgConnection) -> sqlx::Result<Vec<String>> {
        sqlx::query_scalar!(
            "UPDATE leases SET expires = now_micros() + $1
             FROM UNNEST($2::text[], $3::bigint[]) AS given (key, fence)
             WHERE leases.key = given.key AND leases.fence = given.fence AND leases.owner IS NOT NULL
             RETURNING leases.key",
            self.ttl,
            &self.held.keys,
            &self.held.fences
        )
        .fetch_all(conn)
        .await
    }
}

struct Release {
    held: Held,
}

impl OnLane for Release {
    type Out = ();

    async fn apply(&self, conn: &mut PgConnection) -> sqlx::Result<()> {
        sqlx::query!(
            "UPDATE leases SET owner = NULL, expires = 0
             FROM UNNEST($1::text[], $2::bigint[]) AS given (key, fence)
             WHERE leases.key = given.key AND leases.fence = given.fence AND leases.owner IS NOT NULL",
            &self.held.keys,
            &self.held.fences
        )
        .execute(conn)
        .await?;
        Ok(())
    }
}

struct Holds<'a> {
    key: &'a str,
    fence: i64,
}

impl OnLane for Holds<'_> {
    type Out = bool;

    async fn apply(&self, conn: &mut PgConnection) -> sqlx::Result<bool> {
        sqlx::query_scalar!(
            r#"SELECT EXISTS (SELECT 1 FROM leases
                              WHERE key = $1 AND fence = $2 AND owner IS NOT NULL AND expires > now_micros()) AS "held!""#,
            self.key,
            self.fence
        )
        .fetch_one(conn)
        .await
    }
}
