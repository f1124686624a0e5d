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

/** What we need from inside PGlite; its version is pinned. */
interface Internals {
  /** C++ runtime: how many exceptions were thrown and never caught. */
  ___cxa_uncaught_exceptions?: () => number;
  /** Called with whatever was thrown while messages ran, which PGlite then forgets. Answers what it was. */
  _pgl_setPGliteExitStatus?: (status: number) => number;
}

/** `_pgl_setPGliteExitStatus` for an SQL error, with which all is well. */
const SQL_ERROR = 100;

/**
 * The one backend that PGlite has, made safe for statements of others.
 *
 * A C++ exception in GEOS does not become an SQL error in PGlite: nobody catches it, the executor just stops, a SELECT
 * answers with fewer rows and an INSERT keeps what it had written. `Backend` notices it by the count of uncaught
 * exceptions, aborts the transaction and answers with error XX000. Batches run without their Sync first, so that an
 * exception is noticed before the commit.
 */
export class Backend {
  /** Messages with which PGlite greets a client, up to and without ReadyForQuery. */
  readonly greeting: Buffer;
  private readonly db: PGlite;
  private readonly uncaught: () => number;
  /** An exception was thrown while the current messages ran. */
  private lost = false;
  private dead: Error | null = null;

  private constructor(db: PGlite, greeting: Buffer, onDeath: (reason: Error) => void) {
    this.db = db;
    this.greeting = greeting;
    const internals = db.Module as unknown as Internals;
    const { ___cxa_uncaught_exceptions: uncaught, _pgl_setPGliteExitStatus: exitStatus } = internals;
    if (!uncaught || !exitStatus) throw new Error('another version of PGlite than the one pinned in package.json');
    this.uncaught = uncaught;
    // oxlint-disable-next-line no-underscore-dangle -- PGlite's name
    internals._pgl_setPGliteExitStatus = (status) => {
      const answer = exitStatus(status);
      if (answer !== SQL_ERROR && this.dead === null) {
        this.dead = new Error('the embedded database failed inside (memory or stack exhausted?) and starts again');
        onDeath(this.dead);
      }
      if (this.dead) throw this.dead;
      return answer;
    };
  }

  /** @param onDeath called when PGlite has failed in a way after which its answers mean nothing: it must be reopened */
  static async open(db: PGlite, onDeath: (reason: Error) => void): Promise<Backend> {
    const reader = new MessageReader();
    const onRawData = (bytes: Uint8Array): void => reader.push(Buffer.from(bytes));
    await db.execProtocolRawStream(startupMessage({ user: 'postgres', database: 'postgres' }), { onRawData });
    const greeting: Buffer[] = [];
    for (let m = reader.next(true); m !== null; m = reader.next(true))
      if (m[0] !== Back.readyForQuery) greeting.push(m);
    return new Backend(db, Buffer.concat(greeting), onDeath);
  }

  get inTransaction(): boolean {
    return this.db.isInTransaction();
  }

  /**
   * Runs messages and calls `onMessage` with each answer but ReadyForQuery. Resolves to the status, if one was sent.
   * After an exception `lost` is true, and what tells of an end that was none is kept back.
   */
  private async raw(messages: readonly Buffer[], onMessage: (m: Buffer) => void): Promise<string | null> {
    if (this.dead) throw this.dead;
    const reader = new MessageReader();
    const before = this.uncaught();
    let status: string | null = null;
    const onRawData = (bytes: Uint8Array): void => {
      this.lost = this.uncaught() > before;
      // The bytes are a view of WebAssembly memory that the next call overwrites.
      reader.push(Buffer.from(bytes));
      for (let m = reader.next(true); m !== null; m = reader.next(true)) {
        if (m[0] === Back.readyForQuery) status = String.fromCharCode(m[5]!);
        else if (!(this.lost && isEnd(m))) onMessage(m);
      }
    };
    await this.db.execProtocolRawStream(messages.length === 1 ? messages[0]! : Buffer.concat(messages), { onRawData });
    this.lost = this.uncaught() > before;
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
    if (messages.length > 0) {
      await this.raw(messages, send);
      if (this.lost) {
        send(errorResponse('XX000', ABORTED));
        return this.abort();
      }
    }
    if (!sync) return this.status;
    // Constraints and triggers that were deferred run now.
    const status = await this.raw([message(Front.sync)], send);
    if (this.lost) send(errorResponse('XX000', KEPT));
    return status ?? this.status;
  }

  /** Runs a simple query, or a COPY FROM STDIN and its data. Returns the transaction status. */
  async simple(messages: readonly Buffer[], send: (m: Buffer) => void): Promise<string> {
    if (!this.inTransaction && messages.length === 1) {
      const status = await this.simpleAsExtended(messages[0]!, send);
      if (status !== null) return status;
    }
    const status = await this.raw(messages, (m) => {
      // The gateway sent its own CopyInResponse before it collected the data.
      if (m[0] !== Back.copyInResponse) send(m);
    });
    if (this.lost) {
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
    if (
      !/^\s*(insert|update|delete|merge|with|select|do|call|create\s+(table|index|materialized)|refresh)\b/i.test(
        query.toString('latin1', 5, 200),
      )
    )
      return null;
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

/** The messages that end a statement, and the warnings about what an exception left open. */
function isEnd(m: Buffer): boolean {
  return m[0] === Back.commandComplete || m[0] === Back.portalSuspended || m[0] === Back.notice;
}
