import * as fc from 'fast-check';
import { columnOf, DEEPEST_ZOOM, rowOf } from '../../../server/tiles/tile.ts';
import { bySchema, type Making, type Schema, type Schemas } from './by-schema.ts';
import { writtenBody, type WrittenBody } from './bodies.ts';
import { garbage, RAW } from './garbage.ts';
import type { Known, KnownLayer } from './known.ts';
import { fittingParameter, looseParameter, pairOf, type About } from './parameters.ts';

/** A request to send: an address, which may be no proper one, and what goes with it. */
export interface FuzzRequest {
  /** Method and path of the contract. */
  route: string;
  method: string;
  path: string;
  headers: Record<string, string>;
  body?: string | Uint8Array<ArrayBuffer>;
}

interface Parameter {
  name: string;
  in: string;
  required?: boolean;
  schema?: Schema;
}
interface Operation {
  parameters?: Parameter[];
  requestBody?: { content?: Record<string, { schema?: Schema }> };
}
export interface OpenApi extends Schemas {
  paths: Record<string, Record<string, Operation>>;
}

interface Route {
  path: string;
  method: string;
  operation: Operation;
}

/** Routes that start a process of the loader, seconds of work each: asked for seldom. */
const HEAVY = /^\/api\/analysis\/(overlay|save|attach)$|\/restore$/;
const SELDOM = 20;
/** Layers that requests are about: what can be asked of each is made once. */
const SOME_LAYERS = 24;

/** As an encoder writes it; half a character, which it refuses, becomes a question mark. */
function escaped(text: string): string {
  return encodeURIComponent(text.replaceAll(/\p{Surrogate}/gu, '?'));
}

const written = (value: unknown): string => (typeof value === 'string' ? value : (JSON.stringify(value) ?? ''));

/** Mostly what fits, sometimes garbage, seldom broken escapes. Text ready for an address. */
function looseText(fitting: fc.Arbitrary<string>): fc.Arbitrary<string> {
  return fc.oneof(
    { weight: 12, arbitrary: fitting.map(escaped) },
    { weight: 3, arbitrary: garbage.map(escaped) },
    { weight: 1, arbitrary: fc.constantFrom(...RAW) },
  );
}

function header(values: readonly string[]): fc.Arbitrary<string | undefined> {
  return fc.option(fc.constantFrom(...values), { nil: undefined, freq: 3 });
}

function headersOf({ things }: Known, isLoose: boolean): fc.Arbitrary<Record<string, string>> {
  const token = fc.constant<string | undefined>(`Bearer ${things.staffToken}`);
  const headers: Record<string, fc.Arbitrary<string | undefined>> = isLoose
    ? {
        Authorization: fc.oneof(
          { weight: 6, arbitrary: token },
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
      }
    : {
        Authorization: fc.oneof({ weight: 9, arbitrary: token }, { weight: 1, arbitrary: fc.constant(undefined) }),
        'Accept-Encoding': header(['gzip', 'identity']),
      };
  return fc
    .record(headers)
    .map((all) =>
      Object.fromEntries(Object.entries(all).filter((entry): entry is [string, string] => entry[1] !== undefined)),
    );
}

/** Numbers of a tile over the district. */
const tile = fc.integer({ min: 8, max: 17 }).chain((z) => {
  const size = 2 ** (DEEPEST_ZOOM - z);
  const at = (number: number): number => Math.floor(number / size);
  return fc.record({
    z: fc.constant(z),
    x: fc.integer({ min: at(columnOf(112.98)), max: at(columnOf(113.16)) }),
    y: fc.integer({ min: at(rowOf(23.06)), max: at(rowOf(22.93)) }),
  });
});

/** A request to one route: `isLoose`, one that may be wrong anywhere; else one that should be answered. */
function requestTo(document: OpenApi, known: Known, route: Route, isLoose: boolean): fc.Arbitrary<FuzzRequest> {
  const { path } = route;
  const { tables, located, rasters, things } = known;
  const fitting = path.endsWith('/value')
    ? rasters
    : /\/(features|aggregate|groups|filter|cells|why)/.test(path)
      ? tables
      : located;
  const layers = isLoose || fitting.length === 0 ? some(things.layers) : some(fitting);
  // Made once: that takes longer than to make a request from it.
  const made = new Map<KnownLayer, fc.Arbitrary<FuzzRequest>>();
  return fc.constantFrom(...layers).chain((layer) => {
    const arbitrary = made.get(layer) ?? requestAbout(document, known, route, layer, isLoose);
    made.set(layer, arbitrary);
    return arbitrary;
  });
}

/** Some of the layers, spread over all of them. */
function some(layers: readonly KnownLayer[]): KnownLayer[] {
  const step = Math.max(1, Math.floor(layers.length / SOME_LAYERS));
  return layers.filter((_, index) => index % step === 0);
}

/** The same about one layer. */
function requestAbout(
  document: OpenApi,
  known: Known,
  { path, method, operation }: Route,
  layer: KnownLayer,
  isLoose: boolean,
): fc.Arbitrary<FuzzRequest> {
  const about: About = { path, method, layer, known };
  const making: Making = { document, known, isLoose, layer, depth: 0 };
  const parameters = operation.parameters ?? [];
  const valueOf = ({ name, schema }: Parameter): fc.Arbitrary<string> | undefined => {
    const named = fittingParameter(name, about);
    const wild = looseParameter(name, about) ?? bySchema(making, schema).map(written);
    if (named === undefined) return isLoose ? looseText(wild) : undefined;
    const usual = named ?? bySchema({ ...making, isLoose: false }, schema).map(written);
    if (!isLoose) return usual.map(escaped);
    return fc.oneof({ weight: 2, arbitrary: looseText(usual) }, { weight: 1, arbitrary: looseText(wild) });
  };
  const chosen = (place: string): [Parameter, fc.Arbitrary<string>][] =>
    parameters.flatMap((each): [Parameter, fc.Arbitrary<string>][] => {
      const value = each.in === place ? valueOf(each) : undefined;
      return value === undefined ? [] : [[each, value]];
    });
  const inPath = fc.record(Object.fromEntries(chosen('path').map(([{ name }, value]) => [name, value])));
  const queried = chosen('query');
  const inQuery = fc.record(
    Object.fromEntries(
      queried.map(([{ name, required }, value]) => [
        name,
        // Few at a time: each may forbid another.
        isLoose || required === true ? value : fc.option(value, { nil: undefined, freq: 2 }),
      ]),
    ),
    isLoose ? { requiredKeys: [] } : {},
  );
  const pair = isLoose ? null : pairOf(path);
  const both = pair === null ? fc.constant(null) : known.one(pair);
  // Properties of the layer, parameters that nobody knows, and the same one twice.
  const names = [...layer.fields.map(({ name }) => name), 'nothing', 'f', 'filter', 'limit', 'town_code', '__proto__'];
  const more = fc.array(fc.tuple(fc.constantFrom(...names), looseText(garbage)), { maxLength: 2 });
  const nothing = fc.constant<[string, string][]>([]);
  const moreSometimes = isLoose ? fc.oneof({ weight: 4, arbitrary: nothing }, { weight: 1, arbitrary: more }) : nothing;
  const body = bodyOf(making, path, method, operation);
  return fc
    .record({ inPath, inQuery, both, moreSometimes, headers: headersOf(known, isLoose), body, tile })
    .map((made): FuzzRequest => {
      const template =
        made.both === null
          ? path
          : path.replace(/\{id\}\/(\w+)\/\{\w+\}/, (_, what: string) => made.both?.replace('/', `/${what}/`) ?? '');
      const address = template
        .replaceAll(/\{(\w+)\}/g, (_, name: string) => made.inPath[name] ?? '')
        .replaceAll(/~([zxy])~/g, (_, name: 'z' | 'x' | 'y') => String(made.tile[name]));
      const query = [...Object.entries(made.inQuery), ...made.moreSometimes].flatMap(([name, value]) =>
        value === undefined ? [] : [`${name}=${value}`],
      );
      return {
        route: `${method.toUpperCase()} ${path}`,
        method: method.toUpperCase(),
        path: `${address}${query.length === 0 ? '' : `?${query.join('&')}`}`,
        headers: { ...made.headers, ...(made.body === undefined ? {} : { 'Content-Type': made.body.type }) },
        ...(made.body === undefined ? {} : { body: made.body.body }),
      };
    });
}

function bodyOf(
  making: Making,
  path: string,
  method: string,
  { requestBody }: Operation,
): fc.Arbitrary<WrittenBody | undefined> {
  if (method === 'get') return fc.constant(undefined);
  const type = 'application/json';
  const schema = requestBody?.content?.[type]?.schema;
  const made = bySchema(making, schema).map((value): WrittenBody => ({ type, body: JSON.stringify(value) }));
  const fitting = writtenBody(`${method.toUpperCase()} ${path}`, making.known);
  if (!making.isLoose) return requestBody === undefined ? fc.constant(undefined) : (fitting ?? made);
  return fc.oneof(
    { weight: 6, arbitrary: made },
    { weight: 2, arbitrary: fitting ?? made },
    { weight: 1, arbitrary: garbage.map((body): WrittenBody => ({ type, body })) },
    { weight: 1, arbitrary: fc.constant(undefined) },
  );
}

/** Requests to every route of the document, all routes alike often: as many that should be answered as wild ones. */
export function fuzzRequests(
  document: OpenApi,
  known: Known,
  left: (path: string) => boolean,
): fc.Arbitrary<FuzzRequest> {
  const all = routesOf(document).filter(({ path }) => !left(path));
  const heavy = all.filter(({ path }) => HEAVY.test(path));
  const light = all.filter(({ path }) => !HEAVY.test(path));
  const route = fc.oneof(
    { weight: light.length * SELDOM, arbitrary: fc.constantFrom(...light) },
    { weight: heavy.length, arbitrary: fc.constantFrom(...heavy) },
  );
  const made = new Map<Route, { loose: fc.Arbitrary<FuzzRequest>; fitting: fc.Arbitrary<FuzzRequest> }>();
  return fc.tuple(route, fc.boolean()).chain(([each, isLoose]) => {
    const both = made.get(each) ?? {
      loose: requestTo(document, known, each, true),
      fitting: requestTo(document, known, each, false),
    };
    made.set(each, both);
    return isLoose ? both.loose : both.fitting;
  });
}

/** Requests that make something of what there is nothing yet, some of each kind. */
export function makingRequests(document: OpenApi, known: Known, seed: number): FuzzRequest[] {
  const makers = ['/api/incidents', '/api/reports', '/api/rules', '/api/alerts', '/api/exports'].map((path) => ({
    path,
    method: 'post',
  }));
  makers.push(
    { path: '/open311/v2/requests.json', method: 'post' },
    { path: '/api/notifications/subscriptions', method: 'post' },
    { path: '/api/intake/feeds/{id}', method: 'put' },
  );
  return routesOf(document)
    .filter((route) => makers.some(({ path, method }) => path === route.path && method === route.method))
    .flatMap((route) => fc.sample(requestTo(document, known, route, false), { numRuns: 6, seed }));
}

function routesOf(document: OpenApi): Route[] {
  return Object.entries(document.paths).flatMap(([path, operations]) =>
    Object.entries(operations).map(([method, operation]) => ({ path, method, operation })),
  );
}
