import { readdirSync, readFileSync } from 'node:fs';
import type { Database, Sql } from '../../server/db/connect.ts';
import { addDays, daysFrom } from '../../server/sensors/day-partitions.ts';
import { ReadingIntake } from '../../server/sensors/reading-intake.ts';
import type { Comparison } from './measure.ts';

const SENSORS = 2000;
/** Readings a second that must be sustained, and for how long they are sent at that rate, s. */
const RATE = 5000;
const SECONDS = 10;
const NAIVE = 3000;
const NAIVE_CONNECTIONS = 8;
const LAYER = 'bench_gauge';

/** Fields of /proc/<pid>/stat behind the name of the program: parent, and ticks of CPU of itself. Null when it is gone. */
function statOf(pid: string): { parent: number; ticks: number } | null {
  try {
    const fields = readFileSync(`/proc/${pid}/stat`, 'utf8')
      .replace(/^.*\) /s, '')
      .split(' ');
    return { parent: Number(fields[1]), ticks: Number(fields[11]) + Number(fields[12]) };
  } catch {
    return null;
  }
}

const TICKS_A_SECOND = 100;

/** Seconds of CPU that the processes of our database server have used, by the parent that all of them have. */
async function serverCpu(sql: Sql): Promise<number> {
  const [row] = await sql<{ pid: number }[]>`select pg_backend_pid() as pid`;
  const server = statOf(String(row?.pid))?.parent;
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .reduce((sum, pid) => {
      const stat = statOf(pid);
      return sum + (stat !== null && stat.parent === server ? stat.ticks / TICKS_A_SECOND : 0);
    }, 0);
}

/** One row and one statement for each reading, as a simple service would do it: on as many connections as ours. */
async function naive(sql: Sql, at: number): Promise<number> {
  await sql`create table if not exists bench_reading (sensor text, metric text, at timestamptz, value float8, primary key (sensor, metric, at))`;
  await sql`create table if not exists bench_latest (sensor text, metric text, at timestamptz, value float8, primary key (sensor, metric))`;
  const start = performance.now();
  let next = 0;
  await Promise.all(
    Array.from({ length: NAIVE_CONNECTIONS }, async () => {
      while (next < NAIVE) {
        const i = next++;
        const when = new Date(at + i);
        await sql.begin(async (tx) => {
          await tx`insert into bench_reading values (${`s${i % SENSORS}`}, 'level_m', ${when}, ${i}) on conflict do nothing`;
          await tx`insert into bench_latest as l values (${`s${i % SENSORS}`}, 'level_m', ${when}, ${i})
            on conflict (sensor, metric) do update set at = excluded.at, value = excluded.value where excluded.at > l.at`;
        });
      }
    }),
  );
  const seconds = (performance.now() - start) / 1000;
  await sql`drop table bench_reading, bench_latest`;
  return NAIVE / seconds;
}

/** Readings through the intake of the service against one statement each; and the CPU that 5000 a second take. */
export async function benchReadings(db: Database): Promise<{ comparisons: Comparison[]; notes: string[] }> {
  const { sql } = db;
  const metrics = new Map([['level_m', { type: 'number', title: { zh: '', en: '' }, range: [0, 1e12] } as const]]);
  const intake = new ReadingIntake(sql, {
    sensors: { ready: async () => undefined, metricsOf: () => metrics },
    keepDays: 30,
    onError: (cause) => {
      throw cause;
    },
  });
  const from = Date.now() - 3_600_000;
  await addDays(sql, 'reading', daysFrom(from, Date.now()));
  let serial = 0;
  const batch = (count: number) =>
    Array.from({ length: count }, () => ({
      sensor: `${LAYER}:${(serial += 1) % SENSORS}`,
      metric: 'level_m',
      at: from + serial,
      value: serial,
    }));
  try {
    // As fast as it goes: batches of 5000, three under way.
    const full = 100_000;
    let left = full;
    const start = performance.now();
    await Promise.all(
      [1, 2, 3].map(async () => {
        while (left > 0) {
          left -= 5000;
          await intake.submit(batch(5000), 'bench');
        }
      }),
    );
    const most = full / ((performance.now() - start) / 1000);
    const plain = await naive(sql, from);

    // At the rate that must be sustained, as a hundred small requests a second.
    const [ourCpu, theirCpu] = [process.cpuUsage(), await serverCpu(sql)];
    const began = performance.now();
    const answers: number[] = [];
    const sent: Promise<void>[] = [];
    for (let i = 0; i < SECONDS * 100; i++) {
      const wait = began + i * 10 - performance.now();
      if (wait > 0) await new Promise((done) => setTimeout(done, wait));
      const asked = performance.now();
      sent.push(intake.submit(batch(RATE / 100), 'bench').then(() => void answers.push(performance.now() - asked)));
    }
    await Promise.all(sent);
    const seconds = (performance.now() - began) / 1000;
    const { user, system } = process.cpuUsage(ourCpu);
    const node = (user + system) / 1e6 / seconds;
    const postgres = ((await serverCpu(sql)) - theirCpu) / seconds;
    const p99 = answers.toSorted((a, b) => a - b)[Math.floor(answers.length * 0.99)] ?? 0;
    return {
      comparisons: [
        {
          name: 'readings stored a second (an INSERT each, 8 connections)',
          ours: `${Math.round(most)} /s`,
          reference: `${Math.round(plain)} /s`,
          ratio: most / plain,
          target: '≥ 5000 /s',
        },
      ],
      notes: [
        `readings: ${Math.round((SECONDS * RATE) / seconds)} /s sustained over ${seconds.toFixed(1)} s in requests of ${RATE / 100}: ` +
          `${node.toFixed(2)} cores here, ${postgres.toFixed(2)} in PostgreSQL; answered within ${p99.toFixed(0)} ms (p99)`,
      ],
    };
  } finally {
    await intake.close();
    await sql`delete from app.reading where starts_with(sensor, ${`${LAYER}:`})`;
    await sql`delete from app.sensor_latest where starts_with(sensor, ${`${LAYER}:`})`;
  }
}
