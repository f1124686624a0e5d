import { createNoise } from './noise.ts';
import { type Land, OLD_TOWN, pondness } from './land.ts';
import { type Point, toBoard } from './plane.ts';
import type { Random } from './random.ts';

export type LandUse =
  | 'water'
  | 'old_town'
  | 'village'
  | 'estate'
  | 'mixed'
  | 'commerce'
  | 'office'
  | 'factory'
  | 'public'
  | 'park'
  | 'green'
  | 'farm'
  | 'pond';

/** People per square metre of block, and business per square metre: relative numbers. */
export const DENSITY: Record<LandUse, { people: number; business: number }> = {
  water: { people: 0, business: 0 },
  old_town: { people: 0.034, business: 0.009 },
  village: { people: 0.03, business: 0.0035 },
  estate: { people: 0.038, business: 0.0022 },
  mixed: { people: 0.026, business: 0.006 },
  commerce: { people: 0.006, business: 0.02 },
  office: { people: 0.002, business: 0.03 },
  factory: { people: 0.0025, business: 0.004 },
  public: { people: 0.0008, business: 0.0003 },
  park: { people: 0, business: 0 },
  green: { people: 0, business: 0 },
  farm: { people: 0.00012, business: 0.00002 },
  pond: { people: 0.00008, business: 0.00002 },
};

const PARKS: { name: string; at: Point; radius: number }[] = [
  { name: '中山公园', at: toBoard(113.1155, 23.0435), radius: 190 },
  { name: '季华公园', at: toBoard(113.1128, 23.0098), radius: 170 },
  { name: '文华公园', at: toBoard(113.1008, 23.0158), radius: 200 },
  { name: '亚洲艺术公园', at: toBoard(113.1262, 23.0), radius: 280 },
  { name: '王借岗公园', at: toBoard(113.0312, 23.0235), radius: 210 },
  { name: '绿岛湖公园', at: toBoard(113.0445, 23.0165), radius: 420 },
  { name: '石湾公园', at: toBoard(113.0945, 23.0045), radius: 150 },
  { name: '半月岛公园', at: toBoard(113.0765, 23.019), radius: 210 },
  { name: '大墩公园', at: toBoard(113.086, 23.0295), radius: 140 },
  { name: '兆祥公园', at: toBoard(113.1228, 23.0325), radius: 110 },
  { name: '奇槎公园', at: toBoard(113.1495, 22.9955), radius: 160 },
  { name: '南庄公园', at: toBoard(113.0215, 22.9868), radius: 150 },
  { name: '紫南公园', at: toBoard(112.9938, 23.0065), radius: 130 },
  { name: '智慧公园', at: toBoard(113.0662, 23.0392), radius: 180 },
];
const OFFICES: { at: Point; radius: number }[] = [
  { at: toBoard(113.067, 23.0425), radius: 420 },
  { at: toBoard(113.1225, 23.0122), radius: 420 },
  { at: toBoard(113.115, 23.0128), radius: 330 },
  { at: toBoard(113.052, 23.0165), radius: 320 },
  { at: toBoard(113.152, 22.9915), radius: 300 },
  { at: toBoard(113.1235, 22.9955), radius: 260 },
];
const SHOPS: { at: Point; radius: number }[] = [
  { at: toBoard(113.1185, 23.0305), radius: 280 },
  { at: toBoard(113.0815, 23.0128), radius: 380 },
  { at: toBoard(113.1155, 23.0225), radius: 200 },
  { at: toBoard(113.0985, 23.0115), radius: 260 },
  { at: toBoard(113.0185, 22.9835), radius: 260 },
  { at: toBoard(113.103, 23.0505), radius: 240 },
];

/** Name of the park a point lies in, or null. */
export function parkAt(x: number, y: number): string | null {
  return PARKS.find((park) => Math.hypot(park.at[0] - x, park.at[1] - y) < park.radius)?.name ?? null;
}

const industry = createNoise('industry', 1700);
const grain = createNoise('use grain', 500);

/** What a block is used for: its place decides, chance only fills in. */
export function landUseAt(
  land: Land,
  town: string,
  at: Point,
  area: number,
  isByWater: boolean,
  random: Random,
): LandUse {
  const [x, y] = at;
  if (parkAt(x, y)) return 'park';
  for (const village of land.villages) {
    if (Math.hypot(village.at[0] - x, village.at[1] - y) < village.radius * 1.15 && area < 26_000) {
      return random.chance(0.03) ? 'public' : 'village';
    }
  }
  if (isByWater && random.chance(area < 12_000 ? 0.5 : 0.22)) return 'green';
  const draw = random.next();
  if (SHOPS.some((s) => Math.hypot(s.at[0] - x, s.at[1] - y) < s.radius)) return draw < 0.62 ? 'commerce' : 'mixed';
  if (OFFICES.some((s) => Math.hypot(s.at[0] - x, s.at[1] - y) < s.radius)) {
    return draw < 0.5 ? 'office' : draw < 0.7 ? 'commerce' : draw < 0.93 ? 'estate' : 'green';
  }
  if (draw < 0.028) return 'public';
  if (draw < 0.055) return 'green';
  if (Math.hypot(x - OLD_TOWN.at[0], y - OLD_TOWN.at[1]) < OLD_TOWN.radius) {
    return draw < 0.66 ? 'old_town' : draw < 0.86 ? 'mixed' : 'estate';
  }
  const mood = industry(x, y) + 0.5 * grain(x, y);
  if (town === '祖庙街道')
    return mood > 0.55 && draw < 0.5 ? 'factory' : draw < 0.55 ? 'estate' : draw < 0.88 ? 'mixed' : 'commerce';
  if (town === '石湾镇街道') {
    if (mood > 0.28) return draw < 0.72 ? 'factory' : 'mixed';
    return draw < 0.7 ? 'estate' : draw < 0.9 ? 'mixed' : 'commerce';
  }
  if (town === '张槎街道') {
    if (mood > -0.08) return draw < 0.8 ? 'factory' : 'mixed';
    return draw < 0.62 ? 'estate' : draw < 0.86 ? 'mixed' : 'commerce';
  }
  const wet = pondness(x, y) + 0.35 * grain(x, y);
  if (wet > 0.35) return draw < 0.76 ? 'pond' : draw < 0.9 ? 'farm' : 'factory';
  if (mood > -0.15) return draw < 0.72 ? 'factory' : draw < 0.82 ? 'estate' : draw < 0.9 ? 'farm' : 'green';
  return draw < 0.34 ? 'estate' : draw < 0.5 ? 'mixed' : draw < 0.78 ? 'farm' : draw < 0.9 ? 'pond' : 'green';
}
