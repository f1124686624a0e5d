import type { ProtobufWriter } from './protobuf.ts';

export type ShapeKind = 'line' | 'polygon';

const MOVE_TO = 1;
const LINE_TO = 2;
const CLOSE_PATH = 15;
const TWKB = { line: 2, polygon: 3, multiLine: 5, multiPolygon: 6, collection: 7 } as const;
const HAS_BOX = 1;
const HAS_SIZE = 2;
const HAS_IDS = 4;
const HAS_EXTRA_DIMENSIONS = 8;
const IS_EMPTY = 16;

/** Side of the square drawn for a polygon too small to have an area in its tile: one pixel of a 512 px tile. */
const SMALLEST_SQUARE = 8;

class TwkbReader {
  private readonly buffer: Buffer;
  private offset = 0;
  /** Coordinates are differences to the position before, through the whole geometry. */
  x = 0;
  y = 0;

  constructor(buffer: Buffer) {
    this.buffer = buffer;
  }

  byte(): number {
    return this.buffer[this.offset++] ?? 0;
  }

  unsigned(): number {
    let result = 0;
    let scale = 1;
    for (;;) {
      const byte = this.byte();
      result += (byte & 127) * scale;
      if (byte < 128) return result;
      scale *= 128;
    }
  }

  signed(): number {
    const value = this.unsigned();
    return value % 2 === 0 ? value / 2 : -(value + 1) / 2;
  }

  /** A list of positions; repeated positions are left out. */
  positions(): number[] {
    const count = this.unsigned();
    const list: number[] = [];
    for (let i = 0; i < count; i++) {
      const dx = this.signed();
      const dy = this.signed();
      this.x += dx;
      this.y += dy;
      if (i === 0 || dx !== 0 || dy !== 0) list.push(this.x, this.y);
    }
    return list;
  }
}

/** The paths of a TWKB geometry: for polygons each is a list of rings, for lines a list of one. */
function readPaths(reader: TwkbReader, kind: ShapeKind): number[][][] {
  const type = reader.byte() & 15;
  const flags = reader.byte();
  if ((flags & (HAS_BOX | HAS_IDS | HAS_EXTRA_DIMENSIONS)) !== 0) throw new Error(`TWKB with flags ${flags}`);
  if ((flags & IS_EMPTY) !== 0) return [];
  if ((flags & HAS_SIZE) !== 0) reader.unsigned();
  const rings = () => Array.from({ length: reader.unsigned() }, () => reader.positions());
  switch (type) {
    case TWKB.line:
      return kind === 'line' ? [[reader.positions()]] : [];
    case TWKB.polygon:
      return kind === 'polygon' ? [rings()] : [];
    case TWKB.multiLine:
      return kind === 'line' ? Array.from({ length: reader.unsigned() }, () => [reader.positions()]) : [];
    case TWKB.multiPolygon:
      return kind === 'polygon' ? Array.from({ length: reader.unsigned() }, rings) : [];
    case TWKB.collection: {
      // Clipping at a corner may leave a point or a line beside the polygons; only the layer's own kind is drawn.
      const paths: number[][][] = [];
      const count = reader.unsigned();
      for (let i = 0; i < count; i++) {
        reader.x = 0;
        reader.y = 0;
        paths.push(...readPaths(reader, kind));
      }
      return paths;
    }
    default:
      return [];
  }
}

/** Twice the area of a ring by the surveyor's formula; positive when it runs clockwise on a screen (y down). */
function doubleArea(ring: readonly number[]): number {
  let area = 0;
  for (let i = 0, j = ring.length - 2; i < ring.length; j = i, i += 2) {
    area += (ring[j] as number) * (ring[i + 1] as number) - (ring[i] as number) * (ring[j + 1] as number);
  }
  return area;
}

function square(positions: readonly number[]): number[] {
  const x = positions[0] ?? 0;
  const y = positions[1] ?? 0;
  const half = SMALLEST_SQUARE / 2;
  return [x - half, y - half, x + half, y - half, x + half, y + half, x - half, y + half];
}

/** Writes the drawing commands of a TWKB geometry; nothing when nothing of it is left in the tile. */
export function shapeCommands(shape: Buffer, kind: ShapeKind, commands: ProtobufWriter): void {
  let x = 0;
  let y = 0;
  function path(positions: readonly number[], reversed: boolean): void {
    const count = positions.length / 2;
    for (let i = 0; i < count; i++) {
      const at = (reversed ? count - 1 - i : i) * 2;
      if (i === 0) commands.varint((1 << 3) | MOVE_TO);
      if (i === 1) commands.varint(((count - 1) << 3) | LINE_TO);
      const nextX = positions[at] as number;
      const nextY = positions[at + 1] as number;
      commands.signed(nextX - x);
      commands.signed(nextY - y);
      x = nextX;
      y = nextY;
    }
  }

  const paths = readPaths(new TwkbReader(shape), kind);
  if (kind === 'line') {
    for (const [line] of paths) if (line !== undefined && line.length >= 4) path(line, false);
    return;
  }
  let drawn = false;
  for (const rings of paths) {
    for (const [index, closed] of rings.entries()) {
      const isClosed = closed.length > 2 && closed[0] === closed.at(-2) && closed[1] === closed.at(-1);
      const ring = isClosed ? closed.slice(0, -2) : closed;
      const area = ring.length < 6 ? 0 : doubleArea(ring);
      if (area === 0) {
        // A hole of a collapsed ring is dropped with it.
        if (index === 0) break;
        continue;
      }
      // Outer rings have positive area, holes negative.
      path(ring, index === 0 ? area < 0 : area > 0);
      commands.varint(CLOSE_PATH);
      drawn = true;
    }
  }
  const first = paths[0]?.[0];
  if (!drawn && first !== undefined && first.length >= 2) {
    path(square(first), false);
    commands.varint(CLOSE_PATH);
  }
}
