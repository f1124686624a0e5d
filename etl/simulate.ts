/**
 * A district that lives: people report, staff take what is reported through the workflow, on a normal day, in a storm, at a
 * festival; sensors speak and vehicles move (`feed.ts`).
 *
 *   npm run simulate -- --rate 0.5 --scenario storm
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
import { keepRulesOn } from './simulate/alarm-rules.ts';
import { factorAt, scenarioOf, scenarios, type ScenarioId } from './simulate/scenarios.ts';
import { Staff, type Case } from './simulate/staff.ts';

export interface SimulateOptions {
  /** Base of the API. */
  url: string;
  /** Incidents a second, on average. */
  rate: number;
  scenario: ScenarioId;
  /** Incidents open on a normal day, on average: staff work as fast as that takes. */
  open: number;
  headers?: Record<string, string>;
}

/** How long the API may be away, ms. */
const PATIENCE = 120_000;
/** What is open at the start happened in this time before it, ms. */
const MORNING = 3 * 3_600_000;
/** Key prefix of what is reported here: nothing else is ever touched. */
const PREFIX = 'demo-';

/** Reports and works until `signal`. Waits for the district to be loaded. @throws when the API stays away */
export async function simulate(options: SimulateOptions, signal: AbortSignal): Promise<void> {
  const { url, rate, open, headers = {} } = options;
  const scenario = scenarioOf(options.scenario);
  const cells = await waitForCells(url, headers, signal);
  const incidents = generateIncidents({
    seed: Date.now(),
    count: Number.MAX_SAFE_INTEGER,
    start: new Date(),
    ratePerSecond: rate,
    mesh: meshOf(cells),
    weights: scenario.weights,
    graver: scenario.graver,
    ...('focus' in scenario ? { focus: scenario.focus } : {}),
  });
  const sender = new Sender({ url, headers, patience: PATIENCE });
  const staff = new Staff({ sender, whole: (1000 * open * scenario.patience) / rate, most: open * 2 });
  for (const known of await openDemoIncidents(url, headers)) staff.take(known);
  const report = (number: number, at: number): Report => ({
    ...(incidents.next().value as Report),
    key: `${PREFIX}${at}-${number}-${Math.random().toString(36).slice(2, 8)}`,
    occurredAt: new Date(at).toISOString(),
  });
  const send = async (reports: readonly Report[]) => {
    const categories = new Map(reports.map(({ key, category }) => [key, category]));
    for (const { id, key } of await sender.send(reports)) {
      staff.take({ id, stage: 'collected', category: categories.get(key) ?? '' });
    }
  };
  if (staff.size < open / 2) {
    // A district does not begin its day empty.
    const now = Date.now();
    const times = Array.from({ length: Math.ceil(open / 2) - staff.size }, () => now - Math.random() * MORNING);
    await send(times.toSorted((a, b) => a - b).map((at, i) => report(i, Math.round(at))));
  }
  // Who fails stops the other.
  const broken = new AbortController();
  const both = AbortSignal.any([signal, broken.signal]);
  const working = staff.work(both).finally(() => broken.abort());
  const started = Date.now();
  for (let number = 0; !both.aborted; number++) {
    // Times between independent events are exponentially distributed.
    const now = rate * factorAt(scenario, (Date.now() - started) / 1000);
    await pause((-Math.log(1 - Math.random()) / now) * 1000, undefined, { signal: both }).catch(() => undefined);
    if (both.aborted) break;
    await send([report(number, Date.now())]);
  }
  await working;
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

/** What an earlier run left open, oldest first. */
async function openDemoIncidents(url: string, headers: Record<string, string>): Promise<Case[]> {
  const answer = await fetch(new URL('/api/incidents?limit=5000', url), { headers });
  if (!answer.ok) throw new Error(`${answer.url}: ${answer.status} ${await answer.text()}`);
  const { incidents } = (await answer.json()) as { incidents: (Case & { key: string })[] };
  return incidents
    .filter(({ key }) => key.startsWith(PREFIX))
    .map(({ id, stage, category }) => ({ id, stage, category }))
    .toReversed();
}

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      rate: { type: 'string', default: '0.5' },
      scenario: { type: 'string', default: 'normal' },
      open: { type: 'string', default: '300' },
      url: { type: 'string', default: `http://127.0.0.1:${readEnv().port}` },
      token: { type: 'string' },
    },
  });
  const [rate, open] = [Number(values.rate), Number(values.open)];
  if (!(rate > 0 && rate <= 100)) throw new Error(`--rate ${values.rate}: must be above 0 and at most 100`);
  if (!(Number.isInteger(open) && open > 0)) throw new Error(`--open ${values.open}: must be a whole number above 0`);
  const scenario = (Object.keys(scenarios) as ScenarioId[]).find((id) => id === values.scenario);
  if (!scenario) throw new Error(`--scenario ${values.scenario}: must be ${Object.keys(scenarios).join(', ')}`);
  const stop = new AbortController();
  for (const signal of ['SIGTERM', 'SIGINT', 'disconnect'] as const) process.once(signal, () => stop.abort());
  const headers: Record<string, string> = values.token === undefined ? {} : { Authorization: `Bearer ${values.token}` };
  // Sensors and vehicles live in the same process: it costs them a few requests a minute.
  await Promise.all([
    simulate({ url: values.url, rate, scenario, open, headers }, stop.signal),
    feed({ url: values.url, headers, weather: scenario }, stop.signal),
    // What sensors say becomes alarms by rules, not by hand.
    keepRulesOn(values.url, headers, scenario, stop.signal),
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
