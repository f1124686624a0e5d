/** Width of the world at zoom 30, pixels. */
const WORLD = 2 ** 30;

/** World pixel column at zoom 30 (0 .. 2^30-1) of a longitude in degrees. */
export function worldX(lon: number): number {
  return clamp(Math.floor((lon / 360 + 0.5) * WORLD));
}

/** World pixel row at zoom 30 (0 = north) of a latitude in degrees; beyond 85.05° the first or last row. */
export function worldY(lat: number): number {
  const sine = Math.sin((lat * Math.PI) / 180);
  if (sine >= 1) return 0;
  if (sine <= -1) return WORLD - 1;
  return clamp(Math.floor((0.5 - Math.log((1 + sine) / (1 - sine)) / (4 * Math.PI)) * WORLD));
}

function clamp(pixel: number): number {
  return Math.min(WORLD - 1, Math.max(0, pixel));
}

/** Morton key at zoom 22 (44 bits) of a world pixel at zoom 30: x in the even bits, y in the odd ones. */
export function mortonKey(mx: number, my: number): number {
  const x = mx >>> 8;
  const y = my >>> 8;
  const low = (spread16(x & 0xffff) | (spread16(y & 0xffff) << 1)) >>> 0;
  const high = spread16(x >>> 16) | (spread16(y >>> 16) << 1);
  return high * 0x1_0000_0000 + low;
}

/** The 16 bits of a number, each moved to twice its place. */
function spread16(value: number): number {
  let v = value;
  v = (v | (v << 8)) & 0x00ff00ff;
  v = (v | (v << 4)) & 0x0f0f0f0f;
  v = (v | (v << 2)) & 0x33333333;
  v = (v | (v << 1)) & 0x55555555;
  return v;
}
