import type { Ring } from './predicate.ts';

const POLYGON_WITH_SRID = 0x20000003;

/** A polygon (EPSG:4326) as hexadecimal EWKB: the exact coordinates, ready for `::geometry`. */
export function polygonToEwkb(rings: readonly Ring[]): string {
  const size = 1 + 4 + 4 + 4 + rings.reduce((sum, ring) => sum + 4 + ring.length * 16, 0);
  const buffer = Buffer.alloc(size);
  let offset = buffer.writeUInt8(1, 0);
  offset = buffer.writeUInt32LE(POLYGON_WITH_SRID, offset);
  offset = buffer.writeUInt32LE(4326, offset);
  offset = buffer.writeUInt32LE(rings.length, offset);
  for (const ring of rings) {
    offset = buffer.writeUInt32LE(ring.length, offset);
    for (const [lon, lat] of ring) {
      offset = buffer.writeDoubleLE(lon, offset);
      offset = buffer.writeDoubleLE(lat, offset);
    }
  }
  return buffer.toString('hex');
}
