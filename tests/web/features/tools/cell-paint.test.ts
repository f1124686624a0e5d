import { describe, expect, it } from 'vitest';
import { correlationPaint, coveragePaint, hotspotPaint } from '../../../../web/features/tools/cell-paint.ts';
import { fitLine } from '../../../../web/fit-line.ts';

const roads = { layer: 'road', load: 1 };

describe('cells in the colours of what a tool found', () => {
  it('have one class each, counted in the legend, by both methods', () => {
    const common = { by: 'grid' as const, n: 4, leftOut: 0, links: 6, islands: 0, global: null };
    const columns = { codes: ['a', 'b', 'c', 'd'], values: [1, 2, 3, 4], statistics: [1, 2, 3, 4], p: [0, 0, 0, 1] };
    const gi = hotspotPaint({ ...common, ...columns, method: 'gi', classes: ['hot99', 'cold95', 'none', 'hot99'] });
    expect(gi.classes.filter(({ count }) => count > 0).map(({ label, count }) => [label, count])).toEqual([
      ['tools.class.hot99', 2],
      ['tools.class.none', 1],
      ['tools.class.cold95', 1],
    ]);
    expect(gi.colors.get('a')).toBe(gi.colors.get('d'));
    expect(gi.colors.get('a')).not.toBe(gi.colors.get('b'));
    const moran = hotspotPaint({ ...common, ...columns, method: 'moran', classes: ['HH', 'LL', 'HL', 'none'] });
    expect(new Set(moran.colors.values()).size).toBe(4);
    for (const { classes } of [gi, moran]) {
      expect(new Set(classes.map(({ color }) => color)).size).toBe(classes.length);
      expect(classes.every(({ color }) => /^#[0-9a-f]{6}$/.test(color))).toBe(true);
    }
  });

  it('tell nothing reached from a little, and all from almost all', () => {
    const shares = [0, 0.001, 0.25, 0.7, 0.99, 0.99999];
    const codes = shares.map(String);
    const { classes } = coveragePaint({ roads, origins: 1, offRoad: 0, codes, metres: shares, shares, share: 0.5 });
    expect(classes.map(({ label, count }) => [label.slice(12), count])).toEqual([
      ['share100', 1],
      ['share75', 1],
      ['share50', 1],
      ['share25', 1],
      ['share0', 1],
      ['shareNone', 1],
    ]);
  });

  it('lie above or below the line that fits best', () => {
    const a = [0, 1, 2, 3, 4, 5, 6, 7, 8, 9];
    const exact = fitLine(
      a,
      a.map((x) => 3 * x + 1),
    );
    expect(exact.slope).toBeCloseTo(3);
    expect(exact.intercept).toBeCloseTo(1);
    expect(exact.residuals).toEqual(a.map(() => 0));
    const b = a.map((x, index) => x + (index === 4 ? 10 : 0));
    const { residuals } = fitLine(a, b);
    expect(residuals[4]).toBeGreaterThan(2);
    expect(residuals.reduce((sum, each) => sum + each, 0)).toBeCloseTo(0);
    expect(fitLine([1, 1], [2, 3]).slope).toBe(0);
    const answer = { by: 'community' as const, n: 10, leftOut: 0, pearson: { r: 1, p: 0 }, spearman: { r: 1, p: 0 } };
    const { colors, classes } = correlationPaint({ ...answer, codes: a.map(String), a, b });
    expect(colors.size).toBe(10);
    expect(classes[0]).toMatchObject({ label: 'tools.class.above2', count: 1 });
  });
});
