import { type Context, pad, row } from '../context.ts';
import type { Row } from '../files/row.ts';
import { makePhone } from '../identity.ts';
import { TODAY } from '../moment.ts';
import { drawName } from '../names.ts';
import { dayText } from '../people.ts';
import { createRandom } from '../random.ts';
import { unitsOf } from './addresses.ts';
import type { Theme } from './delivery.ts';

/** The let rooms of one staircase are one landlord's house. Old, crowded village houses are the ones to watch. */
function* rentalHouses(context: Context): Generator<Row> {
  const random = createRandom(context.seed, 'rental houses');
  let n = 0;
  for (const { building, units } of unitsOf(context.dwellings())) {
    const { use } = context.blockOf(building);
    for (const rooms of units.values()) {
      const rented = rooms.filter((room) => room.occupancy === 'rented');
      if (rented.length === 0) continue;
      n += 1;
      const tenants = rented.reduce((sum, room) => sum + (room.household?.persons.length ?? 0), 0);
      const isCollective = rented.some((room) => room.household?.kind === 'collective');
      const danger =
        (use === 'village' || use === 'old_town' ? 0.22 : use === 'factory' ? 0.2 : 0) +
        (building.builtYear < 1995 ? 0.15 : 0) +
        Math.min(0.35, tenants * 0.025) +
        random.between(0, 0.4);
      yield row({
        house_code: `CZ${pad(n, 6)}`,
        building_code: building.code,
        rooms: rented.length,
        tenants,
        kind: isCollective
          ? 'dormitory'
          : rented.length === rooms.length && rented.length > 5
            ? 'block'
            : rented.length > 2
              ? 'shared'
              : 'whole',
        risk_level: danger > 0.78 ? 'high' : danger > 0.52 ? 'medium' : 'low',
        inspected_on: dayText(TODAY - random.int(1, danger > 0.78 ? 35 : danger > 0.52 ? 95 : 190)),
        landlord_name: drawName(random.chance(0.6), random),
        landlord_phone: random.chance(0.97) ? makePhone(random) : null,
      });
    }
  }
}

/** Everybody whose household register is elsewhere is due to register; about one in twelve has not yet. */
function* residencePermits(context: Context): Generator<Row> {
  const random = createRandom(context.seed, 'residence permits');
  let n = 0;
  for (const { roomCode, household } of context.dwellings()) {
    const persons = household?.persons ?? [];
    if (persons[0]?.residence === 'registered') continue;
    for (const [member, person] of persons.entries()) {
      if (random.chance(0.085)) continue;
      n += 1;
      const isChild = person.age < 16;
      const since = Math.floor(2600 * random.next() ** 1.8) + 3;
      const registered = Math.max(TODAY - since, TODAY - Math.floor(person.age * 365.25) - 1);
      // A registration holds for a year and is renewed on its day.
      const years = Math.floor((TODAY - registered) / 365) + 1;
      yield row({
        permit_no: `JZ${pad(n, 8)}`,
        person_id: person.id,
        room_code: roomCode,
        reason: isChild
          ? person.age >= 6 && random.chance(0.7)
            ? 'study'
            : 'family'
          : person.age >= 60 || (member > 0 && random.chance(0.3))
            ? 'family'
            : random.pick(['work', 'work', 'work', 'work', 'business', 'other']),
        has_card: TODAY - registered > 183 && random.chance(0.8),
        registered_on: dayText(registered),
        expires_on: dayText(registered + years * 365),
      });
    }
  }
}

/** Who lets rooms, and who has registered as living here. */
export const registrations: Theme = {
  rental_house: (context) => ({ expected: Math.min(65_000, 78_000 * context.scale), rows: rentalHouses(context) }),
  residence_permit: (context) => ({ expected: 559_000 * context.scale, rows: residencePermits(context) }),
};
