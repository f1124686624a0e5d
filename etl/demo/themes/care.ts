import { type Listed, careCensus } from '../care-census.ts';
import { type Context, pad, row } from '../context.ts';
import type { Row } from '../files/row.ts';
import { makePhone } from '../identity.ts';
import { TODAY, momentText } from '../moment.ts';
import { dayText } from '../people.ts';
import { createRandom, weightedPicker } from '../random.ts';
import { deliveredRows, nearestRow } from './delivered-rows.ts';
import { type Theme, listed } from './delivery.ts';
import { services } from './services.ts';

const DISABILITIES = ['visual', 'hearing', 'speech', 'physical', 'intellectual', 'mental', 'multiple'] as const;
const pickYoung = weightedPicker([6, 12, 6, 22, 32, 6, 16]);
const pickAdult = weightedPicker([12, 12, 2, 44, 12, 14, 4]);
const pickOld = weightedPicker([17, 29, 1, 45, 1, 3, 4]);

function disabledPersons(context: Context): Row[] {
  const random = createRandom(context.seed, 'disabled persons');
  return careCensus(context).disabled.map(({ person, household, roomCode }) => {
    const category = (person.age < 18 ? pickYoung : person.age < 60 ? pickAdult : pickOld)(random);
    const grade = random.pick([1, 2, 2, 3, 3, 3, 4, 4, 4]);
    const isAlone = household.persons.length === 1;
    const draw = random.next();
    return row({
      person_id: person.id,
      name: person.name,
      category: DISABILITIES[category] ?? 'multiple',
      grade,
      // 20 characters: the identity number, the kind and the grade.
      cert_no: `${person.idNumber}${category + 1}${grade}`,
      care_kind:
        grade > 2
          ? 'self'
          : isAlone
            ? draw < 0.5
              ? 'day'
              : 'self'
            : draw < 0.8
              ? 'family'
              : draw < 0.95
                ? 'day'
                : 'institution',
      is_alone: isAlone,
      room_code: roomCode,
    });
  });
}

function needyChildren(context: Context): Row[] {
  const random = createRandom(context.seed, 'needy children');
  const schools = deliveredRows(services, 'primary_school', context);
  const { children, disabled } = careCensus(context);
  const isDisabled = new Set(disabled.map(({ person }) => person.id));
  return children.map(({ person, household, roomCode, block }) => {
    const guardian = household.persons.find((other) => other.age >= 18);
    const home = context.district.blocks[block]?.inner ?? [0, 0];
    // A class of primary school begins with the child that is six by 31 August.
    const isPupil = person.birthDate <= '2020-08-31' && person.birthDate > '2014-08-31';
    return row({
      person_id: person.id,
      name: person.name,
      age: person.age,
      category: isDisabled.has(person.id)
        ? 'disabled'
        : guardian === undefined
          ? 'unattended'
          : person.residence === 'floating'
            ? random.pick(['migrant', 'migrant', 'poor'])
            : random.pick(['poor', 'poor', 'poor', 'unattended', 'ill', 'orphan']),
      guardian_name: guardian?.name ?? null,
      guardian_phone: guardian ? makePhone(random) : null,
      school_code: isPupil ? (nearestRow(schools, home).values.school_code ?? null) : null,
      visited_on: dayText(TODAY - random.int(1, 45)),
      room_code: roomCode,
    });
  });
}

/** Yuan a month to a person, about what the city pays. */
const ALLOWANCE = { subsistence: 1240, marginal: 320, destitute: 1984 };

function subsistenceFamilies(context: Context): Row[] {
  const random = createRandom(context.seed, 'subsistence families');
  const { poor, disabled } = careCensus(context);
  const withDisabled = new Set(disabled.map(({ household }) => household.id));
  return poor.map(({ person, household, roomCode }, i) => {
    const isOldAlone = household.persons.length === 1 && person.age >= 60;
    const kind = isOldAlone && random.chance(0.35) ? 'destitute' : random.chance(0.72) ? 'subsistence' : 'marginal';
    const members = kind === 'marginal' ? household.persons.length : random.int(1, household.persons.length);
    return row({
      family_no: `DB${pad(i + 1, 5)}`,
      household_id: household.id,
      head_person_id: person.id,
      kind,
      members,
      monthly_yuan: Math.round(members * ALLOWANCE[kind] * random.between(0.55, 1)),
      cause: withDisabled.has(household.id)
        ? 'disability'
        : person.age >= 65
          ? 'age'
          : random.pick(['illness', 'illness', 'unemployment', 'other']),
      room_code: roomCode,
      approved_to: dayText(TODAY + random.int(5, 360)),
    });
  });
}

function temporaryAid(context: Context): Row[] {
  const random = createRandom(context.seed, 'temporary aid');
  return careCensus(context).aided.map(({ person, roomCode }, i) => {
    const reason =
      person.age < 23 && random.chance(0.5)
        ? 'tuition'
        : random.pick(['illness', 'illness', 'illness', 'accident', 'income', 'income', 'fire', 'other']);
    const amount = { illness: 6200, accident: 4800, fire: 9000, tuition: 3000, income: 2400, other: 1800 }[reason] ?? 0;
    return row({
      aid_no: `LS${pad(i + 1, 6)}`,
      person_id: person.id,
      reason,
      amount_yuan: Math.round((amount * random.between(0.4, 1.7)) / 100) * 100,
      room_code: roomCode,
      approved_on: dayText(TODAY - random.int(1, 364)),
    });
  });
}

interface Disease {
  id: string;
  category: 'B' | 'C' | 'other';
  /** Weights of children, adults and old people. */
  weights: [number, number, number];
  /** Month in the middle of its season, and how many days it spreads. */
  peak: number;
  spread: number;
  /** Days until it is over. */
  course: number;
}

const DISEASES: readonly Disease[] = [
  { id: 'influenza', category: 'C', weights: [38, 42, 44], peak: 1.5, spread: 55, course: 9 },
  { id: 'hfmd', category: 'C', weights: [34, 1, 0], peak: 6, spread: 50, course: 10 },
  { id: 'dengue', category: 'B', weights: [2, 14, 12], peak: 9.6, spread: 24, course: 14 },
  { id: 'covid', category: 'B', weights: [6, 16, 18], peak: 7, spread: 75, course: 12 },
  { id: 'diarrhoea', category: 'C', weights: [14, 10, 8], peak: 11.4, spread: 60, course: 7 },
  { id: 'chickenpox', category: 'other', weights: [8, 2, 0], peak: 5, spread: 70, course: 15 },
  { id: 'tuberculosis', category: 'B', weights: [0.4, 7, 11], peak: 6, spread: 120, course: 180 },
  { id: 'hepatitis', category: 'B', weights: [0.5, 9, 8], peak: 6, spread: 120, course: 90 },
];
const PICK_DISEASE = [0, 1, 2].map((group) => weightedPicker(DISEASES.map((d) => d.weights[group] ?? 0)));

/** A year of cases; each disease has its season and its age, and is reported by a hospital nearby. */
function infectiousCases(context: Context): Row[] {
  const random = createRandom(context.seed, 'infectious cases');
  const hospitals = deliveredRows(services, 'hospital', context);
  const onset = (disease: Disease): number => {
    const middle = Date.UTC(2026, 0, 1) / 86_400_000 + disease.peak * 30.44;
    const day = Math.round(middle + random.normal() * disease.spread);
    // The year goes round: what falls after the reference date was a year ago.
    return TODAY - 1 - ((((TODAY - 1 - day) % 365) + 365) % 365);
  };
  return careCensus(context)
    .infected.map((who: Listed) => {
      const group = who.person.age < 15 ? 0 : who.person.age < 60 ? 1 : 2;
      const disease = DISEASES[(PICK_DISEASE[group] as (typeof PICK_DISEASE)[number])(random)] as Disease;
      return { who, group, disease, day: onset(disease) };
    })
    .toSorted((p, q) => p.day - q.day)
    .map(({ who, group, disease, day }, i) => {
      const home = context.district.blocks[who.block]?.inner ?? [0, 0];
      const reported = Math.min(day + random.int(0, 4), TODAY - 1);
      return row({
        case_no: `CRB${dayText(day).slice(0, 4)}${pad(i + 1, 6)}`,
        disease: disease.id,
        category: disease.category,
        person_id: who.person.id,
        age_group: ['child', 'adult', 'elder'][group] ?? 'adult',
        room_code: who.roomCode,
        org_code: nearestRow(hospitals, home).values.org_code ?? null,
        state: TODAY - day <= disease.course * random.between(0.7, 1.3) ? 'active' : 'recovered',
        onset_on: dayText(day),
        report_at: momentText(reported, random.int(480, 1320)),
      });
    });
}

/** Lists of persons in need of care: every one of them is a generated person, placed by the room of the household. */
export const care: Theme = {
  disabled_person: (context) => listed(disabledPersons(context)),
  needy_child: (context) => listed(needyChildren(context)),
  subsistence_family: (context) => listed(subsistenceFamilies(context)),
  temporary_aid: (context) => listed(temporaryAid(context)),
  infectious_case: (context) => listed(infectiousCases(context)),
};
