import { createHash } from 'node:crypto';
import { mkdirSync } from 'node:fs';
import net from 'node:net';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Worker } from 'node:worker_threads';
import { typescriptWorker } from './typescript-worker.ts';
import { currentOwner, type Owner, tryLock, unlock } from './lock.ts';
import type { WorkerInput } from './worker.ts';

/** How long another process may take to open the database before joining it is given up (ms). A first start takes 10 s. */
const JOIN_MS = 300_000;
/** A unix socket path longer than this does not fit into the kernel's address (Linux 108, macOS 104 bytes). */
const SOCKET_PATH_LIMIT = 100;

export interface EmbeddedOptions {
  idleInTransactionMs?: number;
}

/** An embedded database that this process serves or has joined. */
export interface Embedded {
  /** Folder with the socket `.s.PGSQL.5432`: what `pg` takes as `host`. Stays the same when another process takes over. */
  readonly socketDir: string;
  readonly socket: string;
  /** True while this process runs the database. */
  readonly isOwner: boolean;
  close(): Promise<void>;
}

/** Databases this process has open, by folder: one owner and one lock per process, however often it is opened. */
const open = new Map<string, { session: Promise<Session>; users: number }>();

/**
 * Opens the embedded database in `dataDir/embedded`, creating it if need be. The first process to come runs it; others
 * (and further calls in the same process) join by its socket. When the process that runs it ends, one of the joined
 * ones takes over; until then their queries fail.
 */
export async function openEmbedded(dataDir: string, options: EmbeddedOptions = {}): Promise<Embedded> {
  const home = join(resolve(dataDir), 'embedded');
  let entry = open.get(home);
  if (!entry) {
    entry = { session: Session.start(home, options), users: 0 };
    open.set(home, entry);
    entry.session.catch(() => open.delete(home));
  }
  entry.users++;
  const session = await entry.session;
  let closed = false;
  return {
    socketDir: session.socketDir,
    socket: session.socket,
    get isOwner() {
      return session.isOwner;
    },
    async close() {
      if (closed) return;
      closed = true;
      entry.users--;
      if (entry.users > 0) return;
      open.delete(home);
      await session.close();
    },
  };
}

class Session {
  readonly socketDir: string;
  readonly socket: string;
  private readonly home: string;
  private readonly options: EmbeddedOptions;
  private readonly me: Owner;
  private worker: Worker | null = null;
  /** A connection that shows when the owner has gone. */
  private guard: net.Socket | null = null;
  private closing = false;

  private constructor(home: string, options: EmbeddedOptions) {
    this.home = home;
    this.options = options;
    mkdirSync(home, { recursive: true, mode: 0o700 });
    this.socketDir = home;
    if (Buffer.byteLength(join(home, '.s.PGSQL.5432')) > SOCKET_PATH_LIMIT) {
      const name = createHash('sha256').update(home).digest('hex').slice(0, 16);
      this.socketDir = join(tmpdir(), `onemap-${process.getuid?.() ?? 'user'}-${name}`);
      mkdirSync(this.socketDir, { recursive: true, mode: 0o700 });
    }
    this.socket = join(this.socketDir, '.s.PGSQL.5432');
    this.me = currentOwner(this.socket);
  }

  static async start(home: string, options: EmbeddedOptions): Promise<Session> {
    const session = new Session(home, options);
    await session.serveOrJoin();
    return session;
  }

  get isOwner(): boolean {
    return this.worker !== null;
  }

  private get lockFile(): string {
    return join(this.home, 'owner.lock');
  }

  private async serveOrJoin(): Promise<void> {
    const deadline = Date.now() + JOIN_MS;
    for (;;) {
      const owner = tryLock(this.lockFile, this.me);
      if (owner === null || owner.pid === process.pid) {
        return this.serve();
      }
      if (await this.join(owner)) return;
      if (Date.now() > deadline) {
        throw new Error(
          `process ${owner.pid} holds the embedded database ${this.home} and does not answer on ${owner.socket}`,
        );
      }
      await sleep(100);
    }
  }

  private async serve(): Promise<void> {
    const input: WorkerInput = { pgdata: join(this.home, 'pgdata'), socket: this.socket, ...this.options };
    const worker = typescriptWorker(new URL('./worker.ts', import.meta.url), input);
    try {
      await new Promise<void>((ready, reject) => {
        worker.once('message', () => ready());
        worker.once('error', reject);
        worker.once('exit', (code) => reject(new Error(`embedded database ended at start with code ${code}`)));
      });
    } catch (error) {
      await worker.terminate();
      unlock(this.lockFile, this.me);
      throw new Error(`cannot open the embedded database in ${this.home}`, { cause: error });
    }
    this.worker = worker;
    worker.on('error', (error) => console.error('embedded database failed:', error));
    worker.once('exit', () => {
      this.worker = null;
      if (!this.closing) this.recover();
    });
  }

  private async join(owner: Owner): Promise<boolean> {
    const guard = await new Promise<net.Socket | null>((resolve) => {
      const socket = net.connect(owner.socket);
      socket.once('connect', () => resolve(socket));
      socket.once('error', () => resolve(null));
    });
    if (guard === null) return false;
    guard.on('error', () => {});
    guard.once('close', () => {
      this.guard = null;
      if (!this.closing) this.recover();
    });
    this.guard = guard;
    return true;
  }

  /** The database has gone under us: opens it again, here or by joining whoever was faster. */
  private recover(): void {
    this.serveOrJoin().catch((error: unknown) => {
      console.error('embedded database: cannot be reopened:', error);
      setTimeout(() => !this.closing && this.recover(), 5000).unref();
    });
  }

  async close(): Promise<void> {
    this.closing = true;
    this.guard?.destroy();
    const { worker } = this;
    if (worker === null) return;
    const ended = new Promise<void>((resolve) => worker.once('exit', () => resolve()));
    // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a worker thread has no origin
    worker.postMessage('close');
    await ended;
    unlock(this.lockFile, this.me);
  }
}
