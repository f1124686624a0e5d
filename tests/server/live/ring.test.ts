import { expect, test } from 'vitest';
import type { LogEntry } from '../../../server/live/log.ts';
import { Ring } from '../../../server/live/ring.ts';

const entries = (...ids: number[]): LogEntry[] => ids.map((id) => ({ id, town: '', restricted: false, json: '' }));
const ids = (list: LogEntry[]): number[] => list.map((entry) => entry.id);

test('covers what came after it was made, holes included', () => {
  const ring = new Ring(10);
  ring.push(entries(12, 15, 16));
  expect([9, 10, 11, 99].map((id) => ring.covers(id))).toEqual([false, true, true, true]);
  expect(ids(ring.slice(10, 16))).toEqual([12, 15, 16]);
  expect(ids(ring.slice(12, 15))).toEqual([15]);
  expect(ids(ring.slice(13, 99, 1))).toEqual([15]);
  expect(ids(ring.slice(16, 99))).toEqual([]);
});

test('forgets the oldest, but nothing that was not sent yet', () => {
  const ring = new Ring(0);
  ring.push(entries(...Array.from({ length: 100 }, (_, i) => i + 1)));
  ring.trim(20, 30);
  expect(ring.length).toBe(70);
  expect([29, 30].map((id) => ring.covers(id))).toEqual([false, true]);
  expect(ids(ring.slice(30, 33))).toEqual([31, 32, 33]);
  ring.trim(20, 100);
  expect(ring.length).toBe(20);
  expect(ring.covers(79)).toBe(false);
  expect(ring.covers(80)).toBe(true);
});
