import { spawn } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import type { Role } from '../layers/access.ts';
import { ApiError } from './errors.ts';

export interface RejectFileOptions {
  /** Folder of the project. */
  root: string;
  /** How another process reaches the same database. */
  environment: Record<string, string>;
}

/** Makes the file of the rows that a load set aside. */
export type RejectFile = (load: number, role: Role) => Promise<{ name: string; bytes: Buffer }>;

/** Only so many at once: each is a process that may read a large file. */
const MOST_AT_ONCE = 2;
const LONGEST_MS = 55_000;

interface Outcome {
  path?: string;
  error?: { code: string; message: string };
}

/**
 * The loader writes the file, as a process of its own: it alone knows how the departments' formats are read and written,
 * and a large file must not hold up those who look at the map.
 */
export function createRejectFile({ root, environment }: RejectFileOptions): RejectFile {
  let running = 0;
  return async (load, role) => {
    if (running >= MOST_AT_ONCE) throw new ApiError('OVERLOADED', 'Other files are being made. Try again in a minute.');
    running += 1;
    const folder = await mkdtemp(join(tmpdir(), 'one-map-rejects-'));
    try {
      const outcome = await makeFile(root, environment, load, role, folder);
      if (outcome.path === undefined) {
        const code = outcome.error?.code;
        if (code === 'FILE_NOT_FOUND') throw new ApiError('SOURCE_GONE', outcome.error?.message ?? code);
        throw new Error(`the file of load ${load} was not made: ${JSON.stringify(outcome)}`);
      }
      return { name: basename(outcome.path), bytes: await readFile(outcome.path) };
    } finally {
      running -= 1;
      await rm(folder, { recursive: true, force: true });
    }
  };
}

async function makeFile(
  root: string,
  environment: Record<string, string>,
  load: number,
  role: Role,
  folder: string,
): Promise<Outcome> {
  const names = ['rejects', String(load), '--role', role, '--out', folder, '--json'];
  const child = spawn(process.execPath, ['--import', 'tsx', join(root, 'etl/run.ts'), ...names], {
    cwd: root,
    env: { ...process.env, ...environment },
    stdio: ['ignore', 'pipe', 'pipe'],
    timeout: LONGEST_MS,
    killSignal: 'SIGKILL',
  });
  let output = '';
  let complaint = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => (output += text));
  child.stderr.setEncoding('utf8').on('data', (text: string) => (complaint += text));
  const code = await new Promise<number | null>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', resolve);
  });
  const line = output.trimEnd().split('\n').at(-1) ?? '';
  if (!line.startsWith('{')) throw new Error(`etl rejects ended with ${code}: ${complaint.slice(-2000)}`);
  return JSON.parse(line) as Outcome;
}
