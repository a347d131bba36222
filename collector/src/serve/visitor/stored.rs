//! Everything that is kept, by matter: in which columns, and in whose words. The one
//! list behind the page and the disclosure; tests hold it against the columns that
//! are written and against the tables of a running instance.

use super::words::Said;

/// One thing that is kept, and how.
pub struct Matter {
    /// Columns of `events_hot`, the rows of a day that is not over.
    pub open: &'static [&'static str],
    /// Columns of `events`, the rows of closed days.
    pub closed: &'static [&'static str],
    pub name: Said,
    pub while_open: Said,
    pub when_closed: Said,
}

/// Columns of `ledger`, which counts events and knows no visitor.
pub const COUNTED: &[&str] = &["site_id", "minute", "day", "outcome", "reason", "n", "batch"];

/// Columns of `goal_paths`: of a closed day, how many visitors reached a goal behind which pages.
pub const PATHS: &[&str] = &["site_id", "day", "gen", "goal", "path", "visitors"];

const THE_SAME: Said = Said { ru: "то же", en: "the same" };

pub const MATTERS: &[Matter] = &[
    Matter {
        open: &["site_id", "day"],
        closed: &["site_id", "day", "gen"],
        name: Said { ru: "Сайт и дата", en: "Site and date" },
        while_open: Said { ru: "какой сайт, какой день", en: "which site, which day" },
        when_closed: THE_SAME,
    },
    Matter {
        open: &["visitor"],
        closed: &["is_visitor", "is_source_visitor", "is_page_visitor", "is_goal_visitor"],
        name: Said { ru: "Посетитель", en: "Visitor" },
        while_open: Said {
            ru: "число этого дня, своё на каждом сайте",
            en: "a number of that day, another on each site",
        },
        when_closed: Said {
            ru: "числа нет; отметки «первое событие посетителя за день»",
            en: "no number; marks such as “a visitor's first event that day”",
        },
    },
    Matter {
        open: &["visit"],
        closed: &[
            "is_visit",
            "is_page_visit",
            "is_exit",
            "is_bounce",
            "visit_seconds",
            "visit_views",
            "visit_engaged_ms",
        ],
        name: Said { ru: "Визит", en: "Visit" },
        while_open: Said { ru: "случайное число", en: "a random number" },
        when_closed: Said {
            ru: "числа нет; длительность и число просмотров у первого события визита",
            en: "no number; length and count of views, with the visit's first event",
        },
    },
    Matter {
        open: &["ts"],
        closed: &["hour"],
        name: Said { ru: "Время", en: "Time" },
        while_open: Said { ru: "до секунды", en: "to the second" },
        when_closed: Said { ru: "до часа", en: "to the hour" },
    },
    Matter {
        open: &["host", "path"],
        closed: &["host", "path"],
        name: Said { ru: "Страница", en: "Page" },
        while_open: Said {
            ru: "сайт и путь, из которого убраны адреса почты, телефоны, коды и длинные номера",
            en: "host and path, with mail addresses, phone numbers, tokens and long numbers taken out",
        },
        when_closed: THE_SAME,
    },
    Matter {
        open: &[
            "source",
            "channel",
            "referrer",
            "utm_source",
            "utm_medium",
            "utm_campaign",
            "utm_content",
            "utm_term",
        ],
        closed: &[
            "source",
            "channel",
            "referrer",
            "utm_source",
            "utm_medium",
            "utm_campaign",
            "utm_content",
            "utm_term",
        ],
        name: Said { ru: "Откуда визит", en: "Where the visit came from" },
        while_open: Said {
            ru: "имя ссылавшегося сайта и метки utm рекламной ссылки",
            en: "the referring site's name, and the utm labels of a campaign link",
        },
        when_closed: THE_SAME,
    },
    Matter {
        open: &["country"],
        closed: &["country"],
        name: Said { ru: "Страна", en: "Country" },
        while_open: Said {
            ru: "страна укороченной сети", en: "the country of the shortened network"
        },
        when_closed: THE_SAME,
    },
    Matter {
        open: &["browser", "os", "device"],
        closed: &["browser", "os", "device"],
        name: Said { ru: "Браузер", en: "Browser" },
        while_open: Said {
            ru: "семейство браузера, система, вид устройства",
            en: "browser family, system, kind of device",
        },
        when_closed: THE_SAME,
    },
    Matter {
        open: &["kind", "name", "interactive", "props", "revenue", "currency"],
        closed: &["kind", "name", "props", "revenue", "currency"],
        name: Said { ru: "Событие", en: "Event" },
        while_open: Said {
            ru: "вид и имя, свойства, объявленные владельцем сайта, сумма заказа",
            en: "kind and name, properties declared by the site's owner, an order's amount",
        },
        when_closed: THE_SAME,
    },
    Matter {
        open: &[],
        closed: &["goals", "visit_goals", "visitor_goals", "funnels"],
        name: Said { ru: "Цели", en: "Goals" },
        while_open: Said { ru: "нет", en: "none" },
        when_closed: Said {
            ru: "каких целей владельца сайта достигло событие, а у первого события визита — и сам визит; отдельно — сколько посетителей дошло до цели по каким страницам, если их не меньше пяти за день",
            en: "which of the site owner's goals the event reached and, with the visit's first event, which the visit did; apart from that, how many visitors reached a goal by which pages, where they are five or more in a day",
        },
    },
    Matter {
        open: &["engaged_ms", "scroll"],
        closed: &["engaged_ms", "scroll"],
        name: Said { ru: "Внимание", en: "Attention" },
        while_open: Said {
            ru: "сколько времени страница была на виду и как далеко прокручена",
            en: "how long the page was looked at and how far it was scrolled",
        },
        when_closed: THE_SAME,
    },
    Matter {
        open: &["vitals"],
        closed: &["vitals"],
        name: Said { ru: "Скорость", en: "Speed" },
        while_open: Said {
            ru: "как быстро страница загрузилась и отвечала, если сайт это измеряет; округлённо",
            en: "how fast the page loaded and answered, where the site measures it; rounded",
        },
        when_closed: THE_SAME,
    },
    Matter {
        open: &["page_view", "event_id", "seq", "batch"],
        closed: &[],
        name: Said { ru: "Служебные номера", en: "Technical numbers" },
        while_open: Said {
            ru: "случайные номера просмотра и события, место в посылке",
            en: "random numbers of page view and event, place in a batch",
        },
        when_closed: Said { ru: "нет", en: "none" },
    },
];

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn every_column_that_is_written_is_told_once() {
        let told: Vec<&str> = MATTERS.iter().flat_map(|matter| matter.open).copied().collect();
        let distinct: BTreeSet<&str> = told.iter().copied().collect();
        assert_eq!(told.len(), distinct.len());
        assert_eq!(distinct, store::event::COLUMNS.split(", ").map(str::trim).collect());
    }
}
