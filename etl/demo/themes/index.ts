import { baseMap } from './base-map.ts';
import { boundaries } from './boundaries.ts';
import { business } from './business.ts';
import { cadastre } from './cadastre.ts';
import { construction } from './construction.ts';
import type { Theme } from './delivery.ts';
import { enrolment } from './enrolment.ts';
import { fabric } from './fabric.ts';
import { housing } from './housing.ts';
import { landMarket } from './land-market.ts';
import { monitoring } from './monitoring.ts';
import { parcelTheme } from './parcels.ts';
import { planning } from './planning.ts';
import { population } from './population.ts';
import { ruralCollective } from './rural-collective.ts';
import { safety } from './safety.ts';
import { schools } from './schools.ts';
import { services } from './services.ts';
import { terrain } from './terrain.ts';
import { transport } from './transport.ts';
import { underground } from './underground.ts';

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
  ...baseMap,
  ...terrain,
  ...planning,
  ...cadastre,
  ...landMarket,
  ...schools,
  ...enrolment,
  ...ruralCollective,
  ...construction,
  ...housing,
  ...underground,
};
