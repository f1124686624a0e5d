import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { connectDatabase } from '../../server/db/connect.ts';
import { migrate } from '../../server/db/migrate.ts';
import { ApiProcess, freePort } from '../chaos/api-process.ts';
import { publishSquareGrids } from '../support/square-grids.ts';
import { saturate, steady, type SteadyLoad } from './live-load.ts';
import { median, percentile, type Comparison } from './measure.ts';

const RATE = 200;
const SCREENS = 100;
const IN_FLIGHT = 64;
const BATCH = 200;

export interface LiveBenchOptions {
  /** A PostgreSQL server on which databases may be made and settings changed. */
  url: string;
  /** Seconds of each measurement. */
  seconds?: number;
  runs?: number;
}

/**
 * The live path against a service that commits each request by itself (`naive-server.ts`): both run beside each other on
 * the same server, each with a database of its own, and take turns. Commits are flushed to disk for both.
 */
export async function benchLive({
  url,
  seconds = 8,
  runs = 3,
}: LiveBenchOptions): Promise<{ comparisons: Comparison[]; notes: string[] }> {
  const dir = await mkdtemp(join(tmpdir(), 'onemap-bench-live-'));
  const admin = await connectDatabase({ url, max: 1 });
  await admin.sql`alter system set fsync = on`;
  await admin.sql`select pg_reload_conf()`;
  const services: { api: ApiProcess; database: string }[] = [];
  try {
    for (const [name, entry] of [
      ['ours', ['server/main.ts', '--api']],
      ['naive', ['tests/bench/naive-server.ts']],
    ] as const) {
      const database = `bench_live_${name}_${process.pid}`;
      await admin.sql`create database ${admin.sql(database)}`;
      const own = new URL(url);
      own.pathname = `/${database}`;
      const db = await connectDatabase({ url: own.href, max: 1 });
      await migrate(db);
      await publishSquareGrids(db.sql);
      await db.close();
      const api = new ApiProcess(await freePort(), { DATABASE_URL: own.href }, join(dir, `${name}.log`), entry);
      services.push({ api, database });
      await api.start();
    }
    return await measure(services[0]!.api, services[1]!.api, seconds, runs);
  } finally {
    for (const { api, database } of services) {
      await api.kill();
      await admin.sql`drop database ${admin.sql(database)} with (force)`;
    }
    await admin.sql`alter system reset fsync`;
    await admin.sql`select pg_reload_conf()`;
    await admin.close();
    await rm(dir, { recursive: true, force: true });
  }
}

const p50 = (load: SteadyLoad): number => percentile(load.latencies, 0.5);
const p99 = (load: SteadyLoad): number => percentile(load.latencies, 0.99);
const ack = (load: SteadyLoad): number => percentile(load.acks, 0.99);

async function measure(
  ours: ApiProcess,
  naive: ApiProcess,
  seconds: number,
  runs: number,
): Promise<{ comparisons: Comparison[]; notes: string[] }> {
  // Code is compiled and connections are open before anything counts.
  for (const api of [ours, naive]) await saturate(api.url, 8, 1, 2);
  const loads: { a: SteadyLoad; b: SteadyLoad }[] = [];
  const full: { a: number; b: number; batches: number }[] = [];
  for (let run = 0; run < runs; run++) {
    loads.push({
      a: await steady(ours.url, ours.pid!, RATE, seconds, SCREENS),
      b: await steady(naive.url, naive.pid!, RATE, seconds, SCREENS),
    });
    full.push({
      a: await saturate(ours.url, IN_FLIGHT, 1, seconds / 2),
      b: await saturate(naive.url, IN_FLIGHT, 1, seconds / 2),
      batches: await saturate(ours.url, 8, BATCH, seconds / 2),
    });
  }
  const lost = loads.reduce((sum, { a }) => sum + a.lost, 0);
  if (lost > 0) throw new Error(`${lost} events did not reach a screen`);
  const middle = (pick: (load: SteadyLoad) => number, side: 'a' | 'b'): number =>
    median(loads.map((load) => pick(load[side])));
  const [rateOurs, rateNaive] = [median(full.map(({ a }) => a)), median(full.map(({ b }) => b))];
  return {
    comparisons: [
      {
        name: `incident POST → screen p99, ${RATE}/s, ${SCREENS} screens (a transaction and a write per event)`,
        ours: `${middle(p99, 'a').toFixed(0)} ms`,
        reference: `${middle(p99, 'b').toFixed(0)} ms`,
        ratio: middle(p99, 'b') / middle(p99, 'a'),
        target: 'p99 < 250 ms',
      },
      {
        name: `CPU of the service under that load`,
        ours: `${middle((load) => load.cores, 'a').toFixed(2)} cores`,
        reference: `${middle((load) => load.cores, 'b').toFixed(2)} cores`,
        ratio: middle((load) => load.cores, 'b') / middle((load) => load.cores, 'a'),
        target: '—',
      },
      {
        name: `incidents stored per second, ${IN_FLIGHT} single POSTs in flight (a transaction each)`,
        ours: `${rateOurs.toFixed(0)}/s`,
        reference: `${rateNaive.toFixed(0)}/s`,
        ratio: rateOurs / rateNaive,
        target: '—',
      },
    ],
    notes: [
      `live: POST → screen p50 ${middle(p50, 'a').toFixed(0)} ms (reference ${middle(p50, 'b').toFixed(0)} ms), ` +
        `acknowledged p99 ${middle(ack, 'a').toFixed(0)} ms (reference ${middle(ack, 'b').toFixed(0)} ms); ` +
        `in batches of ${BATCH}: ${median(full.map(({ batches }) => batches)).toFixed(0)} incidents/s; ` +
        `median of ${runs} runs in turn, commits flushed to disk, a frame every 50 ms is part of ours`,
    ],
  };
}
