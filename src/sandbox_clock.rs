//! Business time that follows the sandbox's virtual clock.

use std::time::Duration;

use anyhow::Context as _;
use jiff::Timestamp;
use serde::Deserialize;
use tokio_util::sync::CancellationToken;

use crate::runner::clock::{Clock as _, FollowingClock};

#[derive(Deserialize)]
struct Shown {
    now: Timestamp,
}

/// Reads the sandbox's clock once and returns a clock that shows it.
///
/// # Errors
/// When the sandbox does not answer.
pub async fn follow(control: &str) -> anyhow::Result<FollowingClock> {
    Ok(FollowingClock::starting_at(read(control).await?))
}

/// Keeps the clock close to the sandbox's until told to stop.
pub async fn keep(control: String, clock: FollowingClock, stop: CancellationToken) {
    let every = Duration::from_millis(100);
    let mut last: Option<(Timestamp, std::time::Instant)> = None;
    while !stop.is_cancelled() {
        if let Ok(shown) = read(&control).await {
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

async fn read(control: &str) -> anyhow::Result<Timestamp> {
    let url = format!("{}/clock", control.trim_end_matches('/'));
    let answer = reqwest::get(&url).await.with_context(|| format!("the sandbox's clock at {url} does not answer"))?;
    let shown: Shown = answer.error_for_status()?.json().await?;
    Ok(shown.now)
}
