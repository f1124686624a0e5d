import { shanghaiDay } from '../shanghai-time.ts';
import type { Sql, TransactionSql } from '../db/connect.ts';

/** Tables with a partition for each day. */
export type DayTable = 'reading' | 'position';

const DAY_MS = 86_400_000;

/** Days from one instant to another, both included. */
export function daysFrom(from: number, to: number): string[] {
  const days: string[] = [];
  for (let at = from; shanghaiDay(at) <= shanghaiDay(to); at += DAY_MS) days.push(shanghaiDay(at));
  return days;
}

/** Makes the partitions of these days that are not there; a day may be named more than once. */
export async function addDays(sql: Sql | TransactionSql, table: DayTable, days: readonly string[]): Promise<number> {
  if (days.length === 0) return 0;
  const [row] = await sql<{ made: number }[]>`
    select app.add_days(${table}, ${[...new Set(days)].toSorted()}::date[]) as made`;
  return row?.made ?? 0;
}

/** Drops the partitions of the days before one. */
export async function dropDays(sql: Sql | TransactionSql, table: DayTable, before: string): Promise<number> {
  const [row] = await sql<{ dropped: number }[]>`select app.drop_days(${table}, ${before}::date) as dropped`;
  return row?.dropped ?? 0;
}

/** True when a row was refused because its day has no partition. */
export function hasNoPartition(cause: unknown): boolean {
  const { code, message } = (cause ?? {}) as { code?: unknown; message?: unknown };
  return code === '23514' && /no partition of relation/.test(String(message));
}
