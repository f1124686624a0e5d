import { AxeBuilder } from '@axe-core/playwright';
import { devices } from '@playwright/test';
import { dark } from '../../web/theme.ts';
import { expect, picture, shareOf, test, waitForMap } from './support/screen.ts';

const { defaultBrowserType: _, ...phone } = devices['iPhone 13'];
const HERE = { longitude: 113.105, latitude: 23.02 };

test.describe('the forms on a telephone', () => {
  test.use({ viewport: { width: 390, height: 844 }, hasTouch: phone.hasTouch, isMobile: phone.isMobile });

  test('a citizen taps a picture and the map, sends, and gets a number and a code that lead to the report', async ({
    page,
    errors,
    foreign,
  }) => {
    await page.goto('/report');
    await waitForMap(page);
    // Icons are served where a layer has them: each kind has its picture.
    await expect
      .poll(() =>
        page
          .locator('.om-report-kinds img')
          .evaluateAll((images) => images.filter((image) => (image as HTMLImageElement).naturalWidth > 0).length),
      )
      .toBe(12);
    await page.getByRole('button', { name: '暴露垃圾' }).click();
    await expect(page.locator('.om-report-chosen')).toContainText('06010');
    // What is missing is said before anything is sent.
    await page.getByRole('button', { name: '提交' }).click();
    await expect(page.getByRole('alert')).toHaveText('请选择位置，或填写地址。');
    await page.locator('.om-report-map').scrollIntoViewIfNeeded();
    await page.locator('.om-report-map .maplibregl-canvas').click({ position: { x: 170, y: 120 } });
    await expect(page.locator('.om-report-place')).toContainText('113.');
    await page.getByLabel('情况说明').fill('楼下垃圾三天没清');
    await page.getByLabel('电话').fill('10912345678');
    await page.getByRole('button', { name: '提交' }).click();
    const receipts = page.getByRole('region', { name: '我的上报' });
    await expect(receipts).toContainText(/编号 \d+/);
    await expect(receipts).toContainText('处理中');
    const token = await receipts.locator('code').first().innerText();
    const answer = (await (await page.request.get(`/api/reports/${token}`)).json()) as {
      number: number;
      category: string;
    };
    expect(answer.category).toBe('06010');
    // What is sent is no longer on the device.
    expect(await page.evaluate(() => localStorage.getItem('om-reports'))).not.toContain('10912345678');
    expect(await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth)).toBe(
      0,
    );
    expect([errors, foreign]).toEqual([[], []]);
  });

  test('written without a line it waits, goes out by itself with the same id, and is one report', async ({
    page,
    context,
  }) => {
    await context.grantPermissions(['geolocation']);
    await context.setGeolocation(HERE);
    await page.goto('/report?lang=en');
    await waitForMap(page);
    await page.getByRole('searchbox').fill('fallen overhead');
    await page.getByRole('button', { name: /Fallen overhead cable/ }).click();
    await page.getByRole('button', { name: 'Use my position' }).click();
    await expect(page.locator('.om-report-place')).toContainText('113.10500, 23.02000');
    await context.setOffline(true);
    await page.getByRole('button', { name: 'Send' }).click();
    await expect(page.getByRole('region', { name: 'Waiting to be sent' })).toContainText(
      'sent when there is a connection',
    );
    const id = await page.evaluate(
      () =>
        (JSON.parse(localStorage.getItem('om-reports') ?? '{}') as { waiting: { report: { id: string } }[] }).waiting[0]
          ?.report.id,
    );
    await context.setOffline(false);
    await expect(page.getByRole('region', { name: 'My reports' })).toContainText(/No\. \d+/);
    await expect(page.getByRole('region', { name: 'Waiting to be sent' })).toBeHidden();
    const again = await page.request.post('/api/reports', {
      data: { id, category: '10002', lon: HERE.longitude, lat: HERE.latitude },
    });
    expect([200, 409]).toContain(again.status());
  });

  test('what cannot be taken is said in plain words and can be mended', async ({ page, context }) => {
    await context.grantPermissions(['geolocation']);
    await context.setGeolocation({ longitude: 116.4, latitude: 39.9 });
    await page.goto('/report');
    await waitForMap(page);
    await page.getByRole('button', { name: '噪声扰民' }).click();
    await page.getByRole('button', { name: '用我现在的位置' }).click();
    await expect(page.locator('.om-report-place')).toContainText('116.4');
    await page.getByRole('button', { name: '提交' }).click();
    const waiting = page.getByRole('region', { name: '待发送' });
    await expect(waiting.getByRole('alert')).toHaveText('这个位置不在禅城区内。');
    await waiting.getByRole('button', { name: '修改' }).click();
    await expect(page.locator('.om-report-chosen')).toContainText('06028');
    await expect(waiting).toBeHidden();
  });

  for (const [path, lang] of [
    ['report', 'zh'],
    ['collect', 'en'],
  ] as const) {
    test(`/${path} has no violation of WCAG A and AA (${lang})`, async ({ page }) => {
      await page.goto(`/${path}?lang=${lang}`);
      await waitForMap(page);
      const { violations } = await new AxeBuilder({ page })
        .withTags(['wcag2a', 'wcag2aa', 'wcag21aa'])
        .exclude('.maplibregl-canvas-container')
        .analyze();
      expect(violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html).join(' | ')}`)).toEqual([]);
    });
  }

  test('a collector says how grave it is', async ({ page, context }) => {
    await context.grantPermissions(['geolocation']);
    await context.setGeolocation(HERE);
    await page.goto('/collect');
    await waitForMap(page);
    await page.getByRole('button', { name: '水浸内涝' }).click();
    await page.getByRole('button', { name: '用我现在的位置' }).click();
    await page.getByRole('radio', { name: '橙' }).check();
    await page.getByRole('button', { name: '提交' }).click();
    const receipts = page.getByRole('region', { name: '我的上报' });
    await expect(receipts).toContainText(/编号 \d+/);
    const number = /编号 (\d+)/.exec(await receipts.innerText())?.[1];
    const incident = (await (await page.request.get(`/api/incidents/${number}`)).json()) as {
      severity: number;
      source: string;
    };
    expect(incident).toMatchObject({ severity: 2, source: 'collector' });
  });
});

test('a warning is on the wall as soon as it is issued, in words, shape and colour, and gone when it is called off', async ({
  page,
}) => {
  await page.setViewportSize({ width: 1440, height: 900 });
  await page.goto('/wall');
  await waitForMap(page);
  await expect(page.locator('.om-chip')).toHaveText('实时');
  const issued = await page.request.post('/api/alerts', {
    data: {
      event: { zh: '暴雨', en: 'Rainstorm' },
      headline: { zh: '测试:暴雨橙色预警', en: 'Test: orange rainstorm warning' },
      severity: 2,
      category: ['Met'],
      urgency: 'Expected',
      certainty: 'Likely',
      expires: new Date(Date.now() + 3_600_000).toISOString(),
      areas: [{ description: { zh: '祖庙街道', en: 'Zumiao' }, circles: [[113.09, 23.0, 4]] }],
    },
  });
  expect(issued.status()).toBe(201);
  const { id } = (await issued.json()) as { id: number };
  const banner = page.getByRole('list', { name: '生效中的预警' });
  await expect(banner).toContainText('橙色 测试:暴雨橙色预警', { timeout: 5_000 });
  await expect(banner.locator('.om-mark-2')).toBeVisible();
  await expect
    .poll(async () => shareOf(await picture(page, '.om-map'), dark.severity[2], 40), { timeout: 60_000 })
    .toBeGreaterThan(0.0005);
  await page.request.post(`/api/alerts/${id}/cancel`);
  await expect(banner).toBeHidden({ timeout: 5_000 });
});
