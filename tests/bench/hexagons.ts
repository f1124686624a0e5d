import http from 'node:http';
import { join } from 'node:path';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { setImmediate } from 'node:timers/promises';
import { aggregate } from '../../server/aggregate/aggregate.ts';
import { createColumnStore, liveLoadOf } from '../../server/aggregate/column-store.ts';
import type { Column, ColumnTable } from '../../server/aggregate/column-table.ts';
import { createLocalFiller } from '../../server/aggregate/filler.ts';
import { hexagonIndex } from '../../server/aggregate/hexagon-index.ts';
import { createTurns } from '../../server/aggregate/turns.ts';
import { getLayer } from '../../layers/index.ts';
import type { Layer } from '../../layers/define.ts';
import type { Database } from '../../server/db/connect.ts';
import { parseFilter } from '../../server/filter/parse.ts';
import type { Predicate } from '../../server/filter/predicate.ts';
import { listLayerStates } from '../../server/queries/layer-state.ts';
import { ApiProcess, freePort } from '../chaos/api-process.ts';
import { countHexagons } from '../support/group-counts.ts';
import { duckHexagons, openDuck } from './duck.ts';
import { alternate, type Comparison, median, percentile, timed } from './measure.ts';
import { plainHexagons } from './plain-hexagons.ts';

const total = (counts: readonly number[]): number => counts.reduce((sum, count) => sum + count, 0);

/** An arbitrary filter that no index answers. */
const FILTER = {
  and: [
    { field: 'sex', op: '=', value: 'F' },
    { field: 'birth_date', op: '<=', value: '1966-11-01' },
    { field: 'residence_kind', op: 'in', value: ['registered', 'resident'] },
  ],
};
/** The same in DuckDB. */
const DUCK_FILTER = "sex = 'F' and birth_date <= date '1966-11-01' and residence_kind in ('registered', 'resident')";

const TIMES_LARGER = 10;

/**
 * Hexagon counts of the person layer at resolution 9: the column store against the plain SQL GROUP BY over the same rows, and
 * against DuckDB over the same columns where it is installed, until the groups are in the process; then at the API, over
 * HTTP, each question another so that nothing is answered from a cache; then ten times the rows. The groups are compared first.
 */
export async function benchHexagons(options: {
  db: Database;
  url: string;
  scratch: string;
  runs: number;
}): Promise<{ comparisons: Comparison[]; notes: string[] }> {
  const { db, url, scratch, runs } = options;
  const layer = getLayer('person');
  const state = (await listLayerStates(db.sql)).find(({ layerId }) => layerId === layer.id);
  if (!state) throw new Error('the person layer is not loaded');
  const folder = join(scratch, 'columns');
  let table: ColumnTable | null = null;
  const fill = async (): Promise<void> => {
    table = await createColumnStore(createLocalFiller(db.sql, folder)).table(layer, liveLoadOf(state));
  };
  const fillMs = await timed(fill);
  // A restart finds the snapshot that the first one has written.
  const warmMs = await timed(fill);
  if (table === null) throw new Error('the column store did not take the layer');
  const ready: ColumnTable = table;
  const rows = state.rows.toLocaleString('en');
  const comparisons: Comparison[] = [];
  const notes: string[] = [];
  const ours = (predicate: Predicate) => async () => countHexagons(ready, predicate, 9);
  for (const [label, text] of [
    ['three conditions', JSON.stringify(FILTER)],
    ['no filter', undefined],
  ] as const) {
    const predicate = parseFilter(text, layer);
    const [a, b] = [countHexagons(ready, predicate, 9), await plainHexagons(db.sql, layer, predicate, 9)];
    if (a.groups.length !== b.groups.length || total(a.counts) !== total(b.counts) || a.outside !== b.outside) {
      throw new Error(`the column store and SQL disagree: ${a.groups.length} and ${b.groups.length} cells`);
    }
    const times = await alternate(runs, ours(predicate), () => plainHexagons(db.sql, layer, predicate, 9));
    comparisons.push(
      compared(`hexagons res 9, ${rows} persons, ${label} (SQL GROUP BY)`, times, '≥ 15× at 1.3 M rows'),
    );
  }

  const duck = await openDuck();
  if (duck === null) {
    notes.push('DuckDB is not installed: `npm i --no-save @duckdb/node-api` and run again to compare with it');
  } else {
    await duck.load(ready);
    const predicate = parseFilter(JSON.stringify(FILTER), layer);
    for (const [label, condition, asked] of [
      ['three conditions', DUCK_FILTER, predicate],
      ['no filter', 'true', parseFilter(undefined, layer)],
    ] as const) {
      const [a, b] = [countHexagons(ready, asked, 9), await duckHexagons(duck, condition, 9)];
      if (a.groups.length !== b.length || total(a.counts) !== total(b.map(({ count }) => count))) {
        throw new Error(`the column store and DuckDB disagree: ${a.groups.length} and ${b.length} cells`);
      }
      const times = await alternate(runs, ours(asked), () => duckHexagons(duck, condition, 9));
      comparisons.push(compared(`the same, ${label} (DuckDB, same columns, all cores)`, times, '≥ 1.0×'));
    }
    duck.close();
  }

  comparisons.push(await atTheApi({ db, url, scratch, layer, rows, runs: Math.max(runs, 60) }));

  comparisons.push(await besideScreens(ready, rows));

  const large = repeated(ready, TIMES_LARGER);
  const predicate = parseFilter(JSON.stringify(FILTER), layer);
  const growth = await alternate(runs, ours(predicate), async () => countHexagons(large, predicate, 9));
  const [one, ten] = [median(growth.a), median(growth.b)];
  comparisons.push({
    name: `${(state.rows * TIMES_LARGER).toLocaleString('en')} rows, three conditions (${TIMES_LARGER} times the time for ${rows})`,
    ours: `${ten.toFixed(1)} ms`,
    reference: `${(one * TIMES_LARGER).toFixed(1)} ms`,
    ratio: (one * TIMES_LARGER) / ten,
    target: '≥ 0.9×: no worse than linear',
  });
  const pyramid = await timed(async () =>
    aggregate(ready, {
      predicate,
      metric: { kind: 'count' },
      by: [
        { kind: 'age', field: { name: 'birth_date', type: 'date' }, breaks: [15, 60, 65, 80], on: '2026-11-27' },
        { kind: 'values', field: { name: 'sex', type: 'string' } },
      ],
    }),
  );
  const perMillion = ready.bytes / (ready.rows / 1e6) / 1e6;
  notes.push(
    `column store: ${(ready.bytes / 1e6).toFixed(1)} MB for ${rows} rows, ${perMillion.toFixed(1)} MB per million; filled in ${(fillMs / 1000).toFixed(1)} s, from its snapshot in ${(warmMs / 1000).toFixed(2)} s`,
    `memory of ${(large.rows / 1e6).toFixed(1)} million rows: ${(large.bytes / 1e6).toFixed(0)} MB; age by sex over ${rows} rows, first time: ${pyramid.toFixed(0)} ms`,
  );
  return { comparisons, notes };
}

function compared(name: string, { a, b }: { a: number[]; b: number[] }, target: string): Comparison {
  const [ours, reference] = [median(a), median(b)];
  return {
    name,
    ours: `${ours.toFixed(1)} ms`,
    reference: `${reference.toFixed(1)} ms`,
    ratio: reference / ours,
    target,
  };
}

/** The filter with another date for each number. */
function filterOf(n: number): string {
  return JSON.stringify(FILTER).replace('1966-11-01', new Date(Date.UTC(1966, 0, 1 + n)).toISOString().slice(0, 10));
}

/** Over HTTP on loopback, JSON as the dashboard asks for it; every question has another date, and none was asked before. */
async function atTheApi(options: {
  db: Database;
  url: string;
  scratch: string;
  layer: Layer;
  rows: string;
  runs: number;
}): Promise<Comparison> {
  const { db, url, scratch, layer, rows, runs } = options;
  const api = new ApiProcess(await freePort(), { DATABASE_URL: url, DATA_DIR: scratch }, join(scratch, 'hexagons.log'));
  await api.start();
  const agent = new http.Agent({ keepAlive: true, maxSockets: 1 });
  const ask = (n: number): Promise<unknown> =>
    new Promise((resolve, reject) => {
      const address = `${api.url}/api/layers/person/h3?res=9&filter=${encodeURIComponent(filterOf(n))}`;
      http
        .get(address, { agent }, (response) => {
          if (response.statusCode !== 200) reject(new Error(`${address} answered ${response.statusCode}`));
          response.resume().on('end', resolve);
        })
        .on('error', reject);
    });
  try {
    // The columns are read with the first question; then the compiler needs some.
    for (let n = 0; n < 40; n++) {
      await ask(n);
      if (n === 0) await new Promise((resolve) => setTimeout(resolve, 5000));
    }
    let n = 1000;
    const times = await alternate(
      runs,
      () => ask(n++),
      () => plainHexagons(db.sql, layer, parseFilter(filterOf(n), layer), 9),
    );
    const [p50, p95] = [percentile(times.a, 0.5), percentile(times.a, 0.95)];
    return {
      name: `the same at the API, ${rows} persons, three conditions, JSON (SQL GROUP BY in process)`,
      ours: `p50 ${p50.toFixed(1)} ms, p95 ${p95.toFixed(1)} ms`,
      reference: `${median(times.b).toFixed(1)} ms`,
      ratio: median(times.b) / p50,
      target: 'p50 ≤ 12 ms and ≥ 15× at 1.3 M rows',
    };
  } finally {
    agent.destroy();
    await api.kill();
  }
}

/**
 * How late a timer fires, which is how late a push to a screen is, while 50 readers count without a pause: one count per
 * turn of the event loop as the service does it, and all that are there at once.
 */
async function besideScreens(table: ColumnTable, rows: string): Promise<Comparison> {
  const layer = getLayer('person');
  const predicates = Array.from({ length: 20 }, (_, n) => parseFilter(filterOf(n), layer));
  const inTurn = createTurns();
  async function delayWhile(
    count: (work: () => unknown) => Promise<unknown>,
  ): Promise<{ p99: number; counts: number }> {
    const delay = monitorEventLoopDelay({ resolution: 1 });
    const end = performance.now() + 4000;
    let counts = 0;
    delay.enable();
    await Promise.all(
      Array.from({ length: 50 }, async (_, reader) => {
        while (performance.now() < end) {
          await count(() => countHexagons(table, predicates[(reader + counts) % predicates.length] as Predicate, 9));
          counts++;
          // The next request comes over a socket.
          await setImmediate();
        }
      }),
    );
    delay.disable();
    return { p99: delay.percentile(99) / 1e6, counts };
  }
  const ours = await delayWhile(inTurn);
  const reference = await delayWhile(async (work) => work());
  return {
    name: `event loop while 50 readers count ${rows} persons: p99 delay (all at once)`,
    ours: `${ours.p99.toFixed(0)} ms, ${Math.round(ours.counts / 4)} counts/s`,
    reference: `${reference.p99.toFixed(0)} ms, ${Math.round(reference.counts / 4)} counts/s`,
    ratio: reference.p99 / ours.p99,
    target: 'p99 ≤ 50 ms',
  };
}

/** Every row so many times, in the order of its cell: the same cells with more people. */
function repeated(table: ColumnTable, times: number): ColumnTable {
  type Numbers = Exclude<Column, { kind: 'text' }>['values'] | Uint16Array | Uint32Array;
  function repeat<T extends Numbers>(values: T): T {
    const large = new (values.constructor as new (size: number) => T)(values.length * times);
    values.forEach((value, row) => large.fill(value, row * times, (row + 1) * times));
    return large;
  }
  function column<T extends Column>(from: T): T {
    return from.kind === 'text' ? { ...from, codes: repeat(from.codes) } : { ...from, values: repeat(from.values) };
  }
  const { grid, community, town } = table.cells;
  const large: ColumnTable = {
    ...table,
    rows: table.rows * times,
    located: table.located * times,
    cellLow: repeat(table.cellLow),
    cellHigh: typeof table.cellHigh === 'number' ? table.cellHigh : repeat(table.cellHigh),
    lon: repeat(table.lon),
    lat: repeat(table.lat),
    cells: { grid: column(grid), community: column(community), town: column(town) },
    fields: new Map([...table.fields].map(([name, each]) => [name, column(each)])),
    bytes: table.bytes * times,
  };
  // Made with the first question, as for any table.
  hexagonIndex(large, 9);
  return large;
}
