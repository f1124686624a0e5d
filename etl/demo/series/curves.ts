import type { Value } from '../files/row.ts';
import type { Point } from '../plane.ts';
import type { Random } from '../random.ts';
import type { Rain } from './rain.ts';

/** What a curve is drawn from: a feature of the delivered snapshot, the instants, and the weather of the week. */
export interface CurveInput {
  /** Minutes since the beginning of the week. */
  steps: readonly number[];
  /** Hour of the day at each step, 0..24. */
  hours: readonly number[];
  /** True at each step that is a Saturday or Sunday. */
  weekend: readonly boolean[];
  at: Point;
  /** The row of the snapshot. */
  row: Record<string, Value>;
  rain: Rain;
  random: Random;
}

/** A model of one value over the week: of its shape only, since the curve is moved so that it ends at the snapshot. */
export type Curve = (input: CurveInput) => number[];

/** A bell over the hours of a day, 0..1. */
function bell(hour: number, middle: number, width: number): number {
  const away = Math.min(Math.abs(hour - middle), 24 - Math.abs(hour - middle)) / width;
  return Math.exp(-away * away);
}

/** Noise that remembers: each step keeps most of the one before. */
function wander({ steps, random }: CurveInput, size: number, memory = 0.9): number[] {
  let value = 0;
  return steps.map(() => (value = value * memory + random.normal() * size * Math.sqrt(1 - memory * memory)));
}

function add(input: CurveInput, noise: number, value: (i: number) => number): number[] {
  const wandering = wander(input, noise);
  return wandering.map((w, i) => w + value(i));
}

/** Two tides a day come up the river; rain raises it hours later. */
function level(tide: number, perMillimetre: number, delay: number, hours: number): Curve {
  return (input) => {
    const stored = input.rain.stored(input.steps, input.at, delay, hours);
    return add(input, 0.015, (i) => {
      const minute = input.steps[i] as number;
      return tide * Math.sin((minute / 745) * 2 * Math.PI) + perMillimetre * (stored[i] as number);
    });
  };
}

/** How much is on the roads, 0..1: two rushes on working days, one broad one at weekends. */
function traffic({ hours, weekend }: CurveInput, i: number): number {
  const hour = hours[i] as number;
  return weekend[i]
    ? 0.55 * bell(hour, 15, 5) + 0.2 * bell(hour, 20, 2)
    : 0.85 * bell(hour, 8.2, 1.3) + bell(hour, 18, 1.6) + 0.45 * bell(hour, 13, 4);
}

/** What rain washes out of the air. */
function washed(input: CurveInput): number[] {
  return input.rain.stored(input.steps, input.at, 0, 10).map((water) => 1 / (1 + water / 12));
}

function air(rush: number, afternoon: number, noise: number): Curve {
  return (input) => {
    const clean = washed(input);
    return add(input, noise, (i) => {
      const sun = bell(input.hours[i] as number, 15, 3);
      return (rush * traffic(input, i) + afternoon * sun + 3 * noise) * (clean[i] as number);
    });
  };
}

/** Share of the places that are taken: offices by day, homes by night. */
const taken: Curve = (input) => {
  const isHome = /residential|住宅|小区/.test(String(input.row['kind'] ?? ''));
  const spaces = Number(input.row['spaces'] ?? input.row['piles'] ?? 100);
  return add(input, spaces * 0.04, (i) => {
    const hour = input.hours[i] as number;
    const day = bell(hour, 13, 5) * (input.weekend[i] ? 0.6 : 1);
    return -spaces * (isHome ? 0.55 * bell(hour, 2, 6) : 0.6 * day);
  });
};

/** Curves by layer and field. A field that is not here has none. */
export const curves: Record<string, Record<string, Curve>> = {
  water_level_station: { level_m: level(0.18, 0.022, 90, 9) },
  flow_station: {
    flow_m3s: (input) => level(40, 6, 120, 10)(input),
    level_m: level(0.18, 0.02, 120, 10),
  },
  waterlogging_sensor: {
    depth_cm: (input) => {
      // Drains take what falls slowly; only more than that stands in the street.
      const stored = input.rain.stored(input.steps, input.at, 20, 1.2);
      return stored.map((water) => Math.max(0, water - 12) * 1.1);
    },
  },
  pipe_level_sensor: {
    level_m: (input) => {
      const stored = input.rain.stored(input.steps, input.at, 15, 1.5);
      return add(input, 0.02, (i) => 0.12 * traffic(input, i) + 0.035 * (stored[i] as number));
    },
  },
  rain_gauge: {
    rain_1h_mm: ({ rain, steps, at }) => rain.fallen(steps, 60, at),
  },
  air_station: {
    aqi: air(18, 22, 5),
    pm25: air(12, 2, 3),
    pm10: air(22, 4, 5),
    o3: air(-10, 75, 6),
    no2: air(18, -6, 3),
  },
  air_micro_station: { aqi: air(18, 20, 6), pm25: air(13, 2, 4) },
  water_auto_station: {
    do_mgl: (input) => add(input, 0.15, (i) => 0.8 * bell(input.hours[i] as number, 15, 4)),
    nh3n_mgl: (input) => {
      const stored = input.rain.stored(input.steps, input.at, 60, 14);
      return add(input, 0.04, (i) => 0.012 * (stored[i] as number));
    },
    tp_mgl: (input) => {
      const stored = input.rain.stored(input.steps, input.at, 60, 14);
      return add(input, 0.008, (i) => 0.0025 * (stored[i] as number));
    },
  },
  noise_station: { leq_db: (input) => add(input, 1.2, (i) => 9 * Math.min(1, traffic(input, i) + 0.2)) },
  parking_lot: { free_spaces: taken },
  charging_station: { free_piles: taken },
  road_congestion: {
    speed_kmh: (input) => {
      const free = Number(input.row['free_speed_kmh'] ?? 50);
      const wet = input.rain.stored(input.steps, input.at, 0, 0.7);
      return add(
        input,
        free * 0.03,
        (i) => -free * Math.min(0.7, 0.42 * traffic(input, i) + 0.01 * (wet[i] as number)),
      );
    },
    congestion_index: (input) => {
      const wet = input.rain.stored(input.steps, input.at, 0, 0.7);
      return add(input, 0.12, (i) => 2.6 * traffic(input, i) + 0.06 * (wet[i] as number));
    },
  },
};

/** Layers whose curve is what it is: a dry hour is zero, wherever the snapshot stands. */
export const ABSOLUTE: ReadonlySet<string> = new Set(['rain_gauge', 'waterlogging_sensor']);
