import * as fc from 'fast-check';
import type { LayerDetail } from '../../server/contract.ts';

/** A request to send: an address, which may be no proper one, and what goes with it. */
export interface FuzzRequest {
  method: string;
  path: string;
  headers: Record<string, string>;
  body?: string;
}

interface Schema {
  type?: string | string[];
  enum?: unknown[];
  const?: unknown;
  pattern?: string;
  properties?: Record<string, Schema>;
  required?: string[];
  items?: Schema;
  anyOf?: Schema[];
  oneOf?: Schema[];
  minimum?: number;
  maximum?: number;
  $ref?: string;
}
interface Parameter {
  name: string;
  in: string;
  schema?: Schema;
}
interface Operation {
  parameters?: Parameter[];
  requestBody?: { content?: Record<string, { schema?: Schema }> };
}
export interface OpenApi {
  paths: Record<string, Record<string, Operation>>;
  components?: { schemas?: Record<string, Schema> };
}

/** What is really there, so that many requests get past the first check. */
export interface Known {
  layers: readonly LayerDetail[];
  fids: readonly number[];
  loads: readonly number[];
  staffToken: string;
}

/** Texts that have broken services before. */
const NASTY = [
  '',
  ' ',
  "'",
  '"',
  "'; drop table app.load; --",
  "1' or '1'='1",
  '${7*7}',
  '../../../etc/passwd',
  '..%2f..%2fetc',
  '\0',
  'a\0b',
  '\u{20bb7}野家',
  '‮x',
  '%',
  '%25',
  '<script>alert(1)</script>',
  'null',
  'undefined',
  'NaN',
  'Infinity',
  '-1',
  '-0',
  '0',
  '1e309',
  '1e-400',
  '9007199254740993',
  '99999999999999999999',
  '2147483648',
  '-2147483649',
  '0x10',
  '1,2',
  '９９',
  '١٢',
  '{}',
  '[]',
  '[[[[[[[[[[[[[[[[[[[[]]]]]]]]]]]]]]]]]]]]',
  '{"field":"name"}',
  '{"__proto__":{"x":1}}',
  'constructor',
  '__proto__',
  'toString',
  'x'.repeat(70),
  'x'.repeat(5000),
  ','.repeat(300),
  '\u2028',
  'true',
  '2026-02-30',
  '0000-00-00',
  '2026-11-27T12:00:00+08:00',
  '999999-01-01',
] as const;

/** Broken escapes: not what an encoder would write. */
const RAW = ['%', '%ff', '%c0%af', '%u0041', '%e4%bd', '%00', '+', '&&', '=', ';', '%2e%2e%2f'] as const;

const garbage: fc.Arbitrary<string> = fc.oneof(
  fc.constantFrom(...NASTY),
  fc.string({ unit: 'grapheme', maxLength: 30 }),
  fc.string({ unit: 'binary', maxLength: 20 }),
  fc.integer().map(String),
  fc.double().map(String),
);

const lon = fc.double({ min: 112.9, max: 113.2, noNaN: true });
const lat = fc.double({ min: 22.9, max: 23.1, noNaN: true });
const box = fc
  .tuple(lon, lat, lon, lat)
  .map(([a, b, c, d]) => [Math.min(a, c), Math.min(b, d), Math.max(a, c), Math.max(b, d)]);
const number = fc.oneof(fc.integer({ min: -5, max: 500 }), fc.double({ noNaN: true, noDefaultInfinity: true }));
const day = fc
  .date({ min: new Date('1900-01-01'), max: new Date('2030-01-01'), noInvalidDate: true })
  .map((date) => date.toISOString());
const crs = fc
  .constantFrom(4326, 4490, 3857, 4526, 4547, 4491, 4513, 4554, 4502, 9999)
  .map((code) => `http://www.opengis.net/def/crs/EPSG/0/${code}`);

/** A value of the type of a field, or close to one. */
function fieldValue(field: LayerDetail['fields'][number] | undefined): fc.Arbitrary<unknown> {
  const values = Object.keys(field?.values ?? { x: 1 });
  const fitting: fc.Arbitrary<unknown> =
    field === undefined
      ? fc.jsonValue({ maxDepth: 1 })
      : {
          string: fc.oneof(fc.constantFrom(...values), garbage),
          int: fc.oneof(fc.integer({ min: -10, max: 3000 }), fc.integer()),
          number: fc.double({ noNaN: true }),
          bool: fc.boolean(),
          date: day.map((text) => text.slice(0, 10)),
          datetime: day,
        }[field.type];
  return fc.oneof({ weight: 6, arbitrary: fitting }, { weight: 1, arbitrary: fc.jsonValue({ maxDepth: 2 }) });
}

/** A filter of a layer: mostly one that is understood, sometimes a little wrong. */
function filterOf(layer: LayerDetail): fc.Arbitrary<string> {
  const names = [...layer.fields.map(({ name }) => name), 'nothing', 'fid', 'geom'];
  const comparison = fc.constantFrom(...names).chain((name) => {
    const field = layer.fields.find((each) => each.name === name);
    const value = fieldValue(field);
    const op = fc.constantFrom(
      '=',
      '!=',
      '<',
      '<=',
      '>',
      '>=',
      'in',
      'between',
      'like',
      'contains',
      'null',
      'notnull',
      'or',
    );
    return fc.record(
      { field: fc.constant(name), op, value: fc.oneof(value, fc.array(value, { maxLength: 4 })) },
      { requiredKeys: ['field', 'op'] },
    );
  });
  const ring = fc.tuple(lon, lat, fc.double({ min: 0.001, max: 0.05, noNaN: true })).map(([x, y, r]) => [
    [x, y],
    [x + r, y],
    [x + r, y + r],
    [x, y + r],
    [x, y],
  ]);
  const part = fc.oneof(
    { weight: 6, arbitrary: comparison as fc.Arbitrary<unknown> },
    { weight: 1, arbitrary: box.map((bbox) => ({ bbox })) },
    { weight: 1, arbitrary: ring.map((coordinates) => ({ within: { type: 'Polygon', coordinates: [coordinates] } })) },
    {
      weight: 1,
      arbitrary: fc
        .tuple(fc.constantFrom('grid', 'community', 'town', 'room'), fc.array(fc.constantFrom('440604010000', 'x', '')))
        .map(([by, codes]) => ({ cells: { by, codes } })),
    },
    { weight: 1, arbitrary: fc.jsonValue({ maxDepth: 3 }) },
  );
  const tree = fc.oneof(
    { weight: 4, arbitrary: part },
    { weight: 1, arbitrary: part.map((not) => ({ not })) },
    { weight: 1, arbitrary: fc.array(part, { maxLength: 4 }).map((and) => ({ and })) },
    { weight: 1, arbitrary: fc.array(part, { maxLength: 4 }).map((or) => ({ or })) },
  );
  return tree.map((each) => JSON.stringify(each));
}

/** Fitting values of the parameters that several routes have, by name. */
function byName(name: string, layer: LayerDetail, known: Known): fc.Arbitrary<string> | null {
  const layers = known.layers.map(({ id }) => id);
  const tile = fc.integer({ min: 0, max: 24 });
  switch (name) {
    case 'collectionId':
      return fc.constant(layer.id);
    case 'ids':
    case 'collections':
      return fc.array(fc.constantFrom(...layers), { minLength: 1, maxLength: 44 }).map((ids) => ids.join(','));
    case 'fid':
    case 'featureId':
      return fc.constantFrom(...known.fids).map(String);
    case 'from':
    case 'to':
    case 'load':
    case 'v':
      return fc.constantFrom(...known.loads).map(String);
    case 'z':
    case 'tileMatrix':
      return tile.map(String);
    case 'x':
    case 'tileCol':
      // Over the district at zoom 14, where most tiles have something.
      return fc.oneof(fc.integer({ min: 13_330, max: 13_345 }), fc.integer({ min: 0, max: 5_000_000 })).map(String);
    case 'y':
    case 'tileRow':
      return fc.oneof(fc.integer({ min: 7105, max: 7120 }), fc.integer({ min: 0, max: 5_000_000 })).map(String);
    case 'tileMatrixSetId':
      return fc.constant('WebMercatorQuad');
    case 'bbox':
      return fc.oneof(
        box.map((numbers) => numbers.join(',')),
        fc.array(number, { minLength: 3, maxLength: 7 }).map((numbers) => numbers.join(',')),
      );
    case 'filter':
      return filterOf(layer);
    case 'crs':
    case 'bbox-crs':
    case 'filter-crs':
      return crs;
    case 'datetime':
      return fc.tuple(fc.oneof(day, fc.constant('..')), fc.oneof(day, fc.constant(''))).map((ends) => ends.join('/'));
    case 'at':
      return fc.oneof(
        day,
        day.map((text) => text.slice(0, 10)),
      );
    case 'limit':
    case 'offset':
    case 'after':
    case 'before':
    case 'cursor':
      return fc.oneof(fc.integer({ min: 0, max: 1500 }), fc.integer()).map(String);
    case 'by':
      return fc.constantFrom('grid', 'community', 'town', 'category', 'hour');
    case 'town':
      return fc.constantFrom('440604010000', '440604011000');
    case 'layer':
      return fc.constantFrom(...layers);
    case 'purpose':
      return fc.constant('fuzz test');
    default:
      return null;
  }
}

function resolve(document: OpenApi, schema: Schema | undefined): Schema {
  const name = schema?.$ref?.split('/').at(-1);
  return (name === undefined ? schema : document.components?.schemas?.[name]) ?? {};
}

/** A value for a schema: one that fits, or one of another kind. */
function bySchema(document: OpenApi, known: Known, raw: Schema | undefined, depth = 0): fc.Arbitrary<unknown> {
  const schema = resolve(document, raw);
  const type = Array.isArray(schema.type) ? schema.type[0] : schema.type;
  let fitting: fc.Arbitrary<unknown>;
  const either = schema.anyOf ?? schema.oneOf;
  if (either !== undefined && depth < 6) {
    fitting = fc.oneof(...either.map((each) => bySchema(document, known, each, depth)));
  } else if (schema.enum !== undefined) fitting = fc.constantFrom(...schema.enum);
  else if (schema.const !== undefined) fitting = fc.constant(schema.const);
  else if (type === 'object' && schema.properties !== undefined && depth < 4) {
    fitting = fc.record(
      Object.fromEntries(
        Object.entries(schema.properties).map(([name, property]) => [
          name,
          bodyValue(document, known, name, property, depth),
        ]),
      ),
      { requiredKeys: schema.required ?? [] },
    );
  } else if (type === 'array' && depth < 4) {
    fitting = fc.array(bySchema(document, known, schema.items, depth + 1), { maxLength: 6 });
  } else if (type === 'integer') fitting = fc.integer({ min: schema.minimum ?? -10, max: schema.maximum ?? 5000 });
  else if (type === 'number') fitting = fc.double({ noNaN: true, noDefaultInfinity: true });
  else if (type === 'boolean') fitting = fc.boolean();
  else if (type === 'string') fitting = garbage;
  else fitting = fc.jsonValue({ maxDepth: 2 });
  return fc.oneof({ weight: 15, arbitrary: fitting }, { weight: 1, arbitrary: fc.jsonValue({ maxDepth: 2 }) });
}

/** Properties whose schema alone would hardly ever be met. */
function bodyValue(
  document: OpenApi,
  known: Known,
  name: string,
  schema: Schema,
  depth: number,
): fc.Arbitrary<unknown> {
  const ring = fc.tuple(lon, lat).map(([x, y]) => [
    [x, y],
    [x + 0.01, y],
    [x + 0.01, y + 0.01],
    [x, y],
  ]);
  const fittings: Record<string, fc.Arbitrary<unknown>> = {
    // Of analyses and results.
    layer: fc.constantFrom(...known.layers.map(({ id }) => id)),
    fid: fc.constantFrom(...known.fids),
    metres: fc.integer({ min: 1, max: 500 }),
    point: fc.tuple(lon, lat),
    center: fc.tuple(lon, lat),
    points: fc.array(fc.tuple(lon, lat), { minLength: 2, maxLength: 3 }),
    title: fc.constant('fuzz'),
    purpose: fc.constant('fuzz test'),
    geometry: ring.map((coordinates) => ({ type: 'Polygon', coordinates: [coordinates] })),
    filter: fc
      .constantFrom(...known.layers)
      .chain(filterOf)
      .map((text) => JSON.parse(text) as unknown),
    lon,
    lat,
    category: fc.constantFrom('10101', '06010', 'Z01', 'Z0101', '99999'),
    occurredAt: day,
    key: fc.string({ minLength: 1, maxLength: 30 }),
    source: fc.constant('fuzz'),
  };
  const fitting = Object.hasOwn(fittings, name) ? fittings[name] : undefined;
  const any = bySchema(document, known, schema, depth + 1);
  return fitting === undefined ? any : fc.oneof({ weight: 8, arbitrary: fitting }, { weight: 1, arbitrary: any });
}

/** As an encoder writes it; half a character, which it refuses, becomes a question mark. */
function escaped(text: string): string {
  return encodeURIComponent(text.replaceAll(/\p{Surrogate}/gu, '?'));
}

/** Mostly what fits, sometimes garbage, seldom broken escapes. Text ready for an address. */
function addressPart(fitting: fc.Arbitrary<string>): fc.Arbitrary<string> {
  return fc.oneof(
    { weight: 12, arbitrary: fitting.map(escaped) },
    { weight: 3, arbitrary: garbage.map(escaped) },
    { weight: 1, arbitrary: fc.constantFrom(...RAW) },
  );
}

function header(values: readonly string[]): fc.Arbitrary<string | undefined> {
  return fc.option(fc.constantFrom(...values), { nil: undefined, freq: 3 });
}

function headersOf(known: Known): fc.Arbitrary<Record<string, string>> {
  return fc
    .record({
      Authorization: fc.oneof(
        { weight: 6, arbitrary: fc.constant<string | undefined>(`Bearer ${known.staffToken}`) },
        { weight: 2, arbitrary: fc.constant(undefined) },
        { weight: 1, arbitrary: fc.constantFrom<string | undefined>('Bearer x', 'Basic e', '', 'Bearer') },
      ),
      Accept: header([
        '*/*',
        'text/html',
        'application/json',
        'application/xml',
        'text/html;q=x',
        ',;,',
        'a/b;q=0.1,*/*;q=0',
      ]),
      'Accept-Encoding': header(['gzip', 'identity', 'br;q=1', 'gzip;q=0']),
      'If-None-Match': header(['*', 'W/"x"', '"', ',,,']),
    })
    .map((all) =>
      Object.fromEntries(Object.entries(all).filter((entry): entry is [string, string] => entry[1] !== undefined)),
    );
}

/** Requests to every route of the document, all routes alike often. */
export function fuzzRequests(
  document: OpenApi,
  known: Known,
  left: (path: string) => boolean,
): fc.Arbitrary<FuzzRequest> {
  const routes = Object.entries(document.paths).flatMap(([path, operations]) =>
    left(path) ? [] : Object.entries(operations).map(([method, operation]) => ({ path, method, operation })),
  );
  return fc.tuple(fc.constantFrom(...routes), fc.constantFrom(...known.layers)).chain(([route, layer]) => {
    const { path, method, operation } = route;
    const parameters = operation.parameters ?? [];
    const valueOf = (parameter: Parameter): fc.Arbitrary<string> => {
      const isLayer = parameter.name === 'id' && path.startsWith('/api/layers');
      const named = isLayer ? fc.constant(layer.id) : byName(parameter.name, layer, known);
      if (named !== null) return addressPart(named);
      const isLoad = parameter.name === 'id' && path.startsWith('/api/loads');
      if (isLoad) return addressPart(fc.constantFrom(...known.loads).map(String));
      return addressPart(
        bySchema(document, known, parameter.schema).map((value) =>
          typeof value === 'string' ? value : (JSON.stringify(value) ?? ''),
        ),
      );
    };
    const inPath = fc.record(
      Object.fromEntries(parameters.filter((each) => each.in === 'path').map((each) => [each.name, valueOf(each)])),
    );
    const inQuery = fc.record(
      Object.fromEntries(parameters.filter((each) => each.in === 'query').map((each) => [each.name, valueOf(each)])),
      { requiredKeys: [] },
    );
    // Properties of the layer, parameters that nobody knows, and the same one twice.
    const names = [
      ...layer.fields.map(({ name }) => name),
      'nothing',
      'f',
      'filter',
      'limit',
      'town_code',
      '__proto__',
    ];
    const more = fc.array(fc.tuple(fc.constantFrom(...names), addressPart(garbage)), { maxLength: 2 });
    const moreSometimes = fc.oneof(
      { weight: 4, arbitrary: fc.constant<[string, string][]>([]) },
      { weight: 1, arbitrary: more },
    );
    const schema = operation.requestBody?.content?.['application/json']?.schema;
    const body: fc.Arbitrary<string | undefined> =
      method === 'get'
        ? fc.constant(undefined)
        : fc.oneof(
            { weight: 8, arbitrary: bySchema(document, known, schema).map((value) => JSON.stringify(value)) },
            { weight: 1, arbitrary: garbage },
            { weight: 1, arbitrary: fc.constant(undefined) },
          );
    return fc.record({ inPath, inQuery, moreSometimes, headers: headersOf(known), body }).map((made) => {
      const address = path.replaceAll(/\{(\w+)\}/g, (_, name: string) => made.inPath[name] ?? '');
      const query = [...Object.entries(made.inQuery), ...made.moreSometimes].map(([name, value]) => `${name}=${value}`);
      return {
        method: method.toUpperCase(),
        path: `${address}${query.length === 0 ? '' : `?${query.join('&')}`}`,
        headers: { ...made.headers, ...(made.body === undefined ? {} : { 'Content-Type': 'application/json' }) },
        ...(made.body === undefined ? {} : { body: made.body }),
      };
    });
  });
}
