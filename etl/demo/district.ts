import { type Land, BANK, MIDSTREAM, OUTLINE, WATER_CUT, drawLand, grain } from './land.ts';
import { DENSITY, type LandUse, landUseAt } from './land-use.ts';
import { type Neighbourhood, partition } from './planar/partition.ts';
import { type Point, innerPoint, ringArea, toBoard, toDegrees } from './plane.ts';
import { createRandom } from './random.ts';

/** A street block or a piece of water. Metres on the board. */
export interface Block {
  ring: Point[];
  /** Street width to keep free along the side that starts at the same index of `ring`, metres from its centre line. */
  setback: number[];
  /** Label of the map's edge along the same side; from 0 on it is a street. */
  sides: number[];
  inner: Point;
  area: number;
  use: LandUse;
  /** Index of the watercourse, or -1. */
  water: number;
  /** Direction of its sides, radians. */
  angle: number;
  town: number;
  community: number;
  grid: number;
}

export interface Area {
  code: string;
  name: string;
  kind: string;
  /** Index of the area one level up. */
  parent: number;
  /** Exterior rings are counter-clockwise, holes clockwise; longitude and latitude on the 1e-6 lattice, not closed. */
  rings: Point[][];
  areaKm2: number;
  inner: Point;
}

export interface District {
  land: Land;
  blocks: Block[];
  /** Block of each face, -1 for none. */
  blockOfFace: Int32Array;
  district: Area;
  towns: Area[];
  communities: Area[];
  grids: Area[];
}

export const GRIDS_PER_TOWN: Record<string, number> = {
  祖庙街道: 300,
  石湾镇街道: 270,
  张槎街道: 200,
  南庄镇: 151,
};

const HALF_WIDTH = { motorway: 26, trunk: 24, primary: 19, secondary: 13, tertiary: 9, residential: 6.5, lane: 3.2 };

/** Builds the hierarchy bottom-up: blocks make grids, grids make communities, communities towns, towns the district. */
export function buildDistrict(): District {
  const land = drawLand();
  const { map, geography } = land;
  snapToLattice(map);
  const random = createRandom(440604, 'district');
  const blockOfFace = new Int32Array(map.start.length).fill(-1);
  const blocks: Block[] = land.faces.map((face, index) => {
    blockOfFace[face] = index;
    const ring = map.ring(face);
    const inner = innerPoint(ring);
    const cycle = map.cycle(face);
    const water = land.water[face] as number;
    const isByWater = cycle.some((e) => (map.label[e >> 1] as number) === BANK);
    const setback = cycle.map((e) => {
      const label = map.label[e >> 1] as number;
      const street = land.streets[label];
      if (street) return HALF_WIDTH[street.class];
      return label === BANK ? 9 : label === OUTLINE ? 6 : 0;
    });
    const town = land.town[face] as number;
    const area = ringArea(ring);
    const use =
      water >= 0 ? 'water' : landUseAt(land, geography.towns[town]?.name ?? '', inner, area, isByWater, random);
    const sides = cycle.map((e) => map.label[e >> 1] as number);
    return { ring, setback, sides, inner, area, use, water, angle: grain(ring), town, community: -1, grid: -1 };
  });
  const graph = neighbourhood(land, blocks, blockOfFace);
  const towns = geography.divisions.filter((d) => d.level === 'town');
  const order = towns.map((d) => geography.towns.findIndex((t) => t.code === d.code));
  for (const block of blocks) block.town = order.indexOf(block.town);
  keepConnected(graph, blocks, towns.length);

  const communities: Omit<Area, 'rings' | 'areaKm2'>[] = [];
  const grids: Omit<Area, 'rings' | 'areaKm2'>[] = [];
  towns.forEach((town, t) => {
    const names = geography.divisions.filter((d) => d.parent === town.code);
    const members = blocks.flatMap((b, i) => (b.town === t ? [i] : []));
    const made = makeCommunities(graph, blocks, members, names, geography.anchors);
    const first = communities.length;
    const loads = new Float64Array(names.length);
    const rooms = new Int32Array(names.length);
    for (const i of members) {
      const c = made[i] as number;
      (blocks[i] as Block).community = first + c;
      loads[c] = (loads[c] as number) + (graph.weights[i] as number);
      if ((graph.weights[i] as number) > 0) rooms[c] = (rooms[c] as number) + 1;
    }
    const quota = share(GRIDS_PER_TOWN[town.name] as number, loads, rooms);
    names.forEach((division, c) => {
      communities.push({ code: division.code, name: division.name, kind: division.kind, parent: t, inner: [0, 0] });
      const mine = members.filter((i) => (blocks[i] as Block).community === first + c);
      const { part } = partition(graph, mine, {
        parts: quota[c] as number,
        rounds: 24,
        random: createRandom(440604, `grids ${division.code}`),
      });
      const sequence = numberParts(graph, mine, part, quota[c] as number);
      for (const i of mine) (blocks[i] as Block).grid = grids.length + (sequence[part[i] as number] as number);
      for (let k = 0; k < (quota[c] as number); k++) {
        const number = String(k + 1).padStart(3, '0');
        grids.push({
          code: `${division.code}W${number}`,
          name: `${division.name}第${k + 1}网格`,
          kind: '综治网格',
          parent: first + c,
          inner: [0, 0],
        });
      }
    });
  });
  const districtDivision = geography.divisions.find((d) => d.level === 'district');
  const outlineOf = <T extends Omit<Area, 'rings' | 'areaKm2'>>(
    areas: readonly T[],
    of: (b: Block) => number,
  ): Area[] => {
    const region = new Int32Array(map.start.length).fill(-1);
    land.faces.forEach((face, i) => {
      region[face] = of(blocks[i] as Block);
    });
    const rings = map.regionRings(region, areas.length);
    const largest = areas.map(() => -1);
    blocks.forEach((block, i) => {
      const a = of(block);
      const best = blocks[largest[a] as number];
      if (
        !best ||
        (block.use !== 'water' && best.use === 'water') ||
        (block.area > best.area && block.use !== 'water')
      ) {
        largest[a] = i;
      }
    });
    return areas.map((area, i) => ({
      ...area,
      rings: (rings[i] as Point[][]).map((ring) => ring.map(toDegrees)).toSorted((p, q) => ringArea(q) - ringArea(p)),
      areaKm2: (rings[i] as Point[][]).reduce((sum, ring) => sum + ringArea(ring), 0) / 1e6,
      inner: (blocks[largest[i] as number] as Block).inner,
    }));
  };
  const [district] = outlineOf(
    [{ code: districtDivision?.code ?? '', name: '禅城区', kind: '市辖区', parent: -1, inner: [0, 0] as Point }],
    () => 0,
  );
  return {
    land,
    blocks,
    blockOfFace,
    district: district as Area,
    towns: outlineOf(
      towns.map((t) => ({ code: t.code, name: t.name, kind: t.kind, parent: 0, inner: [0, 0] as Point })),
      (b) => b.town,
    ),
    communities: outlineOf(communities, (b) => b.community),
    grids: outlineOf(grids, (b) => b.grid),
  };
}

/** Moves every vertex onto the lattice of 1e-6 degree, so that what is drawn is exactly what is written. */
function snapToLattice(map: Land['map']): void {
  for (let v = 0; v < map.xs.length; v++) {
    const [lon, lat] = toDegrees(map.point(v));
    const [x, y] = toBoard(lon, lat);
    map.xs[v] = x;
    map.ys[v] = y;
  }
}

/** Which blocks touch along an edge, and how hard it is to cross: rivers and wide roads hold areas apart. */
function neighbourhood(land: Land, blocks: readonly Block[], blockOfFace: Int32Array): Neighbourhood {
  const { map } = land;
  const pairs = new Map<number, number>();
  for (let e = 0; e < map.origin.length; e += 2) {
    const a = blockOfFace[map.face[e] as number] ?? -1;
    const b = blockOfFace[map.face[e + 1] as number] ?? -1;
    if (a < 0 || b < 0 || a === b) continue;
    const label = map.label[e >> 1] as number;
    const street = land.streets[label]?.class;
    const factor =
      label === MIDSTREAM
        ? 30
        : label === BANK
          ? 2.2
          : label === WATER_CUT
            ? 2
            : street === 'motorway' || street === 'trunk'
              ? 4
              : street === 'primary'
                ? 3
                : street === 'secondary'
                  ? 1.7
                  : 1;
    const [ax, ay] = (blocks[a] as Block).inner;
    const [bx, by] = (blocks[b] as Block).inner;
    const cost = Math.hypot(ax - bx, ay - by) * factor;
    const key = Math.min(a, b) * blocks.length + Math.max(a, b);
    pairs.set(key, Math.min(cost, pairs.get(key) ?? Infinity));
  }
  const offsets = new Int32Array(blocks.length + 1);
  for (const key of pairs.keys()) {
    const a = Math.floor(key / blocks.length);
    const b = key % blocks.length;
    offsets[a + 1] = (offsets[a + 1] as number) + 1;
    offsets[b + 1] = (offsets[b + 1] as number) + 1;
  }
  for (let i = 0; i < blocks.length; i++) offsets[i + 1] = (offsets[i + 1] as number) + (offsets[i] as number);
  const fill = offsets.slice();
  const to = new Int32Array(pairs.size * 2);
  const cost = new Float64Array(pairs.size * 2);
  for (const [key, value] of pairs) {
    const a = Math.floor(key / blocks.length);
    const b = key % blocks.length;
    for (const [from, other] of [
      [a, b],
      [b, a],
    ] as const) {
      const k = fill[from] as number;
      fill[from] = k + 1;
      to[k] = other;
      cost[k] = value;
    }
  }
  return {
    xs: blocks.map((b) => b.inner[0]),
    ys: blocks.map((b) => b.inner[1]),
    // A park or pond weighs a little, or grids in the country would grow without end.
    weights: blocks.map((b) =>
      b.use === 'water' ? 0 : b.area * (DENSITY[b.use].people + DENSITY[b.use].business * 0.3 + 0.0012),
    ),
    offsets,
    to,
    cost,
  };
}

/** Blocks cut off from the main body of their town join the town around them. */
function keepConnected(graph: Neighbourhood, blocks: readonly Block[], towns: number): void {
  const seen = new Int32Array(blocks.length).fill(-1);
  const bodies: number[][] = [];
  for (let i = 0; i < blocks.length; i++) {
    if (seen[i] !== -1) continue;
    const body = [i];
    seen[i] = bodies.length;
    for (let k = 0; k < body.length; k++) {
      const node = body[k] as number;
      for (let e = graph.offsets[node] as number; e < (graph.offsets[node + 1] as number); e++) {
        const other = graph.to[e] as number;
        if (seen[other] === -1 && (blocks[other] as Block).town === (blocks[i] as Block).town) {
          seen[other] = bodies.length;
          body.push(other);
        }
      }
    }
    bodies.push(body);
  }
  const largest = Array.from({ length: towns }, () => -1);
  bodies.forEach((body, id) => {
    const { town } = blocks[body[0] as number] as Block;
    if ((largest[town] as number) < 0 || body.length > (bodies[largest[town] as number] as number[]).length)
      largest[town] = id;
  });
  bodies.forEach((body, id) => {
    const { town } = blocks[body[0] as number] as Block;
    if (largest[town] === id) return;
    for (const node of body) {
      for (let e = graph.offsets[node] as number; e < (graph.offsets[node + 1] as number); e++) {
        const other = blocks[graph.to[e] as number] as Block;
        if (other.town !== town) {
          for (const k of body) (blocks[k] as Block).town = other.town;
          return;
        }
      }
    }
  });
}

/** Community index (in the order of `names`) of each member block. */
function makeCommunities(
  graph: Neighbourhood,
  blocks: readonly Block[],
  members: readonly number[],
  names: Land['geography']['divisions'],
  anchors: ReadonlyMap<string, Point>,
): Int32Array {
  const anchored = names.filter((n) => anchors.has(n.name));
  const taken = new Set<number>();
  const seeds = anchored.map((n) => {
    const [x, y] = anchors.get(n.name) as Point;
    let best = -1;
    let distance = Infinity;
    for (const i of members) {
      const d = Math.hypot((blocks[i] as Block).inner[0] - x, (blocks[i] as Block).inner[1] - y);
      if (d < distance && (graph.weights[i] as number) > 0 && !taken.has(i)) {
        distance = d;
        best = i;
      }
    }
    taken.add(best);
    return best;
  });
  const { part, centres } = partition(graph, members, {
    parts: names.length,
    anchors: seeds,
    rounds: 40,
    least: 8,
    random: createRandom(440604, `communities ${names[0]?.parent ?? ''}`),
  });
  // The other names: villages go to the loosest parts, and both kinds from west to east, north first.
  const rest = names.filter((n) => !anchors.has(n.name));
  const land = new Float64Array(names.length);
  const load = new Float64Array(names.length);
  for (const i of members) {
    const p = part[i] as number;
    land[p] = (land[p] as number) + (blocks[i] as Block).area;
    load[p] = (load[p] as number) + (graph.weights[i] as number);
  }
  const parts = names
    .map((_, p) => p)
    .slice(anchored.length)
    .toSorted((p, q) => (load[p] as number) / (land[p] as number) - (load[q] as number) / (land[q] as number));
  const villages = rest.filter((n) => n.kind === '村');
  const byPlace = (p: number, q: number): number => {
    const a = (blocks[centres[p] as number] as Block).inner;
    const b = (blocks[centres[q] as number] as Block).inner;
    return b[1] - b[0] - (a[1] - a[0]);
  };
  const nameOf = new Int32Array(names.length);
  anchored.forEach((n, p) => {
    nameOf[p] = names.indexOf(n);
  });
  const assign = (group: number[], list: typeof rest): void => {
    group.toSorted(byPlace).forEach((p, i) => {
      nameOf[p] = names.indexOf(list[i] as (typeof rest)[number]);
    });
  };
  assign(parts.slice(0, villages.length), villages);
  assign(
    parts.slice(villages.length),
    rest.filter((n) => n.kind !== '村'),
  );
  return part.map((p) => (p < 0 ? -1 : (nameOf[p] as number)));
}

/** Divides `total` by load (largest remainders), at least 2 each and never more than half of the blocks there are. */
function share(total: number, loads: Float64Array, limits: Int32Array): number[] {
  const sum = loads.reduce((a, b) => a + b, 0);
  const exact = Array.from(loads, (load) => (load / sum) * total);
  const cap = Array.from(limits, (n) => Math.max(2, Math.floor(n / 2)));
  const quota = exact.map((q, i) => Math.min(cap[i] as number, Math.max(2, Math.floor(q))));
  const need = (i: number): number => (exact[i] as number) - (quota[i] as number);
  for (let left = total - quota.reduce((a, b) => a + b, 0); left !== 0; left += left > 0 ? -1 : 1) {
    let best = -1;
    for (let i = 0; i < quota.length; i++) {
      const isOpen = left > 0 ? (quota[i] as number) < (cap[i] as number) : (quota[i] as number) > 2;
      if (isOpen && (best < 0 || (left > 0 ? need(i) > need(best) : need(i) < need(best)))) best = i;
    }
    if (best < 0) throw new Error('cannot share the grids among the communities');
    quota[best] = (quota[best] as number) + (left > 0 ? 1 : -1);
  }
  return quota;
}

/** Sequence of parts within a community: rows from north to south, from west to east in a row. */
function numberParts(graph: Neighbourhood, members: readonly number[], part: Int32Array, parts: number): number[] {
  const x = new Float64Array(parts);
  const y = new Float64Array(parts);
  const n = new Float64Array(parts);
  for (const i of members) {
    const p = part[i] as number;
    x[p] = (x[p] as number) + (graph.xs[i] as number);
    y[p] = (y[p] as number) + (graph.ys[i] as number);
    n[p] = (n[p] as number) + 1;
  }
  for (let p = 0; p < parts; p++) {
    x[p] = (x[p] as number) / (n[p] as number);
    y[p] = (y[p] as number) / (n[p] as number);
  }
  const row = 400;
  const order = Array.from({ length: parts }, (_, p) => p).toSorted(
    (p, q) =>
      Math.floor(-(y[p] as number) / row) - Math.floor(-(y[q] as number) / row) || (x[p] as number) - (x[q] as number),
  );
  const sequence: number[] = [];
  order.forEach((p, i) => {
    sequence[p] = i;
  });
  return sequence;
}
