import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { getLayer } from '../../../layers/index.ts';
import type { Layer } from '../../../layers/define.ts';
import type { Database } from '../../../server/db/connect.ts';
import { testDatabase } from '../../support/database.ts';
import { query, STAFF, testApi, type TestApi } from '../api-fixture.ts';
import { fakeCell, publishFixture, randomNumbers, removeFixture, type FixtureRow } from '../layer-fixture.ts';

/** A layer of the catalogue under a name of its own, whose rows here need not be complete. */
function like(model: string, id: string, sensitivity: Layer['sensitivity']): Layer {
  const layer = getLayer(model);
  const fields = Object.entries(layer.fields).map(([name, field]) => [name, { ...field, required: false }] as const);
  return { ...layer, id, sensitivity, fields: Object.fromEntries(fields) };
}

/** What is asked for: points and shapes that everybody may see. */
const spot: Layer = like('poi', 'api_area_spot', 'public');
const plot: Layer = like('building_footprint', 'api_area_plot', 'public');
/** What it is near to: of these one only staff may see. */
const secret: Layer = like('poi', 'api_area_secret', 'internal');
const person: Layer = like('person', 'api_area_person', 'personal');

const random = randomNumbers(23);
const place = (): [number, number] => [113.02 + random() * 0.08, 22.97 + random() * 0.08];
const key = (layer: Layer, index: number) => ({ [layer.key]: `K${index}` });

function points(layer: Layer, count: number, values: (index: number) => object = () => ({})): FixtureRow[] {
  return Array.from({ length: count }, (_, index): FixtureRow => {
    const at = place();
    if (index % 40 === 39) return { ...key(layer, index), ...values(index), wkt: null };
    return { ...key(layer, index), ...values(index), at, wkt: `POINT(${at[0]} ${at[1]})`, ...fakeCell(at) };
  });
}

function plots(count: number): FixtureRow[] {
  return Array.from({ length: count }, (_, index): FixtureRow => {
    const [x, y] = place();
    const side = 0.0005 + random() * 0.002;
    const at: [number, number] = [x + side / 2, y + side / 2];
    return {
      ...key(plot, index),
      name: `地块 ${index}`,
      floors: index % 7,
      at,
      wkt: `MULTIPOLYGON(((${x} ${y},${x + side} ${y},${x + side} ${y + side},${x} ${y + side},${x} ${y})))`,
      ...fakeCell(at),
    };
  });
}

function born(index: number): object {
  return { name: '欧阳修', sex: index % 2 === 0 ? 'M' : 'F', birth_date: `19${30 + index}-06-15` };
}

let db: Database;
let api: TestApi;

beforeAll(async () => {
  db = await testDatabase();
  await publishFixture(
    db,
    spot,
    points(spot, 3000, (index) => ({ name: `点 ${index}` })),
  );
  await publishFixture(db, plot, plots(300));
  await publishFixture(
    db,
    secret,
    points(secret, 50, (index) => ({ name: `密 ${index}` })),
  );
  await publishFixture(db, person, points(person, 60, born));
  api = testApi(db);
});
afterAll(async () => {
  await api.close();
  for (const layer of [spot, plot, secret, person]) await removeFixture(db, layer);
});

type Body = { numberMatched: number; features: { id: number }[]; total: number; error: Record<string, unknown> };

async function ask(layer: Layer, path: string, filter: unknown, headers: Record<string, string> = STAFF) {
  const response = await api.get(
    `/api/layers/${layer.id}/${path}${query({ filter: filter as object, limit: 1000 })}`,
    headers,
  );
  return { status: response.status, headers: response.headers, body: (await response.json()) as Body };
}

function askAround(filter: object) {
  return ask(spot, 'h3', { inside: { layer: person.id, filter, metres: 50 } });
}

/** Rows whose geodesic distance from a condition's shapes is below and up to the bounds. */
async function near(
  layer: Layer,
  other: string,
  metres: number,
): Promise<{ surely: Set<number>; possibly: Set<number> }> {
  const rows = await db.sql<{ fid: number; distance: number }[]>`
    select t.fid, min(st_distance(t.geom::geography, o.geom::geography)) as distance
    from ${db.sql(`layers.${layer.id}`)} t, (${db.sql.unsafe(other)}) o
    where t.geom is not null and o.geom is not null and st_dwithin(t.geom, o.geom, 0.05) group by 1`;
  return {
    surely: new Set(rows.filter(({ distance }) => distance <= metres * 0.997).map(({ fid }) => fid)),
    possibly: new Set(rows.filter(({ distance }) => distance <= metres * 1.001).map(({ fid }) => fid)),
  };
}

function expectAbout(
  found: readonly number[],
  { surely, possibly }: { surely: Set<number>; possibly: Set<number> },
): void {
  expect(surely.size).toBeGreaterThan(0);
  expect([...surely].filter((fid) => !found.includes(fid))).toEqual([]);
  expect(found.filter((fid) => !possibly.has(fid))).toEqual([]);
}

describe('an area that is asked for by what it is around', () => {
  it.each([spot, plot])('is a circle on the ellipsoid, of $id', async (layer) => {
    const filter = { circle: { centre: [113.06, 23.01], metres: 900 } };
    const { status, body } = await ask(layer, 'features', filter);
    expect(status).toBe(200);
    const expected = await near(layer, 'select st_setsrid(st_makepoint(113.06, 23.01), 4326) as geom', 900);
    expectAbout(
      body.features.map(({ id }) => id),
      expected,
    );
    expect(body.numberMatched).toBe(body.features.length);
    expect((await ask(layer, 'h3', filter)).body.total).toBe(body.numberMatched);
    expect((await ask(layer, 'cells', filter)).body.total).toBe(body.numberMatched);
  });

  it('is the surroundings of one feature', async () => {
    for (const [other, fid] of [
      [plot, 7],
      [secret, 3],
    ] as const) {
      const { body } = await ask(spot, 'features', { inside: { layer: other.id, fid, metres: 600 } });
      const expected = await near(spot, `select geom from layers.${other.id} where fid = ${fid}`, 600);
      expectAbout(
        body.features.map(({ id }) => id),
        expected,
      );
    }
  });

  it('is one polygon itself', async () => {
    const { body } = await ask(spot, 'features', { inside: { layer: plot.id, fid: 9 } });
    const [row] = await db.sql<[{ n: number }]>`select count(*)::int as n from layers.api_area_spot s
      where st_covers((select geom from layers.api_area_plot where fid = 9), s.geom)`;
    expect(body.numberMatched).toBe(row.n);
  });

  it('is all polygons of some rows, and what is near to points', async () => {
    const filter = { inside: { layer: plot.id, filter: { field: 'floors', op: '>=', value: 3 } } };
    const { body } = await ask(spot, 'features', filter);
    const [row] = await db.sql<[{ n: number }]>`select count(*)::int as n from layers.api_area_spot s
      where exists (select from layers.api_area_plot p where floors >= 3 and st_covers(p.geom, s.geom))`;
    expect(row.n).toBeGreaterThan(10);
    expect(body.numberMatched).toBe(row.n);
    expect((await ask(spot, 'h3', filter)).body.total).toBe(row.n);
    const around = await ask(plot, 'features', { inside: { layer: secret.id, metres: 200 } });
    expectAbout(
      around.body.features.map(({ id }) => id),
      await near(plot, 'select geom from layers.api_area_secret', 200),
    );
  });

  it('can be turned round, joined, and hold a filter with an area of its own', async () => {
    const inner = { circle: { centre: [113.06, 23.01], metres: 2000 } };
    const area = {
      inside: { layer: plot.id, filter: { and: [inner, { field: 'floors', op: '<', value: 5 }] }, metres: 50 },
    };
    const some = (await ask(spot, 'cells', area)).body.total;
    const others = (await ask(spot, 'cells', { not: area })).body.total;
    expect(some).toBeGreaterThan(5);
    expect(some + others).toBe(3000);
    expect((await ask(spot, 'cells', { or: [area, { not: area }] })).body.total).toBe(3000);
    expect(
      (await ask(spot, 'cells', { and: [area, { field: 'name', op: 'ilike', value: '点 1%' }] })).body.total,
    ).toBeLessThan(some);
  });

  it('finds nothing around no rows', async () => {
    const none = { inside: { layer: plot.id, filter: { field: 'floors', op: '=', value: 99 }, metres: 50 } };
    expect((await ask(spot, 'h3', none)).body).toMatchObject({ total: 0 });
    expect((await ask(spot, 'features', { not: none })).body.numberMatched).toBe(3000);
  });

  it('applies to tiles', async () => {
    const filter = JSON.stringify({ inside: { layer: plot.id, fid: 9, metres: 1 } });
    const response = await api.get(`/api/layers/${spot.id}/tiles/14/13337/7102${query({ filter })}`, STAFF);
    expect([200, 204]).toContain(response.status);
  });
});

describe('access to the other layer', () => {
  it('does not tell a hidden layer from one that does not exist', async () => {
    const hidden = await ask(spot, 'h3', { inside: { layer: secret.id, metres: 50 } }, {});
    const missing = await ask(spot, 'h3', { inside: { layer: 'no_such_layer', metres: 50 } }, {});
    for (const { status, body } of [hidden, missing]) {
      expect(status).toBe(400);
      expect(body.error).toMatchObject({ code: 'FILTER_INVALID', field: 'filter.inside.layer' });
    }
    expect(String(hidden.body.error.message).replaceAll(secret.id, 'X')).toBe(
      String(missing.body.error.message).replaceAll('no_such_layer', 'X'),
    );
  });

  it('keeps an answer that a hidden layer decided out of shared caches', async () => {
    const open = await ask(spot, 'h3', { inside: { layer: plot.id, metres: 50 } });
    const closed = await ask(spot, 'h3', { inside: { layer: secret.id, metres: 50 } });
    expect(open.headers.get('Cache-Control')).toMatch(/^public/);
    expect(closed.headers.get('Cache-Control')).toMatch(/^private/);
    const tile = `/api/layers/${spot.id}/tiles/14/13337/7102`;
    const { load } = (await (await api.get(`/api/layers/${spot.id}`)).json()) as { load: { id: number } };
    const filter = JSON.stringify({ inside: { layer: plot.id, metres: 50 } });
    const immutable = async (parameters: Record<string, string | number>) =>
      /immutable/.test(
        (await api.get(`${tile}${query({ v: load.id, ...parameters })}`)).headers.get('Cache-Control') ?? '',
      );
    expect(await immutable({})).toBe(true);
    // The other layer may be loaded again.
    expect(await immutable({ filter })).toBe(false);
  });

  it('does not compare masked values of the other layer', async () => {
    expect((await askAround({ field: 'sex', op: '=', value: 'M' })).status).toBe(200);
    const masked = await askAround({ field: 'birth_date', op: '=', value: '1960-06-15' });
    expect(masked.status).toBe(400);
    expect(masked.body.error.field).toBe('filter.inside.filter.value');
  });

  it('is renewed by a new load', async () => {
    const filter = { inside: { layer: plot.id, metres: 20 } };
    const before = await ask(spot, 'h3', filter);
    expect(
      (
        await api.get(`/api/layers/${spot.id}/h3${query({ filter })}`, {
          ...STAFF,
          'If-None-Match': before.headers.get('ETag') ?? '',
        })
      ).status,
    ).toBe(304);
    await publishFixture(db, plot, plots(20));
    await vi.waitFor(
      async () => {
        const after = await ask(spot, 'h3', filter);
        expect(after.body.total).toBeLessThan(before.body.total);
        expect(after.headers.get('ETag')).not.toBe(before.headers.get('ETag'));
      },
      { timeout: 8000, interval: 100 },
    );
  });
});

describe('an area that cannot be', () => {
  it.each([
    ['circle without a radius', { circle: { centre: [113, 23] } }, 'filter.circle'],
    ['circle of nothing', { circle: { centre: [113, 23], metres: 0 } }, 'filter.circle.metres'],
    ['circle too large', { circle: { centre: [113, 23], metres: 1e9 } }, 'filter.circle.metres'],
    ['circle of text', { circle: { centre: [113, 23], metres: '100' } }, 'filter.circle.metres'],
    ['circle at the pole', { circle: { centre: [113, 89], metres: 10 } }, 'filter.circle.centre'],
    ['circle across 180 degrees', { circle: { centre: [179.9, 0], metres: 10 } }, 'filter.circle.centre'],
    ['circle elsewhere', { circle: { centre: [1130, 23], metres: 10 } }, 'filter.circle.centre'],
    ['a misspelt key', { inside: { layer: plot.id, meters: 10 } }, 'filter.inside.meters'],
    ['fid and filter', { inside: { layer: plot.id, fid: 1, filter: {} } }, 'filter.inside.filter'],
    ['no such feature', { inside: { layer: plot.id, fid: 1e9 } }, 'filter.inside.fid'],
    ['points without metres', { inside: { layer: spot.id, fid: 1 } }, 'filter.inside.metres'],
    ['a raster', { inside: { layer: 'air_forecast_grid', metres: 1 } }, 'filter.inside.layer'],
    [
      'a field of the other layer',
      { inside: { layer: plot.id, filter: { field: 'x', op: '=', value: 1 }, metres: 1 } },
      'filter.inside.filter.field',
    ],
    [
      'too many areas',
      { or: Array.from({ length: 9 }, (_, n) => ({ circle: { centre: [113, 23], metres: n + 1 } })) },
      'filter.or[8].circle',
    ],
    ['SQL for a layer', { inside: { layer: 'poi"; drop table x; --', metres: 1 } }, 'filter.inside.layer'],
  ])('is refused: %s', async (_, filter, field) => {
    const { status, body } = await ask(spot, 'h3', filter);
    expect(status, JSON.stringify(body)).toBe(400);
    expect(body.error).toMatchObject({ code: 'FILTER_INVALID', field });
  });

  it('is refused when it is around too many rows', async () => {
    await db.sql`insert into layers.api_area_secret (fid, source_id, geom, load_id)
      select 1000 + n, 'X' || n, st_setsrid(st_makepoint(113.05 + n * 1e-6, 23), 4326), 1 from generate_series(1, 5000) n`;
    const { status, body } = await ask(spot, 'h3', { inside: { layer: secret.id, metres: 10 } });
    expect(status).toBe(400);
    expect(body.error).toMatchObject({ field: 'filter.inside', message: expect.stringMatching(/more than 5000 rows/) });
  });
});
