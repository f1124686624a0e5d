/** What changed between two loads of a layer, on the map: each kind has a colour, a sign and a line of its own. */
import type { ExpressionSpecification, FilterSpecification, LayerSpecification } from 'maplibre-gl';
import type { LayerSummary } from '../../server/app.ts';
import type { Palette } from '../theme.ts';
import type { MapLayers } from './layer-style.ts';

export const DIFF_KINDS = ['added', 'removed', 'changed', 'moved'] as const;
export type DiffKind = (typeof DIFF_KINDS)[number];

/** Red, orange, yellow and blue say how urgent something is: none of them is here. `dash` in widths of the line. */
export const DIFF_STYLE: Record<DiffKind, { color: string; sign: string; dash: number[] }> = {
  added: { color: '#0b7a6f', sign: '+', dash: [1, 0] },
  removed: { color: '#59636e', sign: '×', dash: [1, 1.5] },
  changed: { color: '#6b3fa0', sign: '≠', dash: [4, 1.5] },
  moved: { color: '#b0338a', sign: '→', dash: [4, 1.5, 1, 1.5] },
};

const of = (kind: DiffKind): FilterSpecification => ['==', ['get', 'kind'], kind];

/** The rows that differ between two loads, above the layers themselves. */
export function diffLayersOf(
  layer: LayerSummary,
  options: { from: number; to: number; palette: Palette; origin: string },
): MapLayers {
  const { from, to, palette, origin } = options;
  const id = `diff:${layer.id}`;
  const common = { source: id, 'source-layer': layer.id } as const;
  const color = [
    'match',
    ['get', 'kind'],
    ...DIFF_KINDS.flatMap((kind) => [kind, DIFF_STYLE[kind].color]),
    palette.ui.dim,
  ] as unknown as ExpressionSpecification;
  const shapes: LayerSpecification[] =
    layer.geometry === 'line' || layer.geometry === 'polygon'
      ? [
          ...(layer.geometry === 'polygon'
            ? [{ id, type: 'fill' as const, ...common, paint: { 'fill-color': color, 'fill-opacity': 0.4 } }]
            : []),
          // A pattern of dashes cannot depend on a property: one layer for each kind.
          ...DIFF_KINDS.map((kind) => ({
            id: `${id}:${kind}`,
            type: 'line' as const,
            ...common,
            filter: of(kind),
            paint: { 'line-color': DIFF_STYLE[kind].color, 'line-width': 3, 'line-dasharray': DIFF_STYLE[kind].dash },
          })),
        ]
      : [
          {
            id,
            type: 'circle',
            ...common,
            paint: {
              'circle-color': color,
              'circle-radius': ['interpolate', ['linear'], ['zoom'], 10, 3, 14, 8, 17, 11],
              'circle-stroke-color': palette.map.halo,
              'circle-stroke-width': 1,
            },
          },
        ];
  const isShape = shapes.length > 1;
  return {
    id,
    source: {
      type: 'vector',
      tiles: [`${origin}/api/layers/${layer.id}/diff/tiles/{z}/{x}/{y}?from=${from}&to=${to}`],
      minzoom: layer.minzoom,
      maxzoom: layer.maxzoom,
    },
    layers: [
      ...shapes,
      {
        id: `${id}:sign`,
        type: 'symbol',
        ...common,
        minzoom: isShape ? layer.minzoom : 13,
        layout: {
          'text-field': [
            'match',
            ['get', 'kind'],
            ...DIFF_KINDS.flatMap((kind) => [kind, DIFF_STYLE[kind].sign]),
            '',
          ] as unknown as ExpressionSpecification,
          'text-size': isShape ? 18 : 14,
          'text-allow-overlap': true,
          'symbol-placement': layer.geometry === 'line' ? 'line-center' : 'point',
        },
        paint: isShape
          ? { 'text-color': color, 'text-halo-color': palette.map.halo, 'text-halo-width': 2 }
          : { 'text-color': '#ffffff' },
      },
    ],
  };
}
