/**
 * Two API processes, a database, reports at 200 a second, screens on either process; processes are killed with -9 and the
 * database is crashed meanwhile. Afterwards: acknowledged = stored = seen by every screen, exactly once, in order.
 *
 *   npm run test:chaos -- [--seconds 25] [--ring 20|300|default] [--rate 200] [--clients 24]
 *
 * Closes with `N passed, N failed`; exit code 1 when anything failed.
 */
import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { connectDatabase } from '../../server/db/connect.ts';
import { migrate } from '../../server/db/migrate.ts';
import { EventStream, until } from '../support/event-stream.ts';
import { publishSquareGrids } from '../support/square-grids.ts';
import { ApiProcess, freePort } from './api-process.ts';
import { PostgresServer } from './postgres.ts';
import { Writers } from './writers.ts';

const { values } = parseArgs({
  options: {
    seconds: { type: 'string', default: '25' },
    ring: { type: 'string', default: 'default' },
    rate: { type: 'string', default: '200' },
    clients: { type: 'string', default: '24' },
  },
});
const seconds = Number(values.seconds);
const rate = Number(values.rate);
const clientCount = Number(values.clients);
if (!(seconds >= 5 && rate > 0 && clientCount >= 2)) throw new Error(`cannot run with ${JSON.stringify(values)}`);

const TOWN = '440604012000';
const dir = await mkdtemp(join(tmpdir(), 'onemap-chaos-'));
// The server runs as another user when we are root.
await chmod(dir, 0o755);
const postgres = new PostgresServer(join(dir, 'pg'));
const apis: ApiProcess[] = [];
const screens: Screen[] = [];
let passed = 0;
let failed = 0;

interface Screen {
  stream: EventStream;
  town: string | undefined;
  ids: number[];
  latencies: number[];
}

function check(name: string, problem: string | undefined): void {
  if (problem === undefined) passed += 1;
  else failed += 1;
  console.log(problem === undefined ? `ok      ${name}` : `FAILED  ${name}: ${problem}`);
}

function openScreen(url: string, i: number): Screen {
  // Two in three follow the district, one in three a town; every second one takes gzip.
  const screen: Screen = { town: i % 3 === 2 ? TOWN : undefined, ids: [], latencies: [], stream: undefined as never };
  screen.stream = new EventStream(url, {
    gzip: i % 2 === 0,
    reconnect: true,
    keep: false,
    ...(screen.town === undefined ? {} : { town: screen.town }),
    onEvent: (event) => {
      screen.ids.push(event.id);
      if (event.type === 'incident.created') screen.latencies.push(Date.now() - Date.parse(event.incident.receivedAt));
    },
  });
  return screen;
}

const events: string[] = [];
let began = Date.now();
const note = (text: string): unknown => events.push(`${((Date.now() - began) / 1000).toFixed(1)} s ${text}`);

/** One after the other, evenly over the time: kills of either process, crashes of the database, lost wake-ups. */
const disasters: (() => Promise<void>)[] = [
  () => restart(0),
  crashDatabase,
  () => restart(1),
  loseWakeUps,
  async () => {
    await Promise.all([restart(0), crashDatabase()]);
  },
];

async function restart(i: number): Promise<void> {
  await apis[i]?.kill();
  note(`kill -9 ${'AB'[i]}`);
  await sleep(300);
  await apis[i]?.start();
  note(`${'AB'[i]} is back`);
}

async function crashDatabase(): Promise<void> {
  await postgres.crash();
  note('database crash');
  await postgres.start();
  note('database is back');
}

async function loseWakeUps(): Promise<void> {
  const db = await connectDatabase({ url: postgres.url, max: 1 });
  await db.sql`
    select pg_terminate_backend(pid) from pg_stat_activity
    where query ilike 'listen%' and pid <> pg_backend_pid()`;
  await db.close();
  note('listeners cut');
}

async function main(): Promise<void> {
  await postgres.start();
  const db = await connectDatabase({ url: postgres.url, max: 2 });
  await migrate(db);
  await publishSquareGrids(db.sql);
  await db.close();
  const ring: Record<string, string> = values.ring === 'default' ? {} : { LIVE_RING: values.ring };
  for (const name of ['a', 'b']) {
    apis.push(new ApiProcess(await freePort(), { DATABASE_URL: postgres.url, ...ring }, join(dir, `${name}.log`)));
  }
  await Promise.all(apis.map((api) => api.start()));
  for (let i = 0; i < clientCount; i++) screens.push(openScreen((apis[i % 2] as ApiProcess).url, i));
  await until('all screens greeted', () => screens.every(({ stream }) => stream.named.includes('hello')), 30_000);

  const writers = new Writers(apis.map((api) => api.url));
  began = Date.now();
  const writing = writers.run(rate);
  const pause = (seconds * 1000) / (disasters.length + 1);
  // Each disaster at its time, or as soon as the one before is over; all of them happen, however slow the machine is.
  for (let i = 0; i < disasters.length || Date.now() - began < seconds * 1000; i++) {
    await sleep(Math.max(200, (i + 1) * pause - (Date.now() - began)));
    await disasters[i % disasters.length]?.();
  }
  await sleep(500);
  await writers.stop();
  note('everything is acknowledged');
  const took = (Date.now() - began) / 1000;
  await writing;
  await verify(writers, took);
}

async function verify(writers: Writers, took: number): Promise<void> {
  const db = await connectDatabase({ url: postgres.url, max: 2 });
  const stored = await db.sql<{ id: number; key: string; state: string }[]>`
    select id::float8, key, state from app.incident order by id`;
  const log = await db.sql<{ id: number; town: string; type: string; incident: number }[]>`
    select id::float8, town, body ->> 'type' as type, (body #>> '{incident,id}')::float8 as incident
    from app.live_log order by id`;
  await db.close();
  const truth = (town: string | undefined): number[] =>
    log.filter((row) => town === undefined || row.town === town).map((row) => row.id);
  const total = truth(undefined).length;
  // The service itself goes on writing: links of reports, notifications. What came after the look at the log is left out.
  const end = log.at(-1)?.id ?? 0;
  const seenBy = (screen: (typeof screens)[number]): number[] => screen.ids.filter((id) => id <= end);
  await until(
    'the screens to catch up',
    () => screens.every((screen) => seenBy(screen).length >= truth(screen.town).length),
    30_000,
  ).catch((error: unknown) => note(String(error)));
  // What is sent twice would come now.
  await sleep(500);

  check('no process ended by itself', apis.flatMap((api) => api.crashes)[0]);
  const { acknowledged, closed, started, violations } = writers;
  check(
    'every report was acknowledged',
    acknowledged.size === started.reports ? undefined : `${acknowledged.size} of ${started.reports}`,
  );
  check('no answer but success, overload and outage', violations[0]);
  const lost = [...acknowledged].filter(([key, id]) => !stored.some((row) => row.key === key && row.id === id));
  check(
    'acknowledged = stored, each once',
    lost.length === 0 && stored.length === acknowledged.size
      ? undefined
      : `${acknowledged.size} acknowledged, ${stored.length} stored, missing ${lost.slice(0, 5).join(' ')}`,
  );
  const created = log.filter((row) => row.type === 'incident.created').map((row) => row.incident);
  check(
    'each stored incident is in the log once',
    difference(
      created,
      stored.map((row) => row.id),
    ),
  );
  const closings = log.filter((row) => row.type === 'incident.closed').map((row) => row.incident);
  check(
    'each closing is in the log once',
    difference(
      closings,
      stored.filter((row) => row.state === 'closed').map((row) => row.id),
    ),
  );
  check('acknowledged closings = closed incidents', difference([...closed], closings));
  screens.forEach((screen, i) => {
    const expected = truth(screen.town);
    const seen = seenBy(screen);
    const at = expected.findIndex((id, j) => seen[j] !== id);
    const exact = at < 0 && seen.length === expected.length;
    const resets = screen.stream.named.filter((name) => name === 'reset').length;
    check(
      `screen ${i + 1} (${screen.town ?? 'district'}) saw the exact sequence of ${expected.length}`,
      exact && resets === 0
        ? undefined
        : `${seen.length} seen, ${resets} resets, differs at ${at}: ${seen[at]} instead of ${expected[at]}`,
    );
  });
  check(
    'screens lost their connection and came back',
    screens.some(({ stream }) => stream.connections > 1) ? undefined : 'nothing was disturbed',
  );
  const latencies = screens.flatMap((screen) => screen.latencies).toSorted((a, b) => a - b);
  const at = (share: number): number => latencies[Math.floor(latencies.length * share)] ?? Number.NaN;
  console.log(events.join(', '));
  console.log(
    `${total} log entries, ${Math.round(stored.length / took)} incidents a second, ${writers.ambiguous} requests failed and were repeated, ${writers.foundStored} of them had been stored, ` +
      `${screens.reduce((sum, { stream }) => sum + stream.connections - 1, 0)} reconnects, ` +
      `receipt -> screen p50 ${at(0.5)} ms, p99 ${at(0.99)} ms with the outages`,
  );
}

/** What is in one list and not in the other, or twice in one; undefined when they hold the same. */
function difference(a: readonly number[], b: readonly number[]): string | undefined {
  const [left, right] = [a, b].map((list) => list.toSorted((x, y) => x - y));
  const at = (left as number[]).findIndex((value, i) => value !== right?.[i]);
  if (at < 0 && a.length === b.length) return undefined;
  return `${a.length} against ${b.length}, first difference ${left?.[at]} / ${right?.[at]}`;
}

try {
  await main();
} catch (error) {
  check('the run itself', error instanceof Error ? (error.stack ?? error.message) : String(error));
} finally {
  for (const { stream } of screens) stream.close();
  await Promise.allSettled(apis.map((api) => api.kill()));
  await postgres.stop().catch(() => undefined);
  if (failed === 0) await rm(dir, { recursive: true, force: true });
  else console.log(`logs are in ${dir}`);
}
console.log(`${passed} passed, ${failed} failed`);
process.exit(failed === 0 ? 0 : 1);
