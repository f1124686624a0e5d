import type { Layer } from '../../layers/define.ts';
import { HIERARCHY } from './table-writer.ts';

/** Whether the rows of a load get the codes of the micro-grid they lie in. */
export function isPlaced(layer: Layer, options: { isUser?: boolean; inHierarchy?: boolean }): boolean {
  const { isUser, inHierarchy } = options;
  return (isUser !== true || inHierarchy === true) && layer.geometry !== 'raster' && !HIERARCHY.includes(layer.id);
}
