import type { DistancesTo } from './nearness.ts';

/** Side of a cell of the index, Mercator metres: some ten sides of buildings, or two of roads, lie in one. */
const CELL = 100;
/** Most cells along each side of the index. */
const MOST_CELLS = 1024;
const RADIUS = 6_378_137;
const RADIANS = Math.PI / 180;

const POINT = 1;
const LINE = 2;
const POLYGON = 3;

/**
 * Distances to the nearest of many shapes, in memory: what `order by geom_3857 <-> place limit 1` finds, without a search in
 * the database for each of the thousands of places that are tried for one delivery.
 */
export class ShapeDistances {
  /** x1, y1, x2, y2 of each side of a shape, Mercator metres; a point is a side without length. */
  private readonly sides: Float64Array;
  /** First side of each polygon, and the end of the last; the sides of others stand behind them. */
  private readonly polygons: Uint32Array;
  private readonly minX: number;
  private readonly minY: number;
  private readonly cell: number;
  private readonly columns: number;
  private readonly rows: number;
  private readonly sidesIn: Lists;
  private readonly polygonsIn: Lists;

  /** @param wkb shapes in little-endian WKB, EPSG:3857, one behind the other */
  constructor(wkb: Uint8Array) {
    const { sides, polygons } = readSides(wkb);
    this.sides = sides;
    this.polygons = polygons;
    const box = extent(sides, 0, sides.length);
    this.minX = box.minX;
    this.minY = box.minY;
    this.cell = Math.max(CELL, Math.max(box.maxX - box.minX, box.maxY - box.minY) / MOST_CELLS);
    this.columns = sides.length === 0 ? 0 : Math.floor((box.maxX - box.minX) / this.cell) + 1;
    this.rows = sides.length === 0 ? 0 : Math.floor((box.maxY - box.minY) / this.cell) + 1;
    this.sidesIn = this.listsOf(sides.length / 4, (side) => [side * 4, side * 4 + 4]);
    this.polygonsIn = this.listsOf(Math.max(0, polygons.length - 1), (polygon) => [
      polygons[polygon] as number,
      polygons[polygon + 1] as number,
    ]);
  }

  /** Metres from each place (WGS 84 degrees) to the nearest shape; Infinity where there is none. */
  readonly distancesTo: DistancesTo = (places) =>
    Promise.resolve(
      places.map(
        ([lon, lat]) =>
          this.distance(RADIUS * lon * RADIANS, RADIUS * Math.log(Math.tan(Math.PI / 4 + (lat * RADIANS) / 2))) *
          Math.cos(lat * RADIANS),
      ),
    );

  /** Mercator metres from a place to the nearest shape. */
  private distance(x: number, y: number): number {
    if (this.columns === 0 || Number.isNaN(x + y)) return Infinity;
    const column = Math.floor((x - this.minX) / this.cell);
    const row = Math.floor((y - this.minY) / this.cell);
    if (this.isInside(x, y, column, row)) return 0;
    let nearest = Infinity;
    const first = Math.max(0, -column, column - this.columns + 1, -row, row - this.rows + 1);
    const last = Math.max(column, this.columns - 1 - column, row, this.rows - 1 - row);
    for (let ring = first; ring <= last; ring += 1) {
      // What lies in this ring of cells is at least as far away as the inner edge of the ring.
      if (nearest <= ((ring - 1) * this.cell) ** 2 && ring > 0) break;
      for (let r = Math.max(0, row - ring); r <= Math.min(this.rows - 1, row + ring); r += 1) {
        const isWhole = Math.abs(r - row) === ring;
        const step = isWhole || ring === 0 ? 1 : 2 * ring;
        for (let c = column - ring; c <= column + ring; c += step) {
          if (c >= 0 && c < this.columns) nearest = Math.min(nearest, this.nearestIn(r * this.columns + c, x, y));
        }
      }
    }
    return Math.sqrt(nearest);
  }

  /** Square of the distance to the nearest side in a cell. */
  private nearestIn(cell: number, x: number, y: number): number {
    const { sides, sidesIn } = this;
    let nearest = Infinity;
    for (let i = sidesIn.starts[cell] as number; i < (sidesIn.starts[cell + 1] as number); i += 1) {
      const at = (sidesIn.members[i] as number) * 4;
      const [ax, ay] = [sides[at] as number, sides[at + 1] as number];
      const [dx, dy] = [(sides[at + 2] as number) - ax, (sides[at + 3] as number) - ay];
      const length = dx * dx + dy * dy;
      const share = length === 0 ? 0 : Math.min(1, Math.max(0, ((x - ax) * dx + (y - ay) * dy) / length));
      nearest = Math.min(nearest, (ax + share * dx - x) ** 2 + (ay + share * dy - y) ** 2);
    }
    return nearest;
  }

  /** True in a polygon, but not in its holes. */
  private isInside(x: number, y: number, column: number, row: number): boolean {
    if (column < 0 || row < 0 || column >= this.columns || row >= this.rows) return false;
    const { sides, polygons, polygonsIn } = this;
    const cell = row * this.columns + column;
    for (let i = polygonsIn.starts[cell] as number; i < (polygonsIn.starts[cell + 1] as number); i += 1) {
      const polygon = polygonsIn.members[i] as number;
      let isInside = false;
      for (let at = polygons[polygon] as number; at < (polygons[polygon + 1] as number); at += 4) {
        const [ay, by] = [sides[at + 1] as number, sides[at + 3] as number];
        if (ay > y === by > y) continue;
        const [ax, bx] = [sides[at] as number, sides[at + 2] as number];
        if (x < ax + ((y - ay) / (by - ay)) * (bx - ax)) isInside = !isInside;
      }
      if (isInside) return true;
    }
    return false;
  }

  /** Which members touch each cell, by the extents of their sides. */
  private listsOf(count: number, rangeOf: (member: number) => readonly [number, number]): Lists {
    const { sides, columns } = this;
    const starts = new Uint32Array(columns * this.rows + 1);
    const each = (use: (cell: number, member: number) => void): void => {
      for (let member = 0; member < count; member += 1) {
        const box = extent(sides, ...rangeOf(member));
        const left = Math.floor((box.minX - this.minX) / this.cell);
        const right = Math.floor((box.maxX - this.minX) / this.cell);
        const top = Math.floor((box.maxY - this.minY) / this.cell);
        for (let row = Math.floor((box.minY - this.minY) / this.cell); row <= top; row += 1)
          for (let column = left; column <= right; column += 1) use(row * columns + column, member);
      }
    };
    each((cell) => (starts[cell + 1] = (starts[cell + 1] as number) + 1));
    for (let i = 1; i < starts.length; i += 1) starts[i] = (starts[i] as number) + (starts[i - 1] as number);
    const next = starts.slice();
    const members = new Uint32Array(starts.at(-1) as number);
    each((cell, member) => {
      members[next[cell] as number] = member;
      next[cell] = (next[cell] as number) + 1;
    });
    return { starts, members };
  }
}

/** Lists of members, one for each cell: from `starts[cell]` to `starts[cell + 1]`. */
interface Lists {
  starts: Uint32Array;
  members: Uint32Array;
}

function extent(
  sides: Float64Array,
  from: number,
  to: number,
): { minX: number; minY: number; maxX: number; maxY: number } {
  const box = { minX: Infinity, minY: Infinity, maxX: -Infinity, maxY: -Infinity };
  for (let at = from; at < to; at += 2) {
    const [x, y] = [sides[at] as number, sides[at + 1] as number];
    if (x < box.minX) box.minX = x;
    if (x > box.maxX) box.maxX = x;
    if (y < box.minY) box.minY = y;
    if (y > box.maxY) box.maxY = y;
  }
  return box;
}

/** Sides of points, lines, polygons and collections of them; those of polygons first, with the places where each begins. */
function readSides(wkb: Uint8Array): { sides: Float64Array; polygons: Uint32Array } {
  const view = new DataView(wkb.buffer, wkb.byteOffset, wkb.byteLength);
  const ofPolygons: number[] = [];
  const others: number[] = [];
  const polygons: number[] = [];
  let at = 0;
  const uint32 = (): number => {
    at += 4;
    return view.getUint32(at - 4, true);
  };
  const path = (points: number, target: number[]): void => {
    for (let i = 0; i < points; i += 1) {
      const [x, y] = [view.getFloat64(at, true), view.getFloat64(at + 8, true)];
      at += 16;
      // A side ends where the next one begins; a lone point is both.
      if (i > 0) target.push(x, y);
      if (i < points - 1 || points === 1) target.push(x, y);
      if (points === 1) target.push(x, y);
    }
  };
  const geometry = (): void => {
    if (view.getUint8(at) !== 1) throw new Error('WKB is not little-endian');
    at += 1;
    const type = uint32();
    if (type === POINT) path(1, others);
    else if (type === LINE) path(uint32(), others);
    else if (type === POLYGON) {
      polygons.push(ofPolygons.length);
      for (let rings = uint32(); rings > 0; rings -= 1) path(uint32(), ofPolygons);
    } else if (type >= 4 && type <= 7) for (let parts = uint32(); parts > 0; parts -= 1) geometry();
    else throw new Error(`WKB type ${type} is no shape in two dimensions`);
  };
  while (at < wkb.length) geometry();
  const sides = new Float64Array(ofPolygons.length + others.length);
  sides.set(ofPolygons);
  sides.set(others, ofPolygons.length);
  return { sides, polygons: Uint32Array.from([...polygons, ofPolygons.length]) };
}
