//! Nanoseconds of each stage an event passes, on one thread: `tests/bench/path`.
//!
//! The inputs are those of `tests/bench/ingest`: a page view of a shop with a campaign.

use std::net::{IpAddr, Ipv4Addr};

use collector::{
    enrich::{agent::Agents, geo::Geo, page, source::Sources},
    parse::{self, Beacon},
    privacy::{ClientIp, KeyName, KeyRing, Precision, Reduced, Sender, Vault, scrub},
    rate::{RateLimits, Rates},
    site::{Site, Sites},
    visit::{LIVE_VISITS_MAX, VisitorKey, Visits},
};
use divan::{Bencher, black_box};
use e2e::instance;
use jiff::Timestamp;
use store::{
    event::{HotEvent, Kind, Vitals},
    snapshot::{self, Snapshot},
};

const AGENT: &str = e2e::http::CHROME;
const LANGUAGE: &str = "ru-RU,ru;q=0.9,en;q=0.8";
const ADDRESS: IpAddr = IpAddr::V4(Ipv4Addr::new(77, 88, 8, 8));
const BODY: &str = r#"{"n":"pageview","r":"https://yandex.ru/","d":"site7.test","u":"https://site7.test/catalogue/part-12/item-507?utm_source=mail&utm_campaign=spring","pv":"4711","x":"000000004711"}"#;

fn main() {
    divan::main();
}

fn beacon() -> Beacon {
    parse::body(BODY.as_bytes()).expect("a body").remove(0).expect("an event")
}

fn reduced(agents: &Agents, geo: &Geo) -> Reduced {
    let sender = Sender::new(ClientIp::new(ADDRESS), AGENT.to_owned(), LANGUAGE);
    sender.reduce(agents, geo, Precision::Version).ok().expect("a person")
}

fn sites() -> Sites {
    let site = snapshot::Site {
        id: 7,
        uuid: "17".repeat(16),
        domain: "site7.test".into(),
        hosts: vec![],
        time_zone: "Europe/Moscow".into(),
        props: vec![],
        declared: Default::default(),
    };
    Sites::read(&Snapshot { version: 1, sites: vec![site], ..Snapshot::empty() }).expect("a site")
}

fn with_site(bencher: Bencher<'_, '_>, stage: impl Fn(&Site)) {
    let sites = sites();
    let site = sites.by_domain("site7.test").expect("it is there");
    bencher.bench_local(|| stage(site));
}

#[divan::bench]
fn b1_parse(bencher: Bencher<'_, '_>) {
    bencher.bench(|| parse::body(black_box(BODY.as_bytes())));
}

#[divan::bench]
fn b2_reduce_the_sender(bencher: Bencher<'_, '_>) {
    let (agents, geo) =
        (Agents::new(), Geo::open(&instance::given("MOSTIK_GEO")).expect("the country table"));
    bencher.bench(|| reduced(&agents, &geo));
}

#[divan::bench]
fn b3_rate_limits(bencher: Bencher<'_, '_>) {
    let limits = RateLimits::new(Rates::default());
    let sender = reduced(&Agents::new(), &Geo::none());
    bencher.bench(|| limits.admit(7, black_box(&sender)));
}

#[divan::bench]
fn b4_day_of_the_site(bencher: Bencher<'_, '_>) {
    let now: Timestamp = "2026-11-25T12:00:00Z".parse().expect("a time");
    with_site(bencher, |site| {
        black_box(site.day_of(black_box(now)));
    });
}

#[divan::bench]
fn b5_visitor_number(bencher: Bencher<'_, '_>) {
    let keys = KeyRing::new(Vault::in_memory(4).expect("a little memory"), 0);
    let sender = reduced(&Agents::new(), &Geo::none());
    let name = KeyName { site_uuid: [7; 16], day: 20_000 };
    bencher.bench(|| keys.visitor(name, black_box(&sender.message), || i64::MAX));
}

/// Among a million live visits, as far apart in memory as on a busy day.
#[divan::bench]
fn b6_visit_that_lives(bencher: Bencher<'_, '_>) {
    let visits = Visits::new(LIVE_VISITS_MAX);
    let (sources, beacon) = (Sources::new(), beacon());
    let sender = reduced(&Agents::new(), &Geo::none());
    let sites = sites();
    let site = sites.by_domain("site7.test").expect("it is there");
    let key = |n: u64| VisitorKey { site_id: 7, day: 20_000, visitor: n.wrapping_mul(0x9e37_79b9_7f4a_7c15) };
    for n in 0..1_000_000 {
        visits.touch_or_begin(key(n), 1, || n, || page::visit_attributes(site, &beacon, &sender, &sources));
    }
    let mut n = 0;
    bencher.bench_local(|| {
        n = (n + 7919) % 1_000_000;
        visits.touch(key(n), 2)
    });
}

#[divan::bench]
fn b7_attributes_of_a_new_visit(bencher: Bencher<'_, '_>) {
    let (sources, beacon) = (Sources::new(), beacon());
    let sender = reduced(&Agents::new(), &Geo::none());
    with_site(bencher, |site| {
        black_box(page::visit_attributes(site, black_box(&beacon), &sender, &sources));
    });
}

#[divan::bench(args = ["/catalogue/part-12/item-507", "/блог/осень", "/reset/9f86d081884c7d659a2feaa0c55ad015", "/u/ivan%40mail.ru"])]
fn b8_scrub_path(path: &str) -> String {
    scrub::path(black_box(path))
}

#[divan::bench]
fn b9_encode_the_row(bencher: Bencher<'_, '_>) {
    let beacon = beacon();
    let sites = sites();
    let site = sites.by_domain("site7.test").expect("it is there");
    let sender = reduced(&Agents::new(), &Geo::none());
    let event = HotEvent {
        site_id: 7,
        day: 20_000,
        visitor: 1,
        visit: 2,
        ts: 3,
        kind: Kind::Pageview,
        name: String::new(),
        host: page::host(&beacon.url).to_owned(),
        path: page::path(&beacon.url, false),
        attributes: page::visit_attributes(site, &beacon, &sender, &Sources::new()).into(),
        interactive: true,
        props: Vec::new(),
        revenue_e4: 0,
        currency: String::new(),
        engaged_ms: 0,
        scroll: 0,
        vitals: Vitals::default(),
        page_view: 4,
        event_id: 5,
    };
    let mut row = Vec::with_capacity(512);
    bencher.bench_local(|| {
        row.clear();
        black_box(&event).encode(&mut row);
    });
}
