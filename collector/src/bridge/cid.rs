//! The ClientID of one visit: random, and of the shape that Metrika's own script makes, so
//! that nothing tells it from another (metrika.md sections 1.4 and 9). Derived from nothing:
//! there is no salt that could be lost and no attacker who could compute it again.

use jiff::Timestamp;

const DAY_SECONDS: u64 = 86_400;

/// A second of the day before `now`'s (UTC), then nine digits of which the first is no 0.
/// Always in the past, always 19 digits, below 2^63 until 2262.
pub fn draw(now: Timestamp) -> u64 {
    let today = u64::try_from(now.as_second()).unwrap_or(DAY_SECONDS).max(DAY_SECONDS) / DAY_SECONDS;
    let second = (today - 1) * DAY_SECONDS + random_below(DAY_SECONDS);
    second * 1_000_000_000 + 100_000_000 + random_below(900_000_000)
}

/// The remainder of 64 random bits: its bias is below 10^-10 for the bounds used here.
pub fn random_below(bound: u64) -> u64 {
    let mut bytes = [0; 8];
    getrandom::fill(&mut bytes).expect("the system's generator has answered since the process began");
    u64::from_ne_bytes(bytes) % bound.max(1)
}

#[cfg(test)]
mod tests {
    use super::*;

    const DAY: i64 = 86_400;

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(second).unwrap()
    }

    #[test]
    fn a_cid_looks_like_metrikas_own_of_the_day_before() {
        for second in [1_768_435_200, 1_768_435_200 + DAY - 1, 4_102_444_800] {
            let day = second / DAY;
            for _ in 0..2_000 {
                let cid = draw(at(second));
                assert_eq!(cid.to_string().len(), 19);
                assert!(i64::try_from(cid).is_ok());
                assert_eq!(i64::try_from(cid / 1_000_000_000).unwrap() / DAY, day - 1);
                assert!(cid % 1_000_000_000 >= 100_000_000);
            }
        }
    }

    /// The pitfall of a derived cid: two days' numbers that differ by one day exactly.
    #[test]
    fn cids_of_two_days_have_no_constant_difference() {
        const DIFFERENCE: u64 = 86_400 * 1_000_000_000;
        let now = 1_768_435_200;
        let first: std::collections::HashSet<u64> = (0..5_000).map(|_| draw(at(now))).collect();
        let related = (0..5_000).filter(|_| first.contains(&(draw(at(now + DAY)) - DIFFERENCE))).count();
        assert!(related <= 1, "{related}: chance gives 0.0003");
    }

    #[test]
    fn two_thousand_draws_differ() {
        let drawn: std::collections::HashSet<u64> = (0..2_000).map(|_| draw(at(1_768_435_200))).collect();
        assert_eq!(drawn.len(), 2_000, "a repetition has a chance of 3e-8");
    }
}
