//! A storm: rounds of a new installation with ten offers and up to thirty kills each.
//!
//! `ENTENTE_TORTURE_KILLS` says how many kills have to be borne, `ENTENTE_STORM_SEED` which ones, `ENTENTE_TORTURE_AT_ONCE` in how
//! many rounds at the same time. A round that fails
//! names its own seed: with that in `ENTENTE_TORTURE_ROUND` it is played alone.

mod kills;
mod round;

use futures::{StreamExt as _, stream};

use self::round::{KILLS_MAX, Round};
use crate::draw::Draw;

/// Kills where nobody asks for more.
const KILLS: u64 = 150;

/// Rounds at the same time, where nobody says otherwise. Most of a round is waiting.
const AT_ONCE: u64 = 2;

/// Bears as many kills as are asked for.
pub async fn bear() {
    let kills = number("ENTENTE_TORTURE_KILLS").unwrap_or(KILLS);
    if let Some(seed) = number("ENTENTE_TORTURE_ROUND") {
        Round { seed, kills: kills.min(KILLS_MAX) }.run().await;
        return;
    }
    let at_once = usize::try_from(number("ENTENTE_TORTURE_AT_ONCE").unwrap_or(AT_ONCE)).unwrap();
    let mut draw = Draw::seeded();
    let rounds = (0..kills.div_ceil(KILLS_MAX)).map(|number| {
        let kills = (kills - number * KILLS_MAX).min(KILLS_MAX);
        Round { seed: draw.below(1 << 31), kills }.run()
    });
    let done: Vec<u64> = stream::iter(rounds.collect::<Vec<_>>()).buffer_unordered(at_once).collect().await;
    let borne: u64 = done.iter().sum();
    println!("{borne} kills in {} rounds: every offer once, every agreement found, every history whole", done.len());
    assert_eq!(borne, kills);
}

fn number(variable: &str) -> Option<u64> {
    std::env::var(variable).ok().map(|value| value.parse().expect("a whole number"))
}
