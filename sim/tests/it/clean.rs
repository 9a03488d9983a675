//! Many seeds break no law: two hundred as a rule, as many as `ENTENTE_SIM_SEEDS` says.

use std::ops::RangeInclusive;

use entente_sim::play::{Options, play};

fn hold(seeds: impl IntoIterator<Item = u64>) {
    for seed in seeds {
        let outcome = play(seed, Options::default());
        assert!(outcome.violation.is_none(), "{outcome}");
    }
}

/// Four tests, so that two processors share them.
fn quarter(n: u64) -> RangeInclusive<u64> {
    let seeds = std::env::var("ENTENTE_SIM_SEEDS").map_or(200, |text| text.parse::<u64>().unwrap());
    let part = seeds.div_ceil(4);
    n * part + 1..=(n + 1) * part
}

#[test]
fn the_first_quarter_of_the_seeds_breaks_no_law() {
    hold(quarter(0));
}

#[test]
fn the_second_quarter_of_the_seeds_breaks_no_law() {
    hold(quarter(1));
}

#[test]
fn the_third_quarter_of_the_seeds_breaks_no_law() {
    hold(quarter(2));
}

#[test]
fn the_fourth_quarter_of_the_seeds_breaks_no_law() {
    hold(quarter(3));
}
