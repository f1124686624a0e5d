/**
 * Random requests to every route of the OpenAPI document: valid, nearly valid, garbage. `FUZZ_RUNS` says how many,
 * `FUZZ_SEED` repeats a run, `FUZZ_MINUTES` ends a long one, `FUZZ_TRACE` names a file that gets a line for each request.
 */
import { appendFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { gunzipSync } from 'node:zlib';
import * as fc from 'fast-check';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { pino } from 'pino';
import { createCatalogue } from '../../server/catalogue.ts';
import type { LayerDetail } from '../../server/contract/layers.ts';
import type { SensorList } from '../../server/contract/sensors.ts';
import { ERROR_STATUS } from '../../server/errors.ts';
import { followGrids, type GridSource } from '../../server/incidents/grid-source.ts';
import { Intake } from '../../server/incidents/intake.ts';
import { createHub, type Hub } from '../../server/live/hub.ts';
import { createEtlProcess, type EtlProcessOptions } from '../../server/etl-process.ts';
import { removeUserLayer } from '../../server/queries/user-layers.ts';
import { registerSensors } from '../../server/sensors/register.ts';
import { createRejectFile } from '../../server/reject-file.ts';
import { testTarget } from '../support/database.ts';
import { loadedDistrict, type LoadedDistrict } from '../support/district.ts';
import { Known, type KnownLayer } from '../support/fuzz/known.ts';
import { fuzzRequests, type FuzzRequest, makingRequests, type OpenApi } from '../support/fuzz/requests.ts';
import { removeIncidents } from '../support/remove-incidents.ts';
import { STAFF, STAFF_TOKEN, testApi, type TestApi } from './api-fixture.ts';

const RUNS = Number(process.env['FUZZ_RUNS'] ?? 500);
const SEED = Number(process.env['FUZZ_SEED'] ?? 20261127);
const TRACE = process.env['FUZZ_TRACE'];
const MINUTES = Number(process.env['FUZZ_MINUTES'] ?? 30);
/** Requests of a run that is not stopped by what it finds. */
const LONG = 10_000;
/** The longest an answer may take, ms. A short run stands beside other suites on the same cores. */
const LONGEST = RUNS >= LONG ? 5000 : 15_000;
/** What no caller may read: words of the database, of a stack, of this machine. */
const INNER =
  /SQLSTATE|PostgresError|syntax error at|relation "|column ".*" does not exist|violates|invalid input syntax|invalid byte sequence|out of range for type|\bat async\b|\bat [\w.]+ \(|node_modules|\.ts:\d|stack/i;

let district: LoadedDistrict;
let api: TestApi;
let grids: GridSource;
let hub: Hub;
let newest: number;

async function newestIncident(): Promise<number> {
  const [row] = await district.db.sql<[{ id: number }]>`select coalesce(max(id), 0)::int8 as id from app.incident`;
  return row.id;
}

beforeAll(async () => {
  district = await loadedDistrict();
  const { db } = district;
  newest = await newestIncident();
  grids = await followGrids(db.sql, (cause) => {
    throw cause;
  });
  hub = await createHub(db, { authorize: () => 'staff' });
  const catalogue = createCatalogue(db.sql, { log: pino({ level: 'silent' }) });
  await registerSensors(db.sql, catalogue);
  await catalogue.close();
  const { url, dataDir } = testTarget();
  const processes: EtlProcessOptions = {
    root: resolve(import.meta.dirname, '../..'),
    environment: url === undefined ? { DATA_DIR: dataDir ?? '' } : { DATABASE_URL: url },
  };
  api = testApi(db, {
    dataDir: resolve(district.dir, '..'),
    intake: new Intake(db.sql, { grids: () => grids.current() }),
    hubStats: () => hub.stats(),
    rejectFile: createRejectFile(processes),
    reports: { most: 1_000_000, windowMs: 1000 },
    etl: createEtlProcess(processes),
  });
}, 600_000);
afterAll(async () => {
  await removeIncidents(district.db.sql, newest);
  const { sql } = district.db;
  await sql`delete from app.incident_report where key in (select key from app.incident where id > ${newest})`;
  await sql`update app.alert set replaced_by = null`;
  await sql`truncate app.alert, app.intake_feed, app.intake_message cascade`;
  await hub.close();
  await grids.close();
  await api.close();
  // Results that were asked for well enough to be made.
  const made = await district.db.sql<{ id: string }[]>`
    select layer_id as id from app.user_layer where layer_id like 'user\\_%' and owner_role is not null`;
  for (const { id } of made) await district.db.sql.begin((tx) => removeUserLayer(tx, id));
});

async function knownThings(): Promise<Known> {
  const { layers } = (await (await api.get('/api/layers', STAFF)).json()) as { layers: LayerDetail[] };
  const { sql } = district.db;
  const loads = await sql<{ id: number; layer: string }[]>`
    select load_id as id, layer_id as layer from app.load where status = 'published' order by load_id desc`;
  const details = await Promise.all(
    layers.map(async ({ id }): Promise<KnownLayer> => {
      const detail = (await (await api.get(`/api/layers/${id}`, STAFF)).json()) as LayerDetail;
      const isTable = detail.load !== null && detail.geometry !== 'raster';
      const rows = isTable ? await sql<{ fid: number }[]>`select fid from ${sql(`layers.${id}`)} limit 20` : [];
      return {
        ...detail,
        fids: rows.map(({ fid }) => fid),
        loads: loads.flatMap(({ id: load, layer }) => (layer === id ? [load] : [])),
      };
    }),
  );
  const cells = await sql<{ grid: string; town: string }[]>`
    select grid_code as grid, left(grid_code, 9) || '000' as town from layers.governance_grid`;
  const { sensors, layers: measuring } = (await (await api.get('/api/sensors?limit=500', STAFF)).json()) as SensorList;
  const metrics = new Map(measuring.map(({ id, metrics: [first] }) => [id, first?.name ?? '']));
  const vehicles = await sql<{ kind: string; vehicle: string }[]>`
    select kind, vehicle from app.position_latest limit 50`;
  return new Known({
    layers: details,
    loads: loads.slice(0, 60).map(({ id }) => id),
    cells: cells.map(({ grid }) => grid),
    towns: [...new Set(cells.map(({ town }) => town))],
    sensors: sensors.map(({ id, layer }) => ({ id, layer, metric: metrics.get(layer) ?? '' })),
    vehicles,
    staffToken: STAFF_TOKEN,
    now: new Date().toISOString(),
  });
}

/** Sends it as it is; what is no address at all is not a request. */
async function send({ method, path, body, headers }: FuzzRequest): Promise<Response | null> {
  if (!URL.canParse(`http://localhost${path}`)) return null;
  return api.send(method, path, body, headers);
}

function parsed(text: string, about: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new Error(`no JSON: ${about} -> ${text.slice(0, 500)}`, { cause });
  }
}

async function check(request: FuzzRequest, known: Known): Promise<number> {
  const started = performance.now();
  const response = await send(request);
  if (response === null) return 0;
  const { status } = response;
  const received = Buffer.from(await response.arrayBuffer());
  const elapsed = performance.now() - started;
  const about = JSON.stringify(request).slice(0, 3000);
  const isZipped = response.headers.get('Content-Encoding') === 'gzip';
  const text = (isZipped ? gunzipSync(received) : received).toString('utf8');
  if (TRACE !== undefined) {
    const { route, path, body } = request;
    const answer = status < 400 ? '' : text.slice(0, 300);
    appendFileSync(TRACE, `${JSON.stringify([status, Math.round(elapsed), route, path, body, answer])}\n`);
  }
  expect(elapsed, `slow: ${about}`).toBeLessThan(LONGEST);
  expect(status, `${about} -> ${text.slice(0, 500)}\n${api.logged.at(-1)?.slice(0, 1500) ?? ''}`).toBeLessThan(500);
  if (status === 304) {
    expect(text, about).toBe('');
    return status;
  }
  if (status < 400) {
    if (response.headers.get('Content-Type')?.includes('json') === true)
      known.learn(request.route, request.path, parsed(text, about));
    return status;
  }
  if (request.path.startsWith('/open311/')) {
    // GeoReport v2 has a shape of its own.
    expect(text, about).toMatch(
      response.headers.get('Content-Type')?.includes('xml')
        ? new RegExp(`<errors><error><code>${status}</code><description>.+</description></error></errors>`, 's')
        : new RegExp(`^\\[\\{"code":${status},"description":".+"\\}\\]$`, 's'),
    );
    return status;
  }
  const { error, ...rest } = parsed(text, about) as { error: Record<string, unknown> };
  expect(rest, about).toEqual({});
  expect(ERROR_STATUS[error['code'] as keyof typeof ERROR_STATUS], about).toBe(status);
  expect(error['message'], about).toMatch(/\S/);
  expect(error['requestId'], about).toBe(response.headers.get('X-Request-Id'));
  for (const key of Object.keys(error)) expect(['code', 'message', 'field', 'value', 'requestId']).toContain(key);
  // What the caller sent comes back in `value`, and in a message in quotes: it may say anything.
  if (INNER.test(String(error['message']))) {
    const sent =
      decodeURIComponent(request.path.replaceAll(/%(?![0-9a-f]{2})/gi, '%25').replaceAll(/%[89a-f][0-9a-f]/gi, '')) +
      String(request.body ?? '');
    expect(INNER.test(sent), `${about} -> ${text.slice(0, 500)}`).toBe(true);
  }
  return status;
}

const isAnswered = (status: number): boolean => status >= 200 && status < 400;

it(
  `answers ${RUNS} random requests without a failure of its own (FUZZ_SEED=${SEED})`,
  async () => {
    const document = (await (await api.get('/api/openapi.json')).json()) as OpenApi;
    const known = await knownThings();
    // The stream stands in front of this app. A file of rejects is made by a process of its own, which takes seconds:
    // its route is tested in loads.test.ts.
    const requests = fuzzRequests(document, known, (path) => path === '/api/live' || path.endsWith('/rejects/file'));
    for (const request of makingRequests(document, known, SEED)) await check(request, known);
    const counts = new Map<number, number>();
    const routes = new Map<string, number>();
    const failures = new Map<string, string>();
    const isLong = RUNS >= LONG;
    const details = await fc.check(
      fc.asyncProperty(requests, async (request) => {
        const status = await check(request, known).catch((error: unknown) => {
          // A long run tells all that it finds, once for each route; a short one the shortest request that fails.
          if (!isLong) throw error;
          if (!failures.has(request.route)) failures.set(request.route, String(error));
          return 0;
        });
        routes.set(request.route, (routes.get(request.route) ?? 0) + (isAnswered(status) ? 1 : 0));
        counts.set(status, (counts.get(status) ?? 0) + 1);
      }),
      { numRuns: RUNS, seed: SEED, interruptAfterTimeLimit: MINUTES * 60_000 },
    );
    console.info(
      `fuzz: seed ${SEED}, ${details.numRuns} requests, by status`,
      Object.fromEntries([...counts].toSorted()),
    );
    if (details.failed) throw new Error(fc.defaultReportMessage(details), { cause: details.errorInstance });
    expect([...failures.values()]).toEqual([]);
    // The generators are worth something only when many requests get past the checks. Half of all are wild.
    const answered = [...counts].reduce((sum, [status, count]) => sum + (isAnswered(status) ? count : 0), 0);
    const never = [...routes].flatMap(([route, count]) => (count === 0 ? [route] : []));
    console.info(`fuzz: ${answered} answered; never: ${never.join(', ')}`);
    expect(answered).toBeGreaterThan(details.numRuns / 3);
  },
  (MINUTES + 5) * 60_000,
);
