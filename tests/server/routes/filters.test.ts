import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { connectDatabase, type Database } from '../../../server/db/connect.ts';
import { testDatabase, testTarget } from '../../support/database.ts';
import { query, STAFF, testApi, type TestApi } from '../api-fixture.ts';
import { publishFixture, removeFixture } from '../layer-fixture.ts';
import {
  lake as lakeModel,
  lakes,
  resident as residentModel,
  residents,
  shop as shopModel,
  shops,
  tilePath,
} from './layers-data.ts';

const shop = { ...shopModel, id: 'api_filter_shop' };
const lake = { ...lakeModel, id: 'api_filter_lake' };
const resident = { ...residentModel, id: 'api_filter_resident' };

let db: Database;
let api: TestApi;

beforeAll(async () => {
  db = await testDatabase();
  await publishFixture(db, shop, shops);
  await publishFixture(db, lake, lakes);
  await publishFixture(db, resident, residents);
  api = testApi(db);
});
afterAll(async () => {
  await api.close();
  for (const layer of [shop, lake, resident]) await removeFixture(db, layer);
});

interface Answer {
  numberMatched: number;
  total: number;
  error: { code: string; field?: string; message: string };
}

const OVERRIDE = { ...STAFF, 'X-HTTP-Method-Override': 'GET' };
const PATHS = ['features', 'h3', 'cells'];

async function get(path: string, parameters: Record<string, string | number | object | undefined>) {
  const response = await api.get(`/api/layers/${path}${query(parameters)}`, STAFF);
  return { status: response.status, headers: response.headers, body: (await response.json()) as Answer };
}

async function post(path: string, body: unknown, headers: Record<string, string> = OVERRIDE) {
  const response = await api.send(
    'POST',
    `/api/layers/${path}`,
    typeof body === 'string' ? body : JSON.stringify(body),
    headers,
  );
  const text = await response.text();
  return { status: response.status, headers: response.headers, body: JSON.parse(text || '{}') as Answer };
}

async function resolutionOf(response: Response): Promise<number> {
  return ((await response.json()) as { res: number }).res;
}

function deep(depth: number, wrap: (inner: string) => string): string {
  let text = '{"field":"name","op":"null"}';
  for (let n = 0; n < depth; n++) text = wrap(text);
  return text;
}

function ring(count: number, at: (n: number) => [number, number]): object {
  const positions = Array.from({ length: count }, (_, n) => at(n));
  return { within: { type: 'Polygon', coordinates: [[...positions, positions[0]]] } };
}

function round(n: number): [number, number] {
  return [113 + Math.cos(n / 1000), 23 + Math.sin(n / 1000)];
}

describe('one filter in every language', () => {
  const same = [
    {
      filter: JSON.stringify({
        and: [
          { field: 'status', op: '=', value: 'active' },
          { field: 'reg_capital_10k', op: '>', value: 900 },
        ],
      }),
    },
    { filter: "status = 'active' AND reg_capital_10k > 900" },
    { filter: "status = 'active' AND reg_capital_10k > 900", 'filter-lang': 'cql2-text' },
    {
      filter: JSON.stringify({
        op: 'and',
        args: [
          { op: '=', args: [{ property: 'status' }, 'active'] },
          { op: '>', args: [{ property: 'reg_capital_10k' }, 900] },
        ],
      }),
      'filter-lang': 'cql2-json',
    },
  ];

  it.each(PATHS)('gives the same %s, of the same tag', async (path) => {
    const answers = [];
    for (const parameters of same) answers.push(await get(`${shop.id}/${path}`, parameters));
    const [row] = await db.sql<[{ n: number }]>`
      select count(*)::int as n from layers.api_filter_shop where status = 'active' and reg_capital_10k > 900`;
    expect(row.n).toBeGreaterThan(100);
    for (const { status, body } of answers) {
      expect(status, JSON.stringify(body)).toBe(200);
      expect(body.total ?? body.numberMatched).toBe(row.n);
    }
    if (path !== 'features') expect(new Set(answers.map(({ headers }) => headers.get('ETag'))).size).toBe(1);
  });

  it('applies to tiles, and refuses an unknown language', async () => {
    const tile = `${lake.id}/tiles/${tilePath(lakes[0]?.at ?? [0, 0], 15)}`;
    const sizes: number[] = [];
    for (const filter of ['floors >= 0', 'floors >= 0 AND TRUE', 'floors > 99']) {
      const response = await api.get(`/api/layers/${tile}${query({ filter })}`);
      expect([200, 204]).toContain(response.status);
      sizes.push((await response.arrayBuffer()).byteLength);
    }
    expect(sizes[0]).toBeGreaterThan(0);
    expect(sizes[1]).toBe(sizes[0]);
    expect(sizes[2]).toBe(0);
    const { status, body } = await get(`${shop.id}/h3`, { filter: 'TRUE', 'filter-lang': 'sql' });
    expect([status, body.error.field]).toEqual([400, 'filter-lang']);
  });

  it('is fitted by its areas when the resolution is left to the service', async () => {
    const small = await api.get(
      `/api/layers/${shop.id}/h3${query({ filter: 'S_INTERSECTS(geom, circle(113.06, 23.01, 300))' })}`,
      STAFF,
    );
    const large = await api.get(`/api/layers/${shop.id}/h3`, STAFF);
    expect(await resolutionOf(small)).toBeGreaterThan(await resolutionOf(large));
  });
});

describe('a POST that is a GET', () => {
  it.each(PATHS)('answers %s as the GET does', async (path) => {
    const filter = { field: 'status', op: '=', value: 'active' };
    const bbox = [113.02, 22.97, 113.06, 23.01];
    const expected = await get(`${shop.id}/${path}`, {
      filter,
      bbox: bbox.join(),
      limit: 5,
      res: path === 'h3' ? 9 : undefined,
    });
    const found = await post(`${shop.id}/${path}`, { filter, bbox, limit: 5, ...(path === 'h3' ? { res: '9' } : {}) });
    expect(found.status).toBe(200);
    const { links: _a, ...one } = found.body as Answer & { links?: unknown };
    const { links: _b, ...other } = expected.body as Answer & { links?: unknown };
    expect(one).toEqual(other);
    const again = await post(
      `${shop.id}/${path}`,
      { filter, bbox, limit: 5, ...(path === 'h3' ? { res: '9' } : {}) },
      { ...OVERRIDE, 'If-None-Match': found.headers.get('ETag') ?? '' },
    );
    expect(again.status).toBe(304);
  });

  it('takes a filter that no address can hold', async () => {
    const values = Array.from({ length: 2000 }, (_, n) => `公司 ${n}`);
    const { status, body } = await post(`${shop.id}/cells`, { filter: { field: 'name', op: 'in', value: values } });
    expect([status, body.total]).toEqual([200, shops.filter(({ name }) => values.includes(String(name))).length]);
  });

  it('keeps the roles apart, and says what is wrong with the body', async () => {
    const nobody = await post(`${shop.id}/h3`, {}, { 'X-HTTP-Method-Override': 'GET' });
    expect(nobody.status).toBe(404);
    for (const [body, code] of [
      ['[]', 'BODY_INVALID'],
      ['null', 'BODY_INVALID'],
      ['{"filter":null}', 'BODY_INVALID'],
      ['{', 'BODY_MALFORMED'],
      ['{"filter":"nope = 1"}', 'FILTER_INVALID'],
      ['{"res":"99"}', 'PARAMETER_INVALID'],
    ] as const) {
      const answer = await post(`${shop.id}/h3`, body);
      expect([answer.status, answer.body.error.code], body).toEqual([400, code]);
    }
    const other = await post(`${shop.id}/h3`, {}, { ...STAFF, 'X-HTTP-Method-Override': 'DELETE' });
    expect([other.status, other.body.error.field]).toEqual([400, 'X-HTTP-Method-Override']);
    const plain = await post(`${shop.id}/h3`, {}, STAFF);
    expect([plain.status, plain.body.error.code]).toEqual([405, 'METHOD_NOT_ALLOWED']);
  });
});

describe('filters that mean harm', () => {
  it.each<[string, string]>([
    ['and in and', deep(500, (inner) => `{"and":[${inner}]}`)],
    ['not in not', deep(5000, (inner) => `{"not":${inner}}`)],
    ['brackets', '['.repeat(50_000)],
    [
      'an area in an area in an area',
      deep(
        12,
        (inner) =>
          `{"inside":{"layer":"api_filter_lake","metres":1,"filter":${inner.includes('inside') ? inner : '{"field":"floors","op":"null"}'}}}`,
      ),
    ],
    ['100 kB of one value', JSON.stringify({ field: 'name', op: '=', value: 'x'.repeat(99_000) })],
    ['more than 100 kB', JSON.stringify({ field: 'name', op: '=', value: 'x'.repeat(200_000) })],
    ['a huge list', JSON.stringify({ field: 'name', op: 'in', value: Array.from({ length: 20_000 }, () => 'x') })],
    ['a million positions', JSON.stringify(ring(30_000, round))],
    ['not a number', '{"field":"reg_capital_10k","op":"=","value":NaN}'],
    ['infinity', '{"field":"reg_capital_10k","op":"=","value":1e999}'],
    ['infinity in a place', '{"bbox":[-1e999,0,1e999,1]}'],
    ['half a character', '{"field":"name","op":"=","value":"\\ud800"}'],
    ['no character', '{"field":"name","op":"like","value":"\\u0000%"}'],
    [
      'a bow-tie',
      JSON.stringify(
        ring(
          4,
          (n) =>
            [
              [113, 23] as [number, number],
              [114, 24] as [number, number],
              [114, 23] as [number, number],
              [113, 24] as [number, number],
            ][n] ?? [0, 0],
        ),
      ),
    ],
    ['beyond 180 degrees', JSON.stringify(ring(4, (n) => [179 + n, 23 + (n % 2)]))],
    ['SQL for a field', JSON.stringify({ field: 'name" or true --', op: '=', value: 'x' })],
    ['SQL for an operator', JSON.stringify({ field: 'name', op: '= any(select 1) or', value: 'x' })],
    ['SQL for a level', JSON.stringify({ cells: { by: 'grid_code" or true --', codes: ['1'] } })],
    ['SQL for a code', JSON.stringify({ cells: { by: 'grid', codes: ["1') or true --"] } })],
    ['SQL for a layer', JSON.stringify({ inside: { layer: 'person"; drop table layers.person --', metres: 5 } })],
    [
      'SQL for metres',
      JSON.stringify({ inside: { layer: 'api_filter_lake', metres: '5); drop table layers.person --' } }),
    ],
    ['prototypes', '{"field":"__proto__","op":"null"}'],
    ['a constructor', '{"constructor":{"prototype":{}}}'],
    ['CQL2 with a bracket too many', `${'('.repeat(40_000)}`],
    ['CQL2 of backslashes', `name = '${'\\'.repeat(40_000)}`],
    ['CQL2 of quotes', `name = ${"'".repeat(40_001)}`],
  ])('are refused at once, the place named: %s', async (_, filter) => {
    for (const path of PATHS) {
      const started = performance.now();
      const { status, body } = await post(`${shop.id}/${path}`, { filter });
      expect(status, JSON.stringify(body)).toBe(400);
      expect(body.error.code).toBe('FILTER_INVALID');
      expect(body.error.field).toMatch(/^filter/);
      expect(body.error.message).not.toMatch(/syntax error|relation|column|postgres/i);
      expect(performance.now() - started).toBeLessThan(5000);
    }
  });

  it('cost what is allowed and no more: the widest filter there can be', async () => {
    const values = Array.from({ length: 2000 }, (_, n) => n);
    const wide = {
      or: Array.from({ length: 400 }, (_, n) => ({
        not: { field: 'name', op: 'like', value: `%${'_%'.repeat(n % 20)}` },
      })).slice(0, 240),
    };
    const filter = {
      and: [wide, { field: 'reg_capital_10k', op: 'in', value: values }, ring(1000, (n) => round(n * 6))],
    };
    const started = performance.now();
    const { status } = await post(`${shop.id}/h3`, { filter });
    expect(status).toBe(200);
    expect(performance.now() - started).toBeLessThan(8000);
  });

  it('are stopped by the database when they take too long, and it says so', async () => {
    const { url } = testTarget();
    if (url === undefined) return;
    const limited = new URL(url);
    limited.searchParams.set('statement_timeout', '1');
    const slow = await connectDatabase({ url: limited.href, applicationName: 'onemap-slow' }).catch(() => null);
    // Where not even connecting is fast enough, the limit is set on a connection that is there.
    if (slow === null) return;
    const slowApi = testApi(slow);
    try {
      const filter = { inside: { layer: lake.id, metres: 300 } };
      await slowApi.get(`/api/layers/${shop.id}`, STAFF);
      const response = await slowApi.get(`/api/layers/${shop.id}/h3${query({ filter })}`, STAFF);
      const body = (await response.json()) as Answer;
      expect([response.status, body.error.code]).toEqual([503, 'QUERY_TIMEOUT']);
      expect(response.headers.get('Retry-After')).toBe('2');
    } finally {
      await slowApi.close();
      await slow.close();
    }
  });
});

describe('small numbers of people', () => {
  it('are withheld in an area as anywhere', async () => {
    const { body } = await get(`${resident.id}/h3`, {
      filter: 'S_INTERSECTS(geom, circle(113.06, 23.01, 60))',
      res: 12,
    });
    const { counts } = body as unknown as { counts: (number | null)[] };
    for (const count of counts) expect(count === null || count >= 5).toBe(true);
  });
});

describe('a filter in both ways of writing', () => {
  interface Written {
    filter: object;
    cql2: string | null;
    rowsRefused: { field: string; message: string } | null;
    error: { code: string; field: string };
  }
  const write = async (layer: string, filter: string | object) => {
    const { status, body } = await get(`${layer}/filter`, { filter });
    return { status, ...(body as unknown as Written) };
  };

  it.each([
    { field: 'status', op: 'in', value: ['active', 'closed'] },
    { field: 'established_on', op: 'between', value: ['2020-01-01', '2021-12-31'] },
    {
      and: [
        { not: { or: [{ field: 'name', op: 'icontains', value: 'a' }] } },
        { field: 'name', op: 'like', value: '公%' },
      ],
    },
    {
      or: [{ outside: 'grid' }, { cells: { by: 'town', codes: ['440604010000'] } }, { bbox: [113, 22.9, 113.1, 23.1] }],
    },
    {
      within: {
        type: 'Polygon',
        coordinates: [
          [
            [113, 22.9],
            [113.1, 22.9],
            [113.1, 23.1],
            [113, 22.9],
          ],
        ],
      },
    },
    { circle: { centre: [113.06, 23.01], metres: 300 } },
    { inside: { layer: lake.id, filter: { field: 'floors', op: '>', value: 1 }, metres: 50 } },
  ])('keeps JSON as it is, and its text means the same %#', async (json) => {
    const { status, filter, cql2, rowsRefused } = await write(shop.id, json);
    expect(status).toBe(200);
    expect(filter).toEqual(json);
    expect(rowsRefused).toBeNull();
    const totals = await Promise.all(
      [json, cql2 as string].map(async (text) => (await get(`${shop.id}/h3`, { filter: text })).body.total),
    );
    expect(totals[1]).toBe(totals[0]);
  });

  it('names the part at fault, and says when rows may not be asked so', async () => {
    expect(await write(shop.id, { and: [{ field: 'status', op: '=', value: 7 }] })).toMatchObject({
      status: 400,
      error: { code: 'FILTER_INVALID', field: 'filter.and[0].value' },
    });
    expect(await write(shop.id, 'status = = 1')).toMatchObject({ status: 400, error: { field: 'filter' } });
    const masked = { and: [{ not: { field: 'birth_date', op: '=', value: '1960-06-15' } }] };
    expect(await write(resident.id, masked)).toMatchObject({
      status: 200,
      rowsRefused: { field: 'filter.and[0].not.value' },
    });
  });
});

describe('rows in the order of a field', () => {
  interface Page {
    next: string | null;
    features: { id: number; properties: Record<string, unknown> }[];
  }
  async function all(sort: string, limit = 700): Promise<Page['features']> {
    const rows: Page['features'] = [];
    let cursor: string | undefined;
    do {
      const { status, body } = await get(`${shop.id}/features`, { sort, limit, cursor });
      expect(status).toBe(200);
      const page = body as unknown as Page;
      rows.push(...page.features);
      cursor = page.next ?? undefined;
    } while (cursor !== undefined);
    return rows;
  }

  it.each(['reg_capital_10k', 'name', 'established_on'])('has every row once, by %s', async (field) => {
    const order = async (direction: string) =>
      (await db.sql.unsafe(
        `select fid from layers.api_filter_shop order by ${field} ${field === 'name' ? 'collate "C"' : ''} ${direction} nulls last, fid`,
      )) as unknown as { fid: string | number }[];
    expect((await all(field)).map(({ id }) => id)).toEqual((await order('asc')).map(({ fid }) => Number(fid)));
    expect((await all(`-${field}`)).map(({ id }) => id)).toEqual((await order('desc')).map(({ fid }) => Number(fid)));
  });

  it('is refused for fields that are unknown or masked', async () => {
    for (const [layer, sort] of [
      [shop.id, 'nothing'],
      [resident.id, 'name'],
      [resident.id, '-name'],
    ] as const) {
      const { status, body } = await get(`${layer}/features`, { sort });
      expect([status, body.error.code, body.error.field]).toEqual([400, 'PARAMETER_INVALID', 'sort']);
    }
  });
});
