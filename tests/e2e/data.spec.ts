import { readFile } from 'node:fs/promises';
import { AxeBuilder } from '@axe-core/playwright';
import type { LinkChains, LoadDetail, Quality, RejectList, RejectPlaces } from '../../server/app.ts';
import { expect, test, waitForMap } from './support/screen.ts';

test.use({ viewport: { width: 1440, height: 900 } });

test.describe('data', () => {
  test('shows every department with the score of the API, and the worst layer first', async ({ page, errors }) => {
    // Cells are counted in the background after a load; until then scores still change.
    let quality!: Quality;
    await expect
      .poll(async () => (quality = (await (await page.request.get('/api/quality')).json()) as Quality).pending, {
        timeout: 60_000,
      })
      .toBe(0);
    await page.goto('/data');
    const departments = page.getByTestId('departments').getByRole('button');
    await expect(departments).toHaveCount(quality.departments.length + 1);
    for (const [index, { score, layers, loaded, title }] of quality.departments.entries()) {
      await expect(departments.nth(index + 1)).toContainText(title.zh);
      await expect(departments.nth(index + 1)).toContainText(score.toFixed(1));
      await expect(departments.nth(index + 1)).toContainText(`已装载 ${loaded}/${layers}`);
    }
    const worst = quality.layers.toSorted((a, b) => a.score - b.score)[0]!;
    const rows = page.getByTestId('layers').locator('tr[data-layer]');
    await expect(rows).toHaveCount(quality.layers.length);
    await expect(rows.first()).toHaveAttribute('data-layer', worst.id);
    expect(errors).toEqual([]);
  });

  test('a layer opens with its criteria, whose weights make up the score, and its loads', async ({ page }) => {
    await page.goto('/data');
    const quality = (await (await page.request.get('/api/quality')).json()) as Quality;
    await page
      .getByTestId('departments')
      .getByRole('button', { name: /公安分局/ })
      .click();
    await expect(page).toHaveURL(/dep=public_security/);
    await page.getByTestId('layers').getByRole('button', { name: '实有人口' }).click();
    await expect(page).toHaveURL(/layer=person/);
    const criteria = page.getByTestId('criteria').locator('li');
    await expect(criteria).toHaveCount(quality.criteria.length);
    let sum = 0;
    let weights = 0;
    for (const criterion of await criteria.all()) {
      const [share, weight] = [
        await criterion.locator('.om-criterion-value').textContent(),
        await criterion.locator('.om-dim').textContent(),
      ];
      if (!share?.includes('%')) continue;
      const points = Number(/\d+/.exec(weight ?? '')?.[0]);
      sum += (points * Number.parseFloat(share)) / 100;
      weights += points;
    }
    const shown = Number(await page.locator('tr[data-layer=person] .om-score b > span').first().textContent());
    expect(Math.abs((100 * sum) / weights - shown)).toBeLessThan(0.11);

    const { load } = quality.layers.find(({ id }) => id === 'person')!;
    const detail = (await (await page.request.get(`/api/loads/${load}`)).json()) as LoadDetail;
    const row = page.getByTestId('loads').locator(`tr[data-load="${load}"]`);
    await expect(row).toContainText(detail.rows.in.toLocaleString('zh-CN'));
    await expect(row).toContainText(detail.rows.accepted.toLocaleString('zh-CN'));
    await expect(page.getByTestId('load-facts')).toContainText(detail.crsVerdict!.reasons[0]!.zh);
  });

  test('rows set aside are listed by reason, masked, opened by the address, and drawn where they lie', async ({
    page,
  }) => {
    await page.goto('/data?layer=person');
    const codes = page.getByTestId('codes');
    await codes.getByRole('button', { name: /引用的编码不存在/ }).click();
    await expect(page).toHaveURL(/code=UNKNOWN_REFERENCE/);
    const quality = (await (await page.request.get('/api/quality')).json()) as Quality;
    const { load } = quality.layers.find(({ id }) => id === 'person')!;
    const answer = (await (
      await page.request.get(`/api/loads/${load}/rejects?code=UNKNOWN_REFERENCE`)
    ).json()) as RejectList;
    const rows = page.getByTestId('rejects').locator('.om-reject');
    await expect(rows).toHaveCount(answer.total);
    await rows.first().click();
    await expect(page).toHaveURL(new RegExp(`row=${answer.rejects[0]!.id}`));
    await expect(page.locator('.om-reject-open')).toContainText('*');
    await page.reload();
    await expect(page.locator('.om-reject-open')).toContainText('姓名');

    await waitForMap(page);
    const places = (await (
      await page.request.get(`/api/rejects/places?load=${load}&code=UNKNOWN_REFERENCE`)
    ).json()) as RejectPlaces;
    await expect(page.getByTestId('repair-legend')).toContainText(`${places.total} 行中 ${places.placed} 行有位置`);
    const drawn = await page.waitForFunction(
      (wanted) => {
        const { map, over } = window.oneMap!;
        const { width, height } = map.getCanvas().getBoundingClientRect();
        const found = over.pickObjects({ x: 0, y: 0, width, height, layerIds: ['rejects'] });
        return found.length >= Math.min(1, wanted) ? found.length : null;
      },
      places.placed,
      { timeout: 60_000 },
    );
    expect(await drawn.jsonValue()).toBeLessThanOrEqual(places.placed);
    await page.keyboard.press('Escape');
    await expect(page).not.toHaveURL(/row=/);
    await page.keyboard.press('Escape');
    await expect(page).not.toHaveURL(/code=/);
  });

  test('a mark on the map opens its layer and row', async ({ page }) => {
    await page.goto('/data?dep=emergency');
    await waitForMap(page);
    const found = await page.waitForFunction(() => {
      const { map, over } = window.oneMap!;
      const { width, height } = map.getCanvas().getBoundingClientRect();
      const picked = over.pickObjects({ x: 0, y: 0, width, height, layerIds: ['rejects'] })[0];
      return picked ? { x: picked.x, y: picked.y, index: picked.index } : null;
    });
    const { index } = (await found.jsonValue())!;
    const places = (await (await page.request.get('/api/rejects/places?department=emergency')).json()) as RejectPlaces;
    const at = await page.evaluate((place) => window.oneMap!.map.project(place), [
      places.lons[index]!,
      places.lats[index]!,
    ] as [number, number]);
    await page.locator('.om-map-canvas').click({ position: { x: at.x, y: at.y } });
    await expect(page).toHaveURL(/layer=\w+&load=\d+&row=\d+/);
    await expect(page.locator('.om-reject-open')).toBeVisible();
  });

  test('the chains of links say how many rows come to a micro-grid, and why the others do not', async ({ page }) => {
    await page.goto('/data');
    const { chains } = (await (await page.request.get('/api/quality/links')).json()) as LinkChains;
    const person = chains.find(({ id }) => id === 'person')!;
    const item = page.getByTestId('chains').locator('[data-chain=person]');
    await expect(item).toContainText(person.title.zh);
    await item.locator('summary').click();
    await expect(item.getByRole('listitem')).toHaveCount(person.counts!.hops.length);
    for (const [index, hop] of person.counts!.hops.entries()) {
      await expect(item.getByRole('listitem').nth(index)).toContainText(hop.matched.toLocaleString('zh-CN'));
    }
    await page.goto('/data?layer=person');
    await expect(page.getByTestId('load-links')).toContainText('家庭户');
  });

  test('rows outside the district are counted beside the map, listed, and shown where they lie', async ({ page }) => {
    await page.goto('/data?layer=hospital');
    await waitForMap(page);
    const quality = (await (await page.request.get('/api/quality')).json()) as Quality;
    const { load } = quality.layers.find(({ id }) => id === 'hospital')!;
    const places = (await (await page.request.get(`/api/rejects/places?load=${load}`)).json()) as RejectPlaces;
    expect(places.outside).toBeGreaterThan(0);
    const outside = page.getByTestId('outside-places');
    await outside.getByText(`辖区外 ${places.outside} 处`).click();
    await expect(outside.getByRole('listitem')).toHaveCount(places.outside);
    await outside.getByRole('listitem').first().getByRole('button').click();
    await expect(page).toHaveURL(new RegExp(`row=${places.ids[0]}`));
    await expect
      .poll(() =>
        page.evaluate((place) => window.oneMap!.map.getBounds().contains(place), [places.lons[0]!, places.lats[0]!] as [
          number,
          number,
        ]),
      )
      .toBe(true);
  });

  test('a download asks for the purpose, and hands out the rows in the format of the department', async ({ page }) => {
    await page.goto('/data?layer=elevator');
    await page.getByRole('button', { name: '下载退回文件' }).click();
    const dialog = page.getByRole('dialog');
    const submit = dialog.getByRole('button', { name: '下载退回文件' });
    await expect(submit).toBeDisabled();
    await dialog.getByRole('textbox').fill('退回市场监管局更正');
    const { violations } = await new AxeBuilder({ page })
      .include('[role=dialog]')
      .withTags(['wcag2a', 'wcag2aa'])
      .analyze();
    expect(violations.map(({ id }) => id)).toEqual([]);
    const [download] = await Promise.all([page.waitForEvent('download', { timeout: 60_000 }), submit.click()]);
    expect(download.suggestedFilename()).toMatch(/^elevator-\d+-rejects\.csv$/);
    const text = new TextDecoder('gb18030').decode(await readFile(await download.path()));
    expect(text).toMatch(/^退回行号,退回代码,退回原因,使用登记编号,/);
    await expect(dialog.getByRole('status')).toContainText('已下载 elevator');
    await page.keyboard.press('Escape');
    await expect(dialog).toBeHidden();
    // Closing the dialog closes nothing else.
    await expect(page).toHaveURL(/layer=elevator/);
  });

  test('has no violation of WCAG A and AA with a layer, a load and a row open, in both languages', async ({ page }) => {
    const places = (await (await page.request.get('/api/rejects/places?department=health')).json()) as RejectPlaces;
    const index = places.layers.indexOf('hospital');
    for (const lang of ['zh', 'en']) {
      await page.goto(
        `/data?lang=${lang}&dep=health&layer=hospital&load=${places.loads[index]}&row=${places.ids[index]}&sheet=repair`,
      );
      await expect(page.locator('.om-reject-open')).toBeVisible();
      await expect(page.getByTestId('criteria')).toBeVisible();
      const { violations } = await new AxeBuilder({ page })
        .withTags(['wcag2a', 'wcag2aa', 'wcag21aa'])
        .exclude('.maplibregl-canvas-container')
        .analyze();
      expect(violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html).join(' | ')}`)).toEqual([]);
    }
  });

  test('is used on a telephone sheet by sheet', async ({ page }) => {
    await page.setViewportSize({ width: 390, height: 844 });
    await page.goto('/data');
    await expect(page.getByTestId('layers')).toBeVisible();
    await page.getByTestId('layers').getByRole('button', { name: '医院' }).click();
    await page.getByRole('button', { name: '修复', exact: true }).click();
    await expect(page.getByTestId('codes')).toBeVisible();
    await expect(page.getByTestId('layers')).toBeHidden();
    await page.getByRole('button', { name: '部门', exact: true }).click();
    await expect(page.getByTestId('departments')).toBeVisible();
    const overflow = await page.evaluate(
      () => document.documentElement.scrollWidth - document.documentElement.clientWidth,
    );
    expect(overflow).toBe(0);
  });

  test('an unknown layer or load is said to be missing, and the page lives on', async ({ page, errors }) => {
    await page.goto('/data?layer=no_such_layer&load=999999');
    await expect(page.getByText('不存在，或您无权查看').first()).toBeVisible();
    await expect(page.getByTestId('departments')).toBeVisible();
    expect(errors).toEqual([]);
  });
});
