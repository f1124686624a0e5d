import { isBareName } from './cql2-text.ts';
import { escapeLike } from './like.ts';
import {
  EVERYTHING,
  type Condition,
  type FieldRef,
  type Predicate,
  type Ring,
  type Scalar,
  type Within,
} from './predicate.ts';

/** A text that CQL2 has no way to write: a backslash before a quote or at the end would take the quote with it. */
const UNWRITABLE = /(^|[^\\])(\\\\)*\\('|$)/;

/**
 * The predicate as CQL2 text: for links, files and "why this number". `readPredicate` makes the same of it again, and
 * other programs understand it, but for `circle` and `inside`, which are functions of this service. Null where CQL2
 * cannot say it: texts in which a backslash stands before a quote, compared by order.
 */
export function toCql2(predicate: Predicate): string | null {
  try {
    return write(predicate, true, false);
  } catch (error) {
    if (error instanceof Unwritable) return null;
    throw error;
  }
}

class Unwritable extends Error {}

/** `isTrue`: that the predicate holds; otherwise that it does not. `isPart`: joined words need brackets. */
function write(predicate: Predicate, isTrue: boolean, isPart: boolean): string {
  switch (predicate.kind) {
    case 'and':
    case 'or': {
      const isAnd = (predicate.kind === 'and') === isTrue;
      if (predicate.of.length === 0) return isAnd ? 'TRUE' : 'FALSE';
      const isAlone = predicate.of.length === 1;
      const parts = predicate.of.map((part) => write(part, isTrue, isPart || !isAlone));
      return isAlone ? (parts[0] as string) : bracket(parts.join(isAnd ? ' AND ' : ' OR '), isPart);
    }
    case 'not':
      return write(predicate.of, !isTrue, isPart);
    default:
      return isTrue ? condition(predicate, isPart) : opposite(predicate, isPart);
  }
}

function bracket(text: string, isPart: boolean): string {
  return isPart ? `(${text})` : text;
}

function name(field: Pick<FieldRef, 'name'>): string {
  return isBareName(field.name) ? field.name : `"${field.name.replaceAll('"', '""')}"`;
}

function quote(text: string): string {
  if (UNWRITABLE.test(text)) throw new Unwritable();
  return `'${text.replaceAll("'", "''")}'`;
}

function value(field: FieldRef, scalar: Scalar): string {
  switch (field.type) {
    case 'date':
      return `DATE(${quote(String(scalar))})`;
    case 'datetime':
      return `TIMESTAMP(${quote(String(scalar))})`;
    case 'bool':
      return scalar === true ? 'TRUE' : 'FALSE';
    case 'string':
      return quote(String(scalar));
    default:
      return String(scalar);
  }
}

/** A pattern without escapes that it does not need, so that each backslash in it is one of a pair or before % or _. */
function plainPattern(pattern: string): string {
  return pattern.replaceAll(/\\(.)/gsu, (pair, character: string) => ('\\%_'.includes(character) ? pair : character));
}

function like({ field, ignoreCase }: { field: FieldRef; ignoreCase?: true }, pattern: string, not = ''): string {
  const text = quote(plainPattern(pattern));
  return ignoreCase ? `CASEI(${name(field)}) ${not}LIKE CASEI(${text})` : `${name(field)} ${not}LIKE ${text}`;
}

function patternOf(part: Condition & { kind: 'like' | 'contains' }): string {
  return part.kind === 'like' ? part.pattern : `%${escapeLike(part.text)}%`;
}

function isUnwritable(field: FieldRef, scalar: Scalar): boolean {
  return field.type === 'string' && UNWRITABLE.test(String(scalar));
}

const OPPOSITE = { '=': '<>', '!=': '=', '<': '>=', '<=': '>', '>': '<=', '>=': '<' } as const;

function condition(part: Condition, isPart: boolean): string {
  switch (part.kind) {
    case 'compare': {
      const { field, op } = part;
      if ((op === '=' || op === '!=') && isUnwritable(field, part.value)) {
        return like(part, escapeLike(String(part.value)), op === '=' ? '' : 'NOT ');
      }
      return `${name(field)} ${op === '!=' ? '<>' : op} ${value(field, part.value)}`;
    }
    case 'between': {
      const { field } = part;
      const [low, high] = [value(field, part.low), value(field, part.high)];
      // The standard has BETWEEN for numbers only.
      if (field.type === 'int' || field.type === 'number') return `${name(field)} BETWEEN ${low} AND ${high}`;
      return bracket(`${name(field)} >= ${low} AND ${name(field)} <= ${high}`, isPart);
    }
    case 'in': {
      const { field, values } = part;
      const odd = values.filter((item) => isUnwritable(field, item));
      const plain = values.filter((item) => !isUnwritable(field, item));
      const tests = odd.map((item) => like(part, escapeLike(String(item))));
      if (plain.length > 0) tests.push(`${name(field)} IN (${plain.map((item) => value(field, item)).join(', ')})`);
      return bracket(tests.join(' OR '), isPart && tests.length > 1);
    }
    case 'like':
    case 'contains':
      return like(part, patternOf(part));
    case 'null':
      return `${name(part.field)} IS NULL`;
    case 'notnull':
      return `${name(part.field)} IS NOT NULL`;
    case 'bbox':
    case 'within':
      return `S_INTERSECTS(geom, ${areaText(part)})`;
    case 'cells':
      return `${part.by}_code IN (${part.codes.map(quote).join(', ')})`;
    case 'outside':
      return `${part.by}_code IS NULL`;
  }
}

/** That a condition does not hold: in three-valued CQL2, rows without a value must be said to belong to it. */
function opposite(part: Condition, isPart: boolean): string {
  const orNull = (test: string, operand: string): string => bracket(`${test} OR ${operand} IS NULL`, isPart);
  switch (part.kind) {
    case 'compare': {
      const { field } = part;
      const op = OPPOSITE[part.op];
      if ((op === '=' || op === '<>') && isUnwritable(field, part.value)) {
        return orNull(like(part, escapeLike(String(part.value)), op === '=' ? '' : 'NOT '), name(field));
      }
      return orNull(`${name(field)} ${op} ${value(field, part.value)}`, name(field));
    }
    case 'between': {
      const { field } = part;
      const test = `${name(field)} < ${value(field, part.low)} OR ${name(field)} > ${value(field, part.high)}`;
      return orNull(test, name(field));
    }
    case 'in': {
      const { field, values } = part;
      const tests = values.map((item) =>
        isUnwritable(field, item) ? like(part, escapeLike(String(item)), 'NOT ') : null,
      );
      const odd = tests.filter((test) => test !== null);
      const plain = values.filter((item) => !isUnwritable(field, item));
      if (plain.length > 0) odd.push(`${name(field)} NOT IN (${plain.map((item) => value(field, item)).join(', ')})`);
      return orNull(odd.length > 1 ? `(${odd.join(' AND ')})` : odd.join(''), name(field));
    }
    case 'like':
    case 'contains':
      return orNull(like(part, patternOf(part), 'NOT '), name(part.field));
    case 'null':
      return `${name(part.field)} IS NOT NULL`;
    case 'notnull':
      return `${name(part.field)} IS NULL`;
    case 'bbox':
    case 'within':
      return orNull(`S_DISJOINT(geom, ${areaText(part)})`, 'geom');
    case 'cells':
      return orNull(`${part.by}_code NOT IN (${part.codes.map(quote).join(', ')})`, `${part.by}_code`);
    case 'outside':
      return `${part.by}_code IS NOT NULL`;
  }
}

function ringText(ring: Ring): string {
  return `(${ring.map(([lon, lat]) => `${lon} ${lat}`).join(', ')})`;
}

function areaText(part: Condition & { kind: 'bbox' | 'within' }): string {
  if (part.kind === 'bbox') return `BBOX(${part.bbox.join(', ')})`;
  if (part.made !== undefined) return madeText(part.made);
  const polygons = part.polygons.map((rings) => `(${rings.map(ringText).join(', ')})`);
  return polygons.length === 1 ? `POLYGON${polygons[0]}` : `MULTIPOLYGON(${polygons.join(', ')})`;
}

function madeText({ of }: NonNullable<Within['made']>): string {
  switch (of.kind) {
    case 'circle':
      return `circle(${of.centre.join(', ')}, ${of.metres})`;
    case 'feature':
      return `inside(${quote(of.layer)}, ${of.fid}, ${of.metres})`;
    case 'features': {
      const rows = of.filter === null || of.filter === EVERYTHING ? '' : write(of.filter, true, false);
      return `inside(${quote(of.layer)}, ${quote(rows)}, ${of.metres})`;
    }
  }
}
