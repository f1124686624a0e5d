import { addressParts, staircaseAt } from '../address-parts.ts';
import type { Building } from '../buildings.ts';
import { type Context, pad, pointShape, row } from '../context.ts';
import { doorstep } from '../enterprises.ts';
import type { Row } from '../files/row.ts';
import { TODAY } from '../moment.ts';
import { FULL_SCALE, type Dwelling, dayText } from '../people.ts';
import { createRandom } from '../random.ts';
import type { Theme } from './delivery.ts';

/** Number of a house in its estate: 3座. Houses elsewhere have only their door number. */
function houseNumbers(context: Context): (building: Building) => string | null {
  const counts = new Map<number, number>();
  let last: Building | undefined;
  let number: string | null = null;
  return (building) => {
    if (building === last) return number;
    last = building;
    if (context.blockOf(building).use !== 'estate') return (number = null);
    const n = (counts.get(building.block) ?? 0) + 1;
    counts.set(building.block, n);
    return (number = `${n}座`);
  };
}

/** One address to a room, down to the door. */
function* standardAddresses(context: Context): Generator<Row> {
  const houseNumber = houseNumbers(context);
  let building: Building | undefined;
  let parts = { text: '', road: '', number: '' };
  let n = 0;
  for (const dwelling of context.dwellings()) {
    if (dwelling.building !== building) {
      building = dwelling.building;
      parts = addressParts(context, building);
    }
    n += 1;
    const house = houseNumber(building);
    const staircase = Number(dwelling.unitCode.slice(-2));
    const unit = house === null ? null : `${staircase}梯`;
    const room = `${dwelling.floor}${dwelling.roomCode.slice(-2)}房`;
    yield row(
      {
        address_code: `DZ${pad(n, 8)}`,
        full_name: `${parts.text}${house ?? ''}${unit ?? ''}${room}`,
        road: parts.road,
        house_no: parts.number,
        building_no: house,
        unit_no: unit,
        room_no: room,
        usage: dwelling.usage,
        room_code: dwelling.roomCode,
        building_code: building.code,
        grid_code: context.district.grids[context.blockOf(building).grid]?.code ?? null,
      },
      pointShape(staircaseAt(building, staircase)),
    );
  }
}

const PLATES = 118_000;

/** A plate at nearly every door; long buildings have more than one. Smaller districts have plates on some. */
function* doorPlates(context: Context): Generator<Row> {
  const random = createRandom(context.seed, 'door plates');
  const rate = (PLATES * context.scale) / context.buildings.length;
  let n = 0;
  let due = 0;
  for (const building of context.buildings) {
    due += rate;
    if (due < n + 1) continue;
    const { road, number } = addressParts(context, building);
    const block = context.blockOf(building);
    const isShop = building.usage === 'commercial' || building.usage === 'mixed';
    for (let k = 0; due >= n + 1; k++) {
      n += 1;
      const wear = random.next() * (2026 - building.builtYear);
      // Plates were renewed throughout the city from 2012 on.
      const year = Math.max(2012, building.builtYear);
      yield row(
        {
          plate_code: `MP${pad(n, 6)}`,
          plate_no: k === 0 ? number : `${number}之${'一二三四五六七八九'[k - 1] ?? '十'}`,
          road,
          kind: block.use === 'village' ? 'village' : block.use === 'estate' ? 'building' : isShop ? 'shop' : 'house',
          state: wear < 30 ? 'intact' : random.chance(0.6) ? 'worn' : 'missing',
          installed_on: dayText(TODAY - Math.floor(random.between(0, (2026 - year) * 365 + 300))),
          building_code: building.code,
          community_code: context.district.communities[block.community]?.code ?? null,
        },
        pointShape(doorstep(building, random)),
      );
    }
  }
}

function* buildingUnits(context: Context): Generator<Row> {
  const houseNumber = houseNumbers(context);
  for (const { building, units } of unitsOf(context.dwellings())) {
    const house = houseNumber(building);
    for (const [unitCode, rooms] of units) {
      yield row({
        unit_code: unitCode,
        building_code: building.code,
        unit_name: `${house ?? ''}${Number(unitCode.slice(-2))}梯`,
        floors: building.floors,
        rooms: rooms.length,
        dwellings: rooms.filter((room) => room.usage === 'residential').length,
      });
    }
  }
}

/** Rooms by staircase, building by building, so that only one building is held at a time. */
export function* unitsOf(
  dwellings: Iterable<Dwelling>,
): Generator<{ building: Building; units: Map<string, Dwelling[]> }> {
  let current: { building: Building; units: Map<string, Dwelling[]> } | undefined;
  for (const dwelling of dwellings) {
    if (current?.building !== dwelling.building) {
      if (current) yield current;
      current = { building: dwelling.building, units: new Map() };
    }
    const rooms = current.units.get(dwelling.unitCode);
    if (rooms) rooms.push(dwelling);
    else current.units.set(dwelling.unitCode, [dwelling]);
  }
  if (current) yield current;
}

/** Addresses, plates and staircases of the generated buildings. */
export const addresses: Theme = {
  standard_address: (context) => ({ expected: FULL_SCALE.rooms * context.scale, rows: standardAddresses(context) }),
  door_plate: (context) => ({ expected: PLATES * context.scale, rows: doorPlates(context) }),
  building_unit: (context) => ({
    expected: Math.min(93_000, 180_000 * context.scale),
    rows: buildingUnits(context),
  }),
};
