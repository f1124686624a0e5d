import { METRES_A_DEGREE } from './place-along.ts';
import { hashed } from './reading-at.ts';

/** What a scenario does to sensors. `normal` does nothing. */
export type Weather = 'normal' | 'storm' | 'festival';

interface Sensed {
  seed: number;
  /** `<layer>:<key>`. */
  sensor: string;
  metric: string;
  lon: number;
  lat: number;
}

/** A storm passes again every 20 minutes, as the reports of the scenario do. */
const CYCLE_MS = 1_200_000;
const MINUTE = 60_000;
/** Where the front is when it comes in, in the south-west; it moves to the north-east. */
const GATE = { lon: 112.98, lat: 22.93 };
const FRONT_MPS = 50;
/** Minutes after the beginning at which it is at the gate, and how long it rains at a place. */
const FIRST_MINUTE = 2;
const WIDTH_MINUTES = 3;
/** The old town, where the festival is, and how far it is heard. */
const CENTRE = { lon: 113.112, lat: 23.033 };
const HEARD_METRES = 2500;

/** ms after the beginning of a cycle at which it rains hardest at a place. */
export function frontAt(lon: number, lat: number): number {
  const east = (lon - GATE.lon) * METRES_A_DEGREE * Math.cos((GATE.lat * Math.PI) / 180);
  const north = (lat - GATE.lat) * METRES_A_DEGREE;
  return FIRST_MINUTE * MINUTE + ((east + north) / Math.SQRT2 / FRONT_MPS) * 1000;
}

/** A bell around 0, 0 … 1. */
const bell = (minutes: number, width: number): number => Math.exp(-((minutes / width) ** 2));

/** Rises after a lag and falls slowly, 0 … 1. */
function stored(minutes: number, lag: number, fall: number): number {
  const since = minutes - lag;
  return since < 0 ? bell(since, 2) : Math.exp(-since / fall);
}

/** Of a storm: what it adds to a metric at its height, as it is `minutes` after the worst rain. */
function storm({ seed, sensor, metric }: Sensed, minutes: number): number {
  // Not every street lies low.
  const share = 0.4 + 0.6 * hashed(seed, sensor, 'lies low');
  const rain = bell(minutes, WIDTH_MINUTES);
  switch (metric) {
    case 'rain_5min_mm':
      return 14 * rain;
    case 'rain_1h_mm':
    case 'rain_24h_mm':
      // What has fallen so far: the bell summed up.
      return 70 / (1 + Math.exp(-minutes / (WIDTH_MINUTES / 2)));
    case 'depth_cm':
      return 45 * share * stored(minutes, 3, 6);
    case 'full_pct':
      return 80 * share * stored(minutes, 2, 6);
    case 'level_m':
      return (sensor.startsWith('pipe_') ? 1.2 : 1.8) * share * stored(minutes, 5, 9);
    case 'inner_level_m':
      return 1.1 * share * stored(minutes, 3, 8);
    case 'flow_m3s':
      return 20 * share * stored(minutes, 5, 8);
    case 'units_on':
      return 3 * stored(minutes, 3, 8);
    default:
      return 0;
  }
}

/** Of a festival: louder and fuller the nearer to it. `height` is 0 … 1. */
function festival({ metric, lon, lat }: Sensed, height: number): number {
  const east = (lon - CENTRE.lon) * METRES_A_DEGREE * Math.cos((CENTRE.lat * Math.PI) / 180);
  const north = (lat - CENTRE.lat) * METRES_A_DEGREE;
  const near = bell(Math.hypot(east, north), HEARD_METRES) * height;
  if (metric === 'leq_db') return 24 * near;
  // As full as can be: values stay in the range of the field.
  if (metric === 'free_spaces') return -5000 * (near > 0.4 ? near : 0);
  return 0;
}

/** What a scenario that began at `since` adds to a metric at an instant, both ms since 1970. A function of its arguments alone. */
export function surgeAt(weather: Weather, since: number, sensed: Sensed, at: number): number {
  if (weather === 'normal' || at < since) return 0;
  const passed = (at - since) % CYCLE_MS;
  if (weather === 'festival') return festival(sensed, 0.6 + 0.4 * Math.sin((Math.PI * passed) / CYCLE_MS));
  // The front of now, and what that of before has left.
  const minutes = (passed - frontAt(sensed.lon, sensed.lat)) / MINUTE;
  const before =
    at - since >= CYCLE_MS && !sensed.metric.startsWith('rain_') ? storm(sensed, minutes + CYCLE_MS / MINUTE) : 0;
  return Math.max(storm(sensed, minutes), before);
}
