/** One layer of the catalogue as MapLibre layers: one switch over geometry, one over symbology. */
import type { ExpressionSpecification, LayerSpecification, SourceSpecification } from 'maplibre-gl';
import type { Symbology } from '../../layers/define.ts';
import type { LayerSummary } from '../../server/app.ts';
import type { Palette } from '../theme.ts';
import { iconImage, inkOn } from './icons.ts';

/** Colour where a definition has none for a feature. */
const FALLBACK = '#777777';
/** Zoom from which circles are large enough to hold an icon. */
const ICONS_FROM = 14;

export interface MapLayers {
  /** Id of the source and prefix of the layers' ids. */
  id: string;
  source: SourceSpecification;
  layers: LayerSpecification[];
}

/** Id under which a catalogue layer is known to the map. */
export const mapId = (layer: string) => `layer:${layer}`;

/** Id of the map layer with the names of the features of a source. */
export const labelId = (source: string) => `${source}:label`;

/** True when there is something to draw: what a load published. */
export function isShowable(layer: Pick<LayerSummary, 'load'>): boolean {
  return layer.load !== null;
}

/** Catalogue layer of a map layer's id, or null when it is part of the base map. */
export function layerOfMapId(id: string): string | null {
  const match = /^layer:([a-z][a-z0-9_]*)(:|$)/.exec(id);
  return match?.[1] ?? null;
}

function isSymbology(value: unknown): value is Symbology {
  return typeof value === 'object' && value !== null && 'kind' in value;
}

/** Colour of a feature by the layer's symbology, as a MapLibre expression. */
export function colorExpression(layer: LayerSummary, fallback: string): string | ExpressionSpecification {
  const symbology = isSymbology(layer.symbology) ? layer.symbology : null;
  switch (symbology?.kind) {
    case 'none':
      return symbology.color;
    case 'categorical': {
      const cases = Object.entries(symbology.colors).flat();
      if (cases.length === 0) return symbology.other;
      return ['match', ['to-string', ['get', symbology.field]], ...cases, symbology.other] as ExpressionSpecification;
    }
    case 'ramp': {
      const { field, stops, colors } = symbology;
      const steps = stops.flatMap((stop, index) => [stop, colors[Math.min(index + 1, colors.length - 1)] ?? fallback]);
      return [
        'case',
        ['==', ['typeof', ['get', field]], 'number'],
        ['step', ['get', field], colors[0] ?? fallback, ...steps],
        fallback,
      ] as ExpressionSpecification;
    }
    default:
      return fallback;
  }
}

/** Picture of a layer's icon in the ink that stands out from the colour of the feature, as a MapLibre expression. */
export function iconExpression(layer: LayerSummary, icon: string): string | ExpressionSpecification {
  const color = colorExpression(layer, FALLBACK);
  const inked = (value: unknown): unknown =>
    typeof value === 'string' && /^#[0-9a-f]{6}$/.test(value) ? iconImage(icon, inkOn(value)) : value;
  return typeof color === 'string'
    ? (inked(color) as string)
    : (JSON.parse(JSON.stringify(color), (_, value: unknown) => inked(value)) as ExpressionSpecification);
}

/**
 * URL template of a layer's tiles. `origin` makes it absolute; `filter` is the API's filter. As of a day the server finds
 * the version; of a raster with a series `time` says which picture. With `isNamed` the tiles of polygons have their names, too.
 */
export function tileUrl(
  layer: LayerSummary,
  origin: string,
  filter: object | null,
  at: string | null = null,
  time: string | null = null,
  isNamed = false,
): string {
  const query = new URLSearchParams();
  if (isNamed) query.set('labels', '1');
  if (at !== null) query.set('at', at);
  else if (layer.load) query.set('v', String(layer.load.id));
  if (time !== null) query.set('time', time);
  if (filter) query.set('filter', JSON.stringify(filter));
  const text = query.toString();
  return `${origin}/api/layers/${layer.id}/tiles/{z}/{x}/{y}${text ? `?${text}` : ''}`;
}

/** How a layer is drawn, and which of its rows. */
interface LayerLook {
  palette: Palette;
  opacity: number;
  origin: string;
  filter: object | null;
  selected: string | null;
  at?: string | null;
  time?: string | null;
}

/** What MapLibre draws for a layer at an opacity of 0.1 … 1. */
export function mapLayersOf(
  layer: LayerSummary,
  options: LayerLook & {
    /** Features bear their names, as far as the tiles carry them. */
    hasLabels?: boolean;
  },
): MapLayers {
  const label = options.hasLabels === true ? labelLayer(layer, options) : null;
  const drawn = shapesOf(layer, options, label !== null && layer.geometry === 'polygon');
  return label === null ? drawn : { ...drawn, layers: [...drawn.layers, label] };
}

/** Zoom from which names are readable among those of their neighbours. */
const LABELS_FROM = 12;
/** Areas so few are so large that their names find room wherever they are drawn. */
const FEW_AREAS = 200;

/**
 * Names of the features. They are symbols of MapLibre like the names of the base map and not texts of deck.gl: so all names
 * of the map keep clear of each other, and what collides is decided once, in the worker and not in every frame.
 *
 * A polygon is named at the one point that the service has for it: named by its shape, it would be so once in every tile.
 */
function labelLayer(
  layer: LayerSummary,
  { palette, opacity }: { palette: Palette; opacity: number },
): LayerSpecification | null {
  const { tileLabel: name, geometry } = layer;
  if (name === null || geometry === 'raster') return null;
  const id = mapId(layer.id);
  const isLine = geometry === 'line';
  const isShape = geometry === 'polygon';
  return {
    id: labelId(id),
    type: 'symbol',
    source: id,
    'source-layer': isShape ? `${layer.id}_label` : layer.id,
    minzoom: isShape && (layer.count ?? 0) <= FEW_AREAS ? layer.minzoom : Math.max(layer.minzoom, LABELS_FROM),
    layout: {
      'text-field': ['coalesce', ['to-string', ['get', name]], ''],
      'text-size': 12,
      'text-max-width': 8,
      'text-padding': 3,
      ...(isLine
        ? { 'symbol-placement': 'line' as const, 'symbol-spacing': 320 }
        : isShape
          ? { 'text-anchor': 'center' as const }
          : {
              // Where a name finds no room on one side it takes another one.
              'text-variable-anchor': ['left' as const, 'right' as const, 'top' as const, 'bottom' as const],
              'text-radial-offset': layer.icon ? 1.1 : 0.7,
              'text-justify': 'auto' as const,
            }),
    },
    paint: {
      'text-color': palette.map.labelTown,
      'text-halo-color': palette.map.halo,
      'text-halo-width': 1.6,
      'text-opacity': Math.max(opacity, 0.5),
    },
  };
}

function shapesOf(layer: LayerSummary, options: LayerLook, isNamed: boolean): MapLayers {
  const { palette, opacity, origin, filter, selected, at = null, time = null } = options;
  const id = mapId(layer.id);
  const color = colorExpression(layer, palette.ui.accent);
  const tiles = [tileUrl(layer, origin, filter, at, time, isNamed)];
  const common = { source: id, 'source-layer': layer.id } as const;
  const isSelected: ExpressionSpecification = ['==', ['to-string', ['id']], selected ?? ''];

  switch (layer.geometry) {
    case 'raster':
      return {
        id,
        source: { type: 'raster', tiles, tileSize: 256, minzoom: layer.minzoom, maxzoom: layer.maxzoom },
        layers: [{ id, type: 'raster', source: id, paint: { 'raster-opacity': opacity, 'raster-fade-duration': 0 } }],
      };
    case 'polygon':
      return {
        id,
        source: { type: 'vector', tiles, minzoom: layer.minzoom, maxzoom: layer.maxzoom },
        layers: [
          { id, type: 'fill', ...common, paint: { 'fill-color': color, 'fill-opacity': 0.45 * opacity } },
          {
            id: `${id}:edge`,
            type: 'line',
            ...common,
            paint: {
              'line-color': ['case', isSelected, palette.map.selected, color],
              'line-width': ['case', isSelected, 4, 1.2],
              'line-opacity': opacity,
            },
          },
        ],
      };
    case 'line':
      return {
        id,
        source: { type: 'vector', tiles, minzoom: layer.minzoom, maxzoom: layer.maxzoom },
        layers: [
          {
            id,
            type: 'line',
            ...common,
            layout: { 'line-cap': 'round', 'line-join': 'round' },
            paint: {
              'line-color': ['case', isSelected, palette.map.selected, color],
              'line-width': ['interpolate', ['linear'], ['zoom'], 10, 1, 16, ['case', isSelected, 8, 4]],
              'line-opacity': opacity,
            },
          },
        ],
      };
    case 'point':
    case 'table':
      return {
        id,
        source: { type: 'vector', tiles, minzoom: layer.minzoom, maxzoom: layer.maxzoom },
        layers: [
          {
            id,
            type: 'circle',
            ...common,
            paint: {
              'circle-color': color,
              'circle-opacity': opacity,
              'circle-radius': [
                'interpolate',
                ['linear'],
                ['zoom'],
                10,
                ['case', isSelected, 6, 2.2],
                ...(layer.icon
                  ? [ICONS_FROM - 0.5, ['case', isSelected, 9, 4.5], ICONS_FROM, ['case', isSelected, 13, 9]]
                  : []),
                17,
                ['case', isSelected, layer.icon ? 14 : 12, layer.icon ? 10 : 7],
              ] as ExpressionSpecification,
              'circle-stroke-color': ['case', isSelected, palette.map.selected, palette.map.halo],
              'circle-stroke-width': ['case', isSelected, 3, 1],
              'circle-stroke-opacity': opacity,
            },
          },
          ...(layer.icon
            ? [
                {
                  id: `${id}:icon`,
                  type: 'symbol' as const,
                  ...common,
                  minzoom: ICONS_FROM,
                  layout: { 'icon-image': iconExpression(layer, layer.icon), 'icon-allow-overlap': true },
                  paint: { 'icon-opacity': opacity },
                },
              ]
            : []),
        ],
      };
  }
}
