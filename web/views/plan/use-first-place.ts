import { useEffect, useState } from 'react';
import type { LayerSummary } from '../../../server/app.ts';
import { useBoundaries, useFeature } from '../../api/layers.ts';
import { geometryBounds } from '../../map/area-center.ts';
import { areaCode } from '../../map/overlays.ts';
import { levelOf, loadOf } from '../../place-names.ts';
import type { UrlState } from '../../url-state.ts';
import { BOUNDARY_LAYER } from './boundary-layer.ts';
import type { Aim } from './use-fly-to.ts';

/** Where an address leads that names no place: to the feature or the cell it selects, or to the layers that somebody made. */
export function useFirstPlace(
  state: UrlState,
  catalogue: readonly LayerSummary[],
  fly: (name: string, aim: Aim) => void,
): void {
  const [first] = useState(() => (state.camera === null ? state : null));
  const selected = first?.selection?.kind === 'feature' ? first.selection : null;
  const { data: feature } = useFeature(selected?.layer ?? null, selected?.fid ?? null, first?.asOf ?? null);
  const code = first?.selection?.kind === 'cell' ? first.selection.code : null;
  const level = levelOf(code ?? '');
  const areas = useBoundaries(level, code === null ? null : loadOf(catalogue, BOUNDARY_LAYER[level]));
  const cell = code === null ? undefined : areas.data?.features.find((area) => areaCode(area) === code);
  const geometry = (selected === null ? cell?.geometry : feature?.geometry) ?? null;
  useEffect(() => {
    const bounds = geometry === null ? null : geometryBounds(geometry);
    if (bounds) fly('first', { bounds });
  }, [geometry, fly]);

  const shown = first?.layers.map(({ id }) => catalogue.find((layer) => layer.id === id)) ?? [];
  const made =
    first?.selection === null && shown.length > 0 && shown.every((layer) => layer?.user) ? shown.at(-1) : undefined;
  const box = made?.bbox?.join() ?? null;
  useEffect(() => {
    if (box !== null) fly('first', { bounds: box.split(',').map(Number) as [number, number, number, number] });
  }, [box, fly]);
}
