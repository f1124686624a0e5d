import type { Geometry as GeoJson } from 'geojson';
import type { Layer, Text } from '../../layers/define.ts';
import type { Database } from '../../server/db/connect.ts';
import type { GridMesh } from '../../server/db/mesh.ts';
import { normalCrs } from '../crs/names.ts';
import { type ToWgs84, toWgs84, UnknownCrs } from '../crs/transform.ts';
import { CONTROL_POINTS } from '../crs/old-datum.ts';
import { type CrsVerdict, districtVerdict, MIN_CONFIDENCE, type Sample } from '../crs/verdict.ts';
import { worldVerdict } from '../crs/world-verdict.ts';
import { LoadError } from '../errors.ts';
import type { Batch, RecordSource } from '../formats/source.ts';
import { readField } from '../formats/text-table.ts';
import { isBlank } from '../checks/blank.ts';
import type { LoadSession } from '../session.ts';
import { namedPlaces, placesBefore, referencesFor } from './crs-evidence.ts';

/** A CRS as `toWgs84` takes it. */
export interface CrsSource {
  crs: string;
  definition?: string | undefined;
}

/** The CRS a file is read by, and why. */
export interface DetectedCrs {
  name: string;
  transform: ToWgs84;
  /** What the transformation is made of, for `toWgs84` in another thread; without it rows are placed in this one. */
  source?: CrsSource;
  confidence: number;
  reasons: Text[];
  candidates: string[];
}

const SAMPLES = 2000;

/**
 * Decides by which CRS a delivery of the district is read.
 * Throws WRONG_CRS when what the layer (or the person) states contradicts the coordinates, NO_CRS when a Shapefile has
 * no .prj and the coordinates do not confirm what the layer states.
 */
export async function detectCrs(
  session: LoadSession,
  layer: Layer,
  source: RecordSource,
  ahead: readonly Batch[],
  mesh: GridMesh | null,
  override?: string,
): Promise<DetectedCrs> {
  const { db } = session;
  const stated = normalCrs(override ?? layer.source.crs);
  if (layer.checks.extent === 'region') {
    const own = { coordinates: layer.source.coordinates, cell: undefined, key: layer.key };
    return detectWorldCrs(db, source, readSamples(ahead, source.columns, own), stated);
  }
  const cellField = ['grid_code', 'community_code', 'village_code'].find((name) => name in layer.fields);
  const samples = readSamples(ahead, source.columns, {
    coordinates: layer.source.coordinates,
    cell: cellField ? (layer.source.columns?.[cellField] ?? cellField) : undefined,
    key: layer.source.columns?.[layer.key] ?? layer.key,
    name: layer.label === undefined ? undefined : (layer.source.columns?.[layer.label] ?? layer.label),
  });
  await addPlaces(db, layer, samples);
  if (source.format === 'shapefile' && source.crs === null && override === undefined) {
    throw new LoadError('NO_CRS', {
      zh: `Shapefile 没有 .prj，不能确认约定的 ${stated}。请补上 .prj，或用 --crs ${stated} 指明。`,
      en: `the Shapefile has no .prj, so ${stated}, which the layer states, is not confirmed. Add the .prj, or state it with --crs ${stated}.`,
    });
  }
  const verdict = await districtVerdict(samples, stated, source.crs, {
    ...(mesh ? { cellsAt: cellsAt(mesh) } : {}),
    references: await referencesFor(session, layer),
    isStatedByPerson: override !== undefined,
  });
  return acceptVerdict(verdict, stated, (crs) => toWgs84(crs));
}

/** Decides by which CRS a file from anywhere is read. Throws NO_CRS or WRONG_CRS with what to do. */
export async function detectWorldCrs(
  db: Database,
  source: Pick<RecordSource, 'crs'>,
  samples: readonly Sample[],
  stated?: string,
): Promise<DetectedCrs> {
  const asked = stated === undefined ? undefined : normalCrs(stated);
  const code = asked ?? source.crs?.crs;
  const definition = code === undefined ? undefined : await definitionOf(db, code);
  const transformOf = (crs: string): ToWgs84 => {
    try {
      return toWgs84(crs, definition);
    } catch (cause) {
      if (!(cause instanceof UnknownCrs)) throw cause;
      throw new LoadError(
        'NO_CRS',
        {
          zh: `不认识坐标系 ${crs.slice(0, 80)}。请用 --crs EPSG:… 指明。`,
          en: `unknown coordinate reference system ${crs.slice(0, 80)}. State it with --crs EPSG:….`,
        },
        { cause },
      );
    }
  };
  const verdict = worldVerdict(samples, asked, source.crs, transformOf);
  const detected = acceptVerdict(verdict, asked ?? source.crs?.name ?? '', transformOf);
  const { crs: declared } = source;
  if (detected.source) detected.source.definition = definition;
  return declared && asked === undefined && !declared.crs.startsWith('EPSG:')
    ? { ...detected, name: declared.name }
    : detected;
}

/** PROJ text of an EPSG code, from the database, which knows some 8,500. */
async function definitionOf(db: Database, crs: string): Promise<string | undefined> {
  const code = /^EPSG:(\d+)$/.exec(crs)?.[1];
  if (code === undefined) return undefined;
  const [row] = await db.sql<
    { proj4text: string }[]
  >`select proj4text from spatial_ref_sys where srid = ${Number(code)}`;
  return row?.proj4text;
}

/** Throws what a verdict refuses, with what to do. */
export function acceptVerdict(verdict: CrsVerdict, stated: string, transformOf: (crs: string) => ToWgs84): DetectedCrs {
  const why: Text = {
    zh: verdict.reasons.map(({ zh }) => zh).join('；'),
    en: verdict.reasons.map(({ en }) => en).join('; '),
  };
  if (verdict.mixed) {
    throw new LoadError('MIXED_CRS', {
      zh: `${why.zh}。请按坐标系拆成几个文件，统一转换后再送。`,
      en: `${why.en}. Split the file by system, bring all to one, and send it again.`,
    });
  }
  if (verdict.oldDatum) {
    const name = verdict.oldDatum === 'suspected' ? null : verdict.oldDatum;
    throw new LoadError('OLD_DATUM', {
      zh: `坐标系${name ? `为 ${name}` : '疑为西安 80、北京 54 或地方坐标系'}：${why.zh}。${CONTROL_POINTS.zh}。`,
      en: `the coordinates ${name ? `are in ${name}` : 'seem to be in Xian 80, Beijing 54 or a local system'}: ${why.en}. ${CONTROL_POINTS.en}.`,
    });
  }
  if (verdict.contradiction) {
    const { looksLike } = verdict.contradiction;
    const isSwapped = looksLike?.endsWith('/yx') === true;
    throw new LoadError('WRONG_CRS', {
      zh: `写明 ${verdict.contradiction.stated}，但坐标${looksLike ? `像是 ${looksLike}${isSwapped ? '（横纵坐标或经纬度颠倒）' : ''}` : '与之不符'}：${why.zh}。请更正，或用 --crs${looksLike ? ` ${looksLike}` : ''} 指明。`,
      en: `stated ${verdict.contradiction.stated}, but the coordinates ${looksLike ? `look like ${looksLike}${isSwapped ? ' (x and y swapped)' : ''}` : 'do not fit it'}: ${why.en}. Correct it, or state the right one with --crs${looksLike ? ` ${looksLike}` : ''}.`,
    });
  }
  if (verdict.crs === null || verdict.confidence < MIN_CONFIDENCE) {
    const hints =
      verdict.candidates.length > 0 ? verdict.candidates.join(', ') : 'EPSG:4526, EPSG:4547, EPSG:3857, GCJ-02';
    throw new LoadError('NO_CRS', {
      zh: `坐标系不明（${why.zh}）。请用 --crs 指明，例如 ${hints}。`,
      en: `the coordinate reference system cannot be told (${why.en}). State it with --crs, e.g. ${hints}.`,
    });
  }
  return {
    name: verdict.crs || stated,
    transform: transformOf(verdict.crs),
    source: { crs: verdict.crs },
    confidence: verdict.confidence,
    reasons: verdict.reasons,
    candidates: verdict.candidates,
  };
}

interface SampleColumns {
  coordinates?: { x: string; y: string } | undefined;
  cell?: string | undefined;
  key?: string | undefined;
  name?: string | undefined;
}

type KeyedSample = Sample & { key?: string; name?: string };

/** Positions of the first records: one per row, the first vertex and the middle of a shape. */
export function readSamples(
  batches: readonly Batch[],
  columns: readonly string[],
  wanted: SampleColumns,
): KeyedSample[] {
  const [x, y] = [columns.indexOf(wanted.coordinates?.x ?? ''), columns.indexOf(wanted.coordinates?.y ?? '')];
  const [cell, key] = [columns.indexOf(wanted.cell ?? ''), columns.indexOf(wanted.key ?? '')];
  const name = columns.indexOf(wanted.name ?? '');
  const samples: KeyedSample[] = [];
  for (const batch of batches) {
    for (let i = 0; i < batch.lines.length; i += 1) {
      if (samples.length >= SAMPLES) return samples;
      const geometry = batch.geometries?.[i];
      const position = x >= 0 && y >= 0 ? numbers(valueOf(batch, i, x), valueOf(batch, i, y)) : firstVertex(geometry);
      if (!position) continue;
      const sample: KeyedSample = { x: position[0], y: position[1] };
      if (geometry && geometry.type !== 'Point') sample.middle = middleOf(geometry);
      const stated = valueOf(batch, i, cell);
      if (typeof stated === 'string' && stated !== '') sample.cell = stated;
      const id = valueOf(batch, i, key);
      if (id !== null && id !== undefined) sample.key = String(id).trim();
      const called = valueOf(batch, i, name);
      if (typeof called === 'string' && called.trim() !== '') sample.name = called.trim();
      samples.push(sample);
    }
  }
  return samples;
}

/** A value of a record, without making texts of all others. */
function valueOf(batch: Batch, record: number, column: number): unknown {
  return batch.text ? readField(batch.text, record, column) : batch.rows[record]?.[column];
}

function numbers(x: unknown, y: unknown): [number, number] | null {
  return isBlank(x) || isBlank(y) ? null : [Number(x), Number(y)];
}

function firstVertex(geometry: GeoJson | null | undefined): [number, number] | null {
  let at: unknown = geometry?.type === 'GeometryCollection' ? geometry.geometries[0] : geometry;
  at = (at as { coordinates?: unknown } | null | undefined)?.coordinates;
  while (Array.isArray(at) && Array.isArray(at[0])) at = at[0];
  return Array.isArray(at) && typeof at[0] === 'number' && typeof at[1] === 'number' ? [at[0], at[1]] : null;
}

/** Middle of the extent. */
function middleOf(geometry: GeoJson): [number, number] {
  const box = [Infinity, Infinity, -Infinity, -Infinity] as [number, number, number, number];
  const grow = (at: unknown): void => {
    if (!Array.isArray(at)) return;
    const [x, y] = at as unknown[];
    if (typeof x === 'number' && typeof y === 'number') {
      box[0] = Math.min(box[0], x);
      box[1] = Math.min(box[1], y);
      box[2] = Math.max(box[2], x);
      box[3] = Math.max(box[3], y);
    } else {
      for (const part of at) grow(part);
    }
  };
  if (geometry.type === 'GeometryCollection')
    for (const part of geometry.geometries) grow((part as { coordinates?: unknown }).coordinates);
  else grow(geometry.coordinates);
  return [(box[0] + box[2]) / 2, (box[1] + box[3]) / 2];
}

/** Where the sampled features lay in the last load, and where their namesakes lie. */
async function addPlaces(db: Database, layer: Layer, samples: KeyedSample[]): Promise<void> {
  const [before, named] = await Promise.all([
    placesBefore(
      db,
      layer,
      samples.flatMap(({ key }) => key ?? []),
    ),
    namedPlaces(
      db,
      layer,
      samples.flatMap(({ name }) => name ?? []),
    ),
  ]);
  for (const sample of samples) {
    const place = sample.key === undefined ? undefined : before.get(sample.key);
    if (place) sample.before = place;
    const namesake = sample.name === undefined ? undefined : named.get(sample.name);
    if (namesake) sample.named = namesake;
  }
}

function cellsAt(mesh: GridMesh): (lon: number, lat: number) => { grid: string; community: string } | null {
  return (lon, lat) => {
    const index = mesh.locate(lon, lat);
    return index < 0 ? null : { grid: mesh.codes[index] as string, community: mesh.communities[index] as string };
  };
}
