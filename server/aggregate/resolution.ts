import { getHexagonAreaAvg, getHexagonEdgeLengthAvg, UNITS } from 'h3-js';

/** Hexagons a view should have at most: enough to show a pattern, few enough to draw at once. */
const MOST_HEXAGONS = 4000;
export const COARSEST = 5;
export const FINEST = 12;
const KM_PER_DEGREE = 111.32;

/** The finest H3 resolution (5-12) that fills a bbox (degrees) with a drawable number of hexagons. */
export function resolutionFor(bbox: readonly [number, number, number, number] | null): number {
  if (bbox === null) return 9;
  const [west, south, east, north] = bbox;
  const width = (east - west) * KM_PER_DEGREE * Math.cos((((south + north) / 2) * Math.PI) / 180);
  const area = width * (north - south) * KM_PER_DEGREE;
  let res = COARSEST;
  while (res < FINEST && area / getHexagonAreaAvg(res + 1, UNITS.km2) <= MOST_HEXAGONS) res++;
  return res;
}

/** Width of a hexagon on the screen below which it is a dot. */
const LEAST_PIXELS = 16;
const METRES_PER_PIXEL_AT_0 = 78_271.517;
/** The district lies at 23° north. */
const SCALE = Math.cos((23 * Math.PI) / 180);

/** The finest resolution (5-12) whose hexagons can be told apart on a map of this zoom (512-pixel tiles). */
export function resolutionForZoom(zoom: number): number {
  const metresPerPixel = (METRES_PER_PIXEL_AT_0 * SCALE) / 2 ** zoom;
  let res = COARSEST;
  while (res < FINEST && Math.sqrt(3) * getHexagonEdgeLengthAvg(res + 1, UNITS.m) >= LEAST_PIXELS * metresPerPixel) {
    res++;
  }
  return res;
}
