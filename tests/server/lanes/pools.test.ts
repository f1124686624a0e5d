/**
 * One planner's monster queries do not slow the wall: the wall's requests are timed with nothing else going on, beside 20
 * monsters in a lane and on connections of their own, and beside the same monsters on the same connections.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { pino } from 'pino';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { Layer } from '../../../layers/define.ts';
import { createApp, type AppOptions } from '../../../server/app.ts';
import { connectDatabase, type Database } from '../../../server/db/connect.ts';
import { Intake } from '../../../server/incidents/intake.ts';
import { testDatabase, testTarget } from '../../support/database.ts';
import { query } from '../api-fixture.ts';
import { type FixtureRow, publishFixture, removeFixture } from '../layer-fixture.ts';
import { lake as anyLake, lakes, shop as anyShop, shops, tilePath } from '../routes/layers-data.ts';

const MONSTERS = 20;
const SECONDS = 3;
/** How long a query of the planner may take here, so that the test ends. */
const PLANNER_LIMIT_MS = 1000;

const shop = { ...anyShop, id: 'pools_shop' };
const name = {
  ...anyLake.fields['name'],
  type: 'string',
  title: { zh: '名称', en: 'Name' },
  filterable: true,
} as const;
const lake: Layer = { ...anyLake, id: 'pools_lake', fields: { ...anyLake.fields, name } };
const manyLakes = Array.from({ length: 4000 }, (_, index) => ({
  ...(lakes[index % lakes.length] as FixtureRow),
  building_code: `440604010001B${String(index).padStart(5, '0')}`,
  name: 'ab'.repeat(500),
}));

const url = testTarget().url;
const pools: Database[] = [];

async function pool(settings: Record<string, string>, max: number): Promise<Database> {
  const db = await connectDatabase({ url, max, settings });
  pools.push(db);
  return db;
}

beforeAll(async () => {
  const db = await testDatabase();
  await publishFixture(db, shop, shops);
  await publishFixture(db, lake, manyLakes);
});
afterAll(async () => {
  await Promise.all(pools.map((db) => db.close()));
  const db = await testDatabase();
  await removeFixture(db, shop);
  await removeFixture(db, lake);
});

type App = ReturnType<typeof createApp>;

function appOver(options: Pick<AppOptions, 'db' | 'limitMs' | 'planner'>): App {
  return createApp({
    ...options,
    log: pino({ level: 'silent' }),
    access: { defaultRole: 'staff', tokens: new Map() },
    dataDir: '/nonexistent',
    version: 'test',
    intake: new Intake(options.db.sql, { grids: () => undefined }),
  });
}

/**
 * A condition that takes the database many seconds: patterns that have to be tried all along a long text. With an area on
 * shapes, so that neither the rows nor their number can come from memory.
 */
const MONSTER = {
  and: [
    { bbox: [113, 22.9, 113.2, 23.1] },
    {
      or: Array.from({ length: 400 }, (_, index) => ({ field: 'name', op: 'like', value: `%a%b%a%b%a%${index}%` })),
    },
  ],
};

/** What a wall asks for. */
function wallRequests(): string[] {
  return [
    '/api/incidents?limit=50',
    '/api/layers/pools_shop/cells?by=town',
    `/api/layers/pools_shop/tiles/${tilePath(shops[1]?.at ?? [113, 23], 15)}`,
    `/api/tiles/pools_shop/${tilePath(lakes[0]?.at ?? [113, 23], 14)}`,
  ];
}

/** Slowest twentieth of the wall's answers over some seconds, ms. */
async function p95OfWall({ app }: App, seconds: number, paths = wallRequests()): Promise<number> {
  const times: number[] = [];
  const end = performance.now() + seconds * 1000;
  while (performance.now() < end) {
    for (const path of paths) {
      const started = performance.now();
      const response = await app.request(path);
      await response.arrayBuffer();
      expect([200, 204], path).toContain(response.status);
      times.push(performance.now() - started);
    }
    await sleep(20);
  }
  return times.toSorted((a, b) => a - b)[Math.floor(times.length * 0.95)] ?? Infinity;
}

/** The wall's p95 while monsters are asked for again and again. Answers of the monsters are counted by code. */
async function besideMonsters(made: App, paths = wallRequests()): Promise<{ p95: number; codes: Map<string, number> }> {
  const codes = new Map<string, number>();
  const over = new AbortController();
  const monsters = Array.from({ length: MONSTERS }, async (_, number) => {
    while (!over.signal.aborted) {
      const path = `/api/layers/pools_lake/features${query({ filter: MONSTER, limit: 1 + number })}`;
      const response = await made.app.request(path);
      const body = (await response.json()) as { error?: { code: string; message: string } };
      const code = body.error?.code ?? 'OK';
      codes.set(code, (codes.get(code) ?? 0) + 1);
      if (code === 'QUERY_TIMEOUT') expect(body.error?.message).toMatch(/longer than 1 s, which is the limit/);
    }
  });
  await sleep(500);
  const p95 = await p95OfWall(made, SECONDS, paths);
  over.abort();
  await Promise.all(monsters);
  return { p95, codes };
}

it.skipIf(url === undefined)(
  'the wall answers as before beside 20 monster queries (a server only: the embedded engine is one session)',
  async () => {
    const limit = { statement_timeout: String(PLANNER_LIMIT_MS) };
    const together = appOver({ db: await pool(limit, 8), limitMs: PLANNER_LIMIT_MS, planner: { running: 1000 } });
    const apart = appOver({
      db: await pool({}, 8),
      planner: {
        db: await pool({ ...limit, max_parallel_workers_per_gather: '0' }, 2),
        limitMs: PLANNER_LIMIT_MS,
        running: 2,
        waitMs: 500,
      },
    });
    await p95OfWall(apart, 1);
    const alone = await p95OfWall(apart, SECONDS);
    const beside = await besideMonsters(apart);
    // One request of the wall is enough to show it: each of its queries waits for all the monsters.
    const among = await besideMonsters(together, wallRequests().slice(2, 3));
    console.info(
      `p95 of the wall: alone ${alone.toFixed(0)} ms, beside ${MONSTERS} monsters ${beside.p95.toFixed(0)} ms, on one pool with them ${among.p95.toFixed(0)} ms`,
      Object.fromEntries(beside.codes),
    );
    // They were monsters, and were told so.
    expect(beside.codes.get('QUERY_TIMEOUT') ?? 0).toBeGreaterThan(0);
    expect(beside.codes.get('BUSY') ?? 0).toBeGreaterThan(0);
    expect(among.p95).toBeGreaterThan(1000);
    expect(beside.p95).toBeLessThan(among.p95 / 3);
    expect(beside.p95).toBeLessThan(alone * 5 + 200);
    await Promise.all([together.close(), apart.close()]);
  },
  120_000,
);
