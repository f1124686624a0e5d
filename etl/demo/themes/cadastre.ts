import type { Building } from '../buildings.ts';
import { type Parcel, cadastreOf } from '../cadastre.ts';
import { type Context, pad, polygonShape, row } from '../context.ts';
import type { Row } from '../files/row.ts';
import { drawName } from '../names.ts';
import { FULL_SCALE, dayText } from '../people.ts';
import { ringArea } from '../plane.ts';
import { type Random, createRandom } from '../random.ts';
import { drawnIn } from '../subdivide.ts';
import { communityCode, tenth } from './block-choice.ts';
import type { Theme } from './delivery.ts';

/** Share of rooms that are registered, and of village houses whose ground is surveyed as a homestead. */
const REGISTERED = 0.885;
const HOMESTEADS = 0.76;
const STANDARD_M2 = 120;

function* parcels(context: Context): Generator<Row> {
  const random = createRandom(context.seed, 'parcel register');
  for (const { code, right, usage, area, ring } of cadastreOf(context).parcels) {
    yield row(
      {
        parcel_code: code,
        right_kind: right,
        usage,
        area_m2: tenth(area),
        registered_on: dayText(20_758 - random.int(10, 9800)),
      },
      polygonShape(ring),
    );
  }
}

/** A registered room on a registered parcel. Owners who live there are the head of the household; others are drawn. */
function* units(context: Context): Generator<Row> {
  const random = createRandom(context.seed, 'real estate');
  const cadastre = cadastreOf(context);
  let building: Building | null = null;
  let parcel: Parcel | null = null;
  const numbers = new Map<string, number>();
  let houses = 0;
  let rooms = 0;
  for (const dwelling of context.dwellings()) {
    if (dwelling.building !== building) {
      ({ building } = dwelling);
      parcel = cadastre.under(building);
      rooms = 0;
      houses = (numbers.get(parcel?.code ?? '') ?? 0) + 1;
      if (parcel) numbers.set(parcel.code, houses);
    }
    rooms += 1;
    if (!parcel || !random.chance(REGISTERED)) continue;
    const year = Math.min(2026, Math.max(1998, dwelling.building.builtYear + random.int(0, 18)));
    yield row({
      unit_code: `${parcel.code}F${pad(houses, 4)}${pad(rooms, 4)}`,
      parcel_code: parcel.code,
      room_code: dwelling.roomCode,
      area_m2: dwelling.areaM2,
      right_kind:
        parcel.right === 'homestead' || parcel.right === 'collective_built'
          ? 'collective'
          : random.chance(0.38)
            ? 'shared'
            : 'ownership',
      owner_name: ownerOf(dwelling, random),
      cert_no: `粤(${year})佛禅不动产权第${pad(random.int(1, 9_999_999), 7)}号`,
      mortgaged: year > 2012 && random.chance(0.34),
      registered_on: `${year}-${pad(random.int(1, 10), 2)}-${pad(random.int(1, 28), 2)}`,
    });
  }
}

function ownerOf(
  dwelling: { occupancy: string; household: { persons: { name: string }[] } | null },
  random: Random,
): string {
  const head = dwelling.household?.persons[0];
  return dwelling.occupancy === 'owner' && head ? head.name : drawName(random.chance(0.6), random);
}

/** The ground of a village house, a little wider than its walls: narrower than half of the lanes between them. */
function* homesteads(context: Context): Generator<Row> {
  const random = createRandom(context.seed, 'homesteads');
  const counts = new Map<string, number>();
  for (const building of context.buildings) {
    const block = context.blockOf(building);
    if (block.use !== 'village' || building.usage !== 'residential' || !random.chance(HOMESTEADS)) continue;
    const village = communityCode(context, block);
    const n = (counts.get(village) ?? 0) + 1;
    counts.set(village, n);
    const ring = drawnIn(building.outline, building.at, 1.06);
    const area = ringArea(ring);
    yield row(
      {
        homestead_no: `${village}JC${pad(n, 5)}`,
        village_code: village,
        area_m2: tenth(area),
        households: Math.max(1, Math.round(building.floors / random.between(2.5, 5))),
        registered: random.chance(building.builtYear < 2005 ? 0.78 : 0.52),
        over_standard: area > STANDARD_M2,
      },
      polygonShape(ring),
    );
  }
}

/** Parcels, the rooms registered on them, and the ground of village houses. */
export const cadastre: Theme = {
  cadastral_parcel: (context) => ({ expected: cadastreOf(context).parcels.length, rows: parcels(context) }),
  real_estate_unit: (context) => ({
    expected: FULL_SCALE.rooms * REGISTERED * context.scale,
    rows: units(context),
  }),
  rural_homestead: (context) => ({
    expected: context.buildings.length * 0.3,
    rows: homesteads(context),
  }),
};
