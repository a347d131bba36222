//! The system and the device class.

use store::event::DeviceClass;

use super::family::{Browser, Os};

/// Tokens of systems that woothee does not know or calls by another's name.
const OS_TOKENS: &[(&str, Os)] = &[
    ("HarmonyOS", Os::HarmonyOs),
    ("OpenHarmony", Os::HarmonyOs),
    ("Tizen", Os::Tizen),
    ("Web0S", Os::WebOs),
    ("webOS", Os::WebOs),
    ("KAIOS", Os::KaiOs),
    ("PlayStation", Os::PlayStation),
    ("PLAYSTATION", Os::PlayStation),
    ("Xbox", Os::Xbox),
    ("Nintendo", Os::Nintendo),
    ("Windows Phone", Os::WindowsPhone),
    ("CrOS ", Os::ChromeOs),
];

/// A screen across the room. `AFT` begins the models of Amazon's Fire TV.
const TV_TOKENS: &[&str] = &[
    "SMART-TV",
    "SmartTV",
    "Smart-TV",
    "Web0S",
    "BRAVIA",
    "Android TV",
    "GoogleTV",
    "HbbTV",
    "AppleTV",
    "; AFT",
    "CrKey",
    "TV Safari",
    "Roku/",
    "MiTV",
    "TV Bro",
];

pub(super) fn os(user_agent: &str, by_woothee: &str) -> Os {
    if let Some(&(_, os)) = OS_TOKENS.iter().find(|(token, _)| user_agent.contains(token)) {
        return os;
    }
    match by_woothee {
        "Android" => Os::Android,
        "iPhone" | "iPod" | "iOS" => Os::Ios,
        "iPad" => Os::IpadOs,
        "Mac OSX" | "Mac OS Classic" => Os::MacOs,
        "Linux" => Os::Linux,
        "ChromeOS" => Os::ChromeOs,
        "BSD" => Os::Bsd,
        name if name.starts_with("Windows") => Os::Windows,
        // woothee misses the system of browsers it does not know.
        _ if user_agent.contains("Android") => Os::Android,
        _ if user_agent.contains("iPhone") => Os::Ios,
        _ if user_agent.contains("iPad") => Os::IpadOs,
        _ if user_agent.contains("Windows") => Os::Windows,
        _ if user_agent.contains("Linux") => Os::Linux,
        _ => Os::Other,
    }
}

pub(super) fn device(user_agent: &str, os: Os, browser: Browser, category: &str) -> DeviceClass {
    if TV_TOKENS.iter().any(|token| user_agent.contains(token)) {
        return DeviceClass::Tv;
    }
    let says_mobile = user_agent.contains("Mobile") || user_agent.contains("Mobi/");
    match os {
        Os::PlayStation | Os::Xbox | Os::Nintendo => DeviceClass::Tv,
        Os::IpadOs => DeviceClass::Tablet,
        Os::Android | Os::HarmonyOs | Os::Tizen => match () {
            // Opera Mini renders on a server and leaves "Mobile" out.
            () if browser == Browser::OperaMini => DeviceClass::Mobile,
            () if user_agent.contains("Tablet") => DeviceClass::Tablet,
            () if os == Os::HarmonyOs && user_agent.contains("(PC;") => DeviceClass::Desktop,
            () if says_mobile || user_agent.contains("(Phone;") => DeviceClass::Mobile,
            () => DeviceClass::Tablet,
        },
        Os::Ios | Os::WindowsPhone | Os::KaiOs => DeviceClass::Mobile,
        Os::Windows | Os::MacOs | Os::Linux | Os::ChromeOs | Os::Bsd => DeviceClass::Desktop,
        Os::WebOs | Os::Other => match category {
            "smartphone" | "mobilephone" => DeviceClass::Mobile,
            "pc" => DeviceClass::Desktop,
            _ if browser == Browser::OperaMini || says_mobile => DeviceClass::Mobile,
            _ => DeviceClass::Unknown,
        },
    }
}
