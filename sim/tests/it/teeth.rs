//! Each mistake that is made on purpose is caught within two thousand seeds.

use entente_sim::play::{Options, play};
use entente_store::deliberate::{self, Bug};

const SEEDS: u64 = 2000;

fn caught(bug: Bug, by: &[&str]) {
    deliberate::make(Some(bug));
    let caught = (1..=SEEDS).find_map(|seed| play(seed, Options::default()).violation.map(|broken| (seed, broken)));
    deliberate::make(None);
    let Some((seed, broken)) = caught else { panic!("{bug:?} went unnoticed in {SEEDS} seeds") };
    assert!(by.contains(&broken.law), "{bug:?} breaks `{}` in seed {seed}: {}", broken.law, broken.what);
    println!("{bug:?} is caught by seed {seed}: it breaks `{}`, {}", broken.law, broken.what);
}

#[test]
fn a_skipped_fence_check_is_caught() {
    caught(Bug::SkipFence, &["fence", "at most once"]);
}

#[test]
fn a_random_token_for_each_attempt_is_caught() {
    caught(Bug::RandomToken, &["at most once"]);
}

#[test]
fn a_reservation_that_is_read_before_it_is_written_is_caught() {
    caught(Bug::ReadThenReserve, &["integrity", "reserve", "liveness"]);
}

#[test]
fn an_outcome_that_is_recorded_before_the_call_is_caught() {
    caught(Bug::RecordBeforeSend, &["no lost effect"]);
}
