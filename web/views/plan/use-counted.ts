/** The layer that is counted in hexagons or in areas: the answers, and what paints them. */
import { useCallback, useMemo } from 'react';
import { useTranslation } from 'react-i18next';
import type { LayerSummary } from '../../../server/app.ts';
import { useAreaCounts, useHexagons } from '../../api/counts.ts';
import { useBoundaries } from '../../api/layers.ts';
import { toFilter } from '../../filter.ts';
import { hexagonResolution } from '../../map/hexagon-resolution.ts';
import { areaLayers, hexagonLayer, largest } from '../../map/overlays.ts';
import { figureNumber, valueClasses } from '../../map/value-classes.ts';
import { loadOf } from '../../place-names.ts';
import { light } from '../../theme.ts';
import { number } from '../../time.ts';
import type { UrlState } from '../../url-state.ts';
import { BOUNDARY_LAYER } from './boundary-layer.ts';

/** Tilt with which hexagons first appear, degrees. */
export const HEXAGON_PITCH = 48;
const NOTHING: never[] = [];

export interface CountedSettings {
  state: UrlState;
  catalogue: readonly LayerSummary[];
  zoom: number;
  /** Enlarges lines on large screens. */
  scale: number;
}

export type Counted = ReturnType<typeof useCounted>;

export function useCounted({ state, catalogue, zoom, scale }: CountedSettings) {
  const { hexagons, areas, filters, asOf, metric, selection, lang } = state;
  const { t } = useTranslation();
  const res = hexagons?.res ?? hexagonResolution(zoom);
  const hexFilter = useMemo(() => toFilter(hexagons ? filters[hexagons.layer] : undefined), [filters, hexagons]);
  const areaFilter = useMemo(() => toFilter(areas ? filters[areas.layer] : undefined), [filters, areas]);
  const hexCounts = useHexagons(hexagons?.layer ?? null, res, hexFilter, asOf, metric);
  const areaCounts = useAreaCounts(areas?.layer ?? null, areas?.by ?? 'grid', areaFilter, asOf, metric);
  const level = areas?.by ?? 'grid';
  const boundaries = useBoundaries(level, loadOf(catalogue, BOUNDARY_LAYER[level]));
  const selectedCode = selection?.kind === 'cell' ? selection.code : null;
  const answer = hexagons ? hexCounts.data : areas ? areaCounts.data : undefined;
  /** Figures that are not counts have classes of their own. */
  const figures = useMemo(() => {
    if (answer?.values === undefined) return undefined;
    const values = answer.values.map(figureNumber);
    return { values, classes: valueClasses(values, light.count.length) };
  }, [answer]);

  // Seen from straight above, columns would only hide names.
  const isTilted = (state.camera?.pitch ?? HEXAGON_PITCH) > 5;
  const under = useMemo(() => {
    if (hexagons && hexCounts.data) return [hexagonLayer(hexCounts.data, light, isTilted, figures)];
    if (areas && areaCounts.data && boundaries.data) {
      const { codes, counts } = areaCounts.data;
      const byCode = new Map(codes.map((code, index) => [code, (figures?.values ?? counts)[index] ?? null]));
      return areaLayers({
        id: 'area-counts',
        areas: boundaries.data,
        valueOf: (code) => (byCode.has(code) ? (byCode.get(code) ?? null) : figures ? null : 0),
        max: largest(counts),
        figures: figures?.classes,
        ramp: light.count,
        version: `${areas.layer}:${areas.by}:${metric}:${areaCounts.dataUpdatedAt}`,
        selected: selectedCode,
        palette: light,
        lineScale: scale,
      });
    }
    return NOTHING;
  }, [
    hexagons,
    hexCounts.data,
    figures,
    metric,
    isTilted,
    areas,
    areaCounts.data,
    areaCounts.dataUpdatedAt,
    boundaries.data,
    selectedCode,
    scale,
  ]);

  const isShare = answer?.metric === 'share';
  const figureText = useCallback(
    (value: number | string | null) => {
      if (value === null) return t('legend.withheld');
      if (typeof value === 'string') return value.slice(0, 16).replace('T', ' ');
      if (isShare) return `${number(100 * value, lang, 1)} %`;
      return number(value, lang, Number.isInteger(value) ? 0 : 2);
    },
    [t, lang, isShare],
  );
  const layer = catalogue.find(({ id }) => id === (hexagons?.layer ?? areas?.layer));
  // What a share is a share of is all rows.
  const filter = isShare ? null : hexagons ? hexFilter : areaFilter;
  return { res, hexCounts, areaCounts, level, boundaries, answer, figures, under, figureText, layer, filter } as const;
}
