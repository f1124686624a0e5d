import type { Block, District } from './district.ts';
import { type Point, lineLength, segmentDistance } from './plane.ts';
import { createRandom } from './random.ts';
import type { RoadClass } from './geography/sources.ts';

export interface Road {
  name: string;
  class: RoadClass;
  /** From crossing to crossing, on the board. */
  line: Point[];
  isBridge: boolean;
  town: number;
  community: number;
  length: number;
}

const WORDS =
  '文明福德仁义礼智信和平安康宁泰昌盛兴隆永乐太升朝阳东南西北中新华建设人民解放胜利红星光荣卫国敬业莲花桂香松柏竹梅兰菊荷凤龙麟鹤锦绣金银玉翠青云明月清风高基大墩塔坡桥头河边井头石巷祠堂书院学士状元普君福禄莺岗沙塘燎原庆宁培德'.match(
    /./gu,
  ) as string[];
const ENDING: Record<RoadClass, readonly string[]> = {
  motorway: ['高速'],
  trunk: ['大道'],
  primary: ['大道'],
  secondary: ['路', '大道'],
  tertiary: ['路', '路', '中路', '东路', '西路'],
  residential: ['路', '街', '一路', '二路', '一街', '二街', '横路'],
  lane: ['巷', '街', '里', '坊', '一巷', '二巷', '三巷', '横巷'],
};

/** All streets from crossing to crossing, with names. Local names begin like the community they run through. */
export function drawRoads(district: District): { roads: Road[]; streetNames: (string | null)[] } {
  const { land, blocks, blockOfFace } = district;
  const { map, streets } = land;
  const names = streets.map((street) => street.name);
  const taken = new Set<string>();
  const random = createRandom(440604, 'street names');
  const blockAt = (e: number): Block | undefined => blocks[blockOfFace[map.face[e] as number] ?? -1];
  const degree = new Map<number, number>();
  const isRoad = (e: number): boolean =>
    (map.label[e >> 1] as number) >= 0 &&
    (map.face[e] as number) >= 0 &&
    (blockAt(e) !== undefined || blockAt(e ^ 1) !== undefined);
  const out = new Map<number, number[]>();
  for (let e = 0; e < map.origin.length; e++) {
    if (!isRoad(e)) continue;
    const v = map.origin[e] as number;
    degree.set(v, (degree.get(v) ?? 0) + 1);
    const list = out.get(v);
    if (list) list.push(e);
    else out.set(v, [e]);
  }
  const roads: Road[] = [];
  const seen = new Uint8Array(map.label.length);
  const labelOf = (e: number): number => map.label[e >> 1] as number;
  const goesOn = (v: number): boolean => {
    const list = out.get(v) ?? [];
    return list.length === 2 && labelOf(list[0] as number) === labelOf(list[1] as number);
  };
  const wet = (e: number): boolean => {
    const left = blockAt(e);
    const right = blockAt(e ^ 1);
    return (left ?? right)?.use === 'water' && (right ?? left)?.use === 'water';
  };
  const start = (e: number): void => {
    if (seen[e >> 1]) return;
    const line: Point[] = [map.point(map.origin[e] as number)];
    let k = e;
    let isBridge = true;
    for (;;) {
      seen[k >> 1] = 1;
      isBridge &&= wet(k);
      const v = map.origin[k ^ 1] as number;
      line.push(map.point(v));
      if (!goesOn(v)) break;
      const arriving = k;
      const onward = (out.get(v) ?? []).find((candidate) => candidate !== (arriving ^ 1));
      if (onward === undefined || seen[onward >> 1]) break;
      k = onward;
    }
    const block = (blockAt(e) ?? blockAt(e ^ 1)) as Block;
    const label = labelOf(e);
    const kind = (streets[label] as { class: RoadClass }).class;
    let name = names[label] ?? null;
    if (name === null) {
      const stem = (district.communities[block.community]?.name ?? '').replace(/(社区|村)$/, '');
      for (let attempt = 0; name === null || taken.has(name); attempt++) {
        const words = random.pick(WORDS) + (attempt > 6 ? random.pick(WORDS) : '');
        name = (random.chance(0.55) ? stem : random.pick(WORDS)) + words + random.pick(ENDING[kind]);
      }
      taken.add(name);
      names[label] = name;
    }
    roads.push({
      name,
      class: kind,
      line,
      isBridge,
      town: block.town,
      community: block.community,
      length: lineLength(line),
    });
  };
  for (let e = 0; e < map.origin.length; e++) if (isRoad(e) && !goesOn(map.origin[e] as number)) start(e);
  for (let e = 0; e < map.origin.length; e++) if (isRoad(e)) start(e);
  return { roads, streetNames: names };
}

/** Finds the nearest road to a point by a grid of 250 m cells. */
export function roadFinder(roads: readonly Road[]): (x: number, y: number) => { road: Road; distance: number } {
  const size = 250;
  const cells = new Map<string, number[]>();
  roads.forEach((road, index) => {
    const own = new Set<string>();
    for (const [x, y] of road.line) own.add(`${Math.floor(x / size)},${Math.floor(y / size)}`);
    for (const key of own) {
      const list = cells.get(key);
      if (list) list.push(index);
      else cells.set(key, [index]);
    }
  });
  return (x, y) => {
    const i = Math.floor(x / size);
    const j = Math.floor(y / size);
    for (let reach = 1; reach < 60; reach++) {
      let best: Road | undefined;
      let distance = Infinity;
      for (let di = -reach; di <= reach; di++) {
        for (let dj = -reach; dj <= reach; dj++) {
          for (const index of cells.get(`${i + di},${j + dj}`) ?? []) {
            const road = roads[index] as Road;
            for (let k = 1; k < road.line.length; k++) {
              const d = segmentDistance(x, y, road.line[k - 1] as Point, road.line[k] as Point);
              if (d < distance) {
                distance = d;
                best = road;
              }
            }
          }
        }
      }
      if (best) return { road: best, distance };
    }
    throw new Error('no road anywhere near');
  };
}
