import { AxeBuilder } from '@axe-core/playwright';
import type { RuleDetail } from '../../server/app.ts';
import { expect, PLACE, report, test } from './support/screen.ts';

test.use({ viewport: { width: 1440, height: 900 } });

test('the queue stands still under a hand, counts what comes, and goes on', async ({ page }) => {
  await page.goto('/wall');
  const queue = page.getByTestId('queue');
  await expect(page.locator('.om-chip')).toHaveText('实时');
  const first = await report(page, PLACE);
  await expect(queue.getByText(first.title)).toBeVisible();
  await queue.hover();
  const news = page.getByTestId('queue-news');
  await expect(news).toContainText('列表已停住');
  const order = () => queue.locator('.om-incident-title').allTextContents();
  const before = await order();

  const second = await report(page, PLACE, { category: '09012' });
  await expect(news).toContainText(/新到 \d+ 件/);
  // Whoever aims at a row hits it: no row has moved, nor has one come between.
  expect((await order()).map((title) => title.replace('新', ''))).toEqual(
    before.map((title) => title.replace('新', '')),
  );
  await news.click();
  await expect(queue.getByText(second.title)).toBeVisible();

  // By keyboard: an arrow leads to a row, Enter opens it.
  await queue.focus();
  await page.keyboard.press('ArrowDown');
  await page.keyboard.press('ArrowDown');
  const aimed = await page.evaluate(() => document.activeElement?.querySelector('.om-incident-title')?.textContent);
  expect(aimed).toBeTruthy();
  await page.keyboard.press('Enter');
  await expect(page).toHaveURL(/sel=incident:\d+/);
});

test('what is red is told over the map until somebody looks; keys lead on', async ({ page, errors }) => {
  await page.goto('/wall');
  await expect(page.locator('.om-chip')).toHaveText('实时');
  const small = await report(page, PLACE, { severity: 0 });
  await expect(page.getByTestId('queue-news')).toContainText(/近 1 分钟新到 \d+ 件/);
  const banner = page.getByTestId('red-banner');
  await expect(banner).toBeHidden();
  const { title, id } = await report(page, PLACE);
  await expect(banner).toContainText(title);
  await expect(banner).not.toContainText(small.title);
  await banner.getByRole('button').first().click();
  await expect(page).toHaveURL(new RegExp(`sel=incident:${id}`));
  await expect(page.getByRole('heading', { name: title })).toBeVisible();
  await expect(banner).toBeHidden();

  await page.keyboard.press('c');
  await expect(page).toHaveURL(/card=200/);
  await page.keyboard.press('Escape');
  await expect(page).not.toHaveURL(/sel=/);
  await page.keyboard.press('j');
  await expect(page).toHaveURL(/sel=incident:\d+/);

  await page.keyboard.press('?');
  await expect(page.getByRole('dialog', { name: '快捷键' })).toBeVisible();
  // Esc closes the sheet, and nothing else with it.
  await page.keyboard.press('Escape');
  await expect(page.getByRole('dialog')).toBeHidden();
  await expect(page).toHaveURL(/sel=incident:\d+/);
  await page.keyboard.press('n');
  await expect(page.locator('.om-wall')).toHaveAttribute('data-night');
  await page.keyboard.press('n');
  await expect(page.locator('.om-wall')).not.toHaveAttribute('data-night');
  expect(errors).toEqual([]);
});

test('following the newest ends with the first touch', async ({ page }) => {
  await page.goto('/wall');
  await expect(page.locator('.om-chip')).toHaveText('实时');
  await page.keyboard.press('f');
  await expect(page.getByText('正在跟随最新事件')).toBeVisible();
  const { title } = await report(page, PLACE);
  await expect(page.getByRole('heading', { name: title })).toBeVisible();
  await page.locator('.om-today').click();
  await expect(page.getByText('正在跟随最新事件')).toBeHidden();
});

test('an alarm of a rule is seen on the wall, acknowledged and cleared there; the next shift is told', async ({
  page,
}) => {
  const name = `聚集 ${Date.now()}`;
  const saved = await page.request.post('/api/rules', {
    data: {
      reason: '测试',
      rule: {
        kind: 'burst',
        name: { zh: name, en: name },
        title: { zh: name, en: name },
        severity: 1,
        watch: { of: 'incidents', filter: { field: 'category', op: '=', value: 'Z0908' } },
        count: 2,
        within: 3600,
        per: 'near',
        metres: 300,
      },
    },
  });
  expect(saved.status()).toBe(201);
  const { id } = (await saved.json()) as RuleDetail;
  const to = Date.now();
  const period = { from: new Date(to - 3_600_000).toISOString(), to: new Date(to).toISOString() };
  expect((await page.request.post('/api/rules/backtest', { data: { id, ...period } })).ok()).toBe(true);
  expect((await page.request.post(`/api/rules/${id}/enable`, { data: { reason: '测试' } })).ok()).toBe(true);

  await page.goto('/wall');
  for (let index = 0; index < 2; index++) await report(page, PLACE, { category: 'Z0908' });
  const alarm = page.getByTestId('alarm-strip').locator('li', { hasText: name });
  await expect(alarm).toBeVisible();
  // Beside the legend, over nothing else.
  const boxOf = async (selector: string) => (await page.locator(selector).first().boundingBox())!;
  const [strip, legend, moving] = [
    await boxOf('.om-alarm-strip'),
    await boxOf('.om-wall-corner .om-legend'),
    await boxOf('.om-moving-corner'),
  ];
  expect(strip.y).toBeGreaterThanOrEqual(legend.y + legend.height);
  expect(strip.x + strip.width).toBeLessThanOrEqual(moving.x);
  await alarm.getByRole('button', { name: `确认: ${name}` }).click();
  await expect(alarm).toHaveAttribute('data-seen');

  await page.keyboard.press('h');
  const sheet = page.getByRole('dialog', { name: '交接班单' });
  await expect(sheet.getByRole('table')).toBeVisible();
  await expect(sheet).toContainText('未解除告警');
  const { violations } = await new AxeBuilder({ page }).include('dialog').analyze();
  expect(violations.map(({ id: fault, nodes }) => `${fault}: ${nodes[0]?.html}`)).toEqual([]);
  await page.keyboard.press('Escape');

  await alarm.getByRole('button', { name: `解除: ${name}` }).click();
  await expect(alarm).toBeHidden();
  expect((await page.request.delete(`/api/rules/${id}`)).status()).toBe(204);
});
