import { getHexagonAreaAvg, UNITS } from 'h3-js';

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
