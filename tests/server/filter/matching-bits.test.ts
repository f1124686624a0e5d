import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { bytesOfSlices, isSliced, makeSlices } from '../../../server/aggregate/bit-slices.ts';
import type { BoolColumn, Column, ColumnTable, IntColumn, TextColumn } from '../../../server/aggregate/column-table.ts';
import { countBits } from '../../../server/aggregate/count-bits.ts';
import { matchingBits, slicedColumns } from '../../../server/filter/matching-bits.ts';
import type { FieldRef, Predicate, Scalar } from '../../../server/filter/predicate.ts';
import { randomNumbers } from '../layer-fixture.ts';

// Several blocks of words, and a last word that is not full.
const ROWS = 70_001;
const KINDS = ['', 'a', 'b', 'ﬀ', '𠮷'];
const random = randomNumbers(7);
const pick = (n: number): number => Math.floor(random() * n);

const kind: TextColumn = {
  kind: 'text',
  codes: Uint8Array.from({ length: ROWS }, () => pick(KINDS.length)),
  dictionary: KINDS,
};
const names = ['', ...Array.from({ length: 300 }, (_, n) => `n${String(n).padStart(3, '0')}`)];
const name: TextColumn = {
  kind: 'text',
  codes: Uint16Array.from({ length: ROWS }, () => pick(names.length)),
  dictionary: names,
};
const NONE = -128;
const size: IntColumn = {
  kind: 'int',
  none: NONE,
  values: Int8Array.from({ length: ROWS }, () => (random() < 0.1 ? NONE : pick(40) - 20)),
};
const whole: IntColumn = {
  kind: 'int',
  none: -(2 ** 31),
  values: Int32Array.from({ length: ROWS }, () => pick(100_000) - 50_000),
};
const far: IntColumn = {
  kind: 'int',
  none: -(2 ** 31),
  values: Int32Array.from({ length: ROWS }, () => Math.floor((random() - 0.5) * 4e9)),
};
const unknown: IntColumn = { kind: 'int', none: NONE, values: new Int8Array(ROWS).fill(NONE) };
const flag: BoolColumn = { kind: 'bool', values: Uint8Array.from({ length: ROWS }, () => pick(3)) };
const columns = { kind, name, size, whole, far, unknown, flag };
const table: ColumnTable = {
  layer: 'test',
  load: 1,
  rows: ROWS,
  located: ROWS,
  cellLow: new Uint32Array(ROWS),
  cellHigh: 0,
  lon: new Float64Array(ROWS),
  lat: new Float64Array(ROWS),
  cells: { grid: kind, community: kind, town: kind },
  fields: new Map<string, Column>([
    ...Object.entries(columns),
    ['real', { kind: 'float', values: new Float64Array(ROWS) }],
  ]),
  bytes: 0,
};

const TYPES: Record<keyof typeof columns, FieldRef['type']> = {
  kind: 'string',
  name: 'string',
  size: 'int',
  whole: 'int',
  far: 'int',
  unknown: 'int',
  flag: 'bool',
};

/** The value of a row as people know it. */
function valueOf(field: string, row: number): Scalar | null {
  const column = columns[field as keyof typeof columns];
  if (column.kind === 'text')
    return column.codes[row] === 0 ? null : (column.dictionary[column.codes[row] as number] as string);
  if (column.kind === 'bool') return column.values[row] === 0 ? null : column.values[row] === 2;
  return column.values[row] === column.none ? null : (column.values[row] as number);
}

function order(a: Scalar, b: Scalar): number {
  if (typeof a === 'string') return Buffer.compare(Buffer.from(a), Buffer.from(b as string));
  return Number(a) - Number(b);
}

/** The predicate read word for word. */
function holds(predicate: Predicate, row: number): boolean {
  switch (predicate.kind) {
    case 'and':
      return predicate.of.every((part) => holds(part, row));
    case 'or':
      return predicate.of.some((part) => holds(part, row));
    case 'not':
      return !holds(predicate.of, row);
    case 'null':
    case 'notnull':
      return (valueOf(predicate.field.name, row) === null) === (predicate.kind === 'null');
    case 'outside':
      return valueOf('kind', row) === null;
    case 'cells':
      return predicate.codes.includes(valueOf('kind', row) as string);
    case 'compare':
    case 'between':
    case 'in':
    case 'contains': {
      const value = valueOf(predicate.field.name, row);
      if (value === null) return false;
      if (predicate.kind === 'in') return predicate.values.includes(value);
      if (predicate.kind === 'contains') return (value as string).includes(predicate.text);
      if (predicate.kind === 'between') return order(value, predicate.low) >= 0 && order(value, predicate.high) <= 0;
      const sign = order(value, predicate.value);
      return { '=': sign === 0, '!=': sign !== 0, '<': sign < 0, '<=': sign <= 0, '>': sign > 0, '>=': sign >= 0 }[
        predicate.op
      ];
    }
    default:
      throw new Error(`no test of ${predicate.kind}`);
  }
}

function rowsOf(bits: Int32Array): number[] {
  return Array.from({ length: ROWS }, (_, row) => row).filter(
    (row) => (((bits[row >>> 5] as number) >>> (row & 31)) & 1) === 1,
  );
}

const fieldAndValues = fc
  .constantFrom(...(Object.keys(TYPES) as (keyof typeof TYPES)[]).filter((field) => field !== 'far'))
  .chain((field) => {
    const ref: FieldRef = { name: field, type: TYPES[field] };
    const value: fc.Arbitrary<Scalar> =
      field === 'kind'
        ? fc.constantFrom('', 'a', 'aa', 'ﬀ', '𠮷', '~')
        : field === 'name'
          ? fc.constantFrom('n000', 'n150', 'n1505', 'n299', 'z')
          : field === 'flag'
            ? fc.boolean()
            : fc.oneof(
                fc.integer({ min: -25, max: 25 }),
                fc.integer({ min: -60_000, max: 60_000 }),
                fc.constantFrom(-19.5, 0.5),
              );
    return fc.record({ field: fc.constant(ref), values: fc.array(value, { minLength: 2, maxLength: 4 }) });
  });
const leaf: fc.Arbitrary<Predicate> = fc.oneof(
  fieldAndValues.chain(({ field, values }) =>
    fc.constantFrom<Predicate>(
      ...(['=', '!=', '<', '<=', '>', '>='] as const).map((op): Predicate => ({
        kind: 'compare',
        field,
        op,
        value: values[0] as Scalar,
      })),
      { kind: 'between', field, low: values[0] as Scalar, high: values[1] as Scalar },
      { kind: 'in', field, values },
      { kind: 'null', field },
      { kind: 'notnull', field },
    ),
  ),
  fc.constantFrom<Predicate>(
    { kind: 'cells', by: 'grid', codes: ['a', '𠮷', 'none'] },
    { kind: 'outside', by: 'town' },
    { kind: 'contains', field: { name: 'name', type: 'string' }, text: 'n1' },
  ),
);
const { tree } = fc.letrec<{ tree: Predicate }>((tie) => ({
  tree: fc.oneof(
    { maxDepth: 3 },
    leaf,
    fc.record({ kind: fc.constantFrom('and' as const, 'or' as const), of: fc.array(tie('tree'), { maxLength: 3 }) }),
    fc.record({ kind: fc.constant('not' as const), of: tie('tree') }),
  ),
}));

describe('rows that match, by bits', () => {
  it('are those of which every condition holds', () => {
    fc.assert(
      fc.property(tree, (predicate) => {
        const bits = matchingBits(table, predicate);
        const rows = Array.from({ length: ROWS }, (_, row) => row).filter((row) => holds(predicate, row));
        expect(bits).not.toBeNull();
        expect(rowsOf(bits as Int32Array)).toEqual(rows);
        expect(countBits(bits as Int32Array, 0, ROWS)).toBe(rows.length);
      }),
      { numRuns: 60 },
    );
  });

  it('are not told of fractions, of numbers too far apart, and of very many texts apart from each other', () => {
    const real: FieldRef = { name: 'real', type: 'number' };
    expect(matchingBits(table, { kind: 'compare', field: real, op: '>', value: 1 })).toBeNull();
    expect(matchingBits(table, { kind: 'notnull', field: { name: 'far', type: 'int' } })).toBeNull();
    expect(matchingBits(table, { kind: 'contains', field: { name: 'name', type: 'string' }, text: '7' })).toBeNull();
    expect(matchingBits(table, { kind: 'bbox', bbox: [0, 0, 1, 1] })).toBeNull();
  });

  it('are counted from any row to any other', () => {
    const bits = Int32Array.from({ length: 8 }, () => Math.floor(random() * 2 ** 32) | 0);
    const set = Array.from({ length: 256 }, (_, row) => ((bits[row >>> 5] as number) >>> (row & 31)) & 1);
    for (let from = 0; from <= 256; from += 3)
      for (let to = from; to <= 256; to += 5)
        expect(countBits(bits, from, to)).toBe(set.slice(from, to).reduce((sum, one) => sum + one, 0));
  });
});

it('slices are made a piece at a time, once, and are accounted for', async () => {
  const values = Int16Array.from({ length: 300_000 }, (_, row) => row % 5000);
  const column: IntColumn = { kind: 'int', none: -(2 ** 15), values };
  const other: ColumnTable = { ...table, rows: values.length, fields: new Map([['size', column]]) };
  const predicate: Predicate = { kind: 'compare', field: { name: 'size', type: 'int' }, op: '<', value: 10 };
  expect(slicedColumns(other, predicate)).toEqual([column]);
  expect(isSliced(column)).toBe(false);
  let turns = 0;
  const counting = setInterval(() => turns++, 0);
  await Promise.all([makeSlices(column), makeSlices(column)]);
  clearInterval(counting);
  expect(turns).toBeGreaterThan(0);
  expect(isSliced(column)).toBe(true);
  // 13 bits a row.
  expect(bytesOfSlices({ ...other, cells: { grid: kind, community: kind, town: kind } })).toBeGreaterThanOrEqual(
    (values.length / 8) * 13,
  );
  expect(countBits(matchingBits(other, predicate) as Int32Array, 0, values.length)).toBe(600);
});
