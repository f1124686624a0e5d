import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type LayerLoadOptions, loadLayer } from '../../../etl/load-layer.ts';
import type { LoadReport } from '../../../etl/report.ts';
import { LoadSession } from '../../../etl/session.ts';
import { findSameLoad, readInputs } from '../../../etl/steps/inputs.ts';
import type { Layer } from '../../../layers/define.ts';
import { getLayer } from '../../../layers/index.ts';
import type { Database } from '../../../server/db/connect.ts';
import { testDatabase } from '../../support/database.ts';
import { publishSquareGrids, removeSquareGrids } from '../../support/square-grids.ts';
import { importContent, removeLayer } from '../../support/user-layer.ts';

/** A layer of the catalogue's shape, placed by a table and referring to the same: what a load depends on besides its file. */
const shop: Layer = {
  ...getLayer('hospital'),
  id: 'unchanged_shop',
  geometry: 'point',
  fields: {
    shop_code: { type: 'string', title: { zh: '编号', en: 'code' }, required: true },
    name: { type: 'string', title: { zh: '名称', en: 'name' } },
  },
  key: 'shop_code',
  label: 'name',
  source: {
    file: 'shops.csv',
    format: 'csv',
    encoding: 'utf-8',
    crs: 'EPSG:4326',
    coordinates: { x: 'lon', y: 'lat' },
  },
  symbology: { kind: 'none', color: '#446688' },
  checks: { rows: [1, 100] },
};

let db: Database;
let dir = '';

beforeAll(async () => {
  db = await testDatabase();
  dir = await mkdtemp(join(tmpdir(), 'one-map-unchanged-'));
});
afterAll(async () => {
  await removeLayer(db, shop.id);
  await rm(dir, { recursive: true, force: true });
});

async function deliver(names: readonly string[]): Promise<string> {
  const path = join(dir, shop.source.file);
  await mkdir(dirname(path), { recursive: true });
  const lines = names.map((name, i) => `S${i},${name},${113.1 + i / 1000},23.0213`);
  await writeFile(path, `shop_code,name,lon,lat\n${lines.join('\n')}\n`);
  return path;
}

async function load(path: string, options: LayerLoadOptions = {}, layer = shop): Promise<LoadReport> {
  const session = new LoadSession(db);
  try {
    const report = await loadLayer(session, layer, path, options);
    if (report.status === 'failed') throw new Error(JSON.stringify(report.error));
    return report;
  } finally {
    await session.close();
  }
}

async function liveLoad(): Promise<number | undefined> {
  const [row] = await db.sql<
    { load: number }[]
  >`select load_id as load from app.layer_state where layer_id = ${shop.id}`;
  return row?.load;
}

describe('a delivery of the same', () => {
  let first: LoadReport;
  let path: string;
  beforeEach(async () => {
    path = await deliver(['一', '二', '三']);
    first = await load(path, { force: true });
  });

  it('is noted as a load, and the live version stays, confirmed', async () => {
    const again = await load(path);
    expect(again).toMatchObject({ status: 'unchanged', sameAs: first.load, rows: first.rows });
    expect(again.load).toBeGreaterThan(first.load as number);
    expect(await liveLoad()).toBe(first.load);
    const [row] = await db.sql<Record<string, unknown>[]>`
      select l.status, l.same_as, l.rows_in, l.valid_from, l.history_table, s.confirmed_at > s.published_at as confirmed
      from app.load l join app.layer_state s on s.load_id = l.same_as where l.load_id = ${again.load as number}`;
    expect(row).toEqual({
      status: 'unchanged',
      same_as: first.load,
      rows_in: 3,
      valid_from: null,
      history_table: null,
      confirmed: true,
    });
    // Nothing was archived for it.
    const [count] = await db.sql<{ n: number }[]>`
      select count(*)::int4 as n from app.load where layer_id = ${shop.id} and history_table like ${`%\\_\\_${first.load as number}`}`;
    expect(count?.n).toBe(0);
  });

  it('is loaded when it is forced', async () => {
    const again = await load(path, { force: true });
    expect(again.status).toBe('published');
    expect(await liveLoad()).toBe(again.load);
    // And what follows is unchanged with regard to that one.
    expect(await load(path)).toMatchObject({ status: 'unchanged', sameAs: again.load });
  });

  it.each<[string, () => Promise<LoadReport>]>([
    ['another file', async () => load(await deliver(['一', '二', '四']))],
    ['another definition', () => load(path, {}, { ...shop, checks: { rows: [2, 100] } })],
    ['another CRS stated', () => load(path, { stated: { crs: 'EPSG:4490' } })],
    ['another scale', () => load(path, { scale: 0.5 })],
  ])('%s is loaded', async (_, loadOther) => {
    expect((await loadOther()).status).toBe('published');
  });

  it('is loaded when it went back to what was live before', async () => {
    await load(await deliver(['五']));
    const back = await load(await deliver(['一', '二', '三']));
    expect(back.status).toBe('published');
  });

  it('is loaded when its table is gone', async () => {
    await db.sql.unsafe(`drop table layers."${shop.id}"`);
    expect((await load(path)).status).toBe('published');
  });

  it('is loaded when the governance grid is another one', async () => {
    expect((await load(path)).status).toBe('unchanged');
    try {
      await publishSquareGrids(db.sql);
      expect((await load(path)).status).toBe('published');
      expect((await load(path)).status).toBe('unchanged');
      await publishSquareGrids(db.sql);
      expect((await load(path)).status).toBe('published');
    } finally {
      await removeSquareGrids(db.sql);
    }
  });

  it.each([
    ['places it', { place: { field: 'name', layer: 'road_centerline' } }],
    [
      'it refers to',
      { checks: { rows: [1, 100] as const, references: [{ field: 'name', layer: 'road_centerline' }] } },
    ],
  ])('is loaded when the layer that %s was loaded anew', async (_, more) => {
    const linked: Layer = { ...shop, ...more };
    const row = await db.sql<
      Record<string, unknown>[]
    >`select * from app.layer_state where layer_id = 'road_centerline'`;
    await db.sql`delete from app.layer_state where layer_id = 'road_centerline'`;
    try {
      expect((await load(path, {}, linked)).status).toBe('published');
      expect((await load(path, {}, linked)).status).toBe('unchanged');
      // Another load of it: the keys are not read, for nobody has the table in this test.
      const [other] = await db.sql<{ load: number }[]>`
        insert into app.load (layer_id, source_file, status) values ('road_centerline', 'test', 'published') returning load_id as load`;
      await db.sql`insert into app.layer_state (layer_id, load_id, rows) values ('road_centerline', ${other?.load as number}, 0)`;
      const session = new LoadSession(db);
      const inputs = await readInputs(session, linked, {}, { path, sha256: (first.file as { sha256: string }).sha256 });
      expect(inputs.links).toEqual({ road_centerline: other?.load });
      expect(await findSameLoad(db, linked, inputs)).toBeNull();
      await session.close();
    } finally {
      await db.sql`delete from app.layer_state where layer_id = 'road_centerline'`;
      await db.sql`delete from app.load where layer_id = 'road_centerline' and source_file = 'test'`;
      if (row[0]) await db.sql`insert into app.layer_state ${db.sql(row[0])}`;
    }
  });
});

it('an import of the same file is unchanged, and its map link stays', async () => {
  const id = 'user_unchanged_stop';
  try {
    const text = 'code,lon,lat\nA,113.1,23\nB,113.2,23\n';
    const first = await importContent(db, id, 'stops.csv', text);
    const again = await importContent(db, id, 'stops.csv', text);
    expect(again).toMatchObject({ status: 'unchanged', sameAs: first.load });
    expect(again.url).toBe(first.url);
    expect((await importContent(db, id, 'stops.csv', text, { force: true })).status).toBe('published');
  } finally {
    await removeLayer(db, id);
  }
});
