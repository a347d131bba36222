//! The closed lists of browsers and systems, each with a code and a name.
//!
//! The codes go into the visitor's message (privacy.md section 5.3), the names into
//! the tables. Both lists only ever grow at the end: a code that changed would
//! split visitors, a name that changed would split reports. A test holds them.

/// An enum whose variants carry a frozen code and a display name.
macro_rules! frozen_list {
    ($(#[$doc:meta])* $list:ident { $($variant:ident = $code:literal $name:literal,)* }) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
        #[repr(u8)]
        pub enum $list { $($variant = $code,)* }

        impl $list {
            pub const ALL: &[$list] = &[$($list::$variant,)*];

            /// For the visitor's message; 0 is `Other`.
            pub const fn code(self) -> u8 {
                self as u8
            }

            /// For tables and reports.
            pub const fn name(self) -> &'static str {
                match self { $($list::$variant => $name,)* }
            }

            pub(super) const fn from_code(code: u8) -> Option<$list> {
                match code { $($code => Some($list::$variant),)* _ => None }
            }
        }
    };
}

frozen_list! {
    /// A browser or, where a page is read inside an app, that app.
    Browser {
        Other = 0 "Other",
        Chrome = 1 "Chrome",
        Safari = 2 "Safari",
        Firefox = 3 "Firefox",
        Edge = 4 "Edge",
        Opera = 5 "Opera",
        Yandex = 6 "Yandex Browser",
        YandexApp = 7 "Yandex app",
        Samsung = 8 "Samsung Internet",
        Miui = 9 "MIUI Browser",
        Huawei = 10 "Huawei Browser",
        Uc = 11 "UC Browser",
        OperaMini = 12 "Opera Mini",
        Instagram = 13 "Instagram",
        Facebook = 14 "Facebook",
        Vk = 15 "VK",
        Telegram = 16 "Telegram",
        DuckDuckGo = 17 "DuckDuckGo",
        AndroidWebView = 18 "Android WebView",
        AppleWebView = 19 "iOS WebView",
        Vivaldi = 20 "Vivaldi",
        GoogleApp = 21 "Google app",
        InternetExplorer = 22 "Internet Explorer",
        SamsungTv = 23 "Samsung TV",
        LgTv = 24 "LG TV",
        Atom = 25 "Atom",
        WeChat = 26 "WeChat",
        TikTok = 27 "TikTok",
        Pinterest = 28 "Pinterest",
        LinkedIn = 29 "LinkedIn",
        Snapchat = 30 "Snapchat",
        Line = 31 "LINE",
        Vivo = 32 "vivo Browser",
        HeyTap = 33 "HeyTap Browser",
        Qq = 34 "QQ Browser",
        Sogou = 35 "Sogou Browser",
        Baidu = 36 "Baidu",
        Quark = 37 "Quark",
        Whale = 38 "Whale",
        CocCoc = 39 "Cốc Cốc",
        Silk = 40 "Silk",
        Puffin = 41 "Puffin",
        Maxthon = 42 "Maxthon",
        Ok = 43 "OK",
        Threads = 44 "Threads",
    }
}

frozen_list! {
    /// A system, without its version.
    Os {
        Other = 0 "Other",
        Windows = 1 "Windows",
        MacOs = 2 "macOS",
        Linux = 3 "Linux",
        Android = 4 "Android",
        Ios = 5 "iOS",
        IpadOs = 6 "iPadOS",
        ChromeOs = 7 "ChromeOS",
        HarmonyOs = 8 "HarmonyOS",
        Tizen = 9 "Tizen",
        WebOs = 10 "webOS",
        Bsd = 11 "BSD",
        PlayStation = 12 "PlayStation",
        Xbox = 13 "Xbox",
        Nintendo = 14 "Nintendo",
        WindowsPhone = 15 "Windows Phone",
        KaiOs = 16 "KaiOS",
    }
}

/// woothee's name for a browser as ours.
pub(super) fn browser_by_woothee(name: &str) -> Browser {
    match name {
        "Chrome" => Browser::Chrome,
        "Safari" => Browser::Safari,
        "Firefox" => Browser::Firefox,
        "Edge" => Browser::Edge,
        "Opera" => Browser::Opera,
        "Yandex Browser" => Browser::Yandex,
        "SamsungBrowser" => Browser::Samsung,
        "Vivaldi" => Browser::Vivaldi,
        "Google Search App" => Browser::GoogleApp,
        "Internet Explorer" => Browser::InternetExplorer,
        "Webview" => Browser::AppleWebView,
        _ => Browser::Other,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Never edit a line of this; a new browser or system is a new line at the end.
    const BROWSERS: &str = "0 Other|1 Chrome|2 Safari|3 Firefox|4 Edge|5 Opera|6 Yandex Browser|7 Yandex app|\
        8 Samsung Internet|9 MIUI Browser|10 Huawei Browser|11 UC Browser|12 Opera Mini|13 Instagram|14 Facebook|\
        15 VK|16 Telegram|17 DuckDuckGo|18 Android WebView|19 iOS WebView|20 Vivaldi|21 Google app|\
        22 Internet Explorer|23 Samsung TV|24 LG TV|25 Atom|26 WeChat|27 TikTok|28 Pinterest|29 LinkedIn|\
        30 Snapchat|31 LINE|32 vivo Browser|33 HeyTap Browser|34 QQ Browser|35 Sogou Browser|36 Baidu|37 Quark|\
        38 Whale|39 Cốc Cốc|40 Silk|41 Puffin|42 Maxthon|43 OK|44 Threads";
    const SYSTEMS: &str = "0 Other|1 Windows|2 macOS|3 Linux|4 Android|5 iOS|6 iPadOS|7 ChromeOS|8 HarmonyOS|\
        9 Tizen|10 webOS|11 BSD|12 PlayStation|13 Xbox|14 Nintendo|15 Windows Phone|16 KaiOS";

    #[test]
    fn codes_and_names_are_frozen() {
        let browsers: Vec<_> =
            Browser::ALL.iter().map(|one| format!("{} {}", one.code(), one.name())).collect();
        assert_eq!(browsers.join("|"), BROWSERS);
        let systems: Vec<_> = Os::ALL.iter().map(|one| format!("{} {}", one.code(), one.name())).collect();
        assert_eq!(systems.join("|"), SYSTEMS);
    }

    #[test]
    fn a_code_leads_back_to_its_entry() {
        assert!(Browser::ALL.iter().all(|&one| Browser::from_code(one.code()) == Some(one)));
        assert!(Os::ALL.iter().all(|&one| Os::from_code(one.code()) == Some(one)));
        assert_eq!(Browser::from_code(255), None);
    }
}
