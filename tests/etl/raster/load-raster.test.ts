import { spawnSync } from 'node:child_process';
import { createWriteStream, existsSync, readFileSync } from 'node:fs';
import { copyFile, mkdir, mkdtemp, readdir, rm, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { ZipFile } from 'yazl';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { fromWgs84 } from '../../../etl/crs/transform.ts';
import { type GeoTiff, writeGeoTiff } from '../../../etl/demo/files/geotiff.ts';
import { LoadError } from '../../../etl/errors.ts';
import { pruneHistory } from '../../../etl/history/prune.ts';
import { importFile } from '../../../etl/import.ts';
import { loadLayer } from '../../../etl/load-layer.ts';
import type { LoadReport } from '../../../etl/report.ts';
import { LoadSession } from '../../../etl/session.ts';
import { checkLayer } from '../../../layers/check-layer.ts';
import type { Layer } from '../../../layers/define.ts';
import { getLayer } from '../../../layers/index.ts';
import { parseLayer } from '../../../layers/parse.ts';
import type { RasterPicture } from '../../../layers/raster.ts';
import type { Database } from '../../../server/db/connect.ts';
import { createRasterStore } from '../../../server/raster/raster-store.ts';
import { valueAt } from '../../../server/raster/value-at.ts';
import { testDatabase } from '../../support/database.ts';
import { removeLayer } from '../../support/user-layer.ts';

let db: Database;
let session: LoadSession;
let dir = '';
const made = new Set<string>();
/** Layers of the catalogue as they were before: others share the database. */
const heights: Layer = { ...getLayer('dem_5m'), id: 'test_heights' };
const images: Layer = { ...getLayer('satellite_image_history'), id: 'test_images' };

beforeAll(async () => {
  db = await testDatabase();
  dir = await mkdtemp(join(tmpdir(), 'one-map-raster-'));
  session = new LoadSession(db, dir);
});
afterAll(async () => {
  await session.close();
  for (const id of [...made, heights.id, images.id]) await removeLayer(db, id);
  await rm(dir, { recursive: true, force: true });
});

/** A small slope in the middle of the district: value = column + 100 × row. */
function slope(changes: Partial<GeoTiff> = {}): GeoTiff {
  const [width, height] = [40, 30];
  const samples = new Float32Array(width * height).map((_, i) => (i % width) + 100 * Math.floor(i / width));
  return {
    width,
    height,
    bands: 1,
    samples,
    epsg: 4326,
    noData: -9999,
    west: 113.05,
    north: 23.03,
    pixelWidth: 0.001,
    pixelHeight: 0.001,
    ...changes,
  };
}

function photo(shade: number): GeoTiff {
  const [width, height] = [300, 280];
  const samples = new Uint8Array(width * height * 3).map((_, i) => (shade + i * 7) % 256);
  return {
    width,
    height,
    bands: 3,
    samples,
    epsg: 3857,
    overviews: true,
    west: 12_585_000,
    north: 2_640_000,
    pixelWidth: 10,
    pixelHeight: 10,
  };
}

function put(name: string, raster: GeoTiff): string {
  const path = join(dir, name);
  writeGeoTiff(path, raster);
  return path;
}

async function load(file: string, options: { crs?: string; layer?: string; id?: string } = {}): Promise<LoadReport> {
  const { id, ...stated } = options;
  const report = await importFile({ db, session, file, stated, ...(id === undefined ? {} : { id }) });
  made.add(report.layer);
  return report;
}

const store = () => createRasterStore(session.rasterDir);

async function valueOf(picture: RasterPicture | undefined, lon: number, lat: number): Promise<number[] | null> {
  const opened = await store().open((picture as RasterPicture).file);
  return valueAt(store(), opened, lon, lat);
}

async function refusal(work: Promise<LoadReport>): Promise<{ code: string; text: string }> {
  const outcome = await work.catch((error: unknown) => error);
  const error = outcome instanceof LoadError ? outcome : (outcome as LoadReport).error;
  expect(error, JSON.stringify(outcome)).not.toBeNull();
  const { code, text } = error as LoadError;
  expect(text.zh).toMatch(/\p{Script=Han}/u);
  return { code, text: text.en };
}

const nothingLeft = async (before: { loads: number; files: string[] }): Promise<void> => {
  const after = await state();
  expect(after.live).toBe(before.loads);
  expect(after.files).toEqual(before.files);
};
const state = async (): Promise<{ live: number; files: string[] }> => {
  const [row] = await db.sql<{ n: number }[]>`select count(*)::int as n from app.load where raster is not null`;
  const files = await readdir(session.rasterDir, { recursive: true }).catch(() => []);
  return { live: row?.n ?? 0, files: files.filter((name) => name.endsWith('.tif')).toSorted() };
};

async function written(name: string, bytes: Uint8Array): Promise<string> {
  await writeFile(join(dir, name), bytes);
  return join(dir, name);
}

async function cut(name: string, share: number): Promise<string> {
  const path = put(name, photo(3));
  await truncate(path, Math.floor(readFileSync(path).length * share));
  return path;
}

/** A real TIFF whose table says that it is 100 000 pixels wide and high. */
async function bomb(name: string): Promise<string> {
  const bytes = readFileSync(put(name, slope()));
  const tags = bytes.readUInt16LE(8);
  for (let i = 0; i < tags; i += 1) {
    const at = 10 + i * 12;
    if ([256, 257].includes(bytes.readUInt16LE(at))) bytes.writeUInt32LE(100_000, at + 8);
  }
  return written(name, bytes);
}

const delivery = (name: string): string => join(dir, name);

const real = (name: string): string => join(dir, 'real-data', name);

describe('an imported raster', () => {
  test('in degrees keeps every value to the bit, and becomes a layer with a ramp', async () => {
    const report = await load(put('slope.tif', slope()));
    expect(report).toMatchObject({ status: 'published', format: 'geotiff', rows: { in: 1, accepted: 1 } });
    expect(report.crs?.name).toBe('EPSG:4326');
    const [picture] = report.raster ?? [];
    expect(picture).toMatchObject({ width: 40, height: 30, bands: 1, type: 'Float32', crs: 'EPSG:4326', empty: 0 });
    expect(picture?.range).toEqual([0, 2939]);
    expect(picture?.resolution).toBeCloseTo(102.5, 0);
    for (const [column, row] of [
      [0, 0],
      [39, 0],
      [0, 29],
      [17, 11],
    ] as const) {
      const [lon, lat] = [113.05 + (column + 0.5) * 0.001, 23.03 - (row + 0.5) * 0.001];
      expect(await valueOf(picture, lon, lat)).toEqual([column + 100 * row]);
    }
    expect(await valueOf(picture, 113.0499, 23.02)).toBeNull();
    expect(await valueOf(picture, 113.06, 23.0301)).toBeNull();
    const [row] = await db.sql<{ definition: unknown }[]>`
      select definition from app.user_layer where layer_id = ${report.layer}`;
    const layer = parseLayer(row?.definition);
    expect(checkLayer(layer, new Map(), 'user')).toEqual([]);
    expect(layer).toMatchObject({ geometry: 'raster', symbology: { kind: 'ramp', field: 'value' } });
    expect(layer.tiles?.maxzoom).toBe(11);
  });

  test.each(['EPSG:4526', 'EPSG:4547', 'EPSG:4490', 'EPSG:3857'] as const)(
    'in %s lies where it should',
    async (crs) => {
      const project = fromWgs84(crs);
      const [x, y] = project(113.05, 23.03);
      const pixel = crs === 'EPSG:4490' ? 0.001 : 100;
      const samples = new Float32Array(1200).map(
        (_, i) => (i % 40 >= 20 ? 2 : 1) + (Math.floor(i / 40) >= 15 ? 10 : 0),
      );
      const report = await load(
        put(
          `grid_${crs.slice(5)}.tif`,
          slope({ samples, epsg: Number(crs.slice(5)), west: x, north: y, pixelWidth: pixel, pixelHeight: pixel }),
        ),
      );
      expect(report.error).toBeNull();
      expect(report.crs?.name).toContain(crs);
      const [picture] = report.raster ?? [];
      const back = (column: number, row: number): [number, number] => {
        // The corners are near enough for the middle of a quarter.
        const [east, south] = [
          113.05 + (column * pixel) / (pixel === 100 ? 102_500 : 1),
          23.03 - (row * pixel) / (pixel === 100 ? 110_700 : 1),
        ];
        return [east, south];
      };
      expect(await valueOf(picture, ...back(10, 8))).toEqual([1]);
      expect(await valueOf(picture, ...back(30, 8))).toEqual([2]);
      expect(await valueOf(picture, ...back(10, 22))).toEqual([11]);
      expect(await valueOf(picture, ...back(30, 22))).toEqual([12]);
    },
  );

  test('that is turned is set upright, with its values in their places', async () => {
    const rotation = 0.4;
    const report = await load(put('turned.tif', slope({ rotation })));
    expect(report.error).toBeNull();
    const [picture] = report.raster ?? [];
    const [cos, sin] = [Math.cos(rotation), Math.sin(rotation)];
    const place = (u: number, v: number): [number, number] => [
      113.05 + 0.001 * (u * cos + v * sin),
      23.03 + 0.001 * (u * sin - v * cos),
    ];
    for (const [column, row] of [
      [5, 5],
      [20, 15],
      [35, 25],
    ] as const) {
      const [found] = (await valueOf(picture, ...place(column + 0.5, row + 0.5))) ?? [];
      // Between its neighbours: the values are those of the slope there.
      expect(Math.abs((found ?? 0) - (column + 100 * row))).toBeLessThan(60);
    }
    expect(await valueOf(picture, 113.0505, 23.04)).toBeNull();
    expect(picture?.empty).toBeGreaterThan(0.3);
  });

  test('is placed by its world file, in a zip as well, when the CRS is stated', async () => {
    const file = put('world.tif', slope({ epsg: null, pixelWidth: 0 }));
    // The middle of the upper left pixel.
    await writeFile(join(dir, 'world.tfw'), '0.001\n0\n0\n-0.001\n113.0505\n23.0295\n');
    const zip = new ZipFile();
    for (const name of ['world.tif', 'world.tfw']) zip.addFile(join(dir, name), `maps/${name}`);
    zip.end();
    await pipeline(zip.outputStream, createWriteStream(join(dir, 'world.zip')));
    for (const path of [file, join(dir, 'world.zip')]) {
      const report = await load(path, { crs: 'EPSG:4326', id: 'user_world' });
      expect(report.error).toBeNull();
      expect(await valueOf(report.raster?.[0], 113.0505, 23.0295)).toEqual([0]);
      expect(await valueOf(report.raster?.[0], 113.0675, 23.0185)).toEqual([17 + 100 * 11]);
    }
  });

  test('takes chosen bands, and says what is left out', async () => {
    const samples = new Uint8Array(40 * 30 * 4).map((_, i) => [10, 20, 30, 40][i % 4] as number);
    const file = put('four.tif', slope({ bands: 4, samples, noData: undefined as never }));
    const chosen = await load(file, { layer: '4,3,2', id: 'user_four_chosen' });
    // A TIFF with opacity in its fourth band: it was asked for as a colour.
    expect(chosen.error).toBeNull();
    expect(await valueOf(chosen.raster?.[0], 113.06, 23.02)).toEqual([40, 30, 20]);
    const one = await load(file, { layer: '2', id: 'user_four_one' });
    expect(await valueOf(one.raster?.[0], 113.06, 23.02)).toEqual([20]);
  });
});

describe('what cannot be a layer is refused, and nothing of it stays', () => {
  const cases: [string, () => Promise<string>, string, RegExp, { crs?: string; layer?: string }?][] = [
    ['0 bytes', async () => written('empty.tif', Buffer.alloc(0)), 'EMPTY_FILE', /0 bytes/],
    ['no TIFF', async () => written('text.tif', Buffer.from('<html>')), 'UNREADABLE', /no TIFF/],
    [
      'a head only',
      async () => written('head.tif', readFileSync(put('whole1.tif', photo(1))).subarray(0, 60)),
      'TRUNCATED_ARCHIVE',
      /cut short or damaged/,
    ],
    ['the second half is missing', () => cut('cut.tif', 0.5), 'TRUNCATED_ARCHIVE', /cut short or damaged/],
    ['the last bytes are missing', () => cut('cut_end.tif', 0.98), 'TRUNCATED_ARCHIVE', /cut short or damaged/],
    ['a bomb', async () => bomb('bomb.tif'), 'TOO_LARGE', /claims 100000 × 100000 pixels|has 100000 × 100000 pixels/],
    [
      'no CRS',
      async () =>
        put('plain.tif', slope({ epsg: null, west: 500_000, north: 2_500_000, pixelWidth: 10, pixelHeight: 10 })),
      'NO_CRS',
      /--crs/,
    ],
    [
      'no place',
      async () => put('nowhere.tif', slope({ epsg: null, west: 0, north: 0, pixelWidth: 0, pixelHeight: 0 })),
      'NO_CRS',
      /no georeference/,
    ],
    [
      'NaN everywhere',
      async () => put('nan.tif', slope({ samples: new Float32Array(1200).fill(Number.NaN) })),
      'NO_VALUES',
      /not a single valid pixel/,
    ],
    [
      'nodata everywhere',
      async () => put('nodata.tif', slope({ samples: new Float32Array(1200).fill(-9999) })),
      'NO_VALUES',
      /not a single valid pixel/,
    ],
    [
      '16 bands',
      async () =>
        put('bands.tif', slope({ bands: 16, samples: new Uint8Array(1200 * 16), noData: undefined as never })),
      'UNSUPPORTED',
      /16 bands.*--layer 1/,
    ],
    [
      'colours of 16 bits',
      async () => put('deep.tif', slope({ bands: 3, samples: new Uint16Array(3600) })),
      'UNSUPPORTED',
      /8 bits a band/,
    ],
    [
      'degrees that are metres',
      async () =>
        put('wrong.tif', slope({ epsg: 4326, west: 12_585_000, north: 2_640_000, pixelWidth: 10, pixelHeight: 10 })),
      'WRONG_CRS',
      /--crs/,
    ],
    [
      'Xian 80',
      async () =>
        put('xian.tif', slope({ epsg: 2362, west: 38_400_000, north: 2_550_000, pixelWidth: 10, pixelHeight: 10 })),
      'OLD_DATUM',
      /control points/,
    ],
    ['GCJ-02', async () => put('gcj.tif', slope()), 'UNSUPPORTED', /cannot be turned from GCJ-02/, { crs: 'GCJ-02' }],
    ['a band that is not there', async () => put('band9.tif', slope()), 'CHOOSE_LAYER', /bands 1 to 1/, { layer: '9' }],
  ];
  test.each(cases)('%s', async (_title, file, code, text, stated) => {
    const path = await file();
    const before = await state();
    const found = await refusal(load(path, { id: 'user_refused', ...stated }));
    expect(found).toMatchObject({ code, text: expect.stringMatching(text) as string });
    await nothingLeft({ loads: before.live, files: before.files });
    const [layer] = await db.sql`select 1 from app.user_layer where layer_id = 'user_refused'`;
    expect(layer).toBeUndefined();
  });
});

describe('a raster layer of the catalogue', () => {
  test('is loaded from a folder: a series by the times in the names, only new pictures are made', async () => {
    const folder = delivery('series');
    await mkdir(folder);
    writeGeoTiff(join(folder, 'image_2019.tif'), photo(90));
    writeGeoTiff(join(folder, 'image_2006.tif'), photo(10));
    const first = await loadLayer(session, images, folder);
    expect(first.error).toBeNull();
    expect(first.raster?.map(({ time, source }) => [time, source])).toEqual([
      ['2006', 'image_2006.tif'],
      ['2019', 'image_2019.tif'],
    ]);
    expect(first.rows).toMatchObject({ in: 2, accepted: 2 });
    // Tiled, packed and in the grid that is served: taken as it is.
    const published = join(session.rasterDir, first.raster?.[0]?.file ?? '');
    expect(readFileSync(published)).toEqual(readFileSync(join(folder, 'image_2006.tif')));

    expect(await loadLayer(session, images, folder)).toMatchObject({ status: 'unchanged', sameAs: first.load });

    await copyFile(put('image_2022.tif', photo(130)), join(folder, 'image_2022.tif'));
    const second = await loadLayer(session, images, folder);
    expect(second.raster?.map(({ time }) => time)).toEqual(['2006', '2019', '2022']);
    // The earlier version is whole, and asked for by its load.
    expect(existsSync(published)).toBe(true);
    const [before] = await db.sql<{ n: number; to: Date | null }[]>`
      select jsonb_array_length(raster) as n, valid_to as "to" from app.load where load_id = ${first.load}`;
    expect(before).toMatchObject({ n: 2 });
    expect(before?.to).not.toBeNull();
  });

  test('a series with a broken picture leaves the live one as it was', async () => {
    const folder = delivery('series');
    const live = await db.sql`select load_id from app.layer_state where layer_id = ${images.id}`;
    const good = readFileSync(put('x.tif', photo(50)));
    await writeFile(join(folder, 'image_2024.tif'), good.subarray(0, good.length / 2));
    const report = await loadLayer(session, images, folder);
    expect(report.error?.code).toBe('TRUNCATED_ARCHIVE');
    expect(report.error?.text.en).toContain('image_2024.tif');
    expect(await db.sql`select load_id from app.layer_state where layer_id = ${images.id}`).toEqual(live);
    const names = await readdir(join(session.rasterDir, images.id));
    expect(names).not.toContain(String(report.load));
    expect(names.filter((name) => name.endsWith('.part'))).toEqual([]);
    await rm(join(folder, 'image_2024.tif'));
  });

  test('pictures of one time, without a time, and of the other kind are refused by name', async () => {
    const folder = delivery('bad');
    await mkdir(folder);
    writeGeoTiff(join(folder, 'a_2006.tif'), photo(1));
    writeGeoTiff(join(folder, 'b_2006.tif'), photo(2));
    expect(await refusal(loadLayer(session, images, folder))).toMatchObject({
      code: 'UNREADABLE',
      text: expect.stringContaining('same time') as string,
    });
    await rm(join(folder, 'b_2006.tif'));
    writeGeoTiff(join(folder, 'b.tif'), photo(2));
    expect((await refusal(loadLayer(session, images, folder))).text).toContain('b.tif says no time');
    expect(
      await refusal(loadLayer(session, heights, put('colours.tif', photo(5)), { stated: { crs: 'EPSG:3857' } })),
    ).toMatchObject({
      code: 'UNSUPPORTED',
    });
    expect((await refusal(loadLayer(session, images, join(folder, 'a_2006.tif')))).code).toBe('ROW_COUNT');
  });

  test('must lie over the district by the CRS that was agreed', async () => {
    const [x, y] = fromWgs84('EPSG:4526')(113.05, 23.03);
    const gauss = { epsg: 4526, west: x, north: y, pixelWidth: 100, pixelHeight: 100 };
    expect((await loadLayer(session, heights, put('dem.tif', slope(gauss)))).error).toBeNull();
    const other = await loadLayer(session, heights, put('dem_degrees.tif', slope()));
    expect(other.error).toMatchObject({ code: 'WRONG_CRS' });
    expect(other.error?.text.en).toContain('--crs EPSG:4326');
    expect(
      (await loadLayer(session, heights, join(dir, 'dem_degrees.tif'), { stated: { crs: 'EPSG:4326' } })).error,
    ).toBeNull();
  });

  test('retention removes the files of what it lets go, and says so', async () => {
    const kept = await db.sql<{ load: number; file: string }[]>`
      select load_id as load, raster -> 0 ->> 'file' as file from app.load
      where layer_id = ${heights.id} and valid_to is not null and raster is not null`;
    expect(kept).toHaveLength(1);
    const now = new Date(Date.now() + 5 * 365 * 86_400_000);
    // The policy keeps the newest two replaced versions: a third makes the first go.
    for (const shade of [1, 2]) {
      const samples = new Float32Array(1200).fill(shade).map((v, i) => v + i);
      await loadLayer(session, heights, put(`dem_${shade}.tif`, slope({ samples })), { stated: { crs: 'EPSG:4326' } });
    }
    const pruned = await pruneHistory(db, { layer: heights.id, rasterDir: session.rasterDir, now });
    const gone = kept[0] as { load: number; file: string };
    const [row] = await db.sql<{ raster: unknown }[]>`select raster from app.load where load_id = ${gone.load}`;
    expect(row?.raster).toBeNull();
    expect(existsSync(join(session.rasterDir, gone.file))).toBe(false);
    for (const { bytes } of pruned) expect(bytes).toBeGreaterThan(100);
    const [live] = await db.sql<{ file: string }[]>`select l.raster -> 0 ->> 'file' as file
      from app.layer_state s join app.load l using (load_id) where s.layer_id = ${heights.id}`;
    expect(existsSync(join(session.rasterDir, live?.file ?? ''))).toBe(true);
  });

  test('what a killed load left is swept by the next one', async () => {
    const left = join(session.rasterDir, heights.id, '999999999.part');
    await mkdir(left, { recursive: true });
    await writeFile(join(left, '1.tif'), 'half');
    await loadLayer(
      session,
      heights,
      put('dem_next.tif', slope({ samples: new Float32Array(1200).map((_, i) => i / 3) })),
      {
        stated: { crs: 'EPSG:4326' },
      },
    );
    expect(existsSync(left)).toBe(false);
  });
});

/** Real files of public offices, if they lie beside the checkout, or where REAL_DATA says. */
const archive =
  process.env.REAL_DATA ?? join(import.meta.dirname, '..', '..', '..', '..', 'shared', 'real-data.tar.gz');
describe.skipIf(!existsSync(archive))('real rasters', () => {
  beforeAll(() => {
    const names = ['*.tif', '*.hgt.zip'];
    const unpacked = spawnSync('tar', ['-xzf', archive, '-C', dir, '--wildcards', ...names]);
    if (unpacked.status !== 0) throw new Error(unpacked.stderr.toString());
  });

  // Values as `gdallocationinfo -valonly -wgs84` reads them from the files as they came.
  test.each([
    [
      'formats/N43E007.hgt.zip',
      'hgt',
      [1201, 1201],
      [-11, 2064],
      [
        [7.5, 43.75, 0],
        [7.25, 43.7, 30],
        [7.9, 43.9, 604],
      ],
    ],
    [
      'porto-alegre/poa_elevation.tif',
      'geotiff',
      [413, 403],
      null,
      [
        [-51.2, -30.05, 11],
        [-51.18, -30.04, 60],
      ],
    ],
    [
      'helsinki/elevation_model_2021_lapinlahti.tif',
      'geotiff',
      [274, 210],
      null,
      [
        [24.9115, 60.168, 6.04958248138428],
        [24.913, 60.167, 7.66569662094116],
      ],
    ],
  ] as const)('%s has the values of the file', async (name, format, [width, height], range, places) => {
    const report = await load(real(name));
    expect(report.error).toBeNull();
    expect(report.format).toBe(format);
    const [picture] = report.raster ?? [];
    expect(picture).toMatchObject({ width, height, kind: 'values' });
    if (range) expect(picture?.range).toEqual(range);
    for (const [lon, lat, value] of places) expect((await valueOf(picture, lon, lat))?.[0]).toBeCloseTo(value, 6);
  });

  test('heights in UTM are brought to Web Mercator, near to what they were', async () => {
    const report = await load(real('formats/dsm.tif'));
    expect(report.crs?.name).toContain('EPSG:26918');
    const [picture] = report.raster ?? [];
    expect(picture?.crs).toBe('EPSG:3857');
    const [low, high] = picture?.range ?? [0, 0];
    // -stats of the original: 6.955 to 39.050.
    expect(low).toBeGreaterThan(6.9);
    expect(low).toBeLessThan(8);
    expect(high).toBeLessThan(39.1);
    expect(high).toBeGreaterThan(37);
    expect(picture?.bbox[0]).toBeCloseTo(-77.0559, 3);
    expect(picture?.bbox[3]).toBeCloseTo(38.813, 3);
  });

  test('an aerial photograph with near infrared shows its colours', async () => {
    const report = await load(real('formats/naip_m_4709963_se_14_1_20100629.tif'));
    expect(report.error).toBeNull();
    const [picture] = report.raster ?? [];
    expect(picture).toMatchObject({ kind: 'colours', bands: 4, time: '2010-06-29' });
    expect(report.notes.join()).toContain('left out: 4');
    expect(await valueOf(picture, -99.1549, 47.0204)).toHaveLength(3);
  });
});
