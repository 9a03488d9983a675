//! Business time that follows the sandbox's virtual clock.

use std::time::Duration;

use anyhow::Context as _;
use entente_core::run::Record;
use entente_store::Store;
use jiff::Timestamp;
use reqwest::Client;
use serde::Deserialize;
use tokio_util::sync::CancellationToken;

use crate::{
    audit::last,
    jobs,
    runner::clock::{Clock as _, FollowingClock},
};

/// How long one look at the sandbox's clock may take.
const PATIENCE: Duration = Duration::from_secs(5);

#[derive(Deserialize)]
struct Shown {
    now: Timestamp,
}

/// Reads the sandbox's clock once and returns a clock that shows it.
///
/// # Errors
/// When the sandbox does not answer.
pub async fn follow(control: &str) -> anyhow::Result<FollowingClock> {
    Ok(FollowingClock::starting_at(read(&client()?, control, None).await?))
}

/// A clock that stands where the database's history ends: the last instant that a stopped sandbox is known to have shown.
///
/// # Errors
/// When the database cannot be read.
pub async fn stopped(store: &dyn Store) -> anyhow::Result<FollowingClock> {
    let mut newest = Timestamp::UNIX_EPOCH;
    if let Some(row) = last::row(store).await? {
        newest = serde_json::from_str::<Record>(&row.record).context("the last history record cannot be read")?.at;
    }
    for about in jobs::ABOUT {
        let runs = store.occurrences(about.name, 1).await?;
        newest = runs.iter().map(|run| run.scheduled_for).fold(newest, Timestamp::max);
    }
    let clock = FollowingClock::starting_at(newest);
    clock.follow(newest, 0);
    Ok(clock)
}

/// Keeps the clock close to the sandbox's until told to stop.
pub async fn keep(control: String, clock: FollowingClock, stop: CancellationToken) {
    let every = Duration::from_millis(100);
    // Building a client reads every certificate of the machine: once is enough.
    let Ok(client) = client() else { return tracing::error!("the sandbox's clock cannot be followed") };
    let name = std::process::id().to_string();
    let mut last: Option<(Timestamp, std::time::Instant)> = None;
    while !stop.is_cancelled() {
        if let Ok(shown) = read(&client, &control, Some(&name)).await {
            let now = std::time::Instant::now();
            let rate = last.map_or(1000, |(before, at)| rate_milli(before, shown, now.duration_since(at)));
            last = Some((shown, now));
            clock.follow(shown, rate);
        }
        tokio::select! {
            () = tokio::time::sleep(every) => {}
            () = stop.cancelled() => {}
        }
    }
    tracing::debug!("business time stops at {}", clock.now());
}

/// A jump is not a rate: between two readings the clock runs at most a thousand times faster than real time.
fn rate_milli(before: Timestamp, shown: Timestamp, real: Duration) -> i64 {
    let passed = i64::try_from(shown.duration_since(before).as_millis()).unwrap_or(0);
    let real = i64::try_from(real.as_millis()).unwrap_or(1).max(1);
    let rate = passed.saturating_mul(1000) / real;
    if (0..=1_000_000).contains(&rate) { rate } else { 1000 }
}

/// The sandbox is on this machine: a proxy would only look for it on its own.
fn client() -> anyhow::Result<Client> {
    Ok(Client::builder().no_proxy().timeout(PATIENCE).build()?)
}

/// Looks at the clock; the looks of a `reader` are counted there.
async fn read(client: &Client, control: &str, reader: Option<&str>) -> anyhow::Result<Timestamp> {
    let url = format!("{}/clock", control.trim_end_matches('/'));
    let answer =
        client.get(&url).query(&[("reader", reader)]).send().await.and_then(reqwest::Response::error_for_status);
    let answer = answer.with_context(|| format!("the sandbox's clock at {url} does not answer"))?;
    let shown: Shown = answer.json().await.with_context(|| format!("{url} shows no sandbox's clock"))?;
    Ok(shown.now)
}
