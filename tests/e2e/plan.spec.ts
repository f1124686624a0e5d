import { expect, report, PLACE, test, waitForMap } from './support/screen.ts';

test.use({ viewport: { width: 1280, height: 720 } });

test.describe('plan', () => {
  test('draws population as hexagons that can be picked, whose sum is the total', async ({ page }) => {
    await page.goto('/plan?hex=person:8');
    await waitForMap(page);
    const total = page.getByTestId('analysis-total');
    await expect(total).toHaveText(/^[\d,]+$/);
    const answer = (await (await page.request.get('/api/layers/person/h3?res=8')).json()) as {
      counts: (number | null)[];
      total: number;
      unlocated: number;
      suppressed: { count: number };
      cells: string[];
    };
    await expect(total).toHaveText(answer.total.toLocaleString('zh-CN'));
    const sum = answer.counts.reduce<number>((all, count) => all + (count ?? 0), 0);
    expect(sum + (answer.suppressed.count ?? 0) + (answer.unlocated ?? 0)).toBe(answer.total);

    const picked = await page.waitForFunction(
      () => {
        const { map, under } = window.oneMap!;
        const { width, height } = map.getCanvas().getBoundingClientRect();
        const found = under.pickObjects({ x: 0, y: 0, width, height, layerIds: ['hexagons'], maxObjects: 500 });
        return found.length > 20 ? found.map(({ index }) => index) : null;
      },
      null,
      { timeout: 60_000 },
    );
    const rows = (await picked.jsonValue()) as number[];
    expect(rows.every((row) => answer.cells[row] !== undefined)).toBe(true);
  });

  test('a filter changes the total, stays in the address, and survives a reload', async ({ page }) => {
    await page.goto('/plan?hex=person:8');
    const total = page.getByTestId('analysis-total');
    await expect(total).toHaveText(/^[\d,]+$/);
    const all = await total.textContent();
    await page.getByRole('button', { name: '添加条件' }).click();
    await page.getByRole('combobox', { name: '字段' }).selectOption('sex');
    await page.getByRole('combobox', { name: '值' }).selectOption('F');
    await expect(page).toHaveURL(/f\.person=/);
    await expect(total).not.toHaveText(all ?? '');
    const filter = JSON.stringify({ and: [{ field: 'sex', op: '=', value: 'F' }] });
    const answer = (await (
      await page.request.get(`/api/layers/person/h3?res=8&filter=${encodeURIComponent(filter)}`)
    ).json()) as {
      total: number;
    };
    // The condition begins with the first value: its answer may be there for a moment.
    const women = answer.total.toLocaleString('zh-CN');
    await expect(total).toHaveText(women);
    await page.reload();
    await expect(total).toHaveText(women);
    await expect(page.getByRole('combobox', { name: '值' })).toHaveValue('F');
    // A share is one of all rows, and they are called that.
    await page.getByRole('combobox', { name: '指标' }).selectOption('share');
    await expect(page.locator('.om-totals')).toContainText(`全部 ?${all}`);
  });

  test('a filter is a tree of groups, in step with its text; errors stand at their condition', async ({ page }) => {
    await page.goto('/plan?on=enterprise');
    const hits = page.getByTestId('filter-hits');
    await expect(hits).toHaveText(/^([\d,]+) \/ \1 条符合$/);
    const form = page.locator('.om-filter-section');
    await form.getByText('CQL2 文本').click();
    const text = form.getByRole('textbox', { name: 'CQL2 文本' });
    await text.fill("status = 'active' AND (reg_capital_10k > 500 OR industry_section IN ('C', 'F'))");
    await text.press('Control+Enter');
    await expect(form.getByRole('group', { name: '条件组' })).toHaveCount(1);
    await expect(page).toHaveURL(/f\.enterprise=/);
    const filter = new URL(page.url()).searchParams.get('f.enterprise')!;
    const answer = await page.request.get(`/api/layers/enterprise/aggregate?filter=${encodeURIComponent(filter)}`);
    const { total } = (await answer.json()) as { total: number };
    await expect(hits).toContainText(`${total.toLocaleString('zh-CN')} /`);
    await expect(page.getByRole('list', { name: '生效的筛选' })).toContainText('登记状态 = 存续');

    await text.fill('nothing = 1');
    await text.press('Control+Enter');
    await expect(form.locator('.om-cql2')).toContainText('nothing');
    await page.getByRole('button', { name: /^去掉筛选 登记状态/ }).click();
    await expect(page).not.toHaveURL(/active/);

    await page.goto('/plan?on=enterprise&f.enterprise=[["name","contains","公司"],["status","=",7]]');
    const wrong = form.locator('.om-condition[data-problem]');
    await expect(wrong).toHaveCount(1);
    await expect(wrong.getByRole('combobox', { name: '字段' })).toHaveValue('status');
    await wrong.getByRole('button', { name: '删除条件' }).click();
    await expect(wrong).toHaveCount(0);
    await form.getByRole('button', { name: '撤销' }).click();
    await expect(wrong).toHaveCount(1);
  });

  test('what is typed into one box and at once into the next is all in the filter; Ctrl+Z brings it back', async ({
    page,
  }) => {
    await page.goto('/plan?on=enterprise&f.enterprise=[["reg_capital_10k","between",["",""]],["status","=","?"]]');
    const form = page.locator('.om-filter-section');
    await form.getByRole('spinbutton').first().click();
    await page.keyboard.type('50');
    await page.keyboard.press('Tab');
    await page.keyboard.type('500');
    await expect(page).toHaveURL(/50,500/);
    // A value that the field does not have is not passed off as one that it has.
    await expect(form.getByRole('combobox', { name: '值' })).toHaveValue('?');
    await form.getByRole('button', { name: '清除' }).click();
    await expect(form.getByRole('spinbutton')).toHaveCount(0);
    await page.keyboard.press('Control+z');
    await expect(form.getByRole('spinbutton').last()).toHaveValue('500');
  });

  test('rows are ordered by the server, filtered from a cell, and lead to the map and back', async ({ page }) => {
    await page.goto('/plan?table=enterprise:-reg_capital_10k&layers=enterprise');
    const grid = page.getByRole('grid', { name: '属性表' });
    const first = grid.locator('[data-cell="0:3"]');
    const answer = await page.request.get('/api/layers/enterprise/features?sort=-reg_capital_10k&limit=1');
    const { features } = (await answer.json()) as { features: { id: number; properties: Record<string, number> }[] };
    await expect(first).toContainText(features[0]!.properties['reg_capital_10k']!.toLocaleString('zh-CN'));
    await first.focus();
    await page.keyboard.press('Enter');
    await expect(page).toHaveURL(new RegExp(`sel=feature:enterprise:${features[0]!.id}`));
    await page.keyboard.press('End');
    await page.keyboard.press('f');
    await expect(page).toHaveURL(/f\.enterprise=/);
    await page.keyboard.press('ArrowDown');
    await expect(grid.locator('[data-cell="1:7"]')).toBeFocused();
    await page.goto('/plan?cross=birth_date:age~sex&on=person');
    await expect(page.getByTestId('cross-table').locator('thead th')).toHaveText(['出生日期', '女', '男']);
  });

  test('finds a layer by search, shows it, and the address brings it all back', async ({ page }) => {
    await page.goto('/plan?at=113.105,23.03,15.5');
    await waitForMap(page);
    await page.getByRole('searchbox').fill('building_footprint');
    await page.getByRole('checkbox', { name: '显示 建筑物轮廓' }).check();
    await expect(page).toHaveURL(/layers=building_footprint/);
    await waitForMap(page);
    const features = await page.waitForFunction(() => {
      const found = window.oneMap!.map.queryRenderedFeatures({ layers: ['layer:building_footprint'] });
      return found.length > 20 ? found.length : null;
    });
    expect(await features.jsonValue()).toBeGreaterThan(20);

    // A click into a building opens it, with the fields of the catalogue.
    const at = await page.evaluate(() => {
      const { map } = window.oneMap!;
      const [feature] = map.queryRenderedFeatures(
        [
          [200, 150],
          [500, 500],
        ],
        { layers: ['layer:building_footprint'] },
      );
      const { geometry } = feature!;
      const ring =
        geometry.type === 'Polygon' ? geometry.coordinates[0]! : (geometry as GeoJSON.MultiPolygon).coordinates[0]![0]!;
      const middle = [0, 1].map(
        (axis) => ring.slice(1).reduce((sum, point) => sum + point[axis]!, 0) / (ring.length - 1),
      );
      return map.project(middle as [number, number]);
    });
    await page.locator('.om-map-canvas').click({ position: { x: at.x, y: at.y } });
    await expect(page.getByTestId('feature-fields')).toContainText('建筑编码');
    await expect(page).toHaveURL(/sel=feature:building_footprint:\d+/);

    await page.reload();
    await waitForMap(page);
    await expect(page.getByTestId('feature-fields')).toContainText('建筑编码');
    const zoom = await page.evaluate(() => window.oneMap!.map.getZoom());
    expect(zoom).toBeCloseTo(15.5, 1);
    await expect(page.getByRole('button', { name: '移除 建筑物轮廓' })).toBeVisible();
  });

  test('counts by community, and a community opens with its people', async ({ page }) => {
    await page.goto('/plan?area=person:community');
    await waitForMap(page);
    await page.locator('.om-table .om-link').first().click();
    await expect(page.getByTestId('cell-code')).toHaveText(/^440604\d{6}$/);
    await expect(page).toHaveURL(/sel=cell:440604\d{6}$/);
  });

  test('an unknown layer or feature is said to be missing, and the page lives on', async ({ page, errors }) => {
    await page.goto('/plan?layers=no_such_layer&sel=feature:park:1&hex=no_such_layer');
    await expect(page.getByText('不存在，或您无权查看').first()).toBeVisible();
    await expect(page.getByTestId('layer-tree')).toBeVisible();
    expect(errors).toEqual([]);
  });

  test('shows an incident by its address', async ({ page }) => {
    const { id, title } = await report(page, PLACE, { severity: 3 });
    await page.goto(`/plan?sel=incident:${id}`);
    await expect(page.getByRole('heading', { name: title })).toBeVisible();
  });

  test('areas keep their place under main roads while layers of the catalogue are loading', async ({ page }) => {
    await page.goto('/plan?area=person:community&layers=enterprise,video_camera');
    await waitForMap(page);
    await expect
      .poll(() =>
        page.evaluate(() => {
          const order = window.oneMap!.map.getLayersOrder();
          const areas = order.findIndex((id) => id.startsWith('deck-'));
          return areas > order.indexOf('water') && areas < order.indexOf('road-motorway');
        }),
      )
      .toBe(true);
  });

  test('a station of a live layer shows its readings over time', async ({ page, errors }) => {
    const { features } = (await (await page.request.get('/api/layers/noise_station/features')).json()) as {
      features: { id: number }[];
    };
    await page.goto(`/plan?layers=noise_station&sel=feature:noise_station:${features[0]!.id}`);
    const panel = page.getByTestId('series');
    await expect(panel).toContainText('读数变化');
    await expect(panel.getByTestId('series-chart')).toBeVisible();
    const rows = panel.locator('table tbody tr');
    // Of a station that is not among those that speak by themselves in the demo.
    await expect(rows).toHaveCount(72);
    await panel.getByRole('button', { name: '近 1 天' }).click();
    await expect(rows).toHaveCount(24);
    expect(errors).toEqual([]);
  });

  test('panels fold, and the buttons of the map stay in reach beside a second picture', async ({ page, errors }) => {
    await page.goto('/plan?layers=satellite_image_history&swipe=satellite_image_history~2006');
    await waitForMap(page);
    await page.getByRole('tab', { name: '时间' }).click();
    await expect(page).toHaveURL(/panel=time/);
    const time = page.getByRole('region', { name: '时间', exact: true });
    await time.getByRole('button', { name: '时间' }).click();
    await expect(time.getByRole('combobox')).toBeHidden();
    await time.getByRole('button', { name: '时间' }).click();
    await expect(time.getByRole('combobox')).toBeVisible();

    const divider = page.getByRole('slider', { name: /2006/ });
    await divider.focus();
    await page.keyboard.press('ArrowRight');
    await expect(divider).toHaveValue('51');
    const zoom = () => page.evaluate(() => window.oneMap!.map.getZoom());
    const before = await zoom();
    await page.getByRole('button', { name: '放大' }).click();
    await expect.poll(zoom).toBeGreaterThan(before + 0.5);
    expect(errors).toEqual([]);
  });
});
