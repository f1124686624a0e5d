import { doorstep } from '../enterprises.ts';
import { type Context, pad, pointShape, row } from '../context.ts';
import type { Row } from '../files/row.ts';
import { makePhone } from '../identity.ts';
import { bendPoint } from '../land.ts';
import { brandName, estateName } from '../names.ts';
import { dayText } from '../people.ts';
import { createRandom, weightedPicker } from '../random.ts';
import { type Theme, listed } from './delivery.ts';
import { buildingsWhere, middling, siteNear, stemOf } from './sites.ts';

export function primarySchools(context: Context): Row[] {
  const random = createRandom(context.seed, 'schools');
  const known = context.district.land.geography.places.filter((p) => p.kind === 'school' && p.name.endsWith('小学'));
  const sites = siteNear(
    context,
    74 - known.length,
    (b) => ['public', 'estate', 'village', 'mixed'].includes(b.use) && b.area > 6000,
    random,
  );
  return [
    ...known.map((p) => ({ name: p.name, at: bendPoint(p.at) })),
    ...sites.map(({ at, block }) => ({
      name: `${stemOf(context, block)}${random.pick(['小学', '中心小学', '实验小学'])}`,
      at,
    })),
  ].map(({ name, at }, i) => {
    const classes = random.int(18, 48);
    const seats = classes * 45;
    return row(
      {
        school_code: `2144${pad(60_400 + i + 1, 6)}`,
        name: name.startsWith('佛山') ? name : `佛山市禅城区${name}`,
        kind: random.chance(0.85) ? 'public' : 'private',
        classes,
        seats,
        students: Math.round(seats * random.between(0.72, 1.04)),
        teachers: Math.round(classes * random.between(2.1, 2.6)),
      },
      pointShape(at),
    );
  });
}

const HOSPITAL_SUFFIX = ['医院', '社区医院', '中医医院', '康复医院', '骨科医院', '口腔医院'];

function hospitals(context: Context): Row[] {
  const random = createRandom(context.seed, 'hospitals');
  const known = context.district.land.geography.places.filter((p) => p.kind === 'hospital');
  const sites = siteNear(
    context,
    38 - known.length,
    (b) => ['public', 'commerce', 'mixed'].includes(b.use) && b.area > 5000,
    random,
  );
  return [
    ...known.map((p, i) => ({
      name: p.name.replace(/[((].*$/, ''),
      at: bendPoint(p.at),
      grade: i < 4 ? 'tertiary_a' : 'tertiary',
    })),
    ...sites.map(({ at, block }) => ({
      name: `佛山${stemOf(context, block)}${random.pick(HOSPITAL_SUFFIX)}`,
      at,
      grade: random.pick(['secondary', 'primary', 'primary', 'ungraded']),
    })),
  ].map(({ name, at, grade }, i) => {
    const beds = { tertiary_a: 1800, tertiary: 900, secondary: 320, primary: 90, ungraded: 40 }[grade] ?? 60;
    const actual = Math.round(beds * random.between(0.7, 1.25));
    return row(
      {
        org_code: `PDY${pad(440_000 + i + 1, 6)}`,
        name,
        grade,
        beds: actual,
        free_beds: Math.round(actual * random.between(0.03, 0.3)),
        emergency: grade.startsWith('tertiary') || random.chance(0.5),
      },
      pointShape(at),
    );
  });
}

const POI: readonly [category: string, weight: number, names: readonly string[]][] = [
  ['catering', 22, ['茶餐厅', '肠粉店', '大排档', '甜品店', '煲仔饭', '早茶楼', '牛杂']],
  ['shopping', 26, ['便利店', '超市', '服装店', '陶瓷专卖', '五金店', '手机店', '药妆店']],
  ['life_service', 17, ['美发店', '洗衣店', '快递驿站', '照相馆', '维修店', '彩票店']],
  ['company', 14, ['陶瓷公司', '针织厂', '贸易公司', '设计公司']],
  ['education', 4, ['幼儿园', '培训中心', '书店', '托管班']],
  ['medical', 4, ['诊所', '药店', '口腔门诊']],
  ['government', 1.5, ['居委会', '党群服务中心', '行政服务站']],
  ['finance', 2, ['银行', '自助银行', '证券营业部']],
  ['hotel', 2, ['酒店', '公寓', '宾馆']],
  ['leisure', 3, ['健身房', '棋牌室', '影院', '体育馆']],
  ['transport', 3, ['停车场', '加油站', '充电站']],
  ['scenery', 0.6, ['祠堂', '牌坊', '古井', '名人故居']],
];

function* pois(context: Context): Generator<Row> {
  const random = createRandom(context.seed, 'poi');
  const { list, weights } = buildingsWhere(context, (b) => b.businesses + 0.002 * b.dwellings);
  const pickBuilding = weightedPicker(weights);
  const pickKind = weightedPicker(POI.map(([, weight]) => weight));
  const total = Math.round(96_000 * context.scale);
  for (let n = 1; n <= total; n++) {
    const building = list[pickBuilding(random)] as (typeof list)[number];
    const [category, , names] = POI[pickKind(random)] as (typeof POI)[number];
    const block = context.blockOf(building);
    yield row(
      {
        poi_id: `POI${pad(n, 7)}`,
        name: `${random.chance(0.3) ? stemOf(context, block) : brandName(random)}${random.pick(names)}`,
        category,
        address: context.addressOf(building),
        phone: random.chance(0.55) ? makePhone(random) : null,
      },
      pointShape(doorstep(building, random)),
    );
  }
}

function* elevators(context: Context): Generator<Row> {
  const random = createRandom(context.seed, 'elevators');
  const { list, weights } = buildingsWhere(context, (b) => (b.floors >= 7 ? b.floors * Math.sqrt(b.area) : 0));
  const pick = weightedPicker(weights);
  const total = Math.round(33_600 * context.scale);
  for (let n = 1; n <= total; n++) {
    const building = list[pick(random)] as (typeof list)[number];
    const draw = random.next();
    yield row({
      register_no: `梯11粤E${pad(n, 6)}`,
      building_code: building.code,
      maintainer: `佛山市${brandName(random)}电梯工程有限公司`,
      next_inspect_on: dayText(20_758 + random.int(-20, 345)),
      state: draw < 0.95 ? 'in_use' : draw < 0.99 ? 'stopped' : 'scrapped',
      trapped: random.chance(0.0006),
    });
  }
}

const ERAS = ['明', '清', '清', '清', '民国', '民国', '1950 年代', '宋'];

/** Schools, hospitals, care, points of interest, lifts, old things, charging. */
export const services: Theme = {
  primary_school: (context) => listed(primarySchools(context)),
  hospital: (context) => listed(hospitals(context)),
  nursing_home: (context) => {
    const random = createRandom(context.seed, 'nursing homes');
    return listed(
      siteNear(context, 34, (b) => ['public', 'estate', 'village', 'mixed'].includes(b.use), random).map(
        ({ at, block }, i) => {
          const beds = random.int(4, 42) * 10;
          return row(
            {
              org_code: `YL440604${pad(i + 1, 3)}`,
              name: `${stemOf(context, block)}${random.pick(['养老院', '敬老院', '颐养中心', '长者服务中心'])}`,
              beds,
              occupied: Math.round(beds * random.between(0.4, 0.98)),
              star: random.int(0, 5),
            },
            pointShape(at),
          );
        },
      ),
    );
  },
  poi: (context) => ({ expected: 96_000 * context.scale, rows: pois(context) }),
  elevator: (context) => ({ expected: 33_600 * context.scale, rows: elevators(context) }),
  heritage_site: (context) => {
    const random = createRandom(context.seed, 'heritage');
    const kinds = ['宗祠', '家庙', '大宅', '古井', '古民居', '牌坊', '书院', '会馆', '龙窑'];
    const known: [string, string, string][] = [
      ['祖庙', '国家重点', '明'],
      ['南风古灶', '国家重点', '明'],
      ['梁园', '省级', '清'],
      ['通济桥', '区级', '明'],
    ];
    const levels: Record<string, string> = { 国家重点: 'national', 省级: 'provincial', 区级: 'district' };
    const sites = siteNear(context, 182 - known.length, (b) => ['old_town', 'village'].includes(b.use), random);
    const places = context.district.land.geography.places;
    return listed([
      ...known.map(([name, level, era], i) =>
        row(
          {
            heritage_no: `WW${pad(i + 1, 4)}`,
            name,
            level: levels[level] ?? 'district',
            era,
            address: '广东省佛山市禅城区',
          },
          pointShape(bendPoint((places.find((p) => p.name === name) ?? places[0])?.at ?? [0, 0])),
        ),
      ),
      ...sites.map(({ at, block }, i) => {
        const draw = random.next();
        const town = context.district.towns[block.town]?.name ?? '';
        return row(
          {
            heritage_no: `WW${pad(known.length + i + 1, 4)}`,
            name: `${stemOf(context, block)}${random.pick(['梁', '霍', '陈', '区', '罗', '黄', '简'])}氏${random.pick(kinds)}`,
            level: draw < 0.04 ? 'provincial' : draw < 0.25 ? 'municipal' : 'district',
            era: random.pick(ERAS),
            address: `广东省佛山市禅城区${town}${context.district.communities[block.community]?.name ?? ''}`,
          },
          pointShape(at),
        );
      }),
    ]);
  },
  charging_station: (context) => {
    const random = createRandom(context.seed, 'charging');
    return listed(
      siteNear(
        context,
        middling(940, context.scale),
        (b) => ['estate', 'commerce', 'office', 'factory', 'mixed'].includes(b.use),
        random,
      ).map(({ at, block }, i) => {
        const piles = random.int(2, 60);
        return row(
          {
            station_no: `CD${pad(i + 1, 5)}`,
            name: `${stemOf(context, block)}${estateName(random).slice(0, 2)}充电站`,
            operator: random.pick(['佛山公交充电', '岭南快充', '禅城城投充电', '星火充电']),
            piles,
            free_piles: random.int(0, piles),
            power_kw: piles * random.pick([7, 60, 120]),
            reported_at: `2026-11-01T${pad(random.int(7, 8), 2)}:${pad(random.int(0, 59), 2)}:00+08:00`,
          },
          pointShape(at),
        );
      }),
    );
  },
};
