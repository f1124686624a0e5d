import type { Cadence } from '../../layers/define.ts';

/** Which replaced versions of a layer stay. The live one always does. */
export interface Retention {
  /** The newest replaced versions, however old they are. */
  newest: number;
  /** Every version that was live within the last so many days. */
  days: number;
  /** The last version of each day, for so many days. */
  daily: number;
  /** The last version of each month, for so many months. */
  monthly: number;
}

/**
 * The policy, in one place. A version is a whole table, so layers that change every minute keep one a day, and the
 * embedded database, which is made for small disks and memories, keeps what the last load replaced and little else.
 */
const POLICY: Record<'server' | 'embedded', { usual: Retention; realtime: Retention }> = {
  server: {
    usual: { newest: 2, days: 30, daily: 0, monthly: 24 },
    realtime: { newest: 2, days: 1 / 24, daily: 30, monthly: 0 },
  },
  embedded: {
    usual: { newest: 2, days: 0, daily: 0, monthly: 0 },
    realtime: { newest: 1, days: 0, daily: 0, monthly: 0 },
  },
};

export function retentionOf(engine: 'server' | 'embedded', cadence: Cadence): Retention {
  return POLICY[engine][cadence === 'realtime' ? 'realtime' : 'usual'];
}

/** A replaced version: when it was live. */
export interface Replaced {
  load: number;
  validFrom: Date;
  validTo: Date;
}

const DAY_MS = 86_400_000;
/** Days and months are those of Asia/Shanghai, which has no summer time. */
const ZONE_MS = 8 * 3_600_000;

/** The versions that the policy no longer keeps, in the order given. */
export function expired<T extends Replaced>(replaced: readonly T[], retention: Retention, now: Date): T[] {
  const newestFirst = replaced.toSorted((a, b) => b.validFrom.getTime() - a.validFrom.getTime() || b.load - a.load);
  const kept = new Set<T>(newestFirst.slice(0, retention.newest));
  const since = now.getTime() - retention.days * DAY_MS;
  for (const version of newestFirst) if (version.validTo.getTime() > since) kept.add(version);
  for (const [unit, count] of [
    ['day', retention.daily],
    ['month', retention.monthly],
  ] as const) {
    for (let back = 1; back <= count; back += 1) {
      const end = endOf(unit, now, back);
      const last = newestFirst.find(({ validFrom }) => validFrom.getTime() < end);
      // Live at the end of that day or month: what is asked for by its date.
      if (last !== undefined && last.validTo.getTime() >= end) kept.add(last);
    }
  }
  return replaced.filter((version) => !kept.has(version));
}

/** When the day or month `back` before the current one ended, ms. */
function endOf(unit: 'day' | 'month', now: Date, back: number): number {
  const local = new Date(now.getTime() + ZONE_MS);
  const [year, month, day] = [local.getUTCFullYear(), local.getUTCMonth(), local.getUTCDate()];
  const end = unit === 'day' ? Date.UTC(year, month, day - back + 1) : Date.UTC(year, month - back + 1, 1);
  return end - ZONE_MS;
}
