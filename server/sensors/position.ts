import type { Layer } from '../../layers/define.ts';
import { instantOf } from './check-reading.ts';

/** Where a vehicle, or somebody on patrol, was. */
export interface Position {
  /** Layer of the vehicles: `bus_position`. */
  kind: string;
  /** Key of the vehicle in that layer. */
  vehicle: string;
  /** ms since 1970. */
  at: number;
  /** EPSG:4326 degrees. */
  lon: number;
  lat: number;
  /** km/h. */
  speed: number | null;
  /** Degrees clockwise from north. */
  bearing: number | null;
  /** What it runs as: the route of a bus. */
  label: string | null;
}

export interface PositionRejection {
  code: 'BODY_INVALID' | 'UNKNOWN_KIND' | 'OUT_OF_RANGE' | 'IN_THE_FUTURE' | 'TOO_OLD';
  field: string;
  message: string;
}

const CLOCK_TOLERANCE = 5 * 60_000;
/** Faster than anything on the road, the rail and the water, km/h. */
const MOST_SPEED = 400;
/** Degrees around the district within which a vehicle may still be on its way to it: some 100 km. */
const MARGIN = 1;
const ROUNDING = 1e6;
const PROPERTIES = new Set(['kind', 'vehicle', 'at', 'lon', 'lat', 'speed', 'bearing', 'label']);

export interface PositionChecks {
  /** The layers whose features move, by id. */
  moving: ReadonlyMap<string, Layer>;
  /** Extent of the district, degrees; null while it is not loaded. */
  extent: readonly number[] | null;
  now: number;
  oldest: number;
}

/** Checks what was sent as a position: `{kind, vehicle, at, lon, lat, speed?, bearing?, label?}`. */
export function checkPosition(input: unknown, checks: PositionChecks): Position | PositionRejection {
  const { moving, extent, now, oldest } = checks;
  const refuse = (code: PositionRejection['code'], field: string, message: string): PositionRejection => ({
    code,
    field,
    message: `${field}: ${message}`,
  });
  if (typeof input !== 'object' || input === null || Array.isArray(input))
    return refuse('BODY_INVALID', 'position', 'is no object {kind, vehicle, at, lon, lat}');
  const given = input as Record<string, unknown>;
  const strange = Object.keys(given).find((name) => !PROPERTIES.has(name));
  if (strange !== undefined) return refuse('BODY_INVALID', strange.slice(0, 80), 'a position has no such property');
  const { kind, vehicle, lon, lat, speed = null, bearing = null, label = null } = given;
  const layer = typeof kind === 'string' ? moving.get(kind) : undefined;
  if (layer === undefined) return refuse('UNKNOWN_KIND', 'kind', `is none of ${[...moving.keys()].join(', ')}`);
  if (!isName(vehicle)) return refuse('BODY_INVALID', 'vehicle', 'is no text of 1 to 80 characters');
  if (label !== null && !isName(label)) return refuse('BODY_INVALID', 'label', 'is no text of 1 to 80 characters');
  if (!isWithin(lon, -180, 180)) return refuse('BODY_INVALID', 'lon', 'is no longitude in degrees');
  if (!isWithin(lat, -90, 90)) return refuse('BODY_INVALID', 'lat', 'is no latitude in degrees');
  if (extent !== null) {
    const [minLon = -180, minLat = -90, maxLon = 180, maxLat = 90] = extent;
    if (lon < minLon - MARGIN || lon > maxLon + MARGIN || lat < minLat - MARGIN || lat > maxLat + MARGIN)
      return refuse('OUT_OF_RANGE', 'lon', `${lon}, ${lat} is nowhere near the district`);
  }
  const [least, most] = layer.fields[layer.moving?.speed ?? '']?.range ?? [0, MOST_SPEED];
  if (speed !== null && !isWithin(speed, least, most))
    return refuse('OUT_OF_RANGE', 'speed', `is no speed from ${least} to ${most} km/h`);
  if (bearing !== null && !isWithin(bearing, 0, 360))
    return refuse('OUT_OF_RANGE', 'bearing', 'is no direction from 0 to 360 degrees');
  const at = instantOf(given['at']);
  if (at === undefined) return refuse('BODY_INVALID', 'at', 'is neither a time with a zone nor ms since 1970');
  if (at > now + CLOCK_TOLERANCE) return refuse('IN_THE_FUTURE', 'at', 'is more than 5 minutes after now');
  if (at < oldest) return refuse('TOO_OLD', 'at', `positions are kept from ${new Date(oldest).toISOString()} on`);
  return {
    kind: layer.id,
    vehicle,
    at,
    lon: Math.round(lon * ROUNDING) / ROUNDING,
    lat: Math.round(lat * ROUNDING) / ROUNDING,
    // As they are stored: the database refuses a number that is too small for four bytes.
    speed: speed === null ? null : Math.fround(speed),
    bearing: bearing === null ? null : Math.fround(bearing % 360),
    label,
  };
}

function isName(given: unknown): given is string {
  return typeof given === 'string' && given.length >= 1 && given.length <= 80 && !/[\p{Cc}\p{Cs}]/u.test(given);
}

function isWithin(given: unknown, least: number, most: number): given is number {
  return typeof given === 'number' && given >= least && given <= most;
}
