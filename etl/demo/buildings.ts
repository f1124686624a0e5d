import type { Block, District } from './district.ts';
import type { LandUse } from './land-use.ts';
import { extentAlong } from './land.ts';
import { type Point, isInside, segmentDistance } from './plane.ts';
import { type Random, createRandom } from './random.ts';

export type BuildingUsage =
  | 'residential'
  | 'mixed'
  | 'commercial'
  | 'office'
  | 'industrial'
  | 'warehouse'
  | 'public'
  | 'other';

export interface Building {
  /** Community code + `B` + 5 digits. */
  code: string;
  block: number;
  /** Outline on the board, counter-clockwise, not closed. */
  outline: Point[];
  at: Point;
  area: number;
  usage: BuildingUsage;
  floors: number;
  builtYear: number;
  /** Relative numbers of dwellings and of businesses. */
  dwellings: number;
  businesses: number;
}

const STOREY: Record<BuildingUsage, number> = {
  residential: 3,
  mixed: 3.3,
  commercial: 4.2,
  office: 3.9,
  industrial: 6.5,
  warehouse: 7,
  public: 3.7,
  other: 3.2,
};

/** Metres from the ground to the roof. */
export function heightOf({ floors, usage }: Pick<Building, 'floors' | 'usage'>): number {
  return Math.round(floors * STOREY[usage] * 10 + 8) / 10;
}

/** Length along the street, depth, gap along the row, gap between rows (metres); shares of shapes and usages. */
interface Pattern {
  length: [number, number];
  depth: [number, number];
  gap: [number, number];
  lane: [number, number];
  floors: [number, number];
  years: [number, number];
  usages: [BuildingUsage, number][];
  /** Share of L- and U-shaped outlines. */
  wings: number;
  /** Share of sites left empty. */
  empty: number;
  setback: number;
}

const PATTERNS: Partial<Record<LandUse, Pattern>> = {
  old_town: {
    length: [8, 17],
    depth: [10, 18],
    gap: [0.6, 1.6],
    lane: [2.4, 5],
    floors: [2, 6],
    years: [1890, 1992],
    usages: [
      ['residential', 6],
      ['mixed', 4],
      ['commercial', 1],
    ],
    wings: 0.18,
    empty: 0.1,
    setback: 0.5,
  },
  village: {
    length: [9, 15],
    depth: [9, 13],
    gap: [1.4, 3],
    lane: [2.5, 4.5],
    floors: [3, 7],
    years: [1978, 2015],
    usages: [
      ['residential', 9],
      ['mixed', 1],
      ['other', 0.3],
    ],
    wings: 0.05,
    empty: 0.14,
    setback: 1,
  },
  estate: {
    length: [26, 52],
    depth: [13, 17],
    gap: [10, 18],
    lane: [22, 32],
    floors: [7, 33],
    years: [1988, 2022],
    usages: [
      ['residential', 12],
      ['mixed', 1],
      ['public', 0.3],
    ],
    wings: 0.16,
    empty: 0.12,
    setback: 5,
  },
  mixed: {
    length: [16, 34],
    depth: [12, 18],
    gap: [3, 8],
    lane: [10, 18],
    floors: [4, 14],
    years: [1980, 2014],
    usages: [
      ['residential', 6],
      ['mixed', 4],
      ['commercial', 1.5],
      ['office', 0.7],
    ],
    wings: 0.15,
    empty: 0.12,
    setback: 2.5,
  },
  commerce: {
    length: [30, 64],
    depth: [22, 42],
    gap: [8, 16],
    lane: [14, 24],
    floors: [3, 12],
    years: [1992, 2022],
    usages: [
      ['commercial', 6],
      ['mixed', 2],
      ['office', 1],
    ],
    wings: 0.3,
    empty: 0.14,
    setback: 6,
  },
  office: {
    length: [32, 48],
    depth: [28, 42],
    gap: [18, 30],
    lane: [24, 36],
    floors: [8, 38],
    years: [2000, 2024],
    usages: [
      ['office', 7],
      ['commercial', 2],
      ['mixed', 1],
    ],
    wings: 0.25,
    empty: 0.16,
    setback: 8,
  },
  factory: {
    length: [42, 96],
    depth: [22, 46],
    gap: [8, 14],
    lane: [10, 18],
    floors: [1, 6],
    years: [1985, 2020],
    usages: [
      ['industrial', 8],
      ['warehouse', 2],
      ['office', 0.6],
    ],
    wings: 0.12,
    empty: 0.1,
    setback: 5,
  },
  public: {
    length: [34, 62],
    depth: [14, 22],
    gap: [14, 26],
    lane: [26, 42],
    floors: [3, 9],
    years: [1975, 2021],
    usages: [['public', 1]],
    wings: 0.45,
    empty: 0.25,
    setback: 8,
  },
  park: {
    length: [10, 18],
    depth: [8, 12],
    gap: [90, 160],
    lane: [90, 160],
    floors: [1, 2],
    years: [1985, 2020],
    usages: [['public', 1]],
    wings: 0.2,
    empty: 0.5,
    setback: 14,
  },
  green: {
    length: [8, 14],
    depth: [6, 10],
    gap: [120, 200],
    lane: [120, 200],
    floors: [1, 2],
    years: [1990, 2020],
    usages: [['other', 1]],
    wings: 0,
    empty: 0.7,
    setback: 6,
  },
  farm: {
    length: [8, 14],
    depth: [6, 9],
    gap: [110, 190],
    lane: [110, 190],
    floors: [1, 2],
    years: [1980, 2018],
    usages: [
      ['other', 2],
      ['residential', 1],
    ],
    wings: 0,
    empty: 0.4,
    setback: 4,
  },
  pond: {
    length: [7, 11],
    depth: [5, 8],
    gap: [130, 220],
    lane: [130, 220],
    floors: [1, 1],
    years: [1990, 2018],
    usages: [['other', 1]],
    wings: 0,
    empty: 0.5,
    setback: 3,
  },
};

/** Ground that may not be built on inside a block, on the board. */
export type Obstacles = (block: number) => readonly (readonly Point[])[];

/**
 * Buildings in rows along the grain of each block, never on streets, water or ponds.
 * @param target about how many; sites grow where fewer are wanted, so that the town looks built-up at every scale
 */
export function drawBuildings(district: District, target: number, seed: number, obstacles: Obstacles): Building[] {
  // Measured: at size 1 the blocks hold about 62 000 buildings, and the number falls with size to the power 1.8.
  const size = Math.min(2.6, Math.max(0.7, (60_000 / target) ** (1 / 1.8)));
  const drawn = district.blocks.flatMap((block, index) =>
    drawBlock(block, index, size, obstacles(index), createRandom(seed, `buildings ${index}`)),
  );
  const random = createRandom(seed, 'building lots');
  // Thin out evenly where there are too many, but leave every grid its largest house.
  const homes = new Map<number, number>();
  drawn.forEach((building, i) => {
    const { grid } = district.blocks[building.block] as Block;
    const best = homes.get(grid);
    if (best === undefined || building.dwellings > (drawn[best] as Building).dwellings) homes.set(grid, i);
  });
  const keep = new Set(homes.values());
  const surplus = Math.min(Math.max(0, drawn.length - target), drawn.length - keep.size);
  const drop = new Set<number>();
  while (drop.size < surplus) {
    const i = random.int(0, drawn.length - 1);
    if (!keep.has(i)) drop.add(i);
  }
  const counts = new Map<string, number>();
  return drawn
    .filter((_, i) => !drop.has(i))
    .map((building) => {
      const community = district.communities[(district.blocks[building.block] as Block).community]?.code ?? '';
      const n = (counts.get(community) ?? 0) + 1;
      counts.set(community, n);
      return { ...building, code: `${community}B${String(n).padStart(5, '0')}` };
    });
}

const FITTINGS = [1, 0.62] as const;

function drawBlock(
  block: Block,
  index: number,
  size: number,
  obstacles: readonly (readonly Point[])[],
  random: Random,
): Building[] {
  const pattern = PATTERNS[block.use];
  if (!pattern || block.area < 350) return [];
  const cos = Math.cos(block.angle);
  const sin = Math.sin(block.angle);
  const out: Building[] = [];
  const [minU, minV, maxU, maxV] = extentAlong(block.ring, block.angle);
  // A block is laid out as one project: same storeys, same age, a little scatter.
  const era = random.between(pattern.years[0], pattern.years[1]);
  const storeys = random.between(pattern.floors[0], pattern.floors[1]);
  const isTurned = block.use !== 'estate' && random.chance(0.5);
  const [lowU, highU, lowV, highV] = isTurned ? [minV, maxV, minU, maxU] : [minU, maxU, minV, maxV];
  const shift = random.between(0, pattern.lane[0]);
  for (let v = lowV + shift; v < highV;) {
    const depth = Math.min(random.between(pattern.depth[0], pattern.depth[1]) * size, 60);
    let stood = 0;
    for (let u = lowU; u < highU;) {
      const length = Math.min(random.between(pattern.length[0], pattern.length[1]) * size, 120);
      let built = 0;
      // Where the plot is narrow a smaller house may fit; else look a little further along the row.
      for (const share of FITTINGS) {
        const l = length * share;
        const d = depth * Math.sqrt(share);
        const shape = shapeOf(l, d, random.chance(pattern.wings), random);
        for (let k = 0; k < shape.length; k++) {
          const [x, y] = shape[k] as Point;
          const p = isTurned ? v + y : u + x;
          const q = isTurned ? u + x : v + y;
          shape[k] = [p * cos - q * sin, p * sin + q * cos];
        }
        if (isTurned) shape.reverse();
        if (!fits(shape, block, pattern.setback, obstacles)) continue;
        built = l;
        if (!random.chance(pattern.empty)) out.push(finish(shape, block, index, pattern, era, storeys, l * d, random));
        break;
      }
      if (built > 0) {
        stood += 1;
        u += built + random.between(pattern.gap[0], pattern.gap[1]) * Math.sqrt(size);
      } else u += 2 + length * 0.12;
    }
    v += stood > 0 ? depth + random.between(pattern.lane[0], pattern.lane[1]) * Math.sqrt(size) : 2 + depth * 0.2;
  }
  return out;
}

function shapeOf(length: number, depth: number, hasWing: boolean, random: Random): Point[] {
  const plain: Point[] = [
    [0, 0],
    [length, 0],
    [length, depth],
    [0, depth],
  ];
  if (!hasWing) return plain;
  const inset = depth * random.between(0.35, 0.55);
  const from = length * random.between(0.3, 0.45);
  if (random.chance(0.5)) {
    return [
      [0, 0],
      [length, 0],
      [length, inset],
      [from, inset],
      [from, depth],
      [0, depth],
    ];
  }
  const to = length - from * 0.8;
  return [
    [0, 0],
    [length, 0],
    [length, depth],
    [to, depth],
    [to, inset],
    [from * 0.8, inset],
    [from * 0.8, depth],
    [0, depth],
  ];
}

/** All corners and side middles stand inside the block, away from its streets and out of its ponds. */
function fits(
  outline: readonly Point[],
  block: Block,
  setback: number,
  obstacles: readonly (readonly Point[])[],
): boolean {
  const { ring } = block;
  for (const [x, y] of outline) if (!isInside(ring, x, y)) return false;
  for (let i = 0; i < outline.length; i++) {
    const a = outline[i] as Point;
    const b = outline[(i + 1) % outline.length] as Point;
    for (let k = 0; k < ring.length; k++) {
      const p = ring[k] as Point;
      const keep = (block.setback[k] as number) + setback;
      if (segmentDistance(a[0], a[1], p, ring[k + 1 === ring.length ? 0 : k + 1] as Point) < keep) return false;
      // A corner of the block may point into the building although all its own corners keep clear.
      if (segmentDistance(p[0], p[1], a, b) < keep - 0.5) return false;
    }
    const x = (a[0] + b[0]) / 2;
    const y = (a[1] + b[1]) / 2;
    if (!isInside(ring, x, y)) return false;
    for (const obstacle of obstacles) if (isInside(obstacle, a[0], a[1]) || isInside(obstacle, x, y)) return false;
  }
  return true;
}

function finish(
  outline: Point[],
  block: Block,
  index: number,
  pattern: Pattern,
  era: number,
  storeys: number,
  area: number,
  random: Random,
): Building {
  let draw = random.next() * pattern.usages.reduce((sum, [, weight]) => sum + weight, 0);
  let usage: BuildingUsage = 'other';
  for (const [candidate, weight] of pattern.usages) {
    usage = candidate;
    draw -= weight;
    if (draw < 0) break;
  }
  const isLow = usage === 'other' || usage === 'warehouse';
  const floors = isLow ? random.int(1, 2) : Math.max(1, Math.round(storeys * random.between(0.85, 1.15)));
  const at = outline.reduce((sum, p): Point => [sum[0] + p[0] / outline.length, sum[1] + p[1] / outline.length], [
    0, 0,
  ] as Point);
  const space = area * floors;
  const live = {
    residential: 1,
    mixed: 0.65,
    commercial: 0.03,
    office: 0.01,
    industrial: 0.02,
    warehouse: 0,
    public: 0.01,
    other: 0.05,
  };
  const work = {
    residential: 0.05,
    mixed: 0.45,
    commercial: 1,
    office: 1.2,
    industrial: 0.35,
    warehouse: 0.2,
    public: 0.05,
    other: 0.05,
  };
  return {
    code: '',
    block: index,
    outline,
    at,
    area,
    usage,
    floors,
    builtYear: Math.round(Math.min(2025, Math.max(pattern.years[0], era + random.between(-4, 4)))),
    dwellings: space * live[usage],
    businesses: Math.sqrt(space) * Math.sqrt(area) * work[usage],
  };
}
