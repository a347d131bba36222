//! Kinds of click ids. Which kind there is says who sent the visit; the id itself
//! would say who came.

use super::Channel;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Click {
    Yclid,
    Ysclid,
    Ymclid,
    Openstat,
    Gclid,
    Gbraid,
    Wbraid,
    Srsltid,
    Msclkid,
    Fbclid,
    Igshid,
    Ttclid,
    Twclid,
    LiFatId,
    Vkclid,
    RbClickid,
    Erid,
}

impl Click {
    pub const ALL: &[Click] = &[
        Click::Yclid,
        Click::Ysclid,
        Click::Ymclid,
        Click::Openstat,
        Click::Gclid,
        Click::Gbraid,
        Click::Wbraid,
        Click::Srsltid,
        Click::Msclkid,
        Click::Fbclid,
        Click::Igshid,
        Click::Ttclid,
        Click::Twclid,
        Click::LiFatId,
        Click::Vkclid,
        Click::RbClickid,
        Click::Erid,
    ];

    pub(super) fn by_key(key: &str) -> Option<Click> {
        if key == "igsh" {
            return Some(Click::Igshid);
        }
        Click::ALL.iter().copied().find(|click| click.label() == key)
    }

    /// The name of the query parameter.
    pub const fn label(self) -> &'static str {
        match self {
            Click::Yclid => "yclid",
            Click::Ysclid => "ysclid",
            Click::Ymclid => "ymclid",
            Click::Openstat => "_openstat",
            Click::Gclid => "gclid",
            Click::Gbraid => "gbraid",
            Click::Wbraid => "wbraid",
            Click::Srsltid => "srsltid",
            Click::Msclkid => "msclkid",
            Click::Fbclid => "fbclid",
            Click::Igshid => "igshid",
            Click::Ttclid => "ttclid",
            Click::Twclid => "twclid",
            Click::LiFatId => "li_fat_id",
            Click::Vkclid => "vkclid",
            Click::RbClickid => "rb_clickid",
            Click::Erid => "erid",
        }
    }

    /// Whether it is put on paid clicks only. `erid` is the mark that Russian law
    /// wants on advertising; `srsltid` stands on Google's unpaid shopping results.
    pub fn is_ad(self) -> bool {
        !matches!(self, Click::Ysclid | Click::Srsltid | Click::Fbclid | Click::Igshid)
    }

    pub(super) fn channel(self) -> Channel {
        match self {
            Click::Ysclid | Click::Srsltid => Channel::Search,
            Click::Fbclid | Click::Igshid => Channel::Social,
            _ => Channel::Ad,
        }
    }

    /// Whose it is, by the name in `sources.toml`.
    pub(super) fn source(self) -> Option<&'static str> {
        Some(match self {
            Click::Yclid | Click::Ysclid | Click::Openstat => "Yandex",
            Click::Ymclid => "Yandex Market",
            Click::Gclid | Click::Gbraid | Click::Wbraid | Click::Srsltid => "Google",
            Click::Msclkid => "Bing",
            Click::Fbclid => "Facebook",
            Click::Igshid => "Instagram",
            Click::Ttclid => "TikTok",
            Click::Twclid => "X",
            Click::LiFatId => "LinkedIn",
            Click::Vkclid => "VK",
            Click::RbClickid => "VK Ads",
            Click::Erid => return None,
        })
    }
}
