import { type Context, row } from '../context.ts';
import type { Row } from '../files/row.ts';
import { FULL_SCALE, REFERENCE_DATE, dayText } from '../people.ts';
import { createRandom } from '../random.ts';
import type { Theme } from './delivery.ts';

function* rooms(context: Context): Generator<Row> {
  for (const { roomCode, building, unitCode, floor, usage, areaM2, occupancy } of context.dwellings()) {
    yield row({
      room_code: roomCode,
      building_code: building.code,
      unit_code: unitCode,
      floor,
      usage,
      area_m2: areaM2,
      occupancy,
    });
  }
}

function* households(context: Context): Generator<Row> {
  for (const { roomCode, household } of context.dwellings()) {
    if (!household) continue;
    const { id, kind, persons } = household;
    yield row({
      household_id: id,
      head_person_id: persons[0]?.id ?? null,
      room_code: roomCode,
      members: persons.length,
      kind,
    });
  }
}

function* persons(context: Context): Generator<Row> {
  for (const { roomCode, household } of context.dwellings()) {
    for (const person of household?.persons ?? []) {
      yield row({
        person_id: person.id,
        name: person.name,
        id_no: person.residence === 'overseas' ? null : person.idNumber,
        sex: person.sex,
        birth_date: person.birthDate,
        household_id: household?.id ?? null,
        room_code: roomCode,
        residence_kind: person.residence,
      });
    }
  }
}

function* elderlyAlone(context: Context): Generator<Row> {
  const random = createRandom(context.seed, 'elderly');
  const today = Date.parse(`${REFERENCE_DATE}T00:00:00Z`) / 86_400_000;
  for (const { roomCode, household } of context.dwellings()) {
    const [person, other] = household?.persons ?? [];
    if (!person || other || person.age < 62 || random.chance(0.66)) continue;
    const cycle = random.pick([3, 7, 7, 7, 14, 30]);
    yield row({
      person_id: person.id,
      name: person.name,
      age: person.age,
      room_code: roomCode,
      visit_cycle_days: cycle,
      last_visit_at: `${dayText(today - random.int(0, cycle + 2))}T${String(random.int(9, 17)).padStart(2, '0')}:${String(random.int(0, 59)).padStart(2, '0')}:00+08:00`,
    });
  }
}

/** People, the households they form, the rooms they live in, and old people who live alone. */
export const population: Theme = {
  room: (context) => ({ expected: FULL_SCALE.rooms * context.scale, rows: rooms(context) }),
  household: (context) => ({ expected: FULL_SCALE.households * context.scale, rows: households(context) }),
  person: (context) => ({ expected: FULL_SCALE.persons * context.scale, rows: persons(context) }),
  elderly_alone: (context) => ({ expected: 9000 * context.scale, rows: elderlyAlone(context) }),
};
