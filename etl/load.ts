import { access, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Layer } from '../layers/define.ts';
import { departments } from '../layers/departments.ts';
import { layers as catalogue } from '../layers/index.ts';
import type { Database } from '../server/db/connect.ts';
import { LoadError } from './errors.ts';
import { type LayerLoadOptions, loadLayer } from './load-layer.ts';
import type { LoadProgress } from './load-run.ts';
import { nearest } from './nearest.ts';
import { publishCodes } from './publish-codes.ts';
import type { LoadReport } from './report.ts';
import { loadSeries } from './series/load-series.ts';
import { LoadSession } from './session.ts';
import { loadRemote } from './sources/load-remote.ts';
import { inLoadOrder } from './load-order.ts';
import { writeReport } from './write-report.ts';

export interface DeliveryOptions {
  db: Database;
  /** Folder with one folder of files per department. */
  dir: string;
  /** Layer ids, department ids, or `all` (the default). */
  layers?: readonly string[];
  /** Scale of a demo district; read from `manifest.json` in the folder when absent. */
  scale?: number;
  /** Stated on the command line, for every layer of this run. */
  stated?: LayerLoadOptions['stated'];
  /** Load also what is unchanged. */
  force?: boolean;
  /** Numbers of rows far from those of the last load are right. */
  acceptChange?: boolean;
  /** Folder of published rasters is below it; DATA_DIR when absent. */
  dataDir?: string;
  /** Where reports go; none are written when absent. */
  reportDir?: string;
  onProgress?: (progress: DeliveryProgress) => void;
  /** Resolves when the file of a layer is there: for a delivery that is loaded while it is being written, in the order of loading. */
  arrivalOf?: (layer: string) => Promise<void>;
}

export interface DeliveryProgress extends LoadProgress {
  /** Layers finished, and in all. */
  done: number;
  total: number;
  /** Report of the layer that was finished just now. */
  report?: LoadReport;
}

/**
 * Loads what departments delivered: boundaries and grid first, then the layers others are placed by, then the rest.
 * A layer that fails leaves its live rows alone and does not stop the others.
 * @returns one report per layer, in the order of loading
 */
export async function loadDelivery(options: DeliveryOptions): Promise<LoadReport[]> {
  const { db, dir } = options;
  const names = options.layers ?? ['all'];
  const chosen = chooseLayers(names);
  const wanted = inLoadOrder(options.arrivalOf ? chosen : await delivered(chosen, names, dir));
  const scale = options.scale ?? (await scaleOf(dir));
  await publishCodes(db);
  const session = new LoadSession(db, options.dataDir);
  const reports: LoadReport[] = [];
  try {
    for (const layer of wanted) {
      const place = { done: reports.length, total: wanted.length };
      await setLoading(db, { ...place, layer: layer.id });
      session.expect(wanted.slice(reports.length));
      await options.arrivalOf?.(layer.id);
      const given: LayerLoadOptions = {
        scale,
        ...(options.stated ? { stated: options.stated } : {}),
        ...(options.force ? { force: true } : {}),
        acceptChange: options.acceptChange === true,
        onProgress: (progress) => options.onProgress?.({ ...progress, ...place }),
      };
      const report =
        layer.source.url === undefined
          ? await loadLayer(session, layer, join(dir, layer.source.file), given)
          : await loadRemote(session, layer, layer.source.url, given);
      if (layer.series !== undefined && report.status !== 'failed') {
        const series = await loadSeries(session, layer, join(dir, layer.series.file));
        if (series) report.series = series;
      }
      reports.push(report);
      if (options.reportDir !== undefined && report.load !== null) await writeReport(report, options.reportDir);
      options.onProgress?.({
        layer: layer.id,
        step: 'publish',
        share: 1,
        rows: report.rows.in,
        done: reports.length,
        total: wanted.length,
        report,
      });
    }
  } finally {
    await setLoading(db, null);
    await session.close();
  }
  return reports;
}

/** Layers by layer id, department id or `all`. Throws UNKNOWN_LAYER with near matches. */
export function chooseLayers(names: readonly string[]): Layer[] {
  const chosen = new Set<Layer>();
  for (const name of names) {
    const found = catalogue.filter((layer) => name === 'all' || layer.id === name || layer.department === name);
    if (found.length === 0) throw unknownLayer(name);
    for (const layer of found) chosen.add(layer);
  }
  return [...chosen];
}

/** Without the layers of a department, or of all, whose file nobody handed in; one that is named must be there. */
async function delivered(chosen: readonly Layer[], names: readonly string[], dir: string): Promise<Layer[]> {
  const found: Layer[] = [];
  for (const layer of chosen) {
    const isNamed = names.includes(layer.id) || layer.source.url !== undefined;
    const isThere = await access(join(dir, layer.source.file)).then(
      () => true,
      () => false,
    );
    if (isNamed || isThere) found.push(layer);
  }
  if (found.length > 0) return found;
  throw new LoadError('FILE_NOT_FOUND', {
    zh: `${dir} 中没有 ${names.join('、')} 的任何文件。`,
    en: `${dir} holds no file of ${names.join(', ')}.`,
  });
}

function unknownLayer(name: string): LoadError {
  const near = nearest(name, [...catalogue.map(({ id }) => id), ...Object.keys(departments), 'all']);
  const titles = catalogue.filter(
    ({ title }) => name.length > 1 && (title.zh.includes(name) || title.en.toLowerCase().includes(name.toLowerCase())),
  );
  const hints = [...new Set([...titles.map(({ id }) => id), ...near])].slice(0, 5).join(', ');
  return new LoadError('UNKNOWN_LAYER', {
    zh: `没有图层或部门 ${JSON.stringify(name)}。相近的有：${hints}。`,
    en: `there is no layer or department ${JSON.stringify(name)}. Near matches: ${hints}.`,
  });
}

/** Scale of a generated delivery; 1 for one that departments handed in. */
export async function scaleOf(dir: string): Promise<number> {
  let text: string;
  try {
    text = await readFile(join(dir, 'manifest.json'), 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return 1;
    throw error;
  }
  const { scale } = JSON.parse(text) as { scale?: unknown };
  return typeof scale === 'number' && scale > 0 ? scale : 1;
}

/** Tells the API how far the loading is; null when it is over. */
async function setLoading(db: Database, loading: { done: number; total: number; layer: string } | null): Promise<void> {
  await db.sql`insert into app.meta (key, value) values ('loading', ${JSON.stringify(loading)}::text::jsonb)
    on conflict (key) do update set value = excluded.value`;
}
