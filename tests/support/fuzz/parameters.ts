import * as fc from 'fast-check';
import { fittingFilter, filterOf } from './filters.ts';
import type { Known, KnownLayer } from './known.ts';
import { box, crs, day, lat, lon, number } from './places.ts';

export interface About {
  /** Path of the contract. */
  path: string;
  method: string;
  layer: KnownLayer;
  known: Known;
}

/** What `{id}` and the like stand for, by the beginning of the path. */
const POOLS: readonly [RegExp, string, string][] = [
  [/^\/api\/incidents\/\{id\}/, 'id', 'incident'],
  [/^\/open311\/v2\/requests\//, 'id', 'incident'],
  [/^\/api\/rules\//, 'id', 'rule'],
  [/^\/api\/alarms\//, 'id', 'alarm'],
  [/^\/api\/alerts\//, 'id', 'alert'],
  [/^\/api\/dispatches\//, 'id', 'dispatch'],
  [/^\/api\/exports\//, 'id', 'export'],
  [/^\/api\/analysis\/jobs\//, 'id', 'job'],
  [/^\/api\/user-layers\//, 'id', 'user layer'],
  [/^\/api\/notifications\/subscriptions\//, 'id', 'subscription'],
  [/^\/api\/intake\/messages\//, 'id', 'message'],
  [/^\/api\/reports\//, 'token', 'report'],
  [/^\/open311\/v2\/tokens\//, 'token', 'report'],
  [/^\/api\/alarms$/, 'rule', 'rule'],
  [/^\/api\/intake\/messages$/, 'incident', 'incident'],
  [/^\/api\/incidents\/log$/, 'after', 'cursor'],
];

/** Two numbers of a path that belong together: `{task}` of `{id}`. */
export function pairOf(path: string): string | null {
  if (path.includes('/{media}')) return 'media';
  return path.includes('/{task}') ? 'task' : null;
}

const metricOf = ({ fields }: KnownLayer): fc.Arbitrary<string> => {
  const numbers = fields.filter(({ type, masked }) => !masked && (type === 'int' || type === 'number'));
  const names = numbers.flatMap(({ name }) => [`sum:${name}`, `avg:${name}`, `min:${name}`, `max:${name}`]);
  const distinct = fields.filter(({ masked }) => !masked).map(({ name }) => `distinct:${name}`);
  return fc.constantFrom('count', 'count', ...names, ...distinct);
};

const groupOf = ({ fields }: KnownLayer): fc.Arbitrary<string> => {
  const named = fields.filter(({ filterable, masked, values }) => filterable && !masked && values !== undefined);
  return fc.constantFrom('h3', 'h3:7', 'h3:9', 'grid', 'community', 'town', ...named.map(({ name }) => name));
};

const listed = (names: readonly string[], most: number): fc.Arbitrary<string> =>
  names.length === 0
    ? fc.constant('x')
    : fc.uniqueArray(fc.constantFrom(...names), { minLength: 1, maxLength: most }).map((list) => list.join(','));

const recent = (known: Known): fc.Arbitrary<string> =>
  fc
    .integer({ min: 0, max: 20 * 86_400 })
    .map((seconds) => new Date(Date.parse(known.things.now) - seconds * 1000).toISOString());

/**
 * A value that the route takes for this parameter; `undefined`: best left out; null: what its schema says.
 * An address written with such values is answered as a rule.
 */
export function fittingParameter(name: string, about: About): fc.Arbitrary<string> | null | undefined {
  const { path, method, layer, known } = about;
  const { things } = known;
  const pool = POOLS.find(([pattern, parameter]) => parameter === name && pattern.test(path))?.[2];
  const ending = path.startsWith('/open311') ? '.json' : '';
  if (pool !== undefined) return known.one(pool).map((id) => `${id}${ending}`);
  const isOgc = path.startsWith('/api/ogc');
  switch (name) {
    case 'id':
      if (path.startsWith('/api/loads')) return fc.constantFrom(...things.loads).map(String);
      if (path.startsWith('/api/sensors')) return fc.constantFrom(...things.sensors.map(({ id }) => id));
      if (path.startsWith('/api/intake/feeds')) return fc.constantFrom('fuzz_a', 'fuzz_b', 'fuzz_c', 'fuzz_d');
      return fc.constant(layer.id);
    case 'collectionId':
      return fc.constant(layer.id);
    case 'fid':
    case 'featureId':
      return fc.constantFrom(...layer.fids, ...(layer.fids.length === 0 ? [1] : [])).map(String);
    case 'ids':
    case 'collections':
      return listed(
        known.located.map(({ id }) => id),
        5,
      );
    // Filled in together.
    case 'z':
    case 'tileMatrix':
      return fc.constant('~z~');
    case 'x':
    case 'tileCol':
      return fc.constant('~x~');
    case 'y':
    case 'tileRow':
      return fc.constant('~y~');
    case 'tileMatrixSetId':
      return fc.constant('WebMercatorQuad');
    case 'v':
      return fc.constant(String(layer.load?.id ?? 0));
    case 'load':
      return fc.constantFrom(...things.loads).map(String);
    case 'from':
    case 'to':
      if (path.includes('/diff')) return undefined;
      if (path.startsWith('/api/indicators')) return fc.constant(name === 'from' ? '2026-11-01' : '2026-11-20');
      return name === 'to' ? undefined : recent(known);
    case 'at':
    case 'until':
      return path.startsWith('/api/incidents') ? recent(known) : fc.constant(things.now);
    case 'start_date':
    case 'end_date':
    case 'time':
    case 'style':
      return undefined;
    case 'bbox':
      return box.map((numbers) => numbers.join(','));
    case 'bbox-crs':
    case 'filter-crs':
    case 'filter-lang':
      return undefined;
    case 'crs':
      return fc.constantFrom(
        'http://www.opengis.net/def/crs/EPSG/0/4490',
        'http://www.opengis.net/def/crs/OGC/1.3/CRS84',
      );
    case 'filter':
      // Of several layers only what all of them have: a place.
      if (path.startsWith('/api/tiles')) return box.map((bbox) => JSON.stringify({ bbox }));
      return isOgc ? cql2Of(layer) : fittingFilter(layer);
    case 'datetime':
      return undefined;
    // Each belongs to a value of another one.
    case 'of':
    case 'by2':
    case 'bare':
      return undefined;
    case 'metric':
      return metricOf(layer);
    case 'by':
      return /\/(aggregate|groups)$/.test(path) ? groupOf(layer) : null;
    case 'zoom':
      return fc.integer({ min: 8, max: 18 }).map(String);
    case 'sort':
    case 'sortby':
      return fc.constantFrom('', '-').map((way) => `${way}${layer.key}`);
    case 'fields':
      return listed(
        layer.fields.map(({ name }) => name),
        4,
      );
    // A page after one of another question is refused.
    case 'cursor':
    case 'before':
      return undefined;
    case 'after':
    case 'offset':
      return fc.integer({ min: 0, max: 200 }).map(String);
    case 'limit':
      return fc.integer({ min: 1, max: 100 }).map(String);
    case 'kind':
      return method === 'post' ? undefined : fc.constantFrom('added', 'removed,changed', 'moved');
    case 'kinds':
      return things.vehicles.length === 0
        ? undefined
        : listed([...new Set(things.vehicles.map(({ kind }) => kind))], 2);
    case 'since':
      return fc.integer({ min: 0, max: 1000 }).map(String);
    case 'layer':
    case 'layers':
      if (path === '/api/sensors') return listed([...new Set(things.sensors.map(({ layer }) => layer))], 2);
      return fc.constant(layer.id);
    case 'near':
      return fc.tuple(lon, lat).map(([x, y]) => `${x},${y}`);
    case 'lon':
      return lon.map(String);
    case 'lat':
      return lat.map(String);
    case 'q':
      return fc.constantFrom('医院', '人民', '祖庙', 'zumiao', '440604', '佛山市禅城区', 'a');
    case 'town':
      return fc.constantFrom(...things.towns);
    case 'department':
      return fc.constant(layer.department.id);
    case 'category':
      return fc.constantFrom('06', '06010', 'Z01');
    case 'code':
      if (path.startsWith('/open311')) return fc.constantFrom('06010', '06012').map((code) => `${code}.json`);
      return path.includes('attach') ? undefined : fc.constantFrom('BAD_TYPE', 'DUPLICATE_KEY', 'UNKNOWN_SENSOR');
    case 'service_code':
      return fc.constantFrom('06010', '06012,06010');
    case 'service_request_id':
      return known.one('incident');
    case 'status':
      return path.startsWith('/open311') ? fc.constantFrom('open', 'closed', 'open,closed') : null;
    case 'jurisdiction_id':
      return fc.constant('440604');
    case 'api_key':
      return fc.constant(things.staffToken);
    case 'purpose':
      return fc.constant('随机请求的测试');
    case 'reason':
    case 'title':
      return fc.constant('fuzz');
    case 'name':
      return path.includes('icons') ? iconOf(known, 1) : fc.constant('fuzz.csv');
    case 'set':
      return iconOf(known, 0);
    case 'level':
    case 'value':
    case 'encoding':
      return undefined;
    case 'format':
      // The others need GDAL, which is another process.
      return fc.constantFrom('csv', 'xlsx', 'geojson', 'geojsonseq', 'parquet', 'readme');
    case 'f':
      if (/tileCol/.test(path)) return fc.constant('mvt');
      return isOgc ? fc.constantFrom('json', 'html') : null;
    default:
      return null;
  }
}

function cql2Of({ fields }: KnownLayer): fc.Arbitrary<string> {
  const names = fields.filter(({ filterable, masked }) => filterable && !masked).map(({ name }) => name);
  const parts = names.flatMap((name) => [`${name} IS NULL`, `NOT (${name} IS NULL)`]);
  return fc.constantFrom('S_INTERSECTS(geom, BBOX(113.05, 22.98, 113.12, 23.05))', ...parts);
}

function iconOf({ things }: Known, part: number): fc.Arbitrary<string> {
  // Set and name are made alike often, so that they belong together.
  const icon = things.layers.find((layer) => layer.icon !== null)?.icon ?? 'maki/hospital';
  return fc.constant(icon.split('/')[part] ?? 'hospital');
}

/** Values that are not always taken, by name: what several routes have. */
export function looseParameter(name: string, { path, method, layer, known }: About): fc.Arbitrary<string> | null {
  const layers = known.things.layers.map(({ id }) => id);
  switch (name) {
    case 'ids':
    case 'collections':
      return fc.array(fc.constantFrom(...layers), { minLength: 1, maxLength: 44 }).map((ids) => ids.join(','));
    case 'from':
    case 'to':
    case 'load':
    case 'v':
      return fc.constantFrom(...known.things.loads).map(String);
    case 'z':
    case 'tileMatrix':
      return fc.integer({ min: 0, max: 24 }).map(String);
    case 'x':
    case 'tileCol':
    case 'y':
    case 'tileRow':
      return fc.integer({ min: 0, max: 5_000_000 }).map(String);
    case 'bbox':
      return fc.array(number, { minLength: 3, maxLength: 7 }).map((numbers) => numbers.join(','));
    case 'filter':
    case 'of':
      return filterOf(layer);
    case 'crs':
    case 'bbox-crs':
    case 'filter-crs':
      return crs;
    case 'datetime':
      return fc.tuple(fc.oneof(day, fc.constant('..')), fc.oneof(day, fc.constant(''))).map((ends) => ends.join('/'));
    case 'at':
    case 'until':
      return fc.oneof(
        day,
        day.map((text) => text.slice(0, 10)),
      );
    case 'limit':
    case 'offset':
    case 'after':
    case 'before':
    case 'cursor':
      return fc.oneof(
        fc.oneof(fc.integer({ min: 0, max: 1500 }), fc.integer()).map(String),
        known.one(`next of ${method.toUpperCase()} ${path}`),
      );
    case 'layer':
      return fc.constantFrom(...layers);
    default:
      return null;
  }
}
