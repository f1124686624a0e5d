import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { getLayer } from '../../../layers/index.ts';
import type { CorrelationAnswer, HotspotAnswer } from '../../../server/analysis/contract.ts';
import { getisOrd, globalMoran, pearson } from '../../../server/analysis/spatial-statistics.ts';
import type { Database } from '../../../server/db/connect.ts';
import { testDatabase } from '../../support/database.ts';
import { STAFF, testApi, type TestApi } from '../api-fixture.ts';
import { fakeCell, publishFixture, removeFixture, type FixtureRow } from '../layer-fixture.ts';
import { gridRows, hydrant, hydrantRows, people, peopleRows, shop, shopRows } from './analysis-data.ts';

const grids = getLayer('governance_grid');
/** Twelve more hydrants in each of four cells of the south-west. */
const clustered: FixtureRow[] = [0, 1, 8, 9].flatMap((cell) =>
  Array.from({ length: 12 }, (_, index): FixtureRow => {
    const at: [number, number] = [gridRows[cell]!.at![0], gridRows[cell]!.at![1]];
    return {
      ...hydrantRows[0],
      [hydrant.key]: `C${cell}-${index}`,
      at,
      wkt: `POINT(${at[0]} ${at[1]})`,
      ...fakeCell(at),
    };
  }),
);
const hydrants = [...hydrantRows, ...clustered];
const codes = gridRows.map(({ grid_code }) => String(grid_code)).toSorted();

let db: Database;
let api: TestApi;
beforeAll(async () => {
  db = await testDatabase();
  await publishFixture(db, grids, gridRows, false);
  await publishFixture(db, hydrant, hydrants);
  await publishFixture(db, shop, shopRows);
  await publishFixture(db, people, peopleRows);
  api = testApi(db);
});
afterAll(async () => {
  await api.close();
  for (const layer of [grids, hydrant, shop, people]) await removeFixture(db, layer);
});

async function ask<T>(path: string, body: object, headers: Record<string, string> = STAFF) {
  const response = await api.send('POST', `/api/analysis/${path}`, JSON.stringify(body), headers);
  return { status: response.status, answer: (await response.json()) as T };
}

function countsOf(rows: readonly FixtureRow[]): number[] {
  return codes.map((code) => rows.filter(({ grid_code }) => grid_code === code).length);
}

/** Neighbours in a lattice of 8 × 8, in the order of `codes`. */
function lattice(rook: boolean): number[][] {
  const place = new Map(gridRows.map(({ grid_code }, index) => [String(grid_code), index]));
  return codes.map((code) => {
    const [x, y] = [place.get(code)! % 8, Math.floor(place.get(code)! / 8)];
    return codes.flatMap((other, index) => {
      const [u, v] = [place.get(other)! % 8, Math.floor(place.get(other)! / 8)];
      const [dx, dy] = [Math.abs(u - x), Math.abs(v - y)];
      const isNext = rook ? dx + dy === 1 : Math.max(dx, dy) === 1;
      return isNext ? [index] : [];
    });
  });
}

async function withShops(filter: object | string) {
  return ask<CorrelationAnswer>('correlation', { a: { layer: 'an_hydrant' }, b: { layer: 'an_shop', filter } });
}

function sum(counts: readonly number[]): number {
  return counts.reduce((total, count) => total + count, 0);
}

function significant({ classes }: HotspotAnswer): number {
  return classes.filter((each) => each !== 'none').length;
}

describe('hotspots', () => {
  it.each(['queen', 'rook'] as const)(
    'finds the cluster, with %s contiguity read from the polygons',
    async (weights) => {
      const { status, answer } = await ask<HotspotAnswer>('hotspot', { value: { layer: 'an_hydrant' }, weights });
      expect(status).toBe(200);
      expect(answer.codes).toEqual(codes);
      const values = countsOf(hydrants);
      expect(answer.values).toEqual(values);
      const neighbours = lattice(weights === 'rook');
      expect(answer.links).toBe(neighbours.flat().length);
      const expected = getisOrd(values, neighbours);
      answer.statistics.forEach((z, index) => expect(z).toBeCloseTo(expected[index]!.z, 9));
      expect(answer.global!.i).toBeCloseTo(globalMoran(values, neighbours)!.i, 9);
      const hot = answer.codes.filter((_, index) => answer.classes[index] === 'hot99');
      expect(hot).toEqual(expect.arrayContaining([0, 1, 8, 9].map((cell) => String(gridRows[cell]!.grid_code))));
    },
  );

  it('says high-high there by local Moran, and less under control of false discoveries', async () => {
    const question = { value: { layer: 'an_hydrant' }, method: 'moran' };
    const { answer } = await ask<HotspotAnswer>('hotspot', question);
    const at = (cell: number) => answer.classes[answer.codes.indexOf(String(gridRows[cell]!.grid_code))];
    expect([0, 1, 8, 9].map(at)).toEqual(['HH', 'HH', 'HH', 'HH']);
    const { answer: strict } = await ask<HotspotAnswer>('hotspot', { ...question, fdr: true });
    expect(significant(strict)).toBeLessThanOrEqual(significant(answer));
    expect((await ask<HotspotAnswer>('hotspot', question)).answer).toEqual(answer);
  });

  it('takes rates, leaving out cells without anything to count per', async () => {
    const { answer } = await ask<HotspotAnswer>('hotspot', {
      value: { layer: 'an_hydrant' },
      per: { layer: 'an_shop', factor: 10 },
      weights: 'knn',
      neighbours: 4,
    });
    const [counts, shops] = [countsOf(hydrants), countsOf(shopRows)];
    const empty = shops.filter((count) => count === 0).length;
    expect(answer.leftOut).toBe(empty);
    expect(answer.values).toEqual(
      counts.flatMap((count, index) => (shops[index] === 0 ? [] : [(count / shops[index]!) * 10])),
    );
    expect(answer.links).toBe(4 * answer.n);
  });

  it('tells nothing of counts that are withheld', async () => {
    const { answer } = await ask<HotspotAnswer>('hotspot', { value: { layer: 'an_person' } });
    expect(answer.values.filter((value) => value > 0 && value < 5)).toEqual([]);
    expect(answer.n + answer.leftOut).toBe(64);
    expect(answer.leftOut).toBeGreaterThan(0);
    expect((await ask('hotspot', { value: { layer: 'an_person' } }, {})).status).toBe(404);
  });
});

describe('correlation', () => {
  it('takes CQL2, and areas that the database makes', async () => {
    const asJson = await withShops({ field: 'status', op: '=', value: 'active' });
    expect(await withShops("status = 'active'")).toEqual(asJson);
    const near = await withShops({ inside: { layer: 'an_hydrant', metres: 200 } });
    expect(sum(near.answer.b)).toBeGreaterThan(10);
    expect(sum(near.answer.b)).toBeLessThan(shopRows.length);
  });

  it('is that of the counts', async () => {
    const { status, answer } = await ask<CorrelationAnswer>('correlation', {
      a: { layer: 'an_hydrant' },
      b: { layer: 'an_shop', filter: { field: 'status', op: '=', value: 'active' } },
    });
    expect(status).toBe(200);
    const [a, b] = [countsOf(hydrants), countsOf(shopRows.filter((row) => row['status'] === 'active'))];
    expect({ n: answer.n, a: answer.a, b: answer.b }).toEqual({ n: 64, a, b });
    expect(answer.pearson.r).toBeCloseTo(pearson(a, b), 12);
    const same = await ask<CorrelationAnswer>('correlation', { a: { layer: 'an_shop' }, b: { layer: 'an_shop' } });
    expect(same.answer.spearman.r).toBeCloseTo(1, 12);
  });
});
