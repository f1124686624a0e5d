import { compileArea } from '../filter/covers.ts';
import { compileLike, lowerLatin } from '../filter/like.ts';
import type { Condition, Predicate, Scalar } from '../filter/predicate.ts';
import { compareText } from '../filter/to-columns.ts';
import { cellOf } from './cell-of.ts';

/** One row as a predicate sees it. */
export interface TestedRow {
  fields: Readonly<Record<string, Scalar | null>>;
  lon: number;
  lat: number;
  /** Micro-grid; null outside the district. */
  grid: string | null;
}

type Test = (row: TestedRow) => boolean;

/** Both are of the type of their field, as the parser made sure. Text by code point. */
function compare(a: Scalar, b: Scalar): number {
  if (typeof a === 'string') return compareText(a, String(b));
  return Number(a) - Number(b);
}

function hasValue(name: string, test: (value: Scalar) => boolean): Test {
  return ({ fields }) => {
    const value = fields[name] ?? null;
    return value !== null && test(value);
  };
}

function compileCondition(condition: Condition): Test {
  switch (condition.kind) {
    case 'compare': {
      const { op, value: wanted, field } = condition;
      const holds = {
        '=': (sign: number) => sign === 0,
        '!=': (sign: number) => sign !== 0,
        '<': (sign: number) => sign < 0,
        '<=': (sign: number) => sign <= 0,
        '>': (sign: number) => sign > 0,
        '>=': (sign: number) => sign >= 0,
      }[op];
      return hasValue(field.name, (value) => holds(compare(value, wanted)));
    }
    case 'between': {
      const { low, high } = condition;
      return hasValue(condition.field.name, (value) => compare(value, low) >= 0 && compare(value, high) <= 0);
    }
    case 'in': {
      const values = new Set(condition.values);
      return hasValue(condition.field.name, (value) => values.has(value));
    }
    case 'like': {
      const matches = compileLike(condition.pattern, condition.ignoreCase);
      return hasValue(condition.field.name, (value) => matches(String(value)));
    }
    case 'contains': {
      const { text, ignoreCase } = condition;
      const wanted = ignoreCase ? lowerLatin(text) : text;
      return hasValue(condition.field.name, (value) =>
        (ignoreCase ? lowerLatin(String(value)) : String(value)).includes(wanted),
      );
    }
    case 'null':
      return ({ fields }) => (fields[condition.field.name] ?? null) === null;
    case 'notnull':
      return hasValue(condition.field.name, () => true);
    case 'bbox': {
      const [west, south, east, north] = condition.bbox;
      return ({ lon, lat }) => lon >= west && lon <= east && lat >= south && lat <= north;
    }
    case 'within': {
      const covers = compileArea(condition.polygons);
      return ({ lon, lat }) => covers(lon, lat);
    }
    case 'cells': {
      const codes = new Set(condition.codes);
      return ({ grid }) => grid !== null && codes.has(cellOf(condition.by, grid));
    }
    case 'outside':
      return ({ grid }) => grid === null;
  }
}

/** A predicate as a test of single rows in memory, with the meaning that it has in SQL. */
export function compileRowTest(predicate: Predicate): Test {
  switch (predicate.kind) {
    case 'and': {
      const tests = predicate.of.map(compileRowTest);
      return (row) => tests.every((test) => test(row));
    }
    case 'or': {
      const tests = predicate.of.map(compileRowTest);
      return (row) => tests.some((test) => test(row));
    }
    case 'not': {
      const test = compileRowTest(predicate.of);
      return (row) => !test(row);
    }
    default:
      return compileCondition(predicate);
  }
}
