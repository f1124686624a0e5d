import { isRecord, refuse } from './check.ts';
import { DEEPEST_NODE, type Cql2Node } from './cql2-node.ts';

/** Reads CQL2 JSON that was parsed. Throws `FILTER_INVALID`. */
export function readCql2Json(value: unknown, at: string, depth = 1): Cql2Node {
  if (depth > DEEPEST_NODE) refuse('filter', `is nested deeper than ${DEEPEST_NODE}`);
  if (typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean') {
    return { kind: 'literal', value, at };
  }
  if (Array.isArray(value)) {
    return { kind: 'list', items: value.map((item, index) => readCql2Json(item, `${at}[${index}]`, depth + 1)), at };
  }
  if (!isRecord(value)) return refuse(at, 'must be an expression of CQL2 JSON', value);
  const { op, args, property, date, timestamp, interval, bbox, type, coordinates } = value;
  if (op !== undefined) {
    if (typeof op !== 'string') refuse(`${at}.op`, 'must be the name of an operator', op);
    if (!Array.isArray(args)) refuse(`${at}.args`, 'must be a list', args);
    const nodes = args.map((arg, index) => readCql2Json(arg, `${at}.args[${index}]`, depth + 1));
    return { kind: 'op', op: op.toLowerCase(), args: nodes, at };
  }
  if (property !== undefined) {
    if (typeof property !== 'string') refuse(`${at}.property`, 'must be the name of a property', property);
    return { kind: 'property', name: property, at };
  }
  if (date !== undefined || timestamp !== undefined) {
    const kind = date === undefined ? 'timestamp' : 'date';
    const text = date ?? timestamp;
    if (typeof text !== 'string') refuse(`${at}.${kind}`, 'must be a string', text);
    return { kind, value: text, at };
  }
  if (interval !== undefined) {
    if (!Array.isArray(interval) || interval.length !== 2) refuse(`${at}.interval`, 'must be a list of two', interval);
    const [from, to] = interval.map((end, index) => readCql2Json(end, `${at}.interval[${index}]`, depth + 1));
    return { kind: 'interval', ends: [from as Cql2Node, to as Cql2Node], at };
  }
  if (bbox !== undefined) return { kind: 'bbox', bbox, at };
  if (typeof type === 'string') return { kind: 'geometry', type, coordinates, at };
  return refuse(
    at,
    'must be an expression of CQL2 JSON: op and args, property, date, timestamp, interval, a geometry',
    value,
  );
}
