import type { Logger } from 'pino';
import type { Sql } from '../db/connect.ts';
import { ApiError, toApiError } from '../errors.ts';
import {
  cancelExport,
  type ExportOwner,
  type ExportRecord,
  failExport,
  finishExport,
  insertExport,
  type NewExport,
  updateExport,
} from '../queries/exports.ts';

/** How far a job is. */
export interface JobProgress {
  phase: NonNullable<ExportRecord['phase']>;
  /** Goes on counting while the rows are worked at. */
  counted: { rows: number };
  bytes: number;
}

/** What a job has made. `discard` takes it back: nobody wants it any more. */
export interface JobOutcome {
  rows: number;
  bytes: number;
  file: string | null;
  name: string | null;
  result?: object;
  discard(): Promise<void>;
}

/** The work of a job. `signal` ends it; `progress` is told to whoever asks. */
export type JobWork = (id: string, signal: AbortSignal, progress: JobProgress) => Promise<JobOutcome>;

/** What is done in the background, a few at a time, each known by its row in `app.export`. */
export interface Jobs {
  /** Throws `OVERLOADED` when many are waiting. */
  start(values: Omit<NewExport, 'keepSeconds'>, owner: ExportOwner, work: JobWork): Promise<ExportRecord>;
  /** Ends a job of whatever state. Answers the name of the file it had made. */
  cancel(id: string): Promise<string | null>;
  close(): Promise<void>;
}

/** Jobs at once: each has a thread or a process, and a connection. */
const MOST_JOBS = 2;
/** Jobs that may wait. */
const MOST_WAITING = 20;
/** How long a file waits to be fetched. */
const KEEP_SECONDS = 6 * 3600;
/** A job that is not ready by then is ended. */
const LONGEST_JOB_MS = 3600_000;
const REPORT_MS = 1000;

interface Job {
  id: string;
  work: JobWork;
  controller: AbortController;
}

export function createJobs(sql: Sql, log: Logger): Jobs {
  const waiting: Job[] = [];
  const running = new Map<string, Promise<void>>();
  const controllers = new Map<string, AbortController>();
  let isClosed = false;

  async function run({ id, work, controller }: Job): Promise<void> {
    const { signal } = controller;
    const late = AbortSignal.timeout(LONGEST_JOB_MS);
    const progress: JobProgress = { phase: 'reading', counted: { rows: 0 }, bytes: 0 };
    const report = async (): Promise<void> => {
      if (!(await updateExport(sql, id, 'running', progress.phase, progress.counted.rows, progress.bytes)))
        controller.abort(new Error('cancelled'));
    };
    const reporting = setInterval(() => {
      report().catch((error: unknown) => log.warn({ err: error, job: id }, 'the progress was not stored'));
    }, REPORT_MS);
    try {
      await report();
      signal.throwIfAborted();
      const { discard, ...values } = await work(id, AbortSignal.any([signal, late]), progress);
      if (!(await finishExport(sql, id, { ...values, keepSeconds: KEEP_SECONDS }))) await discard();
    } catch (error) {
      // Cancelled: the row says so already.
      if (signal.aborted && !isClosed) return;
      const told = isClosed
        ? new ApiError('NOT_READY', 'The service was stopped.')
        : late.aborted
          ? new ApiError('QUERY_TIMEOUT', 'It took too long to make.', { cause: error })
          : toApiError(error);
      if (told.code === 'INTERNAL') log.error({ err: error, job: id }, 'a job failed');
      await failExport(sql, id, told.code, told.message);
    } finally {
      clearInterval(reporting);
    }
  }

  function next(): void {
    while (running.size < MOST_JOBS) {
      const job = isClosed ? undefined : waiting.shift();
      if (job === undefined) return;
      const done = run(job)
        .catch((error: unknown) => log.error({ err: error, job: job.id }, 'a job was not recorded'))
        .finally(() => {
          running.delete(job.id);
          controllers.delete(job.id);
          next();
        });
      running.set(job.id, done);
    }
  }

  return {
    async start(values, owner, work) {
      if (waiting.length >= MOST_WAITING) {
        throw new ApiError('OVERLOADED', 'Many exports and results are waiting. Try again in a few minutes.');
      }
      const record = await insertExport(sql, owner, { ...values, keepSeconds: KEEP_SECONDS });
      const controller = new AbortController();
      controllers.set(record.id, controller);
      waiting.push({ id: record.id, work, controller });
      next();
      return record;
    },
    async cancel(id) {
      controllers.get(id)?.abort(new Error('cancelled'));
      const at = waiting.findIndex((job) => job.id === id);
      if (at >= 0) waiting.splice(at, 1);
      const file = await cancelExport(sql, id);
      await running.get(id);
      return file;
    },
    async close() {
      isClosed = true;
      waiting.length = 0;
      for (const controller of controllers.values()) controller.abort(new Error('the service stops'));
      await Promise.allSettled(running.values());
    },
  };
}
