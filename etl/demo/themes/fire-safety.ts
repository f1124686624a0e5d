import type { Building } from '../buildings.ts';
import { type Context, pad, pointShape, row } from '../context.ts';
import type { Enterprise } from '../enterprises.ts';
import type { Row } from '../files/row.ts';
import { makePhone } from '../identity.ts';
import { TODAY, morning } from '../moment.ts';
import { dayText } from '../people.ts';
import { type Point, separation } from '../plane.ts';
import { createRandom, weightedPicker } from '../random.ts';
import { busyness, roadside } from '../roadside.ts';
import { sample } from '../sample.ts';
import { type Theme, listed } from './delivery.ts';
import { buildingsWhere, middling } from './sites.ts';

type Unit = Pick<Enterprise, 'uscc' | 'name' | 'building' | 'at' | 'industryCode' | 'section'>;

/** What kind of key unit a firm in such a building is, or null. */
function keyCategory({ section, industryCode }: Enterprise, { usage, area, floors }: Building): string | null {
  const space = area * floors;
  if (section === 'Q' || section === 'P') return space > 1500 ? 'welfare' : null;
  if (industryCode.startsWith('H61') || (section === 'H' && space > 4000)) return space > 2000 ? 'hotel' : null;
  if (section === 'R') return space > 2000 ? 'entertainment' : null;
  if (usage === 'commercial' && section === 'F') return space > 5000 ? 'mall' : null;
  if (usage === 'office' && floors >= 14) return section === 'K' || section === 'L' ? 'highrise' : null;
  if (usage === 'warehouse' && section === 'G') return space > 800 ? 'warehouse' : null;
  if (usage === 'industrial' && section === 'C') return space > 3000 ? 'factory' : null;
  return null;
}

/** One in a building: the firm that answers for it. */
function keyUnits(context: Context): Row[] {
  const random = createRandom(context.seed, 'fire key units');
  const found = new Map<Building, Unit & { category: string }>();
  for (const firm of context.enterprises()) {
    if (firm.status !== 'active' || found.has(firm.building)) continue;
    const category = keyCategory(firm, firm.building);
    if (category) found.set(firm.building, { ...firm, category });
  }
  return sample([...found.values()], middling(1120, context.scale), random).map(
    ({ uscc, name, category, building, at }, i) => {
      const age = 2026 - building.builtYear;
      const danger =
        age / 60 + (category === 'factory' || category === 'entertainment' ? 0.25 : 0) + random.next() * 0.7;
      const risk = danger > 1.05 ? 'high' : danger > 0.6 ? 'medium' : 'low';
      return row(
        {
          unit_no: `XFZD${pad(i + 1, 4)}`,
          uscc,
          name,
          category,
          risk_level: risk,
          building_code: building.code,
          floor_area_m2: Math.round(building.area * building.floors),
          hazards: risk === 'high' ? random.int(1, 9) : risk === 'medium' ? random.int(0, 4) : random.int(0, 1),
          inspected_on: dayText(TODAY - random.int(1, { high: 45, medium: 120, low: 260 }[risk])),
        },
        pointShape(at),
      );
    },
  );
}

const SENSORS: readonly [
  kind: string,
  weight: number,
  normal: [number, number],
  high: [number, number],
  digits: number,
][] = [
  ['smoke', 52, [0, 0.06], [0.14, 0.6], 2],
  ['electric', 22, [10, 180], [320, 900], 0],
  ['water_pressure', 12, [0.25, 0.65], [0.01, 0.12], 2],
  ['gas', 9, [0, 3], [22, 60], 0],
  ['temperature', 5, [24, 46], [72, 110], 0],
];

/** High houses, crowded old houses and workshops are watched from afar. */
function* sensors(context: Context): Generator<Row> {
  const random = createRandom(context.seed, 'fire sensors');
  const { list, weights } = buildingsWhere(context, (b) => {
    const { use } = context.blockOf(b);
    const danger =
      b.floors >= 10 ? 3 : use === 'village' || use === 'old_town' ? 0.8 : b.usage === 'industrial' ? 2 : 0.4;
    return danger * Math.sqrt(b.area);
  });
  const pick = weightedPicker(weights);
  const pickKind = weightedPicker(SENSORS.map(([, weight]) => weight));
  const total = Math.round(12_600 * context.scale);
  for (let n = 1; n <= total; n++) {
    const building = list[pick(random)] as Building;
    const [kind, , normal, high, digits] = SENSORS[pickKind(random)] as (typeof SENSORS)[number];
    const draw = random.next();
    const alarm =
      draw < 0.93 ? 'normal' : draw < 0.955 ? 'offline' : draw < 0.975 ? 'fault' : draw < 0.994 ? 'warning' : 'alarm';
    const isOver = alarm === 'warning' || alarm === 'alarm';
    const [least, most] = isOver ? high : normal;
    // A warning lies in the lower half of what is too much; low pressure counts downwards.
    const share = random.next() * 0.5 + ((alarm === 'alarm') === (kind !== 'water_pressure') ? 0.5 : 0);
    yield row({
      device_no: `XFWL${pad(n, 6)}`,
      kind,
      building_code: building.code,
      value:
        alarm === 'offline' || alarm === 'fault'
          ? null
          : Number((least + (most - least) * (isOver ? share : random.next())).toFixed(digits)),
      alarm,
      floor: random.int(1, building.floors),
      observed_at:
        alarm === 'offline'
          ? `2026-10-${pad(random.int(12, 31), 2)}T21:${pad(random.int(0, 59), 2)}:00+08:00`
          : morning(random.int(0, 9)),
    });
  }
}

interface HazardousTrade {
  kind: string;
  chemicals: readonly string[];
  storage: [number, number];
}

/** What a firm of a trade has to do with dangerous substances, or null. */
function hazardousTrade({ section, industryCode }: Enterprise, { usage }: Building): HazardousTrade | null {
  const isPlant = usage === 'industrial' || usage === 'warehouse';
  if (section === 'G' && usage === 'warehouse')
    return { kind: 'storage', chemicals: ['汽油', '乙醇', '甲苯', '过氧化氢', '油漆稀释剂'], storage: [40, 1800] };
  if (industryCode.startsWith('C307') && isPlant)
    return { kind: 'use', chemicals: ['液化天然气', '液化石油气', '氢氟酸', '氧气'], storage: [2, 160] };
  if (industryCode.startsWith('C331') && isPlant)
    return { kind: 'use', chemicals: ['硝酸', '硫酸', '盐酸', '氢氟酸', '乙炔'], storage: [1, 60] };
  if (industryCode.startsWith('C17') && isPlant)
    return { kind: 'use', chemicals: ['过氧化氢', '保险粉', '冰醋酸', '氨水'], storage: [1, 40] };
  if (section === 'C' && industryCode === 'C3820' && isPlant)
    return { kind: 'production', chemicals: ['油墨', '树脂清漆', '丙酮', '乙酸乙酯'], storage: [10, 400] };
  if (industryCode.startsWith('F5165'))
    return { kind: 'trade', chemicals: ['油漆', '天那水', '松香水', '胶粘剂'], storage: [0.2, 12] };
  return null;
}

/** The largest kind of store first. */
const QUOTAS: readonly [kind: string, count: number][] = [
  ['storage', 46],
  ['production', 18],
  ['trade', 116],
  ['use', 106],
];

/** Register of firms that make, keep, sell or use dangerous substances, most of them in the works of the west. */
export function hazchemRows(context: Context): Row[] {
  const random = createRandom(context.seed, 'hazchem');
  const found: (Unit & HazardousTrade)[] = [];
  for (const firm of context.enterprises()) {
    if (firm.status !== 'active') continue;
    const town = context.district.towns[context.blockOf(firm.building).town]?.name;
    const trade = hazardousTrade(firm, firm.building);
    // Works are out of the old city; only paint shops are left there.
    if (!trade || (town === '祖庙街道' && trade.kind !== 'trade')) continue;
    found.push({ ...firm, ...trade });
  }
  const chosen = QUOTAS.flatMap(([kind, count]) =>
    sample(
      found.filter((firm) => firm.kind === kind),
      count,
      random,
    ),
  );
  // A small district has fewer stores: more of the others make up the register.
  const rest = new Set(found);
  for (const firm of chosen) rest.delete(firm);
  chosen.push(...sample([...rest], 286 - chosen.length, random));
  return chosen.map(({ uscc, name, at, kind, chemicals, storage }, i) => {
    const amount = i === 0 ? 4200 : storage[0] + (storage[1] - storage[0]) * random.next() ** 2.4;
    const level = amount > 1300 ? 'level2' : amount > 700 ? 'level3' : amount > 220 ? 'level4' : 'none';
    return row(
      {
        hazchem_no: `WH${pad(i + 1, 4)}`,
        uscc,
        name,
        kind,
        chemicals: sample(chemicals, random.int(1, 3), random).join('、'),
        major_hazard_level: i === 0 ? 'level1' : level,
        storage_t: Math.round(amount * 10) / 10,
        licence_to: dayText(TODAY + random.int(-40, 1050)),
        duty_phone: makePhone(random),
      },
      pointShape(at),
    );
  });
}

const BRANDS = ['南粤石化', '岭南能源', '珠江石油', '中桥加油', '佛燃能源'];

/** At wide streets, never two within half a kilometre. */
function fuelStations(context: Context): Row[] {
  const random = createRandom(context.seed, 'fuel stations');
  const weight = busyness(context);
  const draw = roadside(
    context,
    (road) => (['trunk', 'primary', 'secondary'].includes(road.class) ? weight(road) : 0),
    16,
  );
  const places: { at: Point; name: string }[] = [];
  while (places.length < 74) {
    const { at, road } = draw(random);
    if (places.every((other) => separation(other.at, at) > 500)) places.push({ at, name: road.name });
  }
  return places.map(({ at, name }, i) => {
    const share = random.next();
    const kind = share < 0.82 ? 'fuel' : share < 0.9 ? 'gas' : share < 0.96 ? 'combined' : 'hydrogen';
    const brand = kind === 'gas' || kind === 'hydrogen' ? '佛燃能源' : random.pick(BRANDS);
    const tanks = kind === 'hydrogen' ? random.int(1, 3) : random.int(3, 6);
    const capacity = tanks * random.pick([20, 30, 30, 50]);
    return row(
      {
        station_no: `JYZ${pad(i + 1, 3)}`,
        name: `${brand}${name}${{ fuel: '加油站', gas: '加气站', combined: '油气合建站', hydrogen: '加氢站' }[kind]}`,
        brand,
        kind,
        tanks,
        capacity_m3: capacity,
        // GB 50156: above 150 m³ first grade, above 90 m³ second.
        grade: capacity > 150 ? 'level1' : capacity > 90 ? 'level2' : 'level3',
        licence_to: dayText(TODAY + random.int(20, 1090)),
      },
      pointShape(at),
    );
  });
}

/** Whom the fire service keeps an eye on. */
export const fireSafety: Theme = {
  fire_key_unit: (context) => listed(keyUnits(context)),
  fire_iot_alarm: (context) => ({ expected: 12_600 * context.scale, rows: sensors(context) }),
  hazchem_enterprise: (context) => listed(hazchemRows(context)),
  fuel_station: (context) => listed(fuelStations(context)),
};
