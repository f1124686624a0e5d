import { dark } from '../../web/theme.ts';
import { Line } from './support/line.ts';
import { countColors, expect, picture, PLACE, report, shareOf, test, waitForMap } from './support/screen.ts';

/** Middles of the fewest equal parts of a range that are no longer than `size`. */
function steps(from: number, to: number, size: number): number[] {
  const count = Math.ceil((to - from) / size);
  return Array.from({ length: count }, (_, index) => from + ((index + 0.5) * (to - from)) / count);
}

test.use({ viewport: { width: 1280, height: 720 } });

test.describe('wall', () => {
  test('/ leads to the wall, whose map shows land, water and cells', async ({ page, errors }) => {
    await page.goto('/');
    await expect(page).toHaveURL(/\/wall$/);
    await waitForMap(page);
    await expect(page.getByText('示意图，不作为划界依据')).toBeVisible();
    await expect
      .poll(async () => shareOf(await picture(page, '.om-map'), dark.map.water), { timeout: 60_000 })
      .toBeGreaterThan(0.005);
    const png = await picture(page, '.om-map');
    expect(shareOf(png, dark.map.land)).toBeGreaterThan(0.01);
    expect(countColors(png)).toBeGreaterThan(40);
    // Once all is there nothing reaches beyond the screen: a wall that can be scrolled has a bar at its side.
    await expect(page.getByRole('table', { name: '每小时事件数' })).toBeAttached();
    expect(await page.evaluate(() => document.documentElement.scrollHeight - innerHeight)).toBeLessThanOrEqual(0);
    expect(errors).toEqual([]);
  });

  test('has 921 cells, each of which can be picked', async ({ page }) => {
    test.slow();
    await page.goto('/wall');
    await waitForMap(page);
    await page.waitForFunction(() => {
      const { map, under } = window.oneMap!;
      const { width, height } = map.getCanvas().getBoundingClientRect();
      return under.pickObject({ x: width / 2, y: height / 2, radius: 40, layerIds: ['grid-cells'] }) !== null;
    });
    const answer = (await (await page.request.get('/api/layers/governance_grid/features?limit=1000')).json()) as {
      features: { properties: { grid_code: string } }[];
    };
    const all = new Set(answer.features.map(({ properties }) => properties.grid_code));
    expect(all.size).toBe(921);

    // From afar the smallest cells of the old town cover less than a pixel: look at the district piece by piece.
    const picked = new Set<string>();
    const { bbox } = (await (await page.request.get('/api/layers/governance_grid')).json()) as {
      bbox: [number, number, number, number];
    };
    const [west, south, east, north] = bbox;
    // Frames of 0.08° × 0.05° at zoom 12.5, overlapping.
    const frames = steps(west, east, 0.08).flatMap((lng) => steps(south, north, 0.05).map((lat) => [lng, lat]));
    for (const [lng, lat] of frames) {
      const codes = await page.evaluate(
        async ([lng = 0, lat = 0]) => {
          const { map, under } = window.oneMap!;
          map.jumpTo({ center: [lng, lat], zoom: 12.5 });
          await new Promise<void>((resolve) => map.once('render', () => requestAnimationFrame(() => resolve())));
          const { width, height } = map.getCanvas().getBoundingClientRect();
          const found = under.pickObjects({ x: 0, y: 0, width, height, layerIds: ['grid-cells'], maxObjects: null });
          return found.map(({ object }) => (object as { properties: { grid_code: string } }).properties.grid_code);
        },
        [lng ?? 0, lat ?? 0],
      );
      codes.forEach((code) => picked.add(code));
    }
    expect([...all].filter((code) => !picked.has(code))).toEqual([]);
  });

  test('a click on a cell tells who lives there', async ({ page }) => {
    await page.goto('/wall?at=113.105,23.03,14');
    await waitForMap(page);
    const map = page.locator('.om-map-canvas');
    await expect(async () => {
      await map.click({ position: { x: 260, y: 260 } });
      await expect(page.getByTestId('cell-code')).toHaveText(/^440604\d{6}W\d{3}$/, { timeout: 3_000 });
    }).toPass({ timeout: 60_000 });
    await expect(page.getByText('实有人口')).toBeVisible();
    await expect(page).toHaveURL(/sel=cell:440604/);
    await page.keyboard.press('Escape');
    await expect(page.getByTestId('cell-code')).toBeHidden();
    await expect(page).not.toHaveURL(/sel=/);
  });

  test('a reported incident is in the queue, on the map and in the figures within seconds', async ({ page }) => {
    await page.goto('/wall');
    await waitForMap(page);
    await expect(page.locator('.om-chip')).toHaveText('实时');
    const open = page.getByTestId('today-open');
    // The demo reports incidents of its own all the time: the wall and the API must agree, whatever the number.
    const expectAgreement = () =>
      expect
        .poll(async () => {
          const answer = await page.request.get('/api/incidents?limit=0');
          const { openTotal } = (await answer.json()) as { openTotal: number };
          return (await open.textContent()) === openTotal.toLocaleString('zh-CN');
        })
        .toBe(true);

    const started = Date.now();
    const { title, id } = await report(page, PLACE);
    await expect(page.getByTestId('queue').getByText(title)).toBeVisible({ timeout: 10_000 });
    const seenAfter = Date.now() - started;
    expect(seenAfter).toBeLessThan(10_000);
    // At once: after 20 s it is no longer news, and takes its place among the others.
    await page.getByTestId('queue').getByText(title).click();
    await expect(page).toHaveURL(new RegExp(`sel=incident:${id}`));
    await expect(page.getByRole('heading', { name: title })).toBeVisible();
    await expectAgreement();
    // Several at once are announced by the newest and a number.
    await expect(page.getByTestId('ticker')).not.toBeEmpty();

    const drawn = await page.waitForFunction((id) => {
      const { map, over } = window.oneMap!;
      const { width, height } = map.getCanvas().getBoundingClientRect();
      const found = over.pickObjects({ x: 0, y: 0, width, height, layerIds: ['incidents'] });
      return found.some(({ object }) => (object as { id: number }).id === id);
    }, id);
    expect(await drawn.jsonValue()).toBe(true);
    await expect(page.getByTestId('latency')).toHaveText(/P99 [\d.]+ (ms|s)/);

    await page.getByText('更多操作').click();
    await page.getByRole('button', { name: '直接结案', exact: true }).click();
    await page.getByRole('button', { name: '确认直接结案' }).click();
    await expect(page.getByTestId('queue').getByText(title)).toBeHidden();
    await expectAgreement();
  });

  test('says that the line is silent or down, comes back by itself and has missed nothing', async ({
    page,
    baseURL,
  }) => {
    const line = new Line(baseURL ?? '');
    await line.open();
    await page.goto(`${line.url}/wall`);
    const chip = page.locator('.om-chip');
    const queue = page.getByTestId('queue');
    await expect(chip).toHaveText('实时');

    line.freeze();
    await expect(page.locator('.om-banner')).toBeVisible({ timeout: 15_000 });
    await expect(chip).not.toHaveText('实时');
    const first = await report(page, PLACE);
    await expect(chip).toHaveText('实时', { timeout: 40_000 });
    await expect(queue.getByText(first.title)).toBeVisible();

    line.cut();
    await expect(page.locator('.om-banner')).toBeVisible({ timeout: 5_000 });
    const second = await report(page, PLACE);
    await line.open();
    await expect(chip).toHaveText('实时', { timeout: 40_000 });
    await expect(queue.getByText(second.title)).toBeVisible();
    await expect(page.getByText(/起无遗漏/)).toBeVisible();
    line.cut();
  });

  test('draws again after the graphics context is lost', async ({ page }) => {
    await page.goto('/wall');
    await waitForMap(page);
    await page.evaluate(() => {
      const gl = window.oneMap!.map.getCanvas().getContext('webgl2');
      delete window.oneMap;
      gl?.getExtension('WEBGL_lose_context')?.loseContext();
    });
    await waitForMap(page);
    await expect
      .poll(async () => shareOf(await picture(page, '.om-map'), dark.map.water), { timeout: 60_000 })
      .toBeGreaterThan(0.005);
  });
});
