import { expect, test } from 'vitest';
import { PlanarMap } from '../../../../etl/demo/planar/planar-map.ts';
import { type Point, ringArea } from '../../../../etl/demo/plane.ts';

const square = (x: number, y: number, side: number): Point[] => [
  [x, y],
  [x + side, y],
  [x + side, y + side],
  [x, y + side],
  [x, y],
];

function areas(map: PlanarMap): number[] {
  return map.start
    .flatMap((start, face) => (face > 0 && start >= 0 ? [ringArea(map.ring(face))] : []))
    .toSorted((a, b) => a - b);
}

test('lines are cut at crossings and dead ends fall away', () => {
  const map = PlanarMap.fromLines(
    [
      { points: square(0, 0, 100), label: 0 },
      {
        points: [
          [50, -30],
          [50, 130],
        ],
        label: 1,
      },
      {
        points: [
          [-30, 20],
          [130, 20],
        ],
        label: 2,
      },
      {
        points: [
          [70, 60],
          [90, 90],
        ],
        label: 3,
      },
    ],
    1,
  );
  expect(areas(map)).toEqual([1000, 1000, 4000, 4000]);
});

test('a cut gives two faces that share every vertex', () => {
  const map = PlanarMap.fromLines([{ points: square(0, 0, 100), label: 0 }], 1);
  const face = map.cut(1, [40, 50], Math.PI / 2, 7, 2);
  expect(areas(map)).toEqual([4000, 6000]);
  expect(map.cut(face, [0, 0], 0.3, 8, 2)).toBe(-1);
  for (let e = 0; e < map.origin.length; e++) {
    expect(map.next[map.previous[e] as number]).toBe(e);
    expect(map.origin[e ^ 1]).toBe(map.origin[map.next[e] as number]);
  }
});

test('merged faces keep the very vertices of the faces, and holes turn the other way', () => {
  const lines = [0, 30, 60, 90].flatMap((at) => [
    {
      points: [
        [0, at],
        [90, at],
      ] as Point[],
      label: 0,
    },
    {
      points: [
        [at, 0],
        [at, 90],
      ] as Point[],
      label: 0,
    },
  ]);
  const map = PlanarMap.fromLines(lines, 1);
  const region = new Int32Array(map.start.length).fill(-1);
  for (let face = 1; face < map.start.length; face++) {
    const ring = map.ring(face);
    const isMiddle = ring.every(([x, y]) => x >= 30 && x <= 60 && y >= 30 && y <= 60);
    region[face] = isMiddle ? 1 : 0;
  }
  const [around, middle] = map.regionRings(region, 2);
  expect(around?.map(ringArea).toSorted((a, b) => b - a)).toEqual([8100, -900]);
  expect(middle?.map(ringArea)).toEqual([900]);
});

test('a sliver joins the neighbour with the longest common side', () => {
  const map = PlanarMap.fromLines(
    [
      { points: square(0, 0, 100), label: 0 },
      {
        points: [
          [50, 0],
          [50, 100],
        ],
        label: 1,
      },
      {
        points: [
          [50, 0],
          [51, 50],
          [50, 100],
        ],
        label: 2,
      },
    ],
    0.1,
  );
  expect(areas(map)).toEqual([50, 4950, 5000]);
  const sliver = map.start.findIndex((_, face) => face > 0 && ringArea(map.ring(face)) === 50);
  expect(map.dissolve(sliver)).toBeGreaterThan(0);
  const left = areas(map);
  expect(left.reduce((sum, area) => sum + area, 0)).toBeCloseTo(10_000, 6);
  expect(left).toHaveLength(2);
});
