import type { Ring } from './predicate.ts';

const POLYGON = 3;
const MULTIPOLYGON_WITH_SRID = 0x20000006;

/** Polygons (EPSG:4326) as one multipolygon in hexadecimal EWKB: the exact coordinates, ready for `::geometry`. */
export function polygonsToEwkb(polygons: readonly (readonly Ring[])[]): string {
  let size = 1 + 4 + 4 + 4;
  for (const rings of polygons) size += rings.reduce((sum, ring) => sum + 4 + ring.length * 16, 1 + 4 + 4);
  const buffer = Buffer.alloc(size);
  let offset = buffer.writeUInt8(1, 0);
  offset = buffer.writeUInt32LE(MULTIPOLYGON_WITH_SRID, offset);
  offset = buffer.writeUInt32LE(4326, offset);
  offset = buffer.writeUInt32LE(polygons.length, offset);
  for (const rings of polygons) {
    offset = buffer.writeUInt8(1, offset);
    offset = buffer.writeUInt32LE(POLYGON, offset);
    offset = buffer.writeUInt32LE(rings.length, offset);
    for (const ring of rings) {
      offset = buffer.writeUInt32LE(ring.length, offset);
      for (const [lon, lat] of ring) {
        offset = buffer.writeDoubleLE(lon, offset);
        offset = buffer.writeDoubleLE(lat, offset);
      }
    }
  }
  return buffer.toString('hex');
}
