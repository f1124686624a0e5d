import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import http from 'node:http';
import { join } from 'node:path';
import { ApiProcess, freePort } from '../chaos/api-process.ts';
import { type Comparison, percentile } from './measure.ts';

const READERS = 50;

/** Tiles of zoom 15 in the middle of the district, where people look. */
const TILES = Array.from({ length: 12 }, (_, n) => `15/${26_677 + (n % 4)}/${14_224 + Math.floor(n / 4)}`);

/** What a map asks for when it has been moved: two layers' tiles, two ways to count, a page of a table, the catalogue. */
function view(n: number): string[] {
  const tile = TILES[n % TILES.length];
  return [
    `/api/layers/enterprise/tiles/${tile}`,
    `/api/layers/building_footprint/tiles/${tile}`,
    '/api/layers/person/h3?res=9',
    '/api/layers/person/cells?by=grid',
    '/api/layers/enterprise/features?limit=50',
    '/api/layers',
  ];
}

/**
 * How a reader behaves. A user asks for a whole view at once, as a browser does, then looks at it. A closed loop asks one
 * question after the other without looking: as many as the service can take, so that its times are those of a queue.
 */
interface Behaviour {
  name: string;
  /** Time a reader looks at what came, ms: between half and one and a half times this. */
  lookMs: number;
  isWholeView: boolean;
}

const USERS: Behaviour = {
  name: '50 users, a view of 6 requests and a second to look',
  lookMs: 1000,
  isWholeView: true,
};
const LOOP: Behaviour = { name: '50 readers in a closed loop without a pause', lookMs: 0, isWholeView: false };

/**
 * Answers to 50 readers with nothing else going on, and while the person layer is loaded again and again: no request may
 * fail, and the slow ones may not be more than twice as slow.
 */
export async function benchReaders(options: {
  url: string;
  delivery: string;
  scratch: string;
  seconds?: number;
}): Promise<Comparison[]> {
  const { url, delivery, scratch, seconds = 20 } = options;
  const api = new ApiProcess(await freePort(), { DATABASE_URL: url, DATA_DIR: scratch }, join(scratch, 'readers.log'));
  await api.start();
  const comparisons: Comparison[] = [];
  try {
    // Everything is asked for, so that neither what is filled at the first question nor cold code is measured.
    await read(api.url, 3, USERS);
    for (const behaviour of [USERS, LOOP]) {
      const idle = await read(api.url, seconds, behaviour);
      const loads = loadAgain(url, delivery, scratch, seconds);
      const busy = await read(api.url, seconds, behaviour);
      const published = await loads;
      if (published === 0) throw new Error('no load was published while the readers read');
      const failed = [...idle.failed, ...busy.failed];
      if (failed.length > 0) {
        const log = readFileSync(join(scratch, 'readers.log'), 'utf8');
        throw new Error(
          `${idle.failed.length} and ${busy.failed.length} requests of readers failed: ${[...new Set(failed)].join(', ')}\n${log.slice(-4000)}`,
        );
      }
      const [p99Idle, p99Busy] = [percentile(idle.times, 0.99), percentile(busy.times, 0.99)];
      const figures = ({ times }: Reading): string =>
        `p99 ${percentile(times, 0.99).toFixed(0)} ms, p50 ${percentile(times, 0.5).toFixed(0)} ms, ${Math.round(times.length / seconds)}/s`;
      comparisons.push({
        name: `${behaviour.name}, while person is loaded ${published} times (the same with nothing else going on)`,
        ours: `${figures(busy)}, 0 failed`,
        reference: figures(idle),
        ratio: p99Idle / p99Busy,
        target: behaviour === USERS ? '≥ 0.5×, none failed' : 'none failed',
      });
    }
    return comparisons;
  } finally {
    await api.kill();
  }
}

interface Reading {
  /** ms of each answer. */
  times: number[];
  /** What was asked and answered instead. */
  failed: string[];
}

async function read(url: string, seconds: number, { lookMs, isWholeView }: Behaviour): Promise<Reading> {
  const reading: Reading = { times: [], failed: [] };
  const end = Date.now() + seconds * 1000;
  const question = async (path: string): Promise<void> => {
    const start = performance.now();
    const status = await ask(`${url}${path}`).catch((error: Error) => error.message);
    reading.times.push(performance.now() - start);
    if (status !== 200 && status !== 204) reading.failed.push(`${path} ${status}`);
  };
  await Promise.all(
    Array.from({ length: READERS }, async (_, reader) => {
      await pause((reader / READERS) * lookMs);
      for (let n = reader; Date.now() < end; n += 1) {
        const paths = view(n);
        if (isWholeView) await Promise.all(paths.map(question));
        else await question(paths[n % paths.length] as string);
        if (lookMs > 0) await pause(lookMs * (0.5 + Math.random()));
      }
    }),
  );
  return reading;
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

/** A browser opens six connections to a host. */
const agent = new http.Agent({ keepAlive: true, maxSockets: READERS * 6 });

/** The status of the answer. A connection that the service closed as it was used again is opened anew, as browsers do. */
function ask(url: string): Promise<number> {
  return new Promise((resolve, reject) => {
    const request = http.get(url, { agent, headers: { 'Accept-Encoding': 'gzip' } }, (response) => {
      response.resume().on('end', () => resolve(response.statusCode ?? 0));
    });
    request.on('error', (error: NodeJS.ErrnoException) => {
      if (request.reusedSocket && error.code === 'ECONNRESET') resolve(ask(url));
      else reject(error);
    });
  });
}

/** Loads the person layer, in processes of their own, until the time is over. @returns loads that were published */
async function loadAgain(url: string, delivery: string, scratch: string, seconds: number): Promise<number> {
  const end = Date.now() + seconds * 1000;
  let published = 0;
  while (Date.now() < end) {
    const code = await new Promise<number | null>((resolve) => {
      const child = spawn(
        process.execPath,
        ['--import', 'tsx', 'etl/run.ts', 'load', 'person', '--from', delivery, '--force', '--json'],
        { env: { ...process.env, DATABASE_URL: url, DATA_DIR: scratch }, stdio: 'ignore' },
      );
      child.once('exit', resolve);
    });
    if (code !== 0) throw new Error(`a load ended with code ${code}`);
    published += 1;
  }
  return published;
}
