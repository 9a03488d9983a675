//! So many pieces of work at a time; the next begins when one ends.

use std::{sync::Arc, time::Instant};

use tokio::{sync::Semaphore, task::JoinSet};

/// Runs in flight in the workloads that load the engine.
pub const IN_FLIGHT: usize = 64;

/// Does `count` pieces of work, `at_once` at a time; returns each one's seconds, ascending.
pub async fn closed_loop<F, W>(count: usize, at_once: usize, work: F) -> Vec<f64>
where
    F: Fn(usize) -> W,
    W: Future<Output = ()> + Send + 'static,
{
    let room = Arc::new(Semaphore::new(at_once));
    let mut tasks = JoinSet::new();
    for at in 0..count {
        let Ok(permit) = room.clone().acquire_owned().await else { break };
        let piece = work(at);
        tasks.spawn(async move {
            let began = Instant::now();
            piece.await;
            drop(permit);
            began.elapsed().as_secs_f64()
        });
    }
    let mut seconds: Vec<f64> = tasks.join_all().await;
    seconds.sort_by(f64::total_cmp);
    seconds
}

/// The value below which `share` of the ascending `seconds` lie, in milliseconds.
pub fn quantile_ms(seconds: &[f64], share: f64) -> f64 {
    let at = ((seconds.len() as f64 * share) as usize).min(seconds.len().saturating_sub(1));
    seconds.get(at).copied().unwrap_or(0.0) * 1e3
}
