import type { Geometry } from 'geojson';
import { groupOf, isGroup, type FilterNode } from './filter.ts';
import { shapeGeometry } from './shape.ts';

/** The areas of a filter that have an outline of their own, to be drawn on the map. */
export function areasOf(tree: FilterNode | undefined): Geometry[] {
  if (tree === undefined) return [];
  if (isGroup(tree)) return groupOf(tree).of.flatMap(areasOf);
  if ('within' in tree) return [tree.within];
  if ('circle' in tree) {
    const { centre, metres } = tree.circle;
    const circle = shapeGeometry({ kind: 'circle', at: centre, metres });
    return circle === null ? [] : [circle];
  }
  if ('bbox' in tree) {
    const [west = 0, south = 0, east = 0, north = 0] = tree.bbox;
    const ring = [
      [west, south],
      [east, south],
      [east, north],
      [west, north],
      [west, south],
    ];
    return [{ type: 'Polygon', coordinates: [ring] }];
  }
  return [];
}
