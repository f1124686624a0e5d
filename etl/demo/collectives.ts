import type { Building } from './buildings.ts';
import type { Context } from './context.ts';
import type { Block } from './district.ts';
import { makeUscc } from './identity.ts';
import { type Point, ringArea } from './plane.ts';
import { type Random, createRandom } from './random.ts';

export interface Collective {
  uscc: string;
  name: string;
  level: 'town' | 'village' | 'group';
  community: number;
  at: Point;
  members: number;
}

export interface CollectiveAsset {
  no: string;
  owner: Collective;
  kind: 'factory' | 'warehouse' | 'shop' | 'office' | 'land' | 'pond' | 'public' | 'other';
  ring: Point[];
  /** Floor area of a building, ground of a field or pond. */
  area: number;
  state: 'leased' | 'self_used' | 'idle' | 'bidding';
  block: Block;
}

/** Full-scale number of organisations; they are whole at every scale. */
const ORGANISATIONS = 640;
/** A community with fewer old village blocks never had a collective of its own. */
const LEAST_BLOCKS = 5;

const known = new WeakMap<Context, Collective[]>();

/** Towns, villages and the groups within villages that hold land in common, each in one of its own blocks. */
export function collectivesOf(context: Context): Collective[] {
  const found = known.get(context);
  if (found) return found;
  const made = makeCollectives(context);
  known.set(context, made);
  return made;
}

function makeCollectives(context: Context): Collective[] {
  const { blocks, communities, towns } = context.district;
  const random = createRandom(440604, 'collectives');
  const out: Collective[] = [];
  const add = (level: Collective['level'], name: string, community: number, at: Point, members: number): void => {
    const kind = { town: 'N3', village: 'N2', group: 'N1' }[level];
    out.push({ uscc: makeUscc(500_000 + out.length + 1, kind), name, level, community, at, members });
  };
  const own = communities.map((_, c) => blocks.filter((block) => block.community === c && block.use === 'village'));
  const holders = communities.flatMap((community, c) => {
    const count = own[c]?.length ?? 0;
    return count >= (community.kind === '村' ? 1 : LEAST_BLOCKS) ? [c] : [];
  });
  towns.forEach((town, t) => {
    const seat = communities.findIndex((community) => community.parent === t);
    add('town', `${town.name}农村集体资产管理公司`, seat, communities[seat]?.inner ?? [0, 0], 0);
  });
  const total = holders.reduce((sum, c) => sum + (own[c] as Block[]).length, 0);
  const groups = ORGANISATIONS - towns.length - holders.length;
  let counted = 0;
  let made = 0;
  for (const c of holders) {
    const mine = own[c] as Block[];
    const stem = (communities[c]?.name ?? '').replace(/(社区|村)$/, '');
    const middle = mine.reduce((best, block) => (block.area > best.area ? block : best));
    counted += mine.length;
    const due = Math.round((counted / total) * groups);
    const people = random.int(1400, 4200);
    add('village', `${stem}股份合作经济联合社`, c, middle.inner, people);
    for (let n = 1; made < due; n++, made++) {
      const block = mine[(n * 7) % mine.length] as Block;
      const at: Point = [block.inner[0] + random.between(-9, 9), block.inner[1] + random.between(-9, 9)];
      add('group', `${stem}第${n}股份合作经济社`, c, at, random.int(90, 620));
    }
  }
  return out;
}

/** What a building of a village's land is let as, or null when it is nobody's asset. */
function kindOf(building: Building, block: Block, random: Random): CollectiveAsset['kind'] | null {
  if (block.use === 'factory')
    return building.usage === 'industrial' ? 'factory' : building.usage === 'warehouse' ? 'warehouse' : 'office';
  if (block.use === 'commerce' || block.use === 'mixed')
    return building.usage === 'commercial' && random.chance(0.5) ? 'shop' : null;
  if (block.use !== 'village') return null;
  if (building.usage === 'mixed') return 'shop';
  if (building.usage === 'other') return random.chance(0.5) ? 'public' : 'other';
  return random.chance(0.2) ? 'other' : null;
}

const drawnAssets = new WeakMap<Context, CollectiveAsset[]>();

/** Houses, fields and ponds on village land, about one in so many as the scale asks for. */
export function collectiveAssetsOf(context: Context): CollectiveAsset[] {
  const found = drawnAssets.get(context);
  if (found) return found;
  const made = makeAssets(context);
  drawnAssets.set(context, made);
  return made;
}

function makeAssets(context: Context): CollectiveAsset[] {
  const { blocks } = context.district;
  const random = createRandom(context.seed, 'collective assets');
  const owners = new Map<number, Collective[]>();
  for (const collective of collectivesOf(context)) {
    if (collective.level === 'town') continue;
    // The village holds most of the workshops, its groups the rest.
    const times = collective.level === 'village' ? 4 : 1;
    const list = owners.get(collective.community) ?? [];
    for (let i = 0; i < times; i++) list.push(collective);
    owners.set(collective.community, list);
  }
  const out: CollectiveAsset[] = [];
  const add = (block: Block, kind: CollectiveAsset['kind'], ring: Point[], area: number): void => {
    const list = owners.get(block.community);
    if (!list) return;
    const draw = random.next();
    const state =
      kind === 'public'
        ? 'self_used'
        : draw < 0.8
          ? 'leased'
          : draw < 0.88
            ? 'self_used'
            : draw < 0.95
              ? 'idle'
              : 'bidding';
    const no = `JT${String(out.length + 1).padStart(6, '0')}`;
    out.push({ no, owner: random.pick(list), kind, ring, area, state, block });
  };
  for (const building of context.buildings) {
    const block = context.blockOf(building);
    const kind = kindOf(building, block, random);
    if (kind) add(block, kind, building.outline, building.area * building.floors);
  }
  for (const pond of context.ponds) {
    const block = blocks[pond.block];
    if (block && pond.kind === 'fish') add(block, 'pond', pond.outline, ringArea(pond.outline));
  }
  for (const block of blocks) if (block.use === 'farm') add(block, 'land', block.ring, block.area);
  return out;
}
