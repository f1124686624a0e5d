import type { Page } from '@playwright/test';
import type { HotspotAnswer, InsideReport, NearestAnswer } from '../../server/app.ts';
import { expect, PLACE, test, waitForMap } from './support/screen.ts';

test.use({ viewport: { width: 1440, height: 900 } });

const AT = `at=${PLACE.lon},${PLACE.lat},14`;

/** Clicks places of the canvas, given as shares of its width and height. */
async function clickOn(page: Page, places: readonly (readonly [number, number])[]) {
  await expect(page.locator('.om-map-canvas[data-drawing]')).toBeVisible();
  const box = (await page.locator('.om-map-canvas').boundingBox())!;
  for (const [x, y] of places) {
    await page.mouse.move(box.x + box.width * x - 5, box.y + box.height * y - 5);
    await page.mouse.move(box.x + box.width * x, box.y + box.height * y);
    await page.mouse.click(box.x + box.width * x, box.y + box.height * y);
    // Two clicks within a moment would be one double click.
    await page.waitForTimeout(450);
  }
}

test('a drawn rectangle tells who and what is inside, and the address brings it back', async ({ page, errors }) => {
  await page.goto(`/plan?${AT}&tool=inside`);
  await waitForMap(page);
  await page.getByRole('button', { name: '矩形' }).click();
  await clickOn(page, [
    [0.3, 0.3],
    [0.7, 0.7],
  ]);
  const report = page.locator('.om-report');
  await expect(report).toBeVisible();
  await expect(page).toHaveURL(/shape=polygon/);
  const people = report.locator('[data-layer=person] .om-report-total b');
  const shown = await people.textContent();
  const polygon = new URL(page.url()).searchParams.get('shape')!.split(':')[1]!.split('~');
  const ring = [...polygon, polygon[0]!].map((place) => place.split(',').map(Number));
  const answer = await page.request.post('/api/analysis/inside', {
    data: { shape: { kind: 'polygon', geometry: { type: 'Polygon', coordinates: [ring] } } },
  });
  const { items } = (await answer.json()) as InsideReport;
  const total = items.find(({ layer }) => layer === 'person')!.total!;
  expect(total).toBeGreaterThan(20);
  expect(shown).toBe(total.toLocaleString('zh-CN'));
  await page.reload();
  await expect(people).toHaveText(shown ?? '');
  await page.goto(page.url().replace('?', '?lang=en&'));
  await expect(page.locator('.om-report').getByRole('heading', { name: 'Land use' })).toBeVisible();
  expect(errors).toEqual([]);
});

test('undo takes back a point, Esc ends the drawing, a finished polygon is measured', async ({ page }) => {
  await page.goto(`/plan?${AT}&tool=measure`);
  await waitForMap(page);
  const polygon = page.getByRole('button', { name: '多边形' });
  await polygon.click();
  await clickOn(page, [[0.4, 0.4]]);
  await page.keyboard.press('Escape');
  await expect(polygon).toHaveAttribute('aria-pressed', 'false');
  await expect(page).not.toHaveURL(/shape=/);
  await polygon.click();
  await clickOn(page, [
    [0.35, 0.35],
    [0.65, 0.35],
    [0.9, 0.9],
  ]);
  await page.keyboard.press('Control+z');
  await clickOn(page, [
    [0.65, 0.65],
    [0.35, 0.65],
    [0.35, 0.35],
  ]);
  await expect(page.getByTestId('measures')).toContainText('km²');
  expect(new URL(page.url()).searchParams.get('shape')!.split('~')).toHaveLength(4);
});

test('a drawn shape is changed by mouse and by keys: corners, the whole, undo, and the figures follow', async ({
  page,
  errors,
}) => {
  const corners: readonly (readonly [number, number])[] = [
    [PLACE.lon, PLACE.lat],
    [113.115, PLACE.lat],
    [113.115, 23.036],
    [PLACE.lon, 23.036],
  ];
  const drawn = `polygon:${corners.map((place) => place.join()).join('~')}`;
  await page.goto(`/plan?${AT}&tool=measure&shape=${drawn}`);
  await waitForMap(page);
  const measures = page.getByTestId('measures');
  const before = (await measures.textContent()) ?? '';
  const shape = () =>
    new URL(page.url()).searchParams
      .get('shape')!
      .split(':')[1]!
      .split('~')
      .map((place) => place.split(',').map(Number));
  /** Where a place is on the screen. */
  const onScreen = async (place: readonly number[]) => {
    const box = (await page.locator('.om-map-canvas').boundingBox())!;
    const [x, y] = await page.evaluate(([lng, lat]) => {
      const point = window.oneMap!.map.project([lng!, lat!]);
      return [point.x, point.y] as const;
    }, place);
    return { x: box.x + x, y: box.y + y };
  };
  const drag = async (from: readonly number[], right: number, down: number) => {
    const { x, y } = await onScreen(from);
    await page.mouse.move(x, y);
    await page.mouse.down();
    for (const part of [0.3, 0.7, 1]) await page.mouse.move(x + right * part, y + down * part);
    await page.mouse.up();
  };

  await page.getByRole('button', { name: '修改形状' }).click();
  await expect(page.locator('.om-map-canvas[data-drawing=edit]')).toBeVisible();
  await drag(corners[2]!, 50, -40);
  await expect.poll(() => shape()[2]![0]).toBeGreaterThan(corners[2]![0] + 0.002);
  expect(shape().filter((_place, index) => index !== 2)).toEqual(corners.filter((_place, index) => index !== 2));
  await expect(measures).not.toHaveText(before);
  // The corner in the middle of a side is new.
  await drag([PLACE.lon + 0.005, PLACE.lat], 0, 30);
  await expect.poll(() => shape().length).toBe(5);
  await page.keyboard.press('Control+z');
  await expect.poll(() => shape().length).toBe(4);
  const { x, y } = await onScreen(corners[3]!);
  await page.mouse.click(x, y, { button: 'right' });
  await expect.poll(() => shape().length).toBe(3);
  await page.keyboard.press('Enter');
  await expect(page.locator('.om-map-canvas[data-drawing]')).toHaveCount(0);

  await page.keyboard.press('e');
  await expect(page.locator('.om-map-canvas[data-drawing=edit]')).toBeVisible();
  const [first, ...others] = shape();
  await page.keyboard.press(']');
  await page.keyboard.press('ArrowLeft');
  await expect.poll(() => shape()[0]![0]).toBeLessThan(first![0]!);
  expect(shape().slice(1)).toEqual(others);
  await drag([PLACE.lon + 0.0085, PLACE.lat + 0.002], 0, 60);
  await expect.poll(() => shape().every(([, lat], index) => lat! < [first!, ...others][index]![1]!)).toBe(true);
  await page.keyboard.press('Escape');
  await expect(page.locator('.om-map-canvas[data-drawing]')).toHaveCount(0);
  // Each time of changing is one step of the way back.
  await page.goBack();
  await page.goBack();
  await expect(page).toHaveURL((url) => url.searchParams.get('shape') === drawn);
  await expect(measures).toHaveText(before);
  expect(errors).toEqual([]);
});

test('finds what is nearest, and leads to it', async ({ page }) => {
  await page.goto(`/plan?${AT}&tool=nearest:n=3,to=hospital&shape=point:${PLACE.lon},${PLACE.lat}`);
  const rows = page.getByTestId('nearest-rows').locator('tr');
  await expect(rows).toHaveCount(3);
  const answer = await page.request.post('/api/analysis/nearest', {
    data: { from: { point: [PLACE.lon, PLACE.lat] }, to: { layer: 'hospital' }, count: 3 },
  });
  const { rows: found } = (await answer.json()) as NearestAnswer;
  await expect(rows.first()).toContainText(found[0]!.neighbours[0]!.name!);
  await rows.first().getByRole('button').click();
  await expect(page).toHaveURL(/sel=feature:hospital:/);
});

test('a buffer of the cell that is selected, and an error in words', async ({ page }) => {
  await page.goto(`/plan?${AT}&tool=buffer:m=300&sel=cell:440604010000`);
  await page.getByRole('button', { name: '用所选对象' }).click();
  await expect(page.getByTestId('buffer-area')).toContainText('km²');
  await page.goto(`/plan?${AT}&tool=inside&shape=cell:440604999000`);
  await expect(page.locator('.om-tools').getByRole('alert')).toContainText('440604999000');
});

test('hotspots are painted cell by cell, told in a sentence and as a table; reach and coverage answer', async ({
  page,
}) => {
  await page.goto(`/plan?${AT}&tool=hotspot`);
  const tools = page.getByRole('region', { name: '分析工具' });
  await tools.getByRole('combobox', { name: '哪个图层的数量' }).selectOption('enterprise');
  const answer = await page.request.post('/api/analysis/hotspot', { data: { value: { layer: 'enterprise' } } });
  const { classes, global } = (await answer.json()) as HotspotAnswer;
  const hot = classes.filter((kind) => kind === 'hot99' || kind === 'hot95').length;
  await expect(page.getByTestId('hotspot-finding')).toContainText(`热点 ${hot} 个`);
  await expect(page.getByTestId('hotspot-finding')).toContainText(global!.i.toFixed(3));
  const painted = classes.filter((kind) => kind === 'hot99').length;
  await expect(page.getByTestId('class-legend')).toContainText(`热点 99% (${painted})`);
  await page.getByTestId('hotspot-rows').getByRole('button').first().click();
  await expect(page).toHaveURL(/sel=cell:440604\d{6}W\d{3}/);

  await page.goto(`/plan?${AT}&tool=reach:t=5-10&shape=point:${PLACE.lon},${PLACE.lat}`);
  await expect(page.getByTestId('reach-rows').locator('tr')).toHaveCount(2);
  await page.getByRole('button', { name: '到达覆盖' }).click();
  await expect(page.getByTestId('coverage-share')).toContainText(/\d+ %/);
  await page.goto(`/plan?${AT}&tool=correlation:by=community,layer=enterprise,other=building_footprint&lang=en`);
  await expect(page.getByTestId('correlation-finding')).toContainText(/r = -?0\.\d\d/);
});
