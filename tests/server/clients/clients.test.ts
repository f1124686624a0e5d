/** Programs that people use, as they come: what they read is held against the database, row by row or count by count. */
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { loadedDistrict, type LoadedDistrict } from '../../support/district.ts';
import { type HttpApi, startHttpApi } from '../../support/http-api.ts';
import { hasGdal, mustHavePrograms, output, owslibPython } from './programs.ts';

const BOX = [113.05, 22.98, 113.12, 23.04] as const;

let district: LoadedDistrict;
let api: HttpApi;
let folder: string;
beforeAll(async () => {
  district = await loadedDistrict();
  api = await startHttpApi(district.db);
  folder = await mkdtemp(join(tmpdir(), 'onemap-clients-'));
}, 600_000);
afterAll(async () => {
  await api.close();
  await rm(folder, { recursive: true });
});

async function rowsWhere(layer: string, condition = 'true'): Promise<number> {
  const [row] = await district.db.sql.unsafe<[{ n: number }]>(
    `select count(*)::int4 as n from layers."${layer}" where ${condition}`,
  );
  return row.n;
}

const IN_BOX = `st_intersects(geom, st_makeenvelope(${BOX.join()}, 4326))`;

function featureCount(text: string): number {
  return Number(/^Feature Count: (\d+)$/m.exec(text)?.[1]);
}

/** Addresses that were asked for while `use` ran. */
async function requestsOf(use: () => Promise<unknown>): Promise<string[]> {
  api.requests.length = 0;
  await use();
  return api.requests.map((address) => decodeURIComponent(address));
}

it('finds the programs where they are promised', () => {
  if (!mustHavePrograms) return;
  expect(hasGdal, 'GDAL is not installed: apt install gdal-bin').toBe(true);
  expect(owslibPython, 'OWSLib is not installed: apt install python3-owslib').not.toBeNull();
});

/** What GDAL is told to read. */
function source(): string {
  return `OAPIF:${api.url}/api/ogc`;
}

describe.skipIf(!hasGdal)('GDAL', () => {
  it.each(['poi', 'governance_grid', 'road_centerline', 'enterprise', 'person'])(
    'counts every row of %s',
    async (layer) => {
      const text = await output('ogrinfo', '-ro', '-so', source(), layer);
      expect(featureCount(text)).toBe(await rowsWhere(layer));
    },
  );

  it('copies a layer with its pages, every row and place once', async () => {
    const file = join(folder, 'grid.geojson');
    await output('ogr2ogr', '-f', 'GeoJSON', file, source(), 'governance_grid');
    const { features } = JSON.parse(await readFile(file, 'utf8')) as {
      features: { properties: { grid_code: string }; geometry: { type: string } }[];
    };
    const codes = await district.db.sql<{ code: string }[]>`select grid_code as code from layers.governance_grid`;
    expect(features.map(({ properties }) => properties.grid_code).toSorted()).toEqual(
      codes.map(({ code }) => code).toSorted(),
    );
    expect(features.every(({ geometry }) => geometry.type === 'MultiPolygon')).toBe(true);
  });

  it('lets the service do the work of a condition', async () => {
    let text = '';
    const requests = await requestsOf(async () => {
      text = await output('ogrinfo', '-ro', '-so', '-where', "status = 'active'", source(), 'enterprise');
    });
    expect(featureCount(text)).toBe(await rowsWhere('enterprise', "status = 'active'"));
    expect(featureCount(text)).toBeGreaterThan(10);
    expect(requests.some((address) => address.includes('/enterprise/items') && address.includes('status=active'))).toBe(
      true,
    );
  });

  it('lets the service do the work of a box', async () => {
    let text = '';
    const requests = await requestsOf(async () => {
      text = await output('ogrinfo', '-ro', '-so', '-spat', ...BOX.map(String), source(), 'poi');
    });
    expect(featureCount(text)).toBe(await rowsWhere('poi', IN_BOX));
    expect(featureCount(text)).toBeGreaterThan(10);
    expect(requests.some((address) => address.includes('/poi/items') && address.includes('bbox='))).toBe(true);
  });

  it('reads one feature by its number', async () => {
    const [row] = await district.db.sql<[{ fid: number; name: string }]>`
      select fid, name from layers.poi order by fid limit 1`;
    let text = '';
    const requests = await requestsOf(async () => {
      text = await output('ogrinfo', '-ro', '-q', '-where', `id = '${row.fid}'`, source(), 'poi');
    });
    expect(text, requests.join('\n')).toContain(`name (String) = ${row.name}`);
    expect(requests.some((address) => address.includes(`/poi/items/${row.fid}`))).toBe(true);
  });

  it('reads masked values only', async () => {
    const [row] = await district.db.sql<[{ fid: number; name: string; id_no: string }]>`
      select fid, name, id_no from layers.person where id_no is not null order by fid limit 1`;
    const person = await output('ogrinfo', '-ro', '-q', '-where', `id = '${row.fid}'`, source(), 'person');
    expect(person).toMatch(/name \(String\) = .\*/);
    expect(person).not.toContain(row.id_no);
    expect(person).not.toContain(`= ${row.name}\n`);
  });

  it('reads vector tiles by their folder: every feature of the table is in them', async () => {
    const tiles = `MVT:${api.url}/api/layers/governance_grid/tiles/14`;
    const text = await output('ogr2ogr', '-f', 'GeoJSON', '/vsistdout/', tiles);
    const { features } = JSON.parse(text) as { features: { properties: { grid_code: string } }[] };
    const codes = await district.db.sql<{ code: string }[]>`
      select grid_code as code from layers.governance_grid order by grid_code collate "C"`;
    // A cell that lies in several tiles is in each of them.
    expect([...new Set(features.map(({ properties }) => properties.grid_code))].toSorted()).toEqual(
      codes.map(({ code }) => code),
    );
  });

  it('reads points of vector tiles: as many as the table has places', async () => {
    const text = await output('ogrinfo', '-ro', '-so', '-al', `MVT:${api.url}/api/layers/poi/tiles/14`);
    expect(featureCount(text)).toBe(await rowsWhere('poi', 'geom is not null'));
  });
});

describe.skipIf(owslibPython === null)('OWSLib', () => {
  it('reads the description, the collections, and every feature of one', async () => {
    const script = join(import.meta.dirname, 'owslib_read.py');
    const found = JSON.parse(
      await output(owslibPython ?? '', script, `${api.url}/api/ogc`, 'governance_grid', BOX.join()),
    ) as {
      openapi: string;
      conformsTo: string[];
      collections: string[];
      matched: number;
      ids: string[];
      item: string;
      inBox: number;
      queryables: string[];
    };
    expect(found.openapi).toBe('3.0.3');
    expect(found.conformsTo).toContain('http://www.opengis.net/spec/ogcapi-features-2/1.0/conf/crs');
    expect(found.collections).toEqual(expect.arrayContaining(['person', 'governance_grid', 'poi']));
    expect(found.matched).toBe(921);
    expect(new Set(found.ids).size).toBe(921);
    expect(found.item).toBe(found.ids[0]);
    expect(found.inBox).toBe(await rowsWhere('governance_grid', IN_BOX));
    expect(found.queryables).toContain('geometry');
  });
});

describe('@camptocamp/ogc-client', () => {
  it('reads features and tiles', async () => {
    const script = join(import.meta.dirname, 'ogc-client-read.mjs');
    const found = JSON.parse(await output(process.execPath, script, `${api.url}/api/ogc`, 'poi', BOX.join())) as {
      title: string;
      hasFeatures: boolean;
      collections: string[];
      queryables: string[];
      ids: string[];
      inBox: number;
      tileCollections: string[];
      tileSet: object;
    };
    expect(found).toMatchObject({ title: 'One Map 一张图', hasFeatures: true });
    expect(found.collections).toEqual(expect.arrayContaining(['person', 'governance_grid', 'poi']));
    expect(found.queryables).toContain('category');
    const rows = await district.db.sql<{ fid: number }[]>`select fid from layers.poi`;
    expect(found.ids.toSorted()).toEqual(rows.map(({ fid }) => String(fid)).toSorted());
    expect(found.inBox).toBe(await rowsWhere('poi', IN_BOX));
    expect(found.tileCollections).toContain('poi');
    expect(JSON.stringify(found.tileSet)).toContain('{tileMatrix}/{tileRow}/{tileCol}');
  });
});
