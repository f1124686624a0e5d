import { describe, expect, it } from 'vitest';
import { expired, type Replaced, type Retention, retentionOf } from '../../../etl/history/retention.ts';

const NOW = new Date('2026-03-15T12:00:00+08:00');
const HOUR = 3_600_000;

/** Versions that followed each other, from the given instants on; the last one was replaced a minute ago. */
function versions(...from: string[]): Replaced[] {
  return from.map((at, i) => ({
    load: i + 1,
    validFrom: new Date(at),
    validTo: i + 1 < from.length ? new Date(from[i + 1] as string) : new Date(NOW.getTime() - 60_000),
  }));
}

function keptOf(list: Replaced[], retention: Partial<Retention>): number[] {
  const gone = expired(list, { newest: 0, days: 0, daily: 0, monthly: 0, ...retention }, NOW);
  return list.filter((version) => !gone.includes(version)).map(({ load }) => load);
}

describe('expired', () => {
  it('keeps the newest, whatever their age and order', () => {
    const list = versions('2024-01-01', '2024-01-02', '2024-01-03');
    expect(keptOf(list, { newest: 2 })).toEqual([2, 3]);
    expect(
      expired(list.toReversed(), { newest: 2, days: 0, daily: 0, monthly: 0 }, NOW).map(({ load }) => load),
    ).toEqual([1]);
    expect(keptOf(list, { newest: 5 })).toEqual([1, 2, 3]);
    expect(keptOf([], { newest: 1 })).toEqual([]);
  });

  it('keeps what was live in the last days, not what was made in them', () => {
    // The first was replaced 10 days ago, though it is two years old.
    expect(keptOf(versions('2024-03-01', '2026-03-05', '2026-03-10'), { days: 12 })).toEqual([1, 2, 3]);
    expect(keptOf(versions('2024-03-01', '2026-03-05', '2026-03-10'), { days: 8 })).toEqual([2, 3]);
  });

  it('keeps what was live at the end of each month, in Asia/Shanghai', () => {
    const list = versions(
      '2025-12-20T00:00:00+08:00',
      '2026-01-10T00:00:00+08:00',
      '2026-01-20T00:00:00+08:00',
      // Still January in UTC, February in Foshan.
      '2026-02-01T01:00:00+08:00',
      '2026-02-10T00:00:00+08:00',
      '2026-03-02T00:00:00+08:00',
    );
    expect(keptOf(list, { monthly: 12 })).toEqual([1, 3, 5]);
    expect(keptOf(list, { monthly: 1 })).toEqual([5]);
    // One version may stand for several months.
    expect(keptOf(versions('2025-11-01', '2026-02-20'), { monthly: 6 })).toEqual([1, 2]);
  });

  it('keeps the last of each day', () => {
    const hourly = versions(
      ...Array.from({ length: 72 }, (_, i) => new Date(NOW.getTime() - (72 - i) * HOUR).toISOString()),
    );
    // Noon to noon: three midnights.
    expect(keptOf(hourly, { daily: 30 })).toHaveLength(3);
    expect(keptOf(hourly, { daily: 1, newest: 1 })).toHaveLength(2);
  });
});

describe('the policy', () => {
  it('always keeps what the last load replaced', () => {
    for (const engine of ['server', 'embedded'] as const)
      for (const cadence of ['realtime', 'daily', 'monthly', 'yearly'] as const)
        expect(retentionOf(engine, cadence).newest).toBeGreaterThanOrEqual(1);
  });

  it('keeps a bounded number of versions of a layer that is loaded every minute', () => {
    const minutes = versions(
      ...Array.from({ length: 3 * 1440 }, (_, i) => new Date(NOW.getTime() - (3 * 1440 - i) * 60_000).toISOString()),
    );
    for (const engine of ['server', 'embedded'] as const)
      expect(minutes.length - expired(minutes, retentionOf(engine, 'realtime'), NOW).length).toBeLessThan(100);
  });
});
