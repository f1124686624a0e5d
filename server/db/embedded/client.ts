import type { Socket } from 'node:net';
import type { Gateway } from './gateway.ts';
import { Back, errorResponse, Front, message, MessageReader, readyForQuery, startupCode, stringAt } from './wire.ts';

/** Largest COPY FROM STDIN taken in one statement: it is collected in memory before it runs. */
const COPY_LIMIT = 256 * 1024 * 1024;
/** Answers are handed to the socket in pieces of about this size. */
const WRITE_SIZE = 64 * 1024;

/** One connection to the gateway. */
export class Client {
  /** Channels this client listens on. */
  readonly channels = new Set<string>();
  /** Resolves when the connection is closed and holds nothing any more. */
  readonly done: Promise<void>;
  private readonly gateway: Gateway;
  private readonly socket: Socket;
  private readonly reader = new MessageReader();
  private output: Buffer[] = [];
  private outputSize = 0;
  /** Messages of the extended protocol since the last Sync or Flush. */
  private batch: Buffer[] = [];
  /** Names of the prepared statements this client made. */
  private readonly statements = new Set<string>();
  private readonly unlistened = new Set<string>();
  private executing = false;
  private lastActive = Date.now();

  constructor(gateway: Gateway, socket: Socket) {
    this.gateway = gateway;
    this.socket = socket;
    socket.setNoDelay(true);
    // 'close' follows and is handled; without a listener the error would end the process.
    socket.on('error', () => {});
    this.done = this.serve();
  }

  /** How long the client has been silent, ms; 0 while the backend works for it. */
  get idleMs(): number {
    return this.executing ? 0 : Date.now() - this.lastActive;
  }

  /** Sends a message soon: at the latest when the running batch is over. */
  send(m: Buffer): void {
    this.output.push(m);
    this.outputSize += m.length;
    if (this.outputSize >= WRITE_SIZE || !this.executing) this.flush();
  }

  /** Ends the connection, telling why. */
  terminate(code: string, reason: string): void {
    this.send(errorResponse(code, reason, 'FATAL'));
    this.flush();
    this.socket.destroySoon();
  }

  private flush(): void {
    if (this.outputSize === 0) return;
    if (this.socket.writable)
      this.socket.write(this.output.length === 1 ? this.output[0]! : Buffer.concat(this.output));
    this.output = [];
    this.outputSize = 0;
  }

  private async serve(): Promise<void> {
    try {
      if (await this.greet()) {
        for (let m = await this.read(); m !== null; m = await this.read()) await this.handle(m);
      }
    } catch (error) {
      this.terminate('XX000', error instanceof Error ? error.message : String(error));
    }
    this.socket.destroy();
    await this.leave();
  }

  /** The next message, or null when the client has gone. */
  private async read(typed = true): Promise<Buffer | null> {
    this.lastActive = Date.now();
    for (;;) {
      const m = this.reader.next(typed);
      if (m !== null) return typed && m[0] === Front.terminate ? null : m;
      const bytes = await this.receive();
      if (bytes === null) return null;
      this.lastActive = Date.now();
      this.reader.push(bytes);
    }
  }

  /** The next bytes from the socket, or null at its end. */
  private async receive(): Promise<Buffer | null> {
    const { socket } = this;
    for (;;) {
      const bytes = socket.read() as Buffer | null;
      if (bytes !== null) return bytes;
      if (socket.destroyed || socket.readableEnded) return null;
      await new Promise<void>((resolve) => {
        const settle = (): void => {
          socket.off('readable', settle).off('end', settle).off('close', settle);
          resolve();
        };
        socket.on('readable', settle).on('end', settle).on('close', settle);
      });
    }
  }

  /** The first packets. The greeting is a copy of the one PGlite gave the gateway: a new client waits for nobody. */
  private async greet(): Promise<boolean> {
    for (;;) {
      const packet = await this.read(false);
      if (packet === null) return false;
      const code = packet.readInt32BE(4);
      if (code === startupCode.ssl || code === startupCode.gss) {
        this.socket.write('N');
        continue;
      }
      if (code === startupCode.cancel) return false; // PGlite cannot interrupt a statement
      this.send(this.gateway.backend.greeting);
      this.send(readyForQuery('I'));
      return true;
    }
  }

  private async handle(m: Buffer): Promise<void> {
    switch (m[0]) {
      case Front.query: {
        const sql = stringAt(m, 5).toString('utf8');
        this.noteListening(sql);
        if (/^\s*copy\s[^;]*\sfrom\s+stdin\b/i.test(sql)) return this.copyIn(m);
        return this.execute((send) => this.gateway.backend.simple([m], send), true);
      }
      case Front.sync:
      case Front.flush: {
        const batch = this.batch;
        this.batch = [];
        const sync = m[0] === Front.sync;
        return this.execute((send) => this.gateway.backend.extended(batch, sync, send), sync);
      }
      case Front.parse: {
        const name = stringAt(m, 5);
        if (name.length > 0) this.statements.add(name.toString('latin1'));
        const sql = stringAt(m, 5 + name.length + 1).toString('utf8');
        this.noteListening(sql);
        if (/^\s*copy\s[^;]*\sfrom\s+stdin\b/i.test(sql)) {
          // The backend would wait for the data inside one call. A statement that fails in the same way takes its place.
          m = message(
            Front.parse,
            Buffer.from(
              '\0do $$begin raise feature_not_supported using message = '.concat(
                "'COPY FROM STDIN works with a simple query only here'; end$$\0\0\0",
              ),
            ),
          );
        }
        break;
      }
      case Front.close:
        if (m[5] === 0x53) this.statements.delete(stringAt(m, 6).toString('latin1'));
        break;
      case Front.bind:
      case Front.describe:
      case Front.execute:
        break;
      case Front.copyData:
      case Front.copyDone:
      case Front.copyFail:
        // What a client had on its way when its COPY failed.
        return;
      default:
        return this.terminate('08P01', `unknown message type ${m[0]}`);
    }
    this.batch.push(m);
  }

  /** Collects the data of COPY FROM STDIN, then runs statement and data in one call. */
  private async copyIn(query: Buffer): Promise<void> {
    const { backend } = this.gateway;
    this.send(message(Back.copyInResponse, Buffer.alloc(3)));
    const collected = [query];
    let size = 0;
    for (;;) {
      const m = await this.read();
      if (m === null) return;
      if (m[0] === Front.sync || m[0] === Front.flush) continue;
      size += m.length;
      if (size <= COPY_LIMIT) collected.push(m);
      if (m[0] === Front.copyDone || m[0] === Front.copyFail) break;
    }
    if (size > COPY_LIMIT) {
      const text = `COPY of more than ${COPY_LIMIT} bytes in one statement: send it in pieces`;
      collected.splice(1, collected.length, message(Front.copyFail, Buffer.from(`${text}\0`)));
    }
    await this.execute((send) => backend.simple(collected, send), true);
  }

  /** Runs a step on the backend. `last` ends the query: ReadyForQuery, and the backend is free outside a transaction. */
  private async execute(step: (send: (m: Buffer) => void) => Promise<string>, last: boolean): Promise<void> {
    const { gateway } = this;
    if (!(await gateway.ownership.acquire(this))) return;
    this.executing = true;
    let status: string;
    try {
      status = await step((m) => (m[0] === Back.notification ? gateway.notify(m) : this.send(m)));
      if (status === 'I' && this.unlistened.size > 0) {
        const unlistened = new Set(this.unlistened);
        this.unlistened.clear();
        await gateway.restoreListening(unlistened);
      }
    } finally {
      this.executing = false;
      this.lastActive = Date.now();
    }
    if (last) {
      this.send(readyForQuery(status));
      if (status === 'I') gateway.ownership.release(this);
    }
    this.flush();
    // A client that does not read its answers gets no further ones.
    if (this.socket.writableNeedDrain) {
      await new Promise<void>((resolve) => {
        const settle = (): void => {
          this.socket.off('drain', settle).off('close', settle);
          resolve();
        };
        this.socket.on('drain', settle).on('close', settle);
      });
    }
  }

  /** Keeps track of LISTEN and UNLISTEN in the text of a statement. */
  private noteListening(sql: string): void {
    for (const [, verb, quoted, plain] of sql.matchAll(/\b(listen|unlisten)\s+(?:"((?:[^"]|"")+)"|([\w$]+|\*))/gi)) {
      const channel = quoted?.replaceAll('""', '"') ?? plain!.toLowerCase();
      if (verb!.toLowerCase() === 'listen') {
        this.channels.add(channel);
        this.gateway.listens(channel);
      } else {
        if (channel === '*') this.channels.clear();
        else this.channels.delete(channel);
        this.unlistened.add(channel);
      }
    }
    if (/^\s*discard\s+all\b/i.test(sql)) {
      this.channels.clear();
      this.unlistened.add('*');
    }
  }

  /** Gives back what the connection held: an open transaction is rolled back, its prepared statements are dropped. */
  private async leave(): Promise<void> {
    const { gateway } = this;
    const { ownership } = gateway;
    ownership.leave(this);
    const statements = [...this.statements].map((name) => Buffer.from(name, 'latin1'));
    const channels = new Set(this.channels);
    this.channels.clear();
    if (ownership.owner !== this && statements.length === 0 && channels.size === 0) return;
    await ownership.acquire(this);
    try {
      await gateway.backend.reset(statements);
      if (channels.size > 0) await gateway.restoreListening(new Set());
    } finally {
      ownership.release(this);
    }
  }
}
