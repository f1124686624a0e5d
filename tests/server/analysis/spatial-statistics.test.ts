import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import {
  correlationP,
  fdrThreshold,
  getisOrd,
  globalMoran,
  localMoran,
  pearson,
  ranks,
  spearman,
  twoSided,
} from '../../../server/analysis/spatial-statistics.ts';

interface Case {
  name: string;
  values: number[];
  neighbours: number[][];
  moran: { i: number; expected: number; variance: number; z: number; p: number };
  gi: number[];
  local: { i: number[]; q: string[]; p: number[] };
  other: number[];
  pearson: number;
  spearman: number;
  fdr: number;
}

/** Made by `spatial-statistics.make.py` with PySAL. */
const { cases } = JSON.parse(readFileSync(join(import.meta.dirname, 'spatial-statistics.json'), 'utf8')) as {
  cases: Case[];
};

describe.each(cases)('$name lattice, as PySAL has it', ({ values, neighbours, ...expected }) => {
  it('Getis-Ord Gi*', () => {
    const found = getisOrd(values, neighbours);
    expect(found.some(({ p }) => p < 0.01)).toBe(true);
    found.forEach(({ z }, index) => expect(z).toBeCloseTo(expected.gi[index]!, 8));
  });

  it("Moran's I with its variance under randomisation", () => {
    const found = globalMoran(values, neighbours)!;
    for (const name of ['i', 'expected', 'variance', 'z'] as const) {
      expect(found[name], name).toBeCloseTo(expected.moran[name], 8);
    }
    expect(found.p).toBeCloseTo(expected.moran.p, 6);
  });

  it("local Moran's I, quadrants, and pseudo p near those of other permutations", () => {
    const found = localMoran(values, neighbours, 9999);
    found.forEach(({ i, quadrant, p }, index) => {
      expect(i).toBeCloseTo(expected.local.i[index]!, 8);
      expect(quadrant).toBe(expected.local.q[index]);
      expect(Math.abs(p - expected.local.p[index]!)).toBeLessThan(0.03);
    });
  });

  it('correlations', () => {
    expect(pearson(values, expected.other)).toBeCloseTo(expected.pearson, 10);
    expect(spearman(values, expected.other)).toBeCloseTo(expected.spearman, 10);
  });
});

it('by hand: four cells in a row with 1, 2, 3, 4', () => {
  const neighbours = [[1], [0, 2], [1, 3], [2]];
  const [first] = getisOrd([1, 2, 3, 4], neighbours);
  // Mean 2.5, S = √1.25, w = 2: (3 − 5) / (√1.25 · √((4·2 − 4)/3)).
  expect(first!.z).toBeCloseTo(-2 / (Math.sqrt(1.25) * Math.sqrt(4 / 3)), 12);
  // Deviations −1.5 −0.5 0.5 1.5: lags −0.5 −0.5 0.5 0.5; Σ z·lag = 0.75 + 0.25 + 0.25 + 0.75, Σ z² = 5.
  expect(globalMoran([1, 2, 3, 4], neighbours)!.i).toBeCloseTo(2 / 5, 12);
});

it('is not defined where all are the same or nobody has neighbours', () => {
  expect(globalMoran([3, 3, 3, 3, 3], [[1], [0], [3], [2], []])).toBeNull();
  expect(globalMoran([1, 2, 3, 4, 5], [[], [], [], [], []])).toBeNull();
  expect(getisOrd([3, 3, 3], [[1], [0], []]).map(({ z }) => z)).toEqual([0, 0, 0]);
});

it('controls the false discovery rate as in the example of Benjamini and Hochberg (1995), section 3', () => {
  const ps = [
    0.0001, 0.0004, 0.0019, 0.0095, 0.0201, 0.0278, 0.0298, 0.0344, 0.0459, 0.324, 0.4262, 0.5719, 0.6528, 0.759, 1,
  ];
  expect(fdrThreshold(ps, 0.05)).toBe(0.0095);
  expect(fdrThreshold([0.5, 0.9], 0.05)).toBe(0);
});

it('knows the normal distribution and ranks with ties', () => {
  expect(twoSided(1.959964)).toBeCloseTo(0.05, 6);
  expect(twoSided(-2.575829)).toBeCloseTo(0.01, 6);
  expect(ranks([10, 20, 20, 5])).toEqual([2, 3.5, 3.5, 1]);
  expect(correlationP(0.5, 40)).toBeCloseTo(twoSided(Math.atanh(0.5) * Math.sqrt(37)), 12);
});
