import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { Lane } from '../../../server/lanes/lane.ts';
import { laneOf } from '../../../server/lanes/lane-of.ts';

function lane(options: Partial<Lane['options']> = {}): Lane {
  return new Lane({ running: 2, waiting: 3, waitMs: 1000, ...options });
}

describe('a lane', () => {
  it('lets as many run as it says, the others in their order', async () => {
    const two = lane();
    const order: number[] = [];
    let running = 0;
    let most = 0;
    await Promise.all(
      [0, 1, 2, 3, 4].map(async (number) => {
        const leave = await two.enter();
        order.push(number);
        most = Math.max(most, ++running);
        await sleep(5);
        running--;
        leave();
      }),
    );
    expect(order).toEqual([0, 1, 2, 3, 4]);
    expect(most).toBe(2);
    expect(two.load).toEqual({ running: 0, waiting: 0 });
  });

  it('turns away who finds the queue full, and who waits too long', async () => {
    const short = lane({ running: 1, waiting: 1, waitMs: 30 });
    const leave = await short.enter();
    const waits = short.enter();
    await expect(short.enter()).rejects.toMatchObject({ code: 'BUSY', status: 503, message: /1 expensive requests/ });
    await expect(waits).rejects.toMatchObject({ code: 'BUSY', message: /none ended within 0\.03 s/ });
    expect(short.load).toEqual({ running: 1, waiting: 0 });
    leave();
    (await short.enter())();
    expect(short.load).toEqual({ running: 0, waiting: 0 });
  });

  it('forgets a caller who has gone', async () => {
    const one = lane({ running: 1 });
    const leave = await one.enter();
    const gone = new AbortController();
    const waits = one.enter(gone.signal);
    gone.abort();
    await expect(waits).rejects.toMatchObject({ code: 'BUSY' });
    expect(one.load.waiting).toBe(0);
    leave();
  });
});

describe('the lane of a request', () => {
  it.each([
    ['/api/layers/poi/features', 'planner'],
    ['/api/layers/poi/features/7', 'wall'],
    ['/api/layers/poi/features/7/lineage', 'wall'],
    ['/api/layers/poi/diff', 'planner'],
    ['/api/layers/poi/diff/tiles/1/2/3', 'planner'],
    ['/api/layers/poi/tiles/1/2/3', 'wall'],
    ['/api/layers/poi/tiles/1/2/3?v=1', 'wall'],
    ['/api/layers/poi/tiles/1/2/3?filter={}', 'planner'],
    ['/api/layers/poi/cells?by=town', 'wall'],
    ['/api/layers/poi/cells?by=town&at=2026-01-01', 'planner'],
    ['/api/layers/poi/h3?filter={}', 'planner'],
    ['/api/tiles/a,b/1/2/3', 'wall'],
    ['/api/tiles/a,b/1/2/3?filter={}', 'planner'],
    ['/api/incidents?limit=1', 'wall'],
    ['/api/layers', 'wall'],
    ['/api/ogc/collections', 'wall'],
    ['/api/ogc/collections/poi/items?limit=1', 'planner'],
    ['/api/ogc/collections/poi/tiles/WebMercatorQuad/1/2/3', 'wall'],
  ])('%s is of the %s', (address, expected) => {
    const { pathname, searchParams } = new URL(address, 'http://x');
    expect(laneOf(pathname, searchParams)).toBe(expected);
  });
});
