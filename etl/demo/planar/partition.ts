import { type Random, weightedPicker } from '../random.ts';

export interface Neighbourhood {
  /** Centres of the nodes, metres. */
  xs: ArrayLike<number>;
  ys: ArrayLike<number>;
  /** Load of each node, not negative. */
  weights: ArrayLike<number>;
  /** Neighbours of node i: `to[offsets[i]..offsets[i+1]]` at `cost`. */
  offsets: Int32Array;
  to: Int32Array;
  cost: Float64Array;
}

export interface PartitionOptions {
  parts: number;
  /** Nodes that the first parts must hold as their centres. */
  anchors?: readonly number[];
  rounds: number;
  /** Nodes with load that each part should have at least. */
  least?: number;
  random: Random;
}

/**
 * Divides nodes into connected parts of about the same load. Each round lets all centres grow at once (Dijkstra, so a
 * part is connected by construction), then moves centres to the middle of their part and hinders heavy parts.
 * Returns part numbers, -1 for nodes outside `members`, and the centre node of each part.
 */
export function partition(
  graph: Neighbourhood,
  members: readonly number[],
  options: PartitionOptions,
): { part: Int32Array; centres: number[] } {
  const { parts, rounds } = options;
  const heavy = members.filter((i) => (graph.weights[i] as number) > 0);
  if (heavy.length < parts) throw new Error(`cannot make ${parts} parts of ${heavy.length} nodes`);
  const centres = spread(graph, heavy, options);
  const fixed = options.anchors?.length ?? 0;
  const handicap = new Float64Array(parts);
  const growth = new Growth(graph, members);
  const best = new Int32Array(graph.xs.length).fill(-1);
  const total = heavy.reduce((sum, i) => sum + (graph.weights[i] as number), 0);
  let bestScore = Infinity;
  let bestCentres = centres.slice();
  for (let round = 0; round < rounds; round++) {
    growth.run(centres, handicap);
    const load = new Float64Array(parts);
    const sx = new Float64Array(parts);
    const sy = new Float64Array(parts);
    const size = new Int32Array(parts);
    let reach = 0;
    for (const i of members) {
      const p = growth.part[i] as number;
      if (p < 0) continue;
      const w = (graph.weights[i] as number) + 1e-9;
      load[p] = (load[p] as number) + w;
      sx[p] = (sx[p] as number) + w * (graph.xs[i] as number);
      sy[p] = (sy[p] as number) + w * (graph.ys[i] as number);
      if (w > 1e-6) size[p] = (size[p] as number) + 1;
      reach += w * (growth.distance[i] as number);
    }
    const mean = total / parts;
    let score = 0;
    for (let p = 0; p < parts; p++) {
      const excess = (load[p] as number) / mean - 1;
      score += excess * excess + ((size[p] as number) < (options.least ?? 1) ? 100 : 0);
    }
    if (score < bestScore) {
      bestScore = score;
      for (const i of members) best[i] = growth.part[i] as number;
      bestCentres = centres.slice();
    }
    const nearest = new Float64Array(parts).fill(Infinity);
    for (const i of heavy) {
      const p = growth.part[i] as number;
      if (p < fixed || p < 0) continue;
      const dx = (graph.xs[i] as number) - (sx[p] as number) / (load[p] as number);
      const dy = (graph.ys[i] as number) - (sy[p] as number) / (load[p] as number);
      const d = dx * dx + dy * dy;
      if (d < (nearest[p] as number)) {
        nearest[p] = d;
        centres[p] = i;
      }
    }
    const step = ((0.3 * reach) / total) * (1 - round / rounds);
    for (let p = 0; p < parts; p++) {
      const excess = Math.max(-0.9, Math.min(1.5, (load[p] as number) / mean - 1));
      handicap[p] = (handicap[p] as number) + step * excess;
    }
    const lowest = Math.min(...handicap);
    for (let p = 0; p < parts; p++) handicap[p] = (handicap[p] as number) - lowest;
  }
  return { part: best, centres: bestCentres };
}

/** First centres: the anchors, then nodes drawn by load, each time the farthest of some from those there are. */
function spread(graph: Neighbourhood, heavy: readonly number[], options: PartitionOptions): number[] {
  const centres = [...(options.anchors ?? [])];
  const draw = weightedPicker(heavy.map((i) => graph.weights[i] as number));
  const taken = new Set(centres);
  while (centres.length < options.parts) {
    let best = -1;
    let distance = -1;
    for (let attempt = 0; attempt < 12; attempt++) {
      const i = heavy[draw(options.random)] as number;
      if (taken.has(i)) continue;
      let near = Infinity;
      for (const c of centres) {
        const dx = (graph.xs[i] as number) - (graph.xs[c] as number);
        const dy = (graph.ys[i] as number) - (graph.ys[c] as number);
        near = Math.min(near, Math.sqrt(dx * dx + dy * dy));
      }
      // Distance counts in units of the local spacing, so that dense places get more centres.
      const local = near * Math.sqrt((graph.weights[i] as number) + 1e-9);
      if (local > distance) {
        distance = local;
        best = i;
      }
    }
    if (best < 0) best = heavy.find((i) => !taken.has(i)) as number;
    taken.add(best);
    centres.push(best);
  }
  return centres;
}

/** Grows all centres at once. Its arrays are used again in each round: hundreds of small partitions are made. */
class Growth {
  readonly part: Int32Array;
  readonly distance: Float64Array;
  private readonly graph: Neighbourhood;
  private readonly members: readonly number[];
  private readonly isMember: Uint8Array;
  private readonly centreOf: Int32Array;
  private keys: number[] = [];
  private nodes: number[] = [];
  private owners: number[] = [];

  constructor(graph: Neighbourhood, members: readonly number[]) {
    const count = graph.xs.length;
    this.graph = graph;
    this.members = members;
    this.part = new Int32Array(count).fill(-1);
    this.distance = new Float64Array(count);
    this.centreOf = new Int32Array(count).fill(-1);
    this.isMember = new Uint8Array(count);
    for (const i of members) this.isMember[i] = 1;
  }

  /** Fills `part` and `distance`; a centre always keeps itself. */
  run(centres: readonly number[], handicap: Float64Array): void {
    const { graph, part, distance, centreOf } = this;
    for (const i of this.members) {
      part[i] = -1;
      centreOf[i] = -1;
    }
    centres.forEach((node, p) => {
      centreOf[node] = p;
      this.push(handicap[p] as number, node, p);
    });
    while (this.keys.length > 0) {
      const key = this.keys[0] as number;
      const node = this.nodes[0] as number;
      const owner = this.owners[0] as number;
      this.pop();
      if (part[node] !== -1 || (centreOf[node] !== -1 && centreOf[node] !== owner)) continue;
      part[node] = owner;
      distance[node] = key;
      for (let k = graph.offsets[node] as number; k < (graph.offsets[node + 1] as number); k++) {
        const other = graph.to[k] as number;
        if (this.isMember[other] && part[other] === -1) this.push(key + (graph.cost[k] as number), other, owner);
      }
    }
  }

  private push(key: number, node: number, owner: number): void {
    const { keys, nodes, owners } = this;
    let i = keys.length;
    keys.push(key);
    nodes.push(node);
    owners.push(owner);
    while (i > 0) {
      const parent = (i - 1) >> 1;
      if ((keys[parent] as number) <= key) break;
      keys[i] = keys[parent] as number;
      nodes[i] = nodes[parent] as number;
      owners[i] = owners[parent] as number;
      i = parent;
    }
    keys[i] = key;
    nodes[i] = node;
    owners[i] = owner;
  }

  private pop(): void {
    const { keys, nodes, owners } = this;
    const key = keys.pop() as number;
    const node = nodes.pop() as number;
    const owner = owners.pop() as number;
    const size = keys.length;
    if (size === 0) return;
    let i = 0;
    for (;;) {
      let child = 2 * i + 1;
      if (child >= size) break;
      if (child + 1 < size && (keys[child + 1] as number) < (keys[child] as number)) child++;
      if ((keys[child] as number) >= key) break;
      keys[i] = keys[child] as number;
      nodes[i] = nodes[child] as number;
      owners[i] = owners[child] as number;
      i = child;
    }
    keys[i] = key;
    nodes[i] = node;
    owners[i] = owner;
  }
}
