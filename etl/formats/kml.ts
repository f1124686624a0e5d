import { stat } from 'node:fs/promises';
import { basename } from 'node:path';
import type { Geometry, Position } from 'geojson';
import { LoadError } from '../errors.ts';
import { emptyBatch } from './geojson.ts';
import type { Batch, RecordSource } from './source.ts';
import { child, readXml, type XmlElement } from './xml-stream.ts';

const BATCH = 1000;
/** Members of KML that are no places: what they are is said in a note. */
const OTHERS = ['GroundOverlay', 'ScreenOverlay', 'PhotoOverlay', 'NetworkLink'];

/**
 * Opens a KML document: one record per Placemark, with its extended data, and with the attributes that converters write
 * into its description as an HTML table. GDAL's reader would leave both out.
 */
export async function openKml(path: string): Promise<RecordSource> {
  const { size } = await stat(path);
  const columns = new Set<string>();
  const others = new Map<string, string[]>();
  let placemarks = 0;
  let tables = 0;
  for await (const records of readPlacemarks(path, others)) {
    for (const { values, hasTable } of records) {
      placemarks += 1;
      if (hasTable) tables += 1;
      for (const name of values.keys()) columns.add(name);
    }
  }
  const list = [...others].map(([name, found]) => `${found.length} ${name}`).join(', ');
  if (placemarks === 0) throw nothingIn(path, others, list);
  const notes: string[] = [];
  if (list !== '') notes.push(`left out, because they are no places: ${list}`);
  if (tables > 0) notes.push(`attributes of ${tables} placemarks were read from the HTML table in their description`);
  const names = [...columns];
  let read = 0;

  async function* batches(): AsyncGenerator<Batch> {
    let number = 0;
    for await (const records of readPlacemarks(path, new Map(), (position) => (read = position))) {
      const batch = emptyBatch();
      for (const { values, geometry } of records) {
        number += 1;
        batch.rows.push(names.map((name) => values.get(name) ?? null));
        batch.lines.push(number);
        batch.geometries.push(geometry);
      }
      yield batch;
    }
  }
  return {
    format: 'kml',
    columns: names,
    encoding: 'utf-8',
    hasGeometry: true,
    crs: { crs: 'EPSG:4326', name: 'EPSG:4326', from: 'KML' },
    notes,
    batches,
    progress: () => read / size,
    close: () => Promise.resolve(),
  };
}

function nothingIn(path: string, others: Map<string, string[]>, list: string): LoadError {
  const file = basename(path);
  const links = (others.get('NetworkLink') ?? []).filter((link) => link !== '');
  if (links.length > 0) {
    return new LoadError('UNSUPPORTED', {
      zh: `${file} 只有指向别处的链接（${links.join('、')}），没有地标。请导入链接所指的文件。`,
      en: `${file} holds only links to other places (${links.join(', ')}) and no placemark. Import what they point to.`,
    });
  }
  return new LoadError('UNSUPPORTED', {
    zh: `${file} 没有地标（Placemark）${list === '' ? '' : `，只有 ${list}`}。请交付含地标的 KML。`,
    en: `${file} holds no placemark${list === '' ? '' : `, only ${list}`}. Hand in a KML with placemarks.`,
  });
}

interface Placemark {
  values: Map<string, unknown>;
  geometry: Geometry | null;
  hasTable: boolean;
}

async function* readPlacemarks(
  path: string,
  others: Map<string, string[]>,
  onRead?: (position: number) => void,
): AsyncGenerator<Placemark[]> {
  let ready: Placemark[] = [];
  /** Name of each folder around, by its depth. */
  const folders: string[] = [];
  const reading = readXml(path, {
    open: (name, _attributes, around) => {
      if (name === 'Folder') folders[around.length] = '';
      return name === 'Placemark' || OTHERS.includes(name);
    },
    element: (element, around) => {
      if (element.name === 'Placemark') {
        const folder = folders.slice(0, around.length).filter(Boolean).join('/');
        ready.push(placemark(element, folder));
        return;
      }
      const links = others.get(element.name) ?? [];
      const link = child(element, 'Link') ?? child(element, 'Url');
      links.push((link && child(link, 'href')?.text.trim()) ?? '');
      others.set(element.name, links);
    },
    close: (name, text, around) => {
      if (name === 'name' && around.at(-1) === 'Folder') folders[around.length - 1] = text.trim();
      if (name === 'Folder') folders.length = around.length;
    },
  });
  for await (const position of reading) {
    onRead?.(position);
    if (ready.length >= BATCH) {
      yield ready;
      ready = [];
    }
  }
  if (ready.length > 0) yield ready;
}

function placemark(element: XmlElement, folder: string): Placemark {
  const values = new Map<string, unknown>();
  let hasTable = false;
  const put = (name: string, value: string): void => {
    const text = value.trim();
    if (text === '') return;
    // Converters write the same attributes twice, for people and for machines.
    if (values.get(name) === text) return;
    let free = name;
    for (let n = 2; values.has(free); n += 1) free = `${name}_${n}`;
    values.set(free, text);
  };
  if (element.attributes['id']) put('id', element.attributes['id']);
  if (folder !== '') put('folder', folder);
  for (const part of element.children) {
    switch (part.name) {
      case 'name':
      case 'address':
      case 'phoneNumber':
      case 'Snippet':
        put(part.name, part.text);
        break;
      case 'description': {
        const table = htmlTable(part.text);
        if (table.length >= 2) {
          hasTable = true;
          for (const [name, value] of table) put(name, value);
        } else put('description', part.text);
        break;
      }
      case 'TimeStamp':
        put('when', child(part, 'when')?.text ?? '');
        break;
      case 'TimeSpan':
        put('begin', child(part, 'begin')?.text ?? '');
        put('end', child(part, 'end')?.text ?? '');
        break;
      case 'ExtendedData':
        for (const [name, value] of extendedData(part)) put(name, value);
        break;
      default:
    }
  }
  const shapes = element.children.map(shapeOf).filter((shape) => shape !== undefined);
  return { values, geometry: together(shapes), hasTable };
}

function extendedData(part: XmlElement): [string, string][] {
  const found: [string, string][] = [];
  for (const data of part.children) {
    if (data.name === 'SchemaData') found.push(...extendedData(data));
    else if (data.name === 'Data') found.push([data.attributes['name'] ?? 'data', child(data, 'value')?.text ?? '']);
    else if (data.name === 'SimpleData') found.push([data.attributes['name'] ?? 'data', data.text]);
    else if (data.name === 'SimpleArrayData') {
      const values = data.children.map(({ text }) => text.trim());
      found.push([data.attributes['name'] ?? 'data', JSON.stringify(values)]);
    } else if (data.children.length === 0 && data.text.trim() !== '') found.push([data.name, data.text]);
  }
  return found;
}

/** Rows of two cells of an HTML table: attributes, as converters write them. */
function htmlTable(html: string): [string, string][] {
  if (!/<t[dh][\s>]/i.test(html)) return [];
  const rows: [string, string][] = [];
  for (const row of html.split(/<tr[\s>]/i).slice(1)) {
    const cells = row
      .split(/<t[dh](?=[\s>])[^>]*>/i)
      .slice(1)
      .map((cell) => plainText(cell.split(/<\/t[dh]>/i)[0] as string));
    const [name, value, ...more] = cells;
    if (name && value !== undefined && more.length === 0 && !/<table/i.test(row)) rows.push([name, value]);
  }
  return rows;
}

function plainText(html: string): string {
  return html
    .replaceAll(/<[^>]*>/g, '')
    .replaceAll(/&nbsp;?/g, ' ')
    .replaceAll('&lt;', '<')
    .replaceAll('&gt;', '>')
    .replaceAll('&quot;', '"')
    .replaceAll('&amp;', '&')
    .trim();
}

/** The geometry of an element; undefined when it is none, null when it is an empty one. */
function shapeOf(element: XmlElement): Geometry | null | undefined {
  switch (element.name) {
    case 'Point': {
      const [position] = positions(child(element, 'coordinates')?.text ?? '');
      return position ? { type: 'Point', coordinates: position } : null;
    }
    case 'LineString':
    case 'LinearRing': {
      const line = positions(child(element, 'coordinates')?.text ?? '');
      return line.length > 0 ? { type: 'LineString', coordinates: line } : null;
    }
    case 'Polygon': {
      const rings = ['outerBoundaryIs', 'innerBoundaryIs'].flatMap((name) =>
        element.children
          .filter((part) => part.name === name)
          .flatMap((part) => part.children.filter((ring) => ring.name === 'LinearRing'))
          .map((ring) => positions(child(ring, 'coordinates')?.text ?? '')),
      );
      return rings.some((ring) => ring.length > 0) ? { type: 'Polygon', coordinates: rings } : null;
    }
    case 'Track': {
      const line = element.children
        .filter(({ name }) => name === 'coord')
        .map(({ text }) => text.trim().split(/\s+/).slice(0, 2).map(Number));
      return line.length > 0 ? { type: 'LineString', coordinates: line } : null;
    }
    case 'MultiGeometry':
    case 'MultiTrack':
      return together(element.children.map(shapeOf).filter((shape) => shape !== undefined));
    case 'Model': {
      const place = child(element, 'Location');
      if (!place) return null;
      const at = ['longitude', 'latitude'].map((name) => Number(child(place, name)?.text ?? Number.NaN));
      return { type: 'Point', coordinates: at };
    }
    default:
      return undefined;
  }
}

/** Several shapes as one: of the same kind where they are, otherwise as a collection. */
function together(shapes: (Geometry | null)[]): Geometry | null {
  const parts = shapes.filter((shape) => shape !== null).flatMap(split);
  const [first] = parts;
  if (!first || parts.length === 1) return first ?? null;
  const lines = parts.filter((part) => part.type === 'LineString');
  if (lines.length === parts.length)
    return { type: 'MultiLineString', coordinates: lines.map((line) => line.coordinates) };
  const polygons = parts.filter((part) => part.type === 'Polygon');
  if (polygons.length === parts.length)
    return { type: 'MultiPolygon', coordinates: polygons.map((part) => part.coordinates) };
  const points = parts.filter((part) => part.type === 'Point');
  if (points.length === parts.length)
    return { type: 'MultiPoint', coordinates: points.map((point) => point.coordinates) };
  return { type: 'GeometryCollection', geometries: parts };
}

function split(shape: Geometry): Geometry[] {
  switch (shape.type) {
    case 'GeometryCollection':
      return shape.geometries.flatMap(split);
    case 'MultiPoint':
      return shape.coordinates.map((coordinates) => ({ type: 'Point', coordinates }));
    case 'MultiLineString':
      return shape.coordinates.map((coordinates) => ({ type: 'LineString', coordinates }));
    case 'MultiPolygon':
      return shape.coordinates.map((coordinates) => ({ type: 'Polygon', coordinates }));
    default:
      return [shape];
  }
}

/** `lon,lat,height lon,lat,height`: a blank after a comma is a common slip. */
function positions(text: string): Position[] {
  return text
    .replaceAll(/\s*,\s*/g, ',')
    .trim()
    .split(/\s+/)
    .filter((tuple) => tuple !== '')
    .map((tuple) =>
      tuple
        .split(',')
        .slice(0, 2)
        .map((part) => (part === '' ? Number.NaN : Number(part))),
    );
}
