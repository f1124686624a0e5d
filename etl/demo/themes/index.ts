import { addresses } from './addresses.ts';
import { baseMap } from './base-map.ts';
import { boundaries } from './boundaries.ts';
import { buses } from './buses.ts';
import { business } from './business.ts';
import { cadastre } from './cadastre.ts';
import { care } from './care.ts';
import { communityServices } from './community-services.ts';
import { construction } from './construction.ts';
import type { Theme } from './delivery.ts';
import { economyFirms } from './economy-firms.ts';
import { economyPopulation } from './economy-population.ts';
import { economyServices } from './economy-services.ts';
import { enforcement } from './enforcement.ts';
import { enrolment } from './enrolment.ts';
import { environment } from './environment.ts';
import { fabric } from './fabric.ts';
import { fireSafety } from './fire-safety.ts';
import { freight } from './freight.ts';
import { hazardZones } from './hazard-zones.ts';
import { highways } from './highways.ts';
import { housing } from './housing.ts';
import { hydraulics } from './hydraulics.ts';
import { labour } from './labour.ts';
import { landMarket } from './land-market.ts';
import { marketCredit } from './market-credit.ts';
import { marketFood } from './market-food.ts';
import { marketShops } from './market-shops.ts';
import { massEvents } from './mass-events.ts';
import { medical } from './medical.ts';
import { monitoring } from './monitoring.ts';
import { parcelTheme } from './parcels.ts';
import { pipes } from './pipes.ts';
import { planning } from './planning.ts';
import { policeCallsTheme } from './police-calls.ts';
import { policing } from './policing.ts';
import { polluters } from './polluters.ts';
import { population } from './population.ts';
import { readiness } from './readiness.ts';
import { registrations } from './registrations.ts';
import { rivers } from './rivers.ts';
import { ruralCollective } from './rural-collective.ts';
import { safety } from './safety.ts';
import { schools } from './schools.ts';
import { services } from './services.ts';
import { shipping } from './shipping.ts';
import { terrain } from './terrain.ts';
import { trafficControl } from './traffic-control.ts';
import { transport } from './transport.ts';
import { underground } from './underground.ts';
import { urbanManagement } from './urban-management.ts';
import { waste } from './waste.ts';
import { waterSupply } from './water-supply.ts';
import { weather } from './weather.ts';

/** Who fills which layer's file. Raster layers are not here: `rasters/` draws them. */
export const deliveries: Theme = {
  ...boundaries,
  ...fabric,
  ...parcelTheme,
  ...population,
  ...business,
  ...transport,
  ...buses,
  ...highways,
  ...freight,
  ...shipping,
  ...safety,
  ...services,
  ...monitoring,
  ...pipes,
  ...rivers,
  ...hydraulics,
  ...waterSupply,
  ...polluters,
  ...environment,
  ...waste,
  ...enforcement,
  ...addresses,
  ...registrations,
  ...trafficControl,
  ...policing,
  ...policeCallsTheme,
  ...massEvents,
  ...fireSafety,
  ...readiness,
  ...weather,
  ...hazardZones,
  ...medical,
  ...care,
  ...communityServices,
  ...labour,
  ...urbanManagement,
  ...marketShops,
  ...marketFood,
  ...marketCredit,
  ...economyFirms,
  ...economyPopulation,
  ...economyServices,
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
