import type { Layer } from '../../layers/define.ts';

const MILLISECONDS_PER_HOUR = 3_600_000;

export type Freshness = 'fresh' | 'stale' | 'never';

/** Whether a layer is kept up as its definition promises: stale once its last load is older than `freshnessHours`. */
export function freshnessOf(
  layer: Pick<Layer, 'freshnessHours'>,
  publishedAt: Date | null,
  now: number = Date.now(),
): Freshness {
  if (publishedAt === null) return 'never';
  return ageInLimits(layer, publishedAt, now) > 1 ? 'stale' : 'fresh';
}

/** Age of a load as a multiple of the limit. */
export function ageInLimits(layer: Pick<Layer, 'freshnessHours'>, publishedAt: Date, now: number): number {
  return Math.max(0, now - publishedAt.getTime()) / (layer.freshnessHours * MILLISECONDS_PER_HOUR);
}
