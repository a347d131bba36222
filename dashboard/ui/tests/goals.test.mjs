// Goals and funnels in a real browser: declared, seen on the overview, used as a filter.

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { AxeBuilder } from '@axe-core/playwright';
import { PHONE, ready, search, stage } from './stage.mjs';

let set;
before(async () => { set = await stage(); });
after(() => set.close());

const serious = async (page) => (await new AxeBuilder({ page }).withTags(['wcag2a', 'wcag2aa', 'wcag21aa', 'wcag22aa']).analyze()).violations.map((v) => `${v.id}: ${v.nodes.map((n) => n.target).join(', ')}`);

test('a goal is declared with its count before it is saved, changed, and removed after a question', async () => {
  const { page, world, close } = await set.open('/sites/1/goals');
  await ready(page);
  await page.click('[data-add=goal]');
  await page.fill('dialog [name=title]', 'Thanks');
  await page.getByLabel('Page', { exact: true }).fill('/thanks/*');
  await page.waitForSelector('.count[data-events="1204"]');
  assert.match(await page.textContent('.count'), /1,204 times, by about 988 visitors/);
  await page.getByRole('button', { name: 'Add a condition' }).click();
  await page.getByLabel('Property', { exact: true }).fill('plan');
  await page.getByLabel('Values, separated by commas').fill('pro,team');
  await page.fill('[name=amount]', '12.5');
  await page.click('dialog [type=submit]');
  await page.waitForSelector('[data-title=Thanks]');
  const kept = world.declared.goals.at(-1);
  assert.deepEqual(kept.rule, { what: { page: '/thanks/*' }, props: [{ name: 'plan', op: 'is', values: ['pro', 'team'] }] });
  assert.deepEqual(kept.value, { amount_e4: 125_000, currency: 'RUB' });

  await page.getByRole('button', { name: 'Edit: Thanks' }).click();
  await page.fill('dialog [name=title]', 'Звонок');
  await page.click('dialog [type=submit]');
  assert.match(await page.textContent('dialog [role=alert]'), /already/);
  await page.keyboard.press('Escape');

  await page.getByRole('button', { name: 'Remove: Thanks' }).click();
  assert.match(await page.textContent('dialog'), /Remove the goal “Thanks”/);
  await page.locator('dialog .solid').click();
  await page.waitForSelector('[data-title=Thanks]', { state: 'detached' });
  await close();
});

test('a funnel takes a goal’s rule as a step', async () => {
  const { page, world, close } = await set.open('/sites/1/goals', { locale: 'ru-RU' });
  await ready(page);
  await page.click('[data-add=funnel]');
  await page.fill('dialog [name=title]', 'Путь');
  await page.getByLabel('Шаг 1: Страница').fill('/');
  await page.getByLabel('Шаг 2: Взять правило цели').selectOption({ label: 'Звонок' });
  await page.getByRole('button', { name: 'Добавить шаг' }).click();
  await page.getByLabel('Шаг 3: Страница').fill('/thanks');
  await page.click('dialog [type=submit]');
  await page.waitForSelector('[data-title=Путь]');
  assert.deepEqual(world.declared.funnels.at(-1).steps.map((step) => step.what), [{ page: '/' }, { event: 'call' }, { page: '/thanks' }]);
  await close();
});

test('goals, funnels and events share a panel, and a goal is a filter that says what it cannot know', async () => {
  const { page, close } = await set.open('/sites/1');
  await ready(page);
  assert.equal(await page.locator('#panel-goals [data-row]').count(), 4);
  await page.locator('#panel-goals').getByRole('button', { name: 'Funnels' }).click();
  await page.waitForSelector('[data-funnel="1"] li');
  assert.equal(search(page).get('goals'), 'funnels');
  const visits = await page.locator('[data-funnel="1"] li').evaluateAll((items) => items.map((item) => Number(item.dataset.visits)));
  assert.ok(visits.length === 3 && visits[0] >= visits[1] && visits[1] >= visits[2], String(visits));
  assert.match(await page.textContent('[data-funnel="1"]'), /4 days that were closed before/);
  await page.locator('#panel-goals').getByRole('button', { name: 'Events' }).click();
  await page.waitForSelector('#panel-goals [data-row=order]');
  await page.locator('#panel-goals').getByRole('button', { name: 'Goals' }).click();
  await page.locator('#panel-goals [data-row="Звонок"]').click();
  await page.waitForSelector('.notice');
  assert.equal(search(page).get('filter'), 'goal:is:Звонок');
  assert.match(await page.textContent('.notice'), /4 days of this period were closed before/);
  await close();
});

test('the page of goals and the panel of funnels are accessible, wide and on a phone, in both schemes', async () => {
  for (const [viewport, colorScheme] of [[undefined, 'light'], [PHONE, 'dark']]) {
    const { page, close } = await set.open('/sites/1/goals', { colorScheme, ...(viewport ? { viewport } : {}) });
    await ready(page);
    assert.deepEqual(await serious(page), []);
    await page.click('[data-add=funnel]');
    await page.waitForSelector('dialog .steps li');
    assert.deepEqual(await serious(page), []);
    await page.goto(`${new URL(page.url()).origin}/sites/1?goals=funnels&panel=goals`);
    await page.waitForSelector('[data-funnel="1"] li');
    await ready(page);
    assert.deepEqual(await serious(page), []);
    await close();
  }
});
