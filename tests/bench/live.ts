import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Company, type SteadyLoad } from './live-load.ts';
import { caughtUp, flushingToDisk, startLiveService, type LiveService } from './live-service.ts';
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
  const services: LiveService[] = [];
  const company = new Company();
  try {
    return await flushingToDisk(url, async () => {
      const ours = await startLiveService({ url, dir, name: 'ours' });
      services.push(ours);
      const naive = await startLiveService({ url, dir, name: 'naive', entry: ['tests/bench/naive-server.ts'] });
      services.push(naive);
      return measure(company, ours, naive.api, seconds, runs);
    });
  } finally {
    company.close();
    for (const service of services) await service.close();
    await rm(dir, { recursive: true, force: true });
  }
}

const p50 = (load: SteadyLoad): number => percentile(load.latencies, 0.5);
const p99 = (load: SteadyLoad): number => percentile(load.latencies, 0.99);
const ack = (load: SteadyLoad): number => percentile(load.acks, 0.99);

type Target = { url: string; pid: number };
type Served = { readonly url: string; readonly pid: number | undefined };

async function measure(
  company: Company,
  ours: LiveService,
  naive: Served,
  seconds: number,
  runs: number,
): Promise<{ comparisons: Comparison[]; notes: string[] }> {
  const [a, b] = [ours.api, naive].map(({ url, pid }) => ({ url, pid: pid as number })) as [Target, Target];
  // Code is compiled and connections are open before anything counts.
  for (const target of [a, b]) await company.full(target, { inFlight: 8, size: 1, seconds: 2 });
  const loads: { a: SteadyLoad; b: SteadyLoad }[] = [];
  const full: { a: number; b: number; batches: number }[] = [];
  for (let run = 0; run < runs; run++) {
    const load = { rate: RATE, seconds, screens: SCREENS };
    // What the flood of the run before left to be followed is measured by `live-1000`.
    await caughtUp(ours);
    loads.push({ a: await company.steady(a, load), b: await company.steady(b, load) });
    const singles = { inFlight: IN_FLIGHT, size: 1, seconds: seconds / 2 };
    full.push({
      a: (await company.full(a, singles)).rate,
      b: (await company.full(b, singles)).rate,
      batches: (await company.full(a, { inFlight: 8, size: BATCH, seconds: seconds / 2 })).rate,
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
