//! From a user agent to who is asking: a person with a browser, a system and a
//! device class, or a machine.
//!
//! Promises: total (any text has a verdict), and it keeps no text: the cache knows
//! an agent only by a keyed number made with a key of this process. Names and
//! codes come from closed lists, so nothing of the agent itself is ever stored.
//!
//! The order is: too short or too long, crawlers, our overlay for what woothee
//! does not know, woothee. Versions other than the browser's major one are not
//! read: Chrome and Safari have frozen them anyway.
//!
//! Measured with `cargo bench -p collector --bench agent` on two busy cores: 3.5 µs
//! an agent cold, 50 ns from the cache; the tables take 15 ms to build.

mod cache;
mod crawlers;
mod family;
mod overlay;
mod system;
#[cfg(test)]
mod table;

use store::event::DeviceClass;
use woothee::parser::Parser;

pub use crawlers::BotClass;
pub use family::{Browser, Os};

use cache::Cache;
use crawlers::Crawlers;
use overlay::Overlay;

/// Shortest agent of a browser is longer; shorter ones are tests and scripts.
const AGENT_BYTES_MIN: usize = 16;
/// Longest agents seen from people are web views of shops' apps, about 600 bytes;
/// past 1 KiB it is noise, and reading it would cost.
const AGENT_BYTES_MAX: usize = 1024;

/// A browser as far as we tell them apart.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Agent {
    pub browser: Browser,
    /// 0: not told.
    pub browser_major: u16,
    pub os: Os,
    pub device: DeviceClass,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    Human(Agent),
    Bot(BotClass),
}

/// All tables, built once. 7 MiB, most of it the crawlers' patterns.
pub struct Agents {
    crawlers: Crawlers,
    overlay: Overlay,
    cache: Cache,
}

impl Default for Agents {
    fn default() -> Self {
        Agents::new()
    }
}

impl Agents {
    pub fn new() -> Agents {
        Agents { crawlers: Crawlers::new(), overlay: Overlay::new(), cache: Cache::new() }
    }

    /// Reads an agent, from the cache if it was met lately.
    pub fn read(&self, user_agent: &str) -> Verdict {
        if !(AGENT_BYTES_MIN..=AGENT_BYTES_MAX).contains(&user_agent.len()) {
            return Verdict::Bot(BotClass::Malformed);
        }
        let name = self.cache.name(user_agent);
        if let Some(verdict) = self.cache.get(name) {
            return verdict;
        }
        let verdict = self.read_cold(user_agent);
        self.cache.put(name, verdict);
        verdict
    }

    /// Reads an agent without the cache; for tests and benches.
    #[doc(hidden)]
    pub fn read_cold(&self, user_agent: &str) -> Verdict {
        if !(AGENT_BYTES_MIN..=AGENT_BYTES_MAX).contains(&user_agent.len()) {
            return Verdict::Bot(BotClass::Malformed);
        }
        if let Some(class) = self.crawlers.class(user_agent) {
            return Verdict::Bot(class);
        }
        let parsed = Parser::new().parse(user_agent).unwrap_or_default();
        if parsed.category == "crawler" {
            return Verdict::Bot(BotClass::Other);
        }
        let (browser, browser_major) = self
            .overlay
            .browser(user_agent)
            .unwrap_or_else(|| (family::browser_by_woothee(parsed.name), overlay::major(parsed.version)));
        if browser == Browser::Other && !crawlers::looks_like_a_browser(user_agent) {
            return Verdict::Bot(BotClass::Other);
        }
        let os = system::os(user_agent, parsed.os);
        let device = system::device(user_agent, os, browser, parsed.category);
        Verdict::Human(Agent { browser, browser_major, os, device })
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn agents() -> &'static Agents {
        static AGENTS: std::sync::OnceLock<Agents> = std::sync::OnceLock::new();
        AGENTS.get_or_init(Agents::new)
    }

    #[test]
    fn every_agent_of_the_table_is_read_as_expected() {
        let mut wrong = Vec::new();
        for &(user_agent, expected) in table::TABLE {
            let read = table::short(agents().read_cold(user_agent));
            if read != expected {
                wrong.push(format!("{user_agent}\n   expected {expected}\n   but read {read}"));
            }
        }
        assert!(wrong.is_empty(), "{} of {}:\n{}", wrong.len(), table::TABLE.len(), wrong.join("\n"));
    }

    #[test]
    fn the_cache_gives_the_verdict_it_was_given() {
        for _ in 0..2 {
            for &(user_agent, expected) in table::TABLE {
                assert_eq!(table::short(agents().read(user_agent)), expected, "{user_agent}");
            }
        }
    }

    #[test]
    fn what_is_too_short_or_too_long_is_no_browser() {
        let long = format!("Mozilla/5.0 {}", "x".repeat(AGENT_BYTES_MAX));
        for user_agent in ["", "Mozilla/5.0", long.as_str()] {
            assert_eq!(agents().read(user_agent), Verdict::Bot(BotClass::Malformed));
        }
    }

    #[test]
    fn versions_below_the_major_and_the_device_model_do_not_change_the_answer() {
        let one = "Mozilla/5.0 (Linux; Android 13; SM-A536B) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.7339.51 Mobile Safari/537.36";
        let other = "Mozilla/5.0 (Linux; Android 15; Pixel 9) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.7339.207 Mobile Safari/537.36";
        assert_eq!(agents().read_cold(one), agents().read_cold(other));
    }

    proptest! {
        #[test]
        fn any_text_has_a_verdict_and_the_cache_agrees(text in "\\PC{0,300}") {
            prop_assert_eq!(agents().read(&text), agents().read_cold(&text));
            prop_assert_eq!(agents().read(&text), agents().read_cold(&text));
        }

        #[test]
        fn any_mixture_of_known_words_has_a_verdict(words in proptest::collection::vec(
            proptest::sample::select(vec![
                "Mozilla/5.0", "(", ")", "; wv)", "Android", "iPad", "Chrome/", "Version/", "Opera Mini/", "YaBrowser/",
                "99999999999999999999.1", "1.", "MSIE ", "Trident/7.0;", "Windows ", "Phone OS", "CPU OS 9_9_9 like Mac OS X",
                "é", "\u{0}", "Tablet", "SMART-TV", "FBAV/", "Instagram ", "DoCoMo/2.0 ", "KDDI-", "SoftBank/1.0/",
            ]), 1..40)) {
            let text = words.join("");
            prop_assert_eq!(agents().read(&text), agents().read_cold(&text));
        }
    }
}
