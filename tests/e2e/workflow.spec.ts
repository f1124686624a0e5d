import { AxeBuilder } from '@axe-core/playwright';
import type { Page } from '@playwright/test';
import type { IncidentHistory } from '../../server/app.ts';
import { jpegWithPlace } from '../support/photos.ts';
import { expect, PLACE, report, test } from './support/screen.ts';

/** Does a move as somebody else would, beside the page. */
async function move(page: Page, id: number, name: string, more: object = {}): Promise<void> {
  const data = { move: name, reason: '测试', ...more };
  const response = await page.request.post(`/api/incidents/${id}/moves`, { data });
  expect(response.status(), await response.text()).toBe(200);
}

async function history(page: Page, id: number): Promise<IncidentHistory> {
  return (await (await page.request.get(`/api/incidents/${id}/history`)).json()) as IncidentHistory;
}

/** The button of a move in the panel, then its form. */
async function click(page: Page, name: string): Promise<void> {
  await page.getByTestId('moves').getByRole('button', { name, exact: true }).click();
  const form = page.getByRole('form', { name, exact: true });
  await expect(form).toBeVisible();
}

async function confirm(page: Page, name: string): Promise<void> {
  await page.getByRole('button', { name: `确认${name}`, exact: true }).click();
  await expect(page.getByRole('form', { name, exact: true })).toBeHidden();
}

test('from the report to the check, by the buttons of the panel', async ({ page }) => {
  const { id, title } = await report(page, PLACE, { severity: 3 });
  await page.goto(`/wall?sel=incident:${id}`);
  await expect(page.getByRole('heading', { name: title })).toBeVisible();
  const stage = page.getByTestId('stage');
  await expect(stage).toContainText('待立案');

  await click(page, '立案');
  await confirm(page, '立案');
  await expect(stage).toContainText('待派遣');

  await click(page, '派遣');
  await page.getByLabel('主办部门').selectOption({ label: '城市管理和综合执法局' });
  await confirm(page, '派遣');
  await expect(stage).toContainText('待接单');
  await expect(page.locator('.om-clocks')).toContainText('环节时限');

  await click(page, '接单');
  await confirm(page, '接单');

  // A reason is asked for where the machine wants one: without it nothing is sent.
  await page.getByText('更多操作').click();
  await click(page, '缓办（挂账）');
  await page.getByRole('button', { name: '确认缓办（挂账）' }).click();
  await expect(stage).toContainText('处理中');
  await page.getByLabel('理由（必填）').fill('等待配件');
  await confirm(page, '缓办（挂账）');
  await expect(stage).toContainText('缓办挂账');
  await expect(page.locator('.om-clocks')).toContainText('计时暂停');
  await click(page, '恢复办理');
  await confirm(page, '恢复办理');

  // With a further department at work the matter cannot be reported done.
  await page.getByRole('button', { name: '增派协办部门' }).click();
  await page.getByRole('form', { name: '增派协办部门' }).getByRole('combobox').selectOption({ label: '水务局' });
  await page.getByRole('form', { name: '增派协办部门' }).getByRole('button', { name: '增派协办部门' }).click();
  await expect(page.getByTestId('moves').getByRole('button', { name: '反馈处置结果' })).toBeDisabled();
  await page.getByRole('region', { name: '协办任务' }).getByRole('button', { name: '完成', exact: true }).click();
  await expect(page.getByTestId('moves').getByRole('button', { name: '反馈处置结果' })).toBeEnabled();

  const photos = page.getByRole('region', { name: '现场影像' });
  await photos
    .getByLabel('上传影像： 处置后')
    .setInputFiles({ name: 'after.jpg', mimeType: 'image/jpeg', buffer: jpegWithPlace() });
  const photo = photos.getByRole('img', { name: /^处置后/ });
  await expect(photo).toBeVisible();
  await photo.scrollIntoViewIfNeeded();
  // What was stripped is still a picture: the browser decodes it, turned as the phone held it.
  await expect.poll(() => photo.evaluate((img: HTMLImageElement) => img.naturalWidth)).toBe(8);

  await page.getByLabel('留言').fill('已清运');
  await page.getByRole('button', { name: '发送' }).click();
  const done = page.getByRole('region', { name: '办理过程' });
  await expect(done).toContainText('已清运');
  await expect(done.getByRole('listitem').last()).toContainText('接报');

  // What somebody else does is on the screen without a reload.
  await move(page, id, 'report_done');
  await expect(stage).toContainText('已反馈');
  await move(page, id, 'request_check');
  await move(page, id, 'pass');
  await click(page, '结案');
  await confirm(page, '结案');
  await expect(stage).toContainText('已结案');
  await page.getByRole('region', { name: '满意度' }).getByRole('button', { name: '满意', exact: true }).click();
  await expect(page.getByRole('region', { name: '满意度' })).toContainText('工作人员代评');
  const { events, rating } = await history(page, id);
  expect(rating?.score).toBe(3);
  expect(events.filter(({ from, to }) => from !== to).map(({ move }) => move)).toEqual([
    'register',
    'dispatch',
    'accept',
    'suspend',
    'resume',
    'report_done',
    'request_check',
    'pass',
    'close',
  ]);
});

test('a decision on what has changed meanwhile is refused and said so; English', async ({ page }) => {
  const { id, title } = await report(page, PLACE, { severity: 3 });
  await page.goto(`/wall?lang=en&sel=incident:${id}`);
  await expect(page.getByRole('heading', { name: title })).toBeVisible();
  await page.getByTestId('moves').getByRole('button', { name: 'Register', exact: true }).click();
  // Its answer is held back until somebody else was faster.
  await page.route(`**/api/incidents/${id}/moves`, async (route) => {
    await move(page, id, 'register');
    await route.continue();
  });
  await page.getByRole('button', { name: 'Confirm: Register' }).click();
  await expect(page.getByTestId('moves').getByRole('alert')).toContainText('Somebody else was faster');
  await expect(page.getByTestId('stage')).toContainText('To be dispatched');
});

test.describe('on a phone', () => {
  test.use({ viewport: { width: 390, height: 844 } });

  test('everything is within reach, with the keyboard too', async ({ page }) => {
    const { id } = await report(page, PLACE, { category: '06001', severity: 3 });
    await move(page, id, 'register');
    await move(page, id, 'dispatch', { department: 'urban_management' });
    await page.goto(`/wall?sel=incident:${id}`);
    const panel = page.locator('.om-detail');
    await expect(panel.getByTestId('moves')).toBeVisible();
    await expect(panel.getByRole('region', { name: '办理节点' })).toContainText('责令停工');
    const wide = await panel.evaluate((element) => element.scrollWidth - element.clientWidth);
    expect(wide).toBeLessThanOrEqual(0);
    const accept = panel.getByRole('button', { name: '接单', exact: true });
    await accept.focus();
    await page.keyboard.press('Enter');
    await expect(panel.getByRole('form', { name: '接单' })).toBeVisible();
    const { violations } = await new AxeBuilder({ page })
      .include('.om-detail')
      .withTags(['wcag2a', 'wcag2aa', 'wcag21aa'])
      .analyze();
    expect(violations.map(({ id, nodes }) => [id, nodes.map(({ html }) => html)])).toEqual([]);
    await confirm(page, '接单');
    await expect(page.getByTestId('stage')).toContainText('处理中');
  });
});
