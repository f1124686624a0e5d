import { dayKey } from '../../server/aggregate/bucket.ts';
import { cellName, hexagonIndex } from '../../server/aggregate/hexagon-index.ts';
import type { ColumnTable } from '../../server/aggregate/column-table.ts';

/** What we use of `@duckdb/node-api`, which is not among our dependencies: 70 MB for one comparison. */
interface DuckConnection {
  run(sql: string): Promise<unknown>;
  runAndReadAll(sql: string): Promise<{ getColumns(): unknown[][] }>;
  createAppender(table: string): Promise<DuckAppender>;
  closeSync(): void;
}
interface DuckAppender {
  appendBigInt(value: bigint): void;
  appendVarchar(value: string): void;
  appendNull(): void;
  endRow(): void;
  closeSync(): void;
}

export interface Duck {
  connection: DuckConnection;
  /** Makes the table `person` of the same rows: the cell at resolution 12, and the fields. */
  load(table: ColumnTable): Promise<void>;
  close(): void;
}

/** DuckDB in this process, in memory; null where it is not installed. */
export async function openDuck(): Promise<Duck | null> {
  // Not a literal: the compiler would look for it.
  const name: string = '@duckdb/node-api';
  let module: { DuckDBInstance: { create(path: string): Promise<{ connect(): Promise<DuckConnection> }> } };
  try {
    module = (await import(name)) as typeof module;
  } catch (error) {
    if ((error as { code?: unknown }).code === 'ERR_MODULE_NOT_FOUND') return null;
    throw error;
  }
  const connection = await (await module.DuckDBInstance.create(':memory:')).connect();
  return { connection, load: (table) => load(connection, table), close: () => connection.closeSync() };
}

async function load(connection: DuckConnection, table: ColumnTable): Promise<void> {
  await connection.run('create table staged (h3 bigint, sex varchar, birth_date varchar, residence_kind varchar)');
  const text = (name: string) => {
    const column = table.fields.get(name);
    if (column?.kind !== 'text') throw new Error(`${name} is no text`);
    return (row: number) =>
      column.codes[row] === 0 ? null : (column.dictionary[column.codes[row] as number] as string);
  };
  const born = table.fields.get('birth_date');
  if (born?.kind !== 'int') throw new Error('birth_date is no date');
  const day = (row: number) => (born.values[row] === born.none ? null : dayKey(born.values[row] as number));
  const columns = [text('sex'), day, text('residence_kind')];
  const { starts } = hexagonIndex(table, 12);
  const appender = await connection.createAppender('staged');
  const append = (value: string | null): void =>
    value === null ? appender.appendNull() : appender.appendVarchar(value);
  let cell = -1;
  for (let row = 0; row < table.rows; row++) {
    if (row < table.located) {
      while (row >= (starts[cell + 1] as number)) cell++;
      const high = typeof table.cellHigh === 'number' ? table.cellHigh : (table.cellHigh[row] as number);
      appender.appendBigInt(BigInt(`0x${cellName(high, table.cellLow[row] as number, 12)}`));
    } else {
      appender.appendNull();
    }
    for (const column of columns) append(column(row));
    appender.endRow();
  }
  appender.closeSync();
  await connection.run(`create table person as select h3, sex::varchar as sex, birth_date::date as birth_date, residence_kind
    from staged order by h3`);
  await connection.run('drop table staged');
}

/** Rows per cell of a resolution, until they are in the process. */
export async function duckHexagons(
  { connection }: Duck,
  condition: string,
  res: number,
): Promise<{ key: unknown; count: number }[]> {
  const reader = await connection.runAndReadAll(
    `select h3 >> ${3 * (15 - res)} as key, count(*)::int as count from person where h3 is not null and ${condition} group by 1`,
  );
  const [keys = [], counts = []] = reader.getColumns();
  return keys.map((key, index) => ({ key, count: Number(counts[index]) }));
}
