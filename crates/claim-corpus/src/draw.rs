//! Drawing, the same from the same seed: SplitMix64.

/// Numbers that follow from a seed.
#[derive(Debug, Clone)]
pub(crate) struct Draw(u64);

impl Draw {
    pub fn of(seed: u64) -> Draw {
        Draw(seed ^ 0x5eed_c1a1_0000_0000)
    }

    pub fn bits(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    /// A number below `count`, or zero.
    pub fn below(&mut self, count: usize) -> usize {
        usize::try_from(self.bits() % (count.max(1) as u64)).unwrap_or(0)
    }

    /// A number of a range, both ends included.
    pub fn within(&mut self, least: i64, most: i64) -> i64 {
        let span = u64::try_from(most - least).unwrap_or(0) + 1;
        least + i64::try_from(self.bits() % span).unwrap_or(0)
    }

    /// Whether something that happens in so many of a hundred cases happens.
    pub fn percent(&mut self, of_hundred: i64) -> bool {
        self.within(0, 99) < of_hundred
    }

    /// One of several.
    ///
    /// # Panics
    /// When there are none.
    pub fn one<'a, T>(&mut self, of: &'a [T]) -> &'a T {
        &of[self.below(of.len())]
    }

    /// A low number more often than a high one: the square of an even draw.
    pub fn low(&mut self, count: usize) -> usize {
        let first = self.below(count);
        let second = self.below(count);
        first * second / count.max(1)
    }

    /// An amount in minor units, small ones more often: even over the doublings between the two.
    pub fn amount(&mut self, least: i64, most: i64) -> i64 {
        let doublings = u64::BITS - (most / least).unsigned_abs().leading_zeros();
        let base = least << self.below(doublings as usize);
        (base + self.within(0, base)).min(most)
    }

    /// A SHA-256, or rather what looks like one.
    pub fn sha256(&mut self) -> String {
        (0..4).map(|_| format!("{:016x}", self.bits())).collect()
    }

    /// A hash with so many bits turned.
    pub fn turned(&mut self, hash: u64, bits: i64) -> u64 {
        let mut turned = hash;
        while i64::from((turned ^ hash).count_ones()) < bits {
            turned = hash ^ ((turned ^ hash) | (1 << self.below(64)));
        }
        turned
    }
}
