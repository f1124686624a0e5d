import { type ProtobufWriter, putSigned, putVarint } from './protobuf.ts';
import { simplifyPath } from './simplify-path.ts';
import { EXTENT } from './mvt.ts';
import { BUFFER, type TileFrame } from './tile.ts';

export type ShapeKind = 'line' | 'polygon';

const MOVE_TO = 1;
const LINE_TO = 2;
const CLOSE_PATH = 15;
/** Most bytes of a position's two differences. */
const LONGEST_STEP = 10;
const WKB = { line: 2, polygon: 3, multiLine: 5, multiPolygon: 6, collection: 7 } as const;

const BYTES_PER_POSITION = 16;
/** Where lines are cut off, tile units. */
const NEAREST = -BUFFER;
const FURTHEST = EXTENT + BUFFER;

/** Side of the square drawn for a polygon too small to have an area in its tile: one pixel of a 512 px tile. */
const SMALLEST_SQUARE = 8;

/** The path that is being read, in tile units; used again for each tile, as one is done before the next begins. */
const path = { xs: new Int32Array(512), ys: new Int32Array(512) };

/**
 * Turns shapes into the drawing commands of a tile: from little-endian WKB in metres of EPSG:3857, one after another in
 * one buffer (or beginning at `starts`), to whole tile units, y down. Positions that fall together are drawn once, and outlines are simplified by
 * `tolerance` tile units (0: not at all). Lines are cut off where the buffer around the tile ends; polygons come clipped.
 * Doing this here costs a fraction of what it costs the database.
 */
export class ShapeEncoder {
  private readonly view: DataView;
  private readonly frame: TileFrame;
  readonly kind: ShapeKind;
  private readonly tolerance: number;
  /** Where shapes begin that do not follow one another. */
  private readonly starts: Int32Array | null;
  private drawn = 0;
  private offset = 0;
  /** Positions of the path that is being read: the first so many of `xs` and `ys`. */
  private count = 0;
  /** Where drawing stands. */
  private x = 0;
  private y = 0;
  private isDrawn = false;
  /** First position of the shape, in tile units. */
  private first: { x: number; y: number } | null = null;

  constructor(wkb: Buffer, frame: TileFrame, kind: ShapeKind, tolerance: number, starts: Int32Array | null = null) {
    this.starts = starts;
    this.view = new DataView(wkb.buffer, wkb.byteOffset, wkb.byteLength);
    this.frame = frame;
    this.kind = kind;
    this.tolerance = tolerance;
  }

  /** Writes the commands of the next shape; nothing when nothing of it is left in the tile. */
  next(commands: ProtobufWriter): void {
    this.x = 0;
    this.y = 0;
    this.isDrawn = false;
    this.first = null;
    if (this.starts !== null) this.offset = this.starts[this.drawn++] as number;
    this.shape(commands);
    this.square(commands);
  }

  /** A polygon of which nothing could be drawn is drawn as a square, so that it is not lost. */
  private square(commands: ProtobufWriter): void {
    if (this.kind === 'polygon' && !this.isDrawn && this.first !== null) {
      const { x, y } = this.first;
      const half = SMALLEST_SQUARE / 2;
      path.xs.set([x - half, x + half, x + half, x - half]);
      path.ys.set([y - half, y - half, y + half, y + half]);
      this.count = 4;
      this.draw(commands, false);
      commands.varint(CLOSE_PATH);
    }
  }

  private shape(commands: ProtobufWriter): void {
    const isLittleEndian = this.view.getUint8(this.offset) === 1;
    const type = this.view.getUint32(this.offset + 1, true);
    if (!isLittleEndian || type > WKB.collection) throw new Error(`WKB of type ${type} in a tile`);
    this.offset += 5;
    switch (type) {
      case WKB.line:
        this.line(commands);
        break;
      case WKB.polygon:
        this.polygon(commands);
        break;
      case WKB.multiLine:
      case WKB.multiPolygon:
      // Clipping at a corner may leave a point or a line beside the polygons; only the layer's own kind is drawn.
      case WKB.collection:
        for (let parts = this.length(); parts > 0; parts -= 1) this.shape(commands);
        break;
      default:
        this.skipPoints(type);
    }
  }

  private length(): number {
    const count = this.view.getUint32(this.offset, true);
    this.offset += 4;
    return count;
  }

  /** A point (type 1) or several (type 4). */
  private skipPoints(type: number): void {
    if (type === 1) this.offset += BYTES_PER_POSITION;
    else for (let parts = this.length(); parts > 0; parts -= 1) this.offset += 21;
  }

  /** Draws what of a line lies in the tile and its buffer, each part of it a path of its own. */
  private line(commands: ProtobufWriter): void {
    const size = this.length();
    let { offset } = this;
    this.offset = offset + size * BYTES_PER_POSITION;
    if (this.kind !== 'line' || size === 0) return;
    makeRoom(size);
    const { view } = this;
    const { xs, ys } = path;
    const { west, north, perMetre } = this.frame;
    let count = 0;
    let x = 0;
    let y = 0;
    let isWithin = false;
    // Without calls for what lies within: each would make objects of its numbers.
    for (let i = 0; i < size; i += 1) {
      const nextX = (view.getFloat64(offset, true) - west) * perMetre;
      const nextY = (north - view.getFloat64(offset + 8, true)) * perMetre;
      offset += BYTES_PER_POSITION;
      const isNextWithin = nextX >= NEAREST && nextX <= FURTHEST && nextY >= NEAREST && nextY <= FURTHEST;
      if (isNextWithin && (isWithin || i === 0)) {
        const unitX = Math.round(nextX);
        const unitY = Math.round(nextY);
        if (count === 0 || xs[count - 1] !== unitX || ys[count - 1] !== unitY) {
          xs[count] = unitX;
          ys[count] = unitY;
          count += 1;
        }
      } else if (i > 0) {
        this.count = count;
        this.addPart(x, y, nextX, nextY, isWithin, isNextWithin);
        if (!isNextWithin) this.drawLine(commands);
        count = this.count;
      }
      x = nextX;
      y = nextY;
      isWithin = isNextWithin;
    }
    this.count = count;
    this.drawLine(commands);
  }

  /** Adds what of a straight piece lies in the tile and its buffer, which one of its ends at least does not (Liang and Barsky). */
  private addPart(ax: number, ay: number, bx: number, by: number, isFrom: boolean, isTo: boolean): void {
    const dx = bx - ax;
    const dy = by - ay;
    let from = 0;
    let to = 1;
    for (let side = 0; side < 4; side += 1) {
      const slope = side < 2 ? (side === 0 ? -dx : dx) : side === 2 ? -dy : dy;
      const room = side < 2 ? (side === 0 ? ax - NEAREST : FURTHEST - ax) : side === 2 ? ay - NEAREST : FURTHEST - ay;
      if (slope === 0) {
        if (room < 0) return;
        continue;
      }
      const at = room / slope;
      if (slope < 0) from = Math.max(from, at);
      else to = Math.min(to, at);
    }
    if (from > to) return;
    if (!isFrom) this.add(ax + dx * from, ay + dy * from);
    if (isTo) this.add(bx, by);
    else this.add(ax + dx * to, ay + dy * to);
  }

  /** Adds a position to the path, in whole units; those that fall together count once. */
  private add(x: number, y: number): void {
    const { count } = this;
    const { xs, ys } = path;
    const unitX = Math.round(x);
    const unitY = Math.round(y);
    if (count > 0 && xs[count - 1] === unitX && ys[count - 1] === unitY) return;
    xs[count] = unitX;
    ys[count] = unitY;
    this.count = count + 1;
  }

  /** Draws the path as a line and begins another. */
  private drawLine(commands: ProtobufWriter): void {
    if (this.count >= 2) {
      this.count = simplifyPath(path.xs, path.ys, this.count, this.tolerance, false);
      this.draw(commands, false);
    }
    this.count = 0;
  }

  private polygon(commands: ProtobufWriter): void {
    const rings = this.length();
    let outerArea = 0;
    for (let ring = 0; ring < rings; ring += 1) {
      this.readRing();
      if (this.kind !== 'polygon') continue;
      if (this.count > 0) this.first ??= { x: path.xs[0] as number, y: path.ys[0] as number };
      const isOuter = ring === 0;
      this.count = simplifyPath(path.xs, path.ys, this.count, this.tolerance, true);
      const area = this.count < 3 ? 0 : this.doubleArea();
      if (isOuter) outerArea = Math.abs(area);
      // A hole of a collapsed ring is dropped with it, and one that rounding made as large as its ring would leave nothing.
      if (area === 0 || (isOuter ? outerArea === 0 : Math.abs(area) >= outerArea)) continue;
      // Outer rings have positive area, holes negative.
      this.draw(commands, isOuter ? area < 0 : area > 0);
      commands.varint(CLOSE_PATH);
      this.isDrawn = true;
    }
  }

  /** Reads a list of positions; those that fall together count once, and the last, which repeats the first, goes. */
  private readRing(): void {
    const size = this.length();
    makeRoom(size);
    const { view } = this;
    const { xs, ys } = path;
    const { west, north, perMetre } = this.frame;
    let { offset } = this;
    let count = 0;
    let lastX = 0;
    let lastY = 0;
    for (let i = 0; i < size; i += 1) {
      const x = Math.round((view.getFloat64(offset, true) - west) * perMetre);
      const y = Math.round((north - view.getFloat64(offset + 8, true)) * perMetre);
      offset += BYTES_PER_POSITION;
      if (count > 0 && x === lastX && y === lastY) continue;
      xs[count] = x;
      ys[count] = y;
      count += 1;
      lastX = x;
      lastY = y;
    }
    this.offset = offset;
    if (count > 1 && xs[0] === lastX && ys[0] === lastY) count -= 1;
    this.count = count;
  }

  /** Twice the area of the path by the surveyor's formula; positive when it runs clockwise on a screen (y down). */
  private doubleArea(): number {
    const { count } = this;
    const { xs, ys } = path;
    let area = 0;
    for (let i = 0, j = count - 1; i < count; j = i, i += 1) {
      area += (xs[j] as number) * (ys[i] as number) - (xs[i] as number) * (ys[j] as number);
    }
    return area;
  }

  private draw(commands: ProtobufWriter, isReversed: boolean): void {
    const { count } = this;
    const { xs, ys } = path;
    let { x, y } = this;
    const buffer = commands.reserve((count + 1) * LONGEST_STEP);
    let at = commands.length;
    for (let i = 0; i < count; i += 1) {
      const from = isReversed ? count - 1 - i : i;
      if (i === 0) buffer[at++] = (1 << 3) | MOVE_TO;
      else if (i === 1) at = putVarint(buffer, at, (count - 1) * 8 + LINE_TO);
      const nextX = xs[from] as number;
      const nextY = ys[from] as number;
      at = putSigned(buffer, at, nextX - x);
      at = putSigned(buffer, at, nextY - y);
      x = nextX;
      y = nextY;
    }
    commands.length = at;
    this.x = x;
    this.y = y;
  }
}

function makeRoom(positions: number): void {
  if (positions <= path.xs.length) return;
  path.xs = new Int32Array(positions * 2);
  path.ys = new Int32Array(positions * 2);
}
