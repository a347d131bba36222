// The words of a site's removal, in both languages. They travel with the page of installation.

import { language } from './i18n';

const en = {
  title: 'Remove this site',
  why: 'Everything held of {domain} is erased: figures of all days, what waits to be counted, and today’s key. The rows leave the tables within seconds and the disk within 15 minutes; then a receipt is written (mostik privacy receipts). Sealed backups keep closed months until those months’ keys are destroyed. It cannot be undone.',
  name: 'To confirm, write the site’s domain: {domain}',
  button: 'Remove {domain} and erase its data',
  wrong: 'This is not the site’s domain.',
};

const ru: typeof en = {
  title: 'Удалить этот сайт',
  why: 'Всё, что хранится о {domain}, стирается: цифры всех дней, очередь и сегодняшний ключ. Строки уходят из таблиц за секунды, с диска — в течение 15 минут; затем пишется квитанция (mostik privacy receipts). Запечатанные резервные копии хранят закрытые месяцы, пока не уничтожены ключи этих месяцев. Отменить нельзя.',
  name: 'Для подтверждения впишите домен сайта: {domain}',
  button: 'Удалить {domain} и стереть его данные',
  wrong: 'Это не домен сайта.',
};

export function say(word: keyof typeof en, domain: string): string {
  return { en, ru }[language.value][word].replaceAll('{domain}', domain);
}
