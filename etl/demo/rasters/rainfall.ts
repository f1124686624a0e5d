import type { Layer } from '../../../layers/define.ts';
import type { Context } from '../context.ts';
import { createNoise } from '../noise.ts';
import type { Colour } from './canvas.ts';
import { classAt, drawField, rampOf } from './field-picture.ts';
import type { Zooms } from './pyramid.ts';

const coarse = createNoise('rain band', 5200);
const fine = createNoise('rain cells', 1500);
const ragged = createNoise('rain edges', 420);

/** Rain rate in mm/h on the reference morning: a band from south-west to north-east with a few heavy cells in it. */
export function rainAt(x: number, y: number): number {
  const across = (x - y * 1.1 - 1800) / 6200;
  const band = Math.exp(-(across * across));
  const mood = band * (1 + 0.5 * coarse(x, y)) + 0.38 * fine(x, y) * band + 0.07 * ragged(x, y) - 0.42;
  return mood <= 0 ? 0 : 62 * mood ** 1.7;
}

/** Rain classes over the district and around it; where it does not rain the picture is empty. */
export function drawRainfall(context: Context, folder: string, zooms: Zooms, layer: Layer): number {
  const { stops, colours } = rampOf(layer.symbology);
  return drawField(context, {
    ...zooms,
    folder,
    margin: 6000,
    colourAt: (x, y) => {
      const rate = rainAt(x, y);
      if (rate < 0.2) return null;
      const n = classAt(stops, rate);
      return { colour: colours[n] as Colour, alpha: 110 + 18 * n };
    },
  });
}
