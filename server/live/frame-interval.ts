import type { HubSettings } from './options.ts';

/** Part of the time that frames may take of the thread, as long as they do not come too late for it. */
const SHARE = 1 / 8;

/**
 * ms between two frames, when making one and writing it to everybody takes `costMs`. A write to a socket costs the same
 * however much is in it: with many clients there are fewer and larger frames, so that most of the time stays for those who
 * report.
 */
export function frameInterval(
  costMs: number,
  { flushMs, longestFlushMs }: Pick<HubSettings, 'flushMs' | 'longestFlushMs'>,
): number {
  return Math.max(flushMs, Math.min(costMs / SHARE, longestFlushMs));
}
