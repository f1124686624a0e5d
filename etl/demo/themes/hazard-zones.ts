import { type Context, pad, polygonShape, row } from '../context.ts';
import type { Block } from '../district.ts';
import type { Row } from '../files/row.ts';
import { bendPoint } from '../land.ts';
import { TODAY } from '../moment.ts';
import { dayText } from '../people.ts';
import { type Point, isInside, separation, toBoard } from '../plane.ts';
import { type Random, createRandom } from '../random.ts';
import { residentsByBlock } from '../residents.ts';
import { sample } from '../sample.ts';
import { deliveredRows, nearestRow } from './delivered-rows.ts';
import { type Theme, listed } from './delivery.ts';
import { fireSafety } from './fire-safety.ts';
import { monitoring } from './monitoring.ts';
import { safety } from './safety.ts';
import { stemOf } from './sites.ts';

const TITLES: Record<string, string> = {
  flood: '洪水漫堤',
  waterlogging: '内涝',
  wind: '台风危房',
  subsidence: '地面沉降',
  slope: '边坡崩塌',
  hazchem: '危化品事故',
};

/** The block a place lies in, else the one whose middle is nearest. */
function blockAt(blocks: readonly Block[], [x, y]: Point): Block {
  let best: Block | undefined;
  let distance = Infinity;
  for (const block of blocks) {
    const d = Math.hypot(block.inner[0] - x, block.inner[1] - y);
    if (d > 900) continue;
    if (isInside(block.ring, x, y)) return block;
    if (d < distance) [best, distance] = [block, d];
  }
  return best ?? (blocks[0] as Block);
}

/** Mean year in which the houses of each block were built. */
function builtYears(context: Context): Map<Block, number> {
  const sums = new Map<Block, { years: number; houses: number }>();
  for (const building of context.buildings) {
    const block = context.blockOf(building);
    const sum = sums.get(block) ?? { years: 0, houses: 0 };
    sum.years += building.builtYear;
    sum.houses += 1;
    sums.set(block, sum);
  }
  return new Map([...sums].map(([block, { years, houses }]) => [block, years / houses]));
}

/** Blocks behind the dikes of the rivers. */
function byRivers(context: Context, dry: readonly Block[]): Block[] {
  const banks = context.district.land.watercourses
    .filter((river) => river.width > 100)
    .flatMap((river) =>
      river.centre.filter((_, i) => i % 4 === 0).map((p) => ({ at: bendPoint(p), reach: river.width / 2 + 260 })),
    );
  return dry.filter((block) => banks.some(({ at, reach }) => separation(at, block.inner) < reach));
}

function zones(context: Context): Row[] {
  const random = createRandom(context.seed, 'hazard zones');
  const residents = residentsByBlock(context);
  const indexOf = new Map(context.district.blocks.map((block, i) => [block, i]));
  const dry = context.district.blocks.filter((block) => block.use !== 'water' && block.area > 400);
  const lived = dry.filter((block) => !['park', 'green', 'pond', 'farm'].includes(block.use));
  const taken = new Set<Block>();
  const found: { block: Block; hazard: string; level: string }[] = [];
  const add = (hazard: string, blocks: readonly Block[], level: (block: Block, draw: Random) => string): void => {
    for (const block of blocks) {
      if (taken.has(block)) continue;
      taken.add(block);
      found.push({ block, hazard, level: level(block, random) });
    }
  };
  const spots = deliveredRows(monitoring, 'waterlogging_spot', context);
  const levelOfSpot = new Map(spots.map(({ values, at }) => [blockAt(lived, at), String(values.level)]));
  add('waterlogging', [...levelOfSpot.keys()], (block) => levelOfSpot.get(block) ?? 'low');
  const stores = deliveredRows(fireSafety, 'hazchem_enterprise', context)
    .toSorted((p, q) => Number(q.values.storage_t) - Number(p.values.storage_t))
    .slice(0, 60);
  const amounts = new Map<Block, number>();
  for (const { values, at } of stores) {
    const block = blockAt(lived, at);
    amounts.set(block, (amounts.get(block) ?? 0) + Number(values.storage_t));
  }
  add('hazchem', [...amounts.keys()].slice(0, 30), (block) => {
    const amount = amounts.get(block) ?? 0;
    return amount > 600 ? 'high' : amount > 150 ? 'medium' : 'low';
  });
  const hills = [
    { at: toBoard(113.0312, 23.0235), radius: 420 },
    { at: toBoard(113.0945, 23.0045), radius: 320 },
  ].map(({ at, radius }) => ({ at: bendPoint(at), radius }));
  const slopes = dry.filter((block) => hills.some(({ at, radius }) => separation(at, block.inner) < radius));
  add('slope', slopes.slice(0, 12), (_, draw) => draw.pick(['high', 'medium', 'medium', 'low']));
  add('flood', sample(byRivers(context, lived), 80, random), (block) =>
    block.use === 'village' ? 'high' : block.use === 'factory' ? 'low' : 'medium',
  );
  const years = builtYears(context);
  const oldest = lived
    .filter((block) => ['old_town', 'village'].includes(block.use) && years.has(block))
    .toSorted((p, q) => (years.get(p) ?? 0) - (years.get(q) ?? 0));
  add('wind', oldest.slice(0, 90), (block) => ((years.get(block) ?? 0) < 1930 ? 'high' : 'medium'));
  const soft = lived.filter((block) => ['estate', 'factory', 'mixed'].includes(block.use) && !taken.has(block));
  add('subsidence', sample(soft, 320 - found.length, random), (_, draw) => draw.pick(['medium', 'low', 'low']));
  const shelters = deliveredRows(safety, 'emergency_shelter', context);
  const counts = new Map<string, number>();
  return found.map(({ block, hazard, level }, i) => {
    const place = `${stemOf(context, block)}${TITLES[hazard]}`;
    const n = (counts.get(place) ?? 0) + 1;
    counts.set(place, n);
    return row(
      {
        zone_no: `FX${pad(i + 1, 4)}`,
        name: `${place}风险区${n}`,
        hazard,
        level,
        people: residents[indexOf.get(block) ?? -1] ?? 0,
        transfer_to: nearestRow(shelters, block.inner).values.shelter_code ?? null,
        checked_on: dayText(TODAY - random.int(20, 330)),
      },
      polygonShape(block.ring),
    );
  });
}

/** Blocks where people may have to leave, for which of six reasons, and where they go. */
export const hazardZones: Theme = {
  hazard_risk_zone: (context) => listed(zones(context)),
};
