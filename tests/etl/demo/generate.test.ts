import { createHash } from 'node:crypto';
import { mkdtempSync, readFileSync, readdirSync, rmSync } from 'node:fs';
import { open } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { recipesFor } from '../../../etl/demo/faults.ts';
import { type Manifest, generateDistrict } from '../../../etl/demo/generate.ts';
import { rasterDeliveries } from '../../../etl/demo/rasters/index.ts';
import { deliveries } from '../../../etl/demo/themes/index.ts';
import { Gdal } from '../../../etl/formats/gdal.ts';
import { openFile } from '../../../etl/formats/open.ts';
import { type Layer, sourceFields } from '../../../layers/define.ts';
import { getLayer, layers } from '../../../layers/index.ts';
import { Tiff, type TiffLevel } from '../../../server/db/tiff.ts';

/** Metres of EPSG:3857 from the middle of the world to its edge, and along a tile of zoom 14. */
const HALF_WORLD = 20_037_508.342789244;
const TILE_METRES = (2 * HALF_WORLD) / 2 ** 14;

const scale = 0.01;
const out = mkdtempSync(join(tmpdir(), 'one-map-demo-'));
let manifest: Manifest;
let gdal: Gdal;

interface Delivered {
  /** By field id. */
  rows: Record<string, unknown>[];
  /** Values as they stand in the file. */
  raw: unknown[][];
  geometries: (GeoJSON.Geometry | null)[];
  columns: readonly string[];
  encoding: string;
}

/** Reads a delivered file back with the loader's own readers. */
async function read(layer: Layer): Promise<Delivered> {
  const opened = await openFile(join(out, layer.source.file), {
    gdal: () => Promise.resolve(gdal),
    format: layer.source.format,
    ...(layer.source.encoding ? { encoding: layer.source.encoding } : {}),
  });
  const { columns, encoding } = opened.source;
  const result: Delivered = { rows: [], raw: [], geometries: [], columns, encoding };
  const fields = Object.keys(layer.fields);
  const places = fields.map((field) => columns.indexOf(layer.source.columns?.[field] ?? field));
  for await (const batch of opened.source.batches()) {
    batch.rows.forEach((values, i) => {
      result.raw.push(values);
      result.rows.push(Object.fromEntries(fields.map((field, k) => [field, values[places[k] as number] ?? null])));
      result.geometries.push(batch.geometries?.[i] ?? null);
    });
  }
  await opened.source.close();
  return result;
}

const cache = new Map<string, Promise<Delivered>>();
function delivered(id: string): Promise<Delivered> {
  const known = cache.get(id) ?? read(getLayer(id));
  cache.set(id, known);
  return known;
}

beforeAll(async () => {
  [manifest, gdal] = await Promise.all([generateDistrict({ scale, seed: 1, out }), Gdal.start()]);
}, 240_000);

afterAll(async () => {
  await gdal?.close();
  rmSync(out, { recursive: true, force: true });
});

const vectors = layers.filter((layer) => layer.geometry !== 'raster');

test('every registered layer has a delivery, and nothing else has', () => {
  expect(Object.keys(deliveries).toSorted()).toEqual(vectors.map((layer) => layer.id).toSorted());
  expect(Object.keys(rasterDeliveries).toSorted()).toEqual(
    layers
      .filter((layer) => layer.geometry === 'raster')
      .map(({ id }) => id)
      .toSorted(),
  );
  expect(Object.keys(manifest.layers).toSorted()).toEqual(layers.map((layer) => layer.id).toSorted());
  expect(JSON.parse(readFileSync(join(out, 'manifest.json'), 'utf8'))).toEqual(manifest);
});

describe.each(vectors.map((layer) => layer.id))('%s', (id) => {
  const layer = getLayer(id);

  test('the file is what the definition says, with the rows the manifest counts', async () => {
    const { rows, columns, encoding } = await delivered(id);
    expect(rows).toHaveLength(manifest.layers[id]?.rows as number);
    for (const field of sourceFields(layer)) expect(columns).toContain(layer.source.columns?.[field] ?? field);
    if (layer.source.format === 'csv') expect(encoding).toBe(layer.source.encoding);
    const rejects = manifest.layers[id]?.faults.filter((fault) => fault.kind === 'reject').length as number;
    const [least, most] = layer.checks.rows;
    expect(rows.length - rejects).toBeGreaterThanOrEqual(Math.floor(least * scale));
    expect(rows.length - rejects).toBeLessThanOrEqual(most);
  });

  test('good rows keep every promise of the definition', async () => {
    const { rows } = await delivered(id);
    const faulty = new Set(manifest.layers[id]?.faults.map((fault) => fault.row));
    const keys = new Set<unknown>();
    const broken: string[] = [];
    const fields = Object.entries(layer.fields).map(([name, field]) => ({
      name,
      field,
      pattern: field.pattern === undefined ? null : new RegExp(field.pattern, 'u'),
      allowed: field.values ? new Set(Object.entries(field.values).flatMap(([code, title]) => [code, title.zh])) : null,
    }));
    rows.forEach((row, i) => {
      if (faulty.has(i + 1)) return;
      keys.add(row[layer.key]);
      for (const { name, field, pattern, allowed } of fields) {
        const text = String(row[name] ?? '');
        const number = Number(text);
        const isBroken =
          text === ''
            ? field.required === true
            : (allowed && !allowed.has(text)) ||
              (pattern && !pattern.test(text)) ||
              (field.range && !(number >= field.range[0] && number <= field.range[1]));
        if (isBroken) broken.push(`row ${i + 1}: ${name} = ${text}`);
      }
    });
    expect(broken).toEqual([]);
    expect(keys.size).toBe(rows.length - faulty.size);
  });

  test('every planted fault is in the file, at its row and under its id', async () => {
    const { rows, raw, geometries, columns } = await delivered(id);
    const { faults } = manifest.layers[id] as Manifest['layers'][string];
    const keysOf = async (target: string): Promise<Set<unknown>> =>
      new Set((await delivered(target)).rows.map((row) => row[getLayer(target).key]));
    const placeKeys = layer.place && (await keysOf(layer.place.layer));
    expect(faults.length).toBeGreaterThan(0);
    expect(new Set(faults.map((fault) => fault.row)).size).toBe(faults.length);
    const first = new Map<unknown, number>();
    rows.forEach((row, i) => {
      if (!first.has(row[layer.key])) first.set(row[layer.key], i + 1);
    });
    for (const fault of faults) {
      const row = rows[fault.row - 1] as Record<string, unknown>;
      const field = /^(\w+) /.exec(fault.note)?.[1] ?? '';
      const text = String(row[field] ?? '');
      const definition = layer.fields[field];
      expect(String(row[layer.key] ?? ''), fault.note).toBe(fault.sourceId);
      switch (fault.code) {
        case 'DUPLICATE_KEY':
          expect(first.get(row[layer.key])).toBeLessThan(fault.row);
          break;
        case 'MISSING_REQUIRED':
          expect(row[/ (\w+)$/.exec(fault.note)?.[1] ?? '']).toSatisfy((value) => value === null || value === '');
          break;
        case 'BAD_VALUE':
          expect(Object.keys(definition?.values ?? {})).not.toContain(text);
          break;
        case 'OUT_OF_RANGE':
          expect(Number(text)).toBeGreaterThan(definition?.range?.[1] as number);
          break;
        case 'BAD_PATTERN':
          expect(text).not.toMatch(new RegExp(definition?.pattern as string, 'u'));
          break;
        case 'BAD_TYPE':
          expect(['2026-02-30', '约二十']).toContain(text);
          break;
        case 'ROW_SHAPE':
          expect(raw[fault.row - 1]).toHaveLength(columns.length + 1);
          break;
        case 'UNLOCATED':
          if (layer.place) expect(placeKeys?.has(row[layer.place.field]), fault.note).toBe(false);
          else if (!layer.source.coordinates) expect(geometries[fault.row - 1]).toBeNull();
          break;
        case 'UNKNOWN_REFERENCE': {
          const target = layer.checks.references?.find((reference) => reference.field === field)?.layer ?? '';
          expect((await keysOf(target)).has(row[field]), fault.note).toBe(false);
          break;
        }
        case 'WRONG_GEOMETRY_KIND':
          expect(geometries[fault.row - 1]?.type).toBe('Point');
          break;
        default:
          expect(recipesFor(layer).map((recipe) => recipe.code)).toContain(fault.code);
      }
    }
  });
});

test.each([
  ['person', scale],
  ['household', scale],
  ['room', scale],
  ['enterprise', scale],
  ['poi', scale],
  ['video_camera', scale],
  ['elevator', scale],
  ['elderly_alone', scale],
  ['city_component', scale],
  ['pollution_source', Math.sqrt(scale)],
  ['fire_hydrant', Math.sqrt(scale)],
  ['charging_station', Math.sqrt(scale)],
])('%s grows to what its definition expects of the full district', async (id, share) => {
  const { rows } = await delivered(id);
  const full = (rows.length - (manifest.layers[id]?.faults.length as number)) / share;
  const [least, most] = getLayer(id).checks.rows;
  expect(full).toBeGreaterThan(least);
  expect(full).toBeLessThan(most);
});

test('swapped, outlying, unreadable and missing coordinates stand in the file', async () => {
  const { rows, raw, columns } = await delivered('enterprise');
  const { x, y } = getLayer('enterprise').source.coordinates as { x: string; y: string };
  const at = (row: number): [unknown, unknown] => [
    raw[row - 1]?.[columns.indexOf(x)],
    raw[row - 1]?.[columns.indexOf(y)],
  ];
  const byCode = new Map(manifest.layers.enterprise?.faults.map((fault) => [fault.code, fault.row]));
  expect(rows.length).toBeGreaterThan(2500);
  const [swappedX, swappedY] = at(byCode.get('SWAPPED_AXES') as number).map(Number) as [number, number];
  expect(swappedX).toBeLessThan(24);
  expect(swappedY).toBeGreaterThan(112);
  expect(Number(at(byCode.get('OUTSIDE_DISTRICT') as number)[0])).toBeGreaterThan(113.5);
  expect(Number(at(byCode.get('BAD_COORDINATES') as number)[0])).toBeNaN();
  expect(String(at(byCode.get('UNLOCATED') as number)[0] ?? '')).toBe('');
});

test('no planted fault costs a good row: totals agree across files', async () => {
  const [persons, households, grids] = await Promise.all(
    ['person', 'household', 'governance_grid'].map(delivered) as [
      Promise<Delivered>,
      Promise<Delivered>,
      Promise<Delivered>,
    ],
  );
  const isGood = (id: string) => {
    const rejected = new Set(manifest.layers[id]?.faults.filter((f) => f.kind === 'reject').map((f) => f.row));
    return (_: unknown, i: number) => !rejected.has(i + 1);
  };
  const goodPersons = persons.rows.filter(isGood('person'));
  const goodGrids = grids.rows.filter(isGood('governance_grid'));
  expect(goodGrids).toHaveLength(921);
  const sum = goodGrids.reduce((total, grid) => total + Number(grid.population), 0);
  expect(sum).toBe(goodPersons.length);
  const located = households.rows.filter(isGood('household')).filter((h) => h.head_person_id !== null);
  const members = new Map<unknown, number>();
  for (const person of goodPersons) members.set(person.household_id, (members.get(person.household_id) ?? 0) + 1);
  const faulty = new Set(manifest.layers.household?.faults.map((f) => f.sourceId));
  for (const household of located) {
    if (!faulty.has(String(household.household_id)))
      expect(members.get(household.household_id)).toBe(Number(household.members));
  }
});

test("people are plainly made up, and the pyramid is the district's", async () => {
  const { rows } = await delivered('person');
  const faulty = new Set(manifest.layers.person?.faults.map((fault) => fault.row));
  const good = rows.filter((_, i) => !faulty.has(i + 1));
  let young = 0;
  let old = 0;
  let men = 0;
  const ids = new Set<unknown>();
  const real: unknown[] = [];
  for (const { id_no, birth_date, sex } of good) {
    if (id_no) {
      if (!String(id_no).startsWith(`440699${String(birth_date).replaceAll('-', '')}`)) real.push(id_no);
      ids.add(id_no);
    }
    const age = (Date.UTC(2026, 10, 1) - Date.parse(String(birth_date))) / 31_556_952_000;
    if (age < 15) young += 1;
    if (age >= 60) old += 1;
    if (String(sex) === '男' || String(sex) === 'M') men += 1;
  }
  expect(real).toEqual([]);
  expect(ids.size).toBe(good.filter((person) => person.id_no).length);
  const share = (n: number): number => n / good.length;
  expect(share(young)).toBeGreaterThan(0.14);
  expect(share(young)).toBeLessThan(0.18);
  expect(share(old)).toBeGreaterThan(0.15);
  expect(share(old)).toBeLessThan(0.19);
  expect(men / (good.length - men)).toBeGreaterThan(0.98);
  expect(men / (good.length - men)).toBeLessThan(1.08);
  expect(good.some((person) => /[\u{20000}-\u{2ffff}㘵]/u.test(String(person.name)))).toBe(true);
});

test("phones cannot be anybody's", async () => {
  for (const id of ['poi', 'police_station', 'fire_station']) {
    const { rows } = await delivered(id);
    const faulty = new Set(manifest.layers[id]?.faults.map((fault) => fault.row));
    const phones = rows.filter((_, i) => !faulty.has(i + 1)).flatMap((row) => row.phone ?? []);
    expect(phones.length).toBeGreaterThan(5);
    for (const phone of phones) expect(String(phone)).toMatch(/^10[1-9]\d{8}$/);
  }
});

test('imagery is a pyramid, opaque over the district', async () => {
  const folder = join(out, getLayer('satellite_image_current').source.file);
  const names = readdirSync(folder);
  expect(names).toEqual(['satellite_image_2026.tif']);
  expect(names).toHaveLength(manifest.layers.satellite_image_current?.rows as number);
  const tiff = await Tiff.open(join(folder, names[0] as string));
  // As many sizes as zooms: each is half as large as the one before.
  expect(tiff.levels.length).toBeGreaterThanOrEqual(5);
  for (const [i, { width, height }] of tiff.levels.slice(1).entries()) {
    const before = tiff.levels[i] as TiffLevel;
    expect([width, height]).toEqual([Math.ceil(before.width / 2), Math.ceil(before.height / 2)]);
  }
  // The tile 14/13339/7114 in the middle of the old town: covered all over, and not of one colour.
  expect([tiff.crs, tiff.bands]).toEqual(['EPSG:3857', 4]);
  const [left, top] = [
    Math.round((13339 * TILE_METRES - HALF_WORLD - tiff.west) / tiff.pixelWidth),
    Math.round((tiff.north - (HALF_WORLD - 7114 * TILE_METRES)) / tiff.pixelHeight),
  ];
  const [full] = tiff.levels as [TiffLevel];
  const side = Math.round(TILE_METRES / tiff.pixelWidth);
  const file = await open(tiff.path);
  const tile = await tiff
    .window(full, [left, top, left + side, top + side], (index) => tiff.tile(file, full, index))
    .finally(() => file.close());
  expect([tile?.width, tile?.height]).toEqual([side, side]);
  expect(side).toBeGreaterThanOrEqual(256);
  const samples = Buffer.from(tile?.samples as Uint8Array);
  const colours = new Set<number>();
  for (let i = 0; i < samples.length; i += 4) {
    expect(samples[i + 3]).toBe(255);
    colours.add(samples.readUInt32BE(i));
  }
  expect(colours.size).toBeGreaterThan(200);
});

function digest(folder: string, id: string): string {
  return createHash('sha256')
    .update(readFileSync(join(folder, getLayer(id).source.file)))
    .digest('hex');
}

test('the same seed gives the same bytes, another seed other people on the same land', async () => {
  const only = ['person', 'enterprise', 'water_line', 'community_boundary', 'bus_stop', 'fire_hydrant'];
  const [again, other] = [mkdtempSync(join(tmpdir(), 'one-map-demo-')), mkdtempSync(join(tmpdir(), 'one-map-demo-'))];
  try {
    await generateDistrict({ scale, seed: 1, out: again, only });
    await generateDistrict({ scale, seed: 2, out: other, only });
    for (const id of only) expect(digest(again, id), id).toBe(digest(out, id));
    expect(digest(other, 'person')).not.toBe(digest(out, 'person'));
    expect(digest(other, 'enterprise')).not.toBe(digest(out, 'enterprise'));
  } finally {
    rmSync(again, { recursive: true });
    rmSync(other, { recursive: true });
  }
}, 240_000);

test.each([0, -1, 1.5, Number.NaN])('scale %s is refused', async (bad) => {
  await expect(generateDistrict({ scale: bad, seed: 1, out })).rejects.toThrow(`not ${bad}`);
});
