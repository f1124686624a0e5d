import { basename, extname, resolve } from 'node:path';
import { findLayer } from '../layers/index.ts';
import type { Geometry } from '../layers/define.ts';
import type { Database } from '../server/db/connect.ts';
import { hasSecondHeader } from './checks/double-header.ts';
import { LoadError } from './errors.ts';
import { openFile } from './formats/open.ts';
import type { Batch } from './formats/source.ts';
import { ColumnProfile } from './infer/column-profile.ts';
import { findCoordinates } from './infer/coordinates.ts';
import { userLayerId } from './infer/field-names.ts';
import { inferLayer } from './infer/infer-layer.ts';
import { loadLayer, type LoadProgress } from './load-layer.ts';
import type { LoadReport } from './report.ts';
import { LoadSession } from './session.ts';
import { type DetectedCrs, detectWorldCrs, readSamples } from './steps/detect.ts';
import { fetchFile } from './steps/fetch.ts';
import { writeReport } from './write-report.ts';

export interface ImportOptions {
  db: Database;
  file: string;
  /** Title shown to people; the name of the file otherwise. */
  name?: string;
  /** Id of the layer, `user_…`; made from the title otherwise. An id that exists is loaded anew. */
  id?: string;
  /** What the person states because the file does not. */
  stated?: { crs?: string; encoding?: string; layer?: string };
  reportDir?: string;
  /** Where the dashboard is, for the link. Default `http://localhost:8080`. */
  baseUrl?: string;
  onProgress?: (progress: LoadProgress) => void;
}

/**
 * Makes a layer of a file nobody defined and loads it through the same steps as any other. Reads the file twice: to
 * find out what is in it, and to load it. Throws LoadError when the file cannot be read or its encoding or CRS cannot be
 * told; what goes wrong later is in the report.
 */
export async function importFile(options: ImportOptions): Promise<LoadReport> {
  const { db, file, stated = {} } = options;
  await fetchFile(file);
  const session = new LoadSession(db);
  try {
    const survey = await surveyFile(session, file, stated);
    const title = options.name ?? basename(file, extname(file));
    const id = options.id ?? userLayerId(title);
    if (!/^user_[a-z0-9]+(_[a-z0-9]+)*$/.test(id) || findLayer(id)) {
      throw new LoadError('BAD_USAGE', {
        zh: `图层编号 ${id} 不可用：应为 user_ 加小写字母、数字与下划线。`,
        en: `layer id ${id} cannot be used: user_ and lower-case letters, digits and underscores.`,
      });
    }
    const { layer, keyByLine } = inferLayer({ ...survey, id, title, file: basename(file), crs: survey.crs.name });
    await db.sql`insert into app.user_layer (layer_id, definition) values (${id}, ${JSON.stringify(layer)}::text::jsonb)
      on conflict (layer_id) do nothing`;
    const report = await loadLayer(session, layer, resolve(file), {
      isUser: true,
      keyByLine,
      stated,
      crs: survey.crs,
      csv: { skipAfterHeader: survey.secondHeader ? 1 : 0 },
      ...(options.onProgress ? { onProgress: options.onProgress } : {}),
    });
    await settle(db, layer.id, layer, report);
    report.notes.unshift(...survey.notes);
    if (report.status === 'published') report.url = `${options.baseUrl ?? 'http://localhost:8080'}/plan?layers=${id}`;
    if (options.reportDir !== undefined) await writeReport(report, options.reportDir);
    return report;
  } finally {
    await session.close();
  }
}

/** The definition goes with the rows: the new one when they were published, none when there were never any. */
async function settle(db: Database, id: string, layer: unknown, report: LoadReport): Promise<void> {
  if (report.status === 'published') {
    await db.sql`update app.user_layer set definition = ${JSON.stringify(layer)}::text::jsonb where layer_id = ${id}`;
    await db.sql`select pg_notify('layers', ${id})`;
    return;
  }
  await db.sql`delete from app.user_layer where layer_id = ${id}
    and not exists (select from app.layer_state where layer_id = ${id})`;
}

interface Survey {
  format: LoadReportFormat;
  encoding: string;
  crs: DetectedCrs;
  rows: number;
  geometry: Geometry;
  columns: ColumnProfile[];
  coordinates: { x: string; y: string } | null;
  secondHeader: boolean;
  notes: string[];
}

type LoadReportFormat = 'csv' | 'geojson' | 'shapefile' | 'gpkg' | 'xlsx';

const LOOK = 2000;

/** Reads the whole file once and says what is in it. */
async function surveyFile(
  session: LoadSession,
  file: string,
  stated: NonNullable<ImportOptions['stated']>,
): Promise<Survey> {
  const { source } = await openFile(file, {
    gdal: () => session.gdal(),
    ...(stated.encoding === undefined ? {} : { encoding: stated.encoding }),
    ...(stated.layer === undefined ? {} : { layer: stated.layer }),
  });
  try {
    const columns = source.columns.map((name) => new ColumnProfile(name));
    const kinds = new Map<Geometry, number>();
    const notes = [...source.notes];
    const ahead: Batch[] = [];
    let rows = 0;
    let secondHeader = false;
    for await (let batch of source.batches()) {
      if (ahead.length === 0 && !source.hasGeometry && hasSecondHeader(source.columns, batch.rows)) {
        secondHeader = true;
        notes.push(`two header rows: the second (${(batch.rows[0] as unknown[]).join(', ')}) was left out`);
        batch = { ...batch, rows: batch.rows.slice(1), lines: [...batch.lines].slice(1) };
      }
      if (rows < LOOK) ahead.push(batch);
      for (const [i, row] of batch.rows.entries()) {
        rows += 1;
        if (row.length === columns.length) for (const [j, column] of columns.entries()) column.add(row[j]);
        const kind = kindOf(batch.geometries?.[i]?.type);
        if (kind) kinds.set(kind, (kinds.get(kind) ?? 0) + 1);
      }
    }
    const coordinates = source.hasGeometry ? null : findCoordinates(columns);
    const [most] = [...kinds].toSorted((a, b) => b[1] - a[1]);
    const geometry = most?.[0] ?? (coordinates ? 'point' : 'table');
    if (kinds.size > 1)
      notes.push(
        `kinds of geometry: ${[...kinds].map(([kind, count]) => `${kind} ${count}`).join(', ')}; the layer takes ${geometry}`,
      );
    const samples = readSamples(ahead, source.columns, { coordinates: coordinates ?? undefined });
    const crs = await detectWorldCrs(session.db, source, samples, stated.crs);
    return {
      format: source.format,
      encoding: source.encoding,
      crs,
      rows,
      geometry,
      columns,
      coordinates,
      secondHeader,
      notes,
    };
  } finally {
    await source.close();
  }
}

function kindOf(type: string | undefined): Geometry | null {
  if (type === undefined) return null;
  if (type.endsWith('Point')) return 'point';
  if (type.endsWith('LineString')) return 'line';
  return type.endsWith('Polygon') ? 'polygon' : null;
}
