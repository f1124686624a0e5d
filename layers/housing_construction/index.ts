import type { Layer } from '../define.ts';
import { civil_defence_work } from './civil_defence_work.ts';
import { construction_permit } from './construction_permit.ts';
import { construction_site } from './construction_site.ts';
import { dangerous_building } from './dangerous_building.ts';
import { elevator_retrofit } from './elevator_retrofit.ts';
import { gas_pipe } from './gas_pipe.ts';
import { gas_station_facility } from './gas_station_facility.ts';
import { heritage_site } from './heritage_site.ts';
import { historic_building } from './historic_building.ts';
import { historic_district } from './historic_district.ts';
import { housing_estate } from './housing_estate.ts';
import { property_company } from './property_company.ts';
import { public_rental_housing } from './public_rental_housing.ts';
import { tower_crane } from './tower_crane.ts';
import { underground_space } from './underground_space.ts';
import { utility_tunnel } from './utility_tunnel.ts';

export const housing_construction: readonly Layer[] = [
  housing_estate,
  construction_site,
  heritage_site,
  public_rental_housing,
  dangerous_building,
  construction_permit,
  tower_crane,
  gas_pipe,
  gas_station_facility,
  utility_tunnel,
  underground_space,
  civil_defence_work,
  property_company,
  elevator_retrofit,
  historic_district,
  historic_building,
];
