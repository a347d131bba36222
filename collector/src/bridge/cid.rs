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

    /// All that an attacker of metrika.md section 10.5 has after the days are over, and what
    /// they try: is any cid a function of a stored number, or of a cid of the day before?
    fn related(stored: &[u64], first: &[u64], second: &[u64]) -> usize {
        let known: std::collections::HashSet<u64> =
            stored.iter().flat_map(|&number| derived(number)).collect();
        let of_numbers = first
            .iter()
            .chain(second)
            .filter(|cid| parts(**cid).iter().any(|part| known.contains(part)))
            .count();
        let of_cids: std::collections::HashSet<u64> = first.iter().flat_map(|&cid| derived(cid)).collect();
        of_numbers
            + second.iter().filter(|cid| parts(**cid).iter().any(|part| of_cids.contains(part))).count()
    }

    /// What a careless program makes of a number: its ends, its hashes, cut to a cid's range.
    fn derived(number: u64) -> Vec<u64> {
        let bytes = number.to_le_bytes();
        let hash = |bytes: &[u8]| {
            let hash = blake3::hash(bytes);
            u64::from_le_bytes(*hash.as_bytes().first_chunk().expect("32 bytes"))
        };
        let wholes = [
            number,
            number.swap_bytes(),
            !number,
            hash(&bytes),
            hash(&number.to_be_bytes()),
            hash(number.to_string().as_bytes()),
            hash(format!("{number:016x}").as_bytes()),
        ];
        wholes
            .into_iter()
            .flat_map(|whole| [whole, whole % 900_000_000, whole % 1_000_000_000, whole % 86_400_000_000_000])
            // Small ones are met by chance.
            .filter(|&value| value > 100_000)
            .collect()
    }

    /// Of a cid, what a derivation would have had to fill.
    fn parts(cid: u64) -> [u64; 4] {
        let random = cid % 1_000_000_000;
        [cid, random, random - 100_000_000, cid % 86_400_000_000_000]
    }

    #[test]
    fn no_attacker_relates_the_cids_of_two_days_to_each_other_or_to_what_is_stored() {
        const VISITS: u64 = 2_000;
        let now = 1_768_435_200;
        let stored: Vec<u64> =
            (0..VISITS).flat_map(|_| [random_below(u64::MAX), random_below(u64::MAX)]).collect();
        let draws = |second: i64| -> Vec<u64> { (0..VISITS).map(|_| draw(at(second))).collect() };
        let found = related(&stored, &draws(now), &draws(now + DAY));
        // 4,000 cids, four parts each, against 112,000 values in a range of 9e8: two by chance.
        assert!(found <= 12, "{found} are related");
        // The control: the same attacker sees through a cid that is made of the visit's number.
        // One in 9,000 is too small to be looked at; of 500 hardly ever more than five are.
        let made = |number: u64| 1_768_350_268 * 1_000_000_000 + 100_000_000 + number % 900_000_000;
        let careless: Vec<u64> = stored.iter().take(500).map(|&number| made(number)).collect();
        assert!(related(&stored, &careless, &[]) >= 495);
        let hashed: Vec<u64> = stored
            .iter()
            .take(500)
            .map(|number| {
                let hash = blake3::hash(&number.to_le_bytes());
                made(u64::from_le_bytes(*hash.as_bytes().first_chunk().expect("32 bytes")))
            })
            .collect();
        assert!(related(&stored, &hashed, &[]) >= 495);
    }

    #[test]
    fn two_thousand_draws_differ() {
        let drawn: std::collections::HashSet<u64> = (0..2_000).map(|_| draw(at(1_768_435_200))).collect();
        assert_eq!(drawn.len(), 2_000, "a repetition has a chance of 3e-8");
    }
}
