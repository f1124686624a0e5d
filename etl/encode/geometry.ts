import type { Position } from 'geojson';

/** Geometry as the tables store it: one point, or the parts of a multi-geometry, WGS 84 degrees. */
export type StoredGeometry =
  | { kind: 'point'; lon: number; lat: number }
  | { kind: 'line'; lines: Position[][] }
  | { kind: 'polygon'; polygons: Position[][][] };

const SRID_FLAG = 0x20000000;

/** EWKB (little endian, SRID 4326) of a multi-line or multi-polygon. Points are written by `BinaryRows.point`. */
export function ewkb(geometry: Exclude<StoredGeometry, { kind: 'point' }>): Buffer {
  const parts = geometry.kind === 'line' ? geometry.lines.map((line) => [line]) : geometry.polygons;
  const isPolygon = geometry.kind === 'polygon';
  let size = 13;
  for (const rings of parts) {
    size += 5 + (isPolygon ? 4 : 0);
    for (const ring of rings) size += 4 + ring.length * 16;
  }
  const buffer = Buffer.allocUnsafe(size);
  let at = 0;
  const head = (type: number): void => {
    buffer[at] = 1;
    at = buffer.writeUInt32LE(type, at + 1);
  };
  head((isPolygon ? 6 : 5) | SRID_FLAG);
  at = buffer.writeUInt32LE(4326, at);
  at = buffer.writeUInt32LE(parts.length, at);
  for (const rings of parts) {
    head(isPolygon ? 3 : 2);
    if (isPolygon) at = buffer.writeUInt32LE(rings.length, at);
    for (const ring of rings) {
      at = buffer.writeUInt32LE(ring.length, at);
      for (const position of ring) {
        at = buffer.writeDoubleLE(position[0] as number, at);
        at = buffer.writeDoubleLE(position[1] as number, at);
      }
    }
  }
  return buffer;
}
