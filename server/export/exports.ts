import { createWriteStream } from 'node:fs';
import { mkdir, readdir, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { Transform } from 'node:stream';
import { finished, pipeline } from 'node:stream/promises';
import type { Logger } from 'pino';
import type { Database } from '../db/connect.ts';
import { ApiError } from '../errors.ts';
import { dropExpiredExports, type ExportOwner, type ExportRecord, listExportFiles } from '../queries/exports.ts';
import { createDiskLimit, type DiskLimit } from './disk-limit.ts';
import { exportFormat } from './formats.ts';
import { createJobs, type JobOutcome, type JobProgress, type Jobs } from './jobs.ts';
import { type ExportPlan, type ExportSurroundings, type MadeExport, makeExport } from './make-export.ts';

export interface ExportSettings {
  /** Rows of one export, at most. */
  maxRows: number;
  /** What exports may take of the disk, MiB. */
  maxDiskMb: number;
  /** Program that answers by GDAL, in a process of its own; null: only formats that need none. */
  gdal: string | null;
}

/** Makes exports: at once while the caller waits, or as a job whose file is fetched later. */
export interface Exports {
  /** Throws `EXPORT_TOO_LARGE` naming the limit. `isDirect`: the caller waits for the answer. */
  requireRoom(plan: ExportPlan, isDirect: boolean): void;
  make(plan: ExportPlan, isBare: boolean, signal: AbortSignal): Promise<MadeExport>;
  start(plan: ExportPlan, owner: ExportOwner): Promise<ExportRecord>;
  /** Ends a job and removes its file. */
  cancel(id: string): Promise<void>;
  /** Where other jobs are done beside those of exports, and where their files lie. */
  readonly jobs: Jobs;
  readonly folder: string;
  readonly disk: DiskLimit;
  /** Path of the file of a job that is ready. */
  pathOf(file: string): string;
  close(): Promise<void>;
}

/** Direct answers at once: each has a thread and a connection. */
const MOST_DIRECT = 4;
/** Rows that GDAL makes a file of while the caller waits. */
const MOST_DIRECT_GDAL = 50_000;
const DIRECT_GDAL_MS = 55_000;
const SWEEP_MS = 600_000;
/** What nobody knows of is removed once it is that old: other processes make files in the same folder. */
const ORPHAN_MS = 2 * 3600_000;

export function createExports(db: Database, log: Logger, dataDir: string, settings: ExportSettings): Exports {
  const { sql } = db;
  const folder = join(dataDir, 'exports');
  const disk = createDiskLimit(folder, settings.maxDiskMb * 2 ** 20, sweep);
  const surroundings: ExportSurroundings = { address: db.address, folder, disk, gdal: settings.gdal };
  let direct = 0;
  const jobs = createJobs(sql, log);
  const timer = setInterval(() => {
    sweep().catch((error: unknown) => log.warn({ err: error }, 'expired exports were not removed'));
  }, SWEEP_MS);
  timer.unref();

  async function sweep(): Promise<void> {
    await dropExpiredExports(sql);
    const wanted = new Set((await listExportFiles(sql)).map(({ file }) => file));
    for (const name of await readdir(folder).catch(() => [])) {
      if (wanted.has(name)) continue;
      const path = join(folder, name);
      const changed = await stat(path).catch(() => null);
      if (changed !== null && Date.now() - changed.mtimeMs > ORPHAN_MS)
        await rm(path, { recursive: true, force: true });
    }
  }

  function requireRoom(plan: ExportPlan, isDirect: boolean): void {
    const format = exportFormat(plan.format);
    const refuse = (limit: string): never => {
      throw new ApiError('EXPORT_TOO_LARGE', `${plan.rows} rows of layer ${plan.layer.id} match, ${limit}`, {
        field: 'filter',
        value: plan.rows,
      });
    };
    if (plan.rows > settings.maxRows) {
      refuse(`at most ${settings.maxRows} are exported at once (EXPORT_MAX_ROWS). Choose a smaller area or a filter.`);
    }
    if (format.mostRows !== undefined && plan.rows > format.mostRows) {
      refuse(`the format ${plan.format} takes at most ${format.mostRows}. Choose another format or a filter.`);
    }
    if (isDirect && format.driver !== undefined && plan.rows > MOST_DIRECT_GDAL) {
      refuse(`${plan.format} is made at once for at most ${MOST_DIRECT_GDAL}. Use POST /api/exports for more.`);
    }
  }

  async function make(plan: ExportPlan, isBare: boolean, signal: AbortSignal): Promise<MadeExport> {
    if (direct >= MOST_DIRECT) {
      throw new ApiError('OVERLOADED', 'Other exports are running. Try again in a minute, or use POST /api/exports.');
    }
    direct += 1;
    const isConverted = exportFormat(plan.format).driver !== undefined;
    const late = isConverted ? AbortSignal.timeout(DIRECT_GDAL_MS) : null;
    try {
      const made = await makeExport(
        plan,
        surroundings,
        isBare,
        late === null ? signal : AbortSignal.any([signal, late]),
        () => {},
      );
      void finished(made.stream)
        .catch((error: unknown) => {
          if (!signal.aborted && !isClientGone(error))
            log.error({ err: error, layer: plan.layer.id }, 'an export failed');
        })
        .finally(() => (direct -= 1));
      return made;
    } catch (error) {
      direct -= 1;
      if (late?.aborted === true && !signal.aborted) {
        throw new ApiError('QUERY_TIMEOUT', 'The file took too long to make. Use POST /api/exports.', { cause: error });
      }
      throw error;
    }
  }

  async function work(plan: ExportPlan, id: string, signal: AbortSignal, progress: JobProgress): Promise<JobOutcome> {
    const file = `${id}.zip`;
    const path = join(folder, file);
    const remove = () => rm(path, { force: true });
    try {
      await mkdir(folder, { recursive: true });
      await disk.check();
      const made = await makeExport(plan, surroundings, false, signal, (phase, counted) => {
        progress.phase = phase;
        progress.counted = counted;
      });
      const counting = new Transform({
        transform(chunk: Buffer, _encoding, done) {
          progress.bytes += chunk.length;
          done(null, chunk);
        },
      });
      await pipeline(made.stream, counting, disk.watch(), createWriteStream(path), { signal });
      return { rows: progress.counted.rows, bytes: progress.bytes, file, name: made.name, discard: remove };
    } catch (error) {
      await remove();
      throw error;
    }
  }

  return {
    requireRoom,
    make,
    async start(plan, owner) {
      await sweep();
      const { layer, state, format, rows } = plan;
      const values = { kind: 'file', layer: layer.id, load: state?.loadId ?? null, format, rows } as const;
      return jobs.start(values, owner, (id, signal, progress) => work(plan, id, signal, progress));
    },
    async cancel(id) {
      const file = await jobs.cancel(id);
      if (file !== null) await rm(join(folder, file), { force: true });
    },
    pathOf: (file) => join(folder, file),
    jobs,
    folder,
    disk,
    async close() {
      clearInterval(timer);
      await jobs.close();
    },
  };
}

function isClientGone(error: unknown): boolean {
  return (error as { code?: unknown } | null)?.code === 'ERR_STREAM_PREMATURE_CLOSE';
}
