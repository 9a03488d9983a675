//! The same seed does the same.

use entente_sim::play::{Options, play};

#[test]
fn a_seed_does_the_same_to_the_last_event_every_time() {
    for seed in 1..=50 {
        let (first, second) = (play(seed, Options::default()), play(seed, Options::default()));
        assert_eq!((first.events, first.hash), (second.events, second.hash), "seed {seed}");
    }
}
