import { inflateRawSync } from 'node:zlib';
import { readFileSync } from 'node:fs';
import type { SearchResults } from '../../server/app.ts';
import { expect, test, waitForMap } from './support/screen.ts';

test.use({ viewport: { width: 1280, height: 720 } });

/** The first file of a zip that was written in one go. */
function firstFile(zip: Buffer): { name: string; text: string } {
  const nameLength = zip.readUInt16LE(26);
  const start = 30 + nameLength + zip.readUInt16LE(28);
  const end = zip.indexOf(Buffer.from([0x50, 0x4b, 0x07, 0x08]), start);
  return {
    name: zip.subarray(30, 30 + nameLength).toString(),
    text: inflateRawSync(zip.subarray(start, end)).toString(),
  };
}

test.describe('search', () => {
  test('/ goes to the box, arrows move in it, a choice shows the layer and opens the feature', async ({
    page,
    errors,
  }) => {
    // The index is made in the background.
    await expect
      .poll(
        async () =>
          (
            (await (
              await page.request.get('/api/search?q=医院&layers=enterprise,town_boundary')
            ).json()) as SearchResults
          ).pending,
        { timeout: 90_000 },
      )
      .toEqual([]);
    const { features } = (await (await page.request.get('/api/layers/enterprise/features?limit=1')).json()) as {
      features: { id: number; properties: { name: string } }[];
    };
    const name = features[0]?.properties.name ?? '';
    await page.goto('/plan');
    await waitForMap(page);
    await page.keyboard.press('/');
    const box = page.getByRole('combobox', { name: '搜索图层、地点、地址、企业' });
    await expect(box).toBeFocused();
    await page.keyboard.type(name);
    const options = page.getByRole('option');
    await expect(options.first()).toBeVisible();
    await expect(options.first()).toHaveAttribute('aria-selected', 'true');
    await expect(page.getByRole('group', { name: '企业' }).getByRole('option').first()).toContainText(name);
    if ((await options.count()) > 1) {
      await page.keyboard.press('ArrowDown');
      await expect(options.nth(1)).toHaveAttribute('aria-selected', 'true');
      await page.keyboard.press('ArrowUp');
    }
    await expect(options.first()).toHaveAttribute('aria-selected', 'true');
    await page.getByRole('group', { name: '企业' }).getByRole('option').first().click();
    await expect(page).toHaveURL(/layers=enterprise/);
    await expect(page.getByTestId('feature-fields')).toContainText(name);
    expect(errors).toEqual([]);
  });

  test('finds by pinyin, says when there is nothing, Esc closes', async ({ page }) => {
    await page.goto('/plan?lang=en');
    const box = page.getByRole('combobox', { name: 'Search layers, places, addresses, enterprises' });
    await box.fill('frqy');
    await expect(page.getByRole('group', { name: 'Layers' }).getByRole('option').first()).toContainText('Enterprise');
    await page.keyboard.press('Enter');
    await expect(page).toHaveURL(/layers=enterprise/);
    await box.fill('䶮䶮䶮䶮');
    await expect(page.locator('.om-search-state')).toContainText('Nothing found');
    await page.keyboard.press('Escape');
    await expect(page.locator('.om-search-list')).toBeHidden();
  });

  test('says when the search fails, and asks again', async ({ page }) => {
    await page.route('**/api/search?*', (route) =>
      route.fulfill({ status: 503, json: { error: { code: 'NOT_READY', message: 'starting', requestId: 'x' } } }),
    );
    await page.goto('/plan');
    await page.getByRole('combobox', { name: '搜索图层、地点、地址、企业' }).fill('医院');
    await expect(page.locator('.om-search [role="alert"]')).toContainText('服务暂不可用');
    await page.unroute('**/api/search?*');
    const retry = page.locator('.om-search').getByRole('button', { name: '重试' });
    // A map that has just come to rest asks again by itself, and takes the button away.
    await expect(async () => {
      if (await retry.isVisible()) await retry.click({ timeout: 1000 });
      await expect(page.locator('.om-search [role="alert"]')).toBeHidden({ timeout: 5000 });
    }).toPass();
  });
});

test.describe('export', () => {
  test('makes a file of the filter, whose rows are those counted', async ({ page }) => {
    await page.goto('/plan?layers=enterprise&panel=export');
    const panel = page.getByRole('region', { name: '导出' });
    await expect(panel.getByRole('combobox', { name: '图层' })).toHaveValue('enterprise');
    await panel.getByRole('combobox', { name: '格式' }).selectOption('csv');
    await panel.getByRole('button', { name: '开始导出' }).click();
    const link = panel.getByRole('link', { name: '下载 enterprise.csv.zip' });
    await expect(link).toBeVisible({ timeout: 60_000 });
    // A reload loses no file.
    await page.reload();
    const waiting = page.waitForEvent('download');
    await link.click();
    const file = firstFile(readFileSync(await (await waiting).path()));
    expect(file.name).toBe('enterprise.csv');
    // Headings are what fields are called here.
    expect(file.text.split('\r\n')[0]).toContain('企业名称');
    const { numberMatched } = (await (await page.request.get('/api/layers/enterprise/features?limit=1')).json()) as {
      numberMatched: number;
    };
    expect(file.text.split('\r\n').length - 2).toBe(numberMatched);
    await expect(panel).toContainText(
      `${numberMatched.toLocaleString('zh-CN')} / ${numberMatched.toLocaleString('zh-CN')} 行`,
    );
  });

  test('asks what personal data is wanted for, and can be cancelled', async ({ page }) => {
    await page.goto('/plan?layers=person&panel=export');
    const panel = page.getByRole('region', { name: '导出' });
    const start = panel.getByRole('button', { name: '开始导出' });
    await expect(start).toBeDisabled();
    await panel.getByRole('textbox', { name: '用途' }).fill('社区走访名册');
    await panel.getByRole('combobox', { name: '格式' }).selectOption('xlsx');
    await start.click();
    await panel.getByRole('button', { name: '取消导出' }).click();
    await expect(panel.getByRole('button', { name: '取消导出' })).toBeHidden();
    await expect(panel.getByRole('status')).toHaveText('已取消');
    await expect(start).toBeEnabled();
    await expect(panel.getByRole('link')).toHaveCount(0);
  });
});
