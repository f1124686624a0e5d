import { VectorTile } from '@mapbox/vector-tile';
import { PbfReader } from 'pbf';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Layer } from '../../../layers/define.ts';
import { getLayer } from '../../../layers/index.ts';
import type { Database } from '../../../server/db/connect.ts';
import { parseFilter } from '../../../server/filter/parse.ts';
import { EVERYTHING } from '../../../server/filter/predicate.ts';
import { layerTile } from '../../../server/tiles/layer-tile.ts';
import { frameOf } from '../../../server/tiles/tile.ts';
import { testDatabase } from '../../support/database.ts';
import {
  fakeCell,
  publishFixture,
  randomNumbers,
  removeFixture,
  worldPixel,
  type FixtureRow,
} from '../layer-fixture.ts';

const point: Layer = {
  ...getLayer('enterprise'),
  id: 'api_tile_point',
  fields: {
    ...getLayer('enterprise').fields,
    staff: { type: 'int', title: { zh: '人数', en: 'Staff' }, filterable: true },
    open: { type: 'bool', title: { zh: '营业', en: 'Open' } },
    seen_at: { type: 'datetime', title: { zh: '时间', en: 'Seen at' } },
  },
  tiles: {
    minzoom: 10,
    maxzoom: 16,
    fields: ['name', 'reg_capital_10k', 'staff', 'open', 'established_on', 'seen_at', 'legal_person'],
  },
};
const area: Layer = {
  ...getLayer('building_footprint'),
  id: 'api_tile_area',
  tiles: { minzoom: 8, maxzoom: 15, fields: ['usage', 'floors'] },
};
const line: Layer = {
  ...getLayer('road_centerline'),
  id: 'api_tile_line',
  tiles: { minzoom: 8, maxzoom: 15, fields: [] },
};

interface Decoded {
  properties: Record<string, unknown>;
  geometry: { x: number; y: number }[][];
}

function decode(tile: Buffer, layer: Layer): Map<number, Decoded> {
  const features = new Map<number, Decoded>();
  const decoded = new VectorTile(new PbfReader(tile)).layers[layer.id];
  expect(decoded?.version ?? 2).toBe(2);
  expect(decoded?.extent ?? 4096).toBe(4096);
  for (let index = 0; index < (decoded?.length ?? 0); index++) {
    const feature = decoded?.feature(index);
    if (feature?.id === undefined) throw new Error('no id');
    features.set(feature.id, { properties: { ...feature.properties }, geometry: feature.loadGeometry() });
  }
  return features;
}

function ringArea(ring: { x: number; y: number }[]): number {
  let sum = 0;
  for (let i = 1; i < ring.length; i++) {
    sum += (ring[i - 1]?.x ?? 0) * (ring[i]?.y ?? 0) - (ring[i]?.x ?? 0) * (ring[i - 1]?.y ?? 0);
  }
  return sum / 2;
}

const totalArea = (feature: Decoded | undefined) =>
  (feature?.geometry ?? []).reduce((sum, ring) => sum + ringArea(ring), 0);

/** The same tile by PostGIS; only servers have it. */
async function postgisTile(
  db: Database,
  layer: Layer,
  z: number,
  x: number,
  y: number,
  columns: string,
): Promise<Buffer> {
  const [row] = await db.sql.unsafe<[{ tile: Buffer }]>(`
    select st_asmvt(q, '${layer.id}', 4096, 'g', 'fid') as tile from (
      select fid, ${columns} st_asmvtgeom(st_transform(geom, 3857), st_tileenvelope(${z}, ${x}, ${y}), 4096, 64, true) as g
      from layers.${layer.id}
    ) q where g is not null`);
  return row.tile;
}

function tileOf(at: readonly [number, number], z: number): { z: number; x: number; y: number } {
  const [mx, my] = worldPixel(at);
  return { z, x: Math.floor(mx / 2 ** (30 - z)), y: Math.floor(my / 2 ** (30 - z)) };
}

let db: Database;
const random = randomNumbers(7);
const HERE = [113.1, 23.0] as const;

const points: FixtureRow[] = Array.from({ length: 1500 }, (_, index): FixtureRow => {
  const at: [number, number] = [HERE[0] + (random() - 0.5) * 0.04, HERE[1] + (random() - 0.5) * 0.04];
  return {
    fid: index % 2 === 0 ? index + 1 : 2 ** 51 + index,
    wkt: `POINT(${at[0]} ${at[1]})`,
    at,
    ...fakeCell(at),
    uscc: `U${index}`,
    name: ['𠮷野家', '佛山祖庙', "O'Brien", ''][index % 4],
    legal_person: '欧阳修',
    industry_section: 'C',
    status: 'active',
    reg_capital_10k: index % 5 === 0 ? null : index / 7,
    staff: index % 3 === 0 ? null : index - 700,
    open: index % 7 === 0 ? null : index % 2 === 0,
    established_on: index % 4 === 0 ? null : '1999-12-31',
    seen_at: '2026-11-22T01:02:03.004Z',
  };
});

const areas: FixtureRow[] = [
  // Buildings, some smaller than a pixel at low zooms, one with a hole.
  ...Array.from({ length: 200 }, (_, index): FixtureRow => {
    const [x, y] = [HERE[0] + (random() - 0.5) * 0.04, HERE[1] + (random() - 0.5) * 0.04];
    const size = 0.00005 + random() * 0.0004;
    const outer = `(${x} ${y},${x + size} ${y},${x + size} ${y + size},${x} ${y + size},${x} ${y})`;
    const [a, b] = [size * 0.3, size * 0.6];
    const hole = `(${x + a} ${y + a},${x + a} ${y + b},${x + b} ${y + b},${x + b} ${y + a},${x + a} ${y + a})`;
    return {
      wkt: `MULTIPOLYGON((${index % 4 === 0 ? `${outer},${hole}` : outer}))`,
      at: [x + size * 0.1, y + size * 0.1],
      building_code: `B${index}`,
      usage: index % 2 === 0 ? 'office' : 'residential',
      floors: index,
      height_m: 3,
    };
  }),
  // Much larger than a tile.
  {
    wkt: 'MULTIPOLYGON(((112.5 22.5,113.7 22.5,113.7 23.5,112.5 23.5,112.5 22.5)))',
    at: [113.0, 23.0],
    fid: 9999,
    building_code: 'LARGE',
    usage: 'other',
    floors: 1,
    height_m: 1,
  },
];

const lines: FixtureRow[] = Array.from({ length: 50 }, (_, index): FixtureRow => {
  const positions = Array.from(
    { length: 30 },
    () => `${HERE[0] + (random() - 0.5) * 0.06} ${HERE[1] + (random() - 0.5) * 0.06}`,
  );
  const required = Object.entries(line.fields)
    .filter(([, field]) => field.required === true)
    .map(([name, field]) => [name, field.type === 'string' ? (Object.keys(field.values ?? {})[0] ?? `R${index}`) : 1]);
  return {
    ...Object.fromEntries(required),
    [line.key]: `R${index}`,
    wkt: `MULTILINESTRING((${positions.join()}))`,
    at: HERE,
  };
});

beforeAll(async () => {
  db = await testDatabase();
  await publishFixture(db, point, points, false);
  await publishFixture(db, area, areas, false);
  await publishFixture(db, line, lines, false);
});
afterAll(async () => {
  for (const layer of [point, area, line]) await removeFixture(db, layer);
});

describe('a tile of points', () => {
  it.each([10, 13, 14, 16, 18, 20, 22])('holds each point of its area at its place, zoom %i', async (z) => {
    const at = points[10]?.at ?? HERE;
    const tile = tileOf(at, z);
    const decoded = decode(await layerTile(db.sql, point, 'staff', tile, EVERYTHING), point);
    const expected = points.filter(
      (row) => row.at !== undefined && JSON.stringify(tileOf(row.at, z)) === JSON.stringify(tile),
    );
    expect([...decoded.keys()].toSorted((a, b) => a - b)).toEqual(
      expected.map((row) => row.fid ?? 0).toSorted((a, b) => a - b),
    );
    for (const row of expected) {
      const [mx, my] = worldPixel(row.at ?? HERE);
      const place = decoded.get(row.fid ?? 0)?.geometry[0]?.[0];
      expect(Math.abs((place?.x ?? NaN) - ((mx + 0.5) / 2 ** (30 - z) - tile.x) * 4096)).toBeLessThanOrEqual(
        2 ** Math.max(0, z - 18),
      );
      expect(Math.abs((place?.y ?? NaN) - ((my + 0.5) / 2 ** (30 - z) - tile.y) * 4096)).toBeLessThanOrEqual(
        2 ** Math.max(0, z - 18),
      );
    }
  });

  it('carries the declared fields but not the masked ones', async () => {
    const tile = tileOf(HERE, 12);
    const decoded = decode(await layerTile(db.sql, point, 'staff', tile, EVERYTHING), point);
    expect(decoded.size).toBeGreaterThan(100);
    for (const row of points) {
      const feature = decoded.get(row.fid ?? 0);
      if (feature === undefined) continue;
      const expected = Object.fromEntries(
        ['name', 'reg_capital_10k', 'staff', 'open', 'established_on', 'seen_at']
          .map((name) => [name, row[name]] as const)
          .filter(([, value]) => value !== null),
      );
      expect(feature.properties).toEqual(expected);
    }
  });

  it('is the tile PostGIS makes, where it can', async () => {
    if (db.engine !== 'server') {
      // The embedded PostGIS has no ST_AsMVT: that is why the encoder exists. The tests above hold on both.
      await expect(postgisTile(db, point, 14, 0, 0, '')).rejects.toThrow();
      return;
    }
    const { z, x, y } = tileOf(HERE, 14);
    const ours = decode(await layerTile(db.sql, point, 'staff', { z, x, y }, EVERYTHING), point);
    const columns = 'name, reg_capital_10k, staff, open, ';
    const theirs = decode(await postgisTile(db, point, z, x, y, columns), point);
    expect(ours.size).toBeGreaterThan(20);
    for (const [id, feature] of ours) {
      const other = theirs.get(id);
      expect(other, `feature ${id}`).toBeDefined();
      for (const name of ['name', 'reg_capital_10k', 'staff', 'open']) {
        expect(feature.properties[name]).toEqual(other?.properties[name]);
      }
      for (const axis of ['x', 'y'] as const) {
        const difference = (feature.geometry[0]?.[0]?.[axis] ?? NaN) - (other?.geometry[0]?.[0]?.[axis] ?? NaN);
        expect(Math.abs(difference)).toBeLessThanOrEqual(1);
      }
    }
  });

  it('is filtered', async () => {
    const predicate = parseFilter('{"field":"staff","op":">=","value":0}', point);
    const decoded = decode(await layerTile(db.sql, point, 'staff', tileOf(HERE, 12), predicate), point);
    expect(decoded.size).toBeGreaterThan(10);
    for (const { properties } of decoded.values()) expect(properties.staff).toBeGreaterThanOrEqual(0);
  });

  it('is empty below the lowest zoom and where nothing is', async () => {
    expect(await layerTile(db.sql, point, 'staff', tileOf(HERE, 9), EVERYTHING)).toHaveLength(0);
    expect(await layerTile(db.sql, point, 'staff', { z: 14, x: 0, y: 0 }, EVERYTHING)).toHaveLength(0);
  });
});

describe('a tile of areas', () => {
  it.each([10, 12, 15, 16])('shows every area, also those smaller than a pixel, zoom %i', async (z) => {
    const tile = tileOf(HERE, z);
    const decoded = decode(await layerTile(db.sql, area, 'staff', tile, EVERYTHING), area);
    const [west, north] = [tile.x, tile.y].map((n) => n * 2 ** (30 - z)) as [number, number];
    const inside = areas.filter((row) => {
      const [mx, my] = worldPixel(row.at ?? HERE);
      return mx >= west && mx < west + 2 ** (30 - z) && my >= north && my < north + 2 ** (30 - z);
    });
    expect(inside.length).toBeGreaterThan(1);
    for (const row of inside) {
      const feature = decoded.get(row.fid ?? areas.indexOf(row) + 1);
      expect(feature, String(row.building_code)).toBeDefined();
      expect(totalArea(feature)).toBeGreaterThan(0);
      expect(feature?.properties).toEqual({ usage: row.usage, floors: row.floors });
    }
  });

  it('clips what is larger than the tile to the tile and its buffer', async () => {
    const decoded = decode(await layerTile(db.sql, area, 'staff', tileOf(HERE, 15), EVERYTHING), area);
    const large = decoded.get(9999);
    expect(totalArea(large)).toBeCloseTo((4096 + 128) ** 2, -4);
    for (const { x, y } of large?.geometry.flat() ?? []) {
      expect(Math.min(x, y)).toBeGreaterThanOrEqual(-65);
      expect(Math.max(x, y)).toBeLessThanOrEqual(4096 + 65);
    }
  });

  it('is the tile PostGIS makes, where it can', async () => {
    if (db.engine !== 'server') {
      await expect(postgisTile(db, area, 14, 0, 0, '')).rejects.toThrow();
      return;
    }
    const { z, x, y } = tileOf(HERE, 16);
    const ours = decode(await layerTile(db.sql, area, 'staff', { z, x, y }, EVERYTHING), area);
    const theirs = decode(await postgisTile(db, area, z, x, y, 'usage, floors, '), area);
    expect([...ours.keys()].toSorted()).toEqual([...theirs.keys()].toSorted());
    for (const [id, feature] of ours) {
      const other = theirs.get(id);
      expect(feature.properties).toEqual(other?.properties);
      expect(feature.geometry.map((ring) => Math.sign(ringArea(ring)))).toEqual(
        other?.geometry.map((ring) => Math.sign(ringArea(ring))),
      );
      // Each corner lies within one unit of a corner of the other.
      for (const corner of feature.geometry.flat()) {
        const nearest = Math.min(
          ...(other?.geometry.flat() ?? []).map(({ x: a, y: b }) =>
            Math.max(Math.abs(a - corner.x), Math.abs(b - corner.y)),
          ),
        );
        expect(nearest).toBeLessThanOrEqual(1);
      }
    }
  });
});

describe('a tile of lines', () => {
  it('holds the lines, clipped', async () => {
    const decoded = decode(await layerTile(db.sql, line, 'staff', tileOf(HERE, 15), EVERYTHING), line);
    expect(decoded.size).toBe(50);
    for (const { geometry } of decoded.values()) {
      for (const { x, y } of geometry.flat()) {
        expect(Math.min(x, y)).toBeGreaterThanOrEqual(-65);
        expect(Math.max(x, y)).toBeLessThanOrEqual(4096 + 65);
      }
    }
  });

  it.each([11, 14, 16, 18])('cuts lines off where PostGIS does, short ones and long ones, zoom %i', async (z) => {
    const cut: Layer = { ...line, id: 'api_tile_cut', tiles: { minzoom: 8, maxzoom: 11, fields: [] } };
    const rows = [3, 30, 400, 2, 2].map((count, index): FixtureRow => {
      // From far beyond the tile to far beyond it, and all over it.
      const spread = index === 4 ? 100 : 0.03 * (index + 1);
      const positions = Array.from({ length: count }, () => {
        const [dx, dy] = [(random() - 0.5) * spread, ((random() - 0.5) * spread) / 2];
        return `${HERE[0] + dx} ${HERE[1] + dy}`;
      });
      return { ...lines[0], [line.key]: `C${index}`, fid: index + 1, wkt: `MULTILINESTRING((${positions.join()}))` };
    });
    rows.push({ ...lines[0], [line.key]: 'THROUGH', fid: 6, wkt: 'MULTILINESTRING((100 22.9,113.1 23,150 23.2))' });
    await publishFixture(db, cut, rows, false);
    const tile = tileOf(HERE, z);
    const { west, south, east, north, perMetre } = frameOf(tile);
    const margin = 64 / perMetre;
    const expected = await db.sql<{ fid: number; units: number; parts: number }[]>`
      select fid, st_length(part) * ${perMetre}::float8 as units, st_numgeometries(part) as parts from (
        select fid, st_clipbybox2d(geom_3857, st_makeenvelope(${west - margin}::float8, ${south - margin}::float8,
          ${east + margin}::float8, ${north + margin}::float8, 3857)) as part
        from layers.api_tile_cut) q
      where st_length(part) * ${perMetre}::float8 > 2 order by fid`;
    const decoded = decode(await layerTile(db.sql, cut, 'staff', tile, EVERYTHING), cut);
    await removeFixture(db, cut);
    expect(expected.length).toBeGreaterThanOrEqual(3);
    for (const { fid, units, parts } of expected) {
      const paths = decoded.get(fid)?.geometry ?? [];
      const positions = paths.flat();
      const lengths = paths.flatMap((path) =>
        path.slice(1).map(({ x, y }, i) => Math.hypot(x - (path[i]?.x ?? 0), y - (path[i]?.y ?? 0))),
      );
      const drawn = lengths.reduce((sum, length) => sum + length, 0);
      // Each position is off by less than a unit; a corner of a part may be cut.
      expect(Math.abs(drawn - units)).toBeLessThan(2 * (positions.length + parts));
      expect(Math.abs(paths.length - parts)).toBeLessThanOrEqual(parts / 20 + 1);
      for (const { x, y } of positions) {
        expect(Math.min(x, y)).toBeGreaterThanOrEqual(-64);
        expect(Math.max(x, y)).toBeLessThanOrEqual(4096 + 64);
      }
    }
    expect([...decoded.keys()].filter((fid) => !expected.some((row) => row.fid === fid))).toEqual([]);
  });

  it('leaves what is small to the finer tiles', async () => {
    const classes = new Map([...Array(50).keys()].map((i) => [i + 1, i % 2 === 0 ? 'arterial' : 'alley']));
    for (const [fid, value] of classes) {
      await db.sql`update ${db.sql(`layers.${line.id}`)} set road_class = ${value} where fid = ${fid}`;
    }
    const detailed = {
      ...line,
      tiles: { minzoom: 8, maxzoom: 15, fields: [], detail: { field: 'road_class', from: { alley: 15 } } },
    };
    const at = async (z: number) =>
      decode(await layerTile(db.sql, detailed, 'staff', tileOf(HERE, z), EVERYTHING), detailed);
    const coarse = await at(14);
    expect(coarse.size).toBe(25);
    for (const fid of coarse.keys()) expect(classes.get(fid)).toBe('arterial');
    expect((await at(15)).size).toBe(50);
  });
});

describe('texts that have the marks in them by which texts are told apart on their way', () => {
  const MARKED = ['a\u0001b', '\u0002', '\u0001', '\u0002\u0001', null, '', '𠮷野家'];

  it.each([
    { name: 'one with a separator', values: ['a\u0001b', 'c'] },
    { name: 'one that looks like no value, beside one that is none', values: ['\u0002', null, 'c'] },
    { name: 'all kinds', values: MARKED },
    { name: 'none but no value', values: [null] },
  ])('arrive whole: $name', async ({ values }) => {
    const named = { ...area, tiles: { minzoom: 8, maxzoom: 15, fields: ['name', 'usage'] } };
    const [pointTable, areaTable] = [point, area].map(({ id }) => db.sql(`layers.${id}`));
    const nameOf = (row: number) => values[row % values.length] ?? null;
    if (pointTable === undefined || areaTable === undefined) throw new Error('two tables');
    await db.sql`alter table ${pointTable} alter column name drop not null`;
    for (let row = 0; row < values.length; row++) {
      const [count, name] = [values.length, nameOf(row)];
      await db.sql`update ${pointTable} set name = ${name} where fid % ${count}::int4 = ${row}::int4`;
      await db.sql`update ${areaTable} set name = ${name} where fid % ${count}::int4 = ${row}::int4`;
    }
    for (const layer of [point, named]) {
      const decoded = decode(await layerTile(db.sql, layer, 'staff', tileOf(HERE, 12), EVERYTHING), layer);
      expect(decoded.size).toBeGreaterThan(100);
      for (const [fid, { properties }] of decoded) {
        const { name } = properties;
        expect(name ?? null, String(fid)).toBe(nameOf(Number(BigInt(fid) % BigInt(values.length))));
      }
    }
  });
});
