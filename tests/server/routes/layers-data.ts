import type { Layer } from '../../../layers/define.ts';
import { getLayer } from '../../../layers/index.ts';
import { fakeCell, randomNumbers, worldPixel, type FixtureRow } from '../layer-fixture.ts';

/** Layers of the API tests: one of each way of being protected, named so that no other test has them. */
export const shop: Layer = { ...getLayer('enterprise'), id: 'api_shop', sensitivity: 'internal' };
export const resident: Layer = { ...getLayer('person'), id: 'api_resident' };
export const lake: Layer = { ...getLayer('building_footprint'), id: 'api_lake', sensitivity: 'public' };

const random = randomNumbers(11);
const place = (): [number, number] => [113.02 + random() * 0.08, 22.97 + random() * 0.08];

export const shops: FixtureRow[] = Array.from({ length: 2500 }, (_, index): FixtureRow => {
  const at = index % 50 === 0 ? undefined : place();
  return {
    uscc: `91440604${String(index).padStart(10, '0')}`,
    name: index % 10 === 0 ? `𠮷野家 ${index}` : `公司 ${index}`,
    legal_person: '欧阳修',
    industry_section: ['C', 'F', 'H'][index % 3],
    status: index % 4 === 0 ? 'revoked' : 'active',
    reg_capital_10k: index,
    established_on: `20${String(index % 25).padStart(2, '0')}-06-15`,
    ...(at === undefined ? { wkt: null } : { at, wkt: `POINT(${at[0]} ${at[1]})`, ...fakeCell(at) }),
  };
});

export const residents: FixtureRow[] = Array.from({ length: 600 }, (_, index): FixtureRow => {
  const at = index % 200 === 0 ? undefined : place();
  return {
    person_id: `P${String(index).padStart(9, '0')}`,
    name: index % 2 === 0 ? '欧阳修远' : '张三丰',
    id_no: `440604${1930 + (index % 80)}0101${String(index).padStart(3, '0')}X`,
    sex: index % 2 === 0 ? 'M' : 'F',
    birth_date: `${1930 + (index % 80)}-06-15`,
    household_id: 'H00000001',
    room_code: '440604010001B00001R0001',
    residence_kind: 'registered',
    ...(at === undefined ? { wkt: null } : { at, wkt: `POINT(${at[0]} ${at[1]})`, ...fakeCell(at) }),
  };
});

export const lakes: FixtureRow[] = Array.from({ length: 40 }, (_, index): FixtureRow => {
  const [x, y] = place();
  const at: [number, number] = [x + 0.0005, y + 0.0005];
  return {
    building_code: `440604010001B${String(index).padStart(5, '0')}`,
    name: `湖 ${index}`,
    usage: 'public',
    floors: index % 7,
    height_m: 3.5,
    built_year: 1990,
    at,
    wkt: `MULTIPOLYGON(((${x} ${y},${x + 0.001} ${y},${x + 0.001} ${y + 0.001},${x} ${y + 0.001},${x} ${y})))`,
    ...fakeCell(at),
  };
});

/** Path of the tile at a zoom that holds a place, after `/tiles/`. */
export function tilePath(at: readonly [number, number], z: number): string {
  const [mx, my] = worldPixel(at);
  return `${z}/${Math.floor(mx / 2 ** (30 - z))}/${Math.floor(my / 2 ** (30 - z))}`;
}
