import { spawn } from 'node:child_process';
import { join } from 'node:path';

export interface EtlProcessOptions {
  /** Folder of the project. */
  root: string;
  /** How another process reaches the same database. */
  environment: Record<string, string>;
}

/**
 * Runs a command of the loader as a process of its own and answers the JSON that it prints last. The loader alone knows how
 * the departments' formats are read and how rows become a layer, and a large file must not hold up those who look at the
 * map. Throws when it prints none, and when `signal` ends it.
 */
export type EtlProcess = (names: readonly string[], signal: AbortSignal) => Promise<unknown>;

/** How long a process may take to end when it is asked to, ms. */
const GRACE_MS = 3000;

export function createEtlProcess({ root, environment }: EtlProcessOptions): EtlProcess {
  return async (names, signal) => {
    signal.throwIfAborted();
    const child = spawn(process.execPath, ['--import', 'tsx', join(root, 'etl/run.ts'), ...names, '--json'], {
      cwd: root,
      env: { ...process.env, ...environment },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    const stop = (): void => {
      child.kill('SIGTERM');
      setTimeout(() => child.kill('SIGKILL'), GRACE_MS).unref();
    };
    signal.addEventListener('abort', stop, { once: true });
    let output = '';
    let complaint = '';
    child.stdout.setEncoding('utf8').on('data', (text: string) => (output += text));
    child.stderr.setEncoding('utf8').on('data', (text: string) => (complaint += text));
    try {
      const code = await new Promise<number | null>((resolve, reject) => {
        child.once('error', reject);
        child.once('close', resolve);
      });
      signal.throwIfAborted();
      const line = output.trimEnd().split('\n').at(-1) ?? '';
      if (!line.startsWith('{')) throw new Error(`etl ${names[0]} ended with ${code}: ${complaint.slice(-2000)}`);
      return JSON.parse(line);
    } finally {
      signal.removeEventListener('abort', stop);
    }
  };
}
