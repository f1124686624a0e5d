import { type Catchments, type Stage, drawCatchments } from '../catchments.ts';
import { type Context, pad, polygonShape, row } from '../context.ts';
import type { Row } from '../files/row.ts';
import { makePhone } from '../identity.ts';
import type { Person } from '../people.ts';
import { separation } from '../plane.ts';
import { createRandom } from '../random.ts';
import { mergeBlocks } from '../regions.ts';
import { type Theme, listed } from './delivery.ts';
import { secondarySchools } from './schools.ts';
import { primarySchools } from './services.ts';

/** Children of the whole district who come of age for grade 1 or grade 7 each year; births fell from 2017 on. */
const COHORT: Record<Stage, Record<number, number>> = {
  primary: { 2023: 15_600, 2024: 15_100, 2025: 14_200, 2026: 13_300, 2027: 12_300, 2028: 11_400 },
  junior: { 2023: 11_400, 2024: 11_900, 2025: 12_600, 2026: 13_500, 2027: 14_300, 2028: 14_800 },
};
const YEAR = 2026;
const STAGES: readonly Stage[] = ['primary', 'junior'];

interface Child {
  person: Person;
  roomCode: string;
  block: number;
  isAtHome: boolean;
  /** Year in which the child comes of age for grade 1: six by the end of August. */
  due: number;
}

interface Enrolment {
  catchments: Record<Stage, Catchments>;
  children: Child[];
}

const known = new WeakMap<Context, Enrolment>();

/** Catchments, and the children of the years that are delivered; one walk through all homes serves every layer. */
function enrolmentOf(context: Context): Enrolment {
  const found = known.get(context);
  if (found) return found;
  const children: Child[] = [];
  for (const { building, roomCode, occupancy, household } of context.dwellings()) {
    for (const person of household?.persons ?? []) {
      if (person.age > 14) continue;
      const due = Number(person.birthDate.slice(0, 4)) + (person.birthDate.slice(5) < '09-01' ? 6 : 7);
      if (due !== YEAR - 6 && (due < YEAR - 1 || due > YEAR + 2)) continue;
      children.push({ person, roomCode, block: building.block, isAtHome: occupancy === 'owner', due });
    }
  }
  const made: Enrolment = {
    children,
    catchments: {
      primary: drawCatchments(context, 'primary', primarySchools(context)),
      junior: drawCatchments(context, 'junior', secondarySchools(context)),
    },
  };
  known.set(context, made);
  return made;
}

/** One connected area per public school; those of each stage tile the district. */
function areas(context: Context): Row[] {
  const { blocks, communities } = context.district;
  const { catchments } = enrolmentOf(context);
  return STAGES.flatMap((stage) => {
    const { schools, ofBlock } = catchments[stage];
    const within = schools.map(() => new Map<number, number>());
    blocks.forEach((block, i) => {
      const areas = within[ofBlock[i] as number];
      areas?.set(block.community, (areas.get(block.community) ?? 0) + block.area);
    });
    const pieces = mergeBlocks(context, (i) => ofBlock[i] as number, schools.length).toSorted(
      (p, q) => q.area - p.area,
    );
    return schools.map((school, i) => {
      const named = [...(within[i] ?? [])].toSorted((p, q) => q[1] - p[1]).slice(0, 8);
      return row(
        {
          school_code: school.code,
          school_name: school.name,
          stage,
          year: YEAR,
          seats: school.intake,
          communities: named.map(([community]) => communities[community]?.name ?? '').join('、'),
        },
        polygonShape(...(pieces.find((piece) => piece.region === i)?.rings ?? [])),
      );
    });
  });
}

/** Seats and children of each school for three years back and two ahead. Figures are the whole district's at any scale. */
function plans(context: Context): Row[] {
  const random = createRandom(context.seed, 'seat plans');
  const { catchments } = enrolmentOf(context);
  const rows: Row[] = [];
  for (const stage of STAGES) {
    const { schools, share } = catchments[stage];
    schools.forEach((school, i) => {
      for (const [year, cohort] of Object.entries(COHORT[stage])) {
        const demand = Math.round((share[i] as number) * cohort * random.between(0.92, 1.08));
        // A school adds a class now and then.
        const planned = school.intake + (Number(year) > YEAR && demand > school.intake ? 50 * random.int(0, 1) : 0);
        const taken = Math.min(planned, Math.round(demand * random.between(0.9, 1.02)));
        rows.push(
          row({
            plan_no: `XW${pad(rows.length + 1, 5)}`,
            school_code: school.code,
            year: Number(year),
            grade: stage === 'primary' ? 'grade_1' : 'grade_7',
            planned,
            demand,
            enrolled: Number(year) > YEAR ? null : taken,
            gap: planned - demand,
          }),
        );
      }
    });
  }
  return rows;
}

/** Children who come of age for school this year and in the next two. */
function* schoolAge(context: Context): Generator<Row> {
  const { children, catchments } = enrolmentOf(context);
  const { schools, ofBlock } = catchments.primary;
  for (const { person, roomCode, block, due } of children) {
    if (due < YEAR) continue;
    yield row({
      person_id: person.id,
      birth_date: person.birthDate,
      room_code: roomCode,
      catchment_school: schools[ofBlock[block] as number]?.code ?? null,
      residence_kind: person.residence,
      due_year: due,
    });
  }
}

/** Schools of one stage by distance from a block's own, the own one first. */
function nearSchools({ schools }: Catchments): number[][] {
  return schools.map((school) =>
    schools
      .map((other, index) => ({ index, away: separation(school.at, other.at) }))
      .toSorted((p, q) => p.away - q.away)
      .slice(0, 5)
      .map(({ index }) => index),
  );
}

/**
 * Applications for grade 1 of last year and this one, and for grade 7 of this year. Who is registered and lives in
 * a home of the family's own gets the catchment's school; others one nearby. A few families apply twice.
 */
function* applications(context: Context): Generator<Row> {
  const random = createRandom(context.seed, 'applications');
  const { children, catchments } = enrolmentOf(context);
  const near = { primary: nearSchools(catchments.primary), junior: nearSchools(catchments.junior) };
  let n = 0;
  for (const { person, roomCode, block, isAtHome, due } of children) {
    const isJunior = due === YEAR - 6;
    const year = isJunior ? YEAR : due;
    if (year > YEAR || !random.chance(0.95)) continue;
    const stage: Stage = isJunior ? 'junior' : 'primary';
    const { schools, ofBlock } = catchments[stage];
    const own = ofBlock[block] as number;
    const category =
      person.residence === 'registered'
        ? isAtHome && random.chance(0.93)
          ? 'catchment'
          : 'allocated'
        : person.residence !== 'floating' || random.chance(0.35)
          ? 'policy'
          : 'points';
    const phone = makePhone(random);
    for (let copies = random.chance(0.006) ? 2 : 1; copies > 0; copies--) {
      n += 1;
      const school = category === 'catchment' ? own : random.pick(near[stage][own] as number[]);
      const draw = random.next();
      const state =
        category === 'points' && draw < 0.14
          ? 'refused'
          : draw < 0.02
            ? 'refused'
            : draw < 0.06
              ? 'transferred'
              : year < YEAR || draw < 0.965
                ? 'admitted'
                : random.pick(['supplement', 'checking', 'checking', 'submitted']);
      yield row({
        application_no: `BM${year}${pad(n, 6)}`,
        year,
        stage,
        child_name: person.name,
        child_id_no: person.residence === 'overseas' ? null : person.idNumber,
        guardian_phone: phone,
        room_code: roomCode,
        school_code: schools[school]?.code ?? null,
        category,
        state,
      });
    }
  }
}

/** Where children go to school, how many seats there are, who comes of age, and who has applied. */
export const enrolment: Theme = {
  school_catchment: (context) => listed(areas(context)),
  school_seat_plan: (context) => listed(plans(context)),
  school_age_child: (context) => ({
    expected: enrolmentOf(context).children.filter(({ due }) => due >= YEAR).length,
    rows: schoolAge(context),
  }),
  enrolment_application: (context) => ({
    expected: enrolmentOf(context).children.filter(({ due }) => due <= YEAR).length * 0.95,
    rows: applications(context),
  }),
};
