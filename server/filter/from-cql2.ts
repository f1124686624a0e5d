import { isPointLike } from '../../layers/ddl.ts';
import { parseArea, parseBbox, refuse, type Checker } from './check.ts';
import type { Cql2Node } from './cql2-node.ts';
import { escapeLike } from './like.ts';
import type { CellLevel, Condition, Draft, FieldRef } from './predicate.ts';

const NOTHING: Draft = { kind: 'or', of: [] };
/** Every place: with it a row must have one. */
const WORLD: Condition = { kind: 'bbox', bbox: [-180, -90, 180, 90] };
const GEOMETRY_NAMES = ['geom', 'geometry'];
const CELL_NAMES = new Map<string, CellLevel>([
  ['grid_code', 'grid'],
  ['community_code', 'community'],
  ['town_code', 'town'],
]);

/** The same comparison seen from the other side, and the opposite one. */
const FLIPPED: Record<string, string> = { '=': '=', '<>': '<>', '<': '>', '<=': '>=', '>': '<', '>=': '<=' };
const OPPOSITE: Record<string, string> = { '=': '<>', '<>': '=', '<': '>=', '<=': '>', '>': '<=', '>=': '<' };
const SPATIAL = [
  's_intersects',
  's_disjoint',
  's_within',
  's_contains',
  's_equals',
  's_touches',
  's_crosses',
  's_overlaps',
];
const TEMPORAL = ['t_after', 't_before', 't_disjoint', 't_equals', 't_intersects', 't_during'];
const TEMPORAL_FLIPPED: Record<string, string> = { t_after: 't_before', t_before: 't_after' };

/**
 * A CQL2 expression -> checked. CQL2 is three-valued, which a predicate is not: `NOT` is therefore carried to the
 * conditions, where a row without a value satisfies neither a comparison nor its opposite.
 */
export function fromCql2(checker: Checker, node: Cql2Node): Draft {
  return convert(checker, node, true, 0);
}

/** `isTrue`: what the node demands; otherwise what it excludes. */
function convert(checker: Checker, node: Cql2Node, isTrue: boolean, depth: number): Draft {
  checker.count(depth);
  if (node.kind === 'literal' && typeof node.value === 'boolean') {
    return node.value === isTrue ? { kind: 'and', of: [] } : NOTHING;
  }
  if (node.kind !== 'op') {
    if (node.kind === 'property') return compare(checker, '=', node, { kind: 'literal', value: isTrue, at: node.at });
    return refuse(node.at, 'must be a condition');
  }
  const { op, args, at } = node;
  switch (op) {
    case 'and':
    case 'or': {
      const kind = (op === 'and') === isTrue ? 'and' : 'or';
      return { kind, of: args.map((arg) => convert(checker, arg, isTrue, depth + 1)) };
    }
    case 'not':
      requireArguments(node, 1);
      return convert(checker, args[0] as Cql2Node, !isTrue, depth + 1);
    case '=':
    case '<>':
    case '<':
    case '<=':
    case '>':
    case '>=': {
      requireArguments(node, 2);
      const [left, right] = args as [Cql2Node, Cql2Node];
      const actual = (isTrue ? op : OPPOSITE[op]) as string;
      if (isConstant(left) && !isConstant(right)) return compare(checker, FLIPPED[actual] as string, right, left);
      return compare(checker, actual, left, right);
    }
    case 'like': {
      requireArguments(node, 2);
      const [left, right] = args as [Cql2Node, Cql2Node];
      const { field, ignoreCase } = textOperand(checker, left, right);
      const condition = checker.condition(field, ignoreCase ? 'ilike' : 'like', constant(folded(right)), right.at);
      return isTrue ? condition : butNot(field, condition);
    }
    case 'between': {
      requireArguments(node, 3);
      const [left, low, high] = args as [Cql2Node, Cql2Node, Cql2Node];
      if (isTrue) {
        const field = fieldOf(checker, left, 'between');
        return checker.condition(field, 'between', [constant(low), constant(high)], low.at);
      }
      return { kind: 'or', of: [compare(checker, '<', left, low), compare(checker, '>', left, high)] };
    }
    case 'in':
      return oneOf(checker, node, isTrue);
    case 'isnull': {
      requireArguments(node, 1);
      const operand = args[0] as Cql2Node;
      const name = operand.kind === 'property' ? operand.name : '';
      const level = cellLevel(checker, name);
      if (level !== undefined)
        return isTrue ? { kind: 'outside', by: level } : { kind: 'not', of: { kind: 'outside', by: level } };
      if (isGeometry(checker, operand)) return isTrue ? { kind: 'not', of: WORLD } : WORLD;
      const field = fieldOf(checker, operand, '=');
      return { kind: isTrue ? 'null' : 'notnull', field };
    }
    default:
      if (SPATIAL.includes(op)) return spatial(checker, node, isTrue);
      if (TEMPORAL.includes(op)) return temporal(checker, node, isTrue);
      return refuse(at, `${op.slice(0, 64)} is not supported as a condition`, op);
  }
}

function requireArguments({ op, args, at }: Cql2Node & { kind: 'op' }, count: number): void {
  if (args.length !== count) refuse(at, `${op} takes ${count} arguments, not ${args.length}`, args.length);
}

/** A value that is in the filter, not in the row. */
function isConstant(node: Cql2Node): boolean {
  return ['literal', 'date', 'timestamp'].includes(folded(node).kind);
}

/** What is inside of CASEI. */
function folded(node: Cql2Node): Cql2Node {
  return node.kind === 'op' && node.op === 'casei' && node.args.length === 1 ? (node.args[0] as Cql2Node) : node;
}

function constant(node: Cql2Node): unknown {
  switch (node.kind) {
    case 'literal':
    case 'date':
    case 'timestamp':
      return node.value;
    case 'property':
      return refuse(
        node.at,
        `${node.name.slice(0, 64)} is a property: comparing two of them is not supported`,
        node.name,
      );
    case 'op':
      return refuse(node.at, `${node.op.slice(0, 64)} is not supported as a value`, node.op);
    default:
      return refuse(node.at, 'must be a value');
  }
}

/** The field of an operand, which must have the operator (in the words of this service). */
function fieldOf(checker: Checker, node: Cql2Node, op: string): FieldRef {
  if (node.kind !== 'property') {
    if (node.kind === 'op') return refuse(node.at, `${node.op.slice(0, 64)} is not supported here`, node.op);
    return refuse(node.at, 'must be a property');
  }
  const field = checker.field(node.name, node.at);
  checker.operator(field, op, node.at);
  return field;
}

/** Text field against text, case-blind when both sides say CASEI. */
function textOperand(checker: Checker, left: Cql2Node, right: Cql2Node): { field: FieldRef; ignoreCase: boolean } {
  const [a, b] = [folded(left), folded(right)];
  if ((a !== left) !== (b !== right)) refuse(left.at, 'CASEI must be on both sides');
  return { field: fieldOf(checker, a, 'like'), ignoreCase: a !== left };
}

function cellLevel(checker: Checker, name: string): CellLevel | undefined {
  return Object.hasOwn(checker.layer.fields, name) ? undefined : CELL_NAMES.get(name);
}

function butNot(field: FieldRef, condition: Condition): Draft {
  return {
    kind: 'and',
    of: [
      { kind: 'notnull', field },
      { kind: 'not', of: condition },
    ],
  };
}

function compare(checker: Checker, op: string, left: Cql2Node, right: Cql2Node): Draft {
  if (folded(left) !== left || folded(right) !== right) {
    if (op !== '=' && op !== '<>') refuse(left.at, `CASEI with ${op} is not supported`, op);
    const { field } = textOperand(checker, left, right);
    const text = constant(folded(right));
    if (typeof text !== 'string') refuse(right.at, 'must be a text', text);
    const condition = checker.condition(field, 'ilike', escapeLike(text), right.at);
    return op === '=' ? condition : butNot(field, condition);
  }
  const level = left.kind === 'property' ? cellLevel(checker, left.name) : undefined;
  if (level !== undefined) {
    if (op !== '=' && op !== '<>') refuse(left.at, `codes have no ${op}`, op);
    return cells(checker, level, [constant(right)], right.at, op === '=');
  }
  const name = op === '<>' ? '!=' : op;
  const field = fieldOf(checker, left, name);
  return checker.condition(field, name, instant(field, right), right.at);
}

/** A constant for a field; a day is no instant, and an instant no day. */
function instant(field: FieldRef, node: Cql2Node): unknown {
  if ((node.kind === 'date' && field.type !== 'date') || (node.kind === 'timestamp' && field.type !== 'datetime')) {
    refuse(
      node.at,
      `${node.kind.toUpperCase()} cannot be compared with ${field.name}, which is ${field.type}`,
      node.value,
    );
  }
  return constant(node);
}

function cells(checker: Checker, by: CellLevel, codes: unknown[], at: string, isTrue: boolean): Draft {
  const condition = checker.cells(by, codes, { by: at, codes: at });
  if (isTrue) return condition;
  return { kind: 'not', of: { kind: 'or', of: [{ kind: 'outside', by }, condition] } };
}

function oneOf(checker: Checker, node: Cql2Node & { kind: 'op' }, isTrue: boolean): Draft {
  requireArguments(node, 2);
  const [left, list] = node.args as [Cql2Node, Cql2Node];
  if (list.kind !== 'list') refuse(list.at, 'must be a list');
  if (list.items.length === 0) refuse(list.at, 'must be a list of at least one value');
  if (folded(left) !== left) {
    const parts = list.items.map((item) => compare(checker, isTrue ? '=' : '<>', left, item));
    for (const _ of parts) checker.count(0);
    return { kind: isTrue ? 'or' : 'and', of: parts };
  }
  const level = left.kind === 'property' ? cellLevel(checker, left.name) : undefined;
  if (level !== undefined) return cells(checker, level, list.items.map(constant), list.at, isTrue);
  const field = fieldOf(checker, left, 'in');
  const values = list.items.map((item) => instant(field, item));
  const condition = checker.condition(field, 'in', values, list.at);
  return isTrue ? condition : butNot(field, condition);
}

function isGeometry(checker: Checker, node: Cql2Node): boolean {
  return (
    node.kind === 'property' && GEOMETRY_NAMES.includes(node.name) && !Object.hasOwn(checker.layer.fields, node.name)
  );
}

function spatial(checker: Checker, node: Cql2Node & { kind: 'op' }, isTrue: boolean): Draft {
  requireArguments(node, 2);
  const [first, second] = node.args as [Cql2Node, Cql2Node];
  const isFlipped = !isGeometry(checker, first);
  const [own, other] = isFlipped ? [second, first] : [first, second];
  if (!isGeometry(checker, own)) refuse(node.at, `${node.op} needs the property geom and an area`);
  let { op } = node;
  if (isFlipped && op === 's_contains') op = 's_within';
  else if (isFlipped && op === 's_within') op = 's_contains';
  const isPoint = isPointLike(checker.layer);
  // A point is within an area when the two meet: the border belongs to the area here.
  const isMeeting = op === 's_intersects' || (isPoint && op === 's_within');
  if (!isMeeting && op !== 's_disjoint') {
    const shape = isPoint ? 'points' : checker.layer.geometry === 'line' ? 'lines' : 'polygons';
    refuse(node.at, `${op} is not supported for ${shape}; s_intersects and s_disjoint are`, op);
  }
  const condition = area(checker, other);
  if (isMeeting === isTrue) return condition;
  return { kind: 'and', of: [WORLD, { kind: 'not', of: condition }] };
}

function area(checker: Checker, node: Cql2Node): Draft {
  switch (node.kind) {
    case 'bbox':
      return { kind: 'bbox', bbox: parseBbox(node.bbox, node.at) };
    case 'geometry': {
      if (node.type === 'Point' && Array.isArray(node.coordinates)) {
        const [lon, lat] = node.coordinates as unknown[];
        return { kind: 'bbox', bbox: parseBbox([lon, lat, lon, lat], node.at) };
      }
      if (node.type !== 'Polygon' && node.type !== 'MultiPolygon') {
        refuse(
          node.at,
          `${node.type.slice(0, 64)} is not supported; Point, Polygon, MultiPolygon and BBOX are`,
          node.type,
        );
      }
      return { kind: 'within', polygons: parseArea({ type: node.type, coordinates: node.coordinates }, node.at) };
    }
    case 'op':
      return madeArea(checker, node);
    default:
      return refuse(node.at, 'must be an area');
  }
}

/** The areas that are functions here: CIRCLE(lon, lat, metres), INSIDE(layer, fid or filter, metres). */
function madeArea(checker: Checker, { op, args, at }: Cql2Node & { kind: 'op' }): Draft {
  if (op === 'circle') {
    if (args.length !== 3) refuse(at, 'circle takes three arguments: longitude, latitude, metres');
    const [lon, lat, metres] = args.map(constant);
    return checker.circle({ centre: [lon, lat], metres }, at);
  }
  if (op === 'inside') {
    if (args.length !== 3) refuse(at, 'inside takes three arguments: layer, number of a feature or filter, metres');
    const [layer, rows, metres] = args.map(constant);
    if (typeof rows === 'number') return checker.inside({ layer, fid: rows, metres }, at);
    return checker.inside({ layer, ...(rows === '' ? {} : { filter: rows }), metres }, at);
  }
  return refuse(at, `${op.slice(0, 64)} is not supported as an area; circle and inside are`, op);
}

function temporal(checker: Checker, node: Cql2Node & { kind: 'op' }, isTrue: boolean): Draft {
  requireArguments(node, 2);
  const [first, second] = node.args as [Cql2Node, Cql2Node];
  const isFlipped = first.kind !== 'property';
  const [own, other] = isFlipped ? [second, first] : [first, second];
  const op = isFlipped ? (TEMPORAL_FLIPPED[node.op] ?? node.op) : node.op;
  if (isFlipped && op === 't_during') refuse(node.at, 't_during needs the property first', op);
  const field = fieldOf(checker, own, '=');
  if (field.type !== 'date' && field.type !== 'datetime') refuse(own.at, `${field.name} is no date`, field.name);
  const [from, to] = other.kind === 'interval' ? other.ends : [other, other];
  const [hasFrom, hasTo] = [!isOpen(from), !isOpen(to)];
  const test = (comparison: string, end: Cql2Node): Draft => compare(checker, comparison, own, end);
  const isOutside = (): Draft => parts('or', [hasFrom && test('<', from), hasTo && test('>', to)]);
  const isInside = (): Draft => withValue(field, parts('and', [hasFrom && test('>=', from), hasTo && test('<=', to)]));
  switch (op) {
    case 't_after':
      if (!hasTo) return isTrue ? NOTHING : { kind: 'notnull', field };
      return test(isTrue ? '>' : '<=', to);
    case 't_before':
      if (!hasFrom) return isTrue ? NOTHING : { kind: 'notnull', field };
      return test(isTrue ? '<' : '>=', from);
    case 't_equals':
      if (other.kind === 'interval') refuse(other.at, 'an instant equals no interval');
      return test(isTrue ? '=' : '<>', other);
    case 't_disjoint':
      return isTrue ? isOutside() : isInside();
    case 't_intersects':
      return isTrue ? isInside() : isOutside();
    default: {
      // Within the interval, its ends left out.
      if (other.kind !== 'interval') refuse(other.at, 't_during needs an interval');
      if (isTrue) return withValue(field, parts('and', [hasFrom && test('>', from), hasTo && test('<', to)]));
      return parts('or', [hasFrom && test('<=', from), hasTo && test('>=', to)]);
    }
  }
}

/** The tests that there are. */
function parts(kind: 'and' | 'or', tests: (Draft | false)[]): Draft {
  return { kind, of: tests.filter((part) => part !== false) };
}

/** Without any bound, what remains is that there is a value. */
function withValue(field: FieldRef, draft: Draft): Draft {
  return draft.kind === 'and' && draft.of.length === 0 ? { kind: 'notnull', field } : draft;
}

function isOpen(node: Cql2Node): boolean {
  return node.kind === 'literal' && (node.value === '..' || node.value === '');
}
