import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import http from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { getRequestListener } from '@hono/node-server';
import { pino } from 'pino';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { replay, type ReplaySummary } from '../../etl/replay.ts';
import { simulate } from '../../etl/simulate.ts';
import { createApp } from '../../server/app.ts';
import type { Database } from '../../server/db/connect.ts';
import { followGrids, type GridSource } from '../../server/incidents/grid-source.ts';
import { Intake } from '../../server/incidents/intake.ts';
import { testDatabase } from '../support/database.ts';
import { until } from '../support/event-stream.ts';
import { publishSquareGrids, removeSquareGrids } from '../support/square-grids.ts';

let db: Database;
let grids: GridSource;
let app: ReturnType<typeof createApp>;
let server: http.Server;
let url: string;
let dir: string;
/** Requests that are answered 503 before the next one gets through. */
let outages = 0;
let log: string[] = [];
let files = 0;

beforeAll(async () => {
  db = await testDatabase();
  dir = await mkdtemp(join(tmpdir(), 'onemap-replay-'));
  await publishSquareGrids(db.sql);
  grids = await followGrids(db.sql, () => undefined);
  app = createApp({
    db,
    access: { defaultRole: 'staff', tokens: new Map() },
    log: pino({ level: 'silent' }),
    dataDir: dir,
    version: 'test',
    intake: new Intake(db.sql, { grids: () => grids.current() }),
  });
  const listener = getRequestListener(app.app.fetch);
  server = http.createServer((request, response) => {
    if (request.method === 'POST' && outages > 0) {
      outages -= 1;
      response.writeHead(503).end('{"error":{"code":"DATABASE_UNAVAILABLE"}}');
    } else void listener(request, response);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
afterAll(async () => {
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
  await app.close();
  await grids.close();
  await removeSquareGrids(db.sql);
  await rm(dir, { recursive: true });
});
beforeEach(() => {
  log = [];
});

const HEADER = '"Longitude","Latitude","Initial.Type.Description","Initial.Type.Group","At.Scene.Time"\n';

async function run(
  content: string | Buffer,
  options: object = {},
): Promise<{ summary: ReplaySummary; source: string; file: string }> {
  const source = `replay-${process.pid}-${(files += 1)}`;
  const file = join(dir, `${source}.csv`);
  await writeFile(file, content);
  return { source, file, summary: await again(file, options) };
}

function again(file: string, options: object = {}): Promise<ReplaySummary> {
  return replay({ file, url, rate: 0, patience: 5000, log: (line) => log.push(line), ...options });
}

/** What was stored of a file, in the order screens see it. */
const stored = async (source: string): Promise<{ title: string; category: string; occurred: Date }[]> =>
  db.sql<{ title: string; category: string; occurred: Date }[]>`
    select i.title, i.category, i.occurred_at as occurred
    from app.live_log log join app.incident i on i.id = (log.body #>> '{incident,id}')::bigint
    where i.source = ${source} and log.body ->> 'type' = 'incident.created' order by log.id`;

test('event order, one incident per distinct row, nothing invented, every row accounted for', async () => {
  const rows = [
    '-122.3,47.5,"THEFT, CAR","THEFT","12/30/15 20:42"',
    '-122.2,47.7,"NOISE","NOISE DISTURBANCE","1/2/15 01:00"',
    '-122.3,47.5,"THEFT, CAR","THEFT","12/30/15 20:42"',
    ',,"NO PLACE","THEFT","3/3/15 10:00"',
    '-122.4,47.6,"COLLISION","TRAFFIC RELATED CALLS","2/3/15 04:05"',
    '-122.4,47.6,"WHEN?","TRAFFIC RELATED CALLS","soon"',
    '-122.4,147.6,"WHERE?","TRAFFIC RELATED CALLS","2/3/15 04:05"',
    '-122.4,47.6,"SHORT ROW"',
    '0,0,"NULL ISLAND","THEFT","3/3/15 10:00"',
  ];
  const { summary, source, file } = await run(HEADER + rows.join('\n'));
  expect(summary).toEqual({ read: 9, sent: 4, stored: 3, duplicates: 1, unplaced: 2, rejected: 3, unsent: 0 });
  expect(await stored(source)).toMatchObject([
    { title: 'NOISE', category: '06028', occurred: new Date('2015-01-01T17:00:00Z') },
    { title: 'COLLISION', category: 'Z0208' },
    { title: 'THEFT, CAR', category: 'Z0301' },
  ]);
  expect(log.join('\n')).toContain('re-placed');
  expect(log.join('\n')).toMatch(/line 7: At.Scene.Time "soon" is no time/);
  expect(await again(file)).toMatchObject({ read: 9, stored: 0, duplicates: 4, rejected: 3 });
  // A part of the file puts its rows where the whole file did.
  expect(await again(file, { limit: 3 })).toMatchObject({ read: 3, stored: 0, duplicates: 3, rejected: 0 });
});

test('bytes that are not UTF-8 cost no row', async () => {
  const text = `${HEADER}-122.3,47.5,"CAF\u00c9 ROBBERY \u2013 na\u00efve","ROBBERY","5/5/15 10:00"\n`;
  const bytes = Buffer.from(text.replace('\u2013', '-'), 'latin1');
  const { summary, source } = await run(bytes);
  expect(summary).toMatchObject({ read: 1, stored: 1 });
  expect((await stored(source))[0]?.title).toMatch(/^CAF.* ROBBERY/);
});

test('goes on after an outage, with the same keys', async () => {
  outages = 2;
  const rows = Array.from({ length: 50 }, (_, i) => `${-122 - i / 100},47.5,"T${i}","THEFT","1/1/15 00:${10 + i}"`);
  const { summary, source } = await run(HEADER + rows.join('\n'));
  expect(summary).toMatchObject({ read: 50, stored: 50, unsent: 0 });
  expect(await stored(source)).toHaveLength(50);
  expect(log.join('\n')).toContain('waiting: 503');
});

test('an API that stays away: what was not sent is counted', async () => {
  const rows = Array.from({ length: 3 }, (_, i) => `${-122 - i / 100},47.5,"T${i}","THEFT","1/1/15 00:${10 + i}"`);
  outages = 1000;
  const { summary } = await run(HEADER + rows.join('\n'), { patience: 300 });
  outages = 0;
  expect(summary).toEqual({ read: 3, sent: 0, stored: 0, duplicates: 0, unplaced: 0, rejected: 0, unsent: 3 });
  expect(log.join('\n')).toContain('stayed away');
});

test('as happening now: each run is new, repeated rows are not', async () => {
  const row = '-122.3,47.5,"THEFT","THEFT","12/30/15 20:42"\n';
  const { summary, source, file } = await run(HEADER + row + row + row.replace('-122.3', '-122.4'), {
    now: true,
    rate: 50,
  });
  expect(summary).toMatchObject({ read: 3, stored: 2, duplicates: 1, rejected: 0 });
  expect(await again(file, { now: true })).toMatchObject({ stored: 2, duplicates: 1 });
  for (const { occurred } of await stored(source))
    expect(Math.abs(Date.now() - occurred.getTime())).toBeLessThan(60_000);
});

test(
  'the simulation reports, staff take what is reported to its end, and both stop when told',
  { timeout: 150_000 },
  async () => {
    const bystander = await run(`${HEADER}-122.3,47.5,"NOT OF THE DEMO","THEFT","12/30/15 20:42"\n`, { now: true });
    expect(bystander.summary.stored).toBe(1);
    const stop = new AbortController();
    const running = simulate({ url, rate: 4, open: 4, scenario: 'storm' }, stop.signal);
    const counts = async (): Promise<{
      open: number;
      closed: number;
      stages: number;
      water: number;
    }> => {
      const [row] = await db.sql<{ open: number; closed: number; stages: number; water: number }[]>`
      select (count(*) filter (where state = 'open'))::int4 as open, (count(*) filter (where stage = 'closed'))::int4 as closed,
        count(distinct stage)::int4 as stages, (count(*) filter (where category = 'Z0902'))::int4 as water
      from app.incident where key like 'demo-%'`;
      return row ?? { open: 0, closed: 0, stages: 0, water: 0 };
    };
    await until('a first few', async () => (await counts()).open >= 3, 30_000);
    await until(
      'some to be closed, others under way',
      async () => {
        const { closed, stages } = await counts();
        return closed >= 8 && stages >= 4;
      },
      100_000,
    );
    stop.abort();
    await running;
    const { open, water } = await counts();
    expect(open).toBeLessThan(200);
    // On a normal day one in 150 is.
    expect(water).toBeGreaterThan(0);
    const kinds = await db.sql`select distinct category from app.incident where key like 'demo-%'`;
    expect(kinds.length).toBeGreaterThan(2);
    const bystanders = await db.sql`select stage from app.incident where source = ${bystander.source}`;
    expect(bystanders).toEqual([{ stage: 'collected' }]);
  },
);
