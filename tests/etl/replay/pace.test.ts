import { expect, test } from 'vitest';
import { atRate, atSpeed, paced } from '../../../etl/replay/pace.ts';

test('rate and speed say when each event is due', () => {
  expect([0, 1, 10].map(atRate(20))).toEqual([0, 50, 500]);
  expect([0, 5].map(atRate(0))).toEqual([0, 0]);
  expect([0, 1, 2].map(atSpeed([60_000, 120_000, 180_000], 60))).toEqual([0, 1000, 2000]);
});

test('nothing is sent early, nothing is left out, order is kept', async () => {
  const start = performance.now();
  const sent: { from: number; to: number; at: number }[] = [];
  await paced(30, atRate(100), 4, async (from, to) => {
    sent.push({ from, to, at: performance.now() - start });
    await new Promise((resolve) => setTimeout(resolve, 25));
  });
  let next = 0;
  for (const { from, to, at } of sent) {
    expect(from).toBe(next);
    expect(to - from).toBeLessThanOrEqual(4);
    expect(at).toBeGreaterThanOrEqual((to - 1) * 10 - 2);
    next = to;
  }
  expect(next).toBe(30);
});

test('a failure stops at once', async () => {
  let calls = 0;
  await expect(
    paced(10, atRate(0), 2, async () => {
      if ((calls += 1) === 2) throw new Error('away');
    }),
  ).rejects.toThrow('away');
  expect(calls).toBe(2);
});
