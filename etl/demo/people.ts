import type { Building } from './buildings.ts';
import { makeIdNumber } from './identity.ts';
import { drawGivenName, drawSurname } from './names.ts';
import { type Random, createRandom, weightedPicker } from './random.ts';

/** The day the district is described. Nothing here knows today's date. */
export const REFERENCE_DATE = '2026-11-01';
const TODAY = Date.UTC(2026, 10, 1) / 86_400_000;

export const FULL_SCALE = { persons: 1_300_000, households: 472_000, rooms: 640_000, enterprises: 280_000 };
const RESIDENTIAL_SHARE = 0.88;

export interface Person {
  id: string;
  name: string;
  idNumber: string;
  sex: 'M' | 'F';
  /** `yyyy-mm-dd` */
  birthDate: string;
  age: number;
  residence: 'registered' | 'resident' | 'floating' | 'overseas';
}
export interface Dwelling {
  building: Building;
  roomCode: string;
  unitCode: string;
  floor: number;
  usage: 'residential' | 'commercial' | 'office' | 'storage' | 'other';
  areaM2: number;
  occupancy: 'owner' | 'rented' | 'vacant' | 'business';
  household: { id: string; kind: 'family' | 'collective'; persons: Person[] } | null;
}

/** Shares of households of one to seven. */
const pickSize = weightedPicker([0.2, 0.28, 0.27, 0.15, 0.065, 0.025, 0.01]);

/**
 * All rooms with who lives in them, building by building. The same every time it is run, and nothing is kept, so
 * several files can be written from several runs in little memory.
 */
export function* dwellings(buildings: readonly Building[], scale: number, seed: number): Generator<Dwelling> {
  const random = createRandom(seed, 'people');
  const live = buildings.reduce((sum, b) => sum + b.dwellings, 0);
  const work = buildings.reduce((sum, b) => sum + b.businesses, 0);
  const homes = Math.round(FULL_SCALE.rooms * scale * RESIDENTIAL_SHARE);
  const shops = Math.round(FULL_SCALE.rooms * scale * (1 - RESIDENTIAL_SHARE));
  const households = Math.round(FULL_SCALE.households * scale);
  const identities = createIdentities();
  let lived = 0;
  let worked = 0;
  let homesBefore = 0;
  let shopsBefore = 0;
  let occupied = 0;
  for (const building of buildings) {
    lived += building.dwellings;
    worked += building.businesses;
    const homesAfter = Math.round((lived / live) * homes);
    const shopsAfter = Math.round((worked / work) * shops);
    const rooms = shopsAfter - shopsBefore + homesAfter - homesBefore;
    const business = shopsAfter - shopsBefore;
    const perFloor = Math.min(99, Math.max(1, Math.ceil(rooms / building.floors)));
    for (let n = 0; n < rooms; n++) {
      // Shops and offices fill a building from the ground up.
      const floor = Math.floor(n / perFloor) + 1;
      const place = (n % perFloor) + 1;
      const isBusiness = n < business;
      const common = {
        building,
        roomCode: `${building.code}R${String(floor).padStart(2, '0')}${String(place).padStart(2, '0')}`,
        unitCode: `${building.code}U${String(Math.floor((place - 1) / 4) + 1).padStart(2, '0')}`,
        floor,
      };
      if (isBusiness) {
        const usage =
          building.usage === 'office'
            ? 'office'
            : building.usage === 'warehouse' || building.usage === 'industrial'
              ? 'storage'
              : building.usage === 'public'
                ? 'other'
                : 'commercial';
        yield {
          ...common,
          usage,
          areaM2: Math.round(random.between(18, 260) * 10) / 10,
          occupancy: random.chance(0.9) ? 'business' : 'vacant',
          household: null,
        };
        continue;
      }
      homesBefore += 1;
      const due = Math.round((homesBefore / homes) * households);
      const areaM2 = Math.round(Math.max(22, 92 + 34 * random.normal()) * 10) / 10;
      if (due === occupied) {
        yield { ...common, usage: 'residential', areaM2, occupancy: 'vacant', household: null };
        continue;
      }
      occupied = due;
      const household = drawHousehold(occupied, identities, random);
      const isTenant = household.persons[0]?.residence === 'floating' ? random.chance(0.8) : random.chance(0.15);
      yield { ...common, usage: 'residential', areaM2, occupancy: isTenant ? 'rented' : 'owner', household };
    }
    shopsBefore = shopsAfter;
    homesBefore = homesAfter;
  }
}

interface Identities {
  persons: number;
  /** How many of each birth day and sex there are already. */
  used: Uint16Array;
}

function createIdentities(): Identities {
  return { persons: 0, used: new Uint16Array(120 * 366 * 2) };
}

function drawHousehold(number: number, identities: Identities, random: Random): NonNullable<Dwelling['household']> {
  const isCollective = random.chance(0.003);
  const size = isCollective ? random.int(6, 18) : pickSize(random) + 1;
  const kind = random.next();
  const residence = isCollective
    ? 'floating'
    : kind < 0.535
      ? 'registered'
      : kind < 0.68
        ? 'resident'
        : kind < 0.995
          ? 'floating'
          : 'overseas';
  const surname = drawSurname(random);
  const persons: Person[] = [];
  for (const member of isCollective ? crew(size, random) : family(size, random)) {
    const family = member.keepsSurname ? surname : drawSurname(random);
    persons.push(drawPerson(member.age, member.isMale, family, residence, identities, random));
  }
  return { id: `H${String(number).padStart(8, '0')}`, kind: isCollective ? 'collective' : 'family', persons };
}

interface Member {
  age: number;
  isMale: boolean;
  keepsSurname: boolean;
}

function crew(size: number, random: Random): Member[] {
  return Array.from({ length: size }, () => ({
    age: random.int(18, 52),
    isMale: random.chance(0.62),
    keepsSurname: false,
  }));
}

/** Who lives together. The shares give the district's pyramid: 16 % under 15, 17 % from 60 on, 103 men to 100 women. */
function family(size: number, random: Random): Member[] {
  const boy = (): boolean => random.chance(0.53);
  const isMale = random.chance(0.545);
  const elder = (): number => Math.min(98, Math.round(60 + Math.abs(random.normal()) * 10.5));
  const couple = (age: number): Member[] => {
    const headIsMale = random.chance(0.78);
    return [
      { age, isMale: headIsMale, keepsSurname: true },
      { age: Math.max(20, age + random.int(-4, 2)), isMale: !headIsMale, keepsSurname: false },
    ];
  };
  const child = (parent: number): Member => ({
    age: Math.max(0, parent - random.int(23, 33)),
    isMale: boy(),
    keepsSurname: true,
  });
  const parent = (age: number): Member => ({
    age: Math.min(99, age + random.int(23, 31)),
    isMale: random.chance(0.45),
    keepsSurname: random.chance(0.5),
  });
  const draw = random.next();
  if (size === 1) return [{ age: draw < 0.34 ? elder() : random.int(19, 58), isMale, keepsSurname: true }];
  if (size === 2) {
    if (draw < 0.33) return couple(elder());
    if (draw < 0.86) return couple(random.int(23, 58));
    const age = random.int(28, 60);
    return [{ age, isMale: random.chance(0.4), keepsSurname: true }, child(age)];
  }
  const age = random.int(27, size === 3 ? 57 : 47);
  const members = couple(age);
  if (size === 3) members.push(draw < 0.76 ? child(age) : parent(age));
  else if (size === 4) {
    members.push(child(age), draw < 0.47 ? child(age - 2) : parent(age));
  } else {
    members.push(child(age), child(age - 3), parent(age));
    if (size > 5) members.push(parent(age));
    if (size > 6) members.push({ age: random.int(20, 45), isMale: boy(), keepsSurname: true });
  }
  return members;
}

function drawPerson(
  age: number,
  isMale: boolean,
  surname: string,
  residence: Person['residence'],
  identities: Identities,
  random: Random,
): Person {
  // Born between `age` and `age + 1` years before the reference date.
  const day = Math.floor(TODAY - (age + random.next()) * 365.2425);
  const birthDate = dayText(day);
  const slot = ((TODAY - day) * 2 + (isMale ? 1 : 0)) % identities.used.length;
  const sequence = identities.used[slot] as number;
  identities.used[slot] = sequence + 1;
  identities.persons += 1;
  return {
    id: `P${String(identities.persons).padStart(9, '0')}`,
    name: surname + drawGivenName(isMale, random),
    idNumber: makeIdNumber(birthDate.replaceAll('-', ''), sequence % 500, isMale),
    sex: isMale ? 'M' : 'F',
    birthDate,
    age,
    residence,
  };
}

const dayTexts = new Map<number, string>();

/** `yyyy-mm-dd` of a number of days since 1970. */
export function dayText(day: number): string {
  let text = dayTexts.get(day);
  if (text === undefined) {
    text = new Date(day * 86_400_000).toISOString().slice(0, 10);
    dayTexts.set(day, text);
  }
  return text;
}
