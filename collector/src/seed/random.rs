//! The generator: SplitMix64 (Steele, Lea, Flood 2014). Small, fast, the same on every
//! machine; no secret depends on it.

pub struct Random {
    state: u64,
}

impl Random {
    pub fn new(seed: u64) -> Random {
        Random { state: seed }
    }

    pub(super) fn next(&mut self) -> u64 {
        self.state = self.state.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.state;
        mixed = (mixed ^ mixed >> 30).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ mixed >> 27).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ mixed >> 31
    }

    /// In `0.0..1.0`.
    pub(super) fn share(&mut self) -> f64 {
        (self.next() >> 11) as f64 / (1_u64 << 53) as f64
    }

    pub(super) fn chance(&mut self, ratio: f64) -> bool {
        self.share() < ratio
    }

    /// In `0..limit`; 0 when `limit` is 0.
    pub fn below(&mut self, limit: u32) -> u32 {
        (self.share() * f64::from(limit)) as u32
    }

    /// Bell-shaped around 0 with deviation 1: twelve dice.
    pub(super) fn normal(&mut self) -> f64 {
        (0..12).map(|_| self.share()).sum::<f64>() - 6.0
    }

    /// Skewed to the right, as reading times and baskets are.
    pub(super) fn log_normal(&mut self, median: f64, deviation: f64) -> f64 {
        median * (deviation * self.normal()).exp()
    }

    /// One of `choices`, each as likely as its weight says.
    pub(super) fn pick<'a, T>(&mut self, choices: &'a [T], weight: impl Fn(&T) -> f64) -> &'a T {
        let total: f64 = choices.iter().map(&weight).sum();
        let mut left = self.share() * total;
        for choice in choices {
            left -= weight(choice);
            if left < 0.0 {
                return choice;
            }
        }
        choices.last().expect("there is a choice in every table of ours")
    }

    /// One of `choices`: the first twice as often as the second, three times as the third.
    pub(super) fn zipf<'a, T>(&mut self, choices: &'a [T]) -> &'a T {
        let total: f64 = (1..=choices.len()).map(|rank| 1.0 / rank as f64).sum();
        let mut left = self.share() * total;
        for (rank, choice) in (1..).zip(choices) {
            left -= 1.0 / f64::from(rank);
            if left < 0.0 {
                return choice;
            }
        }
        choices.last().expect("there is a choice in every table of ours")
    }
}
