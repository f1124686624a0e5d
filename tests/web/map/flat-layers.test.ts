import { expect, test } from 'vitest';
import { cornersOf, FLAT_VERTICES, startsOf } from '../../../web/map/flat-layers.ts';

test('items begin where the vertices of those before them end', () => {
  expect([...startsOf(2)]).toEqual([0, FLAT_VERTICES, 2 * FLAT_VERTICES]);
});

test('corners repeat with each item', () => {
  const shape = { size: 2, corners: [0, 0, 1, 0, 1, 1, 0, 0, 1, 1, 0, 1] };
  expect([...cornersOf(shape, 2 * FLAT_VERTICES)]).toEqual([...shape.corners, ...shape.corners]);
});
