import type { Building } from '../buildings.ts';
import { type Context, pad, pointShape, polygonShape, row } from '../context.ts';
import type { Row } from '../files/row.ts';
import { historicDistricts } from '../historic-districts.ts';
import { makePhone } from '../identity.ts';
import { dayText } from '../people.ts';
import { isInside } from '../plane.ts';
import { propertyCompaniesOf } from '../property-companies.ts';
import { type Random, createRandom } from '../random.ts';
import { tenth } from './block-choice.ts';
import { type Theme, listed } from './delivery.ts';
import { estates } from './parcels.ts';
import { middling, siteNear, stemOf } from './sites.ts';

const TODAY = 20_758;

/** Different buildings drawn with a weight: the ones whose lots come up first. */
function draw(context: Context, wanted: number, random: Random, weight: (building: Building) => number): Building[] {
  return context.buildings
    .flatMap((building) => {
      const w = weight(building);
      return w > 0 ? [{ building, lot: -Math.log(1 - random.next()) / w }] : [];
    })
    .toSorted((p, q) => p.lot - q.lot)
    .slice(0, wanted)
    .map(({ building }) => building);
}

function rentalHousing(context: Context): Row[] {
  const random = createRandom(context.seed, 'public rental');
  return siteNear(
    context,
    96,
    (block) => (block.use === 'estate' || block.use === 'mixed') && block.area > 4000,
    random,
  ).map(({ at, block }, i) => {
    const units = random.int(4, 62) * 10;
    const occupied = Math.round(units * Math.min(1, random.between(0.52, 1.08)));
    return row(
      {
        project_no: `GZ${pad(i + 1, 4)}`,
        name: `${stemOf(context, block)}${random.pick(['公租房', '保障性租赁住房', '人才公寓', '安居苑'])}`,
        units,
        occupied,
        rent_m2: tenth(random.between(6, 19)),
        occupancy_pct: tenth((100 * occupied) / units),
      },
      pointShape(at),
    );
  });
}

/** Old brick and timber houses: the older and the nearer to the old town or a village core, the likelier. */
function dangerous(context: Context): Row[] {
  const random = createRandom(context.seed, 'dangerous buildings');
  const found = draw(context, middling(640, context.scale), random, (building) => {
    const { use } = context.blockOf(building);
    if (use !== 'old_town' && use !== 'village') return 0;
    return Math.max(0, 1996 - building.builtYear) ** 1.6;
  });
  return found.map((building, i) => {
    const grade = random.chance(building.builtYear < 1950 ? 0.55 : 0.28) ? 'D' : 'C';
    const measure =
      grade === 'D'
        ? random.pick(['vacated', 'vacated', 'demolished', 'watched'])
        : random.pick(['reinforced', 'watched', 'watched', 'vacated']);
    const isEmpty = measure === 'vacated' || measure === 'demolished';
    return row({
      case_no: `WF${pad(i + 1, 5)}`,
      building_code: building.code,
      grade,
      appraised_on: dayText(TODAY - random.int(20, 2200)),
      residents: isEmpty ? 0 : random.int(0, 4 + Math.round((building.area * building.floors) / 60)),
      measure,
    });
  });
}

/** Houses of five to nine storeys built before lifts were the rule; most projects are in the denser inner towns. */
function retrofits(context: Context): Row[] {
  const random = createRandom(context.seed, 'lift retrofits');
  const found = draw(context, middling(1240, context.scale), random, (building) => {
    const { use } = context.blockOf(building);
    const isRow = use === 'estate' || use === 'mixed' || use === 'old_town';
    if (!isRow || building.usage !== 'residential' || building.builtYear > 2006) return 0;
    return building.floors >= 5 && building.floors <= 9 ? building.floors : 0;
  });
  return found.map((building, i) => {
    const applied = TODAY - Math.floor(3400 * random.next() ** 1.4) - 5;
    const age = TODAY - applied;
    const status = random.chance(0.06)
      ? 'stopped'
      : age > 700
        ? 'finished'
        : age > 360
          ? random.pick(['finished', 'building'])
          : age > 120
            ? random.pick(['building', 'approved'])
            : random.pick(['approved', 'applied', 'applied']);
    return row({
      project_no: `JZ${pad(i + 1, 5)}`,
      building_code: building.code,
      status,
      applied_on: dayText(applied),
      finished_on: status === 'finished' ? dayText(Math.min(TODAY - 1, applied + random.int(240, 690))) : null,
      households: Math.min(200, building.floors * random.int(2, 4)),
    });
  });
}

/** How many estates name each firm as their manager: counted from the estates' own file. */
function managers(context: Context): Row[] {
  const random = createRandom(context.seed, 'property companies');
  const managed = new Map<unknown, number>();
  for (const { values } of estates(context)) {
    managed.set(values.property_company, (managed.get(values.property_company) ?? 0) + 1);
  }
  return propertyCompaniesOf(context).map((firm) =>
    row({
      uscc: firm.uscc,
      name: firm.name,
      estates: managed.get(firm.name) ?? 0,
      rating: tenth(Math.min(100, Math.max(35, 78 + 11 * random.normal()))),
      phone: makePhone(random),
    }),
  );
}

function quarters(context: Context): Row[] {
  return historicDistricts(context).map(({ name, area, rings, announcedOn }, i) =>
    row(
      { district_no: `JQ${pad(i + 1, 2)}`, name, area_m2: tenth(area), announced_on: announcedOn },
      polygonShape(...rings),
    ),
  );
}

const HOUSE_KINDS = ['大屋', '祠堂', '骑楼', '民居', '镬耳屋', '商号', '洋楼', '会馆', '作坊'];

function eraOf(year: number, random: Random): string {
  if (year >= 1949) return `${Math.floor(year / 10) * 10} 年代`;
  return year >= 1912 || random.chance(0.4) ? '民国' : '清';
}

/** Old houses, above all inside the protected quarters. Batches were announced from 2014 on. */
function oldHouses(context: Context): Row[] {
  const random = createRandom(context.seed, 'historic buildings');
  const protectedRings = historicDistricts(context).map(({ rings }) => rings[0] ?? []);
  const found = draw(context, 330, random, (building) => {
    const { use } = context.blockOf(building);
    if (building.builtYear > 1986 || (use !== 'old_town' && use !== 'village' && use !== 'mixed')) return 0;
    const isProtected = protectedRings.some((ring) => isInside(ring, building.at[0], building.at[1]));
    return (1990 - building.builtYear) * (isProtected ? 12 : use === 'old_town' ? 2 : 1);
  });
  return found.map((building, i) => {
    const block = context.blockOf(building);
    return row(
      {
        building_no: `LS${pad(i + 1, 4)}`,
        name: `${stemOf(context, block)}${random.pick([...'梁霍陈区罗黄简李冼'])}氏${random.pick(HOUSE_KINDS)}`,
        batch: 1 + Math.floor((i * 7) / 330),
        built_era: eraOf(building.builtYear, random),
        owner_kind:
          block.use === 'village'
            ? random.pick(['collective', 'private'])
            : random.pick(['state', 'private', 'private']),
        condition: random.pick(['good', 'fair', 'fair', 'fair', 'poor']),
      },
      pointShape(building.at),
    );
  });
}

/** Homes that the public cares for: let cheaply, about to fall down, given a lift, managed, or too old to lose. */
export const housing: Theme = {
  public_rental_housing: (context) => listed(rentalHousing(context)),
  dangerous_building: (context) => listed(dangerous(context)),
  elevator_retrofit: (context) => listed(retrofits(context)),
  property_company: (context) => listed(managers(context)),
  historic_district: (context) => listed(quarters(context)),
  historic_building: (context) => listed(oldHouses(context)),
};
