import { useMemo, useState } from 'react';
import type { LayerSummary } from '../../../server/app.ts';
import { useRasterValue } from '../../api/layers.ts';
import type { UrlState } from '../../url-state.ts';

/** The value of the topmost raster of values at the place that was clicked. */
export function useRasterProbe({ layers, times, asOf }: UrlState, catalogue: readonly LayerSummary[]) {
  const measured = useMemo(
    () =>
      layers
        .map(({ id }) => catalogue.find((layer) => layer.id === id))
        .findLast((layer) => layer?.raster?.kind === 'values') ?? null,
    [catalogue, layers],
  );
  const [probe, setProbe] = useState<{ lng: number; lat: number } | null>(null);
  const probed = useRasterValue(
    probe && measured ? { layer: measured.id, ...probe } : null,
    measured ? (times[measured.id] ?? null) : null,
    asOf,
  );
  return { measured, probe, setProbe, probed };
}
