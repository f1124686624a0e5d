import { EventEmitter, once } from 'node:events';
import { expect, test, vi } from 'vitest';
import { Batcher, QueueFull } from '../../../server/incidents/batcher.ts';

const outage = new Error('away');
const isOutage = (cause: unknown): boolean => cause === outage;
const turn = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 5));

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

test('a second lane opens for many who wait, not for a few, and never a third', async () => {
  const open: { items: readonly number[]; end(): void }[] = [];
  const batcher = new Batcher<number, number>({
    isOutage,
    lanes: 2,
    worthIt: 3,
    maxBatch: 4,
    waitMs: 0,
    commit: (items) =>
      new Promise((resolve) => {
        const one = {
          items,
          end: () => {
            open.splice(open.indexOf(one), 1);
            resolve(items);
          },
        };
        open.push(one);
      }),
  });
  const inFlight = (): (readonly number[])[] => open.map(({ items }) => items);
  const done = [batcher.push([1])];
  await turn();
  done.push(batcher.push([2, 3]));
  await turn();
  expect(inFlight()).toEqual([[1]]);
  expect(batcher.isFlooded).toBe(false);
  done.push(batcher.push([4]), batcher.push([5, 6, 7, 8, 9, 10]));
  await turn();
  expect(inFlight()).toEqual([[1], [2, 3, 4]]);
  expect(batcher.isPressed).toBe(true);
  open[0]?.end();
  await turn();
  expect(inFlight()).toEqual([
    [2, 3, 4],
    [5, 6, 7, 8],
  ]);
  // Two are left: too few for a lane of their own beside another one.
  open[0]?.end();
  await turn();
  expect(inFlight()).toEqual([[5, 6, 7, 8]]);
  open[0]?.end();
  await turn();
  expect(inFlight()).toEqual([[9, 10]]);
  expect(batcher.isPressed).toBe(false);
  // Nothing waits any more, but a moment ago it did.
  expect(batcher.isFlooded).toBe(true);
  open[0]?.end();
  const settled = (await Promise.all(done)).flat();
  expect(settled).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9, 10].map((value) => ({ status: 'fulfilled', value })));
  await vi.waitFor(() => expect(batcher.isFlooded).toBe(false));
});
