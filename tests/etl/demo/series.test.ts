import { describe, expect, test } from 'vitest';
import { type CurveInput, curves } from '../../../etl/demo/series/curves.ts';
import { Rain } from '../../../etl/demo/series/rain.ts';
import { createRandom } from '../../../etl/demo/random.ts';
import { layers } from '../../../layers/index.ts';

const WEEK = 7 * 1440;
const rain = new Rain(1, WEEK);
const steps = Array.from({ length: WEEK / 15 }, (_, i) => (i + 1) * 15);
const WEST: [number, number] = [113.0, 22.99];
const EAST: [number, number] = [113.15, 22.99];

function argmax(values: readonly number[]): number {
  return values.indexOf(Math.max(...values));
}

function input(at: [number, number], row: CurveInput['row'] = {}): CurveInput {
  // The week begins on a Sunday at eight.
  const hours = steps.map((minute) => ((480 + minute) % 1440) / 60);
  const weekend = steps.map((minute) => [0, 6].includes(Math.floor((480 + minute) / 1440) % 7));
  return { steps, hours, weekend, at, row, rain, random: createRandom(1, 'test') };
}

test('every value of every series has a curve, and no other has', () => {
  const expected = layers.flatMap(({ id, series }) => (series?.values ?? []).map((name) => `${id}.${name}`));
  const drawn = Object.entries(curves).flatMap(([id, fields]) => Object.keys(fields).map((name) => `${id}.${name}`));
  expect(drawn.toSorted()).toEqual(expected.toSorted());
});

describe('rain', () => {
  test('comes in showers, each of which is in the east later than in the west', () => {
    const [west, east] = [WEST, EAST].map((at) => steps.map((minute) => rain.at(minute, at)));
    const wet = west!.filter((mm) => mm > 0).length / steps.length;
    expect(wet).toBeGreaterThan(0.01);
    expect(wet).toBeLessThan(0.3);
    for (const [from, to] of [
      [0, 0.3],
      [0.3, 0.56],
      [0.56, 1],
    ] as const) {
      const part = (values: readonly number[]) => values.slice(from * steps.length, to * steps.length);
      expect(Math.max(...part(east!))).toBeGreaterThan(0);
      expect(argmax(part(east!))).toBeGreaterThan(argmax(part(west!)));
    }
  });

  test('raises the water later, which falls more slowly than it rose', () => {
    const fallen = steps.map((minute) => rain.at(minute, EAST));
    const stored = rain.stored(steps, EAST, 90, 9);
    const peak = argmax(stored);
    expect(peak - argmax(fallen)).toBeGreaterThanOrEqual(4);
    const half = Math.max(...stored) / 2;
    const rise = stored
      .slice(0, peak)
      .toReversed()
      .findIndex((water) => water < half);
    const fall = stored.slice(peak).findIndex((water) => water < half);
    expect(fall).toBeGreaterThan(rise);
    const level = curves['water_level_station']!['level_m']!(input(EAST));
    expect(Math.max(...level) - Math.min(...level)).toBeGreaterThan(0.4);
  });

  test('stands in the street only when it is much, and is gone by the end', () => {
    const depth = curves['waterlogging_sensor']!['depth_cm']!(input(EAST));
    expect(depth.filter((cm) => cm === 0).length / depth.length).toBeGreaterThan(0.8);
    expect(Math.max(...depth)).toBeGreaterThan(0);
    expect(depth.at(-1)).toBe(0);
  });
});

test('roads are slow in the rushes of working days, and not at night', () => {
  const given = input(WEST, { free_speed_kmh: 60 });
  const index = curves['road_congestion']!['congestion_index']!(given);
  const mean = (pick: (i: number) => boolean) => {
    const picked = index.filter((_, i) => pick(i));
    return picked.reduce((sum, each) => sum + each, 0) / picked.length;
  };
  const rush = (i: number) => !given.weekend[i] && Math.abs(given.hours[i]! - 18) < 1;
  const night = (i: number) => given.hours[i]! > 2 && given.hours[i]! < 5;
  expect(mean(rush)).toBeGreaterThan(mean(night) + 1.5);
});

/** Mean number of free places of 200 at an hour of working days. */
function freeAt(kind: string, hour: number): number {
  const given = input(WEST, { spaces: 200, kind });
  const free = curves['parking_lot']!['free_spaces']!(given);
  const picked = free.filter((_, i) => given.hours[i] === hour && !given.weekend[i]);
  return picked.reduce((sum, each) => sum + each, 0) / picked.length;
}

test('offices take parking places by day, homes by night', () => {
  expect(freeAt('public', 13)).toBeLessThan(freeAt('public', 3) - 40);
  expect(freeAt('residential', 3)).toBeLessThan(freeAt('residential', 13) - 40);
});
