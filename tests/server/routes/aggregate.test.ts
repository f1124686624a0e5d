import { gunzipSync } from 'node:zlib';
import { latLngToCell } from 'h3-js';
import type { z } from '@hono/zod-openapi';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Layer } from '../../../layers/define.ts';
import type { Aggregate, GroupKeys, HexagonCounts } from '../../../server/contract/counts.ts';
import type { Database } from '../../../server/db/connect.ts';
import { testDatabase } from '../../support/database.ts';
import { query, STAFF, testApi, type TestApi } from '../api-fixture.ts';
import { publishFixture, removeFixture } from '../layer-fixture.ts';
import { lake, lakes, resident, residents, shop, shops } from './layers-data.ts';

const shopLayer: Layer = { ...shop, id: 'api_agg_shop' };
const people: Layer = { ...resident, id: 'api_agg_people' };
const areas: Layer = { ...lake, id: 'api_agg_lake' };
const never: Layer = { ...lake, id: 'api_agg_never' };

type Answer = z.infer<typeof Aggregate>;

let db: Database;
let api: TestApi;

beforeAll(async () => {
  db = await testDatabase();
  await publishFixture(db, shopLayer, shops);
  await publishFixture(db, people, residents);
  await publishFixture(db, areas, lakes);
  await publishFixture(db, never, lakes);
  await db.sql`delete from app.layer_state where layer_id = ${never.id}`;
  api = testApi(db);
});
afterAll(async () => {
  await api.close();
  for (const layer of [shopLayer, people, areas, never]) await removeFixture(db, layer);
});

async function ask<T = Answer>(layer: Layer, parameters: Parameters<typeof query>[0], path = 'aggregate'): Promise<T> {
  const response = await api.get(`/api/layers/${layer.id}/${path}${query(parameters)}`, STAFF);
  expect(response.status, await response.clone().text()).toBe(200);
  return (await response.json()) as T;
}

async function askColumns(layer: Layer, parameters: Parameters<typeof query>[0], path = 'aggregate') {
  const response = await api.get(`/api/layers/${layer.id}/${path}${query({ ...parameters, f: 'columns' })}`, {
    ...STAFF,
    'Accept-Encoding': 'gzip',
  });
  expect(response.status).toBe(200);
  expect(response.headers.get('Content-Type')).toBe('application/vnd.onemap.columns');
  const sent = Buffer.from(await response.arrayBuffer());
  return decode(response.headers.get('Content-Encoding') === 'gzip' ? gunzipSync(sent) : sent);
}

/** A client by the words of docs/api.md. */
function decode(bytes: Buffer) {
  expect(bytes.toString('latin1', 0, 8)).toBe('OMAGG1\n\0');
  const length = bytes.readUInt32LE(8);
  const header = JSON.parse(bytes.toString('utf8', 12, 12 + length)) as Record<string, unknown> & {
    columns: { name: string; type: 'int32' | 'uint32' | 'float64'; offset: number; length: number }[];
  };
  const columns: Record<string, number[]> = {};
  for (const { name, type, offset, length: count } of header.columns) {
    expect(offset % 8).toBe(0);
    const start = bytes.byteOffset + 12 + length + offset;
    const size = count * (type === 'float64' ? 8 : 4);
    const buffer = new Uint8Array(bytes.buffer, start, size).slice().buffer;
    const array = { int32: Int32Array, uint32: Uint32Array, float64: Float64Array }[type];
    columns[name] = [...new array(buffer)];
  }
  return { header, columns };
}

function capital(section: string): number[] {
  return shops.filter((row) => row['industry_section'] === section).map((row) => row['reg_capital_10k'] as number);
}

describe('figures', () => {
  it('are those of the rows', async () => {
    const bySection = await ask(shopLayer, { metric: 'avg:reg_capital_10k', by: 'industry_section' });
    expect(bySection).toMatchObject({
      metric: 'avg:reg_capital_10k',
      by: ['industry_section'],
      keys: [['C', 'F', 'H']],
    });
    bySection.keys?.[0]?.forEach((key, index) => {
      const values = capital(key as string);
      expect(bySection.counts[index]).toBe(values.length);
      expect(bySection.values?.[index]).toBeCloseTo(values.reduce((sum, value) => sum + value, 0) / values.length, 9);
    });
    expect(bySection.total).toBe(2500);
    expect(bySection.totalValue).toBeCloseTo(1249.5, 9);

    const crossed = await ask(shopLayer, { by: 'status', by2: 'industry_section' });
    expect(crossed.keys?.[0]).toEqual(['active', 'active', 'active', 'revoked', 'revoked', 'revoked']);
    expect(crossed.counts.reduce<number>((sum, count) => sum + (count ?? 0), 0)).toBe(2500);

    const all = await ask(shopLayer, { metric: 'max:established_on' });
    expect(all).toMatchObject({ by: [], keys: [], counts: [2500], values: ['2024-06-15'], totalValue: '2024-06-15' });

    const shares = await ask(shopLayer, {
      metric: 'share',
      of: { field: 'status', op: '=', value: 'active' },
      by: 'established_on:year',
    });
    expect(shares.keys?.[0]?.[0]).toBe('2000');
    expect(shares.totalValue).toBe(0.75);

    const bands = await ask(shopLayer, { by: 'reg_capital_10k:100,1000' });
    expect(bands).toMatchObject({ keys: [['(,100)', '[100,1000)', '[1000,)']], counts: [100, 900, 1500] });
  });

  it('of hexagons fit the zoom, and come by the same words from /h3', async () => {
    const near = await ask(shopLayer, { by: 'h3', zoom: 14 });
    const far = await ask(shopLayer, { by: 'h3', zoom: 9 });
    expect(Number(near.by[0]?.slice(3))).toBeGreaterThan(Number(far.by[0]?.slice(3)));
    const [a, b] = [
      await ask(shopLayer, { by: 'h3:9', metric: 'sum:reg_capital_10k' }),
      await ask<z.infer<typeof HexagonCounts>>(shopLayer, { res: 9, metric: 'sum:reg_capital_10k' }, 'h3'),
    ];
    expect(a.keys?.[0]).toEqual(b.cells);
    expect(a.counts).toEqual(b.counts);
    expect(a.values).toEqual(b.values);
    expect([a.outside, a.total, a.totalValue]).toEqual([b.unlocated, b.total, b.totalValue]);
    const [first] = shops.filter(({ at }) => at !== undefined);
    const [lon, lat] = first?.at ?? [0, 0];
    expect(a.keys?.[0]).toContain(latLngToCell(lat, lon, 9));
  });

  it('of areas by their exact shape come from the database', async () => {
    const bbox = '113.02,22.97,113.06,23.01';
    const part = await ask(areas, { by: 'usage', bbox });
    const page = await (await api.get(`/api/layers/${areas.id}/features?bbox=${bbox}`)).json();
    expect(part.total).toBe((page as { numberMatched: number }).numberMatched);
    expect(part.total).toBeGreaterThan(0);
  });

  it('of a layer that was never loaded are none', async () => {
    expect(await ask(never, { by: 'h3:9' })).toMatchObject({ load: 0, keys: [[]], counts: [], total: 0 });
    expect(await ask<z.infer<typeof GroupKeys>>(never, { by: 'town' }, 'groups')).toMatchObject({ keys: [] });
  });
});

describe('columns', () => {
  it('say the same as JSON', async () => {
    for (const parameters of [
      { by: 'h3:9', metric: 'avg:reg_capital_10k' },
      { by: 'established_on:month', by2: 'status' },
      { by: 'status', by2: 'h3:7', metric: 'min:reg_capital_10k' },
      { metric: 'distinct:industry_section' },
    ]) {
      const told = await ask(shopLayer, parameters);
      const { header, columns } = await askColumns(shopLayer, parameters);
      expect(columns['counts']).toEqual(told.counts.map((count) => count ?? -1));
      if (told.values) expect(columns['values']).toEqual(told.values.map((value) => value ?? Number.NaN));
      expect(header).toMatchObject({ total: told.total, outside: told.outside, by: told.by, metric: told.metric });
      told.keys?.forEach((keys, index) => {
        const list = (header['keys'] as unknown[][])[index];
        const read =
          columns[`key${index}High`] === undefined
            ? columns[`key${index}`]?.map((at) => list?.[at])
            : columns[`key${index}High`]?.map(
                (high, at) => high.toString(16) + (columns[`key${index}Low`]?.[at] ?? 0).toString(16).padStart(8, '0'),
              );
        expect(read).toEqual(keys);
      });
    }
  });

  it('without keys stand in the order of the keys that the client keeps', async () => {
    const filter = { field: 'status', op: '=', value: 'revoked' };
    for (const by of ['h3:10', 'industry_section', 'grid']) {
      const { keys } = await ask<z.infer<typeof GroupKeys>>(shopLayer, { by }, 'groups');
      const told = await ask(shopLayer, { by, filter });
      const bare = await ask(shopLayer, { by, filter, keys: 'none' });
      expect(bare.keys).toBeUndefined();
      expect(bare.counts).toHaveLength(keys.length);
      const counts = new Map(told.keys?.[0]?.map((key, index) => [key, told.counts[index]]));
      expect(bare.counts).toEqual(keys.map((key) => counts.get(key) ?? 0));
      expect((await askColumns(shopLayer, { by, filter, keys: 'none' })).columns['counts']).toEqual(bare.counts);
      // The keys do not change with the filter: the browser keeps them.
      const address = `/api/layers/${shopLayer.id}/groups${query({ by })}`;
      const tag = (await api.get(address, STAFF)).headers.get('ETag') as string;
      expect((await api.get(address, { ...STAFF, 'If-None-Match': tag })).status).toBe(304);
    }
  });

  it('have tags of their own for every question', async () => {
    const tags = new Set<string | null>();
    const questions = [
      {},
      { by: 'town' },
      { by: 'town', metric: 'share' },
      { by: 'town', f: 'columns' },
      { by: 'h3:8' },
    ];
    for (const parameters of questions) {
      const address = `/api/layers/${shopLayer.id}/aggregate${query(parameters)}`;
      const tag = (await api.get(address, STAFF)).headers.get('ETag');
      tags.add(tag);
      expect((await api.get(address, { ...STAFF, 'If-None-Match': tag as string })).status).toBe(304);
    }
    expect(tags.size).toBe(questions.length);
  });
});

describe('of persons', () => {
  it('the pyramid of age and sex withholds what is small, and adds up', async () => {
    const pyramid = await ask(people, { by: 'birth_date:age', by2: 'sex' });
    expect(pyramid.by[0]).toMatch(/^birth_date:age:5,10,/);
    expect(pyramid.suppressed.k).toBe(5);
    expect(pyramid.counts.every((count) => count === null || count >= 5)).toBe(true);
    const shown = pyramid.counts.reduce<number>((sum, count) => sum + (count ?? 0), 0);
    expect(shown + (pyramid.suppressed.count ?? 0) + (pyramid.outside ?? 0)).toBe(600);
    expect(shown).toBeGreaterThan(400);
  });

  it('no figure is told of fewer than k, and no share gives away a small part', async () => {
    const small = { field: 'birth_date', op: '=', value: '1930-06-15' };
    const told = await ask(people, { by: 'grid', metric: 'distinct:residence_kind', filter: small });
    expect(told.counts.every((count) => count === null || count >= 5)).toBe(true);
    told.counts.forEach((count, index) => count === null && expect(told.values?.[index]).toBeNull());
    const shares = await ask(people, { by: 'sex', metric: 'share', of: small });
    // All born in 1930 are men here: 8 of 300, and no woman, which tells of nobody.
    expect(shares).toMatchObject({ keys: [['F', 'M']], values: [0, 8 / 300], total: 600 });
    const fewer = {
      and: [small, { field: 'sex', op: '=', value: 'M' }, { cells: { by: 'town', codes: ['440604001000'] } }],
    };
    const hidden = await ask(people, { by: 'sex', metric: 'share', of: fewer });
    const of = await ask(people, { by: 'sex', filter: fewer });
    expect(of.total).toBeNull();
    expect(hidden).toMatchObject({ values: [0, null], totalValue: null });
  });

  it('masked fields are refused, but for the years that their mask leaves', async () => {
    for (const [parameters, field] of [
      [{ by: 'birth_date:month' }, 'by'],
      [{ by: 'birth_date:day' }, 'by'],
      [{ metric: 'min:birth_date' }, 'metric'],
      [{ metric: 'distinct:birth_date' }, 'metric'],
      [{ by: 'name' }, 'by'],
      [{ by: 'sex', by2: 'id_no' }, 'by2'],
    ] as const) {
      const response = await api.get(`/api/layers/${people.id}/aggregate${query(parameters)}`, STAFF);
      expect(response.status).toBe(400);
      expect(await response.json()).toMatchObject({ error: { code: 'PARAMETER_INVALID', field } });
    }
    expect((await ask(people, { by: 'birth_date:year' })).keys?.[0]).toContain('1930');
  });
});

describe('questions that are none', () => {
  it.each([
    [{ metric: 'median:reg_capital_10k' }, 'metric'],
    [{ metric: 'sum' }, 'metric'],
    [{ metric: 'sum:nothing' }, 'metric'],
    [{ metric: 'sum:constructor' }, 'metric'],
    [{ metric: 'sum:status' }, 'metric'],
    [{ metric: 'avg:established_on' }, 'metric'],
    [{ metric: 'min:status' }, 'metric'],
    [{ metric: 'count', of: { field: 'status', op: 'null' } }, 'of'],
    [{ metric: 'share', of: { field: 'nothing', op: 'null' } }, 'filter'],
    [{ by: 'h3:4' }, 'by'],
    [{ by: 'h3:13' }, 'by'],
    [{ by: 'h3:9:1' }, 'by'],
    [{ by: 'grid:2' }, 'by'],
    [{ by: 'nothing' }, 'by'],
    [{ by: 'legal_person' }, 'by'],
    [{ by: 'status:1,2' }, 'by'],
    [{ by: 'reg_capital_10k' }, 'by'],
    [{ by: 'reg_capital_10k:5,1' }, 'by'],
    [{ by: 'reg_capital_10k:a' }, 'by'],
    [{ by: 'reg_capital_10k:1e9' }, 'by'],
    [{ by: 'established_on' }, 'by'],
    [{ by: 'established_on:hour' }, 'by'],
    [{ by: 'status:age' }, 'by'],
    [{ by2: 'status' }, 'by2'],
    [{ by: 'h3:9', by2: 'h3:8' }, 'by2'],
    [{ by: 'h3:9', by2: 'status', keys: 'none' }, 'keys'],
    [{ keys: 'none' }, 'keys'],
    [{ by: 'h3', zoom: 'far' }, 'zoom'],
    [{ f: 'arrow' }, 'f'],
  ])('%j', async (parameters, field) => {
    const response = await api.get(`/api/layers/${shopLayer.id}/aggregate${query(parameters)}`, STAFF);
    expect(response.status).toBe(400);
    expect(((await response.json()) as { error: { field: string } }).error.field).toMatch(new RegExp(`^${field}`));
  });
});
