import {
  createExpression,
  featureFilter,
  validateStyleMin,
  type FilterSpecification,
} from '@maplibre/maplibre-gl-style-spec';
import { describe, expect, it } from 'vitest';
import { layers } from '../../../layers/index.ts';
import { legendFieldOf, legendOf } from '../../../layers/legend.ts';
import type { LayerSummary } from '../../../server/app.ts';
import { BASE_LAYERS, baseStyle, baseTiles } from '../../../web/map/base-style.ts';
import { iconOfImage, inkOn } from '../../../web/map/icons.ts';
import { layerOfMapId, mapId, mapLayersOf, tileUrl } from '../../../web/map/layer-style.ts';
import { dark, light } from '../../../web/theme.ts';

const summaries: LayerSummary[] = layers.map((layer) => ({
  id: layer.id,
  title: layer.title,
  department: { id: layer.department, title: layer.title },
  class: { id: layer.class, title: layer.title },
  subclass: { id: layer.subclass, title: layer.title },
  geometry: layer.geometry,
  sensitivity: layer.sensitivity,
  minzoom: layer.tiles?.minzoom ?? 10,
  maxzoom: layer.tiles?.maxzoom ?? 16,
  symbology: layer.symbology,
  icon: layer.icon ?? null,
  tileLabel: layer.label ?? null,
  legend: legendOf(layer),
  legendField: legendFieldOf(layer),
  count: 1,
  unlocated: 0,
  bbox: null,
  load: { id: 7, at: '2026-11-22T00:00:00Z' },
  freshness: 'fresh',
  freshnessHours: 24,
  raster: null,
  sensor: null,
  moving: null,
  user: false,
}));
const options = {
  palette: light,
  opacity: 0.6,
  origin: 'http://127.0.0.1:1',
  filter: null,
  selected: '4503599627370495',
};

describe('base style', () => {
  const tiles = baseTiles(summaries, 'http://127.0.0.1:1') ?? '';

  it.each([dark, light])('is valid MapLibre style: $scheme', (palette) => {
    expect(validateStyleMin(baseStyle(palette, tiles))).toEqual([]);
  });

  it('asks for nothing but our own tiles: no glyphs, no sprite', () => {
    const style = baseStyle(dark, tiles);
    expect(style.glyphs).toBeUndefined();
    expect(style.sprite).toBeUndefined();
    expect(JSON.stringify(style).match(/https?:\/\/[^/"]+/g)).toEqual(['http://127.0.0.1:1']);
  });

  describe.each([dark, light])('roads: $scheme', (palette) => {
    const roads = baseStyle(palette, tiles).layers.flatMap((layer) =>
      layer.type === 'line' && layer['source-layer'] === 'road_centerline' ? [layer] : [],
    );
    /** Layers that draw a class at a zoom, with their widths in pixels. */
    const drawn = (roadClass: string, zoom: number) =>
      roads
        .filter(({ minzoom = 0, filter }) => {
          const accepts = featureFilter(filter as FilterSpecification, 'filter').filter;
          return minzoom <= zoom && accepts({ zoom }, { type: 2, properties: { road_class: roadClass } });
        })
        .map(({ id, paint }) => {
          const width = createExpression(paint?.['line-width'], 'line-width');
          if (width.result === 'error') throw new Error(width.value.map(String).join());
          return { isCasing: id.endsWith('casing'), width: width.value.evaluate({ zoom }) as number };
        });

    it.each(Object.keys(layers.find(({ id }) => id === 'road_centerline')?.fields['road_class']?.values ?? {}))(
      '%s is drawn once, in a casing that is wider',
      (roadClass) => {
        const parts = drawn(roadClass, 15);
        expect(parts.map(({ isCasing }) => isCasing)).toEqual([true, false]);
        expect(parts[0]!.width).toBeGreaterThan(parts[1]!.width);
      },
    );

    it.each([11, 12, 13, 15])('the higher class is the wider at zoom %i', (zoom) => {
      const widths = ['expressway', 'arterial', 'secondary', 'branch'].map(
        (roadClass) => drawn(roadClass, zoom).find(({ isCasing }) => !isCasing)?.width ?? 0,
      );
      expect(widths).toEqual(widths.toSorted((a, b) => b - a));
      expect(new Set(widths).size).toBe(4);
      expect(widths[1]).toBeGreaterThan(1);
    });
  });

  it('draws only layers that the catalogue defines', () => {
    const ids = new Set(layers.map(({ id }) => id));
    expect(BASE_LAYERS.filter((id) => !ids.has(id))).toEqual([]);
    const drawn = baseStyle(light, tiles).layers.flatMap((layer) =>
      'source-layer' in layer && layer['source-layer'] ? [layer['source-layer']] : [],
    );
    expect(drawn.filter((id) => !BASE_LAYERS.some((base) => base === id))).toEqual([]);
  });

  it('has tiles of the loaded layers only, versioned by their loads', () => {
    const some = summaries.map((layer) =>
      layer.id === 'water_area' || layer.id === 'park' ? layer : { ...layer, load: null },
    );
    expect(baseTiles(some, 'http://h')).toBe('http://h/api/tiles/park,water_area/{z}/{x}/{y}?v=7,7');
    expect(baseTiles([], 'http://h')).toBeNull();
  });
});

function idsOf(layer: LayerSummary, hasLabels: boolean): string[] {
  return mapLayersOf(layer, { ...options, hasLabels }).layers.map(({ id }) => id);
}

describe('catalogue layer as map layers', () => {
  it('bears names where it is asked to and its tiles carry them, above its own shapes', () => {
    const park = summaries.find(({ id }) => id === 'park') as LayerSummary;
    expect(idsOf(park, true)).toEqual(['layer:park', 'layer:park:edge', 'layer:park:label']);
    expect(idsOf(park, false)).not.toContain('layer:park:label');
    expect(idsOf({ ...park, tileLabel: null }, true)).not.toContain('layer:park:label');
    expect(idsOf({ ...park, geometry: 'raster' }, true)).not.toContain('layer:park:label');
  });

  it('names a polygon at its one point, and a few large ones as soon as they are drawn', () => {
    const of = (id: string, count: number) => {
      const layer = { ...(summaries.find((each) => each.id === id) as LayerSummary), count };
      const { source, layers: drawn } = mapLayersOf(layer, { ...options, hasLabels: true });
      const label = drawn.at(-1) as { 'source-layer': string; minzoom: number };
      return { tiles: (source as { tiles: string[] }).tiles[0], named: label['source-layer'], from: label.minzoom };
    };
    const few = of('town_boundary', 4);
    expect(few.tiles).toContain('labels=1');
    expect(few.named).toBe('town_boundary_label');
    const many = of('governance_grid', 921);
    expect(many.named).toBe('governance_grid_label');
    expect(many.from).toBeGreaterThanOrEqual(12);
    expect(few.from).toBeLessThan(many.from);
    const points = of('hospital', 100);
    expect(points).toMatchObject({ named: 'hospital', from: expect.any(Number) });
    expect(points.tiles).not.toContain('labels');
    const layer = summaries.find((each) => each.id === 'town_boundary') as LayerSummary;
    expect(JSON.stringify(mapLayersOf(layer, options).source)).not.toContain('labels');
  });

  it.each(summaries.map((layer) => [layer.id, layer] as const))('%s is valid MapLibre style', (_, layer) => {
    const { id, source, layers: drawn } = mapLayersOf(layer, { ...options, hasLabels: true });
    const style = { version: 8 as const, sources: { [id]: source }, layers: drawn };
    expect(validateStyleMin(style)).toEqual([]);
    expect(drawn.length).toBeGreaterThan(0);
    for (const item of drawn) expect(layerOfMapId(item.id)).toBe(layer.id);
  });

  it('an icon is drawn in ink that stands out from every colour of its layer', () => {
    const layer = { ...(summaries.find(({ id }) => id === 'enterprise') as LayerSummary), icon: 'maki/commercial' };
    const drawn = mapLayersOf(layer, options).layers.find(({ type }) => type === 'symbol');
    const images = JSON.stringify(drawn?.layout).match(/icon:[^"]+/g) ?? [];
    expect(images.length).toBe(layer.legend.length);
    expect(new Set(images)).toEqual(new Set(['icon:maki/commercial:light', 'icon:maki/commercial:dark']));
    expect(iconOfImage(images[0] as string)?.icon).toBe('maki/commercial');
    expect(inkOn('#ffffff')).toBe('dark');
    expect(inkOn('#4a2f86')).toBe('light');
  });

  it('colours by every value of the symbology', () => {
    const layer = summaries.find(({ id }) => id === 'road_centerline');
    const [drawn] = layer ? mapLayersOf(layer, options).layers : [];
    const text = JSON.stringify(drawn);
    for (const { color } of layer?.legend ?? []) expect(text).toContain(color);
  });

  it('puts version and filter into the tile address', () => {
    const [layer] = summaries;
    if (!layer) throw new Error('no layer');
    expect(tileUrl(layer, 'http://h', null)).toBe(`http://h/api/layers/${layer.id}/tiles/{z}/{x}/{y}?v=7`);
    const url = tileUrl(layer, 'http://h', { and: [{ field: 'a', op: '=', value: '{z}' }] });
    expect(url.startsWith(`http://h/api/layers/${layer.id}/tiles/{z}/{x}/{y}?v=7&filter=`)).toBe(true);
    expect(url.slice(url.indexOf('filter='))).not.toContain('{');
  });

  it('tells own layers from those of the base map', () => {
    expect(layerOfMapId(mapId('park'))).toBe('park');
    expect(layerOfMapId('layer:park:edge')).toBe('park');
    expect(layerOfMapId('park')).toBeNull();
  });
});
