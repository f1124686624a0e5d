import { execFileSync } from 'node:child_process';
import { once } from 'node:events';
import { createServer, get as httpGet, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { buffer, text } from 'node:stream/consumers';
import { promisify } from 'node:util';
import { getRequestListener } from '@hono/node-server';
import ExcelJS from 'exceljs';
import { asyncBufferFromFile, parquetMetadataAsync, parquetReadObjects } from 'hyparquet';
import { fromBuffer, type Entry, type ZipFile } from 'yauzl';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Gdal } from '../../../etl/formats/gdal.ts';
import type { ExportJob } from '../../../server/contract/exports.ts';
import type { Database } from '../../../server/db/connect.ts';
import { exportColumns } from '../../../server/export/columns.ts';
import { convert } from '../../../server/export/convert.ts';
import { exportRows } from '../../../server/export/export-rows.ts';
import { EVERYTHING } from '../../../server/filter/predicate.ts';
import { exportFormatNames } from '../../../server/export/formats.ts';
import { testDatabase } from '../../support/database.ts';
import { query, STAFF, testApi, type TestApi } from '../api-fixture.ts';
import { type FixtureRow, publishFixture, removeFixture } from '../layer-fixture.ts';
import {
  lake as baseLake,
  lakes,
  resident as baseResident,
  residents,
  shop as baseShop,
  shops,
} from './layers-data.ts';

const shop = { ...baseShop, id: 'export_shop' };
const lake = { ...baseLake, id: 'export_lake' };
const resident = { ...baseResident, id: 'export_resident' };

/** Texts that files have trouble with. */
const HARD = ['=1+1', '+86 757', '-2', '@SUM(A1)', '逗号,"引号"\n换行', '𠮷田、䶮、㛃', "O'Brien"];
const hardShops: FixtureRow[] = shops.map((row, index) =>
  index < HARD.length ? { ...row, address: HARD[index] as string, name: `𠮷野家 ${HARD[index]}` } : row,
);
const gdalProgram = resolve(import.meta.dirname, '../../../etl/formats/gdal-process.mjs');

let db: Database;
let api: TestApi;
let dataDir: string;
let server: Server;
let address: string;

const open = promisify<Buffer, object, ZipFile>(fromBuffer as never);

/** Files of a zip by name. */
async function unzip(bytes: Buffer): Promise<Map<string, Buffer>> {
  const zip = await open(bytes, { lazyEntries: true });
  const files = new Map<string, Buffer>();
  const read = promisify(
    zip.openReadStream.bind(zip) as (entry: Entry, done: (e: Error | null, s: never) => void) => void,
  );
  zip.readEntry();
  zip.on('entry', (entry: Entry) => {
    void (async () => {
      files.set(entry.fileName, await buffer((await read(entry)) as unknown as NodeJS.ReadableStream));
      zip.readEntry();
    })();
  });
  await once(zip, 'end');
  return files;
}

async function exported(id: string, parameters: Record<string, string | object | undefined>) {
  const response = await api.get(`/api/layers/${id}/export${query(parameters)}`, STAFF);
  expect(response.status, await (response.status === 200 ? '' : response.clone().text())).toBe(200);
  const files = await unzip(Buffer.from(await response.arrayBuffer()));
  return { response, files, readme: files.get('README.md')?.toString() ?? '' };
}

async function matched(id: string, filter?: object): Promise<number> {
  const page = await api.get(`/api/layers/${id}/features${query({ limit: 1, filter })}`, STAFF);
  return ((await page.json()) as { numberMatched: number }).numberMatched;
}

async function inFolder<T>(files: Map<string, Buffer>, work: (folder: string) => Promise<T>): Promise<T> {
  const folder = await mkdtemp(join(tmpdir(), 'onemap-read-'));
  try {
    for (const [name, bytes] of files) await writeFile(join(folder, name), bytes);
    return await work(folder);
  } finally {
    await rm(folder, { recursive: true });
  }
}

interface Read {
  count: number;
  features: { properties: Record<string, unknown>; geometry: { type: string; coordinates: unknown } | null }[];
}

/** A file as the GDAL of another program reads it; the WebAssembly one where none is installed. */
async function readByGdal(path: string): Promise<Read> {
  const gdal = await Gdal.start();
  try {
    const [layer] = await gdal.layers(path);
    const { path: converted } = await gdal.toGeoJson(path, layer?.name ?? '');
    const { features } = JSON.parse(await readFile(converted, 'utf8')) as Pick<Read, 'features'>;
    return { count: layer?.featureCount ?? -1, features };
  } finally {
    await gdal.close();
  }
}

/** What the installed ogrinfo counts, or null without one. */
function ogrinfoCount(path: string): number | null {
  try {
    const answer = execFileSync('ogrinfo', ['-so', '-al', path], {
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'ignore'],
    });
    return Number(/Feature Count: (\d+)/.exec(answer)?.[1]);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null;
    throw error;
  }
}

beforeAll(async () => {
  db = await testDatabase();
  dataDir = await mkdtemp(join(tmpdir(), 'onemap-export-'));
  await publishFixture(db, shop, hardShops);
  await publishFixture(db, resident, residents);
  await publishFixture(db, lake, lakes);
  api = testApi(db, { dataDir, exports: { maxRows: 2600, maxDiskMb: 64, gdal: gdalProgram } });
  server = createServer((request, response) => void getRequestListener(api.fetch)(request, response));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  address = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
afterAll(async () => {
  server.closeAllConnections();
  server.close();
  await api.close();
  for (const layer of [shop, resident, lake]) await removeFixture(db, layer);
  await db.sql`delete from app.export where layer_id like 'export\_%'`;
  await rm(dataDir, { recursive: true });
});

const OPEN = { field: 'status', op: '=', value: 'active' };

describe('rows of every format', () => {
  it.each(exportFormatNames)('%s has the rows of the count, and a README', async (format) => {
    const expected = await matched(shop.id, OPEN);
    const { response, files, readme } = await exported(shop.id, { format, filter: OPEN });
    expect(response.headers.get('X-Row-Count')).toBe(String(expected));
    expect(response.headers.get('Content-Type')).toBe('application/zip');
    expect([...files.keys()].at(-1)).toBe('README.md');
    expect(readme).toContain(`**行数**: ${expected}`);
    expect(readme).toContain(`**Rows**: ${expected}`);
    expect(readme).toContain('登记状态 = "active" [存续]');
    expect(readme).toContain('Registration status = "active" [Active]');
    expect(readme).toContain('EPSG:4326');
    expect(readme).toMatch(/\*\*导出时间\*\*: \d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\+08:00 \(Asia\/Shanghai\)/);
    const isGdal = ['shapefile', 'gpkg', 'fgb', 'kml', 'geojson', 'geojsonseq'].includes(format);
    if (!isGdal) return;
    await inFolder(files, async (folder) => {
      const name = [...files.keys()].find((each) => /\.(shp|gpkg|fgb|kml|geojson|geojsonl)$/.test(each)) ?? '';
      const read = await readByGdal(join(folder, name));
      // Every row is in the file; readers of KML pass over places without a geometry.
      const placed = format === 'kml' ? read.features.length : expected;
      if (format === 'kml') {
        expect(
          files
            .get(name)
            ?.toString()
            .match(/<Placemark>/g),
        ).toHaveLength(expected);
        expect(placed).toBeGreaterThan(expected * 0.9);
      }
      expect(read.count).toBe(placed);
      expect(read.features).toHaveLength(placed);
      const installed = ogrinfoCount(join(folder, name));
      if (installed !== null) expect([expected, placed]).toContain(installed);
      if (format === 'kml') {
        // This reader knows nothing but the name.
        expect(read.features.map(({ properties }) => properties['Name'])).toContain(hardShops[1]?.['name']);
        expect(files.get(name)?.toString()).toContain('<SimpleData name="address">+86 757</SimpleData>');
        return;
      }
      // Row 2 (index 1) is active, has a place, and a hard text.
      const row = read.features.find(({ properties }) => properties['uscc'] === '914406040000000001');
      const source = hardShops[1];
      expect(row?.properties['name']).toBe(source?.['name']);
      expect(row?.properties['address']).toBe('+86 757');
      const [lon, lat] = (row?.geometry?.coordinates as [number, number]) ?? [];
      expect(lon).toBeCloseTo(source?.at?.[0] ?? NaN, 6);
      expect(lat).toBeCloseTo(source?.at?.[1] ?? NaN, 6);
    });
  });

  it('writes a Shapefile that says its coordinates and its encoding, with short names that are explained', async () => {
    const { files, readme } = await exported(shop.id, { format: 'shapefile' });
    expect([...files.keys()].map((name) => name.split('.').at(-1))).toEqual(
      expect.arrayContaining(['shp', 'shx', 'dbf', 'prj', 'cpg']),
    );
    expect(files.get('export_shop.cpg')?.toString()).toBe('UTF-8');
    expect(files.get('export_shop.prj')?.toString()).toContain('WGS_1984');
    expect(readme).toContain('| legal_pers | legal_person |');
    expect(readme).toContain('| industry_c | industry_code |');
    await inFolder(files, async (folder) => {
      const { features } = await readByGdal(join(folder, 'export_shop.shp'));
      const keys = Object.keys(features[0]?.properties ?? {});
      expect(keys).toEqual(
        expect.arrayContaining(['legal_pers', 'reg_capita', 'establishe', 'grid_code', 'community_']),
      );
      const rare = features.find(({ properties }) => properties['address'] === '𠮷田、䶮、㛃');
      expect(rare?.properties['name']).toBe('𠮷野家 𠮷田、䶮、㛃');
    });
  });

  it.each(['shapefile', 'gpkg', 'fgb', 'kml', 'geojson'] as const)(
    '%s keeps the shapes of polygons',
    async (format) => {
      const { files } = await exported(lake.id, { format });
      await inFolder(files, async (folder) => {
        const name = [...files.keys()].find((each) => /\.(shp|gpkg|fgb|kml|geojson)$/.test(each)) ?? '';
        const { features } = await readByGdal(join(folder, name));
        expect(features).toHaveLength(lakes.length);
        for (const { geometry } of features) {
          const flat = (geometry?.coordinates as number[][][][] | undefined)?.flat(3) ?? [];
          expect(flat.length).toBeGreaterThanOrEqual(10);
          const xs = flat.filter((_, index) => index % 2 === 0);
          expect(Math.max(...xs) - Math.min(...xs)).toBeCloseTo(0.001, 6);
        }
      });
    },
  );

  it('answers an empty selection with an empty file', async () => {
    const filter = { field: 'name', op: '=', value: 'nobody' };
    for (const format of exportFormatNames) {
      const { files, readme } = await exported(shop.id, { format, filter });
      expect(readme, format).toContain('**Rows**: 0');
      expect(files.size, format).toBeGreaterThan(1);
    }
  });

  it('chooses fields, and knows no others', async () => {
    const { files } = await exported(shop.id, { format: 'csv', fields: 'status,name', heading: 'zh' });
    expect(files.get('export_shop.csv')?.toString().split('\r\n')[0]).toBe('\uFEFF要素编号,登记状态,企业名称,lon,lat');
    const refused = await api.get(`/api/layers/${shop.id}/export?format=csv&fields=name,nothing`, STAFF);
    expect(refused.status).toBe(400);
    expect(await refused.json()).toMatchObject({
      error: { code: 'PARAMETER_INVALID', field: 'fields', value: 'nothing' },
    });
  });
});

describe('spreadsheets', () => {
  it('CSV has the mark, and no text that is run as a formula', async () => {
    const { files } = await exported(shop.id, { format: 'csv', fields: 'address,reg_capital_10k' });
    const csv = files.get('export_shop.csv') ?? Buffer.alloc(0);
    expect([...csv.subarray(0, 3)]).toEqual([0xef, 0xbb, 0xbf]);
    const lines = csv.toString();
    for (const hard of ['=1+1', '+86 757', '-2', '@SUM(A1)']) expect(lines).toContain(`,'${hard},`);
    expect(lines).toContain('"逗号,""引号""\n换行"');
    expect(lines).toContain('𠮷田、䶮、㛃');
    expect(lines).not.toMatch(/(^|,)[=@+]/m);
  });

  it('XLSX keeps text as text', async () => {
    const { files } = await exported(shop.id, { format: 'xlsx' });
    const book = new ExcelJS.Workbook();
    await book.xlsx.load((files.get('export_shop.xlsx') ?? Buffer.alloc(0)) as never);
    const sheet = book.worksheets[0];
    expect(sheet?.rowCount).toBe(shops.length + 1);
    const heading = sheet?.getRow(1).values as string[];
    const cell = sheet?.getRow(2).getCell(heading.indexOf('address'));
    expect(cell?.type).toBe(ExcelJS.ValueType.String);
    expect(cell?.value).toBe('=1+1');
    expect(sheet?.getRow(7).getCell(heading.indexOf('name')).value).toBe('𠮷野家 𠮷田、䶮、㛃');
  });
});

it('GeoParquet has typed columns, WKB and its metadata', async () => {
  const { files } = await exported(shop.id, { format: 'parquet' });
  await inFolder(files, async (folder) => {
    const file = await asyncBufferFromFile(join(folder, 'export_shop.parquet'));
    const metadata = await parquetMetadataAsync(file);
    expect(Number(metadata.num_rows)).toBe(shops.length);
    const geo = JSON.parse(metadata.key_value_metadata?.find(({ key }) => key === 'geo')?.value ?? '{}') as object;
    expect(geo).toMatchObject({
      version: '1.1.0',
      primary_column: 'geometry',
      columns: { geometry: { encoding: 'WKB' } },
    });
    const rows = await parquetReadObjects({ file, metadata });
    const row = rows.find((each) => each['uscc'] === '914406040000000001') ?? {};
    expect(row['name']).toBe('𠮷野家 +86 757');
    expect(row['reg_capital_10k']).toBe(1);
    expect(row['established_on']).toEqual(new Date('2001-06-15T00:00:00Z'));
    const { coordinates } = row['geometry'] as { coordinates: [number, number] };
    expect(coordinates).toEqual(hardShops[1]?.at);
    expect(rows.find((each) => each['uscc'] === '914406040000000000')?.['geometry'] ?? null).toBeNull();
  });
});

describe('rights', () => {
  it('masks, whatever the format', async () => {
    const { files } = await exported(shop.id, { format: 'geojson', fields: 'legal_person' });
    const { features } = JSON.parse(files.get('export_shop.geojson')?.toString() ?? '') as Read;
    expect(new Set(features.map(({ properties }) => properties['legal_person']))).toEqual(new Set(['欧阳*']));
  });

  it('hands out personal data masked, for a purpose, and notes it', async () => {
    const refused = await api.get(`/api/layers/${resident.id}/export?format=csv`, STAFF);
    expect(await refused.json()).toMatchObject({ error: { code: 'PARAMETER_INVALID', field: 'purpose' } });
    const purpose = `走访 ${Date.now()}`;
    const { files, readme, response } = await exported(resident.id, { format: 'csv', purpose });
    const csv = files.get('export_resident.csv')?.toString() ?? '';
    expect(csv).not.toContain('欧阳修远');
    expect(csv).not.toContain('张三丰');
    expect(csv).toContain('欧阳**');
    expect(csv).not.toMatch(/\d{17}X/);
    expect(readme).toContain('已脱敏');
    expect(readme).toContain(purpose);
    expect(response.headers.get('Cache-Control')).toBe('no-store');
    const [row] = await db.sql<{ action: string; layer: string; detail: { rows: number } }[]>`
      select action, layer_id as layer, detail from app.audit where purpose = ${purpose}`;
    expect(row).toMatchObject({
      action: 'export',
      layer: resident.id,
      detail: { rows: residents.length, format: 'csv' },
    });
  });

  it('does not filter by what is masked', async () => {
    const filter = { field: 'birth_date', op: '=', value: '1950-06-15' };
    const response = await api.get(
      `/api/layers/${resident.id}/export${query({ format: 'csv', purpose: '测试用途', filter })}`,
      STAFF,
    );
    expect(response.status).toBe(400);
  });
});

describe('limits', () => {
  it('names the limit of rows', async () => {
    const small = testApi(db, { dataDir, exports: { maxRows: 100, maxDiskMb: 64, gdal: null } });
    const response = await small.get(`/api/layers/${shop.id}/export?format=csv`, STAFF);
    expect(response.status).toBe(422);
    const { error } = (await response.json()) as { error: { code: string; message: string } };
    expect(error.code).toBe('EXPORT_TOO_LARGE');
    expect(error.message).toContain('at most 100');
    expect(error.message).toContain('EXPORT_MAX_ROWS');
    const filter = { field: 'name', op: '=', value: 'nobody' };
    const refused = await small.get(`/api/layers/${shop.id}/export${query({ format: 'gpkg', filter })}`, STAFF);
    expect(refused.status).toBe(400);
    expect(await refused.json()).toMatchObject({
      error: { code: 'PARAMETER_INVALID', field: 'format', value: 'gpkg' },
    });
    await small.close();
  });

  it('HEAD tells the count and starts nothing', async () => {
    const response = await api.send('HEAD', `/api/layers/${shop.id}/export?format=csv`, undefined, STAFF);
    expect(response.status).toBe(200);
    expect(response.headers.get('X-Row-Count')).toBe(String(shops.length));
  });

  it('answers 304 to who has it', async () => {
    const path = `/api/layers/${lake.id}/export?format=csv`;
    const tag = (await api.send('HEAD', path)).headers.get('ETag') ?? '';
    expect((await api.get(path, { 'If-None-Match': tag })).status).toBe(304);
  });

  it('sends text bare, and says where its README is', async () => {
    const response = await api.get(`/api/layers/${shop.id}/export?format=geojson&bare=1`, STAFF);
    const body = (await response.json()) as { numberReturned: number; features: unknown[] };
    expect(body.numberReturned).toBe(shops.length);
    expect(body.features).toHaveLength(shops.length);
    const readme = /<([^>]+)>; rel="describedby"/.exec(response.headers.get('Link') ?? '')?.[1] ?? '';
    expect(await (await api.get(readme, STAFF)).text()).toContain(`**Rows**: ${shops.length}`);
    expect((await api.get(`/api/layers/${shop.id}/export?format=gpkg&bare=1`, STAFF)).status).toBe(400);
  });
});

const readJob = async (id: string): Promise<ExportJob> =>
  (await (await api.get(`/api/exports/${id}`, STAFF)).json()) as ExportJob;

const startJob = async (body: object, headers = STAFF): Promise<ExportJob> => {
  const response = await api.send('POST', '/api/exports', JSON.stringify(body), headers);
  expect(response.status).toBe(201);
  return (await response.json()) as ExportJob;
};

describe('jobs', () => {
  it('makes a file that is fetched when it is ready, and removed when it is not wanted', async () => {
    const job = await startJob({ layer: shop.id, format: 'gpkg', filter: OPEN });
    const expected = await matched(shop.id, OPEN);
    expect(job).toMatchObject({ state: 'waiting', rows: { done: 0, total: expected } });
    await expect.poll(async () => (await readJob(job.id)).state, { timeout: 30_000 }).toBe('ready');
    const ready = await readJob(job.id);
    expect(ready).toMatchObject({
      rows: { done: expected, total: expected },
      name: 'export_shop.gpkg.zip',
      error: null,
    });
    const response = await api.get(ready.file ?? '', STAFF);
    const bytes = Buffer.from(await response.arrayBuffer());
    expect(bytes.length).toBe(ready.bytes);
    expect([...(await unzip(bytes)).keys()]).toEqual(['export_shop.gpkg', 'README.md']);

    // Somebody else is not told that it is there.
    expect((await api.get(`/api/exports/${job.id}`)).status).toBe(404);
    expect((await api.get(`/api/exports/${job.id}/file`)).status).toBe(404);
    expect((await api.send('DELETE', `/api/exports/${job.id}`)).status).toBe(404);

    expect((await api.send('DELETE', `/api/exports/${job.id}`, undefined, STAFF)).status).toBe(204);
    expect((await readJob(job.id)).state).toBe('cancelled');
    expect((await api.get(ready.file ?? '', STAFF)).status).toBe(409);
    expect(await readdir(join(dataDir, 'exports'))).toEqual([]);
  });

  it('fails with a code when the disk is full', async () => {
    const tight = testApi(db, { dataDir, exports: { maxRows: 10_000, maxDiskMb: 1, gdal: null } });
    await writeFile(join(dataDir, 'exports', 'large.zip'), Buffer.alloc(2 << 20));
    const response = await tight.send('POST', '/api/exports', JSON.stringify({ layer: shop.id, format: 'csv' }), STAFF);
    const { id } = (await response.json()) as ExportJob;
    await expect.poll(async () => (await readJob(id)).state, { timeout: 10_000 }).toBe('failed');
    expect((await readJob(id)).error?.code).toBe('EXPORT_NO_SPACE');
    await rm(join(dataDir, 'exports', 'large.zip'));
    await tight.close();
  });

  it('needs a purpose for personal data, as the direct way', async () => {
    const response = await api.send(
      'POST',
      '/api/exports',
      JSON.stringify({ layer: resident.id, format: 'csv' }),
      STAFF,
    );
    expect(await response.json()).toMatchObject({ error: { code: 'PARAMETER_INVALID', field: 'purpose' } });
  });
});

const busy = async (): Promise<number> => {
  const [row] = await db.sql<{ count: number }[]>`
    select count(*)::int4 as count from pg_stat_activity where application_name = 'onemap-export' and state = 'active'`;
  return row?.count ?? -1;
};

const line = (index: number): string =>
  JSON.stringify({ type: 'Feature', properties: { index }, geometry: { type: 'Point', coordinates: [113, 23] } });
const children = (): string => execFileSync('ps', ['-o', 'args=', '--ppid', String(process.pid)], { encoding: 'utf8' });
/** A layer whose rows take long to read. A server only: the embedded engine answers one statement at a time and has no way to stop it. */
describe('cancelling', () => {
  const slow = { ...baseShop, id: 'export_slow' };
  beforeAll(async () => {
    await publishFixture(db, slow, shops.slice(0, 2000));
    if (db.engine === 'embedded') return;
    await db.sql.unsafe(`alter table layers.export_slow rename to export_slow_rows;
      create function layers.export_wait() returns boolean language plpgsql volatile as
        $$ begin if current_setting('application_name') = 'onemap-export' then perform pg_sleep(0.02); end if; return true; end $$;
      create view layers.export_slow as select * from layers.export_slow_rows where layers.export_wait()`);
  });
  afterAll(async () => {
    if (db.engine === 'server') {
      await db.sql.unsafe(
        `drop view layers.export_slow; drop table layers.export_slow_rows; drop function layers.export_wait`,
      );
    }
    await removeFixture(db, slow);
  });

  it('ends the query when the caller goes away', async ({ skip }) => {
    if (db.engine === 'embedded') skip();
    const request = httpGet(`${address}/api/layers/${slow.id}/export?format=csv`, { headers: STAFF });
    request.on('error', () => {});
    await expect.poll(busy, { timeout: 20_000 }).toBe(1);
    request.destroy();
    // Left alone it would take 40 s.
    await expect.poll(busy, { timeout: 15_000, interval: 20 }).toBe(0);
  });

  it('ends the query of a cancelled job, and leaves no file', async ({ skip }) => {
    if (db.engine === 'embedded') skip();
    const response = await api.send('POST', '/api/exports', JSON.stringify({ layer: slow.id, format: 'fgb' }), STAFF);
    const { id } = (await response.json()) as ExportJob;
    await expect.poll(busy, { timeout: 20_000 }).toBe(1);
    expect((await api.send('DELETE', `/api/exports/${id}`, undefined, STAFF)).status).toBe(204);
    await expect.poll(busy, { timeout: 15_000, interval: 20 }).toBe(0);
    expect(await readdir(join(dataDir, 'exports'))).toEqual([]);
  });
});

it('ends GDAL when the caller goes away', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'onemap-convert-'));
  const input = join(folder, 'many.geojsonl');
  await writeFile(input, Array.from({ length: 200_000 }, (_, index) => line(index)).join('\n'));
  const controller = new AbortController();
  const program = gdalProgram;
  const options = { program, input, folder, name: 'many', rows: 200_000, options: ['-f', 'GPKG'] };
  const made = convert(options, controller.signal);
  made.catch(() => {});
  await expect.poll(children, { timeout: 10_000 }).toContain('gdal-process');
  await new Promise((done) => setTimeout(done, 500));
  const at = performance.now();
  controller.abort(new Error('gone'));
  await expect(made).rejects.toThrow('gone');
  expect(performance.now() - at).toBeLessThan(1000);
  expect(children()).not.toContain('gdal-process');
  await rm(folder, { recursive: true });
});

it('goes on from the table that a load has moved aside', async () => {
  const moved = { ...baseShop, id: 'export_moved' };
  const after = { ...baseShop, id: 'export_moved_next' };
  // A page is more than the stream takes at once, so that the thread waits behind the first.
  const old = shops.map((row) => ({ ...row, name: '旧'.repeat(400) }));
  const load = await publishFixture(db, moved, old);
  const nextLoad = await publishFixture(db, after, shops);
  await db.sql`update app.load set valid_from = now() - interval '1 hour' where load_id = ${load}`;
  const task = {
    address: db.address,
    layer: moved,
    load,
    table: `layers.${moved.id}`,
    predicate: EVERYTHING,
    columns: exportColumns(moved, 'staff', 'name', 'csv', 'name'),
    rows: 'csv' as const,
    countOver: null,
  };
  const { stream } = exportRows(task, old.length, new AbortController().signal);
  await once(stream, 'readable');
  // What a load does when it publishes, in one transaction.
  await db.sql.begin(async (tx) => {
    await tx.unsafe(`alter table layers.export_moved rename to export_moved__1;
      alter table layers.export_moved__1 set schema history;
      alter table layers.export_moved_next rename to export_moved`);
    await tx`update app.load set valid_to = now(), history_table = 'export_moved__1' where load_id = ${load}`;
    await tx`update app.layer_state set load_id = ${nextLoad} where layer_id = 'export_moved'`;
  });
  const csv = await text(stream);
  expect(csv.match(/旧/g)).toHaveLength(old.length * 400);
  expect(csv).not.toContain('公司');
  await db.sql.unsafe('drop table history.export_moved__1');
  await removeFixture(db, moved);
  await removeFixture(db, after);
});
