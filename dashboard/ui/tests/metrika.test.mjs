// Forwarding to Metrika: the owner sees what would leave, switches, stops, and is never
// shown a token again.

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { forwarding } from './forwarding.mjs';
import { ready, stage } from './stage.mjs';

let on;
before(async () => { on = await stage(); });
after(() => on.close());

test('nothing set up says so, and the first save carries counter, token and goal', async () => {
  const { page, world, close } = await on.open('/sites/1/metrika');
  await ready(page);
  assert.match(await page.textContent('.state'), /Nothing is sent to Yandex/);
  await page.fill('[name=counter]', '12345678');
  await page.fill('[name=token]', 'the-owners-token');
  await page.getByRole('button', { name: 'Add a goal' }).click();
  await page.getByLabel('Event here').fill('Order');
  await page.getByLabel('Goal in Metrika').fill('srv_order');
  await page.getByRole('button', { name: 'Save' }).click();
  await page.waitForSelector('main[data-mode=preview]');
  assert.equal(world.told[0].token, 'the-owners-token');
  assert.deepEqual(world.told[0].rules.goals.map((goal) => [goal.event, goal.goal, goal.guarantee]), [['Order', 'srv_order', 'at_most_once']]);
  assert.equal(await page.inputValue('[name=token]'), '', 'a token that was sent is gone from the page');
  await close();
});

test('a preview sets the event beside the exact request, and says why the rest stays', async () => {
  const { page, close } = await on.open('/sites/1/metrika', { world: { metrika: forwarding('preview') } });
  await ready(page);
  const pair = page.locator('.what').first();
  assert.match(await pair.locator('div').first().textContent(), /Order.*it selects the goal/s);
  assert.match(await pair.locator('div').nth(1).textContent(), /easrv_order/);
  assert.match(await pair.textContent(), /address, browser, screen, languagenever sent/);
  await close();
});

test('the kill switch works by keyboard and the state is said in words', async () => {
  const { page, world, close } = await on.open('/sites/1/metrika', { world: { metrika: forwarding('live') } });
  await ready(page);
  assert.match(await page.textContent('.state'), /go to counter 12345678/);
  await page.locator('.kill').focus();
  await page.keyboard.press('Enter');
  await page.waitForSelector('main[data-mode=off]');
  assert.ok(world.calls.includes('POST /api/v1/metrika/stop'));
  assert.match(await page.textContent('.state'), /Off\. Nothing is sent to Yandex/);
  await close();
});

test('a failure is told in plain words with its remedy', async () => {
  const { page, close } = await on.open('/sites/1/metrika', { world: { metrika: forwarding('live') }, locale: 'ru-RU' });
  await ready(page);
  assert.match(await page.textContent('[data-waiting]'), /Проверьте номер счётчика/);
  await page.getByRole('button', { name: 'Проверить счётчик' }).click();
  await page.getByText('достижения недостающей цели молча теряются').waitFor();
  await close();
});

test('a goal of the counter, or of pasted code, is taken over with one press', async () => {
  const { page, world, close } = await on.open('/sites/1/metrika', { world: { metrika: forwarding('preview') } });
  await ready(page);
  await page.getByRole('button', { name: 'Check the counter' }).click();
  await page.getByText('Goals of this counter').click();
  await page.fill('[name=pasted]', "ym(1, 'reachGoal', 'lead_form'); ym(1, 'reachGoal', 'srv_order')");
  await page.getByRole('button', { name: 'Forward lead_form' }).waitFor();
  assert.equal(await page.getByRole('button', { name: 'Forward srv_order' }).count(), 0, 'it is forwarded already');
  await page.getByRole('button', { name: 'Forward call' }).click();
  await page.getByRole('button', { name: 'Remove: call' }).waitFor();
  const taken = world.told.at(-1).rules.goals.at(-1);
  assert.deepEqual([taken.event, taken.goal, taken.value.kind, taken.guarantee], ['call', 'call', 'none', 'at_most_once']);
  await close();
});

test('the nights are switched on by hand and what they found is shown', async () => {
  const { page, world, close } = await on.open('/sites/1/metrika', { world: { metrika: forwarding('live') } });
  await ready(page);
  assert.match(await page.getByRole('group', { name: 'What the nights have found' }).textContent(), /2026-11-21.*agrees/s);
  await page.getByText('Consent, delay, pages').click();
  await page.getByLabel('Comparison with the reports').selectOption('true');
  await page.getByRole('button', { name: 'Save' }).click();
  await page.getByText('Saved').waitFor();
  assert.equal(world.told.at(-1).rules.nightly, true);
  await close();
});

test('late goals are off, ask for a token of their own, and the preview shows the file', async () => {
  const { page, world, close } = await on.open('/sites/1/metrika', { world: { metrika: forwarding('preview') } });
  await ready(page);
  await page.getByText('The file, if it were late').click();
  await page.getByText('1768350268232845118,srv_order,').waitFor();
  await page.getByText('Consent, delay, pages').click();
  assert.equal(await page.locator('[name=late]').isChecked(), false);
  assert.equal(await page.locator('[name=upload]').count(), 0);
  await page.getByLabel('Send late goals as a file').press('Space');
  await page.getByRole('button', { name: 'Save' }).click();
  assert.equal(world.told.length, 0, 'not without a token');
  await page.fill('[name=upload]', 'a-token-that-writes');
  await page.getByRole('button', { name: 'Save' }).click();
  await page.getByText('Saved').waitFor();
  assert.equal(world.told.at(-1).rules.late, true);
  assert.equal(world.told.at(-1).upload, 'a-token-that-writes');
  assert.equal(await page.inputValue('[name=upload]'), '', 'a token that was sent is gone from the page');
  await close();
});

test('what waits as a late goal, and what Metrika said to its file, is told apart', async () => {
  const { page, close } = await on.open('/sites/1/metrika', { world: { metrika: forwarding('live') } });
  await ready(page);
  assert.match(await page.textContent('[data-waiting]'), /Waiting: 10 \(2 of them waiting for company\) \(3 of them late, in files\).*Last answer to a file: .*it may not upload to this counter/s);
  await close();
});

test('what the tag saw stands beside what we saw, with the reasons and what of them is known', async () => {
  const { page, world, close } = await on.open('/sites/1/metrika', { world: { metrika: forwarding('live') } });
  await ready(page);
  await page.getByText('Metrika’s tag and Mostik').click();
  await page.fill('[name=tag-counter]', '87654321');
  await page.getByRole('button', { name: 'Set side by side' }).click();
  await page.waitForSelector('[data-tag="2"]');
  const table = await page.locator('[data-tag]').textContent();
  assert.match(table, /2026-11-22—1,310—1,502—4,110/);
  assert.match(table, /2026-11-218711,204/);
  const why = await page.locator('details', { hasText: 'Why they differ' }).textContent();
  assert.match(why, /Europe\/Moscow.*Asia\/Yekaterinburg/s);
  assert.match(why, /GPC, DNT or an opt-out: 60\./);
  assert.match(why, /as robots: 207\./);
  assert.equal(world.told.at(-1).counter, 87654321);
  await close();
});

test('lists of tags and properties are written a line each, and the preview names what was dropped', async () => {
  const { page, world, close } = await on.open('/sites/1/metrika', { world: { metrika: forwarding('preview') } });
  await ready(page);
  const here = await page.locator('.what').first().textContent();
  assert.match(here, /utm_mediumon no list of yours: never sent/);
  assert.match(here, /planthis value is not on your list: not sent/);
  await page.getByText('Consent, delay, pages').click();
  assert.equal(await page.inputValue('[name=campaign]'), 'utm_source: vk, mail');
  await page.fill('[name=params]', ' plan: basic , pro \n\n tier: gold');
  await page.getByRole('button', { name: 'Save' }).click();
  await page.getByText('Saved').waitFor();
  const { campaign, params } = world.told.at(-1).rules;
  assert.deepEqual(campaign, [{ key: 'utm_source', values: ['vk', 'mail'] }]);
  assert.deepEqual(params, [{ key: 'plan', values: ['basic', 'pro'] }, { key: 'tier', values: ['gold'] }]);
  await close();
});
