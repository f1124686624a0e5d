/**
 * GCJ-02, the displaced WGS 84 of Chinese web maps, by the published formula: the same numbers as the gcoord package,
 * which is the reference in the tests. Kept here because a load converts hundreds of thousands of points, and the
 * package spends most of its time on copying.
 */
const A = 6_378_245;
const EE = 0.006693421622965943;

/** Displacement found by `setShift`, degrees. */
const shift = { lon: 0, lat: 0 };

function setShift(lon: number, lat: number): void {
  const x = lon - 105;
  const y = lat - 35;
  const wave = (20 * Math.sin(6 * x * Math.PI) + 20 * Math.sin(2 * x * Math.PI)) * (2 / 3);
  const root = Math.sqrt(Math.abs(x));
  let dLat = -100 + 2 * x + 3 * y + 0.2 * y * y + 0.1 * x * y + 0.2 * root + wave;
  dLat += (20 * Math.sin(y * Math.PI) + 40 * Math.sin((y / 3) * Math.PI)) * (2 / 3);
  dLat += (160 * Math.sin((y / 12) * Math.PI) + 320 * Math.sin((y * Math.PI) / 30)) * (2 / 3);
  let dLon = 300 + x + 2 * y + 0.1 * x * x + 0.1 * x * y + 0.1 * root + wave;
  dLon += (20 * Math.sin(x * Math.PI) + 40 * Math.sin((x / 3) * Math.PI)) * (2 / 3);
  dLon += (150 * Math.sin((x / 12) * Math.PI) + 300 * Math.sin((x / 30) * Math.PI)) * (2 / 3);
  const radians = (lat / 180) * Math.PI;
  const sine = Math.sin(radians);
  const magic = 1 - EE * sine * sine;
  const rootMagic = Math.sqrt(magic);
  shift.lat = (dLat * 180) / (((A * (1 - EE)) / (magic * rootMagic)) * Math.PI);
  shift.lon = (dLon * 180) / ((A / rootMagic) * Math.cos(radians) * Math.PI);
}

/** Outside China GCJ-02 is WGS 84. */
function isInChina(lon: number, lat: number): boolean {
  return lon >= 72.004 && lon <= 137.8347 && lat >= 0.8293 && lat <= 55.8271;
}

/** GCJ-02 to WGS 84, degrees; exact to 10^-9 degrees by iteration. */
export function gcj02ToWgs84(lon: number, lat: number): [number, number] {
  if (!isInChina(lon, lat)) return [lon, lat];
  // Each round gains some three digits. The start depends on the point alone: the two ends of a ring must stay one.
  setShift(lon, lat);
  let wgsLon = lon - shift.lon;
  let wgsLat = lat - shift.lat;
  for (let round = 0; round < 10; round += 1) {
    setShift(wgsLon, wgsLat);
    const errorLon = wgsLon + shift.lon - lon;
    const errorLat = wgsLat + shift.lat - lat;
    wgsLon -= errorLon;
    wgsLat -= errorLat;
    if (Math.abs(errorLon) < 1e-8 && Math.abs(errorLat) < 1e-8) break;
  }
  return [wgsLon, wgsLat];
}
