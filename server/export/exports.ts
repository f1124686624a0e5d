import { createWriteStream } from 'node:fs';
import { mkdir, readdir, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { Transform } from 'node:stream';
import { finished, pipeline } from 'node:stream/promises';
import type { Logger } from 'pino';
import type { Database } from '../db/connect.ts';
import { ApiError, toApiError } from '../errors.ts';
import {
  cancelExport,
  dropExpiredExports,
  type ExportOwner,
  type ExportRecord,
  failExport,
  finishExport,
  insertExport,
  listExportFiles,
  updateExport,
} from '../queries/exports.ts';
import { createDiskLimit } from './disk-limit.ts';
import type { RowProgress } from './export-rows.ts';
import { exportFormat } from './formats.ts';
import {
  type ExportPhase,
  type ExportPlan,
  type ExportSurroundings,
  type MadeExport,
  makeExport,
} from './make-export.ts';

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
  /** Path of the file of a job that is ready. */
  pathOf(file: string): string;
  close(): Promise<void>;
}

/** Direct answers at once, and jobs at once: each has a thread and a connection. */
const MOST_DIRECT = 4;
const MOST_JOBS = 2;
/** Jobs that may wait. */
const MOST_WAITING = 20;
/** Rows that GDAL makes a file of while the caller waits. */
const MOST_DIRECT_GDAL = 50_000;
const DIRECT_GDAL_MS = 55_000;
/** How long a file waits to be fetched. */
const KEEP_SECONDS = 6 * 3600;
/** A job that is not ready by then is ended. */
const LONGEST_JOB_MS = 3600_000;
const REPORT_MS = 1000;
const SWEEP_MS = 600_000;
/** What nobody knows of is removed once it is that old: other processes make files in the same folder. */
const ORPHAN_MS = 2 * 3600_000;

interface Job {
  id: string;
  plan: ExportPlan;
  controller: AbortController;
}

export function createExports(db: Database, log: Logger, dataDir: string, settings: ExportSettings): Exports {
  const { sql } = db;
  const folder = join(dataDir, 'exports');
  const disk = createDiskLimit(folder, settings.maxDiskMb * 2 ** 20, sweep);
  const surroundings: ExportSurroundings = { address: db.address, folder, disk, gdal: settings.gdal };
  let direct = 0;
  const waiting: Job[] = [];
  const running = new Map<string, Promise<void>>();
  const controllers = new Map<string, AbortController>();
  let isClosed = false;
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

  async function work({ id, plan, controller }: Job): Promise<void> {
    const { signal } = controller;
    const late = AbortSignal.timeout(LONGEST_JOB_MS);
    const file = `${id}.zip`;
    const path = join(folder, file);
    let phase: ExportPhase = 'reading';
    let progress: RowProgress = { rows: 0, unlocated: 0, cut: 0 };
    let bytes = 0;
    const report = async (): Promise<void> => {
      if (!(await updateExport(sql, id, 'running', phase, progress.rows, bytes)))
        controller.abort(new Error('cancelled'));
    };
    const reporting = setInterval(() => {
      report().catch((error: unknown) => log.warn({ err: error, export: id }, 'the progress was not stored'));
    }, REPORT_MS);
    try {
      await mkdir(folder, { recursive: true });
      await disk.check();
      await report();
      const made = await makeExport(plan, surroundings, false, AbortSignal.any([signal, late]), (next, rows) => {
        phase = next;
        progress = rows;
      });
      const counting = new Transform({
        transform(chunk: Buffer, _encoding, done) {
          bytes += chunk.length;
          done(null, chunk);
        },
      });
      await pipeline(made.stream, counting, disk.watch(), createWriteStream(path), { signal });
      const values = { rows: progress.rows, bytes, file, name: made.name, keepSeconds: KEEP_SECONDS };
      if (!(await finishExport(sql, id, values))) await rm(path, { force: true });
    } catch (error) {
      await rm(path, { force: true });
      // Cancelled: the row says so already.
      if (signal.aborted && !isClosed) return;
      const told = isClosed
        ? new ApiError('NOT_READY', 'The service was stopped.')
        : late.aborted
          ? new ApiError('QUERY_TIMEOUT', 'The file took too long to make.', { cause: error })
          : toApiError(error);
      if (told.code === 'INTERNAL') log.error({ err: error, export: id }, 'an export failed');
      await failExport(sql, id, told.code, told.message);
    } finally {
      clearInterval(reporting);
    }
  }

  function next(): void {
    while (running.size < MOST_JOBS) {
      const job = isClosed ? undefined : waiting.shift();
      if (job === undefined) return;
      const done = work(job)
        .catch((error: unknown) => log.error({ err: error, export: job.id }, 'an export was not recorded'))
        .finally(() => {
          running.delete(job.id);
          controllers.delete(job.id);
          next();
        });
      running.set(job.id, done);
    }
  }

  return {
    requireRoom,
    make,
    async start(plan, owner) {
      if (waiting.length >= MOST_WAITING) {
        throw new ApiError('OVERLOADED', 'Many exports are waiting. Try again in a few minutes.');
      }
      await sweep();
      const { layer, state, format, rows } = plan;
      const values = { layer: layer.id, load: state?.loadId ?? null, format, rows, keepSeconds: KEEP_SECONDS };
      const record = await insertExport(sql, owner, values);
      const controller = new AbortController();
      controllers.set(record.id, controller);
      waiting.push({ id: record.id, plan, controller });
      next();
      return record;
    },
    async cancel(id) {
      controllers.get(id)?.abort(new Error('cancelled'));
      const at = waiting.findIndex((job) => job.id === id);
      if (at >= 0) waiting.splice(at, 1);
      const file = await cancelExport(sql, id);
      await running.get(id);
      if (file !== null) await rm(join(folder, file), { force: true });
    },
    pathOf: (file) => join(folder, file),
    async close() {
      isClosed = true;
      clearInterval(timer);
      waiting.length = 0;
      for (const controller of controllers.values()) controller.abort(new Error('the service stops'));
      await Promise.allSettled(running.values());
    },
  };
}

function isClientGone(error: unknown): boolean {
  return (error as { code?: unknown } | null)?.code === 'ERR_STREAM_PREMATURE_CLOSE';
}
