import type { Sql } from '../db/connect.ts';
import { addDays, hasNoPartition } from './day-partitions.ts';
import { shanghaiDay } from '../shanghai-time.ts';
import type { Reading } from './reading.ts';

/** What became of a reading of a batch: stored now, known before, or refused since its instant holds another value. */
export type StoreResult = 'stored' | 'known' | 'differs';

interface Stored {
  stored: number;
  batch: number | null;
  differing: number[] | null;
}

/**
 * Stores readings that were checked, with what follows from them (`app.store_readings`), in one transaction. One result
 * per reading, in order.
 */
export async function storeReadings(sql: Sql, readings: readonly Reading[]): Promise<StoreResult[]> {
  const columns = [
    readings.map(({ sensor }) => sensor),
    readings.map(({ metric }) => metric),
    readings.map(({ at }) => at),
    readings.map(({ value }) => value),
  ] as const;
  const store = async (): Promise<Stored> => {
    const [row] = await sql<Stored[]>`
      select stored, batch::float8, differing
      from app.store_readings(${columns[0]}::text[], ${columns[1]}::text[], ${columns[2]}::float8[], ${columns[3]}::float8[])`;
    if (!row) throw new Error('app.store_readings answered nothing');
    return row;
  };
  const { stored, batch, differing } = await store().catch(async (cause: unknown) => {
    // The first reading of a day that was not prepared for: made apart, since a partition locks more than a row.
    if (!hasNoPartition(cause)) throw cause;
    await addDays(
      sql,
      'reading',
      readings.map(({ at }) => shanghaiDay(at)),
    );
    return store();
  });
  if (stored === readings.length) return readings.map(() => 'stored');
  const fresh = batch === null ? new Set<string>() : await keysOfBatch(sql, batch);
  const other = new Set(differing);
  return readings.map((reading, i) =>
    other.has(i + 1) ? 'differs' : fresh.delete(keyOf(reading)) ? 'stored' : 'known',
  );
}

/** Only for batches with known readings in them: which ones are new. */
async function keysOfBatch(sql: Sql, batch: number): Promise<Set<string>> {
  const rows = await sql<Omit<Reading, 'value'>[]>`
    select u.sensor, u.metric, (extract(epoch from u.at) * 1000)::float8 as at
    from app.reading_batch b, unnest(b.sensor, b.metric, b.at) u(sensor, metric, at) where b.id = ${batch}`;
  return new Set(rows.map(keyOf));
}

function keyOf({ sensor, metric, at }: Omit<Reading, 'value'>): string {
  return `${sensor}\n${metric}\n${at}`;
}
