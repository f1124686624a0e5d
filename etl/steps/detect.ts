import type { Geometry as GeoJson } from 'geojson';
import { tableName } from '../../layers/ddl.ts';
import type { Layer, Text } from '../../layers/define.ts';
import type { Database } from '../../server/db/connect.ts';
import type { GridMesh } from '../../server/db/mesh.ts';
import { normalCrs } from '../crs/names.ts';
import { isGeographic, type ToWgs84, toWgs84, UnknownCrs } from '../crs/transform.ts';
import { type CrsVerdict, districtVerdict, MIN_CONFIDENCE, type Sample, worldVerdict } from '../crs/verdict.ts';
import { LoadError } from '../errors.ts';
import type { Batch, RecordSource } from '../formats/source.ts';

/** The CRS a file is read by, and why. */
export interface DetectedCrs {
  name: string;
  transform: ToWgs84;
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
  db: Database,
  layer: Layer,
  source: RecordSource,
  ahead: readonly Batch[],
  mesh: GridMesh | null,
  override?: string,
): Promise<DetectedCrs> {
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
  });
  if (isGeographic(stated)) await addPlacesBefore(db, layer, samples);
  if (source.format === 'shapefile' && source.crs === null && override === undefined) {
    throw new LoadError('NO_CRS', {
      zh: `Shapefile 没有 .prj，不能确认约定的 ${stated}。请补上 .prj，或用 --crs ${stated} 指明。`,
      en: `the Shapefile has no .prj, so ${stated}, which the layer states, is not confirmed. Add the .prj, or state it with --crs ${stated}.`,
    });
  }
  const verdict = districtVerdict(samples, stated, source.crs, mesh ? { cellsAt: cellsAt(mesh) } : undefined);
  return accept(verdict, stated, (crs) => toWgs84(crs));
}

/** Decides by which CRS a file from anywhere is read. Throws NO_CRS or WRONG_CRS with what to do. */
export async function detectWorldCrs(
  db: Database,
  source: RecordSource,
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
  const detected = accept(verdict, asked ?? source.crs?.name ?? '', transformOf);
  const { crs: declared } = source;
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

function accept(verdict: CrsVerdict, stated: string, transformOf: (crs: string) => ToWgs84): DetectedCrs {
  const why: Text = {
    zh: verdict.reasons.map(({ zh }) => zh).join('；'),
    en: verdict.reasons.map(({ en }) => en).join('; '),
  };
  if (verdict.contradiction) {
    const { looksLike } = verdict.contradiction;
    throw new LoadError('WRONG_CRS', {
      zh: `写明 ${verdict.contradiction.stated}，但坐标${looksLike ? `像是 ${looksLike}` : '与之不符'}：${why.zh}。请更正，或用 --crs 指明。`,
      en: `stated ${verdict.contradiction.stated}, but the coordinates ${looksLike ? `look like ${looksLike}` : 'do not fit it'}: ${why.en}. Correct it, or state the right one with --crs.`,
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
    confidence: verdict.confidence,
    reasons: verdict.reasons,
    candidates: verdict.candidates,
  };
}

interface SampleColumns {
  coordinates?: { x: string; y: string } | undefined;
  cell?: string | undefined;
  key?: string | undefined;
}

type KeyedSample = Sample & { key?: string };

/** Positions of the first records: one per row, the first vertex of a shape. */
export function readSamples(
  batches: readonly Batch[],
  columns: readonly string[],
  wanted: SampleColumns,
): KeyedSample[] {
  const [x, y] = [columns.indexOf(wanted.coordinates?.x ?? ''), columns.indexOf(wanted.coordinates?.y ?? '')];
  const [cell, key] = [columns.indexOf(wanted.cell ?? ''), columns.indexOf(wanted.key ?? '')];
  const samples: KeyedSample[] = [];
  for (const batch of batches) {
    for (const [i, row] of batch.rows.entries()) {
      if (samples.length >= SAMPLES) return samples;
      const position = x >= 0 && y >= 0 ? numbers(row[x], row[y]) : firstVertex(batch.geometries?.[i]);
      if (!position) continue;
      const sample: KeyedSample = { x: position[0], y: position[1] };
      const stated = row[cell];
      if (typeof stated === 'string' && stated !== '') sample.cell = stated;
      const id = row[key];
      if (id !== null && id !== undefined) sample.key = String(id).trim();
      samples.push(sample);
    }
  }
  return samples;
}

function isBlank(value: unknown): boolean {
  return value === null || value === undefined || String(value).trim() === '';
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

/** Where the sampled features of a point layer lay in the last load. */
async function addPlacesBefore(db: Database, layer: Layer, samples: KeyedSample[]): Promise<void> {
  if (layer.geometry !== 'point') return;
  const [table] = await db.sql<
    { exists: boolean }[]
  >`select to_regclass(${`layers.${layer.id}`}) is not null as exists`;
  if (table?.exists !== true) return;
  const keys = samples.map(({ key }) => key).filter((key) => key !== undefined);
  const rows = await db.sql.unsafe<{ source_id: string; lon: number; lat: number }[]>(
    `select source_id, st_x(geom) as lon, st_y(geom) as lat from ${tableName(layer, 'layers')} where geom is not null and source_id = any($1::text[])`,
    [keys],
  );
  const before = new Map(rows.map(({ source_id, lon, lat }) => [source_id, [lon, lat] as const]));
  for (const sample of samples) {
    const place = sample.key === undefined ? undefined : before.get(sample.key);
    if (place) sample.before = place;
  }
}

function cellsAt(mesh: GridMesh): (lon: number, lat: number) => { grid: string; community: string } | null {
  return (lon, lat) => {
    const index = mesh.locate(lon, lat);
    return index < 0 ? null : { grid: mesh.codes[index] as string, community: mesh.communities[index] as string };
  };
}
