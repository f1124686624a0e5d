import type { Field } from '../../../layers/define.ts';
import { hashText } from '../random.ts';

const DAY_MS = 86_400_000;

export interface ReadingModel {
  seed: number;
  /** `<layer>:<key>`. */
  sensor: string;
  metric: string;
  /** The field that the metric is: values stay in its range. */
  field: Field;
  /** What it was last; null: nobody knows. */
  base: number | null;
  /** What an event adds at an instant (`surge.ts`). */
  surge?: (at: number) => number;
}

/** What is read on an ordinary dry day, where nobody knows better: a street is not under water, a pump stands still. */
const RESTING: Readonly<Record<string, number>> = {
  depth_cm: 0,
  rain_5min_mm: 0,
  rain_1h_mm: 0,
  rain_24h_mm: 0,
  water_cm: 5,
  tilt_deg: 0,
  battery: 85,
  full_pct: 30,
  units_on: 0,
  flow_m3s: 0,
};

/** A number from 0 to 1 that is the same for the same seed and words. */
export function hashed(seed: number, ...words: readonly (string | number)[]): number {
  return hashText(`${words.join('\n')}:${seed}`) / 2 ** 32;
}

/** Noise from -1 to 1 that goes smoothly from one step to the next. */
function noise(model: ReadingModel, at: number, stepMs: number): number {
  const step = Math.floor(at / stepMs);
  const value = (i: number): number => hashed(model.seed, model.sensor, model.metric, i) * 2 - 1;
  const share = at / stepMs - step;
  const eased = share * share * (3 - 2 * share);
  return value(step) * (1 - eased) + value(step + 1) * eased;
}

/**
 * What a sensor reads at an instant (ms since 1970): around what it was last, with the hour of the day and slow noise. A function of
 * seed, sensor, metric and time alone, so that two runs say the same.
 */
export function readingAt(model: ReadingModel, at: number): number {
  const { seed, sensor, metric, field, base, surge } = model;
  const [least, most] = field.range ?? [0, 100];
  const centre =
    base ?? RESTING[metric] ?? least + (most - least) * (0.05 + 0.1 * hashed(seed, sensor, metric, 'base'));
  // A dry gauge stays dry, a full battery full: what changes is in proportion to what is there.
  const swing = Math.min(Math.abs(centre) * 0.12, (most - least) * 0.05);
  const phase = hashed(seed, sensor, 'phase') * 0.15;
  const hour = Math.sin(2 * Math.PI * ((at % DAY_MS) / DAY_MS + phase));
  const value = centre + swing * (0.5 * hour + 0.7 * noise(model, at, 3_600_000) + 0.2 * noise(model, at, 300_000));
  const kept = Math.min(Math.max(value + (surge?.(at) ?? 0), least), most);
  return field.type === 'int' ? Math.round(kept) : Math.round(kept * 100) / 100;
}

/** Whether a sensor of the demo says nothing in this hour: one of some sixty. */
export function isSilentAt(seed: number, sensor: string, at: number): boolean {
  return hashed(seed, sensor, 'silent', Math.floor(at / 3_600_000)) < 1 / 60;
}
