import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { chains, checkChains } from '../../../layers/chains.ts';
import { layers } from '../../../layers/index.ts';
import type { LinkChains, LoadDetail } from '../../../server/app.ts';
import { loadedDistrict, type LoadedDistrict } from '../../support/district.ts';
import { STAFF, testApi, type TestApi } from '../api-fixture.ts';

let district: LoadedDistrict;
let api: TestApi;
beforeAll(async () => {
  district = await loadedDistrict();
  api = testApi(district.db);
});
afterAll(() => api.close());

type Row = Record<string, string | null>;

async function rowsOf(layer: string, ...columns: string[]): Promise<Row[]> {
  return await district.db.sql.unsafe<Row[]>(`select source_id, ${columns.join(', ')} from layers.${layer}`);
}

async function answer(headers: Record<string, string> = STAFF): Promise<LinkChains> {
  const response = await api.get('/api/quality/links', headers);
  expect(response.status).toBe(200);
  return (await response.json()) as LinkChains;
}

function chainOf({ chains: all }: LinkChains, id: string) {
  const chain = all.find((each) => each.id === id)!;
  return { ...chain, counts: chain.counts! };
}

function isRough({ precision }: { precision: string | null }): boolean {
  return precision === 'road' || precision === 'community';
}

describe('GET /api/quality/links', () => {
  it('counts people hop by hop as one would by hand', async () => {
    const { counts } = chainOf(await answer(), 'person');
    const keyed = async (layer: string, column: string) =>
      new Map((await rowsOf(layer, column)).map((row) => [row['source_id'], row[column] ?? null]));
    const steps = [
      await keyed('household', 'room_code'),
      await keyed('room', 'building_code'),
      await keyed('building_footprint', 'grid_code'),
      await keyed('governance_grid', 'grid_code'),
    ];
    const people = await rowsOf('person', 'household_id', '(geom is null)::text as unlocated');
    const expected = steps.map(() => ({ entered: 0, matched: 0, empty: 0, dead: 0 }));
    for (const person of people) {
      let key = person['household_id'] ?? null;
      for (const [i, step] of steps.entries()) {
        const hop = expected[i]!;
        hop.entered += 1;
        if (key === null) {
          hop.empty += 1;
          break;
        }
        if (!step.has(key)) {
          hop.dead += 1;
          break;
        }
        hop.matched += 1;
        key = step.get(key) ?? null;
      }
    }
    const counted = counts.hops.map(({ entered, matched, unmatched }) => ({
      entered,
      matched,
      ...Object.fromEntries(unmatched.map(({ reason, count }) => [reason, count])),
    }));
    expect(counted).toEqual(expected);
    expect(counts.rows).toBe(people.length);
    expect(counts.unlocated).toBe(people.filter(({ unlocated }) => unlocated === 'true').length);
    expect(counts.rate).toBeGreaterThan(0.98);
    // Faults are planted at the rooms of households: they come no further than that.
    expect(expected[1]!.dead).toBeGreaterThan(0);
  });

  it('loses no row between two hops, in any chain', async () => {
    const { chains: all } = await answer();
    expect(all.map(({ id }) => id)).toEqual(chains.map(({ id }) => id));
    for (const { id, layer, counts, missing } of all) {
      expect(missing, id).toEqual([]);
      let entering = counts!.rows;
      for (const hop of counts!.hops) {
        expect(hop.entered, id).toBe(entering);
        expect(hop.matched + hop.unmatched.reduce((sum, { count }) => sum + count, 0), id).toBe(hop.entered);
        entering = hop.matched;
      }
      expect(counts!.matched, id).toBe(entering);
      const [state] = await district.db.sql<{ rows: number; unlocated: number }[]>`
        select rows, unlocated from app.layer_state where layer_id = ${layer}`;
      expect([counts!.rows, counts!.unlocated], id).toEqual([state!.rows, state!.unlocated]);
    }
  });

  it('leads enterprises over their registered address to their building', async () => {
    const { counts } = chainOf(await answer(), 'enterprise');
    const rows = await district.db.sql<{ precision: string | null; code: string | null; metres: number | null }[]>`
      select e.address_precision as precision, e.building_code as code,
        st_distance(e.geom::geography, b.geom::geography) as metres
      from layers.enterprise e left join layers.building_footprint b on b.source_id = e.building_code`;
    const [address, building] = counts.hops;
    expect(address!.matched).toBe(rows.filter(({ precision }) => precision !== null).length);
    expect(building!.matched).toBe(rows.filter(({ metres, code }) => code !== null && metres !== null).length);
    const told = district.reports
      .find(({ layer }) => layer === 'enterprise')!
      .links.find(({ kind }) => kind === 'building')!;
    expect(told.matched).toBe(rows.filter(({ code }) => code !== null).length);
    expect(told.reasons!.rough).toBe(rows.filter(isRough).length);
    expect(told.reasons!.unknown + told.reasons!.empty).toBe(rows.filter(({ precision }) => precision === null).length);
    const reason = (name: string) => building!.unmatched.find((each) => each.reason === name)!.count;
    expect(reason('rough')).toBe(rows.filter(isRough).length);
    expect(reason('several')).toBe(
      rows.filter((row) => row.precision !== null && !isRough(row) && row.code === null).length,
    );
    expect(counts.rate, 'enterprises that lead to a building').toBeGreaterThan(0.6);
    // They have coordinates of their own, from another department: the building is where they are.
    const led = rows.flatMap(({ metres }) => (metres === null ? [] : [metres]));
    expect(led.filter((metres) => metres < 150).length / led.length).toBeGreaterThan(0.95);
  });

  it('is answered from memory while the loads are the same, and with 304 to who has it', async () => {
    const first = await api.get('/api/quality/links', STAFF);
    const tag = first.headers.get('ETag')!;
    const again = await api.get('/api/quality/links', { ...STAFF, 'If-None-Match': tag });
    expect(again.status).toBe(304);
    expect((await api.get('/api/quality/links', { 'If-None-Match': tag })).status).toBe(200);
  });

  it('says which layer of a chain is not loaded, and counts nothing then', async () => {
    const { sql } = district.db;
    const [state] = await sql<Record<string, string | number | Date | null>[]>`
      delete from app.layer_state where layer_id = 'room'
      returning layer_id, load_id, rows, unlocated, published_at, confirmed_at`;
    const fresh = testApi(district.db);
    try {
      const body = (await (await fresh.get('/api/quality/links', STAFF)).json()) as LinkChains;
      expect(body.chains.find(({ id }) => id === 'person')).toMatchObject({ missing: ['room'], counts: null });
      expect(body.chains.find(({ id }) => id === 'enterprise')?.counts).not.toBeNull();
    } finally {
      await sql`insert into app.layer_state ${sql(state!)}`;
      await fresh.close();
    }
  });

  it('shows nobody a chain over a layer he may not see', async () => {
    expect((await answer({})).chains).toEqual([]);
  });
});

describe('match rates of a load', () => {
  it('are told for every declared link, and add up to the rows accepted', async () => {
    for (const { layer, load, rows, links } of district.reports) {
      const definition = layers.find(({ id }) => id === layer)!;
      for (const { field, layer: to } of definition.checks.references ?? []) {
        expect(links, `${layer}.${field}`).toContainEqual(
          expect.objectContaining({ kind: 'reference', by: field, to }) as unknown,
        );
      }
      for (const { kind, matched, empty, dead } of links) {
        if (kind === 'address' || kind === 'precision') continue;
        expect(matched + empty + dead, `${layer} ${kind}`).toBe(rows.accepted);
      }
      const refused = links.reduce((sum, link) => sum + link.refused, 0);
      expect(refused, layer).toBe(
        district.manifest.layers[layer]?.faults.filter(({ code }) => code === 'UNKNOWN_REFERENCE').length,
      );
      if (layer !== 'person') continue;
      const detail = (await (await api.get(`/api/loads/${load}`, STAFF)).json()) as LoadDetail;
      const household = detail.links.find(({ to }) => to === 'household')!;
      expect(household).toMatchObject({ kind: 'reference', by: 'household_id', title: { zh: '家庭户' } });
      expect(household.rate).toBeCloseTo(
        household.matched / (household.matched + household.empty + household.dead + household.refused),
        12,
      );
      expect(household.rate).toBeGreaterThan(0.97);
    }
  });
});

describe('chains', () => {
  it('are made of links that the layers declare', () => {
    const byId = new Map(layers.map((layer) => [layer.id, layer]));
    expect(checkChains(chains, byId)).toEqual([]);
    const base = { id: 'x', title: { zh: '链', en: 'chain' }, from: 'person' };
    expect(checkChains([{ ...base, hops: [{ by: 'room_code', to: 'household' }] }], byId)).toEqual([
      'x: person.room_code is no link to household',
    ]);
    expect(checkChains([{ ...base, hops: [{ address: 'name' }] }], byId)).toEqual([
      'x: "name" is not the address of person',
    ]);
    expect(checkChains([{ ...base, from: 'nobody', hops: [] }], byId)).toEqual(['x: "nobody" is no layer']);
  });
});
