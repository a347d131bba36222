// What an empty panel advises; it comes after the page.

import { language } from './i18n';

const WORDS = {
  en: { campaign: 'No tagged links in this period. Add ?utm_campaign=… to the links you share.', event: 'No events in this period. Call mostik(\'name\') on your page, or keep your ym(…, \'reachGoal\', …) calls.' },
  ru: { campaign: 'За этот период переходов по меткам не было. Добавляйте ?utm_campaign=… к ссылкам, которыми делитесь.', event: 'За этот период событий не было. Вызовите на странице mostik(\'имя\') или оставьте свои ym(…, \'reachGoal\', …).' },
};

export const Empty = ({ of }: { of: 'campaign' | 'event' }) => <p class="empty">{WORDS[language.value][of]}</p>;
