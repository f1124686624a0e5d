import type { Building } from '../buildings.ts';
import { type Context, pad, pointShape, row } from '../context.ts';
import { doorstep } from '../enterprises.ts';
import type { Row } from '../files/row.ts';
import { makePhone } from '../identity.ts';
import { MORNING, TODAY, lastReport, momentText, recentDay, reportMinute } from '../moment.ts';
import { dayText } from '../people.ts';
import { createRandom, weightedPicker } from '../random.ts';
import { type Theme, listed } from './delivery.ts';
import { buildingsWhere, middling, siteNear, stemOf } from './sites.ts';

function substations(context: Context): Row[] {
  const random = createRandom(context.seed, 'substations');
  const sites = siteNear(
    context,
    64,
    (block) => ['factory', 'green', 'farm', 'public'].includes(block.use) && block.area > 4000,
    random,
  );
  return sites.map(({ at, block }, i) => {
    const voltage = i < 2 ? 500 : i < 12 ? 220 : i < 52 ? 110 : 35;
    const unit = { 500: 1000, 220: 240, 110: 63, 35: 20 }[voltage] ?? 20;
    const isWorks = block.use === 'factory';
    return row(
      {
        station_no: `BD${pad(i + 1, 3)}`,
        name: `${voltage}kV${stemOf(context, block)}变电站`,
        voltage_kv: voltage,
        capacity_mva: unit * random.int(2, 3),
        load_pct: Math.round(Math.max(12, Math.min(96, (isWorks ? 54 : 42) + 14 * random.normal())) * 10) / 10,
        commissioned_year: random.int(1986, 2024),
      },
      pointShape(at),
    );
  });
}

/** On high roofs where people are, masts in the country and small cells on poles. */
function* baseStations(context: Context): Generator<Row> {
  const random = createRandom(context.seed, 'base stations');
  const { list, weights } = buildingsWhere(context, (b) => Math.sqrt(b.area) * (0.4 + b.floors / 8));
  const pick = weightedPicker(weights);
  const taken = new Set<string>();
  const total = middling(4800, context.scale);
  for (let n = 1; n <= total;) {
    const building = list[pick(random)] as Building;
    if (taken.has(building.code)) continue;
    taken.add(building.code);
    const { use } = context.blockOf(building);
    const mount =
      ['farm', 'pond', 'green'].includes(use) || random.chance(0.08) ? 'tower' : random.chance(0.12) ? 'pole' : 'roof';
    const draw = random.next();
    yield row(
      {
        station_no: `JZ${pad(n, 5)}`,
        operator: draw < 0.42 ? 'mobile' : draw < 0.69 ? 'telecom' : draw < 0.93 ? 'unicom' : 'broadcast',
        generation: random.chance(0.68) ? 'g45' : random.chance(0.6) ? 'g4' : 'g5',
        height_m:
          mount === 'tower'
            ? random.int(24, 45)
            : mount === 'pole'
              ? random.int(7, 12)
              : Math.min(150, building.floors * 3 + random.int(3, 6)),
        mount,
        shared: random.chance(0.55),
      },
      pointShape(building.at),
    );
    n += 1;
  }
}

/** One hall for the district, one in each town, a station for every community, and machines that never close. */
function halls(context: Context): Row[] {
  const random = createRandom(context.seed, 'service halls');
  const { communities, towns } = context.district;
  const main = siteNear(context, 1, (block) => block.use === 'office' || block.use === 'public', random);
  const all = [
    ...main.map(({ at }) => ({ at, kind: 'district', name: '禅城区行政服务中心' })),
    ...towns.map((town) => ({ at: town.inner, kind: 'town', name: `${town.name}行政服务中心` })),
    ...communities.map((community) => ({
      at: community.inner,
      kind: 'community',
      name: `${community.name}行政服务站`,
    })),
    ...siteNear(context, 16, (block) => ['commerce', 'office', 'public'].includes(block.use), random).map(
      ({ at, block }) => ({
        at,
        kind: 'kiosk',
        name: `${stemOf(context, block)}24 小时自助服务区`,
      }),
    ),
  ];
  return all.map(({ at, kind, name }, i) => {
    const windows = { district: 68, town: 22, community: random.int(2, 5) }[kind] ?? 0;
    return row(
      {
        hall_no: `ZW${pad(i + 1, 3)}`,
        name,
        kind,
        windows,
        // Halls open at half past eight from Monday to Friday: on a Sunday only the machines are in use.
        waiting: kind === 'kiosk' ? random.int(0, 3) : 0,
        open_hours: kind === 'kiosk' ? '全天' : '周一至周五 08:30-12:00、14:00-17:30',
        self_service: kind !== 'community' || random.chance(0.35),
        reported_at: lastReport(random, 10),
      },
      pointShape(at),
    );
  });
}

type Ground = 'home' | 'work';

/** What people call about: `{at}` becomes the place. */
const REQUESTS: readonly [category: string, weight: number, ground: Ground, dept: string, texts: readonly string[]][] =
  [
    [
      'city_management',
      20,
      'home',
      '区城市管理和综合执法局',
      ['反映{at}有流动摊贩占道经营', '反映{at}垃圾桶满溢无人清运', '反映{at}共享单车堵塞人行道', '反映{at}路灯不亮'],
    ],
    [
      'housing',
      15,
      'home',
      '区住房城乡建设和水利局',
      ['投诉{at}小区物业收费不透明', '咨询{at}老旧小区加装电梯', '反映{at}楼上漏水', '反映{at}消防通道被占用'],
    ],
    [
      'traffic',
      14,
      'home',
      '区交通运输局',
      ['建议{at}增设公交站点', '反映{at}机动车违停', '反映{at}路口红绿灯时长不合理', '反映{at}路面坑洼'],
    ],
    [
      'environment',
      13,
      'home',
      '市生态环境局禅城分局',
      ['投诉{at}夜间施工噪声', '投诉{at}餐饮油烟扰民', '反映{at}工厂异味', '反映{at}河涌发臭'],
    ],
    [
      'market',
      11,
      'work',
      '区市场监督管理局',
      ['投诉{at}商家拒不退款', '投诉{at}健身房预付卡无法使用', '举报{at}餐饮店卫生差', '投诉{at}网购商品质量问题'],
    ],
    [
      'labour',
      8,
      'work',
      '区民政和人力资源社会保障局',
      ['反映{at}企业拖欠工资', '咨询社保补缴手续', '反映{at}企业未购买社保'],
    ],
    [
      'utilities',
      7,
      'home',
      '佛山水务环保集团禅城分公司',
      ['反映{at}停水', '反映{at}水压低', '反映{at}停电', '反映{at}燃气表异常'],
    ],
    ['education_health', 6, 'home', '区教育局', ['咨询{at}学位申请', '反映{at}学校门口接送拥堵', '咨询疫苗接种时间']],
    [
      'advice',
      9,
      'home',
      '区政务服务和数据管理局',
      ['咨询居住证办理', '咨询营业执照变更', '咨询公积金提取', '咨询敬老优待证办理'],
    ],
  ];

function* tickets(context: Context): Generator<Row> {
  const random = createRandom(context.seed, 'hotline tickets');
  const pick = weightedPicker(REQUESTS.map(([, weight]) => weight));
  const grounds = {
    home: buildingsWhere(context, (b) => b.dwellings),
    work: buildingsWhere(context, (b) => b.businesses),
  };
  const draw = { home: weightedPicker(grounds.home.weights), work: weightedPicker(grounds.work.weights) };
  const perDay = new Map<number, number>();
  const total = Math.round(320_000 * context.scale);
  for (let n = 1; n <= total; n++) {
    const [category, , ground, dept, texts] = REQUESTS[pick(random)] as (typeof REQUESTS)[number];
    const building = grounds[ground].list[draw[ground](random)] as Building;
    const block = context.blockOf(building);
    const day = recentDay(365, random);
    const minute = reportMinute(day, random);
    const sequence = (perDay.get(day) ?? 0) + 1;
    perDay.set(day, sequence);
    const age = TODAY + MORNING / 1440 - day - minute / 1440;
    const isAdvice = category === 'advice';
    const needs = isAdvice ? 0.3 : 6 * random.next() + 1;
    const state =
      age > needs + 2
        ? 'closed'
        : age > needs
          ? 'answered'
          : age > 0.4
            ? 'handling'
            : age > 0.06
              ? 'assigned'
              : 'accepted';
    const mood = random.next();
    yield row(
      {
        ticket_no: `RX${dayText(day).replaceAll('-', '')}${pad(sequence, 6)}`,
        category,
        content: random.pick(texts).replace('{at}', context.district.communities[block.community]?.name ?? ''),
        caller_phone: makePhone(random),
        dept,
        state,
        // Half of those asked give a mark.
        satisfaction:
          state === 'closed' && random.chance(0.5)
            ? mood < 0.52
              ? 5
              : mood < 0.8
                ? 4
                : mood < 0.9
                  ? 3
                  : mood < 0.95
                    ? 2
                    : 1
            : null,
        grid_code: context.district.grids[block.grid]?.code ?? null,
        received_at: momentText(day, minute),
      },
      pointShape(doorstep(building, random)),
    );
  }
}

/** Power, telephones, service halls and what people call 12345 about. */
export const economyServices: Theme = {
  power_substation: (context) => listed(substations(context)),
  telecom_base_station: (context) => ({ expected: middling(4800, context.scale), rows: baseStations(context) }),
  government_service_hall: (context) => listed(halls(context)),
  hotline_ticket: (context) => ({ expected: 320_000 * context.scale, rows: tickets(context) }),
};
