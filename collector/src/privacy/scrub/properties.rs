//! The scrubber's promises against generated text.

use percent_encoding::{AsciiSet, CONTROLS, NON_ALPHANUMERIC, utf8_percent_encode};
use proptest::{collection::vec, prelude::*, sample::select};

use super::{BYTES_MAX, campaign, path, text};

type Scrubber = fn(&str) -> String;
const ALL: [Scrubber; 3] = [path, text, campaign];

/// What a browser leaves as it is in a path, roughly.
const LIGHT: &AsciiSet = &CONTROLS.add(b' ').add(b'"').add(b'<').add(b'>').add(b'%').add(b'@').add(b'+');

const BASE64URL: &[u8] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

/// A secret and what of it must not be seen afterwards.
#[derive(Debug, Clone)]
struct Secret {
    text: String,
    gone: Vec<String>,
}

fn whole(text: String) -> Secret {
    Secret { gone: vec![text.clone()], text }
}

/// Of a number in groups the digits must go, and they are compared as digits.
fn number(text: String) -> Secret {
    let digits = digits_of(&text);
    Secret { text, gone: vec![digits] }
}

fn digits_of(text: &str) -> String {
    text.chars().filter(char::is_ascii_digit).collect()
}

fn base64url(bytes: impl Strategy<Value = Vec<u8>>) -> impl Strategy<Value = String> {
    bytes.prop_map(|bytes| bytes.iter().map(|byte| BASE64URL[usize::from(byte % 64)] as char).collect())
}

fn with_luhn(body: String) -> String {
    let sum: u32 = body
        .bytes()
        .rev()
        .enumerate()
        .map(|(place, digit)| {
            let digit = u32::from(digit - b'0');
            if place % 2 == 1 { digit } else { digit * 2 - if digit > 4 { 9 } else { 0 } }
        })
        .sum();
    format!("{body}{}", (10 - sum % 10) % 10)
}

fn email() -> impl Strategy<Value = Secret> {
    let local = prop_oneof!["[a-z]{2,8}[._+-]?[a-z0-9]{2,8}", "[а-я]{4,10}", "[A-Z][a-z]{3,8}[0-9]{0,4}"];
    let host = prop_oneof!["[a-z]{2,10}", "[a-z]{2,6}-[a-z]{2,6}", "mail\\.[a-z]{3,8}", "[а-я]{3,8}"];
    let end = select(vec!["ru", "com", "co.uk", "org", "museum", "рф"]);
    let at = select(vec!["@", "＠", "﹫"]);
    (local, host, end, at).prop_map(|(local, host, end, at)| Secret {
        text: format!("{local}{at}{host}.{end}"),
        gone: vec![format!("{local}@"), format!("@{host}"), format!("{local}{at}")],
    })
}

fn phone() -> impl Strategy<Value = Secret> {
    let groups = ("[1-9][0-9]{2}", "[1-9][0-9]{2}", "[0-9]{2}", "[0-9]{2}");
    (select(vec!["+7", "8", "7", "+1", "+49", "+380"]), groups, 0..6_usize).prop_map(
        |(country, (a, b, c, d), form)| {
            number(match form {
                0 => format!("{country}{a}{b}{c}{d}"),
                1 => format!("{country} ({a}) {b}-{c}-{d}"),
                2 => format!("{country}-{a}-{b}-{c}-{d}"),
                3 => format!("{country}.{a}.{b}.{c}{d}"),
                4 => format!("{country}({a}){b}{c}{d}"),
                _ => format!("{country}_{a}_{b}_{c}_{d}"),
            })
        },
    )
}

fn token() -> impl Strategy<Value = Secret> {
    let jwt = (
        base64url(vec(any::<u8>(), 20..60)),
        base64url(vec(any::<u8>(), 20..80)),
        base64url(vec(any::<u8>(), 43)),
    );
    prop_oneof![
        jwt.prop_map(|(head, body, sign)| format!("eyJ{head}.{body}.{sign}")),
        "[0-9a-f]{16,64}".prop_map(|hex| hex),
        "[0-9A-F]{16,40}".prop_map(|hex| hex),
        base64url(vec(any::<u8>(), 22..64)),
        // Base 32 and 36, lower case, as many invitation links have them. Words of
        // letters only would be words.
        "[a-z2-7]{26,40}".prop_filter("has digits amid letters", |text| mixed(text)),
        "[a-z0-9]{22,40}".prop_filter("has digits amid letters", |text| mixed(text)),
    ]
    .prop_map(whole)
}

fn mixed(text: &str) -> bool {
    text.as_bytes().windows(2).filter(|pair| pair[0].is_ascii_digit() != pair[1].is_ascii_digit()).count()
        >= 3
}

fn id() -> impl Strategy<Value = Secret> {
    let hex = |digits: usize| vec(select(b"0123456789abcdef".to_vec()), digits);
    prop_oneof![
        (hex(8), hex(4), hex(4), hex(4), hex(12)).prop_map(|(a, b, c, d, e)| {
            [a, b, c, d, e].map(|part| String::from_utf8(part).unwrap()).join("-")
        }),
        "01[0-9A-HJKMNP-TV-Z]{24}".prop_map(|ulid| ulid),
        "01[0-9a-hjkmnp-tv-z]{24}".prop_map(|ulid| ulid),
    ]
    .prop_map(whole)
}

/// Ten digits and more: INN, SNILS, cards. They go from campaigns too.
fn long_number() -> impl Strategy<Value = Secret> {
    prop_oneof![
        "[1-9][0-9]{9}".prop_map(|inn| inn),
        "[1-9][0-9]{11}".prop_map(|inn| inn),
        "[0-9]{3}-[0-9]{3}-[0-9]{3} [0-9]{2}".prop_map(|snils| snils),
        "[0-9]{11}".prop_map(|snils| snils),
        "[3-6][0-9]{14}".prop_map(with_luhn),
        "[3-6][0-9]{14}".prop_map(with_luhn).prop_map(|card| {
            card.as_bytes()
                .chunks(4)
                .map(|four| std::str::from_utf8(four).unwrap())
                .collect::<Vec<_>>()
                .join(" ")
        }),
    ]
    .prop_map(number)
}

/// Six to nine digits that are no date.
fn number_of_a_customer() -> impl Strategy<Value = Secret> {
    "[1-9][0-9]{5,8}".prop_filter("is no date", |text| !text.starts_with("20")).prop_map(number)
}

fn address() -> impl Strategy<Value = Secret> {
    prop_oneof![
        any::<[u8; 4]>().prop_map(|bytes| std::net::Ipv4Addr::from(bytes).to_string()),
        any::<[u16; 8]>().prop_map(|groups| std::net::Ipv6Addr::from(groups).to_string()),
        (any::<u16>(), any::<u16>()).prop_map(|(a, b)| format!("2001:db8:{a:x}::{b:x}")),
        any::<[u8; 4]>().prop_map(|bytes| format!("::ffff:{}", std::net::Ipv4Addr::from(bytes))),
    ]
    .prop_map(whole)
}

fn any_secret() -> impl Strategy<Value = Secret> {
    prop_oneof![email(), phone(), token(), id(), long_number(), address()]
}

/// Where sites put such things.
fn place() -> impl Strategy<Value = (&'static str, &'static str)> {
    select(vec![
        ("/", ""),
        ("/user/", "/orders"),
        ("/user-", ""),
        ("/email=", "&x"),
        ("/a/b_", "/c"),
        ("/кабинет/", "/заказы"),
        ("/confirm:", ""),
        ("/reset-your-password-for-the-shop/", "/now"),
        ("/q=", ".html"),
    ])
}

fn encode(text: &str, times: usize, light: bool) -> String {
    (0..times).fold(text.to_owned(), |text, _| {
        utf8_percent_encode(&text, if light { LIGHT } else { NON_ALPHANUMERIC }).to_string()
    })
}

fn is_gone(secret: &Secret, kept: &str) -> bool {
    let kept = kept.to_lowercase();
    let digits = digits_of(&kept);
    secret.gone.iter().all(|part| {
        let part = part.to_lowercase();
        let is_number = part.bytes().all(|byte| byte.is_ascii_digit());
        !(kept.contains(&part) || is_number && digits.contains(&part))
    })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 3_000, ..ProptestConfig::default() })]

    #[test]
    fn no_secret_survives_in_a_path(
        secret in prop_oneof![any_secret(), number_of_a_customer()], (before, after) in place(), times in 0..4_usize, light: bool,
    ) {
        let raw = encode(&format!("{before}{}{after}", secret.text), times, light);
        let kept = path(&raw);
        prop_assert!(is_gone(&secret, &kept), "{raw} kept {kept}");
    }

    #[test]
    fn no_secret_survives_in_a_value_or_a_campaign(secret in any_secret(), times in 0..4_usize, word in "[a-zа-я]{0,8}") {
        for raw in [secret.text.clone(), format!("{word} {}", secret.text), format!("{}|{word}", secret.text)] {
            let raw = encode(&raw, times, true);
            prop_assert!(is_gone(&secret, &text(&raw)), "{raw} kept {}", text(&raw));
            prop_assert!(is_gone(&secret, &campaign(&raw)), "{raw} kept {}", campaign(&raw));
        }
    }

    #[test]
    fn any_text_has_an_answer_that_stays_as_it_is_and_is_not_longer(raw in prop_oneof![
        "\\PC{0,80}",
        vec(any::<char>(), 0..60).prop_map(|letters| letters.into_iter().collect::<String>()),
        "[%0-9a-fA-F:./@+_-]{0,120}",
        "[a-zA-Z0-9_-]{0,120}",
        "[0-9 ().+-]{0,80}",
    ]) {
        for scrub in ALL {
            let once = scrub(&raw);
            prop_assert!(once.len() <= raw.len().min(BYTES_MAX), "{raw:?} grew to {once:?}");
            prop_assert_eq!(scrub(&once), once);
        }
    }

    #[test]
    fn a_secret_scrubbed_twice_is_scrubbed_once(secret in any_secret(), (before, after) in place()) {
        for scrub in ALL {
            let once = scrub(&format!("{before}{}{after}", secret.text));
            prop_assert_eq!(scrub(&once), once);
        }
    }

    #[test]
    fn slugs_of_words_stay(words in vec(select(WORDS.to_vec()), 1..9), joint in select(vec!["-", "_"])) {
        // Ten digits in groups are a phone number to anybody.
        let slug = format!("/{}", words.join(joint));
        prop_assume!(digits_of(&slug).len() < 10);
        prop_assert_eq!(path(&slug), slug);
    }
}

/// Figure F11, for the one kind that is told by its looks alone: 20-letter base64, of
/// which a few do look like words.
#[test]
fn of_the_shortest_random_tokens_not_one_in_a_thousand_survives() {
    const TRIES: usize = 20_000;
    let mut state = 0x6d6f_7374_696b_u64;
    let mut survived = Vec::new();
    for _ in 0..TRIES {
        let token: String = (0..20)
            .map(|_| {
                state ^= state << 13;
                state ^= state >> 7;
                state ^= state << 17;
                BASE64URL[(state >> 33) as usize % 64] as char
            })
            .collect();
        if path(&token).contains(&token) {
            survived.push(token);
        }
    }
    assert!(survived.len() * 1000 <= TRIES, "{} of {TRIES}: {:?}", survived.len(), &survived[..10]);
}

/// Words of shops, blogs and manuals, English, Russian in Latin letters, and models.
const WORDS: &[&str] = &[
    "how",
    "to",
    "choose",
    "the",
    "best",
    "laptop",
    "for",
    "students",
    "kak",
    "vybrat",
    "noutbuk",
    "dlya",
    "ucheby",
    "zhenskie",
    "krossovki",
    "belye",
    "iphone",
    "pro",
    "max",
    "256gb",
    "ps5",
    "rtx",
    "4090",
    "2026",
    "v2",
    "mp3",
    "h264",
    "usb",
    "type",
    "c",
    "65w",
    "s24",
    "ultra",
    "Main",
    "Page",
    "API",
    "FAQ",
    "PostgreSQL",
    "macOS",
    "obzor",
    "shkaf",
    "kupe",
    "1500",
    "mm",
    "velosiped",
    "stels",
    "26",
    "g614jv",
    "sm",
    "a546e",
    "весна",
    "скидки",
    "Moskva",
    "internationalization",
    "telekommunikatsionnoe",
    "a",
    "i",
    "v",
    "3d",
    "b2b",
    "covid19",
];
