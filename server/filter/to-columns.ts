import type { Column, ColumnTable, TextColumn } from '../aggregate/column-table.ts';
import { compileArea } from './covers.ts';
import { inUnits } from './in-units.ts';
import { compileLike, lowerLatin } from './like.ts';
import { matchingBits, partlyMatchingBits } from './matching-bits.ts';
import { walk, type ComparisonOperator, type FieldRef, type Predicate } from './predicate.ts';

/** Code point order, the order of UTF-8 bytes and of `collate "C"`. */
export function compareText(a: string, b: string): number {
  return Buffer.compare(Buffer.from(a), Buffer.from(b));
}

/** What a generated loop needs: an expression over the row number `i`, and the values it names `c0`, `c1`, … */
export interface CompiledPredicate {
  expression: string;
  captured: unknown[];
}

/** True when an area predicate can be decided from the table: only points have one position per row. */
export function canDecide(table: ColumnTable, predicate: Predicate): boolean {
  switch (predicate.kind) {
    case 'and':
    case 'or':
      return predicate.of.every((part) => canDecide(table, part));
    case 'not':
      return canDecide(table, predicate.of);
    case 'bbox':
    case 'within':
      return table.lon.length === table.located;
    case 'cells':
    case 'outside':
      return true;
    default:
      return table.fields.has(predicate.field.name);
  }
}

const OPERATOR: Record<ComparisonOperator, string> = {
  '=': '===',
  '!=': '!==',
  '<': '<',
  '<=': '<=',
  '>': '>',
  '>=': '>=',
};

/** Whether two texts that compare as `order` satisfy the operator. */
function comparison(op: ComparisonOperator, order: number): boolean {
  switch (op) {
    case '=':
      return order === 0;
    case '!=':
      return order !== 0;
    case '<':
      return order < 0;
    case '<=':
      return order <= 0;
    case '>':
      return order > 0;
    case '>=':
      return order >= 0;
  }
}

function testsPolygon(predicate: Predicate): boolean {
  let found = false;
  walk(predicate, ({ kind }) => {
    if (kind === 'within') found = true;
  });
  return found;
}

/**
 * The predicate as a JavaScript expression for a counting loop, worth 1 or true for a row that matches. What can be told
 * from the bit slices of the columns is decided beforehand, and the loop looks up one bit for it. Nothing of the
 * request enters the source: arrays, numbers and lookup tables are captured, so that filters of one shape share one
 * compiled loop. Conditions are joined by `&` and `|`, which never mispredict a branch; only area tests, which cost
 * more than that, are skipped where the rest has decided.
 */
export function toColumns(table: ColumnTable, predicate: Predicate): CompiledPredicate {
  const captured: unknown[] = [];

  function capture(value: unknown): string {
    const known = captured.indexOf(value);
    return `c${known >= 0 ? known : captured.push(value) - 1}`;
  }

  /** A finite number, captured. */
  function number(value: number): string {
    if (!Number.isFinite(value)) throw new Error(`not a finite number: ${value}`);
    return capture(Object.is(value, -0) ? 0 : value);
  }

  function columnOf(field: FieldRef): Column {
    const column = table.fields.get(field.name);
    if (column === undefined) throw new Error(`${table.layer} has no column ${field.name} in memory`);
    return column;
  }

  /** `test` on every value the column can hold, looked up by code. */
  function textTest(column: TextColumn, test: (text: string) => boolean): string {
    const hits = new Uint8Array(column.dictionary.length);
    let count = 0;
    let only = 0;
    for (let code = 1; code < hits.length; code++) {
      if (!test(column.dictionary[code] as string)) continue;
      hits[code] = 1;
      count++;
      only = code;
    }
    if (count === 0) return '0';
    if (count === 1) return `(${capture(column.codes)}[i] === ${number(only)})`;
    return `(${capture(hits)}[${capture(column.codes)}[i]] === 1)`;
  }

  /** `make` builds the comparison from the text of the value; rows without a value are left out. */
  function numberTest(column: Exclude<Column, TextColumn>, make: (value: string) => string): string {
    const value = `${capture(column.values)}[i]`;
    switch (column.kind) {
      case 'int':
        return `((${value} !== ${number(column.none)}) & ${make(value)})`;
      case 'float':
        return `((${value} === ${value}) & ${make(value)})`;
      case 'bool':
        return `((${value} !== 0) & ${make(value)})`;
    }
  }

  /** Looks up what the bit slices say. */
  function lookUp(bits: Int32Array): string {
    return `(${capture(bits)}[i >>> 5] >>> (i & 31) & 1)`;
  }

  function join(kind: 'and' | 'or', parts: readonly Predicate[], operator: '&' | '|'): string {
    // Of several that are decided beforehand one bit is left.
    const { bits, rest } = partlyMatchingBits(table, kind, parts);
    // These the slices cannot tell: nobody asks them again.
    const cheap = [
      ...(bits === null ? [] : [lookUp(bits)]),
      ...rest.filter((part) => !testsPolygon(part)).map(compileRows),
    ];
    const costly = rest.filter(testsPolygon).map(compileRows);
    const first = cheap.length === 0 ? [] : [`(${cheap.join(` ${operator} `)})`];
    return [...first, ...costly].join(operator === '&' ? ' && ' : ' || ');
  }

  function compile(part: Predicate): string {
    if (part.kind === 'and' && part.of.length === 0) return '1';
    if (part.kind === 'or' && part.of.length === 0) return '0';
    const bits = matchingBits(table, part);
    return bits === null ? compileRows(part) : lookUp(bits);
  }

  function compileRows(part: Predicate): string {
    switch (part.kind) {
      case 'and':
        return `(${join('and', part.of, '&')})`;
      case 'or':
        return `(${join('or', part.of, '|')})`;
      case 'not':
        return `!(${compile(part.of)})`;
      case 'compare': {
        const column = columnOf(part.field);
        if (column.kind === 'text') {
          const bytes = Buffer.from(part.value as string);
          return textTest(column, (text) => comparison(part.op, Buffer.compare(Buffer.from(text), bytes)));
        }
        const value = number(inUnits(part.field, part.value));
        return numberTest(column, (row) => `(${row} ${OPERATOR[part.op]} ${value})`);
      }
      case 'between': {
        const column = columnOf(part.field);
        if (column.kind === 'text') {
          const low = Buffer.from(part.low as string);
          const high = Buffer.from(part.high as string);
          return textTest(column, (text) => {
            const bytes = Buffer.from(text);
            return Buffer.compare(bytes, low) >= 0 && Buffer.compare(bytes, high) <= 0;
          });
        }
        const low = number(inUnits(part.field, part.low));
        const high = number(inUnits(part.field, part.high));
        return numberTest(column, (row) => `((${row} >= ${low}) & (${row} <= ${high}))`);
      }
      case 'in': {
        const column = columnOf(part.field);
        if (column.kind === 'text') {
          const values = new Set(part.values);
          return textTest(column, (text) => values.has(text));
        }
        const values = new Set(part.values.map((value) => inUnits(part.field, value)));
        if (values.size > 8) return numberTest(column, (row) => `${capture(values)}.has(${row})`);
        return numberTest(
          column,
          (row) => `(${[...values].map((value) => `(${row} === ${number(value)})`).join(' | ')})`,
        );
      }
      case 'like':
      case 'contains': {
        const column = columnOf(part.field);
        if (column.kind !== 'text') throw new Error(`${part.field.name} is not text`);
        if (part.kind === 'like') return textTest(column, compileLike(part.pattern, part.ignoreCase));
        if (part.ignoreCase !== true) return textTest(column, (text) => text.includes(part.text));
        const lower = lowerLatin(part.text);
        return textTest(column, (text) => lowerLatin(text).includes(lower));
      }
      case 'null':
      case 'notnull': {
        const column = columnOf(part.field);
        const present = column.kind === 'text' ? `(${capture(column.codes)}[i] !== 0)` : numberTest(column, () => '1');
        return part.kind === 'null' ? `!(${present})` : present;
      }
      case 'bbox': {
        const [west, south, east, north] = part.bbox;
        const lon = `${capture(table.lon)}[i]`;
        const lat = `${capture(table.lat)}[i]`;
        // Beyond the located rows both are undefined, and every comparison is false.
        return `((${lon} >= ${number(west)}) & (${lon} <= ${number(east)}) & (${lat} >= ${number(south)}) & (${lat} <= ${number(north)}))`;
      }
      case 'within':
        return `${capture(compileArea(part.polygons))}(${capture(table.lon)}[i], ${capture(table.lat)}[i])`;
      case 'cells': {
        const codes = new Set(part.codes);
        return textTest(table.cells[part.by], (code) => codes.has(code));
      }
      case 'outside':
        return `(${capture(table.cells[part.by].codes)}[i] === 0)`;
    }
  }

  return { expression: compile(predicate), captured };
}
