import { expect, test } from 'vitest';
import { createContext } from '../../../etl/demo/context.ts';
import { type Point, isInside } from '../../../etl/demo/plane.ts';
import { buildMesh } from '../../../server/db/mesh.ts';

const context = createContext(0.02, 5);
const { buildings, district, ponds } = context;

test('as many buildings as the scale asks for, each with a code of its own', () => {
  expect(buildings).toHaveLength(Math.round(96_500 * 0.05));
  expect(new Set(buildings.map((building) => building.code)).size).toBe(buildings.length);
  for (const { code } of buildings) expect(code).toMatch(/^440604\d{6}B\d{5}$/);
});

test('no building stands in a river or pond, and each lies in the grid of its block', () => {
  const mesh = buildMesh(
    district.grids.map((grid) => ({ code: grid.code, rings: grid.rings.map((ring) => [...ring, ring[0] as Point]) })),
  );
  const water = district.blocks.filter((block) => block.use === 'water');
  for (const building of buildings) {
    const block = context.blockOf(building);
    expect(block.use).not.toBe('water');
    const mine = ponds.filter((pond) => pond.block === building.block);
    for (const [x, y] of building.outline) {
      expect(isInside(block.ring, x, y), building.code).toBe(true);
      for (const pond of mine) expect(isInside(pond.outline, x, y), building.code).toBe(false);
      const at = mesh.locate(x / 102_530 + 113.07, y / 110_756 + 22.99);
      expect(mesh.codes[at]).toBe(district.grids[block.grid]?.code);
    }
  }
  for (const building of buildings.filter((_, i) => i % 20 === 0)) {
    for (const block of water) expect(isInside(block.ring, building.at[0], building.at[1])).toBe(false);
  }
});

test('buildings of a block do not stand in each other', () => {
  const byBlock = new Map<number, typeof buildings>();
  for (const building of buildings) byBlock.set(building.block, [...(byBlock.get(building.block) ?? []), building]);
  let pairs = 0;
  for (const list of byBlock.values()) {
    for (const a of list) {
      for (const b of list) {
        if (a === b) continue;
        pairs += 1;
        for (const [x, y] of b.outline) expect(isInside(a.outline, x, y), `${a.code} ${b.code}`).toBe(false);
      }
    }
  }
  expect(pairs).toBeGreaterThan(1000);
});

test('nearly every grid has people, and addresses name a street of the town', () => {
  // At this scale a grid of ponds may be left without a soul.
  expect(context.perGrid.persons.filter((count) => count > 0).length).toBeGreaterThan(0.92 * 921);
  for (const building of buildings.filter((_, i) => i % 50 === 0)) {
    const town = district.towns[context.blockOf(building).town]?.name;
    expect(context.addressOf(building)).toMatch(new RegExp(`^广东省佛山市禅城区${town}.{2,12}\\d+号$`, 'u'));
  }
});
