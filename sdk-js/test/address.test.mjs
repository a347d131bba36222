// What of an address leaves the page.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { load } from './pure.mjs';

const HERE = 'https://site.test/here/?token=s3cret#top';

async function check(href, want, options = {}) {
  const { clean, settings } = await load(['address', 'settings'], { location: new URL(HERE) });
  Object.assign(settings, options);
  assert.equal(clean(href), want);
}

test('campaign tags stay, everything else goes', () =>
  check('/a?utm_source=x&utm_campaign=y&gclid=1&yclid=2&ref=b&source=c&email=me@x.example', 'https://site.test/a?utm_source=x&utm_campaign=y&ref=b&source=c'));
test('a repeated parameter goes as often as it comes', () => check('/a?token=1&token=2&q=3&token=4', 'https://site.test/a'));
test('listed parameters stay', () => check('/a?page=2&q=x&token=1', 'https://site.test/a?page=2&q=x', { query: ['page', 'q'] }));
test('a parameter only listed in part goes', () => check('/a?pages=2', 'https://site.test/a', { query: 'page' }));
test('the fragment goes', () => check('/a#access_token=1', 'https://site.test/a'));
test('credentials go', () => check('https://me:secret@site.test/a', 'https://site.test/a'));
test('in hash mode the fragment stays up to its parameters', () => check('/#/a/b?token=1', 'https://site.test/#/a/b', { hash: true }));
test('what looks like a token in place of a route goes', () => check('/#access_token=1', 'https://site.test/#access_token', { hash: '' }));
test('an app as referrer keeps its name', () => check('android-app://com.example.mail/', 'android-app://com.example.mail/'));
test('no address is no error', () => check('http://[', undefined));
test('2,000 characters at most', () => check(`/${'a'.repeat(3000)}`, `https://site.test/${'a'.repeat(1982)}`));

test('an excluded page has no address', () => check('/admin/x', undefined, { exclude: '/admin/**' }));
test('a page not included has none', () => check('/shop', undefined, { include: '/blog/*, /about' }));
test('an included page has', () => check('/about', 'https://site.test/about', { include: '/blog/*, /about' }));
test('an empty list of exclusions excludes nothing', () => check('/', 'https://site.test/', { exclude: '' }));
test('another host is not judged by our paths', () => check('https://other.test/admin/x', 'https://other.test/admin/x', { exclude: '/admin/**' }));
test('a mask takes the place of the path', () => check('/user/17?utm_source=x', 'https://site.test/user/*?utm_source=x', { mask: '/user/*' }));
test('a mask may cover a route in the fragment', () => check('/#/user/17', 'https://site.test/#/user/*', { mask: '/#/user/*', hash: true }));
