//! What comes of referrers and tags, case by case. Every entry of `sources.toml` has
//! its line here; a test in `table.rs` holds that.

use url::Url;

use super::{Attribution, Campaign, Sources};

/// A referrer and `name / channel`.
#[rustfmt::skip]
pub(super) const REFERRERS: &[(&str, &str)] = &[
    ("https://yandex.ru/", "Yandex / search"),
    ("https://yandex.kz/", "Yandex / search"),
    ("https://www.yandex.com.tr/", "Yandex / search"),
    ("https://ya.ru/", "Yandex / search"),
    ("https://www.ya.ru./", "Yandex / search"),
    ("android-app://ru.yandex.searchplugin/", "Yandex / search"),
    ("android-app://com.yandex.browser/", "Yandex / search"),
    ("https://www.google.com/", "Google / search"),
    ("https://google.de/", "Google / search"),
    ("https://www.google.co.uk/", "Google / search"),
    ("https://www.bing.com/", "Bing / search"),
    ("https://duckduckgo.com/", "DuckDuckGo / search"),
    ("android-app://com.duckduckgo.mobile.android/", "DuckDuckGo / search"),
    ("https://go.mail.ru/", "Mail.ru Search / search"),
    ("https://search.mail.ru/", "Mail.ru Search / search"),
    ("https://nova.rambler.ru/", "Rambler / search"),
    ("https://rambler.ru/", "Rambler / search"),
    ("https://search.yahoo.com/", "Yahoo / search"),
    ("https://baidu.com/", "Baidu / search"),
    ("https://sogou.com/", "Sogou / search"),
    ("https://so.com/", "360 Search / search"),
    ("https://naver.com/", "Naver / search"),
    ("https://daum.net/", "Daum / search"),
    ("https://seznam.cz/", "Seznam / search"),
    ("https://ecosia.org/", "Ecosia / search"),
    ("https://qwant.com/", "Qwant / search"),
    ("https://startpage.com/", "Startpage / search"),
    ("https://search.brave.com/", "Brave Search / search"),
    ("https://kagi.com/", "Kagi / search"),
    ("https://coccoc.com/", "Cốc Cốc / search"),
    ("https://swisscows.com/", "Swisscows / search"),
    ("https://mojeek.com/", "Mojeek / search"),
    ("https://chatgpt.com/", "ChatGPT / ai"),
    ("https://chat.openai.com/", "ChatGPT / ai"),
    ("android-app://com.openai.chatgpt/", "ChatGPT / ai"),
    ("https://perplexity.ai/", "Perplexity / ai"),
    ("android-app://ai.perplexity.app.android/", "Perplexity / ai"),
    ("https://claude.ai/", "Claude / ai"),
    ("android-app://com.anthropic.claude/", "Claude / ai"),
    ("https://gemini.google.com/", "Gemini / ai"),
    ("android-app://com.google.android.apps.bard/", "Gemini / ai"),
    ("https://notebooklm.google.com/", "NotebookLM / ai"),
    ("https://copilot.microsoft.com/", "Copilot / ai"),
    ("https://copilot.cloud.microsoft/", "Copilot / ai"),
    ("android-app://com.microsoft.copilot/", "Copilot / ai"),
    ("https://chat.deepseek.com/", "DeepSeek / ai"),
    ("https://deepseek.com/", "DeepSeek / ai"),
    ("android-app://com.deepseek.chat/", "DeepSeek / ai"),
    ("https://chat.qwen.ai/", "Qwen / ai"),
    ("https://qwen.ai/", "Qwen / ai"),
    ("https://chat.mistral.ai/", "Mistral / ai"),
    ("https://grok.com/", "Grok / ai"),
    ("https://meta.ai/", "Meta AI / ai"),
    ("https://you.com/", "You.com / ai"),
    ("https://poe.com/", "Poe / ai"),
    ("https://phind.com/", "Phind / ai"),
    ("https://kimi.com/", "Kimi / ai"),
    ("https://doubao.com/", "Doubao / ai"),
    ("https://alice.yandex.ru/", "Alice / ai"),
    ("https://giga.chat/", "GigaChat / ai"),
    ("https://gigachat.ru/", "GigaChat / ai"),
    ("https://vk.com/away.php?to=x", "VK / social"),
    ("https://m.vk.com/", "VK / social"),
    ("https://away.vk.com/", "VK / social"),
    ("https://VK.COM/", "VK / social"),
    ("https://vk.ru/", "VK / social"),
    ("android-app://com.vkontakte.android/", "VK / social"),
    ("https://ok.ru/", "OK / social"),
    ("https://m.ok.ru/", "OK / social"),
    ("https://odnoklassniki.ru/", "OK / social"),
    ("android-app://ru.ok.android/", "OK / social"),
    ("https://my.mail.ru/", "Moi Mir / social"),
    ("https://l.facebook.com/", "Facebook / social"),
    ("https://lm.facebook.com/", "Facebook / social"),
    ("https://m.facebook.com/", "Facebook / social"),
    ("https://fb.com/", "Facebook / social"),
    ("https://fb.me/", "Facebook / social"),
    ("android-app://com.facebook.katana/", "Facebook / social"),
    ("https://l.instagram.com/", "Instagram / social"),
    ("android-app://com.instagram.android/", "Instagram / social"),
    ("https://threads.net/", "Threads / social"),
    ("https://threads.com/", "Threads / social"),
    ("android-app://com.instagram.barcelona/", "Threads / social"),
    ("https://x.com/", "X / social"),
    ("https://twitter.com/", "X / social"),
    ("https://t.co/", "X / social"),
    ("android-app://com.twitter.android/", "X / social"),
    ("https://linkedin.com/", "LinkedIn / social"),
    ("https://lnkd.in/", "LinkedIn / social"),
    ("android-app://com.linkedin.android/", "LinkedIn / social"),
    ("https://www.pinterest.com/", "Pinterest / social"),
    ("https://ru.pinterest.com/", "Pinterest / social"),
    ("https://pinterest.co.kr/", "Pinterest / social"),
    ("https://pin.it/", "Pinterest / social"),
    ("android-app://com.pinterest/", "Pinterest / social"),
    ("https://reddit.com/", "Reddit / social"),
    ("android-app://com.reddit.frontpage/", "Reddit / social"),
    ("https://tiktok.com/", "TikTok / social"),
    ("android-app://com.zhiliaoapp.musically/", "TikTok / social"),
    ("https://youtube.com/", "YouTube / social"),
    ("https://youtu.be/", "YouTube / social"),
    ("android-app://com.google.android.youtube/", "YouTube / social"),
    ("https://rutube.ru/", "RuTube / social"),
    ("android-app://ru.rutube.app/", "RuTube / social"),
    ("https://vkvideo.ru/", "VK Video / social"),
    ("https://somebody.livejournal.com/", "LiveJournal / social"),
    ("https://tenchat.ru/", "TenChat / social"),
    ("https://bsky.app/", "Bluesky / social"),
    ("https://mastodon.social/", "Mastodon / social"),
    ("android-app://org.joinmastodon.android/", "Mastodon / social"),
    ("https://tumblr.com/", "Tumblr / social"),
    ("https://habr.com/", "Habr / social"),
    ("https://pikabu.ru/", "Pikabu / social"),
    ("https://vc.ru/", "VC.ru / social"),
    ("https://dtf.ru/", "DTF / social"),
    ("https://news.ycombinator.com/", "Hacker News / social"),
    ("https://t.me/", "Telegram / messenger"),
    ("https://web.telegram.org/", "Telegram / messenger"),
    ("https://telegram.me/", "Telegram / messenger"),
    ("android-app://org.telegram.messenger/", "Telegram / messenger"),
    ("android-app://org.telegram.messenger.web/", "Telegram / messenger"),
    ("android-app://org.thunderdog.challegram/", "Telegram / messenger"),
    ("https://web.whatsapp.com/", "WhatsApp / messenger"),
    ("https://wa.me/", "WhatsApp / messenger"),
    ("android-app://com.whatsapp/", "WhatsApp / messenger"),
    ("android-app://com.whatsapp.w4b/", "WhatsApp / messenger"),
    ("https://viber.com/", "Viber / messenger"),
    ("android-app://com.viber.voip/", "Viber / messenger"),
    ("https://max.ru/", "MAX / messenger"),
    ("https://web.max.ru/", "MAX / messenger"),
    ("android-app://ru.oneme.app/", "MAX / messenger"),
    ("https://vk.me/", "VK Messenger / messenger"),
    ("https://messenger.com/", "Messenger / messenger"),
    ("https://m.me/", "Messenger / messenger"),
    ("android-app://com.facebook.orca/", "Messenger / messenger"),
    ("https://discord.com/", "Discord / messenger"),
    ("https://discordapp.com/", "Discord / messenger"),
    ("android-app://com.discord/", "Discord / messenger"),
    ("https://slack.com/", "Slack / messenger"),
    ("android-app://com.slack/", "Slack / messenger"),
    ("https://teams.microsoft.com/", "Microsoft Teams / messenger"),
    ("https://teams.live.com/", "Microsoft Teams / messenger"),
    ("android-app://com.microsoft.teams/", "Microsoft Teams / messenger"),
    ("https://chat.google.com/", "Google Chat / messenger"),
    ("https://wechat.com/", "WeChat / messenger"),
    ("https://weixin.qq.com/", "WeChat / messenger"),
    ("android-app://com.tencent.mm/", "WeChat / messenger"),
    ("https://line.me/", "LINE / messenger"),
    ("android-app://jp.naver.line.android/", "LINE / messenger"),
    ("https://dzen.ru/", "Dzen / recommend"),
    ("https://zen.yandex.ru/", "Dzen / recommend"),
    ("https://zen.yandex.com/", "Dzen / recommend"),
    ("android-app://com.yandex.zen/", "Dzen / recommend"),
    ("android-app://com.google.android.googlequicksearchbox/", "Google Discover / recommend"),
    ("https://news.google.com/", "Google News / recommend"),
    ("android-app://com.google.android.apps.magazines/", "Google News / recommend"),
    ("https://flipboard.com/", "Flipboard / recommend"),
    ("android-app://flipboard.app/", "Flipboard / recommend"),
    ("https://pulse.mail.ru/", "Pulse Mail.ru / recommend"),
    ("https://mirtesen.ru/", "MirTesen / recommend"),
    ("https://smi2.ru/", "SMI2 / recommend"),
    ("https://getpocket.com/", "Pocket / recommend"),
    ("android-app://com.ideashower.readitlater.pro/", "Pocket / recommend"),
    ("https://mail.google.com/", "Gmail / email"),
    ("android-app://com.google.android.gm/", "Gmail / email"),
    ("https://e.mail.ru/", "Mail.ru Mail / email"),
    ("https://touch.mail.ru/", "Mail.ru Mail / email"),
    ("https://light.mail.ru/", "Mail.ru Mail / email"),
    ("android-app://ru.mail.mailapp/", "Mail.ru Mail / email"),
    ("https://mail.yandex.ru/", "Yandex Mail / email"),
    ("https://mail.yandex.com/", "Yandex Mail / email"),
    ("android-app://ru.yandex.mail/", "Yandex Mail / email"),
    ("https://outlook.live.com/", "Outlook / email"),
    ("https://outlook.office.com/", "Outlook / email"),
    ("https://outlook.office365.com/", "Outlook / email"),
    ("android-app://com.microsoft.office.outlook/", "Outlook / email"),
    ("https://mail.rambler.ru/", "Rambler Mail / email"),
    ("https://mail.proton.me/", "Proton Mail / email"),
    ("https://mail.yahoo.com/", "Yahoo Mail / email"),
    ("https://unisender.com/", "Unisender / email"),
    ("https://sendpulse.com/", "SendPulse / email"),
    ("https://sendsay.ru/", "Sendsay / email"),
    ("https://list-manage.com/", "Mailchimp / email"),
    ("https://an.yandex.ru/", "Yandex Direct / ad"),
    ("https://yabs.yandex.ru/", "Yandex Direct / ad"),
    ("https://googleadservices.com/", "Google Ads / ad"),
    ("https://doubleclick.net/", "Google Ads / ad"),
    ("https://googlesyndication.com/", "Google Ads / ad"),
    ("https://ads.vk.com/", "VK Ads / ad"),
    ("https://ads.vk.ru/", "VK Ads / ad"),
    ("https://target.my.com/", "VK Ads / ad"),
    ("https://mgid.com/", "MGID / ad"),
    ("https://taboola.com/", "Taboola / ad"),
    ("https://outbrain.com/", "Outbrain / ad"),
    ("https://criteo.com/", "Criteo / ad"),
    ("https://adriver.ru/", "AdRiver / ad"),
    ("https://maps.yandex.ru/", "Yandex Maps / referral"),
    ("android-app://ru.yandex.yandexmaps/", "Yandex Maps / referral"),
    ("https://market.yandex.ru/", "Yandex Market / referral"),
    ("android-app://ru.beru.android/", "Yandex Market / referral"),
    ("https://metrika.yandex.ru/", "Yandex Metrika / referral"),
    ("https://metrica.yandex.ru/", "Yandex Metrika / referral"),
    ("https://webvisor.com/", "Yandex Metrika / referral"),
    ("https://example.turbopages.org/", "Yandex Turbo / referral"),
    ("https://uslugi.yandex.ru/", "Yandex Services / referral"),
    ("https://translate.yandex.ru/", "Yandex Translate / referral"),
    ("https://webmaster.yandex.ru/", "Yandex Webmaster / referral"),
    ("https://maps.google.ru/", "Google Maps / referral"),
    ("android-app://com.google.android.apps.maps/", "Google Maps / referral"),
    ("https://docs.google.com/", "Google Docs / referral"),
    ("https://drive.google.com/", "Google Docs / referral"),
    ("https://translate.google.ru/", "Google Translate / referral"),
    ("https://example-ru.translate.goog/", "Google Translate / referral"),
    ("https://play.google.com/", "Google Play / referral"),
    ("android-app://com.android.vending/", "Google Play / referral"),
    ("https://mail.ru/", "Mail.ru / referral"),
    ("https://2gis.ru/", "2GIS / referral"),
    ("https://2gis.kz/", "2GIS / referral"),
    ("android-app://ru.dublgis.dgismobile/", "2GIS / referral"),
    ("https://avito.ru/", "Avito / referral"),
    ("android-app://com.avito.android/", "Avito / referral"),
    ("https://ru.wikipedia.org/", "Wikipedia / referral"),
    ("https://github.com/", "GitHub / referral"),
    ("android-app://com.github.android/", "GitHub / referral"),
    // Traps.
    ("https://yandex.ru/search/?text=мостик", "Yandex / search"),
    ("https://yandex.ru/maps/", "Yandex / search"), // the path is not kept: only the host speaks
    ("https://yandex.ru:443/", "Yandex / search"),
    ("https://WWW.YANDEX.RU./", "Yandex / search"),
    ("http://www.google.ru/", "Google / search"),
    ("https://google.shop/", "google.shop / referral"),
    ("https://notyandex.ru/", "notyandex.ru / referral"),
    ("https://yandex.ru.evil.example/", "evil.example / referral"),
    ("https://dzen.ru/news/", "Dzen / recommend"),
    ("https://go.mail.ru/search?q=x", "Mail.ru Search / search"),
    ("https://e.mail.ru/inbox/", "Mail.ru Mail / email"),
    ("https://news.mail.ru/", "Mail.ru / referral"),
    ("https://sub.domain.example.com/", "example.com / referral"),
    ("https://user.github.io/", "user.github.io / referral"),
    ("https://пример.рф/", "пример.рф / referral"),
    ("https://xn--e1afmkfd.xn--p1ai/", "пример.рф / referral"),
    ("ios-app://com.example.reader/", "com.example.reader / referral"),
    ("android-app://com.example.reader/https/x", "com.example.reader / referral"),
    ("http://203.0.113.7/", " / direct"),
    ("http://localhost:3000/", " / direct"),
    ("about:blank", " / direct"),
    ("https://shop.test/cart", " / internal"),
    ("https://www.shop.test/", " / internal"),
];

/// Values of `utm_source`, separated by spaces, and `name / channel`.
#[rustfmt::skip]
pub(super) const ALIASES: &[(&str, &str)] = &[
    ("yandex yandex.ru ya ya.ru ya-search yandex-search", "Yandex / search"),
    ("google google.com google.ru", "Google / search"),
    ("bing bing.com", "Bing / search"),
    ("duckduckgo duckduckgo.com", "DuckDuckGo / search"),
    ("rambler", "Rambler / search"),
    ("yahoo", "Yahoo / search"),
    ("baidu", "Baidu / search"),
    ("chatgpt.com chatgpt openai", "ChatGPT / ai"),
    ("perplexity perplexity.ai", "Perplexity / ai"),
    ("claude claude.ai", "Claude / ai"),
    ("gemini", "Gemini / ai"),
    ("copilot copilot.com", "Copilot / ai"),
    ("deepseek", "DeepSeek / ai"),
    ("grok", "Grok / ai"),
    ("alice alisa", "Alice / ai"),
    ("gigachat", "GigaChat / ai"),
    ("vk vk.com vk.ru vkontakte", "VK / social"),
    ("ok ok.ru odnoklassniki", "OK / social"),
    ("facebook fb facebook.com", "Facebook / social"),
    ("instagram ig inst insta", "Instagram / social"),
    ("threads", "Threads / social"),
    ("x x.com twitter twitter.com", "X / social"),
    ("linkedin", "LinkedIn / social"),
    ("pinterest", "Pinterest / social"),
    ("reddit", "Reddit / social"),
    ("tiktok", "TikTok / social"),
    ("youtube yt youtube.com", "YouTube / social"),
    ("rutube", "RuTube / social"),
    ("vkvideo", "VK Video / social"),
    ("livejournal lj", "LiveJournal / social"),
    ("tenchat", "TenChat / social"),
    ("bluesky", "Bluesky / social"),
    ("mastodon", "Mastodon / social"),
    ("habr habr.com", "Habr / social"),
    ("pikabu", "Pikabu / social"),
    ("vc vc.ru vcru", "VC.ru / social"),
    ("hackernews", "Hacker News / social"),
    ("telegram tg t.me tgram", "Telegram / messenger"),
    ("whatsapp wa", "WhatsApp / messenger"),
    ("viber", "Viber / messenger"),
    ("max max.ru", "MAX / messenger"),
    ("discord", "Discord / messenger"),
    ("slack", "Slack / messenger"),
    ("wechat", "WeChat / messenger"),
    ("dzen zen yandex.zen yandex-zen dzen.ru", "Dzen / recommend"),
    ("mirtesen", "MirTesen / recommend"),
    ("smi2", "SMI2 / recommend"),
    ("pocket", "Pocket / recommend"),
    ("gmail", "Gmail / email"),
    ("outlook", "Outlook / email"),
    ("unisender", "Unisender / email"),
    ("sendpulse", "SendPulse / email"),
    ("sendsay", "Sendsay / email"),
    ("mailchimp", "Mailchimp / email"),
    ("email newsletter mail rassylka рассылка письмо", "Newsletter / email"),
    ("yandex_direct yandex-direct yandexdirect ydirect yadirect direct.yandex", "Yandex Direct / ad"),
    ("google_ads google-ads googleads adwords google_adwords", "Google Ads / ad"),
    ("vk_ads vk-ads vkads mytarget my_target vktarget", "VK Ads / ad"),
    ("taboola", "Taboola / ad"),
    ("outbrain", "Outbrain / ad"),
    ("criteo", "Criteo / ad"),
    ("adriver", "AdRiver / ad"),
    ("yandex_maps yandex-maps yandexmaps yamaps", "Yandex Maps / referral"),
    ("yandex_market yandex-market yandexmarket market.yandex.ru", "Yandex Market / referral"),
    ("turbo", "Yandex Turbo / referral"),
    ("google_maps google-maps gmb", "Google Maps / referral"),
    ("mail.ru mailru", "Mail.ru / referral"),
    ("2gis", "2GIS / referral"),
    ("avito", "Avito / referral"),
    ("github", "GitHub / referral"),
];

fn attribute(referrer: &str, query: &str) -> Attribution {
    let page = Url::parse(&format!("https://shop.test/?{query}")).unwrap();
    let referrer = Url::parse(referrer).ok();
    let is_own = |host: &str| host == "shop.test" || host.ends_with(".shop.test");
    Sources::new().attribute(referrer.as_ref(), &Campaign::of(&page), is_own)
}

#[track_caller]
fn check(referrer: &str, query: &str, expected: &str) {
    let found = attribute(referrer, query);
    assert_eq!(format!("{} / {}", found.source, found.channel.name()), expected, "{referrer} ?{query}");
}

#[test]
fn every_referrer_is_attributed_as_expected() {
    for &(referrer, expected) in REFERRERS {
        check(referrer, "", expected);
    }
}

#[test]
fn every_alias_is_attributed_as_expected() {
    for &(aliases, expected) in ALIASES {
        for alias in aliases.split(' ') {
            check("", &format!("utm_source={alias}"), expected);
        }
    }
}

#[test]
fn the_site_itself_is_no_new_source_whatever_the_tags() {
    check("https://shop.test/", "utm_source=vk&utm_medium=cpc", " / internal");
}

#[test]
fn ads_go_before_everything_from_outside() {
    check("https://yandex.ru/", "yclid=1", "Yandex / ad");
    check("", "yclid=1", "Yandex / ad");
    check("", "gclid=1&utm_source=google&utm_medium=organic", "Google / ad");
    check("https://t.me/", "utm_source=tg&utm_medium=cpm", "Telegram / ad");
    check("https://vk.com/", "utm_medium=paid-social", "VK / ad");
    check("", "utm_source=yandex&utm_medium=cpc", "Yandex / ad");
    check("", "utm_source=ydirect", "Yandex Direct / ad");
    check("", "utm_source=promoblog&utm_medium=banner", "promoblog / ad");
    check("https://blog.example/", "erid=2VtzqwAbCdE", "blog.example / ad");
    check("", "erid=2VtzqwAbCdE", "erid / ad");
    check("", "rb_clickid=1", "VK Ads / ad");
}

#[test]
fn a_medium_goes_before_the_source_and_the_referrer() {
    check("https://e.mail.ru/", "utm_source=unisender&utm_medium=email", "Unisender / email");
    check("", "utm_source=yandex&utm_medium=email", "Yandex / email");
    check("", "utm_medium=email", " / email");
    check("https://vk.com/", "utm_source=blogger&utm_medium=referral", "blogger / referral");
}

#[test]
fn a_source_goes_before_the_referrer() {
    check("https://www.google.com/", "utm_source=chatgpt.com", "ChatGPT / ai");
    check("https://vk.com/", "utm_source=partner_7", "partner_7 / referral");
    check("", "utm_source=vk&utm_medium=push", "VK / social");
    check("", "utm_source=весна", "весна / referral");
}

#[test]
fn a_hint_is_believed_only_when_the_table_knows_it() {
    check("", "ref=telegram", "Telegram / messenger");
    check("", "ref=ivan_petrov", " / direct");
    check("https://dzen.ru/", "ref=ivan_petrov", "Dzen / recommend");
}

#[test]
fn an_address_copied_from_the_search_results_belongs_to_who_spread_it() {
    check("", "ysclid=m1x2", "Yandex / search");
    check("https://vk.com/", "ysclid=m1x2", "VK / social");
    check("", "fbclid=IwAR", "Facebook / social");
}

#[test]
fn a_referrer_lost_in_a_redirect_is_taken_from_the_tag() {
    check("", "utm_referrer=https%3A%2F%2Fdzen.ru%2Fa%2Fsecret", "Dzen / recommend");
    check("https://ya.ru/", "utm_referrer=https%3A%2F%2Fdzen.ru", "Yandex / search");
}

#[test]
fn of_a_referrer_the_host_is_kept_and_nothing_more() {
    for (referrer, kept) in [
        ("https://www.google.com/search?q=ivan", "google.com"),
        ("https://mail.google.com/mail/u/0/", "mail.google.com"),
        ("https://ivan.petrov.example.com/diary", "example.com"),
        ("android-app://com.google.android.gm/", "com.google.android.gm"),
        ("https://shop.test/cart", ""),
        ("http://203.0.113.7/", ""),
    ] {
        assert_eq!(attribute(referrer, "").referrer, kept, "{referrer}");
    }
}
