/** deck.gl layers of the repair map: rows that were set aside, one mark each. */
import type { Layer } from '@deck.gl/core';
import { ScatterplotLayer } from '@deck.gl/layers';
import type { RejectPlaces } from '../../server/app.ts';
import { rgba, type Palette } from '../theme.ts';
import { FlatIconLayer } from './flat-layers.ts';
import { FAULT_FAMILIES, familyOf, familyPath, familySeries } from '../ui/reject-mark.tsx';

export const REJECT_LAYER = 'rejects';

const ICON_PX = 64;
const MARGIN = 8;
const MARK_PX = 17;
const atlases = new Map<string, HTMLCanvasElement>();

/** The marks side by side on a canvas; a canvas needs no request and passes a strict content policy. */
function iconAtlas(palette: Palette): HTMLCanvasElement {
  const known = atlases.get(palette.scheme);
  if (known) return known;
  const canvas = document.createElement('canvas');
  canvas.width = ICON_PX * FAULT_FAMILIES.length;
  canvas.height = ICON_PX;
  const context = canvas.getContext('2d');
  if (!context) throw new Error('this browser has no 2D canvas');
  FAULT_FAMILIES.forEach((family, index) => {
    context.save();
    context.translate(index * ICON_PX + MARGIN, MARGIN);
    context.scale((ICON_PX - 2 * MARGIN) / 24, (ICON_PX - 2 * MARGIN) / 24);
    const path = new Path2D(familyPath[family]);
    context.lineJoin = 'round';
    context.lineWidth = 4;
    context.strokeStyle = palette.map.halo;
    context.stroke(path);
    context.fillStyle = palette.series[familySeries[family]] ?? palette.ui.dim;
    // oxlint-disable-next-line unicorn/no-array-fill-with-reference-type -- a canvas, not an array
    context.fill(path);
    context.restore();
  });
  atlases.set(palette.scheme, canvas);
  return canvas;
}

const iconMapping = Object.fromEntries(
  FAULT_FAMILIES.map((family, index) => [
    family,
    { x: index * ICON_PX, y: 0, width: ICON_PX, height: ICON_PX, anchorX: ICON_PX / 2, anchorY: ICON_PX / 2 },
  ]),
);

/** `info.index` of a pick is the row of `places`. */
export function rejectLayers(options: {
  places: RejectPlaces;
  selected: number | null;
  palette: Palette;
  scale: number;
}): Layer[] {
  const { places, selected, palette, scale } = options;
  const { ids, lons, lats, codes } = places;
  const at = (index: number): [number, number] => [lons[index] ?? 0, lats[index] ?? 0];
  const rows = ids.map((_, index) => index);
  return [
    new ScatterplotLayer<number>({
      id: 'reject-selected',
      data: rows.filter((index) => ids[index] === selected),
      getPosition: at,
      radiusUnits: 'pixels',
      getRadius: 15 * scale,
      stroked: true,
      filled: false,
      lineWidthUnits: 'pixels',
      getLineWidth: 3 * scale,
      getLineColor: rgba(palette.map.selected),
    }),
    new FlatIconLayer<number>({
      id: REJECT_LAYER,
      data: rows,
      pickable: true,
      getPosition: at,
      iconAtlas: iconAtlas(palette) as unknown as string,
      iconMapping,
      getIcon: (index) => familyOf(codes[index] ?? ''),
      sizeUnits: 'pixels',
      getSize: MARK_PX * scale,
      updateTriggers: { getPosition: places, getIcon: places, getSize: scale },
    }),
  ];
}
