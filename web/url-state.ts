/**
 * What is shown, as the query string of the page: any view can be shared, and a reload loses nothing. Pure: parsing never
 * throws (a bad value is left out), formatting is stable and omits defaults.
 */

import { formatShape, parseShape, type DrawnShape } from './shape.ts';

export type Language = 'zh' | 'en';

/** EPSG:4326 degrees, MapLibre zoom, pitch and bearing in degrees. */
export interface Camera {
  lng: number;
  lat: number;
  zoom: number;
  pitch: number;
  bearing: number;
}

export interface ShownLayer {
  id: string;
  /** 0.1 … 1. */
  opacity: number;
}

export type Selection =
  | { kind: 'incident'; id: number }
  | { kind: 'cell'; code: string }
  | { kind: 'feature'; layer: string; fid: string };

export const OPERATORS = ['=', '!=', '<', '<=', '>', '>=', 'contains', 'in', 'null', 'notnull'] as const;
export type Operator = (typeof OPERATORS)[number];

/** What the data desk looks at: a department, one of its layers, one load of it, one reason, one row that was set aside. */
export interface DataFocus {
  department: string | null;
  layer: string | null;
  load: number | null;
  code: string | null;
  row: number | null;
}

/** One row of the filter builder; rows are joined by AND. */
export interface Condition {
  field: string;
  op: Operator;
  value: string | number | boolean | (string | number)[] | null;
}

export type Level = 'grid' | 'community' | 'town';

export const TOOLS = ['inside', 'buffer', 'nearest', 'measure'] as const;
export type ToolId = (typeof TOOLS)[number];

/** A tool of the planner and what is chosen in it, by short names. */
export interface Tool {
  id: ToolId;
  options: Readonly<Record<string, string>>;
}

export const INDICATOR_DIMENSIONS = ['town', 'department', 'community', 'class', 'source', 'person'] as const;
export const INDICATOR_PERIODS = ['today', 'week', 'month', 'lastmonth', 'year'] as const;
export const INDICATOR_SETS = ['score', 'pace', 'count'] as const;

/** The table of indicators: its rows, its days, its columns, and the column it is sorted by. */
export interface IndicatorChoice {
  by: (typeof INDICATOR_DIMENSIONS)[number];
  period: (typeof INDICATOR_PERIODS)[number];
  set: (typeof INDICATOR_SETS)[number];
  sort: string | null;
}

/** A replay on the wall: where it begins, ms since 1970, and its speed. */
export interface ReplayState {
  at: number;
  /** Times real time. */
  speed: number;
  isPaused: boolean;
}

export interface UrlState {
  lang: Language;
  camera: Camera | null;
  /** Bottom to top. */
  layers: ShownLayer[];
  selection: Selection | null;
  /** Layer counted in hexagons, and the resolution when it does not follow the zoom. */
  hexagons: { layer: string; res: number | null } | null;
  /** Layer counted by area. */
  areas: { layer: string; by: Level } | null;
  filters: Record<string, Condition[]>;
  /** Of raster layers with a series of pictures: the time of the one that is shown; the newest where there is none. */
  times: Record<string, string>;
  /** A second picture of a raster layer beside the first, right of a divider. */
  swipe: { layer: string; time: string } | null;
  /** The map as of the end of this day, `YYYY-MM-DD`; null: as it is now. */
  asOf: string | null;
  /** Layer whose live version is compared with an earlier load; `from` null: the one before. */
  diff: { layer: string; from: number | null } | null;
  tool: Tool | null;
  /** What the tool works on. */
  shape: DrawnShape | null;
  /** The situation card is open, of so many metres around. */
  card: number | null;
  data: DataFocus;
  replay: ReplayState | null;
  indicators: IndicatorChoice;
  /** Which sheet is open where there is room for one only. */
  sheet: string | null;
}

export const emptyState: UrlState = {
  lang: 'zh',
  camera: null,
  layers: [],
  selection: null,
  hexagons: null,
  areas: null,
  filters: {},
  times: {},
  swipe: null,
  asOf: null,
  diff: null,
  tool: null,
  shape: null,
  card: null,
  data: { department: null, layer: null, load: null, code: null, row: null },
  replay: null,
  indicators: { by: 'town', period: 'month', set: 'score', sort: null },
  sheet: null,
};

const LAYER_ID = /^[a-z][a-z0-9_]{0,62}$/;
const REJECT_CODE = /^[A-Z_]{1,40}$/;
/** A year, a day or an instant. */
const PICTURE_TIME = /^\d{4}(-\d{2}-\d{2}(T\d{2}:\d{2}:\d{2}(Z|[+-]\d{2}:\d{2}))?)?$/;
const CELL_CODE = /^[0-9]{6,15}(W[0-9]{3})?$/;

function parseCamera(text: string | null): Camera | null {
  if (!text) return null;
  const [lng, lat, zoom, pitch = 0, bearing = 0, ...rest] = text.split(',').map(Number);
  const values = [lng, lat, zoom, pitch, bearing];
  if (rest.length > 0 || values.some((value) => value === undefined || !Number.isFinite(value))) return null;
  if (Math.abs(lng!) > 180 || Math.abs(lat!) > 85 || zoom! < 0 || zoom! > 24 || pitch < 0 || pitch > 85) return null;
  return { lng: lng!, lat: lat!, zoom: zoom!, pitch, bearing };
}

function formatCamera({ lng, lat, zoom, pitch, bearing }: Camera): string {
  const parts = [round(lng, 5), round(lat, 5), round(zoom, 2), round(pitch, 0), round(bearing, 0)];
  while (parts.length > 3 && parts.at(-1) === 0) parts.pop();
  return parts.join(',');
}

function round(value: number, digits: number): number {
  const factor = 10 ** digits;
  // `+ 0` turns -0 into 0.
  return Math.round(value * factor) / factor + 0;
}

function parseLayers(text: string | null): ShownLayer[] {
  const shown = new Map<string, ShownLayer>();
  for (const part of (text ?? '').split(',')) {
    const [id = '', opacity = '1'] = part.split(':');
    const value = Number(opacity);
    if (LAYER_ID.test(id) && value >= 0.1 && value <= 1) shown.set(id, { id, opacity: value });
  }
  return [...shown.values()];
}

function parseSelection(text: string | null): Selection | null {
  const [kind, first = '', second = ''] = (text ?? '').split(':');
  if (kind === 'incident' && /^[1-9][0-9]{0,14}$/.test(first)) return { kind, id: Number(first) };
  if (kind === 'cell' && CELL_CODE.test(first)) return { kind, code: first };
  if (kind === 'feature' && LAYER_ID.test(first) && /^[0-9]{1,16}$/.test(second)) {
    return { kind, layer: first, fid: second };
  }
  return null;
}

function formatSelection(selection: Selection): string {
  switch (selection.kind) {
    case 'incident':
      return `incident:${selection.id}`;
    case 'cell':
      return `cell:${selection.code}`;
    case 'feature':
      return `feature:${selection.layer}:${selection.fid}`;
  }
}

/** A day that exists. JavaScript takes 30 February for 2 March. */
function parseDay(text: string | null): string | null {
  if (text === null || !/^\d{4}-\d{2}-\d{2}$/.test(text)) return null;
  const day = new Date(`${text}T00:00:00Z`);
  return !Number.isNaN(day.getTime()) && day.toISOString().startsWith(text) ? text : null;
}

function parseDiff(text: string | null): UrlState['diff'] {
  const [layer = '', from] = (text ?? '').split(':');
  if (!LAYER_ID.test(layer)) return null;
  return { layer, from: from !== undefined && /^[1-9]\d{0,8}$/.test(from) ? Number(from) : null };
}

/** `town.month.score`, behind it the column that sorts. What is wrong is as if it were left out. */
function parseIndicators(text: string | null): IndicatorChoice {
  const [by, period, set, sort] = (text ?? '').split('.');
  const standard = emptyState.indicators;
  return {
    by: INDICATOR_DIMENSIONS.find((known) => known === by) ?? standard.by,
    period: INDICATOR_PERIODS.find((known) => known === period) ?? standard.period,
    set: INDICATOR_SETS.find((known) => known === set) ?? standard.set,
    sort: matching(sort ?? null, /^[A-Za-z]{1,30}$/),
  };
}

function formatIndicators({ by, period, set, sort }: IndicatorChoice): string {
  return [by, period, set, ...(sort === null ? [] : [sort])].join('.');
}

/** `2026-11-27T08:00:00Z`, behind it the speed and whether it stands still: `~30`, `~30~paused`. */
function parseReplay(text: string | null): ReplayState | null {
  const [, time = '', speed = '10', paused] =
    /^(\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}Z)(?:~([1-9]\d?))?(~paused)?$/.exec(text ?? '') ?? [];
  const at = Date.parse(time);
  return Number.isNaN(at) || Number(speed) > 60 ? null : { at, speed: Number(speed), isPaused: paused !== undefined };
}

function formatReplay({ at, speed, isPaused }: ReplayState): string {
  const time = `${new Date(at).toISOString().slice(0, 19)}Z`;
  return `${time}${speed === 10 ? '' : `~${speed}`}${isPaused ? '~paused' : ''}`;
}

/** `nearest:to=hospital,n=5` */
function parseTool(text: string | null): Tool | null {
  const [name, list = ''] = (text ?? '').split(':');
  const id = TOOLS.find((tool) => tool === name);
  if (id === undefined) return null;
  const pairs = Array.from(list.matchAll(/(?:^|,)([a-z]{1,12})=([A-Za-z0-9_.-]{1,64})(?=,|$)/g));
  return { id, options: Object.fromEntries(pairs.map(([, key, value]) => [key as string, value as string])) };
}

/** Metres from 1 to what the API takes. */
function parseCard(text: string | null): number | null {
  const metres = text !== null && /^[1-9]\d{0,3}$/.test(text) ? Number(text) : null;
  return metres !== null && metres <= 2000 ? metres : null;
}

function formatTool({ id, options }: Tool): string {
  const pairs = Object.keys(options)
    .toSorted()
    .map((key) => `${key}=${options[key]}`);
  return pairs.length === 0 ? id : `${id}:${pairs.join(',')}`;
}

function isCondition(row: unknown): row is [string, Operator, Condition['value']] {
  if (!Array.isArray(row) || row.length !== 3) return false;
  const [field, op, value] = row as unknown[];
  const isScalar = ['string', 'number', 'boolean'].includes(typeof value) || value === null;
  const isList = Array.isArray(value) && value.every((item) => ['string', 'number'].includes(typeof item));
  return typeof field === 'string' && OPERATORS.includes(op as Operator) && (isScalar || isList);
}

function parseConditions(text: string): Condition[] {
  try {
    const rows: unknown = JSON.parse(text);
    if (!Array.isArray(rows)) return [];
    return rows.filter(isCondition).map(([field, op, value]) => ({ field, op, value }));
  } catch {
    return [];
  }
}

function matching(text: string | null, pattern: RegExp): string | null {
  return text !== null && pattern.test(text) ? text : null;
}

function parseData(query: URLSearchParams): DataFocus {
  const count = (name: string) => {
    const text = matching(query.get(name), /^[1-9][0-9]{0,14}$/);
    return text === null ? null : Number(text);
  };
  return {
    department: matching(query.get('dep'), LAYER_ID),
    layer: matching(query.get('layer'), LAYER_ID),
    load: count('load'),
    code: matching(query.get('code'), REJECT_CODE),
    row: count('row'),
  };
}

/** Reads a query string, with or without the question mark. */
export function parseUrlState(search: string): UrlState {
  const query = new URLSearchParams(search);
  const filters: Record<string, Condition[]> = {};
  const times: Record<string, string> = {};
  for (const [key, text] of query) {
    const layer = key.startsWith('f.') ? key.slice(2) : '';
    const conditions = LAYER_ID.test(layer) ? parseConditions(text) : [];
    if (conditions.length > 0) filters[layer] = conditions;
    const raster = key.startsWith('t.') ? key.slice(2) : '';
    if (LAYER_ID.test(raster) && PICTURE_TIME.test(text)) times[raster] = text;
  }
  const [hexLayer = '', hexRes] = (query.get('hex') ?? '').split(':');
  const [swipeLayer = '', swipeTime = ''] = (query.get('swipe') ?? '').split('~');
  const [areaLayer = '', areaBy = ''] = (query.get('area') ?? '').split(':');
  const res = hexRes === undefined ? null : Number(hexRes);
  const sheet = query.get('sheet');
  return {
    lang: query.get('lang') === 'en' ? 'en' : 'zh',
    camera: parseCamera(query.get('at')),
    layers: parseLayers(query.get('layers')),
    selection: parseSelection(query.get('sel')),
    hexagons: LAYER_ID.test(hexLayer)
      ? { layer: hexLayer, res: res !== null && Number.isInteger(res) && res >= 5 && res <= 12 ? res : null }
      : null,
    areas:
      LAYER_ID.test(areaLayer) && ['grid', 'community', 'town'].includes(areaBy)
        ? { layer: areaLayer, by: areaBy as Level }
        : null,
    filters,
    times,
    swipe: LAYER_ID.test(swipeLayer) && PICTURE_TIME.test(swipeTime) ? { layer: swipeLayer, time: swipeTime } : null,
    asOf: parseDay(query.get('asof')),
    diff: parseDiff(query.get('diff')),
    tool: parseTool(query.get('tool')),
    shape: parseShape(query.get('shape')),
    card: parseCard(query.get('card')),
    data: parseData(query),
    replay: parseReplay(query.get('replay')),
    indicators: parseIndicators(query.get('ind')),
    sheet: sheet !== null && /^[a-z]{1,20}$/.test(sheet) ? sheet : null,
  };
}

const encode = (text: string) =>
  encodeURIComponent(text).replace(/%2C/g, ',').replace(/%3A/g, ':').replace(/%3D/g, '=');

/** The query string of a state, beginning with `?`, or empty. Readable: commas and colons are left as they are. */
export function formatUrlState(state: UrlState): string {
  const pairs: [string, string][] = [];
  if (state.lang !== 'zh') pairs.push(['lang', state.lang]);
  if (state.camera) pairs.push(['at', formatCamera(state.camera)]);
  if (state.layers.length > 0) {
    const text = state.layers.map(({ id, opacity }) => (opacity === 1 ? id : `${id}:${round(opacity, 2)}`)).join(',');
    pairs.push(['layers', text]);
  }
  if (state.hexagons) {
    const { layer, res } = state.hexagons;
    pairs.push(['hex', res === null ? layer : `${layer}:${res}`]);
  }
  if (state.areas) pairs.push(['area', `${state.areas.layer}:${state.areas.by}`]);
  for (const layer of Object.keys(state.filters).toSorted()) {
    const rows = (state.filters[layer] ?? []).map(({ field, op, value }) => [field, op, value]);
    if (rows.length > 0) pairs.push([`f.${layer}`, JSON.stringify(rows)]);
  }
  for (const layer of Object.keys(state.times).toSorted()) pairs.push([`t.${layer}`, state.times[layer] ?? '']);
  if (state.swipe) pairs.push(['swipe', `${state.swipe.layer}~${state.swipe.time}`]);
  if (state.asOf) pairs.push(['asof', state.asOf]);
  if (state.diff) {
    const { layer, from } = state.diff;
    pairs.push(['diff', from === null ? layer : `${layer}:${from}`]);
  }
  if (state.tool) pairs.push(['tool', formatTool(state.tool)]);
  if (state.shape) pairs.push(['shape', formatShape(state.shape)]);
  if (state.card !== null) pairs.push(['card', String(state.card)]);
  const { department, layer, load, code, row } = state.data;
  if (department !== null) pairs.push(['dep', department]);
  if (layer !== null) pairs.push(['layer', layer]);
  if (load !== null) pairs.push(['load', String(load)]);
  if (code !== null) pairs.push(['code', code]);
  if (row !== null) pairs.push(['row', String(row)]);
  if (state.selection) pairs.push(['sel', formatSelection(state.selection)]);
  const indicators = formatIndicators(state.indicators);
  if (indicators !== formatIndicators(emptyState.indicators)) pairs.push(['ind', indicators]);
  if (state.replay) pairs.push(['replay', formatReplay(state.replay)]);
  if (state.sheet) pairs.push(['sheet', state.sheet]);
  if (pairs.length === 0) return '';
  return `?${pairs.map(([key, text]) => `${encode(key)}=${encode(text)}`).join('&')}`;
}

/** The conditions as a filter of the API, or null when there are none. */
export function toFilter(conditions: readonly Condition[] | undefined): object | null {
  if (!conditions || conditions.length === 0) return null;
  return {
    and: conditions.map(({ field, op, value }) =>
      op === 'null' || op === 'notnull' ? { field, op } : { field, op, value },
    ),
  };
}
