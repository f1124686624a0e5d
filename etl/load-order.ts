import type { Layer } from '../layers/define.ts';
import { addressSourcesOf } from './link/address/load-addresses.ts';
import { HIERARCHY } from './steps/table-writer.ts';

/** What people look at first: the map's ground, and who lives and works there. */
const SEEN_FIRST: readonly string[] = [
  ...HIERARCHY,
  'water_area',
  'water_line',
  'road_centerline',
  'building_footprint',
  'poi',
  'person',
  'enterprise',
];

/** Boundaries and grid first, then what people look at first, and every layer after those it is placed by or refers to. */
export function inLoadOrder(wanted: readonly Layer[]): Layer[] {
  const byId = new Map(wanted.map((layer) => [layer.id, layer]));
  const ordered = new Set<Layer>();
  const visit = (layer: Layer, path: readonly string[]): void => {
    if (ordered.has(layer) || path.includes(layer.id)) return;
    const needs = [
      layer.place?.layer,
      ...(layer.checks.references ?? []).map((reference) => reference.layer),
      ...addressSourcesOf(layer),
    ];
    for (const id of needs) {
      const needed = id === undefined ? undefined : byId.get(id);
      if (needed) visit(needed, [...path, layer.id]);
    }
    ordered.add(layer);
  };
  for (const id of SEEN_FIRST) {
    const layer = byId.get(id);
    if (layer) visit(layer, []);
  }
  for (const layer of wanted) visit(layer, []);
  return [...ordered];
}
