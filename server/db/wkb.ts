type Rings = [number, number][][];

/** A (multi)polygon in little-endian WKB (`st_asbinary(geom, 'NDR')`), two dimensions: its polygons, each a list of rings. */
export function polygonsOfWkb(wkb: Uint8Array): Rings[] {
  const view = new DataView(wkb.buffer, wkb.byteOffset, wkb.byteLength);
  const polygons: Rings[] = [];
  let at = 0;
  const uint32 = (): number => {
    at += 4;
    return view.getUint32(at - 4, true);
  };
  const geometry = (): void => {
    if (view.getUint8(at) !== 1) throw new Error('WKB is not little-endian');
    at += 1;
    const type = uint32();
    if (type === 6) {
      for (let n = uint32(); n > 0; n--) geometry();
    } else if (type === 3) {
      const rings: Rings = [];
      for (let n = uint32(); n > 0; n--) {
        const ring: [number, number][] = [];
        for (let points = uint32(); points > 0; points--) {
          ring.push([view.getFloat64(at, true), view.getFloat64(at + 8, true)]);
          at += 16;
        }
        rings.push(ring);
      }
      // POLYGON EMPTY has no ring.
      if (rings.length > 0) polygons.push(rings);
    } else {
      throw new Error(`WKB type ${type} is not a polygon`);
    }
  };
  geometry();
  return polygons;
}

/** The rings of all polygons, outer rings and holes alike. */
export function ringsOfWkb(wkb: Uint8Array): number[][][] {
  return polygonsOfWkb(wkb).flat();
}
