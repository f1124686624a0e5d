/**
 * Window around the district in WGS 84 degrees, `[minLon, minLat, maxLon, maxLat]`, with some 3 km of margin on each
 * side. Coordinates far outside it are in another reference system, or not of this district.
 */
export const DISTRICT_WINDOW: readonly [number, number, number, number] = [112.94, 22.89, 113.2, 23.1];

/** Displacement from WGS 84 at the district, metres east and north: nearly constant over its 20 km. */
export const CHINA_OFFSETS = {
  'GCJ-02': { east: 558, north: -287 },
  'BD-09': { east: 1222, north: 370 },
} as const;

/** Rough window of mainland China, Hong Kong, Macao and Taiwan, where maps may be in GCJ-02 or BD-09. */
export const CHINA_WINDOW: readonly [number, number, number, number] = [73, 17, 136, 54];

export function isWithin(window: readonly [number, number, number, number], lon: number, lat: number): boolean {
  return lon >= window[0] && lon <= window[2] && lat >= window[1] && lat <= window[3];
}
