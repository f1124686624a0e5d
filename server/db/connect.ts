import { type ClientConfig, types as pgTypes } from 'pg';
import postgres from 'postgres';
import { type Embedded, openEmbedded } from './embedded/open.ts';

/**
 * How values of the database become values of JavaScript, for postgres.js and pg alike:
 * - int8: `number` where that is exact (|n| ≤ 2^53-1: ids, counts, `fid`, `qk`), otherwise `bigint` (`h3`). Never rounded.
 * - date: the text `YYYY-MM-DD`. A day is no instant and has no time zone.
 * - timestamptz: `Date`. numeric: text.
 */
const types = {
  bigint: { to: 20, from: [20], serialize: String, parse: parseInt8 },
  day: { to: 1082, from: [1082], serialize: serializeDay, parse: (text: string): string => text },
};

function parseInt8(text: string): number | bigint {
  const value = Number(text);
  return Number.isSafeInteger(value) ? value : BigInt(text);
}

function serializeDay(value: unknown): string {
  return value instanceof Date ? value.toISOString().slice(0, 10) : String(value);
}

/** Types beyond the driver's own that a query parameter may have. */
type ParameterTypes = { bigint: bigint | number };
export type Sql = postgres.Sql<ParameterTypes>;
export type TransactionSql = postgres.TransactionSql<ParameterTypes>;

export interface ConnectOptions {
  /** `postgres://…` of a server. Without it the embedded database in `dataDir` is used. */
  url?: string | undefined;
  /** Folder of the embedded database; its files are in `<dataDir>/embedded`. Default `./data`. */
  dataDir?: string | undefined;
  applicationName?: string | undefined;
  /** Connections in the pool. Default 8. */
  max?: number | undefined;
  /** Server only: settings of each connection, e.g. `statement_timeout`. */
  settings?: Readonly<Record<string, string>> | undefined;
  /** Embedded only: how long a transaction may stand idle while others wait, ms. Default 60 000. */
  idleInTransactionMs?: number | undefined;
}

export interface Database {
  /**
   * Queries, transactions and LISTEN. Never COPY through it: a bad row would hang for ever. See `openLoader`.
   *
   * The embedded engine has one backend: while a transaction is open everybody else waits. So inside `sql.begin(tx => …)`
   * await `tx` only, never `sql` (and not `tx.notify`, which postgres.js sends on another connection): it would wait
   * for itself until it is thrown out. Settings and temporary tables are shared: `set local`, `set_config(…, true)`.
   */
  readonly sql: Sql;
  readonly engine: 'embedded' | 'server';
  /** For everything that connects with `pg` instead. */
  readonly clientConfig: ClientConfig;
  /** For another thread of this process: `connectTo`. */
  readonly address: DatabaseAddress;
  /** For status pages. */
  readonly version: { postgres: string; postgis: string };
  /** Ends all connections; the embedded database is closed with the last of them in this process. */
  close(): Promise<void>;
}

/** Where an open database is, as plain data. */
export type DatabaseAddress = { url: string } | { socket: string };

/**
 * Connections to a database that this process has opened and checked already, for another thread. They last until
 * `sql.end()`; the embedded database itself is closed by who opened it.
 */
export function connectTo(
  address: DatabaseAddress,
  { max = 8, applicationName = 'onemap', settings }: Pick<ConnectOptions, 'max' | 'applicationName' | 'settings'> = {},
): Sql {
  const common = {
    max,
    types,
    onnotice: () => {},
    // The driver's own pause grows with the failures of all connections together: a pool of 8 would wait 20 s.
    backoff: () => 0.25,
  };
  return 'url' in address
    ? postgres(address.url, {
        ...common,
        connect_timeout: 10,
        connection: { ...settings, application_name: applicationName, TimeZone: 'Asia/Shanghai' },
      })
    : postgres({
        ...common,
        path: address.socket,
        user: 'postgres',
        database: 'postgres',
        // One statement blocks the engine, and with it the answer to a new connection.
        connect_timeout: 600,
      });
}

/** The URL without its password, for messages. */
export function withoutPassword(url: string): string {
  return url.replace(/^([a-z]+:\/\/[^:@/]*):[^@/]*@/i, '$1:***@').replace(/([?&]password=)[^&]*/gi, '$1***');
}

/** How long queries under way are waited for when connections are closed, s. */
const CLOSE_SECONDS = 3;

/**
 * Connects to the database and checks that it can do what we need (PostgreSQL ≥ 15, PostGIS ≥ 3.3).
 * @throws when the server cannot be reached or lacks PostGIS; the message names the URL without its password
 */
export async function connectDatabase(options: ConnectOptions = {}): Promise<Database> {
  return options.url === undefined || options.url === ''
    ? connectEmbedded(options)
    : connectServer(options.url, options);
}

async function connectServer(url: string, options: ConnectOptions): Promise<Database> {
  if (!/^postgres(ql)?:\/\//.test(url)) {
    throw new Error(
      `not a PostgreSQL URL: ${withoutPassword(url)} (expected postgres://user:password@host:5432/database)`,
    );
  }
  const applicationName = options.applicationName ?? 'onemap';
  const { max, settings } = options;
  const sql = connectTo({ url }, { max, applicationName, settings });
  try {
    return {
      sql,
      engine: 'server',
      address: { url },
      clientConfig: {
        connectionString: url,
        application_name: applicationName,
        types: { getTypeParser },
      },
      version: await checkVersion(sql),
      close: () => sql.end({ timeout: CLOSE_SECONDS }),
    };
  } catch (error) {
    await sql.end({ timeout: 0 });
    const reason = error instanceof Error ? error.message || (error as NodeJS.ErrnoException).code : String(error);
    throw new Error(`database ${withoutPassword(url)}: ${reason}`, { cause: error });
  }
}

async function connectEmbedded(options: ConnectOptions): Promise<Database> {
  const { idleInTransactionMs } = options;
  const embedded: Embedded = await openEmbedded(options.dataDir ?? './data', {
    ...(idleInTransactionMs !== undefined && { idleInTransactionMs }),
  });
  const address = { socket: embedded.socket };
  const sql = connectTo(address, { max: options.max });
  const close = async (): Promise<void> => {
    await sql.end({ timeout: CLOSE_SECONDS });
    await embedded.close();
  };
  try {
    return {
      sql,
      engine: 'embedded',
      address,
      clientConfig: { host: embedded.socketDir, user: 'postgres', database: 'postgres', types: { getTypeParser } },
      version: await checkVersion(sql),
      close,
    };
  } catch (error) {
    await close();
    throw error;
  }
}

async function checkVersion(sql: Sql): Promise<Database['version']> {
  const [server] = await sql<{ number: number; postgres: string; postgis: string | null }[]>`
    select current_setting('server_version_num')::int as number, current_setting('server_version') as postgres,
      (select coalesce(installed_version, default_version) from pg_available_extensions where name = 'postgis') as postgis`;
  if (!server || server.number < 150000)
    throw new Error(`PostgreSQL ${server?.postgres} is too old: 15 or later is needed`);
  if (server.postgis === null)
    throw new Error('PostGIS is not installed on the server (Debian: postgresql-15-postgis-3)');
  const [major = 0, minor = 0] = server.postgis.split('.').map(Number);
  if (major < 3 || (major === 3 && minor < 3))
    throw new Error(`PostGIS ${server.postgis} is too old: 3.3 or later is needed`);
  return { postgres: server.postgres, postgis: server.postgis };
}

/** Types of pg as in `types` above. */
function getTypeParser(oid: number, format?: 'text' | 'binary'): (text: string) => unknown {
  if (format !== 'binary') {
    if (oid === 20) return parseInt8;
    if (oid === 1082) return types.day.parse;
  }
  return pgTypes.getTypeParser(oid, format) as (text: string) => unknown;
}
