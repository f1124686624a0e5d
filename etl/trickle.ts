/**
 * Keeps a demo alive: reports plausible incidents at random times and closes old ones, so that a bounded number is open, and lets
 * sensors speak and vehicles move (`feed.ts`).
 *
 *   tsx etl/trickle.ts --rate 0.5 --open 300
 */
import { setTimeout as pause } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import type { Feature, MultiPolygon, Polygon } from 'geojson';
import { buildMesh, type GridMesh } from '../server/db/mesh.ts';
import { generateIncidents } from './demo/events.ts';
import { readEnv } from './env.ts';
import { feed } from './feed.ts';
import { fetchCells } from './replay/placement.ts';
import { Sender, type Report } from './replay/sender.ts';

export interface TrickleOptions {
  /** Base of the API. */
  url: string;
  /** Incidents a second, on average. */
  rate: number;
  /** Incidents open at most; the oldest are closed first. */
  open: number;
  headers?: Record<string, string>;
}

/** How long the API may be away, ms. */
const PATIENCE = 120_000;
/** What is open at the start happened in this time before it, ms. */
const MORNING = 3 * 3_600_000;
/** Key prefix of what is reported here: nothing else is ever closed. */
const PREFIX = 'demo-';

/** Reports and closes until `signal`. Waits for the district to be loaded. @throws when the API stays away */
export async function trickle({ url, rate, open, headers = {} }: TrickleOptions, signal: AbortSignal): Promise<void> {
  const cells = await waitForCells(url, headers, signal);
  const incidents = generateIncidents({
    seed: Date.now(),
    count: Number.MAX_SAFE_INTEGER,
    start: new Date(),
    ratePerSecond: rate,
    mesh: meshOf(cells),
  });
  const sender = new Sender({ url, headers, patience: PATIENCE });
  const ids = await openDemoIncidents(url, headers);
  const report = (number: number, at: number): Report => ({
    ...(incidents.next().value as Report),
    key: `${PREFIX}${at}-${number}-${Math.random().toString(36).slice(2, 8)}`,
    occurredAt: new Date(at).toISOString(),
  });
  if (ids.length < open / 2) {
    // A district does not begin its day empty.
    const now = Date.now();
    const times = Array.from({ length: Math.ceil(open / 2) - ids.length }, () => now - Math.random() * MORNING);
    const stored = await sender.send(times.toSorted((a, b) => a - b).map((at, i) => report(i, Math.round(at))));
    ids.push(...stored.map(({ id }) => id));
  }
  for (let number = 0; !signal.aborted; number++) {
    // Times between independent events are exponentially distributed.
    await pause((-Math.log(1 - Math.random()) / rate) * 1000, undefined, { signal }).catch(() => undefined);
    if (signal.aborted) return;
    const stored = await sender.send([report(number, Date.now())]);
    ids.push(...stored.map(({ id }) => id));
    while (ids.length > open) await sender.close(ids.shift() as number);
  }
}

async function waitForCells(
  url: string,
  headers: Record<string, string>,
  signal: AbortSignal,
): Promise<Feature<Polygon | MultiPolygon>[]> {
  for (;;) {
    const cells = await fetchCells(url, headers).catch(() => []);
    if (cells.length > 0 || signal.aborted) return cells;
    await pause(2000, undefined, { signal }).catch(() => undefined);
  }
}

/** The micro-grids of the API as a mesh, so that nothing is reported outside of them. */
function meshOf(cells: readonly Feature<Polygon | MultiPolygon>[]): GridMesh {
  return buildMesh(
    cells.map(({ properties, geometry }) => ({
      code: String(properties?.['grid_code']),
      rings: geometry.type === 'Polygon' ? geometry.coordinates : geometry.coordinates.flat(),
    })),
  );
}

/** Ids of what an earlier run left open, oldest first. */
async function openDemoIncidents(url: string, headers: Record<string, string>): Promise<number[]> {
  const answer = await fetch(new URL('/api/incidents?limit=5000', url), { headers });
  if (!answer.ok) throw new Error(`${answer.url}: ${answer.status} ${await answer.text()}`);
  const { incidents } = (await answer.json()) as { incidents: { id: number; key: string }[] };
  return incidents
    .filter(({ key }) => key.startsWith(PREFIX))
    .map(({ id }) => id)
    .toReversed();
}

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      rate: { type: 'string', default: '0.5' },
      open: { type: 'string', default: '300' },
      url: { type: 'string', default: `http://127.0.0.1:${readEnv().port}` },
      token: { type: 'string' },
    },
  });
  const [rate, open] = [Number(values.rate), Number(values.open)];
  if (!(rate > 0 && rate <= 100)) throw new Error(`--rate ${values.rate}: must be above 0 and at most 100`);
  if (!(Number.isInteger(open) && open > 0)) throw new Error(`--open ${values.open}: must be a whole number above 0`);
  const stop = new AbortController();
  for (const signal of ['SIGTERM', 'SIGINT', 'disconnect'] as const) process.once(signal, () => stop.abort());
  const headers: Record<string, string> = values.token === undefined ? {} : { Authorization: `Bearer ${values.token}` };
  // Sensors and vehicles live in the same process: it costs them a few requests a minute.
  await Promise.all([
    trickle({ url: values.url, rate, open, headers }, stop.signal),
    feed({ url: values.url, headers }, stop.signal),
  ]);
}

if (process.argv[1] === import.meta.filename) {
  // Ends with the service that started it, however that ended.
  main().then(
    () => process.exit(0),
    (error: unknown) => {
      console.error(error instanceof Error ? error.message : error);
      process.exit(1);
    },
  );
}
