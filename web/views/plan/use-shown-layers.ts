import { useMemo } from 'react';
import type { LayerSummary } from '../../../server/app.ts';
import { useDiff } from '../../api/layers.ts';
import { toFilter } from '../../filter.ts';
import { diffLayersOf } from '../../map/diff-style.ts';
import { isShowable, mapLayersOf, type MapLayers } from '../../map/layer-style.ts';
import { light } from '../../theme.ts';
import type { UrlState } from '../../url-state.ts';

/**
 * The catalogue layers on the map, bottom to top, and over them the difference between two loads.
 * @param gliding layers whose marks glide, and are not drawn here; ids, with commas between them
 */
export function useShownLayers(state: UrlState, catalogue: readonly LayerSummary[], gliding: string): MapLayers[] {
  const { layers, filters, selection, asOf, times, labels, diff } = state;
  const selectedFid = selection?.kind === 'feature' ? selection.fid : null;
  const selectedLayer = selection?.kind === 'feature' ? selection.layer : null;
  const shown = useMemo(
    () =>
      layers.flatMap(({ id, opacity }) => {
        const layer = catalogue.find((item) => item.id === id);
        if (!layer || !isShowable(layer) || gliding.split(',').includes(id)) return [];
        const filter = toFilter(filters[id]);
        const selected = selectedLayer === id ? selectedFid : null;
        const time = times[id] ?? null;
        return [
          mapLayersOf(layer, {
            palette: light,
            opacity,
            origin: location.origin,
            filter,
            selected,
            at: asOf,
            time,
            hasLabels: labels.includes(id),
          }),
        ];
      }),
    [catalogue, layers, filters, selectedLayer, selectedFid, asOf, times, labels, gliding],
  );
  const changes = useDiff(diff?.layer ?? null, diff?.from ?? null);
  return useMemo(() => {
    const layer = catalogue.find(({ id }) => id === changes.data?.layer);
    if (!diff || !changes.data || !layer || changes.data.layer !== diff.layer) return shown;
    const { from, to } = changes.data;
    const options = { from: from.load, to: to.load, palette: light, origin: location.origin };
    return [...shown, diffLayersOf(layer, options)];
  }, [shown, catalogue, diff, changes.data]);
}
