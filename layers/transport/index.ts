import type { Layer } from '../define.ts';
import { bus_position } from './bus_position.ts';
import { bus_route } from './bus_route.ts';
import { bus_stop } from './bus_stop.ts';
import { expressway } from './expressway.ts';
import { freight_company } from './freight_company.ts';
import { hazmat_vehicle_position } from './hazmat_vehicle_position.ts';
import { highway_stake } from './highway_stake.ts';
import { logistics_park } from './logistics_park.ts';
import { metro_line } from './metro_line.ts';
import { metro_protection_zone } from './metro_protection_zone.ts';
import { metro_station } from './metro_station.ts';
import { road_segment } from './road_segment.ts';
import { ship_position } from './ship_position.ts';
import { waterway } from './waterway.ts';
import { wharf } from './wharf.ts';

export const transport: readonly Layer[] = [
  bus_stop,
  metro_station,
  metro_line,
  metro_protection_zone,
  bus_route,
  bus_position,
  road_segment,
  expressway,
  highway_stake,
  freight_company,
  hazmat_vehicle_position,
  logistics_park,
  waterway,
  wharf,
  ship_position,
];
