//! The figures F6, F10 and F11 of docs/privacy.md, printed by
//! `cargo test --release -p collector figures -- --nocapture` and held to what is said there.
//!
//! F6 and F10 come from a model, not from traffic: shares of browsers, networks and phones are
//! assumed (privacy.md section 3 gives the model), and say how the recipe behaves, not how many
//! people a site has.

use std::collections::HashSet;

use super::{
    ClientIp, Precision,
    identity::{BrowserClass, Message},
    keys::{KeyName, KeyRing},
    scrub,
};

/// Marsaglia's xorshift: the same people every time.
struct Dice(u64);

impl Dice {
    fn below(&mut self, bound: u64) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0 % bound
    }

    /// A place in a list of shares in percent.
    fn among(&mut self, shares: &[u64]) -> usize {
        let mut left = self.below(shares.iter().sum());
        for (place, &share) in shares.iter().enumerate() {
            match left.checked_sub(share) {
                Some(rest) => left = rest,
                None => return place,
            }
        }
        shares.len() - 1
    }
}

/// Twelve kinds of browser, system and device, the first seven on phones: percent of the
/// phones, and of the rest.
const PHONES: [u64; 7] = [46, 24, 12, 8, 5, 3, 2];
const DESKTOPS: [u64; 5] = [52, 20, 14, 9, 5];

/// Percent of all who come by phone, and of those who come by a mobile network.
const PHONE_PERCENT: u64 = 55;
const CELLULAR_PERCENT: u64 = 60;

/// Major versions in use of one browser, and languages, in percent.
const VERSIONS: [u64; 4] = [62, 22, 10, 6];
const LANGUAGES: [u64; 3] = [88, 9, 3];

/// Networks (/24) of an audience: mobile ones, each shared by thousands, and all others.
#[derive(Clone, Copy)]
struct Audience {
    name: &'static str,
    cellular: u64,
    fixed: u64,
}

const NATIONAL: Audience = Audience { name: "national", cellular: 2_000, fixed: 400_000 };
const TOWN: Audience = Audience { name: "one town", cellular: 300, fixed: 8_000 };

fn person(dice: &mut Dice, audience: Audience) -> ([u8; 4], BrowserClass) {
    let by_phone = dice.below(100) < PHONE_PERCENT;
    let is_cellular = by_phone && dice.below(100) < CELLULAR_PERCENT;
    let network = if is_cellular {
        dice.below(audience.cellular)
    } else {
        // Apart from the mobile ones.
        (1 << 20) + dice.below(audience.fixed)
    };
    let kind = if by_phone { dice.among(&PHONES) } else { PHONES.len() + dice.among(&DESKTOPS) };
    let [_, a, b, c] = (network as u32).to_be_bytes();
    let class = BrowserClass {
        browser: kind as u8,
        os: kind as u8,
        device: if by_phone { 2 } else { 1 },
        major: 130 + dice.among(&VERSIONS) as u16,
        language: [*b"ru", *b"en", *b"uk"][dice.among(&LANGUAGES)],
    };
    ([20 + a, b, c, dice.below(254) as u8 + 1], class)
}

/// The share of a day's people who are taken for somebody else.
fn undercount(audience: Audience, precision: Precision, people: u64) -> f64 {
    let ring = KeyRing::default();
    let name = KeyName { site_uuid: [7; 16], day: 1 };
    let mut dice = Dice(0x9e37_79b9_7f4a_7c15 ^ people);
    let numbers: HashSet<u64> = (0..people)
        .map(|_| {
            let (address, class) = person(&mut dice, audience);
            let network = ClientIp::new(address.into()).truncate(precision.prefix());
            ring.visitor(name, &Message::new(network, class, precision), || i64::MAX).expect("a key")
        })
        .collect();
    1.0 - numbers.len() as f64 / people as f64
}

#[test]
fn f10_the_undercount_of_a_days_visitors_is_what_the_documentation_says() {
    for audience in [NATIONAL, TOWN] {
        for (name, precision) in
            [("version", Precision::Version), ("class", Precision::Class), ("strict", Precision::Strict)]
        {
            let shares = [50, 500, 5_000, 50_000].map(|people| undercount(audience, precision, people));
            let percents = shares.map(|share| format!("{:.1} %", 100.0 * share));
            println!("F10 {}, {name}: of 50, 500, 5,000, 50,000: {}", audience.name, percents.join(", "));
            assert!(shares.windows(2).all(|pair| pair[0] <= pair[1] + 0.02), "more people meet more often");
        }
    }
    // The target: at most 5 % at 500 a day.
    assert!(undercount(NATIONAL, Precision::Version, 500) <= 0.05);
}

/// How likely two people of one network are the same to the recipe.
fn likeness(precision: Precision) -> f64 {
    let of = |shares: &[u64]| {
        let sum: u64 = shares.iter().sum();
        shares.iter().map(|&share| (share as f64 / sum as f64).powi(2)).sum::<f64>()
    };
    let phone = PHONE_PERCENT as f64 / 100.0;
    let class = phone.powi(2) * of(&PHONES) + (1.0 - phone).powi(2) * of(&DESKTOPS);
    if precision.keeps_version_and_language() { class * of(&VERSIONS) * of(&LANGUAGES) } else { class }
}

#[test]
fn f6_the_group_behind_a_number_is_as_large_as_the_documentation_says() {
    let group = |people: f64, precision| 1.0 + (people - 1.0) * likeness(precision);
    for (name, people) in [
        ("a /24 with 60 people", 60.0),
        ("a /24 with 200", 200.0),
        ("a mobile /24 with 2,000", 2_000.0),
        ("a mobile /24 with 20,000", 20_000.0),
        ("a /16 with 15,000", 15_000.0),
    ] {
        let of = |precision| group(people, precision);
        println!("F6 {name}: version {:.1}, class {:.1}", of(Precision::Version), of(Precision::Class));
    }
    // The targets, 10 by default and 1,000 under `strict`, hold for mobile networks and for /16.
    assert!(group(2_000.0, Precision::Version) >= 10.0);
    assert!(group(15_000.0, Precision::Strict) >= 1_000.0);
}

/// A made-up secret of each kind, and the part of it that must not be left.
fn secret(dice: &mut Dice) -> (String, String) {
    let letters = |dice: &mut Dice, n: u64, of: &[u8]| -> String {
        (0..n).map(|_| char::from(of[dice.below(of.len() as u64) as usize])).collect()
    };
    let (lower, digits, hex) = (b"abcdefghijklmnopqrstuvwxyz", b"0123456789", b"0123456789abcdef");
    let wide = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    match dice.below(8) {
        0 => {
            let name = letters(dice, 9, lower);
            (format!("{name}@mail.example"), name)
        }
        1 => {
            let name = letters(dice, 9, lower);
            (format!("{name}%40mail.example"), name)
        }
        2 => {
            let number = letters(dice, 10, digits);
            (format!("+7{number}"), number)
        }
        3 => {
            let token = letters(dice, 32, hex);
            (token.clone(), token)
        }
        4 => {
            let token = letters(dice, 28, wide);
            (token.clone(), token)
        }
        5 => {
            let parts: Vec<String> =
                [8, 4, 4, 4, 12].into_iter().map(|length| letters(dice, length, hex)).collect();
            let id = parts.join("-");
            (id.clone(), id)
        }
        6 => {
            let body = letters(dice, 40, wide);
            (format!("eyJhbGciOiJIUzI1NiJ9.{body}.{}", letters(dice, 43, wide)), body)
        }
        _ => {
            let number = letters(dice, 8, digits);
            (number.clone(), number)
        }
    }
}

/// What people call their pages: words, years, sizes, versions, Russian too.
fn slug(dice: &mut Dice) -> String {
    const WORDS: [&str; 32] = [
        "how",
        "to",
        "make",
        "coffee",
        "best",
        "iphone",
        "pro",
        "max",
        "review",
        "price",
        "delivery",
        "about",
        "contacts",
        "news",
        "green",
        "tea",
        "travel",
        "guide",
        "kak",
        "vybrat",
        "noutbuk",
        "dlya",
        "raboty",
        "otzyvy",
        "internationalization",
        "чай",
        "каталог",
        "доставка",
        "новости",
        "c++",
        "2026",
        "256gb",
    ];
    let words = 1 + dice.below(6);
    let mut slug: Vec<String> =
        (0..words).map(|_| WORDS[dice.below(WORDS.len() as u64) as usize].to_owned()).collect();
    if dice.below(3) == 0 {
        slug.push(dice.below(99_999).to_string());
    }
    slug.join(if dice.below(4) == 0 { "_" } else { "-" })
}

#[test]
fn f11_the_scrubber_catches_what_it_should_and_leaves_the_rest() {
    const CASES: usize = 50_000;
    let mut dice = Dice(0xf11);
    let (mut missed, mut disturbed) = (Vec::new(), Vec::new());
    for _ in 0..CASES {
        let (raw, part) = secret(&mut dice);
        let place = ["/u/", "/order/done/", "/"][dice.below(3) as usize];
        if scrub::path(&format!("{place}{raw}")).contains(&part) {
            missed.push(raw);
        }
        let page = format!("/blog/{}", slug(&mut dice));
        if scrub::path(&page) != page {
            disturbed.push(page);
        }
    }
    let ratio = |wrong: &[String]| wrong.len() as f64 / CASES as f64;
    println!(
        "F11 recall {:.3} %, false alarms {:.3} %; missed {:?}; disturbed {:?}",
        100.0 * (1.0 - ratio(&missed)),
        100.0 * ratio(&disturbed),
        missed.iter().take(5).collect::<Vec<_>>(),
        disturbed.iter().take(5).collect::<Vec<_>>(),
    );
    assert!(ratio(&missed) <= 0.001, "{} of {CASES} missed: {:?}", missed.len(), missed.first());
    assert!(ratio(&disturbed) <= 0.01, "{} of {CASES} disturbed: {:?}", disturbed.len(), disturbed.first());
}
