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
  const isMember = new Uint8Array(graph.xs.length);
  for (const i of members) isMember[i] = 1;
  const heavy = members.filter((i) => (graph.weights[i] as number) > 0);
  if (heavy.length < parts) throw new Error(`cannot make ${parts} parts of ${heavy.length} nodes`);
  const centres = spread(graph, heavy, options);
  const fixed = options.anchors?.length ?? 0;
  const handicap = new Float64Array(parts);
  let part: Int32Array = new Int32Array(graph.xs.length).fill(-1);
  const total = heavy.reduce((sum, i) => sum + (graph.weights[i] as number), 0);
  let bestScore = Infinity;
  let bestCentres = centres.slice();
  for (let round = 0; round < rounds; round++) {
    const grown = grow(graph, isMember, centres, handicap);
    const load = new Float64Array(parts);
    const sx = new Float64Array(parts);
    const sy = new Float64Array(parts);
    const size = new Int32Array(parts);
    let reach = 0;
    for (const i of members) {
      const p = grown.part[i] as number;
      if (p < 0) continue;
      const w = (graph.weights[i] as number) + 1e-9;
      load[p] = (load[p] as number) + w;
      sx[p] = (sx[p] as number) + w * (graph.xs[i] as number);
      sy[p] = (sy[p] as number) + w * (graph.ys[i] as number);
      if (w > 1e-6) size[p] = (size[p] as number) + 1;
      reach += w * (grown.distance[i] as number);
    }
    const mean = total / parts;
    let score = 0;
    for (let p = 0; p < parts; p++) {
      const excess = (load[p] as number) / mean - 1;
      score += excess * excess + ((size[p] as number) < (options.least ?? 1) ? 100 : 0);
    }
    if (score < bestScore) {
      bestScore = score;
      part = grown.part;
      bestCentres = centres.slice();
    }
    const best = new Float64Array(parts).fill(Infinity);
    for (const i of heavy) {
      const p = grown.part[i] as number;
      if (p < fixed || p < 0) continue;
      const d = Math.hypot(
        (graph.xs[i] as number) - (sx[p] as number) / (load[p] as number),
        (graph.ys[i] as number) - (sy[p] as number) / (load[p] as number),
      );
      if (d < (best[p] as number)) {
        best[p] = d;
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
  return { part, centres: bestCentres };
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
        near = Math.min(
          near,
          Math.hypot(
            (graph.xs[i] as number) - (graph.xs[c] as number),
            (graph.ys[i] as number) - (graph.ys[c] as number),
          ),
        );
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

/** All centres grow at once; a centre always keeps itself. */
function grow(
  graph: Neighbourhood,
  isMember: Uint8Array,
  centres: readonly number[],
  handicap: Float64Array,
): { part: Int32Array; distance: Float64Array } {
  const count = graph.xs.length;
  const part = new Int32Array(count).fill(-1);
  const distance = new Float64Array(count).fill(Infinity);
  const heap: { key: number; node: number; part: number }[] = [];
  const push = (key: number, node: number, owner: number): void => {
    let i = heap.length;
    heap.push({ key, node, part: owner });
    while (i > 0) {
      const parent = (i - 1) >> 1;
      if ((heap[parent] as { key: number }).key <= (heap[i] as { key: number }).key) break;
      [heap[parent], heap[i]] = [heap[i] as (typeof heap)[number], heap[parent] as (typeof heap)[number]];
      i = parent;
    }
  };
  const pop = (): (typeof heap)[number] | undefined => {
    const top = heap[0];
    const last = heap.pop();
    if (!top || !last || heap.length === 0) return top;
    heap[0] = last;
    let i = 0;
    for (;;) {
      let child = 2 * i + 1;
      if (child >= heap.length) break;
      if (child + 1 < heap.length && (heap[child + 1] as { key: number }).key < (heap[child] as { key: number }).key)
        child++;
      if ((heap[child] as { key: number }).key >= (heap[i] as { key: number }).key) break;
      [heap[child], heap[i]] = [heap[i] as (typeof heap)[number], heap[child] as (typeof heap)[number]];
      i = child;
    }
    return top;
  };
  const isCentre = new Int32Array(count).fill(-1);
  centres.forEach((node, p) => {
    isCentre[node] = p;
    push(handicap[p] as number, node, p);
  });
  for (let item = pop(); item; item = pop()) {
    const { node } = item;
    if (part[node] !== -1 || (isCentre[node] !== -1 && isCentre[node] !== item.part)) continue;
    part[node] = item.part;
    distance[node] = item.key;
    for (let k = graph.offsets[node] as number; k < (graph.offsets[node + 1] as number); k++) {
      const other = graph.to[k] as number;
      if (isMember[other] && part[other] === -1) push(item.key + (graph.cost[k] as number), other, item.part);
    }
  }
  return { part, distance };
}
