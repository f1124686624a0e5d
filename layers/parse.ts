import {
  type Field,
  type Geometry,
  type Layer,
  type Moving,
  type Report,
  reportSections,
  type Sensor,
  type Series,
  type Source,
  sourceFormats,
  type Symbology,
  type Text,
  type Travel,
} from './define.ts';

/** A definition that does not have the shape of `Layer`. `path` leads to the value at fault, e.g. `fields.sex.type`. */
export class LayerShapeError extends Error {
  readonly path: string;

  constructor(path: string, message: string) {
    super(`${path === '' ? 'layer' : path}: ${message}`);
    this.name = 'LayerShapeError';
    this.path = path;
  }
}

/** Returns the value with its type, or throws a `LayerShapeError` that names its path. */
type Parser<T> = (value: unknown, path: string) => T;

function join(path: string, key: string | number): string {
  return path === '' ? String(key) : `${path}.${key}`;
}

/** The value as people recognise it, short enough for a message. */
function show(value: unknown): string {
  const text = value === undefined ? 'nothing' : (JSON.stringify(value) ?? typeof value);
  return text.length > 80 ? `${text.slice(0, 80)}…` : text;
}

function expected(path: string, what: string, value: unknown): never {
  throw new LayerShapeError(path, `expected ${what}, got ${show(value)}`);
}

const string: Parser<string> = (value, path) => (typeof value === 'string' ? value : expected(path, 'a text', value));

const number: Parser<number> = (value, path) =>
  typeof value === 'number' && Number.isFinite(value) ? value : expected(path, 'a number', value);

const boolean: Parser<boolean> = (value, path) =>
  typeof value === 'boolean' ? value : expected(path, 'true or false', value);

function oneOf<T extends string>(...choices: readonly T[]): Parser<T> {
  return (value, path) =>
    choices.find((choice) => choice === value) ?? expected(path, `one of ${choices.join(', ')}`, value);
}

function optional<T>(parser: Parser<T>): Parser<T | undefined> {
  return (value, path) => (value === undefined ? undefined : parser(value, path));
}

function plainObject(value: unknown, path: string): Record<string, unknown> {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) expected(path, 'an object', value);
  return value as Record<string, unknown>;
}

function array<T>(parser: Parser<T>): Parser<T[]> {
  return (value, path) =>
    Array.isArray(value)
      ? value.map((item, index) => parser(item, join(path, index)))
      : expected(path, 'a list', value);
}

const pair: Parser<readonly [number, number]> = (value, path) => {
  const numbers = array(number)(value, path);
  if (numbers.length !== 2) expected(path, 'two numbers', value);
  return [numbers[0]!, numbers[1]!];
};

const textPair: Parser<readonly [string, string]> = (value, path) => {
  const texts = array(string)(value, path);
  if (texts.length !== 2) expected(path, 'two texts', value);
  return [texts[0]!, texts[1]!];
};

function record<T>(parser: Parser<T>): Parser<Record<string, T>> {
  return (value, path) =>
    Object.fromEntries(
      Object.entries(plainObject(value, path)).map(([key, item]) => [key, parser(item, join(path, key))]),
    );
}

/** Every property of `T` has its parser, or this does not compile; every property of the value must be one of them. */
function object<T>(parsers: { [K in keyof Required<T>]: Parser<T[K]> }): Parser<T> {
  const known: Record<string, Parser<unknown>> = parsers;
  return (value, path) => {
    const input = plainObject(value, path);
    for (const key of Object.keys(input)) {
      if (!Object.hasOwn(known, key)) throw new LayerShapeError(join(path, key), 'is not a property of a definition');
    }
    const output = Object.entries(known).map(([key, parser]) => [key, parser(input[key], join(path, key))] as const);
    return Object.fromEntries(output.filter(([, item]) => item !== undefined)) as T;
  };
}

const text = object<Text>({ zh: string, en: string });

const field = object<Field>({
  type: oneOf('string', 'int', 'number', 'bool', 'date', 'datetime'),
  title: text,
  unit: optional(string),
  filterable: optional(boolean),
  values: optional(record(text)),
  mask: optional(oneOf('name', 'id_no', 'phone', 'address', 'birth_date', 'code', 'plate', 'bank_card', 'email')),
  required: optional(boolean),
  range: optional(pair),
  pattern: optional(string),
  format: optional(oneOf('resident_id', 'uscc')),
  maxLength: optional(number),
  derived: optional(oneOf('building', 'precision')),
});

const series = object<Series>({
  file: string,
  time: string,
  values: array(string),
  stepMinutes: number,
});

const sensor = object<Sensor>({ metrics: array(string), everyMinutes: number });

const moving = object<Moving>({ speed: optional(string), everySeconds: number });

const source = object<Source>({
  file: string,
  format: oneOf(...sourceFormats),
  url: optional(string),
  encoding: optional(oneOf('utf-8', 'gb18030')),
  crs: string,
  columns: optional(record(string)),
  coordinates: optional(object<{ x: string; y: string }>({ x: string, y: string })),
  timestamp: optional(string),
});

type Categorical = Extract<Symbology, { kind: 'categorical' }>;
type Ramp = Extract<Symbology, { kind: 'ramp' }>;
type Single = Extract<Symbology, { kind: 'none' }>;

const symbologies: Record<Symbology['kind'], Parser<Symbology>> = {
  none: object<Single>({ kind: oneOf('none'), color: string }),
  categorical: object<Categorical>({
    kind: oneOf('categorical'),
    field: string,
    colors: record(string),
    other: string,
  }),
  ramp: object<Ramp>({
    kind: oneOf('ramp'),
    field: string,
    stops: array(number),
    colors: array(string),
    shaded: optional(number),
  }),
};

const symbology: Parser<Symbology> = (value, path) => {
  const kind = oneOf('none', 'categorical', 'ramp')(plainObject(value, path)['kind'], join(path, 'kind'));
  return symbologies[kind](value, path);
};

const geometry: Parser<Geometry> = oneOf('point', 'line', 'polygon', 'table', 'raster');
const link = object<{ field: string; layer: string }>({ field: string, layer: string });

const textOrBoolean: Parser<string | boolean> = (value, path) =>
  typeof value === 'string' || typeof value === 'boolean' ? value : expected(path, 'a text or true or false', value);

const reportShape = object<Report>({
  section: oneOf(...reportSections),
  by: optional(array(string)),
  ages: optional(string),
  where: optional(object<NonNullable<Report['where']>>({ field: string, value: textOrBoolean })),
  match: optional(oneOf('grid')),
});
const report: Parser<Report | false> = (value, path) => (value === false ? false : reportShape(value, path));

const travel = object<Travel>({
  class: string,
  oneway: optional(string),
  limit: optional(string),
  speeds: object<Travel['speeds']>({ drive: record(number), walk: record(number) }),
});

const layer = object<Layer>({
  id: string,
  title: text,
  department: string,
  class: string,
  subclass: string,
  geometry,
  fields: record(field),
  key: string,
  label: optional(string),
  search: optional(array(string)),
  source,
  cadence: oneOf('realtime', 'daily', 'monthly', 'yearly'),
  freshnessHours: number,
  tiles: optional(
    object<NonNullable<Layer['tiles']>>({
      minzoom: number,
      maxzoom: number,
      fields: array(string),
      detail: optional(
        object<NonNullable<NonNullable<Layer['tiles']>['detail']>>({ field: string, from: record(number) }),
      ),
    }),
  ),
  symbology,
  icon: optional(string),
  sensitivity: oneOf('public', 'internal', 'restricted', 'personal'),
  checks: object<Layer['checks']>({
    rows: pair,
    extent: optional(oneOf('district', 'region')),
    unique: optional(array(string)),
    references: optional(array(link)),
    order: optional(array(textPair)),
    distinctShapes: optional(boolean),
    change: optional(number),
  }),
  place: optional(link),
  address: optional(string),
  series: optional(series),
  sensor: optional(sensor),
  moving: optional(moving),
  report: optional(report),
  travel: optional(travel),
});

/**
 * A definition that came as JSON (a user's layer), with the same schema as the catalogue's files: unknown properties
 * are refused. Throws a `LayerShapeError` whose message begins with the path. This is the shape only; what it means is
 * checked by `checkLayer(layer, catalogue, 'user')`.
 */
export function parseLayer(json: unknown): Layer {
  return layer(json, '');
}
