//! A privacy notice for a site that is counted here: Markdown, made from the settings in
//! force, so that its text changes when a setting does. Russian with a section on 152-FZ,
//! and English. Also served as `/privacy/notice.txt`.
//!
//! It says what the program does. What the law asks of a site is its owner's matter, and
//! the text says where the owner has to write something.

use super::{forwarded::Forwarded, language::Language};
use crate::{
    config::{Config, Profile},
    privacy::Precision,
};

/// What the text depends on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Facts {
    pub profile: Profile,
    pub precision: Precision,
    pub retention_months: u16,
    pub knows_countries: bool,
    pub contact: Option<String>,
    /// `None`: no goal leaves.
    pub forwarded: Option<Forwarded>,
}

impl Facts {
    pub fn of(config: &Config) -> Facts {
        Facts {
            profile: config.profile,
            precision: config.precision,
            retention_months: config.retention_months,
            knows_countries: config.geo_file.is_some(),
            contact: config.contact.as_ref().map(|contact| contact.as_str().to_owned()),
            forwarded: None,
        }
    }

    pub fn text(&self, language: Language) -> String {
        match language {
            Language::Russian => self.russian(),
            Language::English => self.english(),
        }
    }

    fn russian(&self) -> String {
        let number = match self.profile {
            Profile::Counter => {
                "Посетители не различаются: ни числа посетителя, ни числа визита нет, считаются \
                                 только просмотры и события."
                    .to_owned()
            }
            Profile::Exempt | Profile::Default => format!(
                "Не дольше суток и получаса просмотры одного посетителя на этом сайте связывает число. Оно \
                 вычисляется из начала сетевого адреса (IPv4 — {} бит из 32, IPv6 — {} бит из 128), семейства \
                 браузера и системы, вида устройства{} и случайного ключа этого дня. Ключ есть только в памяти и \
                 уничтожается; затем числа убираются из записей. Это псевдонимизация на срок до суток, после \
                 которой связать записи с вами или между собой по этим числам нельзя.",
                self.precision.prefix().v4_bits(),
                self.precision.prefix().v6_bits(),
                if self.precision.keeps_version_and_language() {
                    ", главного номера версии браузера, основного языка"
                } else {
                    ""
                },
            ),
        };
        let country = if self.knows_countries {
            "страна (по укороченному адресу), "
        } else {
            ""
        };
        let months = self.retention_months;
        let contact = self.contact.as_deref().unwrap_or("[впишите адрес]");
        let receivers = match &self.forwarded {
            Some(forwarded) => forwarded.text(Language::Russian),
            None => "никому. Если мы включим передачу целей в Яндекс Метрику, она возможна только с вашего отдельного \
                     согласия."
                .to_owned(),
        };
        format!(
            "# Как считаются посещения этого сайта\n\n\
             Посещения считает программа Mostik на нашем сервере: без файлов cookie, без хранения IP-адреса и \
             строки браузера (user agent). {number}\n\n\
             **Что хранится:** страница без параметров, источник перехода, {country}семейства браузера и системы, \
             вид устройства, объявленные нами события, время с точностью до часа после закрытия дня.\n\n\
             **Сколько:** {months} мес., затем удаляется; с диска — в течение 15 минут после удаления из таблиц.\n\n\
             **Кому передаётся:** {receivers}\n\n\
             **Как отказаться:** включите в браузере Global Privacy Control или Do Not Track; либо откройте страницу \
             /privacy/me сервера статистики: там видно, сколько записано сегодня о вашей группе, можно удалить это и \
             отказаться до конца дня.\n\n\
             ## Сведения по Федеральному закону № 152-ФЗ\n\n\
             - Оператор: [впишите наименование, адрес, ИНН/ОГРН].\n\
             - Цель: статистика посещаемости сайта.\n\
             - Данные: перечислены выше; IP-адрес и строка браузера используются в момент запроса и не записываются.\n\
             - Правовое основание: [впишите; согласие на статистику или законный интерес определяете вы].\n\
             - Действия: сбор, обезличивание, хранение, удаление; автоматизированно.\n\
             - Место базы данных: [впишите; для данных граждан РФ — на территории РФ].\n\
             - Срок: {months} мес.; данные с псевдонимом — не дольше суток и получаса, при недоступности базы — \
             до её возвращения, но ключ уничтожается в срок.\n\
             - Обращения: {contact}; срок ответа 10 рабочих дней. По закрытым дням найти записи одного человека \
             нельзя: чисел, по которым это можно сделать, больше нет.\n\n\
             Это описание работы программы, а не юридическая консультация.\n"
        )
    }

    fn english(&self) -> String {
        let number = match self.profile {
            Profile::Counter => {
                "Visitors are not told apart: there is no visitor number and no visit number; only \
                                 views and events are counted."
                    .to_owned()
            }
            Profile::Exempt | Profile::Default => format!(
                "For at most a day and half an hour a number ties one visitor's page views on this site together. \
                 It is made from the start of the network address (IPv4: {} bits of 32, IPv6: {} bits of 128), the \
                 families of browser and system, the kind of device{} and a random key of that day. The key exists \
                 in memory only and is destroyed; then the numbers are removed from the records. That is \
                 pseudonymous for up to a day; afterwards these numbers can no longer tie records to you or to each \
                 other.",
                self.precision.prefix().v4_bits(),
                self.precision.prefix().v6_bits(),
                if self.precision.keeps_version_and_language() {
                    ", the browser's major version, the primary language"
                } else {
                    ""
                },
            ),
        };
        let country = if self.knows_countries { "country (of the shortened address), " } else { "" };
        let months = self.retention_months;
        let contact = self.contact.as_deref().unwrap_or("[write an address]");
        let receivers = match &self.forwarded {
            Some(forwarded) => forwarded.text(Language::English),
            None => "nobody else. Should we switch on forwarding goals to Yandex Metrika, that happens only with your \
                     separate consent."
                .to_owned(),
        };
        format!(
            "# How visits to this site are counted\n\n\
             Visits are counted by Mostik on our own server: without cookies, and without storing an IP address or a \
             browser string (user agent). {number}\n\n\
             **What is kept:** the page without its parameters, where the visit came from, {country}families of \
             browser and system, kind of device, events we have declared, the time to the hour once the day is \
             closed.\n\n\
             **For how long:** {months} months, then it is deleted; from the disk within 15 minutes of leaving the \
             tables.\n\n\
             **Who gets it:** {receivers}\n\n\
             **How to refuse:** switch on Global Privacy Control or Do Not Track in your browser; or open the page \
             /privacy/me of the statistics server: it shows how much is recorded of your group today, deletes it, \
             and lets you opt out until the day ends.\n\n\
             **Who is responsible, and on which legal ground:** [write name, address, ground]. Questions: {contact}. \
             Records of one person in closed days cannot be found: the numbers to do it by no longer exist.\n\n\
             This describes what the program does; it is no legal advice.\n"
        )
    }
}

#[cfg(test)]
mod tests {
    use super::{super::forwarded, *};

    fn facts() -> Facts {
        Facts {
            profile: Profile::Default,
            precision: Precision::Version,
            retention_months: 13,
            knows_countries: true,
            contact: Some("mailto:privacy@example.ru".into()),
            forwarded: None,
        }
    }

    #[test]
    fn every_setting_it_speaks_of_changes_both_texts() {
        let plain = facts();
        for other in [
            Facts { profile: Profile::Counter, ..facts() },
            Facts { precision: Precision::Class, ..facts() },
            Facts { precision: Precision::Strict, ..facts() },
            Facts { retention_months: 6, ..facts() },
            Facts { knows_countries: false, ..facts() },
            Facts { contact: None, ..facts() },
            Facts { forwarded: Some(forwarded::example()), ..facts() },
        ] {
            assert_ne!(plain.russian(), other.russian(), "{other:?}");
            assert_ne!(plain.english(), other.english(), "{other:?}");
        }
    }

    #[test]
    fn the_russian_text_has_its_section_on_the_law() {
        assert!(facts().russian().contains("152-ФЗ") && !facts().english().contains("152"));
    }
}
