import type { Page } from '@playwright/test';
import type { LayerSummary, UserLayerList } from '../../server/app.ts';
import { expect, PLACE, test, waitForMap } from './support/screen.ts';

test.use({ viewport: { width: 1440, height: 900 } });

const AT = `at=${PLACE.lon},${PLACE.lat},14`;
/** Half a kilometre around the place. */
const CIRCLE = `shape=circle:${PLACE.lon},${PLACE.lat}:500`;
/** A name with a character beyond the first plane of Unicode. */
const NAME = '𠮷水农田';

test.afterEach(async ({ page }) => {
  const { layers } = (await (await page.request.get('/api/user-layers')).json()) as UserLayerList;
  for (const { id, own, deletedAt } of layers) {
    if (own && deletedAt === null) await page.request.delete(`/api/user-layers/${id}`);
  }
});

async function catalogue(page: Page): Promise<LayerSummary[]> {
  return ((await (await page.request.get('/api/layers')).json()) as { layers: LayerSummary[] }).layers;
}

test('an overlay becomes a layer on the map, of which one is the master: named, renamed, deleted, taken back', async ({
  page,
  errors,
}) => {
  await page.goto(`/plan?${AT}&tool=overlay&${CIRCLE}`);
  await waitForMap(page);
  const tools = page.getByRole('region', { name: '分析工具' });
  await tools.getByRole('combobox', { name: '图层甲' }).selectOption('building_footprint');
  await tools.getByRole('combobox', { name: '怎样叠加' }).selectOption('clip');
  await tools.getByRole('textbox', { name: '图层名称' }).fill('圈内建筑');
  await tools.getByRole('button', { name: '开始叠加' }).click();
  const job = tools.locator('.om-job');
  await expect(job).toHaveAttribute('data-state', 'ready');
  const made = (await catalogue(page)).find(({ title }) => title.zh === '圈内建筑')!;
  expect(made.count).toBeGreaterThan(5);
  await expect(job).toContainText(`${made.count!.toLocaleString('zh-CN')} 个要素`);
  await expect(page).toHaveURL(new RegExp(`layers=${made.id}`));
  await page.waitForFunction((id) => window.oneMap!.map.getLayer(`layer:${id}`) !== undefined, made.id);
  await page.waitForFunction(
    (id) => window.oneMap!.map.queryRenderedFeatures({ layers: [`layer:${id}`] }).length > 0,
    made.id,
  );

  // A reload loses neither the job nor the layer.
  await page.reload();
  await expect(page.locator('.om-job')).toHaveAttribute('data-state', 'ready');

  const own = page.getByTestId('made-layers');
  await own.locator('summary').click();
  await own.getByRole('button', { name: '给 圈内建筑 改名' }).click();
  await own.getByRole('textbox', { name: '新名称' }).fill(NAME);
  await page.keyboard.press('Enter');
  await expect(own.getByRole('checkbox', { name: `显示 ${NAME}` })).toBeChecked();
  await own.getByRole('button', { name: `删除 ${NAME}` }).click();
  await expect(page).not.toHaveURL(/layers=/);
  await expect(own.getByRole('checkbox', { name: `显示 ${NAME}` })).toHaveCount(0);
  await own.getByRole('button', { name: `恢复 ${NAME}` }).click();
  await expect(own.getByRole('checkbox', { name: `显示 ${NAME}` })).toBeEnabled();
  expect(errors).toEqual([]);
});

test('a table is attached to towns by code; what was not is counted and listed', async ({ page }) => {
  await page.goto(`/plan?${AT}&tool=attach&lang=en`);
  const tools = page.getByRole('region', { name: 'Tools' });
  const csv = '编码,老年人口\n440604010,1200\n440604011000,800\n440604999000,7\n440604010000,5\n';
  await tools
    .locator('input[type=file]')
    .setInputFiles({ name: '老年人口.csv', mimeType: 'text/csv', buffer: Buffer.from(csv) });
  await expect(tools.getByRole('textbox', { name: 'Name of the layer' })).toHaveValue('老年人口');
  await tools.getByRole('button', { name: 'Attach', exact: true }).click();
  const report = page.getByTestId('attach-report');
  await expect(report).toContainText('编码');
  const figure = (name: string) => report.locator('.om-pairs > div', { hasText: name }).locator('dd');
  await expect(figure('Attached')).toHaveText('2');
  await expect(figure('Code not found')).toHaveText('1');
  await expect(figure('Code repeated')).toHaveText('1');
  await report.getByText('The 2 rows that were not attached').click();
  await expect(report.getByRole('row', { name: '440604999000' })).toContainText('code not found');
  await tools.getByRole('button', { name: 'Show on the map' }).click();
  await expect(page).toHaveURL(/layers=user_attached_/);

  // What is no table of codes is told why.
  await tools
    .locator('input[type=file]')
    .setInputFiles({ name: 'x.csv', mimeType: 'text/csv', buffer: Buffer.from('a,b\n1,2\n3,4\n') });
  await tools.getByRole('button', { name: 'Attach', exact: true }).click();
  await expect(tools.locator('.om-job[data-state=failed]')).toContainText('Not done.');
  await expect(tools.locator('.om-job[data-state=failed]')).not.toContainText(/\p{Script=Han}/u);
});

test('a hotspot is kept from its answer; people only with a purpose', async ({ page }) => {
  await page.goto(`/plan?${AT}&tool=hotspot:by=community,layer=enterprise`);
  const tools = page.getByRole('region', { name: '分析工具' });
  await tools.getByRole('button', { name: '存为图层…' }).click();
  await tools.getByRole('button', { name: '存为图层', exact: true }).last().click();
  await expect(tools.locator('.om-job')).toHaveAttribute('data-state', 'ready');
  const [made] = (await catalogue(page)).filter(({ user }) => user);
  expect(made!.title.zh).toContain('热点');
  expect(made!.count).toBe(147);

  await page.goto(`/plan?${AT}&tool=keep:from=person&f.person=${encodeURIComponent('[["sex","=","M"]]')}`);
  const start = page.getByRole('region', { name: '分析工具' }).locator('.om-save button[type=submit]');
  await expect(start).toBeDisabled();
  await page.getByRole('textbox', { name: /^用途/ }).fill('核对走访名单');
  await expect(start).toBeEnabled();
});

test('a polygon bears its name once, at its own point, in characters of every plane', async ({ page }) => {
  const response = await page.request.post('/api/analysis/save', {
    data: {
      title: NAME,
      of: {
        kind: 'shapes',
        features: [
          {
            geometry: {
              type: 'Polygon',
              // Across the border of many tiles.
              coordinates: [
                [
                  [113.06, 23.0],
                  [113.14, 23.0],
                  [113.14, 23.06],
                  [113.06, 23.06],
                  [113.06, 23.0],
                ],
              ],
            },
            properties: { 名称: NAME },
          },
        ],
      },
    },
  });
  const { id, layer } = (await response.json()) as { id: string; layer: string };
  await expect
    .poll(async () => ((await (await page.request.get(`/api/analysis/jobs/${id}`)).json()) as { state: string }).state)
    .toBe('ready');
  const names = () =>
    page.evaluate(
      (own) =>
        window
          .oneMap!.map.queryRenderedFeatures({ layers: [`layer:${own}:label`] })
          .map(({ properties }) => Object.values(properties).find((value) => typeof value === 'string')),
      layer,
    );
  for (const zoom of [13, 15]) {
    await page.goto(`/plan?at=113.1,23.03,${zoom}&layers=${layer}&labels=${layer}&panel=layers`);
    await waitForMap(page);
    await expect.poll(names).toEqual([NAME]);
  }
  await page.goto('/plan?at=113.08,23.0,11&layers=town_boundary&labels=town_boundary&panel=layers');
  await waitForMap(page);
  const towns = await page.request.get('/api/layers/town_boundary/features?limit=10');
  const { features } = (await towns.json()) as { features: { properties: { name: string } }[] };
  const drawn = () =>
    page.evaluate(() =>
      window
        .oneMap!.map.queryRenderedFeatures({ layers: ['layer:town_boundary:label'] })
        .map(({ properties }) => String(properties['name']))
        .toSorted(),
    );
  await expect.poll(drawn).toEqual(features.map(({ properties }) => properties.name).toSorted());
  // The base map does not say them once more.
  await expect(page.locator('.om-town')).toHaveCount(0);
});
