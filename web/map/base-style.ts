/**
 * The base map, made of the district's own layers and nothing else: no glyph server (texts are drawn with system fonts), no
 * sprite, no foreign tiles. A cartographic order for both schemes: land, green, water, estates, roads by class with
 * casing, buildings with height, boundaries, names.
 */
import type { ExpressionSpecification, LayerSpecification, StyleSpecification } from 'maplibre-gl';
import type { LayerSummary } from '../../server/app.ts';
import type { Palette } from '../theme.ts';

/** Layers the base map draws, where the caller may see them and they are loaded. */
export const BASE_LAYERS = [
  'district_boundary',
  'town_boundary',
  'community_boundary',
  'farmland_protection',
  'fish_pond',
  'park',
  'housing_estate',
  'water_area',
  'water_line',
  'road_centerline',
  'building_footprint',
  'metro_line',
  'metro_station',
  'place_name',
] as const;

/** Overlays that must lie under roads' names and place names go before this layer. */
export const BELOW_LABELS = 'label-anchor';
/** Areas and pictures go before this one: over land, minor roads and flat buildings, which would cut them to pieces; under main roads. */
export const BELOW_ROADS = 'road-anchor';

/** Where the map starts: the whole district. `[minLon, minLat, maxLon, maxLat]`, EPSG:4326. */
export const DISTRICT_BBOX: [number, number, number, number] = [112.975, 22.93, 113.185, 23.07];

const SOURCE = 'base';
/** Keeps room for the names of towns; on top, so that all other names give way. */
export const TOWN_ROOM = 'label-town-room';
/** From this zoom on the name of a town says nothing. */
export const TOWN_NAMES_TO = 13.6;
/** Points that carry the names of towns and communities. */
export const PLACES = 'places';

/** Tile URL of the base layers that exist; null while none is loaded. Absolute, as the worker has no page to resolve against. */
export function baseTiles(layers: readonly LayerSummary[], origin: string): string | null {
  const loaded = BASE_LAYERS.flatMap((id) => layers.find((layer) => layer.id === id && layer.load !== null) ?? []);
  if (loaded.length === 0) return null;
  const version = loaded.map((layer) => layer.load?.id).join(',');
  return `${origin}/api/tiles/${loaded.map(({ id }) => id).join(',')}/{z}/{x}/{y}?v=${version}`;
}

/** Growth with the zoom: `[zoom, pixels]` pairs, times `scale`. */
function growth(stops: readonly [number, number][], scale: number): ExpressionSpecification {
  const pairs = stops.flatMap(([zoom, pixels]) => [zoom, pixels * scale]);
  return ['interpolate', ['exponential', 1.6], ['zoom'], ...pairs] as ExpressionSpecification;
}

const roadClass: ExpressionSpecification = ['coalesce', ['get', 'road_class'], ''];
const isMotorway: ExpressionSpecification = ['==', roadClass, 'expressway'];
const isArterial: ExpressionSpecification = ['==', roadClass, 'arterial'];
const isSecondary: ExpressionSpecification = ['==', roadClass, 'secondary'];
const isMinor: ExpressionSpecification = ['!', ['any', isMotorway, isArterial, isSecondary]];

/** Metres a building rises: its height, or three a storey, or three storeys. */
const height: ExpressionSpecification = ['coalesce', ['get', 'height_m'], ['*', 3, ['coalesce', ['get', 'floors'], 3]]];

/** Draws nothing: a place in the stack to put others before. */
const anchor = (id: string): LayerSpecification => ({ id, type: 'background', layout: { visibility: 'none' } });

/** The style of the base map on the tiles of `baseTiles`. `scale` enlarges lines and names for walls. */
export function baseStyle(palette: Palette, tiles: string, scale = 1): StyleSpecification {
  const { map } = palette;
  const width = (...stops: [number, number][]) => growth(stops, scale);
  const text = (size: number | [number, number][]) => ({
    'text-field': ['coalesce', ['get', 'name'], ''] as ExpressionSpecification,
    'text-size': typeof size === 'number' ? size * scale : growth(size, scale),
  });
  const halo = { 'text-halo-color': map.halo, 'text-halo-width': 1.6 * scale, 'text-halo-blur': 0.4 };
  const fill = (id: string, layer: string, color: string, edge: string): LayerSpecification => ({
    id,
    type: 'fill',
    source: SOURCE,
    'source-layer': layer,
    paint: { 'fill-color': color, 'fill-outline-color': edge },
  });
  const road = (
    id: string,
    filter: ExpressionSpecification,
    minzoom: number,
    color: string,
    widths: ExpressionSpecification,
  ): LayerSpecification => ({
    id,
    type: 'line',
    source: SOURCE,
    'source-layer': 'road_centerline',
    minzoom,
    filter,
    layout: { 'line-cap': 'round', 'line-join': 'round' },
    paint: { 'line-color': color, 'line-width': widths },
  });

  return {
    version: 8,
    name: `one-map-${palette.scheme}`,
    sources: {
      [SOURCE]: {
        type: 'vector',
        tiles: [tiles],
        minzoom: 8,
        maxzoom: 16,
      },
      // One point a community: a polygon cut by tile borders would be named once in each tile.
      [PLACES]: { type: 'geojson', data: { type: 'FeatureCollection', features: [] } },
    },
    light: { anchor: 'viewport', intensity: palette.scheme === 'dark' ? 0.25 : 0.35 },
    layers: [
      { id: 'outside', type: 'background', paint: { 'background-color': map.outside } },
      fill('land', 'district_boundary', map.land, map.land),
      fill('farmland', 'farmland_protection', map.farm, map.farm),
      fill('housing-estate', 'housing_estate', map.estate, map.estate),
      fill('park', 'park', map.green, map.green),
      fill('water', 'water_area', map.water, map.waterEdge),
      fill('pond', 'fish_pond', map.water, map.waterEdge),
      {
        id: 'water-line',
        type: 'line',
        source: SOURCE,
        'source-layer': 'water_line',
        minzoom: 13.5,
        paint: { 'line-color': map.water, 'line-width': width([13.5, 0.8], [16, 4]) },
      },
      road('road-minor-casing', isMinor, 13.5, map.roadCasing, width([13.5, 1.2], [16, 7], [18, 20])),
      road('road-minor', isMinor, 12.5, map.roadMinor, width([12.5, 0.4], [16, 5], [18, 17])),
      {
        id: 'building',
        type: 'fill',
        source: SOURCE,
        'source-layer': 'building_footprint',
        minzoom: 12.5,
        maxzoom: 15.2,
        paint: {
          'fill-color': map.building,
          'fill-opacity': ['interpolate', ['linear'], ['zoom'], 12.5, 0.4, 14, 0.95],
        },
      },
      anchor(BELOW_ROADS),
      {
        id: 'community-line',
        type: 'line',
        source: SOURCE,
        'source-layer': 'community_boundary',
        minzoom: 11.5,
        paint: {
          'line-color': map.community,
          'line-width': width([11.5, 0.5], [16, 1.6]),
          'line-dasharray': [3, 2],
        },
      },
      road('road-secondary-casing', isSecondary, 11, map.roadCasing, width([11, 1.5], [14, 4.6], [16, 11], [18, 28])),
      road(
        'road-arterial-casing',
        isArterial,
        10,
        map.roadMainCasing,
        width([10, 1.5], [12, 3], [14, 6], [16, 13.5], [18, 33]),
      ),
      road(
        'road-motorway-casing',
        isMotorway,
        9,
        map.roadMainCasing,
        width([9, 1.8], [12, 4.4], [14, 8.5], [16, 16], [18, 38]),
      ),
      road('road-secondary', isSecondary, 11, map.roadSecondary, width([11, 0.7], [14, 3.2], [16, 9], [18, 25])),
      road(
        'road-arterial',
        isArterial,
        9.5,
        map.roadArterial,
        width([9.5, 0.6], [12, 1.8], [14, 4.4], [16, 11.5], [18, 30]),
      ),
      road('road-motorway', isMotorway, 8, map.roadMotorway, width([8, 0.8], [12, 3], [14, 6.6], [16, 13.5], [18, 34])),
      {
        id: 'rail',
        type: 'line',
        source: SOURCE,
        'source-layer': 'metro_line',
        minzoom: 12.5,
        paint: { 'line-color': map.rail, 'line-width': 1.4, 'line-dasharray': [5, 3] },
      },
      {
        id: 'building-height',
        type: 'fill-extrusion',
        source: SOURCE,
        'source-layer': 'building_footprint',
        minzoom: 15.2,
        paint: {
          'fill-extrusion-color': ['interpolate', ['linear'], height, 0, map.building, 80, map.buildingTop],
          'fill-extrusion-height': ['interpolate', ['linear'], ['zoom'], 15.2, 0, 15.8, height],
          'fill-extrusion-opacity': 0.88,
          'fill-extrusion-vertical-gradient': true,
        },
      },
      {
        id: 'town-line',
        type: 'line',
        source: SOURCE,
        'source-layer': 'town_boundary',
        paint: { 'line-color': map.town, 'line-width': width([9, 0.8], [16, 3]), 'line-dasharray': [6, 2, 1.5, 2] },
      },
      {
        id: 'district-glow',
        type: 'line',
        source: SOURCE,
        'source-layer': 'district_boundary',
        paint: {
          'line-color': map.district,
          'line-width': width([9, 5], [14, 14]),
          'line-blur': 8,
          'line-opacity': palette.scheme === 'dark' ? 0.35 : 0.22,
        },
      },
      {
        id: 'district-line',
        type: 'line',
        source: SOURCE,
        'source-layer': 'district_boundary',
        paint: { 'line-color': map.district, 'line-width': width([9, 1.2], [16, 3.5]) },
      },
      anchor(BELOW_LABELS),
      {
        id: 'label-water',
        type: 'symbol',
        source: SOURCE,
        'source-layer': 'water_line',
        minzoom: 11.5,
        layout: { ...text(12), 'symbol-placement': 'line', 'text-letter-spacing': 0.3, 'symbol-spacing': 500 },
        paint: { 'text-color': map.labelWater, ...halo },
      },
      {
        id: 'label-road',
        type: 'symbol',
        source: SOURCE,
        'source-layer': 'road_centerline',
        minzoom: 13.5,
        filter: ['any', isMotorway, isArterial, isSecondary, ['>=', ['zoom'], 15.5]],
        layout: {
          ...text([
            [13.5, 10.5],
            [17, 13],
          ]),
          'symbol-placement': 'line',
          'symbol-spacing': 380,
        },
        paint: { 'text-color': map.label, ...halo },
      },
      {
        id: 'label-community',
        type: 'symbol',
        source: PLACES,
        filter: ['==', ['get', 'level'], 'community'],
        minzoom: 12.8,
        layout: {
          ...text([
            [13, 11],
            [16, 15],
          ]),
          'text-max-width': 6,
          'text-padding': 6,
        },
        paint: { 'text-color': map.label, ...halo },
      },
      {
        id: 'label-metro',
        type: 'symbol',
        source: SOURCE,
        'source-layer': 'metro_station',
        minzoom: 13.5,
        layout: { ...text(12), 'text-anchor': 'left', 'text-offset': [0.6, 0] },
        paint: { 'text-color': map.label, ...halo },
      },
      {
        id: 'label-place',
        type: 'symbol',
        source: SOURCE,
        'source-layer': 'place_name',
        minzoom: 14,
        layout: { ...text(12), 'text-max-width': 7, 'text-padding': 12 },
        paint: { 'text-color': map.label, ...halo },
      },
      {
        // Names of towns are elements above the map (city-map.tsx); this keeps other names out of their room.
        id: TOWN_ROOM,
        type: 'symbol',
        source: PLACES,
        filter: ['==', ['get', 'level'], 'town'],
        maxzoom: TOWN_NAMES_TO,
        layout: { ...text(15), 'text-letter-spacing': 0.12, 'text-max-width': 30, 'text-padding': 4 },
        paint: { 'text-opacity': 0 },
      },
    ],
  };
}
