import type { Building } from './buildings.ts';
import { type Context, pad } from './context.ts';
import type { LandUse } from './land-use.ts';
import { type Point, isInside, ringArea } from './plane.ts';
import { createRandom } from './random.ts';
import { subdivide } from './subdivide.ts';

export type ParcelRight = 'state_granted' | 'state_allocated' | 'collective_built' | 'homestead';
export type ParcelUsage = 'residential' | 'commercial' | 'industrial' | 'public' | 'mixed';

export interface Parcel {
  /** 宗地代码: community, kind of right, number. */
  code: string;
  block: number;
  ring: Point[];
  area: number;
  right: ParcelRight;
  usage: ParcelUsage;
}

/** How a block's ground is used; ground without houses has none. */
export const PARCEL_USAGE: Partial<Record<LandUse, ParcelUsage>> = {
  old_town: 'residential',
  village: 'residential',
  estate: 'residential',
  mixed: 'mixed',
  commerce: 'commercial',
  office: 'commercial',
  factory: 'industrial',
  public: 'public',
};
/** Small plots where houses are small; relative to the average plot. */
const PLOT: Partial<Record<LandUse, number>> = { old_town: 0.4, village: 0.38, estate: 2.6, factory: 2.4, office: 2.6 };
const RIGHT_CODE: Record<ParcelRight, string> = {
  state_granted: 'GB',
  state_allocated: 'GB',
  collective_built: 'JB',
  homestead: 'JC',
};

export interface Cadastre {
  parcels: Parcel[];
  /** By index of the block. */
  ofBlock: ReadonlyMap<number, Parcel[]>;
  /** The parcel a house stands on, or null on unregistered ground. */
  under(building: Building): Parcel | null;
}

const cadastres = new WeakMap<Context, Cadastre>();

/** Built-up blocks divided into parcels: all of the built-up ground at every scale, in larger pieces at smaller ones. */
export function cadastreOf(context: Context): Cadastre {
  const known = cadastres.get(context);
  if (known) return known;
  const made = makeCadastre(context);
  cadastres.set(context, made);
  return made;
}

function makeCadastre(context: Context): Cadastre {
  const { blocks, communities } = context.district;
  const goal = 1250 / Math.sqrt(context.scale);
  const counts = new Map<string, number>();
  const parcels: Parcel[] = [];
  const ofBlock = new Map<number, Parcel[]>();
  blocks.forEach((block, index) => {
    const usage = PARCEL_USAGE[block.use];
    if (!usage || block.area < 200) return;
    const random = createRandom(440604, `parcels of block ${index}`);
    const isCollective = block.use === 'village' || (block.use === 'factory' && random.chance(0.6));
    const right: ParcelRight =
      block.use === 'village'
        ? 'homestead'
        : isCollective
          ? 'collective_built'
          : usage === 'public' || random.chance(0.15)
            ? 'state_allocated'
            : 'state_granted';
    const own = subdivide(block.ring, goal * (PLOT[block.use] ?? 1), random).map((ring): Parcel => {
      const prefix = `${communities[block.community]?.code ?? ''}${RIGHT_CODE[right]}`;
      const n = (counts.get(prefix) ?? 0) + 1;
      counts.set(prefix, n);
      return { code: `${prefix}${pad(n, 5)}`, block: index, ring, area: ringArea(ring), right, usage };
    });
    ofBlock.set(index, own);
    parcels.push(...own);
  });
  return {
    parcels,
    ofBlock,
    under: (building) =>
      ofBlock.get(building.block)?.find(({ ring }) => isInside(ring, building.at[0], building.at[1])) ?? null,
  };
}
