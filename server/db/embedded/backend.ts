import type { PGlite } from '@electric-sql/pglite';
import {
  Back,
  closeStatementMessage,
  errorResponse,
  Front,
  message,
  MessageReader,
  queryMessage,
  startupMessage,
} from './wire.ts';

/** Sent in place of the result of a statement that a C++ exception cut short. */
const ABORTED = 'statement aborted by a C++ exception inside PostGIS (invalid geometry?)';
const KEPT = `${ABORTED}; it ran outside a transaction, rows written before the exception may be stored`;

/** Finds the traces that a swallowed C++ exception leaves in the answers to one batch. */
class Watch {
  /** Row limits of the Execute messages in the batch that are not answered yet; 0 = no limit. */
  private readonly limits: number[];
  private rows = 0;
  /** A trace was seen. */
  lost = false;

  constructor(batch: readonly Buffer[]) {
    this.limits = batch.filter((m) => m[0] === Front.execute).map((m) => m.readInt32BE(m.length - 4));
  }

  /** Execute messages without an answer. */
  get unanswered(): number {
    return this.limits.length;
  }

  /** Looks at an answer. True when it tells of the exception only, and the client should get the error instead. */
  hides(m: Buffer): boolean {
    switch (m[0]) {
      case Back.rowDescription:
        this.rows = 0;
        return false;
      case Back.dataRow:
        this.rows++;
        return false;
      case Back.emptyQuery:
        this.limits.shift();
        return false;
      case Back.commandComplete: {
        const tag = m.toString('latin1', 5, m.length - 1);
        // The count in the tag is set when the executor comes to its end, which it did not.
        const counted = /^(?:SELECT|FETCH|INSERT 0|UPDATE|DELETE|MERGE) (\d+)$/.exec(tag)?.[1];
        if (tag === '???' || (this.rows > 0 && counted !== undefined && Number(counted) !== this.rows))
          this.lost = true;
        this.limits.shift();
        this.rows = 0;
        return this.lost;
      }
      case Back.portalSuspended:
        // Comes when the limit is reached, and else only from an executor that was cut short.
        if (this.limits.shift() !== this.rows) this.lost = true;
        this.rows = 0;
        return this.lost;
      case Back.notice:
        if (!/resource was not closed|still active/.test(m.toString('latin1'))) return false;
        this.lost = true;
        return true;
      default:
        return false;
    }
  }
}

/**
 * The one backend that PGlite has, made safe for statements of others.
 *
 * A C++ exception in GEOS does not become an SQL error in PGlite: the statement just stops, a SELECT answers with
 * fewer rows and an INSERT keeps what it had written. `Backend` recognises the traces, aborts the transaction and
 * answers with error XX000. Batches run without their Sync first, so that an exception is noticed before the commit.
 */
export class Backend {
  private readonly db: PGlite;
  /** Messages with which PGlite greets a client, up to and without ReadyForQuery. */
  readonly greeting: Buffer;

  private constructor(db: PGlite, greeting: Buffer) {
    this.db = db;
    this.greeting = greeting;
  }

  static async open(db: PGlite): Promise<Backend> {
    const greeting: Buffer[] = [];
    const onRawData = (bytes: Uint8Array): void => void greeting.push(Buffer.from(bytes));
    await db.execProtocolRawStream(startupMessage({ user: 'postgres', database: 'postgres' }), { onRawData });
    const reader = new MessageReader();
    greeting.splice(0).forEach((bytes) => reader.push(bytes));
    for (let m = reader.next(true); m !== null; m = reader.next(true))
      if (m[0] !== Back.readyForQuery) greeting.push(m);
    return new Backend(db, Buffer.concat(greeting));
  }

  get inTransaction(): boolean {
    return this.db.isInTransaction();
  }

  /** Runs messages and calls `onMessage` with each answer but ReadyForQuery. Resolves to the status, if one was sent. */
  private async raw(messages: readonly Buffer[], onMessage: (m: Buffer) => void): Promise<string | null> {
    const reader = new MessageReader();
    let status: string | null = null;
    const onRawData = (bytes: Uint8Array): void => {
      // The bytes are a view of WebAssembly memory that the next call overwrites.
      reader.push(Buffer.from(bytes));
      for (let m = reader.next(true); m !== null; m = reader.next(true)) {
        if (m[0] === Back.readyForQuery) status = String.fromCharCode(m[5]!);
        else onMessage(m);
      }
    };
    await this.db.execProtocolRawStream(messages.length === 1 ? messages[0]! : Buffer.concat(messages), { onRawData });
    return status;
  }

  /** Runs one SQL text for the gateway itself; its answers, errors too, are dropped. */
  async run(sql: string): Promise<void> {
    await this.raw([queryMessage(sql)], ignore);
  }

  /** Forgets prepared statements, aborts whatever is open and leaves the backend idle. */
  async reset(statements: readonly Buffer[] = []): Promise<void> {
    await this.raw([message(Front.sync)], ignore);
    if (this.inTransaction) await this.run('rollback');
    if (statements.length > 0) await this.raw([...statements.map(closeStatementMessage), message(Front.sync)], ignore);
  }

  /**
   * Runs messages of the extended protocol that a client sent up to Sync or Flush, without that message.
   * @param sync ends the batch with Sync, which commits outside a transaction block
   * @returns transaction status: `I` idle, `T` in a transaction, `E` in a failed one
   */
  async extended(messages: readonly Buffer[], sync: boolean, send: (m: Buffer) => void): Promise<string> {
    const watch = new Watch(messages);
    const pass = (m: Buffer): void => {
      if (!watch.hides(m)) send(m);
    };
    let failed = false;
    if (messages.length > 0) {
      await this.raw(messages, (m) => {
        if (m[0] === Back.error) failed = true;
        pass(m);
      });
    }
    if (watch.lost || (watch.unanswered > 0 && !failed)) {
      send(errorResponse('XX000', ABORTED));
      return this.abort();
    }
    if (!sync) return this.status;
    const status = await this.raw([message(Front.sync)], pass);
    if (watch.lost) send(errorResponse('XX000', KEPT));
    return status ?? this.status;
  }

  /** Runs a simple query, or a COPY FROM STDIN and its data. Returns the transaction status. */
  async simple(messages: readonly Buffer[], send: (m: Buffer) => void): Promise<string> {
    if (!this.inTransaction && messages.length === 1) {
      const status = await this.simpleAsExtended(messages[0]!, send);
      if (status !== null) return status;
    }
    const watch = new Watch([]);
    let completed = false;
    const status = await this.raw(messages, (m) => {
      if (m[0] === Back.copyInResponse) return; // the gateway sent its own before it collected the data
      if (m[0] === Back.commandComplete || m[0] === Back.error || m[0] === Back.emptyQuery) completed = true;
      if (!watch.hides(m)) send(m);
    });
    if (watch.lost || !completed) {
      send(errorResponse('XX000', status === 'I' ? KEPT : ABORTED));
      return this.abort();
    }
    return status ?? this.status;
  }

  /**
   * A simple query commits before anything can be checked. One statement that reads or writes rows is therefore run by
   * the extended protocol. Resolves to null, with nothing done, when the text is something else or several statements.
   */
  private async simpleAsExtended(query: Buffer, send: (m: Buffer) => void): Promise<string | null> {
    if (!/^\s*(insert|update|delete|merge|with|select)\b/i.test(query.toString('latin1', 5, 200))) return null;
    const parse = message(Front.parse, Buffer.concat([Buffer.from([0]), query.subarray(5), Buffer.from([0, 0])]));
    const failed: Buffer[] = [];
    await this.raw([parse], (m) => void (m[0] === Back.error && failed.push(m)));
    if (failed.length > 0) {
      await this.raw([message(Front.sync)], ignore);
      if (failed[0]!.includes('Mcannot insert multiple commands')) return null;
      failed.forEach(send);
      return 'I';
    }
    const bind = message(Front.bind, Buffer.alloc(8));
    const describe = message(Front.describe, Buffer.from('P\0'));
    const execute = message(Front.execute, Buffer.alloc(5));
    return this.extended([bind, describe, execute], true, (m) => {
      // The simple protocol does not know these two.
      if (m[0] !== Back.bindComplete && m[0] !== Back.noData) send(m);
    });
  }

  private get status(): string {
    return this.inTransaction ? 'T' : 'I';
  }

  /** Makes PostgreSQL abort after a swallowed exception: any error does, and it cleans up what was left behind. */
  private async abort(): Promise<string> {
    return (await this.raw([queryMessage("do $$begin raise exception 'aborted'; end$$")], ignore)) ?? this.status;
  }
}

function ignore(): void {}
