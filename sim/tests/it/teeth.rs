//! Each mistake that is made on purpose is caught within two thousand seeds, by a law that is meant to: by the seeds that
//! are kept for it. One that shows its mistake no longer, or by another law, is a failure that names others.

use entente_sim::{
    ground::Violation,
    play::{Options, play},
};
use entente_store::deliberate::{self, Bug};

use crate::kept::{Kept, kept};

const SEEDS: u64 = 2000;

/// The laws that a mistake breaks.
fn laws(bug: Bug) -> &'static [&'static str] {
    match bug {
        Bug::SkipFence => &["fence", "at most once"],
        Bug::RandomToken => &["at most once"],
        Bug::ReadThenReserve => &["integrity", "reserve", "liveness"],
        Bug::RecordBeforeSend => &["no lost effect"],
        Bug::LetGoEarly => &["begun once"],
        Bug::SettledUnheard => &["liveness"],
        Bug::ForgetScope => &["scope"],
        Bug::ClaimTwice => &["occurrence"],
        Bug::VotesStay => &["approved"],
    }
}

/// What a seed shows of a mistake.
fn shown(bug: Bug, seed: u64) -> Option<Violation> {
    deliberate::make(Some(bug));
    let violation = play(seed, Options::default()).violation;
    deliberate::make(None);
    if let Some(broken) = &violation {
        assert!(laws(bug).contains(&broken.law), "{bug:?} breaks `{}` in seed {seed}: {}", broken.law, broken.what);
    }
    violation
}

fn is_caught(bug: Bug) {
    let name = format!("{bug:?}");
    let (mut proofs, mut in_vain) = (0, Vec::new());
    for Kept { seed, law, .. } in kept().into_iter().filter(|kept| kept.bug == name) {
        assert!((1..=SEEDS).contains(&seed), "{seed} is not among the first {SEEDS} seeds");
        match shown(bug, seed) {
            Some(broken) if broken.law == law => {
                println!("{name} is caught by seed {seed}: it breaks `{law}`, {}", broken.what);
                proofs += 1;
            }
            _ => in_vain.push(seed),
        }
    }
    if proofs == 0 || !in_vain.is_empty() {
        let found = (1..=SEEDS).filter_map(|seed| Some((seed, shown(bug, seed)?)));
        let lines: Vec<String> = found
            .take(in_vain.len().max(1))
            .map(|(seed, broken)| format!("{name} {seed} `{}` {}", broken.law, broken.what))
            .collect();
        assert!(!lines.is_empty(), "{name} goes unnoticed in {SEEDS} seeds");
        panic!("{in_vain:?} show {name} no longer: keep in sim/seeds.txt instead\n{}", lines.join("\n"));
    }
}

#[test]
fn every_kept_seed_is_kept_for_a_mistake_that_is_known() {
    let known = Bug::ALL.map(|bug| format!("{bug:?}"));
    for Kept { bug, seed, .. } in kept() {
        assert!(known.iter().any(|name| name == bug), "seed {seed} is kept for `{bug}`, which is none of {known:?}");
    }
}

#[test]
fn a_skipped_fence_check_is_caught() {
    is_caught(Bug::SkipFence);
}

#[test]
fn a_random_token_for_each_attempt_is_caught() {
    is_caught(Bug::RandomToken);
}

#[test]
fn a_reservation_that_is_read_before_it_is_written_is_caught() {
    is_caught(Bug::ReadThenReserve);
}

#[test]
fn an_outcome_that_is_recorded_before_the_call_is_caught() {
    is_caught(Bug::RecordBeforeSend);
}

#[test]
fn local_work_that_is_begun_again_while_its_result_is_on_its_way_is_caught() {
    is_caught(Bug::LetGoEarly);
}

#[test]
fn a_settlement_that_nobody_hears_of_is_caught() {
    is_caught(Bug::SettledUnheard);
}

#[test]
fn a_scope_that_reaches_everybodys_tasks_is_caught() {
    is_caught(Bug::ForgetScope);
}

#[test]
fn an_occurrence_that_is_everybodys_is_caught() {
    is_caught(Bug::ClaimTwice);
}

#[test]
fn votes_that_outlive_what_they_were_about_are_caught() {
    is_caught(Bug::VotesStay);
}
