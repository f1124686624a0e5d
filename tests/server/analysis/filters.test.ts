import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { BufferAnswer, InsideReport, NearestAnswer } from '../../../server/analysis/contract.ts';
import type { Database } from '../../../server/db/connect.ts';
import { testDatabase } from '../../support/database.ts';
import { query, STAFF, testApi, type TestApi } from '../api-fixture.ts';
import { publishFixture, removeFixture } from '../layer-fixture.ts';
import { hydrant, hydrantRows, land, landRows, people, peopleRows, shop, shopRows } from './analysis-data.ts';

const fixtures = [
  [people, peopleRows],
  [shop, shopRows],
  [hydrant, hydrantRows],
  [land, landRows],
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

async function ask<T>(path: string, body: object): Promise<{ status: number; answer: T }> {
  const response = await api.send('POST', `/api/analysis/${path}`, JSON.stringify(body), STAFF);
  return { status: response.status, answer: (await response.json()) as T };
}

/** The rows that the layer's own route finds by a filter. */
async function matched(layer: string, filter: object | string): Promise<number[]> {
  const response = await api.get(
    `/api/layers/${layer}/features${query({ filter: typeof filter === 'string' ? filter : JSON.stringify(filter), limit: 1000 })}`,
    STAFF,
  );
  expect(response.status).toBe(200);
  const { features } = (await response.json()) as { features: { id: number }[] };
  return features.map(({ id }) => id).toSorted((a, b) => a - b);
}

const centre = [113.06, 23.01] as const;
/** One of each kind of area that the database makes, and both forms of CQL2. */
const filters = [
  { circle: { centre, metres: 1500 } },
  { inside: { layer: 'an_land', fid: 1, metres: 300 } },
  { inside: { layer: 'an_land', filter: { field: 'land_class', op: '=', value: 'cultivated' } } },
  { not: { inside: { layer: 'an_hydrant', metres: 400 } } },
  "status = 'active' and industry_section in ('C', 'H')",
  { op: '=', args: [{ property: 'status' }, 'active'] },
];

describe('filters of analyses', () => {
  it.each(filters)('are those of the features: %j', async (filter) => {
    const expected = await matched('an_shop', filter);
    expect(expected.length).toBeGreaterThan(3);
    expect(expected.length).toBeLessThan(300);
    const rows = { layer: 'an_shop', filter };
    const each = await ask<BufferAnswer>('buffer', { of: rows, metres: 10, dissolve: false });
    expect(each.answer.features.map(({ id }) => id)).toEqual(expected);
    const nearest = await ask<NearestAnswer>('nearest', { from: rows, to: rows, count: 1 });
    expect(nearest.answer.rows.map(({ fid }) => fid)).toEqual(expected);
    const around = await ask<NearestAnswer>('nearest', { from: { point: centre }, to: rows, count: 50 });
    expect(around.answer.rows[0]!.neighbours.map(({ fid }) => fid).every((fid) => expected.includes(fid))).toBe(true);
    expect(around.answer.rows[0]!.neighbours).toHaveLength(Math.min(50, expected.length));
  });

  it('of counts may ask for what rows hide, of rows not', async () => {
    const filter = { inside: { layer: 'an_person', filter: "birth_date < DATE('1960-06-15')", metres: 50 } };
    const refused = await ask<{ error: object }>('buffer', { of: { layer: 'an_shop', filter }, metres: 10 });
    expect(refused).toMatchObject({ status: 400, answer: { error: { code: 'FILTER_INVALID' } } });
  });

  it('say what is wrong with them, under their name', async () => {
    const refused = await ask<{ error: object }>('nearest', {
      from: { point: centre },
      to: { layer: 'an_shop', filter: { inside: { layer: 'an_nothing' } } },
    });
    expect(refused).toMatchObject({
      status: 400,
      answer: { error: { code: 'FILTER_INVALID', field: 'filter.inside.layer' } },
    });
  });
});

describe('circles and buffers', () => {
  it('are the same in a report, as a buffer and in a filter', async () => {
    const report = await ask<InsideReport>('inside', { shape: { kind: 'circle', center: centre, metres: 1500 } });
    const buffer = await ask<BufferAnswer>('buffer', { of: { point: centre }, metres: 1500 });
    expect(buffer.answer.areaM2 / report.answer.shape.areaM2).toBeCloseTo(1, 6);
    const expected = await matched('an_shop', {
      and: [{ circle: { centre, metres: 1500 } }, { field: 'status', op: '=', value: 'active' }],
    });
    const item = report.answer.items.find(({ layer }) => layer === 'an_shop');
    expect(item?.total).toBe(expected.length);
  });

  it('of a feature are the same as what is inside of it in a filter', async () => {
    const shape = { kind: 'feature', layer: 'an_land', fid: 2, metres: 250 };
    const report = await ask<InsideReport>('inside', { shape });
    const expected = await matched('an_hydrant', { inside: { layer: 'an_land', fid: 2, metres: 250 } });
    expect(report.answer.items.find(({ layer }) => layer === 'an_hydrant')?.total).toBe(expected.length);
  });

  it('cannot be drawn at a pole', async () => {
    const refused = await ask<{ error: object }>('inside', {
      shape: { kind: 'circle', center: [113, 89], metres: 100 },
    });
    expect(refused).toMatchObject({ status: 400, answer: { error: { code: 'BODY_INVALID', field: 'shape.center' } } });
  });
});
