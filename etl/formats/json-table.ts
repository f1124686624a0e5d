import { type FileHandle, open } from 'node:fs/promises';
import { basename } from 'node:path';
import type { Feature, Geometry } from 'geojson';
import { LoadError } from '../errors.ts';
import { chooseLayer } from './choose-layer.ts';
import { esriCrs, esriGeometry, type EsriGeometry } from './esri-json.ts';
import { MAX_FEATURE, notJson, openGeoJson } from './geojson.ts';
import { RecordCutter } from './json-records.ts';
import { type GeometryMember, findGeometryMember, memberGeometry } from './record-geometry.ts';
import type { Batch, DeclaredCrs, RecordSource } from './source.ts';
import { unsupported } from './unsupported.ts';

const BLOCK = 1 << 20;
const BATCH = 2000;
const GEOJSON_TYPE =
  /^(FeatureCollection|Feature|Point|MultiPoint|LineString|MultiLineString|Polygon|MultiPolygon|GeometryCollection)$/;
/** Names under which services answer with their rows. */
const USUAL_NAMES =
  /(^|\.)(rowdatalist|rows?|records?|data|datas|items?|results?|list|features|value|values|member|entities|dataset)$/i;

export interface JsonOptions {
  bom: number;
  /** Path of the list to read. */
  layer?: string;
  /** GeoJSON properties to read. */
  columns?: readonly string[];
  /** Name of the file as people know it. */
  file?: string;
  /** The layer says that it is GeoJSON. */
  isGeoJson?: boolean;
}

/**
 * Opens JSON of any kind that holds records: GeoJSON in all its forms, the answer of an ArcGIS REST service, an array of
 * objects, such an array somewhere inside an object, one object per line.
 */
export async function openJson(path: string, options: JsonOptions): Promise<RecordSource> {
  const geojson = { bom: options.bom, ...(options.columns ? { columns: options.columns } : {}) };
  // What says at once that it is GeoJSON need not be read through to be told from the rest.
  if (options.isGeoJson === true || GEOJSON_TYPE.test(outermostType(await readStart(path, options.bom)) ?? ''))
    return openGeoJson(path, geojson);
  const survey = await surveyJson(path, options.bom);
  const { counts } = survey;
  const name = options.file ?? basename(path);
  if (!/^[[{]/.test(survey.start)) {
    if (survey.start === '')
      throw new LoadError('EMPTY_FILE', { zh: '文件没有内容。', en: 'the file has no content.' });
    throw new LoadError('UNREADABLE', {
      zh: `这不是 JSON：应以 { 或 [ 开头，实际是 ${JSON.stringify(survey.start)}。请检查导出的内容。`,
      en: `this is not JSON: it should begin with { or [, but begins with ${JSON.stringify(survey.start)}. Look at what was exported.`,
    });
  }
  if (survey.start === '{') {
    const type = outermostType(survey.head);
    const isCollection = counts.has('features') || /"features"\s*:/.test(survey.head);
    if (
      (type !== null && GEOJSON_TYPE.test(type)) ||
      (type === null && isCollection && /"geometry"/.test(survey.head) && !/"attributes"/.test(survey.head))
    )
      return openGeoJson(path, geojson);
    if (type === 'Topology') {
      throw new LoadError('UNSUPPORTED', {
        zh: `${name} 是 TopoJSON（type 是 "Topology"）。请转为 GeoJSON，例如 ogr2ogr out.geojson ${name}。`,
        en: `${name} is TopoJSON (its type is "Topology"). Convert it to GeoJSON, e.g. with ogr2ogr out.geojson ${name}.`,
      });
    }
    if (survey.roots > 1) counts.set('', survey.roots);
  }
  if (survey.isUnfinished) {
    const most = [...counts.values()].reduce((sum, count) => sum + count, 0);
    throw new LoadError('UNREADABLE', {
      zh: `文件在第 ${most} 个对象处中断：JSON 没有结束。请重新导出或重新传送。`,
      en: `the file breaks off in object ${most}: the JSON does not end. Export or send it again.`,
    });
  }
  const list = chooseList(counts, options.layer, name);
  return openRecords(path, options.bom, list, survey);
}

async function readStart(path: string, bom: number): Promise<string> {
  const file = await open(path);
  try {
    const first = await blocks(file, bom).next();
    return first.done ? '' : textStart(first.value);
  } finally {
    await file.close();
  }
}

function textStart(bytes: Buffer): string {
  return bytes
    .toString('utf8', 0, 1 << 16)
    .replaceAll('\u001e', '')
    .trimStart();
}

interface JsonSurvey {
  /** First character that is not white space. */
  start: string;
  head: string;
  counts: Map<string, number>;
  others: Map<string, number>;
  roots: number;
  isUnfinished: boolean;
}

/** Reads the whole file once and counts the objects of its arrays. */
async function surveyJson(path: string, bom: number): Promise<JsonSurvey> {
  const cutter = new RecordCutter(null, () => {}, MAX_FEATURE);
  const file = await open(path);
  let head = '';
  try {
    for await (const bytes of blocks(file, bom)) {
      if (head === '') head = textStart(bytes);
      cutter.push(bytes);
    }
  } finally {
    await file.close();
  }
  const { counts, others, roots, isUnfinished } = cutter;
  return { start: head[0] ?? '', head, counts, others, roots, isUnfinished };
}

async function* blocks(file: FileHandle, from: number, onRead?: (position: number) => void): AsyncGenerator<Buffer> {
  const buffer = Buffer.allocUnsafe(BLOCK);
  for (let position = from; ;) {
    const { bytesRead } = await file.read(buffer, 0, BLOCK, position);
    if (bytesRead === 0) return;
    position += bytesRead;
    onRead?.(position);
    yield buffer.subarray(0, bytesRead);
  }
}

/** The `type` member of the outermost object, if it stands among its first members. */
function outermostType(head: string): string | null {
  let depth = 0;
  const tokens = /"(?:[^"\\]|\\.)*"|[{}[\]]/g;
  for (let match = tokens.exec(head); match; match = tokens.exec(head)) {
    const [token] = match;
    if (token === '{' || token === '[') depth += 1;
    else if (token === '}' || token === ']') depth -= 1;
    else if (depth === 1 && token === '"type"') {
      const value = /^\s*:\s*"([^"]*)"/.exec(head.slice(tokens.lastIndex))?.[1];
      if (value !== undefined) return value;
    }
    if (depth === 0) break;
  }
  // It may stand after the features.
  return null;
}

/** The array to read: the one asked for, the only one, or the one that is plainly the data among lists about it. */
function chooseList(counts: Map<string, number>, wanted: string | undefined, file: string): string {
  const lists = [...counts].toSorted((a, b) => b[1] - a[1]);
  if (lists.length === 0) throw unsupported('no-list', file);
  const choices = lists.map(([name, count]) => ({ name: name === '' ? '$' : name, count }));
  if (wanted === undefined) {
    const usual = lists.filter(([name]) => USUAL_NAMES.test(name));
    const [first] = lists as [[string, number]];
    const others = lists.slice(1).reduce((sum, [, count]) => sum + count, 0);
    if (usual.length === 1) return (usual[0] as [string, number])[0];
    if (first[1] > others * 10) return first[0];
  }
  const chosen = chooseLayer(choices, wanted, file).name;
  return chosen === '$' ? '' : chosen;
}

/** What the records of a list have in common. */
interface Shape {
  columns: string[];
  kind: 'feature' | 'esri' | 'plain';
  geometry: GeometryMember | null;
}

async function openRecords(path: string, bom: number, list: string, survey: JsonSurvey): Promise<RecordSource> {
  const file = await open(path);
  try {
    const { size } = await file.stat();
    const shape = await surveyRecords(file, bom, list);
    const notes: string[] = [];
    if (survey.counts.size > 1) {
      const all = [...survey.counts].map(([name, count]) => `${name || '$'} ${count}`).join(', ');
      notes.push(`lists in the file: ${all}; read: ${list || '$'}`);
    }
    const dropped = survey.others.get(list) ?? 0;
    if (dropped > 0) throw mixedList(list, dropped);
    const progress = { read: 0 };
    const hasGeometry = shape.kind !== 'plain' || shape.geometry !== null;
    const crs: DeclaredCrs | null =
      shape.kind === 'esri'
        ? esriCrs(survey.head)
        : shape.kind === 'feature'
          ? { crs: 'EPSG:4326', name: 'EPSG:4326', from: 'RFC 7946' }
          : null;

    async function* batches(): AsyncGenerator<Batch> {
      let rows: unknown[][] = [];
      let lines: number[] = [];
      let geometries: (Geometry | null)[] = [];
      let number = 0;
      for await (const records of readRecords(file, bom, list, progress)) {
        for (const record of records) {
          number += 1;
          const values = valuesOf(record, shape);
          rows.push(shape.columns.map((name) => values[name] ?? null));
          lines.push(number);
          if (hasGeometry) geometries.push(geometryOf(record, shape));
        }
        if (rows.length >= BATCH) {
          yield { rows, lines, ...(hasGeometry ? { geometries } : {}) };
          rows = [];
          lines = [];
          geometries = [];
        }
      }
      if (rows.length > 0) yield { rows, lines, ...(hasGeometry ? { geometries } : {}) };
    }
    return {
      format: 'json',
      columns: shape.columns,
      encoding: 'utf-8',
      hasGeometry,
      crs,
      notes,
      batches,
      progress: () => (size === 0 ? 1 : progress.read / size),
      close: () => file.close(),
    };
  } catch (error) {
    await file.close();
    throw error;
  }
}

/** A list of objects with something else between them: what is no object would be lost. */
function mixedList(list: string, count: number): LoadError {
  return new LoadError('UNREADABLE', {
    zh: `列表 ${list || '$'} 中有 ${count} 项不是对象。请改为只含对象的列表。`,
    en: `${count} items of the list ${list || '$'} are no objects. Write a list of objects only.`,
  });
}

type JsonRecord = Record<string, unknown>;

async function surveyRecords(file: FileHandle, bom: number, list: string): Promise<Shape> {
  const names = new Map<string, JsonRecord | null>();
  let kind: Shape['kind'] | null = null;
  let geometry: GeometryMember | null = null;
  for await (const records of readRecords(file, bom, list, { read: 0 })) {
    for (const record of records) {
      kind ??= kindOf(record);
      if (kind === 'plain') geometry ??= findGeometryMember(record);
      for (const name of Object.keys(valuesOf(record, { kind, geometry: null }))) names.set(name, null);
    }
  }
  const columns = [...names.keys()].filter(
    (name) => geometry === null || (name !== geometry.member && !name.startsWith(`${geometry.member}.`)),
  );
  return { kind: kind ?? 'plain', geometry, columns };
}

function kindOf(record: JsonRecord): Shape['kind'] {
  if (record['type'] === 'Feature') return 'feature';
  return isRecord(record['attributes']) && ('geometry' in record || Object.keys(record).length === 1)
    ? 'esri'
    : 'plain';
}

/** Values by column. Objects inside of a record become columns of their own: `address.city`. */
function valuesOf(record: JsonRecord, shape: Pick<Shape, 'kind' | 'geometry'>): JsonRecord {
  if (shape.kind === 'feature') {
    const { properties, id } = record as unknown as Feature;
    return id === undefined ? (properties ?? {}) : { id, ...properties };
  }
  if (shape.kind === 'esri') return isRecord(record['attributes']) ? record['attributes'] : {};
  const values: JsonRecord = {};
  flatten(record, '', values, shape.geometry?.member ?? null);
  return values;
}

function flatten(record: JsonRecord, prefix: string, into: JsonRecord, except: string | null): void {
  for (const [name, value] of Object.entries(record)) {
    const path = prefix === '' ? name : `${prefix}.${name}`;
    if (path === except) continue;
    if (isRecord(value) && Object.keys(value).length > 0 && path.split('.').length < 4)
      flatten(value, path, into, except);
    else into[path] = value;
  }
}

function geometryOf(record: JsonRecord, shape: Shape): Geometry | null {
  if (shape.kind === 'feature') return (record['geometry'] as Geometry | null | undefined) ?? null;
  if (shape.kind === 'esri') return esriGeometry(record['geometry'] as EsriGeometry | null | undefined);
  return shape.geometry ? memberGeometry(record, shape.geometry) : null;
}

function isRecord(value: unknown): value is JsonRecord {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

async function* readRecords(
  file: FileHandle,
  bom: number,
  list: string,
  progress: { read: number },
): AsyncGenerator<JsonRecord[]> {
  let ready: JsonRecord[] = [];
  let number = 0;
  const cutter = new RecordCutter(
    list,
    (json) => {
      number += 1;
      const text = json.toString('utf8');
      try {
        ready.push(JSON.parse(text) as JsonRecord);
      } catch (cause) {
        throw notJson(text, number, cause);
      }
    },
    MAX_FEATURE,
  );
  for await (const bytes of blocks(file, bom, (position) => (progress.read = position))) {
    try {
      cutter.push(bytes);
    } catch (error) {
      if (!(error instanceof RangeError)) throw error;
      throw new LoadError('LINE_TOO_LONG', {
        zh: `第 ${number + 1} 个对象大于 ${MAX_FEATURE >> 20} MB。`,
        en: `object ${number + 1} is larger than ${MAX_FEATURE >> 20} MB.`,
      });
    }
    if (ready.length > 0) {
      yield ready;
      ready = [];
    }
  }
}
