//! What a storm brings, by a seed: the same storm for the same seed.
#![allow(dead_code, reason = "every test binary uses its own part")]

/// A small generator.
pub struct Draw(u64);

impl Draw {
    /// Draws by the seed that `ENTENTE_STORM_SEED` names, or by one of its own, and says which.
    pub fn seeded() -> Draw {
        let seed = std::env::var("ENTENTE_STORM_SEED").ok().and_then(|seed| seed.parse().ok()).unwrap_or(20_270_211);
        println!("ENTENTE_STORM_SEED={seed}");
        Draw::of(seed)
    }

    /// Draws by a seed.
    pub fn of(seed: u64) -> Draw {
        Draw(seed)
    }

    /// A number from 0, under `bound`.
    pub fn below(&mut self, bound: u64) -> u64 {
        self.0 = self.0.wrapping_mul(6364136223846793005).wrapping_add(1442695040888963407);
        (self.0 >> 33) % bound
    }

    /// One of these.
    pub fn one_of<'a, T>(&mut self, all: &'a [T]) -> &'a T {
        &all[usize::try_from(self.below(all.len() as u64)).unwrap()]
    }

    /// Brings these into another order.
    pub fn shuffle<T>(&mut self, all: &mut [T]) {
        for at in (1..all.len()).rev() {
            all.swap(at, usize::try_from(self.below(at as u64 + 1)).unwrap());
        }
    }
}
