import net from 'node:net';
import type { Backend } from './backend.ts';
import { Client } from './client.ts';
import { Ownership } from './ownership.ts';
import { stringAt } from './wire.ts';

export interface GatewayOptions {
  /** Path of the unix socket to listen on. */
  socket: string;
  /** A client that keeps a transaction open for so long without a word while others wait is thrown out (ms). */
  idleInTransactionMs?: number;
}

/**
 * Lets any number of clients share the one backend of PGlite through the PostgreSQL wire protocol.
 *
 * - A client owns the backend from its first message up to the end of its query (Sync or simple Query), and through a
 *   whole transaction or COPY. The others wait in line.
 * - Session state is shared: prepared statement names, settings, temporary tables. So: `set local` only, and names that
 *   no other client uses (postgres.js draws random ones, pg has none).
 * - Notifications go to every client that issued LISTEN for the channel.
 */
export class Gateway {
  readonly ownership = new Ownership<Client>();
  readonly backend: Backend;
  private readonly clients = new Set<Client>();
  private readonly server: net.Server;
  private readonly idleTimer: NodeJS.Timeout;
  /** Channels the backend listens on. */
  private listening = new Set<string>();

  private constructor(backend: Backend, options: GatewayOptions) {
    this.backend = backend;
    const limit = options.idleInTransactionMs ?? 60_000;
    this.server = net.createServer((socket) => {
      const client = new Client(this, socket);
      this.clients.add(client);
      client.done.then(
        () => this.clients.delete(client),
        () => this.clients.delete(client),
      );
    });
    this.idleTimer = setInterval(
      () => {
        const owner = this.ownership.owner;
        if (owner && this.ownership.contended && owner.idleMs > limit) {
          owner.terminate('25P03', `terminated: idle for ${limit} ms in a transaction while others waited`);
        }
      },
      Math.min(1000, limit),
    );
  }

  static async listen(backend: Backend, options: GatewayOptions): Promise<Gateway> {
    const gateway = new Gateway(backend, options);
    await new Promise<void>((resolve, reject) => {
      gateway.server.once('error', reject);
      gateway.server.listen(options.socket, resolve);
    });
    return gateway;
  }

  /** Delivers a NotificationResponse to all who listen on its channel. */
  notify(notification: Buffer): void {
    const channel = stringAt(notification, 9).toString('utf8');
    for (const client of this.clients) if (client.channels.has(channel)) client.send(notification);
  }

  /** A client issued LISTEN: the backend listens as soon as the statement is committed. */
  listens(channel: string): void {
    this.listening.add(channel);
  }

  /**
   * UNLISTEN of one client reaches the one backend and would end listening for all. Called by the owner, outside a
   * transaction: makes the backend listen on what the clients want.
   */
  async restoreListening(unlistened: ReadonlySet<string>): Promise<void> {
    const wanted = new Set([...this.clients].flatMap((client) => [...client.channels]));
    for (const channel of this.listening)
      if (unlistened.has('*') || unlistened.has(channel)) this.listening.delete(channel);
    for (const channel of wanted) {
      if (!this.listening.has(channel)) await this.backend.run(`listen "${channel.replaceAll('"', '""')}"`);
    }
    for (const channel of this.listening) {
      if (!wanted.has(channel)) await this.backend.run(`unlisten "${channel.replaceAll('"', '""')}"`);
    }
    this.listening = wanted;
  }

  /** Ends all connections, waits until none uses the backend, and stops listening. */
  async close(): Promise<void> {
    clearInterval(this.idleTimer);
    const closed = new Promise<void>((resolve) => this.server.close(() => resolve()));
    for (const client of this.clients) client.terminate('57P01', 'terminating connection: the database is closing');
    await Promise.allSettled([...this.clients].map((client) => client.done));
    await closed;
  }
}
