import { expect, it } from 'vitest';
import { createTurns } from '../../../server/aggregate/turns.ts';

it('lets the event loop turn between two pieces of work, in their order, whatever becomes of one', async () => {
  const inTurn = createTurns();
  const order: string[] = [];
  const work = [1, 2, 3].map((n) =>
    inTurn(() => {
      order.push(`work ${n}`);
      // Something else that waits for its turn: a push to a screen.
      setImmediate(() => order.push(`push ${n}`));
      if (n === 2) throw new Error('no');
      return n;
    }),
  );
  const settled = await Promise.allSettled(work);
  expect(settled.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled']);
  expect(order.slice(0, 5)).toEqual(['work 1', 'push 1', 'work 2', 'push 2', 'work 3']);
});
