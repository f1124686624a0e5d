import * as fc from 'fast-check';
import { pino } from 'pino';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Field, Layer } from '../../../layers/define.ts';
import { getLayer } from '../../../layers/index.ts';
import { countRows } from '../../../server/aggregate/count.ts';
import type { ColumnTable } from '../../../server/aggregate/column-table.ts';
import { fillTable } from '../../../server/aggregate/fill.ts';
import { createCatalogue, type Catalogue } from '../../../server/catalogue.ts';
import type { Database } from '../../../server/db/connect.ts';
import { createAreas, type Areas } from '../../../server/filter/areas.ts';
import { parseFilter } from '../../../server/filter/parse.ts';
import type { Predicate } from '../../../server/filter/predicate.ts';
import { readPredicate } from '../../../server/filter/read-predicate.ts';
import { toSql } from '../../../server/filter/to-sql.ts';
import { toCql2 } from '../../../server/filter/to-cql2.ts';
import { listFeatures } from '../../../server/queries/features.ts';
import { sqlCount } from '../../../server/queries/counts.ts';
import { testDatabase } from '../../support/database.ts';
import { countCells, countHexagons, type GroupCounts, sqlCells, sqlHexagons } from '../../support/group-counts.ts';
import { fakeCell, publishFixture, randomNumbers, removeFixture, type FixtureRow } from '../layer-fixture.ts';

const ROWS = 4000;
/** Filters that are counted in one statement. */
const BATCH = 20;
const LEVELS = ['grid', 'community', 'town'] as const;
const NAMES = [
  '佛山祖庙文化公司',
  '𠮷野家',
  "O'Brien; drop table",
  '100%棉',
  'a_b',
  'ABC',
  'abc',
  '石湾陶瓷厂',
  '',
  '\\',
  'Ω',
  'ﬀ',
];

/** Every type of field, each with gaps. */
const everyType: Layer = {
  ...getLayer('enterprise'),
  id: 'api_every_type',
  fields: {
    ...getLayer('enterprise').fields,
    whole: { type: 'int', title: { zh: '整数', en: 'Whole' }, filterable: true },
    large: { type: 'int', title: { zh: '大整数', en: 'Large' }, filterable: true },
    exact: { type: 'number', title: { zh: '数', en: 'Number' }, filterable: true },
    flag: { type: 'bool', title: { zh: '是否', en: 'Flag' }, filterable: true },
    seen_at: { type: 'datetime', title: { zh: '时间', en: 'Seen at' }, filterable: true },
  },
};
const person: Layer = { ...getLayer('person'), id: 'api_person' };
const enterprise: Layer = { ...getLayer('enterprise'), id: 'api_enterprise' };
const plot: Layer = { ...getLayer('building_footprint'), id: 'api_plot' };
const PLOTS = 40;

function randomPlots(): FixtureRow[] {
  const random = randomNumbers(4);
  return Array.from({ length: PLOTS }, (_, row): FixtureRow => {
    const [x, y] = [113.02 + random() * 0.08, 22.97 + random() * 0.08];
    const corners = Array.from({ length: 5 + (row % 20) }, (__, corner) => {
      const angle = (corner / (5 + (row % 20))) * 2 * Math.PI;
      const radius = 0.002 + random() * 0.006;
      return `${x + radius * Math.cos(angle)} ${y + radius * Math.sin(angle)}`;
    });
    return {
      building_code: `440604010001B${String(row).padStart(5, '0')}`,
      usage: 'public',
      height_m: 3,
      floors: row % 9,
      at: [x, y],
      wkt: `MULTIPOLYGON(((${[...corners, corners[0]].join()})))`,
    };
  });
}

function day(n: number): string {
  return new Date(Date.UTC(1930, 0, 1) + n * 86_400_000).toISOString().slice(0, 10);
}

function fieldValue(name: string, field: Field, random: () => number, row: number): unknown {
  if (name === 'uscc' || name === 'person_id') return `K${row}`;
  if (field.required !== true && random() < 0.1) return null;
  if (field.values !== undefined) {
    const values = Object.keys(field.values);
    return values[Math.floor(random() * values.length)];
  }
  switch (field.type) {
    case 'string':
      return NAMES[Math.floor(random() * NAMES.length)];
    case 'int':
      return name === 'large' ? Math.floor((random() - 0.5) * 4e9) : Math.floor(random() * 20) - 5;
    case 'number':
      return random() < 0.3 ? Math.floor(random() * 5) : random() * 1000 - 100;
    case 'bool':
      return random() < 0.5;
    case 'date':
      return day(Math.floor(random() * 35_000));
    case 'datetime':
      return new Date(Date.UTC(1990, 0, 1) + Math.floor(random() * 2e12)).toISOString();
  }
}

function randomRows(layer: Layer, seed: number): FixtureRow[] {
  const random = randomNumbers(seed);
  return Array.from({ length: ROWS }, (_, row): FixtureRow => {
    const values = Object.fromEntries(
      Object.entries(layer.fields).map(([name, field]) => [name, fieldValue(name, field, random, row)]),
    );
    if (random() < 0.04) return { ...values, wkt: null };
    // A tenth stands on a lattice, where borders of areas run through.
    const lattice = random() < 0.1;
    const at: [number, number] = lattice
      ? [113.02 + Math.floor(random() * 10) / 100, 22.97 + Math.floor(random() * 10) / 100]
      : [113.0 + random() * 0.12, 22.95 + random() * 0.12];
    return { ...values, ...fakeCell(at), at, wkt: `POINT(${at[0]} ${at[1]})` };
  });
}

const coordinate = {
  lon: fc.oneof(
    fc.integer({ min: 0, max: 12 }).map((n) => 113 + n / 100),
    fc.double({ min: 113, max: 113.12, noNaN: true }),
  ),
  lat: fc.oneof(
    fc.integer({ min: 0, max: 12 }).map((n) => 22.95 + n / 100),
    fc.double({ min: 22.95, max: 23.07, noNaN: true }),
  ),
};

const bbox = fc
  .tuple(coordinate.lon, coordinate.lat, coordinate.lon, coordinate.lat)
  .map(([a, b, c, d]) => ({ bbox: [Math.min(a, c), Math.min(b, d), Math.max(a, c), Math.max(b, d)] }));

/** A ring around a centre: never crosses itself. Some have a hole, some are two polygons. */
const star = fc
  .record({
    lon: coordinate.lon,
    lat: coordinate.lat,
    radii: fc.array(fc.double({ min: 0.003, max: 0.05, noNaN: true }), { minLength: 3, maxLength: 12 }),
  })
  .map(({ lon, lat, radii }) => {
    const ring = radii.map((radius, index) => {
      const angle = (index / radii.length) * 2 * Math.PI;
      return [lon + radius * Math.cos(angle), lat + radius * Math.sin(angle)];
    });
    return [...ring, ring[0] as number[]];
  });

function shrink(ring: number[][]): number[][] {
  const [x, y] = [0, 1].map((axis) => ring.slice(1).reduce((sum, p) => sum + (p[axis] ?? 0), 0) / (ring.length - 1));
  return ring.map(([px = 0, py = 0]) => [(x ?? 0) + (px - (x ?? 0)) * 0.2, (y ?? 0) + (py - (y ?? 0)) * 0.2]);
}

function square(x: number, y: number, side: number): number[][] {
  const [west, south] = [113.02 + x / 100, 22.97 + y / 100];
  const [east, north] = [113.02 + (x + side) / 100, 22.97 + (y + side) / 100];
  return [
    [west, south],
    [east, south],
    [east, north],
    [west, north],
    [west, south],
  ];
}

const within = fc.oneof(
  star.map((ring) => ({ within: { type: 'Polygon', coordinates: [ring] } })),
  // A square with a hole, its borders on the lattice.
  fc.tuple(fc.integer({ min: 0, max: 5 }), fc.integer({ min: 0, max: 5 })).map(([column, row]) => {
    return { within: { type: 'Polygon', coordinates: [square(column, row, 4), square(column + 1, row + 1, 2)] } };
  }),
  fc.tuple(star, star).map(([a, b]) => ({ within: { type: 'MultiPolygon', coordinates: [[a], [shrink(b)]] } })),
);

const cells = fc
  .oneof(
    fc.record({
      by: fc.constant('grid'),
      codes: fc.array(
        fc
          .integer({ min: 0, max: 63 })
          .map((n) => `44060400${n < 32 ? 1 : 2}${100 + Math.floor((n % 8) / 2)}W${String(n).padStart(3, '0')}`),
        { minLength: 1, maxLength: 9 },
      ),
    }),
    fc.record({ by: fc.constant('community'), codes: fc.constant(['440604001101', '440604002103']) }),
    fc.record({ by: fc.constant('town'), codes: fc.subarray(['440604001000', '440604002000', '1'], { minLength: 1 }) }),
  )
  .map((value) => ({ cells: value }));

const outside = fc.constantFrom('grid', 'community', 'town').map((by) => ({ outside: by }));

const circle = fc
  .record({ lon: coordinate.lon, lat: coordinate.lat, metres: fc.integer({ min: 1, max: 5000 }) })
  .map(({ lon, lat, metres }) => ({ circle: { centre: [lon, lat], metres } }));

/** Around rows of another layer: polygons, some of which overlap, as they are or with some metres. */
const inside = fc
  .oneof(
    fc.record({ fid: fc.integer({ min: 1, max: PLOTS }), metres: fc.constantFrom(0, 30, 800) }),
    fc.record({ filter: fc.integer({ min: 0, max: 9 }).map((n) => ({ field: 'floors', op: '<=', value: n })) }),
    fc.record({ filter: fc.constantFrom('floors > 7', 'floors IN (1, 3)'), metres: fc.constantFrom(5, 300) }),
  )
  .map((value) => ({ inside: { layer: plot.id, ...value } }));

function scalar(field: Field): fc.Arbitrary<string | number | boolean> {
  if (field.values !== undefined) return fc.constantFrom(...Object.keys(field.values), 'no such value');
  switch (field.type) {
    case 'string':
      return fc.oneof(
        fc.constantFrom(...NAMES),
        fc.string({ maxLength: 3 }).filter((text) => !text.includes('\0')),
      );
    case 'int':
      return fc.oneof(fc.integer({ min: -6, max: 16 }), fc.integer({ min: -2_000_000_000, max: 2_000_000_000 }));
    case 'number':
      return fc.oneof(fc.integer({ min: -1, max: 6 }), fc.double({ min: -100, max: 900, noNaN: true }));
    case 'bool':
      return fc.boolean();
    case 'date':
      return fc.integer({ min: -10, max: 35_010 }).map(day);
    case 'datetime':
      return fc
        .integer({ min: 0, max: 2_000_000_000 })
        .map((n) => new Date(Date.UTC(1990, 0, 1) + n * 1000).toISOString());
  }
}

function comparison(layer: Layer): fc.Arbitrary<unknown> {
  const fields = Object.entries(layer.fields).filter(([, field]) => field.filterable === true);
  return fc.constantFrom(...fields).chain(([name, field]) => {
    const value = scalar(field);
    const empty = fc.constantFrom('null', 'notnull').map((op) => ({ field: name, op }));
    const equal = fc.record({ field: fc.constant(name), op: fc.constantFrom('=', '!='), value });
    const some = fc.record({
      field: fc.constant(name),
      op: fc.constant('in'),
      value: fc.array(value, { minLength: 1, maxLength: 12 }),
    });
    if (field.type === 'bool') return fc.oneof(empty, equal, some);
    const order = fc.record({ field: fc.constant(name), op: fc.constantFrom('<', '<=', '>', '>='), value });
    const between = fc.record({ field: fc.constant(name), op: fc.constant('between'), value: fc.tuple(value, value) });
    if (field.type !== 'string') return fc.oneof(empty, equal, some, order, between);
    const contains = fc.record({ field: fc.constant(name), op: fc.constantFrom('contains', 'icontains'), value });
    const like = fc.record({
      field: fc.constant(name),
      op: fc.constantFrom('like', 'ilike'),
      value: fc
        .array(fc.constantFrom('%', '_', 'a', 'b', '公', '𠮷', '\\%', '\\\\', "'", 'B'), { maxLength: 5 })
        .map((parts) => parts.join('')),
    });
    return fc.oneof(empty, equal, some, order, between, contains, like);
  });
}

function filter(layer: Layer): fc.Arbitrary<unknown> {
  const leaf = fc.oneof({ weight: 6, arbitrary: comparison(layer) }, bbox, within, cells, outside, circle, inside);
  return fc.letrec((tie) => ({
    node: fc.oneof(
      { depthSize: 'small', withCrossShrink: true },
      leaf,
      fc.array(tie('node'), { maxLength: 3 }).map((parts) => ({ and: parts })),
      fc.array(tie('node'), { maxLength: 3 }).map((parts) => ({ or: parts })),
      tie('node').map((part) => ({ not: part })),
    ),
  })).node;
}

function asMap({ groups, counts, outside }: GroupCounts): Record<string, number> {
  return { ...Object.fromEntries(groups.map((group, index) => [group, counts[index] ?? -1])), '': outside };
}

function sum({ counts, outside }: GroupCounts): number {
  return counts.reduce((total, count) => total + count, outside);
}

describe.each([
  { layer: everyType, seed: 1, runs: 240 },
  { layer: person, seed: 2, runs: 500 },
  { layer: enterprise, seed: 3, runs: 500 },
])('a filter on $layer.id means the same everywhere', ({ layer, seed, runs }) => {
  let db: Database;
  let table: ColumnTable;
  let catalogue: Catalogue;
  let areas: Areas;
  const rows = randomRows(layer, seed);

  beforeAll(async () => {
    db = await testDatabase();
    const load = await publishFixture(db, layer, rows, false);
    table = await fillTable(db.sql, layer, load, ROWS);
    await publishFixture(db, plot, randomPlots(), false);
    catalogue = createCatalogue(db.sql, { log: pino({ level: 'silent' }), defined: [layer, plot] });
    areas = createAreas(db.sql, catalogue);
  });
  afterAll(async () => {
    await catalogue.close();
    for (const each of [layer, plot]) await removeFixture(db, each);
  });

  async function read(filter: string): Promise<Predicate> {
    return await readPredicate({ areas }, layer, { filter, role: 'staff', shows: 'counts' });
  }

  /** Counts of several predicates by SQL in one reading of the table. */
  async function countTogether(predicates: readonly Predicate[]): Promise<number[]> {
    const { sql } = db;
    let columns = sql``;
    for (const [index, predicate] of predicates.entries()) {
      const condition = toSql(sql, layer, predicate);
      columns = sql`${columns} ${index === 0 ? sql`` : sql`,`} count(*) filter (where ${condition})::int`;
    }
    const [row] = await sql`select ${columns} from ${sql(`layers.${layer.id}`)}`.values();
    return row as number[];
  }

  /** Rows that come out page by page. */
  async function pagedOut(predicate: Predicate): Promise<number> {
    let [count, after] = [0, -1];
    for (;;) {
      const page = await listFeatures(db.sql, layer, predicate, after, 1500);
      count += page.length;
      if (page.length < 1500) return count;
      after = page.at(-1)?.fid ?? Infinity;
    }
  }

  it('reads every row, those with a place in the order of their cells', () => {
    expect(table.rows).toBe(ROWS);
    expect(table.located).toBeGreaterThan(ROWS * 0.9);
    expect(table.located).toBeLessThan(ROWS);
    expect(table.lon).toHaveLength(table.located);
    for (let i = 1; i < table.located; i++) {
      expect(table.cellLow[i] as number).toBeGreaterThanOrEqual(table.cellLow[i - 1] as number);
    }
  });

  it('agrees for each operator of each field, on values that rows have', async () => {
    for (const [field, { filterable, type }] of Object.entries(layer.fields)) {
      if (filterable !== true) continue;
      const values = [...new Set(rows.map((row) => row[field]).filter((value) => value !== null))].slice(0, 40);
      const [low, middle] = [values[3 % values.length], values[1]];
      const ops = type === 'bool' ? ['=', '!='] : ['=', '!=', '<', '<=', '>', '>='];
      const filters = [
        ...[low, middle].flatMap((value) => ops.map((op) => ({ field, op, value }))),
        { field, op: 'in', value: values.slice(0, 3) },
        { field, op: 'in', value: values },
        ...(type === 'bool'
          ? []
          : [
              { field, op: 'between', value: [low, middle] },
              { field, op: 'between', value: [middle, low] },
            ]),
        ...(type === 'string'
          ? [
              { field, op: 'contains', value: middle },
              { field, op: 'like', value: `${[...String(low)][0] ?? ''}%` },
            ]
          : []),
        { field, op: 'null' },
        { not: { field, op: '=', value: middle } },
      ];
      for (const json of filters) {
        const predicate = parseFilter(JSON.stringify(json), layer);
        expect(countRows(table, predicate), JSON.stringify(json)).toBe(await sqlCount(db.sql, layer, predicate));
      }
    }
  });

  it(`Σ cells = Σ hexagons = count, in memory and in SQL, for ${runs} random filters`, async () => {
    let matching = 0;
    let written = 0;
    const asked = fc.record({
      json: filter(layer),
      by: fc.constantFrom(...LEVELS),
      res: fc.constantFrom(5, 8, 9, 10, 12),
    });
    await fc.assert(
      fc.asyncProperty(fc.array(asked, { minLength: BATCH, maxLength: BATCH }), async (batch) => {
        const predicates: Predicate[] = [];
        for (const { json } of batch) predicates.push(await read(JSON.stringify(json)));
        const counts = await countTogether(predicates);
        for (const [index, predicate] of predicates.entries()) {
          const { by, res } = batch[index] as (typeof batch)[number];
          const expected = counts[index] as number;
          if (expected > 0 && expected < ROWS) matching++;
          expect(countRows(table, predicate)).toBe(expected);
          for (const each of [6, 8, 9, 10]) expect(sum(countHexagons(table, predicate, each))).toBe(expected);
          for (const level of LEVELS) expect(sum(countCells(table, predicate, level))).toBe(expected);
          const text = toCql2(predicate);
          if (text !== null) {
            written++;
            const again = await read(text);
            expect(countRows(table, again), text).toBe(expected);
            // What was read from CQL2 is written without loss, too.
            expect(countRows(table, await read(toCql2(again) ?? 'FALSE')), text).toBe(expected);
          }
          // Each in turn, as each is a query or several.
          if (index % 3 === 0) expect(await pagedOut(predicate)).toBe(expected);
          else if (index % 3 === 1) {
            const hexagons = await sqlHexagons(db.sql, layer, predicate, res);
            expect(asMap(countHexagons(table, predicate, res))).toEqual(asMap(hexagons));
          } else {
            expect(asMap(countCells(table, predicate, by))).toEqual(
              asMap(await sqlCells(db.sql, layer, predicate, by)),
            );
          }
        }
      }),
      { numRuns: runs / BATCH, seed },
    );
    // The test means nothing if filters match all rows or none.
    expect(matching).toBeGreaterThan(runs / 3);
    expect(written).toBeGreaterThan(runs * 0.9);
  }, 300_000);
});
