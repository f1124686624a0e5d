import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Sql } from '../../server/db/connect.ts';
import { Company } from './live-load.ts';
import { flushingToDisk, startLiveService } from './live-service.ts';
import { median, percentile } from './measure.ts';
import { memoryOf, ownMemoryOf, serverCpu } from './process-cpu.ts';

export interface SoakOptions {
  /** A PostgreSQL server on which databases may be made and settings changed. */
  url: string;
  minutes: number;
  rate?: number;
  screens?: number;
  say(text: string): void;
}

/** Parts of the whole time between which memory is compared. */
const PARTS = 60;
/** Growth from the third to the last quarter, in MB and as a share, that counts as flat: what is collected comes and goes. */
const FLAT = { megabytes: 30, share: 0.1 };

interface Sample {
  api: number;
  backends: number;
}

/**
 * Reports and screens for a long time: what is kept per event or per connection and never let go shows as memory that
 * grows. The first half is not judged: caches fill, code is compiled, the ring of the newest events fills up.
 * @throws when memory is not flat, or an event did not reach a screen, or reached it twice
 */
export async function benchSoak(options: SoakOptions): Promise<{ notes: string[] }> {
  const { url, minutes, rate = 100, screens = 100, say } = options;
  const dir = await mkdtemp(join(tmpdir(), 'onemap-bench-soak-'));
  const company = new Company();
  try {
    return await flushingToDisk(url, async () => {
      const service = await startLiveService({ url, dir, name: 'soak' });
      try {
        const target = { url: service.api.url, pid: service.api.pid as number };
        const samples: Sample[] = [];
        const latencies: number[] = [];
        const started = Date.now();
        const before = await serverCpu(service.db.sql);
        const cores: number[] = [];
        for (let part = 0; part < PARTS; part++) {
          // Screens leave and others come with every part, as they do in real life.
          const load = await company.steady(target, { rate, seconds: (minutes * 60) / PARTS, screens, probes: 4 });
          if (load.lost > 0 || load.twice > 0) throw new Error(`${load.lost} events lost, ${load.twice} seen twice`);
          latencies.push(percentile(load.latencies, 0.99));
          cores.push(load.cores);
          const sample = { api: memoryOf(target.pid), backends: await backendMemory(service.db.sql) };
          samples.push(sample);
          say(
            `${((Date.now() - started) / 60_000).toFixed(1)} min: API ${sample.api.toFixed(0)} MB, backends ` +
              `${sample.backends.toFixed(0)} MB of their own, p99 ${latencies.at(-1)?.toFixed(0)} ms`,
          );
        }
        const seconds = (Date.now() - started) / 1000;
        const database = (await serverCpu(service.db.sql)) - before;
        const judged = [
          judge(
            'API',
            samples.map(({ api }) => api),
          ),
          judge(
            'backends',
            samples.map(({ backends }) => backends),
          ),
        ];
        return {
          notes: [
            `soak: ${minutes} min, ${rate}/s, ${screens} screens that change ${PARTS} times, nothing lost or twice; ` +
              `${judged.join('; ')}; p99 median ${median(latencies).toFixed(0)} ms, worst minute ` +
              `${Math.max(...latencies).toFixed(0)} ms; CPU: API ${median(cores).toFixed(2)} cores, PostgreSQL ` +
              `${(database / seconds).toFixed(2)} cores`,
          ],
        };
      } finally {
        await service.close();
      }
    });
  } finally {
    company.close();
    await rm(dir, { recursive: true, force: true });
  }
}

/** MB of all backends that serve the service. Autovacuum comes and goes, and takes what its settings let it. */
async function backendMemory(sql: Sql): Promise<number> {
  const rows = await sql<{ pid: number }[]>`
    select pid from pg_stat_activity where datname = current_database() and backend_type = 'client backend'`;
  return rows.reduce((sum, { pid }) => {
    try {
      return sum + ownMemoryOf(pid);
    } catch {
      return sum;
    }
  }, 0);
}

/** What memory did from the third to the last quarter, by the median of each. @throws when it grew */
function judge(name: string, values: readonly number[]): string {
  const quarter = Math.floor(values.length / 4);
  const third = median(values.slice(-2 * quarter, -quarter));
  const last = median(values.slice(-quarter));
  const text = `${name} ${third.toFixed(0)} MB in the third quarter, ${last.toFixed(0)} MB in the last`;
  if (last - third > Math.max(FLAT.megabytes, third * FLAT.share)) throw new Error(`memory is not flat: ${text}`);
  return text;
}
