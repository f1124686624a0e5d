import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { BufferAnswer, NearestAnswer } from '../../../server/analysis/contract.ts';
import { createRandom } from '../../../etl/demo/random.ts';
import type { Database } from '../../../server/db/connect.ts';
import { testDatabase } from '../../support/database.ts';
import { STAFF, testApi, type TestApi } from '../api-fixture.ts';
import { publishFixture, removeFixture, type FixtureRow } from '../layer-fixture.ts';
import {
  hydrant,
  hydrantRows,
  metresPerDegree,
  people,
  peopleRows,
  road,
  roadRows,
  shop,
  shopRows,
} from './analysis-data.ts';

const random = createRandom(7, 'paths');
/** Winding lines all over a district, which reach into each other's boxes. */
const paths = { ...road, id: 'an_paths' };
const pathRows: FixtureRow[] = Array.from({ length: 60 }, (_, index) => {
  const at: [number, number] = [113 + random.next() * 0.1, 22.95 + random.next() * 0.1];
  const steps = Array.from({ length: 40 }, (__, step) => [
    at[0] + step * 0.001 * Math.cos(index) + random.next() * 0.0005,
    at[1] + step * 0.001 * Math.sin(index) + random.next() * 0.0005,
  ]);
  return {
    road_code: `P${String(index).padStart(6, '0')}`,
    name: `路${index}`,
    road_class: 'branch',
    at,
    wkt: `MULTILINESTRING((${steps.map((each) => each.join(' ')).join(',')}))`,
  };
});

const fixtures = [
  [paths, pathRows],
  [people, peopleRows],
  [shop, shopRows],
  [hydrant, hydrantRows],
  [road, roadRows],
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

async function ask<T>(path: string, body: object, headers: Record<string, string> = STAFF) {
  const response = await api.send('POST', `/api/analysis/${path}`, JSON.stringify(body), headers);
  return { status: response.status, answer: (await response.json()) as T };
}

/** Flat distance in a district: right to a thousandth over these few kilometres. */
function distance([x, y]: readonly number[], [u, v]: readonly number[]): number {
  const metres = metresPerDegree(23);
  return Math.hypot((x! - u!) * metres.lon, (y! - v!) * metres.lat);
}

/** The hydrants in the order of their distance. */
function byDistance(at: readonly number[]) {
  return hydrantRows
    .map((row, index) => ({ fid: index + 1, metres: distance(at, row.at!) }))
    .toSorted((a, b) => a.metres - b.metres);
}

describe('nearest', () => {
  it('finds the nearest around a place, with geodesic metres', async () => {
    const at = [113.061, 23.004] as const;
    const { status, answer } = await ask<NearestAnswer>('nearest', {
      from: { point: at },
      to: { layer: 'an_hydrant' },
      count: 7,
    });
    expect(status).toBe(200);
    const expected = byDistance(at).slice(0, 7);
    expect(answer.rows).toHaveLength(1);
    expect(answer.rows[0]!.neighbours.map(({ fid }) => fid)).toEqual(expected.map(({ fid }) => fid));
    for (const [index, { metres }] of answer.rows[0]!.neighbours.entries()) {
      expect(metres / expected[index]!.metres).toBeCloseTo(1, 2);
    }
  });

  it('finds the nearest of each row of a layer, the same as around each of them', async () => {
    const { answer } = await ask<NearestAnswer>('nearest', {
      from: { layer: 'an_shop', filter: { field: 'industry_section', op: '=', value: 'H' } },
      to: { layer: 'an_hydrant' },
      count: 2,
    });
    const shops = shopRows
      .map((row, index): FixtureRow => ({ ...row, fid: index + 1 }))
      .filter((row) => row['industry_section'] === 'H');
    expect(answer.rows.map(({ fid }) => fid)).toEqual(shops.map(({ fid }) => fid));
    for (const [index, { neighbours, name }] of answer.rows.entries()) {
      expect(name).toBe(shops[index]!['name']);
      expect(neighbours.map(({ fid }) => fid)).toEqual(
        byDistance(shops[index]!.at!)
          .slice(0, 2)
          .map(({ fid }) => fid),
      );
    }
    const [first] = answer.rows;
    const alone = await ask<NearestAnswer>('nearest', {
      from: { layer: 'an_shop', fid: first!.fid },
      to: { layer: 'an_hydrant' },
      count: 2,
    });
    expect(alone.answer.rows).toEqual([first]);
  });

  it('measures to the nearest edge of lines, and says where that is', async () => {
    const { answer } = await ask<NearestAnswer>('nearest', {
      from: { point: [113.05, 23.001] },
      to: { layer: 'an_road' },
      count: 2,
      maxMetres: 1000,
    });
    const [nearest, second] = answer.rows[0]!.neighbours;
    expect(nearest).toMatchObject({ name: '东西路' });
    // An edge is a geodesic, which bulges towards the pole: 0.9 m over these 10 km.
    expect(nearest!.metres).toBeCloseTo(0.001 * metresPerDegree(23).lat - 0.87, 1);
    expect(nearest!.at[1]).toBeCloseTo(23, 6);
    expect(second!.metres).toBeCloseTo(0.005 * metresPerDegree(23).lon, 0);
  });

  it('finds the nearest lines of each line, with metres as on the ellipsoid', async () => {
    const { status, answer } = await ask<NearestAnswer>('nearest', {
      from: { layer: 'an_paths' },
      to: { layer: 'an_paths' },
      count: 4,
    });
    expect(status).toBe(200);
    const expected = await db.sql<{ fid: number; metres: number[] }[]>`
      select a.fid::int4, array(
        select st_distance(a.geom::geography, b.geom::geography) from layers.an_paths b
        where b.fid <> a.fid order by 1 limit 4)::float8[] as metres
      from layers.an_paths a order by a.fid`;
    expect(answer.rows.map(({ fid }) => fid)).toEqual(expected.map(({ fid }) => fid));
    let apart = 0;
    for (const [index, { neighbours }] of answer.rows.entries()) {
      const { metres } = expected[index]!;
      expect(neighbours).toHaveLength(4);
      for (const [place, neighbour] of neighbours.entries()) {
        expect(Math.abs(neighbour.metres - metres[place]!)).toBeLessThan(0.01 + metres[place]! * 1e-4);
        if (neighbour.metres > 1) apart += 1;
      }
    }
    expect(apart).toBeGreaterThan(20);
  });

  it('takes no row as its own neighbour, and none beyond the distance', async () => {
    const { answer } = await ask<NearestAnswer>('nearest', {
      from: { layer: 'an_hydrant' },
      to: { layer: 'an_hydrant' },
      count: 1,
    });
    expect(answer.rows).toHaveLength(200);
    expect(answer.rows.every(({ fid, neighbours }) => neighbours.length === 1 && neighbours[0]!.fid !== fid)).toBe(
      true,
    );
    const none = await ask<NearestAnswer>('nearest', {
      from: { point: [112.9, 22.9] },
      to: { layer: 'an_hydrant' },
      maxMetres: 200,
    });
    expect(none.answer.rows[0]!.neighbours).toEqual([]);
  });

  it('masks names and refuses filters on what is masked', async () => {
    const { answer } = await ask<NearestAnswer>('nearest', {
      from: { point: [113.06, 23] },
      to: { layer: 'an_person' },
      count: 50,
    });
    expect(answer.rows[0]!.neighbours).toHaveLength(50);
    expect(JSON.stringify(answer)).not.toMatch(/欧阳修远|张三丰/);
    const refused = await ask('nearest', {
      from: { point: [113.06, 23] },
      to: { layer: 'an_person', filter: { field: 'birth_date', op: '=', value: '1950-06-15' } },
    });
    expect(refused.status).toBe(400);
    const hidden = await ask('nearest', { from: { point: [113.06, 23] }, to: { layer: 'an_person' } }, {});
    expect(hidden.status).toBe(404);
  });
});

describe('buffer', () => {
  it('is as large as it should be, around a shape and around rows', async () => {
    const { status, answer } = await ask<BufferAnswer>('buffer', {
      of: { layer: 'an_road', filter: { field: 'road_class', op: '=', value: 'arterial' } },
      metres: 100,
    });
    expect(status).toBe(200);
    const length = 0.1 * metresPerDegree(23).lon;
    expect(answer.count).toBe(1);
    expect(answer.areaM2 / (length * 200 + Math.PI * 100 ** 2)).toBeCloseTo(1, 2);
    const shape = { kind: 'circle', center: [113.05, 23], metres: 300 };
    const around = await ask<BufferAnswer>('buffer', { of: { shape }, metres: 200 });
    expect(around.answer.areaM2 / (Math.PI * 500 ** 2)).toBeCloseTo(1, 1);
    for (const of of [{ point: hydrantRows[0]!.at }, { layer: 'an_hydrant', fid: 1 }]) {
      const { answer: circle } = await ask<BufferAnswer>('buffer', { of, metres: 500 });
      expect(circle.areaM2 / (Math.PI * 500 ** 2)).toBeCloseTo(1, 1);
    }
  });

  it('dissolves what overlaps, or leaves one area for each row', async () => {
    const of = { layer: 'an_hydrant' };
    const { answer: each } = await ask<BufferAnswer>('buffer', { of, metres: 300, dissolve: false });
    expect(each.features).toHaveLength(200);
    expect(each.areaM2 / (200 * Math.PI * 300 ** 2)).toBeCloseTo(1, 1);
    const { answer: one } = await ask<BufferAnswer>('buffer', { of, metres: 300 });
    expect(one.features).toHaveLength(1);
    expect(one.areaM2).toBeLessThan(each.areaM2 * 0.9);
  });
});
