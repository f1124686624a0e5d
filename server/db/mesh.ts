import { orient2d } from 'robust-predicates';
import type { Sql, TransactionSql } from './connect.ts';
import { ringsOfWkb } from './wkb.ts';

/** Raster cells along each side. */
const SIZE = 1024;
/** Edges are rasterised this much wider than they are, in raster cells: far above rounding, far below a cell. */
const MARGIN = 1e-6;

/** One cell of a mesh. */
export interface MeshCell {
  /** Micro-grid code: 12-digit community code, `W`, three digits. */
  code: string;
  /** All rings of the (multi)polygon, outer ones and holes alike: `[longitude, latitude]`, EPSG:4326, first = last point. */
  rings: readonly (readonly (readonly number[])[])[];
}

/** Finds the micro-grid of a place. Codes are sorted; `communities` and `towns` run parallel to `codes`. */
export interface GridMesh {
  readonly codes: readonly string[];
  /** 12-digit community code of each micro-grid. */
  readonly communities: readonly string[];
  /** 12-digit town code of each micro-grid. */
  readonly towns: readonly string[];
  /**
   * Index of the micro-grid that covers a point (EPSG:4326), or -1. Exact, with points on a shared edge or corner in the
   * micro-grid with the lowest code: what `min(code) where ST_Covers(geom, point)` answers.
   */
  locate(longitude: number, latitude: number): number;
  /** The mesh as data in shared memory, for `restoreMesh` in another thread. */
  readonly parts: MeshParts;
}

export interface MeshParts {
  codes: readonly string[];
  /** Edges of all shapes, see `Shape`, and the end of each shape's. */
  edges: Float64Array;
  ends: Uint32Array;
  /** See `Raster`. */
  cells: Int32Array;
  lists: Int32Array;
}

export function communityOfGrid(code: string): string {
  return code.slice(0, 12);
}

export function townOfGrid(code: string): string {
  return `${code.slice(0, 9)}000`;
}

/** The mesh of the live layer `governance_grid`; empty while it has never been loaded. */
export async function loadMesh(sql: Sql | TransactionSql): Promise<GridMesh> {
  const [table] = await sql`select to_regclass('layers.governance_grid') is not null as exists`;
  if (!table?.exists) return buildMesh([]);
  const rows = await sql<{ code: string; wkb: Buffer }[]>`
    select source_id as code, st_asbinary(geom, 'NDR') as wkb from layers.governance_grid where geom is not null`;
  return buildMesh(rows.map(({ code, wkb }) => ({ code, rings: ringsOfWkb(wkb) })));
}

/** Builds a mesh from polygons in memory. Gaps and overlaps are allowed; of several covering cells the lowest code wins. */
export function buildMesh(cells: readonly MeshCell[]): GridMesh {
  const sorted = cells.toSorted((a, b) => (a.code < b.code ? -1 : a.code > b.code ? 1 : 0));
  const codes = sorted.map((cell) => cell.code);
  const edges = sorted.map((cell) => edgesOf(cell.rings));
  const parts: MeshParts = { codes, ...joined(edges), cells: new Int32Array(), lists: new Int32Array() };
  const raster = new Raster(shapesOf(parts));
  parts.cells = raster.cells;
  parts.lists = raster.lists;
  return meshOf(parts, raster);
}

/** The mesh that another thread has built. */
export function restoreMesh(parts: MeshParts): GridMesh {
  return meshOf(parts, new Raster(shapesOf(parts), parts));
}

function meshOf(parts: MeshParts, raster: Raster): GridMesh {
  const { codes } = parts;
  return {
    codes,
    communities: codes.map(communityOfGrid),
    towns: codes.map(townOfGrid),
    locate: (longitude, latitude) => raster.locate(longitude, latitude),
    parts,
  };
}

function joined(all: readonly (readonly number[])[]): Pick<MeshParts, 'edges' | 'ends'> {
  const ends = new Uint32Array(new SharedArrayBuffer(all.length * 4));
  let end = 0;
  for (const [index, edges] of all.entries()) ends[index] = end += edges.length;
  const edges = new Float64Array(new SharedArrayBuffer(end * 8));
  for (const [index, own] of all.entries()) edges.set(own, (ends[index] as number) - own.length);
  return { edges, ends };
}

function shapesOf({ edges, ends }: MeshParts): Shape[] {
  return Array.from(ends, (end, index) => new Shape(edges.subarray(index === 0 ? 0 : ends[index - 1], end)));
}

/** x1, y1, x2, y2 of each edge. */
function edgesOf(rings: MeshCell['rings']): number[] {
  const edges: number[] = [];
  for (const ring of rings) {
    for (let i = 1; i < ring.length; i++) {
      const [x1 = Number.NaN, y1 = Number.NaN] = ring[i - 1]!;
      const [x2 = Number.NaN, y2 = Number.NaN] = ring[i]!;
      if (!Number.isFinite(x1 + y1 + x2 + y2)) throw new RangeError(`ring point ${i}: ${String(ring[i])} is no place`);
      edges.push(x1, y1, x2, y2);
    }
  }
  return edges;
}

/** A (multi)polygon as a list of edges. */
class Shape {
  /** x1, y1, x2, y2 of each edge. */
  readonly edges: Float64Array;
  minX = Infinity;
  minY = Infinity;
  maxX = -Infinity;
  maxY = -Infinity;

  constructor(edges: Float64Array) {
    this.edges = edges;
    for (let i = 0; i < edges.length; i += 2) {
      this.minX = Math.min(this.minX, edges[i]!);
      this.maxX = Math.max(this.maxX, edges[i]!);
      this.minY = Math.min(this.minY, edges[i + 1]!);
      this.maxY = Math.max(this.maxY, edges[i + 1]!);
    }
  }

  /** True inside and on the boundary. Even-odd over all rings, exact signs, so that neighbours agree on a shared edge. */
  covers(x: number, y: number): boolean {
    if (x < this.minX || x > this.maxX || y < this.minY || y > this.maxY) return false;
    const { edges } = this;
    let inside = false;
    for (let i = 0; i < edges.length; i += 4) {
      const y1 = edges[i + 1]!;
      const y2 = edges[i + 3]!;
      if (y1 > y !== y2 > y) {
        const side = orient2d(edges[i]!, y1, edges[i + 2]!, y2, x, y);
        if (side === 0) return true;
        if (side > 0 === y2 > y1) inside = !inside;
      } else if (y1 === y) {
        const x1 = edges[i]!;
        // On the first point, or on an edge along the parallel.
        if (x1 === x || (y2 === y && x1 > x !== edges[i + 2]! > x)) return true;
      }
    }
    return inside;
  }
}

/**
 * A raster over all shapes. Most of its cells lie in one shape as a whole and answer at once; the others hold the
 * list of shapes to test.
 */
class Raster {
  private readonly shapes: readonly Shape[];
  private readonly minX: number;
  private readonly minY: number;
  private readonly maxX: number;
  private readonly maxY: number;
  private readonly scaleX: number;
  private readonly scaleY: number;
  /** Shape that covers the whole raster cell, -1 for none, or -2 - k for the list that starts at `lists[k]`. */
  readonly cells: Int32Array;
  /** Lists of shape << 1 | (1 if the shape covers the whole raster cell), by rising shape, each ended by -1. */
  readonly lists: Int32Array;

  /** @param drawn what the same shapes have been drawn into before */
  constructor(shapes: readonly Shape[], drawn?: Pick<MeshParts, 'cells' | 'lists'>) {
    this.shapes = shapes;
    this.minX = Math.min(...shapes.map((shape) => shape.minX));
    this.minY = Math.min(...shapes.map((shape) => shape.minY));
    this.maxX = Math.max(...shapes.map((shape) => shape.maxX));
    this.maxY = Math.max(...shapes.map((shape) => shape.maxY));
    this.scaleX = SIZE / (this.maxX - this.minX || 1);
    this.scaleY = SIZE / (this.maxY - this.minY || 1);
    if (drawn) {
      this.cells = drawn.cells;
      this.lists = drawn.lists;
      return;
    }
    this.cells = new Int32Array(new SharedArrayBuffer(shapes.length > 0 ? SIZE * SIZE * 4 : 0)).fill(-1);
    const lists = new ShapeLists();
    for (const [index, shape] of shapes.entries()) this.draw(shape, index, lists);
    const { words, starts } = lists.flat();
    this.lists = words;
    for (let cell = 0; cell < this.cells.length; cell++) {
      const entry = this.cells[cell]!;
      if (entry < -1) this.cells[cell] = -2 - starts[-1 - entry]!;
    }
  }

  locate(x: number, y: number): number {
    // Also false for NaN.
    if (!(x >= this.minX && x <= this.maxX && y >= this.minY && y <= this.maxY)) return -1;
    const entry = this.cells[this.row(y) * SIZE + this.column(x)]!;
    if (entry >= -1) return entry;
    for (let i = -2 - entry; ; i++) {
      const candidate = this.lists[i]!;
      if (candidate < 0) return -1;
      if ((candidate & 1) === 1 || this.shapes[candidate >> 1]!.covers(x, y)) return candidate >> 1;
    }
  }

  private column(x: number): number {
    return Math.min(SIZE - 1, Math.floor((x - this.minX) * this.scaleX));
  }

  private row(y: number): number {
    return Math.min(SIZE - 1, Math.floor((y - this.minY) * this.scaleY));
  }

  /**
   * Enters a shape into the raster. Shapes come by rising code: after one that covers a cell as a whole none counts. While it is
   * drawn a cell with a list holds -1 minus the number of the list.
   */
  private draw(shape: Shape, index: number, lists: ShapeLists): void {
    if (shape.edges.length === 0) return;
    const left = this.column(shape.minX);
    const bottom = this.row(shape.minY);
    const width = this.column(shape.maxX) - left + 1;
    const height = this.row(shape.maxY) - bottom + 1;
    const marks = this.markEdges(shape, left, bottom, width, height);
    const { cells } = this;
    for (let row = 0; row < height; row++) {
      let inside = 0;
      for (let column = 0; column < width; column++) {
        const mark = marks[row * width + column]!;
        const onEdge = mark & ON_EDGE;
        inside ^= mark & FLIP;
        const cell = (bottom + row) * SIZE + left + column;
        const entry = cells[cell]!;
        if (entry >= 0 || (onEdge === 0 && inside === 0)) continue;
        if (onEdge === 0 && entry === -1) cells[cell] = index;
        else cells[cell] = -1 - lists.with(-1 - entry, (index << 1) | (onEdge === 0 ? 1 : 0));
      }
    }
  }

  /**
   * Marks the raster cells of the window that an edge of the shape passes through, `ON_EDGE`. A row is crossed halfway up by some
   * edges: from the cell behind such a crossing on, up to the next, all that no edge passes through are inside if they were outside
   * before, and the other way round, `FLIP`. No crossing lies in a cell that is not on an edge, so that its rounding does not matter.
   */
  private markEdges(shape: Shape, left: number, bottom: number, width: number, height: number): Uint8Array {
    const marks = new Uint8Array(width * height);
    const { minX, minY, scaleX, scaleY } = this;
    const { edges } = shape;
    for (let i = 0; i < edges.length; i += 4) {
      const x1 = (edges[i]! - minX) * scaleX - left;
      const y1 = (edges[i + 1]! - minY) * scaleY - bottom;
      const x2 = (edges[i + 2]! - minX) * scaleX - left;
      const y2 = (edges[i + 3]! - minY) * scaleY - bottom;
      const last = clampTo(height, Math.max(y1, y2) + MARGIN);
      for (let row = clampTo(height, Math.min(y1, y2) - MARGIN); row <= last; row++) {
        // The part of the edge within this row.
        const t1 = y1 === y2 ? 0 : clamp01((row - MARGIN - y1) / (y2 - y1));
        const t2 = y1 === y2 ? 1 : clamp01((row + 1 + MARGIN - y1) / (y2 - y1));
        const xa = x1 + (x2 - x1) * t1;
        const xb = x1 + (x2 - x1) * t2;
        const end = clampTo(width, Math.max(xa, xb) + MARGIN);
        for (let column = clampTo(width, Math.min(xa, xb) - MARGIN); column <= end; column++)
          marks[row * width + column]! |= ON_EDGE;
        const middle = row + 0.5;
        if (y1 > middle === y2 > middle) continue;
        const behind = clampTo(width, x1 + ((x2 - x1) * (middle - y1)) / (y2 - y1)) + 1;
        if (behind < width) marks[row * width + behind]! ^= FLIP;
      }
    }
    return marks;
  }
}

/** Bits of a raster cell while a shape is drawn, see `markEdges`. */
const ON_EDGE = 1;
const FLIP = 2;

/** Lists of numbers, each kept once: a list is told by the list it goes on from and its last number. Number 0 is the empty list. */
class ShapeLists {
  private readonly befores: number[] = [0];
  private readonly lasts: number[] = [-1];
  private readonly known = new Map<number, number>();

  /** The list that goes on from another with a number, unless that one ends with an odd one: no more is added to it. */
  with(list: number, last: number): number {
    if (list > 0 && (this.lasts[list]! & 1) === 1) return list;
    const key = list * 2 ** 26 + last;
    const known = this.known.get(key);
    if (known !== undefined) return known;
    this.befores.push(list);
    this.lasts.push(last);
    this.known.set(key, this.lasts.length - 1);
    return this.lasts.length - 1;
  }

  /** All lists one behind the other, each ended by -1, and where each begins. */
  flat(): { words: Int32Array; starts: Int32Array } {
    const words: number[] = [];
    const starts = Int32Array.from(this.lasts, (_, list) => {
      const start = words.length;
      const own: number[] = [];
      for (let at = list; at > 0; at = this.befores[at]!) own.push(this.lasts[at]!);
      words.push(...own.toReversed(), -1);
      return start;
    });
    return { words: Int32Array.from(words), starts };
  }
}

/** The raster cell of a window that a number of cells falls into, or the nearest. */
function clampTo(cells: number, at: number): number {
  return Math.max(0, Math.min(cells - 1, Math.floor(at)));
}

function clamp01(value: number): number {
  return value < 0 ? 0 : value > 1 ? 1 : value;
}
