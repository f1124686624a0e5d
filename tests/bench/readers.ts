import { spawn } from 'node:child_process';
import http from 'node:http';
import { join } from 'node:path';
import { ApiProcess, freePort } from '../chaos/api-process.ts';
import { type Comparison, percentile } from './measure.ts';

const READERS = 50;
/** Pause of a reader between an answer and its next question, ms: people look at what they asked for. */
const PAUSE_MS = 200;

/** What planners ask for while a department's file comes in: tiles, hexagons, cells, a page of a table. */
const QUESTIONS = [
  '/api/layers/person/h3?res=9',
  '/api/layers/person/cells?by=grid',
  '/api/layers/enterprise/tiles/15/26678/14225',
  '/api/layers/building_footprint/tiles/15/26678/14225',
  '/api/layers/enterprise/features?limit=50',
  '/api/layers',
];

/**
 * Answers to 50 readers with nothing else going on, and while the person layer is loaded again and again: no request may
 * fail, and the slow ones may not be more than twice as slow.
 */
export async function benchReaders(options: {
  url: string;
  delivery: string;
  scratch: string;
  seconds?: number;
}): Promise<Comparison> {
  const { url, delivery, scratch, seconds = 20 } = options;
  const api = new ApiProcess(await freePort(), { DATABASE_URL: url, DATA_DIR: scratch }, join(scratch, 'readers.log'));
  await api.start();
  try {
    // Everything is asked for once, so that what is filled at the first question is not measured.
    await Promise.all(QUESTIONS.map((question) => ask(`${api.url}${question}`)));
    const idle = await read(api.url, seconds);
    const loads = loadAgain(url, delivery, scratch, seconds);
    const busy = await read(api.url, seconds);
    const published = await loads;
    if (published === 0) throw new Error('no load was published while the readers read');
    const failed = idle.failed + busy.failed;
    if (failed > 0) throw new Error(`${failed} requests of readers failed`);
    const [p99Idle, p99Busy] = [percentile(idle.times, 0.99), percentile(busy.times, 0.99)];
    return {
      name: `50 readers, p99 while person is loaded ${published} times (the same with nothing else going on)`,
      ours: `${p99Busy.toFixed(0)} ms, ${busy.times.length} answers, 0 failed`,
      reference: `${p99Idle.toFixed(0)} ms, ${idle.times.length} answers`,
      ratio: p99Idle / p99Busy,
      target: '≥ 0.5×, none failed',
    };
  } finally {
    await api.kill();
  }
}

interface Reading {
  /** ms of each answer. */
  times: number[];
  failed: number;
}

async function read(url: string, seconds: number): Promise<Reading> {
  const reading: Reading = { times: [], failed: 0 };
  const end = Date.now() + seconds * 1000;
  await Promise.all(
    Array.from({ length: READERS }, async (_, reader) => {
      await pause((reader / READERS) * PAUSE_MS);
      for (let n = reader; Date.now() < end; n += 1) {
        const start = performance.now();
        const status = await ask(`${url}${QUESTIONS[n % QUESTIONS.length]}`).catch(() => 0);
        reading.times.push(performance.now() - start);
        if (status !== 200 && status !== 204) reading.failed += 1;
        await pause(PAUSE_MS);
      }
    }),
  );
  return reading;
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

const agent = new http.Agent({ keepAlive: true, maxSockets: READERS });

function ask(url: string): Promise<number> {
  return new Promise((resolve, reject) => {
    http
      .get(url, { agent }, (response) => {
        response.resume().on('end', () => resolve(response.statusCode ?? 0));
      })
      .on('error', reject);
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
        ['--import', 'tsx', 'etl/run.ts', 'load', 'person', '--from', delivery, '--json'],
        { env: { ...process.env, DATABASE_URL: url, DATA_DIR: scratch }, stdio: 'ignore' },
      );
      child.once('exit', resolve);
    });
    if (code !== 0) throw new Error(`a load ended with code ${code}`);
    published += 1;
  }
  return published;
}
