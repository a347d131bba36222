//! Two senders who differ only in what is said to be forgotten must leave the same
//! bytes: the whole path from headers and body to the record for the spool, with the
//! key, the clock and the page's own numbers fixed. The number of a visit is random
//! and made new for every case, so it is the one field left out of the comparison.

use bytes::Bytes;
use http_body_util::Full;
use proptest::{prelude::*, test_runner::TestRunner};
use store::{
    event::DayNumber,
    snapshot::{self, Snapshot},
};

use super::*;
use crate::{
    bridge::destination::{Destinations, Switches},
    config::Profile,
    rate::Rates,
    request::proxies::TrustedProxies,
    spool::Directory,
    visit::LIVE_VISITS_MAX,
};

/// What a browser and its network tell us.
#[derive(Debug, Clone)]
struct Told {
    address: String,
    agent: String,
    language: &'static str,
    screen: (u16, u16),
    /// Headers that are none of our business.
    others: Vec<(&'static str, String)>,
}

/// One of the family: 203.0.113.0/24, Chrome 138 on Windows, Russian.
fn told() -> Told {
    Told {
        address: "203.0.113.7".into(),
        agent: chrome(138, "0.0.0", "Windows NT 10.0; Win64; x64"),
        language: "ru-RU,ru;q=0.9",
        screen: (1920, 1080),
        others: vec![],
    }
}

fn chrome(major: u16, minor: &str, system: &str) -> String {
    format!(
        "Mozilla/5.0 ({system}) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/{major}.{minor} Safari/537.36"
    )
}

/// The stages with a spool that nothing is pushed to.
struct Path {
    acceptor: Acceptor,
    runtime: tokio::runtime::Runtime,
    now: Timestamp,
    _folder: tempfile::TempDir,
}

impl Path {
    fn new(precision: Precision) -> Path {
        let site = snapshot::Site {
            id: 1,
            uuid: "11".repeat(16),
            domain: "example.test".into(),
            hosts: vec![],
            time_zone: "UTC".into(),
            props: vec!["plan".into()],
            declared: Default::default(),
        };
        let sites = Sites::read(&Snapshot { version: 1, sites: vec![site], ..Snapshot::empty() }).unwrap();
        let folder = tempfile::tempdir().unwrap();
        let directory = Arc::new(Directory::open(folder.path()).unwrap());
        let clock = Clock::system();
        let now = "2028-03-01T12:00:00Z".parse().unwrap();
        clock.set(now);
        let proxy = ["127.0.0.1".to_owned()];
        let acceptor = Acceptor {
            reader: Reader {
                proxies: TrustedProxies::parse(&proxy).unwrap(),
                address_header: "x-forwarded-for".parse().unwrap(),
                server_token: None,
            },
            sites: Arc::new(ArcSwap::from_pointee(sites)),
            agents: Agents::new(),
            geo: Geo::none(),
            sources: Sources::new(),
            precision,
            profile: Profile::Default,
            rates: RateLimits::new(Rates::default()),
            keys: Arc::default(),
            visits: Arc::new(Visits::new(LIVE_VISITS_MAX)),
            objections: Arc::default(),
            guard: Arc::default(),
            spool: Spool::start(directory, 1, 1 << 20, clock.clone()).unwrap(),
            bridge: Arc::new(Bridge::new(Switches::new(Destinations::default()), now).0),
            ledger: Arc::default(),
            metrics: Arc::default(),
            clock,
        };
        let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build().unwrap();
        Path { acceptor, runtime, now, _folder: folder }
    }

    /// The record for the spool that `told` leaves as the first event of a new visit.
    fn record(&self, told: &Told) -> Vec<u8> {
        let body = serde_json::json!({
            "n": "Order", "d": "example.test", "u": "https://example.test/cart?gclid=1#top",
            "r": "https://ya.ru/search?text=boots", "p": {"plan": "pro"}, "x": "00000000000000aa",
            // Not of the wire format: what other scripts send.
            "w": told.screen.0, "sw": told.screen.0, "sh": told.screen.1,
        });
        let mut request = Request::post("/api/event")
            .header("x-forwarded-for", &told.address)
            .header("user-agent", &told.agent)
            .header("accept-language", told.language);
        for (name, value) in &told.others {
            request = request.header(*name, value);
        }
        let request = request.body(Full::new(Bytes::from(body.to_string()))).unwrap();
        let arrival = self.runtime.block_on(self.acceptor.reader.read([127, 0, 0, 1].into(), request));
        let (mut events, _, refused) = self.acceptor.turn(arrival.ok().unwrap(), self.now).ok().unwrap();
        assert!(refused.is_empty());
        assert_eq!(events.len(), 1);
        self.acceptor.visits.end_before(1, DayNumber::MAX);
        events[0].visit = 0;
        let mut record = Vec::new();
        crate::spool::record::put_event(&mut record, &events[0], seconds(self.now));
        record
    }
}

/// Any sender of the family `told` belongs to.
fn relatives() -> impl Strategy<Value = Told> {
    let address = prop_oneof![
        any::<u8>().prop_map(|host| format!("203.0.113.{host}")),
        any::<u8>().prop_map(|host| format!("::ffff:203.0.113.{host}")),
        any::<(u8, u64)>().prop_map(|(host, low)| {
            let [a, b, c, d, ..] = low.to_be_bytes().map(u16::from);
            format!("2002:cb00:71{host:02x}:{a:x}:{b:x}:{c:x}:{d:x}:1")
        }),
    ];
    let minor = "[0-9]{1,2}\\.[0-9]{1,4}\\.[0-9]{1,3}";
    let system = prop_oneof![
        Just("Windows NT 10.0; Win64; x64"),
        Just("Windows NT 10.0; WOW64"),
        Just("Windows NT 6.1; Win64; x64"),
    ];
    let language = prop_oneof![Just("ru-RU,ru;q=0.9"), Just("ru"), Just("ru-UA,uk;q=0.8,en;q=0.5")];
    let others = prop::collection::vec(
        (
            prop_oneof![
                Just("sec-ch-ua-full-version-list"),
                Just("sec-ch-ua-platform-version"),
                Just("sec-ch-viewport-width"),
                Just("device-memory"),
                Just("cookie"),
                Just("referer"),
                Just("accept"),
                Just("x-real-ip"),
                Just("etag"),
            ],
            "[a-z0-9.]{1,20}",
        ),
        0..6,
    );
    (address, minor, system, language, any::<(u16, u16)>(), others).prop_map(
        |(address, minor, system, language, screen, others)| Told {
            address,
            agent: chrome(138, &minor, system),
            language,
            screen,
            others,
        },
    )
}

#[test]
fn host_bits_minor_versions_screens_and_other_headers_leave_the_same_bytes() {
    for precision in [Precision::Version, Precision::Class, Precision::Strict] {
        let path = Path::new(precision);
        let expected = path.record(&told());
        let outcome = TestRunner::default().run(&relatives(), |relative| {
            prop_assert_eq!(path.record(&relative), expected.clone());
            Ok(())
        });
        outcome.unwrap_or_else(|failure| panic!("{precision:?}: {failure}"));
    }
}

#[test]
fn the_low_eighty_bits_of_an_ipv6_address_leave_the_same_bytes() {
    let path = Path::new(Precision::Version);
    let of = |low: u128| {
        let address = std::net::Ipv6Addr::from(0x2a02_06b8_0001_u128 << 80 | low & ((1 << 80) - 1));
        path.record(&Told { address: address.to_string(), ..told() })
    };
    let expected = of(0);
    let outcome = TestRunner::default().run(&any::<u128>(), |low| {
        prop_assert_eq!(of(low), expected.clone());
        Ok(())
    });
    outcome.unwrap_or_else(|failure| panic!("{failure}"));
}

/// The control: what is said to be kept does change the bytes, so the comparison
/// above is one that can fail.
#[test]
fn network_major_version_and_language_do_leave_other_bytes() {
    let path = Path::new(Precision::Version);
    let expected = path.record(&told());
    for other in [
        Told { address: "203.0.114.7".into(), ..told() },
        Told { agent: chrome(139, "0.0.0", "Windows NT 10.0; Win64; x64"), ..told() },
        Told { agent: chrome(138, "0.0.0", "Macintosh; Intel Mac OS X 10_15_7"), ..told() },
        Told { language: "en", ..told() },
    ] {
        assert_ne!(path.record(&other), expected, "{other:?}");
    }
}

/// Under `class` neither the version nor the language matters, under `strict` not
/// the third byte of the address either.
#[test]
fn a_coarser_precision_forgets_more() {
    let newer = Told { agent: chrome(139, "0.0.0", "Windows NT 10.0"), language: "en", ..told() };
    let class = Path::new(Precision::Class);
    assert_eq!(class.record(&newer), class.record(&told()));
    let further = Told { address: "203.0.1.1".into(), ..newer };
    assert_ne!(class.record(&further), class.record(&told()));
    let strict = Path::new(Precision::Strict);
    assert_eq!(strict.record(&further), strict.record(&told()));
}
