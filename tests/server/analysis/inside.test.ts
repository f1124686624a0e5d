import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { InsideItem, InsideReport } from '../../../server/analysis/contract.ts';
import type { Database } from '../../../server/db/connect.ts';
import { testDatabase } from '../../support/database.ts';
import { STAFF, testApi, type TestApi } from '../api-fixture.ts';
import { publishFixture, removeFixture, type FixtureRow } from '../layer-fixture.ts';
import {
  box,
  grid,
  gridRows,
  hydrant,
  hydrantRows,
  land,
  landRows,
  metresPerDegree,
  people,
  peopleRows,
  road,
  roadRows,
  shop,
  shopRows,
  staff,
  staffRows,
} from './analysis-data.ts';

const fixtures = [
  [people, peopleRows],
  [shop, shopRows],
  [hydrant, hydrantRows],
  [road, roadRows],
  [land, landRows],
  [grid, gridRows],
  [staff, staffRows],
] as const;

let db: Database;
let api: TestApi;
beforeAll(async () => {
  db = await testDatabase();
  for (const [layer, rows] of fixtures) await publishFixture(db, layer, rows);
  api = testApi(db);
});
afterAll(async () => {
  await api.close();
  for (const [layer] of fixtures) await removeFixture(db, layer);
});

async function ask(shape: object, headers = STAFF): Promise<{ status: number; report: InsideReport }> {
  const response = await api.send('POST', '/api/analysis/inside', JSON.stringify({ shape }), headers);
  return { status: response.status, report: (await response.json()) as InsideReport };
}

/** The item of a layer. */
async function item(shape: object, layer: string): Promise<InsideItem> {
  const { status, report } = await ask(shape);
  expect(status).toBe(200);
  const found = report.items.find((each) => each.layer === layer);
  expect(found, layer).toBeDefined();
  return found!;
}

/** Total of a value of the first group. */
function of(found: InsideItem, value: string): number {
  return found.groups[0]?.values.find((each) => each.value === value)?.total ?? Number.NaN;
}

const [west, south, east, north] = [113.03, 22.99, 113.06, 23.01] as const;
const area = { kind: 'polygon', geometry: box(west, south, east, north) };
const isInside = ({ at }: FixtureRow) =>
  at !== undefined && at[0] >= west && at[0] <= east && at[1] >= south && at[1] <= north;
const whole = { kind: 'polygon', geometry: box(113, 22.9, 113.2, 23.1) };

describe('who and what is inside', () => {
  it('counts enterprises by industry, only those that are active', async () => {
    const { total, groups, where, k, measure } = await item(area, 'an_shop');
    const inside = shopRows.filter((row) => isInside(row) && row['status'] === 'active');
    expect(inside.length).toBeGreaterThan(5);
    expect({ total, k, measure }).toEqual({ total: inside.length, k: 1, measure: 'rows' });
    expect(where).toMatchObject({ field: 'status', value: { zh: '存续', en: 'Active' } });
    const expected = ['C', 'F', 'H'].map(
      (section) => inside.filter((row) => row['industry_section'] === section).length,
    );
    expect(groups[0]?.values.map(({ value, total }) => [value, total])).toEqual(
      ['C', 'F', 'H'].map((section, index) => [section, expected[index]]),
    );
  });

  it('counts people by age and sex, as counted one by one', async () => {
    const { total, ages, k } = await item(whole, 'an_person');
    const located = peopleRows.filter(({ at }) => at !== undefined);
    expect({ total, k }).toEqual({ total: located.length, k: 5 });
    const today = new Date(Date.now() + 8 * 3_600_000).toISOString().slice(0, 10);
    const age = (row: FixtureRow) => {
      const [birth, day] = [String(row['birth_date']), today];
      return Number(day.slice(0, 4)) - Number(birth.slice(0, 4)) - (day.slice(5) < birth.slice(5) ? 1 : 0);
    };
    for (const { from, to, totals } of ages!.bands) {
      for (const [index, { value: sex }] of ages!.values.entries()) {
        const count = located.filter((row) => row['sex'] === sex && age(row) >= from && age(row) <= (to ?? 200)).length;
        const shown = totals[index];
        if (shown !== null) expect([from, sex, shown]).toEqual([from, sex, count]);
        else expect(count).toBeGreaterThan(0);
      }
    }
    expect(ages!.bands.flatMap(({ totals }) => totals).filter((count) => count !== null).length).toBeGreaterThan(8);
  });

  it('withholds what is small, and enough with it', async () => {
    const { ages, groups } = await item(area, 'an_person');
    const shown = [
      ...ages!.bands.flatMap(({ totals }) => totals),
      ...groups.flatMap(({ values }) => values.map((v) => v.total)),
    ];
    expect(shown.filter((count) => count !== null && count > 0 && count < 5)).toEqual([]);
    const withheld = ages!.bands.flatMap(({ totals }) => totals).filter((count) => count === null);
    expect(withheld.length).toBeGreaterThan(1);
    const few = await item({ kind: 'circle', center: peopleRows.find(({ at }) => at)!.at, metres: 1 }, 'an_person');
    expect(few).toMatchObject({ total: null, ages: null, groups: [] });
  });

  it('measures roads and land that lie inside in metres and square metres, on the ellipsoid', async () => {
    const metres = metresPerDegree(23);
    const roads = await item(area, 'an_road');
    const expected = { arterial: 0.03 * metres.lon, branch: 0.02 * metres.lat };
    expect(roads.measure).toBe('metres');
    expect(of(roads, 'arterial')).toBeCloseTo(expected.arterial, 0);
    expect(of(roads, 'branch')).toBeCloseTo(expected.branch, 0);
    expect(roads.total).toBeCloseTo(expected.arterial + expected.branch, 0);
    const lands = await item(area, 'an_land');
    const square = 0.015 * 0.02 * metres.lon * metres.lat;
    expect(lands.measure).toBe('squareMetres');
    expect(of(lands, 'cultivated') / square).toBeCloseTo(1, 3);
    expect(of(lands, 'residential') / square).toBeCloseTo(1, 3);
  });

  it('names who is responsible, masked, wherever they stand', async () => {
    const [cell] = gridRows.slice(9, 10);
    const code = String(cell!.grid_code);
    const small = { kind: 'polygon', geometry: box(113.0301, 22.9801, 113.0399, 22.9899) };
    const grids = await item(small, 'an_grid');
    expect(grids.named?.map(({ properties }) => properties['grid_code'])).toEqual([code]);
    expect(JSON.stringify(grids)).not.toContain('欧阳修远');
    const found = await item(small, 'an_staff');
    expect(found.total).toBe(1);
    expect(found.named?.map(({ name }) => name)).toEqual(['梁**']);
  });

  it('takes circles, lines, features and buffers of them', async () => {
    const { report } = await ask({ kind: 'circle', center: [113.06, 23.01], metres: 1000 });
    expect(report.shape.areaM2 / (Math.PI * 1000 ** 2)).toBeCloseTo(1, 1);
    const around = await item({ kind: 'feature', layer: 'an_road', fid: 1, metres: 500 }, 'an_shop');
    const metres = metresPerDegree(23);
    const near = shopRows.filter(
      ({ at, ...row }) =>
        at !== undefined && row['status'] === 'active' && Math.abs(at[1] - 23) * metres.lat < 500 && at[0] < 113.1,
    );
    expect(around.total).toBe(near.length);
    const line = await item(
      {
        kind: 'line',
        coordinates: [
          [113, 23],
          [113.1, 23],
        ],
        metres: 500,
      },
      'an_shop',
    );
    expect(line.total).toBe(near.length);
    const parcel = await item({ kind: 'feature', layer: 'an_land', fid: 1 }, 'an_hydrant');
    expect(parcel.total).toBe(
      hydrantRows.filter(({ at }) => at![0] >= 113.03 && at![0] <= 113.045 && at![1] >= 22.98 && at![1] <= 23.02)
        .length,
    );
  });

  it('shows the public nothing of layers it may not see', async () => {
    const { status, report } = await ask(whole, {} as typeof STAFF);
    expect(status).toBe(200);
    const layers = report.items.map(({ layer }) => layer);
    expect(layers).toContain('an_road');
    expect(layers).not.toContain('an_person');
    expect(layers).not.toContain('an_shop');
    const hidden = await ask({ kind: 'feature', layer: 'an_land', fid: 1 }, {} as typeof STAFF);
    expect(hidden.status).toBe(404);
    expect(hidden.report).toMatchObject({ error: { code: 'LAYER_NOT_FOUND' } });
  });

  it.each([
    [{ kind: 'circle', center: [113, 23], metres: 20_001 }, 400, 'BODY_INVALID', 'shape.metres'],
    [{ kind: 'polygon', geometry: box(112, 22, 114, 24) }, 422, 'LIMIT_EXCEEDED', 'shape'],
    [{ kind: 'cell', code: '44060' }, 400, 'BODY_INVALID', 'shape.code'],
    [{ kind: 'feature', layer: 'an_land', fid: 99 }, 404, 'FEATURE_NOT_FOUND', 'shape'],
    [{ kind: 'feature', layer: 'an_shop', fid: 1 }, 400, 'BODY_INVALID', 'shape.metres'],
    [
      {
        kind: 'polygon',
        geometry: {
          type: 'Polygon',
          coordinates: [
            [
              [113, 23],
              [113.1, 23.1],
              [113.1, 23],
              [113, 23.1],
              [113, 23],
            ],
          ],
        },
      },
      400,
      'BODY_INVALID',
      'shape.geometry.coordinates',
    ],
    [
      {
        kind: 'polygon',
        geometry: {
          type: 'Polygon',
          coordinates: [
            [
              [113, 23],
              [113.1, 23.1],
              [113.1, 23],
            ],
          ],
        },
      },
      400,
      'BODY_INVALID',
      'shape.geometry.coordinates[0]',
    ],
  ])('refuses %j', async (shape, status, code, field) => {
    const answer = await ask(shape);
    expect(answer.status).toBe(status);
    expect(answer.report).toMatchObject({ error: { code, field } });
  });
});
