import type { Context } from '../context.ts';
import { type Ring, boundsOf } from '../plane.ts';
import { sheetsWithin } from './mosaic.ts';

/** Indices of what is drawn on one sheet. */
export interface SheetContents {
  blocks: number[];
  ponds: number[];
  roads: number[];
  buildings: number[];
}

/**
 * What stands on each sheet, by `x,y`.
 * @param reach metres that a building's shadow or wall may reach beyond its outline
 */
export function sortIntoSheets(context: Context, zoom: number, reach: number): Map<string, SheetContents> {
  const sheets = new Map<string, SheetContents>();
  const put = (points: Ring, kind: keyof SheetContents, index: number, margin: number): void => {
    const [minX, minY, maxX, maxY] = boundsOf(points);
    for (const [x, y] of sheetsWithin([minX - margin, minY - margin, maxX + margin, maxY + margin], zoom)) {
      const key = `${x},${y}`;
      let sheet = sheets.get(key);
      if (!sheet) {
        sheet = { blocks: [], ponds: [], roads: [], buildings: [] };
        sheets.set(key, sheet);
      }
      sheet[kind].push(index);
    }
  };
  context.district.blocks.forEach((block, i) => put(block.ring, 'blocks', i, 0));
  context.ponds.forEach((pond, i) => put(pond.outline, 'ponds', i, 0));
  context.roads.forEach((road, i) => put(road.line, 'roads', i, 24));
  context.buildings.forEach((building, i) => put(building.outline, 'buildings', i, reach));
  return sheets;
}
