import type { Context } from './context.ts';
import { placeKey } from './crossings.ts';
import type { RoadClass } from './geography/sources.ts';
import { type Point, lineLength, separation } from './plane.ts';
import type { Road } from './streets.ts';

export interface StreetRoute {
  line: Point[];
  length: number;
  /** Names of the streets in order, each once. */
  names: string[];
  roads: Road[];
}

interface Edge {
  to: number;
  road: Road;
  isForward: boolean;
}

/** How much longer than it is a metre of a street feels: crowds and engines take the wider street where they can. */
const TOIL: Record<RoadClass, number> = {
  motorway: 1,
  trunk: 1,
  primary: 1,
  secondary: 1,
  tertiary: 1.1,
  residential: 1.5,
  lane: 3,
};

/** Finds ways along the streets, expressways left out. */
export class StreetGraph {
  private readonly points: Point[] = [];
  private readonly edges: Edge[][] = [];

  constructor(context: Context) {
    const index = new Map<string, number>();
    const node = (at: Point): number => {
      const key = placeKey(at);
      let i = index.get(key);
      if (i === undefined) {
        i = this.points.length;
        index.set(key, i);
        this.points.push(at);
        this.edges.push([]);
      }
      return i;
    };
    for (const road of context.roads) {
      if (road.class === 'motorway') continue;
      const from = node(road.line[0] as Point);
      const to = node(road.line.at(-1) as Point);
      this.edges[from]?.push({ to, road, isForward: true });
      this.edges[to]?.push({ to: from, road, isForward: false });
    }
  }

  private nearest(at: Point): number {
    let best = 0;
    let distance = Infinity;
    this.points.forEach((p, i) => {
      const d = separation(p, at);
      if (d < distance && (this.edges[i]?.length ?? 0) > 0) [best, distance] = [i, d];
    });
    return best;
  }

  /** The best way through places in order; null when they are not connected. Starts and ends at crossings. */
  through(places: readonly Point[]): StreetRoute | null {
    const nodes = places.map((place) => this.nearest(place));
    const line: Point[] = [];
    const roads: Road[] = [];
    for (let i = 1; i < nodes.length; i++) {
      const leg = this.between(nodes[i - 1] as number, nodes[i] as number);
      if (!leg) return null;
      for (const { road, isForward } of leg) {
        const points = isForward ? road.line : road.line.toReversed();
        line.push(...points.slice(line.length > 0 ? 1 : 0));
        roads.push(road);
      }
    }
    if (line.length < 2) return null;
    return { line, length: lineLength(line), names: [...new Set(roads.map((road) => road.name))], roads };
  }

  /** A* with the distance as the crow flies. */
  private between(from: number, goal: number): Edge[] | null {
    const cost = new Map<number, number>([[from, 0]]);
    const cameBy = new Map<number, { from: number; edge: Edge }>();
    const target = this.points[goal] as Point;
    const queue: { node: number; estimate: number }[] = [{ node: from, estimate: 0 }];
    const done = new Set<number>();
    for (;;) {
      const top = pop(queue);
      if (!top) return null;
      if (top.node === goal) break;
      if (done.has(top.node)) continue;
      done.add(top.node);
      for (const edge of this.edges[top.node] ?? []) {
        const total = (cost.get(top.node) as number) + edge.road.length * TOIL[edge.road.class];
        if (total >= (cost.get(edge.to) ?? Infinity)) continue;
        cost.set(edge.to, total);
        cameBy.set(edge.to, { from: top.node, edge });
        push(queue, { node: edge.to, estimate: total + separation(this.points[edge.to] as Point, target) });
      }
    }
    const path: Edge[] = [];
    for (let at = goal; at !== from;) {
      const step = cameBy.get(at) as { from: number; edge: Edge };
      path.push(step.edge);
      at = step.from;
    }
    return path.toReversed();
  }
}

interface Entry {
  node: number;
  estimate: number;
}

/** A binary heap, smallest estimate first. */
function push(heap: Entry[], entry: Entry): void {
  let i = heap.length;
  heap.push(entry);
  while (i > 0) {
    const parent = (i - 1) >> 1;
    if ((heap[parent] as Entry).estimate <= entry.estimate) break;
    heap[i] = heap[parent] as Entry;
    i = parent;
  }
  heap[i] = entry;
}

function pop(heap: Entry[]): Entry | undefined {
  const top = heap[0];
  const last = heap.pop();
  if (heap.length === 0 || !last) return top;
  let i = 0;
  for (;;) {
    let child = i * 2 + 1;
    if (child >= heap.length) break;
    if (child + 1 < heap.length && (heap[child + 1] as Entry).estimate < (heap[child] as Entry).estimate) child += 1;
    if ((heap[child] as Entry).estimate >= last.estimate) break;
    heap[i] = heap[child] as Entry;
    i = child;
  }
  heap[i] = last;
  return top;
}
