//! Machines that name themselves: search engines, AI crawlers, monitors, previews,
//! libraries. The patterns are data (`collector/data/crawlers.txt`, renewed by the
//! script beside it); what that list lacks stands here.

use regex::bytes::{RegexSet, RegexSetBuilder};

/// What kind of machine. For counting by kind; all kinds are refused alike.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[repr(u8)]
pub enum BotClass {
    Other = 0,
    Malformed = 1,
    Search = 2,
    Ai = 3,
    Preview = 4,
    Monitoring = 5,
    Seo = 6,
    Advertising = 7,
    FeedReader = 8,
    Library = 9,
    Automation = 10,
    Scanner = 11,
    Archiver = 12,
    Academic = 13,
}

impl BotClass {
    pub const ALL: &[BotClass] = &[
        BotClass::Other,
        BotClass::Malformed,
        BotClass::Search,
        BotClass::Ai,
        BotClass::Preview,
        BotClass::Monitoring,
        BotClass::Seo,
        BotClass::Advertising,
        BotClass::FeedReader,
        BotClass::Library,
        BotClass::Automation,
        BotClass::Scanner,
        BotClass::Archiver,
        BotClass::Academic,
    ];

    /// For metrics; the words of the list where it has one.
    pub const fn label(self) -> &'static str {
        match self {
            BotClass::Other => "other",
            BotClass::Malformed => "malformed",
            BotClass::Search => "search-engine",
            BotClass::Ai => "ai-crawler",
            BotClass::Preview => "social-preview",
            BotClass::Monitoring => "monitoring",
            BotClass::Seo => "seo",
            BotClass::Advertising => "advertising",
            BotClass::FeedReader => "feed-reader",
            BotClass::Library => "http-library",
            BotClass::Automation => "browser-automation",
            BotClass::Scanner => "scanner",
            BotClass::Archiver => "archiver",
            BotClass::Academic => "academic",
        }
    }

    fn from_label(label: &str) -> Option<BotClass> {
        BotClass::ALL.iter().copied().find(|class| class.label() == label)
    }

    pub(super) fn from_code(code: u8) -> Option<BotClass> {
        BotClass::ALL.get(usize::from(code)).copied()
    }
}

const LIST: &str = include_str!("../../../data/crawlers.txt");

/// What the list lacks, or puts into a class that an owner would not look for.
const BEFORE_THE_LIST: &[(BotClass, &str)] = &[
    (BotClass::Search, r"Mail\.RU_Bot"),
    (BotClass::Search, r"\bYandex[A-Za-z]*(Bot|Resources)\b"),
    (BotClass::Monitoring, r"YandexMetrika/"),
    (BotClass::Library, r"^Dalvik/"),
    (BotClass::Library, r" CFNetwork/"),
    (
        BotClass::Library,
        r"^(Java|Ruby|PostmanRuntime|Apache-HttpClient|undici|Dart|libwww-perl|GuzzleHttp)\b",
    ),
];

/// A robot's manners: "+http://…" tells whom to write to. No browser does it.
const AFTER_THE_LIST: &[(BotClass, &str)] = &[(BotClass::Other, r"\+https?://")];

/// The compiled patterns may take this many bytes; 1,500 patterns take about 6 MiB.
const PATTERNS_BYTES_MAX: usize = 32 * 1024 * 1024;

pub(super) struct Crawlers {
    patterns: RegexSet,
    classes: Vec<BotClass>,
}

impl Crawlers {
    pub(super) fn new() -> Crawlers {
        let (classes, patterns): (Vec<BotClass>, Vec<&str>) =
            BEFORE_THE_LIST.iter().copied().chain(entries()).chain(AFTER_THE_LIST.iter().copied()).unzip();
        let patterns = RegexSetBuilder::new(patterns)
            .unicode(false)
            .size_limit(PATTERNS_BYTES_MAX)
            .dfa_size_limit(PATTERNS_BYTES_MAX)
            .build()
            .expect("the list is compiled in and a test builds it");
        Crawlers { patterns, classes }
    }

    /// The class of the first pattern in the list that matches.
    pub(super) fn class(&self, user_agent: &str) -> Option<BotClass> {
        // People are many and machines few: asking whether before asking which
        // stops at the first byte that decides it.
        if !self.patterns.is_match(user_agent.as_bytes()) {
            return None;
        }
        self.patterns
            .matches(user_agent.as_bytes())
            .iter()
            .next()
            .and_then(|first| self.classes.get(first).copied())
    }
}

/// Whether an agent that names no browser we know may still be one. Every browser
/// in use begins with `Mozilla/` or, Opera Mini and old feature phones, the others.
pub(super) fn looks_like_a_browser(user_agent: &str) -> bool {
    ["Mozilla/", "Opera/", "UCWEB/", "Nokia", "SAMSUNG-", "SonyEricsson", "LG-", "BlackBerry"]
        .iter()
        .any(|start| user_agent.starts_with(start))
}

fn entries() -> impl Iterator<Item = (BotClass, &'static str)> {
    LIST.lines().filter(|line| !line.starts_with('#')).filter_map(|line| {
        let (label, pattern) = line.split_once('\t')?;
        Some((BotClass::from_label(label)?, pattern))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_line_of_the_list_is_read() {
        let lines = LIST.lines().filter(|line| !line.starts_with('#')).count();
        assert!(lines > 1_400, "{lines}");
        assert_eq!(entries().count(), lines);
    }

    #[test]
    fn the_list_carries_its_notice_and_its_version() {
        assert!(LIST.contains("The MIT License (MIT)") && LIST.contains("Martin Monperrus"));
        assert!(LIST.contains("crawler-user-agents 1."));
    }

    #[test]
    fn a_class_has_one_code_and_one_label() {
        for (code, &class) in BotClass::ALL.iter().enumerate() {
            assert_eq!(class as usize, code);
            assert_eq!(BotClass::from_label(class.label()), Some(class));
        }
    }

    #[test]
    fn a_models_or_a_habits_name_makes_no_robot() {
        let crawlers = Crawlers::new();
        for word in
            ["CUBOT_X18_Plus", "HTC Butterfly 2", "Odin", "U FEEL FEVER", "Sonic", "Build/RP1A.200720.008"]
        {
            let agent = format!(
                "Mozilla/5.0 (Linux; Android 11; {word}) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/120.0.0.0 Mobile Safari/537.36"
            );
            assert_eq!(crawlers.class(&agent), None, "{word}");
        }
    }
}
