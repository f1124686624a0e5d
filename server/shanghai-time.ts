/** Asia/Shanghai has had no summer time since 1991; earlier instants are told with the same offset. */
export const SHANGHAI_OFFSET_MS = 8 * 3_600_000;

/** The calendar day of a moment in Asia/Shanghai, `YYYY-MM-DD`. @param at ms since 1970 */
export function shanghaiDay(at: number): string {
  return new Date(at + SHANGHAI_OFFSET_MS).toISOString().slice(0, 10);
}

/** An instant as people in Asia/Shanghai write it, in whole seconds, with its offset. */
export function shanghaiTime(at: Date): string {
  return `${new Date(at.getTime() + SHANGHAI_OFFSET_MS).toISOString().slice(0, 19)}+08:00`;
}
