import FlatQueue from 'flatqueue';

export type TravelMode = 'walk' | 'drive';

/** A line of the road layer: its positions, and how fast it is travelled (km/h; 0: not at all). */
export interface RoadLine {
  name: string | null;
  path: readonly (readonly number[])[];
  drive: number;
  walk: number;
  /** May be driven in its own direction only. */
  oneway: boolean;
}

/**
 * Roads as a graph: every position of a line is a node, positions of several lines at the same place are one, and dead
 * ends that stop short of another line are led onto it. Pieces between two positions are numbered.
 */
export interface RoadGraph {
  lons: Float64Array;
  lats: Float64Array;
  pieces: { from: Int32Array; to: Int32Array; metres: Float64Array; line: Int32Array };
  lines: readonly RoadLine[];
  /** Edges out of node `i` are `first[i] … first[i + 1]`. */
  edges: Record<TravelMode, { first: Int32Array; to: Int32Array; seconds: Float64Array; piece: Int32Array }>;
  /** Pieces near a place, by cells of a coarse raster. */
  near: (lon: number, lat: number, metres: number) => number[];
}

/** Where somebody enters the roads: a place on a piece. */
export interface Entrance {
  piece: number;
  /** 0 at its beginning, 1 at its end. */
  share: number;
  lon: number;
  lat: number;
  metres: number;
}

/** Positions so near are one: a tenth of a metre. */
const SAME = 1e6;
/** A dead end is led onto a line this near, metres. */
const GAP = 2;
/** How far one may be from a road, metres, and how fast one gets there. */
export const FARTHEST_ENTRANCE = 500;
const AFOOT = 4.8 / 3.6;
/** Degrees of the raster by which pieces are found. */
const CELL = 0.002;

export function metresPerDegree(lat: number): { lon: number; lat: number } {
  const phi = (lat * Math.PI) / 180;
  const w = 1 - 0.006_694_379_990_14 * Math.sin(phi) ** 2;
  return {
    lon: ((6_378_137 * Math.cos(phi)) / Math.sqrt(w)) * (Math.PI / 180),
    lat: ((6_378_137 * (1 - 0.006_694_379_990_14)) / w ** 1.5) * (Math.PI / 180),
  };
}

function metresBetween(aLon: number, aLat: number, bLon: number, bLat: number): number {
  const scale = metresPerDegree((aLat + bLat) / 2);
  return Math.hypot((aLon - bLon) * scale.lon, (aLat - bLat) * scale.lat);
}

export function buildRoadGraph(lines: readonly RoadLine[]): RoadGraph {
  const nodeOf = new Map<string, number>();
  const lons: number[] = [];
  const lats: number[] = [];
  const from: number[] = [];
  const to: number[] = [];
  const metres: number[] = [];
  const lineOf: number[] = [];
  const degree: number[] = [];

  function node(lon: number, lat: number): number {
    const key = `${Math.round(lon * SAME)},${Math.round(lat * SAME)}`;
    const known = nodeOf.get(key);
    if (known !== undefined) return known;
    nodeOf.set(key, lons.length);
    degree.push(0);
    lats.push(lat);
    return lons.push(lon) - 1;
  }

  lines.forEach(({ path }, line) => {
    for (let i = 1; i < path.length; i++) {
      const [a, b] = [node(path[i - 1]![0]!, path[i - 1]![1]!), node(path[i]![0]!, path[i]![1]!)];
      if (a === b) continue;
      from.push(a);
      to.push(b);
      lineOf.push(line);
      metres.push(metresBetween(lons[a]!, lats[a]!, lons[b]!, lats[b]!));
      degree[a]!++;
      degree[b]!++;
    }
  });

  const places = { lons: Float64Array.from(lons), lats: Float64Array.from(lats) };
  const raw = { from, to };
  const near = indexPieces(places, raw);
  // Where a line ends just beside another one, that one is cut there, and one may go on along it.
  const cuts = new Map<number, { at: number; share: number }[]>();
  degree.forEach((count, at) => {
    if (count !== 1) return;
    const [lon, lat] = [lons[at]!, lats[at]!];
    let best: Entrance | null = null;
    for (const piece of near(lon, lat, GAP)) {
      if (from[piece] === at || to[piece] === at) continue;
      const foot = footOn(places, raw, piece, lon, lat);
      if (foot.metres <= GAP && foot.metres < (best?.metres ?? Infinity)) best = foot;
    }
    if (best === null) return;
    const list = cuts.get(best.piece);
    if (list) list.push({ at, share: best.share });
    else cuts.set(best.piece, [{ at, share: best.share }]);
  });
  const ends: { from: number; to: number; line: number; metres: number }[] = [];
  from.forEach((a, piece) => {
    const line = lineOf[piece]!;
    const chain = [...(cuts.get(piece) ?? []).toSorted((x, y) => x.share - y.share).map(({ at }) => at), to[piece]!];
    let start = a;
    for (const end of chain) {
      const length =
        chain.length === 1 ? metres[piece]! : metresBetween(lons[start]!, lats[start]!, lons[end]!, lats[end]!);
      ends.push({ from: start, to: end, line, metres: length });
      start = end;
    }
  });
  const pieces = {
    from: Int32Array.from(ends, (each) => each.from),
    to: Int32Array.from(ends, (each) => each.to),
    metres: Float64Array.from(ends, (each) => each.metres),
    line: Int32Array.from(ends, (each) => each.line),
  };
  const graph: RoadGraph = {
    ...places,
    pieces,
    lines,
    edges: { walk: noEdges(), drive: noEdges() },
    near: indexPieces(places, pieces),
  };
  for (const mode of ['walk', 'drive'] as const) graph.edges[mode] = edgesOf(graph, mode);
  return graph;
}

type Places = Pick<RoadGraph, 'lons' | 'lats'>;
interface Ends {
  from: ArrayLike<number>;
  to: ArrayLike<number>;
}

function cellOf(degrees: number): number {
  return Math.floor(degrees / CELL);
}

/** Finds the pieces that may lie within so many metres of a place. */
function indexPieces({ lons, lats }: Places, { from, to }: Ends): RoadGraph['near'] {
  const raster = new Map<string, number[]>();
  for (let piece = 0; piece < from.length; piece++) {
    const [a, b] = [from[piece]!, to[piece]!];
    for (let x = cellOf(Math.min(lons[a]!, lons[b]!)); x <= cellOf(Math.max(lons[a]!, lons[b]!)); x++) {
      for (let y = cellOf(Math.min(lats[a]!, lats[b]!)); y <= cellOf(Math.max(lats[a]!, lats[b]!)); y++) {
        const list = raster.get(`${x},${y}`);
        if (list) list.push(piece);
        else raster.set(`${x},${y}`, [piece]);
      }
    }
  }
  return (lon, lat, metres) => {
    const scale = metresPerDegree(lat);
    const found = new Set<number>();
    for (let x = cellOf(lon - metres / scale.lon); x <= cellOf(lon + metres / scale.lon); x++) {
      for (let y = cellOf(lat - metres / scale.lat); y <= cellOf(lat + metres / scale.lat); y++) {
        for (const piece of raster.get(`${x},${y}`) ?? []) found.add(piece);
      }
    }
    return [...found];
  };
}

function noEdges(): RoadGraph['edges']['walk'] {
  return { first: new Int32Array(1), to: new Int32Array(0), seconds: new Float64Array(0), piece: new Int32Array(0) };
}

function edgesOf(graph: RoadGraph, mode: TravelMode): RoadGraph['edges']['walk'] {
  const list: { from: number; to: number; seconds: number; piece: number }[] = [];
  const { pieces, lons } = graph;
  for (let piece = 0; piece < pieces.from.length; piece++) {
    const { forward, back } = secondsOf(graph, piece, mode);
    const [a, b] = [pieces.from[piece]!, pieces.to[piece]!];
    if (forward < Infinity) list.push({ from: a, to: b, seconds: forward, piece });
    if (back < Infinity) list.push({ from: b, to: a, seconds: back, piece });
  }
  const first = new Int32Array(lons.length + 1);
  for (const edge of list) first[edge.from + 1]!++;
  for (let i = 1; i < first.length; i++) first[i] = first[i]! + first[i - 1]!;
  const next = first.slice();
  const to = new Int32Array(list.length);
  const seconds = new Float64Array(list.length);
  const piece = new Int32Array(list.length);
  for (const edge of list) {
    const place = next[edge.from]!;
    next[edge.from] = place + 1;
    to[place] = edge.to;
    seconds[place] = edge.seconds;
    piece[place] = edge.piece;
  }
  return { first, to, seconds, piece };
}

/** Seconds along a piece in its direction and against it; Infinity where one may not. */
function secondsOf({ pieces, lines }: RoadGraph, piece: number, mode: TravelMode): { forward: number; back: number } {
  const line = lines[pieces.line[piece]!]!;
  if (!(line[mode] > 0)) return { forward: Infinity, back: Infinity };
  const seconds = pieces.metres[piece]! / (line[mode] / 3.6);
  return { forward: seconds, back: mode === 'drive' && line.oneway ? Infinity : seconds };
}

/** The nearest place on a piece. */
function footOn({ lons, lats }: Places, { from, to }: Ends, piece: number, lon: number, lat: number): Entrance {
  const [a, b] = [from[piece]!, to[piece]!];
  const scale = metresPerDegree(lat);
  const [ax, ay] = [(lons[a]! - lon) * scale.lon, (lats[a]! - lat) * scale.lat];
  const [dx, dy] = [(lons[b]! - lons[a]!) * scale.lon, (lats[b]! - lats[a]!) * scale.lat];
  const length = dx * dx + dy * dy;
  const share = length === 0 ? 0 : Math.min(1, Math.max(0, -(ax * dx + ay * dy) / length));
  return {
    piece,
    share,
    lon: lons[a]! + share * (lons[b]! - lons[a]!),
    lat: lats[a]! + share * (lats[b]! - lats[a]!),
    metres: Math.hypot(ax + share * dx, ay + share * dy),
  };
}

/** Where one enters the roads from a place, or null when none of them is near. */
export function findEntrance(graph: RoadGraph, mode: TravelMode, lon: number, lat: number): Entrance | null {
  for (const distance of [50, FARTHEST_ENTRANCE]) {
    let best: Entrance | null = null;
    for (const piece of graph.near(lon, lat, distance)) {
      if (!(graph.lines[graph.pieces.line[piece]!]![mode] > 0)) continue;
      const foot = footOn(graph, graph.pieces, piece, lon, lat);
      if (foot.metres <= distance && foot.metres < (best?.metres ?? Infinity)) best = foot;
    }
    if (best !== null) return best;
  }
  return null;
}

/** How soon each node is reached, and by which edge; Infinity and -1 where it is not. */
export interface Reached {
  seconds: Float64Array;
  previous: Int32Array;
}

/** The soonest arrival at every node from any of the entrances, within so many seconds. Dijkstra's algorithm. */
export function reachFrom(graph: RoadGraph, mode: TravelMode, entrances: readonly Entrance[], within: number): Reached {
  const { first, to, seconds: cost } = graph.edges[mode];
  const seconds = new Float64Array(graph.lons.length).fill(Infinity);
  const previous = new Int32Array(graph.lons.length).fill(-1);
  const queue = new FlatQueue<number>();
  const arrive = (node: number, at: number, by: number) => {
    if (at > within || at >= seconds[node]!) return;
    seconds[node] = at;
    previous[node] = by;
    queue.push(node, at);
  };
  for (const { piece, share, metres } of entrances) {
    const { forward, back } = secondsOf(graph, piece, mode);
    const start = metres / AFOOT;
    arrive(graph.pieces.to[piece]!, start + (share === 1 ? 0 : forward * (1 - share)), -1);
    arrive(graph.pieces.from[piece]!, start + (share === 0 ? 0 : back * share), -1);
  }
  for (;;) {
    const at = queue.peekValue();
    const node = queue.pop();
    if (node === undefined || at === undefined) break;
    if (at > seconds[node]!) continue;
    for (let edge = first[node]!; edge < first[node + 1]!; edge++) arrive(to[edge]!, at + cost[edge]!, edge);
  }
  return { seconds, previous };
}

const turned = new WeakMap<RoadGraph, RoadGraph>();

/**
 * The same roads travelled the other way round: what `reachFrom` reaches on them from a place are the ways that lead to it.
 * Made once for a graph.
 */
export function reversed(graph: RoadGraph): RoadGraph {
  const known = turned.get(graph);
  if (known !== undefined) return known;
  const { from, to } = graph.pieces;
  const back = {
    ...graph,
    pieces: { ...graph.pieces, from: to, to: from },
    edges: { walk: noEdges(), drive: noEdges() },
  };
  for (const mode of ['walk', 'drive'] as const) back.edges[mode] = edgesOf(back, mode);
  turned.set(graph, back);
  return back;
}

/**
 * Seconds of the fastest way from an entrance to another, `reached` being all ways that lead to that one (`reachFrom` of
 * it on the `reversed` graph); Infinity where there is none among them. The same as `findRoute`, for many starts at once.
 */
export function secondsTo(
  graph: RoadGraph,
  mode: TravelMode,
  start: Entrance,
  end: Entrance,
  reached: Reached,
): number {
  const { forward, back } = secondsOf(graph, start.piece, mode);
  const { from, to } = graph.pieces;
  const walk = start.metres / AFOOT;
  const share = end.share - start.share;
  const along = share === 0 ? 0 : share > 0 ? forward * share : back * -share;
  const direct = start.piece === end.piece ? along : Infinity;
  return Math.min(
    walk + (start.share === 1 ? 0 : forward * (1 - start.share)) + reached.seconds[to[start.piece]!]!,
    walk + (start.share === 0 ? 0 : back * start.share) + reached.seconds[from[start.piece]!]!,
    walk + direct + end.metres / AFOOT,
  );
}

/** How much of a piece is passed in the seconds that are left. */
function far(left: number, cost: number): number {
  if (left < 0 || cost === Infinity) return 0;
  return cost === 0 ? 1 : left / cost;
}

/** The parts of a piece that are reached in time, from 0 … 1, apart and in order. `entrances` are those on it. */
export function reachedParts(
  graph: RoadGraph,
  mode: TravelMode,
  reached: Reached,
  piece: number,
  within: number,
  entrances: readonly Entrance[] = [],
): [number, number][] {
  const { forward, back } = secondsOf(graph, piece, mode);
  const start = far(within - reached.seconds[graph.pieces.from[piece]!]!, forward);
  const end = far(within - reached.seconds[graph.pieces.to[piece]!]!, back);
  const parts: [number, number][] = [
    [0, Math.min(1, start)],
    [Math.max(0, 1 - end), 1],
    ...entrances.map(({ share, metres }): [number, number] => {
      const left = within - metres / AFOOT;
      return [Math.max(0, share - far(left, back)), Math.min(1, share + far(left, forward))];
    }),
  ];
  const merged: [number, number][] = [];
  for (const [from, to] of parts.filter(([from, to]) => to > from).toSorted((a, b) => a[0] - b[0])) {
    const last = merged.at(-1);
    if (last !== undefined && from <= last[1]) last[1] = Math.max(last[1], to);
    else merged.push([from, to]);
  }
  return merged;
}

export interface RouteLeg {
  path: [number, number][];
  seconds: number;
  metres: number;
}

/** The fastest way between two entrances, or null where there is none. */
export function findRoute(graph: RoadGraph, mode: TravelMode, start: Entrance, end: Entrance): RouteLeg | null {
  const { pieces, lons, lats } = graph;
  const { seconds, previous } = reachFrom(graph, mode, [start], Infinity);
  const { forward, back } = secondsOf(graph, end.piece, mode);
  const walk = end.metres / AFOOT;
  const options: { total: number; node: number }[] = [
    {
      total: seconds[pieces.from[end.piece]!]! + (end.share === 0 ? 0 : forward * end.share) + walk,
      node: pieces.from[end.piece]!,
    },
    {
      total: seconds[pieces.to[end.piece]!]! + (end.share === 1 ? 0 : back * (1 - end.share)) + walk,
      node: pieces.to[end.piece]!,
    },
  ];
  const path: [number, number][] = [];
  let total: number;
  const direct =
    start.piece !== end.piece
      ? Infinity
      : end.share >= start.share
        ? forward * (end.share - start.share)
        : back * (start.share - end.share);
  const best = options.reduce((a, b) => (b.total < a.total ? b : a));
  if (start.piece === end.piece && direct + walk + start.metres / AFOOT <= best.total) {
    total = direct + walk + start.metres / AFOOT;
  } else {
    if (!(best.total < Infinity)) return null;
    total = best.total;
    const { edges } = graph;
    for (let node = best.node; ;) {
      path.push([lons[node]!, lats[node]!]);
      const edge = previous[node]!;
      if (edge < 0) break;
      node = tailOf(edges[mode].first, edge);
    }
    path.reverse();
  }
  path.unshift([start.lon, start.lat]);
  path.push([end.lon, end.lat]);
  let metres = 0;
  for (let i = 1; i < path.length; i++) metres += metresBetween(...path[i - 1]!, ...path[i]!);
  return { path, seconds: total, metres };
}

/** The node an edge leaves: the last whose edges begin at or before it. */
function tailOf(first: Int32Array, edge: number): number {
  let [low, high] = [0, first.length - 2];
  while (low < high) {
    const middle = (low + high + 1) >> 1;
    if (first[middle]! <= edge) low = middle;
    else high = middle - 1;
  }
  return low;
}
