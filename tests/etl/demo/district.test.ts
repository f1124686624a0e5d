import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { type Area, GRIDS_PER_TOWN, buildDistrict } from '../../../etl/demo/district.ts';
import { type Point, ringArea } from '../../../etl/demo/plane.ts';
import { buildMesh } from '../../../server/db/mesh.ts';

const district = buildDistrict();
const { blocks, communities, grids, towns } = district;
const key = (p: Point): string => `${p[0]},${p[1]}`;

/** Directed edges of areas: `from>to`. */
function edgesOf(areas: readonly Area[]): string[] {
  return areas.flatMap((area) =>
    area.rings.flatMap((ring) => ring.map((p, i) => `${key(p)}>${key(ring[(i + 1) % ring.length] as Point)}`)),
  );
}

const area = (a: Area): number => a.rings.reduce((sum, ring) => sum + ringArea(ring), 0);
const median = (values: number[]): number => values.toSorted((a, b) => a - b)[values.length >> 1] as number;
const turn = (a: Point, b: Point, c: Point): number => (b[0] - a[0]) * (c[1] - a[1]) - (b[1] - a[1]) * (c[0] - a[0]);
const reverse = (edge: string): string => edge.split('>').toReversed().join('>');

describe('hierarchy', () => {
  test('1 district, 4 towns, 147 communities, 921 micro-grids', () => {
    expect(district.district.code).toBe('440604000000');
    expect(towns).toHaveLength(4);
    expect(communities).toHaveLength(147);
    expect(grids).toHaveLength(921);
  });

  test('names and codes are the official ones', () => {
    const lines = readFileSync('etl/demo/geography/divisions.csv', 'utf8').trim().split(/\r?\n/).slice(1);
    const official = lines.map((line) => line.split(',').slice(0, 3).join(','));
    const ours = [
      ...[district.district].map((a) => `${a.code},district,${a.name}`),
      ...towns.map((a) => `${a.code},town,${a.name}`),
      ...communities.map((a) => `${a.code},community,${a.name}`),
    ];
    expect(ours.toSorted()).toEqual(official.toSorted());
  });

  test('grids are shared out as planned, numbered without holes', () => {
    const perTown: Record<string, number> = {};
    for (const grid of grids) {
      const town = towns[communities[grid.parent]?.parent ?? -1]?.name ?? '';
      perTown[town] = (perTown[town] ?? 0) + 1;
    }
    expect(perTown).toEqual(GRIDS_PER_TOWN);
    communities.forEach((community, i) => {
      const codes = grids.filter((grid) => grid.parent === i).map((grid) => grid.code);
      expect(codes).toEqual(codes.map((_, n) => `${community.code}W${String(n + 1).padStart(3, '0')}`));
      expect(communities[i]?.code.slice(0, 9)).toBe(towns[community.parent]?.code.slice(0, 9));
    });
  });
});

describe('no gap, no overlap', () => {
  test.each([
    ['towns', towns],
    ['communities', communities],
    ['grids', grids],
  ])('%s: every inner edge is used twice, in opposite directions; the others are the outline', (_, areas) => {
    const edges = edgesOf(areas);
    const known = new Set(edges);
    expect(known.size).toBe(edges.length);
    const outer = edges.filter((edge) => !known.has(reverse(edge)));
    expect(outer.toSorted()).toEqual(edgesOf([district.district]).toSorted());
  });

  test.each([
    ['grids of a community', grids, communities],
    ['communities of a town', communities, towns],
    ['towns of the district', towns, [district.district]],
  ])('%s make exactly its area', (_, parts, wholes) => {
    wholes.forEach((whole, i) => {
      const mine = parts.filter((part) => part.parent === i);
      const sum = mine.reduce((total, part) => total + area(part), 0);
      expect(Math.abs(sum / area(whole) - 1)).toBeLessThan(1e-9);
      const inner = edgesOf(mine);
      const known = new Set(inner);
      expect(inner.filter((edge) => !known.has(reverse(edge))).toSorted()).toEqual(edgesOf([whole]).toSorted());
    });
  });

  test('each area is one piece that does not touch itself', () => {
    for (const area of [district.district, ...towns, ...communities, ...grids]) {
      expect(
        area.rings.filter((ring) => ringArea(ring) > 0),
        area.code,
      ).toHaveLength(1);
      for (const ring of area.rings) expect(new Set(ring.map(key)).size, area.code).toBe(ring.length);
    }
  });

  test('no two edges of the map cross', () => {
    const { map } = district.land;
    const cells = new Map<string, number[]>();
    const size = 90;
    for (let e = 0; e < map.origin.length; e += 2) {
      if ((map.face[e] as number) < 0) continue;
      const [a, b] = [map.point(map.origin[e] as number), map.point(map.origin[e + 1] as number)];
      for (let i = Math.floor(Math.min(a[0], b[0]) / size); i <= Math.floor(Math.max(a[0], b[0]) / size); i++) {
        for (let j = Math.floor(Math.min(a[1], b[1]) / size); j <= Math.floor(Math.max(a[1], b[1]) / size); j++) {
          const list = cells.get(`${i},${j}`);
          if (list) list.push(e);
          else cells.set(`${i},${j}`, [e]);
        }
      }
    }
    let crossings = 0;
    let pairs = 0;
    for (const list of cells.values()) {
      for (let i = 0; i < list.length; i++) {
        for (let j = i + 1; j < list.length; j++) {
          const [e, f] = [list[i] as number, list[j] as number];
          const [p, q, r, s] = [map.origin[e], map.origin[e + 1], map.origin[f], map.origin[f + 1]] as [
            number,
            number,
            number,
            number,
          ];
          if (p === r || p === s || q === r || q === s) continue;
          pairs += 1;
          const [a, b, c, d] = [map.point(p), map.point(q), map.point(r), map.point(s)];
          if (turn(a, b, c) > 0 !== turn(a, b, d) > 0 && turn(c, d, a) > 0 !== turn(c, d, b) > 0) crossings += 1;
        }
      }
    }
    expect(pairs).toBeGreaterThan(10_000);
    expect(crossings).toBe(0);
  });
});

test('the inner point of every grid lies in that grid', () => {
  const mesh = buildMesh(
    grids.map((grid) => ({ code: grid.code, rings: grid.rings.map((ring) => [...ring, ring[0] as Point]) })),
  );
  for (const block of blocks.filter((_, i) => i % 9 === 0)) {
    const lon = block.inner[0] / 102_530 + 113.07;
    const lat = block.inner[1] / 110_756 + 22.99;
    expect(mesh.codes[mesh.locate(lon, lat)]).toBe(grids[block.grid]?.code);
  }
});

/** Median size of a town's grids, km². */
function gridSize(town: string): number {
  const mine = grids.filter((grid) => towns[communities[grid.parent]?.parent ?? -1]?.name === town);
  return median(mine.map((grid) => grid.areaKm2));
}

test('the old town has the small grids and blocks, the south-west the ponds', () => {
  expect(gridSize('祖庙街道')).toBeLessThan(gridSize('石湾镇街道'));
  expect(gridSize('石湾镇街道')).toBeLessThan(gridSize('南庄镇'));
  const ponds = blocks.filter((block) => block.use === 'pond');
  expect(ponds.length).toBeGreaterThan(50);
  for (const pond of ponds) expect(towns[pond.town]?.name).toBe('南庄镇');
});
