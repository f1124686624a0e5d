import { expect, test } from 'vitest';
import type { Positions } from '../../../server/app.ts';
import { freshnessOf, moved, NO_FLEET } from '../../../web/map/moving-track.ts';

const NOW = 1_795_795_000_000;

function answer(change: Partial<Positions>): Positions {
  return {
    cursor: 1,
    full: false,
    now: NOW,
    kinds: [{ id: 'bus_position', title: { zh: '', en: '' }, everySeconds: 10 }],
    ids: [],
    kind: [],
    label: [],
    at: [],
    lon: [],
    lat: [],
    speed: [],
    bearing: [],
    trails: [],
    ...change,
  };
}

const one = (id: string, at: number, lon: number) => ({
  ids: [id],
  kind: [0],
  label: [id],
  at: [at],
  lon: [lon],
  lat: [23],
  speed: [null],
  bearing: [null],
});

test('a fleet keeps who was there, moves who was heard of, and remembers the last minutes of the way', () => {
  const trails = [{ id: 'a', at: [NOW - 400_000, NOW - 20_000], lon: [1, 2], lat: [23, 23] }];
  let fleet = moved(NO_FLEET, answer({ full: true, ...one('a', NOW - 10_000, 113), trails }), NOW - 500);
  expect(fleet.ahead).toBe(500);
  expect(fleet.vehicles[0]!.trail.map(({ position }) => position[0])).toEqual([2, 113]);
  fleet = moved(fleet, answer({ cursor: 2, ...one('b', NOW, 113.5) }), NOW);
  fleet = moved(fleet, answer({ cursor: 3, ...one('a', NOW, 113.1) }), NOW);
  // In their old order: marks glide from place to place by it.
  expect(fleet.vehicles.map(({ id }) => id)).toEqual(['a', 'b']);
  expect(fleet.vehicles[0]!.trail.map(({ position }) => position[0])).toEqual([2, 113, 113.1]);
  fleet = moved(fleet, answer({ cursor: 4, now: NOW + 170_000, ...one('a', NOW + 170_000, 113.2) }), NOW);
  expect(fleet.vehicles[0]!.trail.map(({ position }) => position[0])).toEqual([113, 113.1, 113.2]);
});

test('who is not heard of is late, then gone', () => {
  const fleet = moved(NO_FLEET, answer({ full: true, ...one('a', NOW, 113) }), NOW);
  const [vehicle] = fleet.vehicles;
  expect(freshnessOf(vehicle!, NOW + 29_000, 10)).toBe('fresh');
  expect(freshnessOf(vehicle!, NOW + 31_000, 10)).toBe('late');
  expect(freshnessOf(vehicle!, NOW + 31_000, 30)).toBe('fresh');
  expect(moved(fleet, answer({ now: NOW + 1_800_001 }), NOW).vehicles).toEqual([]);
});
