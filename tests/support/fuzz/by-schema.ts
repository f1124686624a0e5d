import * as fc from 'fast-check';
import { garbage } from './garbage.ts';
import type { Known, KnownLayer } from './known.ts';
import { fittingFilter, filterOf } from './filters.ts';
import { lat, lon } from './places.ts';

export interface Schema {
  type?: string | string[];
  format?: string;
  enum?: unknown[];
  const?: unknown;
  example?: unknown;
  pattern?: string;
  minLength?: number;
  maxLength?: number;
  properties?: Record<string, Schema>;
  required?: string[];
  items?: Schema;
  prefixItems?: Schema[];
  minItems?: number;
  maxItems?: number;
  anyOf?: Schema[];
  oneOf?: Schema[];
  minimum?: number;
  maximum?: number;
  exclusiveMinimum?: number;
  $ref?: string;
}

export interface Schemas {
  components?: { schemas?: Record<string, Schema> };
}

/** What values are made from. */
export interface Making {
  document: Schemas;
  known: Known;
  /** Whether values may be of another kind than the schema says. */
  isLoose: boolean;
  /** The layer that the nearest object around names. */
  layer: KnownLayer;
  depth: number;
}

const TEXTS = ['fuzz', '路面积水', '\u{20bb7}野家', 'A-1', '处置完毕，现场已恢复'];

function textOf({ pattern, minLength = 0, maxLength = 60, format, example }: Schema, isLoose: boolean) {
  if (isLoose) return garbage;
  if (format === 'uuid') return fc.uuid();
  if (format === 'date-time') return fc.integer({ min: 60, max: 86_400 }).map(agoText);
  if (format === 'email') return fc.constant('fuzz@example.org');
  if (format === 'uri') return fc.constant('https://127.0.0.1:9/fuzz');
  if (pattern !== undefined) return fc.stringMatching(new RegExp(pattern));
  if (typeof example === 'string') return fc.constant(example);
  return fc.constantFrom(...TEXTS).map((text) => text.padEnd(minLength, '.').slice(0, maxLength));
}

function agoText(seconds: number): string {
  return new Date(Date.now() - seconds * 1000).toISOString();
}

export function resolveSchema({ components }: Schemas, schema: Schema | undefined): Schema {
  const name = schema?.$ref?.split('/').at(-1);
  return (name === undefined ? schema : components?.schemas?.[name]) ?? {};
}

/** A value for a schema: one that fits or, of a loose making, seldom one of another kind. */
export function bySchema(making: Making, raw: Schema | undefined): fc.Arbitrary<unknown> {
  const fitting = fittingValue(making, resolveSchema(making.document, raw));
  return making.isLoose
    ? fc.oneof({ weight: 15, arbitrary: fitting }, { weight: 1, arbitrary: fc.jsonValue({ maxDepth: 2 }) })
    : fitting;
}

function fittingValue(making: Making, schema: Schema): fc.Arbitrary<unknown> {
  const { depth, isLoose } = making;
  const deeper = { ...making, depth: depth + 1 };
  const type = Array.isArray(schema.type) ? schema.type[0] : schema.type;
  const either = schema.anyOf ?? schema.oneOf;
  if (either !== undefined && depth < 8) return fc.oneof(...either.map((each) => bySchema(deeper, each)));
  if (schema.enum !== undefined) return fc.constantFrom(...schema.enum);
  if (schema.const !== undefined) return fc.constant(schema.const);
  if (type === 'object' && schema.properties !== undefined && depth < 8) return objectOf(deeper, schema);
  if (type === 'array' && depth < 8) {
    if (schema.prefixItems) return fc.tuple(...schema.prefixItems.map((each) => bySchema(deeper, each)));
    return fc.array(bySchema(deeper, schema.items), {
      minLength: isLoose ? 0 : (schema.minItems ?? 0),
      maxLength: Math.min(schema.maxItems ?? 6, 6),
    });
  }
  const { minimum, maximum, exclusiveMinimum } = schema;
  const least = exclusiveMinimum ?? minimum;
  if (type === 'integer') {
    return fc.integer({
      min: exclusiveMinimum === undefined ? (minimum ?? -10) : exclusiveMinimum + 1,
      max: maximum ?? 5000,
    });
  }
  if (type === 'number') {
    if (isLoose && least === undefined) return fc.double({ noNaN: true, noDefaultInfinity: true });
    const min = least ?? 0;
    const max = Math.min(maximum ?? min + 1000, min + 1000);
    return fc.integer({ min: 1, max: 1000 }).map((step) => min + ((max - min) * step) / 1000);
  }
  if (type === 'boolean') return fc.boolean();
  if (type === 'string') return textOf(schema, isLoose);
  return fc.jsonValue({ maxDepth: 2 });
}

/** Properties of one object are about one layer. */
function objectOf(making: Making, { properties = {}, required = [] }: Schema): fc.Arbitrary<unknown> {
  const { known, isLoose } = making;
  const record = (about: Making): fc.Arbitrary<unknown> =>
    fc.record(
      Object.fromEntries(
        Object.entries(properties).map(([name, property]) => [name, propertyValue(about, name, property)]),
      ),
      { requiredKeys: required },
    );
  if (!Object.hasOwn(properties, 'layer')) return record(making);
  const layers = isLoose ? known.things.layers : known.located;
  return fc.constantFrom(...layers).chain((layer) => record({ ...making, layer }));
}

const corner = fc.tuple(lon, lat);
const ring = corner.map(([x, y]) => [
  [x, y],
  [x + 0.01, y],
  [x + 0.01, y + 0.01],
  [x, y],
]);
const polygon = ring.map((coordinates) => ({ type: 'Polygon', coordinates: [coordinates] }));
const parsed = (text: string): unknown => JSON.parse(text);

/** Properties whose schema alone would hardly ever be met. */
function propertyValue(making: Making, name: string, schema: Schema): fc.Arbitrary<unknown> {
  const { known, layer, isLoose } = making;
  const { things } = known;
  const inLine = fc.array(corner, { minLength: 2, maxLength: 4 });
  const type = schema.type;
  const fittings: Record<string, () => fc.Arbitrary<unknown>> = {
    // Of analyses and results.
    layer: () => fc.constant(layer.id),
    fid: () => fc.constantFrom(...layer.fids, ...(layer.fids.length === 0 ? [1] : [])),
    fields: () =>
      fc.subarray(
        layer.fields.map((field) => field.name),
        { minLength: 1 },
      ),
    metres: () => fc.integer({ min: 1, max: 500 }),
    point: () => corner,
    center: () => corner,
    points: () => fc.array(corner, { minLength: 2, maxLength: 3 }),
    line: () => inLine,
    coordinates: () => inLine,
    geometry: () => polygon,
    features: () =>
      fc.array(
        polygon.map((geometry) => ({ type: 'Feature', geometry, properties: { name: 'a', n: 1 } })),
        { minLength: 1, maxLength: 3 },
      ),
    bbox: () => corner.map(([x, y]) => [x, y, x + 0.02, y + 0.02].join(',')),
    filter: () => (isLoose ? fc.constantFrom(...things.layers).chain(filterOf) : fittingFilter(layer)).map(parsed),
    code: () => fc.constantFrom(...things.cells),
    title: () => (type === 'string' ? fc.constant('fuzz') : bySchema(making, schema)),
    purpose: () => fc.constant('fuzz test'),
    // Of incidents, and what becomes of them.
    lon: () => lon,
    lat: () => lat,
    category: () =>
      type === 'string' ? fc.constantFrom('06010', '06012', 'Z0101', '10001') : bySchema(making, schema),
    occurredAt: () => fc.integer({ min: 60, max: 86_400 }).map(agoText),
    at: () => (making.depth > 3 ? fc.integer({ min: 60, max: 86_400 }).map(agoText) : fc.constant(things.now)),
    key: () => fc.uuid(),
    source: () => fc.constant('fuzz'),
    standard: () => fc.constant('2026'),
    crs: () => fc.constant('EPSG:4326'),
    parent: () => known.one('incident').map(Number),
    minutes: () => (schema.items === undefined ? fc.integer({ min: 1, max: 5 }) : fc.constantFrom([2], [3, 5])),
    department: () => fc.constantFrom('urban_management', 'emergency', layer.department.id),
    expires: () => fc.integer({ min: 600, max: 86_400 }).map((seconds) => agoText(-seconds)),
    onset: () => fc.integer({ min: 60, max: 500 }).map((seconds) => agoText(-seconds)),
    replaces: () => fc.constant([]),
    polygons: () => fc.array(ring, { minLength: 1, maxLength: 2 }),
    towns: () => fc.subarray([...things.towns], { minLength: 1 }),
    categories: () => fc.subarray(['Z', '06', '06010'], { minLength: 1 }),
    target: () => fc.constant({}),
    channel: () => fc.constant('inapp'),
    sensor: () => fc.constantFrom(...things.sensors.map(({ id }) => id)),
    metric: () => fc.constantFrom(...things.sensors.map(({ metric }) => metric)),
    kind: () =>
      schema.enum === undefined && things.vehicles.length > 0
        ? fc.constantFrom(...things.vehicles.map(({ kind }) => kind))
        : bySchema(making, schema),
    vehicle: () => fc.constantFrom('fuzz', ...things.vehicles.map(({ vehicle }) => vehicle)),
  };
  const fitting = Object.hasOwn(fittings, name) ? fittings[name]?.() : undefined;
  const any = bySchema(making, schema);
  if (fitting === undefined) return any;
  return isLoose ? fc.oneof({ weight: 8, arbitrary: fitting }, { weight: 1, arbitrary: any }) : fitting;
}
