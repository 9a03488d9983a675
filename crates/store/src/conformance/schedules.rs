//! P9: an occurrence happens at most once.

use std::sync::Arc;

use super::fixture::*;
use crate::{Error, Occurrence, OccurrenceStatus, Store};

fn occurrence(job: &str, minute: i64, owner: &str) -> Occurrence {
    Occurrence {
        job: job.into(),
        scheduled_for: at(minute),
        status: OccurrenceStatus::Running,
        owner: process(owner),
        started_at: at(minute),
        ended_at: None,
        detail: String::new(),
    }
}

/// Row 21 at the store.
pub async fn an_occurrence_is_claimed_by_exactly_one_of_sixteen(store: Arc<dyn Store>) {
    for minute in 0..5 {
        let calls: Vec<_> = (0..16)
            .map(|n| {
                let store = Arc::clone(&store);
                tokio::spawn(async move {
                    store.claim_occurrence(&occurrence("poll", minute, &format!("p{n}"))).await.expect("a write")
                })
            })
            .collect();
        let mut winners = 0;
        for call in calls {
            winners += usize::from(call.await.expect("a task"));
        }
        assert_eq!(winners, 1);
    }
    assert!(store.claim_occurrence(&occurrence("seal", 0, "p1")).await.expect("a write"), "another job has its own");
    let newest = store.occurrences("poll", 2).await.expect("a read");
    assert_eq!(newest.iter().map(|row| row.scheduled_for).collect::<Vec<_>>(), [at(4), at(3)]);
}

/// The second end is told that it comes too late.
pub async fn an_occurrence_ends_once(store: Arc<dyn Store>) {
    store.claim_occurrence(&occurrence("poll", 0, "p1")).await.expect("a write");
    store.finish_occurrence("poll", at(0), OccurrenceStatus::Succeeded, at(1), "3 offers read").await.expect("a write");
    let late = store.finish_occurrence("poll", at(0), OccurrenceStatus::Failed, at(2), "late").await;
    assert!(matches!(late, Err(Error::Conflict { .. })), "{late:?}");
    let rows = store.occurrences("poll", 10).await.expect("a read");
    assert_eq!(
        (rows[0].status, rows[0].ended_at, rows[0].detail.as_str()),
        (OccurrenceStatus::Succeeded, Some(at(1)), "3 offers read")
    );
}

/// A slower process cannot bring occurrences back.
pub async fn a_watermark_never_moves_back(store: Arc<dyn Store>) {
    for minute in [5, 9, 7] {
        store.advance("poll", at(minute)).await.expect("a write");
    }
    let states = store.schedule_states().await.expect("a read");
    assert_eq!((states.len(), states[0].watermark, states[0].paused), (1, Some(at(9)), false));
}

/// Pausing leaves the watermark alone.
pub async fn a_job_is_paused_and_resumed(store: Arc<dyn Store>) {
    store.pause("poll", true).await.expect("a write");
    store.advance("poll", at(3)).await.expect("a write");
    let states = store.schedule_states().await.expect("a read");
    assert_eq!((states[0].paused, states[0].watermark), (true, Some(at(3))));
    store.pause("poll", false).await.expect("a write");
    let states = store.schedule_states().await.expect("a read");
    assert_eq!((states[0].paused, states[0].watermark), (false, Some(at(3))));
}
