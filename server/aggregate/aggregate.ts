import { matchingBits } from '../filter/matching-bits.ts';
import { both, type Predicate } from '../filter/predicate.ts';
import { canDecide, toColumns } from '../filter/to-columns.ts';
import type { AggregateQuery, Grouping, Groups, Key, Metric } from './aggregate-query.ts';
import type { Column, ColumnTable } from './column-table.ts';
import { countBits } from './count-bits.ts';
import { type ColumnGrouping, type Dimension, dimensionOf } from './dimension.ts';
import { hexagonIndex, type HexagonIndex } from './hexagon-index.ts';
import { runLoop } from './loop.ts';
import { NumberSet } from './number-set.ts';
import { rowsNear } from './rows-near.ts';

/** Accumulators of more groups than this are for the database. */
const MOST_SLOTS = 2 ** 24;
/** Bits for which (group, value) pairs were seen; beyond it a set of pairs. */
const MOST_BITS = 2 ** 28;

type FieldMetric = Extract<Metric, { field: unknown }>;

/** The groupings in the order of the loops: by H3 cell comes first, as rows stand in the order of their cells. */
interface Layout {
  hexagons: HexagonIndex | null;
  outer: Dimension | null;
  inner: Dimension | null;
  /** Slots per code of the outer grouping (or cell). */
  width: number;
  slots: number;
  /** The groupings were asked for the other way round. */
  isSwapped: boolean;
}

function isColumnGrouping(grouping: Grouping): grouping is ColumnGrouping {
  return grouping.kind !== 'h3';
}

function layoutOf(table: ColumnTable, by: readonly Grouping[]): Layout | null {
  const hexagonAt = by.findIndex(({ kind }) => kind === 'h3');
  const hexagon = by[hexagonAt];
  const hexagons = hexagon?.kind === 'h3' ? hexagonIndex(table, hexagon.res) : null;
  const dimensions = by.filter(isColumnGrouping).map((grouping) => dimensionOf(table, grouping));
  if (dimensions.includes(null)) return null;
  const [outer, inner] = hexagons === null ? dimensions : [null, dimensions[0]];
  const first = hexagons === null ? (outer?.size ?? 2) : hexagons.high.length + 1;
  const width = inner?.size ?? 1;
  if (first * width > MOST_SLOTS) return null;
  return {
    hexagons,
    outer: outer ?? null,
    inner: inner ?? null,
    width,
    slots: first * width,
    isSwapped: hexagonAt === 1,
  };
}

function columnFor(table: ColumnTable, metric: FieldMetric): Column | null {
  return table.fields.get(metric.field.name) ?? null;
}

/** Whether `aggregate` can answer from the table alone. */
export function canAggregate(table: ColumnTable, { predicate, metric, by }: AggregateQuery): boolean {
  if (!canDecide(table, predicate)) return false;
  if (metric.kind === 'share' && metric.of !== null && !canDecide(table, metric.of)) return false;
  if ('field' in metric && columnFor(table, metric) === null) return false;
  return layoutOf(table, by) !== null;
}

/** What a loop over the rows has found: by slot, of which 0 is for rows of no group. */
interface Tally {
  counts: Uint32Array;
  values: Float64Array | null;
  /** Distinct values over all rows. */
  distinct: number;
}

/** The answer from memory; the same as that of `sqlAggregate`. Only what `canAggregate` has said yes to. */
export function aggregate(table: ColumnTable, { predicate, metric, by }: AggregateQuery): Groups {
  const layout = layoutOf(table, by);
  if (layout === null) throw new Error(`the columns of ${table.layer} cannot be grouped in this way`);
  if (metric.kind === 'count' || (metric.kind === 'share' && metric.of === null)) {
    return toGroups(layout, by.length, tally(table, layout, predicate, null), null);
  }
  if (metric.kind === 'share') {
    const all = tally(table, layout, predicate, null);
    const part = tally(table, layout, both(predicate, metric.of as Predicate), null);
    return toGroups(layout, by.length, { ...all, values: Float64Array.from(part.counts) }, 'share');
  }
  return toGroups(layout, by.length, tally(table, layout, predicate, metric), metric.kind);
}

function tally(table: ColumnTable, layout: Layout, predicate: Predicate, metric: FieldMetric | null): Tally {
  const { hexagons, outer, inner, width, slots } = layout;
  if (hexagons !== null && inner === null && metric === null) {
    const bits = matchingBits(table, predicate);
    if (bits !== null) return { counts: countCells(table, hexagons, bits), values: null, distinct: 0 };
  }
  const compiled = toColumns(table, predicate);
  const names = compiled.captured.map((_, index) => `c${index}`);
  const values = [...compiled.captured];
  const capture = (value: unknown): string => {
    const at = values.indexOf(value, compiled.captured.length);
    if (at >= 0) return names[at] as string;
    values.push(value);
    const name = `d${names.length}`;
    names.push(name);
    return name;
  };
  const test = `(${compiled.expression} & 1)`;
  const counts = new Uint32Array(slots);
  const counted = capture(counts);
  const step = metric === null ? null : metricStep(table, metric, slots, capture);
  const add = step === null ? `${counted}[g] += ${test};` : `const t = ${test}; ${step.source(counted)}`;

  let body: string;
  // By cell of the grid all rows are gone through.
  const runs = hexagons === null ? rowsNear(table, predicate) : [[0, table.rows] as const];
  if (hexagons !== null) {
    const [starts, cells] = [capture(hexagons.starts), capture(hexagons.high.length)];
    const [located, rows] = [capture(table.located), capture(table.rows)];
    const within =
      inner === null && step === null
        ? `let n = 0; for (let i = ${starts}[cell]; i < end; i++) n += ${test}; ${counted}[cell + 1] = n;`
        : `const base = (cell + 1) * ${capture(width)};
           for (let i = ${starts}[cell]; i < end; i++) { ${slotSource('base', inner, capture)} ${add} }`;
    body = `
      for (let cell = 0; cell < ${cells}; cell++) { const end = ${starts}[cell + 1]; ${within} }
      { const g = 0; for (let i = ${located}; i < ${rows}; i++) { ${add} } }
      return 0;`;
  } else {
    const first = outer === null ? '1' : outer.code(capture);
    const slot =
      inner === null
        ? `const g = ${first};`
        : `const first = ${first}, base = first * ${capture(width)}; ${slotSource('base', inner, capture, 'first !== 0')}`;
    body = `for (let i = from; i < to; i++) { ${slot} ${add} } return 0;`;
  }
  for (const [from, to] of runs) runLoop(['from', 'to', ...names], body, [from, to, ...values]);
  return { counts, values: step?.values ?? null, distinct: step?.distinct() ?? 0 };
}

/** Rows that match by cell, those without a place first. */
function countCells({ located, rows }: ColumnTable, { starts, high }: HexagonIndex, bits: Int32Array): Uint32Array {
  const counts = new Uint32Array(high.length + 1);
  counts[0] = countBits(bits, located, rows);
  for (let cell = 0; cell < high.length; cell++) {
    counts[cell + 1] = countBits(bits, starts[cell] as number, starts[cell + 1] as number);
  }
  return counts;
}

/** `g`, the slot of row `i`: 0 unless it has a group in both groupings. */
function slotSource(
  base: string,
  inner: Dimension | null,
  capture: (value: unknown) => string,
  condition = 'true',
): string {
  if (inner === null) return `const g = ${base};`;
  return `const second = ${inner.code(capture)}, g = ${condition} && second !== 0 ? ${base} + second : 0;`;
}

interface MetricStep {
  values: Float64Array;
  distinct: () => number;
  /** Adds row `i` of slot `g` where `t` is 1. */
  source(counted: string): string;
}

function metricStep(
  table: ColumnTable,
  { kind, field }: FieldMetric,
  slots: number,
  capture: (value: unknown) => string,
): MetricStep {
  const column = columnFor(table, { kind, field }) as Column;
  const array = capture(column.kind === 'text' ? column.codes : column.values);
  const present =
    column.kind === 'float'
      ? field.type === 'datetime'
        ? 'v > -9e18 && v < 9e18'
        : 'v === v'
      : `v !== ${capture(column.kind === 'int' ? column.none : 0)}`;
  const each = (then: string) => (counted: string) =>
    `if (t) { const v = ${array}[i]; if (${present}) { ${counted}[g]++; ${then} } }`;
  const none = { distinct: () => 0 };
  switch (kind) {
    case 'sum':
    case 'avg': {
      const values = new Float64Array(slots);
      return { ...none, values, source: each(`${capture(values)}[g] += v;`) };
    }
    case 'min':
    case 'max': {
      const values = new Float64Array(slots).fill(kind === 'min' ? Infinity : -Infinity);
      const out = capture(values);
      return { ...none, values, source: each(`if (v ${kind === 'min' ? '<' : '>'} ${out}[g]) ${out}[g] = v;`) };
    }
    case 'distinct': {
      const values = new Float64Array(slots);
      const { note, distinct } = distinctCounter(column, slots, values);
      return { values, distinct, source: each(`${capture(note)}(g, v);`) };
    }
  }
}

/** Counts the different values per slot and over all. */
function distinctCounter(
  column: Column,
  slots: number,
  values: Float64Array,
): { note: (slot: number, value: number) => void; distinct: () => number } {
  const numbers = new Map<number, number>();
  const isCoded = column.kind === 'text' || column.kind === 'bool';
  /** The value as a number from 0 on. */
  const codeOf = (value: number): number => {
    if (isCoded) return value;
    let code = numbers.get(value);
    if (code === undefined) numbers.set(value, (code = numbers.size));
    return code;
  };
  const rows = column.kind === 'text' ? column.codes.length : column.values.length;
  const codes = column.kind === 'text' ? column.dictionary.length : column.kind === 'bool' ? 3 : rows + 1;
  const overall = new Uint8Array(codes);
  let count = 0;
  const bits = slots * codes <= MOST_BITS ? new Uint32Array(Math.ceil((slots * codes) / 32)) : null;
  const pairs = new NumberSet();
  return {
    note(slot, value) {
      const code = codeOf(value);
      if (overall[code] === 0) {
        overall[code] = 1;
        count++;
      }
      const pair = slot * codes + code;
      if (bits === null) {
        if (pairs.add(pair)) values[slot] = (values[slot] as number) + 1;
        return;
      }
      const [word, bit] = [pair >>> 5, 1 << (pair & 31)];
      if (((bits[word] as number) & bit) !== 0) return;
      bits[word] = (bits[word] as number) | bit;
      values[slot] = (values[slot] as number) + 1;
    },
    distinct: () => count,
  };
}

type Finish = 'share' | FieldMetric['kind'] | null;

function toGroups(layout: Layout, dimensions: number, found: Tally, kind: Finish): Groups {
  const { hexagons, outer, inner, width, isSwapped } = layout;
  const { counts } = found;
  const groups: Groups = {
    keys: Array.from({ length: dimensions }, () => []),
    counts: [],
    values: kind === null ? null : [],
    outside: counts[0] as number,
    outsidePart: kind === 'share' ? (found.values?.[0] ?? 0) : 0,
    overall: null,
  };
  const valueAt = (slot: number): number => {
    const value = found.values?.[slot] ?? 0;
    return kind === 'avg' ? value / (counts[slot] as number) : value;
  };
  const names = hexagons?.names();
  const [outerKeys, innerKeys] = isSwapped ? [groups.keys[1], groups.keys[0]] : groups.keys;
  const emit = (first: number, second: number): void => {
    const slot = first * width + second;
    const count = counts[slot] as number;
    if (count === 0) return;
    if (names !== undefined) outerKeys?.push(names[first - 1] as string);
    else if (outer !== null) outerKeys?.push(outer.key(first));
    if (inner !== null) innerKeys?.push(inner.key(second) as Key);
    groups.counts.push(count);
    groups.values?.push(valueAt(slot));
  };
  const size = counts.length / width;
  const [from, to] = inner === null ? [0, 1] : [1, width];
  if (isSwapped)
    for (let second = from; second < to; second++) for (let first = 1; first < size; first++) emit(first, second);
  else for (let first = 1; first < size; first++) for (let second = from; second < to; second++) emit(first, second);

  if (kind === null) return groups;
  const rows = counts.reduce((sum, count) => sum + count, 0);
  groups.overall = rows === 0 && kind !== 'share' ? null : overallOf(kind, found, rows);
  return groups;
}

function overallOf(kind: Exclude<Finish, null>, { values, distinct }: Tally, rows: number): number {
  const all = values ?? new Float64Array(0);
  switch (kind) {
    case 'share':
    case 'sum':
      return all.reduce((sum, value) => sum + value, 0);
    case 'avg':
      return all.reduce((sum, value) => sum + value, 0) / rows;
    case 'min':
      return all.reduce((low, value) => Math.min(low, value), Infinity);
    case 'max':
      return all.reduce((high, value) => Math.max(high, value), -Infinity);
    case 'distinct':
      return distinct;
  }
}
