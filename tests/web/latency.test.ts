import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { LatencyHistogram, LatencyMeter } from '../../web/latency.ts';

describe('latency histogram', () => {
  it('has no quantile without samples', () => {
    expect(new LatencyHistogram().quantile(0.5, 0)).toBeNull();
  });

  it('gives quantiles at most 8 % above the true ones', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 2, max: 100_000 }), { minLength: 1, maxLength: 200 }), (samples) => {
        const histogram = new LatencyHistogram();
        samples.forEach((ms) => histogram.add(ms, 0));
        const sorted = samples.toSorted((a, b) => a - b);
        for (const q of [0.5, 0.9, 0.99, 1]) {
          const truth = sorted[Math.max(1, Math.ceil(q * samples.length)) - 1] ?? 0;
          const answer = histogram.quantile(q, 0) ?? 0;
          expect(answer).toBeGreaterThanOrEqual(Math.floor(truth));
          expect(answer).toBeLessThanOrEqual(Math.ceil(truth * 1.08) + 1);
        }
      }),
    );
  });

  it('forgets what is older than two windows, and keeps what is younger than one', () => {
    const histogram = new LatencyHistogram(1_000);
    histogram.add(50, 0);
    expect(histogram.count(999)).toBe(1);
    expect(histogram.count(1_500)).toBe(1);
    histogram.add(70, 1_600);
    expect(histogram.count(2_600)).toBe(1);
    expect(histogram.count(60_000)).toBe(0);
  });

  it('takes broken clocks as zero, not as a crash', () => {
    const histogram = new LatencyHistogram();
    histogram.add(-5_000, 0);
    histogram.add(Number.NaN, 0);
    histogram.add(1e12, 0);
    expect(histogram.count(0)).toBe(3);
    expect(histogram.quantile(0.5, 0)).toBe(1);
  });
});

describe('latency meter', () => {
  it('splits the way into its steps', () => {
    const meter = new LatencyMeter(0);
    meter.add({ occurred: 0, received: 1_000, committed: 1_010, pushed: 1_050, painted: 1_100 }, 1_100);
    const { count, p50, stages } = meter.report(1_100);
    expect(count).toBe(1);
    expect(p50).toBeGreaterThanOrEqual(100);
    expect(p50).toBeLessThanOrEqual(109);
    expect(stages.received).toBeGreaterThanOrEqual(1_000);
    expect(stages.committed).toBeLessThanOrEqual(11);
    expect(stages.pushed).toBeLessThanOrEqual(44);
    expect(stages.painted).toBeLessThanOrEqual(55);
  });
});
