import { type Building, drawBuildings } from './buildings.ts';
import { type Block, type District, buildDistrict } from './district.ts';
import { type Enterprise, enterprises } from './enterprises.ts';
import type { Row, Shape, Value } from './files/row.ts';
import { type Dwelling, dwellings } from './people.ts';
import { blockAt } from './places.ts';
import { type Point, segmentDistance, toDegrees } from './plane.ts';
import { type Pond, drawPonds } from './ponds.ts';
import { type Road, drawRoads } from './streets.ts';

/** Everything the delivery files are written from. */
export interface Context {
  scale: number;
  seed: number;
  district: District;
  ponds: Pond[];
  buildings: Building[];
  roads: Road[];
  /** Counts by index of `district.grids`. */
  perGrid: { persons: Int32Array; households: Int32Array; enterprises: Int32Array };
  /** True inside the district's outline; for points on the board. */
  isInDistrict(at: Point): boolean;
  dwellings(): Generator<Dwelling>;
  enterprises(): Generator<Enterprise>;
  blockOf(building: Building): Block;
  /** 广东省佛山市禅城区祖庙街道同济路12号 */
  addressOf(building: Building): string;
}

export function createContext(scale: number, seed: number): Context {
  const district = buildDistrict();
  const ponds = drawPonds(district);
  const pondsOf = new Map<number, Point[][]>();
  for (const pond of ponds) {
    const list = pondsOf.get(pond.block);
    if (list) list.push(pond.outline);
    else pondsOf.set(pond.block, [pond.outline]);
  }
  const target = Math.round(96_500 * Math.min(1, 2.5 * scale));
  const buildings = drawBuildings(district, target, seed, (block) => pondsOf.get(block) ?? []);
  const { roads, streetNames } = drawRoads(district);
  const blockOf = (building: Building): Block => district.blocks[building.block] as Block;
  const addressOf = (building: Building): string => {
    const block = blockOf(building);
    const [x, y] = building.at;
    let street: string | null = null;
    let number = 1;
    let nearest = Infinity;
    block.ring.forEach((a, i) => {
      const name = streetNames[block.sides[i] as number];
      if (!name) return;
      const b = block.ring[(i + 1) % block.ring.length] as Point;
      const d = segmentDistance(x, y, a, b);
      if (d >= nearest) return;
      nearest = d;
      street = name;
      const angle = Math.atan2(b[1] - a[1], b[0] - a[0]);
      const isLeft = Math.cos(angle) + 0.3 * Math.sin(angle) > 0;
      number = Math.floor((Math.abs(x * Math.cos(angle) + y * Math.sin(angle)) % 1800) / 9) * 2 + (isLeft ? 1 : 2);
    });
    const community = district.communities[block.community];
    const town = district.towns[block.town]?.name ?? '';
    const place = street ?? (community?.kind === '村' ? `${community.name}基围` : `${community?.name ?? ''}滨河路`);
    return `广东省佛山市禅城区${town}${place}${number}号`;
  };
  const context: Context = {
    scale,
    seed,
    district,
    ponds,
    buildings,
    roads,
    perGrid: {
      persons: new Int32Array(district.grids.length),
      households: new Int32Array(district.grids.length),
      enterprises: new Int32Array(district.grids.length),
    },
    isInDistrict: (at) => blockAt(context, at) !== undefined,
    dwellings: () => dwellings(buildings, scale, seed),
    enterprises: () => enterprises(context),
    blockOf,
    addressOf,
  };
  const { persons, households } = context.perGrid;
  for (const { building, household } of context.dwellings()) {
    if (!household) continue;
    const { grid } = blockOf(building);
    households[grid] = (households[grid] as number) + 1;
    persons[grid] = (persons[grid] as number) + household.persons.length;
  }
  for (const { building } of context.enterprises()) {
    const { grid } = blockOf(building);
    context.perGrid.enterprises[grid] = (context.perGrid.enterprises[grid] as number) + 1;
  }
  return context;
}

export function pointShape(at: Point): Shape {
  return { type: 'Point', at: toDegrees(at) };
}

export function lineShape(line: readonly Point[]): Shape {
  return { type: 'LineString', line: line.map(toDegrees) };
}

/** From open rings on the board; the first is the exterior. */
export function polygonShape(...rings: readonly (readonly Point[])[]): Shape {
  return { type: 'Polygon', rings: rings.map((ring) => [...ring, ring[0] as Point].map(toDegrees)) };
}

export function row(values: Record<string, Value>, shape?: Shape | null): Row {
  return shape === undefined ? { values } : { values, shape };
}

/** Number with leading zeros. */
export function pad(n: number, width: number): string {
  return String(n).padStart(width, '0');
}
