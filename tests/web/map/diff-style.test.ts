import { describe, expect, it } from 'vitest';
import type { LayerSummary } from '../../../server/app.ts';
import { DIFF_KINDS, DIFF_STYLE, diffLayersOf } from '../../../web/map/diff-style.ts';
import { layerOfMapId } from '../../../web/map/layer-style.ts';
import { dark, light } from '../../../web/theme.ts';

const layer = (geometry: LayerSummary['geometry']) =>
  ({ id: 'poi', geometry, minzoom: 12, maxzoom: 16 }) as LayerSummary;
const options = { from: 3, to: 9, palette: light, origin: 'http://map' };

describe('diffLayersOf', () => {
  it.each(['point', 'table', 'line', 'polygon'] as const)('draws %s rows by kind, with a sign for each', (geometry) => {
    const { id, source, layers } = diffLayersOf(layer(geometry), options);
    expect(source).toMatchObject({
      type: 'vector',
      tiles: ['http://map/api/layers/poi/diff/tiles/{z}/{x}/{y}?from=3&to=9'],
      minzoom: 12,
    });
    expect(new Set(layers.map((item) => item.id)).size).toBe(layers.length);
    expect(layers.every((item) => item.id === id || item.id.startsWith(`${id}:`))).toBe(true);
    const text = JSON.stringify(layers);
    for (const kind of DIFF_KINDS) {
      expect(text).toContain(DIFF_STYLE[kind].sign);
      expect(text).toContain(DIFF_STYLE[kind].color);
    }
    // A click on it is no click on a feature of the layer: removed rows have none.
    expect(layers.some((item) => layerOfMapId(item.id) !== null)).toBe(false);
  });

  it('tells the kinds apart without colour, and uses none of severity', () => {
    const styles = DIFF_KINDS.map((kind) => DIFF_STYLE[kind]);
    for (const key of ['color', 'sign', 'dash'] as const)
      expect(new Set(styles.map((style) => String(style[key]))).size).toBe(styles.length);
    const severe = [light, dark].flatMap(({ severity }) => Object.values(severity));
    for (const { color } of styles) expect(severe).not.toContain(color);
  });
});
