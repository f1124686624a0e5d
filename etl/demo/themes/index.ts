import { boundaries } from './boundaries.ts';
import { business } from './business.ts';
import type { Theme } from './delivery.ts';
import { fabric } from './fabric.ts';
import { population } from './population.ts';

/** Who fills which layer's file. Raster layers are not here: `imagery.ts` draws them. */
export const deliveries: Theme = { ...boundaries, ...fabric, ...population, ...business };
