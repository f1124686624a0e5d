import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import type { Role } from '../layers/access.ts';
import { ApiError } from './errors.ts';
import { createEtlProcess, type EtlProcessOptions } from './etl-process.ts';

/** Makes the file of the rows that a load set aside. */
export type RejectFile = (load: number, role: Role) => Promise<{ name: string; bytes: Buffer }>;

/** Only so many at once: each is a process that may read a large file. */
const MOST_AT_ONCE = 2;
const LONGEST_MS = 55_000;

interface Outcome {
  path?: string;
  error?: { code: string; message: string };
}

/** The loader writes the file, in the format of the department. */
export function createRejectFile(options: EtlProcessOptions): RejectFile {
  const etl = createEtlProcess(options);
  let running = 0;
  return async (load, role) => {
    if (running >= MOST_AT_ONCE) throw new ApiError('OVERLOADED', 'Other files are being made. Try again in a minute.');
    running += 1;
    const folder = await mkdtemp(join(tmpdir(), 'one-map-rejects-'));
    try {
      // Somebody waits for it: it does not stand back as a load does.
      const names = ['rejects', String(load), '--role', role, '--out', folder, '--nice', '0'];
      const outcome = (await etl(names, AbortSignal.timeout(LONGEST_MS))) as Outcome;
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
