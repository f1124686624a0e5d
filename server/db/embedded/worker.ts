/**
 * The thread that runs PGlite and its gateway: PGlite blocks its thread while a statement runs.
 * Started by `openEmbedded`; posts `ready` or ends with an error; ends after the message `close`.
 */
import { existsSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { parentPort, workerData } from 'node:worker_threads';
import { PGlite } from '@electric-sql/pglite';
import { pg_trgm } from '@electric-sql/pglite/contrib/pg_trgm';
import { postgis } from '@electric-sql/pglite-postgis';
import { Backend } from './backend.ts';
import { Gateway } from './gateway.ts';
import { rememberSymbolNames } from './symbol-names.ts';

export interface WorkerInput {
  /** Folder of the database files. */
  pgdata: string;
  socket: string;
  idleInTransactionMs?: number;
}

/** Replaces postgresql.conf at every start. */
const settings = [
  'shared_buffers=256MB',
  'work_mem=32MB',
  'maintenance_work_mem=128MB',
  'max_wal_size=256MB',
  'min_wal_size=80MB',
  'wal_level=minimal',
  'max_wal_senders=0',
  'jit=off',
  // Never runs in PGlite anyway: see maintain().
  'autovacuum=off',
  "timezone='Asia/Shanghai'",
  "log_timezone='Asia/Shanghai'",
];

if (parentPort === null) throw new Error('worker.ts runs as a worker thread only');
const port = parentPort;
const input = workerData as WorkerInput;

// Without this mark the first start was cut short: nothing was ever stored, and the files are not a database yet.
const initialized = join(dirname(input.pgdata), 'initialized');
if (!existsSync(initialized)) rmSync(input.pgdata, { recursive: true, force: true });
mkdirSync(input.pgdata, { recursive: true, mode: 0o700 });

rememberSymbolNames();
const db = await PGlite.create({
  dataDir: input.pgdata,
  extensions: { postgis, pg_trgm },
  postgresqlconf: settings,
});
await db.exec('create extension if not exists postgis; create extension if not exists pg_trgm');
if (!existsSync(initialized)) writeFileSync(initialized, new Date().toISOString());

rmSync(input.socket, { force: true });
const backend = await Backend.open(db, (reason) => {
  console.error(reason.message);
  // Ends this thread; the session starts another. What was acknowledged is in the write-ahead log.
  setImmediate(() => process.exit(1));
});
const gateway = await Gateway.listen(backend, {
  socket: input.socket,
  ...(input.idleInTransactionMs !== undefined && { idleInTransactionMs: input.idleInTransactionMs }),
});

port.once('message', async () => {
  await gateway.close();
  await db.close();
  port.close();
});
port.postMessage('ready');
