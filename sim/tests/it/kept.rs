//! Seeds that are kept, each with what it shows. As the engine is, they break no law.

use entente_sim::play::{Options, play};

/// A line of `seeds.txt`.
pub struct Kept {
    /// The mistake that it shows.
    pub bug: &'static str,
    /// Its number.
    pub seed: u64,
    /// The law that the mistake breaks there.
    #[cfg_attr(
        not(feature = "deliberate-bugs"),
        expect(dead_code, reason = "only an engine with mistakes breaks one")
    )]
    pub law: &'static str,
}

/// All of them.
pub fn kept() -> Vec<Kept> {
    let lines = include_str!("../../seeds.txt").lines();
    let lines = lines.filter(|line| !line.starts_with('#') && !line.trim().is_empty());
    let read = |line: &'static str| {
        let (head, rest) = line.split_once(" `").unwrap();
        let (bug, seed) = head.split_once(' ').unwrap();
        Kept { bug, seed: seed.parse().unwrap(), law: rest.split_once('`').unwrap().0 }
    };
    lines.map(read).collect()
}

#[test]
fn kept_seeds_break_no_law() {
    for Kept { bug, seed, .. } in kept() {
        let outcome = play(seed, Options::default());
        assert!(outcome.violation.is_none(), "kept for {bug}: {outcome}");
    }
}
