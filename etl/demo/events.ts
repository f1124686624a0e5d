import { OLD_TOWN, drawLand } from './land.ts';
import type { RoadClass } from './geography/sources.ts';
import { type Point, toDegrees } from './plane.ts';
import { createRandom, weightedPicker } from './random.ts';

/** What the intake takes, as in the API's contract. */
export interface IncidentInput {
  key: string;
  source: string;
  category: string;
  title: string;
  /** 1 red to 4 blue, 0 an ordinary grid matter. */
  severity: number;
  /** EPSG:4326 degrees. */
  lon: number;
  lat: number;
  /** ISO 8601 in China Standard Time. */
  occurredAt: string;
}

export interface IncidentOptions {
  seed: number;
  count: number;
  /** When the first one happens. */
  start: Date;
  /** Mean rate; gaps between incidents are exponential. */
  ratePerSecond: number;
  /** Places outside it are left out; a `GridMesh` fits. All of the district when left out. */
  mesh?: { locate(longitude: number, latitude: number): number };
  /** How many times as often as on a normal day, by category. */
  weights?: Readonly<Record<string, number>>;
  /** Share of the incidents that fall around the middle of the old town, and how far from it, metres. */
  focus?: { share: number; metres: number };
  /** Steps towards red that grave incidents are graver. */
  graver?: number;
}

interface Kind {
  category: string;
  /** On a normal day; 0: on special ones only. */
  weight: number;
  /** `{road}` becomes the name of a street or of the neighbourhood. */
  titles: readonly string[];
  severity?: readonly number[];
  sources?: readonly string[];
}

/** What a normal day hardly brings: it counts as a tenth of a kind where a scenario asks for more of it. */
const SPECIAL: readonly Kind[] = [
  { category: '01003', weight: 0, titles: ['{road}雨水井盖翻起'], severity: [0, 4] },
  { category: '01004', weight: 0, titles: ['{road}雨水箅子堵塞'] },
  { category: '04002', weight: 0, titles: ['{road}行道树倒伏'], severity: [0, 4, 3] },
  { category: '10002', weight: 0, titles: ['{road}架空线缆脱落'], severity: [4, 3] },
  {
    category: '02014',
    weight: 0,
    titles: ['{road}路口信号灯失灵'],
    severity: [0, 4],
    sources: ['video-ai', 'citizen'],
  },
  { category: 'Z0205', weight: 0, titles: ['{road}工地围挡倒塌隐患'], severity: [0, 4] },
  { category: 'Z0301', weight: 0, titles: ['{road}扒窃线索'], severity: [0, 4], sources: ['police-110', 'citizen'] },
  { category: 'Z0305', weight: 0, titles: ['{road}可疑人员'], severity: [0, 4], sources: ['police-110', 'citizen'] },
  { category: 'Z0909', weight: 0, titles: ['{road}片区停电'], severity: [4, 3], sources: ['hotline-12345'] },
];

/** Daily matters of a district by GB/T 47678.5-2026, and some of the social-governance list; weights are rough. */
const KINDS: readonly Kind[] = [
  { category: '06010', weight: 11, titles: ['{road}旁暴露垃圾未清运', '{road}路口有暴露垃圾'] },
  { category: '06011', weight: 5, titles: ['{road}积存渣土', '{road}空地堆放建筑垃圾'] },
  { category: '06012', weight: 7, titles: ['{road}路面不洁', '{road}落叶堆积'] },
  { category: '06013', weight: 4, titles: ['{road}路面坑洼', '{road}人行道砖破损'] },
  { category: '06025', weight: 2, titles: ['{road}旁河涌有漂浮物'] },
  { category: '06027', weight: 4, titles: ['{road}餐饮油烟扰民'], sources: ['hotline-12345', 'citizen'] },
  {
    category: '06028',
    weight: 6,
    titles: ['{road}夜间噪声扰民', '{road}广场舞音响过大'],
    sources: ['hotline-12345', 'citizen'],
  },
  { category: '06036', weight: 9, titles: ['{road}乱堆杂物', '{road}楼道外堆放杂物'] },
  { category: '06042', weight: 6, titles: ['{road}垃圾箱满溢'], sources: ['video-ai', 'sensor'] },
  { category: '06007', weight: 3, titles: ['{road}沿街晾挂'] },
  { category: '07001', weight: 5, titles: ['{road}墙面非法小广告'] },
  { category: '07003', weight: 2, titles: ['{road}违规设置户外广告'] },
  { category: '08002', weight: 2, titles: ['{road}施工占道未设围挡'] },
  { category: '08004', weight: 4, titles: ['{road}工地扬尘', '{road}工地裸土未覆盖'], sources: ['sensor', 'video-ai'] },
  { category: '08011', weight: 3, titles: ['{road}渣土车未密闭'], sources: ['video-ai'] },
  {
    category: '09001',
    weight: 7,
    titles: ['{road}无照经营游商', '{road}流动摊贩聚集'],
    sources: ['video-ai', 'grid-worker'],
  },
  {
    category: '09005',
    weight: 9,
    titles: ['{road}商铺店外经营', '{road}饭店占道摆桌'],
    sources: ['video-ai', 'grid-worker'],
  },
  {
    category: '09009',
    weight: 14,
    titles: ['{road}机动车乱停放', '{road}人行道违停'],
    sources: ['video-ai', 'grid-worker'],
  },
  { category: '09010', weight: 9, titles: ['{road}非机动车乱停放'], sources: ['video-ai', 'grid-worker'] },
  { category: '09011', weight: 4, titles: ['{road}共享单车堆积'] },
  { category: '09012', weight: 3, titles: ['{road}消防通道被占用'], severity: [0, 0, 4] },
  { category: 'Z0101', weight: 2.5, titles: ['{road}邻里纠纷需调解'] },
  { category: 'Z0104', weight: 1.2, titles: ['{road}工厂劳资纠纷'], severity: [0, 4, 4, 3] },
  { category: 'Z0201', weight: 2, titles: ['{road}出租屋消防隐患', '{road}电动车入户充电'], severity: [0, 0, 4] },
  {
    category: 'Z0203',
    weight: 0.8,
    titles: ['{road}疑似燃气泄漏'],
    severity: [3, 3, 2],
    sources: ['fire-119', 'hotline-12345', 'sensor'],
  },
  { category: 'Z0210', weight: 1, titles: ['{road}三合一场所隐患'], severity: [0, 4] },
  { category: 'Z0401', weight: 1.2, titles: ['{road}独居老人未应答探访'], severity: [0, 4, 3] },
  { category: 'Z0503', weight: 2, titles: ['{road}停车难诉求'], sources: ['hotline-12345'] },
  {
    category: 'Z0901',
    weight: 0.35,
    titles: ['{road}厂房冒烟', '{road}住宅楼火警'],
    severity: [3, 2, 2, 1],
    sources: ['fire-119', 'video-ai'],
  },
  {
    category: 'Z0902',
    weight: 0.9,
    titles: ['{road}积水超过 15 厘米', '{road}下穿隧道积水'],
    severity: [4, 4, 3, 2],
    sources: ['sensor', 'video-ai'],
  },
  { category: 'Z0903', weight: 0.2, titles: ['{road}路面塌陷'], severity: [3, 2] },
  ...SPECIAL,
  { category: 'Z0908', weight: 0.25, titles: ['{road}人群聚集密度偏高'], severity: [4, 3], sources: ['video-ai'] },
];

const SOURCES = ['grid-worker', 'grid-worker', 'grid-worker', 'video-ai', 'hotline-12345', 'citizen', 'sensor'];
const BUSY: Record<RoadClass, number> = {
  motorway: 0.1,
  trunk: 1.1,
  primary: 1.3,
  secondary: 1.4,
  tertiary: 1.2,
  residential: 1,
  lane: 0.9,
};

interface Stretch {
  from: Point;
  to: Point;
  name: string;
  weight: number;
}

let streets: Stretch[] | undefined;

/** Stretches of street; about a second of work, once per process. */
function districtStreets(): Stretch[] {
  if (streets) return streets;
  const { map, streets: known, faces, geography, town, water, villages } = drawLand();
  const inside = new Set(faces);
  streets = [];
  for (let e = 0; e < map.origin.length; e += 2) {
    const [left, right] = [map.face[e] as number, map.face[e + 1] as number];
    if (left < 0 || !inside.has(left) || !inside.has(right)) continue;
    if ((water[left] as number) >= 0 && (water[right] as number) >= 0) continue;
    const street = known[map.label[e >> 1] as number];
    if (!street) continue;
    const from = map.point(map.origin[e] as number);
    const to = map.point(map.origin[e + 1] as number);
    const townName = geography.towns[town[left] as number]?.name ?? '';
    const old = Math.hypot(from[0] - OLD_TOWN.at[0], from[1] - OLD_TOWN.at[1]) < OLD_TOWN.radius;
    const isVillage = villages.some((v) => Math.hypot(from[0] - v.at[0], from[1] - v.at[1]) < v.radius);
    const crowd = old ? 2.2 : isVillage ? 1.5 : townName === '祖庙街道' ? 1.4 : townName === '南庄镇' ? 0.35 : 1;
    streets.push({
      from,
      to,
      name: street.name ?? townName.replace(/(街道|镇)$/, ''),
      weight: Math.hypot(to[0] - from[0], to[1] - from[1]) * BUSY[street.class] * crowd,
    });
  }
  return streets;
}

/**
 * Plausible incidents along the streets, denser in the old town and in villages. The same options give the same
 * incidents. Keys are `demo-{seed}-{n}`, so that sending them twice stores them once.
 */
export function* generateIncidents(options: IncidentOptions): Generator<IncidentInput> {
  const { seed, count, start, ratePerSecond, mesh } = options;
  if (!(ratePerSecond > 0)) throw new RangeError(`ratePerSecond must be above 0, not ${ratePerSecond}`);
  const random = createRandom(seed, 'incidents');
  const places = districtStreets();
  const { weights = {}, focus, graver = 0 } = options;
  const pickPlace = weightedPicker(places.map((place) => place.weight));
  const near =
    focus && places.filter(({ from }) => Math.hypot(from[0] - OLD_TOWN.at[0], from[1] - OLD_TOWN.at[1]) < focus.metres);
  const pickNear = near && weightedPicker(near.map((place) => place.weight));
  const pickKind = weightedPicker(
    KINDS.map(({ category, weight }) =>
      weight === 0 ? 0.1 * (weights[category] ?? 0) : weight * (weights[category] ?? 1),
    ),
  );
  let time = start.getTime();
  for (let n = 1; n <= count;) {
    const isNear = focus !== undefined && random.next() < focus.share;
    const place = (isNear && near && pickNear ? near[pickNear(random)] : places[pickPlace(random)]) as Stretch;
    const t = random.next();
    const [lon, lat] = toDegrees([
      place.from[0] + (place.to[0] - place.from[0]) * t + random.between(-9, 9),
      place.from[1] + (place.to[1] - place.from[1]) * t + random.between(-9, 9),
    ]);
    if (mesh && mesh.locate(lon, lat) < 0) continue;
    const kind = KINDS[pickKind(random)] as Kind;
    yield {
      key: `demo-${seed}-${n}`,
      source: random.pick(kind.sources ?? SOURCES),
      category: kind.category,
      title: random.pick(kind.titles).replace('{road}', place.name),
      severity: worsen(kind.severity ? random.pick(kind.severity) : 0, graver),
      lon,
      lat,
      occurredAt: chinaTime(time),
    };
    time += (-Math.log(1 - random.next()) / ratePerSecond) * 1000;
    n += 1;
  }
}

/** 4 blue to 1 red; an ordinary matter stays one. */
function worsen(severity: number, steps: number): number {
  return severity === 0 ? 0 : Math.max(1, severity - steps);
}

function chinaTime(ms: number): string {
  return `${new Date(Math.round(ms) + 8 * 3_600_000).toISOString().slice(0, -1)}+08:00`;
}
