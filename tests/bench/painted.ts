import { mkdtemp, rm } from 'node:fs/promises';
import http from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { chromium, type Browser, type Page } from '@playwright/test';
import { PNG } from 'pngjs';
import { generateIncidents, type IncidentInput } from '../../etl/demo/events.ts';
import { generateDistrict } from '../../etl/demo/generate.ts';
import { loadDelivery } from '../../etl/load.ts';
import type { Database } from '../../server/db/connect.ts';
import { loadMesh } from '../../server/db/mesh.ts';
import { categories } from '../../server/incidents/categories.ts';
import { BASE_LAYERS } from '../../web/map/base-style.ts';
import { dark } from '../../web/theme.ts';
import { until } from '../support/event-stream.ts';
import { HelperProcess } from './live-processes/helper-process.ts';
import type { ScreensAnswer, ScreensJob } from './live-processes/screens.ts';
import { flushingToDisk, startLiveService, type LiveService } from './live-service.ts';
import { percentile } from './measure.ts';
import { watchFrames } from './painted-frames.ts';
import { cpuOf, treeCpu } from './process-cpu.ts';

/** Incidents a second, and other screens that follow meanwhile: a storm, and what must hold. */
const CASES = [
  { rate: 200, screens: 20 },
  { rate: 1000, screens: 1000 },
] as const;
/** Shaders are compiled and the first pulses drawn before anything is measured, s. A wall runs for days. */
const WARM_UP = 3;
/** What must hold, ms. */
const P99 = 1000;
/** How long the base map may take, ms. */
const MAP_PATIENCE = 180_000;
/** How long the last marks are waited for, ms: what is later than this is lost. */
const PATIENCE = 30_000;

export interface PaintedOptions {
  /** A PostgreSQL server on this machine, on which databases may be made and settings changed. */
  url: string;
  runs: number;
  /** Of the district that is drawn. */
  scale: number;
  seconds?: number;
  say(text: string): void;
}

/**
 * POST → pixel: incidents are reported one by one at a steady rate, and a wall in Chromium (1920 × 1080) says when the frame
 * with the mark of each was drawn to its end. Over a district with its base map, as a wall has it.
 */
export async function benchPainted(options: PaintedOptions): Promise<{ notes: string[] }> {
  const { url, runs, scale, seconds = 20, say } = options;
  const dir = await mkdtemp(join(tmpdir(), 'onemap-bench-painted-'));
  const screens = new HelperProcess<ScreensJob, ScreensAnswer>('screens');
  try {
    return await flushingToDisk(url, async () => {
      say(`generating and loading what a wall draws, scale ${scale} …`);
      const fill = (db: Database) => loadDistrict(db, join(dir, 'delivery'), scale);
      const service = await startLiveService({ url, dir, name: 'painted', entry: ['server/main.ts'], fill });
      const server = await chromium.launchServer({
        executablePath: process.env['CHROMIUM'] ?? '/usr/bin/chromium',
        // As it starts by itself on a machine without a graphics card: WebGL by SwiftShader, the page put together by the processor.
        args: ['--no-sandbox', '--enable-unsafe-swiftshader'],
      });
      try {
        const browser = await chromium.connect(server.wsEndpoint());
        await until('the dashboard', () => isBuilt(service.api.url), 300_000);
        const places = generateIncidents({
          seed: 7,
          count: Number.MAX_SAFE_INTEGER,
          start: new Date(),
          ratePerSecond: 1,
          mesh: await loadMesh(service.db.sql),
        });
        const notes: string[] = [];
        for (const { rate, screens: others } of CASES) {
          await screens.ask({ kind: 'open', url: service.api.url, run: 'none', screens: others, probes: 1 });
          const results: Painted[] = [];
          for (let run = 0; run < runs; run++) {
            const chromiumPid = server.process().pid ?? 0;
            results.push(await paint({ browser, chromiumPid, service, places, rate, seconds }));
          }
          notes.push(tell(rate, others, seconds, results));
          say(notes.at(-1) as string);
        }
        return { notes };
      } finally {
        await server.close();
        await service.close();
      }
    });
  } finally {
    screens.close();
    await rm(dir, { recursive: true, force: true });
  }
}

interface Painted {
  /** ms from the time a report was due to the end of the frame with its mark. */
  latencies: number[];
  /** Incidents that were linked to another before they got a mark of their own: they are drawn as its number. */
  linked: number;
  frames: number;
  /** As the wall tells it itself: receipt → frame. */
  own: string;
  /** Cores used. */
  api: number;
  chromium: number;
}

function tell(rate: number, screens: number, seconds: number, results: readonly Painted[]): string {
  const p99 = (result: Painted): number => percentile(result.latencies, 0.99);
  const best = results.toSorted((a, b) => p99(a) - p99(b))[0]!;
  return (
    `painted: ${rate}/s single POSTs for ${seconds} s, a wall in Chromium (1920 × 1080, drawn in software, no GPU) and ` +
    `${screens} other screens: POST → pixel p50 ${percentile(best.latencies, 0.5).toFixed(0)} ms, p99 ${p99(best).toFixed(0)} ms ` +
    `(best of ${results.map((result) => p99(result).toFixed(0)).join(', ')}; must be < ${P99}: ` +
    `${p99(best) < P99 ? 'holds' : 'DOES NOT HOLD'}); ${best.latencies.length} marks in ${best.frames} frames ` +
    `(${(best.frames / seconds).toFixed(1)} a second), ${best.linked} drawn as reports of another, none missing; the wall itself ` +
    `tells ${best.own}; CPU: API ${best.api.toFixed(2)}, Chromium ${best.chromium.toFixed(2)} cores`
  );
}

async function paint(options: {
  browser: Browser;
  chromiumPid: number;
  service: LiveService;
  places: Iterator<IncidentInput>;
  rate: number;
  seconds: number;
}): Promise<Painted> {
  const { browser, chromiumPid, service, places, rate, seconds } = options;
  const page = await browser.newPage({ viewport: { width: 1920, height: 1080 } });
  const faults: string[] = [];
  page.on('pageerror', ({ message }) => faults.push(message));
  page.on('requestfailed', (request) => faults.push(`${request.url()}: ${request.failure()?.errorText}`));
  page.on('response', (answer) => answer.status() >= 400 && faults.push(`${answer.url()}: ${answer.status()}`));
  try {
    // What tsx adds to functions that it compiles, and that travel into the page.
    await page.addInitScript('globalThis.__name = (made) => made');
    await page.goto(`${service.api.url}/wall`);
    await page
      .waitForFunction(() => window.oneMap?.map.areTilesLoaded(), null, { timeout: MAP_PATIENCE })
      .catch(async (cause: unknown) => {
        const shown = await page.locator('.om-map').innerText({ timeout: 5_000 }).catch(String);
        throw new Error(`no map after ${MAP_PATIENCE / 1000} s; there it says: ${shown}; ${faults.join('; ')}`, {
          cause,
        });
      });
    await page.evaluate(watchFrames);
    const before = await severityPixels(page);
    await report(service.api.url, places, rate, WARM_UP);
    const cpu = [cpuOf(service.api.pid as number), treeCpu(chromiumPid)] as const;
    const frames = await page.evaluate(() => window.frameWatch!.frames());
    const sent = await report(service.api.url, places, rate, seconds);
    const [api, chrome] = [cpuOf(service.api.pid as number) - cpu[0], treeCpu(chromiumPid) - cpu[1]];
    const after = await page.evaluate(() => window.frameWatch!.frames());
    const { drawn, missing } = await drawnOf(page, service, sent);
    if (missing.length > 0)
      throw new Error(`${missing.length} incidents never got a mark, the first of them ${missing[0]}`);
    if ((await severityPixels(page)) <= before) throw new Error('the picture holds no more marks than before');
    const own = (await page.getByTestId('latency').innerText()).replaceAll(/\s+/g, ' ');
    const latencies = [...drawn].map(([id, at]) => at - (sent.get(id) as number));
    return {
      latencies,
      linked: sent.size - latencies.length,
      frames: after - frames,
      own,
      api: api / seconds,
      chromium: chrome / seconds,
    };
  } finally {
    await page.close();
  }
}

/** Reports at a steady rate. Id -> when it was due: the way counts from then, not from when we got round to it. */
async function report(
  url: string,
  places: Iterator<IncidentInput>,
  rate: number,
  seconds: number,
): Promise<Map<number, number>> {
  const sent = new Map<number, number>();
  const run = Math.random().toString(36).slice(2, 8);
  const start = Date.now();
  const waiting: Promise<void>[] = [];
  for (let number = 0; number < rate * seconds; number++) {
    const due = Math.round(start + (number * 1000) / rate);
    if (due > Date.now()) await new Promise((resolve) => setTimeout(resolve, due - Date.now()));
    const { value } = places.next() as { value: IncidentInput };
    // Of all kinds in turn: reports of the same thing would be linked, and drawn as one mark.
    const { code, title } = categories[(number * 97) % categories.length]!;
    const body = {
      ...value,
      category: code,
      title: `${title.zh} ${number}`,
      key: `painted-${run}-${number}`,
      occurredAt: new Date(due).toISOString(),
    };
    waiting.push(post(`${url}/api/incidents`, body).then((id) => void sent.set(id, due)));
  }
  await Promise.all(waiting);
  return sent;
}

const agent = new http.Agent({ keepAlive: true, maxSockets: 128 });

/** One POST; the id of what was reported. */
function post(url: string, body: unknown): Promise<number> {
  return new Promise((resolve, reject) => {
    const payload = JSON.stringify(body);
    const headers = { 'Content-Type': 'application/json', 'Content-Length': Buffer.byteLength(payload) };
    const request = http.request(url, { method: 'POST', agent, headers }, (answer) => {
      const parts: Buffer[] = [];
      answer.on('data', (part: Buffer) => parts.push(part));
      answer.on('end', () => {
        const text = Buffer.concat(parts).toString();
        if (answer.statusCode === 201) resolve((JSON.parse(text) as { id: number }).id);
        else reject(new Error(`${url} answered ${answer.statusCode}: ${text}`));
      });
    });
    request.on('error', reject).end(payload);
  });
}

/** When each was drawn, ms since 1970; and which have no mark, although they are reports of no other incident. */
async function drawnOf(
  page: Page,
  service: LiveService,
  sent: ReadonlyMap<number, number>,
): Promise<{ drawn: Map<number, number>; missing: number[] }> {
  let drawn = new Map<number, number>();
  let missing: number[] = [];
  const look = async (): Promise<boolean> => {
    const all = await page.evaluate(() => window.frameWatch!.drawn());
    drawn = new Map(all.filter(([id]) => sent.has(id)));
    const rest = [...sent.keys()].filter((id) => !drawn.has(id));
    const linked = await service.db.sql<{ id: number }[]>`
      select id::int4 from app.incident where id = any(${rest}::int8[]) and parent_id is not null`;
    const known = new Set(linked.map(({ id }) => id));
    missing = rest.filter((id) => !known.has(id));
    return missing.length === 0;
  };
  const end = Date.now() + PATIENCE;
  while (!(await look()) && Date.now() < end) await new Promise((resolve) => setTimeout(resolve, 250));
  return { drawn, missing };
}

/** Pixels of the map in the colour of a severity, grey aside: marks are really on the picture. */
async function severityPixels(page: Page): Promise<number> {
  const { data } = PNG.sync.read(await page.locator('.om-map').screenshot({ timeout: 120_000 }));
  const wanted = ([1, 2, 3, 4] as const).map((severity) => Number.parseInt(dark.severity[severity].slice(1), 16));
  let found = 0;
  for (let at = 0; at < data.length; at += 4) {
    const near = (value: number, channel: number, shift: number): boolean =>
      Math.abs((data[at + channel] ?? 0) - ((value >> shift) & 255)) <= 10;
    if (wanted.some((value) => near(value, 0, 16) && near(value, 1, 8) && near(value, 2, 0))) found += 1;
  }
  return found;
}

async function isBuilt(url: string): Promise<boolean> {
  const answer = await fetch(`${url}/wall`);
  return answer.ok && (await answer.text()).includes('<script');
}

/** The layers of the base map and the micro-grids. */
async function loadDistrict(db: Database, dir: string, scale: number): Promise<void> {
  const layers = [...BASE_LAYERS, 'governance_grid'];
  await generateDistrict({ scale, seed: 1, out: dir, only: layers });
  const reports = await loadDelivery({ db, dir, layers, force: true });
  for (const { layer, status, error } of reports) {
    if (status !== 'published') throw new Error(`${layer} was not loaded: ${error?.text.en}`);
  }
}
