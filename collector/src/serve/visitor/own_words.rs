//! The sentences of `/privacy/me` in both languages, meant exactly.

use super::words::Said;

pub const TITLE: Said =
    Said { ru: "Что хранится о вас сегодня", en: "What is held about you today" };

pub const INTRO: Said = Said {
    ru: "Этот сервер не знает, кто вы. Сегодня он может лишь посмотреть, сколько событий записано под тем же \
         числом дня, что получается из этого вашего запроса. Запрос на эту страницу не записывается.",
    en: "This server does not know who you are. All it can do is look how many events were recorded today under \
         the day's number that this request of yours gives. Your request for this page is not recorded.",
};

pub const HELD: Said = Said { ru: "Ваша группа сегодня", en: "Your group today" };
pub const SITE: Said = Said { ru: "Сайт", en: "Site" };
pub const EVENTS: Said = Said { ru: "Событий записано", en: "Events recorded" };
pub const BETWEEN_HOURS: Said = Said { ru: "часы сайта", en: "hours of the site's day" };
pub const SEEN: Said = Said { ru: "Что видно в запросе", en: "What this request shows" };
pub const COUNTRY: Said = Said { ru: "Страна сети", en: "The network's country" };
pub const KEY_DIES: Said =
    Said { ru: "Ключ дня уничтожается", en: "The day's key is destroyed" };
pub const ERASING: Said = Said { ru: "Удаление", en: "Deletion" };
pub const ERASING_YES: Said = Said { ru: "выполняется", en: "under way" };
pub const UNKNOWN: Said = Said { ru: "неизвестно", en: "unknown" };
pub const UNREADABLE: Said = Said {
    ru: "сейчас не посчитать: база данных не отвечает. Удалить можно и так",
    en: "cannot be counted now: the database does not answer. Deleting works all the same",
};
pub const DESKTOP: Said = Said { ru: "компьютер", en: "desktop" };
pub const MOBILE: Said = Said { ru: "телефон", en: "mobile" };
pub const TABLET: Said = Said { ru: "планшет", en: "tablet" };
pub const TV: Said = Said { ru: "телевизор", en: "tv" };

pub const SHARED: Said = Said {
    ru: "В группе могут быть и другие люди: с той же сетью и таким же браузером. Поэтому здесь только количество, \
         без страниц. События последней секунды могут ещё не учитываться.",
    en: "Others may be in the group: those with the same network and such a browser. So here are counts only, no \
         pages. Events of the last second may not be counted yet.",
};

pub const DELETE: Said = Said { ru: "Удалить", en: "Delete" };
pub const DELETE_WHAT: Said = Said {
    ru: "Удаляются все сегодняшние строки группы на этом сайте, и соседей по группе тоже. Из таблиц и очереди они \
         уходят за секунды, с диска — в течение 15 минут, пока база данных отвечает; иначе — когда она ответит. \
         Остаётся только счёт удалённых строк, по часам.",
    en: "All of the group's rows of today on this site are deleted, its neighbours' too. They leave tables and \
         queue within seconds, the disk within 15 minutes while the database answers; otherwise once it does. All \
         that stays is how many rows were deleted, by the hour.",
};
pub const DELETE_BUTTON: Said =
    Said { ru: "Удалить сегодняшние строки", en: "Delete today's rows" };
pub const DELETED: Said = Said {
    ru: "Запрос на удаление принят и записан; он переживёт и перезапуск сервера.",
    en: "The deletion has been taken and written down; it outlives a restart of the server.",
};

pub const OBJECT: Said = Said { ru: "Отказаться от учёта", en: "Opt out of counting" };
pub const OPTED_IN: Said = Said {
    ru: "Сейчас посещения вашей группы на этом сайте считаются.",
    en: "Visits of your group on this site are being counted.",
};
pub const OPTED_OUT: Said = Said {
    ru: "Сейчас посещения вашей группы на этом сайте не считаются.",
    en: "Visits of your group on this site are not being counted.",
};
pub const OPT_OUT_HOW_LONG: Said = Said {
    ru: "Отказ, сделанный здесь, держится только в памяти: до уничтожения ключа дня (время указано выше) и для всей \
         группы. Остановка всей программы снимает его раньше. Завтра вас не узнать, поэтому отказ кончается вместе с днём.",
    en: "Opting out here is kept in memory only: until the day's key is destroyed (the time is above), and for the \
         whole group. Stopping the whole program ends it sooner. Nobody can be recognised tomorrow, so it ends with \
         the day.",
};
pub const OPT_OUT_BUTTON: Said =
    Said { ru: "Не считать до конца дня", en: "Do not count until the day ends" };
pub const OPT_IN_BUTTON: Said = Said { ru: "Считать снова", en: "Count again" };
pub const FOR_GOOD: Said = Said {
    ru: "Насовсем: включите в браузере Global Privacy Control или Do Not Track — это действует на всех сайтах с \
         Mostik. Либо, на самом сайте: его кнопка отказа ставит в вашем браузере отметку mostik_ignore, и скрипт \
         больше ничего не отправляет.",
    en: "For good: switch on Global Privacy Control or Do Not Track in your browser, which holds on every site \
         with Mostik. Or, on the site itself: its opt-out button puts the mark mostik_ignore into your browser, \
         and the script sends nothing any more.",
};

pub const PAST: Said = Said { ru: "Прошлые дни", en: "Past days" };
pub const PAST_WHAT: Said = Said {
    ru: "Ключи прошлых дней уничтожены, числа из строк убраны. Ни показать, ни удалить ваши строки прошлых дней \
         нельзя: никто, и мы тоже, не может узнать, какие из них ваши.",
    en: "The keys of past days are destroyed and the numbers removed from the rows. Your rows of past days can be \
         neither shown nor deleted: nobody, including us, can tell which of them are yours.",
};
pub const COPY: Said = Said { ru: "Копия", en: "A copy" };
pub const COPY_LINK: Said = Said { ru: "То же в виде JSON", en: "The same as JSON" };

pub const NOT_COUNTED: Said = Said {
    ru: "Такой запрос не считается: по строке браузера это программа, а не человек. О нём ничего нет.",
    en: "Such a request is not counted: its browser string is a program's, not a person's. Nothing is held about it.",
};
pub const NO_NUMBERS: Said = Said {
    ru: "На этом сервере посетители не различаются: считаются только просмотры и события, и ни одна строка не ваша. \
         Показать или удалить здесь нечего, и отказ до конца дня тоже не к чему привязать.",
    en: "This server tells no visitors apart: it counts views and events alone, and no row is yours. There is \
         nothing here to show or delete, and nothing to tie an opt-out for the day to.",
};
pub const WHICH_SITE: Said = Said {
    ru: "О каком сайте? На каждом сайте у вас другое число, поэтому назовите его.",
    en: "Which site is it about? You have another number on each site, so name it.",
};
pub const UNKNOWN_SITE: Said = Said {
    ru: "Этого сайта здесь не считают.",
    en: "That site is not counted here.",
};
pub const SHOW_BUTTON: Said = Said { ru: "Показать", en: "Show" };
