//! The country of a network.
//!
//! Sees the truncated network only (`privacy::Network::first_address`), never a
//! visitor's address, and tells the country only. The file is the owner's: DB-IP Lite
//! as it comes, its flat edition on npm, or GeoLite2; it is read into memory once.

use std::{
    net::IpAddr,
    path::{Path, PathBuf},
};

use maxminddb::{MaxMindDbError, Reader, WithinOptions};
use serde::Deserialize;

/// What stands for a country nobody knows.
const UNKNOWN: [u8; 2] = *b"ZZ";

/// The country table, or none.
pub struct Geo {
    reader: Option<Reader<Vec<u8>>>,
}

#[derive(Debug, thiserror::Error)]
pub enum GeoError {
    #[error("cannot read the geo file {file}")]
    Read { file: PathBuf, source: MaxMindDbError },
    #[error("the geo file {file} is damaged or cut short: fetch it again")]
    Damaged { file: PathBuf, source: MaxMindDbError },
    #[error("the geo file {file} holds no countries: a country or city file is needed")]
    NoCountries { file: PathBuf },
}

/// Both shapes in use: `@ip-location-db` is flat, DB-IP and MaxMind nest.
#[derive(Deserialize)]
struct Place<'a> {
    #[serde(borrow, default)]
    country_code: Option<&'a str>,
    #[serde(borrow, default)]
    country: Option<Country<'a>>,
}

#[derive(Deserialize)]
struct Country<'a> {
    #[serde(borrow, default)]
    iso_code: Option<&'a str>,
}

impl Geo {
    /// Without a file: every country is unknown.
    pub fn none() -> Geo {
        Geo { reader: None }
    }

    /// Reads the file into memory and checks all of it, so that a damaged one is an
    /// error at the start and not a wrong country later.
    pub fn open(file: &Path) -> Result<Geo, GeoError> {
        let reader = Reader::open_readfile(file).map_err(|source| match source {
            MaxMindDbError::Io(_) => GeoError::Read { file: file.to_owned(), source },
            _ => GeoError::Damaged { file: file.to_owned(), source },
        })?;
        let countries =
            countries(&reader).map_err(|source| GeoError::Damaged { file: file.to_owned(), source })?;
        if countries == 0 {
            return Err(GeoError::NoCountries { file: file.to_owned() });
        }
        Ok(Geo { reader: Some(reader) })
    }

    /// The country of a truncated network, given by its first address: ISO 3166-1
    /// alpha-2, `ZZ` unknown. An IPv6 network in a file of IPv4 only is unknown too.
    pub fn country(&self, first_address: IpAddr) -> [u8; 2] {
        let Some(reader) = &self.reader else { return UNKNOWN };
        let found = reader.lookup(first_address).and_then(|found| found.decode::<Place<'_>>());
        match found {
            Ok(Some(place)) => place.code().unwrap_or(UNKNOWN),
            // The whole file was read at the start: an error is an IPv6 network asked
            // of an IPv4 file.
            Ok(None) | Err(_) => UNKNOWN,
        }
    }
}

impl Place<'_> {
    fn code(&self) -> Option<[u8; 2]> {
        let nested = self.country.as_ref().and_then(|country| country.iso_code);
        self.country_code.or(nested).and_then(alpha_2)
    }
}

/// Reads every network of the file and counts those with a country. Not
/// `Reader::verify`: it also judges the description, which DB-IP's flat edition
/// leaves empty.
fn countries(reader: &Reader<Vec<u8>>) -> Result<usize, MaxMindDbError> {
    let mut countries = 0;
    for network in reader.networks(WithinOptions::default())? {
        if network?.decode::<Place<'_>>()?.is_some_and(|place| place.code().is_some()) {
            countries += 1;
        }
    }
    Ok(countries)
}

fn alpha_2(code: &str) -> Option<[u8; 2]> {
    let code: [u8; 2] = code.as_bytes().try_into().ok()?;
    code.iter().all(u8::is_ascii_alphabetic).then(|| code.map(|letter| letter.to_ascii_uppercase()))
}

#[cfg(test)]
mod fixture;

#[cfg(test)]
mod tests {
    use std::fs;

    use super::{
        fixture::{Shape, mmdb},
        *,
    };

    /// Documentation networks (RFC 5737, RFC 3849).
    const NETWORKS: &[(&str, u8, &str)] =
        &[("203.0.113.0", 24, "RU"), ("198.51.100.0", 24, "KZ"), ("2001:db8::", 32, "DE")];

    fn written(bytes: &[u8]) -> (tempfile::TempDir, PathBuf) {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("geo.mmdb");
        fs::write(&file, bytes).unwrap();
        (folder, file)
    }

    fn opened(bytes: &[u8]) -> Result<Geo, GeoError> {
        let (_folder, file) = written(bytes);
        Geo::open(&file)
    }

    fn country(geo: &Geo, address: &str) -> String {
        String::from_utf8(geo.country(address.parse().unwrap()).to_vec()).unwrap()
    }

    /// A file that knows every host apart, which none does: what is asked is the network.
    #[test]
    fn the_country_is_looked_up_by_the_truncated_address() {
        use crate::{
            enrich::agent::Agents,
            privacy::{ClientIp, Precision, Sender},
        };
        const CHROME: &str = "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) \
                              Chrome/138.0.0.0 Safari/537.36";
        let hosts = [
            ("203.0.113.0", 25, "RU"),
            ("203.0.113.128", 25, "KZ"),
            ("2001:db8::", 64, "DE"),
            ("2001:db8:0:1::", 64, "FR"),
        ];
        let geo = opened(&mmdb(Shape::Flat, &hosts)).unwrap();
        assert_eq!(
            (country(&geo, "203.0.113.200"), country(&geo, "2001:db8:0:1::7")),
            ("KZ".into(), "FR".into())
        );
        let agents = Agents::new();
        let of = |address: &str| {
            let sender = Sender::new(ClientIp::new(address.parse().unwrap()), CHROME.into(), "ru");
            sender.reduce(&agents, &geo, Precision::Version).ok().unwrap().country
        };
        for host in ["203.0.113.7", "203.0.113.200", "203.0.113.255"] {
            assert_eq!(of(host), *b"RU", "{host}");
        }
        for host in ["2001:db8::7", "2001:db8:0:1::7", "2001:db8:0:ffff::1"] {
            assert_eq!(of(host), *b"DE", "{host}");
        }
    }

    #[test]
    fn both_shapes_of_a_file_give_the_country() {
        for shape in [Shape::Flat, Shape::Nested] {
            let geo = opened(&mmdb(shape, NETWORKS)).unwrap();
            assert_eq!(country(&geo, "203.0.113.0"), "RU");
            assert_eq!(country(&geo, "198.51.100.0"), "KZ");
            assert_eq!(country(&geo, "2001:db8::"), "DE");
            assert_eq!(country(&geo, "192.0.2.0"), "ZZ");
            assert_eq!(country(&geo, "2001:db9::"), "ZZ");
        }
    }

    #[test]
    fn a_file_cut_short_anywhere_is_an_error_at_the_start() {
        let whole = mmdb(Shape::Flat, NETWORKS);
        for length in [0, 1, 100, whole.len() / 2, whole.len() - 1] {
            let error = opened(&whole[..length]).err().expect("a part passed for the whole");
            assert!(error.to_string().contains("damaged"), "{length}: {error}");
        }
    }

    #[test]
    fn a_file_with_a_torn_middle_is_an_error_at_the_start() {
        let mut torn = mmdb(Shape::Flat, NETWORKS);
        let middle = torn.len() / 3;
        torn[middle..middle + 40].fill(0xff);
        assert!(opened(&torn).is_err());
    }

    #[test]
    fn a_file_without_countries_is_named_as_such() {
        let error = opened(&mmdb(Shape::Numbers, NETWORKS)).err().unwrap();
        assert!(matches!(error, GeoError::NoCountries { .. }), "{error}");
    }

    #[test]
    fn a_missing_file_is_named() {
        let error = Geo::open(Path::new("/does/not/exist.mmdb")).err().unwrap();
        assert_eq!(error.to_string(), "cannot read the geo file /does/not/exist.mmdb");
    }

    #[test]
    fn without_a_file_every_country_is_unknown() {
        assert_eq!(country(&Geo::none(), "203.0.113.0"), "ZZ");
    }

    /// The file that `tests/run` fetches; networks whose country does not move.
    #[test]
    #[expect(clippy::disallowed_methods, reason = "where the file is, only tests/run knows")]
    fn the_real_file_places_well_known_networks() {
        let file =
            std::env::var("MOSTIK_GEO").expect("set MOSTIK_GEO to DB-IP's country file, as tests/run does");
        let geo = Geo::open(Path::new(&file)).unwrap();
        for (network, expected) in [
            ("77.88.8.0", "RU"),    // Yandex
            ("87.240.132.0", "RU"), // VK
            ("194.226.0.0", "RU"),  // RIPN
            ("130.149.0.0", "DE"),  // TU Berlin
            ("133.11.0.0", "JP"),   // University of Tokyo
            ("200.160.0.0", "BR"),  // NIC.br
            ("2a02:6b8::", "RU"),   // Yandex
            ("203.0.113.0", "ZZ"),  // documentation
            ("10.0.0.0", "ZZ"),
        ] {
            assert_eq!(country(&geo, network), expected, "{network}");
        }
    }
}
