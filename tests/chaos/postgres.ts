import { execFile } from 'node:child_process';
import { resolve } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);
const SCRIPT = resolve(import.meta.dirname, '../support/postgres-server.sh');

/** A PostgreSQL server of our own, which may be crashed. */
export class PostgresServer {
  readonly #dir: string;
  url = '';

  constructor(dir: string) {
    this.#dir = dir;
  }

  async start(): Promise<void> {
    const port = this.url === '' ? [] : [new URL(this.url).port];
    const { stdout } = await run(SCRIPT, ['start', this.#dir, ...port]);
    this.url = stdout.trim();
  }

  /** Stops without a checkpoint: the next start has to recover, as after a crash. */
  async crash(): Promise<void> {
    await run(SCRIPT, ['stop', this.#dir, 'immediate']);
  }

  async stop(): Promise<void> {
    await run(SCRIPT, ['stop', this.#dir, 'fast']);
  }
}
