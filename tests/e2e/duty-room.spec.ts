import { AxeBuilder } from '@axe-core/playwright';
import type { Page } from '@playwright/test';
import type { Alert, IncidentHistory, ReportReceipt, RuleList } from '../../server/app.ts';
import { jpegWithPlace } from '../support/photos.ts';
import { jpegAt } from '../support/photo-place.ts';
import { expect, PLACE, test, waitForMap } from './support/screen.ts';

async function violations(page: Page, part: string): Promise<unknown[]> {
  const { violations: found } = await new AxeBuilder({ page })
    .include(part)
    .exclude('.maplibregl-map')
    .withTags(['wcag2a', 'wcag2aa', 'wcag21aa'])
    .analyze();
  return found.map(({ id, nodes }) => [id, nodes.map(({ html }) => html)]);
}

const wide = (page: Page) =>
  page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);

test.describe('on a telephone', () => {
  test.use({ viewport: { width: 390, height: 844 } });

  test('photos are seen, taken out, sent without their place, and give it only when somebody says so', async ({
    page,
    context,
    errors,
  }) => {
    await page.goto('/report');
    await waitForMap(page);
    await page.getByRole('button', { name: '暴露垃圾' }).click();
    const photos = page.getByRole('group', { name: '照片或视频' });
    const choose = photos.getByLabel('从相册选择');
    await choose.setInputFiles([
      { name: 'here.jpg', mimeType: 'image/jpeg', buffer: jpegAt(PLACE) },
      { name: 'script.svg', mimeType: 'image/svg+xml', buffer: Buffer.from('<svg><script>alert(1)</script></svg>') },
      { name: 'broken.jpg', mimeType: 'image/jpeg', buffer: Buffer.from('no picture') },
      { name: 'other.jpg', mimeType: 'image/jpeg', buffer: jpegWithPlace() },
    ]);
    await expect(photos.getByRole('img')).toHaveCount(2);
    await expect(photos.getByRole('alert')).toHaveText([/script\.svg.*这种文件不能附/, /broken\.jpg.*打不开/]);
    // The place in the photo is nobody's business until somebody says so.
    await expect(page.locator('.om-report-place')).toContainText('尚未选择位置');
    await page.getByRole('button', { name: '用作位置' }).click();
    await expect(page.locator('.om-report-place')).toContainText('113.10500, 23.03000');
    await photos.getByRole('button', { name: '去掉 other.jpg' }).click();
    await expect(photos.getByRole('img')).toHaveCount(1);
    expect(await violations(page, '.om-report')).toEqual([]);

    // The first try finds no line; the photo waits on the device and goes out by itself.
    await context.setOffline(true);
    await page.getByRole('button', { name: '提交' }).click();
    await expect(page.getByRole('region', { name: '待发送' })).toBeVisible();
    await context.setOffline(false);
    const receipts = page.getByRole('region', { name: '我的上报' });
    await expect(receipts).toContainText('已附 1 个影像');
    const number = Number(/编号 (\d+)/.exec(await receipts.innerText())?.[1]);
    const history = (await (await page.request.get(`/api/incidents/${number}/history`)).json()) as IncidentHistory;
    expect(history.media).toMatchObject([{ phase: 'report', type: 'image/jpeg' }]);
    const file = await page.request.get(`/api/incidents/${number}/media/${history.media[0]?.id}`);
    expect((await file.body()).includes('Exif')).toBe(false);
    expect(await wide(page)).toBe(0);

    await receipts.getByRole('link', { name: '查看进度' }).click();
    await expect(page).toHaveURL(/\/report\/[\w-]+$/);
    await expect(page.getByTestId('track-now')).toContainText('已收到');
    expect(errors).toEqual([]);
  });

  test('a report is followed in plain words and rated; a wrong code is said to be one', async ({ page }) => {
    const sent = await page.request.post('/api/reports', {
      data: { id: crypto.randomUUID(), category: '06010', ...PLACE },
    });
    const { number, token } = (await sent.json()) as ReportReceipt;
    await page.goto(`/report/${token}?lang=en`);
    await expect(page.getByTestId('track-now')).toContainText('Received');
    await expect(page.getByRole('form', { name: 'Are you satisfied' })).toBeHidden();
    for (const move of ['register', 'close_now'])
      await page.request.post(`/api/incidents/${number}/moves`, { data: { move, reason: 'x' } });
    await page.reload();
    await expect(page.getByTestId('track-now')).toContainText('Done');
    const form = page.getByRole('form', { name: 'Are you satisfied' });
    await form.getByRole('button', { name: 'Send the rating' }).click();
    await expect(form.getByRole('alert')).toHaveText('Choose how satisfied you are first.');
    // With the keyboard.
    await form.getByRole('radio', { name: 'Very satisfied' }).focus();
    await page.keyboard.press('Space');
    await page.keyboard.press('ArrowRight');
    await form.getByLabel('Anything to add').fill('Quick work');
    expect(await violations(page, '#main')).toEqual([]);
    await form.getByRole('button', { name: 'Send the rating' }).click();
    await expect(page.getByRole('region', { name: 'Are you satisfied' })).toContainText('Your rating: Satisfied');
    expect(await wide(page)).toBe(0);
    const history = (await (await page.request.get(`/api/incidents/${number}/history`)).json()) as IncidentHistory;
    expect(history.rating).toMatchObject({ score: 3, comment: 'Quick work', by: 'reporter' });

    await page.getByLabel('Have a code?').fill(`${token}x`);
    await page.getByRole('button', { name: 'Look it up' }).click();
    await expect(page.getByRole('alert')).toContainText('The code is wrong');
  });
});

test.describe('at a desk', () => {
  test.use({ viewport: { width: 1440, height: 900 } });

  test('a red warning is written, seen as CAP, confirmed, on the wall, changed and called off', async ({
    page,
    errors,
  }) => {
    await page.goto('/warnings/new');
    await waitForMap(page);
    const form = page.getByTestId('warning-form');
    await form.getByRole('radio', { name: /红色/ }).check();
    await expect(form.getByLabel('标题（中文）')).toHaveValue('暴雨红色预警');
    await form.getByRole('radio', { name: '镇街' }).check();
    await page.getByRole('button', { name: '发布', exact: true }).click();
    await expect(form.getByRole('alert').first()).toHaveText('必填');
    await form.getByRole('combobox', { name: '添加镇街' }).fill('440604012000');
    await expect(form.getByRole('button', { name: /^去掉/ })).toBeVisible();
    await form.getByLabel('范围名称（英文）').fill('Zumiao');
    const cap = page.getByTestId('cap');
    await expect(cap).toContainText('<severity>Extreme</severity>');
    await expect(cap).toContainText('<value>440604012000</value>');
    expect(await violations(page, '.om-rules-desk')).toEqual([]);

    await page.getByRole('button', { name: '发布', exact: true }).click();
    const dialog = page.getByRole('dialog', { name: '确认发布红色预警？' });
    // A careless Enter is on the way out.
    await page.keyboard.press('Enter');
    await expect(dialog).toBeHidden();
    await page.getByRole('button', { name: '发布', exact: true }).click();
    // Seen as it comes: the map then flies there, and writes its place into the address.
    const issued = page.waitForURL(/\/warnings\/\d+$/);
    await dialog.getByRole('button', { name: '发布红色预警' }).click();
    await issued;
    const id = Number(new URL(page.url()).pathname.split('/').at(-1));
    await expect(page.getByTestId('warnings').locator(`[data-alert="${id}"]`)).toBeVisible();

    await page.getByRole('button', { name: '更新', exact: true }).click();
    await form.getByRole('radio', { name: /蓝色/ }).check();
    await form.getByLabel('防御指引（中文，可不填）').fill('减少外出');
    await form.getByLabel('防御指引（英文，可不填）').fill('Stay in');
    await page.getByRole('button', { name: '发布更新' }).click();
    await expect(page).toHaveURL((url) => url.pathname !== `/warnings/${id}`);
    const next = Number(new URL(page.url()).pathname.split('/').at(-1));
    await expect(page.getByTestId('warnings-over').locator(`[data-alert="${id}"]`)).toHaveAttribute(
      'data-state',
      'replaced',
    );

    await page.goto('/wall?lang=en');
    await page
      .getByRole('list', { name: 'Warnings in force' })
      .getByRole('button', { name: /Blue rainstorm warning/ })
      .click();
    await expect(page.getByRole('region', { name: 'Warnings in force' })).toContainText('Stay in');
    await page.getByRole('link', { name: 'Update or call off' }).click();
    await expect(page).toHaveURL(new RegExp(`/warnings/${next}`));
    await page.getByRole('button', { name: 'Call off' }).click();
    await page.getByRole('dialog').getByRole('button', { name: 'Call off' }).click();
    await expect(page.getByTestId('warnings-over').locator(`[data-alert="${next}"]`)).toHaveAttribute(
      'data-state',
      'cancelled',
    );
    const { state } = (await (await page.request.get(`/api/alerts/${next}`)).json()) as Alert;
    expect(state).toBe('cancelled');
    expect(errors).toEqual([]);
  });

  test('a rule names its sensors, how long it waits, and says beside a field what is wrong with it', async ({
    page,
  }) => {
    const name = `逐个选择 ${Date.now()}`;
    await page.goto('/rules/new');
    const form = page.getByTestId('rule-form');
    await form.getByLabel('哪些传感器').selectOption('named');
    await form.getByLabel('迟到读数最多等（秒）').fill('90');
    await form.getByLabel('解除值').fill('9');
    await form.getByLabel('名称（中文）').fill(name);
    await page.getByLabel('修改或启停原因').fill('汛期');
    await page.getByRole('button', { name: '保存' }).click();
    await expect(form.getByText('必填')).toBeVisible();
    await expect(form.getByText('解除值不能越过限值')).toBeVisible();
    await form.getByLabel('解除值').fill('3');
    const sensors = form.getByRole('group', { name: '传感器' }).getByRole('checkbox');
    await sensors.first().check();
    expect(await violations(page, '.om-rules-desk')).toEqual([]);
    await page.getByRole('button', { name: '保存' }).click();
    await expect(page).toHaveURL(/\/rules\/\d+$/);
    const { rules } = (await (await page.request.get('/api/rules')).json()) as RuleList;
    const saved = rules.find(({ rule }) => rule.name.zh === name);
    expect(saved).toMatchObject({
      watched: 1,
      rule: { watch: { of: 'sensors', ids: [expect.any(String)], delay: 90 }, clear: 3 },
    });
    await page.getByRole('button', { name: '试算', exact: true }).last().click();
    await expect(page.getByTestId('backtest')).toContainText('会告警');
    await page.request.delete(`/api/rules/${saved?.id}`);
  });
});
