import { createRandom, type Random } from '../../etl/demo/random.ts';

/** A report of which it is known what it is about. */
export interface LabelledReport {
  /** The true event. */
  event: number;
  category: string;
  title: string;
  lon: number;
  lat: number;
  /** ms since 1970. */
  occurredAt: number;
}

/** What happens, how people word it, which other categories they file it under. */
interface Script {
  category: string;
  also: readonly string[];
  words: readonly string[];
  /** Metres over which people stand when they report it, and hours over which they do. */
  spread: number;
  hours: number;
}

const SCRIPTS: readonly Script[] = [
  {
    category: '06010',
    also: ['06011', '06036'],
    words: ['暴露垃圾', '垃圾没人清理', '一堆垃圾发臭', '垃圾遍地', '生活垃圾未清运', '有人乱扔垃圾'],
    spread: 10,
    hours: 10,
  },
  {
    category: '06042',
    also: ['06010', '03005'],
    words: ['垃圾箱满溢', '垃圾桶满了', '垃圾桶爆满', '垃圾箱溢出'],
    spread: 8,
    hours: 8,
  },
  {
    category: 'Z0902',
    also: ['01003', '01004'],
    words: ['积水严重', '水浸街', '路面积水过膝', '下水道堵塞积水', '内涝车辆熄火', '积水超过20厘米'],
    spread: 30,
    hours: 2.5,
  },
  {
    category: '01003',
    also: ['01002', '01023'],
    words: ['井盖破损', '井盖缺失', '沙井盖松动异响', '井盖不见了很危险'],
    spread: 6,
    hours: 30,
  },
  {
    category: '06013',
    also: ['06050', 'Z0903'],
    words: ['路面坑洼', '路面破损', '路面有个大坑', '马路塌了一块', '坑洞差点摔车'],
    spread: 9,
    hours: 30,
  },
  {
    category: 'Z0901',
    also: ['06020'],
    words: ['厂房冒烟', '起火了', '着火浓烟滚滚', '火警', '看到大火'],
    spread: 40,
    hours: 0.6,
  },
  {
    category: '06028',
    also: ['08001'],
    words: ['夜间噪声扰民', '施工噪声很吵', '广场舞音响过大', '噪音睡不着'],
    spread: 22,
    hours: 2.5,
  },
  {
    category: '09006',
    also: ['09001', '09005'],
    words: ['占道经营', '摊贩占道', '流动摊贩聚集', '走鬼摆摊', '店铺出店经营'],
    spread: 12,
    hours: 1.5,
  },
  {
    category: '09009',
    also: ['09012'],
    words: ['机动车乱停放', '人行道违停', '车辆堵住通道', '乱停车'],
    spread: 8,
    hours: 1.2,
  },
  {
    category: '09011',
    also: ['09010'],
    words: ['共享单车堆积', '单车乱停放', '共享单车占满人行道'],
    spread: 12,
    hours: 3,
  },
  { category: '01037', also: ['01060'], words: ['路灯不亮', '路灯坏了', '路灯故障一片漆黑'], spread: 12, hours: 30 },
  {
    category: '04002',
    also: ['04003'],
    words: ['行道树倾斜', '树枝折断', '大树倒伏压到路边', '树快倒了'],
    spread: 9,
    hours: 14,
  },
  {
    category: '06025',
    also: ['06026', '06030'],
    words: ['河涌有漂浮物', '河涌发黑发臭', '河面垃圾漂浮', '涌边排污'],
    spread: 35,
    hours: 10,
  },
  {
    category: 'Z0905',
    also: ['02017'],
    words: ['两车追尾', '车祸有人受伤', '交通事故堵车', '汽车撞护栏'],
    spread: 25,
    hours: 0.7,
  },
  { category: '07001', also: ['07007'], words: ['非法小广告', '墙上贴满小广告', '牛皮癣广告'], spread: 7, hours: 30 },
  { category: 'Z0503', also: [], words: ['停车难诉求', '小区没有车位'], spread: 9, hours: 10 },
  { category: 'Z0101', also: [], words: ['邻里纠纷需调解', '楼上楼下吵架', '邻居争执'], spread: 7, hours: 6 },
];

const ROADS =
  '祖庙路 季华五路 季华六路 汾江中路 汾江南路 同济东路 魁奇二路 岭南大道 绿景路 文华路 南海大道 张槎一路 佛平路 江湾路 石湾大道 南庄大道'.split(
    ' ',
  );
const BY = ['', '旁', '路口', '门前', '对面', '附近', '公交站旁'];
const TAILS = ['', '', ',请尽快处理', '!', ',已经很久了', ',多次反映'];

const METRES_PER_DEGREE = 111_195;
const HOUR = 3_600_000;

export interface LabelledOptions {
  seed: number;
  /** True events; confusers come on top. */
  events: number;
  /** Where: lower left corner and side of a square, degrees and metres. */
  lon: number;
  lat: number;
  metres: number;
  /** ms since 1970: when the last of them is. */
  end: number;
}

/**
 * Reports of known events, in the order in which they come in. Each event has 1 to 8 reports: people stand around it,
 * the satellites are off by metres (by tens of metres where an address was typed in), they report it within minutes or
 * hours, file it under neighbouring categories and word it as they like. Half of the events have a confuser: the same
 * kind farther on, next door under another house number, at the same place a week before, or something else there.
 */
export function makeLabelledReports(options: LabelledOptions): LabelledReport[] {
  const random = createRandom(options.seed, 'labelled-reports');
  const reports: LabelledReport[] = [];
  let event = 0;
  const start = options.end - 3 * 24 * HOUR;
  const add = (at: Place): void => {
    event += 1;
    reports.push(...reportsOf(event, at, random, options));
  };
  for (let number = 0; number < options.events; number += 1) {
    const script = random.pick(SCRIPTS);
    const place: Place = {
      script,
      x: random.between(0, options.metres),
      y: random.between(0, options.metres),
      road: random.pick(ROADS),
      house: random.chance(0.5) ? random.int(1, 180) : null,
      at: start + random.between(0, 2.5 * 24) * HOUR,
    };
    add(place);
    if (random.chance(0.5)) add(confuse(place, random));
  }
  return reports.toSorted((a, b) => a.occurredAt - b.occurredAt);
}

interface Place {
  script: Script;
  x: number;
  y: number;
  road: string;
  house: number | null;
  at: number;
}

function confuse(place: Place, random: Random): Place {
  const angle = random.between(0, 2 * Math.PI);
  const away = (metres: number): Pick<Place, 'x' | 'y'> => ({
    x: place.x + Math.cos(angle) * metres,
    y: place.y + Math.sin(angle) * metres,
  });
  const soon = place.at + random.between(-1, 1) * place.script.hours * HOUR;
  switch (random.int(0, 3)) {
    case 0:
      return { ...place, ...away(place.script.spread * 8 + random.between(60, 200)), house: null, at: soon };
    case 1: {
      const house = place.house ?? random.int(1, 180);
      place.house = house;
      return { ...place, ...away(random.between(30, 60)), house: house + random.int(2, 12), at: soon };
    }
    case 2:
      return { ...place, at: place.at - 7 * 24 * HOUR };
    default: {
      const others = SCRIPTS.filter(
        ({ category, also }) =>
          category !== place.script.category &&
          !also.includes(place.script.category) &&
          !place.script.also.includes(category),
      );
      return { ...place, ...away(random.between(0, 30)), script: random.pick(others), at: soon };
    }
  }
}

function reportsOf(event: number, place: Place, random: Random, { lon, lat }: LabelledOptions): LabelledReport[] {
  const { script } = place;
  const count = random.chance(0.4) ? 1 : random.int(2, 8);
  return Array.from({ length: count }, (_, index) => {
    // Typed addresses come out in front of another house.
    const noise = random.chance(0.15) ? 14 : 6;
    const x = place.x + random.normal() * Math.hypot(script.spread / 2, noise);
    const y = place.y + random.normal() * Math.hypot(script.spread / 2, noise);
    const house = place.house !== null && random.chance(0.6) ? `${place.house}号` : '';
    const road = house || random.chance(0.75) ? place.road : '';
    return {
      event,
      category: script.also.length > 0 && random.chance(0.15) ? random.pick(script.also) : script.category,
      title: `${road}${house}${road ? random.pick(BY) : ''}${random.pick(script.words)}${random.pick(TAILS)}`,
      lon: lon + x / (METRES_PER_DEGREE * Math.cos((lat * Math.PI) / 180)),
      lat: lat + y / METRES_PER_DEGREE,
      // Most come soon, some much later.
      occurredAt: place.at + (index === 0 ? 0 : random.next() ** 2 * script.hours * HOUR),
    };
  });
}

/** Pairs within groups of these sizes. */
function pairs(sizes: Iterable<number>): number {
  let sum = 0;
  for (const size of sizes) sum += (size * (size - 1)) / 2;
  return sum;
}

/** Of all pairs of reports: how many of those put together belong together, and how many of those that do were. */
export function pairQuality(reports: readonly { event: number; group: number }[]): {
  precision: number;
  recall: number;
  linked: number;
  true: number;
} {
  const count = (key: (report: { event: number; group: number }) => string): Iterable<number> => {
    const sizes = new Map<string, number>();
    for (const report of reports) sizes.set(key(report), (sizes.get(key(report)) ?? 0) + 1);
    return sizes.values();
  };
  const linked = pairs(count(({ group }) => String(group)));
  const real = pairs(count(({ event }) => String(event)));
  const both = pairs(count(({ event, group }) => `${event}/${group}`));
  return { precision: linked === 0 ? 1 : both / linked, recall: real === 0 ? 1 : both / real, linked, true: real };
}
