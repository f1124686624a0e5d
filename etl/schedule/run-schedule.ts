import { setTimeout as sleep } from 'node:timers/promises';
import { run, type Runner } from 'graphile-worker';
import type { Layer } from '../../layers/define.ts';
import type { Database } from '../../server/db/connect.ts';
import type { LoadReport } from '../report.ts';
import { Lease } from './lease.ts';
import { runLoadJob } from './load-job.ts';
import { lookForDeliveries } from './look.ts';
import { LOAD_TASK, type LoadJob, Queue, queueOptions } from './queue.ts';

export interface ScheduleOptions {
  db: Database;
  /** In the order of loading. */
  layers: readonly Layer[];
  dir: string;
  scale: number;
  reportDir?: string | undefined;
  /** Ends the work: loads that run are finished first. */
  signal: AbortSignal;
  /** Loads at a time; default 2 on a server, 1 on the embedded database. */
  concurrency?: number;
  /** Pause between two looks at what is due, ms. */
  tickMs?: number;
  onEvent?: (event: ScheduleEvent) => void;
}

export type ScheduleEvent =
  | { kind: 'waiting' }
  | { kind: 'working'; unlocked: number }
  | { kind: 'queued'; layers: string[] }
  | { kind: 'loaded'; report: LoadReport }
  | { kind: 'error'; error: unknown };

const TICK_MS = 5000;

/** Works off the queue and fills it, until `signal`. Waits while another process does. */
export async function runSchedule(options: ScheduleOptions): Promise<void> {
  const { db, layers, dir, signal, onEvent = () => {}, tickMs = TICK_MS } = options;
  const lease = new Lease(db);
  for (let said = false; !(await lease.take()); said = true) {
    if (!said) onEvent({ kind: 'waiting' });
    if (!(await pause(tickMs, signal))) return;
  }
  const queue = await Queue.open(db);
  let runner: Runner | null = null;
  const connection = queueOptions(db);
  try {
    onEvent({ kind: 'working', unlocked: await queue.unlockAll() });
    runner = await run({
      ...connection,
      concurrency: options.concurrency ?? (db.engine === 'server' ? 2 : 1),
      noHandleSignals: true,
      pollInterval: Math.min(1000, tickMs),
      taskList: {
        [LOAD_TASK]: async (payload) => {
          const report = await runLoadJob(options, (payload as LoadJob).layer);
          if (report) onEvent({ kind: 'loaded', report });
        },
      },
    });
    for (;;) {
      try {
        if (!(await lease.renew())) throw new Error('another process has taken over the queue');
        const queued = await lookForDeliveries(db, queue, layers, dir);
        if (queued.length > 0) onEvent({ kind: 'queued', layers: queued });
      } catch (error) {
        if (!isAway(error)) throw error;
        // The database is away: what is due stays due.
        onEvent({ kind: 'error', error });
      }
      if (!(await pause(tickMs, signal))) break;
    }
  } finally {
    try {
      await runner?.stop();
      if (!connection.pgPool.ending) await connection.pgPool.end();
      await queue.close();
    } finally {
      // Also when stopping fails: others need not wait until this process counts as silent.
      await lease.give();
    }
  }
}

function isAway(error: unknown): boolean {
  const code = (error as { code?: unknown }).code;
  return typeof code === 'string' && /^(CONNECT|ECONN|ENOENT|57P|08)/.test(code);
}

/** False when the work is to end. */
async function pause(ms: number, signal: AbortSignal): Promise<boolean> {
  await sleep(ms, undefined, { signal }).catch(() => {});
  return !signal.aborted;
}
