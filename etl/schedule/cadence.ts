import type { Cadence } from '../../layers/define.ts';

const MINUTE = 60_000;

/** How often the file of a layer is looked at, ms. Looking costs nothing: a load begins only when the file has changed. */
export const LOOK_EVERY: Record<Cadence, number> = {
  realtime: MINUTE,
  daily: 60 * MINUTE,
  monthly: 24 * 60 * MINUTE,
  yearly: 7 * 24 * 60 * MINUTE,
};
