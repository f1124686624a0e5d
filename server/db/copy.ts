import { Client, type QueryResultRow } from 'pg';
import { type CopyStreamQuery, from as copyFrom } from 'pg-copy-streams';
import { identifier } from '../../layers/ddl.ts';
import type { Database } from './connect.ts';

/** The embedded engine collects the data of a COPY in memory: it gets it in statements of about this size. */
const PIECE = 16 << 20;
const HEADER = Buffer.from('PGCOPY\n\xff\r\n\0\0\0\0\0\0\0\0\0', 'latin1');
const TRAILER = Buffer.from([0xff, 0xff]);

/** Takes rows for one table. */
export interface CopyWriter {
  /**
   * Sends whole rows in COPY BINARY format (`BinaryRows.take()`). Resolves when more may be sent.
   * @throws the error of PostgreSQL, once it has refused a row; the transaction can then only be rolled back
   */
  write(rows: Buffer): Promise<void>;
  /** Resolves to the number of rows copied. Throws like `write`. */
  end(): Promise<number>;
  /** Gives up: nothing of this COPY stays (see `openLoader` for the embedded engine outside a transaction). */
  abort(): Promise<void>;
}

export interface CopyOptions {
  /**
   * The rows are stored as visible to all, so that nobody who reads them has to find out and note it in every page. Only for a
   * table that was made in the same transaction. The embedded engine stores them like any others.
   */
  isFrozen?: boolean;
}

/** A connection of its own for a load, and its transaction. */
export interface Loader {
  /** Runs SQL without parameters, several statements if need be. */
  exec(sql: string): Promise<void>;
  query<T extends QueryResultRow>(sql: string, parameters?: readonly unknown[]): Promise<T[]>;
  /** @param table name with or without schema, e.g. `layers_next.person` */
  copy(table: string, columns: readonly string[], options?: CopyOptions): CopyWriter;
  begin(): Promise<void>;
  /** Commits and ends the connection. */
  commit(): Promise<void>;
  /** Rolls back what is open and ends the connection. Does nothing after `commit`. Never throws: use it in `finally`. */
  rollback(): Promise<void>;
}

export interface LoaderOptions {
  /**
   * Begin a transaction at once (default). With false each statement commits by itself until `begin()`: the way to fill
   * a staging table on the embedded engine, where a transaction keeps everybody else waiting. A COPY is then not atomic
   * there: it commits every 16 MB.
   */
  transaction?: boolean;
}

/**
 * Opens a connection for bulk loading, outside the pool of `db.sql`:
 *
 *     const loader = await openLoader(db);
 *     try {
 *       await loader.exec('create table layers_next.person (…)');
 *       const writer = loader.copy('layers_next.person', columns);
 *       await writer.write(rows.take());
 *       await writer.end();
 *       await loader.commit();
 *     } finally {
 *       await loader.rollback();
 *     }
 *
 * On the embedded engine do not await `db.sql` inside the transaction: it waits for the transaction to end.
 */
export async function openLoader(db: Database, options: LoaderOptions = {}): Promise<Loader> {
  const client = new Client(db.clientConfig);
  // An error while no query runs has nobody to tell; the next query fails with it.
  client.on('error', () => {});
  await client.connect();
  const loader = new PgLoader(client, db.engine === 'embedded');
  if (options.transaction !== false) await loader.begin();
  return loader;
}

/**
 * Copies rows into one table on a connection of its own, all or none.
 * @returns a writer whose `end` commits
 */
export async function copyRows(db: Database, table: string, columns: readonly string[]): Promise<CopyWriter> {
  const loader = await openLoader(db);
  const writer = loader.copy(table, columns);
  return {
    write: (rows) => writer.write(rows),
    async end() {
      try {
        const count = await writer.end();
        await loader.commit();
        return count;
      } finally {
        await loader.rollback();
      }
    },
    async abort() {
      await writer.abort();
      await loader.rollback();
    },
  };
}

class PgLoader implements Loader {
  private readonly client: Client;
  private readonly pieces: boolean;
  private ended = false;
  /** The COPY begun last: it must be over before anything else can run. */
  private writer: CopyWriter | null = null;

  constructor(client: Client, pieces: boolean) {
    this.client = client;
    this.pieces = pieces;
  }

  async exec(sql: string): Promise<void> {
    await this.client.query(sql);
  }

  async query<T extends QueryResultRow>(sql: string, parameters: readonly unknown[] = []): Promise<T[]> {
    return (await this.client.query<T>(sql, [...parameters])).rows;
  }

  copy(table: string, columns: readonly string[], { isFrozen = false }: CopyOptions = {}): CopyWriter {
    const names = table.split('.').map(identifier).join('.');
    const freeze = isFrozen ? ', freeze' : '';
    const sql = `copy ${names} (${columns.map(identifier).join(', ')}) from stdin with (format binary${freeze})`;
    this.writer = new PiecewiseWriter(() => new CopyStatement(this.client, sql), this.pieces ? PIECE : Infinity);
    return this.writer;
  }

  async begin(): Promise<void> {
    await this.exec('begin');
  }

  async commit(): Promise<void> {
    const { command } = await this.client.query('commit');
    // COMMIT of a failed transaction answers ROLLBACK, without an error.
    if (command !== 'COMMIT') throw new Error('nothing was committed: a statement of the transaction had failed');
    this.ended = true;
    await this.client.end();
  }

  async rollback(): Promise<void> {
    if (this.ended) return;
    this.ended = true;
    try {
      await this.writer?.abort();
      await this.exec('rollback');
    } catch {
      // The connection is gone, and the transaction with it.
    }
    await this.client.end().catch(() => {});
  }
}

/** One COPY statement. */
class CopyStatement {
  private readonly stream: CopyStreamQuery;
  private ended = false;
  private failure: Error | null = null;
  private fail: ((error: Error) => void) | null = null;

  constructor(client: Client, sql: string) {
    this.stream = client.query(copyFrom(sql));
    this.stream.on('error', (error: Error) => {
      this.failure ??= error;
      this.fail?.(error);
    });
  }

  /** Runs a step of the stream, which calls back when done unless the stream fails. */
  private step(run: (done: () => void) => void): Promise<void> {
    if (this.failure) return Promise.reject(this.failure);
    return new Promise<void>((resolve, reject) => {
      this.fail = reject;
      run(resolve);
    }).finally(() => (this.fail = null));
  }

  write(chunk: Buffer): Promise<void> {
    return this.step((done) => this.stream.write(chunk, (error) => error ?? done()));
  }

  async end(): Promise<number> {
    await this.step((done) => this.stream.end(done));
    this.ended = true;
    return this.stream.rowCount;
  }

  async abort(): Promise<void> {
    if (this.failure || this.ended) return;
    await new Promise<void>((resolve) =>
      this.stream.once('close', resolve).destroy(new Error('aborted by the loader')),
    );
  }
}

/** One COPY statement after the other, each of about `limit` bytes. */
class PiecewiseWriter implements CopyWriter {
  private readonly start: () => CopyStatement;
  private readonly limit: number;
  private statement: CopyStatement;
  private sent = 0;
  private rows = 0;
  private opened = false;

  constructor(start: () => CopyStatement, limit: number) {
    this.start = start;
    this.limit = limit;
    this.statement = start();
  }

  async write(rows: Buffer): Promise<void> {
    if (rows.length === 0) return;
    if (this.sent >= this.limit) {
      this.rows += await this.endStatement();
      this.statement = this.start();
    }
    await this.open();
    this.sent += rows.length;
    await this.statement.write(rows);
  }

  async end(): Promise<number> {
    await this.open();
    return this.rows + (await this.endStatement());
  }

  abort(): Promise<void> {
    return this.statement.abort();
  }

  private async open(): Promise<void> {
    if (this.opened) return;
    this.opened = true;
    await this.statement.write(HEADER);
  }

  private async endStatement(): Promise<number> {
    await this.statement.write(TRAILER);
    this.opened = false;
    this.sent = 0;
    return this.statement.end();
  }
}
