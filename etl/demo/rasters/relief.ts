import type { Layer } from '../../../layers/define.ts';
import type { Context } from '../context.ts';
import { elevationOf } from '../elevation.ts';
import type { Colour } from './canvas.ts';
import { classAt, drawField, rampOf } from './field-picture.ts';
import type { Zooms } from './pyramid.ts';

/** The plain is so flat that without exaggeration nothing but the hills would show. */
const EXAGGERATION = 7;

/** Heights tinted by the layer's ramp and shaded by light from the north-west. */
export function drawRelief(context: Context, folder: string, zooms: Zooms, layer: Layer): number {
  const surface = elevationOf(context);
  const { stops, colours } = rampOf(layer.symbology);
  const d = surface.post;
  return drawField(context, {
    ...zooms,
    folder,
    margin: null,
    colourAt: (x, y) => {
      const east = ((surface.at(x + d, y) - surface.at(x - d, y)) / (2 * d)) * EXAGGERATION;
      const north = ((surface.at(x, y + d) - surface.at(x, y - d)) / (2 * d)) * EXAGGERATION;
      const light = (1 + 0.7 * (east - north)) / Math.sqrt(1 + east * east + north * north);
      const shade = Math.max(0.45, Math.min(1.18, light));
      const tint = colours[classAt(stops, surface.at(x, y))] as Colour;
      const lit = (part: number): number => Math.max(0, Math.min(255, Math.round(part * shade)));
      return { colour: [lit(tint[0]), lit(tint[1]), lit(tint[2])], alpha: 255 };
    },
  });
}
