//! Keys: that none lies on the disk, and that this program makes a new one each day.

use std::{collections::BTreeSet, fs};

use collector::privacy::{KeyName, KeyRing, Vault, probe::Probe};
use jiff::{Timestamp, tz::TimeZone};

use super::{Verify, canary::Canary, scan};

/// How much of one file is tried, in bytes from its start: keys are no large files' matter,
/// and every place costs a fifth of a microsecond.
const FILE_BYTES_MAX: usize = 8 << 20;

/// Clients in the two-day game.
const CLIENTS: u32 = 10_000;

/// Room for its keys.
const GAME_KEYS: usize = 16;

/// Tries every 32 bytes of the data folder, and every 64 hexadecimal digits, as the key
/// that made the marked visit's number. How many, and where it was found.
pub fn on_disk(verify: &Verify<'_>, canary: &Canary, visitor: u64) -> anyhow::Result<(u64, Option<String>)> {
    let zone = TimeZone::get(&verify.site.time_zone)?;
    let today = collector::clock::Clock::system().now();
    let precision = verify.settings.collector.precision;
    let probes: Vec<Probe> = [canary.v4_text(), canary.v6_text()]
        .iter()
        .flat_map(|address| {
            days(today, &zone).into_iter().filter_map(move |day| {
                Probe::new(address, &canary.agent(), "ru", precision, uuid(&verify.site.uuid)?, day, visitor)
            })
        })
        .collect();
    anyhow::ensure!(!probes.is_empty(), "the site's settings hold no uuid");
    let mut tried = 0;
    for path in scan::below(verify.settings.data.root()) {
        let Ok(mut bytes) = fs::read(&path) else { continue };
        bytes.truncate(FILE_BYTES_MAX);
        let digits = hexadecimal(&bytes);
        for places in [bytes, digits] {
            for place in places.windows(32) {
                let place: &[u8; 32] = place.try_into().expect("a window of 32 has 32 bytes");
                tried += 1;
                if probes.iter().any(|probe| probe.is_key(place)) {
                    return Ok((tried, Some(format!("the key of today is in {}", path.display()))));
                }
            }
        }
    }
    Ok((tried, None))
}

/// Today in the site's zone, and yesterday whose carry may last.
fn days(now: Timestamp, zone: &TimeZone) -> [u16; 2] {
    let today = collector::site::day_number(now.to_zoned(zone.clone()).date());
    [today, today.saturating_sub(1)]
}

/// The bytes that runs of hexadecimal digits stand for.
fn hexadecimal(bytes: &[u8]) -> Vec<u8> {
    let mut out = Vec::new();
    for run in bytes.split(|byte| !byte.is_ascii_hexdigit()).filter(|run| run.len() >= 64) {
        for start in 0..2 {
            out.extend(run[start..].chunks_exact(2).map(|pair| {
                let digit = |byte: u8| char::from(byte).to_digit(16).unwrap_or_default() as u8;
                digit(pair[0]) << 4 | digit(pair[1])
            }));
        }
    }
    out
}

fn uuid(digits: &str) -> Option<[u8; 16]> {
    hexadecimal(digits.repeat(2).as_bytes()).first_chunk().copied()
}

/// Ten thousand clients come on two days: no number of the first is one of the second.
pub fn two_day_game() -> Option<String> {
    let Ok(vault) = Vault::in_memory(GAME_KEYS) else { return Some("no memory for keys".to_owned()) };
    let ring = KeyRing::new(vault, 0);
    let numbers = |day: u16| -> Option<BTreeSet<u64>> {
        let name = KeyName { site_uuid: [7; 16], day };
        (0..CLIENTS)
            .map(|client| {
                let address =
                    std::net::Ipv4Addr::from(0x0a00_0000_u32.wrapping_add(0x5000_0000 + (client << 8)));
                Probe::number(&address.to_string(), &ring, name)
            })
            .collect()
    };
    let (Some(first), Some(second)) = (numbers(1), numbers(2)) else {
        return Some("no key could be made".to_owned());
    };
    let again = first.intersection(&second).count();
    (again > 0 || first.len() < CLIENTS as usize / 2)
        .then(|| format!("{again} of {} ids come again the next day", first.len()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_game_is_won() {
        assert_eq!(two_day_game(), None);
    }

    #[test]
    fn digits_are_read_at_either_parity() {
        let digits = "0123456789abcdef".repeat(4);
        let bytes = hexadecimal(format!("x {digits} y").as_bytes());
        assert_eq!(bytes[..4], [0x01, 0x23, 0x45, 0x67]);
        assert!(bytes.windows(4).any(|window| window == [0x12, 0x34, 0x56, 0x78]));
        assert!(hexadecimal(b"0123").is_empty());
        assert_eq!(uuid("11223344556677889900aabbccddeeff").unwrap()[..3], [0x11, 0x22, 0x33]);
    }
}
