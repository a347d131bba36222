//! Who visits: country, system, browser, device, in the proportions and with the ties
//! that public counters show for Russian sites: Yandex Browser at home, Safari abroad,
//! phones from social networks and in the evening.

use store::event::DeviceClass;

use super::{random::Random, ways::Way};
use crate::enrich::agent::{Browser, Os};

#[derive(Debug, Clone, Copy)]
pub(super) struct Person {
    pub(super) country: [u8; 2],
    pub(super) browser: Browser,
    pub(super) os: Os,
    pub(super) device: DeviceClass,
}

impl Person {
    /// Reads the English pages, mostly.
    pub(super) fn is_abroad(&self) -> bool {
        !AT_HOME.iter().any(|(country, _)| **country == self.country)
    }
}

#[rustfmt::skip]
const AT_HOME: &[(&[u8; 2], f64)] = &[(b"RU", 880.0), (b"BY", 46.0), (b"KZ", 38.0), (b"UZ", 11.0), (b"KG", 7.0), (b"AM", 8.0)];

#[rustfmt::skip]
const ABROAD: &[(&[u8; 2], f64)] = &[
    (b"DE", 15.0), (b"US", 15.0), (b"GE", 7.0), (b"RS", 7.0), (b"IL", 6.0), (b"GB", 6.0), (b"TR", 5.0), (b"PL", 5.0), (b"LV", 4.0),
    (b"FR", 4.0), (b"NL", 4.0), (b"CZ", 3.0), (b"EE", 3.0), (b"LT", 3.0), (b"FI", 3.0), (b"CN", 3.0), (b"ES", 3.0), (b"IT", 3.0),
    (b"CA", 3.0), (b"MD", 3.0), (b"TH", 2.0), (b"AE", 2.0), (b"IN", 2.0), (b"BR", 1.5), (b"JP", 1.5), (b"AU", 1.5), (b"ZZ", 4.0),
];

type Shares<T> = &'static [(T, f64)];

const ANDROID_HOME: Shares<Browser> = &[
    (Browser::Chrome, 43.0),
    (Browser::Yandex, 27.0),
    (Browser::YandexApp, 8.0),
    (Browser::Samsung, 8.0),
    (Browser::Miui, 4.0),
    (Browser::Opera, 3.0),
    (Browser::Huawei, 2.0),
    (Browser::Firefox, 2.0),
    (Browser::AndroidWebView, 2.0),
    (Browser::DuckDuckGo, 1.0),
];
const ANDROID_ABROAD: Shares<Browser> = &[
    (Browser::Chrome, 76.0),
    (Browser::Samsung, 13.0),
    (Browser::Firefox, 5.0),
    (Browser::Opera, 2.0),
    (Browser::Edge, 2.0),
    (Browser::DuckDuckGo, 2.0),
];
const IOS_HOME: Shares<Browser> = &[
    (Browser::Safari, 71.0),
    (Browser::Chrome, 11.0),
    (Browser::Yandex, 9.0),
    (Browser::YandexApp, 5.0),
    (Browser::GoogleApp, 2.0),
    (Browser::AppleWebView, 2.0),
];
const IOS_ABROAD: Shares<Browser> =
    &[(Browser::Safari, 86.0), (Browser::Chrome, 10.0), (Browser::DuckDuckGo, 2.0), (Browser::Firefox, 2.0)];
const WINDOWS_HOME: Shares<Browser> = &[
    (Browser::Chrome, 46.0),
    (Browser::Yandex, 34.0),
    (Browser::Edge, 7.0),
    (Browser::Firefox, 6.0),
    (Browser::Opera, 6.0),
    (Browser::Atom, 1.0),
];
const WINDOWS_ABROAD: Shares<Browser> = &[
    (Browser::Chrome, 65.0),
    (Browser::Edge, 18.0),
    (Browser::Firefox, 11.0),
    (Browser::Opera, 4.0),
    (Browser::Vivaldi, 2.0),
];
const MAC: Shares<Browser> =
    &[(Browser::Safari, 46.0), (Browser::Chrome, 41.0), (Browser::Yandex, 7.0), (Browser::Firefox, 6.0)];
const LINUX: Shares<Browser> = &[(Browser::Firefox, 50.0), (Browser::Chrome, 46.0), (Browser::Vivaldi, 4.0)];

/// Hours of the day at which phones are in hand more than usual.
const EVENING: std::ops::RangeInclusive<u32> = 19..=23;

pub(super) fn pick(way: &Way, second_of_day: u32, random: &mut Random) -> Person {
    let abroad = random.chance(way.abroad_ratio * 0.55);
    let country = **of(if abroad { ABROAD } else { AT_HOME }, random);
    let evening = if EVENING.contains(&(second_of_day / 3_600)) { 0.09 } else { 0.0 };
    let is_app = way.attribution.referrer.starts_with("com.") || way.attribution.referrer.starts_with("ru.");
    let mobile = is_app || random.chance(way.mobile_ratio() + evening);
    let (os, device) = match (mobile, random.share()) {
        (true, at) if at < 0.035 => {
            (*of(&[(Os::IpadOs, 55.0), (Os::Android, 45.0)], random), DeviceClass::Tablet)
        }
        (true, _) if is_app => (Os::Android, DeviceClass::Mobile),
        (true, _) => {
            let ios = if abroad { 46.0 } else { 29.0 };
            let systems = [(Os::Ios, ios), (Os::HarmonyOs, 0.6), (Os::Android, 100.0 - ios)];
            (random.pick(&systems, |(_, weight)| *weight).0, DeviceClass::Mobile)
        }
        (false, at) if at < 0.004 => (*of(&[(Os::WebOs, 50.0), (Os::Tizen, 50.0)], random), DeviceClass::Tv),
        (false, _) => (
            *of(&[(Os::Windows, 76.0), (Os::MacOs, 16.0), (Os::Linux, 7.0), (Os::ChromeOs, 1.0)], random),
            DeviceClass::Desktop,
        ),
    };
    let browser = match (in_app(way, random), os) {
        (Some(app), Os::Android | Os::Ios) => app,
        (_, Os::Android) => *of(if abroad { ANDROID_ABROAD } else { ANDROID_HOME }, random),
        (_, Os::Ios | Os::IpadOs) => *of(if abroad { IOS_ABROAD } else { IOS_HOME }, random),
        (_, Os::Windows) => *of(if abroad { WINDOWS_ABROAD } else { WINDOWS_HOME }, random),
        (_, Os::MacOs) => *of(MAC, random),
        (_, Os::Linux) => *of(LINUX, random),
        (_, Os::HarmonyOs) => Browser::Huawei,
        (_, Os::Tizen) => Browser::SamsungTv,
        (_, Os::WebOs) => Browser::LgTv,
        _ => Browser::Chrome,
    };
    Person { country, browser, os, device }
}

fn of<T>(shares: &'static [(T, f64)], random: &mut Random) -> &'static T {
    &random.pick(shares, |(_, weight)| *weight).0
}

/// Apps open links in a browser of their own, unless told otherwise.
fn in_app(way: &Way, random: &mut Random) -> Option<Browser> {
    let (app, ratio) = match way.attribution.source.as_str() {
        "Telegram" => (Browser::Telegram, 0.35),
        "VK" => (Browser::Vk, 0.55),
        "Instagram" => (Browser::Instagram, 0.9),
        "Pinterest" => (Browser::Pinterest, 0.6),
        "OK" => (Browser::Ok, 0.5),
        _ => return None,
    };
    random.chance(ratio).then_some(app)
}
