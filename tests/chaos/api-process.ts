import { spawn, type ChildProcess } from 'node:child_process';
import { closeSync, openSync } from 'node:fs';
import { createServer, type AddressInfo } from 'node:net';
import { resolve } from 'node:path';
import type { Status } from '../../server/contract/status.ts';

const ROOT = resolve(import.meta.dirname, '../..');

/** A port nobody listens on at the moment. */
export async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  const { port } = server.address() as AddressInfo;
  await new Promise((done) => server.close(done));
  return port;
}

/** The service as people start it, in a process of its own that can be killed and started again on the same port. */
export class ApiProcess {
  readonly url: string;
  readonly #env: Record<string, string>;
  readonly #log: string;
  readonly #entry: readonly string[];
  #child: ChildProcess | undefined;
  #isEnding = false;

  constructor(
    port: number,
    env: Record<string, string>,
    log: string,
    entry = ['server/main.ts', '--api'] as readonly string[],
  ) {
    this.url = `http://127.0.0.1:${port}`;
    this.#env = { PORT: String(port), DEMO: '0', DEFAULT_ROLE: 'staff', ...env };
    this.#log = log;
    this.#entry = entry;
  }

  get pid(): number | undefined {
    return this.#child?.pid;
  }

  /** Ends nobody asked for, after it had been up: each is a failure of the service. */
  readonly crashes: string[] = [];

  /**
   * Fulfilled when it answers that it can work. A start that fails, since the database goes down in the middle of it, is
   * repeated, as a supervisor would.
   */
  async start(timeout = 120_000): Promise<void> {
    const end = Date.now() + timeout;
    let child = this.#spawn();
    while (!(await this.#isHealthy())) {
      if (Date.now() > end) throw new Error(`the service is not up after ${timeout / 1000} s; see ${this.#log}`);
      await new Promise((done) => setTimeout(done, 100));
      if (child.exitCode !== null) child = this.#spawn();
    }
    child.once('exit', (code, signal) => {
      if (!this.#isEnding) this.crashes.push(`ended by itself, code ${code ?? signal}; see ${this.#log}`);
    });
  }

  /** Fulfilled when nothing of the start is still going on in the background: the search box finds all rows. */
  async settled(timeout = 600_000): Promise<void> {
    const end = Date.now() + timeout;
    for (;;) {
      const answer = await fetch(`${this.url}/api/status`);
      const { loading, search } = (await answer.json()) as Status;
      if (loading === null && search.pending === 0) return;
      if (Date.now() > end) throw new Error(`${search.pending} layers are not indexed after ${timeout / 1000} s`);
      await new Promise((done) => setTimeout(done, 500));
    }
  }

  #spawn(): ChildProcess {
    const log = openSync(this.#log, 'a');
    const child = spawn(process.execPath, ['--import', 'tsx', ...this.#entry], {
      cwd: ROOT,
      env: { ...process.env, ...this.#env },
      stdio: ['ignore', log, log],
    });
    closeSync(log);
    this.#isEnding = false;
    this.#child = child;
    return child;
  }

  async #isHealthy(): Promise<boolean> {
    try {
      const answer = await fetch(`${this.url}/healthz`, { signal: AbortSignal.timeout(5000) });
      return answer.ok;
    } catch {
      return false;
    }
  }

  /** kill -9. */
  async kill(): Promise<void> {
    await this.#end('SIGKILL');
  }

  async stop(): Promise<void> {
    await this.#end('SIGTERM');
  }

  async #end(signal: NodeJS.Signals): Promise<void> {
    const child = this.#child;
    if (!child || child.exitCode !== null || child.signalCode !== null) return;
    this.#isEnding = true;
    const gone = new Promise((done) => child.once('exit', done));
    child.kill(signal);
    await gone;
  }
}
