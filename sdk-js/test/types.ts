// Compiled, never run: the types as a site uses them.

import { consent, init, isOptedOut, type Options, track } from '../dist/mostik';

const options: Options = { domain: 'example.ru', hash: true, exclude: ['/admin/**'], downloads: 'fb2', 404: true };
init(options);
track('Order', { props: { plan: 'pro', seats: 3 }, revenue: { amount: '10.50', currency: 'RUB' } });
track('Leave', { callback: (result) => result?.status });
consent('granted');
const out: boolean = isOptedOut();
window.mostik?.('Order', { interactive: false });
window.mostik?.pageview({ url: '/virtual', referrer: document.referrer });
init({ domain: 'example.ru', transform: (event) => (out ? undefined : event) });

// @ts-expect-error a nested object is no prop
track('Order', { props: { cart: { items: 3 } } });
// @ts-expect-error revenue has a currency
track('Order', { revenue: { amount: 10 } });
// @ts-expect-error no such answer
consent('maybe');
