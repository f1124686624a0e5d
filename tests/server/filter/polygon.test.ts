import { describe, expect, it } from 'vitest';
import { findCrossing } from '../../../server/filter/polygon.ts';

const SQUARE = [
  [0, 0],
  [4, 0],
  [4, 4],
  [0, 4],
  [0, 0],
] as const;
describe('findCrossing', () => {
  it('allows rings that touch', () => {
    expect(
      findCrossing([
        SQUARE,
        [
          [0, 0],
          [2, 1],
          [1, 2],
          [0, 0],
        ],
      ]),
    ).toBeNull();
  });
  it('finds a bow-tie, and a hole that leaves its shell', () => {
    expect(
      findCrossing([
        [
          [0, 0],
          [4, 4],
          [4, 0],
          [0, 4],
          [0, 0],
        ],
      ]),
    ).not.toBeNull();
    expect(
      findCrossing([
        SQUARE,
        [
          [1, 1],
          [5, 1],
          [1, 2],
          [1, 1],
        ],
      ]),
    ).not.toBeNull();
  });
});
