import { Logger, makeWorkerUtils, type WorkerUtils } from 'graphile-worker';
import { Pool } from 'pg';
import type { Database } from '../../server/db/connect.ts';

/** What a job says. */
export interface LoadJob {
  layer: string;
}

/** Name of the task of a job that loads one layer. */
export const LOAD_TASK = 'load';

/** A job that went wrong is tried so often; the pauses grow from 3 seconds, to three and a half hours in all. */
const ATTEMPTS = 10;

export const jobKey = (layer: string): string => `load:${layer}`;

/** The queue says nothing of itself; what becomes of a load is in app.schedule and app.load. */
export const quiet = new Logger(() => () => {});

/** Options by which everything of graphile-worker reaches the database, embedded or not. */
export function queueOptions(db: Database) {
  const pool = new Pool({ ...db.clientConfig, max: 4 });
  // A connection that fails while it is idle is replaced with the next query.
  pool.on('error', () => {});
  // All connections of the embedded database are one session, where a prepared statement's name can be taken once.
  return { pgPool: pool, noPreparedStatements: true, logger: quiet };
}

/** The queue, made with the first use. */
export class Queue {
  private readonly db: Database;
  private readonly utils: WorkerUtils;
  private readonly pool: Pool;

  private constructor(db: Database, utils: WorkerUtils, pool: Pool) {
    this.db = db;
    this.utils = utils;
    this.pool = pool;
  }

  static async open(db: Database): Promise<Queue> {
    const options = queueOptions(db);
    try {
      const utils = await makeWorkerUtils(options);
      await utils.migrate();
      return new Queue(db, utils, options.pgPool);
    } catch (error) {
      await options.pgPool.end();
      throw error;
    }
  }

  /** Puts a load into the queue; one that waits already is the same. Lower `priority` first. */
  async add(layer: string, priority: number): Promise<void> {
    const job: LoadJob = { layer };
    await this.utils.addJob(LOAD_TASK, job, {
      jobKey: jobKey(layer),
      jobKeyMode: 'replace',
      maxAttempts: ATTEMPTS,
      priority,
      // One load per layer at a time, whatever the number of workers.
      queueName: jobKey(layer),
    });
  }

  /** Layers whose load waits, runs, or will be tried again. */
  async layers(): Promise<Set<string>> {
    const rows = await this.db.sql<{ key: string | null }[]>`
      select key from graphile_worker.jobs where attempts < max_attempts`;
    return new Set(rows.flatMap(({ key }) => (key?.startsWith('load:') ? [key.slice(5)] : [])));
  }

  /** Gives back the jobs of workers that died. Only for the holder of the lease: nobody else works. */
  async unlockAll(): Promise<number> {
    const rows = await this.db.sql<{ worker: string }[]>`
      select distinct locked_by as worker from graphile_worker.jobs where locked_by is not null`;
    if (rows.length > 0) await this.utils.forceUnlockWorkers(rows.map(({ worker }) => worker));
    return rows.length;
  }

  async close(): Promise<void> {
    await this.utils.release();
    if (!this.pool.ended) await this.pool.end();
  }
}
