import { AxeBuilder } from '@axe-core/playwright';
import type { AlarmList } from '../../server/app.ts';
import { expect, PLACE, report, test } from './support/screen.ts';

test.use({ viewport: { width: 1440, height: 900 } });

test('a rule is written, tested, switched on, raises an alarm that is acknowledged and cleared', async ({
  page,
  errors,
}) => {
  const name = `突发 ${Date.now()}`;
  await page.goto('/rules/new');
  const form = page.getByTestId('rule-form');
  await form.getByLabel('监测什么').selectOption('burst');
  await form.getByLabel('件数').fill('2');
  await form.getByLabel('事件类别代码').fill('Z0908');
  await form.getByLabel('按').selectOption('all');
  await form.getByLabel('名称（中文）').fill(name);
  await form.getByLabel('告警标题（中文）').fill(name);
  await form.getByLabel('告警等级').selectOption('1');
  await page.getByLabel('修改或启停原因').fill('汛期');
  await page.getByRole('button', { name: '保存' }).click();
  await expect(page).toHaveURL(/\/rules\/\d+$/);
  const id = Number(new URL(page.url()).pathname.split('/').at(-1));

  // Not before it was tried.
  await page.getByLabel('修改或启停原因').fill('汛期');
  await expect(page.getByRole('button', { name: '启用' })).toBeDisabled();
  await page.getByRole('button', { name: '试算', exact: true }).last().click();
  await expect(page.getByTestId('backtest')).toContainText('会告警');
  await expect(page.getByRole('button', { name: '启用' })).toBeEnabled();
  await page.getByRole('button', { name: '启用' }).click();
  await expect(page.getByTestId('rules').locator('li', { hasText: name })).toHaveAttribute('data-state', 'on');

  for (let index = 0; index < 2; index++) await report(page, PLACE, { category: 'Z0908' });
  const alarm = page.getByTestId('alarms').locator('li', { hasText: name });
  await expect(alarm).toBeVisible();
  await alarm.getByRole('button', { name: '确认', exact: true }).click();
  await expect(alarm).toContainText('已确认');

  await page.goto('/wall?lang=en');
  await expect(page.getByTestId('alarm-strip')).toContainText('2 incidents or more');
  await page.goto('/rules');
  await alarm.getByRole('button', { name: '解除', exact: true }).click();
  await expect(alarm).toHaveCount(0);
  const { alarms } = (await (await page.request.get(`/api/alarms?state=cleared&rule=${id}`)).json()) as AlarmList;
  // One alarm, which the simulated district may have told of another incident of the kind.
  expect(alarms).toHaveLength(1);
  expect(alarms[0]).toMatchObject({ severity: 1 });
  expect((await page.request.delete(`/api/rules/${id}`)).status()).toBe(204);
  expect(errors).toEqual([]);
});

test('what the API refuses is said, and the page has no faults of access in both languages', async ({ page }) => {
  await page.goto('/rules/new?lang=en');
  const form = page.getByTestId('rule-form');
  await form.getByLabel('What to watch for').selectOption('geofence');
  await page.getByLabel('Reason').fill('x');
  await page.getByRole('button', { name: 'Save' }).click();
  // What can be seen here is said beside the field, what only the API knows in its words.
  await expect(form.getByRole('alert').first()).toHaveText('Needed');
  await form.getByLabel('Area', { exact: true }).last().selectOption('inside');
  await form.getByLabel('Id of the layer').fill('no_such_layer');
  await page.getByRole('button', { name: 'Save' }).click();
  await expect(form.getByRole('alert').first()).toContainText('no_such_layer');
  const { violations } = await new AxeBuilder({ page }).include('main').exclude('.maplibregl-map').analyze();
  expect(violations.map(({ id, nodes }) => `${id}: ${nodes[0]?.html}`)).toEqual([]);
});

test('a saved rule can be read on a telephone', async ({ page }) => {
  await page.setViewportSize({ width: 390, height: 844 });
  await page.goto('/rules');
  await expect(page.getByRole('link', { name: '新建规则' })).toBeVisible();
  const width = await page.evaluate(() => document.documentElement.scrollWidth);
  expect(width).toBeLessThanOrEqual(390);
});
