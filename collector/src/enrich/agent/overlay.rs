//! Browsers and apps that woothee, finished in 2021, takes for Chrome or Safari.
//! One Aho-Corasick pass; of the tokens found, the first in the list wins, so an
//! app's own name stands before the web view it runs in.

use aho_corasick::AhoCorasick;

use super::family::Browser;

/// Where the major version stands.
#[derive(Clone, Copy)]
enum Version {
    /// Behind the token itself.
    Behind,
    /// Behind another token.
    After(&'static str),
    /// Nowhere, or it would be an app's build number.
    Absent,
}

use Version::{Absent, After, Behind};

/// Order matters.
const TOKENS: &[(&str, Browser, Version)] = &[
    ("YaApp_", Browser::YandexApp, After("Chrome/")),
    ("YaSearchBrowser/", Browser::YandexApp, Behind),
    ("YaSearchApp/", Browser::YandexApp, Behind),
    ("MiuiBrowser/", Browser::Miui, Behind),
    ("HuaweiBrowser/", Browser::Huawei, Behind),
    ("UCBrowser/", Browser::Uc, Behind),
    ("UCWEB", Browser::Uc, Absent),
    ("Opera Mini/", Browser::OperaMini, Behind),
    ("OPiOS/", Browser::OperaMini, Behind),
    ("OPT/", Browser::Opera, Behind),
    ("OPX/", Browser::Opera, Behind),
    ("Barcelona ", Browser::Threads, Behind),
    ("Instagram ", Browser::Instagram, Behind),
    ("FBAN/", Browser::Facebook, After("FBAV/")),
    ("FBAV/", Browser::Facebook, Behind),
    ("FB_IAB/", Browser::Facebook, After("FBAV/")),
    ("MetaIAB Facebook", Browser::Facebook, Absent),
    ("VKAndroidApp", Browser::Vk, Absent),
    ("com.vk.vkclient", Browser::Vk, Absent),
    ("Telegram-Android/", Browser::Telegram, Behind),
    ("OdklAndroid/", Browser::Ok, Behind),
    ("MicroMessenger/", Browser::WeChat, Behind),
    ("BytedanceWebview/", Browser::TikTok, Absent),
    ("musical_ly", Browser::TikTok, Absent),
    ("trill_", Browser::TikTok, Absent),
    ("[Pinterest/", Browser::Pinterest, Absent),
    ("LinkedInApp", Browser::LinkedIn, Absent),
    ("Snapchat/", Browser::Snapchat, Behind),
    (" Line/", Browser::Line, Behind),
    (" Ddg/", Browser::DuckDuckGo, Behind),
    ("DuckDuckGo/", Browser::DuckDuckGo, Behind),
    ("VivoBrowser/", Browser::Vivo, Behind),
    ("HeyTapBrowser/", Browser::HeyTap, Behind),
    ("QQBrowser/", Browser::Qq, Behind),
    ("SogouMobileBrowser/", Browser::Sogou, Behind),
    (" MetaSr ", Browser::Sogou, Absent),
    ("baiduboxapp/", Browser::Baidu, Behind),
    ("Quark/", Browser::Quark, Behind),
    ("Whale/", Browser::Whale, Behind),
    ("coc_coc_browser/", Browser::CocCoc, Behind),
    ("Silk/", Browser::Silk, Behind),
    ("Puffin/", Browser::Puffin, Behind),
    ("Maxthon/", Browser::Maxthon, Behind),
    (" Atom/", Browser::Atom, Behind),
    // Firefox's privacy browser on iOS names Safari only.
    (" Focus/", Browser::Firefox, Behind),
    ("; wv)", Browser::AndroidWebView, After("Chrome/")),
    ("SMART-TV", Browser::SamsungTv, Absent),
    ("Web0S", Browser::LgTv, Absent),
];

pub(super) struct Overlay {
    tokens: AhoCorasick,
}

impl Overlay {
    pub(super) fn new() -> Overlay {
        let tokens = AhoCorasick::new(TOKENS.iter().map(|(token, _, _)| token))
            .expect("forty short tokens fit any automaton");
        Overlay { tokens }
    }

    /// The browser and its major version, if a token of ours is in the agent.
    pub(super) fn browser(&self, user_agent: &str) -> Option<(Browser, u16)> {
        let found = self.tokens.find_overlapping_iter(user_agent).min_by_key(|found| found.pattern())?;
        let &(_, browser, version) = TOKENS.get(found.pattern().as_usize())?;
        let major = match version {
            Behind => user_agent.get(found.end()..).map_or(0, major),
            After(token) => user_agent.split_once(token).map_or(0, |(_, rest)| major(rest)),
            Absent => 0,
        };
        Some((browser, major))
    }
}

/// The number at the start of `text`; 0 when there is none or it is no version.
pub(super) fn major(text: &str) -> u16 {
    let digits = text.bytes().take_while(u8::is_ascii_digit).count();
    text.get(..digits).and_then(|number| number.parse().ok()).unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_apps_name_wins_over_the_web_view_it_runs_in() {
        let agent = "Mozilla/5.0 (Linux; Android 14; K; wv) Chrome/131.0.1.2 Instagram 361.0.0.46.88 Android";
        assert_eq!(Overlay::new().browser(agent), Some((Browser::Instagram, 361)));
    }

    #[test]
    fn a_version_that_is_none_is_zero() {
        assert_eq!(major(""), 0);
        assert_eq!(major("x12"), 0);
        assert_eq!(major("140.0"), 140);
        assert_eq!(major("99999999"), 0);
    }
}
