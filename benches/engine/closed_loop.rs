//! So many pieces of work at a time; the next begins when one ends.

use std::{
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::Instant,
};

use tokio::task::JoinSet;

/// Runs in flight in the workloads that load the engine.
pub const IN_FLIGHT: usize = 64;

/// Does `count` pieces of work, `at_once` at a time; returns each one's seconds, ascending. It keeps nothing but these, so
/// that memory can be measured beside it.
pub async fn closed_loop<F, W>(count: usize, at_once: usize, work: F) -> Vec<f64>
where
    F: Fn(usize) -> W + Send + Sync + 'static,
    W: Future<Output = ()> + Send + 'static,
{
    let (work, next) = (Arc::new(work), Arc::new(AtomicUsize::new(0)));
    let mut lanes = JoinSet::new();
    for _ in 0..at_once {
        let (work, next) = (work.clone(), next.clone());
        lanes.spawn(async move {
            let mut seconds = Vec::new();
            loop {
                let at = next.fetch_add(1, Ordering::Relaxed);
                if at >= count {
                    return seconds;
                }
                let began = Instant::now();
                work(at).await;
                seconds.push(began.elapsed().as_secs_f64());
            }
        });
    }
    let mut seconds: Vec<f64> = lanes.join_all().await.into_iter().flatten().collect();
    seconds.sort_by(f64::total_cmp);
    seconds
}

/// The value below which `share` of the ascending `seconds` lie, in milliseconds.
pub fn quantile_ms(seconds: &[f64], share: f64) -> f64 {
    let at = ((seconds.len() as f64 * share) as usize).min(seconds.len().saturating_sub(1));
    seconds.get(at).copied().unwrap_or(0.0) * 1e3
}
