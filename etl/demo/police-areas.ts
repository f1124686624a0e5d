import type { Context } from './context.ts';
import { type Point, isInside, ringArea, separation } from './plane.ts';

export interface PoliceArea {
  community: number;
  /** Indices of `district.grids`. */
  grids: number[];
  /** Exterior ring, then holes, on the board; open. */
  rings: Point[][];
  inner: Point;
}

/** Which micro-grids of one community touch. */
function neighbours(context: Context): Map<number, Set<number>> {
  const { land, blocks, blockOfFace, grids } = context.district;
  const { map } = land;
  const touching = new Map<number, Set<number>>();
  for (let e = 0; e < map.origin.length; e += 2) {
    const a = blocks[blockOfFace[map.face[e] as number] ?? -1]?.grid ?? -1;
    const b = blocks[blockOfFace[map.face[e + 1] as number] ?? -1]?.grid ?? -1;
    if (a < 0 || b < 0 || a === b || grids[a]?.parent !== grids[b]?.parent) continue;
    for (const [from, to] of [
      [a, b],
      [b, a],
    ] as const) {
      const set = touching.get(from);
      if (set) set.add(to);
      else touching.set(from, new Set([to]));
    }
  }
  return touching;
}

/** Splits the micro-grids of a community in two that hang together, of about as many people. */
function halve(context: Context, members: readonly number[], touching: Map<number, Set<number>>): number[][] {
  const people = (g: number): number => (context.perGrid.persons[g] ?? 0) + 1;
  const inner = (g: number): Point => context.district.grids[g]?.inner ?? [0, 0];
  const far = (from: number): number =>
    members.reduce((best, g) => (separation(inner(g), inner(from)) > separation(inner(best), inner(from)) ? g : best));
  const first = far(members[0] as number);
  const halves = [[first], [far(first)]];
  const taken = new Set(halves.flat());
  const load = halves.map((half) => half.reduce((sum, g) => sum + people(g), 0));
  while (taken.size < members.length) {
    const order = (load[0] as number) <= (load[1] as number) ? [0, 1] : [1, 0];
    let grew = false;
    for (const h of order) {
      const next = (halves[h] as number[])
        .flatMap((g) => [...(touching.get(g) ?? [])])
        .find((g) => !taken.has(g) && members.includes(g));
      if (next === undefined) continue;
      (halves[h] as number[]).push(next);
      taken.add(next);
      load[h] = (load[h] as number) + people(next);
      grew = true;
      break;
    }
    if (!grew) return [[...members]];
  }
  return halves;
}

/**
 * Beats of the community police: one to a community, two to the larger ones. They tile the district, and each
 * micro-grid lies in exactly one.
 * @param count how many, at least one to a community
 */
export function policeAreas(context: Context, count: number): PoliceArea[] {
  const { district } = context;
  const members = district.communities.map((): number[] => []);
  district.grids.forEach((grid, g) => members[grid.parent]?.push(g));
  const touching = neighbours(context);
  const large = new Set(
    members
      .map((grids, c) => ({ c, people: grids.reduce((sum, g) => sum + (context.perGrid.persons[g] ?? 0), 0) }))
      .toSorted((p, q) => q.people - p.people || p.c - q.c)
      .slice(0, count - members.length)
      .map(({ c }) => c),
  );
  const areas = members.flatMap((grids, community) =>
    (large.has(community) ? halve(context, grids, touching) : [grids]).map((half) => ({ community, grids: half })),
  );
  const areaOf = new Int32Array(district.grids.length);
  areas.forEach(({ grids }, a) => {
    for (const g of grids) areaOf[g] = a;
  });
  const { land, blocks } = district;
  const region = new Int32Array(land.map.start.length).fill(-1);
  land.faces.forEach((face, i) => {
    region[face] = areaOf[blocks[i]?.grid ?? -1] ?? -1;
  });
  return land.map.regionRings(region, areas.length).map((rings, a) => {
    const area = areas[a] as (typeof areas)[number];
    // Grids that meet in a corner only leave a second outline; the larger one stands for the beat.
    const outer = rings.toSorted((p, q) => ringArea(q) - ringArea(p))[0] as Point[];
    const holes = rings.filter((ring) => ringArea(ring) < 0 && isInside(outer, ...(ring[0] as [number, number])));
    return { ...area, rings: [outer, ...holes], inner: district.grids[area.grids[0] as number]?.inner ?? [0, 0] };
  });
}
