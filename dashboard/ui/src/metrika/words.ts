// The words of the Metrika page, in both languages. They travel with the page, so that the
// overview, which most visits want, does not wait for them.

import { language } from '../i18n';

const en = {
  title: 'Forwarding to Yandex Metrika',
  off: 'Off', preview: 'Preview', live: 'Live',
  'off.why': 'Off. Nothing is sent to Yandex, and nothing is kept for it.',
  'preview.why': 'Preview. Requests are shown below; none of them leaves.',
  'live.why': 'Live. Chosen goals of visitors who agreed go to counter {counter}.',
  'none.why': 'Not set up. Nothing is sent to Yandex.',
  kill: 'Stop all sending now', 'kill.why': 'Every site, every collector, within a second. What waits is thrown away.',
  'kill.done': 'Stopped. Nothing is sent any more.',
  setup: 'Settings', save: 'Save', saved: 'Saved',
  counter: 'Counter number', 'counter.why': 'Take a counter of its own, without Yandex’s script: otherwise its reports mix real visits with ours.',
  token: 'Measurement token', 'token.why': 'Metrika → Settings → Data security and use → Measurement Protocol. Kept sealed; it is never shown again.',
  'token.set': 'A token is kept. Enter another to replace it.',
  oauth: 'OAuth token (optional)', 'oauth.why': 'Read access lets Mostik check the set-up and compare the reports. Kept sealed.', 'oauth.set': 'An OAuth token is kept. Enter another to replace it.',
  goals: 'Goals', event: 'Event here', goal: 'Goal in Metrika', value: 'Value', currency: 'Currency', sum: 'Sum or step', guarantee: 'If in doubt', remove: 'Remove', add: 'Add a goal',
  'value.none': 'none', 'value.event': 'of the event', 'value.fixed': 'always',
  at_most_once: 'never send twice', at_least_once: 'send again',
  'goals.why': 'Only these events are forwarded. “If in doubt”: when no answer comes, nobody can tell whether Metrika has it. Never twice may miss one; again may count one double.',
  more: 'Consent, delay, pages',
  consent: 'Consent', 'consent.event': 'the event itself carries consent', 'consent.visit': 'so did every event of the visit before it',
  delay: 'Delay, minutes', 'delay.why': 'From and to. Until it leaves a visitor can still withdraw.',
  k: 'Wait for so many equal goals', 'k.why': '1: do not wait. A goal that never has company expires after 11 hours.',
  round: 'Round times to, seconds', pages: 'Pages that may be named', 'pages.why': 'One a line, such as /cart or /catalog/*. Every other page is sent as /.',
  late: 'Goals that missed the 11 hours go by offline conversions (needs the OAuth token)',
  'preview.title': 'What would leave', 'preview.here': 'What happened here', 'preview.leaves': 'This, and nothing else, would be sent',
  'preview.empty': 'No goal with consent yet. Make one on the site: it appears here within seconds.',
  'preview.off': 'Switch to preview to see the exact requests.',
  'field.event': 'event', 'field.time': 'time', 'field.page': 'page', 'field.revenue': 'revenue',
  'field.visitor': 'address, browser, screen, language', 'field.title': 'page title, referrer, campaign, properties',
  'why.event': 'it selects the goal', 'why.time': 'rounded', 'why.page': 'it selects one of your pages', 'why.revenue': 'by the goal’s rule',
  'why.never': 'never sent', opening: 'Opening page view', 'opening.why': 'Without it Metrika records no goal.',
  queue: 'Queue', waiting: 'Waiting', held: 'of them waiting for company', next: 'next at {time}', nothing: 'Nothing waits.',
  last: 'Last answer', 'last.none': 'Nothing has been sent yet.', collector: 'Collector {node}', silent: 'silent since {time}',
  'class.ok': 'OK: Metrika took it.', 'class.unreachable': 'Metrika could not be reached. It is tried again. Check that this server may connect to mc.yandex.ru on port 443.',
  'class.no_answer': 'No answer came. By the goal’s rule it is sent again or left uncertain.',
  'class.unknown_answer': 'A success with an unknown text: a proxy may be answering in Metrika’s place.',
  'class.denied': 'Metrika refused the token. Check the counter number, the token, and that Measurement Protocol is switched on; then save a new token here.',
  'class.busy': 'Metrika is busy. We slow down and come back.', 'class.broken': 'Something broke at Metrika; nobody can tell whether it took the goal. We slow down.', 'class.redirected': 'Metrika sent us elsewhere; that is never followed. Check collector.metrika_url.',
  'class.refused': 'Metrika refused this request for good. Look at the counter’s settings.',
  'breaker.resting': 'Sending rests until {time}, after answers that made no sense.', 'breaker.denied': 'Sending waits for a new token.', 'breaker.no_token': 'No token: nothing can be sent. Enter it again.',
  test: 'Send a test goal', 'test.why': 'One synthetic goal srv_canary in a visit of its own. Create it in Metrika first.', 'test.done': 'Ordered. It leaves within seconds; the log below shows it.',
  balance: 'Weekly balance', week: 'Week of {day}', eligible: 'to forward', accepted: 'taken by Metrika', uncertain: 'uncertain', rejected: 'refused', expired: 'expired', blocked: 'not sent',
  'balance.empty': 'Nothing yet.', 'balance.why': '“Taken” means that Metrika said OK, never that it recorded the goal.',
  'reason.no_consent': 'no consent', 'reason.withdrawn': 'withdrawn', 'reason.off': 'switched off', 'reason.visit_without_consent': 'visit began without consent', 'reason.visit_full': 'too many in one visit',
  'reason.opening_rejected': 'opening refused', 'reason.outbox_full': 'queue full', 'reason.too_old': 'too late', 'reason.too_few': 'no company', 'reason.unverified': 'unknown answer', 'reason.no_answer': 'no answer', 'reason.interrupted': 'restart', 'reason.refused': 'refused', 'reason.redirected': 'redirected',
  log: 'What left', 'log.why': 'Goal, hour, state, and the hash of what was sent. Every line seals those before it.', 'log.export': 'Download as CSV', hour: 'Hour', state: 'State', hash: 'Hash', page_view: '(opening page view)',
  check: 'Check the set-up', 'check.run': 'Check now', 'check.ok': 'in order', 'check.needs': 'Needs the OAuth token.',
  meaning: 'What Metrika’s reports will and will not mean',
  'meaning.yes': 'Goal completions and their value are meant to be read.',
  'meaning.no': 'Cities, devices, browsers, sources, new visitors and conversion rates of this counter mean nothing: every request comes from this server, and only visits with a goal are known.',
  'meaning.never': 'No address, browser, screen, language, cookie, page title, referrer or text of a visitor ever leaves. Each visit has a random number that is drawn anew for the next.',
  'meaning.law': 'Forwarding still needs the visitor’s consent. This page decides no legal basis.',
  back: 'Back to the figures',
  'error.metrika_no_token': 'Enter the counter’s token first; a test needs live mode.', 'error.metrika_no_goals': 'Choose at least one goal first.', 'error.metrika_not_set': 'Save the settings first.',
  'error.counter_invalid': 'A counter’s number has digits only, such as 12345678.', 'error.metrika_token_invalid': 'This is not a token: letters, digits and hyphens.',
  'error.goals_invalid': 'Each event once; a goal’s identifier has letters, digits, _ . - and at most 64 of them.', 'error.value_invalid': 'A sum from 0, a step above 0, a currency of three capital letters.',
  'error.paths_invalid': 'Pages begin with /; a star stands for one whole part.', 'error.delay_invalid': 'From at most to, and no more than 60 minutes.', 'error.release_at_invalid': 'From 1 to 100.', 'error.rounding_invalid': 'From 60 to 900 seconds.', 'error.threshold_invalid': 'From 1800 to 21600 seconds.',
  'error.other': 'It did not work: {code}.',
} as const;

export type Word = keyof typeof en;

const ru: Record<Word, string> = {
  title: 'Передача в Яндекс Метрику',
  off: 'Выключено', preview: 'Просмотр', live: 'Включено',
  'off.why': 'Выключено. В Яндекс ничего не отправляется и для него ничего не хранится.',
  'preview.why': 'Просмотр. Запросы показаны ниже, ни один не уходит.',
  'live.why': 'Включено. Выбранные цели согласившихся посетителей уходят в счётчик {counter}.',
  'none.why': 'Не настроено. В Яндекс ничего не отправляется.',
  kill: 'Немедленно остановить отправку', 'kill.why': 'Все сайты, все сборщики, за секунду. Всё, что ждёт отправки, выбрасывается.',
  'kill.done': 'Остановлено. Больше ничего не отправляется.',
  setup: 'Настройки', save: 'Сохранить', saved: 'Сохранено',
  counter: 'Номер счётчика', 'counter.why': 'Заведите отдельный счётчик без скрипта Яндекса, иначе в отчётах смешаются настоящие визиты и наши.',
  token: 'Токен Measurement Protocol', 'token.why': 'Метрика → Настройки → Безопасность и использование данных → Measurement Protocol. Хранится запечатанным и больше не показывается.',
  'token.set': 'Токен сохранён. Чтобы заменить, введите другой.',
  oauth: 'OAuth-токен (необязательно)', 'oauth.why': 'С правом чтения Mostik проверит настройку и сверит отчёты. Хранится запечатанным.', 'oauth.set': 'OAuth-токен сохранён. Чтобы заменить, введите другой.',
  goals: 'Цели', event: 'Событие здесь', goal: 'Цель в Метрике', value: 'Ценность', currency: 'Валюта', sum: 'Сумма или шаг', guarantee: 'При сомнении', remove: 'Убрать', add: 'Добавить цель',
  'value.none': 'нет', 'value.event': 'из события', 'value.fixed': 'всегда',
  at_most_once: 'не повторять', at_least_once: 'отправить ещё раз',
  'goals.why': 'Передаются только эти события. «При сомнении»: если ответа нет, никто не знает, получила ли Метрика цель. Без повтора одна может пропасть, с повтором — посчитаться дважды.',
  more: 'Согласие, задержка, страницы',
  consent: 'Согласие', 'consent.event': 'есть у самого события', 'consent.visit': 'и у всех предыдущих событий визита',
  delay: 'Задержка, минут', 'delay.why': 'От и до. Пока цель не ушла, посетитель может отозвать согласие.',
  k: 'Ждать столько одинаковых целей', 'k.why': '1 — не ждать. Цель, не дождавшаяся других, через 11 часов отбрасывается.',
  round: 'Округлять время до, секунд', pages: 'Страницы, которые можно называть', 'pages.why': 'По одной в строке: /cart или /catalog/*. Любая другая уходит как /.',
  late: 'Цели старше 11 часов отправлять офлайн-конверсиями (нужен OAuth-токен)',
  'preview.title': 'Что ушло бы', 'preview.here': 'Что произошло здесь', 'preview.leaves': 'Ушло бы это и ничего больше',
  'preview.empty': 'Целей с согласием ещё не было. Достигните цели на сайте: она появится здесь через несколько секунд.',
  'preview.off': 'Включите просмотр, чтобы увидеть точные запросы.',
  'field.event': 'событие', 'field.time': 'время', 'field.page': 'страница', 'field.revenue': 'доход',
  'field.visitor': 'адрес, браузер, экран, язык', 'field.title': 'заголовок, реферер, кампания, свойства',
  'why.event': 'по нему выбирается цель', 'why.time': 'округлено', 'why.page': 'по ней выбирается одна из ваших страниц', 'why.revenue': 'по правилу цели',
  'why.never': 'никогда не отправляется', opening: 'Просмотр, открывающий визит', 'opening.why': 'Без него Метрика не запишет цель.',
  queue: 'Очередь', waiting: 'Ждут', held: 'из них ждут других целей', next: 'следующая в {time}', nothing: 'Никто не ждёт.',
  last: 'Последний ответ', 'last.none': 'Ещё ничего не отправлено.', collector: 'Сборщик {node}', silent: 'молчит с {time}',
  'class.ok': 'Хорошо: Метрика приняла.', 'class.unreachable': 'До Метрики не достучаться. Пробуем снова. Проверьте, что сервер может соединяться с mc.yandex.ru по порту 443.',
  'class.no_answer': 'Ответа не было. По правилу цели она будет отправлена снова или останется под вопросом.',
  'class.unknown_answer': 'Успех с незнакомым текстом: возможно, вместо Метрики отвечает прокси.',
  'class.denied': 'Метрика не приняла токен. Проверьте номер счётчика, токен и что Measurement Protocol включён, затем сохраните здесь новый токен.',
  'class.busy': 'Метрика занята. Замедляемся и вернёмся.', 'class.broken': 'У Метрики что-то сломалось, и неизвестно, приняла ли она цель. Замедляемся.', 'class.redirected': 'Метрика отправила нас в другое место; мы туда не ходим. Проверьте collector.metrika_url.',
  'class.refused': 'Метрика окончательно отказала в этом запросе. Посмотрите настройки счётчика.',
  'breaker.resting': 'Отправка отдыхает до {time}: ответы не имели смысла.', 'breaker.denied': 'Отправка ждёт нового токена.', 'breaker.no_token': 'Нет токена: отправить ничего нельзя. Введите его снова.',
  test: 'Отправить пробную цель', 'test.why': 'Одна искусственная цель srv_canary в отдельном визите. Сначала создайте её в Метрике.', 'test.done': 'Заказано. Уйдёт через несколько секунд, журнал ниже покажет.',
  balance: 'Баланс по неделям', week: 'Неделя с {day}', eligible: 'к передаче', accepted: 'принято Метрикой', uncertain: 'под вопросом', rejected: 'отказано', expired: 'просрочено', blocked: 'не отправлено',
  'balance.empty': 'Пока пусто.', 'balance.why': '«Принято» значит, что Метрика ответила «OK», а не что она записала цель.',
  'reason.no_consent': 'нет согласия', 'reason.withdrawn': 'согласие отозвано', 'reason.off': 'выключено', 'reason.visit_without_consent': 'визит начался без согласия', 'reason.visit_full': 'слишком много за визит',
  'reason.opening_rejected': 'визит не открылся', 'reason.outbox_full': 'очередь полна', 'reason.too_old': 'слишком поздно', 'reason.too_few': 'не дождалась других', 'reason.unverified': 'незнакомый ответ', 'reason.no_answer': 'нет ответа', 'reason.interrupted': 'перезапуск', 'reason.refused': 'отказ', 'reason.redirected': 'перенаправление',
  log: 'Что ушло', 'log.why': 'Цель, час, состояние и хеш отправленного. Каждая строка запечатывает предыдущие.', 'log.export': 'Скачать CSV', hour: 'Час', state: 'Состояние', hash: 'Хеш', page_view: '(открывающий просмотр)',
  check: 'Проверка настройки', 'check.run': 'Проверить', 'check.ok': 'в порядке', 'check.needs': 'Нужен OAuth-токен.',
  meaning: 'Что отчёты Метрики будут значить и чего не будут',
  'meaning.yes': 'Читать стоит достижения целей и их ценность.',
  'meaning.no': 'Города, устройства, браузеры, источники, новые посетители и конверсия этого счётчика не значат ничего: все запросы идут с этого сервера, а известны только визиты с целью.',
  'meaning.never': 'Адрес, браузер, экран, язык, куки, заголовок страницы, реферер и любой текст посетителя не уходят никогда. У каждого визита случайный номер, и у следующего он другой.',
  'meaning.law': 'Для передачи по-прежнему нужно согласие посетителя. Правовое основание эта страница не определяет.',
  back: 'К цифрам',
  'error.metrika_no_token': 'Сначала введите токен счётчика; проба возможна только во включённом состоянии.', 'error.metrika_no_goals': 'Сначала выберите хотя бы одну цель.', 'error.metrika_not_set': 'Сначала сохраните настройки.',
  'error.counter_invalid': 'Номер счётчика — только цифры, например 12345678.', 'error.metrika_token_invalid': 'Это не токен: нужны буквы, цифры и дефисы.',
  'error.goals_invalid': 'Каждое событие один раз; идентификатор цели — буквы, цифры, _ . - и не больше 64.', 'error.value_invalid': 'Сумма от 0, шаг больше 0, валюта из трёх заглавных букв.',
  'error.paths_invalid': 'Страница начинается с /; звёздочка — одна целая часть.', 'error.delay_invalid': '«От» не больше «до» и не больше 60 минут.', 'error.release_at_invalid': 'От 1 до 100.', 'error.rounding_invalid': 'От 60 до 900 секунд.', 'error.threshold_invalid': 'От 1800 до 21600 секунд.',
  'error.other': 'Не получилось: {code}.',
};

const all = { en, ru };

export function w(word: Word, values: Record<string, string | number> = {}): string {
  return all[language.value][word].replace(/\{(\w+)\}/g, (_, name: string) => String(values[name] ?? ''));
}

/** For codes that come from the server: a new one is shown as it is rather than not at all. */
export function coded(prefix: string, code: string): string {
  const word = `${prefix}.${code}`;
  return word in en ? w(word as Word) : code.replaceAll('_', ' ');
}

/** A moment, as the reader writes it. */
export function clock(seconds: number, how: Intl.DateTimeFormatOptions = { hour: '2-digit', minute: '2-digit' }): string {
  return new Intl.DateTimeFormat(language.value === 'en' ? 'en-GB' : 'ru', how).format(new Date(seconds * 1000));
}
