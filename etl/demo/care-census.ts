import type { Context } from './context.ts';
import type { LandUse } from './land-use.ts';
import type { Dwelling, Person } from './people.ts';
import { createRandom } from './random.ts';
import { WeightedChoice } from './sample.ts';

type Household = NonNullable<Dwelling['household']>;

/** A person whom a list of the district names, with the home. */
export interface Listed {
  person: Person;
  household: Household;
  roomCode: string;
  /** Index in `district.blocks`. */
  block: number;
}

/** Who is on which list. All of them are people of `context.dwellings()`. */
export interface CareCensus {
  disabled: Listed[];
  children: Listed[];
  /** The head stands for the household. */
  poor: Listed[];
  aided: Listed[];
  infected: Listed[];
  /** By index of `district.grids`. */
  insured: { pension: Int32Array; medical: Int32Array; unemployment: Int32Array };
  /** People of 60 and over by index of `district.communities`. */
  elders: Int32Array;
}

const known = new WeakMap<Context, CareCensus>();

/** How much more often poverty is met in a block than elsewhere. */
const HARDSHIP: Partial<Record<LandUse, number>> = { old_town: 2.4, village: 1.5, mixed: 1, estate: 0.55 };
/** Crowded old lanes spread what is catching. */
const CONTAGION: Partial<Record<LandUse, number>> = { old_town: 1.6, village: 1.7, estate: 0.8 };

/** Goes once through all households and draws who is on which list. Done once for a district, and then remembered. */
export function careCensus(context: Context): CareCensus {
  let census = known.get(context);
  if (!census) {
    census = draw(context);
    known.set(context, census);
  }
  return census;
}

function count(counts: Int32Array, index: number): void {
  counts[index] = (counts[index] ?? 0) + 1;
}

function draw(context: Context): CareCensus {
  const random = createRandom(context.seed, 'care census');
  const { grids, communities, blocks } = context.district;
  const census: CareCensus = {
    disabled: [],
    children: [],
    poor: [],
    aided: [],
    infected: [],
    insured: {
      pension: new Int32Array(grids.length),
      medical: new Int32Array(grids.length),
      unemployment: new Int32Array(grids.length),
    },
    elders: new Int32Array(communities.length),
  };
  const children = new WeightedChoice<Listed>(Math.round(860 * context.scale));
  const poor = new WeightedChoice<Listed>(Math.round(3900 * context.scale));
  const aided = new WeightedChoice<Listed>(Math.round(2600 * context.scale));
  for (const { building, roomCode, household } of context.dwellings()) {
    if (!household) continue;
    const block = blocks[building.block];
    if (!block) continue;
    const { persons } = household;
    const isFamily = household.kind === 'family';
    let hasDisabled = false;
    let adults = 0;
    for (const person of persons) {
      const listed = { person, household, roomCode, block: building.block };
      const { age, residence } = person;
      const isLocal = residence === 'registered';
      if (age >= 18) adults += 1;
      // The register of disabled persons is kept where the household register is.
      if (isLocal && random.chance(age < 18 ? 0.01 : age < 60 ? 0.025 : 0.077)) {
        census.disabled.push(listed);
        hasDisabled = true;
      }
      if (random.chance(0.0139 * (CONTAGION[block.use] ?? 1) * (age < 15 ? 2.1 : age < 60 ? 0.65 : 0.9)))
        census.infected.push(listed);
      if (age >= 60) count(census.elders, block.community);
      const isWorking = age >= 18 && age < 60 && random.chance(0.78);
      if (residence !== 'overseas' && random.chance(age < 18 || age >= 60 ? 0.97 : 0.945))
        count(census.insured.medical, block.grid);
      if (age >= 60 ? isLocal && random.chance(0.93) : isWorking && random.chance(0.9))
        count(census.insured.pension, block.grid);
      if (isWorking && random.chance(0.74)) count(census.insured.unemployment, block.grid);
    }
    const head = persons[0];
    if (!head || !isFamily) continue;
    const home = { household, roomCode, block: building.block };
    const hardship =
      (HARDSHIP[block.use] ?? 0.8) * (hasDisabled ? 5 : 1) * (head.age >= 65 ? 2 : 1) * (adults === 1 ? 1.6 : 1);
    if (head.residence === 'registered') poor.offer({ person: head, ...home }, hardship, random);
    aided.offer({ person: random.pick(persons), ...home }, hardship, random);
    const loneliness = hardship * (adults === 1 ? 4 : 1) * (head.residence === 'floating' ? 1.3 : 1);
    for (const person of persons) if (person.age < 16) children.offer({ person, ...home }, loneliness, random);
  }
  census.children = children.take();
  census.poor = poor.take();
  census.aided = aided.take();
  return census;
}
