import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, extname, join, resolve } from 'node:path';
import type { Geometry, Layer, Text } from '../layers/define.ts';
import { findLayer } from '../layers/index.ts';
import type { Database } from '../server/db/connect.ts';
import { hasSecondHeader } from './checks/double-header.ts';
import { LoadError } from './errors.ts';
import { openFile } from './formats/open.ts';
import { findPictures } from './raster/find-pictures.ts';
import { inferRaster, unfinishedRaster } from './raster/infer-raster.ts';
import { loadRaster } from './raster/load-raster.ts';
import type { Batch, FileFormat } from './formats/source.ts';
import { ColumnProfile } from './infer/column-profile.ts';
import { findCoordinates } from './infer/coordinates.ts';
import { userLayerId } from './infer/field-names.ts';
import { inferLayer } from './infer/infer-layer.ts';
import { loadLayer } from './load-layer.ts';
import type { LoadProgress } from './load-run.ts';
import type { LoadReport } from './report.ts';
import { LoadSession } from './session.ts';
import { type HttpLimits, shownUrl } from './sources/http.ts';
import { fetchRemote, isRemote, readSourceState, writeSourceState } from './sources/remote.ts';
import { nameSource, unchangedReport } from './sources/remote-report.ts';
import { type DetectedCrs, detectWorldCrs, readSamples } from './steps/detect.ts';
import { fetchFile } from './steps/fetch.ts';
import { noteUserLayer, settleUserLayer } from './user-layer.ts';
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
  /** Load even when nothing has changed. */
  force?: boolean;
  /** Kind of geometry to take where the file holds several; the most frequent one otherwise. */
  geometry?: Geometry;
  /** Shared with other imports, so that GDAL is started once; made and closed here otherwise. */
  session?: LoadSession;
  reportDir?: string;
  /** Folder of published rasters is below it; DATA_DIR when absent. Of no account with `session`. */
  dataDir?: string;
  /** Where the dashboard is, for the link. Default `http://localhost:8080`. */
  baseUrl?: string;
  onProgress?: (progress: LoadProgress) => void;
  /** Limits of downloads; for tests. */
  limits?: HttpLimits;
}

/**
 * Makes a layer of a file nobody defined and loads it through the same steps as any other. Reads the file twice: to
 * find out what is in it, and to load it. Throws LoadError when the file cannot be read or its encoding or CRS cannot be
 * told; what goes wrong later is in the report.
 */
export async function importFile(options: ImportOptions): Promise<LoadReport> {
  return isRemote(options.file) ? importRemote(options) : importLocal(options);
}

/** Downloads what an address leads to and imports it; does neither when it has not changed since the last import. */
async function importRemote(options: ImportOptions): Promise<LoadReport> {
  const { db, file: url } = options;
  const title = options.name ?? titleOfUrl(url);
  const id = options.id ?? userLayerId(title);
  const dir = await mkdtemp(join(tmpdir(), 'one-map-download-'));
  try {
    const got = await fetchRemote(url, dir, options.limits, await readSourceState(db, id));
    if (got.isUnchanged) return unchangedReport(id, { zh: title, en: title }, url);
    const report = await importLocal({ ...options, file: got.path, name: title, id }, url);
    await nameSource(db, report, shownUrl(url));
    if (report.status === 'published') await writeSourceState(db, id, got.state);
    return report;
  } finally {
    await rm(dir, { recursive: true, force: true });
  }
}

/** The last part of the path that says something. */
function titleOfUrl(url: string): string {
  const { pathname, searchParams, hostname } = new URL(url);
  const type = searchParams.get('typeNames') ?? searchParams.get('typeName');
  const parts = pathname.split('/').filter((part) => part !== '' && !/^(items|query|wfs|ows)$/i.test(part));
  const last = decodeURIComponent(parts.at(-1) ?? hostname);
  // `…/Parks/FeatureServer/0`: the number alone says nothing.
  const named = /^\d+$/.test(last) && parts.length > 2 ? `${parts.at(-3)} ${last}` : last;
  return (type ?? named).replace(/\.[a-z0-9.]{1,12}$/i, '');
}

async function importLocal(options: ImportOptions, url?: string): Promise<LoadReport> {
  const { db, file, stated = {} } = options;
  await fetchFile(file);
  const session = options.session ?? new LoadSession(db, options.dataDir);
  try {
    if ((await findPictures(file, () => session.gdal())) !== null) return await importRaster(session, options, url);
    const survey = await surveyFile(session, file, stated, options.geometry);
    if (survey.rows === 0) {
      throw new LoadError('EMPTY_FILE', {
        zh: `${basename(file)} 里没有一条记录。请重新导出。`,
        en: `${basename(file)} holds not a single record. Export it again.`,
      });
    }
    const { id, title } = await nameOf(db, options, survey.geometry);
    const inferred = inferLayer({ ...survey, id, title, file: basename(file), crs: survey.crs.name });
    const { keyByLine } = inferred;
    const layer: Layer =
      url === undefined
        ? inferred.layer
        : { ...inferred.layer, source: { ...inferred.layer.source, url: shownUrl(url) } };
    await noteUserLayer(db, layer);
    const report = await loadLayer(session, layer, resolve(file), {
      isUser: true,
      keyByLine,
      stated,
      crs: survey.crs,
      ...(options.force ? { force: true } : {}),
      csv: { skipAfterHeader: survey.secondHeader ? 1 : 0 },
      ...(options.onProgress ? { onProgress: options.onProgress } : {}),
    });
    await settleUserLayer(db, layer.id, layer, report);
    if (report.error?.code === 'ROW_COUNT' && report.rows.accepted === 0) report.error.text = noneTaken(report);
    report.notes = [...new Set([...survey.notes, ...report.notes])];
    if (report.status !== 'failed') report.url = `${options.baseUrl ?? 'http://localhost:8080'}/plan?layers=${id}`;
    if (options.reportDir !== undefined) await writeReport(report, options.reportDir);
    return report;
  } finally {
    if (!options.session) await session.close();
  }
}

/** Title and id of the layer that is made. Throws BAD_USAGE for an id that cannot be used. */
async function nameOf(
  db: Database,
  { file, ...options }: ImportOptions,
  geometry: Geometry,
): Promise<{ id: string; title: string }> {
  const title = options.name ?? basename(file, extname(file));
  const id = options.id ?? userLayerId(title);
  if (!/^user_[a-z0-9]+(_[a-z0-9]+)*$/.test(id) || findLayer(id)) {
    throw new LoadError('BAD_USAGE', {
      zh: `图层编号 ${id} 不可用：应为 user_ 加小写字母、数字与下划线。`,
      en: `layer id ${id} cannot be used: user_ and lower-case letters, digits and underscores.`,
    });
  }
  const [before] = await db.sql<{ isRaster: boolean }[]>`
    select definition ->> 'geometry' = 'raster' as "isRaster" from app.user_layer where layer_id = ${id}`;
  if (before && before.isRaster !== (geometry === 'raster')) {
    throw new LoadError('BAD_USAGE', {
      zh: `图层 ${id} 现为${before.isRaster ? '栅格' : '记录'}，不能换成${before.isRaster ? '记录' : '栅格'}。请用 --id 另取编号。`,
      en: `layer ${id} holds ${before.isRaster ? 'a raster' : 'records'} and cannot become ${before.isRaster ? 'records' : 'a raster'}. Take another id with --id.`,
    });
  }
  return { id, title };
}

/** Makes a layer of a raster that nobody defined: what it is follows from its pictures, once they are converted. */
async function importRaster(session: LoadSession, options: ImportOptions, url?: string): Promise<LoadReport> {
  const { db, file, stated = {} } = options;
  const { id, title } = await nameOf(db, options, 'raster');
  const input = { id, title, file: basename(file), ...(url === undefined ? {} : { url: shownUrl(url) }) };
  const layer = unfinishedRaster(input);
  await noteUserLayer(db, layer);
  let finished = layer;
  const report = await loadRaster(session, layer, resolve(file), {
    isUser: true,
    stated,
    define: (pictures) => (finished = inferRaster(input, pictures)),
    ...(options.force ? { force: true } : {}),
    ...(options.onProgress ? { onProgress: options.onProgress } : {}),
  });
  await settleUserLayer(db, id, finished, report);
  if (report.status !== 'failed') report.url = `${options.baseUrl ?? 'http://localhost:8080'}/plan?layers=${id}`;
  if (options.reportDir !== undefined) await writeReport(report, options.reportDir);
  return report;
}

/** Why not one record could be taken, by the most frequent reason. */
function noneTaken({ rows, rejects }: LoadReport): Text {
  const [most] = rejects;
  const [zh, en] = (most?.examples[0]?.message ?? '').split(' | ');
  const value = most?.examples[0]?.value?.slice(0, 80) ?? '';
  return {
    zh: `${rows.in} 条记录没有一条可用：${most?.code ?? ''} ${zh ?? ''}（${value}）。请更正后重新导入。`,
    en: `none of the ${rows.in} records can be taken: ${most?.code ?? ''} ${en ?? ''} (${value}). Correct them and import again.`,
  };
}

interface Survey {
  format: FileFormat;
  encoding: string;
  crs: DetectedCrs;
  rows: number;
  geometry: Geometry;
  columns: ColumnProfile[];
  coordinates: { x: string; y: string } | null;
  secondHeader: boolean;
  notes: string[];
}

const LOOK = 2000;

/** Reads the whole file once and says what is in it. */
async function surveyFile(
  session: LoadSession,
  file: string,
  stated: NonNullable<ImportOptions['stated']>,
  wanted: Geometry | undefined,
): Promise<Survey> {
  const { source } = await openFile(file, {
    gdal: () => session.gdal(),
    ahead: (bytes) => session.textAhead(bytes),
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
        batch = { rows: batch.rows.slice(1), lines: [...batch.lines].slice(1) };
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
    const geometry = wanted ?? most?.[0] ?? (coordinates ? 'point' : 'table');
    if (kinds.size > 1)
      notes.push(
        `kinds of geometry: ${[...kinds].map(([kind, count]) => `${kind} ${count}`).join(', ')}; the layer takes ${geometry}, --geometry takes another`,
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
