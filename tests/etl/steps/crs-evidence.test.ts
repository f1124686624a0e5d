import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { fromWgs84 } from '../../../etl/crs/transform.ts';
import { districtVerdict, type Sample } from '../../../etl/crs/verdict.ts';
import { loadDelivery } from '../../../etl/load.ts';
import { LoadSession } from '../../../etl/session.ts';
import { namedPlaces, placesBefore, referencesFor } from '../../../etl/steps/crs-evidence.ts';
import { getLayer } from '../../../layers/index.ts';
import { districtScale, loadedDistrict, type LoadedDistrict } from '../../support/district.ts';

let district: LoadedDistrict;
let session: LoadSession;
let scratch = '';
beforeAll(async () => {
  district = await loadedDistrict();
  session = new LoadSession(district.db);
  scratch = await mkdtemp(join(tmpdir(), 'one-map-crs-'));
});
afterAll(async () => {
  await session.close();
  await rm(scratch, { recursive: true, force: true });
});

/** Live features of a layer, one vertex of each, displaced into another datum. */
async function samplesOf(layer: string, crs: string, count = 2000): Promise<Sample[]> {
  const transform = fromWgs84(crs);
  const rows = await district.db.sql.unsafe<{ lon: number; lat: number }[]>(
    `select st_x(p) as lon, st_y(p) as lat from (
       select case when st_dimension(geom) = 1 then st_startpoint(st_geometryn(geom, 1)) else st_pointonsurface(geom) end as p
       from layers.${layer} where geom is not null order by md5(source_id) limit ${count}) q`,
  );
  return rows.map(({ lon, lat }) => {
    const [x, y] = transform(lon, lat);
    return { x, y };
  });
}

describe('loaded buildings and roads tell the datum of', () => {
  test.each([
    ['building_footprint', 'poi', 2000],
    ['building_footprint', 'enterprise', 2000],
    ['building_footprint', 'enterprise', 30],
    ['road_centerline', 'road_centerline', 2000],
    ['road_centerline', 'drainage_pipe', 2000],
  ])('%s: %s, %i rows', async (reference, layer, count) => {
    for (const [stated, actual] of [
      ['EPSG:4490', 'GCJ-02'],
      ['EPSG:4490', 'BD-09'],
      ['GCJ-02', 'EPSG:4326'],
    ] as const) {
      const definition = { ...getLayer(layer), id: 'another' };
      const references = (await referencesFor(session, definition)).filter(({ id }) => id === reference);
      expect(references).toHaveLength(1);
      const verdict = await districtVerdict(await samplesOf(layer, actual, count), stated, null, { references });
      expect(verdict.contradiction, `${stated} ${actual}`).toEqual({ stated, looksLike: actual });
    }
  });

  test('and accuse no layer of the delivery that is right', async () => {
    for (const { layer: id } of district.reports) {
      const layer = getLayer(id);
      // A track at sea is near nothing of the district.
      if (layer.checks.extent === 'region') continue;
      const references = await referencesFor(session, layer);
      if (references.length === 0) continue;
      const verdict = await districtVerdict(await samplesOf(id, 'EPSG:4326'), 'EPSG:4490', null, { references });
      expect(verdict.crs, id).toBe('EPSG:4490');
    }
  });
});

describe('distances in memory are those of the database', () => {
  test.each(['building_footprint', 'road_centerline', 'governance_grid', 'poi'])('%s', async (id) => {
    const { sql } = district.db;
    const places = Array.from(
      { length: 100 },
      // Over the district, its surroundings, and far from both.
      (_, i): [number, number] => [112.9 + ((i * 0.618034) % 1) * 0.4, 22.85 + ((i * 0.754878) % 1) * 0.3],
    );
    const expected = await sql.unsafe<{ metres: number }[]>(
      `select (select min(st_distance(st_transform(geom, 3857), p.at)) from layers.${id}) * cos(radians(p.lat)) as metres
       from (select q.lat, st_transform(st_setsrid(st_point(q.lon, q.lat), 4326), 3857) as at, q.n
         from unnest($1::float8[], $2::float8[]) with ordinality as q(lon, lat, n)) p order by p.n`,
      [places.map(([lon]) => lon), places.map(([, lat]) => lat)],
    );
    const shapes = await session.shapesOf(id);
    const metres = await shapes?.distancesTo(places);
    expect(metres).toHaveLength(expected.length);
    for (const [i, { metres: right }] of expected.entries()) {
      expect(metres?.[i], String(places[i])).toBeCloseTo(right, 5);
    }
    // Some lie inside, some beside.
    expect(metres?.some((distance) => distance > 1)).toBe(true);
    if (id === 'governance_grid') expect(metres?.filter((distance) => distance === 0).length).toBeGreaterThan(5);
  });
});

test('middles of the last load and the only namesakes are found', async () => {
  const { db } = district;
  const [estate] = await db.sql<{ id: string; lon: number; lat: number }[]>`
    select source_id as id, (st_xmin(geom) + st_xmax(geom)) / 2 as lon, (st_ymin(geom) + st_ymax(geom)) / 2 as lat
    from layers.housing_estate limit 1`;
  const places = await placesBefore(db, getLayer('housing_estate'), [estate?.id ?? '', 'none']);
  expect([...places]).toEqual([[estate?.id, [estate?.lon, estate?.lat]]]);
  const names = await db.sql<{ name: string; n: number }[]>`
    select name, count(*)::int as n from layers.poi where geom is not null and name is not null group by name order by n desc`;
  const named = await namedPlaces(
    db,
    getLayer('hospital'),
    names.map(({ name }) => name),
  );
  expect(named.size).toBe(names.filter(({ n }) => n === 1).length);
});

const COORDINATES = /(11[23]\.\d+),(2[23]\.\d+)/;

/** A line with its place moved by metres east and north. */
function displaced(line: string, east: number, north: number): string {
  return line.replace(
    COORDINATES,
    (_, lon: string, lat: string) =>
      `${(Number(lon) + east / 102_500).toFixed(7)},${(Number(lat) + north / 110_750).toFixed(7)}`,
  );
}

/** A line with x and y exchanged. */
function exchanged(line: string): string {
  return line.replace(COORDINATES, '$2,$1');
}

async function loadEdited(edit: (line: string, i: number) => string, crs?: string): Promise<string | undefined> {
  const dir = await mkdtemp(join(scratch, 'delivery-'));
  const { file } = getLayer('enterprise').source;
  await mkdir(dirname(join(dir, file)), { recursive: true });
  const text = await readFile(join(district.dir, file), 'utf8');
  await writeFile(join(dir, file), text.split('\n').map(edit).join('\n'));
  const [report] = await loadDelivery({
    db: district.db,
    dir,
    layers: ['enterprise'],
    scale: districtScale,
    ...(crs === undefined ? {} : { stated: { crs } }),
  });
  expect(report?.error?.text.zh ?? '').toMatch(/^$|\p{Script=Han}/u);
  return report?.error?.code;
}

describe('a delivery of enterprises', () => {
  test('of which every third row is in another datum is refused', async () => {
    expect(await loadEdited((line, i) => (i % 3 === 0 ? displaced(line, -558, 287) : line))).toBe('MIXED_CRS');
  });

  test('of which all rows lie 90 m off is refused', async () => {
    expect(await loadEdited((line) => displaced(line, 75, 50))).toBe('OLD_DATUM');
  });

  test('of which x and y are exchanged is refused, and read when that is stated', async () => {
    expect(await loadEdited(exchanged)).toBe('WRONG_CRS');
    const before = await district.db.sql`select source_id, st_astext(geom) from layers.enterprise order by 1`;
    expect(await loadEdited(exchanged, 'gcj02/yx')).toBeUndefined();
    const after = await district.db.sql`select source_id, st_astext(geom) from layers.enterprise order by 1`;
    // The row that was handed in the wrong way round is now the right way round, and the others are where they were.
    const places = new Map(after.map(({ source_id, st_astext }) => [source_id, st_astext]));
    const moved = before.filter(({ source_id, st_astext }) => places.get(source_id) !== st_astext);
    expect(before.length).toBeGreaterThan(2500);
    expect(moved.length).toBeLessThan(5);
  });
});
