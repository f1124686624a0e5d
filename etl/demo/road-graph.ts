import type { Point } from './plane.ts';
import type { Road } from './streets.ts';

export interface Step {
  road: Road;
  /** Along the road's line, not against it. */
  isForward: boolean;
}

/** Streets and their crossings, for finding a way. Only the largest part that hangs together is used. */
export class RoadGraph {
  private readonly at: Point[] = [];
  private readonly out: { step: Step; to: number }[][] = [];
  private readonly isUsable: Uint8Array;

  constructor(roads: readonly Road[]) {
    const nodes = new Map<string, number>();
    const node = (point: Point): number => {
      const key = `${point[0]},${point[1]}`;
      const known = nodes.get(key);
      if (known !== undefined) return known;
      nodes.set(key, this.at.length);
      this.at.push(point);
      this.out.push([]);
      return this.at.length - 1;
    };
    for (const road of roads) {
      const a = node(road.line[0] as Point);
      const b = node(road.line.at(-1) as Point);
      this.out[a]?.push({ step: { road, isForward: true }, to: b });
      this.out[b]?.push({ step: { road, isForward: false }, to: a });
    }
    this.isUsable = this.largestPart();
  }

  private largestPart(): Uint8Array {
    const part = new Int32Array(this.at.length).fill(-1);
    const sizes: number[] = [];
    for (let start = 0; start < part.length; start++) {
      if (part[start] !== -1) continue;
      const id = sizes.length;
      const queue = [start];
      part[start] = id;
      for (let i = 0; i < queue.length; i++) {
        for (const { to } of this.out[queue[i] as number] ?? []) {
          if (part[to] !== -1) continue;
          part[to] = id;
          queue.push(to);
        }
      }
      sizes.push(queue.length);
    }
    const largest = sizes.indexOf(Math.max(...sizes));
    return Uint8Array.from(part, (id) => (id === largest ? 1 : 0));
  }

  private nearest([x, y]: Point): number {
    let best = -1;
    let distance = Infinity;
    this.at.forEach((p, i) => {
      if (!this.isUsable[i]) return;
      const d = (p[0] - x) ** 2 + (p[1] - y) ** 2;
      if (d < distance) {
        distance = d;
        best = i;
      }
    });
    return best;
  }

  /** The cheapest way between the crossings nearest to two places. */
  path(from: Point, to: Point, cost: (road: Road) => number): Step[] {
    const start = this.nearest(from);
    const goal = this.nearest(to);
    const best = new Float64Array(this.at.length).fill(Infinity);
    const arrival = new Map<number, { step: Step; from: number }>();
    best[start] = 0;
    // A heap of [cost, node]; outdated entries are skipped when they come up.
    const heap: [number, number][] = [[0, start]];
    while (heap.length > 0) {
      const [reached, node] = pop(heap);
      if (node === goal) break;
      if (reached > (best[node] as number)) continue;
      for (const { step, to: next } of this.out[node] ?? []) {
        const total = reached + cost(step.road);
        if (total >= (best[next] as number)) continue;
        best[next] = total;
        arrival.set(next, { step, from: node });
        push(heap, [total, next]);
      }
    }
    const steps: Step[] = [];
    for (let node = goal; node !== start;) {
      const came = arrival.get(node);
      if (!came) return [];
      steps.unshift(came.step);
      node = came.from;
    }
    return steps;
  }
}

type Entry = [cost: number, node: number];

function push(heap: Entry[], entry: Entry): void {
  let i = heap.length;
  heap.push(entry);
  while (i > 0) {
    const parent = (i - 1) >> 1;
    if ((heap[parent] as Entry)[0] <= entry[0]) break;
    heap[i] = heap[parent] as Entry;
    i = parent;
  }
  heap[i] = entry;
}

function pop(heap: Entry[]): Entry {
  const top = heap[0] as Entry;
  const last = heap.pop() as Entry;
  if (heap.length === 0) return top;
  let i = 0;
  for (;;) {
    let child = 2 * i + 1;
    if (child >= heap.length) break;
    if (child + 1 < heap.length && (heap[child + 1] as Entry)[0] < (heap[child] as Entry)[0]) child += 1;
    if ((heap[child] as Entry)[0] >= last[0]) break;
    heap[i] = heap[child] as Entry;
    i = child;
  }
  heap[i] = last;
  return top;
}
