import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Layer } from '../../../layers/define.ts';
import { getLayer } from '../../../layers/index.ts';
import { loadLayer } from '../../../etl/load-layer.ts';
import { LoadSession } from '../../../etl/session.ts';
import type { Database } from '../../../server/db/connect.ts';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { createHash } from 'node:crypto';
import { join } from 'node:path';
import { testDatabase } from '../../support/database.ts';
import { publishSquareGrids, removeSquareGrids } from '../../support/square-grids.ts';
import { removeLayer } from '../../support/user-layer.ts';
import { STAFF, testApi, type TestApi } from '../api-fixture.ts';

const well: Layer = {
  ...getLayer('hospital'),
  id: 'lineage_well',
  sensitivity: 'public',
  geometry: 'polygon',
  fields: {
    code: { type: 'string', title: { zh: '编号', en: 'code' }, required: true },
    kind: { type: 'string', title: { zh: '类别', en: 'kind' }, values: { a: { zh: '甲', en: 'A' } } },
    town: { type: 'string', title: { zh: '镇街', en: 'town' }, mask: 'code' },
    depth: { type: 'int', title: { zh: '深度', en: 'depth' }, range: [0, 9] },
  },
  key: 'code',
  label: 'code',
  source: { file: 'wells.geojson', format: 'geojson', crs: 'EPSG:4326' },
  symbology: { kind: 'none', color: '#446688' },
  checks: { rows: [1, 100], references: [{ field: 'town', layer: 'governance_grid' }] },
};

let db: Database;
let api: TestApi;
let dir = '';
let load = 0;
let grid = 0;
let codes: string[] = [];

function square(lon: number, lat: number, closed: boolean): number[][][] {
  const s = 0.001;
  const ring = [
    [lon, lat],
    [lon + s, lat],
    [lon + s, lat + s],
    [lon, lat + s],
  ];
  return [closed ? [...ring, [lon, lat]] : ring];
}

beforeAll(async () => {
  db = await testDatabase();
  api = testApi(db);
  dir = await mkdtemp(join(tmpdir(), 'one-map-lineage-'));
  codes = await publishSquareGrids(db.sql);
  const [state] = await db.sql<{ load: number }[]>`
    select load_id as load from app.layer_state where layer_id = 'governance_grid'`;
  grid = state?.load as number;
  await db.sql`update app.load set valid_from = now() where load_id = ${grid}`;
  const features = [0, 1, 2].map((i) => ({
    type: 'Feature',
    // The second is not accepted, so that number of the row and number of the feature differ.
    properties: { code: `W${i}`, kind: i === 1 ? 'nonsense' : 'a', town: codes[i], depth: i },
    geometry: { type: 'Polygon', coordinates: square(113.105 + i * 0.002, 23.025, i !== 2) },
  }));
  const path = join(dir, well.source.file);
  await writeFile(
    path,
    `{"type":"FeatureCollection","features":[\n${features.map((f) => JSON.stringify(f)).join(',\n')}\n]}`,
  );
  const session = new LoadSession(db);
  const report = await loadLayer(session, well, path);
  await session.close();
  if (report.status !== 'published') throw new Error(JSON.stringify(report.error));
  load = report.load as number;
  await db.sql`insert into app.user_layer (layer_id, definition) values (${well.id}, ${JSON.stringify(well)}::text::jsonb)`;
  await db.sql`select pg_notify('layers', ${well.id})`;
});
afterAll(async () => {
  await api.close();
  await removeLayer(db, well.id);
  await removeSquareGrids(db.sql);
  await rm(dir, { recursive: true, force: true });
});

async function lineageOf(key: string, headers: Record<string, string>): Promise<Record<string, unknown>> {
  const [row] = await db.sql<
    { fid: number }[]
  >`select fid from ${db.sql(`layers.${well.id}`)} where source_id = ${key}`;
  const response = await api.get(`/api/layers/${well.id}/features/${row?.fid}/lineage`, headers);
  expect(response.status).toBe(200);
  return (await response.json()) as Record<string, unknown>;
}

describe('lineage', () => {
  it('leads from a feature to its line, file, load, checks, repairs and links', async () => {
    const lineage = await lineageOf('W2', STAFF);
    const sha256 = createHash('sha256')
      .update(await readFile(join(dir, well.source.file)))
      .digest('hex');
    expect(lineage).toMatchObject({
      layer: well.id,
      line: 3,
      load: {
        id: load,
        file: 'wells.geojson',
        sha256,
        format: 'geojson',
        rows: { in: 3, accepted: 2, quarantined: 1 },
        to: null,
      },
      crs: { name: 'EPSG:4326', confidence: expect.any(Number), reasons: expect.any(Array) },
      repairs: [{ code: 'RING_CLOSED', message: expect.any(String) }],
      grid: { load: grid, code: expect.stringMatching(/W\d{3}$/) },
    });
    expect(lineage['checks']).toEqual(
      expect.arrayContaining([
        { code: 'BAD_VALUE', fields: ['kind'] },
        { code: 'OUT_OF_RANGE', fields: ['depth'] },
        { code: 'UNKNOWN_REFERENCE', fields: ['town'] },
        { code: 'DUPLICATE_KEY', fields: ['code'] },
        { code: 'OUTSIDE_DISTRICT', fields: [] },
      ]),
    );
    const [cell] = await db.sql<{ fid: number }[]>`
      select fid from layers.governance_grid where source_id = ${codes[2] as string}`;
    expect(lineage['links']).toEqual([
      {
        kind: 'reference',
        field: 'town',
        value: expect.stringContaining('*'),
        layer: 'governance_grid',
        load: grid,
        fid: cell?.fid,
      },
    ]);
    expect((await lineageOf('W0', STAFF))['repairs']).toEqual([]);
    expect((await lineageOf('W0', STAFF))['line']).toBe(1);
  });

  it('does not tell the public of layers it may not see', async () => {
    const lineage = await lineageOf('W2', {});
    expect(lineage).toMatchObject({ links: [], grid: null, line: 3 });
    expect(JSON.stringify(lineage)).not.toContain(dir);
  });

  it('is 404 for what is not there', async () => {
    expect((await api.get(`/api/layers/${well.id}/features/1/lineage`, STAFF)).status).toBe(404);
    expect((await api.get(`/api/layers/${well.id}/features/x/lineage`, STAFF)).status).toBe(400);
  });
});
