/** A place that others are counted to. */
export interface Source {
  node: number;
  /** What everybody starting from here has to pay first; above 0 makes its share smaller. */
  start: number;
}

/**
 * Which source each node of a network is nearest to. Every source keeps its own node, and every share is connected.
 * @param cost of going from a node to a neighbour
 * @returns index of the source per node, -1 for nodes that cannot be reached
 */
export function nearestSource(
  neighbours: readonly (readonly number[])[],
  sources: readonly Source[],
  cost: (from: number, to: number) => number,
): Int32Array {
  const owner = new Int32Array(neighbours.length).fill(-1);
  const best = new Float64Array(neighbours.length).fill(Infinity);
  const isOwned = new Uint8Array(neighbours.length);
  const isSource = new Uint8Array(neighbours.length);
  // A binary heap of [cost, node, source]; outdated entries are skipped when they surface.
  const heap: [cost: number, node: number, source: number][] = [];
  const push = (item: [number, number, number]): void => {
    let i = heap.length;
    heap.push(item);
    while (i > 0) {
      const parent = (i - 1) >> 1;
      if ((heap[parent] as typeof item)[0] <= item[0]) break;
      heap[i] = heap[parent] as typeof item;
      i = parent;
    }
    heap[i] = item;
  };
  const pop = (): [number, number, number] | undefined => {
    const top = heap[0];
    const last = heap.pop();
    if (!top || !last || heap.length === 0) return top;
    let i = 0;
    for (;;) {
      let child = 2 * i + 1;
      if (child >= heap.length) break;
      if (child + 1 < heap.length && (heap[child + 1] as typeof last)[0] < (heap[child] as typeof last)[0]) child += 1;
      if ((heap[child] as typeof last)[0] >= last[0]) break;
      heap[i] = heap[child] as typeof last;
      i = child;
    }
    heap[i] = last;
    return top;
  };
  sources.forEach(({ node, start }, index) => {
    isSource[node] = 1;
    owner[node] = index;
    push([start, node, index]);
  });
  for (let item = pop(); item; item = pop()) {
    const [paid, node, source] = item;
    if (isOwned[node]) continue;
    isOwned[node] = 1;
    owner[node] = source;
    for (const next of neighbours[node] ?? []) {
      if (isOwned[next] || isSource[next]) continue;
      const price = paid + cost(node, next);
      if (price >= (best[next] as number)) continue;
      best[next] = price;
      push([price, next, source]);
    }
  }
  return owner;
}
