import { type ChildProcess, spawn } from 'node:child_process';
import { mkdir, mkdtemp, rm, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { Lease } from '../../etl/schedule/lease.ts';
import { runLoadJob, TryAgain } from '../../etl/schedule/load-job.ts';
import { lookForDeliveries } from '../../etl/schedule/look.ts';
import { Queue } from '../../etl/schedule/queue.ts';
import type { Layer } from '../../layers/define.ts';
import { getLayer } from '../../layers/index.ts';
import type { Database } from '../../server/db/connect.ts';
import { listSchedule } from '../../server/db/schedule.ts';
import { testDatabase, testTarget } from '../support/database.ts';
import { removeLayer } from '../support/user-layer.ts';

const ROWS = 4000;
const names = ['sched_stop', 'sched_shop', 'sched_well', 'sched_camera'];
const scheduled: Layer[] = names.map((id, i) => ({
  ...getLayer('hospital'),
  id,
  geometry: 'point',
  fields: {
    code: { type: 'string', title: { zh: '编号', en: 'code' }, required: true },
    edition: { type: 'int', title: { zh: '版次', en: 'edition' } },
    stop: { type: 'string', title: { zh: '站点', en: 'stop' } },
  },
  key: 'code',
  label: 'code',
  cadence: i === 0 ? 'realtime' : 'yearly',
  source: {
    file: `sched/${id}.csv`,
    format: 'csv',
    encoding: 'utf-8',
    crs: 'EPSG:4326',
    coordinates: { x: 'lon', y: 'lat' },
  },
  symbology: { kind: 'none', color: '#446688' },
  checks: {
    rows: [1, 1_000_000],
    ...(id === 'sched_shop' ? { references: [{ field: 'stop', layer: 'sched_stop' }] } : {}),
  },
}));
const [stop, shop, well] = scheduled as [Layer, Layer, Layer, Layer];

let db: Database;
let dir = '';
let queue: Queue;

beforeAll(async () => {
  db = await testDatabase();
  dir = await mkdtemp(join(tmpdir(), 'one-map-schedule-'));
  queue = await Queue.open(db);
});
afterAll(async () => {
  await queue.close();
  await db.sql`delete from app.schedule where layer_id = any(${names}::text[])`;
  for (const id of names) await removeLayer(db, id);
  await db.sql`drop schema if exists graphile_worker cascade`;
  await rm(dir, { recursive: true, force: true });
});

/** Hands in an edition of a layer's file; `at` tells files of the same size and content apart. */
async function deliver(layer: Layer, edition: number, rows = 20, text?: string): Promise<void> {
  const path = join(dir, layer.source.file);
  await mkdir(dirname(path), { recursive: true });
  const lines = Array.from({ length: rows }, (_, i) => `C${i},${edition},,${113.1 + (i % 100) / 10_000},23.0213`);
  await writeFile(path, text ?? `code,edition,stop,lon,lat\n${lines.join('\n')}\n`);
}

const options = () => ({ db, layers: scheduled, dir, scale: 1 });
const look = () => lookForDeliveries(db, queue, scheduled, dir);

async function stateOf(layer: Layer) {
  return (await listSchedule(db.sql)).layers.find(({ layer: id }) => id === layer.id);
}

/** Takes a layer's job out of the queue, as a worker that runs it does. */
async function finish(layer: Layer): Promise<void> {
  await db.sql`select graphile_worker.remove_job(${`load:${layer.id}`})`;
}

async function due(layer: Layer): Promise<void> {
  await db.sql`update app.schedule set next_at = now() where layer_id = ${layer.id}`;
}

/** Between the last look and the next. */
async function seconds(layer: Layer): Promise<number> {
  const row = await stateOf(layer);
  return Math.round(((row?.nextAt.getTime() ?? 0) - (row?.lookedAt?.getTime() ?? 0)) / 1000);
}

/** Values of the only station, in the order of time. */
async function readings(): Promise<number[]> {
  const rows = await db.sql<{ value: number }[]>`
    select value from app.reading where sensor = 'sched_gauge:G1' order by at`;
  return rows.map(({ value }) => value);
}

/** Edition and number of the live rows: of one edition, all or none of them. */
async function liveEdition(layer: Layer): Promise<number | null> {
  const [table] = await db.sql`select to_regclass(${`layers.${layer.id}`}) is not null as exists`;
  if (!table?.exists) return null;
  const rows = await db.sql.unsafe<{ edition: number; n: number; state: number }[]>(
    `select edition, count(*)::int4 as n, (select rows from app.layer_state where layer_id = '${layer.id}') as state
     from layers.${layer.id} group by edition`,
  );
  expect(rows.map(({ n }) => n)).toEqual([ROWS]);
  expect(rows[0]?.state).toBe(ROWS);
  return rows[0]?.edition ?? null;
}

describe('looking for deliveries', () => {
  it('queues a layer whose file is there, once, and not one without', async () => {
    await deliver(stop, 1);
    expect(await look()).toEqual(['sched_stop']);
    expect(await stateOf(well)).toMatchObject({ status: 'missing', queue: null });
    // Not due, and then due but waiting already.
    expect(await look()).toEqual([]);
    await due(stop);
    expect(await look()).toEqual([]);
    expect(await stateOf(stop)).toMatchObject({ queue: 'waiting' });
  });

  it('looks again by cadence', async () => {
    expect(await seconds(stop)).toBe(60);
    expect(await seconds(well)).toBe(7 * 86_400);
  });

  it('queues a file again only when it has changed', async () => {
    expect(await runLoadJob(options(), 'sched_stop')).toMatchObject({ status: 'published' });
    await finish(stop);
    await due(stop);
    expect(await look()).toEqual([]);
    await utimes(join(dir, stop.source.file), new Date(), new Date(Date.now() + 5000));
    await due(stop);
    expect(await look()).toEqual(['sched_stop']);
    // The same rows under another time.
    expect(await runLoadJob(options(), 'sched_stop')).toMatchObject({ status: 'unchanged' });
    await finish(stop);
    expect(await stateOf(stop)).toMatchObject({ status: 'unchanged', error: null });
  });

  it('queues a layer whose links were loaded anew, whatever was lost in between', async () => {
    await deliver(shop, 1);
    await due(shop);
    expect(await look()).toEqual(['sched_shop']);
    const report = await runLoadJob(options(), 'sched_shop');
    await finish(shop);
    // References to layers outside the catalogue are not checked, but they are what the load depends on.
    const [inputs] = await db.sql<
      { links: object }[]
    >`select inputs -> 'links' as links from app.load where load_id = ${report?.load as number}`;
    expect(inputs?.links).toHaveProperty('sched_stop');
    expect(await look()).toEqual([]);
    await deliver(stop, 2);
    await runLoadJob(options(), 'sched_stop');
    expect(await look()).toEqual(['sched_shop']);
    expect(await runLoadJob(options(), 'sched_shop')).toMatchObject({ status: 'published' });
    await finish(shop);
    expect(await look()).toEqual([]);
  });
});

describe('readings of a layer', () => {
  const series = { file: 'sched/series/sched_gauge.csv', time: 'at', values: ['level'], stepMinutes: 60 };
  const gauge: Layer = {
    ...(scheduled[0] as Layer),
    id: 'sched_gauge',
    fields: {
      code: { type: 'string', title: { zh: '编号', en: 'code' }, required: true },
      level: { type: 'number', title: { zh: '水位', en: 'level' } },
      at: { type: 'datetime', title: { zh: '时间', en: 'time' } },
    },
    source: { ...(scheduled[0] as Layer).source, file: 'sched/sched_gauge.csv' },
    series,
  };
  const gauges = () => lookForDeliveries(db, queue, [gauge], dir);
  const load = () => runLoadJob({ db, layers: [gauge], dir, scale: 1 }, gauge.id);

  async function read(text: string): Promise<void> {
    const path = join(dir, series.file);
    await mkdir(dirname(path), { recursive: true });
    await writeFile(path, `code,at,level\n${text}`);
    await due(gauge);
  }

  afterAll(async () => {
    await db.sql`delete from app.reading where sensor like 'sched_gauge:%'`;
    await db.sql`delete from app.sensor_latest where sensor like 'sched_gauge:%'`;
    await db.sql`delete from app.series where layer_id = 'sched_gauge'`;
    await db.sql`delete from app.schedule where layer_id = 'sched_gauge'`;
    await db.sql`select graphile_worker.remove_job('load:sched_gauge')`;
    await removeLayer(db, 'sched_gauge');
  });

  it('wait for their layer', async () => {
    await read('G1,2026-03-01T08:00:00+08:00,1.5\n');
    expect(await gauges()).toEqual([]);
    expect(await stateOf(gauge)).toMatchObject({ status: 'missing' });
  });

  it('are loaded when their file alone is new', async () => {
    await writeFile(
      join(dir, gauge.source.file),
      'code,level,at,lon,lat\nG1,1,2026-03-01T07:00:00+08:00,113.1,23.0213\n',
    );
    await due(gauge);
    expect(await gauges()).toEqual(['sched_gauge']);
    expect(await load()).toMatchObject({ status: 'published', series: { error: null, status: 'published' } });
    await finish(gauge);
    expect(await readings()).toEqual([1.5]);
    await due(gauge);
    expect(await gauges()).toEqual([]);

    await read('G1,2026-03-01T09:00:00+08:00,1.75\n');
    expect(await gauges()).toEqual(['sched_gauge']);
    expect(await load()).toMatchObject({ status: 'unchanged', series: { status: 'published', rows: { accepted: 1 } } });
    await finish(gauge);
    expect(await readings()).toEqual([1.5, 1.75]);
    await due(gauge);
    expect(await gauges()).toEqual([]);
  });

  it('are loaded also when the file of the layer was taken away', async () => {
    await rm(join(dir, gauge.source.file));
    await read('G1,2026-03-01T10:00:00+08:00,2\n');
    expect(await gauges()).toEqual(['sched_gauge']);
    expect(await load()).toMatchObject({ status: 'unchanged', series: { status: 'published' } });
    await finish(gauge);
    expect(await readings()).toEqual([1.5, 1.75, 2]);
    expect(await stateOf(gauge)).toMatchObject({ status: 'unchanged', error: null });
    await due(gauge);
    expect(await gauges()).toEqual([]);
  });

  it('that cannot be used are said to have failed, and are not tried again', async () => {
    await read('G9,2026-03-01T11:00:00+08:00,2\n');
    expect(await gauges()).toEqual(['sched_gauge']);
    expect(await load()).toMatchObject({ status: 'unchanged', series: { status: 'failed' } });
    await finish(gauge);
    expect(await stateOf(gauge)).toMatchObject({ status: 'failed', error: expect.stringContaining('ROW_COUNT') });
    await due(gauge);
    expect(await gauges()).toEqual([]);
    expect(await readings()).toEqual([1.5, 1.75, 2]);
  });
});

describe('a load that fails', () => {
  it('is not tried again when the file is at fault, until there is another file', async () => {
    await deliver(well, 1, 0, 'code,edition\n1,2\n');
    await due(well);
    expect(await look()).toEqual(['sched_well']);
    expect(await runLoadJob(options(), 'sched_well')).toMatchObject({ status: 'failed' });
    await finish(well);
    expect(await stateOf(well)).toMatchObject({ status: 'failed', error: expect.stringContaining('MISSING_COLUMN') });
    await due(well);
    expect(await look()).toEqual([]);
    await deliver(well, 1);
    await due(well);
    expect(await look()).toEqual(['sched_well']);
    expect(await runLoadJob(options(), 'sched_well')).toMatchObject({ status: 'published' });
    await finish(well);
  });

  it('is tried again when the reason may pass', async () => {
    await rm(join(dir, well.source.file));
    await expect(runLoadJob(options(), 'sched_well')).rejects.toThrow(TryAgain);
    expect(await stateOf(well)).toMatchObject({ status: 'retrying', error: expect.stringContaining('FILE_NOT_FOUND') });
  });
});

describe('the lease', () => {
  it('belongs to one at a time, and goes to the next when its holder is dead or silent', async () => {
    const [first, second] = [new Lease(db), new Lease(db)];
    expect(await first.take()).toBe(true);
    expect(await second.take()).toBe(false);
    expect(await first.renew()).toBe(true);
    await db.sql`update app.schedule_lease set process = jsonb_set(process, '{owner,pid}', '999999999')`;
    expect(await second.take()).toBe(true);
    expect(await first.renew()).toBe(false);
    // Of another machine nothing is known but when it spoke last.
    await db.sql`update app.schedule_lease set process = jsonb_set(process, '{host}', '"elsewhere"')`;
    expect(await first.take()).toBe(false);
    await db.sql`update app.schedule_lease set seen_at = now() - interval '61 seconds'`;
    expect(await first.take()).toBe(true);
    await first.give();
    expect(await second.take()).toBe(true);
    await second.give();
  });
});

describe('a worker that is killed over and over', () => {
  let child: ChildProcess | null = null;
  let output = '';

  /** A process as `schedule run` is, with the layers of this test. */
  function start(): void {
    const target = testTarget();
    const program = `
      import { connectDatabase } from ${JSON.stringify(join(import.meta.dirname, '../../server/db/connect.ts'))};
      import { runSchedule } from ${JSON.stringify(join(import.meta.dirname, '../../etl/schedule/run-schedule.ts'))};
      const stop = new AbortController();
      process.once('SIGTERM', () => stop.abort());
      const db = await connectDatabase(${JSON.stringify(target)});
      await runSchedule({ db, layers: ${JSON.stringify(scheduled)}, dir: ${JSON.stringify(dir)}, scale: 1, tickMs: 200,
        signal: stop.signal, onEvent: (event) => console.log(JSON.stringify({ ...event, error: String(event.error) })) });
      await db.close();`;
    const node = spawn(process.execPath, ['--import', 'tsx', '--input-type=module', '-e', program], {
      cwd: join(import.meta.dirname, '../..'),
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    for (const stream of [node.stdout, node.stderr]) stream.on('data', (bytes: Buffer) => (output += bytes.toString()));
    child = node;
  }

  async function kill(signal: NodeJS.Signals): Promise<void> {
    const ended = new Promise((resolve) => child?.once('exit', resolve));
    child?.kill(signal);
    await ended;
  }

  it('leaves every layer in the old or the new version, and the queue drains', async () => {
    for (const id of names) await removeLayer(db, id);
    await db.sql`delete from app.schedule where layer_id = any(${names}::text[])`;
    await db.sql`select graphile_worker.remove_job('load:' || id) from unnest(${names}::text[]) id`;
    for (const layer of scheduled) await deliver(layer, 1, ROWS);
    const kills = 8;
    for (let i = 0; i < kills; i += 1) {
      start();
      const before = output.length;
      // From the moment it works, at a different point of the loads each time.
      await vi.waitFor(() => expect(output.slice(before)).toContain('"working"'), { timeout: 60_000, interval: 20 });
      await sleep(100 + i * 170);
      await kill('SIGKILL');
      for (const layer of scheduled) expect([null, 1, 2]).toContain(await liveEdition(layer));
      // Half-way there is a second edition of everything.
      if (i === kills / 2) {
        for (const layer of scheduled) await deliver(layer, 2, ROWS);
        await db.sql`update app.schedule set next_at = now() where layer_id = any(${names}::text[])`;
      }
    }
    const before = output.length;
    start();
    // All may be loaded by now: what is asked to stop must have begun, or it leaves the lease of the one before it.
    await vi.waitFor(() => expect(output.slice(before)).toContain('"working"'), { timeout: 60_000, interval: 20 });
    await vi.waitFor(
      async () => {
        const { layers } = await listSchedule(db.sql);
        const ours = layers.filter(({ layer }) => names.includes(layer));
        expect(ours.map(({ queue: at, status }) => [at, status === 'published' || status === 'unchanged'])).toEqual(
          names.map(() => [null, true]),
        );
      },
      { timeout: 120_000, interval: 300 },
    );
    for (const layer of scheduled) expect(await liveEdition(layer)).toBe(2);
    await kill('SIGTERM');
    // Nothing is left behind, and what was killed is called failed.
    const [left] = await db.sql`select
        (select count(*)::int4 from pg_tables where schemaname = 'layers_next' and tablename like 'sched%') as tables,
        (select count(*)::int4 from app.load where layer_id like 'sched%' and status = 'running') as running,
        (select count(*)::int4 from app.load where layer_id like 'sched%' and error = 'interrupted') as interrupted,
        (select count(*)::int4 from app.schedule_lease) as leases`;
    expect(left).toMatchObject({ tables: 0, running: 0, leases: 0 });
    expect(left?.interrupted).toBeGreaterThan(0);
  }, 300_000);
});
