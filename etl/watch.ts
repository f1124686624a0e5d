import { readdir, stat } from 'node:fs/promises';
import { basename, extname, join, relative } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Layer } from '../layers/define.ts';
import { layers as catalogue } from '../layers/index.ts';
import type { Database } from '../server/db/connect.ts';
import { LoadError } from './errors.ts';
import { importFile } from './import.ts';
import { userLayerId } from './infer/field-names.ts';
import { loadDelivery } from './load.ts';
import type { LoadReport } from './report.ts';
import { LoadSession } from './session.ts';
import { fetchFile } from './steps/fetch.ts';
import { writeReport } from './write-report.ts';

export interface WatchOptions {
  db: Database;
  /** Folder of deliveries: files that a layer definition names are loaded into it, all others are imported. */
  dir: string;
  /** Milliseconds between two looks. Default 2 s. */
  intervalMs?: number;
  /** Milliseconds for which size and time of a file must stay the same before it counts as complete. Default 5 s. */
  settleMs?: number;
  reportDir?: string;
  baseUrl?: string;
  /** Ends the watching after the file at hand. */
  signal?: AbortSignal;
  onEvent?: (event: WatchEvent) => void;
}

export type WatchEvent =
  | { kind: 'watching'; dir: string; files: number }
  | { kind: 'loading'; file: string }
  | { kind: 'loaded'; file: string; report: LoadReport }
  | { kind: 'same'; file: string }
  | { kind: 'refused'; file: string; error: LoadError }
  | { kind: 'broken'; file: string; error: unknown };

/** How a file looked, and since when. */
interface Sighting {
  signature: string;
  since: number;
  isDone: boolean;
}

/**
 * Watches a folder for deliveries and loads what is new or changed, one file at a time, until it is told to stop. It looks
 * rather than listens: deliveries come over network shares, which tell of nothing. A file that cannot be read is reported
 * and looked at again when it changes. Nothing is moved or deleted.
 */
export async function watchFolder(options: WatchOptions): Promise<void> {
  const { db, dir, signal, onEvent } = options;
  const intervalMs = options.intervalMs ?? 2000;
  const settleMs = options.settleMs ?? 5000;
  const seen = new Map<string, Sighting>();
  const found = await findDeliveries(dir);
  onEvent?.({ kind: 'watching', dir, files: found.size });
  const isStopped = (): boolean => signal?.aborted ?? false;
  while (!isStopped()) {
    let deliveries: Map<string, string>;
    try {
      deliveries = await findDeliveries(dir);
    } catch (error) {
      // A share that is away for a while comes back.
      onEvent?.({ kind: 'broken', file: dir, error });
      await pause(intervalMs, signal);
      continue;
    }
    for (const file of seen.keys()) if (!deliveries.has(file)) seen.delete(file);
    for (const [file, signature] of deliveries) {
      const before = seen.get(file);
      if (before?.signature !== signature) seen.set(file, { signature, since: Date.now(), isDone: false });
    }
    for (const [file, sighting] of seen) {
      if (isStopped()) return;
      if (sighting.isDone || Date.now() - sighting.since < settleMs) continue;
      sighting.isDone = true;
      await deliver(db, file, options);
    }
    await pause(intervalMs, signal);
  }
}

async function deliver(db: Database, file: string, options: WatchOptions): Promise<void> {
  const { dir, onEvent } = options;
  // Pictures of a raster layer lie in a folder of their own and are loaded together.
  const name = relative(dir, file).replaceAll('\\', '/');
  try {
    const layer = catalogue.find(
      ({ source, series, geometry }) =>
        source.file === name || series?.file === name || (geometry === 'raster' && name.startsWith(`${source.file}/`)),
    );
    const id = layer?.id ?? userLayerId(basename(name, extname(name)));
    const delivered = layer?.geometry === 'raster' ? join(dir, layer.source.file) : file;
    if (await isLoaded(db, id, delivered)) {
      onEvent?.({ kind: 'same', file });
      return;
    }
    onEvent?.({ kind: 'loading', file });
    const report = layer ? await loadLayerFile(layer, options) : await importNew(file, options);
    onEvent?.({ kind: 'loaded', file, report });
  } catch (error) {
    onEvent?.(error instanceof LoadError ? { kind: 'refused', file, error } : { kind: 'broken', file, error });
  }
}

async function loadLayerFile(layer: Layer, { db, dir, reportDir }: WatchOptions): Promise<LoadReport> {
  const [report] = await loadDelivery({
    db,
    dir,
    layers: [layer.id],
    ...(reportDir === undefined ? {} : { reportDir }),
  });
  return report as LoadReport;
}

async function importNew(file: string, { db, reportDir, baseUrl }: WatchOptions): Promise<LoadReport> {
  const session = new LoadSession(db);
  try {
    const report = await importFile({ db, session, file, ...(baseUrl === undefined ? {} : { baseUrl }) });
    if (reportDir !== undefined) await writeReport(report, reportDir);
    return report;
  } finally {
    await session.close();
  }
}

/** True when the live rows or readings of a layer came from this very content: a start of the watching loads nothing twice. */
async function isLoaded(db: Database, layer: string, file: string): Promise<boolean> {
  const live = await db.sql<{ sha256: string | null }[]>`
    select l.sha256 from app.layer_state s join app.load l using (load_id) where s.layer_id = ${layer}
    union all select l.sha256 from app.series s join app.load l using (load_id) where s.layer_id = ${layer}`;
  if (live.every(({ sha256 }) => sha256 === null)) return false;
  const { sha256: own } = await fetchFile(file);
  return live.some(({ sha256 }) => sha256 === own);
}

/** Extensions of files that only accompany another. */
const COMPANIONS = /\.(shx|dbf|prj|cpg|sbn|sbx|qix|qpj|cst|dat|map|id|ind|mid|xml|gfs|xsd|tfw|aux|md|log)$/i;

/** Files to load, with what tells one state of a file from another; a Shapefile changes with any of its parts. */
async function findDeliveries(dir: string): Promise<Map<string, string>> {
  const entries = await readdir(dir, { recursive: true, withFileTypes: true });
  const files = new Map<string, { size: number; mtimeMs: number }>();
  const geodatabases = new Set<string>();
  for (const entry of entries) {
    const path = join(entry.parentPath, entry.name);
    const parts = relative(dir, path).split(/[\\/]/);
    // Hidden files, and the names under which uploads are under way.
    if (parts.some((part) => /^[.~]/.test(part)) || /\.(part|tmp|crdownload|filepart|partial)$/i.test(entry.name))
      continue;
    const folder = parts.findIndex((part) => /\.gdb$/i.test(part));
    if (folder >= 0) geodatabases.add(join(dir, ...parts.slice(0, folder + 1)));
    if (!entry.isFile() || entry.name === 'manifest.json') continue;
    // It may be gone by now.
    const found = await stat(path).catch(() => null);
    if (found) files.set(path, { size: found.size, mtimeMs: found.mtimeMs });
  }
  const deliveries = new Map<string, string>();
  const paths = [...files.keys()];
  for (const path of [...paths, ...geodatabases]) {
    const isInside = [...geodatabases].some((folder) => path.startsWith(`${folder}/`));
    const stem = path.slice(0, path.length - extname(path).length);
    const family = geodatabases.has(path)
      ? paths.filter((other) => other.startsWith(`${path}/`))
      : paths.filter((other) => other === path || (other.startsWith(`${stem}.`) && COMPANIONS.test(other)));
    const isCompanion =
      COMPANIONS.test(path) &&
      paths.some((other) => other !== path && other.startsWith(`${stem}.`) && !COMPANIONS.test(other));
    if (isInside || isCompanion || /\.(md|log|gfs|xsd|prj|cpg|shx|sbn|sbx|qix)$/i.test(path)) continue;
    const signature = family.map((other) => {
      const { size, mtimeMs } = files.get(other) as { size: number; mtimeMs: number };
      return `${other}:${size}:${mtimeMs}`;
    });
    deliveries.set(path, signature.join('|'));
  }
  return new Map([...deliveries].toSorted(([a], [b]) => (a < b ? -1 : 1)));
}

/** Ends early at `signal`; listens to it only for as long as it lasts. */
async function pause(milliseconds: number, signal: AbortSignal | undefined): Promise<void> {
  await sleep(milliseconds, undefined, signal && { signal }).catch(() => undefined);
}
