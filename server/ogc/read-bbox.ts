import { ApiError } from '../errors.ts';
import { EVERYTHING, type Predicate, type Ring } from '../filter/predicate.ts';
import { type Crs, parseCrs, toDegrees } from './crs.ts';

/** Positions on each side of a box that is not one in degrees. Over the district they are millimetres off. */
const STEPS = 32;
/** A box without a width gets this one, in metres, so that it is an area. */
const NARROWEST = 0.001;

const NUMBER = /^\s*[-+]?(\d+\.?\d*|\.\d+)(e[-+]?\d+)?\s*$/i;

function refuse(message: string, value: string): never {
  throw new ApiError('PARAMETER_INVALID', `bbox: ${message}`, { field: 'bbox', value });
}

/**
 * Reads `bbox` (4 numbers, or 6 with heights, which are not looked at) in the system of `bbox-crs`, axes in the order
 * of that system. A box in degrees whose west is greater than its east goes over the 180th meridian. Throws
 * `PARAMETER_INVALID`.
 */
export function readBbox(text: string | undefined, crsText: string | undefined): Predicate {
  const crs = parseCrs(crsText, 'bbox-crs');
  if (text === undefined) return EVERYTHING;
  const parts = text.split(',');
  const numbers = parts.map((part) => (NUMBER.test(part) ? Number(part) : NaN));
  if (![4, 6].includes(parts.length) || !numbers.every(Number.isFinite)) {
    refuse('must be four numbers, or six with heights', text);
  }
  const flat = numbers.length === 6 ? [numbers[0], numbers[1], numbers[3], numbers[4]] : numbers;
  const [a, b, c, d] = flat as [number, number, number, number];
  const [west, south, east, north] = crs.isYFirst ? [b, a, d, c] : [a, b, c, d];
  if (south > north) refuse('the minimum of the latitude or northing is greater than its maximum', text);
  if (crs.isDegrees) return degreesBox(west, south, east, north, text);
  if (west > east) refuse('the minimum of the easting is greater than its maximum', text);
  return projectedBox(crs, west, south, east, north, text);
}

function degreesBox(west: number, south: number, east: number, north: number, text: string): Predicate {
  if (Math.abs(west) > 180 || Math.abs(east) > 180 || Math.abs(south) > 90 || Math.abs(north) > 90) {
    refuse('lies outside ±180, ±90 degrees', text);
  }
  if (west <= east) return { kind: 'bbox', bbox: [west, south, east, north] };
  return {
    kind: 'or',
    of: [
      { kind: 'bbox', bbox: [west, south, 180, north] },
      { kind: 'bbox', bbox: [-180, south, east, north] },
    ],
  };
}

function projectedBox(crs: Crs, west: number, south: number, east: number, north: number, text: string): Predicate {
  const degrees = (x: number, y: number): [number, number] =>
    toDegrees(crs, x, y) ?? refuse(`lies outside what ${crs.uri} can express`, text);
  // Mercator keeps boxes.
  if (crs.srid === 3857) {
    return { kind: 'bbox', bbox: [...degrees(west, south), ...degrees(east, north)] };
  }
  const x2 = Math.max(east, west + NARROWEST);
  const y2 = Math.max(north, south + NARROWEST);
  const corners: [number, number][] = [
    [west, south],
    [x2, south],
    [x2, y2],
    [west, y2],
  ];
  const ring: [number, number][] = corners.flatMap(([x, y], index) => {
    const [toX, toY] = corners[(index + 1) % 4] as [number, number];
    return Array.from({ length: STEPS }, (_, step) =>
      degrees(x + ((toX - x) * step) / STEPS, y + ((toY - y) * step) / STEPS),
    );
  });
  const closed: Ring = [...ring, ring[0] as [number, number]];
  return { kind: 'within', polygons: [[closed]] };
}
