import { type Point, ringArea } from '../plane.ts';

/** A line to be drawn into the map, with the number of its label (a street, a river bank …). */
export interface LabelledLine {
  points: readonly Point[];
  label: number;
}

/**
 * A partition of the plane into faces, as half-edges: edge `e` runs from `origin[e]` to `origin[e ^ 1]` with face
 * `face[e]` on its left, and the two halves of one edge are `e` and `e ^ 1`. Whatever is made by merging faces
 * has no gap and no overlap, since neighbours share the very same edges.
 */
export class PlanarMap {
  readonly xs: number[] = [];
  readonly ys: number[] = [];
  readonly origin: number[] = [];
  readonly next: number[] = [];
  readonly previous: number[] = [];
  readonly face: number[] = [];
  /** Label of edge `e` is `label[e >> 1]`. */
  readonly label: number[] = [];
  /** One half-edge of each face's boundary. */
  readonly start: number[] = [];

  /**
   * Cuts lines at their crossings, drops dead ends and parts that hang together with nothing, and finds the faces.
   * Face 0 is the outside. Points closer than `snap` metres become one.
   */
  static fromLines(lines: readonly LabelledLine[], snap: number): PlanarMap {
    const map = new PlanarMap();
    for (const [a, b, label] of nodeSegments(lines, snap, map.xs, map.ys)) map.addEdge(a, b, label);
    map.linkFaces(map.prune());
    return map;
  }

  /** A map of its own with the same vertices, edges and faces: cutting it leaves this one as it is. */
  copy(): PlanarMap {
    const map = new PlanarMap();
    for (const part of ['xs', 'ys', 'origin', 'next', 'previous', 'face', 'label', 'start'] as const) {
      for (const value of this[part]) map[part].push(value);
    }
    return map;
  }

  point(vertex: number): Point {
    return [this.xs[vertex] as number, this.ys[vertex] as number];
  }

  /** Half-edges around a face, counter-clockwise. */
  cycle(face: number): number[] {
    const first = this.start[face] as number;
    const edges: number[] = [];
    let e = first;
    do {
      edges.push(e);
      e = this.next[e] as number;
    } while (e !== first);
    return edges;
  }

  ring(face: number): Point[] {
    return this.cycle(face).map((e) => this.point(this.origin[e] as number));
  }

  private addEdge(a: number, b: number, label: number): void {
    this.origin.push(a, b);
    this.label.push(label);
    for (const list of [this.next, this.previous, this.face]) list.push(-1, -1);
  }

  /** Half-edges that remain when dead ends and small islands of lines are gone. */
  private prune(): number[] {
    const count = this.label.length;
    const alive = new Uint8Array(count).fill(1);
    const degree = new Int32Array(this.xs.length);
    const at = new Map<number, number[]>();
    for (let i = 0; i < count; i++) {
      for (const v of [this.origin[2 * i] as number, this.origin[2 * i + 1] as number]) {
        degree[v] = (degree[v] as number) + 1;
        const list = at.get(v);
        if (list) list.push(i);
        else at.set(v, [i]);
      }
    }
    const queue = [...at.keys()].filter((v) => degree[v] === 1);
    for (let v = queue.pop(); v !== undefined; v = queue.pop()) {
      for (const i of at.get(v) ?? []) {
        if (!alive[i]) continue;
        alive[i] = 0;
        for (const w of [this.origin[2 * i] as number, this.origin[2 * i + 1] as number]) {
          degree[w] = (degree[w] as number) - 1;
          if (degree[w] === 1) queue.push(w);
        }
      }
    }
    // The largest connected part wins: an island would be a hole, and holes have no place in a face's single ring.
    const part = new Int32Array(this.xs.length).fill(-1);
    let best: number[] = [];
    for (let i = 0; i < count; i++) {
      const seed = this.origin[2 * i] as number;
      if (!alive[i] || part[seed] !== -1) continue;
      const edges: number[] = [];
      const stack = [seed];
      part[seed] = i;
      for (let v = stack.pop(); v !== undefined; v = stack.pop()) {
        for (const k of at.get(v) ?? []) {
          if (!alive[k]) continue;
          const a = this.origin[2 * k] as number;
          const w = a === v ? (this.origin[2 * k + 1] as number) : a;
          if (a === v) edges.push(k);
          if (part[w] === -1) {
            part[w] = i;
            stack.push(w);
          }
        }
      }
      if (edges.length > best.length) best = edges;
    }
    return best.flatMap((i) => [2 * i, 2 * i + 1]);
  }

  private linkFaces(edges: readonly number[]): void {
    const out = new Map<number, number[]>();
    const angle = (e: number): number => {
      const a = this.origin[e] as number;
      const b = this.origin[e ^ 1] as number;
      return Math.atan2(
        (this.ys[b] as number) - (this.ys[a] as number),
        (this.xs[b] as number) - (this.xs[a] as number),
      );
    };
    for (const e of edges) {
      const v = this.origin[e] as number;
      const list = out.get(v);
      if (list) list.push(e);
      else out.set(v, [e]);
    }
    for (const list of out.values()) {
      list.sort((p, q) => angle(p) - angle(q));
      for (let i = 0; i < list.length; i++) {
        // Arriving by the twin of list[i], the face on the left goes on with the next edge clockwise.
        const arriving = (list[i] as number) ^ 1;
        const leaving = list[(i + list.length - 1) % list.length] as number;
        this.next[arriving] = leaving;
        this.previous[leaving] = arriving;
      }
    }
    this.start.push(-1);
    for (const e of edges) {
      if (this.face[e] !== -1) continue;
      const loop: number[] = [];
      let k = e;
      do {
        loop.push(k);
        k = this.next[k] as number;
      } while (k !== e);
      const isOutside = ringArea(loop.map((h) => this.point(this.origin[h] as number))) < 0;
      const id = isOutside ? 0 : this.start.length;
      if (isOutside) this.start[0] = e;
      else this.start.push(e);
      for (const h of loop) this.face[h] = id;
    }
  }

  /** Puts a vertex on edge `h`; `h` then ends there. Both neighbours get it. Returns the vertex. */
  splitEdge(h: number, x: number, y: number): number {
    const t = h ^ 1;
    const w = this.xs.length;
    this.xs.push(x);
    this.ys.push(y);
    const n = this.origin.length;
    const b = this.origin[t] as number;
    this.addEdge(w, b, this.label[h >> 1] as number);
    const after = this.next[h] as number;
    const before = this.previous[t] as number;
    this.origin[t] = w;
    this.next[h] = n;
    this.previous[n] = h;
    this.next[n] = after;
    this.previous[after] = n;
    this.next[n ^ 1] = t;
    this.previous[n ^ 1] = before;
    this.next[before] = n ^ 1;
    this.previous[t] = n ^ 1;
    this.face[n] = this.face[h] as number;
    this.face[n ^ 1] = this.face[t] as number;
    return w;
  }

  /** Joins the origins of two half-edges of one face by a new edge and returns the new face's number. */
  addChord(h1: number, h2: number, label: number): number {
    const old = this.face[h1] as number;
    const c = this.origin.length;
    this.addEdge(this.origin[h1] as number, this.origin[h2] as number, label);
    const p1 = this.previous[h1] as number;
    const p2 = this.previous[h2] as number;
    this.next[p1] = c;
    this.previous[c] = p1;
    this.next[c] = h2;
    this.previous[h2] = c;
    this.next[p2] = c ^ 1;
    this.previous[c ^ 1] = p2;
    this.next[c ^ 1] = h1;
    this.previous[h1] = c ^ 1;
    const created = this.start.length;
    this.start[old] = c;
    this.start.push(c ^ 1);
    this.face[c] = old;
    for (const e of this.cycle(created)) this.face[e] = created;
    return created;
  }

  /**
   * Cuts a face by the chord that passes nearest to `through` along direction `angle`. Ends within `snap` metres of
   * a vertex use that vertex. Returns the new face, or -1 when there is no useful chord.
   */
  cut(face: number, through: Point, angle: number, label: number, snap: number): number {
    const dx = Math.cos(angle);
    const dy = Math.sin(angle);
    const hits: { t: number; edge: number; s: number }[] = [];
    for (const e of this.cycle(face)) {
      const [ax, ay] = this.point(this.origin[e] as number);
      const [bx, by] = this.point(this.origin[e ^ 1] as number);
      const da = (ax - through[0]) * dy - (ay - through[1]) * dx;
      const db = (bx - through[0]) * dy - (by - through[1]) * dx;
      if (da > 0 === db > 0) continue;
      const s = da / (da - db);
      const t = (ax + (bx - ax) * s - through[0]) * dx + (ay + (by - ay) * s - through[1]) * dy;
      hits.push({ t, edge: e, s });
    }
    hits.sort((p, q) => p.t - q.t);
    let best = -1;
    for (let i = 0; i + 1 < hits.length; i += 2) {
      const from = (hits[i] as { t: number }).t;
      const to = (hits[i + 1] as { t: number }).t;
      if (from <= 0 && to >= 0) best = i;
    }
    if (best < 0) return -1;
    const ends = [hits[best], hits[best + 1]] as { t: number; edge: number; s: number }[];
    if (ends[0]?.edge === ends[1]?.edge) return -1;
    const halves = ends.map(({ edge, s }) => this.halfEdgeAt(edge, s, snap));
    const [h1, h2] = halves as [number, number];
    const u = this.origin[h1] as number;
    const v = this.origin[h2] as number;
    if (u === v || this.origin[this.next[h1] as number] === v || this.origin[this.next[h2] as number] === u) return -1;
    // An end that moved to a vertex may have turned the chord across another side.
    return this.isClear(face, u, v) ? this.addChord(h1, h2, label) : -1;
  }

  /** No side of the face crosses or touches the straight way between two of its vertices. */
  private isClear(face: number, u: number, v: number): boolean {
    const [ux, uy] = this.point(u);
    const [vx, vy] = this.point(v);
    const length = Math.hypot(vx - ux, vy - uy);
    for (const e of this.cycle(face)) {
      const a = this.origin[e] as number;
      const b = this.origin[e ^ 1] as number;
      const [ax, ay] = this.point(a);
      if (a !== u && a !== v) {
        const along = ((ax - ux) * (vx - ux) + (ay - uy) * (vy - uy)) / length;
        if (along > 0 && along < length && Math.abs(side(ux, uy, vx, vy, ax, ay)) / length < 1) return false;
      }
      if (a === u || a === v || b === u || b === v) continue;
      const [bx, by] = this.point(b);
      const crossesLine = side(ux, uy, vx, vy, ax, ay) > 0 !== side(ux, uy, vx, vy, bx, by) > 0;
      if (crossesLine && side(ax, ay, bx, by, ux, uy) > 0 !== side(ax, ay, bx, by, vx, vy) > 0) return false;
    }
    return true;
  }

  /**
   * Gives a sliver to the neighbour it shares most of its boundary with, other than the outside. Returns that
   * neighbour, or -1 when there is none. The face is gone afterwards: its `start` is -1.
   */
  dissolve(face: number): number {
    const cycle = this.cycle(face);
    const first = cycle.findIndex((e) => this.face[e ^ 1] !== this.face[(this.previous[e] as number) ^ 1]);
    if (first < 0) return -1;
    const turned = [...cycle.slice(first), ...cycle.slice(0, first)];
    let best: number[] = [];
    let bestLength = 0;
    for (let i = 0; i < turned.length;) {
      const neighbour = this.face[(turned[i] as number) ^ 1] as number;
      const run: number[] = [];
      let length = 0;
      do {
        const e = turned[i] as number;
        run.push(e);
        const [a, b] = [this.point(this.origin[e] as number), this.point(this.origin[e ^ 1] as number)];
        length += Math.hypot(b[0] - a[0], b[1] - a[1]);
        i += 1;
        // Only a chain without side branches can go.
      } while (i < turned.length && this.next[(turned[i] as number) ^ 1] === ((turned[i - 1] as number) ^ 1));
      if (neighbour > 0 && length > bestLength) {
        best = run;
        bestLength = length;
      }
    }
    if (best.length === 0 || best.length === cycle.length) return -1;
    const [head, tail] = [best[0] as number, best.at(-1) as number];
    const neighbour = this.face[head ^ 1] as number;
    const before = this.previous[head] as number;
    const after = this.next[tail] as number;
    const beforeThere = this.previous[tail ^ 1] as number;
    const afterThere = this.next[head ^ 1] as number;
    this.next[before] = afterThere;
    this.previous[afterThere] = before;
    this.next[beforeThere] = after;
    this.previous[after] = beforeThere;
    for (const e of cycle) this.face[e] = neighbour;
    for (const e of best) {
      this.face[e] = -1;
      this.face[e ^ 1] = -1;
    }
    this.start[neighbour] = after;
    this.start[face] = -1;
    return neighbour;
  }

  /** The half-edge of the same face that starts at position `s` (0 to 1) of an edge, made when there is none. */
  private halfEdgeAt(edge: number, s: number, snap: number): number {
    const [ax, ay] = this.point(this.origin[edge] as number);
    const [bx, by] = this.point(this.origin[edge ^ 1] as number);
    const length = Math.hypot(bx - ax, by - ay);
    if (s * length < snap) return edge;
    if ((1 - s) * length < snap) return this.next[edge] as number;
    this.splitEdge(edge, ax + (bx - ax) * s, ay + (by - ay) * s);
    return this.next[edge] as number;
  }

  /** Outer ring and holes of a face: where its boundary passes a vertex twice it falls into several rings. */
  faceRings(face: number): Point[][] {
    return splitAtRepeats(this.cycle(face).map((e) => this.origin[e] as number))
      .map((ring) => ring.map((v) => this.point(v)))
      .toSorted((p, q) => ringArea(q) - ringArea(p));
  }

  /** Outlines of merged faces: `region[face]` says which region a face belongs to, -1 for none. */
  regionRings(region: Int32Array, count: number): Point[][][] {
    const rings: Point[][][] = Array.from({ length: count }, () => []);
    const seen = new Uint8Array(this.origin.length);
    const regionOf = (e: number): number => region[this.face[e] as number] ?? -1;
    for (let e = 0; e < this.origin.length; e++) {
      if (seen[e] || (this.face[e] as number) < 0) continue;
      const id = regionOf(e);
      if (id < 0 || regionOf(e ^ 1) === id) continue;
      const path: number[] = [];
      let k = e;
      do {
        seen[k] = 1;
        path.push(this.origin[k] as number);
        k = this.next[k] as number;
        while (regionOf(k ^ 1) === id) k = this.next[k ^ 1] as number;
      } while (k !== e);
      for (const simple of splitAtRepeats(path)) rings[id]?.push(simple.map((v) => this.point(v)));
    }
    return rings;
  }
}

/** Positive when a point lies left of the line from a to b. */
function side(ax: number, ay: number, bx: number, by: number, x: number, y: number): number {
  return (bx - ax) * (y - ay) - (by - ay) * (x - ax);
}

/** A closed walk that passes a vertex twice becomes two rings that touch there. */
function splitAtRepeats(path: readonly number[]): number[][] {
  const rings: number[][] = [];
  const stack: number[] = [];
  const position = new Map<number, number>();
  for (const v of path) {
    const first = position.get(v);
    if (first !== undefined) {
      const loop = stack.splice(first);
      for (const w of loop) position.delete(w);
      if (loop.length >= 3) rings.push(loop);
    }
    position.set(v, stack.length);
    stack.push(v);
  }
  if (stack.length >= 3) rings.push(stack);
  return rings;
}

/** Cuts all segments at their crossings; vertices are appended to `xs`, `ys`; edges come out once each. */
function nodeSegments(
  lines: readonly LabelledLine[],
  snap: number,
  xs: number[],
  ys: number[],
): [number, number, number][] {
  const segments: { a: Point; b: Point; label: number; cuts: number[] }[] = [];
  for (const line of lines) {
    for (let i = 1; i < line.points.length; i++) {
      segments.push({ a: line.points[i - 1] as Point, b: line.points[i] as Point, label: line.label, cuts: [0, 1] });
    }
  }
  const order = segments.toSorted((p, q) => Math.min(p.a[0], p.b[0]) - Math.min(q.a[0], q.b[0]));
  for (let i = 0; i < order.length; i++) {
    const p = order[i] as (typeof segments)[number];
    const right = Math.max(p.a[0], p.b[0]);
    for (let j = i + 1; j < order.length; j++) {
      const q = order[j] as (typeof segments)[number];
      if (Math.min(q.a[0], q.b[0]) > right) break;
      if (Math.max(p.a[1], p.b[1]) < Math.min(q.a[1], q.b[1]) || Math.max(q.a[1], q.b[1]) < Math.min(p.a[1], p.b[1])) {
        continue;
      }
      const rx = p.b[0] - p.a[0];
      const ry = p.b[1] - p.a[1];
      const sx = q.b[0] - q.a[0];
      const sy = q.b[1] - q.a[1];
      const cross = rx * sy - ry * sx;
      if (Math.abs(cross) < 1e-9) continue;
      const t = ((q.a[0] - p.a[0]) * sy - (q.a[1] - p.a[1]) * sx) / cross;
      const u = ((q.a[0] - p.a[0]) * ry - (q.a[1] - p.a[1]) * rx) / cross;
      if (t < 0 || t > 1 || u < 0 || u > 1) continue;
      p.cuts.push(t);
      q.cuts.push(u);
    }
  }
  const buckets = new Map<string, number[]>();
  const vertexAt = (x: number, y: number): number => {
    const i = Math.floor(x / snap);
    const j = Math.floor(y / snap);
    for (let di = -1; di <= 1; di++) {
      for (let dj = -1; dj <= 1; dj++) {
        for (const v of buckets.get(`${i + di},${j + dj}`) ?? []) {
          if (Math.hypot((xs[v] as number) - x, (ys[v] as number) - y) < snap) return v;
        }
      }
    }
    const v = xs.length;
    xs.push(x);
    ys.push(y);
    const key = `${i},${j}`;
    const list = buckets.get(key);
    if (list) list.push(v);
    else buckets.set(key, [v]);
    return v;
  };
  const edges: [number, number, number][] = [];
  const known = new Set<string>();
  for (const { a, b, label, cuts } of segments) {
    cuts.sort((p, q) => p - q);
    let from = -1;
    for (const t of cuts) {
      const to = vertexAt(a[0] + (b[0] - a[0]) * t, a[1] + (b[1] - a[1]) * t);
      const key = from < to ? `${from}-${to}` : `${to}-${from}`;
      if (from >= 0 && from !== to && !known.has(key)) {
        known.add(key);
        edges.push([from, to, label]);
      }
      from = to;
    }
  }
  return edges;
}
