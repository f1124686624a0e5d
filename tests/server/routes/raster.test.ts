import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PNG } from 'pngjs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type GeoTiff, writeGeoTiff } from '../../../etl/demo/files/geotiff.ts';
import { importFile } from '../../../etl/import.ts';
import { LoadSession } from '../../../etl/session.ts';
import type { LayerDetail } from '../../../server/app.ts';
import type { Database } from '../../../server/db/connect.ts';
import { classAt } from '../../../server/raster/paint.ts';
import { testDatabase } from '../../support/database.ts';
import { removeLayer } from '../../support/user-layer.ts';
import { STAFF, testApi, type TestApi } from '../api-fixture.ts';

const VALUES = 'user_raster_values';
const PHOTOS = 'user_raster_photos';
let db: Database;
let api: TestApi;
let session: LoadSession;
let dir = '';

/** A tile of the quadtree, and the pixel in it, at a place. */
function tileAt(lon: number, lat: number, z: number): { path: string; i: number; j: number } {
  const x = ((lon + 180) / 360) * 2 ** z;
  const y = ((1 - Math.asinh(Math.tan((lat * Math.PI) / 180)) / Math.PI) / 2) * 2 ** z;
  return {
    path: `${z}/${Math.floor(x)}/${Math.floor(y)}`,
    i: Math.floor((x % 1) * 256),
    j: Math.floor((y % 1) * 256),
  };
}

async function pixels(response: Response): Promise<(i: number, j: number) => number[]> {
  expect(response.status).toBe(200);
  expect(response.headers.get('Content-Type')).toBe('image/png');
  const { data, width, height } = PNG.sync.read(Buffer.from(await response.arrayBuffer()));
  expect([width, height]).toEqual([256, 256]);
  return (i, j) => [...data.subarray((j * 256 + i) * 4, (j * 256 + i) * 4 + 4)];
}

const hex = (color: string): number[] => [1, 3, 5].map((at) => Number.parseInt(color.slice(at, at + 2), 16));

/** 200 × 160 heights in degrees, some 100 m a pixel: a cone, and a strip without values in the west. */
const cone: GeoTiff = {
  width: 200,
  height: 160,
  bands: 1,
  samples: new Float32Array(200 * 160).map((_, i) => {
    const [x, y] = [i % 200, Math.floor(i / 200)];
    return x < 20 ? -9999 : Math.max(0, 900 - 10 * Math.hypot(x - 100, y - 80));
  }),
  epsg: 4326,
  noData: -9999,
  west: 113,
  north: 23.1,
  pixelWidth: 0.001,
  pixelHeight: 0.001,
  overviews: true,
};

function photo([red, green, blue]: readonly [number, number, number]): GeoTiff {
  const samples = new Uint8Array(600 * 500 * 4);
  for (let i = 0; i < samples.length; i += 4) samples.set([red, green, blue, (i / 4) % 600 < 300 ? 255 : 0], i);
  return {
    width: 600,
    height: 500,
    bands: 4,
    samples,
    epsg: 3857,
    overviews: true,
    west: 12_585_000,
    north: 2_640_000,
    pixelWidth: 10,
    pixelHeight: 10,
  };
}

beforeAll(async () => {
  db = await testDatabase();
  dir = await mkdtemp(join(tmpdir(), 'one-map-raster-api-'));
  session = new LoadSession(db, dir);
  api = testApi(db, { dataDir: dir });
  writeGeoTiff(join(dir, 'cone.tif'), cone);
  await mkdir(join(dir, 'photos'));
  writeGeoTiff(join(dir, 'photos', 'p_2006.tif'), photo([200, 40, 10]));
  writeGeoTiff(join(dir, 'photos', 'p_20180501.tif'), photo([10, 200, 40]));
  for (const [id, file] of [
    [VALUES, 'cone.tif'],
    [PHOTOS, 'photos'],
  ] as const) {
    const report = await importFile({ db, session, file: join(dir, file), id });
    expect(report.error).toBeNull();
  }
});

afterAll(async () => {
  await session.close();
  await api.close();
  for (const id of [VALUES, PHOTOS]) await removeLayer(db, id);
  await rm(dir, { recursive: true, force: true });
});

async function detail(id: string): Promise<LayerDetail> {
  await expect.poll(async () => (await api.get(`/api/layers/${id}`, STAFF)).status, { timeout: 8000 }).toBe(200);
  return (await (await api.get(`/api/layers/${id}`, STAFF)).json()) as LayerDetail;
}

describe('a raster layer', () => {
  it('says what its pixels are, its times and styles', async () => {
    expect((await detail(VALUES)).raster).toMatchObject({
      kind: 'values',
      times: [],
      styles: ['ramp', 'hillshade', 'terrain'],
    });
    const photos = await detail(PHOTOS);
    expect(photos.raster).toMatchObject({ kind: 'colours', times: ['2006', '2018-05-01'], styles: ['colours'] });
    expect(photos.count).toBe(2);
    expect(photos.bbox?.[0]).toBeCloseTo(113.053, 2);
  });

  it('is described as TileJSON of type raster', async () => {
    const { load } = await detail(PHOTOS);
    const tilejson = (await (await api.get(`/api/layers/${PHOTOS}/tilejson`, STAFF)).json()) as Record<string, unknown>;
    expect(tilejson).toMatchObject({
      type: 'raster',
      format: 'png',
      tiles: [`http://localhost/api/layers/${PHOTOS}/tiles/{z}/{x}/{y}?v=${load?.id}`],
      times: ['2006', '2018-05-01'],
    });
    expect(tilejson).not.toHaveProperty('vector_layers');
  });

  it('is nobody else’s to see', async () => {
    const { path } = tileAt(113.1, 23.02, 12);
    for (const address of [`tiles/${path}`, 'value?lon=113.1&lat=23.02', 'tilejson'])
      expect((await api.get(`/api/layers/${VALUES}/${address}`)).status).toBe(404);
  });
});

describe('tiles of values', () => {
  it('have the colours of the legend, pixel by pixel, and nothing where there is no value', async () => {
    const { legend, symbology } = await detail(VALUES);
    const { stops } = symbology as { stops: number[] };
    let seen = new Set<string>();
    for (const [lon, lat] of [
      [113.1004, 23.0196],
      [113.0504, 23.0496],
      [113.1804, 22.9496],
      [113.1304, 23.0096],
    ] as const) {
      const { path, i, j } = tileAt(lon, lat, 14);
      const at = await pixels(await api.get(`/api/layers/${VALUES}/tiles/${path}`, STAFF));
      const [x, y] = [Math.floor((lon - 113) / 0.001), Math.floor((23.1 - lat) / 0.001)];
      const value = cone.samples[y * 200 + x] as number;
      const color = legend[classAt(stops, value)]?.color ?? '';
      expect(at(i, j).slice(0, 3), `${lon},${lat}`).toEqual(hex(color));
      seen = seen.add(color);
    }
    expect(seen.size).toBeGreaterThan(1);
    const blank = tileAt(113.0104, 23.0196, 14);
    const at = await pixels(await api.get(`/api/layers/${VALUES}/tiles/${blank.path}`, STAFF));
    expect(at(blank.i, blank.j)).toEqual([0, 0, 0, 0]);
  });

  it('come from the overviews far out, and are stretched far in', async () => {
    for (const zoom of [6, 9, 18, 22]) {
      const { path, i, j } = tileAt(113.1004, 23.0196, zoom);
      const at = await pixels(await api.get(`/api/layers/${VALUES}/tiles/${path}`, STAFF));
      expect(at(i, j)[3], `zoom ${zoom}`).toBeGreaterThan(0);
    }
  });

  it('can be shaded: light from the north-west', async () => {
    const { path } = tileAt(113.1, 23.02, 11);
    const grey = await pixels(await api.get(`/api/layers/${VALUES}/tiles/${path}?style=hillshade`, STAFF));
    const north = tileAt(113.085, 23.034, 11);
    const south = tileAt(113.115, 23.006, 11);
    expect(north.path).toBe(path);
    expect(south.path).toBe(path);
    expect(grey(north.i, north.j)[0]).toBeGreaterThan((grey(south.i, south.j)[0] ?? 0) + 20);
  });

  it('can be heights as Terrain-RGB', async () => {
    const { path, i, j } = tileAt(113.1004, 23.0196, 13);
    const at = await pixels(await api.get(`/api/layers/${VALUES}/tiles/${path}?style=terrain`, STAFF));
    const [r = 0, g = 0, b = 0] = at(i, j);
    const height = -10_000 + (r * 65_536 + g * 256 + b) * 0.1;
    expect(Math.abs(height - 897)).toBeLessThan(8);
  });

  it('are empty outside: 204; unchanged: 304; named by their load: for ever', async () => {
    const { load } = await detail(VALUES);
    expect((await api.get(`/api/layers/${VALUES}/tiles/10/1/1`, STAFF)).status).toBe(204);
    // Over the picture, but where it holds nothing.
    const west = tileAt(113.0104, 23.0196, 17);
    expect((await api.get(`/api/layers/${VALUES}/tiles/${west.path}`, STAFF)).status).toBe(204);
    const { path } = tileAt(113.1, 23.02, 12);
    const first = await api.get(`/api/layers/${VALUES}/tiles/${path}?v=${load?.id}`, STAFF);
    expect(first.headers.get('Cache-Control')).toBe('private, max-age=31536000, immutable');
    const tag = first.headers.get('ETag') ?? '';
    expect((await api.get(`/api/layers/${VALUES}/tiles/${path}`, { ...STAFF, 'If-None-Match': tag })).status).toBe(304);
    const shaded = await api.get(`/api/layers/${VALUES}/tiles/${path}?style=hillshade`, STAFF);
    expect(shaded.headers.get('ETag')).not.toBe(tag);
  });

  it.each([
    ['tiles/99/1/1', 'TILE_INVALID', 'z'],
    ['tiles/12/3333/1776?style=colours', 'PARAMETER_INVALID', 'style'],
    ['tiles/12/3333/1776?style=pretty', 'PARAMETER_INVALID', 'style'],
    ['tiles/12/3333/1776?time=yesterday', 'PARAMETER_INVALID', 'time'],
    ['tiles/12/3333/1776?time=2026-02-30', 'PARAMETER_INVALID', 'time'],
    ['value?lon=200&lat=23', 'PARAMETER_INVALID', 'lon'],
    ['value?lon=113&lat=NaN', 'PARAMETER_INVALID', 'lat'],
    ['value?lon=113', 'PARAMETER_INVALID', 'lat'],
  ])('%s is refused, naming what is wrong', async (address, code, field) => {
    const response = await api.get(`/api/layers/${VALUES}/${address}`, STAFF);
    expect(response.status).toBe(400);
    expect(await response.json()).toMatchObject({ error: { code, field } });
  });
});

describe('a series of pictures', () => {
  const { path, i, j } = tileAt(113.06, 23.04, 13);
  const colour = async (query: string): Promise<number[]> =>
    (await pixels(await api.get(`/api/layers/${PHOTOS}/tiles/${path}${query}`, STAFF)))(i, j);

  it('is asked for by time: the picture that was the newest then', async () => {
    await detail(PHOTOS);
    expect(await colour('')).toEqual([10, 200, 40, 255]);
    expect(await colour('?time=2006')).toEqual([200, 40, 10, 255]);
    expect(await colour('?time=2017')).toEqual([200, 40, 10, 255]);
    expect(await colour('?time=2018-05-01')).toEqual([10, 200, 40, 255]);
    expect(await colour('?time=2018-04-30T10:00:00%2B08:00')).toEqual([200, 40, 10, 255]);
    const early = await api.get(`/api/layers/${PHOTOS}/tiles/${path}?time=1999`, STAFF);
    expect(early.status).toBe(404);
    expect(await early.json()).toMatchObject({ error: { code: 'VERSION_NOT_FOUND', field: 'time' } });
  });

  it('is transparent where its opacity says so', async () => {
    const east = tileAt(113.095, 23.04, 13);
    const response = await api.get(`/api/layers/${PHOTOS}/tiles/${east.path}`, STAFF);
    expect((await pixels(response))(east.i, east.j)[3]).toBe(0);
  });

  it('answers as of an earlier load', async () => {
    const before = await detail(PHOTOS);
    const at = new Date().toISOString();
    writeGeoTiff(join(dir, 'photos', 'p_2022.tif'), photo([40, 10, 200]));
    const report = await importFile({ db, session, file: join(dir, 'photos'), id: PHOTOS });
    expect(report.status).toBe('published');
    await expect.poll(async () => (await detail(PHOTOS)).load?.id, { timeout: 8000 }).toBe(report.load);
    expect(await colour('')).toEqual([40, 10, 200, 255]);
    expect(await colour(`?at=${encodeURIComponent(at)}`)).toEqual([10, 200, 40, 255]);
    const versions = (await (await api.get(`/api/layers/${PHOTOS}/versions`, STAFF)).json()) as {
      versions: { load: number; kept: boolean }[];
    };
    expect(versions.versions.map(({ load, kept }) => [load, kept])).toEqual([
      [report.load, true],
      [before.load?.id, true],
    ]);
    expect((await api.get(`/api/layers/${PHOTOS}/tiles/${path}?at=2020-01-01`, STAFF)).status).toBe(404);
  });
});

const value = async (id: string, lon: number, lat: number, more = ''): Promise<Record<string, unknown>> => {
  const response = await api.get(`/api/layers/${id}/value?lon=${lon}&lat=${lat}${more}`, STAFF);
  expect(response.status).toBe(200);
  return (await response.json()) as Record<string, unknown>;
};

describe('the value at a place', () => {
  it('is that of the pixel', async () => {
    const { load } = await detail(VALUES);
    const x = 130;
    const y = 60;
    expect(await value(VALUES, 113 + (x + 0.5) * 0.001, 23.1 - (y + 0.5) * 0.001)).toMatchObject({
      layer: VALUES,
      load: load?.id,
      value: cone.samples[y * 200 + x],
      colour: null,
    });
    expect(await value(VALUES, 113.0104, 23.0196)).toMatchObject({ value: null });
    expect(await value(VALUES, 10, 10)).toMatchObject({ value: null });
  });

  it('of a photograph is its colour', async () => {
    expect(await value(PHOTOS, 113.06, 23.04, '&time=2006')).toMatchObject({
      value: null,
      colour: [200, 40, 10],
      time: '2006',
    });
  });

  it('is for rasters only', async () => {
    const response = await api.get('/api/layers/governance_grid/value?lon=113&lat=23', STAFF);
    expect(response.status).toBe(400);
    expect(await response.json()).toMatchObject({ error: { code: 'PARAMETER_INVALID', field: 'id' } });
  });

  it('says 410 when the file is gone', async () => {
    const [row] = await db.sql<{ file: string }[]>`select l.raster -> 0 ->> 'file' as file
      from app.layer_state s join app.load l using (load_id) where s.layer_id = ${PHOTOS}`;
    await rm(join(session.rasterDir, row?.file ?? ''));
    const fresh = testApi(db, { dataDir: dir });
    const response = await fresh.get(`/api/layers/${PHOTOS}/value?lon=113.06&lat=23.04&time=2006`, STAFF);
    await fresh.close();
    expect(response.status).toBe(410);
  });
});
