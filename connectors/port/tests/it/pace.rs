//! Not too often, not while it is down, not with refused credentials. Time is paused: only the clock of the tests passes.

use std::{
    collections::BTreeMap,
    sync::{
        Arc,
        atomic::{AtomicU32, Ordering},
    },
    time::Duration,
};

use entente_fake::{Fake, Fault};
use entente_port::{
    BreakerSettings, CallClass, Condition, Error, Limits, Marketplace, Pace, Paced, Part, Rate, Result, Share,
    TokenBucket,
};
use tokio::time::{Instant, advance};

use crate::offers::{call, create, offer};

const SECOND: Duration = Duration::from_secs(1);

fn limits() -> Limits {
    let breaker = BreakerSettings { failures: 3, cool_down: 10 * SECOND, cool_down_max: 40 * SECOND };
    Limits { breaker, ..Limits::default() }
}

fn down() -> Result<()> {
    Err(Error::Transient { retry_after: None, reason: "503".to_owned() })
}

async fn once(pace: &Arc<Pace>, outcome: Result<()>) -> Result<()> {
    pace.admit(CallClass::Write).await?.settle(&outcome);
    outcome
}

#[tokio::test(start_paused = true)]
async fn a_bucket_gives_its_burst_at_once_and_then_its_rate() {
    let bucket = TokenBucket::new(Rate { every: SECOND, burst: 3 });
    let start = Instant::now();
    for expected in [0, 0, 0, 1, 2, 3] {
        bucket.take(&Share::default()).await;
        assert_eq!(start.elapsed().as_secs(), expected);
    }
    advance(60 * SECOND).await;
    let later = Instant::now();
    for expected in [0, 0, 0, 1] {
        bucket.take(&Share::default()).await;
        assert_eq!(later.elapsed().as_secs(), expected, "a pause saves up the burst and no more");
    }
}

#[tokio::test(start_paused = true)]
async fn processes_that_share_a_rate_stay_within_it_together() {
    let (rate, start) = (Rate { every: SECOND, burst: 6 }, Instant::now());
    // The one that delivers for the account has half of the rate, three others share the rest.
    let calls = [2, 6, 6, 6].map(|count| {
        tokio::spawn(async move {
            let (bucket, share) = (TokenBucket::new(rate), Share::default());
            share.set(Some(Part::one_of(count)));
            let mut at = Vec::new();
            while start.elapsed() < 60 * SECOND {
                bucket.take(&share).await;
                at.push(start.elapsed());
            }
            at
        })
    });
    let mut at = Vec::new();
    for calls in calls {
        at.extend(calls.await.unwrap());
    }
    for second in 0..60 {
        let until = at.iter().filter(|at| **at <= second * SECOND).count();
        assert!(until <= 6 + second as usize, "{until} calls in {second} s");
    }
    assert!(at.len() >= 60, "and they use it: {}", at.len());
}

#[tokio::test(start_paused = true)]
async fn a_process_that_has_no_part_yet_calls_nothing() {
    let rates = BTreeMap::from([(CallClass::Write, Rate::per_second(5))]);
    let pace = Pace::new(Limits { rates, ..limits() });
    pace.share().set(None);
    let waits = tokio::time::timeout(60 * SECOND, pace.admit(CallClass::Write));
    assert!(waits.await.is_err());
    pace.share().set(Some(Part::one_of(2)));
    assert!(pace.admit(CallClass::Write).await.is_ok());
}

#[tokio::test(start_paused = true)]
async fn classes_have_rates_of_their_own() {
    let rates = BTreeMap::from([(CallClass::Write, Rate { every: 60 * SECOND, burst: 1 })]);
    let pace = Pace::new(Limits { rates, ..limits() });
    let start = Instant::now();
    pace.admit(CallClass::Write).await.unwrap().settle::<()>(&Ok(()));
    for _ in 0..100 {
        pace.admit(CallClass::Entity).await.unwrap().settle::<()>(&Ok(()));
    }
    assert_eq!(start.elapsed(), Duration::ZERO, "reads do not wait for writes");
    pace.admit(CallClass::Write).await.unwrap().settle::<()>(&Ok(()));
    assert_eq!(start.elapsed(), 60 * SECOND);
}

#[tokio::test(start_paused = true)]
async fn row_24_a_class_waits_as_long_as_the_marketplace_asked_and_others_go_on() {
    let pace = Pace::new(limits());
    let asked = Error::Transient { retry_after: Some(120 * SECOND), reason: "429".to_owned() };
    once(&pace, Err(asked)).await.unwrap_err();
    assert_eq!(pace.condition(CallClass::Write), Condition::Throttled { wait: 120 * SECOND });
    assert_eq!(pace.condition(CallClass::Entity), Condition::Ready);
    advance(119 * SECOND).await;
    let early = once(&pace, Ok(())).await.unwrap_err();
    assert!(matches!(early, Error::Transient { retry_after: Some(wait), .. } if wait == SECOND), "{early:?}");
    advance(SECOND).await;
    once(&pace, Ok(())).await.unwrap();
}

#[tokio::test(start_paused = true)]
async fn row_25_after_failures_in_a_row_nothing_is_called_until_one_probe_succeeds() {
    let pace = Pace::new(limits());
    for _ in 0..3 {
        once(&pace, down()).await.unwrap_err();
    }
    assert_eq!(pace.condition(CallClass::Entity), Condition::Down { wait: 10 * SECOND }, "all classes are left alone");
    advance(10 * SECOND).await;
    let probe = pace.admit(CallClass::Write).await.unwrap();
    for _ in 0..50 {
        pace.admit(CallClass::Write).await.expect_err("one probe, no storm");
    }
    probe.settle::<()>(&Ok(()));
    for _ in 0..50 {
        once(&pace, Ok(())).await.unwrap();
    }
}

#[tokio::test(start_paused = true)]
async fn row_25_failed_probes_wait_longer_each_time_up_to_a_limit() {
    let pace = Pace::new(limits());
    for _ in 0..3 {
        once(&pace, down()).await.unwrap_err();
    }
    for wait in [10, 20, 40, 40] {
        assert_eq!(pace.condition(CallClass::Write), Condition::Down { wait: wait * SECOND });
        advance(wait * SECOND).await;
        once(&pace, down()).await.unwrap_err();
    }
}

#[tokio::test(start_paused = true)]
async fn row_25_a_storm_costs_no_more_requests_than_the_breaker_lets_through() {
    let fake = Fake::in_memory();
    fake.inject(Fault::Transient { retry_after_seconds: None }.always());
    let paced = Paced::new(Arc::new(fake.clone()));
    for n in 1..=600 {
        paced.submit(&call(n), &create(offer())).await.unwrap_err();
        advance(SECOND).await;
    }
    // 5 until it opens, then one probe each after 15, 30, 60, 120 and 240 seconds.
    assert_eq!(fake.received(), 10);
}

#[tokio::test(start_paused = true)]
async fn row_25_calls_that_begin_together_are_held_once_it_opens() {
    let pace = Pace::new(Limits { at_once: 4, ..limits() });
    let made = Arc::new(AtomicU32::new(0));
    let calls = (0..100).map(|_| {
        let (pace, made) = (Arc::clone(&pace), Arc::clone(&made));
        tokio::spawn(async move {
            let pass = pace.admit(CallClass::Entity).await?;
            made.fetch_add(1, Ordering::Relaxed);
            tokio::time::sleep(SECOND).await;
            pass.settle(&down());
            Ok::<(), Error>(())
        })
    });
    for call in calls.collect::<Vec<_>>() {
        drop(call.await.unwrap());
    }
    // Four fail, of which the third opens it.
    assert_eq!(made.load(Ordering::Relaxed), 4);
}

#[tokio::test(start_paused = true)]
async fn failures_that_are_not_in_a_row_do_not_open_it() {
    let pace = Pace::new(limits());
    for _ in 0..20 {
        once(&pace, down()).await.unwrap_err();
        once(&pace, down()).await.unwrap_err();
        let refused = Error::NotFound { object: "offer `x`".to_owned() };
        once(&pace, Err(refused)).await.unwrap_err();
    }
    assert_eq!(pace.condition(CallClass::Write), Condition::Ready, "a refusal is an answer: the service is up");
}

#[tokio::test(start_paused = true)]
async fn calls_under_way_when_it_opens_do_not_prolong_it() {
    let pace = Pace::new(limits());
    let mut under_way = Vec::new();
    for _ in 0..8 {
        under_way.push(pace.admit(CallClass::Write).await.unwrap());
    }
    for pass in under_way {
        pass.settle(&down());
    }
    assert_eq!(pace.condition(CallClass::Write), Condition::Down { wait: 10 * SECOND });
}

#[tokio::test(start_paused = true)]
async fn a_dropped_probe_makes_way_for_the_next() {
    let pace = Pace::new(limits());
    for _ in 0..3 {
        once(&pace, down()).await.unwrap_err();
    }
    advance(10 * SECOND).await;
    drop(pace.admit(CallClass::Write).await.unwrap());
    once(&pace, Ok(())).await.unwrap();
}

#[tokio::test(start_paused = true)]
async fn row_31_refused_credentials_pause_the_connection_until_somebody_resumes_it() {
    let fake = Fake::in_memory();
    fake.inject(Fault::Auth.once());
    let paced = Paced::new(Arc::new(fake.clone()));
    for n in 1..=100 {
        let answer = paced.submit(&call(n), &create(offer())).await;
        assert!(matches!(answer, Err(Error::Auth { .. })), "{answer:?}");
    }
    assert_eq!(fake.received(), 1, "refused credentials are not tried again and again");
    let condition = paced.pace().condition(CallClass::Write);
    assert!(matches!(&condition, Condition::Credentials { reason, .. } if reason.contains("refuse")), "{condition:?}");
    paced.pace().resume();
    paced.submit(&call(1), &create(offer())).await.unwrap();
}

#[test]
fn a_process_that_does_not_know_its_share_yet_has_nothing_counted_as_tried() {
    let paced = Paced::new(Arc::new(Fake::in_memory()));
    assert!(paced.pace().is_ready(CallClass::Write), "alone it may use everything");
    paced.share(None);
    assert!(!paced.pace().is_ready(CallClass::Write));
    assert_eq!(paced.pace().condition(CallClass::Write), Condition::Ready, "the service itself is well");
    paced.share(Some(Part::one_of(4)));
    assert!(paced.pace().is_ready(CallClass::Write));
}

#[tokio::test(start_paused = true)]
async fn row_31_renewed_credentials_are_noticed_without_a_person() {
    let fake = Fake::in_memory();
    fake.inject(Fault::Auth.once());
    let paced = Paced::new(Arc::new(fake));
    paced.submit(&call(1), &create(offer())).await.unwrap_err();
    advance(60 * SECOND).await;
    paced.submit(&call(1), &create(offer())).await.unwrap();
}
