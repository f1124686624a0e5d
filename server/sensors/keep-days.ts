import type { Sql, TransactionSql } from '../db/connect.ts';
import type { Duties } from '../duty/duties.ts';
import { addDays, daysFrom, dropDays } from './day-partitions.ts';
import { shanghaiDay } from '../shanghai-time.ts';

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
/** Days whose partitions are made ahead: a weekend without the service does not matter. */
const AHEAD_DAYS = 3;
/** Hours that batches are kept for those who follow them, and days that positions are. */
const BATCH_HOURS = 6;
export const POSITION_DAYS = 7;

/** Makes the partitions of the days to come and drops those of days long past, of readings and of positions. */
export async function takeOnDays(duties: Duties, keepDays: number): Promise<void> {
  await duties.every({
    name: 'sensors.days',
    everyMs: HOUR_MS,
    run: (tx) => keepDaysOf(tx, Date.now(), keepDays),
  });
}

/** As things should be at `now`, ms since 1970. */
export async function keepDaysOf(sql: Sql | TransactionSql, now: number, keepDays: number): Promise<void> {
  // Who reads an old day holds it; the next hour drops it then.
  await sql`select set_config('lock_timeout', '5s', true)`;
  const days = daysFrom(now, now + AHEAD_DAYS * DAY_MS);
  await addDays(sql, 'reading', days);
  await addDays(sql, 'position', days);
  await dropDays(sql, 'reading', shanghaiDay(now - keepDays * DAY_MS));
  await dropDays(sql, 'position', shanghaiDay(now - POSITION_DAYS * DAY_MS));
  await sql`select app.prune_readings(make_interval(hours => ${BATCH_HOURS}))`;
}
