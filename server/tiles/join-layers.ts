/** Bytes, before compression, that the layers of one tile may have together. A screen loads some twenty tiles. */
export const TILE_BUDGET = 4 * 1024 * 1024;

/**
 * Puts encoded layers into one tile, in their order. A layer that does not fit into what is left of the budget is dropped
 * as a whole: half a layer would look like all of it. Smaller ones behind it may still fit. `dropped` are their places.
 */
export function joinLayers(layers: readonly Buffer[], budget: number): { body: Buffer; dropped: number[] } {
  const dropped: number[] = [];
  let left = budget;
  const kept = layers.filter((layer, index) => {
    if (layer.length > left) {
      dropped.push(index);
      return false;
    }
    left -= layer.length;
    return true;
  });
  return { body: kept.length === 1 ? (kept[0] as Buffer) : Buffer.concat(kept), dropped };
}
