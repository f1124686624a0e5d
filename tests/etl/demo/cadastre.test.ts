import { expect, test } from 'vitest';
import { PARCEL_USAGE, cadastreOf } from '../../../etl/demo/cadastre.ts';
import { createContext } from '../../../etl/demo/context.ts';
import type { Row } from '../../../etl/demo/files/row.ts';
import { type Point, isInside, ringArea } from '../../../etl/demo/plane.ts';
import { createRandom } from '../../../etl/demo/random.ts';
import { splitRing, subdivide } from '../../../etl/demo/subdivide.ts';
import { cadastre } from '../../../etl/demo/themes/cadastre.ts';

const context = createContext(0.01, 1);
const { parcels, ofBlock } = cadastreOf(context);
const rowsOf = (id: string): Row[] => [...(cadastre[id]?.(context).rows ?? [])];

const HOOK: Point[] = [
  [0, 0],
  [90, 0],
  [90, 30],
  [30, 30],
  [30, 90],
  [0, 90],
];

test('a chord splits a ring into two that share it and nothing else', () => {
  const [a, b] = splitRing(HOOK, [15, 60], 0) as [Point[], Point[]];
  expect(ringArea(a) + ringArea(b)).toBeCloseTo(ringArea(HOOK), 6);
  expect(Math.min(ringArea(a), ringArea(b))).toBeCloseTo(900, 6);
  // Through a corner it would leave a sliver or a doubled point.
  expect(splitRing(HOOK, [10, 30], 0)).toBeNull();
});

test('subdividing leaves no gap and no overlap', () => {
  const pieces = subdivide(HOOK, 300, createRandom(1, 'test'));
  expect(pieces.length).toBeGreaterThan(8);
  expect(pieces.reduce((sum, ring) => sum + ringArea(ring), 0)).toBeCloseTo(ringArea(HOOK), 6);
  const random = createRandom(1, 'probes');
  for (let i = 0; i < 2000; i++) {
    const at: Point = [random.between(0, 90), random.between(0, 90)];
    expect(pieces.filter((ring) => isInside(ring, at[0], at[1]))).toHaveLength(isInside(HOOK, at[0], at[1]) ? 1 : 0);
  }
});

test('parcels cover the built-up blocks exactly, under codes of their own', () => {
  expect(new Set(parcels.map(({ code }) => code)).size).toBe(parcels.length);
  context.district.blocks.forEach((block, index) => {
    const own = ofBlock.get(index) ?? [];
    if (PARCEL_USAGE[block.use] === undefined) expect(own).toEqual([]);
    else if (block.area >= 200) expect(own.reduce((sum, { area }) => sum + area, 0)).toBeCloseTo(block.area, 2);
    for (const { ring } of own) expect(ringArea(ring)).toBeGreaterThan(0);
  });
});

test('a unit is a room that exists, on the parcel its house stands on', () => {
  const homes = new Map([...context.dwellings()].map((dwelling) => [dwelling.roomCode, dwelling]));
  const byCode = new Map(parcels.map((parcel) => [parcel.code, parcel]));
  const units = rowsOf('real_estate_unit');
  expect(units.length / homes.size).toBeGreaterThan(0.8);
  for (const { values } of units) {
    const dwelling = homes.get(String(values.room_code));
    const parcel = byCode.get(String(values.parcel_code));
    if (!dwelling || !parcel) throw new Error(`${String(values.unit_code)} hangs in the air`);
    expect(isInside(parcel.ring, dwelling.building.at[0], dwelling.building.at[1])).toBe(true);
    expect(String(values.unit_code).startsWith(parcel.code)).toBe(true);
    if (dwelling.occupancy === 'owner') expect(values.owner_name).toBe(dwelling.household?.persons[0]?.name);
    expect(values.right_kind === 'collective').toBe(/J[BC]\d{5}$/.test(parcel.code));
  }
});

test('homesteads lie in villages only, and old houses are registered more often', () => {
  const rows = rowsOf('rural_homestead');
  const villages = new Set(
    context.district.blocks
      .filter(({ use }) => use === 'village')
      .map(({ community }) => context.district.communities[community]?.code),
  );
  for (const { values } of rows) {
    expect(villages.has(String(values.village_code))).toBe(true);
    expect(values.over_standard).toBe(Number(values.area_m2) > 120);
  }
  expect(rows.filter(({ values }) => values.registered === true).length / rows.length).toBeGreaterThan(0.5);
});
