import { expect, test } from 'vitest';
import { frameInterval } from '../../../server/live/frame-interval.ts';
import { withDefaults } from '../../../server/live/options.ts';

const settings = withDefaults({ authorize: () => 'staff' });

test.each([
  [0, 50],
  [6, 50],
  [10, 80],
  [13, 100],
  [400, 100],
])('frames that take %d ms come every %d ms', (cost, interval) => {
  expect(frameInterval(cost, settings)).toBe(interval);
});

test('who wants fewer frames than the longest interval gets them', () => {
  expect(frameInterval(400, { ...settings, flushMs: 250 })).toBe(250);
});
