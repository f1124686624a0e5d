import { cellToLatLng } from 'h3-js';
import { useCallback } from 'react';
import { useTranslation } from 'react-i18next';
import type { LayerSummary } from '../../../server/app.ts';
import { useBoundaries } from '../../api/layers.ts';
import { areaAt } from '../../map/area-at.ts';
import { areaCode } from '../../map/overlays.ts';
import { loadOf, placeText, type PlaceNames } from '../../place-names.ts';
import { BOUNDARY_LAYER } from './boundary-layer.ts';

/** What people call the place of a hexagon: the community that its middle lies in. */
export function useHexagonPlace(catalogue: readonly LayerSummary[], names: PlaceNames): (cell: string) => string {
  const { t } = useTranslation();
  const communities = useBoundaries('community', loadOf(catalogue, BOUNDARY_LAYER.community));
  return useCallback(
    (cell: string) => {
      const [lat, lng] = cellToLatLng(cell);
      const area = areaAt(communities.data, lng, lat);
      return area === null ? t('analyse.outside') : placeText(areaCode(area), names);
    },
    [communities.data, names, t],
  );
}
