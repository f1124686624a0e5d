import { useEffect, useState } from 'react';
import type { LayerSummary } from '../../../server/app.ts';
import { useFeature } from '../../api/layers.ts';
import { geometryBounds } from '../../map/area-center.ts';
import type { UrlState } from '../../url-state.ts';
import type { Aim } from './use-fly-to.ts';

/** Where an address leads that names no place: to the feature it selects, or to the layers that somebody made. */
export function useFirstPlace(
  state: UrlState,
  catalogue: readonly LayerSummary[],
  fly: (name: string, aim: Aim) => void,
): void {
  const [first] = useState(() => (state.camera === null ? state : null));
  const selected = first?.selection?.kind === 'feature' ? first.selection : null;
  const { data: feature } = useFeature(selected?.layer ?? null, selected?.fid ?? null, first?.asOf ?? null);
  const geometry = feature?.geometry ?? null;
  useEffect(() => {
    const bounds = geometry === null ? null : geometryBounds(geometry);
    if (bounds) fly('first', { bounds });
  }, [geometry, fly]);

  const shown = first?.layers.map(({ id }) => catalogue.find((layer) => layer.id === id)) ?? [];
  const made = selected === null && shown.length > 0 && shown.every((layer) => layer?.user) ? shown.at(-1) : undefined;
  const box = made?.bbox?.join() ?? null;
  useEffect(() => {
    if (box !== null) fly('first', { bounds: box.split(',').map(Number) as [number, number, number, number] });
  }, [box, fly]);
}
