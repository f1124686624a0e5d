import { type Context, pad, pointShape, polygonShape, row } from '../context.ts';
import { type Enterprise, doorstep } from '../enterprises.ts';
import type { Row } from '../files/row.ts';
import { TODAY, moment } from '../moment.ts';
import { brandName } from '../names.ts';
import { oncePerDistrict } from '../once.ts';
import { dayText } from '../people.ts';
import { pollutersOf } from '../polluters.ts';
import { createRandom, weightedPicker } from '../random.ts';
import { rounded } from '../rounded.ts';
import { type Theme, listed } from './delivery.ts';
import { everyFew } from './block-choice.ts';
import { shrunk } from './parcels.ts';
import { buildingsWhere, middling, siteNear, stemOf } from './sites.ts';

const WASTE: Record<string, string> = {
  HW06: '废有机溶剂',
  HW08: '废矿物油',
  HW12: '染料涂料废物',
  HW17: '表面处理废物',
  HW23: '含锌废物',
  HW31: '含铅废物',
  HW36: '石棉废物',
  HW49: '废活性炭及沾染物',
};
/** What a trade throws away; all have oil and filters. */
const OF_TRADE: Record<string, readonly string[]> = {
  C3071: ['HW08', 'HW12', 'HW49'],
  C3072: ['HW12', 'HW06', 'HW49'],
  C1761: ['HW12', 'HW08'],
  C1821: ['HW12', 'HW08'],
  C3311: ['HW17', 'HW23', 'HW08'],
  C3820: ['HW31', 'HW06', 'HW49'],
  C3525: ['HW08', 'HW17'],
  O8111: ['HW08', 'HW31', 'HW49'],
};

interface Producer {
  no: string;
  firm: Enterprise;
  code: string;
  level: 'key' | 'simplified' | 'registered';
  annual: number;
}

const producers = oncePerDistrict((context: Context): Producer[] => {
  const random = createRandom(context.seed, 'waste producers');
  const found = pollutersOf(context).filter(({ firm }) => OF_TRADE[firm.industryCode] && firm.status === 'active');
  const wanted = middling(1680, context.scale);
  return found.slice(0, wanted).map(({ firm, risk }, i) => {
    const level = risk === 'major' ? 'key' : risk === 'considerable' ? 'simplified' : 'registered';
    const most = { key: 420, simplified: 60, registered: 9 }[level];
    return {
      no: `CF${pad(i + 1, 5)}`,
      firm,
      code: random.pick(OF_TRADE[firm.industryCode] ?? ['HW08']),
      level,
      annual: rounded(Math.max(0.1, most * random.next() ** 1.6), 2),
    };
  });
});

function units(context: Context): Row[] {
  const random = createRandom(context.seed, 'waste in storage');
  return producers(context).map(({ no, firm, code, level, annual }) =>
    row(
      {
        unit_no: no,
        uscc: firm.uscc,
        name: firm.name,
        waste_code: code,
        waste_name: WASTE[code] ?? null,
        manage_level: level,
        annual_t: annual,
        storage_t: rounded(annual * random.between(0.01, 0.24), 2),
      },
      pointShape(firm.at),
    ),
  );
}

const FACILITIES = [
  'hazardous',
  'hazardous',
  'hazardous',
  'sludge',
  'sludge',
  'sludge',
  'industrial',
  'industrial',
  'industrial',
  'industrial',
  'building',
  'building',
  'building',
  'building',
  'food',
  'food',
  'food',
  'industrial',
] as const;

function facilities(context: Context): Row[] {
  const random = createRandom(context.seed, 'waste facilities');
  return siteNear(context, FACILITIES.length, (b) => b.use === 'factory' && b.area > 15_000, random).map(
    ({ at, block }, i) => {
      const kind = FACILITIES[i] ?? 'industrial';
      const title = {
        hazardous: '危险废物处置中心',
        sludge: '污泥处置中心',
        industrial: '一般工业固废处理站',
        building: '建筑垃圾消纳场',
        food: '餐厨垃圾处理厂',
      }[kind];
      return row(
        {
          facility_no: `GF${pad(i + 1, 3)}`,
          name: `${stemOf(context, block)}${title}`,
          kind,
          capacity_td:
            { hazardous: 80, sludge: 300, industrial: 220, building: 2400, food: 150 }[kind] + random.int(0, 9) * 10,
          load_pct: rounded(random.between(46, 98), 1),
          operator: `佛山市${brandName(random)}环保科技有限公司`,
        },
        pointShape(at),
      );
    },
  );
}

/** Big producers ship often; nearly everything arrives, a few lorries are on the way, and a few never came. */
function* transfers(context: Context): Generator<Row> {
  const random = createRandom(context.seed, 'waste transfers');
  const all = producers(context);
  const pick = weightedPicker(all.map(({ annual }) => 1 + Math.sqrt(annual)));
  const total = Math.round(32_000 * context.scale);
  for (let n = 1; n <= total; n++) {
    const { no, firm, code, level } = all[pick(random)] as Producer;
    const day = TODAY - Math.floor(random.next() * 304);
    const hour = random.int(8, 17);
    const isToday = day >= TODAY - 1;
    const isLost = !isToday && random.chance(0.004);
    const isOnWay = isToday && random.chance(0.7);
    yield row({
      manifest_no: `202644${pad(n, 8)}`,
      unit_no: no,
      from_uscc: firm.uscc,
      facility_no: `GF${pad(random.int(1, 3), 3)}`,
      carrier: `佛山市${brandName(random)}危险品运输有限公司`,
      waste_code: code,
      weight_t: rounded({ key: 8, simplified: 2.4, registered: 0.7 }[level] * random.between(0.4, 1.6), 3),
      state: isLost ? 'overdue' : isOnWay ? 'on_way' : 'received',
      // The reference moment is eight in the morning: what left today left before that.
      shipped_at:
        day === TODAY ? moment(day, random.int(5, 7), random.int(0, 59)) : moment(day, hour, random.int(0, 59)),
      received_at:
        isLost || isOnWay ? null : moment(day, day === TODAY ? 7 : Math.min(23, hour + random.int(1, 5)), 59),
    });
  }
}

function plots(context: Context): Row[] {
  const random = createRandom(context.seed, 'soil plots');
  return everyFew(context, 64, (block) => block.use === 'factory' && block.area > 9000 && block.area < 60_000).map(
    ({ block }, i) => {
      const isCeramics = ['南庄镇', '石湾镇街道'].includes(context.district.towns[block.town]?.name ?? '');
      const pollutant = random.pick(
        isCeramics ? ['heavy_metal', 'heavy_metal', 'pah'] : ['petroleum', 'voc', 'heavy_metal'],
      );
      return row(
        {
          plot_no: `TR${pad(i + 1, 3)}`,
          name: `${stemOf(context, block)}原${isCeramics ? '陶瓷' : random.pick(['电镀', '印染', '化工'])}厂地块`,
          pollutant,
          level: random.pick(['high', 'medium', 'medium', 'low']),
          state: random.pick(['survey', 'control', 'remediation', 'released']),
          area_m2: rounded(block.area * 0.64, 1),
        },
        polygonShape(shrunk(block, 0.8)),
      );
    },
  );
}

/** Gauges on the lines of factories, and a few strong sources in hospitals. */
function radiation(context: Context): Row[] {
  const random = createRandom(context.seed, 'radiation');
  const { list, weights } = buildingsWhere(context, (b) =>
    b.usage === 'industrial' ? b.area : b.usage === 'public' ? b.area * 0.12 : 0,
  );
  const pick = weightedPicker(weights);
  return Array.from({ length: 320 }, (_, i) => {
    const building = list[pick(random)] as (typeof list)[number];
    const stem = stemOf(context, context.blockOf(building));
    const isHospital = building.usage === 'public';
    const use = isHospital
      ? random.pick(['therapy', 'calibration'])
      : random.pick(['gauge', 'gauge', 'gauge', 'flaw', 'calibration']);
    const nuclide =
      {
        therapy: random.pick(['co60', 'ir192']),
        gauge: random.pick(['cs137', 'am241', 'kr85']),
        flaw: 'ir192',
        calibration: random.pick(['cs137', 'sr90']),
      }[use] ?? 'cs137';
    const element = { cs137: 'CS', co60: 'CO', ir192: 'IR', am241: 'AM', kr85: 'KR', sr90: 'SR' }[nuclide] ?? 'CS';
    const draw = random.next();
    return row(
      {
        code: `CN${pad(random.int(4, 25), 2)}${element}${pad(i + 1, 6)}`,
        nuclide,
        category:
          { therapy: random.int(1, 2), flaw: random.int(2, 3), gauge: random.int(4, 5), calibration: 5 }[use] ?? 5,
        use_kind: use,
        owner: isHospital
          ? `佛山${stem}医院`
          : `佛山市禅城区${brandName(random)}${random.pick(['陶瓷', '不锈钢制品', '检测技术', '新材料'])}有限公司`,
        state: draw < 0.82 ? 'in_use' : draw < 0.93 ? 'stored' : 'returned',
        checked_on: dayText(TODAY - random.int(2, 200)),
      },
      pointShape(doorstep(building, random)),
    );
  });
}

/** Hazardous and other waste, polluted ground, radioactive sources. */
export const waste: Theme = {
  hazardous_waste_unit: (context) => listed(units(context)),
  waste_facility: (context) => listed(facilities(context)),
  hazardous_waste_transfer: (context) => ({ expected: 32_000 * context.scale, rows: transfers(context) }),
  soil_plot: (context) => listed(plots(context)),
  radiation_source: (context) => listed(radiation(context)),
};
