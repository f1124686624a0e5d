import { expect, test } from 'vitest';
import { contoursAt } from '../../../etl/demo/contours.ts';
import { createContext } from '../../../etl/demo/context.ts';
import { elevationOf } from '../../../etl/demo/elevation.ts';
import { BANK } from '../../../etl/demo/land.ts';
import { type Point, separation, toBoard } from '../../../etl/demo/plane.ts';
import { terrain } from '../../../etl/demo/themes/terrain.ts';

const context = createContext(0.01, 1);
const surface = elevationOf(context);

function meanRate(list: { rate: number }[]): number {
  return list.reduce((sum, { rate }) => sum + rate, 0) / list.length;
}

test('a plain of one to three metres, with beds below and a few hills', () => {
  const dry = context.district.blocks.filter((block) => !['water', 'pond', 'park'].includes(block.use));
  const heights = dry.map(({ inner }) => surface.at(inner[0], inner[1])).toSorted((p, q) => p - q);
  expect(heights[Math.floor(heights.length * 0.05)]).toBeGreaterThan(0.4);
  expect(heights[heights.length >> 1]).toBeGreaterThan(1.5);
  expect(heights[Math.floor(heights.length * 0.95)]).toBeLessThan(5);
  const river = context.district.blocks.filter(
    (block) => block.area > 20_000 && (context.district.land.watercourses[block.water]?.width ?? 0) > 100,
  );
  for (const { inner } of river) expect(surface.at(inner[0], inner[1])).toBeLessThan(0);
  const top = toBoard(113.0312, 23.0235);
  expect(surface.at(top[0], top[1])).toBeGreaterThan(35);
});

test('dikes stand between the big rivers and the land behind them', () => {
  let dikes = 0;
  let banks = 0;
  for (const block of context.district.blocks) {
    if (block.use === 'water' || block.area < 20_000) continue;
    block.sides.forEach((label, side) => {
      const a = block.ring[side] as Point;
      const b = block.ring[(side + 1) % block.ring.length] as Point;
      const length = separation(a, b);
      if (label !== BANK || length < 40) return;
      // To the left of a side lies the block: its ring runs counter-clockwise.
      const inward = (d: number): number =>
        surface.at((a[0] + b[0]) / 2 - ((b[1] - a[1]) / length) * d, (a[1] + b[1]) / 2 + ((b[0] - a[0]) / length) * d);
      // Creeks have none.
      if (inward(-30) > -2) return;
      banks += 1;
      if (inward(30) > inward(110) + 1.5 && inward(30) > inward(-30) + 3) dikes += 1;
    });
  }
  expect(banks).toBeGreaterThan(30);
  expect(dikes / banks).toBeGreaterThan(0.85);
});

test.each([1, 2.5, 20])('a contour of %d m runs at that height, and closes or ends at the edge', (level) => {
  const lines = contoursAt(surface, level, 2);
  expect(lines.length).toBeGreaterThan(2);
  for (const line of lines) {
    const [first, last] = [line[0] as Point, line.at(-1) as Point];
    const isAtEdge = ([x, y]: Point): boolean =>
      Math.min(x - surface.left, y - surface.bottom) < 45 ||
      Math.min(surface.left + surface.columns * surface.post - x, surface.bottom + surface.rows * surface.post - y) <
        65;
    expect(separation(first, last) < 1e-6 || (isAtEdge(first) && isAtEdge(last))).toBe(true);
    const step = surface.post * 2;
    for (const [x, y] of line) {
      // Each vertex lies between two posts, one below the level and one not.
      const u = (x - surface.left) / step;
      const v = (y - surface.bottom) / step;
      const at = (i: number, j: number): number => surface.heights[j * 2 * surface.columns + i * 2] as number;
      const isAcross = Math.abs(v - Math.round(v)) < 1e-6;
      const [i, j] = isAcross ? [Math.floor(u), Math.round(v)] : [Math.round(u), Math.floor(v)];
      const [p, q] = isAcross ? [at(i, j), at(i + 1, j)] : [at(i, j), at(i, j + 1)];
      expect(p >= level).not.toBe(q >= level);
    }
  }
});

test('spot heights agree with the surface, and soft low ground sinks fastest', () => {
  const rows = [...(terrain.elevation_point?.(context).rows ?? [])];
  expect(rows).toHaveLength(420);
  for (const { values, shape } of rows) {
    if (shape?.type !== 'Point') throw new Error('no point');
    const [x, y] = toBoard(shape.at[0], shape.at[1]);
    expect(Math.abs(Number(values.elevation_m) - surface.at(x, y))).toBeLessThan(0.35);
  }
  const monitors = [...(terrain.subsidence_monitor?.(context).rows ?? [])].map(({ values, shape }) => {
    const [x, y] = shape?.type === 'Point' ? toBoard(shape.at[0], shape.at[1]) : [0, 0];
    return { rate: Number(values.rate_mm_y), height: surface.at(x, y) };
  });
  const sorted = monitors.toSorted((p, q) => p.height - q.height);
  expect(meanRate(sorted.slice(0, 30))).toBeGreaterThan(1.5 * meanRate(sorted.slice(-30)));
});
