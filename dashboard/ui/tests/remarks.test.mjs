// Saved filters, and notes of what happened.

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { AxeBuilder } from '@axe-core/playwright';
import { PHONE, ready, search, stage } from './stage.mjs';
import { SITE } from './server.mjs';

let on;
before(async () => { on = await stage(); });
after(() => on.close());

const serious = async (page) => (await new AxeBuilder({ page }).analyze()).violations.map((v) => `${v.id}: ${v.nodes.map((n) => n.target).join(', ')}`);

test('a segment holds with one press, and what holds is saved as one', async () => {
  const segments = [{ id: 1, title: 'Phones from Yandex', filters: ['device:is:mobile', 'source:is:Yandex'] }];
  const { page, world, close } = await on.open('/sites/1', { world: { remarks: { segments, annotations: [], interruptions: [] } } });
  await ready(page);
  await page.keyboard.press('f');
  await page.click('[data-segment="Phones from Yandex"]');
  await page.waitForFunction(() => new URLSearchParams(location.search).getAll('filter').length === 2);
  assert.deepEqual(search(page).getAll('filter'), ['device:is:mobile', 'source:is:Yandex']);
  await page.goBack();
  await page.waitForFunction(() => !location.search.includes('filter='));
  await page.goto(`${on.fixture.origin}/sites/1?filter=country:is:RU`);
  await ready(page);
  await page.keyboard.press('f');
  await page.click('text=Save these filters');
  for (const title of ['Phones from Yandex', 'Russia']) {
    await page.fill('[name=segment]', title);
    await page.keyboard.press('Enter');
    if (title !== 'Russia') await page.getByText('There is one with this title already.').waitFor();
  }
  await page.waitForSelector('[data-segment="Russia"]');
  assert.deepEqual(world.remarks.segments.at(-1), { id: 11, title: 'Russia', filters: ['country:is:RU'] });
  assert.deepEqual(await serious(page), []);
  await page.getByRole('button', { name: 'Remove the segment Russia' }).click();
  await page.waitForFunction(() => !document.querySelector('[data-segment="Russia"]'));
  await close();
});

for (const [how, options] of [['wide', {}], ['on a phone', { viewport: PHONE, locale: 'ru-RU' }]]) {
  test(`a note stands below the chart, with a mark above its day, and goes again: ${how}`, async () => {
    const { page, world, close } = await on.open('/sites/1', options);
    const isRussian = Boolean(options.locale);
    await ready(page);
    await page.getByRole('button', { name: isRussian ? 'Добавить заметку' : 'Add a note' }).click();
    const day = await page.inputValue('[name=day]');
    await page.fill('[name=note]', 'Redesign');
    await page.keyboard.press('Enter');
    await page.locator('.notes li', { hasText: 'Redesign' }).waitFor();
    assert.deepEqual(world.remarks.annotations, [{ day, text: 'Redesign', id: 10 }]);
    assert.equal(await page.locator(`[data-mark="${day}"]`).count(), 1);
    assert.deepEqual(await serious(page), []);
    await page.reload();
    await page.locator('.notes li', { hasText: 'Redesign' }).waitFor();
    await page.getByRole('button', { name: isRussian ? /Удалить заметку/ : /Remove the note/ }).click();
    await page.waitForFunction(() => !document.querySelector('[data-mark]'));
    await close();
  });
}

test('who may only look changes neither', async () => {
  const sites = [{ ...SITE, role: 'viewer' }];
  const annotations = [{ id: 1, day: '2026-11-20', text: 'Release' }];
  const { page, close } = await on.open('/sites/1?filter=country:is:RU', { world: { sites, remarks: { segments: [], annotations, interruptions: [] } } });
  await ready(page);
  await page.locator('.notes li', { hasText: 'Release' }).waitFor();
  assert.equal(await page.locator('.notes button').count(), 0);
  await page.keyboard.press('f');
  await page.waitForSelector('.menu.filter .item');
  assert.equal(await page.getByText('Save these filters').count(), 0);
  await close();
});

for (const locale of ['en-GB', 'ru-RU']) {
  test(`gaps and split days are said below the chart and marked on it, those of other days are not: ${locale}`, async () => {
    const interruptions = [
      { from: '2026-01-02T03:04', until: '2026-01-02T05:06', gap: true, split: false },
      { from: '2026-11-19T14:05', until: '2026-11-19T14:50', gap: true, split: true },
      { from: '2026-11-20T09:00', until: '2026-11-20T09:00', gap: false, split: true },
    ];
    const { page, close } = await on.open('/sites/1', { locale, world: { remarks: { segments: [], annotations: [], interruptions } } });
    await ready(page);
    await page.waitForSelector('[data-interruption]');
    const said = await page.locator('[data-interruption]').allInnerTexts();
    assert.equal(said.length, 2);
    assert.match(said[0], locale === 'ru-RU' ? /14:05.*14:50 ничего не учитывалось.*потерян ключ/ : /14:05 to .*14:50\. At .*14:50 the key of the day was lost/);
    assert.match(said[1], locale === 'ru-RU' ? /^.*09:00 потерян ключ/ : /^At .*09:00 the key of the day was lost/);
    assert.deepEqual(await page.locator('[data-missed]').evaluateAll((all) => all.map((one) => one.dataset.missed)), interruptions.slice(1).map((one) => one.from));
    assert.deepEqual(await serious(page), []);
    await close();
  });
}
