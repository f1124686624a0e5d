import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import iconv from 'iconv-lite';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { ALL_CHECKS, type Check } from '../../etl/checks/active-checks.ts';
import { type LayerLoadOptions, loadLayer } from '../../etl/load-layer.ts';
import type { LoadReport } from '../../etl/report.ts';
import { LoadSession } from '../../etl/session.ts';
import { getLayer } from '../../layers/index.ts';
import { districtScale, loadedDistrict, type LoadedDistrict } from '../support/district.ts';

let district: LoadedDistrict;
let scratch = '';
let session: LoadSession;
beforeAll(async () => {
  district = await loadedDistrict();
  scratch = await mkdtemp(join(tmpdir(), 'one-map-checks-'));
  session = new LoadSession(district.db);
});
afterAll(async () => {
  await session.close();
  await rm(scratch, { recursive: true, force: true });
});

function without(check: Check): ReadonlySet<Check> {
  return new Set([...ALL_CHECKS].filter((other) => other !== check));
}

async function load(id: string, options: LayerLoadOptions = {}, path = ''): Promise<LoadReport> {
  const file = path === '' ? join(district.dir, getLayer(id).source.file) : path;
  return loadLayer(session, getLayer(id), file, { scale: districtScale, force: true, ...options });
}

/** A delivered CSV file with its first rows only. */
async function firstRows(id: string, share: number): Promise<string> {
  const { file, encoding = 'utf-8' } = getLayer(id).source;
  const lines = iconv
    .decode(await readFile(join(district.dir, file)), encoding)
    .trimEnd()
    .split(/\r?\n/);
  const path = join(scratch, file);
  await mkdir(dirname(path), { recursive: true });
  await writeFile(path, iconv.encode(lines.slice(0, Math.ceil(lines.length * share)).join('\n'), encoding));
  return path;
}

test('ROW_COUNT: too few rows are not published, unless the check is taken away', async () => {
  const path = await firstRows('enterprise', 0.02);
  expect((await load('enterprise', {}, path)).error?.code).toBe('ROW_COUNT');
  const report = await load('enterprise', { checks: without('ROW_COUNT'), acceptChange: true }, path);
  expect(report.error).toBeNull();
  expect((await load('enterprise', { acceptChange: true })).status).toBe('published');
});

test('ROW_CHANGE: a leap from the last load must be confirmed', async () => {
  const path = await firstRows('grid_staff_position', 0.5);
  const few = await load('grid_staff_position', { checks: without('ROW_COUNT') }, path);
  expect(few.error?.code).toBe('ROW_CHANGE');
  expect(few.error?.text.en).toMatch(/\d+ rows were accepted, \d+ are live \(-\d+ %, allowed ±30 %\).*--accept-change/);
  const confirmed = { checks: without('ROW_COUNT'), acceptChange: true };
  expect((await load('grid_staff_position', confirmed, path)).status).toBe('published');
  // And back up again is a leap too.
  expect((await load('grid_staff_position')).error?.code).toBe('ROW_CHANGE');
  expect((await load('grid_staff_position', { checks: without('ROW_CHANGE') })).status).toBe('published');
  // A demo district of another size has nothing to do with it.
  expect((await load('grid_staff_position', { checks: without('ROW_COUNT'), scale: 0.011 }, path)).status).toBe(
    'published',
  );
  expect((await load('grid_staff_position', { acceptChange: true })).status).toBe('published');
});

function stale(report: LoadReport): string | undefined {
  return report.notes.find((note) => note.includes('stale'));
}

test('STALE: the report says when the newest row is older than the layer may be', async () => {
  expect(stale(await load('water_level_station'))).toMatch(/小时.*the newest row \(20\d\d-.*h old/);
  expect(stale(await load('water_level_station', { checks: without('STALE') }))).toBeUndefined();
});

/** Polygons of the live fish ponds that cross themselves. */
async function invalid(): Promise<number> {
  const [row] = await district.db.sql<{ n: number }[]>`
    select count(*)::int as n from layers.fish_pond where not st_isvalid(geom)`;
  return row?.n ?? -1;
}

test('MADE_VALID: crossing polygons are mended, unless the repair is taken away', async () => {
  const report = await load('fish_pond');
  expect(report.repairs.map(({ code }) => code)).toContain('MADE_VALID');
  expect(await invalid()).toBe(0);
  await load('fish_pond', { checks: without('MADE_VALID') });
  expect(await invalid()).toBeGreaterThan(0);
  await load('fish_pond');
});

function links(id: string): LoadReport['links'] {
  return district.reports.find(({ layer }) => layer === id)?.links ?? [];
}

test('match rates of links are in the report', () => {
  const [room, household, grid, ...others] = links('person');
  expect(others).toEqual([]);
  expect(room).toMatchObject({ kind: 'place', by: 'room_code', to: 'room' });
  expect(household).toMatchObject({ kind: 'reference', by: 'household_id', to: 'household' });
  expect(household?.matched).toBeGreaterThan(12_000);
  expect(room?.matched).toBeGreaterThan(12_000);
  expect(room?.dead).toBe(district.manifest.layers.person?.faults.filter(({ kind }) => kind === 'unlocated').length);
  expect(grid).toMatchObject({ kind: 'grid', to: 'governance_grid', matched: room?.matched });
});

function building(all: LoadReport['links']): LoadReport['links'][number] | undefined {
  return all.find(({ kind }) => kind === 'building');
}

test('the same file again is led to the same buildings: a layer learns no address from its own rows', async () => {
  for (const id of ['enterprise', 'poi']) {
    expect(building(links(id))?.matched, id).toBeGreaterThan(100);
    expect(building((await load(id)).links), id).toEqual(building(links(id)));
  }
});
