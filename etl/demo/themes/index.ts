import { boundaries } from './boundaries.ts';
import { business } from './business.ts';
import type { Theme } from './delivery.ts';
import { economyFirms } from './economy-firms.ts';
import { economyPopulation } from './economy-population.ts';
import { economyServices } from './economy-services.ts';
import { fabric } from './fabric.ts';
import { marketCredit } from './market-credit.ts';
import { marketFood } from './market-food.ts';
import { marketShops } from './market-shops.ts';
import { monitoring } from './monitoring.ts';
import { parcelTheme } from './parcels.ts';
import { population } from './population.ts';
import { safety } from './safety.ts';
import { services } from './services.ts';
import { transport } from './transport.ts';
import { urbanManagement } from './urban-management.ts';

/** Who fills which layer's file. Raster layers are not here: `imagery.ts` draws them. */
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
  ...urbanManagement,
  ...marketShops,
  ...marketFood,
  ...marketCredit,
  ...economyFirms,
  ...economyPopulation,
  ...economyServices,
};
