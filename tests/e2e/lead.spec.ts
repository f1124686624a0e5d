import type { IndicatorCases, WhyNumber } from '../../server/app.ts';
import { expect, PLACE, report, test } from './support/screen.ts';

test.use({ viewport: { width: 1280, height: 720 } });

test.describe('lead', () => {
  test('shows the numbers of the API, and says where each comes from', async ({ page }) => {
    await page.goto('/lead');
    const layer = (await (await page.request.get('/api/layers/person')).json()) as {
      count: number;
      load: { id: number };
    };
    const card = page.getByTestId('card-population');
    await expect(card).toContainText(layer.count.toLocaleString('zh-CN'));
    await card.getByRole('button', { name: '此数从何而来？' }).click();
    const why = page.getByRole('dialog');
    await expect(why).toContainText(`#${layer.load.id}`);
    await expect(why).toContainText('/api/layers/person');
    await page.keyboard.press('Escape');
    await expect(why).toBeHidden();
  });

  test('a number leads to what it rests on, to its records, and to the line of the file of each', async ({ page }) => {
    await page.goto('/lead');
    const card = page.getByTestId('card-enterprises');
    await card.getByRole('button', { name: '此数从何而来？' }).click();
    const { evidence } = (await (await page.request.get('/api/layers/enterprise/why')).json()) as WhyNumber;
    await expect(page.getByTestId('why-counted')).toContainText(evidence!.counted!.toLocaleString('zh-CN'));
    await expect(page.getByTestId('why-sources')).toContainText('enterprise.csv');
    await page.getByRole('button', { name: '查看计入的记录' }).click();
    const records = page.getByTestId('why-records').getByRole('listitem');
    await expect(records).toHaveCount(20);
    await records.first().getByRole('button').click();
    await expect(page.getByTestId('why-origin')).toContainText(/enterprise\.csv · 第 \d+ 行/);
  });

  test('the towns add up to the district', async ({ page }) => {
    await page.goto('/lead');
    const cells = page.locator('.om-league tbody tr td:last-child');
    await expect(cells).toHaveCount(4);
    await expect(cells.first()).toHaveText(/\d/);
    const sum = (await cells.allTextContents()).reduce((all, text) => all + Number(text.replaceAll(',', '')), 0);
    const answer = (await (await page.request.get('/api/layers/enterprise/cells?by=town')).json()) as {
      total: number;
      unlocated: number;
    };
    expect(sum).toBe(answer.total - answer.unlocated);
  });

  test('the town furthest behind comes first, and the district is the measure', async ({ page }) => {
    await page.goto('/lead');
    const rows = page.locator('.om-league tbody tr');
    await expect(rows).toHaveCount(4);
    // Open per 10 000 residents needs the answers of two requests.
    await expect(rows.first().locator('td').nth(1)).toHaveText(/\d/);
    const standings = await rows.evaluateAll((all) =>
      all.map((row) =>
        [0, 1].map((column) => Number(row.querySelectorAll('td')[column]?.textContent?.replace(/[^\d.]/g, '') || '-1')),
      ),
    );
    const sorted = standings.toSorted(([a = 0, b = 0], [c = 0, d = 0]) => c - a || d - b);
    expect(standings).toEqual(sorted);
    const open = await page
      .locator('.om-league tr td:nth-child(5)')
      .evaluateAll((all) => all.map((cell) => Number(cell.textContent?.replaceAll(',', ''))));
    const district = open.pop();
    expect(district).toBeGreaterThan(0);
    expect(open.reduce((sum, count) => sum + count, 0)).toBe(district);
  });

  test('a figure of the table leads to its parts, and a part to the very incidents', async ({ page, errors }) => {
    const { id, title } = await report(page, PLACE, { category: '06010' });
    await expect
      .poll(async () => {
        const day = new Date(Date.now() + 8 * 3_600_000).toISOString().slice(0, 10);
        const answer = await page.request.get(`/api/indicators/report/cases?by=town&from=${day}&to=${day}&limit=200`);
        return ((await answer.json()) as IndicatorCases).cases.some(({ incident }) => incident.id === id);
      })
      .toBe(true);
    await page.goto('/lead?ind=town.today.count');
    await expect(page.getByTestId('finding')).toContainText(/全区上报数 \d/);
    const district = page.locator('.om-indicators tfoot tr').getByRole('button').first();
    const told = Number((await district.textContent())?.replaceAll(',', '').match(/\d+/)?.[0]);
    await district.press('Enter');
    const figure = page.getByTestId('figure');
    await expect(figure.getByRole('heading')).toBeFocused();
    await expect(page).toHaveURL(/fig=report:\*|fig=report%3A\*|fig=report:%2A/);
    const cases = page.getByTestId('figure-cases').getByRole('listitem');
    await expect(cases.first()).toBeVisible();
    expect(told).toBeGreaterThan(0);
    await expect(figure.getByRole('link', { name: title })).toHaveAttribute('href', new RegExp(`sel=incident:${id}$`));
    // Back to where one came from by keyboard, and to the score: its parts, then the cases of a part.
    await page.keyboard.press('Escape');
    await expect(figure).toHaveCount(0);
    await page.goto('/lead?ind=town.today.score&fig=score:*');
    await expect(figure.getByRole('row')).toHaveCount(6);
    await figure.getByRole('button', { name: '按期结案率' }).click();
    await expect(figure.getByRole('heading')).toContainText('按期结案率');
    expect(errors).toEqual([]);
  });

  test('the community with the most open incidents is seen on the map by a click', async ({ page }) => {
    await report(page, PLACE);
    await page.goto('/lead');
    const first = page.locator('.om-rank-community').getByRole('button').first();
    const name = (await first.locator('.om-bar-label').textContent()) ?? '';
    await first.click();
    await expect(page).toHaveURL(/\/plan\?area=person:community&sel=cell:\d{12}$/);
    await expect(page.locator('.om-plan-detail')).toContainText(name);
  });

  test('enterprises by industry follow the town chosen', async ({ page }) => {
    await page.goto('/lead');
    const bars = page.locator('.om-industries .om-bar-value');
    await expect(bars.first()).toHaveText(/\d/);
    const all = await bars.first().textContent();
    await page.getByRole('combobox', { name: '镇街' }).selectOption({ index: 1 });
    await expect(bars.first()).not.toHaveText(all ?? '');
  });
});
