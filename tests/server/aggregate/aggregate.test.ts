import * as fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Layer } from '../../../layers/define.ts';
import { getLayer } from '../../../layers/index.ts';
import { aggregate, canAggregate } from '../../../server/aggregate/aggregate.ts';
import {
  type AggregateQuery,
  type Grouping,
  type Groups,
  type Metric,
  TIME_UNITS,
} from '../../../server/aggregate/aggregate-query.ts';
import { civilDate, dayKey } from '../../../server/aggregate/bucket.ts';
import type { ColumnTable } from '../../../server/aggregate/column-table.ts';
import { fillTable } from '../../../server/aggregate/fill.ts';
import { NumberSet } from '../../../server/aggregate/number-set.ts';
import type { Database } from '../../../server/db/connect.ts';
import { parseFilter } from '../../../server/filter/parse.ts';
import { EVERYTHING, type FieldRef, type Predicate } from '../../../server/filter/predicate.ts';
import { sqlAggregate } from '../../../server/queries/aggregates.ts';
import { testDatabase } from '../../support/database.ts';
import { fakeCell, publishFixture, randomNumbers, removeFixture, type FixtureRow } from '../layer-fixture.ts';

const title = { zh: '栏', en: 'Field' };
const base = getLayer('enterprise');
const fields = {
  uscc: base.fields['uscc'] as NonNullable<(typeof base.fields)['uscc']>,
  kind: { type: 'string', title, filterable: true },
  small: { type: 'int', title, filterable: true },
  large: { type: 'int', title, filterable: true },
  exact: { type: 'number', title, filterable: true },
  flag: { type: 'bool', title, filterable: true },
  day: { type: 'date', title, filterable: true },
  seen_at: { type: 'datetime', title, filterable: true },
} satisfies Layer['fields'];
const layer: Layer = { ...base, id: 'api_aggregates', fields, key: 'uscc' };
const empty: Layer = { ...layer, id: 'api_aggregates_none' };
delete (layer as { label?: string }).label;
const ROWS = 2500;
const KINDS = ['商店', '𠮷野家', 'ﬀ', 'a', "O'B", ''];

function rowsFrom(seed: number): FixtureRow[] {
  const random = randomNumbers(seed);
  const maybe = <T>(value: T): T | null => (random() < 0.12 ? null : value);
  return Array.from({ length: ROWS }, (_, row): FixtureRow => {
    const at: [number, number] = [113.0 + random() * 0.12, 22.95 + random() * 0.12];
    const place = random() < 0.05 ? { wkt: null } : { ...fakeCell(at), at, wkt: `POINT(${at[0]} ${at[1]})` };
    return {
      uscc: `K${row}`,
      kind: maybe(KINDS[Math.floor(random() * KINDS.length)]),
      small: maybe(Math.floor(random() * 30) - 8),
      large: maybe(Math.floor((random() - 0.5) * 4e9)),
      exact: maybe(random() < 0.3 ? Math.floor(random() * 5) : random() * 1000 - 100),
      flag: maybe(random() < 0.5),
      // Leap days and their neighbours, too.
      day: maybe(
        random() < 0.1
          ? ['2004-02-29', '2004-02-28', '2004-03-01', '1900-12-31', '2000-01-01'][Math.floor(random() * 5)]
          : new Date(Date.UTC(1930, 0, 1) + Math.floor(random() * 36_000) * 86_400_000).toISOString().slice(0, 10),
      ),
      // Around midnight in China; 1986-1991 had summer time there.
      seen_at: maybe(
        random() < 0.2
          ? `198${6 + Math.floor(random() * 4)}-0${5 + Math.floor(random() * 4)}-10T1${5 + Math.floor(random() * 2)}:30:00.123456Z`
          : new Date(Date.UTC(1990, 0, 1) + Math.floor(random() * 1e12)).toISOString(),
      ),
      ...place,
    };
  });
}

const ref = (name: keyof typeof fields): FieldRef => ({ name, type: fields[name].type });

const breaks = (low: number, high: number) =>
  fc
    .uniqueArray(fc.integer({ min: low, max: high }), { minLength: 1, maxLength: 8 })
    .map((all) => all.toSorted((a, b) => a - b));

const groupings = {
  h3: fc.integer({ min: 5, max: 12 }).map((res): Grouping => ({ kind: 'h3', res })),
  other: fc.oneof(
    fc.constantFrom<Grouping>(
      { kind: 'cells', by: 'grid' },
      { kind: 'cells', by: 'community' },
      { kind: 'cells', by: 'town' },
      { kind: 'values', field: ref('kind') },
      { kind: 'values', field: ref('small') },
      { kind: 'values', field: ref('flag') },
      // Too far apart for an array: the database answers.
      { kind: 'values', field: ref('large') },
    ),
    breaks(-10, 25).map((all): Grouping => ({ kind: 'bands', field: ref('small'), breaks: all })),
    breaks(-200, 950).map((all): Grouping => ({ kind: 'bands', field: ref('exact'), breaks: all })),
    fc
      .tuple(breaks(0, 110), fc.constantFrom('2026-02-28', '2026-03-01', '2024-02-29', '1999-12-31'))
      .map(([all, on]): Grouping => ({ kind: 'age', field: ref('day'), breaks: all, on })),
    fc.constantFrom(...TIME_UNITS.slice(1)).map((unit): Grouping => ({ kind: 'time', field: ref('day'), unit })),
    fc.constantFrom(...TIME_UNITS).map((unit): Grouping => ({ kind: 'time', field: ref('seen_at'), unit })),
  ),
};

const by = fc.oneof(
  fc.constant<Grouping[]>([]),
  groupings.h3.map((one) => [one]),
  groupings.other.map((one) => [one]),
  fc.tuple(groupings.h3, groupings.other).map((two) => [...two]),
  fc.tuple(groupings.other, groupings.h3).map((two) => [...two]),
  fc.tuple(groupings.other, groupings.other).map((two) => [...two]),
);

const filters = fc
  .constantFrom<unknown>(
    undefined,
    { field: 'flag', op: '=', value: true },
    { field: 'small', op: 'between', value: [-3, 9] },
    {
      or: [
        { field: 'kind', op: 'in', value: ['a', '商店'] },
        { field: 'exact', op: 'null' },
      ],
    },
    { bbox: [113.03, 22.97, 113.08, 23.03] },
    { not: { field: 'day', op: '>', value: '1980-01-01' } },
    // Nobody.
    { field: 'small', op: '>', value: 1000 },
  )
  .map((json): Predicate => (json === undefined ? EVERYTHING : parseFilter(JSON.stringify(json), layer)));

const metrics = fc.oneof(
  fc.constantFrom<Metric>({ kind: 'count' }, { kind: 'share', of: null }),
  filters.map((of): Metric => ({ kind: 'share', of })),
  fc
    .tuple(fc.constantFrom('sum', 'avg'), fc.constantFrom(ref('small'), ref('large'), ref('exact')))
    .map(([kind, field]) => ({ kind, field }) as Metric),
  fc
    .tuple(
      fc.constantFrom('min', 'max'),
      fc.constantFrom(ref('small'), ref('large'), ref('exact'), ref('day'), ref('seen_at')),
    )
    .map(([kind, field]) => ({ kind, field }) as Metric),
  fc.constantFrom(...Object.keys(fields).slice(1)).map((name) => ({
    kind: 'distinct' as const,
    field: ref(name as keyof typeof fields),
  })),
);

function digits(value: number | null): number | null {
  return value === null ? null : Number(value.toPrecision(9));
}

/** Sums of floats depend on the order of the rows, in their last digits. */
function rounded(groups: Groups): unknown {
  return {
    ...groups,
    counts: [...groups.counts],
    values: groups.values?.map(digits) ?? null,
    overall: digits(groups.overall),
  };
}

describe('an aggregate', () => {
  let db: Database;
  let table: ColumnTable;
  let none: ColumnTable;
  const rows = rowsFrom(11);

  beforeAll(async () => {
    db = await testDatabase();
    table = await fillTable(db.sql, layer, await publishFixture(db, layer, rows, false), ROWS);
    const noRows = [{ uscc: 'K', wkt: null, kind: null }];
    const load = await publishFixture(db, empty, noRows, false);
    await db.sql`delete from ${db.sql(`layers.${empty.id}`)}`;
    none = await fillTable(db.sql, empty, load, 0);
  });
  afterAll(async () => {
    for (const each of [layer, empty]) await removeFixture(db, each);
  });

  it('is the same from memory and from PostGIS: 700 random metrics, groupings and filters', async () => {
    let [inMemory, withGroups, withOutside] = [0, 0, 0];
    await fc.assert(
      fc.asyncProperty(metrics, by, filters, async (metric, groupings, predicate) => {
        const query: AggregateQuery = { metric, by: groupings, predicate };
        const expected = await sqlAggregate(db.sql, layer, query);
        const asked = groupings.some((each) => each.kind === 'values' && each.field.name === 'large');
        if (asked) expect(canAggregate(table, query)).toBe(false);
        // Days by days are more groups than an array is made for, too.
        if (!canAggregate(table, query)) return;
        inMemory++;
        if (expected.counts.length > 1) withGroups++;
        if (expected.outside > 0) withOutside++;
        expect(rounded(aggregate(table, query))).toEqual(rounded(expected));
        for (const keys of expected.keys) expect(keys).toHaveLength(expected.counts.length);
      }),
      { numRuns: 700, seed: 5 },
    );
    // The test means nothing without groups, or if no row was ever left out.
    expect(inMemory).toBeGreaterThan(500);
    expect(withGroups).toBeGreaterThan(300);
    expect(withOutside).toBeGreaterThan(200);
  }, 300_000);

  it('of a layer without rows has no group, in both', async () => {
    await fc.assert(
      fc.asyncProperty(metrics, by, async (metric, groupings) => {
        const query: AggregateQuery = { metric, by: groupings, predicate: EVERYTHING };
        const expected = await sqlAggregate(db.sql, empty, query);
        expect(expected.counts).toEqual([]);
        if (canAggregate(none, query)) expect(rounded(aggregate(none, query))).toEqual(rounded(expected));
      }),
      { numRuns: 60, seed: 6 },
    );
  });

  function count(grouping: Grouping): Record<string, number> {
    const { keys, counts } = aggregate(table, { predicate: EVERYTHING, metric: { kind: 'count' }, by: [grouping] });
    return Object.fromEntries((keys[0] ?? []).map((key, index) => [String(key), counts[index] as number]));
  }

  it('counts by hand what both count', () => {
    const expected: Record<string, number> = {};
    for (const { day } of rows) {
      if (typeof day === 'string') expected[day.slice(0, 7)] = (expected[day.slice(0, 7)] ?? 0) + 1;
    }
    expect(count({ kind: 'time', field: ref('day'), unit: 'month' })).toEqual(expected);
    const smalls = rows.map(({ small }) => small).filter((small) => small !== null) as number[];
    expect(count({ kind: 'bands', field: ref('small'), breaks: [0, 10] })).toEqual({
      '(,0)': smalls.filter((value) => value < 0).length,
      '[0,10)': smalls.filter((value) => value >= 0 && value < 10).length,
      '[10,)': smalls.filter((value) => value >= 10).length,
    });
    // Born on a leap day: a year older on 1 March.
    const leapling = parseFilter('{"field":"day","op":"=","value":"2004-02-29"}', layer);
    const ages = (on: string) =>
      aggregate(table, {
        predicate: leapling,
        metric: { kind: 'count' },
        by: [{ kind: 'age', field: ref('day'), breaks: [21, 22], on }],
      }).keys;
    expect(ages('2026-02-28')).toEqual([['[21,22)']]);
    expect(ages('2026-03-01')).toEqual([['[22,)']]);
  });
});

describe('civilDate', () => {
  it('is the calendar', () => {
    fc.assert(
      fc.property(fc.integer({ min: -700_000, max: 700_000 }), (day) => {
        const date = new Date(Date.UTC(2000, 0, 1) + day * 86_400_000);
        expect(civilDate(day)).toEqual({
          year: date.getUTCFullYear(),
          month: date.getUTCMonth() + 1,
          day: date.getUTCDate(),
        });
        if (date.getUTCFullYear() >= 1000) expect(dayKey(day)).toBe(date.toISOString().slice(0, 10));
      }),
      { numRuns: 5000 },
    );
  });
});

describe('NumberSet', () => {
  it('knows what it has', () => {
    fc.assert(
      fc.property(fc.array(fc.oneof(fc.nat(50), fc.maxSafeNat()), { maxLength: 3000 }), (values) => {
        const [ours, theirs] = [new NumberSet(), new Set<number>()];
        for (const value of values) {
          expect(ours.add(value)).toBe(!theirs.has(value));
          theirs.add(value);
        }
      }),
    );
  });
});
