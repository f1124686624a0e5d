import { type Context, pad } from './context.ts';
import type { RoadClass } from './geography/sources.ts';
import { OLD_TOWN } from './land.ts';
import { oncePerDistrict } from './once.ts';
import { type Point, offset, separation } from './plane.ts';
import { type Random, createRandom } from './random.ts';
import type { Road } from './streets.ts';

export type Sewer = 'rain' | 'sewage' | 'combined';

export interface Manhole {
  no: string;
  kind: Sewer;
  at: Point;
  road: Road;
}

export interface Pipe {
  no: string;
  kind: Sewer;
  road: Road;
  builtYear: number;
  /** The manholes it runs through, from crossing to crossing; each is a vertex of the line. */
  manholes: Manhole[];
  line: Point[];
}

export interface SupplyPipe {
  no: string;
  road: Road;
  builtYear: number;
  line: Point[];
}

export interface PipeNetwork {
  pipes: Pipe[];
  manholes: Manhole[];
  supply: SupplyPipe[];
}

const RANK: Record<RoadClass, number> = {
  motorway: 9,
  trunk: 0,
  primary: 1,
  secondary: 2,
  tertiary: 3,
  residential: 4,
  lane: 5,
};
const LETTER: Record<Sewer, string> = { rain: 'Y', sewage: 'W', combined: 'H' };
/** Where the pipes of a street lie beside its middle, and their manholes at a crossing: metres to the left; east, north. */
const PLACE: Record<'rain' | 'sewage' | 'supply', { beside: number; node: Point }> = {
  rain: { beside: 1.6, node: [0.9, 0.6] },
  sewage: { beside: -1.6, node: [-0.9, -0.6] },
  supply: { beside: 3.2, node: [-0.7, 0.9] },
};
/** Metres between manholes of a sewer that one can still clean. */
const SPACING = 42;

function isOldTown(road: Road): boolean {
  const [x, y] = road.line[road.line.length >> 1] as Point;
  return Math.hypot(x - OLD_TOWN.at[0], y - OLD_TOWN.at[1]) < OLD_TOWN.radius;
}

/** The streets with pipes in a small district: the mains first, and the old town down to its lanes. */
function streetsWithPipes(context: Context): Road[] {
  const streets = context.roads.filter((road) => !road.isBridge && road.class !== 'motorway' && road.length > 9);
  const rank = new Map(streets.map((road) => [road, RANK[road.class] - (isOldTown(road) ? 2.5 : 0)]));
  return streets
    .toSorted((a, b) => (rank.get(a) as number) - (rank.get(b) as number))
    .slice(0, Math.round(streets.length * context.scale ** 0.6));
}

function builtYear(road: Road, isOld: boolean, random: Random): number {
  if (isOld) return random.int(1962, 1996);
  return road.class === 'lane' || random.chance(0.25) ? random.int(1986, 2008) : random.int(2000, 2025);
}

function drawNetwork(context: Context): PipeNetwork {
  const random = createRandom(440604, 'pipes');
  const network: PipeNetwork = { pipes: [], manholes: [], supply: [] };
  const nodes = { rain: new Map<string, Manhole>(), sewage: new Map<string, Manhole>() };
  const addManhole = (kind: Sewer, at: Point, road: Road): Manhole => {
    const manhole = { no: `${LETTER[kind]}J${pad(network.manholes.length + 1, 6)}`, kind, at, road };
    network.manholes.push(manhole);
    return manhole;
  };
  const addPipe = (kind: Sewer, road: Road, year: number): void => {
    const system = kind === 'rain' ? 'rain' : 'sewage';
    const { beside, node } = PLACE[system];
    // A manhole at a crossing belongs to every pipe that meets there.
    const crossing = ([x, y]: Point): Manhole => {
      const key = `${x},${y}`;
      const known = nodes[system].get(key) ?? addManhole(kind, [x + node[0], y + node[1]], road);
      nodes[system].set(key, known);
      return known;
    };
    const first = crossing(road.line[0] as Point);
    const last = crossing(road.line.at(-1) as Point);
    if (first === last) return;
    const bare = [first.at, ...offset(road.line, () => beside).slice(1, -1), last.at];
    const line: Point[] = [first.at];
    const manholes = [first];
    const gap = road.length / Math.max(1, Math.round(road.length / SPACING));
    let next = gap;
    let passed = 0;
    for (let i = 1; i < bare.length; i++) {
      const a = bare[i - 1] as Point;
      const b = bare[i] as Point;
      const length = separation(a, b);
      while (next < passed + length && next < road.length - gap / 2) {
        const t = (next - passed) / length;
        const manhole = addManhole(kind, [a[0] + (b[0] - a[0]) * t, a[1] + (b[1] - a[1]) * t], road);
        manholes.push(manhole);
        line.push(manhole.at);
        next += gap;
      }
      passed += length;
      line.push(b);
    }
    manholes.push(last);
    network.pipes.push({ no: `PS${pad(network.pipes.length + 1, 7)}`, kind, road, builtYear: year, manholes, line });
  };
  for (const road of streetsWithPipes(context)) {
    const isOld = isOldTown(road) ? random.chance(0.7) : random.chance(road.class === 'lane' ? 0.5 : 0.12);
    const year = builtYear(road, isOld, random);
    // Old lanes have one sewer for everything; streets built since keep rain and sewage apart.
    if (road.class === 'lane' && isOld) addPipe('combined', road, year);
    else {
      addPipe('rain', road, year);
      if (road.class !== 'lane' || random.chance(0.6)) addPipe('sewage', road, Math.min(2025, year + random.int(0, 9)));
    }
    const { beside, node } = PLACE.supply;
    const end = ([x, y]: Point): Point => [x + node[0], y + node[1]];
    network.supply.push({
      no: `GS${pad(network.supply.length + 1, 6)}`,
      road,
      builtYear: Math.min(2025, year + random.int(0, 14)),
      line: [
        end(road.line[0] as Point),
        ...offset(road.line, () => beside).slice(1, -1),
        end(road.line.at(-1) as Point),
      ],
    });
  }
  return network;
}

/** Sewers and water mains under the streets. Pipes that meet at a crossing share its manhole. */
export const pipeNetwork = oncePerDistrict(drawNetwork);
