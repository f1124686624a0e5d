import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:net';
import { resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, expect, it } from 'vitest';
import { testDatabase, testTarget } from '../support/database.ts';
import { followFromHere } from '../support/follow-from-here.ts';

const ROOT = resolve(import.meta.dirname, '../..');
let child: ChildProcess | undefined;
afterEach(() => child?.kill('SIGKILL'));

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  server.close();
  await once(server, 'close');
  return typeof address === 'object' && address !== null ? address.port : 0;
}

/** Starts the service on the database of the tests. What it prints is in `output`. */
async function start(environment: Record<string, string> = {}): Promise<{ url: string; output: () => string }> {
  const { url: databaseUrl, dataDir } = testTarget();
  const port = await freePort();
  let output = '';
  child = spawn(process.execPath, ['--import', 'tsx', 'server/main.ts', '--api'], {
    cwd: ROOT,
    env: {
      ...process.env,
      PORT: String(port),
      DEMO: '0',
      DATABASE_URL: databaseUrl ?? '',
      ...(dataDir === undefined ? {} : { DATA_DIR: dataDir }),
      ...environment,
    },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  for (const stream of [child.stdout, child.stderr])
    stream?.on('data', (chunk: Buffer) => (output += chunk.toString()));
  return { url: `http://127.0.0.1:${port}`, output: () => output };
}

/** The first answer of an address that satisfies, or an error with the last one. */
async function until(url: string, isWanted: (response: Response) => boolean): Promise<Response> {
  let last: unknown;
  for (let n = 0; n < 900; n++) {
    try {
      const response = await fetch(url);
      if (isWanted(response)) return response;
      last = `${response.status} ${await response.text()}`;
    } catch (error) {
      last = error;
    }
    await sleep(100);
  }
  throw new Error(`${url}: ${String(last)}`);
}

it('listens before the database is open, serves API and live stream, and ends in order', async () => {
  await followFromHere((await testDatabase()).sql);
  const { url, output } = await start();
  // Whatever comes first: the service never answers with anything but its own shapes.
  const first = await until(`${url}/api/layers`, () => true);
  expect([200, 503]).toContain(first.status);
  expect(await first.json()).toSatisfy((body: object) => 'error' in body || 'layers' in body);
  expect((await until(`${url}/healthz`, ({ ok }) => ok)).status).toBe(200);

  const layers = (await (await fetch(`${url}/api/layers`)).json()) as { layers: unknown[] };
  expect(layers.layers.length).toBeGreaterThan(10);
  const refused = await fetch(`${url}/api/layers`, { headers: { Authorization: 'Bearer nobody' } });
  expect(refused.status).toBe(401);

  const abort = new AbortController();
  const live = await fetch(`${url}/api/live?plain=1`, { signal: abort.signal });
  expect(live.headers.get('Content-Type')).toMatch('text/event-stream');
  const reader = live.body?.getReader();
  const chunk = await reader?.read();
  expect(Buffer.from(chunk?.value ?? []).toString()).toMatch(/event: hello/);
  const status = (await (await fetch(`${url}/api/status`)).json()) as { live: { clients: number } };
  expect(status.live.clients).toBe(1);

  child?.kill('SIGTERM');
  const [code] = (await once(child as ChildProcess, 'exit')) as [number | null];
  expect(code, output()).toBe(0);
  abort.abort();
  await expect(fetch(`${url}/healthz`)).rejects.toThrow();
}, 180_000);

it('ends in order though somebody holds up its work', async () => {
  const { sql, engine } = await testDatabase();
  await followFromHere(sql);
  const { url, output } = await start();
  expect((await until(`${url}/healthz`, ({ ok }) => ok)).status).toBe(200);
  await sql.begin(async (tx) => {
    // Whoever follows the log, or writes it, waits (locked in the order in which followers do); the embedded engine is one session, where a transaction holds up everything.
    if (engine === 'server') await tx`lock table app.duty, app.live_log in access exclusive mode`;
    await sleep(1500);
    const report = { key: 'main-ends', category: '0101', position: [113.11, 23.02] };
    const answer = fetch(`${url}/api/incidents`, {
      method: 'POST',
      headers: { 'Content-Type': 'application/json' },
      body: JSON.stringify(report),
    }).catch(() => null);
    child?.kill('SIGTERM');
    const [code] = (await once(child as ChildProcess, 'exit')) as [number | null];
    expect(code, output()).toBe(0);
    await answer;
  });
  await sql`delete from app.incident where key = 'main-ends'`;
}, 180_000);

it('says which setting is wrong, and does not start', async () => {
  const { output } = await start({ PORT: 'eighty' });
  const [code] = (await once(child as ChildProcess, 'exit')) as [number | null];
  expect(code).toBe(1);
  expect(output()).toMatch(/PORT="eighty"/);
}, 60_000);

it('says that the port is taken', async () => {
  const taken = createServer().listen(0, '127.0.0.1');
  await once(taken, 'listening');
  const address = taken.address();
  const { output } = await start({ PORT: String(typeof address === 'object' ? address?.port : 0) });
  const [code] = (await once(child as ChildProcess, 'exit')) as [number | null];
  expect(code).toBe(1);
  expect(output()).toMatch(/EADDRINUSE|in use/);
  taken.close();
}, 60_000);

it('waits for a database server that is not there yet', async () => {
  const { url, output } = await start({ DATABASE_URL: `postgres://nobody:secret@127.0.0.1:${await freePort()}/none` });
  const answer = await until(`${url}/healthz`, ({ status }) => status === 503);
  expect(await answer.json()).toMatchObject({ error: { code: 'NOT_READY' } });
  await expect.poll(output, { timeout: 20_000 }).toMatch(/cannot be reached yet/);
  expect(output()).not.toMatch(/secret/);
  child?.kill('SIGTERM');
  await once(child as ChildProcess, 'exit');
}, 60_000);
