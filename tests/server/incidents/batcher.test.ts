import { EventEmitter, once } from 'node:events';
import { expect, test } from 'vitest';
import { Batcher, QueueFull } from '../../../server/incidents/batcher.ts';

const outage = new Error('away');
const isOutage = (cause: unknown): boolean => cause === outage;

test('what arrives during a commit rides the next one, in order', async () => {
  const batches: number[][] = [];
  const batcher = new Batcher<number, number>({
    isOutage,
    commit: async (items) => {
      batches.push([...items]);
      await new Promise((resolve) => setTimeout(resolve, 20));
      return items.map((item) => item * 2);
    },
  });
  const first = batcher.push([1, 2]);
  await new Promise((resolve) => setTimeout(resolve, 10));
  const rest = [batcher.push([3]), batcher.push([4, 5])];
  expect(await first).toEqual([2, 4].map((value) => ({ status: 'fulfilled', value })));
  await Promise.all(rest);
  expect(batches).toEqual([
    [1, 2],
    [3, 4, 5],
  ]);
  expect(batcher.totals).toEqual({ batches: 2, items: 5 });
});

test('only the poisonous item fails, and its neighbours keep their order', async () => {
  const stored: number[] = [];
  const batcher = new Batcher<number, number>({
    isOutage,
    commit: async (items) => {
      if (items.includes(13)) throw new Error('poison');
      stored.push(...items);
      return items;
    },
  });
  const items = Array.from({ length: 50 }, (_, i) => i);
  const results = await batcher.push(items);
  expect(results.flatMap((result, i) => (result.status === 'rejected' ? [i] : []))).toEqual([13]);
  expect(stored).toEqual(items.filter((item) => item !== 13));
});

test('an outage refuses the batch at once instead of trying every item', async () => {
  let commits = 0;
  const batcher = new Batcher<number, number>({
    isOutage,
    commit: async () => {
      commits += 1;
      throw outage;
    },
  });
  const results = await batcher.push([1, 2, 3, 4]);
  expect(results.map((result) => result.status)).toEqual(Array(4).fill('rejected'));
  expect(commits).toBe(1);
});

test('a full queue refuses a whole push and takes items again later', async () => {
  const gate = new EventEmitter();
  let open = false;
  const batcher = new Batcher<number, number>({
    isOutage,
    maxQueue: 3,
    maxBatch: 2,
    commit: async (items) => {
      if (!open) await once(gate, 'open');
      return items;
    },
  });
  const running = batcher.push([1, 2]);
  await new Promise((resolve) => setTimeout(resolve, 10));
  const waiting = batcher.push([3, 4]);
  expect(() => batcher.push([5, 6])).toThrow(QueueFull);
  expect(batcher.waiting).toBe(2);
  open = true;
  gate.emit('open');
  await Promise.all([running, waiting]);
  expect(await batcher.push([7])).toEqual([{ status: 'fulfilled', value: 7 }]);
});
