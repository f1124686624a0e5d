import type { Layer } from '../../../layers/define.ts';
import { getLayer } from '../../../layers/index.ts';
import { fakeCell, randomNumbers, type FixtureRow } from '../layer-fixture.ts';
import { resident, residents } from '../routes/layers-data.ts';

/** Layers of the tests of analyses: one of each section of the report. */
export const people: Layer = { ...resident, id: 'an_person' };
export const shop: Layer = { ...getLayer('enterprise'), id: 'an_shop' };
export const hydrant: Layer = { ...getLayer('fire_hydrant'), id: 'an_hydrant' };
export const road: Layer = { ...getLayer('road_centerline'), id: 'an_road' };
export const land: Layer = { ...getLayer('landuse_parcel'), id: 'an_land' };
export const grid: Layer = { ...getLayer('governance_grid'), id: 'an_grid' };
export const staff: Layer = { ...getLayer('grid_staff_position'), id: 'an_staff', checks: { rows: [0, 9] } };

/** A rectangle as a polygon. */
export function box(west: number, south: number, east: number, north: number) {
  return {
    type: 'Polygon' as const,
    coordinates: [
      [
        [west, south],
        [east, south],
        [east, north],
        [west, north],
        [west, south],
      ],
    ],
  };
}

function multi(west: number, south: number, east: number, north: number): string {
  return `MULTIPOLYGON(((${west} ${south},${east} ${south},${east} ${north},${west} ${north},${west} ${south})))`;
}

const random = randomNumbers(5);
const place = (): [number, number] => [113.02 + random() * 0.08, 22.97 + random() * 0.08];

/** Not on the place of the other API tests, but the same people. */
export const peopleRows: FixtureRow[] = residents;

export const shopRows: FixtureRow[] = Array.from({ length: 300 }, (_, index): FixtureRow => {
  const at = place();
  return {
    uscc: `91440604${String(index).padStart(10, '0')}`,
    name: `公司 ${index}`,
    legal_person: '欧阳修',
    industry_section: ['C', 'F', 'H'][index % 3],
    status: index % 4 === 0 ? 'revoked' : 'active',
    at,
    wkt: `POINT(${at[0]} ${at[1]})`,
    ...fakeCell(at),
  };
});

export const hydrantRows: FixtureRow[] = Array.from({ length: 200 }, (_, index): FixtureRow => {
  const at = place();
  return {
    ...Object.fromEntries(
      Object.entries(hydrant.fields)
        .filter(([, field]) => field.required)
        .map(([name, field]) => [name, field.values ? Object.keys(field.values)[0] : `x${index}`]),
    ),
    [hydrant.key]: `H${index}`,
    at,
    wkt: `POINT(${at[0]} ${at[1]})`,
    ...fakeCell(at),
  };
});

/** One road along a parallel, one along a meridian, one far off. */
export const roadRows: FixtureRow[] = [
  {
    road_code: 'L000001',
    name: '东西路',
    road_class: 'arterial',
    at: [113.05, 23],
    wkt: 'MULTILINESTRING((113 23,113.1 23))',
  },
  {
    road_code: 'L000002',
    name: '南北路',
    road_class: 'branch',
    at: [113.045, 23],
    wkt: 'MULTILINESTRING((113.045 22.9,113.045 23.1))',
  },
  {
    road_code: 'L000003',
    name: '远路',
    road_class: 'branch',
    at: [113.3, 23.3],
    wkt: 'MULTILINESTRING((113.3 23.3,113.4 23.3))',
  },
];

export const landRows: FixtureRow[] = [
  {
    parcel_no: 'T0000001',
    dlbm: '0101',
    dlmc: '水田',
    land_class: 'cultivated',
    at: [113.035, 22.995],
    wkt: multi(113.03, 22.98, 113.045, 23.02),
  },
  {
    parcel_no: 'T0000002',
    dlbm: '0701',
    dlmc: '住宅',
    land_class: 'residential',
    at: [113.05, 22.995],
    wkt: multi(113.045, 22.98, 113.2, 23.02),
  },
];

export const gridRows: FixtureRow[] = Array.from({ length: 64 }, (_, index): FixtureRow => {
  const [west, south] = [113.02 + (index % 8) * 0.01, 22.97 + Math.floor(index / 8) * 0.01];
  const at: [number, number] = [west + 0.005, south + 0.005];
  const codes = fakeCell(at);
  return {
    ...codes,
    name: `网格 ${index}`,
    grid_leader: '欧阳修远',
    at,
    wkt: multi(west, south, west + 0.01, south + 0.01),
  };
});

/** The first stands elsewhere than in the micro-grid in charge. */
export const staffRows: FixtureRow[] = [9, 10, 30].map((cell, index): FixtureRow => ({
  staff_id: `WG00000${index}`,
  name: '梁小明',
  grid_code: gridRows[cell]!.grid_code ?? null,
  on_duty: true,
  reported_at: '2026-01-01T00:00:00Z',
  at: [113.095, 23.045],
  wkt: 'POINT(113.095 23.045)',
}));

/** Metres of a degree along the parallel and along the meridian at a latitude, on the ellipsoid of WGS 84. */
export function metresPerDegree(lat: number): { lon: number; lat: number } {
  const [a, e2] = [6_378_137, 0.006_694_379_990_14];
  const phi = (lat * Math.PI) / 180;
  const w = 1 - e2 * Math.sin(phi) ** 2;
  return {
    lon: ((a * Math.cos(phi)) / Math.sqrt(w)) * (Math.PI / 180),
    lat: ((a * (1 - e2)) / w ** 1.5) * (Math.PI / 180),
  };
}
