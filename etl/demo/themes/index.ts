import { boundaries } from './boundaries.ts';
import { business } from './business.ts';
import type { Theme } from './delivery.ts';
import { fabric } from './fabric.ts';
import { monitoring } from './monitoring.ts';
import { parcelTheme } from './parcels.ts';
import { population } from './population.ts';
import { safety } from './safety.ts';
import { services } from './services.ts';
import { transport } from './transport.ts';

/** Who fills which layer's file. Raster layers are not here: `rasters/` draws them. */
export const deliveries: Theme = {
  ...boundaries,
  ...fabric,
  ...parcelTheme,
  ...population,
  ...business,
  ...transport,
  ...safety,
  ...services,
  ...monitoring,
};
