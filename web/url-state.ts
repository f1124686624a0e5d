/**
 * What is shown, as the query string of the page: any view can be shared, and a reload loses nothing. Pure: parsing never
 * throws (a bad value is left out), formatting is stable and omits defaults.
 */

import { formatFilter, isEmpty, parseFilter, type FilterNode } from './filter.ts';
import { formatShape, parseShape, type DrawnShape } from './shape.ts';

export type Language = 'zh' | 'en';

/** What an address within the dashboard ends with, so that the language travels along. Chinese goes without saying. */
export function languageQuery(lang: Language): string {
  return lang === 'zh' ? '' : `?lang=${lang}`;
}

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

/** What the data desk looks at: a department, one of its layers, one load of it, one reason, one row that was set aside. */
export interface DataFocus {
  department: string | null;
  layer: string | null;
  load: number | null;
  code: string | null;
  row: number | null;
}

export type Level = 'grid' | 'community' | 'town';

export const PANELS = ['layers', 'analyse', 'tools', 'time', 'export'] as const;
export type Panel = (typeof PANELS)[number];

export const TOOLS = [
  'inside',
  'buffer',
  'nearest',
  'reach',
  'route',
  'coverage',
  'hotspot',
  'correlation',
  'measure',
  'overlay',
  'attach',
  'keep',
] as const;
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

export const FIGURE_SIDES = ['all', 'part', 'rest'] as const;

/** A figure of the table of indicators that is looked into: the indicator, the group, and which of its incidents. */
export interface FigureChoice {
  id: string;
  /** `*`: the whole district; empty: what belongs to no group. */
  key: string;
  /** Null: those that tell most. */
  side: (typeof FIGURE_SIDES)[number] | null;
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
  /** By layer. */
  filters: Record<string, FilterNode>;
  /** Of raster layers with a series of pictures: the time of the one that is shown; the newest where there is none. */
  times: Record<string, string>;
  /** A second picture of a raster layer beside the first, right of a divider. */
  swipe: { layer: string; time: string } | null;
  /** The map as of the end of this day, `YYYY-MM-DD`; null: as it is now. */
  asOf: string | null;
  /** Layer whose live version is compared with an earlier load; `from` null: the one before. */
  diff: { layer: string; from: number | null } | null;
  /** Layer that filter and figures are about while it is not counted on the map. */
  focus: string | null;
  /** What is told of hexagons and areas beside the number of rows, as the API writes it: `avg:floors`. */
  metric: string | null;
  /** Groupings of the table of figures, as the API writes them: `birth_date:age` crossed with `sex`. */
  cross: { by: string; by2: string | null } | null;
  /** Layer whose rows are listed below the map, the field they are ordered by, `-` before it downwards, and the columns. */
  table: { layer: string; sort: string | null; columns: string[] | null } | null;
  /** Layers whose features bear their names on the map. */
  labels: string[];
  tool: Tool | null;
  /** What the tool works on. */
  shape: DrawnShape | null;
  /** The situation card is open, of so many metres around. */
  card: number | null;
  data: DataFocus;
  replay: ReplayState | null;
  indicators: IndicatorChoice;
  figure: FigureChoice | null;
  /** Which of the panels at the side is in front; null: the one that what is shown needs. */
  panel: Panel | null;
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
  focus: null,
  metric: null,
  cross: null,
  table: null,
  labels: [],
  tool: null,
  shape: null,
  card: null,
  data: { department: null, layer: null, load: null, code: null, row: null },
  replay: null,
  indicators: { by: 'town', period: 'month', set: 'score', sort: null },
  figure: null,
  panel: null,
  sheet: null,
};

const LAYER_ID = /^[a-z][a-z0-9_]{0,62}$/;
const REJECT_CODE = /^[A-Z_]{1,40}$/;
/** A year, a day or an instant. */
const PICTURE_TIME = /^\d{4}(-\d{2}-\d{2}(T\d{2}:\d{2}:\d{2}(Z|[+-]\d{2}:\d{2}))?)?$/;
const METRIC = /^(share|(sum|avg|min|max|distinct):[a-z][a-z0-9_]{0,62})$/;
const GROUPING = /^[a-z][a-z0-9_]{0,62}(:[a-z0-9.,-]{1,200}){0,2}$/;
const SORT = /^-?[a-z][a-z0-9_]{0,62}$/;
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

/** `archiveRate:440604012000`, in between the side where one was chosen: `archiveRate:rest:440604012000`. */
function parseFigure(text: string | null): FigureChoice | null {
  const [, id, side, key = ''] = /^([A-Za-z]{1,30}):(?:(all|part|rest):)?([^\p{Cc}]{0,64})$/u.exec(text ?? '') ?? [];
  if (id === undefined) return null;
  return { id, key, side: FIGURE_SIDES.find((known) => known === side) ?? null };
}

function formatFigure({ id, key, side }: FigureChoice): string {
  return [id, ...(side === null ? [] : [side]), key].join(':');
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

/** `birth_date:age~sex` */
function parseCross(text: string | null): UrlState['cross'] {
  const [by = '', by2] = (text ?? '').split('~');
  if (!GROUPING.test(by)) return null;
  return { by, by2: by2 !== undefined && GROUPING.test(by2) ? by2 : null };
}

/** `enterprise:-reg_capital_10k:name,status` */
function parseTable(text: string | null): UrlState['table'] {
  const [layer = '', sort = '', list = ''] = (text ?? '').split(':');
  if (!LAYER_ID.test(layer)) return null;
  const columns = [...new Set(list.split(',').filter((name) => LAYER_ID.test(name)))];
  return { layer, sort: SORT.test(sort) ? sort : null, columns: columns.length > 0 ? columns : null };
}

function formatTable({ layer, sort, columns }: NonNullable<UrlState['table']>): string {
  return [layer, sort ?? '', columns?.join(',') ?? ''].join(':').replace(/:+$/, '');
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
  const filters: Record<string, FilterNode> = {};
  const times: Record<string, string> = {};
  for (const [key, text] of query) {
    const layer = key.startsWith('f.') ? key.slice(2) : '';
    const filter = LAYER_ID.test(layer) ? parseFilter(text) : null;
    if (filter !== null) filters[layer] = filter;
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
    focus: matching(query.get('on'), LAYER_ID),
    metric: matching(query.get('metric'), METRIC),
    cross: parseCross(query.get('cross')),
    table: parseTable(query.get('table')),
    labels: [...new Set((query.get('labels') ?? '').split(',').filter((id) => LAYER_ID.test(id)))],
    tool: parseTool(query.get('tool')),
    shape: parseShape(query.get('shape')),
    card: parseCard(query.get('card')),
    data: parseData(query),
    replay: parseReplay(query.get('replay')),
    indicators: parseIndicators(query.get('ind')),
    figure: parseFigure(query.get('fig')),
    panel: PANELS.find((panel) => panel === query.get('panel')) ?? null,
    sheet: sheet !== null && /^[a-z]{1,20}$/.test(sheet) ? sheet : null,
  };
}

/** Shows a layer on top of the others, or takes it away. */
export function toggleLayer(shown: readonly ShownLayer[], id: string): ShownLayer[] {
  const others = shown.filter((layer) => layer.id !== id);
  return others.length < shown.length ? others : [...others, { id, opacity: 1 }];
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
    const filter = state.filters[layer];
    if (filter !== undefined && !isEmpty(filter)) pairs.push([`f.${layer}`, formatFilter(filter)]);
  }
  for (const layer of Object.keys(state.times).toSorted()) pairs.push([`t.${layer}`, state.times[layer] ?? '']);
  if (state.swipe) pairs.push(['swipe', `${state.swipe.layer}~${state.swipe.time}`]);
  if (state.asOf) pairs.push(['asof', state.asOf]);
  if (state.diff) {
    const { layer, from } = state.diff;
    pairs.push(['diff', from === null ? layer : `${layer}:${from}`]);
  }
  if (state.focus) pairs.push(['on', state.focus]);
  if (state.metric) pairs.push(['metric', state.metric]);
  if (state.cross) pairs.push(['cross', [state.cross.by, state.cross.by2].filter(Boolean).join('~')]);
  if (state.table) pairs.push(['table', formatTable(state.table)]);
  if (state.labels.length > 0) pairs.push(['labels', state.labels.join(',')]);
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
  if (state.figure) pairs.push(['fig', formatFigure(state.figure)]);
  if (state.replay) pairs.push(['replay', formatReplay(state.replay)]);
  if (state.panel) pairs.push(['panel', state.panel]);
  if (state.sheet) pairs.push(['sheet', state.sheet]);
  if (pairs.length === 0) return '';
  return `?${pairs.map(([key, text]) => `${encode(key)}=${encode(text)}`).join('&')}`;
}
