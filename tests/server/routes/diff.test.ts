import { VectorTile } from '@mapbox/vector-tile';
import { PbfReader } from 'pbf';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import type { DiffSummary, LayerDetail, VersionList } from '../../../server/contract/layers.ts';
import type { Database } from '../../../server/db/connect.ts';
import { testDatabase } from '../../support/database.ts';
import { importContent, removeLayer } from '../../support/user-layer.ts';
import { query, STAFF, testApi, type TestApi } from '../api-fixture.ts';
import { tilePath } from './layers-data.ts';

const STOP = 'user_diff_stop';
const PLOT = 'user_diff_plot';
const CENTRE = [113.1, 23.02] as const;
/** About 102 m along the parallel. */
const STEP = 0.001;

let db: Database;
let api: TestApi;
const loads: Record<string, [number, number]> = {};

/**
 * 200 stops in two editions. In the second the first 3 are gone and 4 are new, 5 are renamed, 6 lie 100 m further east,
 * 2 of these are renamed, too; 1 has lost its place.
 */
function stops(edition: 1 | 2): string {
  const numbers = edition === 1 ? range(0, 200) : range(3, 204);
  const lines = numbers.map((i) => {
    const isLater = edition === 2;
    const lon = CENTRE[0] + (i % 20) * 1e-4 + (isLater && i >= 50 && i < 56 ? STEP : 0);
    const lat = CENTRE[1] + Math.floor(i / 20) * 1e-4;
    const name = isLater && ((i >= 20 && i < 25) || i === 50 || i === 51) ? `改名${i}` : `站点${i}`;
    const place = isLater && i === 100 ? ',' : `${lon.toFixed(6)},${lat.toFixed(6)}`;
    const phone = isLater && i === 150 ? '13800138001' : '13800138000';
    return `S${i},${name},${phone},${place}`;
  });
  return `code,name,phone,lon,lat\n${lines.join('\n')}\n`;
}

function plots(edition: 1 | 2): string {
  const features = range(edition === 1 ? 0 : 1, edition === 1 ? 20 : 22).map((i) => {
    const [west, south] = [CENTRE[0] + i * 1e-4, CENTRE[1]];
    const size = edition === 2 && i === 7 ? 4e-5 : 8e-5;
    const corners = [
      [0, 0],
      [size, 0],
      [size, size],
      [0, size],
      [0, 0],
    ] as [number, number][];
    return {
      type: 'Feature',
      properties: { plot_code: `P${i}`, use: edition === 2 && i >= 10 && i < 13 ? '绿地' : '住宅' },
      geometry: { type: 'Polygon', coordinates: [corners.map(([x, y]) => [west + x, south + y])] },
    };
  });
  return JSON.stringify({ type: 'FeatureCollection', features });
}

function range(from: number, to: number): number[] {
  return Array.from({ length: to - from }, (_, i) => from + i);
}

async function get<T>(path: string): Promise<T> {
  const response = await api.get(path, STAFF);
  expect(response.status, path).toBe(200);
  return (await response.json()) as T;
}

interface Page {
  next: string | null;
  features: {
    id: number;
    geometry: object | null;
    properties: {
      kind: string;
      changed: string[];
      movedMetres: number | null;
      before: Record<string, unknown> | null;
      after: Record<string, unknown> | null;
      geometryBefore: object | null;
    };
  }[];
}

async function allPages(id: string, parameters: Record<string, string | number> = {}): Promise<Page['features']> {
  const found: Page['features'] = [];
  for (let cursor: string | undefined; ;) {
    const page = await get<Page>(
      `/api/layers/${id}/diff/features${query({ ...parameters, limit: 7, ...(cursor === undefined ? {} : { cursor }) })}`,
    );
    found.push(...page.features);
    if (page.next === null) return found;
    cursor = page.next;
  }
}

function countBy(kinds: readonly string[]): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const kind of kinds) counts[kind] = (counts[kind] ?? 0) + 1;
  return counts;
}

beforeAll(async () => {
  db = await testDatabase();
  api = testApi(db);
  for (const [id, file, make] of [
    [STOP, 'stops.csv', stops],
    [PLOT, 'plots.geojson', plots],
  ] as const) {
    const first = (await importContent(db, id, file, make(1))).load;
    const second = (await importContent(db, id, file, make(2))).load;
    loads[id] = [first, second];
    await vi.waitFor(
      async () =>
        expect(((await (await api.get(`/api/layers/${id}`, STAFF)).json()) as Partial<LayerDetail>).load?.id).toBe(
          second,
        ),
      { timeout: 8000, interval: 50 },
    );
  }
});
afterAll(async () => {
  await api.close();
  for (const id of [STOP, PLOT]) await removeLayer(db, id);
});

describe('the diff of points', () => {
  it('counts what was added, removed, changed by field, and moved with its distance', async () => {
    const diff = await get<DiffSummary>(`/api/layers/${STOP}/diff`);
    expect(diff).toMatchObject({
      from: { load: loads[STOP]?.[0], rows: 200 },
      to: { load: loads[STOP]?.[1], rows: 201 },
      added: 4,
      removed: 3,
      changed: 8,
      moved: 7,
      changedAndMoved: 2,
      unchanged: 200 - 3 - 8 - 7 + 2,
      fields: { name: 7, phone: 1 },
      fieldsAdded: [],
      fieldsRemoved: [],
    });
    // One of the seven has no place any more, so no distance.
    expect(diff.movedMetres?.mean).toBeGreaterThan(102);
    expect(diff.movedMetres?.max).toBeLessThan(103);
    const both = diff.changed + diff.moved - diff.changedAndMoved + diff.unchanged;
    expect([diff.from.rows, diff.to.rows]).toEqual([both + diff.removed, both + diff.added]);
  });

  it('lists each row once, page by page, as many as were counted', async () => {
    const rows = await allPages(STOP);
    expect(new Set(rows.map(({ id }) => id)).size).toBe(rows.length);
    expect(rows.map(({ id }) => id)).toEqual(rows.map(({ id }) => id).toSorted((a, b) => a - b));
    expect(countBy(rows.map(({ properties }) => properties.kind))).toEqual({
      added: 4,
      removed: 3,
      changed: 6,
      moved: 7,
    });
    expect(await allPages(STOP, { kind: 'removed,added' })).toEqual(
      rows.filter(({ properties: { kind } }) => kind === 'added' || kind === 'removed'),
    );
    expect(await allPages(STOP, { kind: 'moved' })).toEqual(
      rows.filter(({ properties }) => properties.kind === 'moved'),
    );
  });

  it('says of each row what it was and what it is', async () => {
    const rows = await allPages(STOP);
    const of = (kind: string, text: string) =>
      rows.find(({ properties: p }) => p.kind === kind && JSON.stringify([p.before, p.after]).includes(text));
    expect(of('changed', '改名20')?.properties).toMatchObject({
      changed: ['name'],
      before: { name: '站点20' },
      after: { name: '改名20' },
      movedMetres: null,
    });
    expect(of('added', '站点203')?.properties).toMatchObject({ before: null, after: { name: '站点203' } });
    expect(of('removed', '站点1')?.properties).toMatchObject({ after: null });
    const moved = of('moved', '改名50');
    expect(moved?.properties.changed).toEqual(['name']);
    expect(moved?.geometry).not.toEqual(moved?.properties.geometryBefore);
    const lost = rows.find(({ geometry }) => geometry === null);
    expect(lost?.properties).toMatchObject({ kind: 'moved', movedMetres: null });
  });

  it('masks what is masked', async () => {
    const rows = await allPages(STOP);
    const [changed] = rows.filter(({ properties }) => properties.changed.includes('phone'));
    expect(changed?.properties.before?.['phone']).toMatch(/\*/);
    expect(JSON.stringify(rows)).not.toContain('138001380');
  });

  it('is a tile with the kind of each row, removed ones where they lay', async () => {
    const response = await api.get(
      `/api/layers/${STOP}/diff/tiles/${tilePath(CENTRE, 14)}${query({ from: loads[STOP]?.[0], to: loads[STOP]?.[1] })}`,
      STAFF,
    );
    expect(response.headers.get('Cache-Control')).toContain('immutable');
    const layer = new VectorTile(new PbfReader(new Uint8Array(await response.arrayBuffer()))).layers[STOP];
    const kinds = range(0, layer?.length ?? 0).map((i) => String(layer?.feature(i).properties['kind']));
    // The one without a place is in no tile.
    expect(countBy(kinds)).toEqual({ added: 4, removed: 3, changed: 6, moved: 6 });
  });

  it('can be asked the other way round, and of a version with itself', async () => {
    const [first, second] = loads[STOP] as [number, number];
    const back = await get<DiffSummary>(`/api/layers/${STOP}/diff${query({ from: second, to: first })}`);
    expect(back).toMatchObject({ added: 3, removed: 4, changed: 8, moved: 7 });
    const none = await get<DiffSummary>(`/api/layers/${STOP}/diff${query({ from: second, to: second })}`);
    expect(none).toMatchObject({ added: 0, removed: 0, changed: 0, moved: 0, unchanged: 201, movedMetres: null });
  });
});

describe('the diff of shapes', () => {
  it('counts, lists and draws them', async () => {
    const diff = await get<DiffSummary>(`/api/layers/${PLOT}/diff`);
    expect(diff).toMatchObject({ added: 2, removed: 1, changed: 3, moved: 1, changedAndMoved: 0, unchanged: 15 });
    expect(countBy((await allPages(PLOT)).map(({ properties }) => properties.kind))).toEqual({
      added: 2,
      removed: 1,
      changed: 3,
      moved: 1,
    });
    const response = await api.get(`/api/layers/${PLOT}/diff/tiles/${tilePath(CENTRE, 14)}`, STAFF);
    const layer = new VectorTile(new PbfReader(new Uint8Array(await response.arrayBuffer()))).layers[PLOT];
    const kinds = range(0, layer?.length ?? 0).map((i) => String(layer?.feature(i).properties['kind']));
    expect(countBy(kinds)).toEqual({ added: 2, removed: 1, changed: 3, moved: 1 });
  });
});

describe('what cannot be compared', () => {
  it.each([
    ['diff?from=999999999', 404, 'VERSION_NOT_FOUND'],
    ['diff?to=999999999', 404, 'VERSION_NOT_FOUND'],
    ['diff?from=x', 400, 'PARAMETER_INVALID'],
    ['diff/features?kind=gone', 400, 'PARAMETER_INVALID'],
    ['diff/features?cursor=x', 400, 'CURSOR_INVALID'],
    ['diff/tiles/40/0/0', 400, 'TILE_INVALID'],
  ])('%s', async (path, status, code) => {
    const response = await api.get(`/api/layers/${STOP}/${path}`, STAFF);
    expect([response.status, ((await response.json()) as { error: { code: string } }).error.code]).toEqual([
      status,
      code,
    ]);
  });

  it('a load of another layer, and a layer one may not see', async () => {
    const other = await api.get(`/api/layers/${STOP}/diff${query({ from: loads[PLOT]?.[0] })}`, STAFF);
    expect(other.status).toBe(404);
    for (const path of ['diff', 'diff/features', `diff/tiles/${tilePath(CENTRE, 14)}`, 'versions'])
      expect((await api.get(`/api/layers/${STOP}/${path}`)).status, path).toBe(404);
  });

  it('versions are listed with what is kept of them', async () => {
    const { versions } = await get<VersionList>(`/api/layers/${STOP}/versions`);
    expect(versions.map(({ load, kept, rows }) => [load, kept, rows])).toEqual([
      [loads[STOP]?.[1], true, 201],
      [loads[STOP]?.[0], true, 200],
    ]);
    expect(versions[0]?.to).toBeNull();
    expect(versions[1]?.to).toBe(versions[0]?.from);
  });
});
