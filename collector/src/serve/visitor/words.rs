//! The page's sentences in both languages. Each must be true today and meant exactly:
//! "pseudonymous for at most a day and its carry, then unlinked", never more.

use super::language::Language;

/// The same thing said in both languages.
#[derive(Clone, Copy)]
pub struct Said {
    pub ru: &'static str,
    pub en: &'static str,
}

impl Said {
    pub fn in_language(self, language: Language) -> &'static str {
        match language {
            Language::Russian => self.ru,
            Language::English => self.en,
        }
    }
}

pub const TITLE: Said = Said {
    ru: "Что этот сервер хранит о посетителях",
    en: "What this server keeps about visitors",
};

pub const INTRO: Said = Said {
    ru: "Этот сервер считает посещения сайтов программой Mostik: без файлов cookie, без хранения IP-адреса и \
         строки браузера (user agent). Не дольше суток и получаса число, сделанное из укороченного адреса сети и \
         сведений о браузере, связывает ваши просмотры на одном сайте. Это псевдоним. Потом день закрывается: \
         числа из строк убираются, и связать их с вами или между собой по этим числам уже нельзя.",
    en: "This server counts visits to websites with Mostik: without cookies, and without storing an IP address or \
         a browser string (user agent). For at most a day and half an hour, a number made from your shortened \
         network address and what your browser says of itself ties your page views on one site together. That is \
         a pseudonym. Then the day is closed: the numbers are removed from the rows, and can no longer tie them to \
         you or to each other.",
};

pub const GENERATED: Said = Said {
    ru: "Страница составлена по действующим настройкам этого сервера.",
    en: "This page is made from the running settings of this server.",
};

pub const NUMBER: Said =
    Said { ru: "Из чего число дня", en: "What the day's number is made of" };

pub const NO_NUMBER: Said = Said {
    ru: "Числа нет: посетители здесь не различаются, считаются только просмотры и события.",
    en: "There is none: visitors are not told apart here; only views and events are counted.",
};

pub const NETWORK_V4: Said = Said {
    ru: "Начало адреса IPv4, бит из 32:",
    en: "Start of an IPv4 address, bits of 32:",
};
pub const NETWORK_V6: Said = Said {
    ru: "Начало адреса IPv6, бит из 128:",
    en: "Start of an IPv6 address, bits of 128:",
};

pub const CLASS: Said = Said {
    ru: "семейство браузера, семейство системы, вид устройства",
    en: "browser family, system family, kind of device",
};
pub const VERSION_AND_LANGUAGE: Said = Said {
    ru: "главный номер версии браузера и основной язык",
    en: "the browser's major version and primary language",
};
pub const KEY: Said = Said {
    ru: "случайный ключ этого сайта и этого дня: он есть только в памяти, на диск не пишется и уничтожается \
         через 30 минут после конца дня. Остановка всей программы \
         уничтожает его раньше, если владелец не держит его в папке, которая есть только в памяти",
    en: "a random key of this site and day: it is in memory only, is never written to a disk and is destroyed \
         30 minutes after the day's end. Stopping the whole program destroys it sooner, \
         unless the owner keeps it in a folder that is memory only",
};

pub const STORED: Said = Said { ru: "Что хранится", en: "What is kept" };
pub const WHAT: Said = Said { ru: "Что", en: "What" };
pub const WHILE_OPEN: Said = Said { ru: "пока день не закрыт", en: "while the day is open" };
pub const WHEN_CLOSED: Said = Said { ru: "когда день закрыт", en: "after it is closed" };
pub const COUNTS: Said = Said {
    ru: "Кроме того, хранится число принятых и отклонённых событий по сайту и минуте с причиной отказа.",
    en: "Besides, the number of events stored and refused is kept by site and minute, with the reason for refusing.",
};
pub const COUNTRY_UNKNOWN: Said = Said {
    ru: "не определяется: справочника стран на этом сервере нет",
    en: "not looked up: this server has no file of countries",
};

pub const NEVER: Said = Said { ru: "Что не хранится", en: "What is not kept" };
pub const NEVER_LIST: &[Said] = &[
    Said {
        ru: "IP-адрес, полный или укороченный", en: "an IP address, whole or shortened"
    },
    Said {
        ru: "строка браузера, его версия, язык, экран, шрифты",
        en: "a browser string, its version, language, screen, fonts",
    },
    Said {
        ru: "параметры и фрагмент адреса страницы, кроме меток utm; у сайтов с маршрутом во фрагменте он — часть пути",
        en: "query and fragment of a page's address, except utm labels; where a site routes by fragment, that is part of the path",
    },
    Said {
        ru: "заголовок страницы, адрес ссылавшейся страницы, кроме имени сайта",
        en: "a page's title, a referring page's address other than the site's name",
    },
    Said {
        ru: "cookie и другие метки в вашем браузере: счёт посещений их не создаёт",
        en: "cookies and other marks in your browser: counting makes none",
    },
];

pub const HOW_LONG: Said = Said { ru: "Как долго", en: "For how long" };
pub const OPEN_KEPT: Said = Said {
    ru: "Строки с числами дня удаляются из таблиц после закрытия дня, обычно в течение часа после полуночи по \
         времени сайта; если база недоступна, то позже, но ключ и тогда уничтожается в срок. С диска база \
         стирает удалённое с задержкой, обычно около десяти минут.",
    en: "Rows with the day's numbers are removed from the tables once the day is closed, usually within an hour of \
         midnight in the site's time zone; later if the database is away, though the key is destroyed on time even \
         then. The database erases removed rows from the disk with a delay, usually about ten minutes.",
};
pub const CLOSED_KEPT: Said = Said {
    ru: "Строки закрытых дней и счётчики событий хранятся {months} полных мес. до текущего, затем удаляются целыми \
         месяцами; с диска — в течение 15 минут.",
    en: "Rows of closed days and the counts of events are kept for {months} months before the current one, then \
         deleted by whole months; from the disk within 15 minutes.",
};

pub const WHO: Said = Said { ru: "Кто получает данные", en: "Who gets the data" };
pub const NOBODY_ELSE: Said = Said {
    ru: "Владельцы сайтов, которые считает этот сервер. Третьим лицам эта программа ничего не отправляет.",
    en: "The owners of the sites this server counts for. This program sends nothing to third parties.",
};

/// With what [`FORWARDED_VISIT`] and the others say in place of braces.
pub const FORWARDED: Said = Said {
    ru: "В Яндекс Метрику (ООО «ЯНДЕКС») отправляются цели, выбранные владельцем сайта, например заказ: только если          вы согласились на это на сайте{visit} и браузер не посылает сигнала отказа. Уходят название цели, сайт{page},          время с округлением до {round} с, случайное число этого визита{value}{campaign}{properties}. Адрес, строка браузера и всё, что вы          писали, не уходят. До отправки проходит от {from} до {to} мин{company}{late}: пока цель не ушла, отзыв согласия её          удаляет. Ушедшую отозвать нельзя.",
    en: "Goals that the site's owner has chosen, such as an order, are sent to Yandex Metrika (Yandex LLC): only if          you have agreed to it on the site{visit} and the browser sends no signal. What leaves is the goal's name, the          site{page}, the time rounded to {round} s, a random number of this visit{value}{campaign}{properties}. Your address, browser string          and whatever you wrote do not. It leaves after {from} to {to} minutes{company}{late}: until then withdrawing          consent deletes it. What has left cannot be recalled.",
};
pub const FORWARDED_VISIT: Said =
    Said { ru: ", и с самого начала визита,", en: ", from the visit's beginning," };
pub const FORWARDED_PAGE: Said = Said {
    ru: ", страница из списка владельца",
    en: ", a page of the owner's list",
};
pub const FORWARDED_VALUE: Said = Said { ru: ", округлённая сумма", en: ", a rounded sum" };
pub const FORWARDED_COMPANY: Said = Said {
    ru: ", и не раньше, чем наберётся {k} одинаковых",
    en: ", and not before {k} equal ones wait",
};
pub const FORWARDED_CAMPAIGN: Said = Said {
    ru: ", метки рекламы из списка владельца",
    en: ", tags of an advertisement, of the owner's list",
};
pub const FORWARDED_PROPERTIES: Said = Said {
    ru: ", свойства события из списка владельца",
    en: ", properties of the event, of the owner's list",
};
pub const FORWARDED_LATE: Said = Said {
    ru: ", а если Метрика не отвечала 11 часов — списком в пределах суток",
    en: ", or, if Metrika did not answer for 11 hours, in a list within a day",
};
pub const OWNERS: Said = Said {
    ru: "Владельцы сайтов, которые считает этот сервер.",
    en: "The owners of the sites this server counts for.",
};

pub const REFUSE: Said = Said { ru: "Как отказаться", en: "How to refuse" };
pub const SIGNALS: Said = Said {
    ru: "Включите в браузере сигнал Global Privacy Control или Do Not Track. Тогда число не вычисляется и строки \
         нет; остаётся только общий счётчик таких запросов за час.",
    en: "Switch on Global Privacy Control or Do Not Track in your browser. Then no number is made and no row is \
         kept; all that is left is a count of such requests by the hour.",
};
pub const SIGNAL_SEEN: Said = Said {
    ru: "В этом запросе сигнал отказа есть: посещения с ним не считаются.",
    en: "This request carries such a signal: visits with it are not counted.",
};
pub const SIGNAL_NOT_SEEN: Said = Said {
    ru: "В этом запросе сигнала отказа нет: посещения без него считаются.",
    en: "This request carries no such signal: visits without one are counted.",
};

pub const LIMITS: Said = Said { ru: "Чего это не скрывает", en: "What this does not hide" };
pub const LIMITS_LIST: &[Said] = &[
    Said {
        ru: "Кто управляет этой машиной, пока ключ жив, может проверить, были ли сегодня сеть и браузер, подобные вашим.",
        en: "Whoever runs this machine can test, while the key lives, whether a network and browser like yours were here today.",
    },
    Said {
        ru: "Сервер сайта, хостинг и посредники между ним и вами видят ваш адрес сами и могут вести свои журналы.",
        en: "The site's server, its host and whoever stands between see your address themselves and may keep logs of their own.",
    },
    Said {
        ru: "Люди с одинаковыми сетью и браузером считаются одним посетителем.",
        en: "People with the same network and browser count as one visitor.",
    },
    Said {
        ru: "Имя, которое сайт сам пишет в адрес страницы, выглядит как обычное слово и остаётся в пути.",
        en: "A name that a site itself writes into a page's address looks like any word and stays in the path.",
    },
    Said {
        ru: "Строка закрытого дня на маленьком сайте может указать на того, о ком и так известно, что он там был.",
        en: "A closed day's row of a small site may still point at somebody known to have been there.",
    },
];

pub const RIGHTS: Said = Said { ru: "Вопросы и права", en: "Questions and rights" };
pub const TODAY: Said = Said {
    ru: "За сегодня можно посмотреть, сколько событий записано о вашей группе, получить копию, удалить их и \
         отказаться от учёта.",
    en: "For today you can see how many events are held about your group, get a copy, delete them, and opt out.",
};
pub const OWN: Said =
    Said { ru: "Что хранится о вас сегодня", en: "What is held about you today" };
pub const CANNOT_FIND: Said = Said {
    ru: "В закрытых днях нет числа, по которому можно было бы найти ваши строки, чтобы показать или удалить их.",
    en: "Closed days hold no number by which your rows could be found, to be shown or deleted.",
};
pub const CONTACT: Said =
    Said { ru: "Связь с владельцем сервера", en: "Reach the owner of this server" };
pub const NO_CONTACT: Said = Said {
    ru: "Владелец сервера не указал здесь адреса: спросите владельца сайта.",
    en: "The owner of this server has given no address here: ask the owner of the site.",
};
pub const MACHINES: Said =
    Said { ru: "То же для программ (JSON)", en: "The same for programs (JSON)" };
