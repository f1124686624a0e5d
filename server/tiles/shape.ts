import { type ProtobufWriter, putSigned, putVarint } from './protobuf.ts';
import { simplifyPath } from './simplify-path.ts';
import type { TileFrame } from './tile.ts';

export type ShapeKind = 'line' | 'polygon';

const MOVE_TO = 1;
const LINE_TO = 2;
const CLOSE_PATH = 15;
/** Most bytes of a position's two differences. */
const LONGEST_STEP = 10;
const WKB = { line: 2, polygon: 3, multiLine: 5, multiPolygon: 6, collection: 7 } as const;

/** Side of the square drawn for a polygon too small to have an area in its tile: one pixel of a 512 px tile. */
const SMALLEST_SQUARE = 8;

/**
 * Turns shapes into the drawing commands of a tile: from little-endian WKB in metres of EPSG:3857, one after another in
 * one buffer, to whole tile units, y down. Positions that fall together are drawn once, and outlines are simplified by
 * `tolerance` tile units (0: not at all). Doing this here costs a fraction of what it costs the database.
 */
export class ShapeEncoder {
  private readonly view: DataView;
  private readonly frame: TileFrame;
  readonly kind: ShapeKind;
  private readonly tolerance: number;
  private offset = 0;
  /** The path that is being read, in tile units. */
  private xs = new Int32Array(512);
  private ys = new Int32Array(512);
  private count = 0;
  /** Where drawing stands. */
  private x = 0;
  private y = 0;
  private isDrawn = false;
  /** First position of the shape, in tile units. */
  private first: { x: number; y: number } | null = null;

  constructor(wkb: Buffer, frame: TileFrame, kind: ShapeKind, tolerance: number) {
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
    this.shape(commands);
    this.square(commands);
  }

  /** A polygon of which nothing could be drawn is drawn as a square, so that it is not lost. */
  private square(commands: ProtobufWriter): void {
    if (this.kind === 'polygon' && !this.isDrawn && this.first !== null) {
      const { x, y } = this.first;
      const half = SMALLEST_SQUARE / 2;
      this.xs.set([x - half, x + half, x + half, x - half]);
      this.ys.set([y - half, y - half, y + half, y + half]);
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
    if (type === 1) this.offset += 16;
    else for (let parts = this.length(); parts > 0; parts -= 1) this.offset += 21;
  }

  private line(commands: ProtobufWriter): void {
    this.read(false);
    if (this.kind !== 'line') return;
    this.count = simplifyPath(this.xs, this.ys, this.count, this.tolerance, false);
    if (this.count >= 2) this.draw(commands, false);
  }

  private polygon(commands: ProtobufWriter): void {
    const rings = this.length();
    let outerArea = 0;
    for (let ring = 0; ring < rings; ring += 1) {
      this.read(true);
      if (this.kind !== 'polygon') continue;
      if (this.count > 0) this.first ??= { x: this.xs[0] as number, y: this.ys[0] as number };
      const isOuter = ring === 0;
      this.count = simplifyPath(this.xs, this.ys, this.count, this.tolerance, true);
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

  /** Reads a list of positions; those that fall together count once, and of a ring the last, which repeats the first, goes. */
  private read(isRing: boolean): void {
    const size = this.length();
    if (size > this.xs.length) {
      this.xs = new Int32Array(size * 2);
      this.ys = new Int32Array(size * 2);
    }
    const { view, xs, ys } = this;
    const { west, north, perMetre } = this.frame;
    let { offset } = this;
    let count = 0;
    let lastX = 0;
    let lastY = 0;
    for (let i = 0; i < size; i += 1) {
      const x = Math.round((view.getFloat64(offset, true) - west) * perMetre);
      const y = Math.round((north - view.getFloat64(offset + 8, true)) * perMetre);
      offset += 16;
      if (count > 0 && x === lastX && y === lastY) continue;
      xs[count] = x;
      ys[count] = y;
      count += 1;
      lastX = x;
      lastY = y;
    }
    this.offset = offset;
    if (isRing && count > 1 && xs[0] === lastX && ys[0] === lastY) count -= 1;
    this.count = count;
  }

  /** Twice the area of the path by the surveyor's formula; positive when it runs clockwise on a screen (y down). */
  private doubleArea(): number {
    const { xs, ys, count } = this;
    let area = 0;
    for (let i = 0, j = count - 1; i < count; j = i, i += 1) {
      area += (xs[j] as number) * (ys[i] as number) - (xs[i] as number) * (ys[j] as number);
    }
    return area;
  }

  private draw(commands: ProtobufWriter, isReversed: boolean): void {
    const { xs, ys, count } = this;
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
